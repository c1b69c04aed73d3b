"""An experiment lived at values of the inputs that are varied, the same people with the same luck at each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from experiments.evaluate import Asking
from experiments.evaluate_transition import OfTransition
from experiments.goal.target import Target
from experiments.measured import Evaluator, Point
from experiments.statistics import LEVEL, of_mean
from experiments.transition.delivery import refused, without_range
from simulation.errors import DemandflowError

Floats = NDArray[np.float64]
Over = tuple[tuple[str, float], ...]
"""Values of the inputs that are varied, by key."""


@dataclass(frozen=True)
class Standing:
    """How far above its target a measure stands at one point; below nought: the target is not met.

    Attributes:
        slack: the mean, or the quantile of which the target's probability is asked, less the threshold (the threshold
            less it, where the measure is to stay below). low, high: its 95% interval, infinite where there are too few
            replications. met: share of replications that meet the target. replications: those that could be lived.
    """

    slack: float
    low: float
    high: float
    met: float
    replications: int


NOTHING = Standing(math.nan, math.nan, math.nan, math.nan, 0)


def standing(target: Target, at_least: bool, values: Floats) -> Standing:
    """From one value of the measure per replication; NaN: its inputs contradict each other, and it is left out.

    The interval of a mean is Student's t on paired differences; that of a quantile lies between two of the ordered
    replications (the binomial law, no matter how the measure is spread).
    """
    known = values[~np.isnan(values)]
    slack = (known - target.threshold) if at_least else (target.threshold - known)
    count = len(slack)
    if count < 2:
        return NOTHING
    met = float(np.mean(slack >= 0))
    if target.probability is None:
        mean = of_mean(slack.tolist())
        return Standing(mean.mean, mean.low, mean.high, met, count)
    falling = np.sort(slack)[::-1]
    needed = max(1, math.ceil(target.probability * count - 1e-9))
    first, last = ranks(count, target.probability)
    high = float(falling[first - 1]) if first >= 1 else math.inf
    low = float(falling[last - 1]) if last <= count else -math.inf
    return Standing(float(falling[needed - 1]), low, high, met, count)


def ranks(count: int, share: float) -> tuple[int, int]:
    """Of ``count`` values in falling order, the two that hold between them what ``share`` of all values reach.

    They do so 95 times in 100; 0, or ``count`` + 1, where there are too few values to tell that end.
    """
    from scipy.special import betainc

    # P(at least j of count reach it), j = 1 … count
    reach = [float(betainc(j, count - j + 1, share)) for j in range(1, count + 1)]
    tail = (1 - LEVEL) / 2
    first = max((j for j, p in enumerate(reach, 1) if p >= 1 - tail), default=0)
    last = min((j for j, p in enumerate(reach, 1) if p <= tail), default=count + 1)
    return first, last


def share_interval(met: float, count: int) -> tuple[float, float]:
    """The 95% interval of a share of replications (Clopper and Pearson)."""
    from scipy.special import betaincinv

    hits, tail = round(met * count), (1 - LEVEL) / 2
    low = float(betaincinv(hits, count - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, count - hits, 1 - tail)) if hits < count else 1.0
    return low, high


@dataclass
class Lives:
    """Everything that has been lived so far, and the way to live more.

    Args:
        replications: how many at each point. told: is called with the number of points before they are lived.
    """

    asking: Asking
    target: Target
    replications: int
    told: Callable[[int], None] = lambda points: None
    known: dict[tuple[Over, int], Floats] = field(default_factory=dict)

    def at(self, points: Sequence[Mapping[str, float]], replications: int | None = None) -> list[Floats]:
        """The measure at each point, one value per replication; NaN where drawn inputs contradict each other."""
        count = replications or self.replications
        keys: list[Over] = [tuple(sorted(point.items())) for point in points]
        new = [key for key in dict.fromkeys(keys) if (key, count) not in self.known]
        if new:
            self.told(len(new))
            asked = [point for key in new for point in self._points(dict(key), count)]
            found = iter(self.asking.ask(asked, [self.target.measure]))
            for key in new:
                parts = [next(found) for _ in self._points(dict(key), count)]
                self.known[key, count] = self._joined(parts, count)
        return [self.known[key, count] for key in keys]

    def _points(self, over: Mapping[str, float], count: int) -> list[Point]:
        if not self.target.drawn:
            return [Point.of(over, range(count))]
        inputs, seed = self.asking.evaluator.prepared.inputs, self.asking.evaluator.prepared.experiment.seed
        return [Point.of({**inputs.drawn(seed, r), **over}, [r]) for r in range(count)]

    def _joined(self, parts: Sequence[Floats | None], count: int) -> Floats:
        if not self.target.drawn:
            return np.full(count, np.nan) if parts[0] is None else parts[0][:, 0]
        return np.array([math.nan if part is None else float(part[0, 0]) for part in parts])


def unranged(evaluator: Evaluator, varied: Sequence[str]) -> list[str]:
    """Assumptions that money may rest on and that have no range, those that are set by hand left out."""
    if isinstance(evaluator, OfTransition):
        found = refused(evaluator.run)
    else:
        prepared = evaluator.prepared
        run = prepared.comparison
        assert run is not None
        compared = {file.ref for file in (run.baseline, run.model, run.demand, run.prices)}
        beside = {file.ref for own in prepared.own for file in (own.model, own.demand)} - compared
        found = without_range(prepared.inputs, beside)
    return [key for key in found if key not in varied]


def refuse_without_ranges(evaluator: Evaluator, varied: Sequence[str]) -> None:
    """No probability is given while an assumption that moves money has no range.

    Raises:
        DemandflowError: with the list.
    """
    missing = unranged(evaluator, varied)
    if missing:
        raise DemandflowError(
            "no probability over inputs can be given: these assumptions move money and have no range: "
            f"{', '.join(missing)}. Give each a range, vary it, or ask for the probability from 'chance alone' or for "
            "the target 'on average'."
        )
