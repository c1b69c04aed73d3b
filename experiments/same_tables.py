"""Whether two results folders hold the same tables: whole numbers and words exactly, derived figures within 1e-9."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import ArrowException

from experiments.results_folder import read_parquet
from simulation.errors import DemandflowError, short, shown

CLOSE = 1e-9
"""How far derived figures may lie apart on another machine, of their size or of one, whichever is larger."""

FILE = "file"
"""A column of paths, which are told from the folder that the run was started in."""

Flags = NDArray[np.bool_]


def _floats_differ(one: pd.Series[Any], two: pd.Series[Any]) -> Flags:
    a, b = one.to_numpy(dtype=float), two.to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        size = np.maximum(1.0, np.maximum(np.abs(a), np.abs(b)))
        close = (a == b) | (np.abs(a - b) <= CLOSE * size) & np.isfinite(size) | (np.isnan(a) & np.isnan(b))
    return ~np.asarray(close, dtype=bool)


def cells_differ(one: pd.Series[Any], two: pd.Series[Any]) -> Flags:
    """Which cells of two columns of equal length differ. What is missing in both is the same."""
    numbers = all(pd.api.types.is_numeric_dtype(s) and not pd.api.types.is_bool_dtype(s) for s in (one, two))
    if numbers and any(pd.api.types.is_float_dtype(s) for s in (one, two)):
        return _floats_differ(one, two)
    a, b = (s.astype(object).where(s.notna(), None) for s in (one, two))
    return np.array([x != y or isinstance(x, bool) != isinstance(y, bool) for x, y in zip(a, b, strict=True)], bool)


def _row(frame: pd.DataFrame, place: int) -> str:
    """A row by its words."""
    words = ", ".join([v for v in frame.iloc[place] if isinstance(v, str) and v][:4])
    return f"row {place + 1} ({short(words)})" if words else f"row {place + 1}"


def _value(value: Any) -> str:
    return (
        "empty" if value is None or value != value else short(repr(value) if isinstance(value, float) else str(value))
    )


def table_differs(name: str, one: pd.DataFrame, two: pd.DataFrame, place: Callable[[str], str]) -> list[str]:
    """What differs between two forms of a table, in words; nothing where they are the same.

    Args:
        place: makes the paths of the column ``file`` comparable.
    """
    if list(one.columns) != list(two.columns):
        gone, new = (", ".join(str(c) for c in a if c not in set(b)) or "none" for a, b in ((one, two), (two, one)))
        return [f"{name}: the columns differ (only then: {gone}; only now: {new})."]
    if len(one) != len(two):
        return [f"{name}: {len(one):,} rows then, {len(two):,} now."]
    lines = []
    for column in one.columns:
        then, now = one[column], two[column]
        if column == FILE:
            then, now = then.map(place, na_action="ignore"), now.map(place, na_action="ignore")
        off = np.flatnonzero(cells_differ(then, now))
        if len(off):
            first = int(off[0])
            count = f"{len(off):,} of {len(one):,} values differ" if len(off) > 1 else "one value differs"
            lines.append(
                f"{name}, {column}: {count}; first {_row(one, first)}: "
                f"{_value(one[column].iloc[first])} then, {_value(two[column].iloc[first])} now."
            )
    return lines


def _replications(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (ArrowException, OSError) as error:
        raise DemandflowError(f"{shown(path)}: is not a whole Parquet file ({short(str(error))}).") from None


def batch_differs(name: str, one: Path, two: Path) -> list[str]:
    """The same of a file of replications: every whole number, and where it stands."""
    then, now = _replications(one), _replications(two)
    if then.column_names != now.column_names or then.num_rows != now.num_rows:
        return [f"{name}: {then.num_rows:,} whole numbers then, {now.num_rows:,} now."]
    for column in then.column_names:
        a, b = (table[column].cast(now.schema.field(column).type).combine_chunks() for table in (then, now))
        if not a.equals(b):
            return [f"{name}, {column}: the whole numbers of its replications differ."]
    return []


def folders_differ(one: Path, two: Path, place: Callable[[str], str] = str) -> tuple[list[str], dict[str, int]]:
    """What differs between the tables and replications of two folders, and how many files of each were compared.

    Raises:
        DemandflowError: a file that cannot be read.
    """
    lines: list[str] = []
    counts = {}
    for part in ("tables", "replications"):
        then, now = ({path.name for path in (folder / part).glob("*.parquet")} for folder in (one, two))
        lines += [f"{part}/{name}: was there then, is not now." for name in sorted(then - now)]
        lines += [f"{part}/{name}: is there now, was not then." for name in sorted(now - then)]
        counts[part] = len(then & now)
        for name in sorted(then & now):
            told, a, b = f"{part}/{name.removesuffix('.parquet')}", one / part / name, two / part / name
            if part == "tables":
                lines += table_differs(told, read_parquet(a), read_parquet(b), place)
            else:
                lines += batch_differs(told, a, b)
    return lines, counts
