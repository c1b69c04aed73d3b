"""A comparison lived at other inputs: its headline share of people under the new model, against today's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.checks import file_problems
from experiments.measured import DIFFERENCE, SAVING, TRANSFER, Floats, Measure, refuse_share
from experiments.plan import ComparisonRun, Prepared
from experiments.replicate import replicate
from experiments.tables import measures as tally_measures
from experiments.uncertainty import Question
from simulation import engines
from simulation.compiler import Compiled, compile_graph
from simulation.errors import ConfigError, Problem
from simulation.graph import joined, of_model
from simulation.inputs import Values
from simulation.pathway import Pathway
from simulation.population import PopulationMaker
from simulation.savings import gross_saving
from simulation.tally import Tally, axes


class OfComparison:
    """The headline transfer of a ``comparison:``; money is gross of contributions, as in its tables.

    Attributes:
        transfer: share of the gap at central inputs. route: always ''.
    """

    route = ""

    def __init__(self, prepared: Prepared, run: ComparisonRun, engine: str = engines.AUTO):
        self.prepared, self.run, self.engine = prepared, run, engine
        config = prepared.experiment.comparison
        assert config is not None
        self.question = Question(prepared, run)
        self.second = of_model(run.model)
        self.headline = next(t for t in config.transfers if t.name == config.headline_transfer)
        self.transfer = next(s.transfer for s in run.scenarios if s.name == self.headline.name)
        readers, names = {}, {}
        for name, unit, read in tally_measures(run.job.axes, config.years):
            readers[name], names[name] = _change(read), Measure(name, unit, DIFFERENCE)
        for y, year in enumerate(run.job.axes.years):
            name = f"demand_savings_{year.replace('/', '_')}"
            readers[name], names[name] = _gross(y), Measure(name, "£ gross in the year", SAVING)
        self._readers: dict[str, Callable[[Tally, Tally], float]] = readers
        self.measures: Mapping[str, Measure] = names

    def values(self, over: Mapping[str, float], replications: Sequence[int], names: Sequence[str]) -> Floats:
        """See ``Evaluator``."""
        question = self.question
        inputs = {key: value for key, value in over.items() if key != TRANSFER}
        values = Values(self.prepared.inputs, inputs)
        refuse_beside(self.prepared, values)
        share = over.get(TRANSFER)
        if share is None:
            share = question.share(self.headline, question.worked_out(inputs), inputs)
        refuse_share(share, self.prepared)
        nobody = self._compiled(0.0, values, None)
        changed = self._compiled(share, values, nobody)
        return self.lived(nobody, changed.pathway, share, values, replications, names)

    def lived(
        self,
        nobody: Compiled,
        changed: Pathway,
        share: float,
        values: Values,
        replications: Sequence[int],
        names: Sequence[str],
        before: MutableMapping[int, Tally] | None = None,
    ) -> Floats:
        """Measures of a pathway that a share of people follows, against today's: shape (replications, names).

        ``before``: today's service by replication, as it was lived under the same inputs; taken from there, or added.
        """
        run = self.run
        maker = PopulationMaker(run.demand, values, run.job.calendar, repeats=nobody.expected.repeats)
        job = replace(
            run.job,
            maker=maker,
            axes=axes(nobody.pathway, maker.space["client_group"], run.job.calendar, maker.space["age_band"]),
            nobody=nobody.pathway,
            everybody=changed,
            scenarios=(("here", share, changed),),
            shares=None,
            engine=self.engine,
        )
        known = {} if before is None else before
        made = [replicate(job, replication, known.get(replication)).tallies for replication in replications]
        for replication, one in zip(replications, made, strict=True):
            known[replication] = one[""]
        return np.array([[self._readers[name](t[""], t["here"]) for name in names] for t in made], dtype=np.float64)

    def _compiled(self, share: float, values: Values, nobody: Compiled | None) -> Compiled:
        question, run = self.question, self.run
        more: dict[str, Any] = {}
        if nobody is not None:
            more["scales"] = {nobody.pathway.stages[stage]: scale for stage, scale in nobody.expected.scales.items()}
            more["first_share"] = nobody.expected.repeats.first_share
        graph = question.nobody if nobody is None else joined(question.nobody, self.second, share, run.job.keeps)
        return compile_graph(graph, run.demand, run.prices, values, attributes=question.attributes, **more)


def refuse_beside(prepared: Prepared, values: Values, also: Sequence[Problem] = ()) -> None:
    """Faults of a population or of prices that the compiled graph of a comparison does not meet.

    Args:
        also: faults found elsewhere, to be told with them.

    Raises:
        ConfigError: there are some.
    """
    found: list[Problem] = []
    for loaded in prepared.documents:
        if loaded.config.kind in ("demand", "prices"):
            found += file_problems(loaded, values)
    if found or also:
        raise ConfigError([*found, *also])


def _change(read: Callable[[Tally], float]) -> Callable[[Tally, Tally], float]:
    return lambda today, changed: read(changed) - read(today)


def _gross(year: int) -> Callable[[Tally, Tally], float]:
    return lambda today, changed: float(
        gross_saving(today.pence_days[:, year, :], changed.pence_days[:, year, :]).sum()
    )
