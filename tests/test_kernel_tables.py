"""What the compiled loop begins with."""

from __future__ import annotations

import pytest

from agents.codes import Event
from benchmarks import ours
from simulation.kernel_tables import FIRST_ROOM, LEAST_ROOM, MUCH_ROOM, tables_of
from simulation.summaries import summaries


@pytest.mark.parametrize(
    ("people", "held", "room"),
    [
        (10, 0, LEAST_ROOM),
        (1_000, 500, 1_000),
        (4 * MUCH_ROOM - 4, 0, FIRST_ROOM),
        (4 * MUCH_ROOM, 0, MUCH_ROOM),
        (4 * MUCH_ROOM, 1_000, MUCH_ROOM + 2_000),
    ],
)
def test_there_is_room_for_few_from_the_start_and_ample_room_for_very_many(people, held, room):
    world = ours.reference(1)
    kept = tables_of(world.pathway, world.calendar, world.end, 1, 0).at_start(False, people, held)
    assert len(kept.rank) == len(kept.near_key) == room


def test_a_run_that_ends_before_its_people_do_expects_no_more_than_come():
    """Else room would be made for as many as if all had come within its time."""
    world = ours.reference(1)
    people = world.people(0)
    first = int(people.time[people.held < 0].min()) + 1
    found = summaries(world.pathway, people, world.calendar, first, 1, 0, world.names)
    assert found.people == people.size and found.flow[..., Event.CONTACT].sum() == 1
