"""Counts and days from a trace, checked against a trace counted by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from conftest import DAY, HOUR, OUT, arrival, constant, decision, live, package, service

from agents.codes import Event
from simulation.calendar import Calendar
from simulation.population import Finder
from simulation.spells import care_of
from simulation.tally import LATENT, MEASURES, axes, counted, tally, waits
from simulation.trace import COLUMNS, Trace

TWO_YEARS = Calendar(date(2016, 1, 1), 18)  # 2015/16 (three months), 2016/17, 2017/18 (three months); a leap February
GROUPS = ("older", "other")
APRIL = TWO_YEARS.tick(date(2016, 4, 1))


@pytest.fixture
def care(toys):
    """Contact, desk, funded or not; two kinds of care in a row for some; prices for one group alone."""
    stages = {
        "come": arrival("desk"),
        "ward": arrival("home", "hospital"),
        "desk": service("door", 1.0),
        "door": {
            "kind": "decision",
            "branches": [
                {"name": "no", "to": "out", "when": {"means": "above_limit"}, "counts_as": "no_council_funding"},
                {"name": "yes", "to": "home", "probability": "rest", "counts_as": "full_assessment"},
            ],
        },
        "home": package("again", "home"),
        "again": decision(("home", {"informal_support": "false"}), ("ended", "rest")),
        "ended": OUT,
        "out": OUT,
    }
    stages["again"] = decision(("homes", {"informal_support": "false"}), ("ended", "rest"))
    stages["homes"] = package("ended", "homes")
    demand = toys.demand(sources={"community": 100.0, "hospital": 50.0}, groups={"older": 0.5, "other": "rest"})
    prices = toys.prices(
        {
            "older": {"home": (100.0, constant(10, "days")), "homes": (700.07, constant(30, "days"))},
            "other": {"home": (None, constant(20, "days")), "homes": (70.0, constant(5, "days"))},
        }
    )
    return toys, toys.compiled(toys.model(stages), demand, prices).pathway, demand


def counts(care, times, calendar=TWO_YEARS, end=None, **codes):
    toys, pathway, demand = care
    people = toys.crowd(demand, times, **codes)
    names = axes(pathway, GROUPS, calendar)
    trace = live(pathway, people, calendar, end=calendar.end if end is None else end)
    return tally(trace, pathway, people, names, calendar), names


def test_a_small_trace_counted_by_hand(care):
    """Three people: one refused, one with ten days at home across the year's end, one with two kinds of care."""
    got, names = counts(
        care,
        [APRIL - 3 * DAY, APRIL - 2 * DAY, APRIL + 25 * DAY],
        means=["above_limit", "below_limit", "below_limit"],
        informal_support=["true", "true", "false"],
        client_group=["older", "older", "older"],
    )
    assert names.years == ("2015/16", "2016/17", "2017/18")
    assert names.care_types == ("home", "homes")
    people = {m: got.people[i] for i, m in enumerate((*MEASURES, *LATENT))}
    assert people["contact"][:, 0, 0].tolist() == [2, 1, 0]
    assert people["no_council_funding"][:, 0, 0].tolist() == [1, 0, 0]
    assert people["full_assessment"][:, 0, 0].tolist() == [1, 1, 0]
    assert people["funded_package"][:, 0, 0].tolist() == [1, 1, 0]
    assert got.starts[:, :, 0, 0].tolist() == [[1, 1, 0], [0, 1, 0]]
    # Home: days 2 before April to 8 after; later 10 days. Homes: 30 days, all in 2016/17.
    assert got.days[:, :, 0].tolist() == [[2, 18, 0], [0, 30, 0]]
    assert got.pence_days[:, :, 0].tolist() == [[20_000, 180_000, 0], [0, 30 * 70_007, 0]]
    assert not got.unpriced_days.any()
    assert got.unfinished.tolist() == [0, 0]
    march, april, may = 2, 3, 4
    assert got.live[0, [march, april, may], 0].tolist() == [1, 1, 0]
    assert got.live[1, [march, april, may, may + 1], 0].tolist() == [0, 0, 1, 0]


