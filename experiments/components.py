"""What the models of an experiment are made of, as tables: teams, stages and distributions, with their numbers.

An annex that is made from results alone lists the components of the model (STRESS-DES items 2.5 and 3.3, Monks et al.
2019) from here. Values are those at central inputs. Columns are documented in docs/outputs.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pandas as pd
from pydantic import BaseModel

from experiments.plan import Prepared
from experiments.structure import models_run
from simulation.formulas import names_in
from simulation.graph import of_model
from simulation.inputs import Inputs, Values, Where
from simulation.library import Loaded
from simulation.schema.distribution import Duration, Law
from simulation.schema.model import Team
from simulation.schema.quantity import ByAttribute, Evidence
from simulation.schema.staff import Hours, Roster
from simulation.schema.stages import AnyStage, Appointments, Decision, Places, Service

TEAMS = [
    "model", "team", "title", "limit", "practitioners", "hours", "bank_holidays", "productive_share", "absence_share",
    "why",
]  # fmt: skip
STAGES = ["model", "stage", "kind", "title", "team", "limit", "queue_class", "longest_wait_to", "follows_need"]
ARGUMENTS = ("value_of", "mean", "sigma", "shape", "low", "mode", "high", "cap")
DISTRIBUTIONS = ["file", "place", "distribution", "unit", *ARGUMENTS, "status", "documents"]
WEAKEST_LAST = ("published", "derived", "calibrated", "elicited", "assumption", "unlabelled")
UNLIMITED, NUMBER, BY_MONTH, SLOTS = "unlimited", "number", "by month", "slots"
PEOPLE_FILES = ("model", "demand", "prices")


class _Read:
    """Numbers of configs at central values."""

    def __init__(self, inputs: Inputs):
        self.inputs, self.values = inputs, Values(inputs)

    def number(self, number: Any, loaded: Loaded, where: Where) -> float:
        """A number's value; NaN where there is none."""
        return math.nan if number is None else self.values.at(number, loaded, where)

    def limit(self, practitioners: Any, loaded: Loaded, where: Where) -> tuple[str, float]:
        """What limits a team or a stage with places, and how many, where it is one number."""
        if practitioners == UNLIMITED:
            return UNLIMITED, math.nan
        if isinstance(practitioners, Roster):
            return BY_MONTH, math.nan
        return NUMBER, self.values.at(practitioners, loaded, where)

    def classes(self, priority: Any, loaded: Loaded, where: Where) -> str:
        """A class in the queue in words: '1', or 'by source: community 1, hospital 0'."""
        if priority is None:
            return ""
        if not isinstance(priority, ByAttribute):
            return f"{self.values.at(priority, loaded, where):g}"
        said = [
            f"{value} {self.values.at(number, loaded, where):g}"
            for value, number in priority.values.items()
            if not isinstance(number, dict)
        ]
        return f"by {' and '.join(priority.by)}" + (f": {', '.join(said)}" if said else "")

    def leaves(self, number: float | str | Evidence, loaded: Loaded) -> set[str]:
        """Keys of the inputs a number finally rests on."""
        if isinstance(number, Evidence):
            return self.inputs.rests_on(self.inputs.key_of(number))
        if isinstance(number, str):
            found = (self.inputs.resolve(loaded.ref, name).key for name in names_in(number))
            return set().union(*(self.inputs.rests_on(key) for key in found))
        return set()


def opening(hours: Any) -> tuple[str, str]:
    """Opening hours in words, and what happens on bank holidays."""
    if not isinstance(hours, Hours):
        return "always", "open"
    days = [(day.capitalize(), ", ".join(spans)) for day, spans in hours if isinstance(spans, list)]
    alike = [(spans, [day for day, _ in run]) for spans, run in groupby(days, key=lambda pair: pair[1]) if spans]
    said = [f"{run[0]}{f' to {run[-1]}' if len(run) > 1 else ''} {spans}" for spans, run in alike]
    return "; ".join(said), hours.bank_holidays


