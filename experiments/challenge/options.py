"""The options of ``run.py challenge``."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import Commands, add_command, add_finished, add_force, add_out, said


def add_challenge_options(commands: Commands) -> None:
    """Add ``challenge``."""
    command = add_command(
        commands, "challenge", _challenge, "a councillor's or a union's own values beside the officers'"
    )
    add_finished(command)
    command.add_argument(
        "assumptions", metavar="ASSUMPTIONS.yaml", type=Path, help="their values (docs/elicit-and-challenge.md)"
    )
    add_out(command, "folder for page and tables (default: DIR_challenge)", "DIR2")
    add_force(command)


def _challenge(given: argparse.Namespace) -> int:
    from experiments.challenge.run import run_challenge

    return said(run_challenge(given.results, given.assumptions, given.out, given.force))
