"""A pathway as a graph of named stages, before it becomes arrays; and two pathways joined into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import networkx as nx

from simulation.errors import ConfigError, Problem
from simulation.identity import JOINED
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
)

S = TypeVar("S")


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
        return [self.target(name) for name in leads_to(self.stage)]

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


def leads_to(stage: AnyStage) -> list[str]:
    """The stages that a stage leads to by its own names, in the order of its branches."""
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


def looping(graph: Graph) -> set[str]:
    """Stages that people may meet again."""
    network = graph.network()
    loops = (loop for loop in nx.strongly_connected_components(network) if len(loop) > 1)
    return set().union(*loops, (name for name in network if network.has_edge(name, name)))
