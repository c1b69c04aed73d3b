"""A service lived with given rosters: who was seen in time, of those who should have been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from agents.codes import Event
from experiments.measured import Floats
from experiments.staffing.case import BLOCKS, Case, Standard, case_of
from experiments.worker import of_this_run
from simulation import engines
from simulation.calendar import MS_PER_DAY
from simulation.pathway import UNLIMITED, Pathway
from simulation.service_axes import Ints, Mask
from simulation.spells import Lives, Spells, lives, spells
from simulation.workload import available, hours, opening

Roster = tuple[tuple[int, ...], ...]
"""Practitioners by team and block; ``UNLIMITED`` for as many as it takes."""


@dataclass(frozen=True)
class Seen:
    """What one replication counted.

    Attributes:
        due, met: people who should have been seen in time, and those who were: (standards, blocks).
        busy: practitioners who were busy, on average over the months that count: (teams, blocks); of those who are
            always there where a team has no opening hours.
    """

    due: Ints
    met: Ints
    busy: np.ndarray[tuple[int, ...], np.dtype[np.float64]]

    def kept(self, share: float) -> bool:
        """Whether every standard is kept in every block; where nobody is due, it is."""
        return bool(np.all(self.met >= share * self.due - 1e-9))


def staffed(case: Case, by: str, roster: Roster) -> Pathway:
    """The pathway with other practitioners in the case's teams."""
    pathway, months = case.pathway, case.roster_months()
    block_of = {month: place for place, (_, members) in enumerate(BLOCKS[by]) for month in members}
    first = case.calendar.start.year * 12 + case.calendar.start.month - 1
    size = pathway.team_size.copy()
    rows = max(pathway.team_roster.shape[1], len(months))
    table = np.full((len(pathway.teams), rows, 2), -1, dtype=np.int64)
    table[:, : pathway.team_roster.shape[1]] = pathway.team_roster
    for name, blocks in zip(case.teams, roster, strict=True):
        team = pathway.teams.index(name)
        numbers = [blocks[block_of[month]] for month in months]
        size[team] = numbers[0]
        table[team] = -1
        if UNLIMITED not in blocks:
            steps = [(first + at, n) for at, n in enumerate(numbers) if at == 0 or n != numbers[at - 1]]
            table[team, : len(steps)] = steps
    return replace(pathway, team_size=size, team_roster=table)


Key = tuple[str, str | None, tuple[str, ...], tuple[str, ...], int]
"""What ``case_of`` is given."""

_CASES: dict[Key, Case] = of_this_run({})
"""What this process staffs; worker processes read it when they are first asked."""


def remember(key: Key, case: Case) -> None:
    """Keep a case that has been read in this process."""
    _CASES.clear()
    _CASES[key] = case


def lived(case: Case, by: str, roster: Roster, replication: int) -> Seen:
    """One replication: the same people with the same luck under every roster."""
    pathway = staffed(case, by, roster)
    people = case.maker.make(case.seed, replication)
    end = case.calendar.end
    trace = engines.run(engines.AUTO, pathway, people, case.calendar, end, case.seed, replication)
    read = lives(trace, pathway, people, case.axes.counted_sources)
    found = spells(read)
    counts = [_in_time(case, one, read, found, by) for one in case.standards]
    windows = opening(pathway, case.calendar, end)
    worked = hours(found, pathway, windows, case.axes, end)
    one_each = replace(pathway, team_size=np.ones_like(pathway.team_size), team_roster=pathway.team_roster[:, :0])
    there = available(one_each, windows, replace(case.calendar, months=_counted(case)), case.axes)
    rows = [pathway.teams.index(name) for name in case.teams]
    months = _block_of_month(case, by)
    busy = np.array([[_ratio(worked[row], there[row], months == b) for b in range(len(BLOCKS[by]))] for row in rows])
    return Seen(np.array([due for due, _ in counts]), np.array([met for _, met in counts]), busy)


def _counted(case: Case) -> int:
    """Months of the calendar up to the last that counts."""
    return len(case.calendar.month_starts[case.calendar.month_starts < case.axes.month_ticks[-1]])


def _ratio(worked: Ints, there: Ints, where: Mask) -> float:
    return float(worked[where].sum() / max(1, int(there[where].sum())))


