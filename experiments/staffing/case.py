"""What is staffed: a whole service, or the state that a transition leads to, with its people and its standards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from agents.codes import Kind
from experiments.plan import Prepared, prepare
from experiments.report.transition_waits import STANDARDS
from experiments.service import service_run
from simulation.adoption import Adoption
from simulation.calendar import Calendar
from simulation.errors import ConfigError, DemandflowError, nearest, short
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.pathway import UNLIMITED, Pathway
from simulation.population import PopulationMaker
from simulation.service_axes import Mask, ServiceAxes, service_axes
from simulation.workload import SINCE_CONTACT, stages_of

BLOCKS = {
    "constant": (("every month", tuple(range(1, 13))),),
    "quarter": (("April to June", (4, 5, 6)), ("July to September", (7, 8, 9)), ("October to December", (10, 11, 12)),
                ("January to March", (1, 2, 3))),
    "month": tuple((date(2000, m, 1).strftime("%B"), (m,)) for m in (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)),
}  # fmt: skip
"""Months of the calendar over which a roster stays as it is, in the order of the financial year."""


MOST_DAYS = 365


@dataclass(frozen=True)
class Standard:
    """Within how many days people are to be seen.

    Attributes:
        stages: where they are seen, shape (stages,). contact: whether the days run from the contact, or from joining
            the queue.
    """

    place: str
    days: int
    contact: bool
    title: str
    stages: Mask


@dataclass(frozen=True)
class Case:
    """A service whose teams can be staffed anew.

    Attributes:
        teams: those that are staffed. standards: the rest of these teams' queues comes last.
        axes: of the months that count; the calendar runs on until the last of their people should have been seen.
        state: what is staffed, in words.
    """

    pathway: Pathway
    maker: PopulationMaker
    calendar: Calendar
    axes: ServiceAxes
    seed: int
    teams: tuple[str, ...]
    standards: tuple[Standard, ...]
    state: str

    def roster_months(self) -> list[int]:
        """The month of the year, 1 to 12, of each month of the calendar."""
        return [self.calendar.month(index).month for index in range(self.calendar.months)]


def case_of(
    path: Path | str, model: str | None, standards: Sequence[str], teams: Sequence[str], years: int
) -> tuple[Case, Prepared]:
    """Read an experiment and what is asked of it.

    Raises:
        ConfigError, DemandflowError: faults of files; nothing to staff; unknown places and teams.
    """
    library = Library()
    prepared = prepare(path, library)
    asked = dict(_days(text) for text in standards) if standards else _published()
    longest = max(asked.values())
    if prepared.service is not None:
        pathway, maker, calendar, axes, state = _of_service(prepared, library, model, years, longest)
    elif prepared.transition is not None:
        if model is not None:
            raise DemandflowError("--model goes with an experiment that has service:. Leave it out.")
        pathway, maker, calendar, axes, state = _of_transition(prepared, years, longest)
    else:
        what = "this experiment has neither service: nor transition:, so nobody waits for staff in it."
        mend = "Name an experiment such as configs/experiments/vehicles.yaml."
        raise ConfigError([prepared.loaded.problem(("name",), what, mend)])
    staffed = _teams(pathway, teams)
    kept = _standards(pathway, asked, not standards)
    rest = _rest(pathway, staffed, kept, longest)
    read = replace(prepared, documents=tuple(library.loaded.values()))  # another model's files among them
    return Case(pathway, maker, calendar, axes, prepared.experiment.seed, staffed, (*kept, *rest), state), read


def _days(text: str) -> tuple[str, int]:
    place, _, number = text.partition("=")
    if not (place.strip() and number.strip().isdecimal() and 1 <= int(number) <= MOST_DAYS):
        raise DemandflowError(
            f"--standard {short(text)}: write a place and whole days from 1 to {MOST_DAYS}, such as home_visit=28."
        )
    return place.strip(), int(number)


def _published() -> dict[str, int]:
    return {place: days for since, place, days, _ in STANDARDS.values() if since == "contact"}


Parts = tuple[Pathway, PopulationMaker, Calendar, ServiceAxes, str]


def _calendar(start: date, warm_up_months: int, years: int, longest: int) -> Calendar:
    """With months behind those that count, until the last people should have been seen; contacts go on meanwhile."""
    first = start.year * 12 + start.month - 1 - warm_up_months
    return Calendar(date(first // 12, first % 12 + 1, 1), warm_up_months + 12 * years + longest // 28 + 1)


def _axes(
    pathway: Pathway, maker: PopulationMaker, warm_up_months: int, years: int, counted: Sequence[str] | None
) -> ServiceAxes:
    counting = Calendar(maker.calendar.start, warm_up_months + 12 * years)
    return service_axes(pathway, maker.space["client_group"], counting, warm_up_months, {}, {}, counted_sources=counted)


def _of_service(prepared: Prepared, library: Library, model: str | None, years: int, longest: int) -> Parts:
    run, config = prepared.service, prepared.experiment.service
    assert run is not None and config is not None
    inputs = prepared.inputs
    if model is not None:
        other = config.model_copy(update={"model": model, "checks": [], "indicators": [], "reported_year": None})
        loaded = replace(prepared.loaded, config=prepared.experiment.model_copy(update={"service": other}))
        inputs = Inputs(library)
        inputs.add(loaded)
        run = service_run(loaded, library, inputs, Values(inputs))
    calendar = _calendar(config.start, config.warm_up_months, years, longest)
    repeats = run.compiled.expected.repeats
    maker = PopulationMaker(run.demand, Values(inputs), calendar, repeats=repeats, growth=config.growth)
    pathway = run.compiled.pathway
    axes = _axes(pathway, maker, config.warm_up_months, years, config.counted_sources)
    return pathway, maker, calendar, axes, str(run.model.config.title)


def _of_transition(prepared: Prepared, years: int, longest: int) -> Parts:
    run = prepared.transition
    assert run is not None
    config, world = run.config, run.world
    share = world.settings.transfers[config.headline_transfer]
    calendar = _calendar(config.start, config.warm_up_months, years, longest)
    known = world.makers[config.growth]
    maker = PopulationMaker(
        run.maker.files["demand"], world.values, calendar, repeats=known.repeats, growth=config.growth
    )
    whole = Adoption(("",), np.full((1, calendar.months), share))
    pathway = world.settings.union.at(whole)
    axes = _axes(pathway, maker, config.warm_up_months, years, config.counted_sources)
    title = run.maker.files["model"].config.title
    return pathway, maker, calendar, axes, f"{title}, reached to {share:.0%} of the gap and in every month"


def works(pathway: Pathway, team: int) -> bool:
    """Whether people wait for a team's practitioners; the places of a stay are a team to the engines too."""
    return bool(np.any((pathway.team == team) & (pathway.kind == Kind.SERVICE)))


