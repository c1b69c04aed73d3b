"""An experiment file worked out: everything a replication needs, checked before anything runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.aftermath import aftermath_of
from experiments.checks import (
    Faults,
    comparison_problems,
    file_problems,
    model_problems,
    nobody_comes,
    start_problems,
    ways_in,
)
from experiments.matching import keeps_of, transfer_value
from experiments.replicate import AnyJob, Job
from experiments.service import ServiceRun, ledger_shares, service_run
from experiments.transition.plan import TransitionRun, transition_run
from simulation.calendar import Calendar
from simulation.compiler import Compiled, compile_graph, relevant_attributes
from simulation.errors import ConfigError, nearest, short
from simulation.flow_pass import Scales
from simulation.graph import Graph, joined, of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.people import share_at
from simulation.population import PopulationMaker
from simulation.reading import Where
from simulation.schema.experiment import Comparison, Experiment
from simulation.tally import axes


@dataclass(frozen=True)
class OwnRun:
    """A model on its own contacts."""

    model: Loaded
    demand: Loaded
    compiled: Compiled
    job: Job

    @property
    def key(self) -> str:
        """Name of this run in the results."""
        return f"own/{self.model.config.name}"


@dataclass(frozen=True)
class Scenario:
    """A transfer with its value."""

    name: str
    title: str
    transfer: float
    compiled: Compiled


@dataclass(frozen=True)
class ComparisonRun:
    """Two models on the same people, at each transfer.

    ``reach``: the share of the savings asked that managing demand can reach; NaN where none is taken.
    """

    baseline: Loaded
    model: Loaded
    demand: Loaded
    prices: Loaded
    scenarios: tuple[Scenario, ...]
    job: Job
    reach: float = math.nan

    key = "comparison"


@dataclass(frozen=True)
class Prepared:
    """An experiment that can run."""

    loaded: Loaded
    inputs: Inputs
    own: tuple[OwnRun, ...]
    comparison: ComparisonRun | None
    targets: Loaded | None
    documents: tuple[Loaded, ...]
    service: ServiceRun | None = None
    transition: TransitionRun | None = None

    @property
    def experiment(self) -> Experiment:
        """The experiment's config."""
        config: Experiment = self.loaded.config
        return config

    @property
    def jobs(self) -> list[AnyJob]:
        """All that it runs, in order."""
        parts = [*self.own, self.comparison, self.service, self.transition]
        jobs: list[AnyJob] = [part.job for part in parts if part is not None]
        drawn = None if self.transition is None else self.transition.drawn
        return jobs if drawn is None else [*jobs, drawn]


def compile_pair(
    baseline: Loaded,
    model: Loaded,
    demand: Loaded,
    prices: Loaded,
    values: Values,
    transfer: float,
    keeps: Mapping[str, list[str]],
    *,
    tables: bool = True,
    follow_need: bool = True,
) -> Compiled:
    """Both models joined at a transfer, with the baseline's need scales where a decision asks for them."""
    first, second = of_model(baseline), of_model(model)
    attributes = tuple(sorted({*relevant_attributes(first, second), *keeps}))
    alone = compile_graph(first, demand, prices, values, attributes=attributes, tables=False, follow_need=follow_need)
    scales = {alone.pathway.stages[stage]: scale for stage, scale in alone.expected.scales.items()}
    graph = joined(first, second, transfer, keeps)
    return compile_graph(
        graph,
        demand,
        prices,
        values,
        attributes=attributes,
        scales=scales,
        tables=tables,
        follow_need=follow_need,
        first_share=alone.expected.repeats.first_share,
    )


def baseline_scales(
    graph: Graph, demand: Loaded, prices: Loaded, values: Values, attributes: tuple[str, ...]
) -> dict[str, Scales]:
    """The baseline's need scale of each decision, by stage name."""
    alone = compile_graph(graph, demand, prices, values, attributes=attributes, tables=False)
    return {alone.pathway.stages[stage]: scale for stage, scale in alone.expected.scales.items()}