def _block_of_month(case: Case, by: str) -> Ints:
    block = {month: place for place, (_, members) in enumerate(BLOCKS[by]) for month in members}
    return np.array([block[int(name[5:])] for name in case.axes.months], dtype=np.int64)


def _in_time(case: Case, one: Standard, read: Lives, found: Spells, by: str) -> tuple[Ints, Ints]:
    """People due and met by block of the month in which their days begin: each (blocks,).

    Somebody who left before the days were over, and was not seen, was failed by nobody and is not counted, unless they
    gave up because they waited too long. Who waits still counts as not met.
    """
    here = one.stages[found.stage] & read.counted[found.row]
    since = found.joined.copy()
    if one.contact:
        here &= ~read.reviewing[found.row] & (read.episode[found.row] > 0)
        since[here] = _contacts(read, found, here)
        here &= _first(read, found, here)
    limit = since + one.days * MS_PER_DAY
    met = found.began <= limit
    gone = (found.how != Event.OVERFLOW) & (found.left <= limit) & ~met
    month = np.searchsorted(case.axes.month_ticks, since, side="right") - 1
    here &= ~gone & (month >= 0) & (month < len(case.axes.months))
    blocks = _block_of_month(case, by)[month[here]]
    size = len(BLOCKS[by])
    return np.bincount(blocks, minlength=size), np.bincount(blocks[met[here]], minlength=size)


def _contacts(read: Lives, found: Spells, here: Mask) -> Ints:
    """The tick of the contact that led to each spell."""
    rows = np.flatnonzero(np.isin(read.trace.event, (Event.CONTACT, Event.CONTACT_AGAIN)))
    episodes = int(read.episode.max(initial=0)) + 1
    key = read.who[rows] * episodes + read.episode[rows]
    order = np.argsort(key, kind="stable")
    wanted = found.who[here] * episodes + read.episode[found.row[here]]
    result: Ints = read.trace.time[rows[order]][np.searchsorted(key[order], wanted)]
    return result


def _first(read: Lives, found: Spells, here: Mask) -> Mask:
    """Which spells are the first of their person's episode at these stages."""
    places = np.flatnonzero(here)
    episodes = int(read.episode.max(initial=0)) + 1
    key = found.who[places] * episodes + read.episode[found.row[places]]
    order = np.lexsort((found.joined[places], key))
    first = np.unique(key[order], return_index=True)[1]
    result = np.zeros(len(here), dtype=bool)
    result[places[order[first]]] = True
    return result


def replicated(key: Key, by: str, roster: Roster, replications: tuple[int, ...]) -> Floats:
    """Some replications of a case, wherever they are asked for: a row each, columns as of ``columns``."""
    if key not in _CASES:
        remember(key, case_of(*key)[0])
    seen = [lived(_CASES[key], by, roster, replication) for replication in replications]
    return np.array([np.concatenate([one.due.ravel(), one.met.ravel(), one.busy.ravel()]) for one in seen], float)


def columns(case: Case, by: str) -> tuple[str, ...]:
    """What ``replicated`` gives: people due and met by standard and block; who was busy by team and block."""
    blocks = [name for name, _ in BLOCKS[by]]
    counts = [f"{what}, {one.title}, {block}" for what in ("due", "met") for one in case.standards for block in blocks]
    return (*counts, *(f"busy, {team}, {block}" for team in case.teams for block in blocks))


def seen_in(case: Case, by: str, row: Floats) -> Seen:
    """What one row of ``replicated`` says."""
    counts, blocks = len(case.standards) * len(BLOCKS[by]), len(BLOCKS[by])
    due, met, busy = (part.reshape(-1, blocks) for part in np.split(row, [counts, 2 * counts]))
    return Seen(due.astype(np.int64), met.astype(np.int64), busy)


def sizes_now(case: Case) -> Mapping[str, str]:
    """What the model says of each team's practitioners, in words."""
    told = {}
    for name in case.teams:
        team = case.pathway.teams.index(name)
        counts = [int(n) for since, n in case.pathway.team_roster[team].tolist() if since >= 0]
        counts = counts or [int(case.pathway.team_size[team])]
        low, high = min(counts), max(counts)
        told[name] = "unlimited" if low == UNLIMITED else str(low) if low == high else f"{low} to {high}"
    return told
