"""A model between two: some changes of the new model made, and the rest as it is today.

A stage that is in both models is the new one once its change is made. Where somebody goes on to follows the change that
brings the way: the new way is taken once the stage it leads to is there. With no change made the result is today's
model, with all of them the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from simulation.errors import ConfigError
from simulation.flow_pass import Scales
from simulation.graph import Graph, Node
from simulation.schema.stages import AnyStage, Arrival, Branch, Decision, Fork, Hazard

INSTEAD = "instead_of_"
"""Prefix of the decisions that send people elsewhere than to a stage that is not in use."""


@dataclass(frozen=True)
class Elsewhere:
    """Where somebody goes instead: a stage, and for whom; for everybody else without ``when``."""

    to: str
    when: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Hybrid:
    """A graph between two. ``as_today``: names of its stages that are today's own."""

    graph: Graph
    as_today: frozenset[str]


@dataclass(frozen=True)
class Between:
    """Two models and the changes that lead from one to the other.

    Attributes:
        owners: stage (of either model) to the changes of which each brings it. instead: stage to where its people go
        while it is not in use: new stages before their change, stages of today's alone after it.
    """

    baseline: Graph
    model: Graph
    owners: Mapping[str, frozenset[str]]
    instead: Mapping[str, Sequence[Elsewhere]] = field(default_factory=dict)

    def hybrid(self, made: Collection[str]) -> Hybrid:
        """The model with some changes made.

        Raises:
            ConfigError: people would be sent to and fro between stages that are not in use, or to none.
        """
        return _Maker(self, frozenset(made)).made_up()

    def on_both_sides(self, stage: str) -> bool:
        """Whether both models have a stage of this name."""
        return stage in self.baseline.nodes and stage in self.model.nodes


def ways(stage: AnyStage) -> dict[str, str]:
    """Where a stage leads, by the name of the way."""
    if isinstance(stage, Decision):
        return {f"branch {branch.name}": branch.to for branch in stage.branches}
    waits = getattr(stage, "longest_wait", None)
    found = {key: getattr(stage, key, None) for key in ("to", "gave_up_to", "activity", "comes_in_at")}
    found["longest_wait"] = None if waits is None else waits.to
    return {key: to for key, to in found.items() if to is not None}


def _led(stage: AnyStage, to: Callable[[str, str], str]) -> AnyStage:
    """The same stage leading elsewhere; its numbers stay the very same objects, by which their evidence is known."""
    if isinstance(stage, Decision):
        branches = [b.model_copy(update={"to": to(f"branch {b.name}", b.to)}) for b in stage.branches]
        return stage.model_copy(update={"branches": branches})
    changed: dict[str, Any] = {key: to(key, name) for key, name in ways(stage).items() if key != "longest_wait"}
    waits = getattr(stage, "longest_wait", None)
    if waits is not None:
        changed["longest_wait"] = waits.model_copy(update={"to": to("longest_wait", waits.to)})
    return stage.model_copy(update=changed)


def besides(stage: AnyStage | None) -> list[str]:
    """The stages beside which a hazard or a review runs."""
    if isinstance(stage, Hazard):
        return list(stage.during)
    return stage.parents if isinstance(stage, Fork) else []


