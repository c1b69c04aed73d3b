"""Appointments: the earliest slot after the lead time, missed ones, booking again, giving up.

The year begins on Tuesday 1 April 2014; hours are counted from then.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import A_YEAR, DAY, HOUR, OUT, arrival, exponential, live, package, rows_of, service
from kinds import YEAR, appointments, change, fork, hazard, lived, made, outcome, replay, with_constant
from scipy import stats

from agents.codes import Event
from agents.diary import Diary
from simulation.calendar import Calendar
from simulation.working_time import DAYS

TUESDAYS = {"hub": {"tuesday": {"09:00": 1.0}}}
WEEK = 7 * 24.0


def hub(**more):
    return {"come": arrival("hub"), "hub": appointments(**more), "out": OUT}


def seen(rows, event="start"):
    return [(t, p) for t, p, _, e, _ in rows if e == event]


def test_a_slot_exactly_at_the_lead_time_is_taken_and_a_millisecond_later_is_too_late(toys):
    pathway = made(toys, hub(slots=TUESDAYS, lead=9.0, length=0.5))
    assert lived(toys, pathway, [0.0]) == [
        (0.0, 1, "hub", "join", 0),
        (0.0, 1, "hub", "booked", 0),
        (9.0, 1, "hub", "start", 0),
        (9.5, 1, "hub", "end", 0),
        (9.5, 1, "out", "outcome", 0),
    ]
    trace = live(pathway, toys.crowd(toys.demand(), [1]))
    assert trace.of(Event.START).time.tolist() == [(9 + WEEK) * HOUR]


def test_a_slot_at_the_very_moment_of_contact_can_be_taken(toys):
    assert seen(lived(toys, made(toys, hub(slots=TUESDAYS)), [9.0])) == [(9.0, 1)]


def test_with_more_bookings_than_slots_everybody_moves_to_a_later_week_in_the_order_of_booking(toys):
    pathway = made(toys, hub(slots=TUESDAYS))
    rows = lived(toys, pathway, [1.0, 1.0, 0.0, 2.0], ids=[8, 3, 9, 1])
    assert seen(rows) == [(9.0, 9), (9.0 + WEEK, 3), (9.0 + 2 * WEEK, 8), (9.0 + 3 * WEEK, 1)]


def test_the_earliest_slot_of_all_sites_is_booked_and_the_first_site_where_they_are_alike(toys):
    slots = {
        "west": {"tuesday": {"09:00": 1.0}, "wednesday": {"08:30": 2.0}},
        "east": {"tuesday": {"9:00": 1.0}, "thursday": {"10:00": 5.0}},
    }
    rows = lived(toys, made(toys, hub(slots=slots)), [0.0] * 5)
    assert seen(rows) == [(9.0, 1), (9.0, 2), (32.5, 3), (32.5, 4), (58.0, 5)]
    assert [v for *_, e, v in rows if e == "booked"] == [0, 1, 1, 1, 0]


@pytest.mark.parametrize(("holidays", "day"), [("closed", 24), ("open", 17)])
def test_a_bank_holiday_has_no_slots_unless_it_is_said(toys, holidays, day):
    """Good Friday was 18 April 2014: day 17."""
    fridays = {"hub": {"friday": {"09:00": 1.0}}}
    pathway = made(toys, hub(slots=fridays, bank_holidays=holidays))
    assert seen(lived(toys, pathway, [12 * 24.0])) == [(day * 24.0 + 9, 1)]


def test_a_run_that_begins_on_another_weekday_has_its_slots_on_the_right_days(toys):
    rows = lived(toys, made(toys, hub(slots=TUESDAYS)), [0.0], calendar=Calendar(A_YEAR.start.replace(month=5), 12))
    assert seen(rows) == [(5 * 24.0 + 9, 1)]  # 1 May 2014 was a Thursday


def test_without_a_rebooking_the_first_appointment_missed_is_the_last(toys):
    pathway = made(toys, hub(did_not_attend=1.0, lead=24.0, gave_up_to="lost") | {"lost": OUT})
    assert lived(toys, pathway, [0.0]) == [
        (0.0, 1, "hub", "join", 0),
        (0.0, 1, "hub", "booked", 0),
        (24.0, 1, "hub", "missed", 1),
        (24.0, 1, "lost", "outcome", 0),
    ]


def test_each_rebooking_has_a_lead_time_of_its_own_and_the_last_one_missed_is_given_up(toys):
    pathway = made(
        toys, hub(did_not_attend=1.0, rebookings=2.0, slots=TUESDAYS, lead=1.0, gave_up_to="lost") | {"lost": OUT}
    )
    assert lived(toys, pathway, [0.0])[1:] == [
        (0.0, 1, "hub", "booked", 0),
        (9.0, 1, "hub", "missed", 1),
        (9.0, 1, "hub", "booked", 0),
        (9.0 + WEEK, 1, "hub", "missed", 2),
        (9.0 + WEEK, 1, "hub", "booked", 0),
        (9.0 + 2 * WEEK, 1, "hub", "missed", 3),
        (9.0 + 2 * WEEK, 1, "lost", "outcome", 0),
    ]


@pytest.mark.parametrize("again", [0, 1, 3])
def test_the_share_that_gives_up_is_the_share_that_misses_to_the_power_of_the_tries(toys, again):
    missed = 0.4
    stages = hub(did_not_attend=missed, rebookings=float(again), gave_up_to="lost") | {"lost": OUT}
    demand = toys.demand(sources={"community": 20_000.0})
    compiled = toys.compiled(toys.model(stages), demand)
    share = missed ** (again + 1)
    reach = compiled.expected.reach.sum(axis=0)
    lost = compiled.pathway.index("lost")
    assert reach[lost] / compiled.expected.contacts.sum() == pytest.approx(share, rel=1e-12)
    people = toys.maker(demand, A_YEAR).make(5, 0)
    trace = live(compiled.pathway, people)
    got = int(np.sum(trace.stage[trace.event == Event.OUTCOME] == lost))
    assert abs(got - people.size * share) < 4 * math.sqrt(people.size * share * (1 - share))


def test_who_misses_may_differ_between_people(toys):
    by = {"by": ["means"], "values": {"below_limit": 1.0, "above_limit": 0.0}}
    pathway = made(toys, hub(did_not_attend=by, gave_up_to="lost") | {"lost": OUT})
    rows = lived(toys, pathway, [0.0, 0.0], means=["below_limit", "above_limit"])
    assert [(p, s) for _, p, s, e, _ in rows if e == "outcome"] == [(1, "lost"), (2, "out")]


def cut_short(toys, after):
    stages = hub(slots=TUESDAYS, gave_up_to="out") | {"fall": hazard(["hub"], "ward", 1.0), "ward": OUT}
    return with_constant(made(toys, stages), "fall", round(after * HOUR))


def test_who_goes_to_hospital_before_the_appointment_leaves_the_slot_empty(toys):
    """Nobody takes the slot: it is known too late that it is free."""
    rows = lived(toys, cut_short(toys, 8.0), [0.0, 1.5])
    assert [row[:4] for row in rows if row[3] not in ("join", "booked")] == [
        (8.0, 1, "fall", "hazard"),
        (8.0, 1, "ward", "outcome"),
        (9.5, 2, "fall", "hazard"),
        (9.5, 2, "ward", "outcome"),
    ]


def test_a_hazard_at_the_moment_of_the_appointment_comes_too_late(toys):
    assert [e for *_, e, _ in lived(toys, cut_short(toys, 9.0), [0.0])] == ["join", "booked", "start", "end", "outcome"]


def test_who_finds_no_slot_before_the_end_waits_to_the_end(toys):
    pathway = made(toys, hub(slots=TUESDAYS))
    assert lived(toys, pathway, [10.0], end=5 * DAY) == [(10.0, 1, "hub", "join", 0)]


def test_a_review_by_appointment_is_withdrawn_when_the_care_ends_first(toys):
    """Due on day 2, booked for the Tuesday after at nine; the care ends on that day at nine, and its end is first."""
    stages = {
        "come": arrival("care"),
        "care": package("out", stay={"distribution": "constant", "value_of": 7 * 24 + 9, "unit": "hours"}),
        "due": fork("care", "hub", 2),
        "hub": appointments("done", TUESDAYS, gave_up_to="done"),
        "done": outcome("reviewed"),
        "out": OUT,
    }
    pathway = made(toys, stages)
    assert [row[:4] for row in lived(toys, pathway, [0.0])[2:]] == [
        (48.0, 1, "due", "review"),
        (48.0, 1, "hub", "join"),
        (48.0, 1, "hub", "booked"),
        (WEEK + 9, 1, "care", "package_end"),
        (WEEK + 9, 1, "hub", "withdrawn"),
        (WEEK + 9, 1, "due", "reviewed"),
        (WEEK + 9, 1, "out", "outcome"),
    ]


def test_a_review_whose_appointments_are_all_missed_goes_where_giving_up_leads(toys):
    stages = {
        "come": arrival("care"),
        "care": package("out", stay={"distribution": "constant", "value_of": 10, "unit": "days"}),
        "due": fork("care", "hub", 4),
        "hub": appointments("done", did_not_attend=1.0, rebookings=1.0, lead=24.0, gave_up_to="stop"),
        "stop": change("care", "ended", value="ends"),
        "ended": outcome("care_ended"),
        "done": outcome("reviewed"),
        "out": OUT,
    }
    rows = lived(toys, made(toys, stages), [0.0])
    assert [row[:4] for row in rows if row[0] >= 120.0] == [
        (120.0, 1, "hub", "missed"),
        (120.0, 1, "hub", "booked"),
        (144.0, 1, "hub", "missed"),
        (144.0, 1, "due", "reviewed"),
        (144.0, 1, "care", "package_end"),
        (144.0, 1, "ended", "outcome"),
    ]


def test_a_diary_gives_the_earliest_slot_with_room_whatever_was_booked_before():
    rng = np.random.default_rng(1)
    times = np.sort(rng.integers(0, 200, 60))
    free = rng.integers(1, 4, 60)
    diary, left = Diary(times.tolist(), free.tolist(), list(range(60))), free.copy()
    for earliest in rng.integers(0, 220, 200).tolist():
        open_ones = [i for i in range(60) if times[i] >= earliest and left[i] > 0]
        booked = diary.book(earliest)
        if not open_ones:
            assert booked is None
            continue
        assert booked == (times[open_ones[0]], open_ones[0])
        left[open_ones[0]] -= 1


def bulk_queue(rate: float, capacity: int, most: int = 400) -> tuple[float, float]:
    """Mean number booked just before a daily slot of a capacity, and the share of slots whose last place is empty.

    The chain: what is left after a slot, and a Poisson number of new bookings until the next.
    """
    come = stats.poisson.pmf(np.arange(most), rate)
    step = np.zeros((most, most))
    for before in range(most):
        after = max(before - capacity, 0)
        step[before, after:] += come[: most - after]
        step[before, -1] += 1.0 - step[before].sum()
    share = np.full(most, 1.0 / most)
    for _ in range(4000):
        share = share @ step
    return float(share @ np.arange(most)), float(share[:capacity].sum())


def test_bookings_of_a_daily_slot_are_the_bulk_queue_of_its_markov_chain(toys):
    rate, capacity = 4.0, 5
    every_day = {day: {"00:00": float(capacity)} for day in DAYS}
    demand = toys.demand(sources={"community": rate * 365})
    stages = hub(slots={"hub": every_day}, bank_holidays="open")
    pathway = made(toys, stages, demand=demand)
    mean, empty = bulk_queue(rate, capacity)
    counts, spare = [], []
    for replication in range(40):
        people = toys.maker(demand, A_YEAR).make(3, replication)
        trace = live(pathway, people, end=A_YEAR.end, replication=replication)
        slots = np.arange(60, 365) * DAY
        booked, began = np.sort(trace.of(Event.BOOKED).time), np.sort(trace.of(Event.START).time)
        # Just before a slot: everybody who has booked before it, less those seen at earlier slots.
        waiting = np.searchsorted(booked, slots, "left") - np.searchsorted(began, slots, "left")
        counts.append(waiting.mean())
        spare.append((waiting < capacity).mean())
    for got, want in ((counts, mean), (spare, empty)):
        z = (np.mean(got) - want) / (np.std(got, ddof=1) / math.sqrt(len(got)))
        assert abs(z) < 4, (np.mean(got), want)


def test_hazards_and_missed_appointments_together_come_out_as_expected(toys):
    stages = hub(lead=exponential(20, "days"), did_not_attend=0.3, rebookings=2.0, gave_up_to="lost") | {
        "fall": hazard(["hub"], "ward", 4.0),
        "ward": OUT,
        "lost": OUT,
    }
    demand = toys.demand(sources={"community": 20_000.0})
    compiled = toys.compiled(toys.model(stages), demand)
    pathway = compiled.pathway
    there = 1 / (1 + 4.0 * 20 * 24 / YEAR)
    missed = 0.3 * there
    by_hand = {"out": there * 0.7 * (1 + missed + missed**2), "lost": missed**3}
    by_hand["ward"] = 1 - sum(by_hand.values())
    people = toys.maker(demand, A_YEAR).make(5, 0)
    trace = live(pathway, people)
    replay(trace, pathway)
    ends = trace.stage[trace.event == Event.OUTCOME]
    reach = compiled.expected.reach.sum(axis=0) / compiled.expected.contacts.sum()
    for name, share in by_hand.items():
        at = pathway.index(name)
        assert reach[at] == pytest.approx(share, rel=2e-4)
        assert abs(np.sum(ends == at) - people.size * share) < 4 * math.sqrt(people.size * share * (1 - share))


def test_with_unlimited_slots_nobody_touches_anybody_else(toys):
    demand = toys.demand(sources={"community": 500.0})
    stages = hub(lead=exponential(20, "days"), did_not_attend=0.3, rebookings=2.0, gave_up_to="more") | {
        "more": service("out", exponential(5.0))
    }
    pathway = made(toys, stages, demand=demand)
    people = toys.maker(demand, A_YEAR).make(5, 0)
    assert pathway.unlimited
    whole = rows_of(live(pathway, people))
    few = people.subset(people.person % 7 == 0)
    chosen = set(few.person.tolist())
    assert rows_of(live(pathway, few)) == [row for row in whole if row[1] in chosen]
    assert not made(toys, hub(slots=TUESDAYS)).unlimited
