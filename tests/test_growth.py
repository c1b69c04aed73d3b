"""Contacts that grow or fall with the years, by age band × contacts a head."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from simulation.calendar import Calendar
from simulation.errors import ConfigError
from simulation.growth import growth_of
from simulation.people import check_demand
from simulation.population import PopulationMaker

THREE = Calendar(date(2014, 4, 1), 36)


def growing(toys, younger=0.0, older=0.0, rate=0.0, since="2014-04-01", a_year=4000.0, **more):
    growth = {
        "since": date.fromisoformat(since),
        "population_per_year": {"younger": younger, "older": older},
        "contact_rate_per_year": rate,
    }
    return toys.demand(sources={"community": a_year}, growth=growth, **more)


def maker(toys, demand, calendar=THREE, growth=True):
    return PopulationMaker(demand, toys.values(demand), calendar, growth=growth)


def means(made):
    """Mean contacts by month, as the cells say."""
    return [mean for *_, mean in made.cells]


def test_contacts_compound_from_the_date_given_month_by_month(toys):
    """Both bands +3% a year, contacts a head −1%: each month's contacts by hand."""
    demand = growing(toys, 0.03, 0.03, -0.01)
    got, flat = means(maker(toys, demand)), means(maker(toys, demand, growth=False))
    for month, (with_growth, without) in enumerate(zip(got, flat, strict=True)):
        years = (THREE.month(month) - date(2014, 4, 1)).days / 365.25
        assert with_growth / without == pytest.approx((1.03 * 0.99) ** years, rel=1e-12)


def test_a_date_before_the_start_counts_the_years_until_then_and_one_after_it_those_back(toys):
    for since, years in (("2012-04-01", 730 / 365.25), ("2015-04-01", -365 / 365.25)):
        demand = growing(toys, 0.1, 0.1, since=since)
        first = means(maker(toys, demand))[0] / means(maker(toys, demand, growth=False))[0]
        assert first == pytest.approx(1.1**years, rel=1e-12)


def test_bands_that_grow_apart_change_the_number_and_the_mix(toys):
    """Half younger at −5% a year, half older at +8%: the number and the share of older people in each year."""
    demand = growing(toys, -0.05, 0.08, a_year=30_000.0)
    people = maker(toys, demand).make(1, 0)
    month = np.searchsorted(THREE.month_starts, people.time, side="right") - 1
    older = people.codes["age_band"] == 1
    for year in range(3):
        here = month // 12 == year
        want_young = want_old = 0.0
        for m in range(12 * year, 12 * year + 12):
            days = (THREE.month_starts[m + 1] - THREE.month_starts[m]) / 86_400_000
            years = (THREE.month(m) - date(2014, 4, 1)).days / 365.25
            want_young += 0.5 * 30_000 / 365 * days * 0.95**years
            want_old += 0.5 * 30_000 / 365 * days * 1.08**years
        assert abs(np.sum(here & older) - want_old) < 4 * math.sqrt(want_old)
        assert abs(np.sum(here & ~older) - want_young) < 4 * math.sqrt(want_young)


def test_growth_is_used_only_where_it_is_asked_for(toys):
    flat = toys.demand(sources={"community": 4000.0})
    demand = growing(toys, 0.5, 0.5, 0.5)
    a, b = maker(toys, flat).make(1, 0), maker(toys, demand, growth=False).make(1, 0)
    assert np.array_equal(a.person, b.person) and np.array_equal(a.time, b.time)
    assert maker(toys, demand).make(1, 0).size > 1.5 * a.size


def test_more_growth_adds_people_and_renames_nobody(toys):
    """The same in all bands: whoever is there at the lower rate is there at the higher one, alike in everything."""
    few = maker(toys, growing(toys, 0.0, 0.0, 0.02)).make(3, 0)
    many = maker(toys, growing(toys, 0.0, 0.0, 0.10)).make(3, 0)
    place = {p: i for i, p in enumerate(many.person.tolist())}
    assert set(few.person.tolist()) < set(place)
    at = [place[p] for p in few.person.tolist()]
    assert np.array_equal(few.time, many.time[at])
    assert np.array_equal(few.rank, many.rank[at])
    assert all(np.array_equal(codes, many.codes[name][at]) for name, codes in few.codes.items())


def test_a_band_that_grows_draws_people_into_it_and_none_out_of_it(toys):
    flat = maker(toys, growing(toys)).make(3, 0)
    aged = maker(toys, growing(toys, older=0.2)).make(3, 0)
    place = {p: i for i, p in enumerate(aged.person.tolist())}
    at = [place[p] for p in flat.person.tolist()]
    was, now = flat.codes["age_band"], aged.codes["age_band"][at]
    assert np.all(now >= was)
    assert np.any(now > was)


def test_decline_to_almost_nothing_is_possible(toys):
    people = maker(toys, growing(toys, -0.99, -0.99)).make(1, 0)
    month = np.searchsorted(THREE.month_starts, people.time, side="right") - 1
    assert np.sum(month < 12) > 100
    assert np.sum(month >= 24) < 10


def test_growth_at_fault_is_told_together_also_of_the_file_by_itself(toys):
    growth = {
        "since": date(2014, 4, 1),
        "population_per_year": {"younger": -1.0, "elder": 0.02},
        "contact_rate_per_year": -1.5,
    }
    demand = toys.demand(growth=growth)
    with pytest.raises(ConfigError) as error:
        growth_of(demand, toys.values(demand))
    said = [problem.what for problem in error.value.problems]
    assert sorted(said) == [
        "growth.contact_rate_per_year is -1.5: nobody can be fewer than none.",
        "growth.population_per_year.elder: 'elder' is not an age band.",
        "growth.population_per_year.younger is -1: nobody can be fewer than none.",
        "growth.population_per_year: nothing is given for older.",
    ]
    assert {p.what for p in check_demand(demand, toys.values(demand))} == set(said)
    assert all(problem.line > 0 and problem.mend for problem in error.value.problems)


def test_without_any_growth_given_there_is_none(toys):
    demand = toys.demand()
    assert growth_of(demand, toys.values(demand)) is None
