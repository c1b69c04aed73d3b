"""Everything that is found out, as tables: Morris, Sobol, the parts of the spread, and what knowing is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.measured import Point
from experiments.sensitivity import information, parts, screen, shares
from experiments.sensitivity.information import Worth
from experiments.sensitivity.study import Ask, Floats, Study, benefit_of

CURVE = 17
"""Costs of change along the curve."""

WIDTH = 2.5
"""The curve reaches so many standard deviations to either side of the mean benefit."""


def screen_table(study: Study, trajectories: int) -> tuple[pd.DataFrame, list[Floats]]:
    """Morris's screen of all inputs, and mu_star by measure.

    Columns: measure, unit, input, title, mu, mu_star, mu_star_low, mu_star_high, sigma, effects,
    contradictory_effects. Sorted by measure and mu_star.
    """
    points = screen.ways(len(study.inputs), trajectories, study.seed)
    flat = screen.reached(points).reshape(-1, len(study.inputs))
    found = study.means([study.over(row) for row in flat])
    rows, scores = [], []
    for m, name in enumerate(study.names):
        effects = screen.effects(points, [None if one is None else float(one[m]) for one in found])
        mine = screen.screened(effects, study.seed, name)
        scores.append(np.array([row["mu_star"] for row in mine]))
        head = {"measure": name, "unit": study.measure(name).unit}
        made = [
            {**head, "input": item.key, "title": title, **row}
            for item, title, row in zip(study.inputs, study.titles, mine, strict=True)
        ]
        rows += sorted(made, key=lambda row: -_known(float(str(row["mu_star"]))))
    return pd.DataFrame(rows), scores


def _known(value: float) -> float:
    return -1.0 if math.isnan(value) else value


def shares_table(study: Study, chosen: Sequence[int], samples: int) -> pd.DataFrame:
    """Sobol indices of some inputs, the others central.

    Columns: measure, input, title, s1, s1_low, s1_high, st, st_low, st_high, blocks, contradictory_blocks.
    """
    points = shares.blocks(len(chosen), samples, study.seed)
    flat = points.reshape(-1, len(chosen))
    found = study.means([study.over(row, chosen) for row in flat])
    rows = []
    for m, name in enumerate(study.names):
        made = shares.shares(len(chosen), [None if one is None else float(one[m]) for one in found], study.seed)
        mine = [
            {
                "measure": name,
                "input": study.inputs[place].key,
                "title": study.titles[place],
                **{f"s1{end}": float(made.s1[k, n]) for k, end in enumerate(("", "_low", "_high"))},
                **{f"st{end}": float(made.st[k, n]) for k, end in enumerate(("", "_low", "_high"))},
                "blocks": made.blocks,
                "contradictory_blocks": made.dropped,
            }
            for n, place in enumerate(chosen)
        ]
        rows += sorted(mine, key=lambda row: -_known(float(str(row["st"]))))
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Draws:
    """Draws of all ranged inputs, each lived by replications of its own.

    Attributes:
        inputs: shape (draws, inputs). values: shape (draws, each, measures). against: the same of another route's
        benefit, shape (draws, each), if one was asked. contradictory: draws that were left out.
    """

    inputs: Floats
    values: Floats
    against: Floats | None
    contradictory: int


def drawn(study: Study, draws: int, each: int, against: Ask | None) -> Draws:
    """Live the draws. ``each``: replications of a draw; with another route both must hold for a draw to count."""
    sets = [study.evaluator.prepared.inputs.drawn(study.seed, draw) for draw in range(draws)]
    points = [Point.of(over, range(draw * each, (draw + 1) * each)) for draw, over in enumerate(sets)]
    mine = study.ask(points)
    others = [None] * draws if against is None else against(points)
    good = [d for d in range(draws) if mine[d] is not None and (against is None or others[d] is not None)]
    values = np.array([mine[d] for d in good], dtype=np.float64).reshape(len(good), -1, len(study.names))
    other = None if against is None else np.array([others[d] for d in good]).sum(axis=2)
    inputs = np.array([[sets[d][item.key] for item in study.inputs] for d in good]).reshape(-1, len(study.inputs))
    return Draws(inputs, values, other, draws - len(good))


def draws_table(study: Study, found: Draws) -> pd.DataFrame:
    """Columns: draw (among those that hold), replication (of the draw), measure, value."""
    count, each, names = found.values.shape
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(count), each * names),
            "replication": np.tile(np.repeat(np.arange(each), names), count),
            "measure": list(study.names) * (count * each),
            "value": found.values.ravel(),
        }
    )


def parts_table(study: Study, found: Draws) -> pd.DataFrame:
    """The variance of each measure in two parts.

    Columns: measure, unit, mean, part (inputs, chance), variance, variance_low, variance_high, share, share_low,
    share_high (of both parts), draws, replications_each, contradictory_draws, method.
    """
    rows = []
    count, each, _ = found.values.shape
    for m, name in enumerate(study.names):
        made = parts.split(found.values[:, :, m], study.seed, name)
        share = made.share
        both = (
            ("inputs", made.inputs, (share.value, share.low, share.high)),
            ("chance", made.chance, (1 - share.value, 1 - share.high, 1 - share.low)),
        )
        for part, variance, (value, low, high) in both:
            rows.append(
                {
                    "measure": name,
                    "unit": study.measure(name).unit,
                    "mean": made.mean,
                    "part": part,
                    "variance": variance.value,
                    "variance_low": variance.low,
                    "variance_high": variance.high,
                    "share": value,
                    "share_low": low,
                    "share_high": high,
                    "draws": count,
                    "replications_each": each,
                    "contradictory_draws": found.contradictory,
                    "method": parts.METHOD,
                }
            )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Knowing:
    """What knowing would be worth for the choice.

    Attributes:
        mean: what the change brings on average, pounds over all years. cost: the cost of change at which single
        inputs are valued; asked: whether the user gave it. whole: all inputs known, at that cost. curve: cost and
        worth. each: by place among the study's inputs.
    """

    mean: float
    cost: float
    asked: bool
    whole: Worth
    curve: tuple[tuple[float, Worth], ...]
    each: tuple[tuple[int, Worth], ...]


def knowing(study: Study, found: Draws, cost: float | None) -> Knowing:
    """Value all inputs along costs of change, and each input at one cost.

    That cost is the user's; or else what the change brings on average, where knowing is worth most (nought, if today
    is better even at no cost and the choice is about changing at all).
    """
    at = [study.names.index(name) for name in benefit_of(study.evaluator)]
    benefit = found.values[:, :, at].sum(axis=2)
    if found.against is not None:
        benefit = benefit - found.against
    mean, spread = float(benefit.mean()), float(information.expectations(benefit).std(ddof=1))
    free = found.against is not None  # one route may cost less than another
    valued = cost if cost is not None or mean > 0 or free else 0.0
    ends = (mean - WIDTH * spread, mean + WIDTH * spread)
    costs = np.linspace(ends[0] if free else max(0.0, ends[0]), max(ends[1], 0.0), CURVE)
    whole, *along = information.of_everything(benefit, [valued, *map(float, costs)], study.seed)
    each = []
    for n, item in enumerate(study.inputs):
        if np.ptp(found.inputs[:, n]) > 0:
            each.append((n, information.of_one(found.inputs[:, n], benefit, valued, study.seed, item.key)))
    each.sort(key=lambda pair: -pair[1].value)
    curve = tuple(zip(map(float, costs), along, strict=True))
    return Knowing(mean, mean if valued is None else valued, cost is not None, whole, curve, tuple(each))


def knowing_tables(study: Study, found: Knowing) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``information``: worth of single inputs, and ``information_curve``: worth of all along costs of change.

    Columns of the first: input ('all' for all together), title, cost, worth, low, high, noise, told_apart, method. Of
    the second: cost, worth, low, high.
    """
    method = information.METHOD_EXACT if study.exact else information.METHOD_ALL
    rows = [_row("all", "all ranged inputs together", found.cost, found.whole, method)]
    rows += [
        _row(study.inputs[n].key, study.titles[n], found.cost, worth, information.METHOD_EACH)
        for n, worth in found.each
    ]
    curve = [{"cost": cost, "worth": one.value, "low": one.low, "high": one.high} for cost, one in found.curve]
    return pd.DataFrame(rows), pd.DataFrame(curve)


def _row(key: str, title: str, cost: float, worth: Worth, method: str) -> dict[str, object]:
    return {
        "input": key, "title": title, "cost": cost, "worth": worth.value, "low": worth.low, "high": worth.high,
        "noise": worth.noise, "told_apart": worth.told_apart, "method": method,
    }  # fmt: skip
