"""Need decides with a stated weight, and the published shares hold whatever the weight."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from conftest import A_YEAR, HOUR, OUT, arrival, decision, follows, live, service
from hypothesis import given
from hypothesis import strategies as st

from agents.codes import Event
from agents.person import standing
from experiments.plan import compile_pair
from simulation.calendar import Calendar
from simulation.needrank import EVEN, EVEN_SCALE, Scale, Spread

WEIGHTS = (0.0, 0.25, 0.5, 1.0)


def cumulative(*shares: float) -> np.ndarray:
    steps = np.cumsum(shares)
    steps[-1] = 1.0
    return steps


def test_nobody_is_lost_where_a_loop_presses_everybody_to_one_rank():
    spread = EVEN.plus(Spread(np.array([0.0, 0.2, 1.0]), np.array([3.0, 0.5])))
    for rounds in range(200):
        spread = spread.moved(0.7, 0.3).moved(0.5, 0.0)
        assert spread.mass == pytest.approx(2.0, rel=1e-9), rounds
        assert np.all(np.diff(spread.edges) > 0), rounds


@st.composite
def spreads(draw) -> Spread:
    inner = draw(st.lists(st.floats(0.01, 0.99), max_size=4, unique=True))
    edges = np.array([0.0, *sorted(inner), 1.0])
    density = np.array(
        draw(st.lists(st.sampled_from([0.0, 0.2, 1.0, 3.0]), min_size=len(edges) - 1, max_size=len(edges) - 1))
    )
    if not density.any():
        density[0] = 1.0
    return Spread(edges, density)


shares_of_three = st.tuples(*[st.floats(0.01, 1.0)] * 3).map(lambda s: [x / sum(s) for x in s])


@given(spread=spreads(), shares=shares_of_three, weight=st.sampled_from(WEIGHTS))
def test_shares_hold_exactly_at_any_weight_for_any_spread_of_people(spread, shares, weight):
    parts = spread.split(cumulative(*shares), weight, spread.scale())
    for part, share in zip(parts, shares, strict=True):
        assert part.mass == pytest.approx(share * spread.mass, rel=1e-9)
        assert np.all(part.density >= 0)
    together = parts[0].plus(parts[1]).plus(parts[2])
    edges = np.union1d(together.edges, spread.edges)
    assert together.at(edges) == pytest.approx(spread.at(edges), abs=1e-9)


@given(spread=spreads(), other=spreads())
def test_two_groups_together_are_as_many_as_both(spread, other):
    both = spread.plus(other)
    assert both.mass == pytest.approx(spread.mass + other.mass)
    assert both.above(0.5) == pytest.approx(spread.above(0.5) + other.above(0.5))
    assert both.above(0.0) == pytest.approx(both.mass)


@given(spread=spreads(), rank=st.floats(0.0, 0.9999999))
def test_engine_and_expectation_read_a_scale_alike(spread, rank):
    scale = spread.scale()
    got = standing(rank, (scale.ranks_at.tolist(), scale.standing.tolist()))
    assert got == pytest.approx(np.interp(rank, scale.ranks_at, scale.standing), abs=1e-12)
    assert got == pytest.approx((spread.mass - spread.above(rank)) / spread.mass, abs=1e-9)
    assert standing(rank, None) == rank


def test_where_nobody_is_everybody_stands_evenly():
    assert Spread(np.array([0.0, 1.0]), np.array([0.0])).scale() is EVEN_SCALE
    assert np.array_equal(EVEN_SCALE.ranks(np.array([0.0, 0.3, 1.0])), [0.0, 0.3, 1.0])


def test_the_lowest_rank_with_a_standing_is_found_on_a_plateau():
    scale = Scale(np.array([0.0, 0.2, 0.6, 1.0]), np.array([0.0, 0.5, 0.5, 1.0]))
    assert scale.ranks(np.array([0.25, 0.5, 0.75])) == pytest.approx([0.1, 0.2, 0.8])


def test_at_full_weight_the_light_take_the_least_intensive_branch():
    light, middle, heavy = EVEN.split(cumulative(0.5, 0.3, 0.2), 1.0, EVEN_SCALE)
    assert light.above(0.5) == 0.0
    assert (middle.above(0.5), middle.above(0.8)) == (pytest.approx(0.3), 0.0)
    assert heavy.above(0.8) == pytest.approx(0.2)


# ---- the same, lived by simulated people ----


def two_steps(weight: float):
    """A first decision, then a second among those who go on; some come to the second by a side road."""
    return {
        "come": arrival("side"),
        "side": decision(("straight", 0.3), ("first", "rest")),
        "straight": service("second", 0.0),
        "first": decision(("out", 0.66), ("second", "rest"), follows_need=follows(weight)),
        "second": decision(("light", 0.2), ("middle", 0.5), ("heavy", "rest"), follows_need=follows(weight)),
        "light": OUT,
        "middle": OUT,
        "heavy": OUT,
        "out": OUT,
    }


def chosen(trace, pathway, stage):
    """Branch taken at a stage, by person."""
    rows = trace.where((trace.stage == pathway.index(stage)) & (trace.event == Event.BRANCH))
    return dict(zip(rows.person.tolist(), rows.value.tolist(), strict=True))


@pytest.mark.parametrize("weight", WEIGHTS)
def test_shares_of_each_decision_hold_where_paths_merge(toys, weight):
    demand = toys.demand(sources={"community": 20_000.0})
    compiled = toys.compiled(toys.model(two_steps(weight)), demand)
    pathway, expected = compiled.pathway, compiled.expected
    reached = 0.3 + 0.7 * 0.34
    daily = 20_000 / 365
    assert expected.reach.sum(axis=0)[pathway.index("second")] == pytest.approx(daily * reached, rel=1e-12)
    row = pathway.decision[pathway.index("second")]
    assert expected.branch.sum(axis=0)[row] == pytest.approx(daily * reached * np.array([0.2, 0.5, 0.3]), rel=1e-12)

    people = toys.maker(demand, A_YEAR).make(8, 0)
    trace = live(pathway, people)
    for stage, shares in (("first", [0.66, 0.34]), ("second", [0.2, 0.5, 0.3])):
        branch = chosen(trace, pathway, stage)
        counts = np.bincount(list(branch.values()), minlength=len(shares))
        for count, share in zip(counts, shares, strict=True):
            assert abs(count - len(branch) * share) < 4 * math.sqrt(len(branch) * share * (1 - share))


def test_who_goes_on_is_as_heavy_as_expected(toys):
    """Not only how many, but who: the share of heavy people in each branch is the computed one."""
    demand = toys.demand(sources={"community": 40_000.0})
    compiled = toys.compiled(toys.model(two_steps(0.6)), demand)
    people = toys.maker(demand, A_YEAR).make(8, 0)
    branch = chosen(live(compiled.pathway, people), compiled.pathway, "second")
    rank = dict(zip(people.person.tolist(), people.rank.tolist(), strict=True))
    first = EVEN.times(0.7).split(cumulative(0.66, 0.34), 0.6, EVEN_SCALE)[1]
    here = EVEN.times(0.3).plus(first)
    for b, part in enumerate(here.split(cumulative(0.2, 0.5, 0.3), 0.6, here.scale())):
        members = [rank[p] for p, taken in branch.items() if taken == b]
        for at in (0.3, 0.66, 0.8):
            share = part.above(at) / part.mass
            hits = sum(r >= at for r in members)
            assert abs(hits - len(members) * share) < 4 * math.sqrt(len(members) * share * (1 - share)) + 1e-9


def test_at_full_weight_no_lighter_person_gets_more_than_a_heavier_one(toys):
    stages = {
        "come": arrival("first"),
        "first": decision(("out", 0.66), ("second", "rest"), follows_need=follows(1.0)),
        "second": decision(("light", 0.2), ("heavy", "rest"), follows_need=follows(1.0)),
        "light": OUT,
        "heavy": OUT,
        "out": OUT,
    }
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages), demand).pathway
    people = toys.maker(demand, A_YEAR).make(8, 0)
    trace = live(pathway, people)
    left = trace.of(Event.OUTCOME)
    at = dict(zip(left.person.tolist(), left.stage.tolist(), strict=True))
    ranks = {
        name: [r for p, r in zip(people.person.tolist(), people.rank, strict=True) if at[p] == pathway.index(name)]
        for name in ("out", "light", "heavy")
    }
    assert max(ranks["out"]) < 0.66 <= min(ranks["light"])
    assert max(ranks["light"]) < 0.66 + 0.34 * 0.2 <= min(ranks["heavy"])


def test_ranks_are_taken_among_people_of_the_same_type(toys):
    """A group whose light people are sent on too is judged on its own scale: its shares hold as well."""
    by = {"by": ["client_group"], "values": {"a": 0.9, "b": 0.2}}
    stages = {
        "come": arrival("first"),
        "first": decision(("out", by), ("second", "rest"), follows_need=follows(1.0)),
        "second": decision(("light", 0.5), ("heavy", "rest"), follows_need=follows(1.0)),
        "light": OUT,
        "heavy": OUT,
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 40_000.0}, groups={"a": 0.5, "b": "rest"})
    pathway = toys.compiled(toys.model(stages), demand).pathway
    people = toys.maker(demand, A_YEAR).make(8, 0)
    branch = chosen(live(pathway, people), pathway, "second")
    group = dict(zip(people.person.tolist(), people.codes["client_group"].tolist(), strict=True))
    for g in (0, 1):
        taken = [b for p, b in branch.items() if group[p] == g]
        assert abs(sum(taken) - len(taken) / 2) < 4 * math.sqrt(len(taken) / 4)


def test_people_whose_type_changes_are_ranked_among_those_they_join(toys):
    """Half of the people lose their carer on the way; at the next decision both halves are one type."""
    stages = {
        "come": arrival("carer"),
        "carer": decision(("first", {"informal_support": "true"}), ("second", "rest")),
        "first": decision(("out", 0.8), ("loses", "rest"), follows_need=follows(1.0)),
        "loses": {"kind": "set", "attribute": "informal_support", "value": "false", "to": "second"},
        "second": decision(("light", 0.5), ("heavy", "rest"), follows_need=follows(1.0)),
        "light": OUT,
        "heavy": OUT,
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 40_000.0})
    compiled = toys.compiled(toys.model(stages), demand)
    pathway = compiled.pathway
    people = toys.maker(demand, A_YEAR).make(8, 0)
    branch = list(chosen(live(pathway, people), pathway, "second").values())
    assert abs(sum(branch) - len(branch) / 2) < 4 * math.sqrt(len(branch) / 4)
    row = pathway.decision[pathway.index("second")]
    light, heavy = compiled.expected.branch.sum(axis=0)[row][:2]
    assert light == pytest.approx(heavy, rel=1e-9)


# ---- the baseline's scale, in a comparison ----


def pair(toys, baseline, model, transfer=1.0, demand=None, teams=None, **more):
    demand = demand or toys.demand()
    first = toys.model(baseline, name="now", teams=teams)
    second = toys.model(model, name="then", teams=teams)
    return compile_pair(
        first,
        second,
        demand,
        more.pop("prices", None),
        toys.values(first, second, demand),
        transfer,
        more.pop("keeps", {}),
        **more,
    )


def kinds(first: dict, care: dict):
    return {"come": arrival("first"), "first": first, "care": care, "light": OUT, "heavy": OUT, "out": OUT}


CARE = decision(("light", 0.5), ("heavy", "rest"), follows_need=follows(1.0, "baseline"))


def test_on_the_baselines_scale_a_stricter_door_avoids_the_lighter_care_first(toys):
    """Baseline lets ranks above 0.6 through and gives the upper half (0.8 and above) heavy care. A door that lets only
    those above 0.7 through still gives heavy care to 0.8 and above: 1/3 light and 2/3 heavy, not half and half."""
    now = kinds(decision(("out", 0.6), ("care", "rest"), follows_need=follows(1.0)), CARE)
    then = kinds(decision(("out", 0.7), ("care", "rest"), follows_need=follows(1.0)), CARE)
    compiled = pair(toys, now, then)
    pathway = compiled.pathway
    row = pathway.decision[pathway.index("then.care")]
    light, heavy = compiled.expected.branch.sum(axis=0)[row][:2]
    assert light / (light + heavy) == pytest.approx(1 / 3)
    people = toys.crowd(toys.demand(), [0] * 1000, rank=[(i + 0.5) / 1000 for i in range(1000)])
    branch = chosen(live(pathway, people), pathway, "then.care")
    assert sorted(branch) == list(range(701, 1001))
    assert all(taken == (person > 800) for person, taken in branch.items())


def test_in_its_own_run_the_baselines_scale_is_the_models_own(toys):
    model = toys.model(kinds(decision(("out", 0.7), ("care", "rest"), follows_need=follows(1.0)), CARE))
    compiled = toys.compiled(model, toys.demand())
    row = compiled.pathway.decision[compiled.pathway.index("care")]
    light, heavy = compiled.expected.branch.sum(axis=0)[row][:2]
    assert light == pytest.approx(heavy)


def test_people_heavier_than_any_in_the_baseline_take_the_most_intensive_branch(toys):
    """The baseline sends the heaviest elsewhere, so its scale is full below rank 1; the model sends them here."""
    now = kinds(decision(("care", 0.6), ("out", "rest"), follows_need=follows(1.0)), CARE)
    then = kinds(decision(("care", 1.0), ("out", "rest"), follows_need=follows(1.0)), CARE)
    compiled = pair(toys, now, then)
    pathway = compiled.pathway
    people = toys.crowd(toys.demand(), [0] * 10, rank=[(i + 0.5) / 10 for i in range(10)])
    branch = chosen(live(pathway, people), pathway, "then.care")
    assert [branch[p] for p in range(1, 11)] == [0] * 3 + [1] * 7
    row = pathway.decision[pathway.index("then.care")]
    light, heavy = compiled.expected.branch.sum(axis=0)[row][:2]
    assert light / (light + heavy) == pytest.approx(0.3)


def test_the_baselines_scale_holds_in_every_month_when_only_the_model_changes_by_month(toys):
    now = kinds(decision(("out", 0.6), ("care", "rest"), follows_need=follows(1.0)), CARE)
    by_month = {"by": ["month"], "values": {str(m): 0.6 if m != 6 else 0.7 for m in range(1, 13)}}
    then = kinds(decision(("out", by_month), ("care", "rest"), follows_need=follows(1.0)), CARE)
    pathway = pair(toys, now, then).pathway
    ranks = [(i + 0.5) / 100 for i in range(100)]
    for month in (0, 1, 2, 7, 11):  # of a year from April
        start = int(A_YEAR.month_starts[month])
        people = toys.crowd(toys.demand(), [start + HOUR] * 100, rank=ranks)
        branch = chosen(live(pathway, people), pathway, "then.care")
        assert sum(branch.values()) == 20, f"month {month}: the same 20 heaviest get heavy care"


def test_a_type_unknown_to_the_baselines_decision_is_ranked_among_its_own(toys):
    """Nobody who can travel reaches care today; in the model some do, and their shares hold."""
    gate = decision(("out", {"can_travel": "true"}), ("care", "rest"))
    now = kinds(gate, CARE)
    then = kinds(decision(("out", 0.6), ("care", "rest"), follows_need=follows(1.0)), CARE)
    compiled = pair(toys, now, then)
    row = compiled.pathway.decision[compiled.pathway.index("then.care")]
    travel = [i for i, person in enumerate(compiled.pathway.types.each()) if person["can_travel"] == "true"]
    light, heavy = compiled.expected.branch[travel].sum(axis=0)[row][:2]
    assert light == pytest.approx(heavy)


# ---- who moves (evidence/reconciliation: the two traps) ----


def moves(toys, weight, draws):
    """Of 100 contacts, how many lose and how many gain a package between Barnet's and Shropshire's published shares."""

    def door(share, draw):
        return {
            "come": arrival("door"),
            "door": {
                **decision(("out", 1 - share), ("funded", "rest"), draw=draw, follows_need=follows(weight)),
                "counts_as": None,
            },
            "funded": OUT,
            "out": OUT,
        }

    demand = toys.demand(sources={"community": 30_000.0})
    people = toys.maker(demand, A_YEAR).make(8, 0)
    got = []
    for name, share in (("barnet", 1982 / 10026), ("shropshire", 0.05 + 0.2 * 0.12)):
        pathway = toys.compiled(toys.model(door(share, draws(name)), name=name), demand).pathway
        got.append(chosen(live(pathway, people), pathway, "door"))
    before, after = got
    n = len(before)
    lose = 100 * sum(before[p] > after[p] for p in before) / n
    gain = 100 * sum(before[p] < after[p] for p in before) / n
    return lose, gain


@pytest.mark.parametrize(
    ("weight", "draws", "lose", "gain"),
    [
        (1.0, lambda name: name, 12.4, 0.0),  # one need rank
        (0.0, lambda name: "door", 12.4, 0.0),  # chance, but the same chance
        (0.0, lambda name: name, 18.3, 5.9),  # independent chance
    ],
)
def test_who_moves_hangs_on_how_luck_carries_over_and_the_net_does_not(toys, weight, draws, lose, gain):
    got_lose, got_gain = moves(toys, weight, draws)
    error = 4 * 100 * math.sqrt(0.2 * 0.8 / 30_000)
    assert got_lose == pytest.approx(lose, abs=error)
    assert got_gain == pytest.approx(gain, abs=error)
    assert got_lose - got_gain == pytest.approx(12.4, abs=error)


def test_a_monthly_probability_with_need_holds_in_its_month(toys):
    by_month = {"by": ["month"], "values": {str(m): 0.2 if m == 4 else 0.8 for m in range(1, 13)}}
    stages = {
        "come": arrival("d"),
        "d": decision(("a", by_month), ("b", "rest"), follows_need=follows(1.0)),
        "a": OUT,
        "b": OUT,
    }
    pathway = toys.compiled(toys.model(stages), toys.demand()).pathway
    calendar = Calendar(date(2014, 4, 1), 2)
    may = int(calendar.month_starts[1])
    people = toys.crowd(toys.demand(), [may - 1] * 10 + [may] * 10, rank=[(i + 0.5) / 10 for i in range(10)] * 2)
    branch = chosen(live(pathway, people, calendar), pathway, "d")
    assert [sum(1 - branch[p] for p in range(1, 11)), sum(1 - branch[p] for p in range(11, 21))] == [2, 8]
