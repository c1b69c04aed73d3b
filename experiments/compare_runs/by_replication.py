"""One value a replication of figures that tables give as means, from the whole numbers that a folder keeps.

Each is held against its table: where the mean is not the table's, nothing is given, and the interval has to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.results_folder import read_parquet
from experiments.saying import records
from experiments.tables import measures
from simulation.ledger import LEDGER
from simulation.savings import pounds
from simulation.tally import LATENT, MEASURES, Axes, Tally

RUN = "comparison"
Floats = NDArray[np.float64]
Place = tuple[str, str, tuple[str, ...]]
"""Table, column and the row's key."""


@dataclass(frozen=True)
class Kept:
    """One value a replication. ``numbers``: of the replications, rising; a draw that contradicts itself leaves none."""

    numbers: NDArray[np.int64]
    values: Floats


def values_of(folder: Path, manifest: dict[str, Any], tables: dict[str, pd.DataFrame]) -> dict[Place, Kept]:
    """Values by table, column and key.

    Raises:
        DemandflowError: a file of replications that cannot be read.
    """
    found: dict[Place, Kept] = {}
    if "months_by_replication" in tables:
        found |= _months(tables["months_by_replication"])
    replications = manifest.get("replications", {}).get(RUN)
    needed = ("comparison", "census", "savings", "sources", "transfers")
    if replications and all(name in tables and len(tables[name]) for name in needed):
        found |= _comparison(folder, int(replications), tables)
    return found


def _months(table: pd.DataFrame) -> dict[Place, Kept]:
    found = {}
    for key, part in table.sort_values("replication").groupby(["run", "measure", "month"], sort=False):
        numbers, values = part["replication"].to_numpy(dtype=np.int64), part["value"].to_numpy(dtype=float)
        found["months_by_replication", "value", tuple(str(each) for each in key)] = Kept(numbers, values)
    return found


