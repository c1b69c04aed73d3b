"""Care held at the start: a service at rest from the first millisecond on; and the stock of care in theory (M/G/∞)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import A_YEAR, DAY, OUT, arrival, constant, decision, exponential, live, package, rows_of, service, story
from kinds import REVIEWED, change, fork, hazard, in_care, left_in, made, outcome, priced, replay, still_there
from scipy import stats

from agents.codes import Event
from simulation.admission import coming
from simulation.errors import ConfigError
from simulation.stays import Stays

LOGNORMAL = {"distribution": "lognormal", "mean": 40.0, "sigma": 1.0, "unit": "days"}


def care(stay=None, **more):
    return {"come": arrival("care"), "care": package("out", stay=stay or constant(10, "days"), **more), "out": OUT}


def held(toys, stages, number, *, a_year=0.0, kind="care", **more):
    """Demand, compiled pathway: so many in care at the start, and so many contacts a year."""
    demand = toys.demand(sources={"community": a_year}, held={"older_people": {kind: number}})
    return demand, toys.compiled(toys.model(stages, **more.pop("model", {})), demand, more.pop("prices", None))


def test_people_in_care_come_first_and_their_care_ends_by_itself(toys):
    demand, compiled = held(toys, care(), 3.0)
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(compiled.pathway, people)
    replay(trace, compiled.pathway)
    rows = story(trace, compiled.pathway)
    assert [e for *_, e, _ in rows[:6]] == ["held", "weekly"] * 3
    assert {t for t, *_ in rows[:6]} == {0.0}
    assert [p for _, p, *_ in rows[:6:2]] == sorted(people.person.tolist())
    ends = [t for t, _, _, e, _ in rows if e == "package_end"]
    assert len(ends) == 3 and all(0 < t < 240 for t in ends)
    assert [e for *_, e, _ in rows[6:]] == ["package_end", "outcome"] * 3


def test_what_is_left_of_constant_care_is_spread_evenly(toys):
    demand, compiled = held(toys, care(), 4000.0)
    trace = live(compiled.pathway, toys.maker(demand, A_YEAR).make(1, 0))
    left = trace.of(Event.PACKAGE_END).time / (10 * DAY)
    assert stats.kstest(left, "uniform").pvalue > 1e-4


def test_what_is_left_of_any_care_is_its_equilibrium_law(toys):
    """P(left > x) is the integral of P(stay > y) over y from x, divided by the mean stay."""
    demand, compiled = held(toys, care(LOGNORMAL), 4000.0)
    trace = live(compiled.pathway, toys.maker(demand, A_YEAR).make(1, 0), end=5000 * DAY)
    left = trace.of(Event.PACKAGE_END).time / DAY
    law = stats.lognorm(1.0, scale=40 * math.exp(-0.5))
    grid = np.linspace(0, 5000, 200_001)
    done = np.concatenate([[0.0], np.cumsum((law.sf(grid)[1:] + law.sf(grid)[:-1]) / 2 * np.diff(grid))]) / 40
    assert stats.kstest(left, lambda x: np.interp(x, grid, done)).pvalue > 1e-4


def test_care_without_a_known_length_goes_on(toys):
    stages = {"come": arrival("care"), "care": package("out"), "out": OUT}
    demand, compiled = held(toys, stages, 5.0)
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(compiled.pathway, people)
    assert set(trace.event.tolist()) == {int(Event.HELD), int(Event.WEEKLY)}
    assert left_in(compiled.pathway, people, 500 * DAY) == set(people.person.tolist())


def test_whose_care_ends_goes_on_along_the_pathway_and_comes_back_by_the_door_of_their_source(toys):
    stages = {
        "come": arrival("desk"),
        "desk": service("way", 1.0),
        "care": package("ended", stay=constant(10, "days")),
        "way": decision(("gone", 0.5), ("care", "rest")),
        "ended": outcome("care_ended", 0.5, 5.0),
        "gone": OUT,
    }
    demand, compiled = held(toys, stages, 40.0)
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(compiled.pathway, people)
    replay(trace, compiled.pathway)
    again = trace.of(Event.CONTACT_AGAIN)
    assert set(again.stage.tolist()) == {compiled.pathway.index("come")}
    assert len(set(again.person.tolist())) > 10
    first = {p: t for t, p, _, e, _ in reversed(rows_of(trace)) if e == Event.PACKAGE_END}
    seen = {p: t for t, p, _, e, _ in reversed(rows_of(trace)) if e == Event.CONTACT_AGAIN}
    assert all(t == first[p] + 5 * DAY for p, t in seen.items())


def test_care_held_beside_leads_nowhere_and_the_person_leaves_when_it_ends(toys):
    demand, compiled = held(toys, care(goes_on=True), 6.0)
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(compiled.pathway, people)
    replay(trace, compiled.pathway)
    assert trace.of(Event.OUTCOME).rows == 0
    assert trace.of(Event.PACKAGE_END).rows == 6
    half = 5 * DAY
    assert left_in(compiled.pathway, people, half) == still_there(
        replay(live(compiled.pathway, people, end=half), compiled.pathway)
    )
    assert left_in(compiled.pathway, people, 11 * DAY) == set()


def test_the_first_review_is_due_an_interval_after_the_last_one_before_the_start(toys):
    """Care of 40 days, reviews every 10: whose care has run for 23 days is due in 7. What is left tells the age."""
    stages = care(constant(40, "days")) | {
        "due": fork("care", "visit", 10),
        "visit": service("done", 0.0, team="visitors"),
        "done": REVIEWED,
    }
    demand, compiled = held(toys, stages, 200.0)
    trace = live(compiled.pathway, toys.maker(demand, A_YEAR).make(1, 0))
    replay(trace, compiled.pathway)
    for person in np.unique(trace.person).tolist():
        own = trace.where(trace.person == person)
        age = 40 * DAY - int(own.of(Event.PACKAGE_END).time[0])
        due = own.of(Event.REVIEW).time
        expected = [
            tick for tick in (10 * DAY - age % (10 * DAY) + k * 10 * DAY for k in range(4)) if tick < 40 * DAY - age
        ]
        assert due.tolist() == expected


def reviewed(stay, forks):
    """Care with deaths and several kinds of review, each of which may end it; reviews take no time."""
    stages = care(stay) | {"death": hazard(["care"], "died", 0.5), "died": outcome("died"), "done": REVIEWED}
    for name, (every, ends) in forks.items():
        stages |= {
            f"due_{name}": fork("care", f"says_{name}", every),
            f"says_{name}": decision((f"stop_{name}", ends), ("done", "rest")),
            f"stop_{name}": change("care", "out", value="ends"),
        }
    return stages


CASES = {
    "constant reviews": ({"yearly": (60.0, 0.3)}, exponential(150, "days")),
    "memoryless reviews": ({"sudden": (exponential(70, "days"), 0.3)}, exponential(150, "days")),
    "both, and a heavy-tailed stay": (
        {"yearly": (90.0, 0.2), "sudden": (exponential(100, "days"), 0.2)},
        {"distribution": "lognormal", "mean": 120.0, "sigma": 1.0, "unit": "days"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_service_at_rest_stays_at_rest_from_the_first_day(toys, case):
    """Stock, reviews and deaths are the same on average in every stretch of the year."""
    forks, stay = CASES[case]
    rate = 3.0
    stages = reviewed(stay, forks)
    first = toys.compiled(toys.model(stages), toys.demand())
    whole = Stays(first.pathway, first.laws).of(first.pathway.index("care"), 0)
    stock = round(rate * whole.mean / DAY)
    rate = stock / (whole.mean / DAY)  # so that the stock is a whole number
    demand, compiled = held(toys, stages, float(stock), a_year=rate * 365)
    pathway = compiled.pathway
    bounds = np.array([0, 20, 60, 180, 360]) * DAY
    counts: dict[str, list[np.ndarray]] = {"stock": [], "due": [], "died": []}
    for replication in range(20):
        trace = live(pathway, toys.maker(demand, A_YEAR).make(4, replication), end=365 * DAY, replication=replication)
        begun = np.sort(trace.time[np.isin(trace.event, (Event.HELD, Event.PACKAGE_START))])
        ended = np.sort(trace.of(Event.PACKAGE_END).time)
        counts["stock"].append(np.searchsorted(begun, bounds[1:]) - np.searchsorted(ended, bounds[1:]))
        counts["due"].append(np.histogram(trace.of(Event.REVIEW).time, bounds)[0])
        counts["died"].append(np.histogram(trace.of(Event.HAZARD).time, bounds)[0])
    days = np.diff(bounds) / DAY
    want = {
        "stock": np.full(4, stock),
        "due": rate * sum(whole.reviews.values()) * days,
        "died": rate * sum(whole.hazards.values()) * days,
    }
    for name, expected in want.items():
        got = np.array(counts[name])
        z = (got.mean(axis=0) - expected) / (got.std(axis=0, ddof=1) / math.sqrt(len(got)))
        assert np.all(np.abs(z) < 4), (name, got.mean(axis=0), expected)


@pytest.mark.parametrize(
    "stay", [LOGNORMAL, constant(40, "days"), exponential(40, "days")], ids=["heavy", "constant", "exponential"]
)
def test_the_stock_of_care_is_poisson_with_mean_rate_times_stay(toys, stay):
    """M/G/∞ from nothing: after long, mean and variance are both λ · E[S], whatever the law of the stay."""
    rate = 2.0
    demand = toys.demand(sources={"community": rate * 365})
    pathway = made(toys, care(stay), demand=demand)
    stocks = []
    for replication in range(50):
        trace = live(pathway, toys.maker(demand, A_YEAR).make(6, replication), end=A_YEAR.end, replication=replication)
        at = np.array([300 * DAY, 364 * DAY])
        begun, ended = np.sort(trace.of(Event.PACKAGE_START).time), np.sort(trace.of(Event.PACKAGE_END).time)
        stocks.extend((np.searchsorted(begun, at) - np.searchsorted(ended, at)).tolist())
    law = stats.lognorm(1.0, scale=40 * math.exp(-0.5))
    lost = law.expect(lambda x: x - 300, lb=300) * rate if stay is LOGNORMAL else 0.0  # stays not yet all there
    mean, n = rate * 40 - lost / 2, len(stocks)
    assert abs(np.mean(stocks) - mean) < 4 * math.sqrt(mean / n) + lost
    assert abs(np.var(stocks, ddof=1) - mean) < 4 * mean * math.sqrt(2 / (n - 1) + 1 / (n * mean)) * 1.2


def test_the_stock_that_starts_held_spreads_as_theory_says(toys):
    """A fixed number N at the start: mean N always, and variance N (1 − p²), p the share of the first still there."""
    rate, mean = 2.0, 40.0
    demand, compiled = held(toys, care(exponential(mean, "days")), rate * mean, a_year=rate * 365)
    stocks = []
    at = np.array([10, 40, 120]) * DAY
    for replication in range(80):
        trace = live(
            compiled.pathway, toys.maker(demand, A_YEAR).make(6, replication), end=125 * DAY, replication=replication
        )
        begun = np.sort(trace.time[np.isin(trace.event, (Event.HELD, Event.PACKAGE_START))])
        ended = np.sort(trace.of(Event.PACKAGE_END).time)
        stocks.append(np.searchsorted(begun, at) - np.searchsorted(ended, at))
    got, n = np.array(stocks), len(stocks)
    variance = rate * mean * (1 - np.exp(-2 * at / DAY / mean))
    assert np.all(np.abs(got.mean(axis=0) - rate * mean) < 4 * np.sqrt(variance / n))
    assert np.all(np.abs(got.var(axis=0, ddof=1) / variance - 1) < 4 * math.sqrt(2 / (n - 1)))


def test_more_people_in_care_or_a_higher_rate_change_nobody_who_was_there(toys):
    lives = []
    for number, a_year in ((40.0, 300.0), (70.0, 600.0)):
        demand, compiled = held(toys, care(LOGNORMAL), number, a_year=a_year)
        trace = live(compiled.pathway, toys.maker(demand, A_YEAR).make(2, 0))
        own: dict[int, list[tuple[int, ...]]] = {}
        for row in rows_of(trace):
            own.setdefault(row[1], []).append(row)
        lives.append(own)
    few, many = lives
    assert len(many) > len(few) + 100
    assert all(many[person] == rows for person, rows in few.items())


def test_held_care_has_its_price_size_and_contribution(toys):
    prices = priced(
        toys,
        {
            "older_people": {
                "care": {
                    "weekly_cost": 100.0,
                    "stay": exponential(100, "days"),
                    "size": {"sigma": 0.5, "follows_need": 0.5},
                    "contribution": {"distribution": "uniform", "low": 0.0, "high": 0.4},
                }
            }
        },
    )
    stages = {"come": arrival("care"), "care": package("out"), "out": OUT}
    demand, compiled = held(toys, stages, 3000.0, a_year=3000.0, prices=prices)
    people = toys.maker(demand, A_YEAR).make(2, 0)
    trace = live(compiled.pathway, people, end=A_YEAR.end)
    weekly, pays = trace.of(Event.WEEKLY), trace.of(Event.PAYS)
    old = set(people.person[people.held >= 0].tolist())
    spread = 10_000 * math.sqrt(math.exp(0.25) - 1)
    for kind in (True, False):
        mine = np.array([(p in old) == kind for p in weekly.person.tolist()])
        values = weekly.value[mine]
        assert abs(values.mean() - 10_000) < 4 * spread / math.sqrt(len(values)) + 1
        share = pays.value[mine] / values
        assert abs(share.mean() - 0.2) < 4 * 0.4 / math.sqrt(12 * len(share)) + 1e-3
        assert share.max() <= 0.4


def test_ranks_of_people_in_care_are_those_of_the_people_who_take_it(toys):
    """Only the heavier half is funded, by need alone: so those in care at the start are among the heavier half."""
    prices = priced(
        toys,
        {
            "older_people": {
                "care": {
                    "weekly_cost": 1.0,
                    "stay": exponential(9, "days"),
                    "size": {"sigma": 0.5, "follows_need": 1.0},
                }
            }
        },
    )
    stages = {
        "come": arrival("way"),
        "way": decision(("out", 0.5), ("care", "rest"), follows_need={"weight": 1.0}),
        "care": package("after"),
        "after": decision(
            ("light", {"by": ["means"], "values": {"below_limit": 0.5, "above_limit": 0.5}}), ("heavy", "rest")
        ),
        "light": OUT,
        "heavy": OUT,
        "out": OUT,
    }
    demand, compiled = held(toys, stages, 500.0, prices=prices)
    people = toys.maker(demand, A_YEAR).make(2, 0)
    ranks = [rank for _, _, _, rank, *_ in coming(people, compiled.pathway, 2, 0)]
    assert stats.kstest(ranks, "uniform", args=(0.5, 0.5)).pvalue > 1e-4


def test_care_that_no_package_of_the_model_is_would_be_lost_and_is_refused(toys):
    with pytest.raises(ConfigError, match=r"held\.older_people\.cafe: no package of toy is of the care type 'cafe'"):
        held(toys, care(), 3.0, kind="cafe")


def test_a_hand_made_crowd_can_be_in_care_too(toys):
    _, compiled = held(toys, care(), 3.0)
    people = in_care(toys.crowd(toys.demand(), [0, 0], ids=[5, 6]), "care")
    trace = live(compiled.pathway, people)
    assert trace.of(Event.HELD).person.tolist() == [5, 6]
