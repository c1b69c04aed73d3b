"""The options of ``run.py elicit``; nothing here is slow to import."""

from __future__ import annotations

import argparse

from experiments.run_options import positive

TOP = 8
"""Inputs on a form, unless asked otherwise: about as many as an expert can think through in an hour."""

ELICIT = """three ways to call it (docs/elicit-and-challenge.md tells more):
  elicit EXPERIMENT_OR_DIR --form FORM.csv [--top N]   write a form with blanks for three experts or more
  elicit --read FORM.csv --out DIR                     write configs in which their answers are status: elicited
  elicit --results DIR --form FORM.csv [--out DIR2]    the headline under each expert and under the most sceptical
"""


def add_elicit_options(command: argparse.ArgumentParser) -> None:
    """Give ``elicit`` its options."""
    command.add_argument(
        "experiment", nargs="?", metavar="EXPERIMENT_OR_DIR", help="an experiment file, or the folder of its results"
    )
    command.add_argument("--form", metavar="FORM.csv", help="the form: to write, or with --results to read")
    command.add_argument(
        "--top", metavar="N", type=positive, default=TOP, help=f"ask about at most so many inputs (default: {TOP})"
    )
    command.add_argument("--read", metavar="FORM.csv", help="read a filled form back into configs")
    command.add_argument("--results", metavar="DIR", help="results folder of a finished experiment")
    command.add_argument("--out", metavar="DIR", help="where configs or tables go (with --results: DIR_experts)")
    command.add_argument("--force", action="store_true", help="replace what is there")
