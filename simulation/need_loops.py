"""Spreads of need rank added and cut by plain loops over their edges: what ``needrank`` does a million times.

Edges rise from 0 to 1, shape (n + 1,); a density stands between each two of them, shape (n,).
"""

from __future__ import annotations

import numpy as np

from simulation.compiling import compiled


@compiled()
def people_of(edges, density):  # type: ignore[no-untyped-def]
    """How many people a spread holds, summed in order: a library's own sum differs from processor to processor."""
    total = 0.0
    for i in range(density.shape[0]):
        total += density[i] * (edges[i + 1] - edges[i])
    return total


@compiled()
def both_edges(some, others):  # type: ignore[no-untyped-def]
    """The edges of both, rising, each once."""
    result = np.empty(some.shape[0] + others.shape[0])
    i = j = size = 0
    while i < some.shape[0] or j < others.shape[0]:
        if j == others.shape[0] or (i < some.shape[0] and some[i] <= others[j]):
            edge = some[i]
            i += 1
        else:
            edge = others[j]
            j += 1
        if size == 0 or edge != result[size - 1]:
            result[size] = edge
            size += 1
    return result[:size].copy()


@compiled()
def density_on(edges, density, finer):  # type: ignore[no-untyped-def]
    """The density of a spread on a finer set of edges."""
    result = np.empty(finer.shape[0] - 1)
    at = 0
    for i in range(result.shape[0]):
        middle = (finer[i] + finer[i + 1]) / 2
        while at < density.shape[0] - 1 and edges[at + 1] <= middle:
            at += 1
        result[i] = density[at]
    return result


@compiled()
def ranks_with(ranks_at, standings, wanted):  # type: ignore[no-untyped-def]
    """The lowest rank with each standing on a scale; ``wanted`` in any order."""
    result = np.empty(wanted.shape[0])
    for i in range(wanted.shape[0]):
        standing = wanted[i]
        if standing <= 0.0:
            result[i] = 0.0
            continue
        if standing >= 1.0:
            result[i] = 1.0
            continue
        low, high = 1, standings.shape[0] - 1
        while low < high:  # np.searchsorted takes long to compile
            middle = (low + high) >> 1
            if standings[middle] < standing:
                low = middle + 1
            else:
                high = middle
        right = low
        rise = standings[right] - standings[right - 1]
        along = (standing - standings[right - 1]) / rise if rise > 0.0 else 0.0
        result[i] = ranks_at[right - 1] + along * (ranks_at[right] - ranks_at[right - 1])
    return result


@compiled()
def cut(edges, density, cuts, bounds, weight):  # type: ignore[no-untyped-def]
    """Finer edges, and the density of the people who take each branch: shape (branches, cells).

    A branch takes those between its two ``cuts`` with probability ``weight``, and its share of ``bounds`` by chance.
    """
    finer = both_edges(edges, cuts)
    whole = density_on(edges, density, finer)
    parts = np.empty((bounds.shape[0] - 1, whole.shape[0]))
    for b in range(parts.shape[0]):
        by_chance = (1.0 - weight) * (bounds[b + 1] - bounds[b])
        for i in range(whole.shape[0]):
            middle = (finer[i] + finer[i + 1]) / 2
            by_rank = weight if cuts[b] < middle < cuts[b + 1] else 0.0
            parts[b, i] = whole[i] * (by_rank + by_chance)
    return finer, parts
