"""Events of people counted: contacts, the decisions that follow each, and care."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from experiments.calibrate.paths import Paths
from experiments.calibrate.seen import Seen
from experiments.calibrate.template import Cell, Template, days_in
from experiments.small_counts import few

EVENTS = ("request", "assessment", "service", "review")
"""The four kinds of event of client-level data, in the order of a pathway."""


@dataclass
class Record:
    """One event of one person."""

    person: str
    event: str
    start: datetime
    end: datetime | None
    group: str
    source: str
    outcome: tuple[str, str] | None
    care: str
    weekly: float | None
    stage: str
    arrival: bool
    held: bool
    stopped: bool


def count(seen: Seen, records: list[Record], template: Template, paths: Paths | None) -> None:
    """Requests, decisions and care. Without ``paths`` every decision has a row of its own."""
    of_person: dict[str, list[Record]] = {}
    for record in records:
        of_person.setdefault(record.person, []).append(record)
    begin = datetime.combine(seen.first, datetime.min.time())
    end = datetime.combine(seen.last, datetime.min.time()) + timedelta(days=1)
    cells = {question.name: set(question.cells) for question in template.questions.values()}
    unclear = 0
    for own in of_person.values():
        own.sort(key=lambda record: (record.start, EVENTS.index(record.event)))
        group = next((record.group for record in own if record.group), "")
        for episode in _episodes(own):
            first = episode[0]
            whose = first.group or group
            if not begin <= first.start < end:
                continue
            seen.contacts[first.source] = seen.contacts.get(first.source, 0) + 1
            seen.groups[whose] = seen.groups.get(whose, 0) + 1
            if paths is not None:
                ways, clash = _ways(episode, paths)
                unclear += clash
                for way in ways:
                    _met(seen, template, cells, way, first.source, whose)
        for record in own:
            if paths is None and record.outcome is not None and begin <= record.start < end:
                _met(seen, template, cells, record.outcome, record.source, record.group)
            if record.care:
                _care(seen, record, record.group or group, begin, end, template)
    for name, numbers in (("source", seen.contacts), ("client group", seen.groups)):
        without = numbers.pop("", 0)
        if without:
            seen.said.append(f"Requests that name no {name}: {few(without)}. They are left out where it matters.")
    if unclear:
        seen.said.append(f"Requests whose events contradict one another: {few(unclear)}. What they agree on counts.")


def _episodes(own: list[Record]) -> Iterator[list[Record]]:
    """A person's events from each request to the next."""
    starts = [index for index, record in enumerate(own) if record.arrival]
    for first, stop in pairwise([*starts, len(own)]):
        yield own[first:stop]


def _met(
    seen: Seen, template: Template, cells: dict[str, set[Cell]], way: tuple[str, str], source: str, group: str
) -> None:
    decision, branch = way
    question = template.questions.get(decision)
    if question is not None:
        cell = tuple({"source": source, "client_group": group}[name] for name in question.by)
        if cell in cells[decision]:
            seen.branches[decision, cell, branch] = seen.branches.get((decision, cell, branch), 0) + 1


def _ways(episode: list[Record], paths: Paths) -> tuple[list[tuple[str, str]], bool]:
    """The decisions that lead to what is recorded of an episode, and whether records contradict one another."""
    found: dict[str, set[str]] = {}
    for record in episode:
        ways: set[tuple[str, str]] = set()
        if record.outcome is not None:
            ways |= paths.to_branch(record.outcome)
        if record.care:
            ways |= paths.to_care(record.care)
        elif record.event == "assessment":
            ways |= paths.to_assessment()
        for decision, branch in ways:
            found.setdefault(decision, set()).add(branch)
    clash = any(len(branches) > 1 for branches in found.values())
    return [(name, min(branches)) for name, branches in found.items() if len(branches) == 1], clash


def _care(seen: Seen, record: Record, group: str, begin: datetime, end: datetime, template: Template) -> None:
    """Price and time in care of one service, as far as it lies in the period."""
    key = group, record.care
    if key not in template.care or record.start >= end or (record.end is not None and record.end < begin):
        return
    stops = record.end is not None and record.end < end and record.stopped
    out = min(record.end or end, end)
    if record.weekly is not None and record.start >= begin and not record.held:
        seen.prices.setdefault(key, []).append(record.weekly)
    if record.end is None or record.end >= end:
        seen.in_care[key] = seen.in_care.get(key, 0) + 1
    law, why_not = template.stay(*key)
    if record.start >= begin and not record.held:
        seen.lengths.setdefault(key, []).append((_days(record, out), stops))
    shape = 1.0 if law.shape is None else template.number(law.shape, template.prices)  # type: ignore[arg-type]
    if why_not or (record.held and shape != 1):
        return  # how long it had run is not known, and for this law it matters
    unit = days_in(law.unit)
    risk = (_days(record, out) / unit) ** shape - (max(_days(record, begin), 0.0) / unit) ** shape
    ends, before = seen.at_risk.get(key, (0, 0.0))
    seen.at_risk[key] = ends + stops, before + risk


def _days(record: Record, moment: datetime) -> float:
    """How long a service had run, in days."""
    return (moment - record.start).total_seconds() / 86_400
