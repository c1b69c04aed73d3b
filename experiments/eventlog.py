"""``run.py eventlog``: what happened to every simulated person, for process mining and for comparison with returns.

Three files: ``events.csv`` holds an activity a row, with its start and its end; ``raw_events.csv`` and ``events.xes``
hold every event by itself. docs/eventlog.md describes the columns.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from agents.codes import Event
from experiments.activities import Activity, Life, life_of
from experiments.recorded_as import REQUEST, recorded_as
from experiments.run_options import RunOptions, name_of_person
from experiments.single import Row, Single, run_single
from experiments.xes import Value, XesWriter
from simulation.errors import DemandflowError, shown
from simulation.schema.stages import Decision

CASE = ("client_group", "source", "age_band", "can_travel", "informal_support", "means")
EVENT_COLUMNS = (
    "case:concept:name", "concept:name", "concept:instance", "time:timestamp", "lifecycle:transition", "org:resource",
    "org:group", "client_level_event", "event", "stage", "kind", "branch", "need_goes", "site", "left", "weekly_pounds",
    "client_pays_pounds",
)  # fmt: skip
ACTIVITY_COLUMNS = (
    "case:concept:name", "concept:name", "concept:instance", "asked_timestamp", "start_timestamp", "end_timestamp",
    "ended", "ended_by", "org:resource", "org:group", "client_level_event", "event", "stage", "kind", "branch",
    "need_goes", "site", "care_type", "held_at_start", "weekly_pounds", "client_pays_pounds",
)  # fmt: skip
FILES = ("events.csv", "raw_events.csv", "events.xes")

TRANSITIONS = {
    Event.JOIN: "schedule",
    Event.BOOKED: "assign",
    Event.REVIEW: "schedule",
    Event.START: "start",
    Event.PACKAGE_START: "start",
    Event.HELD: "start",
    Event.MISSED: "withdraw",
    Event.OVERFLOW: "withdraw",
    Event.WITHDRAWN: "withdraw",
}
"""Lifecycle transition of each event; the others are complete."""

_STARTS = (Event.PACKAGE_START, Event.HELD, Event.START)
_PRICES = (Event.WEEKLY, Event.PAYS)

Record = dict[str, Value]


def pounds(pence: int | None) -> Value:
    """Pounds with pence, '' where no price is known."""
    return "" if pence is None or pence < 0 else pence / 100


class Describer:
    """Puts rows and activities of one run into columns."""

    def __init__(self, run: Single):
        self.run = run
        self.midnight = datetime(run.calendar.start.year, run.calendar.start.month, run.calendar.start.day)
        recorded = recorded_as(run.graph)
        self.stages = [self._stage(number, recorded) for number in range(len(run.nodes))]

    def _stage(self, number: int, recorded: dict[str, str]) -> Record:
        node = self.run.nodes[number]
        name = getattr(node.stage, "team", None) or getattr(node.stage, "owner", None)
        team = node.loaded.config.teams[name].title if name is not None else ""
        return {
            "concept:name": node.title,
            "org:resource": team,
            "org:group": team,
            "client_level_event": recorded.get(node.name, REQUEST),
            "stage": node.name,
            "kind": node.stage.kind,
            "care_type": getattr(node.stage, "care_type", None) or "",
        }

    def moment(self, tick: int | None) -> str:
        """ISO 8601 with offset: days have 24 hours, there is no summer time. '' where there is none."""
        if tick is None:
            return ""
        return (self.midnight + timedelta(milliseconds=tick)).isoformat(timespec="milliseconds") + "+00:00"

    def case(self, person: int) -> Record:
        """Who a person is."""
        place = self.run.places[person]
        known: Record = {name: self.run.attribute(place, name) for name in CASE}
        known["held_at_start"] = bool(self.run.people.held[place] >= 0)
        return known

    def branch(self, stage: int, event: Event, value: int) -> str:
        """The title of the branch that a decision took."""
        decision = self.run.nodes[stage].stage
        if event is not Event.BRANCH or not isinstance(decision, Decision):
            return ""
        taken = decision.branches[value]
        return taken.title or taken.name

    def site(self, stage: int, site: int) -> str:
        """Where an appointment is."""
        slots = getattr(self.run.nodes[stage].stage, "slots", None)
        return sorted(slots)[site] if isinstance(slots, dict) and 0 <= site < len(slots) else ""

    def raw(self, life: Life) -> Iterator[Record]:
        """A person's events; a price that follows the start of care stands in the same record."""
        instances = {id(activity): number for number, activity in enumerate(life.activities, 1)}
        held: Record | None = None
        before: Row | None = None
        for row, activity in zip(life.rows, life.of_row, strict=True):
            tick, stage, number, value = row
            event = Event(number)
            if event in _PRICES and held is not None and before is not None:
                starts = before[0] == tick and before[1] == stage and Event(before[2]) in (*_STARTS, *_PRICES)
                if starts or event is Event.PAYS:
                    held["weekly_pounds" if event is Event.WEEKLY else "client_pays_pounds"] = pounds(value)
                    before = row
                    continue
            if held is not None:
                yield held
            held = {**self.stages[stage], **self._of_row(tick, stage, event, value)}
            held["case:concept:name"] = name_of_person(life.person)
            held["concept:instance"] = str(instances[id(activity)])
            if event is Event.BOOKED and activity.first is Event.BOOKED:
                held["lifecycle:transition"] = "schedule"  # booked again after a miss: a new instance begins
            before = row
        if held is not None:
            yield held

    def _of_row(self, tick: int, stage: int, event: Event, value: int) -> Record:
        record: Record = {
            "time:timestamp": self.moment(tick),
            "lifecycle:transition": TRANSITIONS.get(event, "complete"),
            "event": event.name.lower(),
            "branch": self.branch(stage, event, value),
            "need_goes": getattr(self.run.nodes[stage].stage, "need", "") if event is Event.OUTCOME else "",
            "site": self.site(stage, value) if event is Event.BOOKED else "",
            "left": self.run.nodes[value].name if event is Event.HAZARD else "",
        }
        if event is Event.WEEKLY:
            record["weekly_pounds"] = pounds(value)
        return record

    def activity(self, number: int, activity: Activity, life: Life) -> Record:
        """One activity with its start and its end."""
        stage, first = activity.stage, activity.first
        ended_by = self.run.nodes[activity.cut_by].name if activity.cut_by >= 0 else ""
        price = activity.prices[0] if activity.prices else (0, None, None)
        return {
            **self.stages[stage],
            "case:concept:name": name_of_person(life.person),
            "concept:instance": str(number),
            "asked_timestamp": self.moment(activity.asked),
            "start_timestamp": self.moment(activity.start),
            "end_timestamp": self.moment(activity.end),
            "ended": activity.ended,
            "ended_by": ended_by,
            "event": first.name.lower(),
            "branch": self.branch(stage, first, activity.value),
            "need_goes": getattr(self.run.nodes[stage].stage, "need", "") if first is Event.OUTCOME else "",
            "site": self.site(stage, activity.site),
            "held_at_start": activity.held,
            "weekly_pounds": pounds(price[1]),
            "client_pays_pounds": pounds(price[2]),
        }


