"""Whether a service has settled: people at each stage at month ends, and work that comes in against hours there are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from agents.codes import Kind
from experiments import steady
from experiments.service import ServiceRun
from experiments.statistics import PAIRED, of_mean
from simulation.calendar import MS_PER_DAY
from simulation.pathway import Pathway
from simulation.quantiles import mean_of
from simulation.service_axes import WAITED_FOR, Ints
from simulation.service_tally import ServiceTally

SETTLED, MOVING, GROWS, SHORT = "settled", "still moving", "grows without end", "too short to say"
COLUMNS = [
    "stage",
    "kind",
    "team",
    "at_start",
    "year_before_last",
    "last_year",
    "change",
    "change_low",
    "change_high",
    "waiting_at_end",
    "load",
    "load_expected",
    "verdict",
    *steady.COLUMNS,
    "interval",
]


def verdict(last: float, change: float, low: float, high: float, slower: bool, load: float) -> str:
    """What is said of a stage.

    Settled: the mean number present over the last twelve months lies within 5% (or 2 people) of the twelve before, or
    the difference may be chance. Grows without end: it rises and the work that comes in takes all the hours there are
    (``load`` 1 or more), or it rises as fast as the year before (``slower`` false) where hours are limited.
    Otherwise it is still moving towards a level.
    """
    if math.isnan(change):
        return SHORT
    full = not math.isnan(load)
    if full and load >= 1 and low > 0:
        return GROWS
    if steady.alike(last, change) or low <= 0 <= high:
        return SETTLED
    return GROWS if full and change > 0 and not slower else MOVING


def loads(run: ServiceRun, tallies: Sequence[ServiceTally]) -> dict[int, float]:
    """Working time that comes to each limited team in the last year ÷ the hours on its roster, by team."""
    pathway, axes = run.job.pathway, run.job.axes
    joined = sum(t.demanded[0] for t in tallies)
    done = sum(t.demanded[1].sum(axis=1) for t in tallies)
    spent = sum(t.demanded[2].sum(axis=1) for t in tallies)
    first, stop = np.searchsorted(axes.month_ticks, axes.year_ticks[-2:]).tolist()
    result: dict[int, float] = {}
    for team in range(len(axes.teams)):
        there = run.measures.available[team]
        if there[0] < 0:
            continue
        mine = [s for s in np.flatnonzero(np.isin(pathway.kind, WAITED_FOR)) if pathway.team[s] == team]
        work = math.fsum(int(joined[s, -1]) * int(spent[s]) / int(done[s]) for s in mine if done[s])
        hours = int(there[first:stop].sum())
        result[team] = work / len(tallies) / hours if hours else math.inf
    return result


def expected_loads(run: ServiceRun) -> dict[int, float]:
    """The same from the compiled graph, as far as it counts: expected work a week ÷ hours on the roster a week."""
    pathway, axes, compiled = run.job.pathway, run.job.axes, run.compiled
    means = [mean_of(family, numbers) * ticks for family, numbers, ticks in compiled.laws]
    days = int(axes.year_ticks[-1] - axes.year_ticks[-2]) / MS_PER_DAY
    first, stop = np.searchsorted(axes.month_ticks, axes.year_ticks[-2:]).tolist()
    result: dict[int, float] = {}
    for team in range(len(axes.teams)):
        there = run.measures.available[team]
        if there[0] < 0:
            continue
        work = 0.0
        for stage in np.flatnonzero(np.isin(pathway.kind, WAITED_FOR)):
            row = pathway.duration[stage]
            if pathway.team[stage] != team or np.any(row >= len(means)):
                continue
            length = np.array([means[r] if r >= 0 else 0.0 for r in row])
            work += float((compiled.expected.reach[:, stage] * length).sum()) * float(pathway.team_effort[team])
        hours = int(there[first:stop].sum())
        result[team] = work * days / hours if hours else math.inf
    return result


def _yearly(series: Ints) -> list[list[float]]:
    """Mean number present over each twelve months, last first, by replication."""
    months = series.shape[1] - 1
    years = []
    for back in range(months // 12):
        stop = series.shape[1] - 12 * back
        years.append([int(row.sum()) / 12 for row in series[:, stop - 12 : stop]])
    return years


def course(early: Ints, series: Ints, load: float = math.nan) -> dict[str, Any]:
    """How a number of people goes over the run, and whether it is steady once the warm-up is over.

    Args:
        early: at the start of each month of the warm-up, shape (replications, warm-up months). series: from then on to
            the end, shape (replications, months + 1). load: of the team that sees them, NaN for none with a limit.

    Returns:
        at_start, year_before_last, last_year, change with its interval, verdict, and ``steady.COLUMNS``.
    """
    years = _yearly(series)
    last, change, low, high = (math.nan,) * 4
    slower = True
    if years:
        last = math.fsum(years[0]) / len(series)
    if len(years) > 1:
        steps = [of_mean([a - b for a, b in zip(late, soon, strict=True)]) for late, soon in pairwise(years)]
        change, low, high = steps[0].mean, steps[0].low, steps[0].high
        slower = len(steps) < 2 or change < 0.9 * steps[1].mean
    said = verdict(last, change, low, high, slower, load)
    whole = np.concatenate([early, series], axis=1).sum(axis=0) / len(series)
    return {
        "at_start": int(series[:, 0].sum()) / len(series),
        "year_before_last": math.fsum(years[1]) / len(series) if len(years) > 1 else math.nan,
        "last_year": last,
        "change": change,
        "change_low": low,
        "change_high": high,
        "verdict": said,
        **steady.steady_state(whole.tolist(), early.shape[1], said in (GROWS, MOVING)),
        "interval": f"change: {PAIRED}",
    }


def settled(run: ServiceRun, tallies: Sequence[ServiceTally]) -> pd.DataFrame:
    """One row a stage where people wait, stay or are in care."""
    pathway: Pathway = run.job.pathway
    shown = [*WAITED_FOR, int(Kind.PACKAGE)]
    simulated, expected = loads(run, tallies), expected_loads(run)
    rows = []
    for stage in np.flatnonzero(np.isin(pathway.kind, shown)).tolist():
        team = int(pathway.team[stage]) if pathway.kind[stage] in WAITED_FOR else -1
        load = simulated.get(team, math.nan)
        rows.append(
            {
                "stage": pathway.stages[stage],
                "kind": Kind(pathway.kind[stage]).name.lower(),
                "team": run.job.axes.teams[team] if team >= 0 else "",
                **course(
                    np.array([t.early[0, stage] for t in tallies]),
                    np.array([t.present[0, stage] for t in tallies]),
                    load,
                ),
                "waiting_at_end": math.fsum(int(t.present[1, stage, -1]) for t in tallies) / len(tallies),
                "load": load,
                "load_expected": expected.get(team, math.nan),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)