def _team(name: str, team: Team, loaded: Loaded, read: _Read) -> tuple[Any, ...]:
    where: Where = ("teams", name)
    shares = (read.number(getattr(team, key), loaded, (*where, key)) for key in ("productive_share", "absence_share"))
    limit = read.limit(team.practitioners, loaded, (*where, "practitioners"))
    return (loaded.config.name, name, team.title, *limit, *opening(team.hours), *shares, team.why or "")


def teams(prepared: Prepared) -> pd.DataFrame:
    """Who does the work, how many they are and when they are there: one row a team of each model."""
    read = _Read(prepared.inputs)
    rows = [
        _team(name, team, loaded, read)
        for loaded in models_run(prepared)
        for name, team in of_model(loaded).teams.items()
    ]
    return pd.DataFrame(rows, columns=TEAMS)


def _limit(stage: AnyStage, loaded: Loaded, where: Where, read: _Read) -> str:
    """What limits a stage of its own: places or slots."""
    if isinstance(stage, Places):
        kind, many = read.limit(stage.places, loaded, (*where, "places"))
        return f"{many:g} places" if kind == NUMBER else kind
    if isinstance(stage, Appointments):
        return UNLIMITED if stage.slots == UNLIMITED else SLOTS
    return ""


def stages(prepared: Prepared) -> pd.DataFrame:
    """Every stage with its team, its limit and how its queue is ordered: one row a stage of each model."""
    read, rows = _Read(prepared.inputs), []
    for loaded in models_run(prepared):
        for node in of_model(loaded).nodes.values():
            stage, where = node.stage, ("stages", node.name)
            team = stage.owner if isinstance(stage, Decision) else getattr(stage, "team", None)
            longest = stage.longest_wait if isinstance(stage, Service | Places) else None
            need = stage.follows_need if isinstance(stage, Decision) else None
            rows.append((
                loaded.config.name, node.name, stage.kind, node.title, team or "", _limit(stage, loaded, where, read),
                read.classes(getattr(stage, "priority", None), loaded, (*where, "priority")),
                longest.to if longest is not None else "",
                read.number(need.weight if need is not None else None, loaded, (*where, "follows_need", "weight")),
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=STAGES)


def _laws(value: Any, where: Where) -> Iterator[tuple[Where, Law]]:
    """Every distribution of a config with its place."""
    if isinstance(value, Law):
        yield where, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _laws(getattr(value, name), (*where, name))
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from _laws(inside, (*where, key))


def _law(loaded: Loaded, where: Where, law: Law, read: _Read) -> tuple[Any, ...]:
    given = {key: getattr(law, key) for key in ARGUMENTS}
    keys = sorted(set().union(*(read.leaves(number, loaded) for number in given.values() if number is not None)))
    leaves = [read.inputs.inputs[key] for key in keys]
    status = max((item.status for item in leaves), key=WEAKEST_LAST.index, default="")
    documents = {item.evidence.source.document for item in leaves if item.evidence and item.evidence.source}
    name = f"scipy.stats {law.law}" if law.law else law.distribution
    numbers = (read.number(number, loaded, (*where, key)) for key, number in given.items())
    unit = law.unit if isinstance(law, Duration) else ""
    place = ".".join(map(str, where))
    return (loaded.ref, place, name, unit, *numbers, status, " ".join(sorted(documents)))


def distributions(prepared: Prepared) -> pd.DataFrame:
    """Every law that something is drawn from, at central inputs, with the weakest evidence its numbers rest on."""
    read = _Read(prepared.inputs)
    rows = [
        _law(loaded, where, law, read)
        for loaded in prepared.documents
        if loaded.config.kind in PEOPLE_FILES
        for where, law in _laws(loaded.config, ())
    ]
    return pd.DataFrame(rows, columns=DISTRIBUTIONS)
