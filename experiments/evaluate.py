"""An experiment's answer at other inputs, simulated: the same people with the same luck at every point.

What is asked for is a change between today's service and the changed one, replication by replication; sensitivity,
attribution, goals and sweeps all ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.checks import file_problems
from experiments.crew import Crew
from experiments.plan import ComparisonRun, Prepared, prepare
from experiments.replicate import replicate
from experiments.tables import measures as tally_measures
from experiments.transition.delivery import cumulative, released
from experiments.transition.figures import SERIES, Figures
from experiments.transition.job import World, live
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import TODAY
from experiments.transition.years import unit_of
from experiments.uncertainty import Question
from simulation import engines
from simulation.compiler import Compiled, compile_graph
from simulation.errors import ConfigError, DemandflowError, Problem, nearest, short
from simulation.graph import joined, of_model
from simulation.inputs import Inputs, Values
from simulation.money.columns import year_of
from simulation.pathway import Pathway
from simulation.population import PopulationMaker
from simulation.savings import gross_saving
from simulation.tally import Tally, axes

TRANSFER = "transfer"
"""Among the inputs of a point: the share of the gap that is closed, in place of the headline's own."""

DIFFERENCE, SAVING = "change from today", "saving against today"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """Something that an experiment's answer can be asked about.

    Attributes:
        unit: such as 'people a year'. kind: ``DIFFERENCE`` (negative: fewer) or ``SAVING`` (positive: less is spent).
    """

    name: str
    unit: str
    kind: str


@dataclass(frozen=True)
class Point:
    """One set of inputs and the replications to live under it. ``over``: (key, value); the rest stays as it is."""

    over: tuple[tuple[str, float], ...]
    replications: tuple[int, ...]

    @classmethod
    def of(cls, over: Mapping[str, float], replications: Sequence[int]) -> Point:
        """From a mapping; ``over`` may name ``TRANSFER``."""
        return cls(tuple(sorted(over.items())), tuple(replications))


class Evaluator(Protocol):
    """An experiment that can be lived at any point of its inputs."""

    @property
    def prepared(self) -> Prepared:
        """The experiment as it stands."""

    @property
    def route(self) -> str:
        """Which vehicle's route changes the service; '' outside transitions."""

    @property
    def measures(self) -> Mapping[str, Measure]:
        """What can be asked, by name."""

    @property
    def transfer(self) -> float:
        """The headline's share of the gap at central inputs."""

    def values(self, over: Mapping[str, float], replications: Sequence[int], names: Sequence[str]) -> Floats:
        """Measures by replication: shape (replications, names).

        Raises:
            ConfigError, DemandflowError: these inputs cannot hold together.
        """


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
        self.refuse(values)
        share = over.get(TRANSFER)
        if share is None:
            share = question.share(self.headline, question.worked_out(inputs), inputs)
        _refuse_share(share, self.prepared)
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
    ) -> Floats:
        """Measures of a pathway that a share of people follows, against today's: shape (replications, names)."""
        run = self.run
        maker = PopulationMaker(run.demand, values, run.job.calendar, repeats=nobody.expected.repeats)
        job = replace(
            run.job,
            maker=maker,
            axes=axes(nobody.pathway, maker.space["client_group"], run.job.calendar),
            nobody=nobody.pathway,
            everybody=changed,
            scenarios=(("here", share, changed),),
            shares=None,
            engine=self.engine,
        )
        made = [replicate(job, replication).tallies for replication in replications]
        return np.array([[self._readers[name](t[""], t["here"]) for name in names] for t in made], dtype=np.float64)

    def _compiled(self, share: float, values: Values, nobody: Compiled | None) -> Compiled:
        question, run = self.question, self.run
        more: dict[str, Any] = {}
        if nobody is not None:
            more["scales"] = {nobody.pathway.stages[stage]: scale for stage, scale in nobody.expected.scales.items()}
            more["first_share"] = nobody.expected.repeats.first_share
        graph = question.nobody if nobody is None else joined(question.nobody, self.second, share, run.job.keeps)
        return compile_graph(graph, run.demand, run.prices, values, attributes=question.attributes, **more)

    def refuse(self, values: Values) -> None:
        """Faults of a population or of prices that the compiled graph does not meet.

        Raises:
            ConfigError: there are some.
        """
        found: list[Problem] = []
        for loaded in self.prepared.documents:
            if loaded.config.kind in ("demand", "prices"):
                found += file_problems(loaded, values)
        if found:
            raise ConfigError(found)


