"""Where a steady state may be claimed: the configured warm-up beside the one that MSER-5 finds, and what is said."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from experiments.warm_up import DOES_NOT_SETTLE, NOT_ENOUGH, SETTLES, warm_up

STEADY, LATER = "steady", "settles later"
VERDICTS = (STEADY, LATER, DOES_NOT_SETTLE, NOT_ENOUGH)
STILL, FEW = 0.05, 2.0
"""Share of a level, and people, by which it may differ and be called the same."""
COLUMNS = ["warm_up_months", "warm_up_needed", "steady_state"]


def alike(level: float, apart: float) -> bool:
    """Whether two numbers of people, so far apart, are near enough to be called the same."""
    return abs(apart) <= max(STILL * level, FEW)


def steady_state(series: Sequence[float], months: int, moves: bool) -> dict[str, Any]:
    """Whether a stage is in a steady state once the warm-up is over.

    It is where MSER-5 cuts no more than the warm-up, or where what it cuts besides does not move the mean. Where it
    finds no cut, the stage does not settle if it drifts by as much as matters; else there are too few data to say.

    Args:
        series: mean number of people there at the start of each month, from the first month that is simulated on.
        months: the configured warm-up. moves: its level changes from year to year by more than chance.

    Returns:
        COLUMNS: the configured warm-up, the one needed (NaN where none is found), and one of VERDICTS.
    """
    found = warm_up(series)
    needed = math.nan if found.cut is None else float(found.cut)
    if moves:
        said = DOES_NOT_SETTLE
    elif found.verdict == SETTLES:
        cut = max(int(needed), months)
        rest, counted = (math.fsum(series[first:]) / len(series[first:]) for first in (cut, months))
        said = STEADY if alike(rest, counted - rest) else LATER
    else:
        first, last = (math.fsum(year) / len(year) for year in (series[months : months + 12], series[-12:]))
        drifts = found.verdict == DOES_NOT_SETTLE and not alike(last, last - first)
        said = DOES_NOT_SETTLE if drifts else NOT_ENOUGH
    return {"warm_up_months": months, "warm_up_needed": needed, "steady_state": said}


def claims(table: pd.DataFrame) -> dict[str, Any]:
    """What the manifest says: which stages a steady state is claimed of (``steady``), and which not."""
    by = {verdict: table[table["steady_state"] == verdict]["stage"].tolist() for verdict in VERDICTS}
    return {"method": "MSER-5", **{verdict.replace(" ", "_"): stages for verdict, stages in by.items()}}


def lines(table: pd.DataFrame, name: Callable[[str], str] = str) -> list[str]:
    """The same in plain sentences; ``name`` gives a stage's title. None where the table is empty."""
    if not len(table):
        return []
    months = int(table["warm_up_months"].iloc[0])
    by = {verdict: table[table["steady_state"] == verdict] for verdict in VERDICTS}

    def named(verdict: str) -> str:
        return ", ".join(name(stage) for stage in by[verdict]["stage"])

    before = f"after a warm-up of {months} months" if months else "from the first month on, without a warm-up,"
    said = [f"Steady {before} (found by MSER-5): {len(by[STEADY])} of {len(table)} stages."]
    if len(by[LATER]):
        longest = int(by[LATER]["warm_up_needed"].max())
        said.append(f"The warm-up is too short for {named(LATER)}: {longest} months would be needed.")
    if len(by[DOES_NOT_SETTLE]):
        said.append(f"Does not settle: {named(DOES_NOT_SETTLE)}. No steady state is claimed there.")
    if len(by[NOT_ENOUGH]):
        said.append(f"Not enough data to say whether it is steady: {named(NOT_ENOUGH)}.")
    return said


GROWS_BY_DESIGN = "Contacts grow in this run by design, so numbers are not meant to stay level."
WITHOUT_GROWTH = "This is said of today's model without growth; with growth, numbers rise by design."
