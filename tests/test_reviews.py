"""Reviews: when they fall due, what they change, what happens when the care ends before they do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import A_YEAR, DAY, OUT, arrival, constant, decision, exponential, live, package, service
from kinds import REVIEWED, change, fork, lived, made, outcome, priced, replay

from agents.codes import Event
from simulation.errors import ConfigError
from simulation.stays import Stays


def reviewed(stay=35, every=10, work=1.0, says=None, **more):
    """Care with a review every so many days; the decision after the visit is ``says``, else the review is over."""
    after = {"says": decision(*says)} if says else {}
    return {
        "come": arrival("care"),
        "care": package("out", stay=constant(stay, "days") if isinstance(stay, int | float) else stay),
        "due": fork("care", "visit", every),
        "visit": service("says" if says else "done", work, team="visitors"),
        **after,
        "done": REVIEWED,
        "out": OUT,
        **more,
    }


ENDS = {"stop": change("care", "after", value="ends"), "after": outcome("care_ended")}


def rows_without(rows, *events):
    return [row[:4] for row in rows if row[3] not in ("weekly", "pays", *events)]


def test_the_next_review_is_counted_from_the_end_of_the_last(toys):
    rows = rows_without(lived(toys, made(toys, reviewed()), [0.0]), "join", "start")
    assert rows == [
        (0.0, 1, "care", "package_start"),
        (240.0, 1, "due", "review"),
        (241.0, 1, "visit", "end"),
        (241.0, 1, "due", "reviewed"),
        (481.0, 1, "due", "review"),
        (482.0, 1, "visit", "end"),
        (482.0, 1, "due", "reviewed"),
        (722.0, 1, "due", "review"),
        (723.0, 1, "visit", "end"),
        (723.0, 1, "due", "reviewed"),
        (840.0, 1, "care", "package_end"),
        (840.0, 1, "out", "outcome"),
    ]


def test_a_review_due_when_the_care_ends_is_not_begun(toys):
    rows = lived(toys, made(toys, reviewed(stay=20, work=0.0)), [0.0])
    assert [(t, e) for t, _, _, e, _ in rows if e in ("review", "package_end")] == [
        (240.0, "review"),
        (480.0, "package_end"),
    ]


def test_the_value_of_a_review_is_the_stage_of_the_care(toys):
    pathway = made(toys, reviewed())
    rows = lived(toys, pathway, [0.0])
    assert {v for *_, e, v in rows if e in ("review", "reviewed")} == {pathway.index("care")}


def test_a_review_that_waits_when_the_care_ends_is_withdrawn_and_the_person_goes_on(toys):
    """One visitor, five days of work: the second person's review waits from day 3 to day 4, when their care ends."""
    stages = reviewed(stay=4, every=3, work=120.0)
    rows = rows_without(lived(toys, made(toys, stages, teams={"visitors": 1}), [0.0, 0.0]))
    assert rows[2:] == [
        (72.0, 1, "due", "review"),
        (72.0, 1, "visit", "join"),
        (72.0, 1, "visit", "start"),
        (72.0, 2, "due", "review"),
        (72.0, 2, "visit", "join"),
        (96.0, 1, "care", "package_end"),
        (96.0, 1, "out", "outcome"),
        (96.0, 2, "care", "package_end"),
        (96.0, 2, "visit", "withdrawn"),
        (96.0, 2, "due", "reviewed"),
        (96.0, 2, "out", "outcome"),
        (192.0, 1, "visit", "end"),
        (192.0, 1, "due", "reviewed"),
    ]


def test_a_withdrawn_review_is_passed_over_in_the_queue(toys):
    """The third person's review is served when the first's is done, though the second's stood before it."""
    stay = {"by": "means", "values": {"below_limit": constant(4, "days"), "above_limit": constant(30, "days")}}
    pathway = made(toys, reviewed(stay=stay, every=3, work=120.0), teams={"visitors": 1})
    rows = lived(toys, pathway, [0.0, 0.0, 1.0], means=["above_limit", "below_limit", "above_limit"])
    assert [(t, p) for t, p, s, e, _ in rows if e == "start"][:2] == [(72.0, 1), (192.0, 3)]


def test_a_visitor_handed_over_in_the_millisecond_in_which_the_care_ends_still_comes(toys):
    """Person 1's visit ends on day 4 and frees the visitor; person 2's care ends in the same millisecond, after it."""
    stay = {"by": "means", "values": {"below_limit": constant(4, "days"), "above_limit": constant(30, "days")}}
    pathway = made(toys, reviewed(stay=stay, every=3, work=24.0), teams={"visitors": 1})
    means = ["above_limit", "below_limit"]
    rows = rows_without(lived(toys, pathway, [0.0, 0.0], means=means))
    assert [row for row in rows if row[0] == 96.0] == [
        (96.0, 1, "visit", "end"),
        (96.0, 1, "due", "reviewed"),
        (96.0, 2, "care", "package_end"),
        (96.0, 2, "out", "outcome"),
        (96.0, 2, "visit", "start"),
    ]


