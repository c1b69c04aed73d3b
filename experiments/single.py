"""One run of one model, person by person, for the commands that look at lives instead of totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.checks import Faults, file_problems, model_problems, nobody_comes, ways_in
from experiments.plan import baseline_scales, prices_of
from experiments.run_options import RunOptions
from simulation import engines
from simulation.calendar import Calendar
from simulation.compiler import compile_graph, relevant_attributes
from simulation.errors import ConfigError, DemandflowError, nearest, short
from simulation.graph import Graph, Node, joined, of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.pathway import Pathway
from simulation.population import Population, PopulationMaker
from simulation.reading import FOLDER_OF, SHIPPED, root_of
from simulation.repeats import Repeats
from simulation.trace import Trace

Row = tuple[int, int, int, int]
"""What happened to a person: tick, stage, event, value."""


@dataclass(frozen=True)
class Single:
    """One replication of one model, with everything needed to put it in words.

    Attributes:
        model, demand: the files. graph: its stages, in the order of ``pathway.stages``.
        repeats: contacts that are not the first. space: each attribute's values.
    """

    model: Loaded
    demand: Loaded
    graph: Graph
    pathway: Pathway
    repeats: Repeats
    people: Population
    space: dict[str, tuple[str, ...]]
    calendar: Calendar
    trace: Trace

    @property
    def end(self) -> int:
        """The tick at which the run stopped."""
        return self.trace.end

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The stage behind each number of the trace."""
        return tuple(self.graph.nodes[name] for name in self.pathway.stages)

    @cached_property
    def places(self) -> dict[int, int]:
        """Identity to place in the population's arrays."""
        return {person: place for place, person in enumerate(self.people.person.tolist())}

    def attribute(self, place: int, name: str) -> str:
        """An attribute's value, as the demand file calls it."""
        return self.space[name][int(self.people.codes[name][place])]

    def lives(self) -> Iterator[tuple[int, list[Row]]]:
        """Each person who appears in the trace, by their first row, with their rows in order."""
        yield from _lives(self.trace)

    def rows_of(self, person: int) -> list[Row]:
        """One person's rows in order; none if they never made contact."""
        own = self.trace.where(self.trace.person == np.int64(person))
        return next((rows for _, rows in _lives(own)), [])


def _lives(trace: Trace) -> Iterator[tuple[int, list[Row]]]:
    order: NDArray[np.int64] = np.argsort(trace.person, kind="stable")
    person = trace.person[order]
    firsts = np.flatnonzero(np.concatenate([[True], person[1:] != person[:-1]])) if len(person) else np.zeros(0, int)
    stops = np.append(firsts[1:], len(person))
    columns = [column[order] for column in (trace.time, trace.stage, trace.event, trace.value)]
    for which in np.argsort(order[firsts], kind="stable").tolist():
        first, stop = int(firsts[which]), int(stops[which])
        rows = zip(*(column[first:stop].tolist() for column in columns), strict=True)
        yield int(person[first]), list(rows)


def run_single(model: str, options: RunOptions) -> Single:
    """One replication of a model on its own contacts, or on those of ``options.demand``.

    Raises:
        ConfigError: with every problem of the files. DemandflowError: no such model or contacts.
    """
    library = Library()
    loaded = _file(model, "model", [SHIPPED], library)
    demand = _demand(loaded, options, library)
    prices = prices_of(loaded, library)
    values = _values(library, loaded, demand)
    faults = Faults()
    for file in (demand, prices):
        if file is not None:
            faults.problems += file_problems(file, values)
    faults.problems += [*ways_in(loaded, ("stages",), loaded, demand, set()), *nobody_comes(loaded, demand)]
    if faults.problems:
        faults.problems += model_problems(loaded, demand, prices, values)
    faults.stop_if_any()
    graph = of_model(loaded)
    compiled = compile_graph(graph, demand, prices, values)
    return _run(loaded, demand, graph, compiled.pathway, compiled.expected.repeats, values, options)


