"""A world written down: a model, its people and a run as plain data, whose ``repr`` is the Python that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from conftest import constant, exponential
from kinds import with_constant

from simulation.adoption import Adoption
from simulation.calendar import Calendar
from simulation.compiler import Compiled, compile_graph, relevant_attributes
from simulation.graph import joined, of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.pathway import Pathway
from simulation.people import attribute_values
from simulation.plain_yaml import Document
from simulation.population import Population, PopulationMaker
from simulation.schema import DeliveryModel, Demand, Prices
from simulation.union import BETWEEN, union

GROUPS = ("mental_health", "older_people")
CARE = ("a", "b", "c", "d")
VALUES: dict[str, tuple[str, ...]] = {
    "client_group": GROUPS,
    "age_band": ("younger", "older"),
    "can_travel": ("true", "false"),
    "informal_support": ("true", "false"),
    "means": ("below_limit", "above_limit"),
}

_PLAIN = Values(Inputs(Library()))
"""The worlds' files hold bare numbers, so there is nothing to look up."""

_PERSON: dict[str, Any] = {
    **{
        name: {"title": name, "values": list(values), "shares": {"all": {values[0]: 0.5, values[1]: "rest"}}}
        for name, values in VALUES.items()
        if name != "client_group"
    },
    "need": {"hours_per_week": {"all": {"distribution": "exponential", "mean": 6.0}}, "eligible_share": 0.25},
}
_SIZED = {"sigma": 0.6, "follows_need": 0.5}
_PAID = {"distribution": "uniform", "low": 0.0, "high": 0.6}
PRICES: dict[str, Any] = {
    "plain": {group: {kind: {"weekly_cost": 100.0, "stay": constant(3, "days")} for kind in CARE} for group in GROUPS},
    "uneven": {
        "older_people": {
            "a": {"weekly_cost": 123.45, "stay": constant(2, "days"), "size": _SIZED, "contribution": _PAID},
            "b": {"weekly_cost": None, "stay": exponential(10, "days"), "contribution": _PAID},
            "c": {"weekly_cost": 0.0, "stay": constant(0), "size": {"sigma": 1.0, "follows_need": 1.0}},
        },
        "mental_health": {
            "a": {"weekly_cost": 99.99, "stay": constant(1), "contribution": {**_PAID, "high": 1.0}},
            "c": {"weekly_cost": 1000.0, "stay": constant(20, "days"), "size": {"sigma": 0.3, "follows_need": 0.0}},
        },
    },
}
"""Client groups without an entry have care that never ends."""


class Somebody(NamedTuple):
    """One of the crowd: tick, identity, need rank, code of the source, codes by ``VALUES``, care held (-1: none)."""

    time: int
    person: int
    rank: float = 0.5
    source: int = 0
    codes: tuple[int, ...] = (0, 0, 0, 0, 0)
    held: int = -1


@dataclass(frozen=True)
class World:
    """Everything that one run needs.

    Attributes:
        stages, teams: of the model file. sources: of the demand file, with contacts a year each. held: care types that
            people of both groups hold at the start.
        prices: a key of ``PRICES``, or none. other: stages and teams of a second model, which a share ``transfer``
            follows, except those of ``keeps``.
        adoption: by month, where the first model becomes the second as time goes by, instead of a share of people.
        constants: stages whose own law (such as a hazard's) always comes out as so many ticks.
        people: a crowd, or none: then the demand makes its people.
        start: year and month of the first day. end: tick. months: of contacts, where the demand makes them.
    """

    stages: Mapping[str, Any]
    teams: Mapping[str, Any]
    people: Sequence[Somebody] | None
    end: int
    sources: Mapping[str, float] = field(default_factory=lambda: {"community": 100.0})
    held: tuple[str, ...] = ()
    prices: str | None = None
    other: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
    transfer: float = 0.5
    keeps: Mapping[str, list[str]] = field(default_factory=dict)
    adoption: tuple[float, ...] = ()
    constants: Mapping[str, int] = field(default_factory=dict)
    start: tuple[int, int] = (2014, 4)
    months: int = 3
    seed: int = 1
    replication: int = 0


class Run(NamedTuple):
    """What an engine takes."""

    pathway: Pathway
    people: Population
    calendar: Calendar
    end: int
    seed: int
    replication: int


def _loaded(content: Mapping[str, Any], schema: Any) -> Loaded:
    """A file that was never written: checked by the schema all the same."""
    return Loaded(Document(Path(f"{content['name']}.yaml"), dict(content)), schema.model_validate(content))


