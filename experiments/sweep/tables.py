"""Tables of a sweep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.measured import Floats, Measure
from experiments.statistics import PAIRED, of_mean
from experiments.sweep.keys import Setting, is_number
from experiments.sweep.points import Place


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
