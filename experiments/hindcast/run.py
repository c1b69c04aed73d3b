"""Runs a hindcast: reads and checks everything first, then simulates, scores and writes the results folder."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experiments.agreement import SelfCheck
from experiments.crew import Crew
from experiments.hindcast import words
from experiments.hindcast.actuals import Actual, Found, name_of, read_actuals
from experiments.hindcast.forecast import REPLICATIONS, checked, choices, first_whole_year, forecasts, jobs_of
from experiments.hindcast.page import page
from experiments.hindcast.score import forecast_table, hindcast_table, score_of
from experiments.manifest import describe, of_file
from experiments.plan import Prepared, prepare
from experiments.replicate import AnyJob, Outcome
from experiments.signals import undisturbed
from experiments.store import SCHEMA_VERSION, Folder
from experiments.work import Work, on_engine
from simulation import engines
from simulation.errors import ConfigError, DemandflowError, Problem, shown


def read_both(config: Path, actuals: Path) -> tuple[Prepared, list[Actual]]:
    """The experiment and the actual figures, each checked by itself and against the other.

    Raises:
        ConfigError: with every fault of both.
    """
    found: list[Problem] = []
    rows: Sequence[Actual] = ()
    try:
        rows = read_actuals(actuals)
    except Found as error:
        rows = error.sound
        found += error.problems
    except ConfigError as error:
        found += error.problems
    prepared: Prepared | None = None
    try:
        prepared = prepare(config)
        rows = checked(actuals, rows, prepared)
    except ConfigError as error:
        found += error.problems
    if found or prepared is None:
        raise ConfigError(found)
    return prepared, list(rows)


def run_hindcast(
    config: Path,
    actuals: Path,
    out: Path | None,
    workers: int | None,
    force: bool = False,
    quiet: bool = False,
    engine: str = engines.AUTO,
) -> tuple[Path, list[str]]:
    """Hold an experiment's forecast against actual figures.

    Args:
        config: the experiment. actuals: the CSV file of what happened. out: results folder, by default
        results/<name>_hindcast. workers: processes, by default all cores. force: replace an existing results folder.
        engine: one of ``engines.CHOICES``; part of each run is run again on the other.

    Returns:
        The results folder, and what to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    engine = engines.resolved(engine)
    prepared, rows = read_both(config, actuals)
    prepared = on_engine(prepared, engine)
    count = os.cpu_count() or 1 if workers is None else workers
    manifest: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "status": "running",
        "command": "hindcast",
        **describe(prepared, count, engine),
        "actuals": of_file(actuals),
    }
    folder = Folder(out or Path("results") / f"{prepared.experiment.name}_hindcast", force)
    try:
        folder.json("manifest.json", manifest)
        outcomes = _simulated(prepared, rows, folder, manifest, quiet)
        lines = _told(prepared, rows, outcomes, folder, manifest)
        manifest["status"] = "finished"
        folder.json("manifest.json", manifest)
    except BaseException as error:
        with undisturbed():
            manifest["status"] = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            with contextlib.suppress(OSError):
                folder.json("manifest.json", manifest)
            folder.abandon()
        if isinstance(error, BrokenProcessPool):
            raise DemandflowError(
                "a worker process was stopped from outside (out of memory, perhaps). Run again with fewer --workers."
            ) from None
        raise
    folder.done()
    return folder.path, [*lines, "", f"Picture and tables: {shown(folder.path / 'hindcast.html')}"]


def _simulated(
    prepared: Prepared, rows: Sequence[Actual], folder: Folder, manifest: dict[str, Any], quiet: bool
) -> dict[str, list[Outcome]]:
    """The replications of each model that the rows name, and part of them on the other engine."""
    jobs = jobs_of(rows, prepared)
    listed: list[AnyJob] = list(jobs.values())
    calibration = prepared.experiment.calibration
    size = max(REPLICATIONS, calibration.replications if calibration is not None else 0)
    with Crew(listed, manifest["workers"], quiet) as crew:
        check = SelfCheck(folder, crew, listed)
        manifest["agreement"], manifest["pool"] = check.record, crew.record
        work = Work(folder, crew, quiet, check)
        check.look()
        outcomes = {name: work.batch(job.key, 0, size, "Forecasting") for name, job in jobs.items()}
        check.finish()
        return outcomes


def _told(
    prepared: Prepared,
    rows: Sequence[Actual],
    outcomes: dict[str, list[Outcome]],
    folder: Folder,
    manifest: dict[str, Any],
) -> list[str]:
    """Write tables, summary and page; the lines for the screen."""
    found = forecasts(rows, prepared, jobs_of(rows, prepared), outcomes)
    table, forecast = hindcast_table(rows, found), forecast_table(found)
    score, models = score_of(table), choices(prepared)[0]
    unpriced = any(int(o.tallies[""].unpriced_days.sum()) for done in outcomes.values() for o in done)
    told = words.cautions(score, table, name_of(first_whole_year(prepared)), unpriced)
    runs = len(next(iter(outcomes.values())))
    folder.table("hindcast", table)
    folder.table("forecast", forecast)
    contacts = {name: models[name].contacts for name in outcomes}
    title = prepared.experiment.title
    folder.text("hindcast.md", words.markdown(title, score, table, contacts, told, runs))
    about = {"seed": str(manifest["seed"]), "version": str(manifest["versions"]["demandflow"]), "runs": str(runs)}
    folder.text("hindcast.html", page(title, score, table, forecast, models, told, about))
    manifest["replications"] = {f"hindcast/{name}": len(done) for name, done in outcomes.items()}
    manifest["people_simulated"] = sum(o.people for done in outcomes.values() for o in done)
    manifest["hindcast"] = _plain(asdict(score))
    lines = ["", words.headline(score), *([words.how_sure(score)] if score.figures else []), ""]
    lines += [f"  {line}" for line in words.errors(score)]
    return [*lines, "", "Bear in mind:", *(f"  {line}" for line in told)]


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: what is not known is null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
