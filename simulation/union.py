"""Two models in one pathway that changes from one into the other while people are on their way through it.

Both models stand in the joint graph, each stage of the new one under a prefix. After every stage that both have, and at
every door, a decision asks which model's way comes next: the new one for people whose own draw lies below the adoption
of the month. So a probability at adoption a is (1 − a) × today's + a × the new one's, a duration or a rule is the new
model's for people whose draw is below a, and who is in the middle of a stage finishes it as it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.adoption import Adoption
from simulation.compiler import Compiled, compile_graph, compile_with_scales, relevant_attributes
from simulation.errors import ConfigError, Problem
from simulation.flow_pass import Scales
from simulation.graph import Graph, joined
from simulation.identity import JOINED
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.pathway import UNLIMITED, Pathway
from simulation.schema.stages import Appointments, Decision, Service

BETWEEN = 0.5
"""The transfer at which the joint pathway is compiled: both models are there, and the shares stand at one half."""

AFTER = f"{JOINED}_after_"

_OF_STAGES = (
    "kind", "following", "team", "draw_duration", "draw_branch", "duration", "priority", "becomes", "decision",
    "pence_per_week", "delay", "draw_delay", "draw_attend", "draw_size", "gives_up", "rebookings", "misses", "slots",
    "slot_holidays", "unlimited_slots", "hazards", "forks", "replaces", "goes_on", "set_need", "set_care", "again",
    "again_at", "died", "size", "pays", "size_weight", "size_at", "recovered", "age",
)  # fmt: skip
_OF_DECISIONS = ("branches", "branch_to", "cumulative", "follows_need", "scale_at", "once")
_NAMES = ("stages", "own_names", "titles", "care_types", "counts_as", "need_goes")
_LEADING_ON = (
    Kind.SERVICE, Kind.APPOINTMENTS, Kind.PLACES, Kind.SET, Kind.FORK, Kind.HAZARD, Kind.PACKAGE,
)  # fmt: skip


@dataclass(frozen=True)
class CompiledUnion:
    """Two models as one pathway, with what each gives on its own for the same people.

    Attributes:
        union: see ``Union``. nobody, everybody: expectations when nobody follows the new model, and when all do.
    """

    union: Union
    nobody: Compiled
    everybody: Compiled


@dataclass(frozen=True)
class Union:
    """A pathway in which today's model can become the new one.

    Attributes:
        pathway: nobody follows the new model in it. teams: whose adoption each row of ``pathway.adoption`` is, '' last:
            work that belongs to no team.
    """

    pathway: Pathway
    teams: tuple[str, ...]

    def at(self, adoption: Adoption) -> Pathway:
        """The pathway under an adoption; teams that it does not name go by its last row."""
        rows = [adoption.teams.index(team if team in adoption.teams else "") for team in self.teams]
        return replace(self.pathway, adoption=np.ascontiguousarray(adoption.shares[rows]))


def team_of(graph: Graph, stage: str) -> str:
    """The team that works or decides at a stage; '' if none does."""
    node = graph.nodes.get(stage)
    if node is None:
        return ""
    if isinstance(node.stage, Service | Appointments):
        return node.stage.team
    return (node.stage.owner or "") if isinstance(node.stage, Decision) else ""


def union_problems(baseline: Graph, model: Graph) -> list[Problem]:
    """Why one model cannot become the other."""
    found = []
    for node, _ in model.of_kind(Appointments):
        if node.name in baseline.nodes:
            what = f"{baseline.name} has appointments of this name too, and their slots would be counted twice."
            found.append(node.problem(what, "Give them another name in one of the two models."))
    for name, team in model.teams.items():
        own = baseline.teams.get(name)
        if own is not None and team.practitioners not in (own.practitioners, "unlimited"):
            loaded, where = model.team_places[name]
            what = f"teams.{name}: {baseline.name} gives this team other practitioners, and it is one team in a change."
            mend = "Give both the same; posts that go stand with the delivery vehicle."
            found.append(loaded.problem(where, what, mend))
    return found


def compile_union(
    baseline: Graph, model: Graph, demand: Loaded, prices: Loaded | None, values: Values, keeps: Mapping[str, list[str]]
) -> CompiledUnion:
    """Two models as one pathway that changes.

    Each stage ranks need as its own model does when everybody follows it, so that both ends are exact.

    Raises:
        ConfigError: every fault found, and models of which one cannot become the other.
    """
    apart = apart_from(baseline, model, demand, prices, values, keeps)
    between = joined(baseline, model, BETWEEN, keeps)
    joint = compile_with_scales(between, demand, prices, values, apart.attributes, apart.scales)
    return CompiledUnion(union(joint, baseline, model), apart.alone, apart.everybody)


@dataclass(frozen=True)
class Apart:
    """Two models compiled apart.

    Attributes:
        alone, everybody: when nobody follows the new model, and when all do. attributes: of the types of people.
        scales: of need, by stage: today's by their names, the new model's by theirs in the joint graph.
    """

    alone: Compiled
    everybody: Compiled
    attributes: tuple[str, ...]
    scales: Mapping[str, Scales]


def apart_from(
    baseline: Graph,
    model: Graph,
    demand: Loaded,
    prices: Loaded | None,
    values: Values,
    keeps: Mapping[str, list[str]],
    also: Iterable[str] = (),
) -> Apart:
    """Two models compiled apart for the same people; ``also``: further attributes that tell people apart.

    Raises:
        ConfigError: every fault found, and models of which one cannot become the other.
    """
    problems = union_problems(baseline, model)
    if problems:
        raise ConfigError(problems)
    attributes = tuple(sorted({*relevant_attributes(baseline, model), *keeps, *also}))

    def expected(graph: Graph, **more: Any) -> Compiled:
        return compile_graph(graph, demand, prices, values, attributes=attributes, tables=False, **more)

    alone = expected(baseline)
    scales = scales_by_name(alone)
    first = alone.expected.repeats.first_share
    everybody = expected(joined(baseline, model, 1.0, keeps), scales=scales, first_share=first)
    new = {name: scale for name, scale in scales_by_name(everybody).items() if name.startswith(f"{model.name}.")}
    return Apart(alone, everybody, attributes, {**scales, **new})


def scales_by_name(compiled: Compiled) -> dict[str, Scales]:
    """Need scales by the stage's name in the graph."""
    return {compiled.pathway.stages[stage]: scale for stage, scale in compiled.expected.scales.items()}


