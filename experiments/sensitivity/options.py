"""The options of ``run.py sensitivity``; nothing here is slow to import."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from experiments.command_line import Commands, Orders, add_command, add_experiment_file, add_own_folder, said, whole

TRAJECTORIES, SAMPLES, DRAWS, REPLICATIONS, TOP = 10, 128, 400, 4, 6
"""As the literature has them for a first look: 4 to 20 ways, some hundred blocks and draws."""

FEWEST_DRAWS, MOST = 40, 100_000

SENSITIVITY = """parts, each left out with 0:
  one input at a time (always), --trajectories: all inputs screened, --samples: the leading ones measured,
  --draws: how much is inputs and how much chance, and what knowing an input would be worth

examples:
  sensitivity configs/experiments/barnet_vs_shropshire.yaml --exact
  sensitivity configs/experiments/vehicles.yaml --cost 2500000 --trajectories 4
  sensitivity configs/experiments/vehicles.yaml --route public_service_mutual.standard --against in_house.transformation
"""


def add_sensitivity_options(commands: Commands) -> None:
    """Add ``sensitivity``."""
    command = add_command(
        commands, "sensitivity", _sensitivity, "which inputs move the answer, and what knowing them is worth",
        SENSITIVITY,
    )  # fmt: skip
    add_experiment_file(command)
    command.add_argument(
        "--measure", metavar="M", action="append",
        help="such as funded_package; may be given again (default: the last year's saving, and funded packages)",
    )  # fmt: skip
    command.add_argument("--route", metavar="R", default="", help="which vehicle's route (experiments of vehicles)")
    command.add_argument(
        "--against", metavar="R2", help="value knowing for the choice between two routes, not between route and today"
    )
    command.add_argument(
        "--cost", metavar="POUNDS", type=_pounds,
        help="your own figure for what the change costs over all years (with --against: costs more than R2)",
    )  # fmt: skip
    command.add_argument(
        "--exact", action="store_true",
        help="expectations worked out without chance: quick, for comparisons, packages and savings only",
    )  # fmt: skip
    _number(command, "--trajectories", TRAJECTORIES, "random ways through all inputs", _or_none("ways", 2))
    _number(command, "--samples", SAMPLES, "blocks for the leading inputs, a power of two", _power_of_two)
    _number(command, "--draws", DRAWS, "draws of all inputs", _or_none("draws", FEWEST_DRAWS))
    _number(command, "--replications", REPLICATIONS, "replications lived at each point, the same at all",
            whole("a number of replications", 2, 10_000))  # fmt: skip
    _number(command, "--top", TOP, "how many leading inputs are measured", whole("a number of inputs", 1, 100))
    add_own_folder(command, "folder for page and tables (default: results/NAME_sensitivity)")


def _number(command: argparse.ArgumentParser, name: str, default: int, help: str, read: Callable[[str], int]) -> None:
    command.add_argument(name, metavar="N", type=read, default=default, help=f"{help} (default: {default})")


def _or_none(what: str, least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        return 0 if text.strip() == "0" else whole(f"a number of {what}", least, MOST)(text)

    return read


def _power_of_two(text: str) -> int:
    number = _or_none("blocks", 16)(text)
    if number & (number - 1):
        below = 2 ** int(math.log2(number))
        raise argparse.ArgumentTypeError(f"'{text}' is not a power of two. Give {below} or {2 * below}.")
    return number


def _pounds(text: str) -> float:
    try:
        number = float(text.replace(",", "").removeprefix("£"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"'{text}' is not an amount of pounds. Write it as 2500000.")
    return number


def _sensitivity(given: argparse.Namespace) -> int:
    from experiments.sensitivity.found import Request
    from experiments.sensitivity.run import run_sensitivity

    request = Request(
        config=given.config, measures=tuple(given.measure or ()), route=given.route, against=given.against,
        cost=given.cost, exact=given.exact, trajectories=given.trajectories, samples=given.samples, draws=given.draws,
        replications=given.replications, top=given.top,
    )  # fmt: skip
    return said(run_sensitivity(request, Orders.of(given)))
