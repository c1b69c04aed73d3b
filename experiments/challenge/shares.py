"""The difference between two sets of values, split by input so that the parts add up to the whole exactly.

One at a time depends on which input is taken first. The Shapley value (Shapley 1953) is the mean over all orders, so it
depends on none. It is worked out over every combination of both sides' values in whole pence and whole millionths of a
package, as fractions, and rounded so that the parts still add up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations

MOST = 8
"""Inputs up to which every combination is worked out: 256 of them."""

Part = frozenset[int]


def subsets(count: int) -> list[Part]:
    """Every combination of so many inputs, smaller ones first."""
    return [frozenset(chosen) for size in range(count + 1) for chosen in combinations(range(count), size)]


def shapley(values: Mapping[Part, int], count: int) -> list[int]:
    """Each input's share of ``values[all] - values[none]``, in whole units; the shares add up to it exactly.

    ``values`` holds a whole number for every combination of ``range(count)``.
    """
    weights = [
        Fraction(math.factorial(size) * math.factorial(count - size - 1), math.factorial(count))
        for size in range(count)
    ]
    exact = [
        sum(
            (weights[len(part)] * (values[part | {one}] - values[part]) for part in values if one not in part),
            start=Fraction(0),
        )
        for one in range(count)
    ]
    return whole(exact)


def whole(parts: Sequence[Fraction]) -> list[int]:
    """Parts of a whole number as whole numbers with the same sum: those with the largest remainders are rounded up."""
    down = [math.floor(part) for part in parts]
    missing = sum(parts, start=Fraction(0)) - sum(down)
    order = sorted(range(len(parts)), key=lambda at: (down[at] - parts[at], at))
    for at in order[: int(missing)]:
        down[at] += 1
    return down
