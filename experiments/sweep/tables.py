"""Tables of a sweep, and the batches of points that they are made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.measured import Floats, Measure
from experiments.statistics import PAIRED, of_mean
from experiments.sweep.keys import Setting, is_number
from experiments.sweep.points import Place

_COLUMNS = pa.schema(
    [("point", pa.int64()), ("replication", pa.int64()), ("measure", pa.string()), ("value", pa.float64())]
)
_KEY = b"demandflow.sweep"


def write_points(path: Path, found: Mapping[int, Floats | None], names: Sequence[str]) -> None:
    """Write a batch: one row per point, replication and measure; of a contradictory point, no row.

    Raises:
        OSError: the disk.
    """
    rows: dict[str, list[Any]] = {name: [] for name in _COLUMNS.names}
    for point, values in found.items():
        for (replication, measure), value in np.ndenumerate(np.empty((0, 0)) if values is None else values):
            for name, cell in zip(_COLUMNS.names, (point, replication, names[measure], float(value)), strict=True):
                rows[name].append(cell)
    told = ",".join(f"{point}:{0 if values is None else len(values)}" for point, values in found.items())
    with pq.ParquetWriter(path, _COLUMNS, write_page_checksum=True, store_schema=False) as writer:
        writer.write_table(pa.table(rows, schema=_COLUMNS))
        writer.add_key_value_metadata({_KEY: told.encode()})


def read_points(
    path: Path, places: Sequence[Place], replications: int, names: Sequence[str]
) -> dict[int, Floats | None] | None:
    """A batch as it was written; None where it is not there, is damaged, or holds anything else."""
    try:
        told = pq.read_metadata(path).metadata[_KEY].decode()
        table = pq.read_table(path, page_checksum_verification=True)
        sizes = {int(point): int(size) for point, size in (part.split(":") for part in told.split(","))}
        if list(sizes) != [place.number for place in places] or {*sizes.values()} - {0, replications}:
            return None
        values = iter(table["value"].to_pylist())
        found: dict[int, Floats | None] = {}
        for point, size in sizes.items():
            cells = [next(values) for _ in range(size * len(names))]
            found[point] = np.array(cells).reshape(size, len(names)) if size else None
        whole = next(values, None) is None and table["measure"].to_pylist()[: len(names)] in ([], list(names))
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError, StopIteration):
        return None
    return found if whole else None


def sweep_table(
    settings: Sequence[Setting], places: Sequence[Place], found: Mapping[int, Floats | None],
    measures: Sequence[Measure],
) -> pd.DataFrame:  # fmt: skip
    """One row for each point and measure.

    Columns: point, one for each key that is swept (named as in the experiment file), measure, unit, kind, mean, low,
    high (95%), interval (how it was made), replications, contradictory (such inputs cannot hold together; no figures).
    """
    rows = []
    for place in places:
        values = found[place.number]
        keys = {one.key: _cell(one, value) for one, value in zip(settings, place.values(settings), strict=True)}
        for column, measure in enumerate(measures):
            row: dict[str, Any] = {"point": place.number, **keys, "measure": measure.name, "unit": measure.unit}
            row |= {"kind": measure.kind, **dict.fromkeys(("mean", "low", "high"), math.nan), "interval": ""}
            row |= {"replications": 0, "contradictory": values is None}
            if values is not None:
                mean = of_mean(values[:, column].tolist())
                row |= {"mean": mean.mean, "low": mean.low, "high": mean.high, "interval": PAIRED}
                row["replications"] = len(values)
            rows.append(row)
    return pd.DataFrame(rows)


def _cell(one: Setting, value: Any) -> Any:
    return value if one.numeric else said_value(value)


def said_value(value: Any) -> str:
    """A value as it stands in a table or a sentence."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(said_value(item) for item in value)
    return f"{value:g}" if is_number(value) else str(value)


def keys_table(settings: Sequence[Setting]) -> pd.DataFrame:
    """What was swept, one row for each value.

    Columns: key, title, unit, how (setting: laid over a file; input: in place of a number with evidence; transfer: the
    share of the gap), number (of the value, from 0), value (as text).
    """
    return pd.DataFrame(
        {"key": one.key, "title": one.title, "unit": one.unit, "how": one.how, "number": number,
         "value": said_value(value)}
        for one in settings
        for number, value in enumerate(one.values)
    )  # fmt: skip