def union(joint: Pathway, baseline: Graph, model: Graph) -> Union:
    """A joint pathway, compiled at a transfer of ``BETWEEN``, as one that can change month by month."""
    prefix = f"{model.name}."
    teams = (*sorted({team_of(baseline, name) for name in baseline.nodes} - {""}), "")
    place = {name: number for number, name in enumerate(joint.stages)}
    both = [(stage, place[prefix + name]) for name, stage in place.items() if prefix + name in place]
    # A stage that is a decision, say, in one model leads on to no one stage there: nobody changes over after it.
    shared = [pair for pair in both if all(joint.kind[stage] in _LEADING_ON for stage in pair)]
    apart = [pair for pair in shared if not _same_end(joint, *(int(joint.following[stage]) for stage in pair))]
    doors = [stage for name, stage in place.items() if name.startswith(f"{JOINED}_")]
    pattern = next(d for d in doors if (joint.cumulative[joint.decision[d]] == BETWEEN).any())
    arrays = _room_for(joint, pattern, len(apart))
    names: dict[str, list[Any]] = {name: list(getattr(joint, name)) for name in _NAMES}
    own = int(joint.decision[pattern])
    adopts = np.full(len(joint.branches) + len(apart), -1, dtype=np.int64)
    for door in doors:
        row = int(joint.decision[door])
        adopts[row] = teams.index(team_of(baseline, joint.stages[joint.branch_to[row, joint.branches[row] - 1]]))
    for number, (today, new) in enumerate(apart):
        stage, row = len(joint.stages) + number, len(joint.branches) + number
        ways = (int(joint.following[today]), int(joint.following[new]))
        arrays["decision"][stage] = row
        arrays["following"][[today, new]] = stage
        last = int(joint.branches[own]) - 1  # those who keep today's way come first, then the new one, then the rest
        arrays["branch_to"][row, : last + 1] = ways[0]
        arrays["branch_to"][row, last - 1] = ways[1]
        name = f"{AFTER}{joint.stages[today]}"
        for key, value in zip(
            _NAMES, (name, name, f"Which way goes on after: {joint.titles[today]}", "", "", ""), strict=True
        ):
            names[key].append(value)
        adopts[row] = teams.index(team_of(baseline, joint.stages[ways[0]]) or team_of(baseline, joint.stages[today]))
    branches = {
        key: (*getattr(joint, key), *(getattr(joint, key)[own],) * len(apart))
        for key in ("branch_names", "branch_counts_as")
    }
    arrays["team"] = _one_team(joint, prefix, arrays["team"])
    changed: dict[str, Any] = {**arrays, **{key: tuple(value) for key, value in names.items()}, **branches}
    pathway = replace(joint, **changed, adopts=adopts, adoption=np.zeros((len(teams), 1)))
    return Union(pathway, teams)


