"""A pathway as a graph of named stages, before it becomes arrays; and two pathways joined into one.

``check`` finds every fault of the graph: branches to nowhere, stages nobody reaches, loops with no way out.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import networkx as nx

from simulation.errors import ConfigError, Problem, nearest
from simulation.inputs import Where
from simulation.library import Loaded
from simulation.schema.model import Team
from simulation.schema.stages import (
    AnyStage,
    Appointments,
    Arrival,
    Branch,
    Decision,
    Fork,
    Hazard,
    Outcome,
    Package,
    Places,
    Service,
    SetAttribute,
)

S = TypeVar("S")

JOINED = "adoption"
"""Prefix of the decisions that send people to one model or the other."""


@dataclass(frozen=True)
class Node:
    """One stage under its name in the graph.

    ``own_name`` is its name in its own model; the two differ where models are joined. ``scope`` is the file whose
    parameters its formulas may name.
    """

    name: str
    own_name: str
    stage: AnyStage
    loaded: Loaded
    scope: str
    renamed: Mapping[str, str] = field(default_factory=dict)

    def target(self, name: str) -> str:
        """The graph's name for a stage that this one leads to."""
        return self.renamed.get(name, name)

    @property
    def targets(self) -> list[str]:
        """Stages this one leads to, in the order of its branches."""
        return [self.target(name) for name in _leads_to(self.stage)]

    @property
    def links(self) -> list[tuple[str, str]]:
        """Ways between this stage and others besides ``targets``, each from and to a stage of the graph."""
        stage, here = self.stage, self.name
        waits = getattr(stage, "longest_wait", None)
        found = [(here, waits.to)] if waits is not None else []
        if isinstance(stage, Appointments):
            found.append((here, stage.gave_up_to))
        ways = [(here, self.target(to)) for _, to in found]
        back = stage.parents if isinstance(stage, Fork) else stage.during if isinstance(stage, Hazard) else []
        return ways + [(self.target(name), here) for name in back]

    @property
    def where(self) -> Where:
        """Its place in the model file."""
        return ("stages", self.own_name)

    @property
    def draw_name(self) -> str:
        """The name its random draws go by, shared between models by sharing the name."""
        return self.stage.draw or self.own_name

    @property
    def title(self) -> str:
        """How a reader would call it."""
        return self.stage.title or self.own_name.replace("_", " ").capitalize()

    def problem(self, what: str, mend: str = "", inside: Where = ()) -> Problem:
        """A problem at this stage's line."""
        return self.loaded.problem(
            (*self.where, *inside), f"{'.'.join(map(str, (*self.where, *inside)))}: {what}", mend
        )


@dataclass(frozen=True)
class Graph:
    """All stages and teams of a pathway."""

    name: str
    title: str
    nodes: dict[str, Node]
    teams: dict[str, Team]
    team_places: dict[str, tuple[Loaded, Where]]

    def of_kind(self, kind: type[S]) -> Iterator[tuple[Node, S]]:
        """Nodes of one kind, each with its stage."""
        return ((node, node.stage) for node in self.nodes.values() if isinstance(node.stage, kind))

    def network(self, with_returns: bool = False) -> nx.DiGraph[str]:
        """The stages and where they lead in an episode, or also in the next; targets that do not exist are left out."""
        network: nx.DiGraph[str] = nx.DiGraph()
        network.add_nodes_from(self.nodes)
        for node in self.nodes.values():
            ways = [*((node.name, target) for target in node.targets), *node.links]
            if with_returns and isinstance(node.stage, Outcome) and node.stage.comes_in_at is not None:
                ways.append((node.name, node.target(node.stage.comes_in_at)))
            network.add_edges_from((a, b) for a, b in ways if a in self.nodes and b in self.nodes)
        return network

    def reached(self, besides: Iterable[tuple[str, str]] = ()) -> set[str]:
        """Stages that somebody can come to; ``besides``: further ways."""
        network = self.network(with_returns=True)
        network.add_edges_from(besides)
        arrivals = [node.name for node, _ in self.of_kind(Arrival)]
        return set(arrivals).union(*(nx.descendants(network, name) for name in arrivals))


def _leads_to(stage: AnyStage) -> list[str]:
    if isinstance(stage, Decision):
        return [branch.to for branch in stage.branches]
    if isinstance(stage, Outcome):
        return []
    if isinstance(stage, Fork):
        return [stage.activity]
    single = getattr(stage, "to", None)
    return [single] if isinstance(single, str) else []


