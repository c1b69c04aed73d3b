"""The replications of an experiment: run in batches, each written before it counts."""

from __future__ import annotations

import sys
from concurrent.futures import BrokenExecutor, CancelledError
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tqdm import tqdm

from experiments.agreement import SelfCheck
from experiments.crew import Crew
from experiments.plan import Prepared
from experiments.replicate import Outcome
from experiments.service import ServiceOutcome
from experiments.store import UNFINISHED, Folder
from experiments.tasks import TaskFailed
from experiments.transition.job import TransitionOutcome
from simulation.errors import DemandflowError

BATCH = 10


def on_engine(prepared: Prepared, engine: str) -> Prepared:
    """The same experiment on an engine (one of ``engines.CHOICES``)."""
    own = tuple(replace(run, job=replace(run.job, engine=engine)) for run in prepared.own)
    comparison, service = prepared.comparison, prepared.service
    if comparison is not None:
        comparison = replace(comparison, job=replace(comparison.job, engine=engine))
    if service is not None:
        service = replace(service, job=replace(service.job, engine=engine))
    transition = prepared.transition
    if transition is not None:
        drawn = None if transition.drawn is None else replace(transition.drawn, engine=engine)
        transition = replace(transition, job=replace(transition.job, engine=engine), drawn=drawn)
    return replace(prepared, own=own, comparison=comparison, service=service, transition=transition)


class Earlier(Protocol):
    """What a run that was stopped has left."""

    def batch(self, key: str, first: int, size: int) -> list[Any] | None:
        """The outcomes of a batch that was written whole; None where there is none."""


@dataclass
class Work:
    """Replications so far, by run. ``check``: looked at after each batch, so that a difference is told early.

    ``earlier``: batches that need not be run again.
    """

    folder: Folder
    crew: Crew
    quiet: bool
    check: SelfCheck
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    served: list[ServiceOutcome] = field(default_factory=list)
    changed: dict[str, list[TransitionOutcome]] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    earlier: Earlier | None = None

    def batch(self, key: str, first: int, size: int, title: str) -> list[Outcome]:
        """Run one batch and write it; nothing of it counts before it is written."""
        made = self._run(key, first, size, title)
        self.outcomes.setdefault(key, []).extend(made)
        return made

    def serve(self, key: str, replications: int, title: str) -> None:
        """Run a whole service, in batches of ten, so that little is lost if it is stopped."""
        for first in range(0, replications, BATCH):
            self.served += self._run(key, first, min(BATCH, replications - first), title)

    def change(self, key: str, replications: int, title: str) -> None:
        """Run a transition, in batches of ten."""
        for first in range(0, replications, BATCH):
            made = self._run(key, first, min(BATCH, replications - first), title)
            self.changed.setdefault(key, []).extend(made)

    def done(self) -> dict[str, int]:
        """How many replications of each run are written."""
        return dict(self.written)

    def _run(self, key: str, first: int, size: int, title: str) -> list[Any]:
        earlier = None if self.earlier is None else self.earlier.batch(key, first, size)
        if earlier is not None:
            self.written[key] = self.written.get(key, 0) + size
            self.check.look()
            return earlier
        made: list[Any] = []
        bar = tqdm(
            self.crew.map(key, range(first, first + size)),
            total=size,
            desc=f"{title:<24.24}",
            unit="run",
            disable=self.quiet,
            leave=False,
            file=sys.stderr,
            mininterval=0.5,
        )
        try:
            made.extend(bar)
        except (BrokenExecutor, CancelledError, MemoryError, DemandflowError) as error:
            self._keep(key, made + self.crew.left(key, isinstance(error, TaskFailed)))
            raise
        except Exception as error:  # of one replication, twice; nobody else loses theirs
            self._keep(key, made + self.crew.left(key, waits=True))
            error.add_note(f"A replication of {key} failed twice; the others are kept.")
            raise
        self._write(key, made)
        self.check.look()
        return made

    def _keep(self, key: str, made: list[Any]) -> None:
        """What a batch had finished before it could not go on: a file that says so in its name."""
        if made:
            self._write(key, sorted(made, key=lambda outcome: outcome.replication), UNFINISHED)

    def _write(self, key: str, made: list[Any], mark: str = "") -> None:
        self.folder.replications(key, made, mark)
        self.written[key] = self.written.get(key, 0) + len(made)
