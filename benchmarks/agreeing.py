"""Do two programs do the same? Counts and means of their runs, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

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


LARGEST_Z = 4.0
COUNTS_WITHIN = 0.03
MANY = 1_000


@dataclass(frozen=True)
class Agreement:
    """One measure of both programs over several runs: means, and how many standard errors lie between them."""

    measure: str
    ours: float
    theirs: float
    z: float

    @property
    def relative(self) -> float:
        """The difference as a share of the other program's mean."""
        return abs(self.ours - self.theirs) / max(abs(self.theirs), 1e-12)

    @property
    def is_large_count(self) -> bool:
        """Whether it counts rows, 1,000 or more of them; means and small counts vary more from run to run."""
        return "mean" not in self.measure and self.theirs >= MANY

    @property
    def agrees(self) -> bool:
        """Less than 4 standard errors apart, and large counts also within 3%."""
        return abs(self.z) < LARGEST_Z and (not self.is_large_count or self.relative < COUNTS_WITHIN)


def compared(
    ours: Sequence[Measures], theirs: Sequence[Measures], leaves_out: frozenset[str] = frozenset()
) -> list[Agreement]:
    """Every measure compared over some runs of each program.

    ``leaves_out``: what the other program does not tell of: measures, or words of their names. Anything else that it
    does not tell counts as 0, and will not agree.
    """
    told = {key for run in theirs for key in run}
    result = []
    for name in sorted(told | {key for run in ours for key in run if leaves_out.isdisjoint({key, *key.split()})}):
        a, b = (np.array([run.get(name, 0.0) for run in some]) for some in (ours, theirs))
        error = float(np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))
        apart = float(a.mean() - b.mean())
        z = apart / error if error > 0 else (0.0 if apart == 0 else float("inf"))
        result.append(Agreement(name, float(a.mean()), float(b.mean()), z))
    return result


def agreement(case: Case, runs: int) -> list[Agreement]:
    """Every measure of our ``simpy`` engine and the program by hand, over ``runs`` runs of each."""
    ours = [measures_of_trace(case, case.ours.run(seed)) for seed in range(runs)]
    theirs = [measures_by_hand(case, case.by_hand(seed)) for seed in range(runs)]
    return compared(ours, theirs)
