"""The options of ``run.py hindcast``."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import (
    Commands,
    add_command,
    add_engine,
    add_experiment_file,
    add_force,
    add_out,
    add_quiet,
    add_workers,
    said,
)

ACTUALS = """columns of ACTUALS.csv, one row a figure (docs/hindcast.md tells more):
  year                a financial year, such as 2015/16
  measure             as in the table comparison: contact, funded_package/source/community, care_cost, ...
  actual              what happened: a number, without commas
  model               which model of the experiment; may be left out: the baseline of its comparison
  low, high           the range that rounding or definitions leave the figure
  source              where the figure comes from
  used_to_set_inputs  yes or no; rows with yes are shown and not scored
"""


def add_hindcast_options(commands: Commands) -> None:
    """Add ``hindcast``."""
    command = add_command(
        commands, "hindcast", _hindcast, "hold a forecast's bands against years that were not used", ACTUALS
    )
    add_experiment_file(command)
    command.add_argument("actuals", metavar="ACTUALS.csv", type=Path, help="what happened, one row a figure")
    add_out(command, "results folder (default: results/NAME_hindcast)")
    add_workers(command)
    add_force(command)
    add_quiet(command)
    add_engine(command)


def _hindcast(given: argparse.Namespace) -> int:
    from experiments.hindcast.run import run_hindcast

    config = Path(given.config)
    _, lines = run_hindcast(config, given.actuals, given.out, given.workers, given.force, given.quiet, given.engine)
    return said(lines)
