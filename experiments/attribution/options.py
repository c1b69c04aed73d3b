"""The options of ``run.py attribution``; nothing here is slow to import."""

from __future__ import annotations

import argparse

from experiments.command_line import Commands, Orders, add_command, add_experiment_file, add_own_folder, said, whole

PAIRS = 40
"""Pairs of runs of each set of changes, unless asked otherwise."""

FEWEST, MOST = 2, 10_000


def add_attribution_options(commands: Commands) -> None:
    """Add ``attribution``."""
    command = add_command(
        commands, "attribution", _attribution, "which change brings how much of the difference between two models"
    )
    add_experiment_file(command)
    command.add_argument(
        "--measure", metavar="MEASURE", action="append", default=[],
        help="what is split, as often as wanted (default: demand savings and funded packages of the last year)",
    )  # fmt: skip
    command.add_argument("--route", metavar="NAME", default="", help="which vehicle's route (experiments of vehicles)")
    command.add_argument(
        "--pairs", metavar="N", type=whole("a number of pairs", FEWEST, MOST), default=PAIRS,
        help=f"pairs of runs of each set of changes (default: {PAIRS})",
    )  # fmt: skip
    add_own_folder(command, "folder for page and tables (default: results/NAME_attribution)")


def _attribution(given: argparse.Namespace) -> int:
    from experiments.attribution.run import Request, run_attribution

    return said(
        run_attribution(
            Request(given.config, tuple(given.measure), given.route, given.pairs),
            Orders.of(given),
        )
    )  # fmt: skip
