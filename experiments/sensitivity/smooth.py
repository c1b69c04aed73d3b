"""A smooth curve through many points: what is expected of an outcome once one input is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_PIECES = 8
"""Pieces of the curve, where there are points enough: it may bend, and follows no single point."""

POINTS_A_PIECE = 12
WEIGHTS = 10.0 ** np.linspace(-4, 7, 45)
"""Weights of smoothness among which cross-validation chooses; the heaviest gives a straight line."""


def places_of(values: Floats) -> Floats:
    """Where values stand among themselves, from 0 to 1; equal values stand in the same place."""
    from scipy.stats import rankdata

    return (np.asarray(rankdata(values), dtype=np.float64) - 0.5) / len(values)


@dataclass(frozen=True)
class Smoother:
    """Cubic pieces with penalised second differences (Eilers and Marx 1996), for outcomes at given places.

    Attributes:
        basis: orthonormal over the places, shape (points, terms), roughest last. roughness: of each term.
    """

    basis: Floats
    roughness: Floats

    @classmethod
    def at(cls, places: Floats) -> Smoother:
        """The smoother for points at places from 0 to 1."""
        from scipy.interpolate import BSpline
        from scipy.linalg import eigh

        pieces = int(np.clip(len(places) // POINTS_A_PIECE, 1, MOST_PIECES))
        knots = np.arange(-3, pieces + 4) / pieces
        raw = BSpline.design_matrix(places, knots, 3).toarray()
        penalty = np.diff(np.eye(raw.shape[1]), 2, axis=0)
        inner = raw.T @ raw
        inner += 1e-10 * np.trace(inner) * np.eye(len(inner))  # a piece may hold no points
        roughness, terms = eigh(penalty.T @ penalty, inner)
        return cls(raw @ terms, np.maximum(roughness, 0.0))

    def weights(self, outcomes: Floats) -> Floats:
        """The weight of smoothness for each column of outcomes, by generalised cross-validation."""
        points = len(outcomes)
        found = self.basis.T @ outcomes
        whole = (outcomes**2).sum(axis=0)
        scores = []
        for weight in WEIGHTS:
            kept = 1 / (1 + weight * self.roughness)
            left = whole - ((2 * kept - kept**2)[:, None] * found**2).sum(axis=0)
            scores.append(np.maximum(left, 0.0) / (points - kept.sum()) ** 2)
        best: Floats = WEIGHTS[np.argmin(np.array(scores), axis=0)]
        return best

    def fitted(self, outcomes: Floats, weights: Floats) -> Floats:
        """The curves at the points: shape (points, columns)."""
        kept = 1 / (1 + self.roughness[:, None] * weights[None, :])
        curves: Floats = self.basis @ (kept * (self.basis.T @ outcomes))
        return curves
