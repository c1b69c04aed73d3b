"""Tables of an attribution: what each change brings, in which way counted, with which interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from experiments.attribution import game
from experiments.attribution.parts import Parts
from experiments.measured import Floats, Measure
from experiments.statistics import Interval, of_mean

WAYS: dict[str, Callable[[Sequence[str], game.Worth], dict[str, Fraction]]] = {
    "sequential": game.in_order,
    "alone": game.alone,
    "last": game.last,
    "shapley": game.shapley,
}
"""Ways of counting what a change brings."""

TOGETHER, WHOLE = "together", "whole"
METHOD = "mean of paired differences, Student's t, 95%, chance alone"
PENNY, THOUSANDTH = Fraction(1, 100), Fraction(1, 1000)

Values = Mapping[frozenset[str], Floats]
"""Measures by set of changes made: shape (replications, measures)."""


@dataclass(frozen=True)
class Counted:
    """What the changes bring to one measure.

    Attributes:
        by_replication: way to change to one exact value a replication; ``TOGETHER`` is what the changes leave of the
        whole, ``WHOLE`` the whole. pairs: interactions likewise.
    """

    measure: Measure
    by_replication: Mapping[str, Mapping[str, Sequence[Fraction]]]
    pairs: Mapping[tuple[str, str], Sequence[Fraction]]

    @property
    def replications(self) -> int:
        """How many there are."""
        return len(self.by_replication["shapley"][WHOLE])

    def mean(self, way: str, player: str) -> Fraction:
        """The exact mean."""
        return sum(self.by_replication[way][player], Fraction(0)) / self.replications

    def interval(self, way: str, player: str) -> Interval:
        """Its interval."""
        return of_mean([float(value) for value in self.by_replication[way][player]])


def counted(parts: Parts, measures: Sequence[Measure], values: Values) -> list[Counted]:
    """What each change brings to each measure, replication by replication, in exact arithmetic."""
    players, found = parts.names, []
    replications = len(next(iter(values.values())))
    for column, measure in enumerate(measures):
        ways: dict[str, dict[str, list[Fraction]]] = {
            way: {player: [] for player in (*players, TOGETHER, WHOLE)} for way in WAYS
        }
        pairs: dict[tuple[str, str], list[Fraction]] = {}
        for replication in range(replications):
            worth = game.exact({made: float(of[replication, column]) for made, of in values.items()})
            whole = worth[frozenset(players)] - worth[frozenset()]
            for way, split in WAYS.items():
                brought = split(players, worth)
                brought |= {TOGETHER: whole - sum(brought.values(), Fraction(0)), WHOLE: whole}
                for player, value in brought.items():
                    ways[way][player].append(value)
            for pair, value in game.interaction(players, worth).items():
                pairs.setdefault(pair, []).append(value)
        found.append(Counted(measure, ways, pairs))
    return found


def attribution_table(parts: Parts, found: Sequence[Counted], rests: Mapping[str, tuple[int, int]]) -> pd.DataFrame:
    """One row a measure and change, then what the changes leave of the whole, and the whole.

    Every column of means adds up to its whole, to the penny or the thousandth. ``rests``: change to its inputs, and
    how many of them are assumptions.
    """
    rows = []
    for one in found:
        players = (*parts.names, TOGETHER)
        step = PENNY if one.measure.unit.startswith("£") else THOUSANDTH
        means = {way: game.rounded([one.mean(way, player) for player in players], step) for way in WAYS}
        for at, player in enumerate((*players, WHOLE)):
            row: dict[str, object] = {
                "measure": one.measure.name,
                "unit": one.measure.unit,
                "kind": one.measure.kind,
                "change": player,
                "title": {**parts.title, TOGETHER: "what no change brings alone", WHOLE: "all together"}[player],
                "place": at + 1,
            }
            for way in WAYS:
                mean = sum(means[way], Fraction(0)) if player == WHOLE else means[way][at]
                span = one.interval(way, player)
                row |= {way: float(mean), f"{way}_low": span.low, f"{way}_high": span.high}
            inputs, assumed = rests.get(player, (0, 0))
            row |= {"inputs": inputs, "assumptions": assumed, "pairs": one.replications, "interval": METHOD}
            rows.append(row)
    return pd.DataFrame(rows)


def interactions_table(parts: Parts, found: Sequence[Counted]) -> pd.DataFrame:
    """One row a measure and pair of changes, the strongest first."""
    rows = []
    for one in found:
        spans = {pair: of_mean([float(value) for value in values]) for pair, values in one.pairs.items()}
        for (first, second), span in sorted(spans.items(), key=lambda item: -abs(item[1].mean)):
            rows.append(
                {
                    "measure": one.measure.name,
                    "unit": one.measure.unit,
                    "first": first,
                    "second": second,
                    "interaction": span.mean,
                    "low": span.low,
                    "high": span.high,
                    "pairs": one.replications,
                    "interval": METHOD,
                }
            )
    columns = ["measure", "unit", "first", "second", "interaction", "low", "high", "pairs", "interval"]
    return pd.DataFrame(rows, columns=columns)


def sets_table(parts: Parts, measures: Sequence[Measure], values: Values) -> pd.DataFrame:
    """One row a measure and set of changes: what the model with these changes alone comes to, against today's."""
    rows = []
    for column, measure in enumerate(measures):
        for made, of in values.items():
            span = of_mean(of[:, column].tolist())
            names = [name for name in parts.names if name in made]
            rows.append(
                {
                    "measure": measure.name,
                    "unit": measure.unit,
                    "changes": " + ".join(names),
                    "number": len(names),
                    "difference": span.mean,
                    "low": span.low,
                    "high": span.high,
                    "pairs": len(of),
                    "interval": METHOD,
                }
            )
    return pd.DataFrame(rows)


def replications_table(found: Sequence[Counted]) -> pd.DataFrame:
    """One row a measure, replication and change, from which every mean and interval follows."""
    rows = []
    for one in found:
        for player in one.by_replication["shapley"]:
            columns = {way: np.array([float(value) for value in one.by_replication[way][player]]) for way in WAYS}
            base = {"measure": one.measure.name, "change": player}
            rows.append(pd.DataFrame({**base, "replication": range(one.replications), **columns}))
    return pd.concat(rows, ignore_index=True)


def is_wide(span: Interval) -> bool:
    """Whether an interval is wider than half its value."""
    return not math.isfinite(span.mean) or span.half_width * 2 > abs(span.mean) / 2