def test_a_review_is_withdrawn_if_the_care_ends_before_the_visitor_is_free_in_the_same_millisecond(toys):
    """The other way round: person 1's care ends in the millisecond in which person 2's work frees the visitor."""
    stay = constant(97, "hours")
    stages = reviewed(stay=stay, every=3, work=25.0, desk=service("out", 97.0, team="visitors"))
    stages["come"] = arrival("way")
    stages["way"] = decision(("desk", {"informal_support": "false"}), ("care", "rest"))
    pathway = made(toys, stages, teams={"visitors": 1})
    rows = rows_without(lived(toys, pathway, [0.0, 0.0], informal_support=["true", "false"]))
    assert [row for row in rows if row[0] == 97.0] == [
        (97.0, 1, "care", "package_end"),
        (97.0, 1, "visit", "withdrawn"),
        (97.0, 1, "due", "reviewed"),
        (97.0, 1, "out", "outcome"),
        (97.0, 2, "desk", "end"),
        (97.0, 2, "out", "outcome"),
    ]


def test_a_review_can_end_the_care_and_the_person_goes_on_where_it_says(toys):
    stages = reviewed(says=[("stop", 1.0), ("done", "rest")], **ENDS)
    assert rows_without(lived(toys, made(toys, stages), [0.0])) == [
        (0.0, 1, "care", "package_start"),
        (240.0, 1, "due", "review"),
        (240.0, 1, "visit", "join"),
        (240.0, 1, "visit", "start"),
        (241.0, 1, "visit", "end"),
        (241.0, 1, "says", "branch"),
        (241.0, 1, "due", "reviewed"),
        (241.0, 1, "care", "package_end"),
        (241.0, 1, "after", "outcome"),
    ]


def test_a_person_whose_care_a_review_ends_may_take_other_care_with_reviews_of_its_own(toys):
    stages = reviewed(
        stay=300,
        work=0.0,
        says=[("stop", 1.0), ("done", "rest")],
        stop=change("care", "more", value="ends"),
        more=package("out", "other", stay=constant(25, "days")),
        due_too=fork("more", "visit_too", 10),
        visit_too=service("done", 0.0, team="visitors"),
    )
    rows = rows_without(lived(toys, made(toys, stages), [0.0]), "join", "start", "end", "branch", "reviewed")
    assert rows == [
        (0.0, 1, "care", "package_start"),
        (240.0, 1, "due", "review"),
        (240.0, 1, "care", "package_end"),
        (240.0, 1, "more", "package_start"),
        (480.0, 1, "due_too", "review"),
        (720.0, 1, "due_too", "review"),
        (840.0, 1, "more", "package_end"),
        (840.0, 1, "out", "outcome"),
    ]


def test_reviews_change_the_price_again_and_again(toys):
    """£100, then × 1.5 at each of two reviews: £150 and £225."""
    prices = priced(toys, {"older_people": {"care": {"weekly_cost": 100.0, "stay": constant(25, "days")}}})
    stages = reviewed(says=[("more", 1.0), ("done", "rest")], more=change("care", "done", times=1.5))
    stages["care"].pop("stay")
    rows = lived(toys, made(toys, stages, prices=prices), [0.0])
    assert [(t, v) for t, *_, e, v in rows if e == "weekly"] == [(0.0, 10_000), (241.0, 15_000), (482.0, 22_500)]
    assert sum(e == "set" for *_, e, _ in rows) == 2


def test_of_two_reviews_due_together_one_does_for_both_and_the_other_begins_to_count_anew(toys):
    stages = reviewed(
        stay=16, every=5, work=24.0, also=fork("care", "look", 5), look=service("done", 0.0, team="visitors")
    )
    rows = lived(toys, made(toys, stages), [0.0])
    assert [(t, s) for t, _, s, e, _ in rows if e == "review"] == [
        (120.0, "also"),
        (240.0, "due"),  # was counted from hour 120 before the other was, and so stands first
        (360.0, "also"),
    ]


def test_a_review_that_falls_due_while_another_is_under_way_is_left_out(toys):
    stages = reviewed(
        stay=16, every=5, work=48.0, also=fork("care", "look", 6), look=service("done", 0.0, team="visitors")
    )
    rows = lived(toys, made(toys, stages), [0.0])
    # 'also' would be due on day 6, while the visit lasts until day 7: it is next due on day 12, and then does for both.
    assert [(t, s) for t, _, s, e, _ in rows if e == "review"] == [(120.0, "due"), (288.0, "also")]


def test_one_fork_reviews_several_kinds_of_care(toys):
    stages = {
        "come": arrival("one"),
        "one": package("two", "first", stay=constant(9, "days"), goes_on=True),
        "two": package("out", "second", stay=constant(12, "days")),
        "due": fork(["one", "two"], "visit", 4),
        "visit": service("done", 0.0, team="visitors"),
        "done": REVIEWED,
        "out": OUT,
    }
    pathway = made(toys, stages)
    rows = lived(toys, pathway, [0.0])
    assert [(t, pathway.stages[v]) for t, *_, e, v in rows if e == "review"] == [
        (96.0, "one"),
        (96.0, "two"),
        (192.0, "one"),
        (192.0, "two"),
    ]


