"""The options that every command about one run of one model shares: whose contacts, when, and with which luck."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date

from experiments.command_line import add_engine, day, whole

FIRST_YEAR, LAST_YEAR = 1900, 2050
"""Years in which a run may start, as in ``experiments.checks``; that module is slow to import."""

MOST_MONTHS = 360
SEEDS = 2**32


@dataclass(frozen=True)
class RunOptions:
    """What one run is asked for.

    Attributes:
        demand: name or file of the contacts; None: the ones that belong to the model.
        start: first day, the first of a month. months: how long contacts come and the run goes on.
        seed, replication: which luck. engine: one of ``simulation.engines.CHOICES``.
    """

    demand: str | None
    start: date
    months: int
    seed: int
    replication: int
    engine: str = "auto"


def _first_of_month(text: str) -> date:
    first = day(text)
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"'{text}' is too far away. Give a year from {FIRST_YEAR} to {LAST_YEAR}.")
    if first.day != 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not the first of a month. Write {first:%Y-%m}-01.")
    return first


def identity(text: str) -> int:
    """A person's number as ``people`` prints it: P and digits, or the digits alone."""
    digits = text.strip().upper().removeprefix("P")
    if not digits.isascii() or not digits.isdigit() or int(digits) >= 2**64:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a person's number. Copy one from `run.py people`, such as P1234567890123456789."
        )
    return int(digits)


def name_of_person(person: int) -> str:
    """The identity as it is printed. The letter keeps spreadsheets from rounding it."""
    return f"P{person % 2**64}"


def add_run_options(command: argparse.ArgumentParser) -> None:
    """Give a command the shared options."""
    command.add_argument("model", metavar="MODEL", help="a model file, or the name of a shipped one")
    command.add_argument(
        "--demand", metavar="NAME", help="whose contacts (default: those named like the model, or in its uses:)"
    )
    command.add_argument(
        "--start",
        metavar="DATE",
        type=_first_of_month,
        default=date(2014, 4, 1),
        help="first day; 2014-04-01 if left out",
    )
    command.add_argument(
        "--months",
        metavar="N",
        type=whole("a number of months", 1, MOST_MONTHS),
        default=12,
        help="how long contacts come and the run goes on (default: 12); a longer run changes nobody's past",
    )
    command.add_argument(
        "--seed", metavar="N", type=whole("a seed", 0, SEEDS - 1), default=1, help="which luck (default: 1)"
    )
    command.add_argument(
        "--replication",
        metavar="N",
        type=whole("a replication", 0, SEEDS - 1),
        default=0,
        help="which replication of that seed (default: 0)",
    )
    add_engine(command)


def options_of(arguments: argparse.Namespace) -> RunOptions:
    """The shared options as they were given."""
    given = arguments
    return RunOptions(given.demand, given.start, given.months, given.seed, given.replication, given.engine)
