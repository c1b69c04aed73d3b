"""Which of the four events of client-level data each stage of a model is: Request, Assessment, Service or Review."""

from __future__ import annotations

from collections.abc import Iterable

from simulation.graph import Graph, Node
from simulation.schema.stages import Appointments, Arrival, Decision, Fork, Hazard, Package, Places, Service

REQUEST, ASSESSMENT, SERVICE, REVIEW = "Request", "Assessment", "Service", "Review"
_ORDER = (REQUEST, ASSESSMENT, SERVICE)


def _leads_to(node: Node) -> Iterable[str]:
    """The stages that can follow a stage within an episode, by their names in the graph; a fork's activity apart."""
    stage = node.stage
    if isinstance(stage, Decision):
        names: list[str | None] = [branch.to for branch in stage.branches]
    else:
        waits = getattr(stage, "longest_wait", None)
        names = [getattr(stage, "to", None), getattr(stage, "gave_up_to", None), waits.to if waits else None]
    return [node.target(name) for name in names if name is not None]


def recorded_as(graph: Graph) -> dict[str, str]:
    """Each stage's event, by its name in the graph. docs/eventlog.md describes the rule.

    What the model says (``recorded_as``) comes first. Else arrivals are requests; packages and places are services;
    what counts as a full assessment is one, and so is the work to which a branch leads that counts as one; a fork and
    what only its activity leads to are reviews. Every other stage is what leads to it is: the furthest of request,
    assessment and service.
    """
    nodes, onward = graph.nodes, _onward(graph)
    fixed = _fixed(graph, onward)
    found = dict(fixed)
    ahead = [name for name in nodes if name in fixed]
    while ahead:
        name = ahead.pop()
        if found[name] not in _ORDER:
            continue
        for to in onward[name]:
            if to not in fixed and (to not in found or _ORDER.index(found[to]) < _ORDER.index(found[name])):
                found[to] = found[name]
                ahead.append(to)
    return {name: found.get(name, REQUEST) for name in nodes}


def _onward(graph: Graph) -> dict[str, list[str]]:
    """The stages that can follow each one, those of hazards among them."""
    nodes = graph.nodes
    onward = {name: [to for to in _leads_to(node) if to in nodes] for name, node in nodes.items()}
    for name, node in nodes.items():
        if isinstance(node.stage, Hazard):
            for left in node.stage.during:
                onward.setdefault(node.target(left), []).append(name)
    return onward


def _fixed(graph: Graph, onward: dict[str, list[str]]) -> dict[str, str]:
    """The event of each stage for which it does not depend on what leads to it."""
    nodes = graph.nodes
    fixed = {name: event for name, node in nodes.items() if (event := _by_itself(node))}
    for node in nodes.values():
        for branch in node.stage.branches if isinstance(node.stage, Decision) else ():
            next_one = nodes.get(node.target(branch.to))
            work = next_one is not None and isinstance(next_one.stage, Service | Appointments)
            if work and "full_assessment" in branch.measures:
                fixed.setdefault(node.target(branch.to), ASSESSMENT)
    entries = [name for name, node in nodes.items() if isinstance(node.stage, Arrival)]
    forks = [name for name, node in nodes.items() if isinstance(node.stage, Fork)]
    outside = _reached(entries, onward)
    activities = [nodes[name].target(nodes[name].stage.activity) for name in forks]  # type: ignore[union-attr]
    for name in _reached(activities, onward) - outside:
        fixed.setdefault(name, REVIEW)
    return fixed


def _by_itself(node: Node) -> str:
    """What a stage is, wherever it stands; '' where that depends on what leads to it."""
    stage = node.stage
    if stage.recorded_as is not None:
        return str(stage.recorded_as).capitalize()
    if isinstance(stage, Arrival):
        return REQUEST
    if isinstance(stage, Fork):
        return REVIEW
    if isinstance(stage, Package | Places):
        return SERVICE
    return ASSESSMENT if stage.counts_as == "full_assessment" else ""


def _reached(starts: Iterable[str], onward: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(starts)
    while ahead:
        name = ahead.pop()
        if name not in seen and name in onward:
            seen.add(name)
            ahead += onward[name]
    return seen