def of_model(loaded: Loaded) -> Graph:
    """The graph of one delivery model.

    Raises:
        ConfigError: a model without stages.
    """
    model = loaded.config
    if not model.stages:
        raise ConfigError([loaded.problem(("stages",), "there are no stages.", "Add an arrival and an outcome.")])
    nodes = {name: Node(name, name, stage, loaded, loaded.ref) for name, stage in sorted(model.stages.items())}
    places: dict[str, tuple[Loaded, Where]] = {name: (loaded, ("teams", name)) for name in model.teams}
    return Graph(model.name, model.title, nodes, dict(sorted(model.teams.items())), places)


def joined(baseline: Graph, model: Graph, transfer: float, keeps: Mapping[str, list[str]]) -> Graph:
    """Both models in one graph: a share ``transfer`` of people follows ``model``, the rest ``baseline``.

    People for whom any of ``keeps`` (attribute to values) holds follow the baseline. A person's own draw, named
    'adoption', decides: who follows the model at a small transfer follows it at every larger one.

    Raises:
        ConfigError: a stage of either model that would share the adoption's name or its luck.
    """
    found = [
        problem for graph in (baseline, model) for node in graph.nodes.values() for problem in _adoption_names(node)
    ]
    if found:
        raise ConfigError(found)
    prefix = f"{model.name}."
    renamed = {name: f"{prefix}{name}" for name, node in model.nodes.items() if not isinstance(node.stage, Arrival)}
    nodes: dict[str, Node] = {}
    entries = {stage.source: node for node, stage in model.of_kind(Arrival)}
    for node in baseline.nodes.values():
        if isinstance(node.stage, Arrival):
            fork_name = f"{JOINED}_{node.stage.source}"
            nodes[node.name] = replace(node, renamed={node.stage.to: fork_name})
            nodes[fork_name] = _adoption(node, entries.get(node.stage.source), renamed, transfer, keeps)
        else:
            nodes[node.name] = node
    for node in model.nodes.values():
        if not isinstance(node.stage, Arrival):
            nodes[renamed[node.name]] = replace(node, name=renamed[node.name], renamed=renamed)
    teams = dict(baseline.teams)
    places = dict(baseline.team_places)
    for name, team in model.teams.items():
        teams[f"{prefix}{name}"] = team
        places[f"{prefix}{name}"] = model.team_places[name]
    joint = Graph(f"{baseline.name}+{model.name}", f"{baseline.title} with {model.title}", nodes, teams, places)
    return _pruned(joint)


def _adoption_names(node: Node) -> Iterable[Problem]:
    what = f"'{JOINED}' is the name of the draw that decides who follows which model in a comparison."
    if node.draw_name == JOINED and node.stage.draw is not None:
        yield node.problem(what, "Name the draw differently.", ("draw",))
    elif node.own_name == JOINED or node.own_name.startswith(f"{JOINED}_"):
        yield node.problem(what, "Rename the stage.")


def _adoption(
    arrival: Node, entry: Node | None, renamed: Mapping[str, str], transfer: float, keeps: Mapping[str, list[str]]
) -> Node:
    assert isinstance(arrival.stage, Arrival)
    branches = [
        Branch(name=f"keeps_{attribute}", to="baseline_entry", when={attribute: values})
        for attribute, values in sorted(keeps.items())
    ]
    share = 0.0 if entry is None else transfer
    branches.append(
        Branch(name="model", to="model_entry" if entry is not None else "baseline_entry", probability=share)
    )
    branches.append(Branch(name="baseline", to="baseline_entry", probability="rest"))
    stage = Decision(kind="decision", branches=branches, draw=JOINED, title="Which way of answering")
    targets = {"baseline_entry": arrival.stage.to}
    if entry is not None:
        assert isinstance(entry.stage, Arrival)
        targets["model_entry"] = renamed[entry.stage.to]
    name = f"{JOINED}_{arrival.stage.source}"
    return Node(name, name, stage, arrival.loaded, arrival.scope, targets)


def _pruned(graph: Graph) -> Graph:
    """Without the stages nobody could reach; a joined graph may leave some."""
    reached = graph.reached()
    return replace(graph, nodes={name: node for name, node in graph.nodes.items() if name in reached})


def check(graph: Graph) -> list[Problem]:
    """Every fault of the graph itself."""
    return [
        *_unknown_targets(graph),
        *_other_names(graph),
        *_reviews(graph),
        *_coming_back(graph),
        *_unknown_teams(graph),
        *_branch_names(graph),
        *_arrivals(graph),
        *_flow(graph),
    ]


