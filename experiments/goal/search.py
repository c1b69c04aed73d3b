"""Where along an input a target begins, or ceases, to be met."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from experiments.goal.lived import Lives, Standing, standing
from experiments.goal.varied import Varied

SCAN = 5
"""Values, evenly over the range, at which the experiment is lived before anything is closed in on: a target that is met
in the middle of a range alone is seen only if one of them lies there."""

TOLERANCE = 1 / 200
"""Share of the range to which an answer is closed in on."""

MOST_ROUNDS = 12

Points = Sequence[tuple[float, Standing]]
Read = Callable[[Standing], float]


@dataclass(frozen=True)
class Crossing:
    """A value of the input at which the target begins (``met_above``) or ceases to be met.

    Attributes:
        low, high: the values at which the 95% interval of the measure holds the threshold; None: beyond the range
            searched, or not told by so few replications.
    """

    at: float
    low: float | None
    high: float | None
    met_above: bool


@dataclass(frozen=True)
class Result:
    """What was found along one input.

    Attributes:
        at_least: as the target, or the side on which a break-even stands now. points: (value, standing) in rising
        order, contradictory ones left out. contradictory: values at which no replication could be lived. likely:
        whether a probability is asked, and not a mean. fixed: another input that is set, with its value.
    """

    varied: Varied
    at_least: bool
    points: tuple[tuple[float, Standing], ...]
    crossings: tuple[Crossing, ...]
    contradictory: tuple[float, ...]
    likely: bool
    fixed: tuple[tuple[str, float], ...] = ()

    @property
    def met(self) -> str:
        """'everywhere', 'nowhere', 'from' a value on, 'up_to' a value, 'between' two, or 'in_places'."""
        if not self.points:
            return "nowhere"
        if not self.crossings:
            return "everywhere" if self.points[0][1].slack >= 0 else "nowhere"
        if len(self.crossings) == 1:
            return "from" if self.crossings[0].met_above else "up_to"
        between = len(self.crossings) == 2 and self.crossings[0].met_above
        return "between" if between else "in_places"

    @property
    def closest(self) -> tuple[float, Standing]:
        """Where the target comes closest: most likely to be met, or the measure nearest to it on average."""
        return max(self.points, key=lambda point: (closeness(point[1], self.likely), -point[0]))

    @property
    def left_out(self) -> tuple[int, int]:
        """The fewest and the most replications lived at a point."""
        counts = [s.replications for _, s in self.points]
        return (min(counts), max(counts)) if counts else (0, 0)


def closeness(one: Standing, likely: bool) -> tuple[float, float]:
    """How near a point comes to the target, to be compared with others."""
    return (one.met if likely else 0.0, one.slack)


def scan_of(varied: Varied, points: int = SCAN) -> list[float]:
    """Values that are lived first: evenly over the range, and the one as it stands."""
    grid = {float(x) for x in np.linspace(varied.low, varied.high, points)}
    if varied.low < varied.current < varied.high:
        grid.add(varied.current)
    return sorted(grid)


def claim(lives: Lives) -> bool:
    """For a break-even: whether the measure lies above the threshold as things stand."""
    (values,) = lives.at([{}])
    return not standing(lives.target, True, values).slack < 0


class Along:
    """The search along one input, other varied inputs held at ``fixed``."""

    def __init__(self, lives: Lives, at_least: bool, varied: Varied, fixed: Mapping[str, float]):
        self.lives, self.at_least, self.varied, self.fixed = lives, at_least, varied, dict(fixed)
        self.found: dict[float, Standing] = {}

    def live(self, values: Sequence[float]) -> None:
        """Live the experiment at these values, all at once."""
        values = sorted(set(values) - set(self.found))
        lived = self.lives.at([{**self.fixed, self.varied.key: x} for x in values])
        self.found |= {x: standing(self.lives.target, self.at_least, one) for x, one in zip(values, lived, strict=True)}

    @property
    def points(self) -> list[tuple[float, Standing]]:
        """What is known, in rising order."""
        return [(x, s) for x, s in sorted(self.found.items()) if s.replications]

    def brackets(self) -> list[tuple[float, float]]:
        """Neighbouring values between which the target turns."""
        points = self.points
        return [(x, y) for (x, a), (y, b) in pairwise(points) if (a.slack >= 0) != (b.slack >= 0)]

    def close_in(self) -> None:
        """Halve and better every bracket until it is no wider than ``TOLERANCE`` of the range."""
        near = TOLERANCE * self.varied.width
        for turn in range(MOST_ROUNDS):
            wanted: list[float] = []
            for x, y in self.brackets():
                if y - x <= near * (1 + 1e-9):
                    continue
                middle = (x + y) / 2 if turn % 3 == 2 else _straight(x, y, self.found[x].slack, self.found[y].slack)
                wanted += [at for at in (middle - 0.45 * near, middle + 0.45 * near) if x < at < y]
            if not wanted:
                return
            self.live(wanted)

    def crossings(self) -> list[Crossing]:
        """Every turn with its interval, as far as it is known by now."""
        result = []
        points = self.points
        for x, y in self.brackets():
            a, b = self.found[x].slack, self.found[y].slack
            at, rises = _straight(x, y, a, b), b >= 0
            surely, surely_not = (lambda s: s.low), (lambda s: -s.high)
            right = _edge(points, at, surely if rises else surely_not, 1)
            left = _edge(points, at, surely_not if rises else surely, -1)
            result.append(Crossing(at, left, right, rises))
        return result


def search(lives: Lives, at_least: bool, varied: Varied, fixed: Mapping[str, float] | None = None) -> Result:
    """Live the experiment over an input's range, and close in on where the target turns."""
    along = Along(lives, at_least, varied, fixed or {})
    along.live(scan_of(varied))
    along.close_in()
    ends = [end for c in along.crossings() for end in (c.low, c.high) if end is not None]
    near = TOLERANCE * varied.width
    along.live([end for end in ends if all(abs(end - x) > near for x in along.found)])
    contradictory = tuple(x for x, s in sorted(along.found.items()) if not s.replications)
    points, crossings = tuple(along.points), tuple(along.crossings())
    likely = lives.target.probability is not None
    return Result(varied, at_least, points, crossings, contradictory, likely, tuple(sorted(along.fixed.items())))


def _straight(x: float, y: float, a: float, b: float) -> float:
    """Where a straight line between two points crosses nought; the middle where one of them is infinite."""
    if not (math.isfinite(a) and math.isfinite(b)) or a == b:
        return (x + y) / 2
    return x - a * (y - x) / (b - a)


def _edge(points: Points, start: float, read: Read, step: int) -> float | None:
    """The nearest value to one side of ``start`` from which on ``read`` is no longer below nought; None: there is none.

    ``read`` is below nought at ``start``, or the edge is ``start`` itself.
    """
    ahead = [(x, read(s)) for x, s in points if (x - start) * step >= 0][::step]
    behind = [(x, read(s)) for x, s in points if (x - start) * step < 0][::step]
    before = behind[-1] if behind else None
    for x, value in ahead:
        if value >= 0:
            if before is None or not math.isfinite(before[1]) or not math.isfinite(value):
                return x
            at = _straight(before[0], x, before[1], value) if before[1] < 0 else start
            return max(at, start) if step > 0 else min(at, start)
        before = (x, value)
    return None
