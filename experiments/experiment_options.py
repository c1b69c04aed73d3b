"""Commands that run an experiment, go on with it, run it again, and ask its results folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import (
    Commands,
    Orders,
    add_command,
    add_engine,
    add_experiment_file,
    add_finished,
    add_force,
    add_hands,
    add_out,
    add_quiet,
    add_workers,
    said,
    written,
)


def add_experiment_options(commands: Commands) -> None:
    """Add ``experiment``, ``resume``, ``validation``, ``query`` and ``reproduce``."""
    run = add_command(commands, "experiment", _experiment, "run an experiment and write its results folder")
    add_experiment_file(run)
    add_out(run, "results folder (default: results/NAME)")
    add_hands(run)
    add_force(run)
    add_quiet(run)
    add_engine(run)
    again = add_command(commands, "resume", _resume, "go on with a run that was stopped")
    again.add_argument("folder", metavar="DIR", type=Path, help="its results folder")
    add_hands(again)
    add_quiet(again)
    page = add_command(
        commands, "validation", _validation, "write what was held against published figures, as Markdown"
    )
    page.add_argument("folders", nargs="+", metavar="RESULTS_DIR", type=Path, help="folders of finished results")
    add_out(page, "write to a file instead of the screen", "FILE")
    ask = add_command(commands, "query", _query, "ask a results folder's tables in SQL, or list them (docs/results.md)")
    ask.add_argument("results", metavar="DIR", type=Path, help="a results folder")
    ask.add_argument("sql", nargs="?", metavar="SQL", help="a query in quotes, such as 'select * from comparison'")
    form = ask.add_mutually_exclusive_group()
    form.add_argument("--csv", dest="form", action="store_const", const="csv", default="table", help="answer as CSV")
    form.add_argument("--json", dest="form", action="store_const", const="json", help="answer as JSON")
    same = add_command(commands, "reproduce", _reproduce, "run a results folder's experiment again: is it the same?")
    add_finished(same)
    add_workers(same)
    add_out(same, "keep the new results here (default: they are not kept)", "DIR2")
    same.add_argument(
        "--with-changed-files", action="store_true", help="also where config files have changed since the run"
    )
    add_quiet(same)


def _experiment(given: argparse.Namespace) -> int:
    from experiments.experiment import run_experiment

    return _summed_up(
        run_experiment(given.config, given.out, given.workers, given.force, given.quiet, given.engine, given.cluster)
    )


def _resume(given: argparse.Namespace) -> int:
    from experiments.going_on import begun_with

    manifest = begun_with(given.folder)
    if "command" in manifest:
        from experiments.again import asked_again

        orders = Orders(given.folder, False, given.workers, given.cluster, given.quiet)
        code, lines = asked_again(manifest, orders)
        said(lines)
        return code
    from experiments.resume import resume

    return _summed_up(resume(given.folder, given.workers, given.quiet, given.cluster))


def _summed_up(folder: Path) -> int:
    from experiments.summary import summary

    return said(summary(folder))


def _validation(given: argparse.Namespace) -> int:
    from experiments.validation import validation_page

    return written(validation_page(given.folders), given.out)


def _query(given: argparse.Namespace) -> int:
    from experiments.store_query import query

    return said(query(given.results, given.sql, given.form))


def _reproduce(given: argparse.Namespace) -> int:
    from experiments.reproduce import reproduce

    code, lines = reproduce(given.results, given.workers, given.out, given.with_changed_files, given.quiet)
    said(lines)
    return code
