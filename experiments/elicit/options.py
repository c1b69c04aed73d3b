"""The options of ``run.py elicit``; nothing here is slow to import."""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.command_line import Commands, add_command, add_force, add_out, said, whole

TOP = 8
"""Inputs on a form, unless asked otherwise: about as many as an expert can think through in an hour."""

MOST_INPUTS = 1_000_000

ELICIT = """three ways to call it (docs/elicit-and-challenge.md tells more):
  elicit EXPERIMENT_OR_DIR --form FORM.csv [--top N]   write a form with blanks for three experts or more
  elicit --read FORM.csv --out DIR                     write configs in which their answers are status: elicited
  elicit --results DIR --form FORM.csv [--out DIR2]    the headline under each expert and under the most sceptical
"""


def add_elicit_options(commands: Commands) -> None:
    """Add ``elicit``."""
    command = add_command(
        commands, "elicit", _elicit, "ask experts about the assumptions that matter most, on a form", ELICIT
    )
    command.add_argument(
        "experiment", nargs="?", metavar="EXPERIMENT_OR_DIR", type=Path,
        help="an experiment file, or the folder of its results",
    )  # fmt: skip
    command.add_argument("--form", metavar="FORM.csv", type=Path, help="the form: to write, or with --results to read")
    command.add_argument(
        "--top", metavar="N", type=whole("a number of inputs", 1, MOST_INPUTS), default=TOP,
        help=f"ask about at most so many inputs (default: {TOP})",
    )  # fmt: skip
    command.add_argument("--read", metavar="FORM.csv", type=Path, help="read a filled form back into configs")
    command.add_argument("--results", metavar="DIR", type=Path, help="results folder of a finished experiment")
    add_out(command, "where configs or tables go (with --results: DIR_experts)")
    add_force(command, "what is there")


def _elicit(given: argparse.Namespace) -> int:
    from experiments.elicit.command import elicit

    return said(elicit(given))
