"""The options that every command about one run of one model shares: whose contacts, when, and with which luck."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 1900, 2050
"""Years in which a run may start, as in ``experiments.checks``; that module is slow to import."""

MOST_MONTHS = 360
SEEDS = 2**32

ENGINES = ("simpy", "compiled", "auto")
"""As in ``simulation.engines``; that module is slow to import."""


@dataclass(frozen=True)
class RunOptions:
    """What one run is asked for.

    Attributes:
        demand: name or file of the contacts; None: the ones that belong to the model.
        start: first day, the first of a month. months: how long contacts come and the run goes on.
        seed, replication: which luck. engine: one of ``ENGINES``.
    """

    demand: str | None
    start: date
    months: int
    seed: int
    replication: int
    engine: str = "auto"


def _whole(name: str, least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"'{text}' is not {name}. Give a whole number from {least} to {most}.")
        return number

    return read


def _first_of_month(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date. Write it as 2014-04-01.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"'{text}' is too far away. Give a year from {FIRST_YEAR} to {LAST_YEAR}.")
    if day.day != 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not the first of a month. Write {day:%Y-%m}-01.")
    return day


def day(text: str) -> date:
    """A day as it is written on the command line: 2014-04-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date. Write it as 2014-04-01.") from None


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


def positive(text: str) -> int:
    """How many rows to print at most."""
    return _whole("a number of people", 1, 1_000_000)(text)


def add_engine_option(command: argparse.ArgumentParser) -> None:
    """Give a command the choice of the engine."""
    command.add_argument(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="simpy to read and step through, compiled to be quick; the results are the same (default: auto, "
        "the compiled one)",
    )


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
        type=_whole("a number of months", 1, MOST_MONTHS),
        default=12,
        help="how long contacts come and the run goes on (default: 12); a longer run changes nobody's past",
    )
    command.add_argument(
        "--seed", metavar="N", type=_whole("a seed", 0, SEEDS - 1), default=1, help="which luck (default: 1)"
    )
    command.add_argument(
        "--replication",
        metavar="N",
        type=_whole("a replication", 0, SEEDS - 1),
        default=0,
        help="which replication of that seed (default: 0)",
    )
    add_engine_option(command)


def options_of(arguments: argparse.Namespace) -> RunOptions:
    """The shared options as they were given."""
    given = arguments
    return RunOptions(given.demand, given.start, given.months, given.seed, given.replication, given.engine)
