"""How a command is added to ``run.py``, and the options that several commands share; nothing here is slow to import.

Each family of commands has a module ``options.py`` in its own package (or ``…_options.py``, where it has no package)
with a function ``add_…_options(commands)``: it adds its commands by ``add_command`` and says which function does
each. ``experiments.cli.FAMILIES`` lists those functions, in the order of the help. What a command needs to do its
work is imported inside that function, so that reading the command line waits for no table or solver; a package with
such an ``options.py`` therefore imports nothing in its ``__init__.py``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What commands are added to."""

ENGINES = ("simpy", "compiled", "auto")
"""As in ``simulation.engines``; that module is slow to import."""

MOST_WORKERS = 256


@dataclass(frozen=True)
class Orders:
    """How a command that asks an experiment is to be done: the options of ``add_own_folder``.

    Attributes:
        out: its folder; None: the usual one. going_on: the manifest of the run that was stopped in ``out``, whose
            whole batches are taken.
    """

    out: Path | None = None
    force: bool = False
    workers: int | None = None
    cluster: str | None = None
    quiet: bool = False
    going_on: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, given: argparse.Namespace) -> Orders:
        """As they were typed."""
        return cls(given.out, given.force, given.workers, given.cluster, given.quiet)


def add_command(
    commands: Commands, name: str, do: Callable[[argparse.Namespace], int], help: str, epilog: str | None = None
) -> argparse.ArgumentParser:
    """Add a command; the parser to which its options are added.

    Args:
        name: as typed. do: what does it, given the options; returns the exit code. help: its line in the help.
        epilog: what its own help ends with, line for line.
    """
    command = commands.add_parser(name, help=help, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter)
    command.set_defaults(do=do)
    return command


def said(lines: Iterable[str]) -> int:
    """Print the lines; 0, the exit code of a command that is done."""
    for line in lines:
        print(line)
    return 0


def written(text: str, out: Path | None) -> int:
    """Write a text to a file, or to the screen if there is none; 0, the exit code of a command that is done."""
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
    return 0


def whole(name: str, least: int, most: int) -> Callable[[str], int]:
    """A type of option: a whole number within limits, called by a name such as "a number of workers"."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"'{text}' is not {name}. Give a whole number from {least} to {most}.")
        return number

    return read


def day(text: str) -> date:
    """A type of option: a day as it is written on the command line, 2014-04-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date. Write it as 2014-04-01.") from None


def add_experiment_file(command: argparse.ArgumentParser) -> None:
    """Give a command ``CONFIG``, as it was typed."""
    command.add_argument("config", metavar="CONFIG", help="an experiment file")


def add_finished(command: argparse.ArgumentParser, name: str = "results", metavar: str = "DIR") -> None:
    """Give a command the folder of a finished experiment."""
    command.add_argument(name, metavar=metavar, type=Path, help="results folder of a finished experiment")


def add_out(command: argparse.ArgumentParser, help: str, metavar: str = "DIR", required: bool = False) -> None:
    """Give a command ``--out``, a path."""
    command.add_argument("--out", metavar=metavar, type=Path, help=help, required=required)


def add_force(command: argparse.ArgumentParser, replaced: str = "an existing results folder") -> None:
    """Give a command ``--force``."""
    command.add_argument("--force", action="store_true", help=f"replace {replaced}")


def add_quiet(command: argparse.ArgumentParser) -> None:
    """Give a command ``--quiet``."""
    command.add_argument("--quiet", action="store_true", help="no progress")


def add_workers(command: argparse._ActionsContainer) -> None:
    """Give a command ``--workers``."""
    read = whole("a number of workers", 1, MOST_WORKERS)
    command.add_argument("--workers", metavar="N", type=read, help="processes (default: all cores)")


def add_hands(command: argparse.ArgumentParser) -> None:
    """Give a command ``--workers`` and ``--cluster``, of which one can be given."""
    who = command.add_mutually_exclusive_group()
    add_workers(who)
    who.add_argument("--cluster", metavar="ADDRESS", help="let a Dask cluster do the work (docs/running.md)")


def add_own_folder(command: argparse.ArgumentParser, help: str) -> None:
    """Give a command that asks an experiment its folder, who does the work, ``--force`` and ``--quiet``."""
    add_out(command, help)
    add_hands(command)
    add_force(command)
    add_quiet(command)


def add_engine(command: argparse.ArgumentParser) -> None:
    """Give a command the choice of the engine."""
    command.add_argument(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="simpy to read and step through, compiled to be quick; the results are the same (default: auto, "
        "the compiled one)",
    )
