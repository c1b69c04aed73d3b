"""Do two programs do the same? Counts and means of their runs, compared.

If two programs do the same, their runs come from one distribution, and Student's test with a pooled spread holds for
the mean of any measure over however few runs. There are dozens of measures, so the chances are adjusted for all of them
(Holm 1979, Scandinavian Journal of Statistics 6, 65): two programs that do the same are said to differ once in a
thousand comparisons, on whichever measure. To find nothing means little unless something could have been found, so each
measure also says how small a difference would have been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from agents.codes import Event
from benchmarks.by_hand import Row
from benchmarks.ours import MS_PER_HOUR
from simulation.tally import waits
from simulation.trace import Trace

if TYPE_CHECKING:
    from benchmarks.cases import Case

Measures = dict[str, float]

DELAY = "mean hours from contact to package"
IN_CARE = "mean people in care"


def measures_of_trace(case: Case, trace: Trace) -> Measures:
    """Rows by (stage, event, branch), mean hours waited, and mean hours from contact to package, of one of our runs."""
    pathway = case.ours.pathway
    names = np.array([event.name.lower() for event in Event])
    found: Measures = {}
    for stage, event in np.unique(np.column_stack([trace.stage, trace.event]), axis=0).tolist():
        here = (trace.stage == stage) & (trace.event == event)
        label = f"{pathway.stages[stage]} {names[event]}"
        if event == Event.BRANCH:
            row = pathway.branch_names[pathway.decision[stage]]
            for branch, count in enumerate(np.bincount(trace.value[here], minlength=len(row)).tolist()):
                found[f"{label} {row[branch]}"] = float(count)
        else:
            found[label] = float(np.count_nonzero(here))
    for name in case.waits:
        found[f"{name} mean wait"] = float(waits(trace, pathway.index(name)).mean()) / MS_PER_HOUR
    if case.delay:
        contact, start = trace.of(Event.CONTACT), trace.of(Event.PACKAGE_START)
        found[DELAY] = _delay(contact.person, contact.time, start.person, start.time) / MS_PER_HOUR
        begun = np.concatenate([trace.of(event).time for event in (Event.HELD, Event.PACKAGE_START)])
        found[IN_CARE] = _in_care(begun, trace.of(Event.PACKAGE_END).time, trace.end)
    return found


def measures_by_hand(case: Case, rows: list[Row]) -> Measures:
    """The same of the rows of a run by hand.

    Where packages are left out, everybody's time until the end of the assessment stands for that to a package.
    """
    found: Measures = {}
    joined: dict[tuple[int, str], float] = {}
    waited: dict[str, list[float]] = {name: [] for name in case.waits}
    contact: dict[int, float] = {}
    delays = []
    begun: list[float] = []
    ended: list[float] = []
    for time, who, stage, event, value in rows:
        label = f"{stage} {event} {value}" if event == "branch" else f"{stage} {event}"
        if event in ("held", "package_start"):
            begun.append(time)
        found[label] = found.get(label, 0.0) + 1
        if event == "contact":
            contact[who] = time
        elif event == "package_start" or stage == "assessed":
            delays.append(time - contact[who])
        elif event == "package_end":
            ended.append(time)
        elif stage in waited and event == "join":
            joined[who, stage] = time
        elif stage in waited and event == "start":
            waited[stage].append(time - joined[who, stage])
    for name, hours in waited.items():
        found[f"{name} mean wait"] = float(np.mean(hours))
    if case.delay:
        found[DELAY] = float(np.mean(delays))
    if case.delay and begun:
        found[IN_CARE] = _in_care(np.array(begun), np.array(ended), case.ours.hours[1])
    return found


def _in_care(begun: NDArray[Any], ended: NDArray[Any], end: float) -> float:
    """The mean number of people in care until ``end``, from when care began and ended."""
    going_on = len(begun) - len(ended)
    return float((ended.sum() + going_on * end - begun.sum()) / end)


def _delay(
    first_person: NDArray[np.int64], first: NDArray[np.int64], then_person: NDArray[np.int64], then: NDArray[np.int64]
) -> float:
    order = np.argsort(first_person)
    at = order[np.searchsorted(first_person[order], then_person)]
    return float((then - first[at]).mean())


FAMILY = 0.001
"""Chance that two programs that do the same are said to differ, all their measures together."""

SEEN = 0.9
"""A difference counts as visible if it would be found this often."""

SHARP = 0.05
"""A comparison has to be able to see this difference in every large count."""

MANY = 1_000
SAME = 1e-9


@dataclass(frozen=True)
class Agreement:
    """One measure of both programs over several runs.

    Attributes:
        ours, theirs: means. z: standard errors between them. p: the chance of as much, adjusted for all measures.
        visible: the least difference that would have been found, as a share of the other program's mean.
    """

    measure: str
    ours: float
    theirs: float
    z: float
    p: float
    visible: float

    @property
    def relative(self) -> float:
        """The difference as a share of the other program's mean."""
        return abs(self.ours - self.theirs) / max(abs(self.theirs), 1e-12)

    @property
    def is_large_count(self) -> bool:
        """Whether it counts or sums to 1,000 or more; means and small counts vary more from run to run."""
        return "mean" not in self.measure and self.theirs >= MANY

    @property
    def agrees(self) -> bool:
        """Whether the difference may be chance."""
        return self.p >= FAMILY

    @property
    def sharp(self) -> bool:
        """Whether agreement says something: of large counts, that a difference of 5% would have been found."""
        return not self.is_large_count or self.visible <= SHARP