def _arrivals(graph: Graph) -> Iterable[Problem]:
    sources: dict[str, str] = {}
    for node, stage in graph.of_kind(Arrival):
        first = sources.setdefault(stage.source, node.own_name)
        if first != node.own_name:
            yield node.problem(
                f"contacts from '{stage.source}' already come in at '{first}'.",
                "Keep one arrival a source.",
                ("source",),
            )
    for node in graph.nodes.values():
        if any(isinstance(graph.nodes[t].stage, Arrival) for t in node.targets if t in graph.nodes):
            yield node.problem("leads back to an arrival.", "Lead to the stage after the arrival instead.")
        for target in node.targets:
            beside = graph.nodes.get(target)
            if beside is not None and isinstance(beside.stage, Fork | Hazard):
                what = f"leads to '{beside.own_name}', a {beside.stage.kind}, which comes of itself."
                yield node.problem(what, "Lead to another stage.")
    if not sources:
        loaded = next(iter(graph.nodes.values())).loaded
        yield loaded.problem(("stages",), "no stage is an arrival: nobody would come.", "Add a stage of kind: arrival.")


def _flow(graph: Graph) -> Iterable[Problem]:
    """Stages that nobody reaches, and loops and dead ends that nobody leaves, each told once."""
    network = graph.network()
    network.add_edges_from(_meant(graph))
    reached = graph.reached(_meant(graph))
    for name, node in graph.nodes.items():
        if reached and name not in reached:
            yield node.problem("nobody reaches this stage.", "Lead a branch to it, or remove it.")
    for loop in nx.strongly_connected_components(network):
        first = graph.nodes[min(loop)]
        leaves = any(to not in loop for name in loop for to in network.successors(name))
        unsure = any(to not in graph.nodes for name in loop for to in graph.nodes[name].targets)
        ends = isinstance(first.stage, Outcome)
        if leaves or unsure or (len(loop) == 1 and ends):
            continue
        around = ", ".join(sorted(graph.nodes[name].own_name for name in loop))
        yield first.problem(
            f"people who come here never leave: no way out of {around} leads to an outcome.",
            "Add a way to a stage of kind: outcome.",
        )


def _meant(graph: Graph) -> Iterable[tuple[str, str]]:
    """Ways that are not walked but meant, so that one slip is not told twice: misspelt names."""
    own = {node.own_name: node.name for node in graph.nodes.values()}
    for node in graph.nodes.values():
        stage = node.stage
        waits = getattr(stage, "longest_wait", None)
        others = (waits and waits.to, getattr(stage, "gave_up_to", None), getattr(stage, "comes_in_at", None))
        for name in (*_leads_to(stage), *(other for other in others if other is not None)):
            if node.target(name) not in graph.nodes:
                yield from ((node.name, own[near]) for near in difflib.get_close_matches(name, own, 1, 0.7))


def looping(graph: Graph) -> set[str]:
    """Stages that people may meet again."""
    network = graph.network()
    loops = (loop for loop in nx.strongly_connected_components(network) if len(loop) > 1)
    return set().union(*loops, (name for name in network if network.has_edge(name, name)))


def _unknown_targets(graph: Graph) -> Iterable[Problem]:
    for node in graph.nodes.values():
        pairs: list[tuple[str, Where]] = (
            [(branch.to, ("branches", i, "to")) for i, branch in enumerate(node.stage.branches)]
            if isinstance(node.stage, Decision)
            else [(name, ("activity" if isinstance(node.stage, Fork) else "to",)) for name in _leads_to(node.stage)]
        )
        for name, inside in pairs:
            if node.target(name) not in graph.nodes:
                known = sorted(n.own_name for n in graph.nodes.values() if n.own_name != node.own_name)
                yield node.problem(f"there is no stage '{name}'.", nearest(name, known, "Stages are"), inside)


def _named(graph: Graph, node: Node, name: str, inside: Where, kinds: tuple[type, ...], what: str) -> Iterable[Problem]:
    """A stage that another one names must be there, and be of a kind that makes sense."""
    found = graph.nodes.get(node.target(name))
    fitting = sorted(n.own_name for n in graph.nodes.values() if isinstance(n.stage, kinds) and n is not node)
    if found is None:
        yield node.problem(f"there is no stage '{name}'.", nearest(name, fitting, "Stages are"), inside)
    elif not isinstance(found.stage, kinds):
        yield node.problem(f"'{name}' is of kind {found.stage.kind}, {what}.", nearest(name, fitting), inside)


_WAITING = (Service, Appointments, Places, Package)
_WALKED = (Service, Appointments, Places, Package, Decision, SetAttribute, Outcome)


