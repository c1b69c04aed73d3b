"""Runs ``sweep``: every point with the same people and luck, batch by batch, into a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from experiments.cluster import connected, seen_from
from experiments.crew import Crew
from experiments.evaluate import of_prepared
from experiments.experiment import how_many
from experiments.manifest import describe
from experiments.measured import Evaluator, Floats, Measure, known_measure
from experiments.own_folder import own_folder
from experiments.plan import Prepared, prepare
from experiments.store import Folder, batch_name
from experiments.sweep import words
from experiments.sweep.keys import Setting, place_of, settings_of
from experiments.sweep.lived import Question, Tried, fault_of, lived
from experiments.sweep.page import sweep_page
from experiments.sweep.points import Place, places_of
from experiments.sweep.tables import keys_table, read_points, sweep_table, write_points
from simulation import engines
from simulation.errors import ConfigError, DemandflowError, Problem, shown
from simulation.schema.sweep import Sweep

COMMAND = "sweep"

BATCH = 8
"""Points written together. Fewer are lost when a sweep is stopped, more make fewer files."""

TRIES = 4
"""Points at which a value is tried before it is refused, besides alone."""


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

    @property
    def batches(self) -> list[list[Place]]:
        """Points in the batches in which they are written."""
        return [self.places[at : at + BATCH] for at in range(0, len(self.places), BATCH)]


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


def _lived(planned: Planned, crew: Crew, folder: Folder, quiet: bool) -> tuple[dict[int, Floats | None], int]:
    """Every point's measures, and how many points were taken from before; each batch is written as it is whole."""
    names, pairs = planned.question.names, planned.sweep.pairs
    found: dict[int, Floats | None] = {}
    waiting: list[tuple[list[Place], dict[int, Any] | None]] = []
    for places in planned.batches:
        path = folder.path / "replications" / batch_name(COMMAND, places[0].number)
        taken = read_points(path, places, pairs, names) if path.exists() else None
        if taken is not None:
            found |= taken
        tasks = None if taken is not None else {
            place.number: crew.begin(lived, None, planned.question, place.laid(planned.settings),
                                     place.over(planned.settings), pairs)
            for place in places
        }  # fmt: skip
        waiting.append((places, tasks))
    before = len(found)
    for places, tasks in waiting:
        if tasks is None:
            continue
        made = {number: crew.result(task) for number, task in tasks.items()}
        name = f"replications/{batch_name(COMMAND, places[0].number)}"
        folder.write(name, lambda path, made=made: write_points(path, made, names))  # type: ignore[misc]
        found |= made
        if not quiet:
            print(f"{len(found)} of {len(planned.places)} points are done.", file=sys.stderr)
    return {place.number: found[place.number] for place in planned.places}, before


def run_sweep(
    config: Path | str, out: Path | None, force: bool, workers: int | None, cluster: str | None, quiet: bool,
    going_on: Mapping[str, Any] | None = None,
) -> list[str]:  # fmt: skip
    """Run a sweep, and write its tables, page and manifest.

    Args:
        out: by default results/NAME. going_on: the manifest of a sweep that was stopped in ``out``; the points that it
            wrote are taken, if nothing has changed.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    planned = plan(Path(seen_from(cluster, config)))
    with connected(cluster, planned.prepared) as far:
        count = how_many(workers, far)
        manifest: dict[str, Any] = {
            **describe(planned.prepared, count, engines.resolved(engines.AUTO)),
            "inputs": "central values, and those that are swept",
            "sweep": {"points": len(planned.places), "pairs": planned.sweep.pairs, "route": planned.question.route},
        }
        if going_on is not None:
            _refuse_changes(going_on, manifest, out)
        with Crew([], count, quiet, far) as crew:
            if going_on is None:
                _refuse_values(planned, crew)
            place = out or Path("results") / planned.prepared.experiment.name
            with own_folder(place, force, COMMAND, manifest, going_on) as folder:
                found, before = _lived(planned, crew, folder, quiet)
                lines = _written(planned, found, folder, manifest)
    taken = [f"{before} points were taken from before."] if going_on is not None else []
    return [*taken, *lines, "", f"Page and tables: {shown(folder.path / 'sweep.html')}"]


def _written(
    planned: Planned, found: Mapping[int, Floats | None], folder: Folder, manifest: dict[str, Any]
) -> list[str]:
    table = sweep_table(planned.settings, planned.places, found, planned.measures)
    folder.table("sweep", table)
    folder.table("sweep_keys", keys_table(planned.settings))
    lines = words.told(planned.settings, planned.places, found, planned.measures, planned.sweep)
    bear = words.bear_in_mind(planned.measures, planned.evaluator)
    experiment = planned.prepared.experiment
    foot = f"Demandflow {manifest['versions']['demandflow']}, seed {experiment.seed}."
    text = sweep_page(experiment.title, experiment.question, planned.settings, planned.sweep, table, planned.measures,
                      (lines, bear, foot))  # fmt: skip
    folder.text("sweep.html", text)
    manifest["outcome"] = {"said": lines, "contradictory_points": sum(values is None for values in found.values())}
    return [*lines, "", *bear]


def _refuse_changes(then: Mapping[str, Any], now: Mapping[str, Any], out: Path | None) -> None:
    """Points of other files, code or machines would not belong together.

    Raises:
        DemandflowError: naming what changed.
    """
    import json

    from experiments.resume import refuse_changes

    refuse_changes(out or Path(), dict(then), json.loads(json.dumps(now, default=str)))


def sweep_again(folder: Path, manifest: Mapping[str, Any], workers: int | None, cluster: str | None,
                quiet: bool) -> list[str]:  # fmt: skip
    """Go on with a sweep that was stopped: see ``run_sweep``.

    Args:
        manifest: of the folder.
    """
    return run_sweep(manifest["config_file"], folder, False, workers, cluster, quiet, manifest)


__all__ = ["COMMAND", "Planned", "plan", "run_sweep", "sweep_again"]
