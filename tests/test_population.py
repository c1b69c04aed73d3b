"""Contacts come at the rates asked for, spread evenly over each month, with the attributes asked for."""

from __future__ import annotations

import itertools
import math
from datetime import date

import numpy as np
import pytest
from scipy import stats

from simulation.calendar import MS_PER_DAY, Calendar
from simulation.errors import ConfigError, DemandflowError
from simulation.identity import draw_id
from simulation.people import HOUR_PARTS, SPREADS
from simulation.philox import pair
from simulation.population import Population, PopulationMaker, poisson_quantile
from simulation.population_loops import in_order
from simulation.quantiles import look_up
from simulation.repeats import Repeats

YEAR = Calendar(date(2015, 4, 1), 12)  # has a 29 February
DEMANDS = ("barnet_2014_15", "barnet_whole", "nel_2012", "shropshire_2015")


def columns(people: Population) -> dict[str, np.ndarray]:
    names = ("person", "time", "rank", "hours", "eligible", "held")
    return {name: getattr(people, name) for name in names} | people.codes


def repeating(demand):
    """Three in ten contacts are not the first, and it takes a while until they are there."""
    return Repeats(dict.fromkeys(demand.config.sources, 0.3), np.array([0.0, 60.0, 400.0]), np.array([0.0, 0.6, 1.0]))


@pytest.mark.parametrize("mean", [1e-9, 0.01, 0.5, 1.0, 3.7, 30.0, 366.66, 5_000.0, 250_000.0])
def test_the_poisson_quantile_is_scipys(mean):
    us = [2.0**-53, 1e-12, 1e-6, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1 - 1e-6, 1 - 1e-12]
    us += np.random.default_rng(4).random(300).tolist()
    got = np.array([poisson_quantile(mean, u) for u in us])
    want = stats.poisson(mean).ppf(us)
    assert np.all(np.abs(got - want) <= (1 if mean > 1e5 else 0) * (np.array(us) > 1 - 1e-9))


def test_the_poisson_quantile_at_nought_and_at_the_ends():
    assert poisson_quantile(0.0, 0.999) == 0
    assert poisson_quantile(2.0, 1 - 2.0**-53) < 45
    assert poisson_quantile(1e6, 2.0**-53) > 990_000


def test_the_number_rises_with_the_rate_at_any_luck():
    for u in (0.03, 0.5, 0.97):
        counts = [poisson_quantile(mean, u) for mean in np.linspace(0.1, 60, 300)]
        assert all(a <= b for a, b in itertools.pairwise(counts))


def test_contacts_of_every_month_match_their_rate(toys):
    by_month = {str(m): 1.0 + (m % 3) / 2 for m in range(1, 13)}
    maker = toys.maker(toys.demand(sources={"community": 6000.0}, by_month=by_month), YEAR)
    runs = 60
    counts = np.zeros(12)
    for replication in range(runs):
        times = maker.make(3, replication).time
        counts += np.histogram(times, YEAR.month_starts)[0]
    days = np.diff(YEAR.month_starts) / MS_PER_DAY
    months = [YEAR.month(i).month for i in range(12)]
    means = runs * 6000 / 365 * days * [by_month[str(m)] for m in months]
    z = (counts - means) / np.sqrt(means)
    assert np.max(np.abs(z)) < 4
    assert abs(counts.sum() - means.sum()) < 4 * math.sqrt(means.sum())


def test_yearly_totals_vary_as_poisson_numbers_do(toys):
    maker = toys.maker(toys.demand(sources={"community": 400.0}), YEAR)
    totals = [maker.make(3, r).size for r in range(400)]
    dispersion = np.var(totals, ddof=1) / np.mean(totals)
    assert abs(dispersion - 1) < 4 * math.sqrt(2 / 399)


def test_moments_are_spread_evenly_within_a_month_and_within_a_day(toys):
    maker = toys.maker(toys.demand(sources={"community": 60_000.0}), YEAR)
    people = maker.make(3, 0)
    starts = YEAR.month_starts
    month = np.searchsorted(starts, people.time, side="right") - 1
    along = (people.time - starts[month]) / np.diff(starts)[month]
    assert stats.kstest(along, "uniform").pvalue > 1e-4
    assert stats.kstest((people.time % MS_PER_DAY) / MS_PER_DAY, "uniform").pvalue > 1e-4
    assert people.time.min() >= 0
    assert people.time.max() < YEAR.end


def test_people_come_in_the_order_of_time_and_identity(toys):
    people = toys.maker(toys.demand(sources={"community": 50_000.0, "hospital": 20_000.0}), YEAR).make(3, 0)
    keys = list(zip(people.time.tolist(), people.person.tolist(), strict=True))
    assert keys == sorted(keys)
    assert len(set(people.person.tolist())) == people.size