def _same_end(joint: Pathway, one: int, other: int) -> bool:
    """Whether two stages are outcomes that no table and no later step can tell apart, but by name."""
    if one == other:
        return True
    if joint.kind[one] != Kind.OUTCOME or joint.kind[other] != Kind.OUTCOME:
        return False
    same_name = joint.own_names[one] == joint.own_names[other] and joint.need_goes[one] == joint.need_goes[other]
    numbers = ("again", "duration", "again_at", "died")
    return same_name and all(np.array_equal(getattr(joint, key)[one], getattr(joint, key)[other]) for key in numbers)


def _room_for(joint: Pathway, pattern: int, more: int) -> dict[str, NDArray[Any]]:
    """The arrays of the joint pathway with so many decisions more, each as the decision ``pattern``."""
    known = {item.name for item in fields(joint)}
    assert known.issuperset((*_OF_STAGES, *_OF_DECISIONS))
    arrays = {}
    for keys, row in ((_OF_STAGES, pattern), (_OF_DECISIONS, int(joint.decision[pattern]))):
        for key in keys:
            table = getattr(joint, key)
            arrays[key] = np.concatenate([table, np.repeat(table[row : row + 1], more, axis=0)])
    return arrays


def _one_team(joint: Pathway, prefix: str, team: NDArray[np.int64]) -> NDArray[np.int64]:
    """A team, or a number of places, that both models have is one: today's."""
    own: Mapping[str, int] = {name: number for number, name in enumerate(joint.teams)}
    result = np.arange(len(joint.teams), dtype=np.int64)
    for name, number in own.items():
        if name.startswith(prefix) and name.removeprefix(prefix) in own:
            result[number] = own[name.removeprefix(prefix)]
    return np.where(team >= 0, result[team], team)


def with_practitioners(pathway: Pathway, team: str, roster: Mapping[int, int]) -> Pathway:
    """The pathway with other practitioners in a team from some months on.

    Args:
        roster: absolute month (year × 12 + month − 1) to practitioners. An unlimited team stays so.
    """
    number = pathway.teams.index(team)
    if pathway.team_size[number] == UNLIMITED:
        return pathway
    rows = sorted(roster.items())
    width = max(pathway.team_roster.shape[1], len(rows))
    table = np.full((len(pathway.teams), width, 2), -1, dtype=np.int64)
    table[:, : pathway.team_roster.shape[1]] = pathway.team_roster
    table[number] = -1
    table[number, : len(rows)] = rows
    return replace(pathway, team_roster=table)
