"""The options of ``run.py explore``."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import Commands, add_command, whole

PORT = 8050


def add_explore_options(commands: Commands) -> None:
    """Add ``explore``."""
    command = add_command(commands, "explore", _explore, "a page on which inputs are moved and the answer follows")
    command.add_argument(
        "config",
        metavar="CONFIG",
        type=Path,
        nargs="?",
        help="an experiment file with comparison: (default: barnet_vs_shropshire)",
    )
    command.add_argument(
        "--port",
        metavar="N",
        type=whole("a port", 0, 65_535),
        default=PORT,
        help=f"where to listen; 0 for any that is free (default: {PORT})",
    )
    command.add_argument(
        "--host", metavar="ADDRESS", default="127.0.0.1", help="let other machines in by this address (default: none)"
    )
    command.add_argument(
        "--public", action="store_true", help="for everybody: presets only, large type, limits on work for each visitor"
    )
    command.add_argument(
        "--results", metavar="DIR", type=Path, help="show a finished experiment too; without CONFIG, it alone"
    )


def _explore(given: argparse.Namespace) -> int:
    from experiments.explore.serve import explore

    explore(given.config, given.host, given.port, given.public, given.results)
    return 0