def test_attributes_have_their_shares_and_are_independent(toys):
    spread = {
        "title": "a",
        "values": ["age_18", "age_65", "age_85"],
        "shares": {"older_people": {"age_65": 0.3, "age_85": "rest"}, "all": {"age_18": "rest"}},
    }
    demand = toys.demand(
        sources={"community": 60_000.0}, groups={"older_people": 0.7, "other": "rest"}, person={"age_band": spread}
    )
    people = toys.maker(demand, YEAR).make(5, 0)
    older = people.codes["client_group"] == 0
    n = people.size

    def close(hits, trials, share):
        return abs(hits - trials * share) < 4 * math.sqrt(trials * share * (1 - share))

    assert close(older.sum(), n, 0.7)
    assert np.all(people.codes["age_band"][~older] == 0)
    assert close((people.codes["age_band"][older] == 1).sum(), older.sum(), 0.3)
    assert not np.any(people.codes["age_band"][older] == 0)
    for name in ("can_travel", "informal_support", "means"):
        code = people.codes[name]
        assert close(code.sum(), n, 0.5)
        assert abs(np.corrcoef(code, people.rank)[0, 1]) < 4.5 / math.sqrt(n)
        assert abs(np.corrcoef(code, older)[0, 1]) < 4.5 / math.sqrt(n)
    assert abs(np.corrcoef(people.codes["means"], people.codes["can_travel"])[0, 1]) < 4.5 / math.sqrt(n)
    assert abs(np.corrcoef(people.rank, people.time)[0, 1]) < 4.5 / math.sqrt(n)


def test_need_ranks_are_even_and_hours_follow_them(toys):
    people = toys.maker(toys.demand(sources={"community": 60_000.0}), YEAR).make(5, 0)
    assert stats.kstest(people.rank, "uniform").pvalue > 1e-4
    order = np.argsort(people.rank)
    assert np.all(np.diff(people.hours[order]) >= 0)
    assert people.hours.mean() == pytest.approx(6.0, abs=4 * 6.0 / math.sqrt(people.size))
    assert np.array_equal(people.eligible, people.rank >= 0.75)


def test_nobody_comes_where_the_rate_is_nought(toys):
    people = toys.maker(toys.demand(sources={"community": 0.0}), YEAR).make(5, 0)
    assert people.size == 0
    assert set(people.codes) == {"source", "client_group", "age_band", "can_travel", "informal_support", "means"}


@pytest.mark.parametrize("repeats", [False, True], ids=["", "repeats"])
@pytest.mark.parametrize("growth", [False, True], ids=["", "growth"])
@pytest.mark.parametrize("name", DEMANDS)
def test_the_people_of_each_month_are_the_people(shipped, name, growth, repeats):
    demand = shipped[f"demand/{name}"]
    calendar = Calendar(date(2014, 4, 1), 15)
    again = repeating(demand) if repeats else None
    maker = PopulationMaker(demand, shipped.values(), calendar, repeats=again, growth=growth)
    for seed in (1, 2, 20_160_401):
        whole = maker.make(seed, 3)
        parts = list(maker.parts(seed, 3))
        starts = calendar.month_starts
        assert [until for _, until in parts] == starts[1:].tolist()
        for (part, until), first in zip(parts, starts[:-1], strict=True):
            assert np.array_equal(np.lexsort((part.person, part.time)), np.arange(part.size))
            assert ((first <= part.time) & (part.time < until)).all()
            assert (part.held[part.time >= starts[1]] == -1).all()
            assert part.held_types == whole.held_types
        one = [columns(part) for part, _ in parts]
        for column, values in columns(whole).items():
            joined = np.concatenate([part[column] for part in one])
            assert joined.dtype == values.dtype
            assert np.array_equal(joined, values), column
    assert whole.size > 3_000


def test_a_month_is_made_when_it_is_asked_for(toys):
    maker = toys.maker(toys.demand(sources={"community": 50_000.0}), YEAR)
    made = []
    several = maker._of_months
    maker._of_months = lambda first, after, *luck: made.append((first, after)) or several(first, after, *luck)
    for asked, _ in enumerate(maker.parts(3, 0)):
        assert made == [(month, month + 1) for month in range(asked + 1)]


