"""Runs an experiment: batches, stopping, tables, checks, manifest and report."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from experiments import crate, uncertainty
from experiments.agreement import SelfCheck
from experiments.cluster import Cluster, connected, seen_from
from experiments.crew import Crew
from experiments.ended import instead_of
from experiments.manifest import describe
from experiments.plan import ComparisonRun, OwnRun, Prepared, prepare
from experiments.replicate import Outcome
from experiments.signals import undisturbed
from experiments.statistics import Interval, of_mean
from experiments.stopping import fixed_numbers, run_until_precise
from experiments.store import SCHEMA_VERSION, Folder, in_hand
from experiments.transition.plan import TransitionRun
from experiments.work import Earlier, Work, on_engine
from experiments.written_tables import write_tables
from simulation import engines
from simulation.errors import shown
from simulation.tally import MEASURES


def differences(run: ComparisonRun, outcomes: Sequence[Outcome], measure: str, years: int) -> dict[str, Interval]:
    """Paired difference a year of a measure, by transfer; without a transfer of nought, where nothing differs."""
    index = MEASURES.index(measure)
    result = {}
    for scenario in (each for each in run.scenarios if each.transfer > 0):
        values = [
            (int(o.tallies[scenario.name].people[index].sum()) - int(o.tallies[""].people[index].sum())) / years
            for o in outcomes
        ]
        result[scenario.name] = of_mean(values)
    return result


def _compare(work: Work, prepared: Prepared, run: ComparisonRun) -> dict[str, Any]:
    """Run pairs until the difference is precise enough; what the manifest says of it."""
    config = prepared.experiment.comparison
    assert config is not None
    precision = config.precision

    def found() -> dict[str, Interval]:
        return differences(run, work.outcomes[run.key], precision.measure, config.years)

    stopped = run_until_precise(precision, lambda first, size: work.batch(run.key, first, size, "Comparing"), found)
    return stopped.told()


def _uncertain(prepared: Prepared, work: Work) -> dict[str, Any]:
    """Tables of what unknown inputs do; computed from the compiled graph, without chance."""
    run, config, folder = prepared.comparison, prepared.experiment.comparison, work.folder
    if run is None or config is None:
        folder.table("inputs", uncertainty.inputs_table(prepared, {}))
        return {}
    if not work.quiet:
        print("Working out what the unknown inputs do …", file=sys.stderr)
    question = uncertainty.Question(prepared, run)
    ask = partial(work.crew.ask, str(prepared.loaded.document.path))
    headline = next(t for t in config.transfers if t.name == config.headline_transfer)
    inputs = uncertainty.inputs_table(prepared, uncertainty.swings(question, ask, headline))
    folder.table("inputs", inputs)
    result: dict[str, Any] = {
        "share_of_headline_on_assumption": uncertainty.share_on_assumption(inputs),
        "share_of_saving_on_assumption": uncertainty.share_on_assumption(inputs, "swing_saving"),
    }
    if config.input_draws:
        ranges, contradictory = uncertainty.ranges(question, ask, config.input_draws)
        folder.table("ranges", ranges)
        result["input_draws"] = config.input_draws
        result["contradictory_input_draws"] = contradictory
    if config.like_for_like is not None:
        curve, zero = uncertainty.like_for_like(question, ask)
        folder.table("like_for_like", curve)
        result["like_for_like_break_even"] = zero
    return result


def run_experiment(
    path: Path | str,
    out: Path | None,
    workers: int | None,
    force: bool,
    quiet: bool = False,
    engine: str = engines.AUTO,
    cluster: str | None = None,
) -> Path:
    """Run an experiment file and write its results folder.

    Args:
        path: the experiment. out: results folder, by default results/<name>. workers: processes, by default all cores.
        force: replace an existing results folder (kept aside until the new one is finished).
        engine: one of ``engines.CHOICES``; part of each run is run again on the other.
        cluster: address of a Dask scheduler whose workers do the work instead of processes of this machine.

    Returns:
        The results folder.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    begun = time.perf_counter()
    engine = engines.resolved(engine)
    prepared = on_engine(prepare(seen_from(cluster, path)), engine)
    with connected(cluster, prepared) as far:
        means = Means(how_many(workers, far), quiet, far)
        manifest = {"schema_version": SCHEMA_VERSION, "status": "running", **describe(prepared, means.workers, engine)}
        folder = Folder(out or Path("results") / prepared.experiment.name, force)
        if folder.previous is not None:
            manifest["replaces"] = folder.previous.name
        with in_hand(folder.path):
            return carry_out(prepared, folder, manifest, means, begun)


