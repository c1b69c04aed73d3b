"""How need ranks are spread among the people who reach a decision.

Everybody starts with a rank spread evenly over (0, 1). A decision that follows need lets the light through and keeps
the heavy, so those who go on are no longer spread evenly. Because a decision follows the rank with probability
``weight`` and chance otherwise, every spread stays piecewise constant, and branch shares stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.need_loops import both_edges, cut, density_on, people_of, ranks_with

Floats = NDArray[np.float64]
_NOUGHT = np.zeros(1)

MOST_EDGES = 400

MOST_PIECES = 2_048
"""A spread is kept in about so many pieces where it would take ever more of them."""


LEAST_WIDTH = 1e-9
"""People less than this apart are taken together: narrower pieces soon have no width a number can hold."""

NARROW = 1e-6
"""From here on people are counted before their edges move: what edges lose in rounding would be people."""


def _wide_enough(edges: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Edges at least that far apart, and the density of the same people between them.

    A loop that moves need in each round presses everybody towards one rank; without this their number would be lost.
    """
    if edges[-1] - edges[0] < LEAST_WIDTH:
        low = min(float(edges[0]), 1.0 - LEAST_WIDTH)
        return np.array([low, low + LEAST_WIDTH]), np.array([people.sum() / LEAST_WIDTH])
    keep, last, places = [0], float(edges[0]), edges.tolist()
    for place in range(1, len(places)):
        if places[place] - last >= LEAST_WIDTH:
            keep.append(place)
            last = places[place]
    keep[-1] = len(edges) - 1  # what is left over goes with the last
    within = np.add.reduceat(people, keep[:-1])
    return edges[keep], within / np.diff(edges[keep])


@dataclass(frozen=True)
class Spread:
    """People by need rank: ``density[i]`` per unit of rank between ``edges[i]`` and ``edges[i + 1]``.

    ``edges`` has shape (n + 1,), from 0 to 1; ``density`` has shape (n,).
    """

    edges: Floats
    density: Floats

    @property
    def mass(self) -> float:
        """How many people, as a share of contacts or a count, whatever the start was."""
        # Kept by hand: a cached_property of Python 3.11 locks, which takes longer than the counting.
        known: float | None = self.__dict__.get("_mass")
        if known is None:
            known = self.__dict__["_mass"] = float(people_of(self.edges, self.density))
        return known

    def times(self, factor: float) -> Spread:
        """The same spread with ``factor`` times the people."""
        return Spread(self.edges, self.density * factor)

    def at(self, edges: Floats) -> Floats:
        """The density on a finer set of edges."""
        result: Floats = density_on(self.edges, self.density, edges)
        return result

    def plus(self, other: Spread) -> Spread:
        """Both groups of people together."""
        if self.edges is other.edges or np.array_equal(self.edges, other.edges):
            return Spread(self.edges, self.density + other.density)
        edges = both_edges(self.edges, other.edges)
        return Spread(edges, self.at(edges) + other.at(edges))

    def moved(self, times: float, plus: float) -> Spread:
        """The same people after every rank r has become times × r + plus; ``times`` above 0."""
        if times == 1.0 and plus == 0.0:
            return self
        edges = self.edges * times + plus
        density = self.density / times
        if np.diff(edges).min() < NARROW:
            edges, density = _wide_enough(edges, self.density * np.diff(self.edges))
        if edges[0] > 0.0:
            edges, density = np.concatenate([[0.0], edges]), np.concatenate([[0.0], density])
        if edges[-1] < 1.0:
            edges, density = np.concatenate([edges, [1.0]]), np.concatenate([density, [0.0]])
        return Spread(edges, density)

    def merged(self, most: int = MOST_EDGES) -> Spread:
        """With at most about ``most`` edges: people between edges that lie close are spread evenly there; none is lost.

        Where people come back with a need that has changed, edges would double with every episode.
        """
        least = 1.0 / most if len(self.edges) > most else LEAST_WIDTH
        cell = np.floor(self.edges / least)
        keep = np.concatenate([[True], cell[1:-1] > cell[:-2], [True]])
        if keep.all():
            return self
        people = np.concatenate([[0.0], np.cumsum(self.density * np.diff(self.edges))])[keep]
        edges = self.edges[keep]
        return Spread(edges, np.diff(people) / np.diff(edges))

    def scale(self) -> Scale:
        """Where each rank stands among these people: the cumulative share."""
        mass = self.mass
        if mass <= 0:
            return EVEN_SCALE
        steps = np.concatenate([[0.0], np.cumsum(self.density * (self.edges[1:] - self.edges[:-1]))]) / mass
        steps[-1] = 1.0
        return Scale(self.edges, np.minimum(steps, 1.0))

    def above(self, rank: float) -> float:
        """How many of these people have a rank of at least ``rank``."""
        edges = np.union1d(self.edges, [rank])
        keep = edges[:-1] >= rank
        return float(np.dot(self.at(edges)[keep], np.diff(edges)[keep]))

    def split(self, cumulative: Floats, weight: float, scale: Scale) -> list[Spread]:
        """The people who take each branch.

        ``cumulative`` holds the branches' cumulative probabilities, shape (branches,), ending in 1.
        """
        bounds = np.concatenate([_NOUGHT, cumulative])
        if weight == 0.0:
            return [self.times(share) for share in (bounds[1:] - bounds[:-1]).tolist()]
        edges, parts = cut(self.edges, self.density, scale.ranks(bounds), bounds, weight)
        return [Spread(edges, part) for part in parts]


@dataclass(frozen=True)
class Scale:
    """A rising piecewise-linear map from need rank to standing among the people who reach a decision."""

    ranks_at: Floats
    standing: Floats

    def ranks(self, standing: Floats) -> Floats:
        """The lowest rank with each standing."""
        result: Floats = ranks_with(self.ranks_at, self.standing, standing)
        return result


EVEN = Spread(np.array([0.0, 1.0]), np.array([1.0]))
EVEN_SCALE = Scale(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
