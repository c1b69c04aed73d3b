"""Every experiment proves itself: part of each run again on the other engine, row for row.

The two engines share the pathway's arrays, the list of who comes in, opening windows and slots, the generator and the
look-up of durations; how people live through the stages is written twice, so a fault of one shows as a difference.
Where results are summed without a trace, the sums are compared with the trace too. docs/outputs.md says what the
manifest tells of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.codes import Event
from experiments.crew import Crew
from experiments.replicate import AnyJob
from experiments.run_options import name_of_person
from experiments.store import Folder
from experiments.tasks import Task
from simulation import engines
from simulation.calendar import Calendar
from simulation.errors import DemandflowError, shown
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.trace import COLUMNS, Trace

REPLICATION = 0
"""Which replication is run again."""

MOST_PEOPLE = 20_000
"""Of a larger population every k-th person is taken."""

MOST_SECONDS = 20.0
"""What the slower engine may take for one pathway; with more rows than that fewer people are taken."""

SECONDS_A_ROW = 2e-5
"""What a row costs the ``simpy`` engine, rounded up; only an estimate, so that coverage is the same everywhere."""

AGREED, DIFFERED, NOT_CHECKED, UNDER_WAY = "agreed", "differed", "not checked", "not finished"

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Verdict:
    """What came of one pathway.

    Attributes:
        run, pathway: which; ``pathway`` is '' where the run has but one.
        people_in_all: of the replication. every: each so manieth of them was taken. people: who were taken.
        rows: of the trace. seconds: by engine. why: the first difference, or why nothing was checked.
        row: the first row that differs, counted from 1; 0 where none does. traces: by engine, where they differ.
    """

    run: str
    pathway: str
    verdict: str
    people_in_all: int
    every: int
    people: int
    rows: int
    seconds: dict[str, float]
    row: int = 0
    why: str = ""
    traces: dict[str, Trace] = field(default_factory=dict, repr=False)

    def told(self) -> dict[str, Any]:
        """As the manifest has it."""
        found: dict[str, Any] = {"run": self.run, "pathway": self.pathway, "verdict": self.verdict}
        found |= {"people_in_all": self.people_in_all, "every": self.every, "people": self.people, "rows": self.rows}
        found["share_of_people"] = round(self.people / self.people_in_all, 6) if self.people_in_all else 1.0
        found["seconds"] = {name: round(seconds, 3) for name, seconds in self.seconds.items()}
        if self.row:
            found["first_row_that_differs"] = self.row
        return found | ({"why": self.why} if self.why else {})


def scaled(pathway: Pathway, every: int) -> Pathway:
    """The pathway with the capacity that one person in ``every`` would find: teams, places and people a slot.

    Where there was somebody, somebody stays.
    """
    if every == 1:
        return pathway

    def less(number: Ints) -> Ints:
        return np.where(number > 0, np.maximum(1, (number + every // 2) // every), number)

    roster, slots = pathway.team_roster.copy(), pathway.slots.copy()
    roster[..., 1], slots[..., 2] = less(roster[..., 1]), less(slots[..., 2])
    return replace(pathway, team_size=less(pathway.team_size), team_roster=roster, slots=slots)


def part_of(people: Population, every: int) -> Population:
    """Every ``every``-th person in order of contact, beginning with the first; people in care at the start too."""
    keep = np.zeros(people.size, dtype=bool)
    keep[::every] = True
    return people.subset(keep)


def first_difference(one: Trace, other: Trace) -> int | None:
    """The place of the first row that is not the same, from 0; None if there is none."""
    size = min(one.rows, other.rows)
    differs = np.zeros(size, dtype=bool)
    for name in COLUMNS:
        differs |= getattr(one, name)[:size] != getattr(other, name)[:size]
    if differs.any():
        return int(differs.argmax())
    return None if one.rows == other.rows and one.end == other.end else size


def in_words(trace: Trace, row: int, pathway: Pathway, calendar: Calendar) -> str:
    """A row as people read it: when, where, what, who."""
    if row >= trace.rows:
        return f"nothing more until {_moment(trace.end, calendar)}"
    when, person, stage, event, value = (int(getattr(trace, name)[row]) for name in COLUMNS)
    known = {int(one): one.name.lower().replace("_", " ") for one in Event}
    what = known.get(event, f"event {event}")  # a faulty engine may write anything
    where = pathway.stages[stage] if 0 <= stage < len(pathway.stages) else str(stage)
    return f"{_moment(when, calendar)}, stage {where}, {what} ({value}), {name_of_person(person)}"


def _moment(tick: int, calendar: Calendar) -> str:
    start = datetime(calendar.start.year, calendar.start.month, calendar.start.day)
    return (start + timedelta(milliseconds=tick)).isoformat(" ", "milliseconds")


def check(job: AnyJob, number: int) -> Verdict:
    """Run one of a job's pathways on both engines and compare the traces.

    Raises:
        DemandflowError: the run passes a limit of the job's own engine.
    """
    name, pathway = job.pathways[number]
    mine, other = engines.resolved(job.engine), engines.other(job.engine)
    everybody = job.maker.make(job.seed, REPLICATION)
    every = max(1, -(-everybody.size // MOST_PEOPLE))
    seconds: dict[str, float] = {}

    def on(engine: str, every: int) -> Trace:
        begun = time.perf_counter()
        people = part_of(everybody, every)
        try:
            return engines.run(engine, scaled(pathway, every), people, job.calendar, job.end, job.seed, REPLICATION)
        finally:
            seconds[engine] = seconds.get(engine, 0.0) + time.perf_counter() - begun

    def verdict(verdict: str, rows: int = 0, **more: Any) -> Verdict:
        people = 0 if verdict == NOT_CHECKED else -(-everybody.size // every)
        return Verdict(job.key, name, verdict, everybody.size, every, people, rows, seconds, **more)

    traces: dict[str, Trace] = {}
    # The quicker engine goes first: it says how long the other would take.
    for engine in (engines.COMPILED, engines.SIMPY):
        try:
            traces[engine] = on(engine, every)
            if engine == engines.COMPILED:
                fewer = enough(every, traces[engine].rows)
                if fewer > every:
                    every = fewer
                    traces[engine] = on(engine, every)
        except DemandflowError as error:
            if engine == mine:
                raise
            return verdict(NOT_CHECKED, why=f"the {other} engine says: {error}")
    one, two = traces[mine], traces[other]
    at = first_difference(one, two)
    if at is None:
        if job.sums_agree(scaled(pathway, every), part_of(everybody, every), one, REPLICATION):
            return verdict(AGREED, one.rows)
        why = "the traces are the same, but the sums that the compiled engine makes as it goes are not what they say."
        return verdict(DIFFERED, one.rows, why=why, traces=traces)
    says = [
        f"the {engine} engine has {in_words(traces[engine], at, pathway, job.calendar)}" for engine in (mine, other)
    ]
    why = f"row {at + 1:,}: {'; '.join(says)}."
    return verdict(DIFFERED, one.rows, row=at + 1, why=why, traces=traces)


def enough(every: int, rows: int) -> int:
    """Each how manieth person to take, where each ``every``-th gave so many rows."""
    return max(every, int(np.ceil(every * rows * SECONDS_A_ROW / MOST_SECONDS)))


class SelfCheck:
    """The check of all runs of an experiment, done by the crew beside its other work.

    Attributes:
        record: what the manifest tells, always up to date.
    """

    def __init__(self, folder: Folder, crew: Crew, jobs: list[AnyJob]):
        self.folder, self.crew, self.jobs = folder, crew, {job.key: job for job in jobs}
        self.verdicts: dict[Task, Verdict | None] = {
            crew.begin(check, job.key, number): None for job in jobs for number in range(len(job.pathways))
        }
        engine = engines.resolved(jobs[0].engine)
        self.record: dict[str, Any] = {
            "verdict": UNDER_WAY,
            "engine": engine,
            "checked_on": engines.other(engine),
            "replication": REPLICATION,
            "most_people": MOST_PEOPLE,
            "most_seconds_each": MOST_SECONDS,
        }

    @property
    def seconds(self) -> float:
        """How long the checks took, beside the other work."""
        return sum(sum(found.seconds.values()) for found in self.verdicts.values() if found is not None)

    def look(self) -> None:
        """Take note of the checks that are done; with one worker, do them.

        Raises:
            DemandflowError: the engines differ, or a run passes a limit.
        """
        self._note([task for task, found in self.verdicts.items() if found is None and self.crew.ready(task)])

    def finish(self) -> None:
        """Wait for all of them.

        Raises:
            DemandflowError: the engines differ, or a run passes a limit.
        """
        self._note([task for task, found in self.verdicts.items() if found is None])

    def _note(self, tasks: list[Task]) -> None:
        for task in tasks:
            found = self._result(task)
            self.verdicts[task] = found
            self._sum_up()
            if found.verdict == DIFFERED:
                self._stop(found)

    def _result(self, task: Task) -> Verdict:
        try:
            found: Verdict = self.crew.result(task)
        except MemoryError:  # the run itself may need less: it keeps no trace
            job = self.jobs[str(task.key)]
            name = job.pathways[task.arguments[0]][0]
            return Verdict(job.key, name, NOT_CHECKED, 0, 1, 0, 0, {}, why="there was not enough memory.")
        return found

    def _sum_up(self) -> None:
        done = [found for found in self.verdicts.values() if found is not None]
        kinds = {found.verdict for found in done}
        worst = DIFFERED if DIFFERED in kinds else UNDER_WAY if len(done) < len(self.verdicts) else None
        self.record["verdict"] = worst or (NOT_CHECKED if NOT_CHECKED in kinds else AGREED)
        agreed = [found for found in done if found.verdict == AGREED]
        self.record["rows"] = sum(found.rows for found in agreed)
        self.record["people"] = sum(found.people for found in agreed)
        self.record["people_in_all"] = sum(found.people_in_all for found in done)
        self.record["seconds"] = round(self.seconds, 2)
        self.record["runs"] = [found.told() for found in done]

    def _stop(self, found: Verdict) -> None:
        """Keep both traces and say what differs first."""
        pathway = dict(self.jobs[found.run].pathways)[found.pathway]
        (self.folder.path / "agreement").mkdir(exist_ok=True)
        name = "-".join(filter(None, (found.run, found.pathway))).replace("/", "-").replace(" ", "-")
        for engine, trace in found.traces.items():
            frame = trace.frame(pathway)
            self.folder.write(f"agreement/{name}-{engine}.parquet", partial(frame.to_parquet, index=False))
        of = ", ".join(filter(None, (found.run, found.pathway)))
        raise DemandflowError(
            f"the two engines do not agree, so nothing of this run can be trusted. {of}, replication {REPLICATION}, "
            f"{found.why} Both traces are kept in {shown(self.folder.path / 'agreement')}. Please report it with them."
        )


__all__ = ["SelfCheck", "Verdict", "check", "first_difference", "in_words", "part_of", "scaled"]
