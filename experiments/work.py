"""The replications of an experiment: run in batches, each written before it counts."""

from __future__ import annotations

import sys
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from typing import Any

from tqdm import tqdm

from experiments.agreement import SelfCheck
from experiments.crew import Crew
from experiments.plan import Prepared
from experiments.replicate import Outcome
from experiments.service import ServiceOutcome
from experiments.store import Folder
from experiments.transition.job import TransitionOutcome

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


@dataclass
class Work:
    """Replications so far, by run. ``check``: looked at after each batch, so that a difference is told early."""

    folder: Folder
    crew: Crew
    quiet: bool
    check: SelfCheck
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    served: list[ServiceOutcome] = field(default_factory=list)
    changed: dict[str, list[TransitionOutcome]] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)

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
        except (BrokenProcessPool, MemoryError):
            self._keep(key, made + self.crew.left(key))
            raise
        self._write(key, made)
        self.check.look()
        return made

    def _keep(self, key: str, made: list[Any]) -> None:
        """What a batch had finished before it could not go on: a file that says so in its name."""
        if made:
            self._write(key, sorted(made, key=lambda outcome: outcome.replication), "-unfinished")

    def _write(self, key: str, made: list[Any], mark: str = "") -> None:
        self.folder.replications(key, made, mark)
        self.written[key] = self.written.get(key, 0) + len(made)
