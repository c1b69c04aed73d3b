"""The options of ``run.py goal``; nothing here is slow to import."""

from __future__ import annotations

import argparse

from experiments.command_line import Commands, Orders, add_command, add_experiment_file, add_own_folder, said, whole

REPLICATIONS = 40
"""Replications at each value, unless asked otherwise: as many as an experiment needs before a range is told."""

FEWEST, MOST = 8, 100_000

GOAL = """what can be asked:
  goal EXPERIMENT --target "demand_savings_2019_20 >= 3.843e6 with probability 0.9" --vary transfer
  goal EXPERIMENT --target "funded_package_2019_20 <= -300 on average" --vary transfer --vary harrow_fall
  goal EXPERIMENT --break-even demand_savings_2019_20 --vary social_workers=30:45
  goal EXPERIMENT --break-even demand_savings_2019_20 --vary all

A probability is over inputs and chance: each replication has its own drawn inputs. Write 'chance alone' behind it to
hold all inputs at their central values. Exit code 0: it can be met; 1: not within the range searched.
"""


def add_goal_options(commands: Commands) -> None:
    """Add ``goal``."""
    command = add_command(commands, "goal", _goal, "what would have to be true for a target to be met", GOAL)
    add_experiment_file(command)
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--target", metavar="TEXT", help="such as 'MEASURE >= NUMBER with probability 0.9'")
    what.add_argument("--break-even", metavar="MEASURE", help="where this measure turns its sign")
    command.add_argument(
        "--vary", metavar="INPUT[=LOW:HIGH]", action="append", required=True,
        help="what is searched over: an input, 'transfer' (the share of the gap that is closed) or 'all'; twice: a "
        "line in two inputs",
    )  # fmt: skip
    command.add_argument("--route", metavar="NAME", default="", help="which vehicle's route (experiments of vehicles)")
    number = whole("a number of replications", FEWEST, MOST)
    command.add_argument(
        "--pairs", metavar="N", type=number, default=REPLICATIONS,
        help=f"replications at each value where inputs are central (default: {REPLICATIONS})",
    )  # fmt: skip
    command.add_argument(
        "--draws", metavar="N", type=number, default=REPLICATIONS,
        help=f"replications at each value where each has drawn inputs (default: {REPLICATIONS})",
    )  # fmt: skip
    add_own_folder(command, "folder for page and tables (default: results/NAME_goal)")


def _goal(given: argparse.Namespace) -> int:
    from experiments.goal.run import Request, run_goal

    code, lines = run_goal(
        Request(given.config, given.target, given.break_even, tuple(given.vary), given.route, given.pairs, given.draws),
        Orders.of(given),
    )  # fmt: skip
    said(lines)
    return code