def write_eventlog(model: str, options: RunOptions, out: Path, force: bool = False) -> list[str]:
    """Run one replication and write its three files.

    Returns:
        What was written, in sentences.

    Raises:
        DemandflowError: no such model or contacts, or the folder already holds a log. OSError: it cannot be written.
    """
    _check(out, force)
    run = run_single(model, options)
    out.mkdir(parents=True, exist_ok=True)
    with _whole(out / FILES[0]) as paired, _whole(out / FILES[1]) as raw, _whole(out / FILES[2]) as xes:
        counts = _write(run, options, paired, raw, xes)
    first, last = run.calendar.start, run.calendar.day_of(run.end - 1)
    return [
        f"{run.model.config.title}, with {run.demand.config.title[:1].lower()}{run.demand.config.title[1:]}.",
        f"From {first:%-d %B %Y} to {last:%-d %B %Y}, seed {options.seed}, replication {options.replication}.",
        f"{counts[0]:,} simulated people, {counts[1]:,} activities, {counts[2]:,} events.",
        "What is not over on the last day has no end. These are simulated people, not records of anybody.",
        f"{shown(out / FILES[0])}: an activity a row, with its start and end",
        f"{shown(out / FILES[1])}: every event, in XES columns",
        f"{shown(out / FILES[2])}: the same as XES",
    ]


