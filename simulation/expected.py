"""What a pathway gives on average, computed exactly from its arrays: no simulation, no chance.

People flow through the graph as spreads of need rank (``needrank``), type by type. The same pass yields the need scale
of each decision, which the engines use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.errors import DemandflowError
from simulation.needrank import EVEN, EVEN_SCALE, Scale, Spread
from simulation.pathway import Pathway

Scales = dict[tuple[int, int], Scale]
"""Need scales of one decision, by (calendar table, type)."""

DAYS_IN_YEAR = 365
DAYS_IN_MONTH = np.array([31.0, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
MOST_ROUNDS = 100_000
NOTHING_LEFT = 1e-15
_OUTCOME, _DECISION = int(Kind.OUTCOME), int(Kind.DECISION)


@dataclass(frozen=True)
class Expected:
    """Expected people a day, on average over a year of 365 days.

    T types as people are when they make contact, n stages, D decisions, B branches.

    Attributes:
        contacts: (T,) contacts a day.
        reach: (T, n) people a day who reach each stage.
        branch: (T, D, B) people a day who take each branch.
        scales: need scales by decision stage.
    """

    contacts: NDArray[np.float64]
    reach: NDArray[np.float64]
    branch: NDArray[np.float64]
    scales: dict[int, Scales]


class _Pass:
    """One calendar table, one type at contact: spreads at every stage."""

    def __init__(self, pathway: Pathway, order: list[list[int]], month: int, given: dict[int, Scales]):
        self.pathway, self.order, self.month, self.given = pathway, order, month, given
        self.kind, self.following = pathway.kind.tolist(), pathway.following.tolist()
        self.reach = np.zeros(len(pathway.stages))
        self.branch = np.zeros((len(pathway.branches), pathway.branch_to.shape[1]))
        self.scales: dict[int, Scales] = {}
        self.waiting: dict[int, dict[int, Spread]] = {}

    def arrive(self, stage: int, person: int, spread: Spread) -> None:
        here = self.waiting.setdefault(stage, {})
        here[person] = here[person].plus(spread) if person in here else spread

    def run(self, start: Iterable[tuple[int, int, float]]) -> None:
        """Let people in: entry stage, type and how many."""
        for entry, person, people in start:
            self.arrive(entry, person, EVEN.times(people))
        for group in self.order:
            rounds = 0
            while any(self.waiting.get(stage) for stage in group):
                for stage in group:
                    for who, spread in self.waiting.pop(stage, {}).items():
                        if spread.mass > NOTHING_LEFT:
                            self.leave(stage, who, spread, looping=len(group) > 1)
                rounds += 1
                if rounds > MOST_ROUNDS:
                    names = ", ".join(self.pathway.stages[s] for s in group)
                    raise DemandflowError(f"people hardly ever leave the loop {names}. Raise the chance to leave it.")

    def leave(self, stage: int, person: int, spread: Spread, looping: bool) -> None:
        pathway = self.pathway
        self.reach[stage] += spread.mass
        kind = self.kind[stage]
        if kind == _OUTCOME:
            return
        if kind != _DECISION:
            self.arrive(self.following[stage], int(pathway.becomes[stage, person]), spread)
            return
        row = int(pathway.decision[stage])
        weight = float(pathway.follows_need[row])
        if looping and weight > 0:
            raise DemandflowError(
                f"stage '{pathway.stages[stage]}' follows need inside a loop, which cannot be computed exactly. "
                "Remove follows_need there."
            )
        scale = EVEN_SCALE
        if weight > 0:
            fixed = self.given.get(stage)
            scale = (None if fixed is None else _fixed_scale(fixed, self.month, person)) or spread.scale()
            self.scales.setdefault(stage, {})[self.month, person] = scale
        size = int(pathway.branches[row])
        month = self.month if pathway.months > 1 else 0
        parts = spread.split(pathway.cumulative[row, month, person, :size], weight, scale)
        for b, part in enumerate(parts):
            mass = part.mass
            if mass > 0:
                self.branch[row, b] += mass
                self.arrive(int(pathway.branch_to[row, b]), person, part)


def _fixed_scale(fixed: Scales, month: int, person: int) -> Scale | None:
    """The given scale of a type; None where the scales come from a pathway that never brings this type here.

    A pathway that is alike in all months gives one table for all of them.
    """
    if all(table == 0 for table, _ in fixed):
        month = 0
    return fixed.get((month, person))


def _order(pathway: Pathway) -> list[list[int]]:
    """Stages in the order people meet them; the stages of a loop together."""
    groups = nx.condensation(pathway.network())
    return [sorted(groups.nodes[g]["members"]) for g in nx.topological_sort(groups)]


def _signature(
    pathway: Pathway, person: int, month: int, given: dict[int, Scales]
) -> tuple[int, bytes, tuple[int, ...]]:
    """Types with one signature flow alike: the same probabilities, and the same given scales."""
    scales = tuple(id(_fixed_scale(fixed, month, person)) for fixed in given.values())
    return month, pathway.cumulative[:, month, person, :].tobytes(), scales


def expect(
    pathway: Pathway,
    weights: NDArray[np.float64],
    given: dict[int, Scales],
    month_days: NDArray[np.float64] = DAYS_IN_MONTH,
) -> tuple[Pathway, Expected]:
    """Exact expectations, and the pathway with its need scales filled in.

    ``weights`` are contacts a day by type, (T,), in a month of factor 1; ``month_days`` the days of each calendar month
    times its factor, (12,); ``given`` fixes the scales of some decision stages. Where probabilities differ by month,
    people are taken to live their whole path in the month of their contact: exact where it is short.

    Raises:
        DemandflowError: a decision that follows need inside a loop.
    """
    count, months = pathway.types.count, pathway.months
    order = _order(pathway)
    alike = not np.any(pathway.becomes != np.arange(count))
    sources = _source_of_types(pathway)
    reach = np.zeros((count, len(pathway.stages)))
    branch = np.zeros((count, *pathway.branch_to.shape))
    scales: dict[int, Scales] = {}
    known: dict[tuple[int, tuple[int, bytes, tuple[int, ...]]], _Pass] = {}
    entries = [int(pathway.entry[source]) for source in sources]
    if not alike:
        given = _scales_together(pathway, weights, given, order, entries)
    whole = float(month_days.sum()) / DAYS_IN_YEAR
    part = month_days / DAYS_IN_YEAR if months > 1 else np.array([whole])
    for month in range(months):
        for person in range(count):
            entry = entries[person]
            if entry < 0:
                continue
            key = (entry, _signature(pathway, person, month, given))
            done = known.get(key) if alike else None
            if done is None:
                done = known[key] = _Pass(pathway, order, month, given)
                done.run([(entry, person, 1.0)])
            reach[person] += weights[person] * part[month] * done.reach
            branch[person] += weights[person] * part[month] * done.branch
            for stage, table in done.scales.items():
                for (m, who), scale in table.items():
                    scales.setdefault(stage, {})[m, person if alike else who] = scale
    return _with_scales(pathway, scales), Expected(weights * whole, reach, branch, scales)


def _scales_together(
    pathway: Pathway, weights: NDArray[np.float64], given: dict[int, Scales], order: list[list[int]], entries: list[int]
) -> dict[int, Scales]:
    """Need scales where people change type on their way: all types flow at once, so that each meets the others."""
    together: dict[int, Scales] = {}
    for month in range(pathway.months):
        everyone = _Pass(pathway, order, month, given)
        everyone.run((entry, person, float(weights[person])) for person, entry in enumerate(entries) if entry >= 0)
        for stage, table in everyone.scales.items():
            together.setdefault(stage, {}).update(table)
    return together


def _source_of_types(pathway: Pathway) -> list[int]:
    if "source" not in pathway.types.names:
        return [0] * pathway.types.count
    return [pathway.sources.index(person["source"]) for person in pathway.types.each()]


def _with_scales(pathway: Pathway, scales: dict[int, Scales]) -> Pathway:
    at = np.zeros((len(pathway.branches), pathway.months, pathway.types.count, 2), dtype=np.int64)
    ranks: list[NDArray[np.float64]] = []
    standings: list[NDArray[np.float64]] = []
    rows: dict[tuple[bytes, bytes], tuple[int, int]] = {}
    start = 0
    for stage, table in sorted(scales.items()):
        for (month, person), scale in sorted(table.items()):
            if len(scale.standing) == 2:
                continue
            key = (scale.ranks_at.tobytes(), scale.standing.tobytes())
            if key not in rows:
                rows[key] = (start, len(scale.standing))
                ranks.append(scale.ranks_at)
                standings.append(scale.standing)
                start += len(scale.standing)
            at[pathway.decision[stage], month, person] = rows[key]
    return replace(
        pathway,
        scale_at=at,
        scale_rank=np.concatenate(ranks) if ranks else np.zeros(0),
        scale_standing=np.concatenate(standings) if standings else np.zeros(0),
    )