def _measured(
    ours: Sequence[Measures], theirs: Sequence[Measures], leaves_out: frozenset[str]
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    told = {key for run in theirs for key in run}
    names = told | {key for run in ours for key in run if leaves_out.isdisjoint({key, *key.split()})}
    return {
        name: (np.array([run.get(name, 0.0) for run in ours]), np.array([run.get(name, 0.0) for run in theirs]))
        for name in sorted(names)
    }


def compared(
    ours: Sequence[Measures], theirs: Sequence[Measures], leaves_out: frozenset[str] = frozenset()
) -> list[Agreement]:
    """Every measure compared over some runs of each program; together they need at least three.

    ``leaves_out``: what the other program does not tell of: measures, or words of their names. Anything else that it
    does not tell counts as 0, and will not agree.
    """
    found = _measured(ours, theirs, leaves_out)
    freedom = len(ours) + len(theirs) - 2
    limit = float(stdtrit(freedom, 1 - FAMILY / len(found) / 2) + stdtrit(freedom, SEEN))
    rows: list[tuple[float, Agreement]] = []
    for name, (a, b) in found.items():
        squares = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
        error = float(np.sqrt(squares / freedom * (1 / len(a) + 1 / len(b))))
        apart = float(a.mean() - b.mean())
        z = apart / error if error > 0 else (0.0 if apart == 0 else float("inf"))
        visible = limit * error / max(abs(float(b.mean())), 1e-12)
        one = Agreement(name, float(a.mean()), float(b.mean()), z, 1.0, visible)
        rows.append((2 * float(stdtr(freedom, -abs(z))), one))
    rows.sort(key=lambda row: row[0])
    adjusted, least = {}, 0.0
    for before, (chance, one) in enumerate(rows):
        least = max(least, min(1.0, chance * (len(rows) - before)))
        adjusted[one.measure] = replace(one, p=least)
    return [adjusted[name] for name in found]


def identical(
    ours: Sequence[Measures], theirs: Sequence[Measures], leaves_out: frozenset[str] = frozenset()
) -> list[Agreement]:
    """The same of programs that make the same draws: every measure of every run has to be the same."""
    result = []
    for name, (a, b) in _measured(ours, theirs, leaves_out).items():
        same = bool(np.allclose(a, b, rtol=SAME, atol=0))
        z, p = (0.0, 1.0) if same else (float("inf"), 0.0)
        result.append(Agreement(name, float(a.mean()), float(b.mean()), z, p, 0.0))
    return result


def agreement(case: Case, our_runs: int, runs: int) -> list[Agreement]:
    """Every measure of our engines and the program by hand, over ``our_runs`` and ``runs`` runs.

    The compiled engine lives ours, which is quicker; the ``simpy`` engine lives the first of them again, and a measure
    on which it differs does not agree.
    """
    world = case.ours
    ours = [measures_of_trace(case, world.traced(world.people(seed), seed)) for seed in range(our_runs)]
    theirs = [measures_by_hand(case, case.by_hand(seed)) for seed in range(runs)]
    again = identical(ours[:1], [measures_of_trace(case, world.run(0))])
    wrong = {one.measure: one for one in again if not one.agrees}
    found = {one.measure: one for one in compared(ours, theirs)}
    return list((found | wrong).values())
