"""Opening hours, rosters and lost hours: when work begins, how it is interrupted, and who goes when."""

from collections import Counter
from datetime import date

import numpy as np
import pytest
from conftest import DAY, HOUR, OUT, Toys, arrival, live, service
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.codes import Event
from simulation.calendar import Calendar
from simulation.errors import ConfigError

OFFICE = {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
CALENDAR = Calendar(date(2016, 4, 1), 12)  # begins on a Friday


def _model(toys, practitioners=1, work=2.0, **team):
    stages = {"in": arrival("work"), "work": service("out", work), "out": OUT}
    content = {
        "kind": "model",
        "name": "toy",
        "title": "toy",
        "short_title": "toy",
        "reproduces": "nothing",
        "teams": {"team": {"title": "team", "practitioners": practitioners, **team}},
        "stages": stages,
    }
    return toys.fresh(toys.write("models", "toy", content))


def _times(toys, model, moments, **more):
    """(joined, started, ended) of each person in hours since Friday midnight."""
    demand = toys.demand()
    pathway = toys.compiled(model, demand).pathway
    trace = live(pathway, toys.crowd(demand, [int(h * HOUR) for h in moments]), CALENDAR, **more)
    table: dict[int, list[float | None]] = {}
    for event, place in ((Event.JOIN, 0), (Event.START, 1), (Event.END, 2)):
        rows = trace.of(event)
        for person, time in zip(rows.person.tolist(), rows.time.tolist(), strict=True):
            table.setdefault(person, [None, None, None])[place] = time / HOUR
    return [tuple(table[person]) for person in sorted(table)]


def test_who_comes_at_night_is_served_in_the_morning(toys):
    assert _times(toys, _model(toys, hours=OFFICE), [3.0]) == [(3, 9, 11)]


def test_work_is_interrupted_at_closing_time_and_finished_next_working_day(toys):
    monday = 3 * 24
    assert _times(toys, _model(toys, hours=OFFICE), [16.0]) == [(16, 16, monday + 10)]


def test_work_that_ends_at_closing_time_ends_then_and_the_next_begins_in_the_morning(toys):
    monday = 3 * 24
    assert _times(toys, _model(toys, hours=OFFICE), [15.0, 15.5]) == [(15, 15, 17), (15.5, monday + 9, monday + 11)]


def test_a_bank_holiday_is_no_working_day_unless_the_team_says_so(toys):
    may_day = CALENDAR.tick(date(2016, 5, 2)) / HOUR
    closed = _times(toys, _model(toys, hours=OFFICE), [may_day + 9])
    opened = _times(toys, _model(toys, hours={**OFFICE, "bank_holidays": "open"}), [may_day + 9])
    assert closed == [(may_day + 9, may_day + 33, may_day + 35)]
    assert opened == [(may_day + 9, may_day + 9, may_day + 11)]


def test_in_the_morning_those_who_wait_go_before_who_comes_at_that_moment(toys):
    times = _times(toys, _model(toys, hours=OFFICE), [9.0, 8.0, 7.0])
    assert [start for _, start, _ in times] == [13, 11, 9]


def test_an_unlimited_team_serves_everybody_at_opening(toys):
    assert _times(toys, _model(toys, "unlimited", hours=OFFICE), [1.0, 2.0, 9.5]) == [
        (1, 9, 11),
        (2, 9, 11),
        (9.5, 9.5, 11.5),
    ]


def test_a_second_practitioner_from_the_next_month_halves_the_queue(toys):
    roster = {"by_month": {"2016-04": 1, "2016-05": 2}}
    may = 30 * 24
    times = _times(toys, _model(toys, roster, work=1000.0), [0.0, 1.0])
    assert times[1][1] == may


def test_a_smaller_roster_takes_practitioners_as_they_come_free(toys):
    roster = {"by_month": {"2016-04": 2, "2016-05": 1}}
    may = 30 * 24
    times = _times(toys, _model(toys, roster, work=100.0), [may - 50, may - 40, may - 30, may - 20])
    # Both finish what they began; the first to come free goes, the second serves the two who wait.
    assert [start for _, start, _ in times] == [may - 50, may - 40, may + 60, may + 160]


def test_nobody_at_all_for_a_month_and_back_again(toys):
    roster = {"by_month": {"2016-04": 1, "2016-05": 0, "2016-06": 1}}
    may, june = 30 * 24, 61 * 24
    assert _times(toys, _model(toys, roster, work=1.0), [may + 5, may + 4]) == [
        (may + 5, june + 1, june + 2),
        (may + 4, june, june + 1),
    ]


def test_a_roster_that_began_before_the_run_holds_at_its_start(toys):
    roster = {"by_month": {"2015-01": 5, "2015-12": 1, "2030-01": 9}}
    assert _times(toys, _model(toys, roster), [0.0, 0.0]) == [(0, 0, 2), (0, 2, 4)]


def test_lost_hours_lengthen_the_work(toys):
    model = _model(toys, productive_share=0.5, absence_share=0.2)
    assert _times(toys, model, [0.0]) == [(0, 0, 5)]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3),
    st.lists(st.integers(0, 6 * 48), min_size=1, max_size=25),
    st.sampled_from([0.5, 2.0, 7.5, 11.0]),
    st.lists(st.integers(0, 3), min_size=0, max_size=4),
)
def test_never_more_at_work_than_on_the_roster_and_never_idle_while_somebody_waits(
    tmp_path_factory, practitioners, half_hours, work, later
):
    toys = Toys(tmp_path_factory.mktemp("toys"))
    months = {"2016-04": float(practitioners)}
    months |= {f"2016-{5 + i:02d}": float(n) for i, n in enumerate(later)}
    months["2016-12"] = 1.0
    model = _model(toys, {"by_month": months}, work=work, hours=OFFICE)
    demand = toys.demand()
    compiled = toys.compiled(model, demand)
    trace = live(compiled.pathway, toys.crowd(demand, [h * HOUR // 2 for h in half_hours]), CALENDAR)
    assert trace.of(Event.OUTCOME).rows == len(half_hours)  # everybody is served in the end
    at_work = waiting = 0
    roster = sorted((CALENDAR.tick(date(2016, int(m[-2:]), 1)), int(n)) for m, n in months.items())
    from simulation.working_time import Week

    windows = Week(tuple((d, 540, 1020) for d in range(5)), True).windows(CALENDAR, trace.end)
    times = trace.time
    for i in range(trace.rows):
        at_work += {Event.START: 1, Event.END: -1}.get(Event(trace.event[i]), 0)
        waiting += {Event.JOIN: 1, Event.START: -1}.get(Event(trace.event[i]), 0)
        if i + 1 < trace.rows and times[i + 1] == times[i]:
            continue
        size = [n for tick, n in roster if tick <= times[i]][-1]
        assert waiting == 0 or at_work >= size or not windows.is_open(int(times[i]))
        if trace.event[i] == Event.START:
            assert windows.is_open(int(times[i]))
    starts, ends = trace.of(Event.START), trace.of(Event.END)
    worked = [windows.worked(int(t)) for t in ends.time[np.argsort(ends.person)]]
    began = [windows.worked(int(t)) for t in starts.time[np.argsort(starts.person)]]
    assert Counter(b - a for a, b in zip(began, worked, strict=True)) == {int(work * HOUR): len(half_hours)}


@pytest.mark.parametrize(
    ("team", "message"),
    [
        ({"hours": {}}, "these hours never open"),
        ({"hours": {"monday": ["17:00-09:00"]}}, "closes before it opens"),
        ({"practitioners": {"by_month": {"2016-04": 2, "2016-05": 0}}}, "nobody is left from 2016-05 on"),
        ({"practitioners": {"by_month": {"2016-04": 1.5}}}, "1.5 practitioners"),
        ({"practitioners": {"by_month": {"2016-04": -1}}}, "-1 practitioners"),
        ({"practitioners": 0.0}, "0 practitioners"),
        ({"productive_share": 0.0}, "a productive share of 0"),
        ({"productive_share": 1.5}, "a productive share of 1.5"),
        ({"absence_share": 1.0}, "an absence share of 1"),
        ({"absence_share": -0.1}, "an absence share of -0.1"),
    ],
)
def test_staffing_that_cannot_be_is_refused_with_its_line(toys, team, message):
    model = _model(toys, **{"practitioners": 1, **team})
    with pytest.raises(ConfigError) as refused:
        toys.compiled(model, toys.demand())
    (problem,) = refused.value.problems
    assert message in problem.what
    assert problem.line > 1
    assert problem.mend or "Write it" in problem.what


def test_every_fault_of_a_team_is_told_at_once(toys):
    model = _model(toys, 0.0, hours={}, productive_share=2.0)
    with pytest.raises(ConfigError) as refused:
        toys.compiled(model, toys.demand())
    assert len(refused.value.problems) == 3


def test_a_day_has_24_hours_also_when_the_clocks_change(toys):
    # Ticks are civil days of 24 hours: the model has no summer time (27 March 2016).
    assert Calendar(date(2016, 3, 1), 2).tick(date(2016, 4, 1)) == 31 * DAY
