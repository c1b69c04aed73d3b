"""The options of ``run.py track``."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import Commands, add_command, add_finished, add_force, add_out, said


def add_track_options(commands: Commands) -> None:
    """Add ``track``."""
    command = add_command(commands, "track", _track, "hold an experiment's bands against quarterly actual figures")
    add_finished(command)
    command.add_argument(
        "actuals", metavar="ACTUALS.csv", type=Path, help="what happened, one row a quarter (docs/benefits.md)"
    )
    add_out(command, "folder for page and tables (default: DIR_track)", "DIR2")
    add_force(command)


def _track(given: argparse.Namespace) -> int:
    from experiments.track.run import run_track

    return said(run_track(given.results, given.actuals, given.out, given.force))
