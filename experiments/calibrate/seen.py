"""What a council's file says, however it was written: counts, prices and stays of one period."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from experiments.calibrate.template import Cell, Question, Template

Care = tuple[str, str]
"""Client group and type of care."""


@dataclass
class Seen:
    """Counts of one period, from its first day to its last.

    Attributes:
        by_person: from events of people, so that what has no row did not happen.
        contacts, groups: contacts by source and by client group.
        branches: people by decision, cell and branch; the cell () holds everybody where they are not told apart.
        prices: weekly pounds, one a package; means: a mean of them that came alone.
        at_risk: ended stays, and the time at risk of ending (see ``estimates.stay``): from events in the unit of the
            template's law, to the power of its shape; from totals in days.
        lengths: days in care and whether it ended, of care that began in the period.
        in_care: people in care on the last day. said: what was done with the file, in sentences.
    """

    first: date
    last: date
    by_person: bool = False
    contacts: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    branches: dict[tuple[str, Cell, str], int] = field(default_factory=dict)
    prices: dict[Care, list[float]] = field(default_factory=dict)
    means: dict[Care, float] = field(default_factory=dict)
    at_risk: dict[Care, tuple[int, float]] = field(default_factory=dict)
    lengths: dict[Care, list[tuple[float, bool]]] = field(default_factory=dict)
    in_care: dict[Care, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def days(self) -> int:
        """Days of the period."""
        return (self.last - self.first + timedelta(days=1)).days

    @property
    def period(self) -> str:
        """In words: ``1 April 2014 to 31 March 2015``."""
        return f"{self.first:%-d %B %Y} to {self.last:%-d %B %Y}"

    def cells_of(self, question: Question) -> list[Cell]:
        """Cells of a decision of which something is known."""
        return [
            cell
            for cell in dict.fromkeys(((), *question.cells))
            if any((question.name, cell, branch.name) in self.branches for branch in question.branches)
        ]

    def count(self, question: Question, cell: Cell) -> dict[str, int]:
        """People by branch of a decision in a cell; () adds up all cells where it is not given itself."""
        names = [branch.name for branch in question.branches]
        own = {b: self.branches[question.name, cell, b] for b in names if (question.name, cell, b) in self.branches}
        if own or cell:
            return own
        sums: dict[str, int] = {}
        for part in question.cells:
            inside = self.count(question, part) if part else {}
            if len(inside) < len(names):
                return {}
            for name, number in inside.items():
                sums[name] = sums.get(name, 0) + number
        return sums

    def arrived(self, template: Template, question: Question, cell: Cell) -> int | None:
        """How many came to a decision by what leads to it; None where the file does not say."""
        if question.fed_by is None:
            return None
        total = 0
        for decision, name in question.fed_by:
            number = self._came(template, decision, name, question.by if cell else (), cell)
            if number is None:
                return None
            total += number
        return total

    def _came(self, template: Template, decision: str, name: str, by: tuple[str, ...], cell: Cell) -> int | None:
        if not decision:
            if by == ("source",):
                return self.contacts.get(name) if cell == (name,) else 0
            return self.contacts.get(name) if not by else None
        before = template.questions.get(decision)
        if before is None or (by and before.by != by):
            return None
        return self.count(before, cell).get(name)
