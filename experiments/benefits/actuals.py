"""The file of what came of a plan, by quarter: read row by row, every fault told with its line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from experiments.benefits.plan import Plan
from experiments.benefits.tables import ALL
from experiments.quarters import Quarter, read_quarter
from experiments.sheet import RowReader, Sheet, read_sheet
from simulation.errors import nearest, short

NEEDED = ("quarter", "benefit", "avoided")
OPTIONAL = ("scheme", "low", "high", "source")


@dataclass(frozen=True)
class Realised:
    """How many were avoided in a quarter; below nought where there were more than before.

    ``scheme``: ``all`` where the figure is not split. ``low``, ``high``: within which the true figure lies.
    """

    line: int
    quarter: Quarter
    benefit: str
    scheme: str
    avoided: float
    low: float
    high: float
    source: str


def read_realised(path: Path, plan: Plan) -> list[Realised]:
    """All rows of the file.

    Raises:
        ConfigError: with every fault.
    """
    sheet = read_sheet(path, NEEDED, OPTIONAL, "2014/15 Q1,emergency_admission,120")
    reader = _Reader(sheet, plan)
    return reader.every(reader.row)


class _Reader(RowReader):
    """Turns cells into a ``Realised`` that the plan has an expectation for."""

    def __init__(self, sheet: Sheet, plan: Plan):
        super().__init__(sheet)
        self.plan = plan
        self.period_of = {title: name for name, title in plan.periods.items()}
        self.seen: dict[tuple[Quarter, str, str], int] = {}

    def row(self, line: int, cells: list[str]) -> Realised | None:
        """The row, or None where something is wrong with it."""
        before = len(self.found)
        given = self.cells(line, cells)
        if given is None:
            return None
        quarter = self._quarter(given.get("quarter", ""))
        benefit, scheme = given.get("benefit", ""), given.get("scheme", "") or ALL
        self._names(quarter, benefit, scheme)
        avoided = self.number("avoided", given.get("avoided", ""), -math.inf)
        low, high = self.span(given, "avoided", avoided, -math.inf)
        if len(self.found) == before:
            assert quarter is not None
            self._possible(quarter, benefit, scheme, avoided)
        if len(self.found) > before or quarter is None:
            return None
        return Realised(line, quarter, benefit, scheme, avoided, low, high, " ".join(given.get("source", "").split()))

    def _quarter(self, text: str) -> Quarter | None:
        quarter = read_quarter(text)
        if isinstance(quarter, tuple):
            self.bad(*quarter)
            return None
        if quarter.year_name not in self.period_of:
            covered = ", ".join(self.period_of)
            self.bad(f"{quarter} is outside the plan, which covers {covered}.", "Leave the row out, or mend it.")
            return None
        return quarter

    def _names(self, quarter: Quarter | None, benefit: str, scheme: str) -> None:
        if benefit not in self.plan.benefits:
            what = f"there is no benefit '{short(benefit)}'." if benefit else "benefit is empty."
            self.bad(what, nearest(benefit, self.plan.benefits, "Known benefits"))
            return
        if scheme not in (ALL, *self.plan.schemes):
            self.bad(f"there is no scheme '{short(scheme)}'.", nearest(scheme, self.plan.schemes, "Known schemes"))
            return
        if quarter is None:
            return
        period = self.period_of[quarter.year_name]
        lines = [line for line in self.plan.lines if (line.period, line.benefit) == (period, benefit)]
        with_it = list(dict.fromkeys(line.scheme for line in lines))
        if not lines or scheme not in (ALL, *with_it):
            what = f"the plan claims no {benefit} for {scheme} in {quarter.year_name}."
            self.bad(what, f"Leave the row out; schemes that claim it: {', '.join(with_it) or 'none'}.")

    def _possible(self, quarter: Quarter, benefit: str, scheme: str, avoided: float) -> None:
        there = self.plan.benefits[benefit].before
        if there is not None and avoided > there:
            what = f"avoided is {avoided:g}, more than the {there:,g} there were in a whole year before the plan."
            self.bad(what, "Give the change in the number, not the number itself.")
        key = (quarter, benefit, scheme)
        if key in self.seen:
            what = f"{benefit} of {quarter} stands in line {self.seen[key]} already."
            self.bad(what, "Keep one of the two.")
        both = [at for (q, b, s), at in self.seen.items() if (q, b) == key[:2] and (s == ALL) != (scheme == ALL)]
        if both:
            what = f"{benefit} of {quarter} is given for all schemes and for single ones (line {both[0]})."
            self.bad(what, "Keep one of the two, or it would count twice.")
        self.seen.setdefault(key, self.line)
