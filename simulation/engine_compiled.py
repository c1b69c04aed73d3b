"""The quick engine: the same lives as ``engine_simpy``, row for row, by an event loop compiled with numba.

It reads the same arrays and makes the same draws; ``kernel`` is the loop. Use it for many replications, large regions
and live pages, and ``engine_simpy`` to read, step through and extend. Each is the proof of the other.
"""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
from numpy.typing import NDArray

from simulation import kernel_layout as K
from simulation.admission import Arrivals, arrivals
from simulation.calendar import Calendar
from simulation.compiling import no_pauses
from simulation.kernel_tables import MOST_EVENTS, advance, counted_nothing, tables_of, with_room
from simulation.limits import beyond
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.trace import Trace

Ints = NDArray[np.int64]


class Cancelled(Exception):
    """Somebody asked for the run to stop."""


def run(
    pathway: Pathway,
    people: Population,
    calendar: Calendar,
    end: int,
    seed: int,
    replication: int,
    cancel: NDArray[np.int64] | None = None,
) -> Trace:
    """One replication, from tick 0 to ``end``, with everything that happened.

    Args:
        cancel: an array of one number, looked at every 10,000 events: anything but 0 stops the run.

    Raises:
        DemandflowError: a limit of the engine. Cancelled: by ``cancel``. MemoryError: not enough memory.
    """
    tables = tables_of(pathway, calendar, end, seed, replication)
    coming = arrivals(people, pathway, seed, replication)
    kept = tables.at_start(trace=True, people=people.size, held=int((people.held >= 0).sum()))
    sums = counted_nothing(tables.fixed)
    kept = advanced(pathway, tables.fixed, kept, sums, uncounted(coming), end, cancel)
    time, person, stage, event, value = kept.rows[:, : int(kept.now[K.N_ROWS])]
    return Trace(time, person, stage, event, value, end)


def advanced(
    pathway: Pathway,
    fixed: K.Fixed,
    kept: K.Kept,
    sums: K.Sums,
    coming: K.Coming,
    until: int,
    cancel: NDArray[np.int64] | None,
) -> K.Kept:
    """Let everything happen before tick ``until``, with as much room as that takes.

    Raises:
        As ``run``.
    """
    loop, flag = advance(), np.zeros(1, dtype=np.int64) if cancel is None else cancel
    kept.now[K.N_ARRIVAL] = 0
    while True:
        with nullcontext() if loop.signatures else no_pauses():  # the first call compiles
            loop(fixed, kept, sums, coming, until, flag)
        limit = int(kept.now[K.N_LIMIT])
        if limit:
            passed = "attempts" if limit == K.LIMIT_ATTEMPTS else "episodes"
            raise beyond(passed, pathway.name, int(kept.now[K.N_TICK]))
        if kept.now[K.N_NEED]:
            if kept.now[K.N_NEED] & K.NEED_EVENTS and 2 * len(kept.near_key) > MOST_EVENTS:
                raise beyond("events", pathway.name, int(kept.now[K.N_TICK]))
            kept = with_room(kept, fixed)
            continue
        if kept.now[K.N_DONE] == K.CANCELLED:
            raise Cancelled
        return kept


def uncounted(coming: Arrivals) -> K.Coming:
    """Those who come in, as the loop reads them, where nothing is counted."""
    none = np.zeros(len(coming.time), dtype=np.int64)
    return K.Coming(**coming.columns(), cell=none, group=none, flags=none)