class OfTransition:
    """One vehicle's route of a ``transition:`` against today's model, at the headline transfer and change.

    Money is what leaves the council's own spending, in each year's money.

    Attributes:
        transfer: share of the gap at central inputs. route: the route's name.
    """

    def __init__(self, prepared: Prepared, run: TransitionRun, route: str = "", engine: str = engines.AUTO):
        self.prepared, self.run, self.engine = prepared, run, engine
        answers = {one.name: one for one in run.runs if one.headline}
        self.route = route or run.over
        if self.route not in answers:
            raise DemandflowError(f"there is no route '{short(self.route)}'. {nearest(self.route, answers, 'Routes')}")
        one = answers[self.route]
        self.headline = one.transfer
        self.runs = (next(r for r in run.runs if r.name == TODAY), one)
        self.transfer = run.world.settings.transfers[one.transfer]
        readers, names = {}, {}

        def add(measure: Measure, read: Callable[[Figures, Figures], float]) -> None:
            readers[measure.name], names[measure.name] = read, measure

        for y, year in enumerate(run.world.axes.base.years):
            label = year.replace("/", "_")
            add(Measure(f"demand_savings_{label}", "£ in the year", SAVING), _released("cash", y))
            running = Measure(f"savings_running_{label}", "£ a year, at the year's end", SAVING)
            add(running, _released("run_rate", y))
            total = Measure(f"savings_so_far_{label}", "£ from the first year on", SAVING)
            add(total, _cumulative(y))
            months = [m for m, month in enumerate(run.world.axes.base.months) if year_of(month) == year]
            for line, name in enumerate(SERIES):
                unit, kind, divisor = unit_of(name, "year")
                at = months[-1:] if kind == "stock" else months
                add(Measure(f"{name}_{label}", unit, DIFFERENCE), _line(line, at, divisor))
        self._readers: dict[str, Callable[[Figures, Figures], float]] = readers
        self.measures: Mapping[str, Measure] = names

    def values(self, over: Mapping[str, float], replications: Sequence[int], names: Sequence[str]) -> Floats:
        """See ``Evaluator``."""
        world = self.run.maker.world({key: value for key, value in over.items() if key != TRANSFER})
        if TRANSFER in over:
            _refuse_share(over[TRANSFER], self.prepared)
            settings = world.settings
            transfers = {**settings.transfers, self.headline: over[TRANSFER]}
            world = replace(world, settings=replace(settings, transfers=transfers))
        return self.lived(world, replications, names)

    def lived(self, world: World, replications: Sequence[int], names: Sequence[str]) -> Floats:
        """Measures of the route in a world, against today's model in it: shape (replications, names)."""
        seed, rows = self.prepared.experiment.seed, []
        for replication in replications:
            made = live(world, self.runs, "", self.engine, seed, replication, with_ledger=False).tallies
            rows.append([self._readers[name](made[TODAY], made[self.route]) for name in names])
        return np.array(rows, dtype=np.float64)


def _change(read: Callable[[Tally], float]) -> Callable[[Tally, Tally], float]:
    return lambda today, changed: read(changed) - read(today)


def _gross(year: int) -> Callable[[Tally, Tally], float]:
    return lambda today, changed: float(
        gross_saving(today.pence_days[:, year, :], changed.pence_days[:, year, :]).sum()
    )


def _released(measure: str, year: int) -> Callable[[Figures, Figures], float]:
    return lambda today, changed: released(changed, measure, year)


def _cumulative(year: int) -> Callable[[Figures, Figures], float]:
    return lambda today, changed: cumulative(changed, year)


def _line(line: int, months: Sequence[int], divisor: float) -> Callable[[Figures, Figures], float]:
    at = list(months)
    return lambda today, changed: float(changed.months[line, at].sum() - today.months[line, at].sum()) / divisor


def _refuse_share(share: float, prepared: Prepared) -> None:
    if not 0.0 <= share <= 1.0:
        what = f"the share of the gap that is closed would be {share:g}, and a share lies from 0 to 1."
        raise ConfigError([prepared.loaded.problem(("name",), what)])


_KNOWN: dict[tuple[str, str], Evaluator] = {}
"""Experiments that this process has read, by file and route; forgotten where workers begin a new run."""


