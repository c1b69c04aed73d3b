"""People who contact again: a new episode, with luck of its own; what they hold stays; and a population at rest."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from conftest import (
    A_YEAR,
    DAY,
    HOUR,
    OUT,
    arrival,
    constant,
    decision,
    exponential,
    follows,
    live,
    package,
    service,
    story,
)
from kinds import (
    always_again,
    appointments,
    change,
    fork,
    hazard,
    left_in,
    lived,
    made,
    outcome,
    places,
    replay,
    still_there,
    with_constant,
)
from worlds import Somebody, World, run_of

from agents.codes import Event
from simulation import engine_simpy
from simulation.errors import ConfigError
from simulation.population import PopulationMaker


def short(rows, *left_out):
    return [row[:4] for row in rows if row[3] not in ("weekly", *left_out)]


def test_a_second_contact_comes_in_by_the_same_door_and_lives_the_path_again(toys):
    stages = {"come": arrival("desk"), "desk": service("out", 2.0), "out": outcome("not_published", 0.5, 3.0)}
    pathway = always_again(made(toys, stages))
    rows = lived(toys, pathway, [1.0], end=5 * DAY)
    assert short(rows, "start") == [
        (1.0, 1, "desk", "join"),
        (3.0, 1, "desk", "end"),
        (3.0, 1, "out", "outcome"),
        (75.0, 1, "come", "contact_again"),
        (75.0, 1, "desk", "join"),
        (77.0, 1, "desk", "end"),
        (77.0, 1, "out", "outcome"),
    ]


def test_who_was_changed_comes_back_as_they_have_become(toys):
    """Those below the limit always come back; once above it, never."""
    by = {"by": ["means"], "values": {"below_limit": 0.9, "above_limit": 0.0}}
    stages = {
        "come": arrival("first"),
        "first": decision(("out", 0.5), ("helped", "rest")),
        "helped": change("means", "out", value="above_limit"),
        "out": outcome("not_published", by, 3.0),
    }
    pathway = made(toys, stages)
    rows = lived(toys, pathway, [0.0] * 40)
    kinds = [person["means"] for person in pathway.types.each()]
    again = [v for *_, e, v in rows if e == "contact_again"]
    assert len(again) > 10
    assert {kinds[v] for v in again} == {"below_limit"}


def test_a_return_may_lead_to_a_stage_instead_of_the_door(toys):
    stages = {
        "come": arrival("desk"),
        "desk": service("sort", 2.0),
        "sort": decision(("out", 0.999), ("urgent", "rest")),
        "urgent": service("end", 1.0),
        "out": outcome("not_published", 0.5, 1.0, comes_in_at="urgent"),
        "end": OUT,
    }
    rows = short(lived(toys, always_again(made(toys, stages)), [0.0]), "branch", "start")
    assert rows == [
        (0.0, 1, "desk", "join"),
        (2.0, 1, "desk", "end"),
        (2.0, 1, "out", "outcome"),
        (26.0, 1, "urgent", "contact_again"),
        (26.0, 1, "urgent", "join"),
        (27.0, 1, "urgent", "end"),
        (27.0, 1, "end", "outcome"),
    ]


@pytest.mark.parametrize("door", [None, "come", "desk"])
def test_the_door_by_name_is_the_door_by_default(toys, door):
    stages = {
        "come": arrival("desk"),
        "desk": service("out", exponential(2.0)),
        "out": outcome("not_published", 0.5, 1.0, **({"comes_in_at": door} if door else {})),
    }
    pathway = made(toys, stages)
    rows = [row for row in lived(toys, pathway, [0.0, 5.0]) if row[2] != "come" and row[3] != "contact_again"]
    plain = made(toys, {**stages, "out": outcome("not_published", 0.5, 1.0)})
    assert rows == [row for row in lived(toys, plain, [0.0, 5.0]) if row[2] != "come" and row[3] != "contact_again"]


def test_each_episode_has_luck_of_its_own(toys):
    stages = {
        "come": arrival("desk"),
        "desk": service("sort", exponential(2.0)),
        "sort": decision(("out", 0.5), ("other", "rest")),
        "out": outcome("not_published", 0.7, exponential(4, "days")),
        "other": outcome("not_published", 0.7, exponential(4, "days")),
    }
    demand = toys.demand(sources={"community": 1000.0})
    pathway = made(toys, stages, demand=demand)
    trace = live(pathway, toys.maker(demand, A_YEAR).make(1, 0))
    starts, ends = trace.of(Event.START), trace.of(Event.END)
    lengths = {}
    for p, s, e in zip(
        starts.person[np.argsort(starts.person, kind="stable")].tolist(),
        starts.time[np.argsort(starts.person, kind="stable")].tolist(),
        ends.time[np.argsort(ends.person, kind="stable")].tolist(),
        strict=True,
    ):
        lengths.setdefault(p, []).append(e - s)
    several = [own for own in lengths.values() if len(own) > 1]
    assert len(several) > 400
    assert all(len(set(own)) == len(own) for own in several)
    pairs = np.array([own[:2] for own in several])
    assert abs(np.corrcoef(np.log1p(pairs).T)[0, 1]) < 4 / math.sqrt(len(pairs))


def test_the_number_of_episodes_is_geometric(toys):
    demand = toys.demand(sources={"community": 4000.0})
    pathway = made(toys, {"come": arrival("out"), "out": outcome("not_published", 0.6, 1.0)}, demand=demand)
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(pathway, people)
    times = np.unique(trace.of(Event.OUTCOME).person, return_counts=True)[1]
    assert len(times) == people.size
    for k in range(1, 6):
        share = 0.6 ** (k - 1) * 0.4
        assert abs(np.sum(times == k) - people.size * share) < 4 * math.sqrt(people.size * share * (1 - share))


def test_care_beside_outlives_the_episode_and_runs_through_the_next(toys):
    stages = {
        "come": arrival("telecare"),
        "telecare": package("out", "telecare", stay=constant(10, "days"), goes_on=True),
        "out": outcome("not_published", 0.5, 4.0, comes_in_at="desk"),
        "desk": service("end", 1.0),
        "end": OUT,
    }
    pathway = always_again(made(toys, stages))
    assert short(lived(toys, pathway, [0.0]), "start", "join") == [
        (0.0, 1, "telecare", "package_start"),
        (0.0, 1, "out", "outcome"),
        (96.0, 1, "desk", "contact_again"),
        (97.0, 1, "desk", "end"),
        (97.0, 1, "end", "outcome"),
        (240.0, 1, "telecare", "package_end"),
    ]
    people = toys.crowd(toys.demand(), [0])
    assert left_in(pathway, people, 239 * HOUR) == {1}
    assert left_in(pathway, people, 241 * HOUR) == set()


def test_care_of_the_same_kind_taken_again_takes_the_place_of_the_first(toys):
    stages = {
        "come": arrival("telecare"),
        "telecare": package("sort", "telecare", stay=constant(10, "days"), goes_on=True),
        "sort": decision(("out", 0.999), ("end", "rest")),
        "out": outcome("not_published", 0.5, 4.0),
        "end": OUT,
    }
    pathway = always_again(made(toys, stages))
    rows = short(lived(toys, pathway, [0.0], end=13 * DAY), "branch", "outcome", "contact_again")
    assert rows[:5] == [
        (0.0, 1, "telecare", "package_start"),
        (96.0, 1, "telecare", "package_end"),
        (96.0, 1, "telecare", "package_start"),
        (192.0, 1, "telecare", "package_end"),
        (192.0, 1, "telecare", "package_start"),
    ]


def test_who_dies_leaves_all_care_and_does_not_come_back(toys):
    stages = {
        "come": arrival("telecare"),
        "telecare": package("home", "telecare", goes_on=True),
        "home": package("out", "home_care", stay=constant(90, "days")),
        "death": hazard(["home"], "died", 1.0),
        "died": outcome("died"),
        "out": outcome("care_ended", 0.9, 1.0),
    }
    pathway = with_constant(made(toys, stages), "death", 3 * DAY)
    assert short(lived(toys, pathway, [0.0])) == [
        (0.0, 1, "telecare", "package_start"),
        (0.0, 1, "home", "package_start"),
        (72.0, 1, "death", "hazard"),
        (72.0, 1, "home", "package_end"),
        (72.0, 1, "died", "outcome"),
        (72.0, 1, "telecare", "package_end"),
    ]
    assert left_in(pathway, toys.crowd(toys.demand(), [0]), 4 * DAY) == set()


def test_a_review_of_care_beside_goes_on_through_the_next_episode(toys):
    stages = {
        "come": arrival("telecare"),
        "telecare": package("out", "telecare", stay=constant(10, "days"), goes_on=True),
        "due": fork("telecare", "look", 3),
        "look": service("done", 0.0),
        "done": outcome("reviewed"),
        "out": outcome("not_published", 0.5, 4.0, comes_in_at="end"),
        "end": change("care", "gone", times=2.0),
        "gone": OUT,
    }
    rows = lived(toys, always_again(made(toys, stages)), [0.0])
    assert [t for t, *_, e, _ in rows if e == "review"] == [72.0, 144.0, 216.0]


def test_episodes_that_end_in_the_same_millisecond_are_told_by_identity(toys):
    pathway = always_again(made(toys, {"come": arrival("out"), "out": outcome("not_published", 0.5, 1.0)}))
    rows = lived(toys, pathway, [0.0, 0.0, 0.0, 24.0], ids=[9, 4, 7, 2], end=25 * HOUR)
    assert [p for t, p, _, e, _ in rows if e == "contact_again"] == [4, 7, 9]
    people = toys.crowd(toys.demand(), [0, 24 * HOUR], ids=[9, 4])
    both = [p for t, p, _, e, _ in story(live(pathway, people, end=25 * HOUR), pathway) if t == 24.0]
    assert both == [4, 4, 9, 9]


def test_always_coming_back_never_ends_and_is_refused(toys):
    with pytest.raises(ConfigError, match="people contact again without end, or nearly so, after out"):
        made(toys, {"come": arrival("out"), "out": outcome("not_published", 1.0, 1.0)})


WHOLE = {
    "come": arrival("first"),
    "ward": arrival("first", "hospital"),
    "first": decision(
        ("told", {"by": ["source"], "values": {"community": 0.6, "hospital": 0.4}}),
        ("hub", "rest"),
        follows_need=follows(0.5),
    ),
    "hub": appointments(
        "assess", lead=exponential(3, "days"), did_not_attend=0.2, rebookings=1.0, gave_up_to="gave_up"
    ),
    "crisis": hazard(["hub"], "worse", 3.0),
    "worse": change("need", "assess", towards_heaviest=0.4),
    "assess": service("sort", exponential(4.0)),
    "sort": decision(("told", 0.3), ("enable", 0.4), ("beside", "rest"), follows_need=follows(0.8)),
    "enable": places("better", "unlimited", exponential(5, "days")),
    "fall": hazard(["enable"], "beside", 4.0),
    "better": change("need", "later", towards_lightest=0.3),
    "later": decision(("told", 0.7), ("care", "rest"), follows_need=follows(0.5)),
    "beside": package("care", "telecare", stay=exponential(9, "days"), goes_on=True),
    "care": package("ended", "home_care", stay=exponential(12, "days")),
    "death": hazard(["care"], "died", 5.0),
    "yearly": fork("care", "look", 6.0),
    "look": decision(("stop", 0.25), ("fine", "rest")),
    "sudden": fork("care", "look_again", exponential(10, "days")),
    "look_again": decision(("stop", 0.25), ("more", 0.2), ("fine", "rest")),
    "more": change("care", "fine", times=1.2),
    "stop": change("care", "ended", value="ends"),
    "fine": outcome("reviewed"),
    "told": outcome("no_eligible_need", 0.35, exponential(4, "days")),
    "gave_up": outcome("declined", 0.5, exponential(4, "days"), comes_in_at="assess"),
    "ended": outcome("care_ended", {"by": ["source"], "values": {"community": 0.2, "hospital": 0.5}}, 2.0),
    "died": outcome("died"),
}


@pytest.mark.parametrize("repeats", [False, True])
def test_a_whole_pathway_comes_out_as_expected_at_rest(toys, repeats):
    """Every kind of stage, and people who come back: the number who reach each stage is the expected one.

    Counted after half a year, when as many come back as the weeks before sent.
    """
    demand = toys.demand(sources={"community": 2500.0, "hospital": 1500.0}, contacts_include_repeats=repeats)
    compiled = toys.compiled(toys.model(WHOLE), demand)
    pathway, expected = compiled.pathway, compiled.expected
    maker = PopulationMaker(demand, toys.values(demand), A_YEAR, repeats=expected.repeats if repeats else None)
    if repeats:
        by_source = expected.contacts.reshape(2, -1).sum(axis=1) * 365
        assert by_source == pytest.approx([2500, 1500], rel=1e-6)
    counted, days = [], 200
    event_of = {
        "arrival": (Event.CONTACT, Event.CONTACT_AGAIN),
        "decision": (Event.BRANCH,),
        "service": (Event.JOIN,),
        "appointments": (Event.JOIN,),
        "places": (Event.JOIN,),
        "set": (Event.SET,),
        "package": (Event.PACKAGE_START,),
        "outcome": (Event.OUTCOME,),
        "fork": (Event.REVIEW,),
        "hazard": (Event.HAZARD,),
    }
    for replication in range(8):
        trace = live(pathway, maker.make(11, replication), end=A_YEAR.end, replication=replication)
        if replication == 0:
            replay(trace, pathway)
        late = trace.where(trace.time >= (365 - days) * DAY)
        counted.append(
            [
                np.sum((late.stage == s) & np.isin(late.event, event_of[WHOLE[name]["kind"]]))
                for s, name in enumerate(pathway.stages)
            ]
        )
    got = np.array(counted, dtype=float)
    want = expected.reach.sum(axis=0) * days
    for s, name in enumerate(pathway.stages):
        if name in ("fine", "stop"):  # a review's last stages: an outcome writes no row there, nor does an end of care
            continue
        error = got[:, s].std(ddof=1) / math.sqrt(len(got))
        assert abs(got[:, s].mean() - want[s]) < 4 * error + 1e-9, (name, got[:, s].mean(), want[s])


def test_an_extra_person_or_stage_changes_nobody_elses_life_where_nobody_waits(toys):
    demand = toys.demand(sources={"community": 300.0, "hospital": 200.0})
    pathway = made(toys, WHOLE, demand=demand)
    people = toys.maker(demand, A_YEAR).make(2, 0)
    assert pathway.unlimited
    trace = live(pathway, people)
    assert trace.same_as(live(pathway, people))
    few = people.subset(people.person % 3 > 0)
    chosen = np.isin(trace.person, few.person)
    assert trace.where(chosen).same_as(live(pathway, few))
    # Another stage on the way of everybody, which takes no time: all that was drawn before is drawn again.
    longer = {**WHOLE, "assess": service("extra", exponential(4.0)), "extra": service("sort", 0.0)}
    other = made(toys, longer, demand=demand)
    again = live(other, people)
    kept = again.stage != other.index("extra")
    names, others = np.array(pathway.stages), np.array(other.stages)
    assert trace.time.tolist() == again.time[kept].tolist()
    assert names[trace.stage].tolist() == others[again.stage[kept]].tolist()
    assert trace.person.tolist() == again.person[kept].tolist()


def test_everybody_has_left_in_the_end_and_nobody_was_removed_twice(toys):
    """A register that is empty; a second removal would fail."""
    demand = toys.demand(sources={"community": 300.0, "hospital": 200.0})
    people = toys.maker(demand, A_YEAR).make(2, 0)
    for teams in ({}, {"team": 1}):
        pathway = made(toys, WHOLE, demand=demand, teams=teams)
        end = 3000 * DAY
        lives = replay(live(pathway, people, end=end), pathway)
        assert left_in(pathway, people, end) == still_there(lives) == set()
        assert Counter(life.main for life in lives.values()) == {"left": people.size}


def test_a_door_that_leads_straight_to_an_outcome_can_be_one_of_two_models():
    """Whoever comes back comes back to the model they left, also where that model is nothing but an outcome."""
    back = outcome("not_published", 0.5, 1.0)
    other = {"door": arrival("desk"), "desk": service("back", 1.0), "back": back}
    world = World(
        stages={"door": arrival("back"), "back": back},
        teams={"team": {"practitioners": "unlimited"}},
        people=tuple(Somebody(time=0, person=n) for n in range(1, 41)),
        end=30 * DAY,
        other=(other, {"team": {"practitioners": "unlimited"}}),
    )
    run = run_of(world)
    trace = engine_simpy.run(*run)
    again = trace.of(Event.CONTACT_AGAIN)
    assert again.rows > 10
    joined = trace.of(Event.JOIN)
    assert 0 < len(np.unique(joined.person)) < 40, "each model has some of them"
    first = dict(zip(joined.person.tolist(), joined.stage.tolist(), strict=True))
    more = [p for p in again.person.tolist() if p in first]
    assert joined.rows == len(first) + len(more), "who comes back to the desk did so before"
