"""What can be read from a service's tallies, by name: ``in_care/older/care_home`` and the like (docs/outputs.md).

A name is read once, into a function of a tally and a year; a name that cannot be read is a sentence with its mend.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulation.calendar import MS_PER_DAY
from simulation.census import MONEY, STAY_DAYS
from simulation.errors import nearest
from simulation.ledger import HOUR_PARTS, LEDGER
from simulation.pathway import Pathway
from simulation.sequels import ENABLEMENT, REVIEWS
from simulation.service_axes import Mask, ServiceAxes
from simulation.service_tally import CONTACTS, ServiceTally
from simulation.tally import MEASURES
from simulation.workload import SINCE_CONTACT, WAIT

MS_PER_HOUR = 3_600_000

Read = Callable[[ServiceTally, int], float]
"""The value of a measure in the year of that number."""

SPENT = ("gross", "contributions", "recovered", "net")
WAITED = ("seen", "mean_days", "median_days", "p90_days", "within_14_days", "within_28_days")
STAYED = ("median_days", "over_1_year", "over_3_years")
FAMILIES = {
    **{name: f"{name} or {name}/GROUPS" for name in (*MEASURES, *CONTACTS[1:])},
    "branch": "branch/STAGE/BRANCH",
    "in_care": "in_care/GROUPS/CARE",
    "started": "started/GROUPS/CARE",
    "weeks": "weeks/GROUPS/CARE",
    **{name: f"{name}/GROUPS/CARE" for name in SPENT},
    "admissions": "admissions/GROUPS",
    "around_enablement": "around_enablement/WHAT or around_enablement/WHAT/GROUPS",
    "reviews": "reviews/WHAT or reviews/WHAT/FORK",
    "ledger": "ledger/ROW or ledger/ROW/GROUPS",
    "ledger_hours": "ledger_hours/ROW or ledger_hours/ROW/GROUPS",
    "wait": "wait/STAGE/WHAT",
    "since_contact": "since_contact/MEASURE/WHAT",
    "hours": "hours/TEAM",
    "hours_available": "hours_available/TEAM",
    "present": "present/STAGE",
    "stay": "stay/GROUPS/CARE/WHAT",
}
"""Each family of measures and how it is written."""


class CannotRead(ValueError):
    """A name that means nothing here: what is wrong, and the mend."""

    def __init__(self, what: str, mend: str):
        super().__init__(what)
        self.what, self.mend = what, mend


def _pick(name: str, known: Sequence[str], what: str) -> int:
    if name not in known:
        raise CannotRead(f"there is no {what} '{name}'.", nearest(name, known))
    return list(known).index(name)


@dataclass(frozen=True)
class Measures:
    """Reads names of measures of one service.

    ``available`` is practitioner time on the roster by team and month, see ``workload.available``.
    """

    axes: ServiceAxes
    pathway: Pathway
    available: np.ndarray[tuple[int, ...], np.dtype[np.int64]]

    def named(self, name: str) -> Read:
        """The reader of a measure.

        Raises:
            CannotRead: a name that means nothing.
        """
        head, *rest = name.split("/")
        if head not in FAMILIES:
            raise CannotRead(f"there is no measure '{head}'.", nearest(head, FAMILIES))
        if head in (*MEASURES, *CONTACTS[1:]):
            return self._count(head, self._rest(name, rest, 0, 1))
        reader = getattr(self, f"_{'spent' if head in SPENT else head}")
        result: Read = reader(head, rest, name)
        return result

    def _rest(self, name: str, rest: list[str], least: int, most: int) -> list[str]:
        if not least <= len(rest) <= most:
            raise CannotRead(f"'{name}' is not complete or says too much.", f"Write {FAMILIES[name.split('/')[0]]}.")
        return rest

    def groups(self, text: str) -> Mask:
        """Client groups named by ``all``, a group, a set, or several with + between.

        Raises:
            CannotRead: an unknown name.
        """
        return self._members(text, self.axes.groups, self.axes.group_sets, "client group or set of groups")

    def care(self, text: str) -> Mask:
        """Care types named by ``all``, a type, a set, or several with + between.

        Raises:
            CannotRead: an unknown name.
        """
        return self._members(text, self.axes.care_types, self.axes.care_sets, "care type or set of care")

    @staticmethod
    def _members(text: str, names: Sequence[str], sets: Mapping[str, Sequence[bool]], what: str) -> Mask:
        found = np.zeros(len(names), dtype=bool)
        for name in text.split("+"):
            if name == "all":
                found[:] = True
            elif name in sets:
                found |= np.array(sets[name], dtype=bool)
            else:
                found[_pick(name, [*names, *sets], what)] = True
        return found

    def _count(self, head: str, rest: list[str]) -> Read:
        groups = self.groups(rest[0] if rest else "all")
        if head in MEASURES:
            at = MEASURES.index(head)
            return lambda t, y: int(t.events[at, y, groups].sum())
        of = CONTACTS.index(head)
        return lambda t, y: int(t.contacts[of, y, groups].sum())

    def _branch(self, head: str, rest: list[str], name: str) -> Read:
        stage, branch = self._rest(name, rest, 2, 2)
        decisions = [s for i, s in enumerate(self.axes.stages) if self.pathway.decision[i] >= 0]
        _pick(stage, decisions, "decision")
        row = int(self.pathway.decision[self.axes.stages.index(stage)])
        at = _pick(branch, self.pathway.branch_names[row], "branch")
        return lambda t, y: int(t.branch[row, at, y])

    def _in_care(self, head: str, rest: list[str], name: str) -> Read:
        of, kind = self._rest(name, rest, 2, 2)
        groups, sets = self.groups(of), list(self.axes.care_sets)
        ends = np.searchsorted(self.axes.month_ticks, self.axes.year_ticks[1:]).tolist()
        members = self.care(kind)
        rows = [i for i, member in enumerate(members) if member]
        if kind in sets:  # people in a named set are counted once
            rows = [len(self.axes.care_types) + sets.index(kind)]
        return lambda t, y: int(t.in_care[rows, ends[y]][:, groups].sum())

    def _started(self, head: str, rest: list[str], name: str) -> Read:
        of, kind = self._rest(name, rest, 2, 2)
        groups, care = self.groups(of), self.care(kind)
        return lambda t, y: int(t.started[care, y][:, groups].sum())

    def _money(self, row: str, rest: list[str], name: str) -> Read:
        of, kind = self._rest(name, rest, 2, 2)
        groups, care, at = self.groups(of), self.care(kind), MONEY.index(row)
        return lambda t, y: int(t.money[at][care, y][:, groups].sum())

    def _weeks(self, head: str, rest: list[str], name: str) -> Read:
        days = self._money("days", rest, name)
        return lambda t, y: days(t, y) / 7

    def _spent(self, head: str, rest: list[str], name: str) -> Read:
        gross, pays, back = (self._money(row, rest, name) for row in ("gross", "pays", "recovered"))
        if head == "gross":
            return lambda t, y: gross(t, y) / 700
        if head == "contributions":
            return lambda t, y: pays(t, y) / 700
        if head == "recovered":
            return lambda t, y: back(t, y) / 700_000
        return lambda t, y: (1000 * (int(gross(t, y)) - int(pays(t, y))) - int(back(t, y))) / 700_000

    def _admissions(self, head: str, rest: list[str], name: str) -> Read:
        groups = self.groups(self._rest(name, rest, 1, 1)[0])
        return lambda t, y: int(t.admissions[y, groups].sum())

    def _around_enablement(self, head: str, rest: list[str], name: str) -> Read:
        what, *of = self._rest(name, rest, 1, 2)
        at, groups = _pick(what, ENABLEMENT, "count of enablement"), self.groups(of[0] if of else "all")
        return lambda t, y: int(t.enablement[at, y, groups].sum())

    def _reviews(self, head: str, rest: list[str], name: str) -> Read:
        what, *of = self._rest(name, rest, 1, 2)
        at = _pick(what, REVIEWS, "count of reviews")
        forks = [_pick(of[0], self.axes.forks, "review")] if of else list(range(len(self.axes.forks)))
        return lambda t, y: int(t.reviews[forks, y, at].sum())

    def _ledger(self, head: str, rest: list[str], name: str) -> Read:
        row, *of = self._rest(name, rest, 1, 2)
        at, groups = _pick(row, LEDGER, "row of the ledger"), self.groups(of[0] if of else "all")
        return lambda t, y: int(t.ledger[0, at, y, groups].sum())

    def _ledger_hours(self, head: str, rest: list[str], name: str) -> Read:
        row, *of = self._rest(name, rest, 1, 2)
        at, groups = _pick(row, LEDGER, "row of the ledger"), self.groups(of[0] if of else "all")
        return lambda t, y: int(t.ledger[1, at, y, groups].sum()) / HOUR_PARTS

    def _wait(self, head: str, rest: list[str], name: str) -> Read:
        stage, what = self._rest(name, rest, 2, 2)
        at, column = _pick(stage, self.axes.stages, "stage"), _pick(what, WAITED, "description of waits")
        return lambda t, y: waited(t.waits[at, y].tolist(), column)

    def _since_contact(self, head: str, rest: list[str], name: str) -> Read:
        measure, what = self._rest(name, rest, 2, 2)
        at, column = _pick(measure, SINCE_CONTACT, "measure timed from the contact"), _pick(what, WAITED, "description")
        return lambda t, y: waited(t.since_contact[at, y].tolist(), column)

    def _months(self, year: int) -> slice:
        first, stop = np.searchsorted(self.axes.month_ticks, self.axes.year_ticks[year : year + 2]).tolist()
        return slice(first, stop)

    def _hours(self, head: str, rest: list[str], name: str) -> Read:
        team = _pick(self._rest(name, rest, 1, 1)[0], self.axes.teams, "team")
        return lambda t, y: int(t.hours[team, self._months(y)].sum()) / MS_PER_HOUR

    def _hours_available(self, head: str, rest: list[str], name: str) -> Read:
        team = _pick(self._rest(name, rest, 1, 1)[0], self.axes.teams, "team")
        there = self.available[team]
        return lambda t, y: math.nan if there[0] < 0 else int(there[self._months(y)].sum()) / MS_PER_HOUR

    def _present(self, head: str, rest: list[str], name: str) -> Read:
        stage = _pick(self._rest(name, rest, 1, 1)[0], self.axes.stages, "stage")
        ends = np.searchsorted(self.axes.month_ticks, self.axes.year_ticks[1:]).tolist()
        return lambda t, y: int(t.present[0, stage, ends[y]])

    def _stay(self, head: str, rest: list[str], name: str) -> Read:
        of, kind, what = self._rest(name, rest, 3, 3)
        groups, care, column = self.groups(of), self.care(kind), _pick(what, STAYED, "description of stays")

        def read(t: ServiceTally, y: int) -> float:
            return stayed(t.stays[:, care][:, :, groups].sum(axis=(1, 2)), column)

        return read


def waited(row: Iterable[int], column: int) -> float:
    """One entry of WAITED from a row of WAIT; shares of those seen, and days."""
    found = dict(zip(WAIT, row, strict=True))
    seen = found["seen"]
    if column == 0 or not seen:
        return seen if column == 0 else math.nan
    if column == 1:
        return found["total"] / seen / MS_PER_DAY
    if column in (2, 3):
        return found[("median", "p90")[column - 2]] / MS_PER_DAY
    return found[WAITED[column]] / seen


def stayed(counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]], column: int) -> float:
    """One entry of STAYED from counts of stays that ended and that still ran, by steps of ten days: Kaplan and Meier.

    ``counts`` has shape (2, steps). The median is NaN where fewer than half have ended by the last step.
    """
    ended, running = counts
    at_risk = np.cumsum((ended + running)[::-1])[::-1]
    left = np.cumprod(1.0 - np.divide(ended, at_risk, out=np.zeros(len(ended)), where=at_risk > 0))
    if column:
        step = (365, 1096)[column - 1] // STAY_DAYS
        share = float(left[step - 1])
        return share if at_risk[step] or share == 0 else math.nan
    below = np.flatnonzero(left <= 0.5)
    if not len(below):
        return math.nan
    step = int(below[0])
    before = float(left[step - 1]) if step else 1.0
    return STAY_DAYS * (step + (before - 0.5) / (before - float(left[step])))
