"""One replication of a transition: the same people under today's model and under every vehicle."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.transition.figures import Figures, figures
from experiments.transition.runs import (
    TODAY,
    Run,
    Settings,
    adoption_of,
    pathway_of,
    practitioners,
    rosters,
    route_name,
)
from simulation import engines
from simulation.affected import affected
from simulation.calendar import Calendar
from simulation.errors import ConfigError, DemandflowError
from simulation.inputs import Values
from simulation.ledger import LedgerShares, ledger, where_need_went
from simulation.money.costs import Cost
from simulation.money.economics import Valuation
from simulation.money.taken_out import TakenOut
from simulation.pathway import Pathway
from simulation.population import Population, PopulationMaker
from simulation.spells import care_of, lives, spells
from simulation.tally import counts_of, what_rows_say
from simulation.trace import Trace
from simulation.transition_tally import TransitionAxes, TransitionTally, standing, transition_tally
from simulation.workload import opening

CENTRAL = "transition"
DRAWN = "transition-inputs"


@dataclass(frozen=True)
class Yardstick:
    """What savings answer to under a replication's inputs.

    Attributes:
        asked: pounds by financial year of the run: shape (years,). addressable_share: the part within reach.
        clipped: transfers whose match no share of the gap comes to under drawn inputs, so that all or none is taken.
    """

    asked: tuple[float, ...]
    addressable_share: float
    clipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class World:
    """Everything that a replication needs, under one set of inputs.

    Attributes:
        makers: of people, with growth and without. shares: of the ledger. planned_months: by change file.
        costs: of change by route; None while a required cost of any vehicle is not known. hour_of_care: pounds; NaN
        where the prices have none.
    """

    settings: Settings
    values: Values
    makers: Mapping[bool, PopulationMaker]
    axes: TransitionAxes
    out: TakenOut
    value: Valuation
    shares: LedgerShares
    yardstick: Yardstick
    planned_months: Mapping[str, float]
    costs: Mapping[str, tuple[Cost, ...]] | None
    hour_of_care: float


@dataclass(frozen=True)
class TransitionOutcome:
    """What one replication counted, by run; ``yardstick`` under its inputs."""

    key: str
    replication: int
    tallies: dict[str, Figures]
    people: int
    rows: int
    yardstick: Yardstick


Known = MutableMapping[tuple[Any, ...], TransitionTally]
"""Today's service as it was lived, by replication, growth and what it is counted by."""


def live(world: World, runs: tuple[Run, ...], key: str, engine: str, seed: int, replication: int,
         with_ledger: bool, before: Known | None = None) -> TransitionOutcome:  # fmt: skip
    """All runs of one replication; runs that come to the same pathway for the same people are lived once.

    Today's budget is that of today's model without growth. Where ``runs`` leave that one out, it is that of today's
    model as it is, which moves what of a saving is cashable and what is avoided, and nothing else.

    Args:
        before: today's service in other worlds that hold the same people, inputs and model of today, which it is taken
            from, or added to.
    """
    settings, axes = world.settings, world.axes
    people = {growth: world.makers[growth].make(seed, replication) for growth in {run.growth for run in runs}}
    windows = opening(settings.union.pathway, settings.calendar, settings.calendar.end)
    known: dict[tuple[Any, ...], tuple[set[str], TransitionTally]] = {}
    today: dict[bool, TransitionTally] = {}
    tallies: dict[str, TransitionTally] = {}
    rows = 0
    names = (axes.base.care_types, axes.base.months, axes.base.groups, (axes.queues, axes.teams) if with_ledger else ())
    for run in runs:
        mine = (replication, run.growth, *names)
        if before is not None and not run.vehicle and mine in before:
            today[run.growth] = tallies[run.name] = before[mine]
            continue
        pathway = pathway_of(run, settings, world.values, seed, replication)
        wanted = with_ledger and (run.headline or not run.vehicle)
        timed = with_ledger and run.waits
        same = (run.growth, pathway.adoption.tobytes(), pathway.team_roster.tobytes())
        asked = {part for part, needed in (("ledger", wanted), ("waits", timed)) if needed}
        if same not in known or not asked <= known[same][0]:
            who = people[run.growth]
            trace = engines.run(engine, pathway, who, settings.calendar, settings.calendar.end, seed, replication)
            rows = rows or trace.rows
            found = transition_tally(trace, pathway, who, axes, windows if timed else None)
            if wanted:
                found = _followed(found, world, trace, pathway, who, seed, replication)
            known[same] = (asked, found)
        _, tallies[run.name] = known[same]
        if not run.vehicle:
            today[run.growth] = tallies[run.name]
            if before is not None:
                before[mine] = tallies[run.name]
    made = {}
    for run in runs:
        posts = rosters(run, settings, adoption_of(run, settings, world.values, seed, replication))
        first = settings.calendar.months - len(axes.base.months)
        made[run.name] = figures(
            tallies[run.name],
            today[run.growth],
            today[min(today)],
            axes,
            world.out,
            world.value,
            world.planned_months.get(run.change, 0.0),
            [posts[team][first:] for team in practitioners(settings.union.pathway, settings.calendar)],
            (world.costs or {}).get(route_name(run.vehicle, run.route), ()),
        )
    return TransitionOutcome(key, replication, made, people[runs[0].growth].size, rows, world.yardstick)


