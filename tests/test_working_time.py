"""Working time and calendar time are inverse to each other, to the millisecond."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import MS_PER_DAY, Calendar
from simulation.errors import DemandflowError
from simulation.working_time import NEVER, Week, bank_holidays, parse_span

HOUR = 3_600_000
CALENDAR = Calendar(date(2016, 4, 1), 12)  # a Friday
OFFICE = Week(tuple((day, 9 * 60, 17 * 60) for day in range(5)), True).windows(CALENDAR, CALENDAR.end)
SPLIT = Week(
    tuple((day, *span) for day in range(6) for span in ((8 * 60, 12 * 60), (13 * 60, 13 * 60 + 1), (14 * 60, 24 * 60))),
    False,
).windows(CALENDAR, CALENDAR.end)

ticks = st.integers(0, CALENDAR.end)
works = st.integers(1, 400 * HOUR)
weeks = st.sampled_from([OFFICE, SPLIT])


@given(weeks, ticks, works)
def test_exactly_the_work_has_passed_at_its_end_and_not_a_millisecond_before(windows, start, work):
    end = windows.end_of(start, work)
    if end == NEVER:
        return
    assert windows.worked(end) - windows.worked(start) == work
    assert windows.worked(end - 1) - windows.worked(start) == work - 1


@given(weeks, ticks, works, works)
def test_two_pieces_of_work_end_when_one_of_their_sum_does(windows, start, first, second):
    between = windows.end_of(start, first)
    if between != NEVER:
        assert windows.end_of(between, second) == windows.end_of(start, first + second)


@given(weeks, ticks)
def test_the_next_opening_is_open_and_nothing_before_it_is(windows, tick):
    opening = windows.next_open(tick)
    assert opening >= tick
    if opening != NEVER:
        assert windows.is_open(opening)
        assert windows.worked(opening) == windows.worked(tick)


@given(weeks, st.lists(ticks, min_size=2, max_size=6))
def test_working_time_never_runs_backwards(windows, moments):
    passed = [windows.worked(tick) for tick in sorted(moments)]
    assert passed == sorted(passed)


def test_work_done_at_closing_time_ends_at_closing_time():
    friday_nine = 9 * HOUR
    assert OFFICE.end_of(friday_nine, 8 * HOUR) == 17 * HOUR
    assert OFFICE.end_of(friday_nine, 8 * HOUR + 1) == 3 * MS_PER_DAY + 9 * HOUR + 1


def test_work_cannot_begin_at_closing_time():
    assert OFFICE.next_open(17 * HOUR) == 3 * MS_PER_DAY + 9 * HOUR
    assert OFFICE.next_open(17 * HOUR - 1) == 17 * HOUR - 1


def test_no_work_takes_no_time_even_at_night():
    assert OFFICE.end_of(3 * HOUR, 0) == 3 * HOUR


def test_bank_holidays_are_englands_and_substitute_days_count():
    days = bank_holidays(date(2016, 4, 1), date(2017, 3, 31))
    assert date(2016, 5, 2) in days
    assert date(2016, 12, 27) in days  # Christmas Day 2016 fell on a Sunday
    assert date(2017, 1, 2) in days  # New Year's Day 2017 too
    assert date(2016, 8, 1) not in days  # a holiday in Scotland only
    assert sorted(day.isoformat() for day in days) == [
        "2016-05-02",
        "2016-05-30",
        "2016-08-29",
        "2016-12-25",
        "2016-12-26",
        "2016-12-27",
        "2017-01-01",
        "2017-01-02",
    ]  # gov.uk's list, and the two Sundays whose substitutes it gives


def test_the_office_is_shut_on_a_bank_holiday():
    may_day = CALENDAR.tick(date(2016, 5, 2))
    assert OFFICE.next_open(may_day) == may_day + MS_PER_DAY + 9 * HOUR


def test_spans_that_meet_at_midnight_are_one_window():
    nights = Week(((0, 22 * 60, 24 * 60), (1, 0, 6 * 60)), False).windows(CALENDAR, CALENDAR.end)
    assert set(nights.closes - nights.opens) == {8 * HOUR}


def test_hours_that_never_open_are_refused():
    with pytest.raises(DemandflowError, match="never open"):
        Week((), True).windows(CALENDAR, CALENDAR.end)


@pytest.mark.parametrize("text", ["9-17", "17:00-09:00", "09:00-25:00", "09:60-17:00", "09:00-09:00", "morning"])
def test_a_span_that_makes_no_sense_is_refused(text):
    with pytest.raises(DemandflowError, match="Write it as"):
        parse_span(text)


def test_spans_are_read_as_minutes():
    assert parse_span("09:00-17:30") == (540, 1050)
    assert parse_span("0:00 - 24:00") == (0, 1440)
