"""The figures of two folders side by side: rows of each table matched by their words, columns told apart by kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.compare_runs.chance import MEAN, ONE
from experiments.same_tables import cells_differ
from experiments.statistics import BOOTSTRAP

KEYS = {
    "flows": ["model", "population", "stage", "branch"],
    "comparison": ["measure", "transfer"],
    "ranges": ["measure", "transfer"],
    "like_for_like": ["parameter", "value"],
    "savings": ["transfer", "client_group", "financial_year"],
    "package_avoided": ["transfer", "care", "client_group"],
    "census": ["transfer", "month", "care_type", "client_group"],
    "inputs": ["key"],
    "transfers": ["transfer"],
    "names": ["what", "name"],
    "pathways": ["model", "stage", "branch"],
    "sources": ["model", "population", "source"],
    "spend": ["financial_year", "client_group", "care_type", "amount"],
    "months_by_replication": ["run", "measure", "month"],
    "months": ["run", "month", "measure"],
    "transition_runs": ["run"],
    "transition_years": ["run", "financial_year", "measure"],
    "delivery": ["run", "financial_year", "yardstick"],
    "waterfall": ["run", "financial_year", "step"],
    "reversal": ["of", "varied"],
    "leads": ["of", "at"],
    "vehicles_published": ["vehicle"],
    "transition_settled": ["stage"],
    "checks": ["title"],
    "indicators": ["indicator", "financial_year"],
    "settled": ["stage"],
}
"""What names a row. A table that is not here is named by all its words."""

INTERVALS = {
    ("comparison", "difference"): ("low", "high", MEAN),
    ("savings", "package_weeks_fewer"): ("weeks_low", "weeks_high", MEAN),
    ("savings", "saving"): ("saving_low", "saving_high", MEAN),
    ("package_avoided", "weekly_price_avoided"): ("avoided_low", "avoided_high", MEAN),
    ("flows", "n_mean"): ("mean_low", "mean_high", MEAN),
    ("flows", "share_mean"): ("share_low", "share_high", MEAN),
    ("comparison", "variance_ratio"): ("variance_ratio_low", "variance_ratio_high", MEAN),
    ("census", "packages_mean"): ("mean_low", "mean_high", MEAN),
    ("ledger", "people_mean"): ("people_mean_low", "people_mean_high", MEAN),
    ("ledger", "hours_a_week_mean"): ("hours_a_week_mean_low", "hours_a_week_mean_high", MEAN),
    ("ledger", "cost_a_week_mean"): ("cost_a_week_mean_low", "cost_a_week_mean_high", MEAN),
    ("settled", "change"): ("change_low", "change_high", MEAN),
    ("transition_settled", "change"): ("change_low", "change_high", MEAN),
    ("transition_years", "difference"): ("difference_chance_low", "difference_chance_high", ONE),
    ("transition_ledger", "difference"): ("difference_low", "difference_high", ONE),
    ("delivery", "delivered"): ("chance_low", "chance_high", ONE),
    ("delivery", "delivered_share"): ("delivered_share_low", "delivered_share_high", MEAN),
}
"""Which columns hold the interval of chance of which figure, and what it covers."""

WITHOUT_CHANCE = {
    **dict.fromkeys(("ranges", "like_for_like", "inputs", "sources", "transfers", "transition_runs"), None),
    **dict.fromkeys(("vehicles_published", "vehicle_costs", "mobilisation"), None),
    "flows": {"n_expected", "n_published", "share_published"},
    "savings": {"asked_recurring_by_then", "within_reach_by_then"},
    "checks": {"published", "accept_low", "accept_high"},
    "settled": {"load_expected", "warm_up_months"},
    "transition_settled": {"warm_up_months"},
    "delivery": {"asked", "published_factor", "cumulative_cash_asked"},
    "work": {"available"},
    "transition_workload": {"posts_today", "posts_gone"},
}
"""Tables (None: all of their columns) and columns that are worked out from the inputs, with no luck in them."""

AN_INPUT = ("value", "low", "high", "quality", "line")
"""Numbers of the table ``inputs`` that are inputs themselves; the rest of its numbers are results."""


@dataclass(frozen=True)
class Figure:
    """One number in both folders; NaN where it is missing.

    Attributes:
        key: what names its row. exact: it is worked out without chance. interval: the columns of its interval of
        chance and what that covers, with both folders' ends (first low, first high, second low, second high).
        resampled: whether they were made by bootstrap.
    """

    table: str
    key: tuple[str, ...]
    column: str
    first: float
    second: float
    exact: bool
    interval: tuple[float, float, float, float] | None = None
    covers: str = MEAN
    resampled: bool = False


@dataclass(frozen=True)
class Words:
    """A cell of words, or a row ('') that only one folder has."""

    table: str
    key: tuple[str, ...]
    column: str
    first: str
    second: str


def key_columns(name: str, *frames: pd.DataFrame) -> list[str]:
    """The columns that name a row of a table."""
    known = [column for column in KEYS.get(name, []) if all(column in frame for frame in frames)]
    if known:
        return known
    named = (str(column) for column in frames[0] if column != "interval")
    return [column for column in named if all(column in f and _words(f[column]) for f in frames)]


def _words(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _interval_of(table: str, column: str, columns: Sequence[str]) -> tuple[str, str, str] | None:
    if (table, column) in INTERVALS:
        found = INTERVALS[table, column]
    elif column != "mean":
        return None
    else:
        found = ("mean_low", "mean_high", MEAN) if "mean_low" in columns else ("chance_low", "chance_high", ONE)
    return found if found[0] in columns and found[1] in columns else None


def _indexed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """With the key as index; rows of the same words are told apart by their order."""
    words = [tuple("" if pd.isna(v) else str(v) for v in row) for row in frame[keys].itertuples(index=False)]
    seen: dict[tuple[str, ...], int] = {}
    named = []
    for key in words:
        seen[key] = seen.get(key, 0) + 1
        named.append(key if seen[key] == 1 else (*key, f"no. {seen[key]}"))
    return frame.set_axis(pd.Index(named, tupleize_cols=False), axis=0)


def _means(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby(KEYS["months_by_replication"], sort=False)["value"].mean().reset_index()


def side_by_side(name: str, first: pd.DataFrame, second: pd.DataFrame) -> Iterator[Figure | Words]:
    """Every number of a table that both folders have, and the words that differ.

    Ends of intervals are told with their figure and not as figures of their own.
    """
    if name == "months_by_replication" and len(first) and len(second):
        first, second = _means(first), _means(second)
    keys = key_columns(name, first, second)
    if not keys:
        return
    one, two = _indexed(first, keys), _indexed(second, keys)
    yield from (Words(name, key, "", "there", "not there") for key in one.index if key not in two.index)
    yield from (Words(name, key, "", "not there", "there") for key in two.index if key not in one.index)
    shared = [key for key in one.index if key in two.index]
    one, two = (frame.loc[pd.Index(shared, tupleize_cols=False)] for frame in (one, two))
    for column in (str(c) for c in first if c not in keys and c in second):
        if _words(first[column]) or _words(second[column]) or pd.api.types.is_bool_dtype(first[column]):
            if name != "inputs":
                yield from _words_differ(name, column, one[column], two[column])
        elif not (name == "inputs" and column in AN_INPUT):
            yield from _numbers(name, column, one, two)


def _words_differ(table: str, column: str, one: pd.Series, two: pd.Series) -> Iterator[Words]:
    for place in np.flatnonzero(cells_differ(one, two)).tolist():
        a, b = ("" if pd.isna(s.iloc[place]) else str(s.iloc[place]) for s in (one, two))
        if a != b:
            yield Words(table, one.index[place], column, a, b)


def _numbers(table: str, column: str, one: pd.DataFrame, two: pd.DataFrame) -> Iterator[Figure]:
    of_table = WITHOUT_CHANCE.get(table, set())
    exact = of_table is None or column in of_table
    if not exact and column.endswith(("low", "high")):
        return
    ends = None if exact else _interval_of(table, column, list(one.columns))
    a, b = one[column].to_numpy(dtype=float), two[column].to_numpy(dtype=float)
    sides = [] if ends is None else [f[end].to_numpy(dtype=float) for f in (one, two) for end in ends[:2]]
    told = one["interval"].tolist() if "interval" in one else [""] * len(one)
    for place, key in enumerate(one.index):
        interval = (
            (float(sides[0][place]), float(sides[1][place]), float(sides[2][place]), float(sides[3][place]))
            if sides
            else None
        )
        covers = MEAN if ends is None else ends[2]
        resampled = ends is not None and method_of(str(told[place]), ends[0]) == BOOTSTRAP
        yield Figure(table, key, column, float(a[place]), float(b[place]), exact, interval, covers, resampled)


def method_of(told: str, low: str) -> str:
    """How an interval was made, of what a row's ``interval`` says.

    Args:
        told: such as 'paired t; variance_ratio: bootstrap'. low: column of the interval's lower end.
    """
    whose, others = low.removesuffix("low").removesuffix("_"), ""
    for part in told.split("; "):
        names, _, method = part.rpartition(": ")
        if whose in names.split(", ") and names:
            return method
        others = others or ("" if names else method)
    return others
