"""What care costs on average, year by year, computed from the compiled graph without simulation.

Packages start at a steady rate once the mean delay since contact has passed; days of care follow from the survival of
their stays. It is used to ask the same question of many sets of inputs; the simulation is the check (tests compare).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.compiler import Compiled
from simulation.quantiles import mean_of, survival
from simulation.stays import Stay, Stays

STEP_DAYS = 7.0
STAYS = (int(Kind.PACKAGE), int(Kind.PLACES))


def mean_delays(compiled: Compiled) -> NDArray[np.float64]:
    """Mean days from contact to each stage, over those who reach it: shape (T, n); 0 where nobody does.

    Exact for a pathway without loops in which nobody waits for anybody. A review that leads to other care is taken to
    come at the end of the stay.
    """
    pathway, expected = compiled.pathway, compiled.expected
    stays = Stays(pathway, compiled.laws)
    means = [mean_of(family, numbers) * ticks / MS_PER_DAY for family, numbers, ticks in compiled.laws]
    lasts = np.array([*means, 0.0])  # the last one is for row -1: no law is known
    delays = np.zeros(expected.reach.shape)
    arrived = np.zeros(expected.reach.shape)  # people × days at each stage
    onward: dict[int, list[int]] = {}
    for origin, to in expected.flow:
        onward.setdefault(origin, []).append(to)
    for stage in _order(compiled):
        reach = expected.reach[:, stage]
        spent = delays[:, stage] = np.divide(arrived[:, stage], reach, out=np.zeros(len(reach)), where=reach > 0)
        kind = Kind(pathway.kind[stage])
        if kind == Kind.SERVICE:
            spent = spent + lasts[pathway.duration[stage]]
        elif kind == Kind.APPOINTMENTS:
            spent = spent + lasts[pathway.delay[stage]] + lasts[pathway.duration[stage]]
        elif kind in STAYS and not pathway.goes_on[stage]:
            cut = np.any(pathway.hazards[stage] >= 0) or np.any(pathway.forks[stage] >= 0)
            spent = spent + (_mean_days(stays, stage) if cut else lasts[pathway.duration[stage]])
        for to in onward.get(stage, []):
            arrived[:, to] += expected.flow[stage, to] * spent
    return delays


def _mean_days(stays: Stays, stage: int) -> NDArray[np.float64]:
    """Mean days of a stay that can be cut short, 0 where its law is not known: shape (T,)."""
    rows = stays.pathway.duration[stage].tolist()
    return np.array([stays.of(stage, k).mean / MS_PER_DAY if row >= 0 else 0.0 for k, row in enumerate(rows)])


def _order(compiled: Compiled) -> list[int]:
    import networkx as nx

    network = compiled.pathway.network()
    if nx.is_directed_acyclic_graph(network):
        return list(nx.topological_sort(network))
    groups = nx.condensation(network)
    return [stage for g in nx.topological_sort(groups) for stage in sorted(groups.nodes[g]["members"])]


def yearly_cost(compiled: Compiled, calendar: Calendar) -> dict[str, float]:
    """Expected gross pounds of care given in each financial year, of packages and priced stays that start in the run.

    Care without a price or a stay counts nothing. What reviews raise and cut is taken to balance.
    """
    pathway, expected = compiled.pathway, compiled.expected
    delays, stays = mean_delays(compiled), Stays(compiled.pathway, compiled.laws)
    last = calendar.end / MS_PER_DAY
    grid = np.arange(0.0, last + 2 * STEP_DAYS, STEP_DAYS)
    given: dict[tuple[int, int], NDArray[np.float64]] = {}
    cost = {year: 0.0 for year, _, _ in calendar.financial_years()}
    for stage in np.flatnonzero(np.isin(pathway.kind, STAYS)).tolist():
        cut = bool(np.any(pathway.hazards[stage] >= 0) or np.any(pathway.forks[stage] >= 0))
        for person in range(pathway.types.count):
            rate = expected.reach[person, stage] * expected.size[person, stage]
            row, pence = int(pathway.duration[stage, person]), int(pathway.pence_per_week[stage, person])
            if rate <= 0 or row < 0 or pence < 0:
                continue
            stay = stays.of(stage, person) if cut else None
            key = (row, id(stay))
            if key not in given:
                given[key] = _days_given(compiled, row, grid, stay)
            for year, first, stop in calendar.financial_years():
                at = np.array([first, stop]) - delays[person, stage]
                days = np.interp(at, grid, given[key], left=0.0)
                cost[year] += float(rate * (days[1] - days[0]) * pence / 700)
    return cost


def _days_given(compiled: Compiled, row: int, grid: NDArray[np.float64], stay: Stay | None) -> NDArray[np.float64]:
    """Days of care given until each day since the first start, at one start a day: shape of ``grid``."""
    family, numbers, ticks = compiled.laws[row]
    # Survival is taken on a finer grid near nought, where short stays end within a step.
    fine = np.linspace(0.0, grid[-1], (len(grid) - 1) * 4 + 1)
    if stay is None:
        alive = survival(family, numbers, fine * MS_PER_DAY / ticks)
    else:
        alive = np.interp(fine * MS_PER_DAY, stay.at, stay.alive)
    in_care = np.concatenate([[0.0], np.cumsum((alive[1:] + alive[:-1]) / 2 * np.diff(fine))])
    total = np.concatenate([[0.0], np.cumsum((in_care[1:] + in_care[:-1]) / 2 * np.diff(fine))])
    result: NDArray[np.float64] = np.interp(grid, fine, total)
    return result