def model_of(stages: Mapping[str, Any], teams: Mapping[str, Any], name: str = "toy") -> Loaded:
    """A model of these stages and teams."""
    content = {
        "kind": "model", "name": name, "title": name, "short_title": name, "reproduces": "nothing",
        "teams": {team: {"title": team, **given} for team, given in teams.items()}, "stages": dict(stages),
    }  # fmt: skip
    return _loaded(content, DeliveryModel)


@cache
def demand_of(sources: tuple[tuple[str, float], ...], held: tuple[str, ...] = ()) -> Loaded:
    """A demand with these sources, two client groups and two values of everything else."""
    return _loaded(
        {
            "kind": "demand", "name": "toy", "title": "toy", "short_title": "toy", "population": "toy",
            "sources": {name: {"title": name, "contacts_per_year": number} for name, number in sources},
            "client_groups": {group: {"title": group, "share": 0.5} for group in GROUPS},
            "person": _PERSON,
            "held": {group: dict.fromkeys(held, 2.0) for group in GROUPS} if held else {},
        },
        Demand,
    )  # fmt: skip


@cache
def prices_of(name: str | None) -> Loaded | None:
    """One of ``PRICES``."""
    if name is None:
        return None
    kinds = {kind: {"title": kind, "long_term": True} for kind in CARE}
    given = {"kind": "prices", "name": "toy", "title": "toy", "price_base": "any", "care_types": kinds}
    return _loaded({**given, "care": PRICES[name]}, Prices)


@cache
def _maker(
    sources: tuple[tuple[str, float], ...], held: tuple[str, ...], start: tuple[int, int], months: int
) -> PopulationMaker:
    return PopulationMaker(demand_of(sources, held), _PLAIN, Calendar(date(*start, 1), months))


def crowd_of(demand: Loaded, people: Sequence[Somebody], held: tuple[str, ...]) -> Population:
    """Hand-made people in order of (time, person)."""
    space = attribute_values(demand)
    rows = sorted(people, key=lambda one: (one.time, one.person))
    coded = {
        name: [space[name].index(values[one.codes[i]]) for one in rows]
        for i, (name, values) in enumerate(VALUES.items())
    }
    coded["source"] = [one.source for one in rows]
    rank = np.array([one.rank for one in rows], dtype=float)
    return Population(
        np.array([one.person for one in rows], dtype=np.int64),
        np.array([one.time for one in rows], dtype=np.int64),
        {name: np.array(coded[name], dtype=np.int64) for name in space},
        rank,
        np.full(len(rows), 6.0),
        rank >= 0.75,
        np.array([one.held for one in rows], dtype=np.int64),
        held,
    )


def compiled(world: World) -> Compiled:
    """The world's pathway, compiled as experiments do.

    Raises:
        DemandflowError: where it is not valid.
    """
    demand, prices = demand_of(tuple(world.sources.items()), world.held), prices_of(world.prices)
    first = of_model(model_of(world.stages, world.teams))
    if world.other is None:
        return compile_graph(first, demand, prices, _PLAIN)
    second = of_model(model_of(*world.other, name="other"))
    attributes = tuple(sorted({*relevant_attributes(first, second), *world.keeps}))
    alone = compile_graph(first, demand, prices, _PLAIN, attributes=attributes, tables=False)
    scales = {alone.pathway.stages[stage]: scale for stage, scale in alone.expected.scales.items()}
    transfer = BETWEEN if world.adoption else world.transfer
    both = joined(first, second, transfer, world.keeps)
    found = compile_graph(both, demand, prices, _PLAIN, attributes=attributes, scales=scales)
    if not world.adoption:
        return found
    changing = union(found.pathway, first, second).at(Adoption(("",), np.array([world.adoption])))
    return replace(found, pathway=changing)


def run_of(world: World) -> Run:
    """Compiled, with its people.

    Raises:
        DemandflowError: where it is not valid.
    """
    pathway = compiled(world).pathway
    for name, ticks in world.constants.items():
        if name in pathway.stages:  # chance may lead past it
            pathway = with_constant(pathway, name, ticks)
    sources = tuple(world.sources.items())
    if world.people is None:
        people = _maker(sources, world.held, world.start, world.months).make(world.seed, world.replication)
    else:
        people = crowd_of(demand_of(sources, world.held), world.people, world.held)
    return Run(pathway, people, Calendar(date(*world.start, 1), world.months), world.end, world.seed, world.replication)


__all__ = ["CARE", "GROUPS", "PRICES", "VALUES", "Run", "Somebody", "World", "compiled", "replace", "run_of"]
