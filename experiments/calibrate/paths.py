"""Which decisions somebody must have met, and how they went, who is seen at a later stage of a pathway."""

from __future__ import annotations

from experiments.recorded_as import ASSESSMENT, recorded_as
from simulation.graph import Graph
from simulation.schema.stages import Arrival, Decision, Outcome, Package

Way = tuple[str, str]


class Paths:
    """Ways through a pathway's graph, from its arrivals on, each answer kept."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.events = recorded_as(graph)
        self.arrivals = [node.name for node, _ in graph.of_kind(Arrival)]
        self.kept: dict[frozenset[str], frozenset[Way]] = {}

    def to_branch(self, way: Way) -> set[Way]:
        """The decisions on every way to a branch, and the branch itself."""
        return {*self._must({way[0]}), way}

    def to_care(self, kind: str) -> frozenset[Way]:
        """The decisions on every way to a package of a type of care."""
        return self._must({node.name for node, stage in self.graph.of_kind(Package) if stage.care_type == kind})

    def to_assessment(self) -> frozenset[Way]:
        """The decisions on every way to work that is recorded as an assessment."""
        return self._must({name for name, event in self.events.items() if event == ASSESSMENT})

    def _must(self, targets: set[str]) -> frozenset[Way]:
        key = frozenset(targets)
        if key not in self.kept:
            reached = self._reaches(targets, None)
            ways = [
                (node.name, branch.name) for node, stage in self.graph.of_kind(Decision) for branch in stage.branches
            ]
            self.kept[key] = frozenset(way for way in ways if reached and not self._reaches(targets, way))
        return self.kept[key]

    def _reaches(self, targets: set[str], without: Way | None) -> bool:
        """Whether somebody who arrives can come to one of the targets, a branch left out."""
        seen = set(self.arrivals)
        ahead = list(self.arrivals)
        while ahead:
            name = ahead.pop()
            if name in targets:
                return True
            node = self.graph.nodes[name]
            stage = node.stage
            if isinstance(stage, Outcome):
                continue
            onward = [to for start, to in node.links if start == name]
            if isinstance(stage, Decision):
                onward += [node.target(b.to) for b in stage.branches if (name, b.name) != without]
            else:
                onward += node.targets
            for to in onward:
                if to in self.graph.nodes and to not in seen:
                    seen.add(to)
                    ahead.append(to)
        return False
