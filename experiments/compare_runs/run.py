"""Runs ``compare-runs``: reads both folders, compares, and writes tables if asked. Nothing is simulated."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from experiments.compare_runs import words
from experiments.compare_runs.inputs import Change, changed_inputs
from experiments.compare_runs.results import compared, read_side, results_table, row_of
from experiments.manifest import digest, surroundings
from experiments.results_folder import finished_experiment
from experiments.store import SCHEMA_VERSION, Folder
from simulation.errors import shown

CHANGE = list(Change.__annotations__)


def compare_runs(first: Path, second: Path, out: Path | None = None, force: bool = False) -> list[str]:
    """What differs between the folders of two finished experiments.

    Args:
        out: a folder for the tables changed_inputs, changed_results and changed_words. force: replace an existing one.

    Returns:
        What to say on the screen.

    Raises:
        DemandflowError: with a sentence for the user. OSError: the disk.
    """
    one, two = (read_side(folder, finished_experiment(folder)) for folder in (first, second))
    changes = changed_inputs(one.manifest, two.manifest, (one.tables.get("inputs"), two.tables.get("inputs")))
    results, other = compared(one, two)
    only = [[name for name in a.tables if name not in b.tables] for a, b in ((one, two), (two, one))]
    lines = [f"{shown(first)} (first) and {shown(second)} (second)", ""]
    lines += [*words.about_inputs(changes), "", *words.about_results(results, other, *only)]
    table = results_table(results)
    if len(table):
        lines += ["", *words.about_method(results, one.seed == two.seed, one.draws or two.draws)]
    if out is not None:
        _write(out, force, (first, second), {
            "changed_inputs": pd.DataFrame([asdict(change) for change in changes], columns=CHANGE),
            "changed_results": table,
            "changed_words": pd.DataFrame(
                [(w.table, row_of(w.key), w.column, w.first, w.second) for w in other],
                columns=["table", "row", "column", "first", "second"],
            ),
        })  # fmt: skip
        lines += ["", f"All of it: {shown(out / 'tables')}"]
    return lines


def _write(out: Path, force: bool, folders: tuple[Path, Path], tables: dict[str, pd.DataFrame]) -> None:
    folder = Folder(out, force)
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "status": "running",
        "command": "compare-runs",
        "folders": [
            {"folder": shown(one), "manifest_hash": digest(one / "manifest.json")} for one in folders
        ],
        **surroundings(),
    }  # fmt: skip
    try:
        folder.json("manifest.json", manifest)
        for name, table in tables.items():
            folder.table(name, table)
        folder.json("manifest.json", {**manifest, "status": "finished"})
    except BaseException:
        folder.abandon()
        raise
    folder.done()