def _comparison(loaded: Loaded, library: Library, inputs: Inputs, values: Values) -> ComparisonRun:
    config: Comparison = loaded.config.comparison
    files: dict[str, Loaded] = {}
    faults = Faults()
    faults.problems.extend(comparison_problems(loaded, config))
    roles = (("baseline", "model"), ("model", "model"), ("demand", "demand"), ("prices", "prices"))
    for key, kind in roles:
        with faults:
            file = library.named(kind, getattr(config, key), loaded, ("comparison", key))
            inputs.add(file)
            faults.problems.extend(file_problems(file, values))
            files[key] = file
    if len(files) < len(roles):
        faults.stop_if_any()
    keeps: dict[str, list[str]] = {}
    with faults:
        keeps = keeps_of(config.keeps_baseline, ("comparison", "keeps_baseline"), loaded, files["demand"])
    or_else = ", or let them keep the baseline: keeps_baseline: {{source: [{}]}}"
    for key, kept, alternative in (("baseline", set(), ""), ("model", set(keeps.get("source", [])), or_else)):
        faults.problems += ways_in(loaded, ("comparison", key), files[key], files["demand"], kept, alternative)
    reach = math.nan
    if config.addressable_share is not None:
        with faults:
            reach = share_at(loaded, config.addressable_share, ("comparison", "addressable_share"), values)
    curve = config.like_for_like
    if curve is not None and curve.parameter not in inputs.inputs:
        known = [item.key for item in inputs.ranged() if ":" not in item.key]
        what = f"there is no parameter '{short(curve.parameter)}'."
        place: Where = ("comparison", "like_for_like", "parameter")
        faults.problems.append(loaded.problem(place, what, nearest(curve.parameter, known, "Ranged ones")))
    if faults.problems:
        for key in ("baseline", "model"):
            faults.problems += model_problems(files[key], files["demand"], files["prices"], values)
    faults.stop_if_any()
    ends: dict[float, Compiled] = {}
    for share in (0.0, 1.0):
        with faults:
            ends[share] = compile_pair(
                files["baseline"], files["model"], files["demand"], files["prices"], values, share, keeps
            )
    faults.stop_if_any()
    scenarios = []
    for index, transfer in enumerate(config.transfers):
        with faults:
            where: Where = ("comparison", "transfers", index)
            share = transfer_value(transfer, where, loaded, values, ends[0.0], ends[1.0])
            compiled = ends.get(share) or compile_pair(
                files["baseline"], files["model"], files["demand"], files["prices"], values, share, keeps
            )
            scenarios.append(Scenario(transfer.name, transfer.title, share, compiled))
    faults.stop_if_any()
    calendar = Calendar(config.start, 12 * config.years)
    nobody = ends[0.0].pathway
    maker = PopulationMaker(files["demand"], values, calendar, repeats=ends[0.0].expected.repeats)
    job = Job(
        key="comparison",
        maker=maker,
        calendar=calendar,
        follow_up_days=loaded.config.follow_up_days,
        seed=loaded.config.seed,
        axes=axes(nobody, maker.space["client_group"], calendar, maker.space["age_band"]),
        nobody=nobody,
        everybody=ends[1.0].pathway,
        scenarios=tuple((s.name, s.transfer, s.compiled.pathway) for s in scenarios),
        keeps=keeps,
        shares=None if files["demand"].config.ledger is None else ledger_shares(files["demand"], values),
    )
    return ComparisonRun(
        files["baseline"], files["model"], files["demand"], files["prices"], tuple(scenarios), job, reach
    )


