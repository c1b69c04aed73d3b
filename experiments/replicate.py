"""The work of one replication.

Its result depends on its number alone, never on which process made it or in what order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulation import engines
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.composition import adopters, compose, lives_apart
from simulation.ledger import LedgerShares, ledger, where_need_went
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
        engine: one of ``engines.CHOICES``.
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
    engine: str = engines.AUTO

    @property
    def pathways(self) -> tuple[tuple[str, Pathway], ...]:
        """The pathways that are run, by name of the transfer ('' for a model on its own contacts)."""
        if self.everybody is None:
            return (("", self.nobody),)
        ends = (("transfer 0", self.nobody), ("transfer 1", self.everybody))
        return (*ends, *((f"transfer {name}", each) for name, share, each in self.scenarios if 0.0 < share < 1.0))

    @property
    def end(self) -> int:
        """Tick at which the run stops."""
        return self.calendar.end + self.follow_up_days * MS_PER_DAY

    @property
    def counts_as_it_goes(self) -> bool:
        """Whether results are summed by the compiled engine; else they are read from traces."""
        return self.shares is None and engines.resolved(self.engine) == engines.COMPILED

    def outcome(self, replication: int) -> Outcome:
        """One replication: the same whoever runs it."""
        return replicate(self, replication)

    def sums_agree(self, pathway: Pathway, people: Population, trace: Trace, replication: int) -> bool:
        """Whether what the engine would sum of some people is what their trace says."""
        if not self.counts_as_it_goes:
            return True
        from simulation.summaries import summaries  # loads numba

        summed = summaries(pathway, people, self.calendar, self.end, self.seed, replication, self.axes)
        read = tally(trace, pathway, people, self.axes, self.calendar).arrays()
        same = all(np.array_equal(array, read[name]) for name, array in summed.tally.arrays().items())
        return same and summed.rows == trace.rows


@dataclass(frozen=True)
class Outcome:
    """What a replication counted: a tally by scenario ('' for a model on its own contacts), and its size."""

    key: str
    replication: int
    tallies: dict[str, Tally]
    people: int
    rows: int


def _run(job: Job, pathway: Pathway, people: Population, replication: int) -> Trace:
    return engines.run(job.engine, pathway, people, job.calendar, job.end, job.seed, replication)


def who_changes(job: Job, people: Population, transfer: float, replication: int) -> NDArray[np.bool_]:
    """Who follows the other model at a transfer: shape (people,)."""
    keep = np.zeros(people.size, dtype=bool)
    for name, values in job.keeps.items():
        codes = [job.maker.space[name].index(value) for value in values]
        keep |= np.isin(people.codes[name], codes)
    return adopters(people, transfer, job.seed, replication) & ~keep


def _ledger(job: Job, trace: Trace, pathway: Pathway, people: Population, replication: int) -> NDArray[np.int64]:
    """Where the need of people without a package went, by year and client group."""
    assert job.shares is not None
    names = service_axes(pathway, job.axes.groups, job.calendar, 0, {}, {})
    seen = lives(trace, pathway, people, names.counted_sources)
    cared = care_of(trace, pathway, seen.who)[0]
    went = where_need_went(seen, spells(seen), cared, job.shares, names, job.seed, replication)
    return ledger(went, people, names)


def replicate(job: Job, replication: int, nobody: Tally | None = None) -> Outcome:
    """One replication of a run: the same people under every scenario.

    ``nobody``: what it comes to if nobody follows the new model, where that has been counted before (compiled engine).
    Then the outcome tells no rows.

    The compiled engine counts as it goes. A trace is read where there is a ledger, which follows people's needs through
    their lives, and on the SimPy engine; both count the same.
    """
    people = job.maker.make(job.seed, replication)
    if job.counts_as_it_goes:
        return _summed(job, people, replication, nobody)
    return _read(job, people, replication)


def _summed(job: Job, people: Population, replication: int, nobody: Tally | None) -> Outcome:
    from simulation.summaries import Summaries, summaries  # loads numba

    def run(pathway: Pathway) -> Summaries:
        return summaries(pathway, people, job.calendar, job.end, job.seed, replication, job.axes)

    first = None if nobody is not None else run(job.nobody)
    today = first.tally if first is not None else nobody
    assert today is not None
    tallies = {"": today}
    for name, transfer, pathway in job.scenarios:
        tallies[name] = today if transfer == 0.0 else run(pathway).tally
    return Outcome(job.key, replication, tallies, people.size, 0 if first is None else first.rows)


def _read(job: Job, people: Population, replication: int) -> Outcome:
    first = _run(job, job.nobody, people, replication)

    def counted(trace: Trace, pathway: Pathway) -> Tally:
        found = tally(trace, pathway, people, job.axes, job.calendar)
        return found if job.shares is None else replace(found, ledger=_ledger(job, trace, pathway, people, replication))

    if job.everybody is None:
        return Outcome(job.key, replication, {"": counted(first, job.nobody)}, people.size, first.rows)
    apart = lives_apart(job.nobody) and lives_apart(job.everybody)
    whole = _run(job, job.everybody, people, replication)
    tallies: dict[str, Tally] = {"": counted(first, job.nobody)}
    for name, transfer, pathway in job.scenarios:
        if transfer == 0.0:
            tallies[name] = tallies[""]
        elif transfer == 1.0:
            tallies[name] = counted(whole, pathway)
        elif apart:
            changed = who_changes(job, people, transfer, replication)
            tallies[name] = counted(compose(first, whole, people, changed), pathway)
        else:
            tallies[name] = counted(_run(job, pathway, people, replication), pathway)
    return Outcome(job.key, replication, tallies, people.size, first.rows)


class AnyJob(Protocol):
    """Work that can be sent to another process and done there one replication at a time."""

    @property
    def key(self) -> str:
        """Name of the run."""

    @property
    def engine(self) -> str:
        """What it runs on, one of ``engines.CHOICES``."""

    @property
    def pathways(self) -> tuple[tuple[str, Pathway], ...]:
        """What it runs, by name."""

    def sums_agree(self, pathway: Pathway, people: Population, trace: Trace, replication: int) -> bool:
        """Whether what it sums without a trace is what the trace says; true where it reads traces."""

    @property
    def maker(self) -> PopulationMaker:
        """Makes its people."""

    @property
    def calendar(self) -> Calendar:
        """Its months."""

    @property
    def end(self) -> int:
        """Tick at which it stops."""

    @property
    def seed(self) -> int:
        """Whose luck."""

    def outcome(self, replication: int) -> Any:
        """What one replication counted."""
