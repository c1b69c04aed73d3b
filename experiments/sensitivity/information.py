"""What knowing more would be worth for a choice, in pounds (Raiffa and Schlaifer 1961).

The choice: to change, which brings a benefit nobody knows and costs so much, or not to change, which brings and costs
nothing. Whoever knows the benefit beforehand changes only where it exceeds the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.resampling import middle, resamples, shuffles
from experiments.sensitivity.parts import Floats, Part
from experiments.sensitivity.smooth import Smoother, places_of

RESAMPLES = 200
SHUFFLES = 200
METHOD_EXACT = "expectations of draws, without chance; 95% by bootstrap over draws"
METHOD_ALL = (
    "means of draws shrunk so that they vary as inputs alone make them vary (moment matching, Heath and Baio 2018); "
    "95% by bootstrap over draws"
)
METHOD_EACH = (
    "regression of the benefit on the input by penalised splines (Strong, Oakley and Brennan 2014); 95% by bootstrap "
    "over draws; noise is what 95 of 100 shuffles of the input stay below"
)


@dataclass(frozen=True)
class Worth(Part):
    """What knowing is worth, in pounds. ``noise``: worth seen by luck where there is none."""

    noise: float = 0.0

    @property
    def told_apart(self) -> bool:
        """Whether it is more than luck would show, and its interval lies above nought."""
        return self.value > self.noise and self.low > 0


def worth_of(benefits: Floats, costs: Floats) -> Floats:
    """Expected gain of choosing when the benefit is known, over choosing once for all.

    Args:
        benefits: expectations given what would be known; the last axis runs over draws. costs: of the other axes.
    """
    net = benefits - np.asarray(costs)[..., None]
    gain: Floats = np.maximum(net, 0.0).mean(axis=-1) - np.maximum(net.mean(axis=-1), 0.0)
    return gain


def expectations(values: Floats) -> Floats:
    """Each draw's expectation without chance, as far as the spread goes.

    Args:
        values: shape (draws, each); with one value a draw they are taken to be without chance.
    """
    means: Floats = values.mean(axis=1)
    each = values.shape[1]
    if each == 1:
        return means
    chance = float(values.var(axis=1, ddof=1).mean()) / each
    whole = float(means.var(ddof=1))
    shrunk = np.sqrt(max(whole - chance, 0.0) / whole) if whole > 0 else 0.0
    without: Floats = means.mean() + shrunk * (means - means.mean())
    return without


def _costs(costs: Sequence[float | None], mean: float) -> Floats:
    return np.array([mean if cost is None else cost for cost in costs])


def of_everything(values: Floats, costs: Sequence[float | None], seed: int) -> list[Worth]:
    """What knowing all ranged inputs would be worth at each cost.

    Args:
        values: as of ``expectations``. costs: pounds; None where change costs just what it brings on average, which
            is where knowing is worth most.
    """

    def worth(at: Floats) -> Floats:
        draws = expectations(at)
        return worth_of(np.broadcast_to(draws, (len(costs), len(draws))), _costs(costs, draws.mean()))

    found = worth(values)
    again = np.array([worth(values[at]) for at in resamples("value of information", seed, len(values), RESAMPLES)])
    return [Worth(float(value), *middle(again[:, n])) for n, value in enumerate(found)]


def of_one(known: Floats, values: Floats, cost: float | None, seed: int, name: str) -> Worth:
    """What knowing one input would be worth.

    Where luck would show as much, the interval begins at nought.

    Args:
        known: the input's value in each draw. values: the benefit, shape (draws, each); chance goes into the scatter
            around the curve. cost: as of ``of_everything``. name: of the input.
    """
    benefits = values.mean(axis=1)
    places = places_of(known)
    mean = float(benefits.mean())
    whole = Smoother.at(places)
    column = (benefits - mean)[:, None]
    weight = whole.weights(column)
    value = float(worth_of(mean + whole.fitted(column, weight)[:, 0], _costs([cost], mean)[0]))
    orders = shuffles(f"{name}, noise", seed, len(values), SHUFFLES)
    mixed = column[:, 0][orders].T
    nothing = worth_of(mean + whole.fitted(mixed, whole.weights(mixed)).T, np.repeat(_costs([cost], mean), SHUFFLES))
    noise = float(np.quantile(nothing, 0.95))
    again = []
    for at in resamples(f"{name}, value", seed, len(values), RESAMPLES):
        middling = float(benefits[at].mean())
        curve = Smoother.at(places[at]).fitted((benefits[at] - middling)[:, None], weight)[:, 0]
        again.append(float(worth_of(middling + curve, _costs([cost], middling)[0])))
    low, high = middle(np.array(again))
    return Worth(value, low if value > noise else 0.0, high, noise)
