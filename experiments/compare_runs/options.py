"""The options of ``run.py compare-runs``."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import Commands, add_command, add_finished, add_force, add_out, said


def add_compare_runs_options(commands: Commands) -> None:
    """Add ``compare-runs``."""
    command = add_command(
        commands, "compare-runs", _compare_runs, "what differs between two results folders: more than chance?"
    )
    add_finished(command, "first", "DIR1")
    command.add_argument("second", metavar="DIR2", type=Path, help="another")
    add_out(command, "write all differences as tables here")
    add_force(command)


def _compare_runs(given: argparse.Namespace) -> int:
    from experiments.compare_runs.run import compare_runs

    return said(compare_runs(given.first, given.second, given.out, given.force))