def test_a_group_without_a_price_has_packages_and_days_and_no_money(care):
    got, _ = counts(care, [APRIL, APRIL], client_group=["other", "other"], informal_support=["true", "false"])
    assert got.starts[:, 1, 0, 1].tolist() == [2, 1]
    assert got.days[:, 1, 1].tolist() == [40, 5]
    assert got.unpriced_days[:, 1, 1].tolist() == [40, 0]
    assert got.pence_days[:, 1, 1].tolist() == [0, 5 * 7_000]


def test_a_person_who_arrives_is_counted_in_the_year_of_contact_and_care_in_the_year_it_is_given(care):
    got, _ = counts(care, [APRIL - HOUR], informal_support=["false"])
    assert got.people[MEASURES.index("funded_package")][:, 0, 0].tolist() == [1, 0, 0]
    assert got.starts[1, :, 0, 0].tolist() == [1, 0, 0]
    assert got.days[1, :, 0].tolist() == [0, 30, 0]


def test_latent_need_counts_the_eligible_with_and_without_a_package(care):
    got, _ = counts(
        care, [APRIL] * 4, rank=[0.9, 0.9, 0.1, 0.1], means=["above_limit", "below_limit", "above_limit", "below_limit"]
    )
    assert got.people[len(MEASURES) :, 1, 0, 0].tolist() == [2, 1]


def test_a_package_that_outlasts_the_run_counts_to_its_end_and_is_unfinished(care):
    july = TWO_YEARS.end
    got, _ = counts(care, [july - 6 * DAY])
    assert got.days[0, :, 0].tolist() == [0, 0, 6]
    assert got.unfinished.tolist() == [0, 1]
    assert got.live[0, -1, 0] == 1


def test_days_are_counted_to_the_end_of_the_calendar_though_people_are_followed_longer(care):
    short, _ = counts(care, [TWO_YEARS.end - 6 * DAY])
    long, _ = counts(care, [TWO_YEARS.end - 6 * DAY], end=TWO_YEARS.end + 100 * DAY)
    assert np.array_equal(short.days, long.days)
    assert np.array_equal(short.live, long.live)
    assert long.unfinished.tolist() == [0, 0]


def test_a_contact_in_the_last_month_that_is_funded_after_the_end_still_counts(care):
    got, _ = counts(care, [TWO_YEARS.end - 1], end=TWO_YEARS.end + 100 * DAY)
    assert got.people[MEASURES.index("funded_package")][:, 0, 0].tolist() == [0, 0, 1]
    assert got.starts[0, :, 0, 0].tolist() == [0, 0, 1]
    assert not got.days.any()


def test_branches_count_the_contacts_of_the_first_twelve_months(care):
    _, pathway, _ = care
    first_year = TWO_YEARS.first_year
    assert first_year == TWO_YEARS.tick(date(2017, 1, 1))
    got, names = counts(care, [0, first_year - 1, first_year, first_year + DAY], means=["above_limit"] * 4)
    row = names.decisions.index("door")
    assert pathway.stages.index("door") == np.flatnonzero(pathway.decision == row)[0]
    assert got.branch[row].tolist() == [2, 0]


def test_the_same_stage_twice_is_two_packages_of_one_person(toys):
    stages = {
        "come": arrival("home"),
        "home": package("again", "home", stay=constant(3, "days")),
        "again": decision(("home", {"means": "below_limit"}), ("out", "rest")),
        "out": OUT,
        "turn": {"kind": "set", "attribute": "means", "value": "above_limit", "to": "home"},
    }
    stages["again"] = decision(("turn", {"means": "below_limit"}), ("out", "rest"))
    demand, prices = (
        toys.demand(groups={"older": 0.5, "other": "rest"}),
        toys.prices({"older": {"home": (7.0, constant(3, "days"))}}),
    )
    del stages["home"]["stay"]
    pathway = toys.compiled(toys.model(stages), demand, prices).pathway
    people = toys.crowd(demand, [0, 5 * DAY])
    trace = live(pathway, people)
    care, rates = care_of(trace, pathway, Finder(people)(trace.person))
    assert sorted(zip(care.who[rates.care].tolist(), rates.first.tolist(), rates.stop.tolist(), strict=True)) == [
        (0, 0, 3),
        (0, 3, 6),
        (1, 5, 8),
        (1, 8, 11),
    ]
    calendar = Calendar(date(2014, 4, 1), 12)
    got = tally(trace, pathway, people, axes(pathway, GROUPS, calendar), calendar)
    assert got.people[MEASURES.index("funded_package")].sum() == 2
    assert (got.starts.sum(), got.days.sum(), got.pence_days.sum()) == (4, 12, 12 * 700)