class _Maker:
    def __init__(self, between: Between, made: frozenset[str]):
        self.between, self.made = between, made
        self.today, self.new = between.baseline.nodes, between.model.nodes
        self.arrivals = {stage.source: node for node, stage in between.baseline.of_kind(Arrival)}
        self.more: dict[str, Node] = {}

    def brought(self, stage: str) -> bool:
        return bool(self.between.owners.get(stage, frozenset()) & self.made)

    def there(self, stage: str) -> bool:
        """Whether a stage may be gone to: all but new ones whose change is not made, and old ones that are replaced."""
        if stage not in self.today:
            return self.brought(stage)
        return stage in self.new or not (self.brought(stage) and stage in self.between.instead)

    def made_up(self) -> Hybrid:
        model = self.between.model
        nodes: dict[str, Node] = {}
        as_today = set()
        for name in (*self.today, *(name for name in self.new if name not in self.today)):
            own = self.today.get(name)
            node = (self.new.get(name) if self.brought(name) else None) or own
            if node is None or isinstance(node.stage, Arrival):
                continue
            if node is own:
                as_today.add(name)
            nodes[name] = self._led(node)
        for arrival, _ in model.of_kind(Arrival):
            nodes[arrival.name] = self._led(arrival)
        nodes |= self.more
        nodes = _running({name: (node, self._beside(name, nodes)) for name, node in nodes.items()})
        teams = {**self.between.baseline.teams, **model.teams}
        places = {**self.between.baseline.team_places, **model.team_places}
        graph = Graph(model.name, model.title, nodes, teams, places)
        reached = graph.reached()
        kept = _running(
            {
                name: (node, [one for one in besides(node.stage) if one in reached])
                for name, node in nodes.items()
                if name in reached
            }
        )
        return Hybrid(replace(graph, nodes=kept), frozenset(as_today & kept.keys()))

    def _led(self, node: Node) -> Node:
        old, new = self.today.get(node.name), self.new.get(node.name)
        if isinstance(node.stage, Arrival):
            old, new = self.arrivals.get(node.stage.source), node
        a, b = ({} if one is None else ways(one.stage) for one in (old, new))

        def to(way: str, own: str) -> str:
            one, other = a.get(way), b.get(way)
            if one is None or other is None or one == other:
                return self._settled(own, node)
            return self._settled(other if self._takes_new(node.name, one, other) else one, node)

        return replace(node, stage=_led(node.stage, to))

    def _takes_new(self, stage: str, one: str, other: str) -> bool:
        """Whether the way leads as in the new model: decided by the stage that only one of the models has."""
        if other not in self.today:
            return self.brought(other)
        if one not in self.new and self.between.owners.get(one):
            return self.brought(one)
        return self.brought(stage)

    def _settled(self, to: str, node: Node, before: tuple[str, ...] = ()) -> str:
        """The stage that people come to who are led to ``to``."""
        if self.there(to) or to not in (self.today.keys() | self.new.keys()):
            return to
        if to in before:
            round_ = " → ".join((*before[before.index(to) :], to))
            what = f"with {_made(self.made)}, nobody could tell where to go: {round_} go round in a circle."
            raise ConfigError([node.problem(what, "Mend attribution.instead.")])
        elsewhere = self.between.instead.get(to)
        if not elsewhere:
            what = f"with {_made(self.made)}, this stage leads to '{to}', which is not in use then."
            raise ConfigError([node.problem(what, f"Say under attribution.instead where people go instead of '{to}'.")])
        if len(elsewhere) == 1:
            return self._settled(elsewhere[0].to, node, (*before, to))
        name = f"{INSTEAD}{to}"
        if name not in self.more:
            branches = [
                Branch(
                    name=f"way_{number}",
                    to=self._settled(way.to, node, (*before, to)),
                    when=None if way.when is None else dict(way.when),
                    probability="rest" if way.when is None else None,
                )
                for number, way in enumerate(elsewhere, 1)
            ]
            stage = Decision(kind="decision", branches=branches, title=f"Instead of: {to.replace('_', ' ')}")
            self.more[name] = Node(name, name, stage, node.loaded, node.scope)
        return name

    def _beside(self, name: str, nodes: Mapping[str, Node]) -> list[str]:
        """What a hazard or review runs beside: as the model says that a stage comes from; where both models have the
        stage and differ, as the hazard's own change says."""
        old, new = (besides(nodes_of[name].stage) if name in nodes_of else [] for nodes_of in (self.today, self.new))
        found = []
        for one in dict.fromkeys((*old, *new)):
            if self.between.on_both_sides(one):
                runs = one in (new if self.brought(name) else old)
            else:
                runs = one in (old if one in self.today else new)
            if runs and one in nodes:
                found.append(one)
        return found


def _running(nodes: Mapping[str, tuple[Node, Sequence[str]]]) -> dict[str, Node]:
    """Stages, with hazards and reviews beside the stages given for each; without those that run beside none."""
    found = {}
    for name, (node, beside) in nodes.items():
        key = {Hazard: "during", Fork: "parent"}.get(type(node.stage))
        if key is None:
            found[name] = node
        elif beside:
            found[name] = replace(node, stage=node.stage.model_copy(update={key: list(beside)}))
    return found


def _made(made: Collection[str]) -> str:
    return f"only {' and '.join(sorted(made))} changed" if made else "nothing changed"


def scales_of(hybrid: Hybrid, scales: Mapping[str, Scales]) -> dict[str, Scales]:
    """Need scales for a hybrid joined to today's model: each stage ranks need as the model does that it comes from.

    Args:
        scales: today's by their names, the new model's by theirs in the joint graph.
    """
    prefix = f"{hybrid.graph.name}."
    own = {
        f"{prefix}{name}": scales[name if name in hybrid.as_today else f"{prefix}{name}"]
        for name in hybrid.graph.nodes
        if (name if name in hybrid.as_today else f"{prefix}{name}") in scales
    }
    return {name: scale for name, scale in scales.items() if not name.startswith(prefix)} | own
