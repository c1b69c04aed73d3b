"""What can be wrong with a graph of stages, whatever its numbers are: each fault at its own line, told once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import networkx as nx

from simulation.errors import Problem, nearest
from simulation.graph import Graph, Node, leads_to
from simulation.inputs import Where
from simulation.schema.stages import (
    Appointments,
    Arrival,
    Decision,
    Fork,
    Hazard,
    Outcome,
    Package,
    Places,
    Service,
    SetAttribute,
)


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
        for name in (*leads_to(stage), *(other for other in others if other is not None)):
            if node.target(name) not in graph.nodes:
                yield from ((node.name, own[near]) for near in difflib.get_close_matches(name, own, 1, 0.7))


def _unknown_targets(graph: Graph) -> Iterable[Problem]:
    for node in graph.nodes.values():
        pairs: list[tuple[str, Where]] = (
            [(branch.to, ("branches", i, "to")) for i, branch in enumerate(node.stage.branches)]
            if isinstance(node.stage, Decision)
            else [(name, ("activity" if isinstance(node.stage, Fork) else "to",)) for name in leads_to(node.stage)]
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


def _during(graph: Graph, node: Node, stage: Hazard) -> Iterable[Problem]:
    """What a hazard ends must be waiting, or care that has no end of its own."""
    for index, name in enumerate(stage.during):
        here: Where = ("during", index)
        yield from _named(graph, node, name, here, _WAITING, "where nobody waits or stays")
        parent = graph.nodes.get(node.target(name))
        if parent is not None and isinstance(parent.stage, Package) and parent.stage.goes_on:
            what = f"'{name}' runs beside other things, and its length of stay already holds every end."
            yield node.problem(what, "Take it out, or let the care not go_on.", here)


def _replaced(node: Node, stage: Package) -> Iterable[Problem]:
    """What a package replaces must be some package's type of care."""
    own = node.loaded.config.stages.values()
    known = sorted({other.care_type for other in own if isinstance(other, Package)})
    for index, name in enumerate(stage.replaces):
        if name not in known:
            what = f"no package is of the care type '{name}'."
            yield node.problem(what, nearest(name, known), ("replaces", index))


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
            yield from _during(graph, node, stage)
        if isinstance(stage, Package):
            yield from _replaced(node, stage)
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
                *leads_to(here.stage),
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
