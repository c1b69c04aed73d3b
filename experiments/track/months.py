"""Forecasts by quarter from a table of months: ``tables/months``, and each replication where that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.quarters import Quarter, whole_quarters
from experiments.statistics import Interval
from experiments.track.series import FLOW, STOCK, Floats, Series, added, of_values
from simulation.errors import DemandflowError, shown

COLUMNS = ("run", "month", "measure", "unit", "kind", "mean", "low", "high")
PLACES = ("tables", ".", "replications")
EXACT = "three months of each replication added; the middle 95% of the replications, inputs and chance"
EXACT_STOCK = "the quarter's last month in each replication; the middle 95% of the replications, inputs and chance"
ROOT = "three months added, their widths as the root of summed squares: too narrow where months move together"
LAST = "the quarter's last month"


def _read(folder: Path, name: str, ending: str) -> pd.DataFrame | None:
    for place in PLACES:
        path = folder / place / f"{name}.{ending}"
        if path.is_file():
            return pd.read_parquet(path) if ending == "parquet" else pd.read_csv(path, keep_default_na=False,
                                                                                na_values=[""])  # fmt: skip
    return None


def months_of(folder: Path) -> pd.DataFrame | None:
    """The table of months of a results folder, or None where it has none.

    Raises:
        DemandflowError: a table without the columns that are needed.
    """
    table = _read(folder, "months", "parquet")
    table = _read(folder, "months", "csv") if table is None else table
    if table is None:
        return None
    missing = [name for name in COLUMNS if name not in table.columns]
    bad = set() if missing else set(table["kind"]) - {FLOW, STOCK}
    if missing or bad:
        what = f"has no column {', '.join(missing)}" if missing else f"has the kind {sorted(map(str, bad))[0]!r}"
        raise DemandflowError(f"{shown(folder)}: its table of months {what}. Run the experiment again.")
    return table


def from_months(folder: Path, table: pd.DataFrame) -> Iterator[Series]:
    """Every measure of every run, by whole quarters."""
    each = _read(folder, "months_by_replication", "parquet")
    by_run = {} if each is None else dict(list(each.groupby(["run", "measure"], sort=False)))
    for (run, measure), rows in table.groupby(["run", "measure"], sort=False):
        months = rows["month"].tolist()
        if quarters := tuple(whole_quarters(months)):
            place = {month: index for index, month in enumerate(months)}
            unit, kind = str(rows["unit"].iloc[0]), str(rows["kind"].iloc[0])
            values = _values(by_run.get((run, measure)), quarters, kind)
            if values is not None:
                bands = tuple(of_values(values[:, at], True) for at in range(len(quarters)))
                how = EXACT if kind == FLOW else EXACT_STOCK
            else:
                single = [Interval(*map(float, r)) for r in zip(rows["mean"], rows["low"], rows["high"], strict=True)]
                bands = tuple(_quarter([single[place[month]] for month in q.months], kind) for q in quarters)
                how = ROOT if kind == FLOW else LAST
            yield Series(str(run), str(measure), unit, kind, how, quarters, bands, values, True)


def _quarter(months: list[Interval], kind: str) -> Interval:
    return added(months) if kind == FLOW else months[-1]


def _values(rows: pd.DataFrame | None, quarters: tuple[Quarter, ...], kind: str) -> Floats | None:
    """Each replication by quarter: shape (replications, quarters); None where a month of one is missing."""
    if rows is None:
        return None
    wide = rows.pivot(index="replication", columns="month", values="value")
    if any(month not in wide.columns for q in quarters for month in q.months) or bool(wide.isna().any(axis=None)):
        return None
    columns = [wide[list(q.months)].sum(axis=1) if kind == FLOW else wide[q.months[2]] for q in quarters]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])
