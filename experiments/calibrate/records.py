"""Events of people, one a row, counted: client-level data, or the ``events.csv`` that ``run.py eventlog`` writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from experiments.calibrate.counting import EVENTS, Record, count
from experiments.calibrate.paths import Paths
from experiments.calibrate.reading import Given, plain
from experiments.calibrate.seen import Seen
from experiments.calibrate.template import Template
from experiments.sheet import RowReader
from simulation.errors import ConfigError, Problem, nearest, problem, short

CALLED = {
    "person": ("local_id", "person_id", "local_unique_identifier", "case_concept_name"),
    "event": ("event_type", "client_level_event"),
    "start": ("start_date", "event_start_date", "start_timestamp"),
    "end": ("end_date", "event_end_date", "end_timestamp"),
    "group": ("client_group", "primary_support_reason", "case_client_group"),
    "source": ("source", "route_of_access", "request_route_of_access", "case_source"),
    "outcome": ("outcome", "event_outcome", "branch"),
    "care": ("service_type", "care_type", "service_component"),
    "cost": ("unit_cost", "weekly_cost", "planned_unit_cost", "weekly_pounds"),
    "every": ("cost_frequency", "cost_frequency_unit_type", "unit_cost_frequency"),
    "stage": ("stage",),
    "kind": ("kind",),
    "held": ("held_at_start",),
    "ended": ("ended",),
}
"""What each column is for, and the headings by which it is known (in small letters, with underscores)."""

NEEDED = ("person", "event", "start")
A_WEEK = {
    "": 1.0, "weekly": 1.0, "per_week": 1.0, "week": 1.0, "daily": 7.0, "per_day": 7.0, "fortnightly": 0.5,
    "4_weekly": 0.25, "four_weekly": 0.25, "monthly": 12 * 7 / 365.25, "quarterly": 4 * 7 / 365.25,
    "annually": 7 / 365.25, "annual": 7 / 365.25, "yearly": 7 / 365.25,
}  # fmt: skip
NO_WEEKLY = ("one_off", "per_session", "hourly", "per_hour", "session")
LONG_WEEKEND = timedelta(days=4)

MOST_TOLD = 20
"""Faults that are told; a file of a hundred thousand rows may hold one in each."""

_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2})(?::\d{2})?)?")


def is_records(columns: Iterable[str]) -> bool:
    """Whether a heading is one of events of people rather than of totals."""
    names = {plain(name) for name in columns}
    return bool(names & {*CALLED["event"]}) or (bool(names & {*CALLED["person"]}) and "what" not in names)


def read_records(given: Given, template: Template, first: date | None, last: date | None) -> Seen:
    """Count the events of a file.

    Args:
        first, last: the period; None: the months that the requests cover wholly.

    Raises:
        ConfigError: with every fault, each with its line; or nothing to count.
    """
    reader = _Reader(given, template)
    records = reader.all()
    requests = [record.start.date() for record in records if record.event == "request" and record.arrival]
    if not requests:
        what = "holds no event of type Request, so contacts cannot be counted."
        raise problem(given.sheet.path, 0, what, "Give the requests of the period too.")
    said = list(reader.said)
    whole = _whole_months(given.sheet.path, requests, first is None, last is None, said)
    first, last = first or whole[0], last or whole[1]
    if first > last:
        what = f"the period ends ({last}) before it begins ({first})."
        raise problem(given.sheet.path, 0, what, "Mend --from or --to.")
    seen = Seen(first, last, by_person=True, said=said)
    count(seen, records, template, None if reader.every_decision else Paths(template.graph))
    if not seen.contacts:
        what = f"holds no request from {seen.period}."
        raise problem(given.sheet.path, 0, what, f"Its requests are of {min(requests)} to {max(requests)}.")
    return seen


def _whole_months(path: Path, days: Sequence[date], at_start: bool, at_end: bool, said: list[str]) -> tuple[date, date]:
    """The first and last day of the months that requests cover; what is left out is added to ``said``.

    Where a month's edge lies further from the first or last request than any two requests lie apart, and than a long
    weekend, the month is there in part, and its count would be taken for a whole month's.

    Args:
        at_start, at_end: whether that end of the period is asked for.

    Raises:
        ConfigError: no month is left.
    """
    there = sorted(set(days))
    apart = max([LONG_WEEKEND, *(later - day for day, later in pairwise(there))])
    first, last = there[0].replace(day=1), _month_end(there[-1])
    left_out = []
    if at_start and there[0] - first > apart:
        left_out.append(first)
        first = _month_end(first) + timedelta(days=1)
    if at_end and last - there[-1] > apart:
        last = last.replace(day=1)
        left_out.append(last)
        last -= timedelta(days=1)
    if left_out and first > last:
        what = f"holds requests from {there[0]} to {there[-1]}, which cover no month wholly."
        raise problem(path, 0, what, "Give the period that the file covers with --from and --to.")
    if left_out:
        months = " and ".join(f"{day:%B %Y}" for day in dict.fromkeys(left_out))
        said.append(f"Left out, because the file covers it in part: {months}. --from and --to set another period.")
    return first, last


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


class _Reader(RowReader):
    """Turns rows into records. What a value means is looked up once for each value, not for each row."""

    def __init__(self, given: Given, template: Template):
        super().__init__(given.sheet)
        self.sheet, self.template = given.sheet, template
        at: dict[str, int] = {}
        names = [plain(name) for name in given.sheet.columns]
        for use, known in CALLED.items():
            there = [name for name in known if name in names]
            if there:
                at[use] = names.index(there[0])
        missing = [use for use in NEEDED if use not in at]
        if missing:
            what = " and ".join(f"no column {' or '.join(CALLED[use][:2])}" for use in missing)
            mend = "Needed: local_id, event_type, start_date; see docs/your-council.md."
            if given.dropped and "person" in missing:
                gone = ", ".join(f"“{short(head)}”" for head in given.dropped)
                mend += f" What tells who people are ({gone}) was dropped: number them anew."
            raise problem(given.sheet.path, 1, f"the heading has {what}.", mend)
        self.at = at
        self.every_decision = {"stage", "kind", "outcome"} <= set(at)
        spare = [name for index, name in enumerate(given.sheet.columns) if index not in at.values() and name]
        self.said = list(given.said)
        if spare and not self.every_decision:
            self.said.append(f"Not read: {', '.join(short(name) for name in spare)}.")
        self.told: set[tuple[str, str]] = set()
        self.british = 0
        config = template.demand.config
        self.groups = _names((name, group.title) for name, group in config.client_groups.items())
        self.sources = _names((name, source.title) for name, source in config.sources.items())
        self.types = _names((kind, template.care_title(kind)) for _, kind in template.care)
        self.outcomes: dict[str, tuple[str, str]] = {}
        for question in template.questions.values():
            for branch in question.branches:
                way = question.name, branch.name
                for word in (branch.name, branch.title or branch.name):
                    self.outcomes.setdefault(plain(word), way)
                    self.outcomes[f"{question.name}/{plain(word)}"] = way

    def all(self) -> list[Record]:
        """Every record of the file."""
        records = []
        for line, cells in self.sheet.rows:
            self.line = line
            record = self._record({use: cells[index] for use, index in self.at.items()})
            if record is not None:
                records.append(record)
            if len(self.found) >= MOST_TOLD:
                what = f"Only the first {MOST_TOLD} faults are told."
                self.found.append(Problem(self.file, 0, what, "Mend them and run the command again."))
                break
        if self.found:
            raise ConfigError(self.found)
        if self.british:
            self.said.append("Dates such as 01/04/2014 were read with the day first.")
        return records

    def _record(self, row: dict[str, str]) -> Record | None:
        before = len(self.found)
        event = plain(row["event"])
        if event not in EVENTS:
            what = f"event type '{short(row['event'])}' is not known."
            self._once("event", event, what, "Use Request, Assessment, Service or Review.")
        start, end = self._moment("start", row["start"]), self._moment("end", row.get("end", ""))
        if not row["start"]:
            self.bad("start is empty.", "Give the day, such as 2014-04-01.")
        if start is not None and end is not None and end < start:
            self.bad(f"the end ({row['end'][:10]}) lies before the start ({row['start'][:10]}).", "Mend one of them.")
        if not row["person"]:
            self.bad("the person's local number is empty.", "Give any number that is the person's own in this file.")
        group = self._known("client group", row.get("group", ""), self.groups)
        source = self._known("source", row.get("source", ""), self.sources)
        kind = row.get("kind", "")
        care = ""
        if kind in ("", "package"):
            care = self._known("service type", row.get("care", ""), self.types) if event == "service" else ""
        weekly = self._weekly(row) if care else None
        outcome = self._outcome(row, event)
        if len(self.found) > before or start is None:
            return None
        arrival = event == "request" and kind in ("", "arrival")
        held = row.get("held", "") == "true"
        stopped = row.get("ended", "complete" if end else "") == "complete"
        stage = row.get("stage", "")
        return Record(
            row["person"], event, start, end, group, source, outcome, care, weekly, stage, arrival, held, stopped
        )

    def _outcome(self, row: dict[str, str], event: str) -> tuple[str, str] | None:
        text = row.get("outcome", "")
        if self.every_decision:
            return self.outcomes.get(f"{row['stage']}/{plain(text)}")
        if not text or event == "review":
            return None
        found = self.outcomes.get(plain(text)) or self.outcomes.get("/".join(plain(part) for part in text.split("/")))
        if found is None and event != "service":
            known = [name for name in self.outcomes if "/" not in name]
            what = f"outcome '{short(text)}' is no branch of the template."
            mend = f"{nearest(plain(text), known)} Or leave it empty where the template has no such branch."
            self._once("outcome", text, what, mend)
        return found

    def _weekly(self, row: dict[str, str]) -> float | None:
        if not row.get("cost"):
            return None
        every = plain(row.get("every", ""))
        if every in NO_WEEKLY:
            return None
        if every not in A_WEEK:
            what = f"cost frequency '{short(row['every'])}' is not known."
            self._once("every", every, what, f"Use: {', '.join(name for name in A_WEEK if name)}, or one_off.")
            return None
        return self.number("unit cost", row["cost"]) * A_WEEK[every]

    def _known(self, what: str, text: str, names: dict[str, str]) -> str:
        found = names.get(plain(text))
        if found is None and text:
            mend = nearest(plain(text), dict.fromkeys(names.values()))
            self._once(what, text, f"{what} '{short(text)}' is not one of the template's.", mend)
        return found or ""

    def _once(self, what: str, text: str, said: str, mend: str) -> None:
        if (what, text) not in self.told:
            self.told.add((what, text))
            self.bad(said, mend)

    def _moment(self, name: str, text: str) -> datetime | None:
        if not text:
            return None
        british = _BRITISH.fullmatch(text)
        try:
            if british:
                self.british += 1
                hour, minute = int(british[4] or 0), int(british[5] or 0)
                return datetime(int(british[3]), int(british[2]), int(british[1]), hour, minute)
            return datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            self.bad(f"{name}: '{short(text)}' is not a date.", "Write it as 2014-04-01, or day first: 01/04/2014.")
            return None


def _names(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, title in pairs:
        found.setdefault(plain(name), name)
        found.setdefault(plain(title), name)
    return found
