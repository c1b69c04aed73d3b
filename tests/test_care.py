"""Care: its price, size and contribution; care beside other care; care that takes the place of other care."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import A_YEAR, DAY, OUT, arrival, constant, decision, exponential, live, package, service
from kinds import change, fork, left_in, lived, made, outcome, priced, replay, with_constant
from scipy import stats

from agents.codes import Event
from simulation.errors import ConfigError


def one(cost=100.0, stay=None, **more):
    return {"weekly_cost": cost, "stay": stay or constant(10, "days"), **more}


def prices_of(toys, **kinds):
    return priced(toys, {"older_people": kinds})


def simple(**more):
    return {"come": arrival("care"), "care": package("out", **more), "out": OUT}


def share(value):
    return {"distribution": "constant", "value_of": value}


def money(rows):
    return [(t, p, e, v) for t, p, _, e, v in rows if e in ("weekly", "pays")]


def test_a_price_is_told_when_care_starts_and_an_unknown_one_is_minus_one(toys):
    rows = lived(toys, made(toys, simple(), prices=prices_of(toys, care=one(123.456))), [0.0])
    assert money(rows) == [(0.0, 1, "weekly", 12_346)]
    rows = lived(toys, made(toys, simple(), prices=prices_of(toys, care=one(None))), [0.0])
    assert money(rows) == [(0.0, 1, "weekly", -1)]


def test_a_client_pays_a_share_of_the_price_rounded_down_to_pence(toys):
    prices = prices_of(toys, care=one(99.99, contribution=share(0.25)))
    assert money(lived(toys, made(toys, simple(), prices=prices), [0.0])) == [
        (0.0, 1, "weekly", 9_999),
        (0.0, 1, "pays", 2_499),
    ]


def test_nothing_is_said_of_contributions_where_there_is_no_price(toys):
    prices = prices_of(toys, care=one(None, contribution=share(0.25)))
    assert money(lived(toys, made(toys, simple(), prices=prices), [0.0])) == [(0.0, 1, "weekly", -1)]


def test_a_person_pays_the_same_share_of_all_their_care_in_every_episode(toys):
    law = {"distribution": "uniform", "low": 0.0, "high": 1.0}
    prices = prices_of(toys, care=one(1000.0, contribution=law), other=one(500.0, contribution=law))
    stages = {
        "come": arrival("care"),
        "care": package("more"),
        "more": package("out", "other"),
        "out": outcome("care_ended", 0.6, 1.0),
    }
    rows = lived(toys, made(toys, stages, prices=prices), [0.0] * 30)
    shares: dict[int, set[float]] = {}
    weekly = {(t, p): v for t, p, e, v in money(rows) if e == "weekly"}
    for t, p, e, v in money(rows):
        if e == "pays":
            shares.setdefault(p, set()).add(round(v / weekly[t, p], 2))
    assert len(shares) == 30
    assert all(max(own) - min(own) < 0.011 for own in shares.values())
    assert len({min(own) for own in shares.values()}) > 20


def test_sizes_have_mean_one_and_the_spread_that_is_given(toys):
    prices = prices_of(toys, care=one(1000.0, size={"sigma": 0.6, "follows_need": 0.3}))
    demand = toys.demand(sources={"community": 8000.0})
    compiled = toys.compiled(toys.model(simple()), demand, prices)
    trace = live(compiled.pathway, toys.maker(demand, A_YEAR).make(1, 0))
    sizes = trace.of(Event.WEEKLY).value / 100_000
    spread = math.sqrt(math.exp(0.36) - 1)
    assert abs(sizes.mean() - 1) < 4 * spread / math.sqrt(len(sizes))
    logs = np.log(sizes)
    assert abs(logs.std() - 0.6) < 4 * 0.6 / math.sqrt(2 * len(logs))
    assert stats.kstest((logs + 0.18) / 0.6, "norm").pvalue > 1e-4
    assert compiled.expected.size[:, compiled.pathway.index("care")] == pytest.approx(1.0, abs=1e-6)


def test_heavier_needs_have_larger_packages_as_far_as_the_weight_says(toys):
    demand = toys.demand(sources={"community": 4000.0})
    for weight in (0.0, 0.5, 1.0):
        prices = prices_of(toys, care=one(1000.0, size={"sigma": 0.6, "follows_need": weight}))
        people = toys.maker(demand, A_YEAR).make(1, 0)
        trace = live(made(toys, simple(), demand=demand, prices=prices), people)
        weekly = trace.of(Event.WEEKLY)
        rank = dict(zip(people.person.tolist(), people.rank.tolist(), strict=True))
        ranks = [rank[p] for p in weekly.person.tolist()]
        assert abs(stats.spearmanr(ranks, weekly.value).statistic - weight) < 4 / math.sqrt(len(ranks)) + 1e-6


def test_a_model_that_turns_lighter_needs_away_leaves_dearer_packages(toys):
    """Sizes are the baseline's; only the heavier half of its takers is left, and need alone decides: by theory."""
    prices = prices_of(toys, care=one(1000.0, size={"sigma": 0.6, "follows_need": 1.0}))
    demand = toys.demand(sources={"community": 4000.0})
    base = toys.compiled(toys.model(simple()), demand, prices)
    stages = {
        "come": arrival("way"),
        "way": decision(("out", 0.5), ("care", "rest"), follows_need={"weight": 1.0}),
        "care": package("out"),
        "out": OUT,
    }
    scales = {"care": base.expected.scales[base.pathway.index("care")]}
    other = toys.compiled(toys.model(stages), demand, prices, scales=scales)
    mean = stats.norm.cdf(0.6) / 0.5
    assert other.expected.size[:, other.pathway.index("care")] == pytest.approx(mean, rel=1e-4)
    trace = live(other.pathway, toys.maker(demand, A_YEAR).make(1, 0))
    sizes = trace.of(Event.WEEKLY).value / 100_000
    assert abs(sizes.mean() - mean) < 4 * sizes.std() / math.sqrt(len(sizes))


