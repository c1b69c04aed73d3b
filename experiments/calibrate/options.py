"""The options of ``run.py calibrate``."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import Commands, add_command, add_force, add_out, day, said
from simulation.errors import DemandflowError


def add_calibrate_options(commands: Commands) -> None:
    """Add ``calibrate``."""
    command = add_command(commands, "calibrate", _calibrate, "put your own council's figures into a shipped model")
    command.add_argument("model", metavar="TEMPLATE", help="a model file, or the name of a shipped one")
    command.add_argument(
        "data", nargs="?", metavar="DATA.csv", type=Path, help="a filled-in form, or events of people, one a row"
    )
    command.add_argument(
        "--template", action="store_true", help="write the form to fill in (to --out, or to the screen)"
    )
    add_out(command, "folder for the new files (default: results/NAME_calibrated)")
    command.add_argument("--name", metavar="NAME", help="name of the new model (default: that of DATA.csv)")
    for option, name in (("--from", "first"), ("--to", "last")):
        command.add_argument(
            option, dest=name, metavar="DATE", type=day, help=f"{name} day counted, of events of people"
        )
    add_force(command, "files that are there")


def _calibrate(given: argparse.Namespace) -> int:
    from experiments.calibrate.run import calibrate, write_form

    if given.template == (given.data is not None):
        raise DemandflowError("Give a file DATA.csv, or --template for a form to fill in, and not both.")
    if given.template:
        return said(write_form(given.model, given.out, given.force))
    period = given.first, given.last
    return said(calibrate(given.model, given.data, given.out, given.name, period, given.force))
