"""The options of ``run.py benefits``."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import Commands, add_command, add_force, add_out, said


def add_benefits_options(commands: Commands) -> None:
    """Add ``benefits``."""
    command = add_command(
        commands, "benefits", _benefits, "what a plan of schemes saves, with ranges, and what came of it"
    )
    command.add_argument("option", metavar="OPTION", type=Path, help="an option file with schemes:")
    add_out(command, "write tables and a page here")
    command.add_argument(
        "--actuals", metavar="FILE.csv", type=Path, help="what was realised, by quarter (docs/benefits.md)"
    )
    add_force(command)


def _benefits(given: argparse.Namespace) -> int:
    from experiments.benefits.run import run_benefits

    return said(run_benefits(given.option, given.out, given.actuals, given.force))