def test_a_second_package_gets_a_size_of_its_own(toys):
    prices = prices_of(toys, care=one(1000.0, size={"sigma": 0.6, "follows_need": 0.0}))
    stages = {"come": arrival("care"), "care": package("out"), "out": outcome("care_ended", 0.8, 1.0)}
    rows = lived(toys, made(toys, stages, prices=prices), [0.0] * 10)
    values = [v for *_, v in money(rows)]
    assert len(set(values)) == len(values) > 20


def test_the_level_set_before_care_starts_and_the_one_set_by_its_review_multiply(toys):
    """A crisis × 1.2; the review × 0.5; then a second package at the crisis level, unreviewed."""
    prices = prices_of(toys, care=one(100.0, contribution=share(0.1)), other=one(10.0))
    stages = {
        "come": arrival("crisis"),
        "crisis": change("care", "care", times=1.2),
        "care": package("other"),
        "due": fork("care", "cut", 6),
        "cut": change("care", "done", times=0.5),
        "done": outcome("reviewed"),
        "other": package("out", "other"),
        "out": OUT,
    }
    assert money(lived(toys, made(toys, stages, prices=prices), [0.0])) == [
        (0.0, 1, "weekly", 12_000),
        (0.0, 1, "pays", 1_200),
        (144.0, 1, "weekly", 6_000),
        (144.0, 1, "pays", 600),
        (240.0, 1, "weekly", 1_200),
    ]


def test_care_beside_lets_the_person_go_on_at_once(toys):
    stages = {
        "come": arrival("telecare"),
        "telecare": package("desk", "telecare", stay=constant(5, "days"), goes_on=True),
        "desk": service("out", 1.0),
        "out": OUT,
    }
    pathway = made(toys, stages)
    rows = [row[:4] for row in lived(toys, pathway, [0.0]) if row[3] not in ("weekly", "join", "start")]
    assert rows == [
        (0.0, 1, "telecare", "package_start"),
        (1.0, 1, "desk", "end"),
        (1.0, 1, "out", "outcome"),
        (120.0, 1, "telecare", "package_end"),
    ]
    people = toys.crowd(toys.demand(), [0])
    assert left_in(pathway, people, 4 * DAY) == {1}
    assert left_in(pathway, people, 6 * DAY) == set()


