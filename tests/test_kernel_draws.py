"""Draws made four at once, and ahead of their time, are the draws that would be made one by one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from benchmarks import ours
from simulation import kernel_layout as K
from simulation.kernel_draws import four
from simulation.kernel_grids import grids, soon
from simulation.kernel_tables import tables_of
from simulation.philox import pair


class Some(NamedTuple):
    out: Any
    draws: Any
    named: Any


@njit(**K.FOR_THE_LOOP)  # type: ignore[untyped-decorator]
def _four_of_each(arrays: Some) -> None:
    some = grids(arrays)
    out, draws, named = some.out, some.draws, some.named
    for i in range(len(named)):
        one = named[i]
        four(out, i * 2 * K.LANES, draws[i], one[0], one[1], one[2], one[3], one[4])


def test_four_at_once_are_four_one_by_one():
    luck = np.random.default_rng(3)
    size = 500
    draws = luck.integers(0, 2**32, (size, K.LANES))
    named = np.column_stack([
        luck.integers(-(2**63), 2**63 - 1, size),
        *luck.integers(0, 2**16, (2, size)),
        *luck.integers(0, 2**32, (2, size)),
    ])  # fmt: skip
    named[:4, 1:] = [[0] * 4, [65_535, 65_535, 2**32 - 1, 2**32 - 1], [0, 1, 0, 1], [1, 0, 1, 0]]
    out = np.zeros((size, 2, K.LANES))
    flat = Some(out.reshape(-1), draws, named)
    _four_of_each(flat)
    for i in range(size):
        person, episode, attempt, seed, replication = (np.uint64(int(number) % 2**64) for number in named[i])
        for lane in range(K.LANES):
            again = attempt if lane == 0 else np.uint64(0)
            one = pair(person, np.uint64(draws[i, lane]), episode, again, seed, replication)
            assert one == tuple(out[i, :, lane]), (i, lane)


@njit(**K.FOR_THE_LOOP)  # type: ignore[untyped-decorator]
def _asked(arrays: Some) -> None:
    some = grids(arrays)
    for i in range(len(some.out)):
        soon(some.out, i)


def test_memory_that_is_asked_for_ahead_stays_as_it_is():
    some = Some(np.arange(100.0), np.zeros((1, K.LANES), dtype=np.int64), np.zeros((1, 5), dtype=np.int64))
    _asked(some)
    assert some.out.tolist() == list(range(100))


def test_with_a_stage_are_drawn_the_decisions_and_packages_that_may_be_met_next():
    world = ours.reference(1)
    pathway = world.pathway
    tables = tables_of(pathway, world.calendar, world.end, 1, 0)

    def ahead(stage: str) -> list[int]:
        return [draw for draw in tables.fixed.draws[pathway.index(stage)].tolist() if draw >= 0]

    def length(stage: str) -> int:
        return int(pathway.draw_duration[pathway.index(stage)])

    def branch(stage: str) -> int:
        return int(pathway.draw_branch[pathway.index(stage)])

    assert ahead("desk") == [length("desk"), branch("after_desk"), branch("where")]
    assert ahead("hub") == [length("hub"), branch("reached")]
    assert ahead("reached") == [branch("reached")]  # beyond it people wait
    assert ahead("assessment") == [length("assessment"), branch("funding"), length("care")]
    assert ahead("care") == [length("care")]
