"""The options of ``run.py staffing``; nothing here is slow to import."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from experiments.command_line import Commands, Orders, add_command, add_experiment_file, add_own_folder, said, whole

REPLICATIONS = 40
SHARE, PROBABILITY = 0.9, 0.9
FEWEST, MOST = 10, 10_000
MOST_YEARS = 10
BY = ("constant", "quarter", "month")

STAFFING = """what can be asked:
  staffing configs/experiments/vehicles.yaml                 the target state, everybody served in the new way
  staffing configs/experiments/barnet_baseline.yaml --model barnet_staffed --standard needs_assessment=28

A standard is kept in a replication if the share --share of people is seen in time; it has to be kept in the share
--probability of replications. Exit code 0: it can be kept; 1: not with any number of practitioners.
"""


def _between(name: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0.0 < value < 1.0:
            raise argparse.ArgumentTypeError(f"'{text}' is not {name}. Give a number above 0 and below 1, such as 0.9.")
        return value

    return read


def add_staffing_options(commands: Commands) -> None:
    """Add ``staffing``."""
    command = add_command(
        commands, "staffing", _staffing, "the fewest practitioners that keep the standards of waiting", STAFFING
    )
    add_experiment_file(command)
    command.add_argument("--model", metavar="NAME", help="another model in place of the experiment's (service: only)")
    command.add_argument(
        "--standard", metavar="PLACE=DAYS", action="append", default=[],
        help="days within which people are to be seen: hub_appointment, home_visit, enablement or full_assessment from "
        "the contact on, a stage from joining its queue on (default: hub_appointment=14 and home_visit=28)",
    )  # fmt: skip
    command.add_argument(
        "--team", metavar="NAME", action="append", default=[],
        help="a team to staff (default: every team whose number the model limits)",
    )  # fmt: skip
    command.add_argument(
        "--share", metavar="S", type=_between("a share of people"), default=SHARE,
        help=f"share of people to be seen in time (default: {SHARE})",
    )  # fmt: skip
    command.add_argument(
        "--probability", metavar="P", type=_between("a probability"), default=PROBABILITY,
        help=f"with which the standards are to be kept (default: {PROBABILITY})",
    )  # fmt: skip
    command.add_argument("--by", choices=BY, default=BY[0], help="how often a roster may change (default: constant)")
    command.add_argument(
        "--years", metavar="N", type=whole("a number of years", 1, MOST_YEARS), default=1,
        help="years that count, from the experiment's start on (default: 1)",
    )  # fmt: skip
    command.add_argument(
        "--replications", metavar="N", type=whole("a number of replications", FEWEST, MOST), default=REPLICATIONS,
        help=f"with which each roster is tried (default: {REPLICATIONS})",
    )  # fmt: skip
    add_own_folder(command, "folder for page and tables (default: results/NAME_staffing)")


def _staffing(given: argparse.Namespace) -> int:
    from experiments.staffing.run import Request, run_staffing

    request = Request(
        given.config, given.model, tuple(given.standard), tuple(given.team), given.share, given.probability, given.by,
        given.years, given.replications,
    )  # fmt: skip
    code, lines = run_staffing(request, Orders.of(given))
    said(lines)
    return code
