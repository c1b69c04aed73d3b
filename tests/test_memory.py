"""Memory goes with the people who are in the model now, not with those who have left, where only sums are asked for."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import date

import numpy as np
import pytest
from conftest import A_YEAR, DAY, OUT, arrival, constant, decision, exponential, package, service

from agents.codes import Event
from simulation import engine_simpy
from simulation.calendar import Calendar
from simulation.compiling import no_pauses
from simulation.engine_simpy import CareModel, blocks
from simulation.trace import COLUMNS

STAGES = {
    "come": arrival("desk"),
    "desk": service("door", exponential(2.0), longest_wait={"after": constant(9.0), "to": "out"}),
    "door": decision(("again", 0.4), ("hub", "rest")),
    "hub": {
        "kind": "appointments",
        "team": "hubs",
        "slots": {"library": {"tuesday": {"10:00": 40.0}, "friday": {"10:00": 40.0}}},
        "lead_time": exponential(1.0, "days"),
        "length": constant(1.0),
        "did_not_attend": 0.1,
        "rebookings": 1.0,
        "gave_up_to": "out",
        "to": "enabled",
    },
    "enabled": {"kind": "places", "places": 25.0, "stay": exponential(2.0, "days"), "to": "care"},
    "care": package(stay=exponential(30, "days")),
    "crisis": {"kind": "hazard", "during": ["care", "enabled"], "rate_per_year": 2.0, "to": "out"},
    "review_due": {"kind": "fork", "parent": "care", "every": constant(20, "days"), "activity": "review"},
    "review": service("says", exponential(3.0), team="reviewers"),
    "says": decision(("ends", 0.3), ("reviewed", "rest")),
    "ends": {"kind": "set", "attribute": "care", "value": "ends", "to": "reviewed"},
    "reviewed": {"kind": "outcome", "need": "reviewed"},
    "again": {"kind": "outcome", "need": "not_published", "contacts_again": 0.3, "after": exponential(20, "days")},
    "out": OUT,
}


@pytest.fixture
def world(toys):
    demand = toys.demand(sources={"community": 4000.0})
    loaded = toys.model(STAGES, teams={"team": 2, "reviewers": 3, "hubs": "unlimited"})
    pathway = toys.compiled(loaded, demand).pathway
    return pathway, lambda calendar: toys.maker(demand, calendar).make(4, 0)


@pytest.mark.parametrize("rows", [1, 3_000, 10**9])
def test_pieces_of_a_run_are_the_run(world, rows):
    pathway, make = world
    people, end = make(A_YEAR), A_YEAR.end + 100 * DAY + 12_345
    whole = engine_simpy.run(pathway, people, A_YEAR, end, 1, 0)
    parts = list(blocks(pathway, people, A_YEAR, end, 1, 0, rows))
    for column in COLUMNS:
        assert np.array_equal(np.concatenate([getattr(part, column) for part in parts]), getattr(whole, column))
    assert parts[-1].end == whole.end == end
    assert all(part.rows >= rows for part in parts[:-1])
    assert {1: len(parts) > 300, 3_000: len(parts) > 5, 10**9: len(parts) == 1}[rows]
    assert gc.isenabled()


def test_people_are_let_in_alike_in_pieces_of_any_size(world, monkeypatch):
    pathway, make = world
    people = make(A_YEAR)
    whole = list(engine_simpy.coming(people, pathway, 1, 0))
    monkeypatch.setattr("simulation.admission._PIECE", 7)
    assert list(engine_simpy.coming(people, pathway, 1, 0)) == whole
    assert len(whole) == people.size


def peak_of_sums(world, years):
    """Most bytes in use at once while a run is folded into counts, over what was there before; and people who came."""
    pathway, make = world
    calendar = Calendar(date(2014, 4, 1), 12 * years)
    people = make(calendar)
    counts = np.zeros(len(Event), dtype=np.int64)
    gc.collect()
    tracemalloc.start()
    for part in blocks(pathway, people, calendar, calendar.end, 1, 0, rows=2_000):
        counts += np.bincount(part.event, minlength=len(Event))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, int(counts[Event.CONTACT])


@pytest.mark.slow
def test_a_run_twice_as_long_takes_no_more_memory_where_only_sums_are_kept(world):
    _, (short, some), (long, more) = (peak_of_sums(world, years) for years in (1, 2, 4))  # the first also compiles
    assert more > 1.9 * some > 10_000
    assert long < 1.1 * short


def test_whoever_has_left_is_released(world):
    """Without Python's search for circles: nobody who has left is part of one."""
    pathway, make = world
    people = make(A_YEAR)
    gc.collect()
    with no_pauses():
        model = CareModel(pathway, people, A_YEAR, A_YEAR.end * 2, 1, 0)
        model.run_until(A_YEAR.end * 2)
        left = len(model.agents)
        assert gc.collect() == 0
    assert left < 0.02 * people.size, "hardly anybody should still be there"
    model.close()
