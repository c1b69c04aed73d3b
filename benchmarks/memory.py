"""What a run needs to remember where only sums are asked for: the rows in pieces, folded into counts and forgotten."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np

from agents.codes import Event
from benchmarks.cases import barnet_case
from benchmarks.ours import Ours
from simulation import engine_simpy

ROWS = 20_000


def peak(ours: Ours, in_pieces: bool) -> tuple[float, int]:
    """Most bytes in use at once during a run, over what was there before (the list of people is), and rows counted."""
    people = ours.maker.make(1, 0)
    counts = np.zeros(len(Event), dtype=np.int64)
    gc.collect()
    tracemalloc.start()
    if in_pieces:
        for part in engine_simpy.blocks(ours.pathway, people, ours.calendar, ours.end, 1, 0, ROWS):
            counts += np.bincount(part.event, minlength=len(Event))
    else:
        trace = engine_simpy.run(ours.pathway, people, ours.calendar, ours.end, 1, 0)
        counts += np.bincount(trace.event, minlength=len(Event))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return float(most), int(counts.sum())


def measure(years: int) -> dict[str, float]:
    """Peaks of Barnet with its package holders for some years and twice as many, in megabytes and as ratios."""
    short, long = barnet_case(years).ours, barnet_case(2 * years).ours
    peak(short, in_pieces=True)  # the first also imports and compiles
    (small, few), (large, many) = (peak(ours, in_pieces=True) for ours in (short, long))
    whole = peak(long, in_pieces=False)[0]
    return {
        "years": years,
        "rows": few,
        "rows_twice": many,
        "megabytes": small / 1e6,
        "twice_as_long": large / small,
        "whole_trace": whole / large,
    }
