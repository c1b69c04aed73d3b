"""Philox4x32-10: a counter-based generator (Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3").

The same key and counter give the same number on any machine, in any order: a draw can be named.
Checked against the vectors published with Random123 (tests/test_philox.py).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from simulation.compiling import compiled

ROUNDS = 10
MULTIPLIERS, KEY_STEPS = (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85)
_M0, _M1 = (np.uint64(number) for number in MULTIPLIERS)
_W0, _W1 = (np.uint64(number) for number in KEY_STEPS)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_12 = np.uint64(12)
_16 = np.uint64(16)
_UNIT = 2.0**-52


@njit(cache=True, inline="always")
def block(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Ten rounds: four 32-bit counter words and two key words, as uint64, to four 32-bit words."""
    for _ in range(ROUNDS):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@njit(cache=True, inline="always")
def unit(high, low):  # type: ignore[no-untyped-def]
    """Two words to a float in (0, 1): 52 bits and a half, so that neither 0 nor 1 can come out."""
    return (np.float64(((high << _32) | low) >> _12) + 0.5) * _UNIT


@compiled("UniTuple(float64, 2)(uint64, uint64, uint64, uint64, uint64, uint64)")
def pair(person, draw, episode, attempt, seed, replication):  # type: ignore[no-untyped-def]
    """Two independent uniforms for a person's decision.

    ``person`` has 64 bits, ``draw`` 32, ``episode`` and ``attempt`` 16 each; the key is (seed, replication).
    """
    w0, w1, w2, w3 = block(person >> _32, person & _LOW, draw, (episode << _16) | attempt, seed, replication)
    return unit(w0, w1), unit(w2, w3)


@compiled("float64[::1](uint64[::1], uint64, uint64, uint64, uint64, uint64)")
def first_of_each(persons, draw, episode, attempt, seed, replication):  # type: ignore[no-untyped-def]
    """The first uniform of ``pair`` for many people at once; so simple that the compiler does several in a step."""
    out = np.empty(persons.shape[0])
    for i in range(persons.shape[0]):
        w0, w1, _, _ = block(persons[i] >> _32, persons[i] & _LOW, draw, (episode << _16) | attempt, seed, replication)
        out[i] = unit(w0, w1)
    return out
