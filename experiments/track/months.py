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
ADDED = {FLOW: "three months of each replication added", STOCK: "the quarter's last month in each replication"}
ROOT = {
    FLOW: "three months added, widths as the root of summed squares: too narrow where months move together",
    STOCK: "the quarter's last month",
}
HOLDS = {True: "95% range of inputs and chance", False: "95% range of one quarter, chance alone"}


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


def from_months(folder: Path, table: pd.DataFrame, drawn: bool) -> Iterator[Series]:
    """Every measure of every run, by whole quarters.

    ``drawn``: the replications kept have drawn inputs; else they are at central inputs, and hold chance alone. Where
    the table has no range with drawn inputs, its columns ``chance_low`` and ``chance_high`` stand in, if it has them.
    """
    each = _read(folder, "months_by_replication", "parquet")
    by_run = {} if each is None else dict(list(each.groupby(["run", "measure"], sort=False)))
    for (run, measure), rows in table.groupby(["run", "measure"], sort=False):
        months = rows["month"].tolist()
        if quarters := tuple(whole_quarters(months)):
            unit, kind = str(rows["unit"].iloc[0]).replace("month", "quarter"), str(rows["kind"].iloc[0])
            single, with_inputs = _bands(rows)
            parts = [[single[months.index(month)] for month in quarter.months] for quarter in quarters]
            bands = [added(part) if kind == FLOW else part[-1] for part in parts]
            how = f"{ROOT[kind]}; {HOLDS[with_inputs]}"
            values = _values(by_run.get((run, measure)), quarters, kind)
            if values is not None:
                exact = [of_values(values[:, at], drawn) for at in range(len(quarters))]
                bands = [Interval(band.mean, e.low, e.high) for band, e in zip(bands, exact, strict=True)]
                how = f"{ADDED[kind]}; {HOLDS[drawn]}"
            yield Series(str(run), str(measure), unit, kind, how, quarters, tuple(bands), values, drawn)


def _bands(rows: pd.DataFrame) -> tuple[list[Interval], bool]:
    """Mean and range of each month, and whether drawn inputs are in the range."""
    with_inputs = "chance_low" not in rows.columns or bool(rows["low"].notna().any())
    low, high = ("low", "high") if with_inputs else ("chance_low", "chance_high")
    columns = zip(rows["mean"], rows[low], rows[high], strict=True)
    return [Interval(*map(float, column)) for column in columns], with_inputs


def _values(rows: pd.DataFrame | None, quarters: tuple[Quarter, ...], kind: str) -> Floats | None:
    """Each replication by quarter: shape (replications, quarters); None where a month of one is missing."""
    if rows is None:
        return None
    wide = rows.pivot(index="replication", columns="month", values="value")
    if any(month not in wide.columns for q in quarters for month in q.months) or bool(wide.isna().any(axis=None)):
        return None
    columns = [wide[list(q.months)].sum(axis=1) if kind == FLOW else wide[q.months[2]] for q in quarters]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])