def _other_names(graph: Graph) -> Iterable[Problem]:
    for node in graph.nodes.values():
        stage = node.stage
        waits = getattr(stage, "longest_wait", None)
        if waits is not None:
            yield from _named(graph, node, waits.to, ("longest_wait", "to"), _WALKED, "which nobody can go to")
        if isinstance(stage, Appointments):
            yield from _named(graph, node, stage.gave_up_to, ("gave_up_to",), _WALKED, "which nobody can go to")
        if isinstance(stage, Fork):
            for name in stage.parents:
                yield from _named(graph, node, name, ("parent",), (Package,), "and reviews belong to care")
        if isinstance(stage, Hazard):
            for index, name in enumerate(stage.during):
                here: Where = ("during", index)
                yield from _named(graph, node, name, here, _WAITING, "where nobody waits or stays")
                parent = graph.nodes.get(node.target(name))
                if parent is not None and isinstance(parent.stage, Package) and parent.stage.goes_on:
                    what = f"'{name}' runs beside other things, and its length of stay already holds every end."
                    yield node.problem(what, "Take it out, or let the care not go_on.", here)
        if isinstance(stage, Package):
            own = node.loaded.config.stages.values()
            known = sorted({other.care_type for other in own if isinstance(other, Package)})
            for index, name in enumerate(stage.replaces):
                if name not in known:
                    what = f"no package is of the care type '{name}'."
                    yield node.problem(what, nearest(name, known), ("replaces", index))
        if isinstance(stage, Outcome) and stage.comes_in_at is not None:
            kinds = (*_WALKED[:-1], Arrival)
            yield from _named(graph, node, stage.comes_in_at, ("comes_in_at",), kinds, "where nobody can come in")


def _reviews(graph: Graph) -> Iterable[Problem]:
    """What a review may lead to: work, decisions, changes of the care, and an outcome that ends the review."""
    for node, stage in graph.of_kind(Fork):
        seen: set[str] = set()
        ahead = [(stage.activity, node)]
        while ahead:
            name, before = ahead.pop()
            here = graph.nodes.get(before.target(name))
            if here is None or here.name in seen:
                continue
            seen.add(here.name)
            if not isinstance(here.stage, Service | Appointments | Decision | SetAttribute | Outcome):
                what = f"a review leads to '{here.own_name}', which is of kind {here.stage.kind}."
                yield node.problem(
                    what, "End the care first (set: care, value: ends), or lead elsewhere.", ("activity",)
                )
                continue
            if isinstance(here.stage, SetAttribute) and here.stage.attribute == "care" and here.stage.value == "ends":
                continue
            if isinstance(here.stage, SetAttribute) and here.stage.attribute != "care":
                what = f"a review leads to '{here.own_name}', which sets {here.stage.attribute}: a review changes care."
                yield node.problem(what, "Set care there, or change it where the person goes on.", ("activity",))
            if isinstance(here.stage, Outcome) and here.stage.need != "reviewed":
                what = f"a review leads to '{here.own_name}', an outcome whose need is {here.stage.need}."
                mend = "Lead to an outcome with need: reviewed, or end the care first (set: care, value: ends)."
                yield node.problem(what, mend, ("activity",))
            waits = getattr(here.stage, "longest_wait", None)
            onward = [
                *_leads_to(here.stage),
                *([here.stage.gave_up_to] if isinstance(here.stage, Appointments) else []),
                *([waits.to] if waits is not None else []),
            ]
            ahead += [(to, here) for to in onward]


def _coming_back(graph: Graph) -> Iterable[Problem]:
    for node, stage in graph.of_kind(Outcome):
        if stage.need == "died" and stage.contacts_again is not None:
            yield node.problem("nobody contacts again who has died.", "Remove contacts_again and after.", ("need",))
        if stage.need == "reviewed" and stage.contacts_again is not None:
            what = "nobody contacts again because of a review."
            yield node.problem(what, "Remove contacts_again and after.", ("need",))


def _unknown_teams(graph: Graph) -> Iterable[Problem]:
    for node in graph.nodes.values():
        for key in ("team", "owner"):
            team = getattr(node.stage, key, None)
            if team is not None and team not in node.loaded.config.teams:
                known = sorted(node.loaded.config.teams)
                yield node.problem(f"there is no team '{team}'.", nearest(team, known, "Teams are"), (key,))


def _branch_names(graph: Graph) -> Iterable[Problem]:
    for node, stage in graph.of_kind(Decision):
        seen: set[str] = set()
        for index, branch in enumerate(stage.branches):
            if branch.name in seen:
                yield node.problem(
                    f"two branches have the name '{branch.name}'.", "Rename one.", ("branches", index, "name")
                )
            seen.add(branch.name)
