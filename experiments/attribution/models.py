"""The two models behind a difference, compiled apart, whichever kind of experiment compares them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from experiments.evaluate_comparison import OfComparison
from experiments.evaluate_transition import OfTransition
from experiments.matching import keeps_of
from experiments.measured import Evaluator
from simulation.compiler import Compiled, compile_graph, compile_with_scales, relevant_attributes
from simulation.errors import ConfigError, DemandflowError, Problem
from simulation.flow_pass import Scales
from simulation.graph import Graph, joined, of_model
from simulation.hybrid import Hybrid, scales_of
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.pathway import Pathway
from simulation.schema.stages import Appointments
from simulation.union import BETWEEN, Union, apart_from, scales_by_name, union


@dataclass(frozen=True)
class Models:
    """Today's model and the new one.

    Attributes:
        section: ``comparison`` or ``transition``. keeps: who keeps today's path. share: of people who follow the new
        model in a comparison. alone, changed: nobody follows it; in a comparison that share does, in a transition
        everybody. attributes: that tell people apart. scales: of need, see ``union.Apart``.
    """

    section: str
    baseline: Graph
    model: Graph
    demand: Loaded
    prices: Loaded
    values: Values
    keeps: Mapping[str, list[str]]
    share: float
    alone: Compiled
    changed: Compiled
    attributes: tuple[str, ...]
    scales: Mapping[str, Scales]

    @property
    def met(self) -> set[str]:
        """Stages of the new model that anybody comes to who follows it."""
        prefix = f"{self.model.name}."
        reach = self.changed.expected.reach.sum(axis=0)
        return {
            name.removeprefix(prefix)
            for stage, name in enumerate(self.changed.pathway.stages)
            if name.startswith(prefix) and reach[stage] > 0
        }

    def shared(self, hybrid: Hybrid) -> Pathway:
        """Today's model joined to a hybrid for a comparison: the share of people who would follow the new model
        follows the hybrid."""
        return self._pathway(hybrid, self.share)

    def changing(self, hybrid: Hybrid) -> Union:
        """Today's model that can become a hybrid, month by month, for a transition."""
        return union(self._pathway(hybrid, BETWEEN), self.baseline, hybrid.graph)

    def _pathway(self, hybrid: Hybrid, share: float) -> Pathway:
        graph = joined(self.baseline, hybrid.graph, share, self.keeps)
        scales = scales_of(hybrid, self.scales)
        return compile_with_scales(graph, self.demand, self.prices, self.values, self.attributes, scales)


def models_of(evaluator: Evaluator, also: Iterable[str] = ()) -> Models:
    """The models of an experiment at central inputs.

    Args:
        also: attributes that tell people apart besides those the models name.

    Raises:
        ConfigError: models whose changes cannot be made one by one. DemandflowError: nothing changes.
    """
    values, loaded = Values(evaluator.prepared.inputs), evaluator.prepared.loaded
    if isinstance(evaluator, OfTransition):
        files = evaluator.run.maker.files
        today, new, demand, prices = (files[key] for key in ("baseline", "model", "demand", "prices"))
        section, given = "transition", evaluator.run.config.keeps_baseline
    else:
        assert isinstance(evaluator, OfComparison)
        run, config = evaluator.run, evaluator.prepared.experiment.comparison
        assert config is not None
        today, new, demand, prices = run.baseline, run.model, run.demand, run.prices
        section, given = "comparison", config.keeps_baseline
    if evaluator.transfer == 0:
        raise DemandflowError(
            "nothing changes at this experiment's headline: the share of the gap that is closed is 0."
        )
    keeps = keeps_of(given, (section, "keeps_baseline"), loaded, demand)
    baseline, model, share = of_model(today), of_model(new), evaluator.transfer
    if section == "transition":
        found = _twice_offered(baseline)
        if found:
            raise ConfigError(found)
        apart = apart_from(baseline, model, demand, prices, values, keeps, also)
        alone, changed, attributes, scales = apart.alone, apart.everybody, apart.attributes, apart.scales
    else:
        attributes = tuple(sorted({*relevant_attributes(baseline, model), *keeps, *also}))
        alone = compile_graph(baseline, demand, prices, values, attributes=attributes)
        scales = scales_by_name(alone)
        graph, first = joined(baseline, model, share, keeps), alone.expected.repeats.first_share
        changed = compile_graph(graph, demand, prices, values, attributes=attributes, scales=scales, first_share=first)
        prefix = f"{model.name}."
        scales = {**{n: s for n, s in scales_by_name(changed).items() if n.startswith(prefix)}, **scales}
        found = [] if alone.pathway.unlimited and changed.pathway.unlimited else [_own_queues(loaded)]
        if found:
            raise ConfigError(found)
    return Models(section, baseline, model, demand, prices, values, keeps, share, alone, changed, attributes, scales)


def _twice_offered(baseline: Graph) -> list[Problem]:
    what = "today's model has appointments, and a model between the two would offer their slots twice."
    return [node.problem(what, "No attribution can be given.") for node, _ in baseline.of_kind(Appointments)]


def _own_queues(loaded: Loaded) -> Problem:
    what = (
        "in this comparison people wait for practitioners, places or slots, and each model has its own: a model "
        "between the two would have both."
    )
    return loaded.problem(("comparison",), what, "Ask an experiment with transition:, in which a team is one team.")
