"""Totals of a year, one a row: the form that ``--template`` writes, read back and held together."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO

from experiments.calibrate.reading import Given
from experiments.calibrate.seen import Seen
from experiments.calibrate.template import Cell, Question, Template
from experiments.sheet import RowReader
from simulation.errors import ConfigError, nearest, problem, short
from simulation.schema.stages import Branch

COLUMNS = ("what", "value", "period", "note")
YEAR = "2014/15"
_FINANCIAL = re.compile(r"(\d{4})[/-](\d{2}|\d{4})")
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:to|/|–)\s*(\d{4}-\d{2}-\d{2})")

Key = tuple[str, ...] | tuple[str, str, Cell, str]


def asked(template: Template) -> Iterator[tuple[str, Key, str]]:
    """Name, key and explanation of every figure that the form asks for."""
    for source in template.sources:
        title = template.title_of("source", source)
        yield (
            f"contacts/{source}",
            ("contacts", source),
            f"Contacts from: {title}. Repeat contacts count.",
        )
    for group in template.groups:
        title = template.title_of("client_group", group)
        yield f"contacts_by_group/{group}", ("group", group), f"Of all contacts, those of: {title}."
    for question in template.questions.values():
        for cell in question.cells:
            for branch in question.branches:
                yield (
                    _branch_name(question, cell, branch.name),
                    ("branch", question.name, cell, branch.name),
                    _explained(template, question, cell, branch),
                )
    for group, kind in template.care:
        who = f"{template.care_title(kind)}, {template.title_of('client_group', group)}"
        yield (
            f"weekly_cost/{group}/{kind}",
            ("cost", group, kind),
            f"Mean gross weekly cost, pounds: {who}.",
        )
        if not template.stay(group, kind)[1]:
            for moment, words in (
                ("start", "People in care on the first day of the period"),
                ("ended", "Stays in care that ended in the period"),
                ("end", "People in care on the last day of the period"),
            ):
                yield f"in_care_{moment}/{group}/{kind}", ("care", moment, group, kind), f"{words}: {who}."
    for group, kind in template.held:
        if template.stay(group, kind)[1] if (group, kind) in template.care else True:
            yield (
                f"in_care_end/{group}/{kind}",
                ("care", "end", group, kind),
                (f"People in care on the last day of the period: {kind}, {template.title_of('client_group', group)}."),
            )


def _branch_name(question: Question, cell: Cell, branch: str) -> str:
    return "/".join((question.name, branch, *cell))


def _explained(template: Template, question: Question, cell: Cell, branch: Branch) -> str:
    who = ", ".join(template.title_of(name, value) for name, value in zip(question.by, cell, strict=True))
    kinds = " and ".join({"source": "source", "client_group": "client group"}[name] for name in question.by)
    pooled = (
        f" Not known by {kinds}? Give one row {question.name}/{branch.name} for everybody instead, and so throughout."
    )
    went = f"{question.title}: people who went on to “{branch.title or branch.name}”"
    return f"{went}, of: {who}.{pooled}" if cell else f"{went}."


def form(template: Template) -> str:
    """The form as CSV: a row for each figure, with an empty value."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for what, _, note in asked(template):
        writer.writerow((what, "", YEAR, note))
    return out.getvalue()


def read_aggregate(given: Given, template: Template) -> Seen:
    """The figures of a form; a row without a value says that it is not known.

    Raises:
        ConfigError: with every fault, each with its line.
    """
    sheet = given.sheet
    missing = [name for name in COLUMNS[:3] if name not in sheet.columns]
    if missing:
        what = f"the heading has no column {' and no column '.join(f'“{name}”' for name in missing)}."
        raise problem(
            sheet.path, 1, what, f"Needed: {', '.join(COLUMNS[:3])}; possible: note. --template writes a form."
        )
    reader = _Reader(given, template)
    for line, cells in sheet.rows:
        reader.row(line, cells)
    if reader.found:
        raise ConfigError(reader.found)
    if reader.period is None:
        raise problem(sheet.path, 0, "no row has a value.", "Fill in the figures you know, and leave the others empty.")
    return reader.seen(template)