@dataclass(frozen=True)
class Means:
    """By what an experiment is run.

    Attributes:
        workers: how many processes. quiet: no progress. cluster: does the work instead of processes of this machine.
        earlier: what the same run wrote before it was stopped.
    """

    workers: int
    quiet: bool
    cluster: Cluster | None = None
    earlier: Earlier | None = None


def how_many(workers: int | None, cluster: Cluster | None) -> int:
    """Workers: those of the cluster; else as many as are asked for; else as many as there are cores."""
    if cluster is not None:
        return cluster.workers
    return os.cpu_count() or 1 if workers is None else workers


def carry_out(prepared: Prepared, folder: Folder, manifest: dict[str, Any], means: Means, begun: float) -> Path:
    """Run what is prepared and write its results into a folder that is there.

    Args:
        manifest: what is known before the run; what comes of it is added. begun: when the clock began to count.

    Raises:
        As ``run_experiment``.
    """
    from experiments.report import build_report

    quiet = means.quiet
    if means.cluster is not None:
        manifest["cluster"] = means.cluster.told()
    timings: dict[str, float] = {"prepare": time.perf_counter() - begun}
    work: Work | None = None
    try:
        folder.json("manifest.json", manifest)
        jobs = prepared.jobs
        with Crew(jobs, means.workers, quiet, means.cluster) as crew:
            check = SelfCheck(folder, crew, jobs)
            manifest["agreement"], manifest["pool"] = check.record, crew.record
            work = Work(folder, crew, quiet, check, earlier=means.earlier)
            if means.workers == 1 and not quiet:
                print("Running part of it on both engines …", file=sys.stderr)
            check.look()
            manifest["stopping"] = fixed_numbers(prepared.experiment)
            mark = time.perf_counter()
            for run in prepared.own:
                _calibrate(work, prepared, run)
            timings["calibration"] = time.perf_counter() - mark
            mark = time.perf_counter()
            if prepared.comparison is not None:
                manifest["stopping"] |= _compare(work, prepared, prepared.comparison)
            timings["comparison"] = time.perf_counter() - mark
            mark = time.perf_counter()
            if prepared.service is not None:
                title = prepared.service.model.config.short_title
                work.serve(prepared.service.key, prepared.service.config.replications, title)
            timings["service"] = time.perf_counter() - mark
            mark = time.perf_counter()
            if prepared.transition is not None:
                _change(work, prepared.transition)
            timings["transition"] = time.perf_counter() - mark
            mark = time.perf_counter()
            check.finish()
            timings["waiting_for_agreement"] = time.perf_counter() - mark
            timings["agreement"] = check.seconds
            mark = time.perf_counter()
            manifest["uncertainty"] = _uncertain(prepared, work)
            timings["uncertainty"] = time.perf_counter() - mark
        mark = time.perf_counter()
        manifest |= write_tables(prepared, work, folder)
        timings["tables"] = time.perf_counter() - mark
        manifest["replications"] = work.done()
        everybody = [o.people for done in work.outcomes.values() for o in done] + [o.people for o in work.served]
        everybody += [o.people for done in work.changed.values() for o in done]
        manifest["people_simulated"] = sum(everybody)
        manifest["status"] = "finished"
        manifest.pop("replaces", None)
        manifest["finished_at"] = datetime.now(UTC).isoformat(timespec="seconds")
        timings["total"] = time.perf_counter() - begun
        manifest["seconds"] = {name: round(seconds, 2) for name, seconds in timings.items()}
        folder.json("manifest.json", manifest)
        for sentence in build_report(folder.path):
            print(sentence, file=sys.stderr)
        folder.text(crate.NAME, crate.crate_text(folder.path, manifest))
    except BaseException as error:
        with undisturbed():
            _say_what_is_kept(folder, manifest, work, error)
            told = instead_of(error, folder.path)
        if told is not None:
            raise told from error
        raise
    folder.done()
    return folder.path


def _calibrate(work: Work, prepared: Prepared, run: OwnRun) -> None:
    assert prepared.experiment.calibration is not None
    work.batch(run.key, 0, prepared.experiment.calibration.replications, run.model.config.short_title)


def _change(work: Work, run: TransitionRun) -> None:
    """A transition at central inputs, and with inputs drawn."""
    work.change(run.job.key, run.config.pairs, "Changing")
    if run.drawn is not None:
        work.change(run.drawn.key, run.config.draws, "With drawn inputs")


def _say_what_is_kept(folder: Folder, manifest: dict[str, Any], work: Work | None, error: BaseException) -> None:
    """Note in the manifest how far the run came; a second fault while noting it must not hide the first."""
    manifest["status"] = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
    manifest["replications"] = work.done() if work else {}
    with contextlib.suppress(OSError):
        folder.json("manifest.json", manifest)
    folder.abandon()
    if folder.previous is not None:
        print(f"The earlier results are kept in {shown(folder.previous)}.", file=sys.stderr)
