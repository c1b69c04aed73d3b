"""The options of ``run.py sensitivity``; nothing here is slow to import."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from experiments.command_line import Commands, Orders, add_command, add_experiment_file, add_own_folder, said, whole

USUAL = {"trajectories": 10, "samples": 128, "draws": 400, "replications": 4, "groups": 0}
"""As the literature has them for a first look: 4 to 20 ways, some hundred blocks and draws."""

BRIEF = {"trajectories": 4, "samples": 64, "draws": 240, "replications": 3, "groups": 24}
"""For experiments with very many inputs whose points take seconds."""

TOP, KEEP = 6, 40

FEWEST_DRAWS, MOST = 40, 100_000

SENSITIVITY = """parts, each left out with 0:
  one input at a time (always), --trajectories: all inputs screened, --samples: the leading ones measured,
  --draws: how much is inputs and how much chance, and what knowing an input would be worth

--brief is short for --groups 24 --trajectories 4 --samples 64 --draws 240 --replications 3, each of which may be given
besides. How long it will take is said before it begins; stopped, it goes on with run.py resume DIR.

examples:
  sensitivity configs/experiments/barnet_vs_shropshire.yaml --exact
  sensitivity configs/experiments/vehicles.yaml --brief
  sensitivity configs/experiments/vehicles.yaml --brief --cost 2500000
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
    command.add_argument("--brief", action="store_true", help="for large experiments: fewer points, groups first")
    _number(command, "--trajectories", "random ways through all inputs", _or_none("ways", 2))
    _number(command, "--samples", "blocks for the leading inputs, a power of two", _power_of_two)
    _number(command, "--draws", "draws of all inputs", _or_none("draws", FEWEST_DRAWS))
    _number(command, "--replications", "replications lived at each point, the same at all",
            whole("a number of replications", 2, 10_000))  # fmt: skip
    _number(command, "--groups", "screen inputs in so many groups first, at least one a file, 0 for none",
            _or_none("groups", 2))  # fmt: skip
    command.add_argument("--keep", metavar="N", type=whole("a number of inputs", 1, 1000), default=KEEP,
                         help=f"with --groups: how many are then looked at one by one (default: {KEEP})")  # fmt: skip
    command.add_argument("--top", metavar="N", type=whole("a number of inputs", 1, 100), default=TOP,
                         help=f"how many leading inputs are measured (default: {TOP})")  # fmt: skip
    add_own_folder(command, "folder for page and tables (default: results/NAME_sensitivity)")


def _number(command: argparse.ArgumentParser, name: str, help: str, read: Callable[[str], int]) -> None:
    usual, brief = (numbers[name.lstrip("-")] for numbers in (USUAL, BRIEF))
    command.add_argument(name, metavar="N", type=read, help=f"{help} (default: {usual}, with --brief {brief})")


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

    numbers = {
        name: number if getattr(given, name) is None else getattr(given, name)
        for name, number in (BRIEF if given.brief else USUAL).items()
    }
    request = Request(
        config=given.config, measures=tuple(given.measure or ()), route=given.route, against=given.against,
        cost=given.cost, exact=given.exact, top=given.top, keep=given.keep, **numbers,
    )  # fmt: skip
    return said(run_sensitivity(request, Orders.of(given)))
