"""The quick engine: the same lives as ``engine_simpy``, row for row, by an event loop compiled with numba.

It reads the same arrays and makes the same draws; ``kernel`` is the loop. Use it for many replications, large regions
and live pages, and ``engine_simpy`` to read, step through and extend. Each is the proof of the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation import kernel_layout as K
from simulation.admission import Arrivals, arrivals
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.errors import DemandflowError
from simulation.kernel_tables import advance, counted_nothing, start, with_room
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.trace import Trace

Ints = NDArray[np.int64]


class Cancelled(Exception):
    """Somebody asked for the run to stop."""


_ROOM = 4_096

_LIMITS = {
    1: "somebody met the same stage more than 65,535 times in one episode. Look for a loop without an end, or for "
    "reviews that follow each other too soon.",
    2: "somebody contacted again more than 65,535 times. Make the time until they do longer.",
}


def _check(now: Ints, pathway: Pathway, tick: int) -> None:
    limit = int(now[K.N_LIMIT])
    if limit:
        raise DemandflowError(f"{pathway.name}: on day {tick // MS_PER_DAY} of the run, {_LIMITS[limit]}")
    if now[K.N_DONE] == K.CANCELLED:
        raise Cancelled


def run(
    pathway: Pathway,
    people: Population,
    calendar: Calendar,
    end: int,
    seed: int,
    replication: int,
    cancel: NDArray[np.int64] | None = None,
) -> Trace:
    """One replication, from tick 0 to ``end``.

    Args:
        cancel: an array of one number, looked at every 10,000 events: anything but 0 stops the run.

    Raises:
        DemandflowError: a limit of the engine. Cancelled: by ``cancel``. MemoryError: not enough memory.
    """
    coming = arrivals(people, pathway, seed, replication)
    begun = start(pathway, calendar, end, seed, replication, sums=False)
    flag = np.zeros(1, dtype=np.int64) if cancel is None else cancel
    kept = _advanced(begun.fixed, begun.begun(_ROOM, trace=True), counted_nothing(), coming, end, flag)
    _check(kept.now, pathway, int(kept.now[K.N_TICK]))
    rows = kept.rows[:, : int(kept.now[K.N_ROWS])]
    return Trace(*rows, end=end)


def _advanced(
    fixed: K.Fixed, kept: K.Kept, sums: K.Sums, coming: Arrivals, until: int, cancel: NDArray[np.int64]
) -> K.Kept:
    """Let everything happen before tick ``until``, with as much room as that takes."""
    loop, columns = advance(), _columns(coming)
    while True:
        loop(fixed, kept, sums, columns, coming.rank, until, cancel)
        if not kept.now[K.N_NEED]:
            return kept
        kept = with_room(kept, fixed)


def _columns(coming: Arrivals) -> Ints:
    """Those who come in, as the loop reads them: shape (people, ARRIVAL_COLUMNS)."""
    columns = np.zeros((len(coming.time), K.ARRIVAL_COLUMNS), dtype=np.int64)
    for column, values in (
        (K.A_TIME, coming.time),
        (K.A_PERSON, coming.person),
        (K.A_TYPE, coming.type),
        (K.A_ENTRY, coming.entry),
        (K.A_DOOR, coming.door),
        (K.A_LEFT, coming.left),
        (K.A_AGE, coming.age),
        (K.A_PLACE, coming.place),
    ):
        columns[:, column] = values
    columns[:, K.A_CELL] = -1
    return columns