def test_several_packages_run_at_once_and_the_person_leaves_with_the_last(toys):
    stages = {
        "come": arrival("a"),
        "a": package("b", "one", stay=constant(9, "days"), goes_on=True),
        "b": package("c", "two", stay=constant(3, "days"), goes_on=True),
        "c": package("out", "three", stay=constant(6, "days")),
        "out": OUT,
    }
    pathway = made(toys, stages)
    rows = [row[:4] for row in lived(toys, pathway, [0.0]) if row[3] in ("package_end", "outcome")]
    assert rows == [
        (72.0, 1, "b", "package_end"),
        (144.0, 1, "c", "package_end"),
        (144.0, 1, "out", "outcome"),
        (216.0, 1, "a", "package_end"),
    ]
    people = toys.crowd(toys.demand(), [0])
    assert [left_in(pathway, people, day * DAY) for day in (5, 8, 10)] == [{1}, {1}, set()]


def test_care_that_replaces_other_care_ends_it_and_leaves_the_rest(toys):
    stages = {
        "come": arrival("a"),
        "a": package("b", "one", stay=constant(90, "days"), goes_on=True),
        "b": package("wait", "two", stay=constant(90, "days"), goes_on=True),
        "wait": service("c", 48.0),
        "c": package("out", "three", stay=constant(6, "days"), replaces=["one"]),
        "out": OUT,
    }
    rows = [row[:4] for row in lived(toys, made(toys, stages), [0.0]) if row[3].startswith("package")]
    assert rows == [
        (0.0, 1, "a", "package_start"),
        (0.0, 1, "b", "package_start"),
        (48.0, 1, "a", "package_end"),
        (48.0, 1, "c", "package_start"),
        (192.0, 1, "c", "package_end"),
        (2160.0, 1, "b", "package_end"),
    ]


def test_two_stages_of_one_care_type_replace_each_other(toys):
    stages = {
        "come": arrival("a"),
        "a": package("wait", "one", stay=constant(90, "days"), goes_on=True),
        "wait": service("b", 48.0),
        "b": package("out", "one", stay=constant(6, "days"), goes_on=True),
        "out": OUT,
    }
    rows = [row[:4] for row in lived(toys, made(toys, stages), [0.0]) if row[3].startswith("package")]
    assert rows == [
        (0.0, 1, "a", "package_start"),
        (48.0, 1, "a", "package_end"),
        (48.0, 1, "b", "package_start"),
        (192.0, 1, "b", "package_end"),
    ]


def test_care_that_is_replaced_while_its_review_waits_withdraws_the_review(toys):
    stages = {
        "come": arrival("a"),
        "a": package("wait", "one", goes_on=True),
        "due": fork("a", "visit", 3),
        "visit": service("done", constant(30, "days"), team="visitors"),
        "done": outcome("reviewed"),
        "wait": service("b", 96.0),
        "b": package("out", "two", stay=constant(1, "days"), replaces=["one"]),
        "out": OUT,
    }
    pathway = made(toys, stages, teams={"visitors": 1})
    rows = [row[:4] for row in lived(toys, pathway, [0.0, 0.0]) if row[3] not in ("weekly", "contact")]
    assert [row for row in rows if row[1] == 2 and row[0] >= 72] == [
        (72.0, 2, "due", "review"),
        (72.0, 2, "visit", "join"),
        (96.0, 2, "wait", "end"),
        (96.0, 2, "a", "package_end"),
        (96.0, 2, "visit", "withdrawn"),
        (96.0, 2, "due", "reviewed"),
        (96.0, 2, "b", "package_start"),
        (120.0, 2, "b", "package_end"),
        (120.0, 2, "out", "outcome"),
    ]


def test_ending_care_outside_a_review_ends_all_that_runs_beside(toys):
    stages = {
        "come": arrival("a"),
        "a": package("b", "one", goes_on=True),
        "b": package("wait", "two", goes_on=True),
        "wait": service("stop", 5.0),
        "stop": change("care", "out", value="ends"),
        "out": OUT,
    }
    pathway = made(toys, stages)
    rows = [row[:4] for row in lived(toys, pathway, [0.0]) if row[0] == 5.0]
    assert rows == [
        (5.0, 1, "wait", "end"),
        (5.0, 1, "a", "package_end"),
        (5.0, 1, "b", "package_end"),
        (5.0, 1, "stop", "set"),
        (5.0, 1, "out", "outcome"),
    ]
    assert left_in(pathway, toys.crowd(toys.demand(), [0]), DAY) == set()


