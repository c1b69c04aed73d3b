"""Waits, practitioner time, and how many people are at each stage: whole numbers from spells read back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.codes import Event, Kind
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.pathway import UNLIMITED, Pathway
from simulation.service_axes import WAITED_FOR, Ints, Mask, ServiceAxes
from simulation.spells import Care, Lives, Spells
from simulation.working_time import NEVER, Week, Windows

WITHIN_DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84)
"""Days within which a wait tally counts who was seen: days and weeks as people say them, the standards among them."""

WAIT = ("seen", "total", "median", "p90", *(f"within_{days}_days" for days in WITHIN_DAYS))
"""What a wait tally holds: people, and ticks; the median and the 90th percentile are waits of one of them."""

SINCE_CONTACT = ("hub_appointment", "home_visit", "enablement", "full_assessment")
"""Measures whose stages are also timed from the contact that led to them."""


def _described(wait: Ints) -> list[int]:
    """One row of WAIT. The percentile is the smallest wait that so many have at most."""
    ranked = np.sort(wait)
    size = len(ranked)
    if size == 0:
        return [0] * len(WAIT)
    middle, high = ranked[-(-size * 50 // 100) - 1], ranked[-(-size * 90 // 100) - 1]
    within = np.searchsorted(ranked, np.array(WITHIN_DAYS) * MS_PER_DAY, side="right")
    return [size, int(ranked.sum()), int(middle), int(high), *within.tolist()]


def share_within(row: Sequence[int], days: int) -> float:
    """Of those seen, the share seen within one of ``WITHIN_DAYS``, from a row of WAIT; NaN where nobody was."""
    seen = int(row[WAIT.index("seen")])
    return int(row[WAIT.index(f"within_{days}_days")]) / seen if seen else float("nan")


def by_year(place: Ints, places: int, time: Ints, wait: Ints, axes: ServiceAxes) -> Ints:
    """Waits described by place and by the year in which they ended: shape (places, years, len(WAIT))."""
    years = len(axes.years)
    table = np.zeros((places, years, len(WAIT)), dtype=np.int64)
    year = axes.year_of(time)
    key = np.where(year >= 0, place * years + year, -1)
    order = np.argsort(key, kind="stable")
    key, wait = key[order], wait[order]
    starts = np.searchsorted(key, np.arange(places * years + 1))
    for cell in range(places * years):
        part = wait[starts[cell] : starts[cell + 1]]
        if len(part):
            table[cell // years, cell % years] = _described(part)
    return table


def waits(found: Spells, axes: ServiceAxes) -> Ints:
    """From joining to being seen: shape (stages, years, len(WAIT)), by the year in which people were seen."""
    seen = found.began < NEVER
    wait = (found.began - found.joined)[seen]
    return by_year(found.stage[seen], len(axes.stages), found.began[seen], wait, axes)


def _seen_at(pathway: Pathway, stage: int) -> int:
    """The stage where somebody who goes to ``stage`` is seen: past changes, and stays that are nothing but a wait."""
    for _ in range(len(pathway.stages)):
        wait = pathway.kind[stage] == Kind.PLACES and not pathway.care_types[stage]
        if pathway.kind[stage] != Kind.SET and not wait:
            break
        stage = int(pathway.following[stage])
    return stage


def stages_of(pathway: Pathway, measure: str) -> Mask:
    """Stages where people are seen that count as a measure, or to which a branch that counts as it leads: (stages,).

    A model that names such stages means those alone, whatever its branches count as; of two models in one pathway each
    is asked for itself.
    """
    waited = np.isin(pathway.kind, WAITED_FOR)
    model = np.array([n.removesuffix(own) for n, own in zip(pathway.stages, pathway.own_names, strict=True)])
    named = np.array([name == measure for name in pathway.counts_as]) & waited
    says = np.isin(model, model[named])
    led = np.zeros(len(named), dtype=bool)
    for stage in np.flatnonzero((pathway.decision >= 0) & ~says).tolist():
        row = int(pathway.decision[stage])
        for branch, names in enumerate(pathway.branch_counts_as[row]):
            if measure in names.split():
                led[_seen_at(pathway, int(pathway.branch_to[row, branch]))] = True
    return named | (led & waited)


def first_seen(seen: Lives, found: Spells, stages: Mask) -> tuple[Ints, Ints, Ints]:
    """Who was seen at any of some stages, when for the first time in an episode, and how long after its contact.

    Reviews do not count. Shapes (seen,): place in the population, tick, ticks.
    """
    trace, episodes = seen.trace, int(seen.episode.max(initial=0)) + 1
    contact = np.flatnonzero(np.isin(trace.event, (Event.CONTACT, Event.CONTACT_AGAIN)))
    asked = seen.who[contact] * episodes + seen.episode[contact]
    by_episode = np.argsort(asked, kind="stable")
    asked, when = asked[by_episode], trace.time[contact[by_episode]]
    here = stages[found.stage] & (found.began < NEVER) & ~seen.reviewing[found.row]
    here &= (seen.episode[found.row] > 0) & seen.counted[found.row]
    key = found.who[here] * episodes + seen.episode[found.row[here]]
    began = found.began[here]
    order = np.lexsort((began, key))
    first, at = np.unique(key[order], return_index=True)
    time = began[order][at]
    return first // episodes, time, time - when[np.searchsorted(asked, first)]


def since_contact(seen: Lives, found: Spells, axes: ServiceAxes) -> Ints:
    """From the episode's contact to being seen: shape (len(SINCE_CONTACT), years, len(WAIT)).

    The first time in an episode counts; reviews do not.
    """
    tables = []
    for measure in SINCE_CONTACT:
        _, time, wait = first_seen(seen, found, stages_of(seen.pathway, measure))
        tables.append(by_year(np.zeros(len(time), dtype=np.int64), 1, time, wait, axes)[0])
    return np.array(tables, dtype=np.int64)


def opening(pathway: Pathway, calendar: Calendar, end: int) -> list[Windows | None]:
    """When each team is open, until ``end``; None where it always is."""
    windows: list[Windows | None] = []
    for team in range(len(pathway.teams)):
        spans = tuple((day, first, last) for day, first, last in pathway.team_spans[team].tolist() if day >= 0)
        week = Week(spans, bool(pathway.team_holidays[team]))
        windows.append(week.windows(calendar, end) if spans else None)
    return windows


def worked_by(windows: Windows | None, ticks: Ints) -> Ints:
    """Working time that has passed by each of many ticks; calendar time where the team is always open."""
    if windows is None:
        return ticks
    at = np.searchsorted(windows.opens, ticks, side="right") - 1
    passed = windows.before[at] + np.minimum(ticks, windows.closes[at]) - windows.opens[at]
    result: Ints = np.where(at >= 0, passed, 0)
    return result


def hours(found: Spells, pathway: Pathway, windows: Sequence[Windows | None], axes: ServiceAxes, end: int) -> Ints:
    """Practitioner time, in ticks of working time: shape (teams, months); time lost to other duties is in it.

    The places of a stay are a team too, and their time is time occupied.
    """
    table = np.zeros((len(axes.teams), len(axes.months)), dtype=np.int64)
    worked = found.began < NEVER
    team = pathway.team[found.stage]
    for number, window in enumerate(windows):
        mine = worked & (team == number)
        first = worked_by(window, found.began[mine])
        last = worked_by(window, np.minimum(found.left[mine], end))
        bounds = worked_by(window, axes.month_ticks).tolist()
        for month in range(len(axes.months)):
            inside = np.minimum(last, bounds[month + 1]) - np.maximum(first, bounds[month])
            table[number, month] = int(np.clip(inside, 0, None).sum())
    return table


def demanded(found: Spells, pathway: Pathway, windows: Sequence[Windows | None], axes: ServiceAxes) -> Ints:
    """What comes to each stage and how long it takes: shape (3, stages, years).

    People who join; people whose work there is over; and its working time, in ticks.
    """
    table = np.zeros((3, len(axes.stages), len(axes.years)), dtype=np.int64)
    joined = axes.year_of(found.joined)
    keep = joined >= 0
    np.add.at(table[0], (found.stage[keep], joined[keep]), 1)
    over = np.where(found.left < NEVER, axes.year_of(found.left), -1)
    over[found.began == NEVER] = -1
    team = pathway.team[found.stage]
    for number, window in enumerate(windows):
        mine = (over >= 0) & (team == number)
        spent = worked_by(window, found.left[mine]) - worked_by(window, found.began[mine])
        at = (found.stage[mine], over[mine])
        np.add.at(table[1], at, 1)
        np.add.at(table[2], at, spent)
    return table


def available(pathway: Pathway, windows: Sequence[Windows | None], calendar: Calendar, axes: ServiceAxes) -> Ints:
    """Practitioner time on the roster, in ticks of working time: shape (teams, months); -1 where it is unlimited."""
    table = np.full((len(axes.teams), len(axes.months)), UNLIMITED, dtype=np.int64)
    first = calendar.start.year * 12 + calendar.start.month - 1 + calendar.months - len(axes.months)
    for number, window in enumerate(windows):
        bounds = worked_by(window, axes.month_ticks)
        for month in range(len(axes.months)):
            size = int(pathway.team_size[number])
            for since, practitioners in pathway.team_roster[number].tolist():
                if 0 <= since <= first + month:
                    size = practitioners
            if size != UNLIMITED:
                table[number, month] = size * int(bounds[month + 1] - bounds[month])
    return table


def _there(stage: Ints, since: Ints, until: Ints, ticks: Ints, stages: int) -> Ints:
    """How many are at each stage at each tick: those who came before it and have not left before: (stages, ticks)."""
    steps = np.zeros((stages, len(ticks) + 1), dtype=np.int64)
    came, gone = (np.searchsorted(ticks, tick, side="right") for tick in (since, until))
    np.add.at(steps, (stage, came), 1)
    np.add.at(steps, (stage, np.maximum(came, gone)), -1)
    result: Ints = np.cumsum(steps, axis=1)[:, :-1]
    return result


def present(found: Spells, care: Care, pathway: Pathway, ticks: Ints) -> Ints:
    """People at each stage at some ticks, which must rise: shape (2, stages, ticks).

    The first row holds all who are there (waiting, being seen, staying or in care), the second those who wait.
    """
    size = len(pathway.stages)
    package = (pathway.kind == Kind.PACKAGE)[care.stage]
    there = _there(found.stage, found.joined, found.left, ticks, size)
    there += _there(care.stage[package], care.first[package], care.stop[package], ticks, size)
    return np.array([there, _there(found.stage, found.joined, np.minimum(found.left, found.began), ticks, size)])