def evaluator_of(path: Path | str, route: str = "", engine: str = engines.AUTO) -> Evaluator:
    """Read and check an experiment that can be asked.

    Args:
        route: which of a transition's routes; by default the one that its answer sets the lead against.

    Raises:
        ConfigError, DemandflowError: faults of its files; nothing in it is compared; there is no such route.
    """
    made = _KNOWN[str(path), route] = of_prepared(prepare(path), route, engine)
    return made


def of_prepared(prepared: Prepared, route: str = "", engine: str = engines.AUTO) -> Evaluator:
    """The same for an experiment that has been read and checked.

    Raises:
        ConfigError, DemandflowError: nothing in it is compared; there is no such route.
    """
    if prepared.transition is not None:
        return OfTransition(prepared, prepared.transition, route, engine)
    if prepared.comparison is not None:
        if route:
            raise DemandflowError("only an experiment with transition: has routes. Leave --route out.")
        return OfComparison(prepared, prepared.comparison, engine)
    what = "this experiment compares nothing: it has neither comparison: nor transition:."
    mend = "Name an experiment such as configs/experiments/vehicles.yaml."
    raise ConfigError([prepared.loaded.problem(("name",), what, mend)])


def forget() -> None:
    """Forget what was read: the files may be others now."""
    _KNOWN.clear()


def evaluated(path: str, route: str, engine: str, point: Point, names: tuple[str, ...]) -> Floats | None:
    """One point, wherever it is asked: shape (replications, names); None where its inputs contradict each other."""
    known = _KNOWN.get((path, route)) or evaluator_of(path, route, engine)
    try:
        return known.values(dict(point.over), point.replications, names)
    except (ConfigError, DemandflowError):
        return None


@dataclass(frozen=True)
class Asking:
    """An evaluator whose points are shared among workers.

    Args:
        path: of the experiment file. crew: may hold no jobs at all.
    """

    evaluator: Evaluator
    path: str
    crew: Crew
    engine: str = engines.AUTO

    def ask(self, points: Sequence[Point], names: Sequence[str]) -> list[Floats | None]:
        """Every point's measures in the points' order: shape (replications, names) each, None for a contradiction.

        Few points with many replications are cut so that all workers have work; the values do not depend on it.
        """
        wanted = tuple(names)
        pieces = [_pieces(point, max(1, 4 * self.crew.workers // max(1, len(points)))) for point in points]
        tasks = [
            [self.crew.begin(evaluated, None, self.path, self.evaluator.route, self.engine, piece, wanted)
             for piece in parts]
            for parts in pieces
        ]  # fmt: skip
        found: list[Floats | None] = []
        for parts in tasks:
            made = [self.crew.result(task) for task in parts]
            found.append(None if any(part is None for part in made) else np.concatenate(made))
        return found


def _pieces(point: Point, most: int) -> list[Point]:
    size = -(-len(point.replications) // min(most, max(1, len(point.replications))))
    cuts = range(0, max(1, len(point.replications)), max(1, size))
    return [replace(point, replications=point.replications[at : at + size]) for at in cuts]


def known_measure(evaluator: Evaluator, name: str) -> Measure:
    """A measure by name.

    Raises:
        DemandflowError: there is none of that name.
    """
    if name not in evaluator.measures:
        raise DemandflowError(f"there is no measure '{short(name)}'. {nearest(name, evaluator.measures, 'Known')}")
    return evaluator.measures[name]


def known_input(inputs: Inputs, name: str) -> str:
    """The key of an input by its key or, where only one input is called so, by its last part.

    Raises:
        DemandflowError: no input is called so, or several are.
    """
    if name in inputs.inputs:
        return name
    same = [key for key in inputs.inputs if last_part(key) == name]
    if len(same) == 1:
        return same[0]
    if same:
        raise DemandflowError(f"several inputs are called '{short(name)}'. Write one of: {', '.join(same)}.")
    known = sorted(inputs.inputs)
    for choices in (known, [last_part(key) for key in known]):
        close = nearest(name, choices)
        if close.startswith("Did you mean"):
            raise DemandflowError(f"there is no input '{short(name)}'. {close}")
    raise DemandflowError(
        f"there is no input '{short(name)}'. The table tables/inputs.csv of a results folder lists them all in its "
        "column key."
    )


def last_part(key: str) -> str:
    """What an input is called inside its file."""
    return key.partition(":")[2] or key.partition(".")[2]