def closed_form(mean, every, ends):
    """Reviews a stay and its mean length: an exponential stay with reviews at a constant interval."""
    alive = math.exp(-every / mean)
    return alive / (1 - (1 - ends) * alive), mean * (1 - alive) / (1 - (1 - ends) * alive)


@pytest.mark.parametrize(
    ("mean", "every", "ends"), [(100, 30, 0.1), (100, 37.3, 0.3), (900, 365, 0.15), (100, 100, 0.5)]
)
def test_constant_reviews_that_end_an_exponential_stay_are_the_closed_form(toys, mean, every, ends):
    stages = reviewed(
        stay=exponential(mean, "days"), every=every, work=0.0, says=[("stop", ends), ("done", "rest")], **ENDS
    )
    demand = toys.demand(sources={"community": 3000.0})
    compiled = toys.compiled(toys.model(stages), demand)
    pathway = compiled.pathway
    care, due = pathway.index("care"), pathway.index("due")
    number, length = closed_form(mean, every, ends)
    stay = Stays(pathway, compiled.laws).of(care, 0)
    assert stay.reviews[due] == pytest.approx(number, rel=1e-6)
    assert stay.mean / DAY == pytest.approx(length, rel=1e-5)
    assert stay.by_itself + stay.by_review == pytest.approx(1.0)
    trace = live(pathway, toys.maker(demand, A_YEAR).make(1, 0), end=40_000 * DAY)
    begun, ended = trace.of(Event.PACKAGE_START), trace.of(Event.PACKAGE_END)
    begin = begun.time[np.argsort(begun.person)]
    lengths = (ended.time[np.argsort(ended.person)] - begin) / DAY
    assert abs(lengths.mean() - length) < 4 * lengths.std() / math.sqrt(len(lengths))
    each = np.unique(np.concatenate([begun.person, trace.of(Event.REVIEW).person]), return_counts=True)[1] - 1
    assert abs(each.mean() - number) < 4 * each.std() / math.sqrt(len(each))


def test_exponential_reviews_that_end_an_exponential_stay_compete_with_it(toys):
    """Ends by a review: (0.4 / 50) / (0.4 / 50 + 1 / 100) of the stays."""
    stages = reviewed(
        stay=exponential(100, "days"),
        every=exponential(50, "days"),
        work=0.0,
        says=[("stop", 0.4), ("done", "rest")],
        **ENDS,
    )
    demand = toys.demand(sources={"community": 8000.0})
    compiled = toys.compiled(toys.model(stages), demand)
    pathway = compiled.pathway
    share = 0.008 / 0.018
    after = pathway.index("after")
    reach = compiled.expected.reach.sum(axis=0)
    assert reach[after] / compiled.expected.contacts.sum() == pytest.approx(share, rel=1e-4)
    trace = live(pathway, toys.maker(demand, A_YEAR).make(1, 0), end=8_000 * DAY)
    replay(trace, pathway)
    ends = trace.stage[trace.event == Event.OUTCOME]
    assert abs(np.sum(ends == after) - len(ends) * share) < 4 * math.sqrt(len(ends) * share * (1 - share))


WRONG = [
    ({"visit": service("care", 1.0)}, "a review leads to 'care', which is of kind package"),
    (
        {"visit": service("done", 1.0, longest_wait={"after": constant(1), "to": "care"})},
        "a review leads to 'care', which is of kind package",
    ),
    ({"visit": service("died", 1.0), "died": outcome("died")}, "an outcome whose need is died"),
    ({"done": outcome("reviewed", 0.5, 3.0)}, "nobody contacts again because of a review"),
    (
        {"visit": change("need", "done", towards_heaviest=0.5)},
        "a review leads to 'visit', which sets need: a review changes care",
    ),
    ({"come": arrival("aside"), "aside": decision(("care", 0.5), ("due", "rest"))}, "leads to 'due', a fork"),
]


@pytest.mark.parametrize(("other", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_what_a_review_cannot_do_is_refused(toys, other, sentence):
    with pytest.raises(ConfigError, match=sentence):
        made(toys, {**reviewed(), **other})


def test_reviews_take_the_time_of_the_team_that_also_does_other_work(toys):
    stages = reviewed(stay=30, every=10, work=6.0) | {
        "come": arrival("way"),
        "way": decision(("care", {"means": "below_limit"}), ("desk", "rest")),
        "desk": service("out", 6.0, team="visitors"),
    }
    pathway = made(toys, stages, teams={"visitors": 1})
    rows = lived(toys, pathway, [0.0, 239.0, 241.0], means=["below_limit", "above_limit", "above_limit"])
    assert [(t, p, s) for t, p, s, e, _ in rows if e == "start"][:3] == [
        (239.0, 2, "desk"),
        (245.0, 1, "visit"),
        (251.0, 3, "desk"),
    ]
