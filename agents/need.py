"""Where a need rank stands among others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

_BELOW_ONE = 1.0 - 2.0**-53  # the largest float below 1


def standing(rank: float, scale: tuple[Sequence[float], Sequence[float]] | None) -> float:
    """Where a need rank stands among those who reach a decision; ``scale`` None means all ranks alike.

    Always below 1, also for somebody heavier than anyone the scale was made from: they take the last branch that
    anybody takes.
    """
    if scale is None:
        return rank
    ranks, standings = scale
    right = bisect_right(ranks, rank)
    if right >= len(ranks):
        return min(standings[-1], _BELOW_ONE)
    low = ranks[right - 1]
    base = standings[right - 1]
    return min(base + (rank - low) / (ranks[right] - low) * (standings[right] - base), _BELOW_ONE)
