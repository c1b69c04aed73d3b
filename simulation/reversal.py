"""How far one vehicle leads another, where that lead ends, and when the evidence cannot tell them apart.

Draws are paired: one draw of the inputs and one luck serve every vehicle, so draws are taken from each other one by
one. A chance of ranking first is never given without the points at which the leads end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.options import VehicleTable

LEVEL = 0.95
FEWEST_DRAWS = 40
"""Draws below which the middle 95% of them is not told."""

Floats = NDArray[np.float64]


def equal_factor(first: VehicleTable, second: VehicleTable, wider_target: float) -> float:
    """The confidence factor of ``first`` at which both vehicles come to the same published total.

    Below it ``first`` no longer leads. It may lie outside 0 to 1: then no factor makes them equal.
    """
    return (second.total_benefit - first.efficiency_saving) / wider_target


@dataclass(frozen=True)
class Span:
    """A mean of paired differences, and the middle 95% of them, over inputs and chance."""

    mean: float
    low: float
    high: float

    @property
    def holds_nought(self) -> bool:
        """Whether no difference lies in the middle 95%."""
        return self.low <= 0 <= self.high


def span_of(differences: Floats) -> Span:
    """The mean and the middle 95% of paired differences (one per draw).

    Raises:
        ValueError: fewer than ``FEWEST_DRAWS`` draws, or some that are no finite number.
    """
    if differences.ndim != 1 or len(differences) < FEWEST_DRAWS:
        raise ValueError(f"the middle 95% needs at least {FEWEST_DRAWS} draws in a row")
    if not np.isfinite(differences).all():
        raise ValueError("a difference is no finite number")
    low, high = np.quantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Span(math.fsum(differences) / len(differences), float(low), float(high))


@dataclass(frozen=True)
class Verdict:
    """Whether the evidence tells two vehicles apart.

    Attributes:
        lead: of the first over the second. unjudged: the same without any judged factor.
        told_apart: see ``tell_apart``. why: in words, a part of a sentence.
    """

    first: str
    second: str
    lead: Span
    unjudged: Span
    told_apart: bool
    why: str


def tell_apart(first: str, second: str, lead: Floats, unjudged: Floats) -> Verdict:
    """Whether the evidence tells two vehicles apart, by a rule with two conditions, both needed.

    1. The middle 95% of the paired differences lies on one side of nought.
    2. So does the middle 95% of the differences without the judged factors (confidence, ratings), on the same side.
       Otherwise the lead is the judgement, given back.

    Args:
        lead: first less second, one per draw. unjudged: the same draws with every vehicle judged alike.

    Raises:
        ValueError: too few draws, or not the same number of both.
    """
    if lead.shape != unjudged.shape:
        raise ValueError("the two sets of differences are not of the same draws")
    whole, bare = span_of(lead), span_of(unjudged)
    if not lead.any():
        return Verdict(first, second, whole, bare, False, "they come to the same in every draw")
    if whole.holds_nought:
        return Verdict(first, second, whole, bare, False, "the middle 95% of the differences holds nought")
    if bare.holds_nought or (bare.mean > 0) != (whole.mean > 0):
        why = "the difference rests on judged factors: without them it is not told from nought, or turns round"
        return Verdict(first, second, whole, bare, False, why)
    why = "the middle 95% of the differences lies on one side of nought, also without the judged factors"
    return Verdict(first, second, whole, bare, True, why)


@dataclass(frozen=True)
class Reversal:
    """Where one vehicle stops leading another as something is varied.

    Attributes:
        varied: what is varied, with its unit, such as "points of adoption". tried: the least and the greatest value.
        point: where the mean lead is nought; None where there is no such value, or more than one.
        low, high: the values nearest to that point on either side at which the middle 95% of the paired leads no
            longer holds nought; None where that lies beyond what was tried.
        leads: ``always``, ``never``, ``above`` or ``below`` the point; ``never`` also where the two are always equal;
            ``changes`` where it turns more than once.
        points: every value at which the mean lead is nought.
    """

    first: str
    second: str
    varied: str
    tried: tuple[float, float]
    point: float | None
    low: float | None
    high: float | None
    leads: str
    points: tuple[float, ...]

    def __str__(self) -> str:
        names, between = f"{self.first} leads {self.second}", f"between {self.tried[0]:g} and {self.tried[1]:g}"
        if self.leads == "always":
            return f"{names} on average at every value tried, {between} {self.varied}"
        if self.leads == "never":
            return f"{self.first} does not lead {self.second} on average at any value tried, {between} {self.varied}"
        if self.point is None:
            return f"{names} on average at some values and not at others, {between} {self.varied}"
        low = "the least tried" if self.low is None else f"{self.low:.3g}"
        high = "the greatest tried" if self.high is None else f"{self.high:.3g}"
        return (
            f"{names} on average only {self.leads} {self.point:.3g} {self.varied} "
            f"(the middle 95% of draws does not settle it from {low} to {high})"
        )


def _crossings(at: Floats, values: Floats) -> list[float]:
    """Where a line through points is nought, by straight lines between them; each stretch of noughts by its ends."""
    found: list[float] = []
    for i in range(len(at)):
        if values[i] == 0:
            found.append(float(at[i]))
        elif i + 1 < len(at) and values[i] * values[i + 1] < 0:
            found.append(float(at[i] + (at[i + 1] - at[i]) * values[i] / (values[i] - values[i + 1])))
    return found


def reversal(first: str, second: str, varied: str, at: Floats, benefit: Floats, other: Floats) -> Reversal:
    """Where ``first`` stops leading ``second`` as something is varied.

    Args:
        varied: what is varied, with its unit. at: the values tried, rising, shape (m,), such as effects in points.
        benefit, other: benefits of the two vehicles in pounds, shape (draws, m), draws and values paired.

    Raises:
        ValueError: values that do not rise, shapes that do not fit, too few draws.
    """
    if at.ndim != 1 or len(at) < 2 or not (np.diff(at) > 0).all():
        raise ValueError("give at least two rising values")
    if benefit.shape != other.shape or benefit.shape[1:] != at.shape:
        raise ValueError("give one benefit of each vehicle for each draw and value")
    spans = [span_of(column) for column in (benefit - other).T]
    means, lows, highs = (np.array([getattr(span, name) for span in spans]) for name in ("mean", "low", "high"))
    points = tuple(_crossings(at, means))
    tried = (float(at[0]), float(at[-1]))
    ahead = means > 0
    turns = np.flatnonzero(np.diff(ahead))
    if len(turns) == 0:
        leads = "always" if ahead[0] else "never"
        return Reversal(first, second, varied, tried, None, None, None, leads, points)
    if len(turns) > 1:
        return Reversal(first, second, varied, tried, None, None, None, "changes", points)
    turn = int(turns[0])
    rises = bool(ahead[-1])
    around = slice(turn, turn + 2)
    at_turn = _crossings(at[around], means[around])
    point = at_turn[-1] if rises else at_turn[0]
    ends = sorted(_crossings(at, lows) + _crossings(at, highs))
    low = max((end for end in ends if end <= point), default=None)
    high = min((end for end in ends if end >= point), default=None)
    return Reversal(first, second, varied, tried, point, low, high, "above" if rises else "below", points)


@dataclass(frozen=True)
class Chance:
    """A share of draws with its 95% interval (Wilson), for the number of draws alone."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class RankChances:
    """How often each vehicle takes each rank, always with the points at which the leads end.

    Attributes:
        names: of the vehicles. first: of ranking first, by name. by_rank: shape (vehicles, ranks); rows and columns
            sum to 1. draws: how many. reversals: at least one, and one for the vehicle that ranks first most
            often.
    """

    names: tuple[str, ...]
    first: dict[str, Chance]
    by_rank: Floats
    draws: int
    reversals: tuple[Reversal, ...]


