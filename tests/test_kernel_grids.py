"""Grids are read and written as the arrays that they stand for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from simulation import kernel_layout as K
from simulation.kernel_grids import grids, width


class Some(NamedTuple):
    line: Any
    teams: Any
    cube: Any


@njit(**K.FOR_THE_LOOP)  # type: ignore[untyped-decorator]
def _change(arrays: Some) -> int:
    some = grids(arrays)
    line, teams, cube = some.line, some.teams, some.cube
    line[1] += 5
    team = teams[1]
    team[K.T_IDLE] = line[1]
    part = cube[1]
    part[0, 2] = 2.5
    row = cube[1, 1]
    row[0] = part[0, 2] + len(teams) + width(cube)
    return line[0] + len(line)


def _some() -> Some:
    return Some(np.arange(4), np.zeros((2, K.TEAM_COLUMNS), dtype=np.int64), np.zeros((2, 2, 3)))


def test_a_part_of_a_grid_is_that_part_of_its_array():
    some = _some()
    assert _change(some) == 4
    assert some.line.tolist() == [0, 6, 2, 3]
    teams, cube = np.zeros_like(some.teams), np.zeros_like(some.cube)
    teams[1, K.T_IDLE] = 6
    cube[1, 0, 2], cube[1, 1, 0] = 2.5, 7.5
    assert np.array_equal(some.teams, teams)
    assert np.array_equal(some.cube, cube)


def test_an_array_with_gaps_is_refused():
    with pytest.raises(TypingError, match="line does not lie in one piece"):
        _change(_some()._replace(line=np.arange(8)[::2]))
