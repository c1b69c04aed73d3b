"""Commands that look at simulated people one by one, for checking a model."""

from __future__ import annotations

import argparse

from experiments.command_line import Commands, add_command, add_force, add_out, said, whole
from experiments.run_options import add_run_options, identity, options_of

MOST_PEOPLE = 1_000_000


def add_people_options(commands: Commands) -> None:
    """Add ``people``, ``person`` and ``eventlog``."""
    people = add_command(commands, "people", _people, "find simulated people, for checking a model")
    add_run_options(people)
    people.add_argument("--who", metavar="CONDITION", help="such as 'client_group=older_people funded wait>14'")
    people.add_argument(
        "--limit", metavar="N", type=whole("a number of people", 1, MOST_PEOPLE), default=20,
        help="people shown at most (default: 20)",
    )  # fmt: skip
    person = add_command(commands, "person", _person, "tell one simulated person's life, for checking a model")
    add_run_options(person)
    person.add_argument("--id", metavar="ID", type=identity, required=True, help="as printed by people")
    person.add_argument(
        "--under", metavar="MODEL", action="append", default=[], help="also under this model; may be given again"
    )
    log = add_command(commands, "eventlog", _eventlog, "write what happened to every simulated person, as CSV and XES")
    add_run_options(log)
    add_out(log, "folder for the files", required=True)
    add_force(log, "an event log that is there")


def _people(given: argparse.Namespace) -> int:
    from experiments.people_query import find_people

    return said(find_people(given.model, given.who, given.limit, options_of(given)))


def _person(given: argparse.Namespace) -> int:
    from experiments.person_story import tell

    return said(tell(given.model, given.id, given.under, options_of(given)))


def _eventlog(given: argparse.Namespace) -> int:
    from experiments.eventlog import write_eventlog

    return said(write_eventlog(given.model, options_of(given), given.out, given.force))