class _Reader(RowReader):
    """Turns rows into figures by key, and says where they do not fit together."""

    def __init__(self, given: Given, template: Template):
        super().__init__(given.sheet)
        self.known: dict[str, Key] = {}
        for what, key, _ in asked(template):
            self.known[what] = key
        self.listed = list(self.known)
        for question in template.questions.values():
            for branch in question.branches:
                self.known.setdefault(f"{question.name}/{branch.name}", ("branch", question.name, (), branch.name))
        self.figures: dict[Key, float] = {}
        self.lines: dict[Key, int] = {}
        self.period: tuple[date, date] | None = None

    def row(self, line: int, cells: list[str]) -> None:
        """Take in one row."""
        row = self.cells(line, cells)
        if row is None:
            return
        what = row.get("what", "")
        key = self.known.get(what)
        if key is None:
            self.bad(f"there is no figure “{short(what)}”.", nearest(what, self.listed, "Known figures"))
            return
        if not row.get("value"):
            return
        if key in self.lines:
            self.bad(f"{what} stands in line {self.lines[key]} already.", "Keep one of the two.")
            return
        number = self.number("value", row["value"])
        if key[0] != "cost" and math.isfinite(number) and number != int(number):
            self.bad(f"{what} is {short(row['value'])}, and this is a count.", "Give a whole number.")
        self.lines[key] = line
        self.figures[key] = number
        period = _period(row.get("period", ""))
        if period is None:
            what = f"period: '{short(row.get('period', ''))}' is not a period."
            self.bad(what, f"Write a financial year, such as {YEAR}, or days, such as 2014-10-01 to 2014-12-31.")
        elif key[0] != "cost":
            if self.period is not None and period != self.period:
                self.bad("this count is of another period than those above.", "Give all counts of one period.")
            self.period = self.period or period
        elif self.period is None:
            self.period = period

    def seen(self, template: Template) -> Seen:
        """All figures together.

        Raises:
            ConfigError: figures that do not fit.
        """
        assert self.period is not None
        seen = Seen(*self.period)
        care: dict[tuple[str, str], dict[str, int]] = {}
        for key, number in self.figures.items():
            match key:
                case ("contacts", str(name)):
                    seen.contacts[name] = int(number)
                case ("group", str(name)):
                    seen.groups[name] = int(number)
                case ("branch", str(name), tuple(cell), str(branch)):
                    seen.branches[name, cell, branch] = int(number)
                case ("cost", str(group), str(kind)):
                    seen.means[group, kind] = number
                case ("care", str(moment), str(group), str(kind)):
                    care.setdefault((group, kind), {})[moment] = int(number)
        for pair, known in care.items():
            if "end" in known:
                seen.in_care[pair] = known["end"]
            if len(known) == 3:
                seen.at_risk[pair] = known["ended"], (known["start"] + known["end"]) / 2 * seen.days
        self._fit(template, seen)
        if self.found:
            raise ConfigError(self.found)
        return seen

    def _fit(self, template: Template, seen: Seen) -> None:
        total = sum(seen.contacts.values())
        if len(seen.contacts) == len(template.sources) and sum(seen.groups.values()) > total:
            self._at(("group", next(iter(seen.groups))))
            self.bad(
                f"contacts by group come to {sum(seen.groups.values()):,} and contacts by source to {total:,}.",
                "Count the same contacts in both.",
            )
        for question in template.questions.values():
            cells = seen.cells_of(question)
            if () in cells and len(cells) > 1 and question.by:
                self._at(next(key for key in self.lines if key[:3] == ("branch", question.name, ())))
                self.bad(f"{question.name} is given for everybody and for some.", "Keep one of the two.")
                continue
            for cell in cells:
                self._fits(template, seen, question, cell)
            if cells and cells != [()]:
                self._fits(template, seen, question, (), complete=False)

    def _fits(self, template: Template, seen: Seen, question: Question, cell: Cell, complete: bool = True) -> None:
        """Whether those who left a decision came to it; where one branch is not given, it is what the others leave."""
        counts, came = seen.count(question, cell), seen.arrived(template, question, cell)
        if came is None or not counts:
            return
        gone = sum(counts.values())
        who = f" ({', '.join(cell)})" if cell else ""
        if gone > came:
            names = " + ".join(f"{name} {number:,}" for name, number in counts.items())
            keys = [key for key in self.lines if key[0] == "branch" and key[1] == question.name]
            self._at(next((key for key in keys if key[2] == cell), keys[0]))
            what = f"{question.name}{who}: {names} is more than the {came:,} who came to it."
            self.bad(what, "Count the same people and the same period all the way.")
            return
        without = [branch.name for branch in question.branches if branch.name not in counts]
        if complete and len(without) == 1:
            seen.branches[question.name, cell, without[0]] = came - gone
            seen.said.append(
                f"{_branch_name(question, cell, without[0])} was not given: what the others leave was taken."
            )

    def _at(self, key: Key) -> None:
        self.line = self.lines[key]


def _period(text: str) -> tuple[date, date] | None:
    days = _DAYS.fullmatch(text.strip())
    year = _FINANCIAL.fullmatch(text.strip())
    try:
        if days:
            first, last = (date.fromisoformat(day) for day in days.groups())
            return (first, last) if first <= last else None
        if year:
            start = int(year[1])
            if int(year[2]) % 100 == (start + 1) % 100:
                return date(start, 4, 1), date(start + 1, 3, 31)
    except ValueError:
        pass
    return None
