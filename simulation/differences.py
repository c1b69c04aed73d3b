"""What a new model changes: the stages that differ from today's, and the ways that only it has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from simulation.graph import Node
from simulation.hybrid import Between, Elsewhere, besides, ways
from simulation.inputs import Values
from simulation.schema.quantity import Evidence
from simulation.schema.stages import AnyStage, Arrival, Decision, Fork, Hazard, NeedMixing

_WAYS = {"to", "gave_up_to", "activity", "comes_in_at", "during", "parent"}
_ASIDE = _WAYS | {"title", "note", "published", "recorded_as", "owner"}


def differing(between: Between, values: Values, met: Collection[str]) -> set[str]:
    """Stages that a change must bring: those of the new model alone, and those that are not the same in both.

    Args:
        met: stages of the new model to which anybody comes who follows it; another sends nobody a new way.
    """
    today, new = between.baseline.nodes, between.model.nodes
    found = {name for name, node in new.items() if name not in today and not isinstance(node.stage, Arrival)}
    found |= {name for name, node in today.items() if name not in new and isinstance(node.stage, Fork | Hazard)}
    for name in today.keys() & new.keys():
        one, other = today[name], new[name]
        if isinstance(other.stage, Arrival) or not (name in met or besides(other.stage)):
            continue
        if _plain(one, values) != _plain(other, values) or _ranks_apart(other.stage) or _leads_apart(between, name):
            found.add(name)
    return found


def _ranks_apart(stage: AnyStage) -> bool:
    """Whether need is ranked among those who come in this model, so that the same numbers mean other people."""
    return isinstance(stage, Decision) and stage.follows_need is not None and stage.follows_need.scale == "own"


def _leads_apart(between: Between, name: str) -> bool:
    """Whether the models lead elsewhere, or run a hazard beside other stages, among stages that both have."""
    one, other = between.baseline.nodes[name].stage, between.model.nodes[name].stage
    a, b = ways(one), ways(other)
    led = any(a[way] != b[way] and all(map(between.on_both_sides, (a[way], b[way]))) for way in a.keys() & b.keys())
    return led or any(map(between.on_both_sides, set(besides(one)) ^ set(besides(other))))


def _plain(node: Node, values: Values) -> Any:
    """What a stage does, its numbers worked out, without words and without where it leads."""

    def walk(value: Any, numeric: bool) -> Any:
        if isinstance(value, Evidence):
            return values.of(value, node.scope)
        if isinstance(value, NeedMixing):  # among whom need is ranked is looked at apart
            return walk(value.weight, True)
        if isinstance(value, BaseModel):
            return {
                key: walk(getattr(value, key), "Evidence" in str(info.annotation))
                for key, info in type(value).model_fields.items()
                if key not in _ASIDE
            }
        if isinstance(value, Mapping):
            return {key: walk(inside, numeric) for key, inside in value.items()}
        if isinstance(value, list | tuple):
            return [walk(inside, numeric) for inside in value]
        if numeric and isinstance(value, str) and value not in ("rest", "unlimited"):
            return values.of(value, node.scope)
        return float(value) if numeric and isinstance(value, int) and not isinstance(value, bool) else value

    return walk(node.stage, False)


def led_unasked(between: Between) -> Iterator[tuple[str, str]]:
    """Ways of the new model that today's has no counterpart of: stage and the new stage it leads to."""
    today = between.baseline.nodes
    for name, node in between.model.nodes.items():
        known = ways(today[name].stage) if name in today else {}
        for way, to in ways(node.stage).items():
            if to not in today and way not in known:
                yield name, to


def taken_for_granted(between: Between) -> dict[str, list[Elsewhere]]:
    """Where people go while a new stage is not in use, as the ways that both models have say it.

    The new stage stands where today's way leads; what follows it stands for the same. Stages for which that gives two
    answers, or none, are left out.
    """
    today, model = between.baseline.nodes, between.model
    found: dict[str, set[str]] = {}
    arrivals = {stage.source: node.name for node, stage in between.baseline.of_kind(Arrival)}
    for name, node in model.nodes.items():
        counterpart = arrivals.get(node.stage.source) if isinstance(node.stage, Arrival) else name
        known = ways(today[counterpart].stage) if counterpart in today else {}
        for way, to in ways(node.stage).items():
            if to not in today and way in known:
                found.setdefault(to, set()).add(known[way])
    ahead = list(found)
    while ahead:
        name = ahead.pop()
        for to in ways(model.nodes[name].stage).values():
            if to not in today and not found[name] <= found.setdefault(to, set()):
                found[to] |= found[name]
                ahead.append(to)
    return {name: [Elsewhere(to) for to in stands] for name, stands in found.items() if len(stands) == 1}


def needing(between: Between) -> list[tuple[str, str]]:
    """Ways for which it is not said where people go instead: stage and the new stage it leads to."""
    owners, none = between.owners, frozenset[str]()
    return [
        (stage, to)
        for stage, to in led_unasked(between)
        if owners.get(stage, none) - owners.get(to, none) and not between.instead.get(to)
    ]


def every(changes: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """All sets of changes, from none to all, in one order."""
    for number in range(2 ** len(changes)):
        yield tuple(change for place, change in enumerate(changes) if number >> place & 1)