def run_under(first: Single, model: str, options: RunOptions) -> Single:
    """The same people with the same luck under another model, joined to the first as a comparison joins them.

    Contacts from a source for which the other model has no arrival keep the first model's path.

    Raises:
        ConfigError: with every problem of the files. DemandflowError: no such model.
    """
    library = Library()
    # Read again, so that both models stand in one library.
    baseline = library.load(first.model.document.path)
    demand = library.load(first.demand.document.path)
    other = _file(model, "model", [SHIPPED, root_of(baseline.document.path)], library)
    if other.config.name == baseline.config.name:
        raise DemandflowError(f"--under {model}: this is the model itself. Name another one.")
    prices = prices_of(baseline, library)
    values = _values(library, baseline, other, demand)
    here, there = of_model(baseline), of_model(other)
    attributes = tuple(sorted({*relevant_attributes(here, there)}))
    scales = baseline_scales(here, demand, prices, values, attributes)  # type: ignore[arg-type]
    graph = joined(here, there, 1.0, {})
    compiled = compile_graph(graph, demand, prices, values, attributes=attributes, scales=scales)
    return _run(other, demand, graph, compiled.pathway, first.repeats, values, options)


def _run(
    model: Loaded,
    demand: Loaded,
    graph: Graph,
    pathway: Pathway,
    repeats: Repeats,
    values: Values,
    options: RunOptions,
) -> Single:
    calendar = Calendar(options.start, options.months)
    maker = PopulationMaker(demand, values, calendar, repeats=repeats)
    people = maker.make(options.seed, options.replication)
    trace = engines.run(options.engine, pathway, people, calendar, calendar.end, options.seed, options.replication)
    return Single(model, demand, graph, pathway, repeats, people, maker.space, calendar, trace)


def _values(library: Library, *files: Loaded) -> Values:
    inputs = Inputs(library)
    for file in files:
        inputs.add(file)
    problems = inputs.problems()
    if problems:
        raise ConfigError(problems)
    return Values(inputs)


def _demand(model: Loaded, options: RunOptions, library: Library) -> Loaded:
    """The contacts asked for; else those named like the model; else those in its ``uses``."""
    roots = [root_of(model.document.path), SHIPPED]
    if options.demand is not None:
        return _file(options.demand, "demand", roots, library)
    if model.config.name in _known("demand", roots):
        return _file(model.config.name, "demand", roots, library)
    for index, reference in enumerate(model.config.uses):
        if reference.startswith("demand/"):
            return library.referred(reference, model, ("uses", index))
    raise DemandflowError(
        f"{model.config.name}: no contacts have the name of this model, and its uses: names none. "
        f"Choose some with --demand: {', '.join(_known('demand', roots))}."
    )


def _known(kind: str, roots: list[Path]) -> list[str]:
    return sorted({path.stem for root in roots for path in (root / FOLDER_OF[kind]).glob("*.yaml")})


def _file(given: str, kind: str, roots: list[Path], library: Library) -> Loaded:
    """The config of a kind at a path, or of that name in one of the configs folders.

    Raises:
        DemandflowError: there is none. ConfigError: it is at fault or of another kind.
    """
    path = Path(given)
    if path.name == given and not path.suffix and not path.is_file():
        places = [root / FOLDER_OF[kind] / f"{given}.yaml" for root in roots]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            known = nearest(given, _known(kind, roots), "There are")
            raise DemandflowError(f"There is no {kind} '{short(given)}', nor a file of that name. {known}")
        path = found
    loaded = library.load(path)
    if loaded.config.kind != kind:
        what = f"this is a file of kind {loaded.config.kind}, not {kind}."
        raise ConfigError([loaded.problem(("kind",), what, f"Name a file of {FOLDER_OF[kind]}/.")])
    return loaded


__all__ = ["Row", "Single", "run_single", "run_under"]
