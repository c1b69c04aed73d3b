"""The figures of the pathway with every feature on, read from its compiled arrays, for the programs by hand."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from benchmarks.ours import MS_PER_HOUR, Ours
from simulation.pathway import UNLIMITED
from simulation.quantiles import look_up_each
from simulation.slots import slot_times
from simulation.working_time import Week

Figures = dict[str, list[float]]
"""Named lists of numbers; times in hours, "by type" one number for each person type of the pathway.

cuts/S: cumulative shares of a decision by type and branch (of ``first_contact`` by month before). scale/S: standing of
257 even ranks, by type. mean/S, delay/S: mean times; by type where types differ. age/S: how long care held at the start
has run, 1,001 even quantiles by type. held: group, kind of care and people, one after the other. opens/T, closes/T,
roster/T: a team's windows and (hour, practitioners). years: days at which financial years begin, and the last ends.
"""

CARE = ("enablement", "telecare", "home_care", "care_home")
RANKS = np.linspace(0.0, 1.0, 257)
AGES = np.linspace(0.0, 1.0, 1_001)
_EVENLY = (np.arange(400_000) + 0.5) / 400_000


def figures_of(ours: Ours) -> Figures:
    """Every number of the compiled pathway and its population; the shapes of laws come from the configs."""
    return _laws(ours) | _stages(ours) | _people(ours) | _teams(ours) | _time(ours)


def _laws(ours: Ours) -> Figures:
    """Shapes of lognormal and Weibull laws, ends of uniform ones, and the mean of every law."""
    named = partial(ours.values.named, "models/full")
    priced = partial(ours.values.named, "prices/full")
    found: Figures = {name: [named(name)] for name in ("hours_sigma", "patience_sigma", "review_sigma")}
    of_prices = ("stay_shape", "home_care_sigma", "care_home_sigma", "home_care_pays", "care_home_pays")
    found |= {name: [priced(name)] for name in of_prices}
    found["enablement/stay"] = [7 * 24 * priced(f"enablement_{end}_weeks") for end in ("least", "most")]
    pathway = ours.pathway
    means = [float(look_up_each(table, _EVENLY).mean()) / MS_PER_HOUR for table in pathway.tables]
    for stage, name in enumerate(pathway.stages):
        for what, rows in (("mean", pathway.duration[stage]), ("delay", pathway.delay[stage])):
            if rows.max() >= 0:
                by_type = [means[row] for row in rows.tolist()]
                found[f"{what}/{name}"] = by_type if len(set(by_type)) > 1 else by_type[:1]
    return found


def _stages(ours: Ours) -> Figures:
    """Decisions with their need scales, prices, ages of care at the start, and what stages of the other kinds say."""
    pathway = ours.pathway
    index = pathway.index
    found: Figures = {
        "priority/assessment": pathway.priority[index("assessment")].tolist(),
        "again": _same(pathway.again[pathway.again.max(axis=1) > 0]),
        "misses": _same(pathway.misses[index("hub")]),
        "rebookings": [float(pathway.rebookings[index("hub")])],
        "size_weight": _same(pathway.size_weight[[index("home_care"), index("care_home")]]),
    }
    for stage, name in enumerate(pathway.stages):
        row = int(pathway.decision[stage])
        if row >= 0:
            table = pathway.cumulative[row] if name == "first_contact" else pathway.cumulative[row, 0]
            found[f"cuts/{name}"] = table.ravel().tolist()
            found[f"weight/{name}"] = [float(pathway.follows_need[row])]
        if row >= 0 and pathway.follows_need[row] > 0:
            # Their mean over the months: only the mixture of people differs, and by a fifth of a percent at most.
            months = [_standings(ours, at) for at in pathway.scale_at[row]]
            found[f"scale/{name}"] = np.mean(months, axis=0).ravel().tolist()
        elif pathway.size[stage].max() >= 0:
            found[f"scale/{name}"] = _standings(ours, pathway.size_at[stage]).ravel().tolist()
        if pathway.care_types[stage]:
            found[f"pence/{name}"] = pathway.pence_per_week[stage].tolist()
        if pathway.kind[stage] == Kind.PACKAGE:
            found[f"age/{name}"] = [age for table in pathway.age[stage].tolist() for age in _ages(ours, table)]
        if pathway.kind[stage] == Kind.SET and pathway.set_care[stage] > 0:
            found[f"factor/{name}"] = [float(pathway.set_care[stage])]
        elif pathway.kind[stage] == Kind.SET:
            found[f"need/{name}"] = pathway.set_need[stage].tolist()
    return found


def _people(ours: Ours) -> Figures:
    """Who comes, and who is in care at the start."""
    maker = ours.maker
    groups, sources = maker.space["client_group"], maker.space["source"]
    shares = [np.cumsum([maker.groups[source][group] for group in groups]) for source in sources]
    number = {tuple(sorted(one.items())): float(n) for n, one in enumerate(ours.pathway.types.each())}

    def share(attribute: str, value: str, group: str) -> float:
        return float(np.diff(maker.spreads[attribute, group], prepend=0.0)[maker.space[attribute].index(value)])

    def number_of(travel: str, group: str, means: str, source: str) -> float:
        return number[("can_travel", travel), ("client_group", group), ("means", means), ("source", source)]

    return {
        "per_day": [maker.rates[source] for source in sources],
        "group_cuts": [1.0 if place == len(groups) - 1 else float(c) for row in shares for place, c in enumerate(row)],
        "no_travel": [share("can_travel", "no", group) for group in groups],
        "above_limit": [share("means", "above_limit", group) for group in groups],
        "type_of": [
            number_of(travel, group, means, source)
            for travel in ("yes", "no")
            for group in groups
            for means in ("below_limit", "above_limit")
            for source in sources
        ],
        "held": [
            float(number)
            for _, _, group, care, people in maker.held_cells
            for number in (group, CARE.index(maker.held_types[care]), people)
        ],
    }


def _teams(ours: Ours) -> Figures:
    """Size, effort, roster and opening windows of each limited team, places among them; the slots of the hubs."""
    pathway, calendar = ours.pathway, ours.calendar
    first = calendar.start.year * 12 + calendar.start.month - 1
    found: Figures = {}
    for team, name in enumerate(pathway.teams):
        size = int(pathway.team_size[team])
        if size == UNLIMITED:
            continue
        changes: list[float] = []
        for month, practitioners in pathway.team_roster[team].tolist():
            if 0 <= month <= first:
                size = practitioners
            elif month > first:
                changes += [calendar.tick(calendar.month(month - first)) / MS_PER_HOUR, float(practitioners)]
        spans = tuple((day, opens, closes) for day, opens, closes in pathway.team_spans[team].tolist() if day >= 0)
        found[f"opens/{name}"], found[f"closes/{name}"] = [], []
        if spans:
            windows = Week(spans, bool(pathway.team_holidays[team])).windows(calendar, ours.end + 60 * 86_400_000)
            found[f"opens/{name}"] = (windows.opens / MS_PER_HOUR).tolist()
            found[f"closes/{name}"] = (windows.closes / MS_PER_HOUR).tolist()
        found[f"size/{name}"], found[f"roster/{name}"] = [float(size)], changes
        found[f"effort/{name}"] = [float(pathway.team_effort[team])]
    times, free, _ = slot_times(pathway, pathway.index("hub"), calendar, ours.end)
    return found | {"slot_times": (times / MS_PER_HOUR).tolist(), "slot_free": free.astype(float).tolist()}


def _time(ours: Ours) -> Figures:
    calendar = ours.calendar
    years = calendar.financial_years()
    return {
        "until": [calendar.end / MS_PER_HOUR],
        "end": [ours.end / MS_PER_HOUR],
        "month_starts": [tick / MS_PER_HOUR for tick in calendar.month_starts_until(ours.end)],
        "first_month": [float(calendar.start.month - 1)],
        "census_months": [float(calendar.months)],
        "years": [float(first) for _, first, _ in years] + [float(years[-1][2])],
    }


def _standings(ours: Ours, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standings of even ranks: shape (types, ranks). ``places``: shape (types, 2), as in the pathway."""
    rows = []
    for start, length in places.tolist():
        part = slice(start, start + length)
        rows.append(
            np.interp(RANKS, ours.pathway.scale_rank[part], ours.pathway.scale_standing[part]) if length else RANKS
        )
    return np.array(rows)


def _ages(ours: Ours, table: int) -> list[float]:
    """Even quantiles of a tabulated law in hours; zeros where nobody of the type holds the care."""
    if table < 0:
        return [0.0] * len(AGES)
    law = ours.pathway.tables[table]
    ages: list[float] = (look_up_each(law, np.clip(AGES, 1e-5, 1 - 1e-5)) / MS_PER_HOUR).tolist()
    return ages


def _same(numbers: NDArray[np.float64]) -> list[float]:
    """A number that is the same everywhere.

    Raises:
        ValueError: it is not; the programs by hand know only one.
    """
    different = set(numbers.ravel().tolist())
    if len(different) != 1:
        raise ValueError(f"the programs written by hand know one number here, the pathway has {sorted(different)}")
    return [different.pop()]


def written(figures: Figures) -> str:
    """The figures as the C++ program reads them: lines of a name, how many numbers, and the numbers."""
    return "".join(
        f"{name} {len(numbers)} {' '.join(repr(float(number)) for number in numbers)}\n"
        for name, numbers in figures.items()
    )