def _check(out: Path, force: bool) -> None:
    """What can be known before the run: whether the folder may be written, and holds nothing that would be lost."""
    if out.exists() and not out.is_dir():
        raise DemandflowError(f"{shown(out)} is a file, not a folder. Choose another place with --out.")
    if out.exists() and not os.access(out, os.W_OK | os.X_OK):
        raise DemandflowError(f"{shown(out)} may not be written. Change its permissions or choose another with --out.")
    there = [name for name in FILES if (out / name).exists()]
    if there and not force:
        raise DemandflowError(
            f"{shown(out)} already holds {', '.join(there)}. Choose another folder with --out, or replace with --force."
        )


def _write(run: Single, options: RunOptions, paired: TextIO, raw: TextIO, xes: TextIO) -> tuple[int, int, int]:
    describe = Describer(run)
    cases = tuple(f"case:{name}" for name in (*CASE, "held_at_start"))
    activity_rows, event_rows = csv.writer(paired, lineterminator="\n"), csv.writer(raw, lineterminator="\n")
    activity_rows.writerow((*ACTIVITY_COLUMNS, *cases))
    event_rows.writerow((*EVENT_COLUMNS, *cases))
    log = _log(run, options)
    unknown: Record = dict.fromkeys(("concept:name", *CASE), "")
    every: Record = {
        "concept:name": "", "concept:instance": "", "time:timestamp": describe.moment(0),
        "lifecycle:transition": "complete", "client_level_event": REQUEST, "event": "", "stage": "", "kind": "",
    }  # fmt: skip
    keys = {"Activity": ["concept:name"], "Activity_and_transition": ["concept:name", "lifecycle:transition"],
            "Client_level_event": ["client_level_event"]}  # fmt: skip
    writer = XesWriter(xes, log, {**unknown, "held_at_start": False}, every, keys)
    people = activities = events = 0
    for person, rows in run.lives():
        life, case = life_of(person, rows), describe.case(person)
        who = tuple(_cell(value) for value in case.values())
        records = list(describe.raw(life))
        writer.trace({"concept:name": name_of_person(person), **case}, (_known(record, every) for record in records))
        event_rows.writerows((*(_cell(record.get(key, "")) for key in EVENT_COLUMNS), *who) for record in records)
        for number, activity in enumerate(life.activities, 1):
            record = describe.activity(number, activity, life)
            activity_rows.writerow((*(_cell(record[key]) for key in ACTIVITY_COLUMNS), *who))
        people, activities, events = people + 1, activities + len(life.activities), events + len(records)
    writer.close()
    return people, activities, events


def _log(run: Single, options: RunOptions) -> Record:
    return {
        "concept:name": run.model.config.title,
        "lifecycle:model": "standard",
        "model": run.model.ref,
        "demand": run.demand.ref,
        "pathway": run.pathway.content_hash(),
        "seed": options.seed,
        "replication": options.replication,
        "note": "Simulated people, not records of anybody. Days have 24 hours: there is no summer time.",
    }


def _cell(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(record: Record, every: Record) -> Record:
    """An event's attributes in the order of the columns, without those that say nothing."""
    keys = [key for key in EVENT_COLUMNS if key != "case:concept:name"]
    return {key: record[key] for key in keys if key in every or record.get(key, "") != ""}


@contextmanager
def _whole(target: Path) -> Iterator[TextIO]:
    """A file that appears under its name when all of it is written, or not at all."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-", suffix=target.suffix)
    part = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        os.chmod(part, 0o644)
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


__all__ = ["ACTIVITY_COLUMNS", "CASE", "EVENT_COLUMNS", "FILES", "Describer", "write_eventlog"]
