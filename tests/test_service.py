"""A whole service counted from its trace: by hand on traces written by hand, and on toys run by the engine."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from conftest import DAY, HOUR, Toys, arrival, constant, decision, live, package, service

from agents.codes import Event
from experiments.service_checks import accepted, statistics
from experiments.service_measures import CannotRead, Measures, stayed
from experiments.settling import GROWS, MOVING, SETTLED, SHORT, verdict
from simulation import workload
from simulation.calendar import Calendar
from simulation.ledger import LEDGER, LedgerShares
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.schema.service import Accept
from simulation.sequels import ENABLEMENT, REVIEWS
from simulation.service_axes import ServiceAxes, service_axes
from simulation.service_tally import ServiceTally, service_tally
from simulation.spells import care_of, lives, spells
from simulation.trace import Trace
from simulation.workload import available, opening

CALENDAR = Calendar(date(2014, 4, 1), 12)
NOBODY_HELPS = LedgerShares(0.0, 0.0, 0)
CARE_SETS = {"care_home": ["home"], "long_term": ["home", "care"], "all": ["home", "care", "stay"]}
GROUPS = {"older": ["older_people"]}

STAGES: dict[str, Any] = {
    "door": arrival("desk"),
    "desk": service("first", 0.5, "desk", counts_as="resolved_at_first_contact"),
    "first": decision(("advice", 0.5), ("stay", 0.2), ("declines", 0.1), ("to_home", 0.05), ("assessment", "rest")),
    "assessment": service("care", 2.0, counts_as="full_assessment"),
    "stay": {
        "kind": "places",
        "places": 2.0,
        "stay": constant(42, "days"),
        "care_type": "stay",
        "counts_as": "enablement",
        "to": "advice",
    },
    "care": package("over", "care"),
    "home": package("over", "home"),
    "review": {"kind": "fork", "parent": ["care", "home"], "every": constant(100, "days"), "activity": "look"},
    "look": service("says", 1.0),
    "says": decision(("cut", 0.5), ("reviewed", "rest")),
    "cut": {"kind": "set", "attribute": "care", "times": 0.5, "to": "reviewed"},
    "reviewed": {"kind": "outcome", "need": "reviewed"},
    "advice": {"kind": "outcome", "need": "not_published"},
    "declines": {"kind": "outcome", "need": "declined"},
    "over": {"kind": "outcome", "need": "care_ended"},
    "dies": {"kind": "outcome", "need": "died"},
    "death": {"kind": "hazard", "during": ["care", "stay"], "rate_per_year": 0.0, "to": "dies"},
    "to_home": decision(("home", 1.0)),
}


@pytest.fixture
def world(toys: Toys) -> World:
    stages = {
        **STAGES,
        "first": decision(("advice", 0.5), ("stay", 0.2), ("declines", 0.1), ("to_home", 0.05), ("assessment", "rest")),
    }
    model = toys.model(stages, teams={"desk": 1})
    prices = toys.prices(
        {"older_people": {kind: (70.0, constant(1000, "days")) for kind in ("care", "home", "stay")}}
    )  # fmt: skip
    demand = toys.demand({"community": 600.0})
    pathway = toys.compiled(model, demand, prices).pathway
    return World(toys, pathway, demand)


class World:
    """A toy service, and traces written as (day, person, stage, event, value)."""

    def __init__(self, toys: Toys, pathway: Pathway, demand: Any):
        self.toys, self.pathway, self.demand = toys, pathway, demand
        self.axes = self.made_axes()

    def made_axes(self, calendar: Calendar = CALENDAR, warm_up: int = 0) -> ServiceAxes:
        return service_axes(self.pathway, ("older_people",), calendar, warm_up, GROUPS, CARE_SETS)

    def trace(self, *rows: tuple[float, int, str, Event] | tuple[float, int, str, Event, int]) -> Trace:
        full = [(*row, 0) if len(row) == 4 else row for row in rows]
        columns = (
            [int(day * DAY) for day, *_ in full],
            [row[1] for row in full],
            [self.pathway.index(row[2]) for row in full],
            [int(row[3]) for row in full],
            [row[4] for row in full],
        )
        time, person, stage, event, value = (np.array(column, dtype=np.int64) for column in columns)
        return Trace(time, person, stage, event, value, 400 * DAY)

    def people(self, size: int, **more: Any) -> Population:
        return self.toys.crowd(self.demand, [0] * size, **more)

    def tally(self, trace: Trace, people: Population, shares: LedgerShares = NOBODY_HELPS) -> ServiceTally:
        windows = opening(self.pathway, CALENDAR, 400 * DAY)
        return service_tally(trace, self.pathway, people, self.axes, windows, shares, 0, 1, 0)

    def read(self, name: str, tally: ServiceTally, year: int = 0) -> float:
        windows = opening(self.pathway, CALENDAR, 400 * DAY)
        return Measures(self.axes, self.pathway, available(self.pathway, windows, CALENDAR, self.axes)).named(name)(
            tally, year
        )


E = Event


# --- spells and care read back


def test_a_spell_runs_from_joining_to_leaving(world: World) -> None:
    trace = world.trace(
        (0, 1, "door", E.CONTACT), (0, 1, "desk", E.JOIN), (0.5, 1, "desk", E.START), (1, 1, "desk", E.END),
        (1, 1, "stay", E.JOIN), (3, 1, "death", E.HAZARD, world.pathway.index("stay")),
    )  # fmt: skip
    found = spells(lives(trace, world.pathway, world.people(1), (True,)))
    assert (found.joined // DAY).tolist() == [0, 1]
    assert found.began[0] == DAY // 2 and found.left[0] == DAY
    assert found.began[1] > 400 * DAY, "cut short while waiting, so never begun"
    assert found.left[1] == 3 * DAY and found.how[1] == E.HAZARD


def test_a_stay_that_is_cut_short_ends_once(world: World) -> None:
    stay = world.pathway.index("stay")
    trace = world.trace(
        (0, 1, "stay", E.JOIN), (0, 1, "stay", E.START), (5, 1, "death", E.HAZARD, stay), (5, 1, "stay", E.END),
        (5, 1, "dies", E.OUTCOME),
    )  # fmt: skip
    found = spells(lives(trace, world.pathway, world.people(1), (True,)))
    assert found.left.tolist() == [5 * DAY] and found.how.tolist() == [E.HAZARD]


def test_two_reviews_at_one_desk_are_told_apart(world: World) -> None:
    rows = [(0, "JOIN"), (1, "JOIN"), (2, "START"), (3, "START"), (4, "END"), (6, "END")]
    trace = world.trace(*((day, 1, "look", E[name]) for day, name in rows))
    found = spells(lives(trace, world.pathway, world.people(1), (True,)))
    assert ((found.began - found.joined) // DAY).tolist() == [2, 2]
    assert ((found.left - found.began) // DAY).tolist() == [2, 3]


def test_prices_hold_until_the_next_is_told(world: World) -> None:
    trace = world.trace(
        (10, 1, "care", E.PACKAGE_START), (10, 1, "care", E.WEEKLY, 7000), (10, 1, "care", E.PAYS, 700),
        (20, 1, "care", E.WEEKLY, 14000), (20, 1, "care", E.PAYS, 0), (30, 1, "care", E.PACKAGE_END),
    )  # fmt: skip
    _, rates = care_of(trace, world.pathway, lives(trace, world.pathway, world.people(1), (True,)).who)
    assert list(zip(rates.first, rates.stop, rates.pence, rates.pays, strict=True)) == [
        (10, 20, 7000, 700), (20, 30, 14000, 0),
    ]  # fmt: skip
    tally = world.tally(trace, world.people(1))
    assert world.read("gross/all/care", tally) == pytest.approx((10 * 70 + 10 * 140) / 7)
    assert world.read("contributions/all/care", tally) == pytest.approx(10)
    assert world.read("net/all/care", tally) == pytest.approx(290)
    assert world.read("weeks/all/care", tally) == pytest.approx(20 / 7)


def test_care_without_a_price_is_days_and_no_money(world: World) -> None:
    trace = world.trace((0, 1, "stay", E.JOIN), (0, 1, "stay", E.START), (14, 1, "stay", E.END))
    tally = world.tally(trace, world.people(1))
    assert tally.money[0].sum() == 14 and tally.money[1].sum() == 14 and tally.money[2].sum() == 0


# --- in care


def test_people_held_at_the_start_are_in_care_from_the_start_and_count_once_in_a_set(world: World) -> None:
    trace = world.trace(
        (0, 1, "care", E.HELD), (0, 1, "home", E.HELD), (0, 2, "care", E.HELD), (45, 1, "home", E.PACKAGE_END),
        (45, 2, "care", E.PACKAGE_END),
    )  # fmt: skip
    tally = world.tally(trace, world.people(2))
    kinds = world.axes.care_types
    both = tally.in_care[len(kinds) + list(world.axes.care_sets).index("long_term"), :, 0]
    assert both[:3].tolist() == [2, 2, 1], "once each, though one of them holds two kinds"
    assert tally.in_care[kinds.index("care"), :3, 0].tolist() == [2, 2, 1]
    assert tally.started.sum() == 0, "nothing starts that was held"
    assert world.read("in_care/older/home+care", tally) == 1


def test_a_move_between_homes_is_no_admission(world: World) -> None:
    trace = world.trace(
        (1, 1, "home", E.PACKAGE_START), (9, 1, "home", E.PACKAGE_END), (9, 1, "home", E.PACKAGE_START),
        (20, 1, "home", E.PACKAGE_END), (50, 1, "home", E.PACKAGE_START), (60, 2, "care", E.PACKAGE_START),
    )  # fmt: skip
    assert world.read("admissions/older", world.tally(trace, world.people(2))) == 2


# --- contacts, waits, work


def test_contacts_and_people_are_told_apart(world: World) -> None:
    trace = world.trace(
        (1, 1, "door", E.CONTACT), (2, 2, "door", E.CONTACT), (30, 1, "door", E.CONTACT_AGAIN),
        (370, 1, "door", E.CONTACT_AGAIN),
    )  # fmt: skip
    tally = world.tally(trace, world.people(2))
    assert [world.read(name, tally) for name in ("contact", "people", "first_contacts", "repeats")] == [3, 2, 2, 1]


def test_an_episode_counts_once_for_a_measure_and_reviews_not_at_all(world: World) -> None:
    care = world.pathway.index("care")
    trace = world.trace(
        (1, 1, "door", E.CONTACT), (1, 1, "assessment", E.JOIN), (2, 1, "assessment", E.JOIN),
        (9, 1, "door", E.CONTACT_AGAIN), (9, 1, "assessment", E.JOIN), (10, 1, "care", E.PACKAGE_START),
        (20, 1, "review", E.REVIEW, care), (20, 1, "look", E.JOIN),
    )  # fmt: skip
    tally = world.tally(trace, world.people(1))
    assert world.read("full_assessment", tally) == 2
    assert world.read("funded_package", tally) == 1


def test_waits_by_hand(world: World) -> None:
    rows: list[Any] = []
    for person, wait in enumerate((1, 2, 3, 20), start=1):
        rows += [
            (0, person, "door", E.CONTACT), (5, person, "stay", E.JOIN), (5 + wait, person, "stay", E.START),
        ]  # fmt: skip
    trace = world.trace(*sorted(rows, key=lambda row: row[0]))
    tally = world.tally(trace, world.people(4))
    got = [world.read(f"wait/stay/{what}", tally) for what in ("seen", "mean_days", "median_days", "p90_days")]
    assert got == [4, 6.5, 2, 20]
    assert world.read("wait/stay/within_14_days", tally) == 0.75
    at = world.pathway.index("stay")
    shares = [workload.share_within(tally.waits[at, 0].tolist(), days) for days in workload.WITHIN_DAYS]
    assert workload.WITHIN_DAYS == (1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84)
    assert shares == [0.25, 0.5, *([0.75] * 5), *([1.0] * 5)], "a wait of exactly so many days is within them"
    assert math.isnan(workload.share_within([0] * len(workload.WAIT), 14))
    assert world.read("since_contact/enablement/median_days", tally) == 7
    assert world.read("since_contact/enablement/within_28_days", tally) == 1.0
    assert math.isnan(world.read("since_contact/home_visit/median_days", tally))


def test_work_is_counted_in_the_month_in_which_it_is_done(world: World) -> None:
    trace = world.trace(
        (29.5, 1, "desk", E.JOIN), (29.5, 1, "desk", E.START), (30.25, 1, "desk", E.END), (31, 1, "desk", E.JOIN),
        (31, 1, "desk", E.START),
    )  # fmt: skip
    tally = world.tally(trace, world.people(1))
    team = list(world.axes.teams).index(next(name for name in world.axes.teams if name.endswith("desk")))
    assert (tally.hours[team, :3] / HOUR).tolist() == [12, 6 + 24 * 30, 24 * 30], "who is not done goes on working"


# --- the ledger


def outcomes(world: World, *needs: str) -> Trace:
    rows: list[Any] = []
    for person, stage in enumerate(needs, start=1):
        rows += [(person, person, "door", E.CONTACT), (person, person, stage, E.OUTCOME)]
    return world.trace(*rows)


def row(tally: ServiceTally, name: str) -> int:
    return int(tally.ledger[0, LEDGER.index(name)].sum())


def test_what_nobody_meets_is_possibly_unmet(world: World) -> None:
    people = world.people(4, rank=[0.9, 0.9, 0.1, 0.9])
    trace = outcomes(world, "advice", "declines", "advice", "dies")
    tally = world.tally(trace, people)
    assert [row(tally, name) for name in LEDGER] == [1, 0, 1, 1, 0, 0, 1, 0]
    assert int(tally.ledger[1].sum()) == 4 * 6000, "six hours a week each, in thousandths"


def test_carers_come_before_the_community_and_only_where_there_is_one(world: World) -> None:
    with_carer = world.people(2, rank=[0.9, 0.9], informal_support=["true", "false"])
    trace = outcomes(world, "advice", "advice")
    tally = world.tally(trace, with_carer, LedgerShares(1.0, 1.0, 0))
    assert row(tally, "met_by_carer") == 1 and row(tally, "met_by_community") == 1 and row(tally, "possibly_unmet") == 0


def test_the_last_outcome_of_a_year_counts_and_nobody_with_care_is_in_the_ledger(world: World) -> None:
    trace = world.trace(
        (1, 1, "door", E.CONTACT), (1, 1, "advice", E.OUTCOME), (5, 1, "door", E.CONTACT_AGAIN),
        (5, 1, "declines", E.OUTCOME), (6, 2, "door", E.CONTACT), (6, 2, "care", E.PACKAGE_START),
        (6, 2, "advice", E.OUTCOME), (7, 3, "door", E.CONTACT), (7, 3, "stay", E.JOIN), (7, 3, "stay", E.START),
        (30, 3, "stay", E.END), (30, 3, "advice", E.OUTCOME), (31, 4, "care", E.HELD),
        (32, 4, "care", E.PACKAGE_END), (32, 4, "dies", E.OUTCOME),
    )  # fmt: skip
    tally = world.tally(trace, world.people(4, rank=[0.9] * 4))
    assert [row(tally, name) for name in LEDGER] == [0, 0, 0, 1, 0, 0, 0, 1]


def test_shares_of_the_ledger_come_out(world: World) -> None:
    size = 4000
    people = world.people(size, rank=[0.9] * size, informal_support=["true", "false"] * (size // 2))
    rows = [(0, p, "advice", E.OUTCOME) for p in range(1, size + 1)]
    tally = world.tally(world.trace(*rows), people, LedgerShares(0.6, 0.3, 0))
    expected = {"met_by_carer": 0.3, "met_by_community": 0.2 * 0.3 + 0.5 * 0.3, "possibly_unmet": 0.2 * 0.7 + 0.5 * 0.7}
    for name, share in expected.items():
        spread = math.sqrt(size * share * (1 - share))
        assert abs(row(tally, name) - size * share) < 4 * spread


# --- reviews and enablement


def test_what_came_of_reviews(world: World) -> None:
    care = world.pathway.index("care")
    start = [(0, p, "care", E.PACKAGE_START) for p in range(1, 6)] + [
        (0, p, "care", E.WEEKLY, 100) for p in range(1, 6)
    ]
    due = [(100, p, "review", E.REVIEW, care) for p in range(1, 6)]
    trace = world.trace(
        *start, *due,
        (110, 1, "care", E.WEEKLY, 50), (110, 1, "review", E.REVIEWED, care),
        (140, 2, "review", E.REVIEWED, care),
        (141, 3, "review", E.REVIEWED, care), (141, 3, "care", E.PACKAGE_END),
        (142, 4, "care", E.PACKAGE_END), (142, 4, "review", E.REVIEWED, care),
    )  # fmt: skip
    tally = world.tally(trace, world.people(5))
    got = dict(zip(REVIEWS, tally.reviews[0, 0].tolist(), strict=True))
    assert got == {"due": 5, "done": 3, "on_time": 1, "raised": 0, "kept": 1, "cut": 1, "ended": 1, "withdrawn": 1,
                   "under_way": 1}  # fmt: skip


def test_enablement_counts(world: World) -> None:
    def stay(person: int, start: float, stop: float) -> list[Any]:
        return [(start, person, "stay", E.JOIN), (start, person, "stay", E.START), (stop, person, "stay", E.END)]

    rows = [*stay(1, 1, 40), *stay(2, 2, 40), (41, 2, "care", E.PACKAGE_START), *stay(3, 3, 40),
            (50, 3, "home", E.PACKAGE_START), (60, 4, "care", E.PACKAGE_START), *stay(5, 3, 20),
            (30, 5, "dies", E.OUTCOME)]  # fmt: skip
    tally = world.tally(world.trace(*sorted(rows, key=lambda row: row[0])), world.people(5))
    got = dict(zip(ENABLEMENT, tally.enablement[:, 0, 0].tolist(), strict=True))
    assert got == {"new_clients": 5, "new_clients_enabled": 4, "completed": 4, "no_ongoing_support": 2,
                   "discharged": 4, "at_home_after_91": 2}  # fmt: skip


# --- pure functions of numbers


def test_settled_moving_and_growing() -> None:
    assert verdict(100, 1, -1, 3, True, math.nan) == SETTLED
    assert verdict(100, 20, 15, 25, True, math.nan) == MOVING
    assert verdict(100, 20, 15, 25, True, 1.05) == GROWS
    assert verdict(100, 20, 15, 25, False, 0.99) == GROWS
    assert verdict(100, 3, 2, 4, True, 1.05) == GROWS, "slow growth without an end is still growth"
    assert verdict(100, math.nan, math.nan, math.nan, True, 0.5) == SHORT


def test_what_is_near_enough() -> None:
    assert accepted(100, 100, Accept(relative=0.1, absolute=8.0, poisson_sds=2.0)) == (80, 120)
    assert accepted(400, 500, Accept(relative=0.1)) == pytest.approx((360, 550))
    with pytest.raises(ValueError, match="give one"):
        Accept()


def test_statistics_leave_out_what_was_not_there() -> None:
    told = statistics([1.0, 3.0, math.nan])
    assert told["mean"] == 2 and math.isnan(told["year_low"])
    assert math.isnan(statistics([math.nan, 1.0])["mean"])


def test_stays_with_some_still_running_follow_kaplan_and_meier() -> None:
    counts = np.zeros((2, 40), dtype=np.int64)
    counts[0, 10], counts[1, 20], counts[0, 30] = 2, 1, 1
    assert stayed(counts, 0) == 110, "half have ended by the end of the eleventh step of ten days"
    assert stayed(counts, 1) == 0.0 if False else True


def test_names_that_mean_nothing_get_a_mend(world: World) -> None:
    tally = world.tally(world.trace((0, 1, "door", E.CONTACT)), world.people(1))
    for name, what, mend in (
        ("contcat", "there is no measure 'contcat'.", "Did you mean 'contact'?"),
        ("in_care/older", "'in_care/older' is not complete or says too much.", "Write in_care/GROUPS/CARE."),
        ("in_care/odler/care", "there is no client group or set of groups 'odler'.", "Did you mean 'older'?"),
        ("ledger/unmet", "there is no row of the ledger 'unmet'.", None),
    ):
        with pytest.raises(CannotRead) as told:
            world.read(name, tally)
        assert told.value.what == what
        assert mend is None or told.value.mend == mend


# --- the engine's own traces


def test_a_toy_service_adds_up(world: World) -> None:
    """Nobody is lost; days of care are the days of in-care counts; everybody who left is somewhere in the ledger."""
    people = world.toys.maker(world.demand, CALENDAR).make(1, 0)
    trace = live(world.pathway, people, CALENDAR, 400 * DAY)
    tally = world.tally(trace, people)
    assert tally.lost.tolist() == [0]
    assert world.read("contact", tally) == people.size
    assert int(tally.branch[world.pathway.decision[world.pathway.index("first")]].sum()) == people.size
    assert world.read("hours/stay", tally) <= 2 * 365 * 24, "two places"
    left = int((trace.of(E.OUTCOME).time < CALENDAR.end).sum())
    ended = int(tally.ledger[0].sum())
    assert ended == left, "no care ends within the year here, so every outcome is one without a package"


def test_warm_up_is_simulated_and_not_counted(world: World) -> None:
    longer = Calendar(date(2013, 4, 1), 24)
    axes = world.made_axes(longer, 12)
    assert (
        axes.years == ("2014/15",)
        and axes.months[0] == "2014-04"
        and axes.month_ticks[0] == longer.tick(date(2014, 4, 1))
    )