def test_whole_days_are_midnights_passed(care):
    """Care from one hour before midnight to one hour after is one day; within one day it is none."""
    toys, pathway, demand = care
    people = toys.crowd(demand, [0])
    start, weekly, end = int(Event.PACKAGE_START), int(Event.WEEKLY), int(Event.PACKAGE_END)
    home = pathway.index("home")
    for first, last, days in ((23 * HOUR, 25 * HOUR, 1), (HOUR, 22 * HOUR, 0), (0, 48 * HOUR, 2), (DAY - 1, DAY, 1)):
        rows = [[first, 1, home, start, 0], [first, 1, home, weekly, 700], [last, 1, home, end, 0]]
        columns = np.array(rows, dtype=np.int64).T
        trace = Trace(*columns, end=TWO_YEARS.end)
        _, found = care_of(trace, pathway, Finder(people)(trace.person))
        assert (found.stop - found.first).tolist() == [days]


def test_days_and_census_are_those_of_a_count_day_by_day(care):
    """A hundred packages at random, some beyond the calendar's end or the run's; every midnight is looked at."""
    toys, pathway, demand = care
    rng = np.random.default_rng(9)
    size, run_end = 100, TWO_YEARS.end + 50 * DAY
    people = toys.crowd(demand, [0] * size, client_group=[GROUPS[i % 2] for i in range(size)])
    begin = rng.integers(0, TWO_YEARS.end // DAY + 40, size) * DAY + rng.integers(0, DAY, size)
    stop = begin + rng.integers(0, 300, size) * DAY + rng.integers(0, DAY, size)
    home = pathway.index("home")
    types = pathway.types.number(people.codes, size)
    rows = [(int(t), i + 1, home, int(Event.PACKAGE_START), int(types[i])) for i, t in enumerate(begin)]
    price = pathway.pence_per_week[home]
    rows += [(int(t), i + 1, home, int(Event.WEEKLY), int(price[types[i]])) for i, t in enumerate(begin)]
    rows += [(int(t), i + 1, home, int(Event.PACKAGE_END), int(types[i])) for i, t in enumerate(stop) if t < run_end]
    order = [int(Event.PACKAGE_START), int(Event.WEEKLY), int(Event.PACKAGE_END)]
    rows = sorted((r for r in rows if r[0] < run_end), key=lambda r: (r[0], r[1], order.index(r[3])))
    columns = np.array(rows, dtype=np.int64).T
    got = tally(Trace(*columns, end=run_end), pathway, people, axes(pathway, GROUPS, TWO_YEARS), TWO_YEARS)

    midnights = np.arange(1, TWO_YEARS.end // DAY + 1) * DAY  # the end of each day of the calendar
    in_care = (begin[:, None] < midnights) & (stop[:, None] >= midnights)
    # A day counts where care began before its end and did not end within it.
    for y, (_, first, last) in enumerate(TWO_YEARS.financial_years()):
        for g in (0, 1):
            assert got.days[0, y, g] == in_care[g::2, first:last].sum()
    for month, tick in enumerate(TWO_YEARS.month_starts[1:]):
        for g in (0, 1):
            assert got.live[0, month, g] == in_care[g::2, tick // DAY - 1].sum()


def test_counts_add_up_over_groups_of_people(care):
    """Two crowds together are counted as each alone, added."""
    toys, pathway, demand = care
    times = [APRIL - 5 * DAY, APRIL, APRIL + DAY, APRIL + 2 * DAY]
    groups = ["older", "other", "older", "other"]
    support = ["true", "false", "false", "true"]
    names = axes(pathway, GROUPS, TWO_YEARS)
    everyone = toys.crowd(demand, times, client_group=groups, informal_support=support)
    keep = everyone.codes["client_group"] == 0

    def count(people):
        return tally(live(pathway, people, TWO_YEARS), pathway, people, names, TWO_YEARS).arrays()

    whole, a, b = count(everyone), count(everyone.subset(keep)), count(everyone.subset(~keep))
    for name, array in whole.items():
        assert np.array_equal(array, a[name] + b[name]), name


def test_a_measure_counts_a_person_once_however_often_they_meet_it(care):
    _, pathway, _ = care
    desk = pathway.index("desk")
    pathway = type(pathway)(
        **{
            **pathway.__dict__,
            "counts_as": tuple("hub_appointment" if s == desk else name for s, name in enumerate(pathway.counts_as)),
        }
    )
    columns = np.array([[0, 1, desk, Event.JOIN, 0], [1, 1, desk, Event.JOIN, 0], [2, 2, desk, Event.JOIN, 0]]).T
    assert counted(Trace(*columns, end=10), pathway, "hub_appointment").tolist() == [1, 2]


def test_waits_pair_each_start_with_its_own_join(care):
    _, pathway, _ = care
    desk, join, start, end = pathway.index("desk"), Event.JOIN, Event.START, Event.END
    rows = [
        (0, 1, join),
        (0, 1, start),
        (2, 2, join),
        (5, 1, end),
        (5, 1, join),
        (5, 2, start),
        (9, 2, end),
        (9, 1, start),
        (9, 3, join),
    ]
    columns = np.array([[t, p, desk, e, 0] for t, p, e in rows], dtype=np.int64).T
    assert sorted(waits(Trace(*columns, end=20), desk).tolist()) == [0, 3, 4]


def test_a_trace_reads_as_a_table_and_knows_its_equal(care):
    toys, pathway, demand = care
    trace = live(pathway, toys.crowd(demand, [0]), TWO_YEARS)
    frame = trace.frame(pathway)
    assert frame.event.tolist()[:4] == ["contact", "join", "start", "end"]
    assert frame.stage.tolist()[0] == "come"
    assert trace.same_as(Trace(*(getattr(trace, c).copy() for c in COLUMNS), end=trace.end))
    assert not trace.same_as(Trace(*(getattr(trace, c)[:-1] for c in COLUMNS), end=trace.end))
    assert not trace.same_as(Trace(*(getattr(trace, c) for c in COLUMNS), end=trace.end + 1))


def test_nobody_makes_an_empty_tally(care):
    toys, pathway, demand = care
    people = toys.crowd(demand, [])
    names = axes(pathway, GROUPS, TWO_YEARS)
    got = tally(live(pathway, people, TWO_YEARS), pathway, people, names, TWO_YEARS)
    assert not any(array.any() for array in got.arrays().values())


def test_a_priced_stay_costs_money_and_is_no_package(toys):
    """Ten days of enablement at £70 a week are £100; nobody has had a package."""
    stages = {
        "come": arrival("enabled"),
        "enabled": {"kind": "places", "places": "unlimited", "stay": constant(10, "days"), "care_type": "home",
                    "to": "out"},
        "out": OUT,
    }  # fmt: skip
    demand = toys.demand(groups={"older": 0.5, "other": "rest"})
    prices = toys.prices({group: {"home": (70.0, constant(10, "days"))} for group in ("older", "other")})
    pathway = toys.compiled(toys.model(stages), demand, prices).pathway
    people = toys.crowd(demand, [0, 5 * DAY])
    calendar = Calendar(date(2014, 4, 1), 12)
    got = tally(live(pathway, people), pathway, people, axes(pathway, GROUPS, calendar), calendar)
    assert (got.days.sum(), got.pence_days.sum() / 700) == (20, 200)
    assert not got.starts.any() and not got.start_pence.any() and not got.live.any()
    assert not got.people[MEASURES.index("funded_package")].any()
    assert got.unfinished.tolist() == [0, 0]


def test_care_that_ran_before_the_start_costs_money_and_is_nobodys_contact(toys):
    stages = {"come": arrival("home"), "home": package("out", "home"), "out": OUT}
    demand = toys.demand(groups={"older": 0.5, "other": "rest"}, held={"older": {"home": 3}})
    prices = toys.prices({group: {"home": (70.0, constant(400, "days"))} for group in ("older", "other")})
    model = toys.model(stages)
    pathway = toys.compiled(model, demand, prices).pathway
    calendar = Calendar(date(2014, 4, 1), 12)
    everybody = toys.maker(demand, calendar).make(1, 0)
    people = everybody.subset(everybody.held >= 0)
    got = tally(live(pathway, people), pathway, people, axes(pathway, GROUPS, calendar), calendar)
    assert got.days.sum() > 0 and not got.people.any() and not got.starts.any() and not got.branch.any()
    assert got.live[:, 0].sum() <= 3
