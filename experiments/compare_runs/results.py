"""Which results of two runs differ, and which by more than chance, corrected for how many were compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.compare_runs.by_replication import Kept, Place, values_of
from experiments.compare_runs.chance import Test, from_limits, holm, paired, standard_error, welch
from experiments.compare_runs.figures import Figure, Words, side_by_side
from experiments.results_folder import read_parquet, tables_of
from experiments.same_tables import CLOSE

MORE, MAYBE, EXACT, UNKNOWN, ONLY = (
    "more than chance",
    "may be chance",
    "worked out without chance",
    "no interval",
    "only in one",
)
LEVEL = 0.05

_COMPARISON = ("comparison", "savings", "census", "package_avoided")
_TRANSITION = ("months", "transition_years", "transition_savings", "transition_ledger", "delivery")

COLUMNS = [
    "table", "row", "column", "first", "second", "difference", "low", "high", "p", "p_corrected", "method", "verdict",
]  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One folder: its manifest, its tables, and one value a replication where it keeps them."""

    folder: Path
    manifest: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    values: Mapping[Place, Kept]

    @property
    def seed(self) -> int:
        """Where two runs have the same, their replications are pairs."""
        return int(self.manifest["seed"])

    @property
    def draws(self) -> bool:
        """Whether inputs were drawn for the replications of a transition that it keeps."""
        return bool(self.manifest.get("transition", {}).get("draws"))

    def replications(self, figure: Figure) -> int:
        """From how many replications a figure comes; 0 where that is not known."""
        done: dict[str, int] = self.manifest.get("replications", {})
        if figure.table == "flows":
            return done.get(f"own/{figure.key[0]}" if figure.key[1] == "own" else "comparison", 0)
        if figure.table in _COMPARISON:
            return done.get("comparison", 0)
        return done.get("transition" if figure.table in _TRANSITION else "service", 0)


def read_side(folder: Path, manifest: dict[str, Any]) -> Side:
    """One folder, read whole.

    Raises:
        DemandflowError: a file that cannot be read.
    """
    tables = {name: read_parquet(folder / "tables" / f"{name}.parquet") for name in tables_of(folder)}
    return Side(folder, manifest, tables, values_of(folder, manifest, tables))


@dataclass(frozen=True)
class Result:
    """A figure of both runs with its test, where there is one, and the corrected p."""

    figure: Figure
    test: Test | None
    p_corrected: float

    @property
    def differs(self) -> bool:
        """More than 1e-9 of its size, or known in one run only."""
        a, b = self.figure.first, self.figure.second
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) != math.isnan(b)
        return a != b and not abs(a - b) <= CLOSE * max(1.0, abs(a), abs(b))

    @property
    def verdict(self) -> str:
        """Whether the difference is more than chance."""
        if math.isnan(self.figure.first) != math.isnan(self.figure.second):
            return ONLY
        if self.figure.exact:
            return EXACT
        if self.test is None:
            return UNKNOWN
        return MORE if self.p_corrected < LEVEL else MAYBE


def _errors(figure: Figure, one: Side, two: Side) -> list[tuple[float, float, int]] | None:
    """Mean, standard error and replications of both runs, from their intervals of Student's t."""
    numbers = [side.replications(figure) for side in (one, two)]
    if figure.interval is None or min(numbers) < 2:
        return None
    ends = figure.interval[:2], figure.interval[2:]
    means = figure.first, figure.second
    return [
        (mean, standard_error(low, high, number, figure.covers), number)
        for mean, (low, high), number in zip(means, ends, numbers, strict=True)
    ]


def _mean_and_error(values: NDArray[np.float64]) -> tuple[float, float, int]:
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values)), len(values)


def _tested(figure: Figure, one: Side, two: Side) -> Test | None:
    """By pairs where both folders have them, else from the values of both, else from their intervals."""
    if figure.exact:
        return None
    place = (figure.table, figure.column, figure.key)
    a, b = one.values.get(place), two.values.get(place)
    if a is not None and b is not None:
        if one.seed == two.seed and np.array_equal(a.numbers, b.numbers):
            return paired(a.values, b.values)
        if min(len(a.numbers), len(b.numbers)) > 1:
            sides = [_mean_and_error(side.values) for side in (a, b)]
            return welch(sides[0], sides[1])
    if figure.resampled and figure.interval is not None:
        low, high, other_low, other_high = figure.interval
        return from_limits((figure.first, low, high, one.replications(figure)),
                           (figure.second, other_low, other_high, two.replications(figure)))  # fmt: skip
    errors = _errors(figure, one, two)
    return None if errors is None else welch(errors[0], errors[1])


def compared(one: Side, two: Side) -> tuple[list[Result], list[Words]]:
    """Every figure that both runs have, in the order of their tables, and the rows and words that differ.

    The correction is for all figures that can be tested, whichever table they stand in, equal ones among them.
    """
    figures: list[Figure] = []
    words: list[Words] = []
    for name in one.tables:
        if name in two.tables:
            for found in side_by_side(name, one.tables[name], two.tables[name]):
                if isinstance(found, Figure):
                    drawn = found.table == "ranges" and one.seed != two.seed  # then other inputs were drawn
                    figures.append(replace(found, exact=False) if drawn else found)
                else:
                    words.append(found)
    tests = [_tested(figure, one, two) for figure in figures]
    corrected = iter(holm([test.p for test in tests if test is not None]))
    return [
        Result(figure, test, math.nan if test is None else next(corrected))
        for figure, test in zip(figures, tests, strict=True)
    ], words


def row_of(key: Sequence[str]) -> str:
    """What names a row, in words."""
    return "; ".join(part for part in key if part)


def results_table(results: Sequence[Result]) -> pd.DataFrame:
    """The figures that differ; columns are documented in docs/results.md."""
    rows = []
    for result in results:
        if not result.differs:
            continue
        figure, test = result.figure, result.test
        rows.append(
            {
                "table": figure.table, "row": row_of(figure.key), "column": figure.column,
                "first": figure.first, "second": figure.second, "difference": figure.second - figure.first,
                "low": test.low if test else math.nan, "high": test.high if test else math.nan,
                "p": test.p if test else math.nan, "p_corrected": result.p_corrected,
                "method": test.method if test else "", "verdict": result.verdict,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)
