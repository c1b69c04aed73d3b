"""Runs ``sweep``: every point with the same people and luck, batch by batch, into a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from experiments.answers import Question as Asked
from experiments.asking import AtWork, at_work
from experiments.cluster import seen_from
from experiments.command_line import Orders
from experiments.crew import Crew
from experiments.evaluate import of_prepared
from experiments.measured import Evaluator, Floats, Measure, known_measure
from experiments.plan import Prepared, prepare
from experiments.store import Folder
from experiments.sweep import words
from experiments.sweep.keys import Setting, place_of, settings_of
from experiments.sweep.lived import Question, Tried, fault_of, lived
from experiments.sweep.page import sweep_page
from experiments.sweep.points import Place, places_of
from experiments.sweep.tables import keys_table, sweep_table
from simulation.errors import ConfigError, DemandflowError, Problem, shown
from simulation.schema.sweep import Sweep

COMMAND = "sweep"

BATCH = 8
"""Points written together. Fewer are lost when a sweep is stopped, more make fewer files."""

TRIES = 4
"""Points at which a value is tried before it is refused, besides alone."""


@dataclass(frozen=True)
class Request:
    """What is asked: see ``sweep.options``."""

    config: str


@dataclass(frozen=True)
class Planned:
    """A sweep worked out and checked, as far as one can without running it."""

    prepared: Prepared
    evaluator: Evaluator
    settings: list[Setting]
    places: list[Place]
    measures: list[Measure]
    question: Question

    @property
    def sweep(self) -> Sweep:
        """The section."""
        sweep = self.prepared.experiment.sweep
        assert sweep is not None
        return sweep


def plan(path: Path) -> Planned:
    """Read and check a sweep.

    Raises:
        ConfigError, DemandflowError: with the problems of the experiment, of its files and of its sweep.
    """
    prepared = prepare(path)
    sweep = prepared.experiment.sweep
    if sweep is None:
        mend = "Add it, or name a file such as configs/experiments/sweep_hospital.yaml."
        raise ConfigError([prepared.loaded.problem(("name",), "there is no sweep: in this experiment.", mend)])
    try:
        evaluator = of_prepared(prepared, sweep.route)
    except ConfigError:
        raise
    except DemandflowError as error:
        raise ConfigError([prepared.loaded.problem(("sweep", "route"), str(error))]) from None
    problems: list[Problem] = []
    settings: list[Setting] = []
    measures: list[Measure] = []
    try:
        settings = settings_of(prepared)
    except ConfigError as error:
        problems += error.problems
    for index, name in enumerate(sweep.measures):
        try:
            measures.append(known_measure(evaluator, name))
        except DemandflowError as error:
            problems.append(prepared.loaded.problem(("sweep", "measures", index), str(error)))
    if problems:
        raise ConfigError(problems)
    files = {p: p.read_bytes() for one in prepared.documents for p in (one.document.path, *one.document.ancestors)}
    mark = blake2b(b"\0".join(files[p] for p in sorted(files)), digest_size=8).hexdigest()
    question = Question(str(path), evaluator.route, tuple(dict.fromkeys(sweep.measures)), mark)
    return Planned(prepared, evaluator, settings, places_of(prepared, settings),
                   list(dict.fromkeys(measures)), question)  # fmt: skip


def _refuse_values(planned: Planned, crew: Crew) -> None:
    """A value with which nothing can be lived, alone or with others, is a fault of the file.

    Raises:
        ConfigError: with every such value.
    """
    tasks = []
    for index, one in enumerate(planned.settings):
        for number, value in enumerate(one.values):
            having = [place for place in planned.places if place.at[index] == number][:TRIES]
            tries: list[Tried] = [(one.laid(value), one.over(value))]
            tries += [(place.laid(planned.settings), place.over(planned.settings)) for place in having]
            tasks.append((index, number, crew.begin(fault_of, None, planned.question, tries)))
    problems = []
    for index, number, task in tasks:
        fault = crew.result(task)
        if fault is not None:
            given, one = planned.sweep.over[index], planned.settings[index]
            what = f"with {words.at_value(one, one.values[number])} nothing can be run: {fault[0]}"
            problems.append(planned.prepared.loaded.problem(place_of(given, one.place, number), what, fault[1]))
    if problems:
        raise ConfigError(problems)


def _lived(planned: Planned, work: AtWork) -> dict[int, Floats | None]:
    """Every point's measures, by the point's number."""
    question, pairs = planned.question, planned.sweep.pairs
    asked = []
    for place in planned.places:
        laid, over = place.laid(planned.settings), place.over(planned.settings)
        about = repr((laid, sorted(over.items()), pairs))
        asked.append(Asked(lived, ((question, laid, over, pairs),), question.names, about))
    done = 0

    def told(points: int) -> None:
        nonlocal done
        done += points
        if not work.orders.quiet:
            print(f"{done} of {len(planned.places)} points are done.", file=sys.stderr)

    work.answers.done = told
    return {place.number: values for place, values in zip(planned.places, work.answers.ask(asked), strict=True)}


def run_sweep(request: Request, orders: Orders) -> list[str]:
    """Run a sweep, and write its tables, page and manifest.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    planned = plan(Path(seen_from(orders.cluster, request.config)))
    told = {
        "inputs": "central values, and those that are swept",
        "sweep": {"points": len(planned.places), "pairs": planned.sweep.pairs, "route": planned.question.route},
    }
    with at_work(planned.prepared, COMMAND, request, orders) as work:
        if orders.going_on is None:
            _refuse_values(planned, work.crew)
        with work.folder(planned.prepared.experiment.name, told, BATCH) as folder:
            lines = _written(planned, _lived(planned, work), folder, work)
    return [*work.from_before(), *lines, "", f"Page and tables: {shown(folder.path / 'sweep.html')}"]


def _written(planned: Planned, found: Mapping[int, Floats | None], folder: Folder, work: AtWork) -> list[str]:
    table = sweep_table(planned.settings, planned.places, found, planned.measures)
    folder.table("sweep", table)
    folder.table("sweep_keys", keys_table(planned.settings))
    lines = words.told(planned.settings, planned.places, found, planned.measures, planned.sweep)
    bear = words.bear_in_mind(planned.measures, planned.evaluator)
    experiment = planned.prepared.experiment
    text = sweep_page(experiment.title, experiment.question, planned.settings, planned.sweep, table, planned.measures,
                      (lines, bear, work.foot))  # fmt: skip
    folder.text("sweep.html", text)
    work.manifest["outcome"] = {"said": lines, "contradictory_points": sum(v is None for v in found.values())}
    return [*lines, "", *bear]