def _own(loaded: Loaded, library: Library, inputs: Inputs, values: Values) -> list[OwnRun]:
    config: Experiment = loaded.config
    assert config.calibration is not None
    runs: list[OwnRun] = []
    faults = Faults()
    late = start_problems(loaded, ("calibration", "start"), config.calibration.start)
    faults.problems.extend(late)
    names: list[str] = []
    for index, own in enumerate(config.calibration.runs):
        with faults:
            where: Where = ("calibration", "runs", index)
            if own.model in names:
                faults.problems.append(
                    loaded.problem((*where, "model"), f"'{own.model}' runs twice.", "Keep one run of each model.")
                )
                continue
            names.append(own.model)
            model = library.named("model", own.model, loaded, (*where, "model"))
            demand = library.named("demand", own.demand, loaded, (*where, "demand"))
            inputs.add(model)
            inputs.add(demand)
            prices = prices_of(model, library)
            found = [*file_problems(demand, values), *ways_in(loaded, where, model, demand, set())]
            found += [*nobody_comes(model, demand), *(file_problems(prices, values) if prices is not None else [])]
            if found:
                raise ConfigError([*found, *model_problems(model, demand, prices, values)])
            if not late:
                compiled, job = own_job(model, demand, inputs, values, config)
                runs.append(OwnRun(model, demand, compiled, job))
    faults.stop_if_any()
    return runs


def prices_of(model: Loaded, library: Library) -> Loaded | None:
    """The prices file a model uses, if it names one."""
    for index, reference in enumerate(model.config.uses):
        if reference.startswith("prices/"):
            return library.referred(reference, model, ("uses", index))
    return None


def own_job(model: Loaded, demand: Loaded, inputs: Inputs, values: Values, config: Experiment) -> tuple[Compiled, Job]:
    """A model compiled on its own contacts for one year, and the work of one replication."""
    assert config.calibration is not None
    compiled = compile_graph(of_model(model), demand, prices_of(model, inputs.library), values)
    calendar = Calendar(config.calibration.start, 12)
    maker = PopulationMaker(demand, values, calendar, repeats=compiled.expected.repeats)
    job = Job(
        key=f"own/{model.config.name}",
        maker=maker,
        calendar=calendar,
        follow_up_days=config.follow_up_days,
        seed=config.seed,
        axes=axes(compiled.pathway, maker.space["client_group"], calendar),
        nobody=compiled.pathway,
        everybody=None,
        scenarios=(),
        keeps={},
    )
    return compiled, job


def prepare(path: Path | str, library: Library | None = None) -> Prepared:
    """Read, check and compile an experiment; its files are taken from ``library``, where one is given.

    Raises:
        ConfigError: with the problems of the experiment and of every file it names.
        DemandflowError: where a limit is passed.
    """
    library = library or Library()
    loaded = library.load(path)
    if not isinstance(loaded.config, Experiment):
        raise ConfigError(
            [
                loaded.problem(
                    ("kind",),
                    f"this is a {loaded.config.kind} file, not an experiment.",
                    "Name a file of configs/experiments/.",
                )
            ]
        )
    inputs = Inputs(library, loaded.config.suppose)
    inputs.add(loaded)
    values, faults = Values(inputs), Faults()
    own: list[OwnRun] = []
    comparison: ComparisonRun | None = None
    targets: Loaded | None = None
    service: ServiceRun | None = None
    if all(getattr(loaded.config, part) is None for part in ("calibration", "comparison", "service", "transition")):
        mend = "Add calibration:, comparison:, service: or transition:."
        raise ConfigError([loaded.problem((), "there is nothing to run.", mend)])
    if loaded.config.calibration is not None:
        with faults:
            own = _own(loaded, library, inputs, values)
    if loaded.config.comparison is not None:
        with faults:
            comparison = _comparison(loaded, library, inputs, values)
    if loaded.config.service is not None:
        with faults:
            service = service_run(loaded, library, inputs, values)
    transition: TransitionRun | None = None
    if loaded.config.transition is not None:
        with faults:
            transition = transition_run(loaded, library, inputs)
    if loaded.config.targets is not None:
        with faults:
            targets = library.named("prices", loaded.config.targets, loaded, ("targets",))
            inputs.add(targets)
            faults.problems.extend(file_problems(targets, values))
    if loaded.config.aftermath is not None:
        with faults:
            aftermath_of(loaded, library)
    faults.problems.extend([*inputs.problems(), *inputs.not_supposable(loaded)])
    faults.stop_if_any()
    documents = tuple(library.loaded.values())
    return Prepared(loaded, inputs, tuple(own), comparison, targets, documents, service, transition)


__all__ = ["ComparisonRun", "OwnRun", "Prepared", "Scenario", "prepare"]
