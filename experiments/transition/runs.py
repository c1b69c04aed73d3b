"""What a transition runs: today's model, and each vehicle's route with its own months, practice and posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.codes import Kind
from simulation.adoption import Adoption
from simulation.calendar import Calendar
from simulation.change import adoption_for
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.options import whole
from simulation.pathway import UNLIMITED, Pathway
from simulation.union import Union, with_practitioners
from simulation.vehicle_change import RouteChange, capacity_cut, roster_after, scope_by_month

TODAY = "today"
STEADY = "today_without_growth"
RATED = "if_ratings_were_right"


@dataclass(frozen=True)
class Run:
    """One run of a transition: which route, how practice changes, how much of the gap it closes.

    Attributes:
        name: in tables. vehicle, route: '' for today's model. change: the change file. transfer: its name.
        effect: how much faster than the change file says. growth: whether contacts grow. headline: of the answer.
        waits: whether waits and hours are counted, at central inputs.
    """

    name: str
    vehicle: str = ""
    route: str = ""
    change: str = ""
    transfer: str = ""
    effect: float = 0.0
    growth: bool = True
    headline: bool = False
    waits: bool = False


def route_name(vehicle: str, route: str) -> str:
    """A route's name among all."""
    return f"{vehicle}.{route}"


def all_runs(
    routes: Mapping[str, RouteChange],
    lead: str,
    over: str,
    headline: str,
    transfers: Sequence[str],
    change: str,
    beside: Sequence[str],
    effects: Sequence[float],
    growth: bool,
    rated: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[Run, ...]:
    """Every run, today's model first; ``lead`` and ``over`` name routes.

    Each route at the headline transfer under the headline's change, which is the answer; under each other change file;
    the route ``over`` at every other transfer, and without growth; the route ``lead`` at each faster pace; and, where
    ``rated`` says of a change file how much faster each vehicle would be by its rating, each route so under that file:
    a scenario, labelled so.
    """
    runs = [Run(TODAY, growth=growth, waits=True)]
    if growth:
        runs.append(Run(STEADY, growth=False))
    for how in (change, *beside):
        for name, route in routes.items():
            label = name if how == change else f"{name}/{how}"
            answer = how == change
            runs.append(
                Run(label, route.vehicle, route.route, how, headline, growth=growth, headline=answer, waits=answer)
            )
    based = next(run for run in runs if run.headline and run.name == over)
    others = [transfer for transfer in transfers if transfer != headline]
    runs += [replace(based, name=f"{over}/{transfer}", transfer=transfer, headline=False) for transfer in others]
    if growth:
        runs.append(replace(based, name=f"{over}/without_growth", growth=False, headline=False, waits=False))
    first = next(run for run in runs if run.headline and run.name == lead)
    runs += [replace(first, name=f"{lead}/{100 * (1 + e):g}%", effect=e, headline=False, waits=False) for e in effects]
    for how, faster in (rated or {}).items():
        alike = [run for run in runs if run.change == how and (run.headline or how != change)]
        runs += [
            replace(run, name=f"{run.name}/{RATED}", effect=faster[run.vehicle], headline=False, waits=False)
            for run in alike
        ]
    return tuple(runs)


@dataclass(frozen=True)
class Settings:
    """What runs share under one set of inputs.

    Attributes:
        union: both models. calendar: with the warm-up. routes: by name. changes: files by name. transfers: shares of
            the gap by name. moves: team to practitioners who leave it once everybody works in the new way.
    """

    union: Union
    calendar: Calendar
    routes: Mapping[str, RouteChange]
    changes: Mapping[str, Loaded]
    transfers: Mapping[str, float]
    moves: Mapping[str, float]

    @property
    def months(self) -> list[str]:
        """The calendar's months, such as 2016-04."""
        return [f"{self.calendar.month(index):%Y-%m}" for index in range(self.calendar.months)]


def adoption_of(run: Run, settings: Settings, values: Values, seed: int, replication: int) -> Adoption:
    """Share of people served in the new way, by team and month: practice × scope × how much of the gap is closed."""
    teams = tuple(team for team in settings.union.teams if team)
    if not run.vehicle:
        return Adoption.none(settings.calendar.months, teams)
    route = settings.routes[route_name(run.vehicle, run.route)]
    practice = adoption_for(
        settings.changes[run.change], values, settings.calendar, teams, route.starts, seed, replication, run.effect
    )
    scope = scope_by_month(route, settings.months)
    return Adoption(practice.teams, practice.shares * scope * settings.transfers[run.transfer])


def practitioners(pathway: Pathway, calendar: Calendar) -> dict[str, list[int]]:
    """Practitioners of each limited team in each month of the calendar."""
    first = calendar.start.year * 12 + calendar.start.month - 1
    teams = {}
    for number, name in enumerate(pathway.teams):
        size = int(pathway.team_size[number])
        if size == UNLIMITED or not np.any((pathway.team == number) & (pathway.kind == Kind.SERVICE)):
            continue  # the places of a stay are a team to the engines, and no practitioners
        by_month = []
        roster = [(since, count) for since, count in pathway.team_roster[number].tolist() if since >= 0]
        for month in range(calendar.months):
            due = [count for since, count in roster if since <= first + month]
            by_month.append(due[-1] if due else size)
        teams[name] = by_month
    return teams


def posts_gone(run: Run, settings: Settings) -> dict[str, list[int]]:
    """Practitioners of each limited team who are gone as savings, by month of the calendar."""
    now = practitioners(settings.union.pathway, settings.calendar)
    if not run.vehicle:
        return {name: [0] * len(by_month) for name, by_month in now.items()}
    cut = capacity_cut(settings.routes[route_name(run.vehicle, run.route)], settings.months)
    gone: dict[str, list[int]] = {name: [] for name in now}
    for month in range(settings.calendar.months):
        before = {name: now[name][month] for name in now}
        after = roster_after(before, float(cut[month]))
        for name in now:
            gone[name].append(before[name] - after[name])
    return gone


def rosters(run: Run, settings: Settings, adoption: Adoption) -> dict[str, list[int]]:
    """Practitioners left in each limited team by month: posts gone as savings, and people who moved to new work.

    Nobody is left alone with nothing: a team keeps one practitioner.
    """
    now = practitioners(settings.union.pathway, settings.calendar)
    if not run.vehicle:
        return now
    gone = posts_gone(run, settings)
    left: dict[str, list[int]] = {name: [] for name in now}
    for month in range(settings.calendar.months):
        for name in now:
            moved = whole(settings.moves.get(name, 0.0) * adoption.at(name, month))
            left[name].append(max(1, now[name][month] - gone[name][month] - moved))
    return left


def pathway_of(run: Run, settings: Settings, values: Values, seed: int, replication: int) -> Pathway:
    """The pathway of a run: its adoption, and the practitioners it leaves."""
    adoption = adoption_of(run, settings, values, seed, replication)
    pathway = settings.union.at(adoption)
    first = settings.calendar.start.year * 12 + settings.calendar.start.month - 1
    before = practitioners(pathway, settings.calendar)
    for team, by_month in rosters(run, settings, adoption).items():
        if by_month != before[team]:
            changes = {
                first + month: number
                for month, number in enumerate(by_month)
                if month == 0 or number != by_month[month - 1]
            }
            pathway = with_practitioners(pathway, team, changes)
    return pathway
