"""The work of one replication, and the processes that share it.

A replication's result depends on its number alone, never on which process made it or in what order.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import connection
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.signals import ctrl_c_later, leave_to_parent, undisturbed
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.composition import adopters, compose, lives_apart
from simulation.ledger import LedgerShares, ledger
from simulation.pathway import Pathway
from simulation.population import Population, PopulationMaker
from simulation.service_axes import service_axes
from simulation.spells import care_of, lives, spells
from simulation.tally import Axes, Tally, tally
from simulation.trace import Trace


@dataclass(frozen=True)
class Job:
    """What one replication of a run needs; plain enough to be sent to another process.

    Attributes:
        nobody: the pathway (of a comparison: at transfer 0). everybody: at transfer 1, None outside comparisons.
        scenarios: (name, transfer, pathway) of each transfer of a comparison.
        keeps: who keeps the baseline's path, attribute to values.
        shares: where the need of people without a package goes; None where the population does not say.
    """

    key: str
    maker: PopulationMaker
    calendar: Calendar
    follow_up_days: int
    seed: int
    axes: Axes
    nobody: Pathway
    everybody: Pathway | None
    scenarios: tuple[tuple[str, float, Pathway], ...]
    keeps: Mapping[str, list[str]]
    shares: LedgerShares | None = None

    @property
    def end(self) -> int:
        """Tick at which the run stops."""
        return self.calendar.end + self.follow_up_days * MS_PER_DAY

    def outcome(self, replication: int) -> Outcome:
        """One replication: the same whoever runs it."""
        return replicate(self, replication)


@dataclass(frozen=True)
class Outcome:
    """What a replication counted: a tally by scenario ('' for a model on its own contacts), and its size."""

    key: str
    replication: int
    tallies: dict[str, Tally]
    people: int
    rows: int


def _run(job: Job, pathway: Pathway, people: Population, replication: int) -> Trace:
    from simulation import engine_simpy  # only what runs needs Mesa; checking a file does not

    return engine_simpy.run(pathway, people, job.calendar, job.end, job.seed, replication)


def _keepers(job: Job, people: Population) -> NDArray[np.bool_]:
    keep = np.zeros(people.size, dtype=bool)
    for name, values in job.keeps.items():
        codes = [job.maker.space[name].index(value) for value in values]
        keep |= np.isin(people.codes[name], codes)
    return keep


def _ledger(job: Job, trace: Trace, pathway: Pathway, people: Population, replication: int) -> NDArray[np.int64]:
    """Where the need of people without a package went, by year and client group."""
    assert job.shares is not None
    names = service_axes(pathway, job.axes.groups, job.calendar, 0, {}, {})
    seen = lives(trace, pathway, people, names.counted_sources)
    return ledger(seen, spells(seen), care_of(trace, pathway, seen.who)[0], job.shares, names, job.seed, replication)


def replicate(job: Job, replication: int) -> Outcome:
    """One replication of a run: the same people under every scenario."""
    people = job.maker.make(job.seed, replication)
    first = _run(job, job.nobody, people, replication)

    def counted(trace: Trace, pathway: Pathway) -> Tally:
        found = tally(trace, pathway, people, job.axes, job.calendar)
        return found if job.shares is None else replace(found, ledger=_ledger(job, trace, pathway, people, replication))

    if job.everybody is None:
        return Outcome(job.key, replication, {"": counted(first, job.nobody)}, people.size, first.rows)
    apart = lives_apart(job.nobody) and lives_apart(job.everybody)
    whole = _run(job, job.everybody, people, replication)
    tallies: dict[str, Tally] = {"": counted(first, job.nobody)}
    keepers = _keepers(job, people)
    for name, transfer, pathway in job.scenarios:
        if transfer == 0.0:
            tallies[name] = tallies[""]
        elif transfer == 1.0:
            tallies[name] = counted(whole, pathway)
        elif apart:
            changed = adopters(people, transfer, job.seed, replication) & ~keepers
            tallies[name] = counted(compose(first, whole, people, changed), pathway)
        else:
            tallies[name] = counted(_run(job, pathway, people, replication), pathway)
    return Outcome(job.key, replication, tallies, people.size, first.rows)


class AnyJob(Protocol):
    """Work that can be sent to another process and done there one replication at a time."""

    @property
    def key(self) -> str:
        """Name of the run."""

    def outcome(self, replication: int) -> Any:
        """What one replication counted."""


_JOBS: dict[str, AnyJob] = {}  # filled once in each worker process, so that pathways are sent once


def _begin(jobs: Sequence[AnyJob]) -> None:
    leave_to_parent()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _JOBS.update((job.key, job) for job in jobs)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


_QUESTIONS: dict[str, Any] = {}  # one question an experiment file, made when first asked


def answer_all(path: str, sets: Sequence[Mapping[str, float]]) -> list[Any]:
    """The answers to an experiment's question under many sets of inputs, in their order."""
    from experiments.plan import prepare
    from experiments.uncertainty import Question

    if path not in _QUESTIONS:
        prepared = prepare(path)
        assert prepared.comparison is not None
        _QUESTIONS[path] = Question(prepared, prepared.comparison)
    question = _QUESTIONS[path]
    return [question.answer(over) for over in sets]


def _in_worker(key: str, replication: int) -> Any:
    return _JOBS[key].outcome(replication)


class Crew:
    """Worker processes for a set of jobs; with one worker the work is done here.

    Use as a context manager. ``map`` yields results in the order of the replications, whoever finishes first.
    """

    def __init__(self, jobs: Sequence[AnyJob], workers: int):
        self.jobs = {job.key: job for job in jobs}
        self.workers = workers
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Crew:
        if self.workers > 1:
            context = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(self.workers, context, _begin, (list(self.jobs.values()),))
        return self

    def __exit__(self, *error: Any) -> None:
        if self.pool is None:
            return
        # After a worker was killed, another can be left waiting for ever for a lock that the dead one held.
        if error[0] is None and not getattr(self.pool, "_broken", False):
            self.pool.shutdown()
            return
        with undisturbed():
            processes = list((getattr(self.pool, "_processes", None) or {}).values())
            self.pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:  # their work is lost anyway: do not wait for it
                process.kill()

    def ask(self, path: str, sets: Sequence[Mapping[str, float]]) -> list[Any]:
        """``answer_all``, shared among the workers."""
        if self.pool is None or len(sets) < 2 * self.workers:
            return answer_all(path, sets)
        size = -(-len(sets) // (4 * self.workers))
        starts = range(0, len(sets), size)
        with ctrl_c_later():
            parts = [self.pool.submit(answer_all, path, sets[first : first + size]) for first in starts]
        return [answer for part in parts for answer in part.result()]

    def map(self, key: str, replications: Sequence[int]) -> Iterator[Any]:
        """The outcomes of some replications, in order."""
        if self.pool is None:
            for replication in replications:
                yield self.jobs[key].outcome(replication)
            return
        with ctrl_c_later():
            futures: list[Future[Any]] = [self.pool.submit(_in_worker, key, r) for r in replications]
        for future in futures:
            yield future.result()
