"""Many people at once: loops compiled with numba, each so simple that the compiler does several people in a step.

None calls a compiled function of another file: numba would not notice that one had changed, and use the old.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulation.compiling import compiled
from simulation.philox import first_of_each

_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)

Ints = NDArray[np.int64]


@compiled("uint64[::1](float64[::1], int64[::1], int64[::1], int64[::1])")
def _keys_of_each(moment, count, before, ticks):  # type: ignore[no-untyped-def]
    """What people are put in order by: ticks since their month began, above their number in that month.

    A month has fewer than 2^32 ticks. Where cells go by their ids, numbers go by identity.

    Args:
        moment: how far into their time people come, 0 to 1: shape (people,), cell by cell. count: people in each cell.
        before: people in the cells of the month before this one. ticks: for how long people come.

    Returns:
        Keys, cell by cell: shape (people,).
    """
    out = np.empty(moment.shape[0], np.uint64)
    at = 0
    for c in range(count.shape[0]):
        some, number = out[at : at + count[c]], np.uint64(before[c])
        for k in range(some.shape[0]):
            within = np.int64(np.floor(moment[at + k] * ticks[c]))
            some[k] = (np.uint64(within) << _32) + number + np.uint64(k)
        at += count[c]
    return out


@compiled("uint64[::1](int64[::1], int64[::1])")
def _people_of(cells, count):  # type: ignore[no-untyped-def]
    """Identities, cell by cell: shape (people,)."""
    out = np.empty(count.sum(), np.uint64)
    at = 0
    for c in range(cells.shape[0]):
        for k in range(count[c]):
            out[at + k] = (np.uint64(cells[c]) << _32) + np.uint64(k) + _ONE
        at += count[c]
    return out


@compiled("Tuple((uint64[::1], int64[::1]))(uint64[::1], int64[::1], int64[::1], int64[::1], int64[::1])")
def _read_keys(keys, cell, cells, before, first):  # type: ignore[no-untyped-def]
    """Who each of some keys belongs to and when they come; ``first`` is when a cell's month begins.

    Args:
        cell: each person's place in ``cells``: shape (people,).
    """
    person, time = np.empty(keys.shape[0], np.uint64), np.empty(keys.shape[0], np.int64)
    for i in range(keys.shape[0]):
        c = cell[i]
        number = (keys[i] & _LOW) - np.uint64(before[c]) + _ONE
        person[i] = (np.uint64(cells[c]) << _32) + number
        time[i] = first[c] + np.int64(keys[i] >> _32)
    return person, time


def in_order(
    cells: Ints, month: Ints, ticks: Ints, count: Ints, draw: int, seed: int, replication: int
) -> tuple[NDArray[np.uint64], Ints, Ints]:
    """Everybody of some cells, by (time, person).

    Args:
        cells: ids, in order of (month, id). month: the tick when a cell's month begins. ticks: for how long its people
            come. count: how many there are; at least one each.
        draw: the draw of their moments.

    Returns:
        Identities, ticks of contact, and each person's place in ``cells``: shape (people,).
    """
    begin = np.cumsum(count) - count
    new = np.flatnonzero(np.diff(month, prepend=-1))  # the first cell of each month
    before = begin - np.repeat(begin[new], np.diff(new, append=len(cells)))
    moment = first_of_each(_people_of(cells, count), draw, 0, 0, seed, replication)
    keys = _keys_of_each(moment, count, before, ticks)
    cell = np.repeat(np.arange(len(cells)), count)
    for first, after in pairwise([*begin[new].tolist(), len(keys)]):
        keys[first:after].sort()
        cell[first:after] = cell[first:after][(keys[first:after] & _LOW).astype(np.int64)]
    person, time = _read_keys(keys, cell, cells, before, month)
    return person, time, cell


@compiled("int64[::1](float64[::1], int64[::1], float64[:, ::1])")
def codes_of_each(u, group, steps):  # type: ignore[no-untyped-def]
    """How many of their group's ``steps``, shape (groups, values - 1), people have passed: shape (people,)."""
    out = np.empty(u.shape[0], np.int64)
    for i in range(u.shape[0]):
        code = 0
        for step in range(steps.shape[1]):
            code += u[i] >= steps[group[i], step]
        out[i] = code
    return out