def test_people_are_what_their_own_numbers_say(toys):
    """Each person worked out alone from identity and seed, by the scalar functions that the ``simpy`` engine uses."""
    spread = {
        "title": "a",
        "values": ["younger", "older", "oldest"],
        "shares": {"older_people": {"older": 0.3, "oldest": "rest"}, "all": {"younger": 0.9, "oldest": "rest"}},
    }
    demand = toys.demand(
        sources={"community": 600.0, "hospital": 300.0},
        groups={"older_people": 0.7, "other": "rest"},
        person={
            "age_band": spread,
            "means": {"title": "one for all", "values": ["any"], "shares": {"all": {"any": 1.0}}},
            "need": {
                "hours_per_week": {
                    "older_people": {"distribution": "exponential", "mean": 6.0},
                    "all": {"distribution": "uniform", "low": 1.0, "high": 9.0},
                },
                "eligible_share": 0.25,
            },
        },
        held={"other": {"care": 40.0, "home": 7.0}, "older_people": {"care": 20.0}},
    )
    maker = toys.maker(demand, YEAR)
    groups, sources = maker.space["client_group"], maker.space["source"]
    seed, replication = 5, 2

    def luck(person, name, purpose):
        return pair(person, draw_id(name, purpose), 0, 0, seed, replication)[0]

    expected = []
    for _, cell, s, g, first, ticks, mean in maker.cells:
        for k in range(1, poisson_quantile(mean, luck(cell << 32, "contacts", "number")) + 1):
            person = (cell << 32) + k
            time = first + math.floor(luck(person, "contact", "arrival") * ticks)
            expected.append((time, person, s, g, -1))
    for _, cell, g, care, count in maker.held_cells:
        for k in range(1, count + 1):
            person = (cell << 32) + k
            source = int(luck(person, "source", "attribute") >= maker.rates[sources[0]] / sum(maker.rates.values()))
            expected.append((0, person, source, g, care))
    people = maker.make(seed, replication)
    expected.sort()
    assert people.size == len(expected) > 900
    codes = people.codes
    got = (people.time, people.person, codes["source"], codes["client_group"], people.held)
    assert list(zip(*(column.tolist() for column in got), strict=True)) == expected
    tables = {g: maker.hours[begin : begin + len(maker.hours) // 2] for g, begin in enumerate(maker.hours_begin)}
    for i, (_, person, _, g, held) in enumerate(expected):
        for name in SPREADS:
            steps = maker.spreads[name, groups[g]][:-1]
            assert codes[name][i] == np.searchsorted(steps, luck(person, name, "attribute"), side="right")
        rank = luck(person, "need", "attribute")
        assert people.rank[i] == rank
        assert people.hours[i] == look_up(tables[g], rank) / HOUR_PARTS
        assert people.eligible[i] == (rank >= 0.75 or held >= 0)
    assert len(set(codes["age_band"].tolist())) == 3
    assert set(codes["source"][people.held >= 0].tolist()) == {0, 1}


def test_people_at_the_same_tick_come_in_the_order_of_identity():
    """Forty people in three ticks a month, two cells of them there at the start."""
    cells, count = np.array([3, 7, 9, 4, 8]), np.array([10, 10, 20, 5, 35])
    month, ticks = np.array([0, 0, 0, 50, 50]), np.array([3, 0, 3, 3, 3])
    person, time, cell = in_order(cells, month, ticks, count, draw_id("contact", "arrival"), 1, 0)
    keys = list(zip(time.tolist(), person.tolist(), strict=True))
    assert keys == sorted(keys)
    assert np.array_equal(np.bincount(cell), count)
    assert np.array_equal(cells[cell], (person >> np.uint64(32)).astype(np.int64))
    assert set(time.tolist()) == {0, 1, 2, 50, 51, 52}
    assert (time[cell == 1] == 0).all()
    for who in range(5):
        assert sorted((person[cell == who] & np.uint64(0xFFFFFFFF)).tolist()) == list(range(1, count[who] + 1))


def test_a_subset_keeps_each_person_as_they_were(toys):
    people = toys.maker(toys.demand(), YEAR).make(5, 0)
    keep = people.rank > 0.9
    part = people.subset(keep)
    assert part.size == keep.sum()
    assert np.array_equal(part.person, people.person[keep])
    assert np.array_equal(part.codes["means"], people.codes["means"][keep])


@pytest.mark.parametrize(
    "wrong",
    [
        {"sources": {"community": -1.0}},
        {"groups": {"a": 0.6, "b": 0.6}},
        {"groups": {"a": "rest", "b": "rest"}},
        {"sources": {"community": 1e12}},
        {"by_month": {"4": 1.0}},
        {"by_month": {str(m): -1.0 for m in range(1, 13)}},
    ],
)
def test_senseless_demands_are_refused(toys, wrong):
    with pytest.raises((DemandflowError, ConfigError)):
        toys.maker(toys.demand(**wrong), YEAR).make(1, 0)


def test_a_run_starts_on_the_first_of_a_month():
    with pytest.raises(ValueError):
        Calendar(date(2015, 4, 2), 12)


def test_the_calendar_knows_months_leap_days_and_financial_years():
    calendar = Calendar(date(2015, 1, 1), 27)
    assert calendar.month(14) == date(2016, 3, 1)
    assert (calendar.month_starts[14] - calendar.month_starts[13]) // MS_PER_DAY == 29
    years = calendar.financial_years()
    assert [name for name, _, _ in years] == ["2014/15", "2015/16", "2016/17"]
    assert [stop - first for _, first, stop in years] == [90, 366, 365]
    assert years[0][1] == 0
    assert years[-1][2] == calendar.end // MS_PER_DAY
    assert all(a[2] == b[1] for a, b in itertools.pairwise(years))
    assert calendar.day_of(calendar.tick(date(2016, 2, 29)) + 5) == date(2016, 2, 29)
