"""The options of ``run.py sweep``; nothing here is slow to import."""

from __future__ import annotations

import argparse

from experiments.command_line import Commands, Orders, add_command, add_experiment_file, add_own_folder, said

SWEEP = """an experiment file with sweep: says which settings take which values (docs/analyses.md), such as
  sweep:
    over:
      - {key: transfer, range: {start: 0, end: 1, steps: 5}}
      - {key: comparison.years, values: [1, 3, 5]}
    measures: [funded_package]
    pairs: 40

A sweep that was stopped goes on with: run.py resume DIR
"""


def add_sweep_options(commands: Commands) -> None:
    """Add ``sweep``."""
    command = add_command(commands, "sweep", _sweep, "repeat an experiment over a grid or list of its settings", SWEEP)
    add_experiment_file(command)
    add_own_folder(command, "folder for table, page and manifest (default: results/NAME)")


def _sweep(given: argparse.Namespace) -> int:
    from experiments.sweep.run import Request, run_sweep

    return said(run_sweep(Request(given.config), Orders.of(given)))
