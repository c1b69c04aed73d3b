"""The random numbers are the published ones, lie strictly between 0 and 1, and belong to a person and a decision."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from scipy import stats

from simulation.philox import block, first_of_each, pair, unit

MAX = 0xFFFFFFFF

# Known answers published with Random123 (kat_vectors, philox4x32 10): counter, key, result.
PUBLISHED = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((MAX, MAX, MAX, MAX), (MAX, MAX), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@njit
def block_at(c0, c1, c2, c3, k0, k1):
    return block(c0, c1, c2, c3, k0, k1)


@njit
def unit_at(high, low):
    return unit(high, low)


def words(*values: int) -> list[np.uint64]:
    return [np.uint64(v) for v in values]


def many(persons: np.ndarray, draw: int = 7, episode: int = 0, attempt: int = 0, seed: int = 1, rep: int = 0):
    return np.array([pair(int(p), draw, episode, attempt, seed, rep) for p in persons])


@pytest.mark.parametrize(("counter", "key", "result"), PUBLISHED)
def test_the_generator_gives_the_published_numbers(counter, key, result):
    assert tuple(int(w) for w in block_at(*words(*counter, *key))) == result


def test_a_person_and_a_draw_fill_the_counter_as_documented():
    (c0, c1, c2, c3), (seed, replication), _ = PUBLISHED[2]
    expected = words(*block_at(*words(c0, c1, c2, c3, seed, replication)))
    want = (unit_at(expected[0], expected[1]), unit_at(expected[2], expected[3]))
    assert pair((c0 << 32) | c1, c2, c3 >> 16, c3 & 0xFFFF, seed, replication) == want


def test_neither_nought_nor_one_can_come_out():
    lowest, highest = unit_at(*words(0, 0)), unit_at(*words(MAX, MAX))
    assert 0.0 < lowest == 2.0**-53
    assert highest == 1.0 - 2.0**-53 < 1.0


def test_each_step_of_the_highest_bits_moves_the_number():
    assert unit_at(*words(0x80000000, 0)) == pytest.approx(0.5, abs=2.0**-52)
    assert unit_at(*words(0, 0x1000)) - unit_at(*words(0, 0)) == 2.0**-52


def test_many_at_once_are_the_same_as_one_by_one():
    persons = np.arange(1, 500, dtype=np.uint64) + (np.uint64(0x7ABCDEF0) << np.uint64(32))
    assert np.array_equal(first_of_each(persons, 99, 1, 2, 5, 6), many(persons, 99, 1, 2, 5, 6)[:, 0])


# Fixed seeds; a limit of p > 1e-4 would be passed by chance alone 9,999 times in 10,000.
def test_both_uniforms_are_uniform_and_independent():
    u = many(np.arange(1, 100_001))
    for column in (0, 1):
        assert stats.kstest(u[:, column], "uniform").pvalue > 1e-4
        assert abs(u[:, column].mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(u))
    cells = np.histogram2d(u[:, 0], u[:, 1], bins=20, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(cells.ravel()).pvalue > 1e-4
    assert abs(np.corrcoef(u.T)[0, 1]) < 4 / np.sqrt(len(u))


@pytest.mark.parametrize("changed", ["draw", "episode", "attempt", "seed", "rep"])
def test_a_neighbouring_draw_is_unrelated(changed):
    persons = np.arange(1, 40_001)
    here, there = many(persons), many(persons, **{changed: 8})
    for a in (0, 1):
        for b in (0, 1):
            assert abs(np.corrcoef(here[:, a], there[:, b])[0, 1]) < 4.5 / np.sqrt(len(persons))
    assert not np.any(here == there)


def test_neighbouring_people_are_unrelated():
    u = many(np.arange(1, 40_002))[:, 0]
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4.5 / np.sqrt(len(u))