def _in_order(table: pd.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(str(value) for value in dict.fromkeys(table[column]))


def _axes(tables: dict[str, pd.DataFrame]) -> Axes:
    """The names along the tallies' axes, in the order in which the tables tell them."""
    census, sources = tables["census"], tables["sources"]
    parts = [str(measure).split("/age_band/") for measure in tables["comparison"]["measure"]]
    return Axes(
        sources=_in_order(sources[sources["population"] == RUN], "source"),
        groups=_in_order(census, "client_group"),
        care_types=_in_order(census, "care_type"),
        years=_in_order(tables["savings"], "financial_year"),
        months=_in_order(census, "month"),
        decisions=(),
        branches=(),
        ages=tuple(dict.fromkeys(part[1] for part in parts if len(part) == 2)),
    )


def _tallies(folder: Path, replications: int, axes: Axes) -> dict[str, list[Tally]] | None:
    """Tallies by scenario ('' is the baseline); None where the files hold more than the axes have places."""
    files = sorted((folder / "replications").glob(f"{RUN}-*.parquet"))
    if not files:
        return None
    rows = pd.concat([read_parquet(file) for file in files], ignore_index=True)
    years, sources, groups, care = (len(n) for n in (axes.years, axes.sources, axes.groups, axes.care_types))
    shapes: dict[str, tuple[int, ...]] = {
        "people": (len(MEASURES) + len(LATENT), years, sources, groups),
        "starts": (care, years, sources, groups),
        "days": (care, years, groups),
        "pence_days": (care, years, groups),
        "unpriced_days": (care, years, groups),
        "live": (care, len(axes.months), groups),
        "ledger": (2, len(LEDGER), years, groups),
        "ages": (len(MEASURES) + len(LATENT), years, len(axes.ages)) if axes.ages else (0,),
    }
    counts: dict[str, dict[str, NDArray[np.int64]]] = {}
    for scenario in dict.fromkeys(rows["transfer"]):
        arrays = counts.setdefault(str(scenario), {})
        for name, shape in shapes.items():
            part = rows[(rows["transfer"] == scenario) & (rows["tally"] == name)]
            if len(part) and (part["place"].max() >= math.prod(shape) or part["replication"].max() >= replications):
                return None
            flat = np.zeros((replications, math.prod(shape)), dtype=np.int64)
            flat[part["replication"], part["place"]] = part["value"]
            arrays[name] = flat.reshape(replications, *shape)
    none = np.zeros(0, dtype=np.int64)
    left = dict.fromkeys(("branch", "start_pence", "unfinished"), none)
    return {
        scenario: [Tally(**{name: array[r] for name, array in arrays.items()}, **left) for r in range(replications)]
        for scenario, arrays in counts.items()
    }


def _comparison(folder: Path, replications: int, tables: dict[str, pd.DataFrame]) -> dict[Place, Kept]:
    axes = _axes(tables)
    tallies = _tallies(folder, replications, axes)
    if tallies is None or "" not in tallies:
        return {}
    found: dict[Place, Floats] = {}
    for scenario in _in_order(tables["transfers"], "transfer"):
        if scenario in tallies:
            both = tallies[""], tallies[scenario]
            found |= dict(_measured(scenario, axes, *both))
            found |= dict(_saved(scenario, axes, *both))
            found |= dict(_running(scenario, axes, tallies[scenario]))
    told = {name: _by_key(tables[name], keys) for name, keys in _INDEXED.items()}
    numbers = np.arange(replications)
    return {
        place: Kept(numbers, values) for place, values in found.items() if _is_the_tables(place, values, told[place[0]])
    }


def _measured(scenario: str, axes: Axes, base: list[Tally], model: list[Tally]) -> Iterator[tuple[Place, Floats]]:
    years = len(axes.months) // 12 or 1
    for measure, _, read in measures(axes, years, ledger=True):
        a, b = (np.array([read(tally) for tally in side]) for side in (base, model))
        for column, values in (("value_baseline", a), ("value_model", b), ("difference", b - a)):
            yield ("comparison", column, (measure, scenario)), values


def _saved(scenario: str, axes: Axes, base: list[Tally], model: list[Tally]) -> Iterator[tuple[Place, Floats]]:
    for y, year in enumerate(axes.years):
        for g, group in enumerate((*axes.groups, "all_priced")):
            at = slice(None) if group == "all_priced" else slice(g, g + 1)
            days = [_days(a, y, at, group) - _days(b, y, at, group) for a, b in zip(base, model, strict=True)]
            money = [
                float(pounds(a.pence_days[:, y, at].sum() - b.pence_days[:, y, at].sum()))
                for a, b in zip(base, model, strict=True)
            ]
            key = (scenario, group, year)
            yield ("savings", "package_weeks_fewer", key), np.array(days) / 7
            yield ("savings", "saving", key), np.array(money)


def _days(tally: Tally, year: int, groups: slice, group: str) -> int:
    days = int(tally.days[:, year, groups].sum())
    return days - int(tally.unpriced_days[:, year, groups].sum()) if group == "all_priced" else days


def _running(scenario: str, axes: Axes, model: list[Tally]) -> Iterator[tuple[Place, Floats]]:
    live = np.array([tally.live for tally in model], dtype=float)
    for c, care in enumerate(axes.care_types):
        for m, month in enumerate(axes.months):
            for g, group in enumerate(axes.groups):
                yield ("census", "packages_mean", (scenario, month, care, group)), live[:, c, m, g]


_INDEXED = {
    "comparison": ["measure", "transfer"],
    "savings": ["transfer", "client_group", "financial_year"],
    "census": ["transfer", "month", "care_type", "client_group"],
}


def _by_key(table: pd.DataFrame, keys: list[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    return {tuple(str(row[name]) for name in keys): row for row in records(table)}


def _is_the_tables(place: Place, values: Floats, told: dict[tuple[str, ...], dict[str, Any]]) -> bool:
    _, column, key = place
    if key not in told:
        return False
    mean = math.fsum(values.tolist()) / len(values)
    return math.isclose(mean, float(told[key][column]), rel_tol=1e-9, abs_tol=1e-9)
