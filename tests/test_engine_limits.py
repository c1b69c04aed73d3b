"""What the compiled engine cannot count it says; what it needs more room for it makes; and it stops when asked to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from agreeing import agreed
from conftest import A_YEAR, DAY, HOUR, OUT, Toys, arrival, constant, package, rows_of, service
from kinds import REVIEWED, always_again, change, fork, made, outcome
from worlds import Run

from agents.codes import Event
from simulation import engine_compiled, engine_simpy
from simulation.errors import DemandflowError
from simulation.kernel_tables import FIRST_ROOM
from simulation.pathway import Pathway

COUNTED = 65_535
"""Visits to a stage in an episode, and episodes of a person: 16 bits of a draw's counter each."""

FAR = 2**47
"""Ticks: 4,459 years; calendars end with the year 9999."""


def run_of(toys: Toys, pathway: Pathway, times: list[int], end: int) -> Run:
    """A pathway with people who come at these ticks."""
    return Run(pathway, toys.crowd(toys.demand(), times), A_YEAR, end, 1, 0)


def coming_back(toys: Toys, **more: object) -> Pathway:
    """Who leaves comes back an hour later, always."""
    stages = {"come": arrival("out"), "out": outcome("not_published", 0.5, constant(1 / 24, "days"), **more)}
    return always_again(made(toys, stages))


def test_an_episode_too_many_is_told_with_its_day_and_the_mend_and_one_less_agrees(toys):
    run = run_of(toys, coming_back(toys), [0], (COUNTED + 1) * HOUR)
    whole = agreed(run)
    assert whole.of(Event.CONTACT_AGAIN).rows == COUNTED
    with pytest.raises(DemandflowError) as told:
        engine_compiled.run(*run._replace(end=run.end + HOUR))
    with pytest.raises(DemandflowError, match="contacted again more than 65,535 times"):
        engine_simpy.run(*run._replace(end=run.end + HOUR))
    day = (COUNTED + 1) // 24
    assert str(told.value) == (
        f"toy: on day {day} of the run, somebody contacted again more than 65,535 times. Make the time until they do "
        "longer."
    )


def test_a_visit_too_many_is_told_with_its_day_and_the_mend_and_one_less_agrees(toys):
    stages = {
        "come": arrival("care"), "care": package("out"), "out": OUT,
        "due": fork("care", "cut", 1), "cut": change("care", "done", times=1.0), "done": REVIEWED,
    }  # fmt: skip
    run = run_of(toys, made(toys, stages), [0], COUNTED * DAY)
    whole = agreed(run)
    assert whole.of(Event.REVIEW).rows == COUNTED - 1  # and the next has been drawn
    with pytest.raises(DemandflowError) as told:
        engine_compiled.run(*run._replace(end=run.end + 1))
    said = str(told.value)
    with pytest.raises(DemandflowError) as told:
        engine_simpy.run(*run._replace(end=run.end + 1))
    assert str(told.value) == said
    assert said.startswith("toy: on day 65535 of the run, ")
    assert "somebody met the same stage more than 65,535 times in one episode" in said
    assert "Look for a loop without an end, or for reviews that follow each other too soon." in said


@pytest.mark.parametrize("size", [1, 2_000, 2_001, 9_000])
def test_room_is_made_for_as_many_as_come_in_one_millisecond(toys, size):
    """More people, events and rows at once than the engine begins with; all of them tie."""
    stages = {
        "come": arrival("desk"), "desk": service("care", 1.0), "care": package("out", stay=constant(1, "days")),
        "out": OUT,
    }  # fmt: skip
    run = run_of(
        toys, made(toys, stages, teams={"team": {1: 1, 9_000: 40}.get(size, "unlimited")}), [DAY] * size, 40 * DAY
    )
    trace = agreed(run)
    assert trace.of(Event.OUTCOME).rows == size
    assert trace.rows == 8 * size


def test_rows_that_nobody_expected_find_room(toys):
    """One person, half a million rows."""
    run = run_of(toys, coming_back(toys), [0] * 4, (COUNTED - 1) * HOUR)
    assert agreed(run).rows == 8 * (COUNTED - 1)


def test_a_run_stops_when_it_is_asked_to_and_not_before(toys):
    run = run_of(toys, coming_back(toys), [0] * 4, 60_000 * HOUR)
    never = engine_compiled.run(*run, cancel=np.zeros(1, dtype=np.int64))
    assert rows_of(never) == rows_of(engine_compiled.run(*run))
    with pytest.raises(engine_compiled.Cancelled):
        engine_compiled.run(*run, cancel=np.ones(1, dtype=np.int64))


def test_nobody_comes_and_nothing_happens(toys):
    pathway = coming_back(toys)
    for end in (0, 1, 10 * DAY):
        trace = agreed(run_of(toys, pathway, [], end))
        assert (trace.rows, trace.end) == (0, end)


def test_care_that_never_ends_does_not_run_over(toys):
    """The longest ticks that are, beside each other: care without an end, and time beyond any run."""
    stages = {"come": arrival("desk"), "desk": service("care", 1.0), "care": package("out"), "out": OUT}
    pathway = made(toys, stages)
    far = replace(pathway, tables=np.full_like(pathway.tables, 2**53 - 1))
    for each in (pathway, far):
        trace = agreed(run_of(toys, each, [0, 1, 1], FAR))
        assert trace.of(Event.PACKAGE_END).rows == 0
        assert trace.end == FAR


def test_too_many_events_are_told_with_their_day_and_the_mend(toys, monkeypatch):
    stages = {"come": arrival("wait"), "wait": service("out", constant(2, "days")), "out": OUT}
    run = run_of(toys, made(toys, stages), list(range(2 * FIRST_ROOM)), A_YEAR.end)
    monkeypatch.setattr(engine_compiled, "MOST_EVENTS", FIRST_ROOM)
    with pytest.raises(DemandflowError) as told:
        engine_compiled.run(*run)
    assert str(told.value) == (
        "toy: on day 0 of the run, more than 200 million events were to come at once. Simulate a smaller population."
    )
