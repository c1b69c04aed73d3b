"""The changes among which a difference is split, as the experiment's file names them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from experiments.attribution.models import Models
from experiments.matching import keeps_of
from simulation.differences import differing, every, needing, taken_for_granted
from simulation.errors import ConfigError, Problem, nearest
from simulation.hybrid import Between, Elsewhere
from simulation.library import Loaded
from simulation.reading import Where
from simulation.schema.attribution import Attribution
from simulation.union import team_of

MOST = 8
"""More changes than this make too many models to live: 2 to the power of their number."""

REST = "everything_else"
LEVERS = {"posts": "posts taken out", "moves": "practitioners who move to new work"}
KEY = "attribution"


@dataclass(frozen=True)
class Part:
    """One change. ``stages``: of either model. ``levers``: of a transition."""

    name: str
    title: str
    stages: tuple[str, ...] = ()
    levers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parts:
    """All changes that together lead from today's model to the new one, in order, and how to make some of them.

    Attributes:
        levers: those that this experiment has. automatic: whether no file named the changes.
    """

    parts: tuple[Part, ...]
    between: Between
    automatic: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(part.name for part in self.parts)

    @property
    def title(self) -> dict[str, str]:
        """What each is called."""
        return {part.name: part.title for part in self.parts}

    def in_models(self, made: Collection[str]) -> frozenset[str]:
        """Those of some changes that change stages; others with the same ones share a pathway."""
        return frozenset(part.name for part in self.parts if part.name in made and part.stages)

    def levers(self, made: Collection[str]) -> frozenset[str]:
        """The levers of some changes."""
        return frozenset[str]().union(*(part.levers for part in self.parts if part.name in made))


def between_of(models: Models, parts: Sequence[Part], any_of: Mapping[str, Sequence[str]],
               instead: Mapping[str, Sequence[Elsewhere]]) -> Between:  # fmt: skip
    """The models with their changes; where people go instead follows from the models where it is not said."""
    owners = {stage: frozenset({part.name}) for part in parts for stage in part.stages}
    owners |= {stage: frozenset(names) for stage, names in any_of.items()}
    bare = Between(models.baseline, models.model, owners)
    return Between(models.baseline, models.model, owners, {**taken_for_granted(bare), **instead})


def with_the_rest(models: Models, parts: Sequence[Part], also: Collection[str] = ()) -> list[Part]:
    """The parts, and one more of what differs and that none of them names, if anything does.

    Args:
        also: stages that are named elsewhere.
    """
    bare = Between(models.baseline, models.model, {})
    named = {stage for part in parts for stage in part.stages} | set(also)
    left = tuple(sorted(differing(bare, models.values, models.met) - named))
    return [*parts, *([Part(REST, "everything else that differs", left)] if left else [])]


class Section:
    """Reads ``attribution:`` and keeps what is wrong with it in ``found``."""

    def __init__(self, loaded: Loaded, models: Models, levers: Collection[str]):
        self.loaded, self.models, self.there = loaded, models, levers
        self.config: Attribution = loaded.config.attribution
        self.found: list[Problem] = []
        self.known = sorted({*models.baseline.nodes, *models.model.nodes})

    def bad(self, where: Where, what: str, mend: str) -> None:
        """Keep a fault."""
        self.found.append(self.loaded.problem((KEY, *where), f"{KEY}.{'.'.join(map(str, where))}: {what}", mend))

    def read(self) -> Parts:
        """The parts.

        Raises:
            ConfigError: with every fault.
        """
        parts = self._parts()
        self._any_of([part.name for part in parts])
        self._instead()
        if self.found:
            raise ConfigError(self.found)
        parts = self._teams(parts)
        parts = with_the_rest(self.models, parts, self.config.any_of)
        instead = {
            stage: [Elsewhere(way.to, way.when) for way in given] for stage, given in self.config.instead.items()
        }
        between = between_of(self.models, parts, self.config.any_of, instead)
        if len(parts) > MOST:
            more = ", the rest that no change names among them" if parts[-1].name == REST else ""
            what = f"there are {len(parts)} changes{more}, and {2 ** len(parts):,} models to live."
            self.bad(("changes",), what, f"Group them: at most {MOST}.")
        for stage, to in needing(between):
            what = f"'{stage}' leads to '{to}', which another change brings, and today's model has no such way."
            self.bad(("instead",), what, f"Say where people go instead: {to}: [{{to: …}}], a stage of today's model.")
        if self.found:
            raise ConfigError(self.found)
        return checked(Parts(tuple(parts), between, False))

    def _parts(self) -> list[Part]:
        parts: list[Part] = []
        named: dict[str, str] = {}
        for index, change in enumerate(self.config.changes):
            where: Where = ("changes", index)
            if change.name in (*(part.name for part in parts), REST):
                self.bad((*where, "name"), f"two changes have the name '{change.name}'.", "Rename one.")
            for at, stage in enumerate(change.stages):
                here: Where = (*where, "stages", at)
                if stage not in self.known:
                    self.bad(
                        here, f"there is no stage '{stage}' in either model.", nearest(stage, self.known, "Stages")
                    )
                elif stage in named or stage in self.config.any_of:
                    other = named.get(stage, "any_of")
                    what = f"'{stage}' belongs to {other} too."
                    self.bad(
                        here, what, "Keep it in one; a stage that several changes bring stands under any_of alone."
                    )
                named[stage] = change.name
            for at, lever in enumerate(change.levers):
                here = (*where, "levers", at)
                if self.models.section != "transition":
                    self.bad(
                        here, f"a comparison has no '{lever}'.", "Leave it out, or ask an experiment with transition:."
                    )
                elif lever in named:
                    self.bad(here, f"'{lever}' belongs to {named[lever]} too.", "Keep it in one.")
                named[lever] = change.name
            parts.append(Part(change.name, change.title, tuple(change.stages), frozenset(change.levers)))
        return [
            *parts,
            *(Part(lever, LEVERS[lever], (), frozenset({lever})) for lever in self.there if lever not in named),
        ]

    def _teams(self, parts: list[Part]) -> list[Part]:
        """The parts with what differs in their teams' work and that no part names."""
        given = with_the_rest(self.models, parts, self.config.any_of)
        left = set(given[-1].stages) if given[-1].name == REST else set()
        works = {stage: worked_by(self.models, stage) for stage in left}
        taken: dict[str, str] = {}
        for index, change in enumerate(self.config.changes):
            for at, team in enumerate(change.teams):
                here: Where = ("changes", index, "teams", at)
                known = sorted({*self.models.baseline.teams, *self.models.model.teams})
                if team not in known:
                    self.bad(here, f"there is no team '{team}' in either model.", nearest(team, known, "Teams"))
                elif team in taken:
                    self.bad(here, f"'{team}' belongs to {taken[team]} too.", "Keep it in one.")
                taken[team] = change.name
        if self.found:
            raise ConfigError(self.found)
        return [
            Part(part.name, part.title,
                 (*part.stages, *sorted(stage for stage in left if taken.get(works[stage]) == part.name)), part.levers)
            for part in parts
        ]  # fmt: skip

    def _any_of(self, names: Sequence[str]) -> None:
        for stage, of in self.config.any_of.items():
            if stage not in self.known:
                self.bad(("any_of", stage), "neither model has this stage.", nearest(stage, self.known, "Stages"))
            for at, name in enumerate(of):
                if name not in names:
                    self.bad(("any_of", stage, at), f"there is no change '{name}'.", nearest(name, names, "Changes"))

    def _instead(self) -> None:
        today, new = self.models.baseline.nodes, self.models.model.nodes
        for stage, given in self.config.instead.items():
            where: Where = ("instead", stage)
            if stage not in self.known:
                self.bad(where, "neither model has this stage.", nearest(stage, self.known, "Stages"))
                continue
            if stage in today and stage in new:
                self.bad(where, "both models have this stage, so it is never missing.", "Leave it out.")
                continue
            other = today if stage in new else new
            for at, way in enumerate(given):
                here: Where = (*where, at)
                if way.to not in other:
                    which = "today's model" if stage in new else "the new model"
                    self.bad((*here, "to"), f"'{way.to}' is no stage of {which}.", nearest(way.to, other, "Stages"))
                try:
                    keeps_of(way.when or {}, (KEY, *here, "when"), self.loaded, self.models.demand)
                except ConfigError as error:
                    self.found += error.problems
            if [way.when is None for way in given] != [False] * (len(given) - 1) + [True]:
                self.bad(where, "the last way, and no other, is for everybody else.", "Give all but the last a when:.")


def worked_by(models: Models, stage: str) -> str:
    """The team that works or decides at a stage of either model; '' if none does."""
    return team_of(models.model, stage) or team_of(models.baseline, stage)


def attributes_in(config: Attribution | None) -> set[str]:
    """What people must be told apart by for ``instead``."""
    return {name for given in (config.instead.values() if config else ()) for way in given for name in way.when or {}}


def checked(parts: Parts) -> Parts:
    """The parts, if every set of them makes a model.

    Raises:
        ConfigError: people would be sent where nothing is.
    """
    for made in every([part.name for part in parts.parts if part.stages]):
        parts.between.hybrid(made)
    return parts