@pytest.mark.parametrize("how", [{"towards_lightest": 1.0}, {"towards_heaviest": 1.0}, {"towards_lightest": 0.0}])
def test_need_that_goes_the_whole_way_still_leaves_every_share_as_it_is(toys, how):
    stages = {
        "come": arrival("changed"),
        "changed": change("need", "way", **how),
        "way": decision(("light", 0.3), ("heavy", "rest"), follows_need={"weight": 0.7}),
        "light": OUT,
        "heavy": OUT,
    }
    demand = toys.demand(sources={"community": 5000.0})
    compiled = toys.compiled(toys.model(stages), demand)
    reach = compiled.expected.reach.sum(axis=0)
    light = compiled.pathway.index("light")
    assert reach[light] == pytest.approx(0.3 * 5000 / 365)
    trace = live(compiled.pathway, toys.maker(demand, A_YEAR).make(1, 0))
    ends = trace.of(Event.OUTCOME).stage
    assert abs(np.mean(ends == light) - 0.3) < 4 * math.sqrt(0.21 / len(ends))


@pytest.mark.parametrize("how", ["towards_lightest", "towards_heaviest"])
def test_need_moves_its_share_of_the_way(toys, how):
    """0.6 goes a quarter of the way: to 0.45 or to 0.7. A following decision by need alone shows where that is."""
    stages = {
        "come": arrival("changed"),
        "changed": change("need", "way", **{how: 0.25}),
        "way": decision(("light", 0.5), ("heavy", "rest"), follows_need={"weight": 1.0}),
        "light": OUT,
        "heavy": OUT,
    }
    pathway = made(toys, stages)
    middle = 0.375 if how == "towards_lightest" else 0.625
    before = (middle if how == "towards_lightest" else middle - 0.25) / 0.75
    rows = lived(toys, pathway, [0.0, 0.0], rank=[before - 1e-6, before + 1e-6])
    assert [s for *_, s, e, _ in rows if e == "outcome"] == ["light", "heavy"]


def test_prices_at_fault_are_told_together_at_their_lines(toys):
    prices = prices_of(
        toys,
        care=one(
            100.0,
            size={"sigma": -0.5, "follows_need": 1.5},
            contribution={"distribution": "uniform", "low": 0.0, "high": 1.2},
            recovered_share=2.0,
        ),
    )
    with pytest.raises(ConfigError) as error:
        made(toys, simple(replaces=["cafe"]), prices=prices)
    said = [problem.what for problem in error.value.problems]
    for sentence in (
        "stages.care.replaces.0: no package is of the care type 'cafe'.",
        "care.older_people.care.size.follows_need is 1.5.",
        "care.older_people.care.size.sigma is -0.5.",
        "care.older_people.care.contribution: shares of up to 1.2 of the price.",
        "care.older_people.care.recovered_share is 2.",
    ):
        assert sentence in said
    assert all(problem.line > 0 and problem.mend for problem in error.value.problems)


def test_lengths_and_prices_can_be_those_of_each_client_group(toys):
    demand = toys.demand(groups={"old": 0.5, "young": "rest"})
    care = {
        "old": {"care": one(100.0, constant(1, "days"), contribution=share(0.5))},
        "young": {"care": one(200.0, constant(2, "days"))},
    }
    pathway = toys.compiled(toys.model(simple()), demand, priced(toys, care)).pathway
    trace = live(pathway, toys.crowd(demand, [0, 0], client_group=["old", "young"]))
    replay(trace, pathway)
    rows = list(
        zip(trace.time.tolist(), trace.person.tolist(), trace.event.tolist(), trace.value.tolist(), strict=True)
    )
    assert [(p, v) for _, p, e, v in rows if e == Event.WEEKLY] == [(1, 10_000), (2, 20_000)]
    assert [(p, v) for _, p, e, v in rows if e == Event.PAYS] == [(1, 5_000)]
    assert [(t, p) for t, p, e, _ in rows if e == Event.PACKAGE_END] == [(DAY, 1), (2 * DAY, 2)]


def test_two_ends_of_care_in_one_millisecond_come_in_the_order_in_which_care_began(toys):
    stages = {
        "come": arrival("b"),
        "b": package("a", "one", stay=exponential(4, "days"), goes_on=True),
        "a": package("out", "two", stay=constant(4, "days")),
        "out": OUT,
    }
    pathway = with_constant(made(toys, stages), "b", 4 * DAY)
    rows = [row[2:4] for row in lived(toys, pathway, [0.0]) if row[0] == 96.0]
    assert rows == [("b", "package_end"), ("a", "package_end"), ("out", "outcome")]