def _teams(pathway: Pathway, asked: Sequence[str]) -> tuple[str, ...]:
    working = [name for number, name in enumerate(pathway.teams) if works(pathway, number)]
    limited = [name for name in working if pathway.team_size[pathway.teams.index(name)] != UNLIMITED]
    if not asked:
        if not limited:
            raise DemandflowError(
                "every team of this model is unlimited, so nobody waits for staff. Name a model whose teams have "
                "numbers, such as --model barnet_staffed, or a team with opening hours with --team."
            )
        return tuple(limited)
    for name in asked:
        if name not in working:
            raise DemandflowError(f"--team {short(name)}: no such team serves a queue. {nearest(name, working)}")
        if not np.any(pathway.team_spans[pathway.teams.index(name)] >= 0):
            raise DemandflowError(
                f"--team {name}: its model gives it no opening hours, so a practitioner would work day and night. "
                "Give the team hours: in its model."
            )
    return tuple(dict.fromkeys(asked))


def _standards(pathway: Pathway, asked: dict[str, int], published: bool) -> list[Standard]:
    kept = []
    for place, days in asked.items():
        contact = place in SINCE_CONTACT
        stages = stages_of(pathway, place) if contact else np.array([name == place for name in pathway.own_names])
        stages = stages & np.isin(pathway.kind, (Kind.SERVICE, Kind.APPOINTMENTS))
        if not stages.any():
            if published:
                continue
            raise DemandflowError(f"--standard {place}={days}: nobody is seen there. {nearest(place, queues(pathway))}")
        name = place.replace("_", " ")
        since = "of the contact" if contact else "of joining its queue"
        kept.append(Standard(place, days, contact, f"{name} within {days} days {since}", stages))
    if not kept:
        raise DemandflowError(
            "nobody is seen at a hub or on a home visit in this model, so the two standards have nothing to say. Name "
            f"what is to be quick: --standard PLACE=DAYS. {nearest('', queues(pathway), 'Places')}"
        )
    return kept


def queues(pathway: Pathway) -> list[str]:
    """Places that a standard can name."""
    seen = np.isin(pathway.kind, (Kind.SERVICE, Kind.APPOINTMENTS))
    measured = [name for name in SINCE_CONTACT if (stages_of(pathway, name) & seen).any()]
    return list(dict.fromkeys([*measured, *(pathway.own_names[s] for s in np.flatnonzero(seen).tolist())]))


def _rest(pathway: Pathway, teams: Sequence[str], kept: Sequence[Standard], longest: int) -> list[Standard]:
    """What no standard names, team by team: without it a team could let everybody else wait for ever."""
    named = np.any([one.stages for one in kept], axis=0)
    found = []
    for name in teams:
        stages = (pathway.team == pathway.teams.index(name)) & (pathway.kind == Kind.SERVICE) & ~named
        if stages.any():
            title = f"everybody else of {name.replace('_', ' ')} within {longest} days of joining its queue"
            found.append(Standard(f"rest of {name}", longest, False, title, stages))
    return found