def _wilson(share: float, draws: int) -> Chance:
    z = 1.959963984540054
    middle = (share + z * z / (2 * draws)) / (1 + z * z / draws)
    half = z / (1 + z * z / draws) * math.sqrt(share * (1 - share) / draws + z * z / (4 * draws * draws))
    return Chance(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


def rank_chances(names: Sequence[str], benefits: Floats, reversals: Sequence[Reversal]) -> RankChances:
    """How often each vehicle takes each rank over paired draws.

    Benefits are compared in whole pounds; vehicles that come to the same share the ranks they take evenly.

    Args:
        benefits: pounds, shape (draws, vehicles).
        reversals: where the leads end; the chance of ranking first is not given without.

    Raises:
        ValueError: too few draws, names that do not fit, no reversal for the vehicle that ranks first most often.
    """
    draws, vehicles = benefits.shape
    if vehicles != len(names) or len(set(names)) != vehicles:
        raise ValueError("give each vehicle of the draws one name")
    if draws < FEWEST_DRAWS:
        raise ValueError(f"chances of a rank need at least {FEWEST_DRAWS} draws")
    if not np.isfinite(benefits).all():
        raise ValueError("a benefit is no finite number")
    pounds = np.rint(benefits)
    better = (pounds[:, None, :] > pounds[:, :, None]).sum(axis=2)
    same = (pounds[:, None, :] == pounds[:, :, None]).sum(axis=2)
    ranks = np.arange(vehicles)
    takes = (ranks >= better[..., None]) & (ranks < (better + same)[..., None])
    by_rank: Floats = (takes / same[..., None]).mean(axis=0)
    likeliest = names[int(np.argmax(by_rank[:, 0]))]
    if not any(likeliest in (item.first, item.second) for item in reversals):
        raise ValueError(
            f"the chance of ranking first is not given without the point at which {likeliest} stops leading"
        )
    return RankChances(
        tuple(names),
        {name: _wilson(float(by_rank[i, 0]), draws) for i, name in enumerate(names)},
        by_rank,
        draws,
        tuple(reversals),
    )
