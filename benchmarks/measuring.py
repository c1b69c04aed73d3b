"""Times that can be compared: CPU seconds of the same work, side by side in one run, several rounds, medians."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from time import process_time

Work = Callable[[int], object]
"""Does its work once; the number of the round serves as a seed."""


def seconds(work: Work, number: int) -> float:
    """CPU seconds of this process, with earlier garbage cleared first and what was made freed within the time."""
    gc.collect()
    begun = process_time()
    work(number)
    return process_time() - begun


def interleaved(works: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each work in each round, as ``in_rounds``."""
    return in_rounds({name: partial(seconds, work) for name, work in works.items()}, rounds)


def in_rounds(clocks: Mapping[str, Callable[[int], float]], rounds: int) -> dict[str, list[float]]:
    """What each clock says in each round: it does its work once, given the round's number, and tells its CPU seconds.

    In a round every work is done once, so that whatever else the machine does falls on all of them; each is done once
    before that, since the first time includes imports and compilation.
    """
    found: dict[str, list[float]] = {name: [] for name in clocks}
    for clock in clocks.values():
        clock(0)
    for number in range(rounds):
        for name, clock in clocks.items():
            found[name].append(clock(number))
    return found


def mean_seconds(work: Work, times: int, number: int) -> float:
    """Mean CPU seconds of a quick work done several times in a row, each time with another number."""
    gc.collect()
    begun = process_time()
    for again in range(times):
        work(number * times + again)
    return (process_time() - begun) / times


def ratio(above: list[float], below: list[float]) -> float:
    """The median over rounds of one work's time over another's."""
    return median(a / b for a, b in zip(above, below, strict=True))