def _followed(
    tally: TransitionTally, world: World, trace: Trace, pathway: Pathway, people: Population, seed: int, number: int
) -> TransitionTally:
    """With what only shows where people are followed: where need without a package went, to whom what happened, and who
    is at each stage."""
    seen = lives(trace, pathway, people, world.axes.base.counted_sources)
    found, cared, axes = spells(seen), care_of(trace, pathway, seen.who)[0], world.axes.base
    went, said = where_need_went(seen, found, cared, world.shares, axes, seed, number), what_rows_say(trace, pathway)
    met = (np.flatnonzero(counts_of(pathway, name)[said]) for name in ("contact", "funded_package"))
    return replace(
        tally,
        ledger=ledger(went, people, axes),
        affected=affected(seen, found, went, axes, *met),
        standing=standing(found, cared, pathway, world.settings.calendar),
    )


_MAKERS: dict[str, Any] = {}
"""One experiment file, read when a process is first asked; the process that plans puts its own in."""

_CENTRAL: dict[str, World] = {}


@dataclass(frozen=True)
class TransitionJob:
    """Replications of a transition; the experiment is read where it runs, so that little is sent to workers.

    Attributes:
        path: the experiment file. drawn: whether each replication has inputs of its own, the same for every vehicle, or
            all have the central ones.
    """

    path: str
    runs: tuple[Run, ...]
    seed: int
    drawn: bool
    engine: str = engines.AUTO

    @property
    def key(self) -> str:
        """Name of the run in the results."""
        return DRAWN if self.drawn else CENTRAL

    @property
    def world(self) -> World:
        """Everything at central inputs."""
        if self.path not in _CENTRAL:
            _CENTRAL[self.path] = _maker(self.path).world()
        return _CENTRAL[self.path]

    @property
    def pathways(self) -> tuple[tuple[str, Pathway], ...]:
        """The runs of the answer, by name; none where inputs are drawn, whose pathways differ by numbers alone."""
        if self.drawn:
            return ()
        world = self.world
        return tuple(
            (run.name, pathway_of(run, world.settings, world.values, self.seed, 0))
            for run in self.runs
            if run.headline or run.name == TODAY
        )

    @property
    def maker(self) -> PopulationMaker:
        """Makes its people."""
        return self.world.makers[self.runs[0].growth]

    @property
    def calendar(self) -> Calendar:
        """Its months, the warm-up among them."""
        return self.world.settings.calendar

    @property
    def end(self) -> int:
        """Tick at which it stops."""
        return self.calendar.end

    def sums_agree(self, pathway: Pathway, people: Population, trace: Trace, replication: int) -> bool:
        """Everything is read from traces."""
        return True

    def outcome(self, replication: int) -> TransitionOutcome:
        """One replication: the same whoever runs it; without runs where drawn inputs contradict each other."""
        world = self.world if not self.drawn else _drawn(self.path, self.seed, replication)
        if world is None:
            return TransitionOutcome(self.key, replication, {}, 0, 0, Yardstick((), 0.0))
        return live(world, self.runs, self.key, self.engine, self.seed, replication, not self.drawn)


def remember(path: str, maker: Any, world: World) -> None:
    """Keep in this process what has been read and compiled already."""
    _MAKERS[path], _CENTRAL[path] = maker, world


def _maker(path: str) -> Any:
    from experiments.transition.plan import Maker

    if path not in _MAKERS:
        _MAKERS[path] = Maker.read(path)
    return _MAKERS[path]


def _drawn(path: str, seed: int, replication: int) -> World | None:
    maker = _maker(path)
    try:
        made: World = maker.world(maker.inputs.drawn(seed, replication))
    except (ConfigError, DemandflowError):
        return None
    return made
