"""What the tallies of a whole service are counted by: the years and months that count, people, stages and care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.pathway import Pathway

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

WAITED_FOR = (int(Kind.SERVICE), int(Kind.APPOINTMENTS), int(Kind.PLACES))
"""Kinds of stage where people join, are seen and leave."""


@dataclass(frozen=True)
class ServiceAxes:
    """Names along the axes, and the ticks that bound them.

    Attributes:
        groups: client groups. group_sets: names for several, as masks over groups.
        care_types: of packages and stays. care_sets: names for several, as masks over care types.
        years: financial years that count; year_ticks: their bounds, shape (years + 1,).
        months: those that count, such as 2014-04; month_ticks: the start, and each month's end, shape (months + 1,).
        early_ticks: the starts of the months before, which do not count: shape (warm-up months,).
        counted_sources: for each source, whether its people count as contacts; all count as people in care.
        stages, teams, forks: names; ``forks`` are the stages where reviews fall due.
        care_of_stage: (stages,) care type of each stage, -1 for none.
        on_time: ticks within which a review that falls due is over in time.
        told_by: what people are told apart by besides, attribute to values (``affected``); empty where nobody asks.
    """

    groups: tuple[str, ...]
    group_sets: Mapping[str, tuple[bool, ...]]
    care_types: tuple[str, ...]
    care_sets: Mapping[str, tuple[bool, ...]]
    years: tuple[str, ...]
    year_ticks: Ints
    months: tuple[str, ...]
    month_ticks: Ints
    early_ticks: Ints
    counted_sources: tuple[bool, ...]
    stages: tuple[str, ...]
    teams: tuple[str, ...]
    forks: tuple[str, ...]
    care_of_stage: Ints
    on_time: int
    told_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def year_of(self, time: Ints) -> Ints:
        """The year that counts a tick, -1 before the start and after the last year."""
        year = np.searchsorted(self.year_ticks, time, side="right") - 1
        result: Ints = np.where(year < len(self.years), year, -1)
        return result

    def care_mask(self, name: str) -> Mask:
        """Care types in a set; none where the set is not named."""
        return np.array(self.care_sets.get(name, (False,) * len(self.care_types)), dtype=bool)


def service_axes(
    pathway: Pathway,
    groups: tuple[str, ...],
    calendar: Calendar,
    warm_up_months: int,
    group_sets: Mapping[str, Sequence[str]],
    care_sets: Mapping[str, Sequence[str]],
    on_time_days: float = 28.0,
    counted_sources: Sequence[str] | None = None,
    told_by: Mapping[str, tuple[str, ...]] | None = None,
) -> ServiceAxes:
    """The axes of a run whose first ``warm_up_months`` of ``calendar`` do not count."""
    month_ticks = calendar.month_starts[warm_up_months:]
    first_day = int(month_ticks[0]) // MS_PER_DAY
    years = [(name, max(begin, first_day), stop) for name, begin, stop in calendar.financial_years()]
    counted = [(name, begin, stop) for name, begin, stop in years if begin < stop]
    care_types = tuple(sorted({care for care in pathway.care_types if care}))
    return ServiceAxes(
        groups=groups,
        group_sets={name: tuple(g in members for g in groups) for name, members in group_sets.items()},
        care_types=care_types,
        care_sets={name: tuple(c in members for c in care_types) for name, members in care_sets.items()},
        years=tuple(name for name, *_ in counted),
        year_ticks=np.array([counted[0][1], *(stop for *_, stop in counted)], dtype=np.int64) * MS_PER_DAY,
        months=tuple(f"{calendar.month(i):%Y-%m}" for i in range(warm_up_months, calendar.months)),
        month_ticks=month_ticks,
        early_ticks=calendar.month_starts[:warm_up_months],
        counted_sources=tuple(counted_sources is None or name in counted_sources for name in pathway.sources),
        stages=pathway.stages,
        teams=pathway.teams,
        forks=tuple(pathway.stages[i] for i in np.flatnonzero(pathway.kind == Kind.FORK)),
        care_of_stage=np.array([care_types.index(c) if c else -1 for c in pathway.care_types], dtype=np.int64),
        on_time=int(on_time_days * MS_PER_DAY),
        told_by=told_by or {},
    )


def review_stages(pathway: Pathway) -> Mask:
    """Which stages a review may pass: shape (stages,)."""
    found = np.zeros(len(pathway.stages), dtype=bool)
    ahead = [int(pathway.following[fork]) for fork in np.flatnonzero(pathway.kind == Kind.FORK)]
    while ahead:
        stage = ahead.pop()
        if stage >= 0 and not found[stage]:
            found[stage] = True
            ahead.extend(pathway.leads_to(stage))
    return found
