"""A state compiled, and one replication of it: what ``run.py experiment`` counts for the same number."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from experiments.explore.state import State
from experiments.plan import ComparisonRun
from experiments.replicate import Outcome, replicate, who_changes
from simulation.compiler import Compiled
from simulation.composition import lives_apart
from simulation.inputs import Values
from simulation.population import PopulationMaker
from simulation.summaries import Ints, summaries
from simulation.tally import Tally

EXPLORED = "explored"
"""The name of the transfer that a visitor chose, in tables and in a saved experiment."""

Over = tuple[tuple[str, float], ...]
"""(key, value) of inputs that differ from what their files give, by key."""


@dataclass(frozen=True)
class Today:
    """Today's model under one set of inputs, with the pairs counted so far by replication."""

    values: Values
    compiled: Compiled
    maker: PopulationMaker
    counted: dict[int, Tally] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A state compiled.

    Attributes:
        alone: the new model without today's, at published inputs; it tells how its stages hang together.
        run: holds one scenario, ``EXPLORED``, and counts without a ledger. ledger: the same with one, which follows
        people's needs through their lives and takes five times as long; None where the population has none. Its job
        holds both models joined at 0 and at 1: from these two an experiment with a ledger puts a share together, where
        nobody's life depends on anybody else's.
        done, followed: pairs counted so far without and with a ledger, by replication.
    """

    state: State
    share: float
    today: Today
    alone: Compiled
    run: ComparisonRun
    ledger: ComparisonRun | None = None
    done: dict[int, Outcome] = field(default_factory=dict)
    followed: dict[int, Outcome] = field(default_factory=dict)

    @property
    def changed(self) -> Compiled:
        """The new model beside today's."""
        return self.run.scenarios[0].compiled

    def pair(self, replication: int, cancel: Ints) -> Outcome:
        """One replication of both models: what ``run.py experiment`` counts for the same number.

        Args:
            cancel: one number; anything but 0 stops the work.

        Raises:
            Cancelled: by ``cancel``. DemandflowError: a limit of the engine.
        """
        if replication not in self.done:
            self.done[replication] = self._counted(replication, cancel)
        return self.done[replication]

    def pair_with_ledger(self, replication: int) -> Outcome:
        """The same with where the need of people without a package goes."""
        assert self.ledger is not None
        if replication not in self.followed:
            self.followed[replication] = replicate(self.ledger.job, replication)
        return self.followed[replication]

    def _counted(self, replication: int, cancel: Ints) -> Outcome:
        job = self.run.job
        people = job.maker.make(job.seed, replication)

        count = partial(
            summaries, calendar=job.calendar, end=job.end, seed=job.seed, replication=replication, names=job.axes,
            cancel=cancel,
        )  # fmt: skip
        if replication not in self.today.counted:
            self.today.counted[replication] = count(job.nobody, people).tally
        base = self.today.counted[replication]
        if self.share == 0.0:
            changed = base
        elif self.ledger is not None and self.share < 1.0 and self.apart:
            who, ends = who_changes(job, people, self.share, replication), self.ledger.job
            assert ends.everybody is not None
            changed = together(
                count(ends.nobody, people.subset(~who)).tally, count(ends.everybody, people.subset(who)).tally
            )
        else:
            changed = count(self.changed.pathway, people).tally
        return Outcome(
            key=job.key, replication=replication, tallies={"": base, EXPLORED: changed}, people=people.size, rows=0
        )

    @property
    def apart(self) -> bool:
        """Whether nobody's life depends on who else changes."""
        assert self.ledger is not None and self.ledger.job.everybody is not None
        return lives_apart(self.ledger.job.nobody) and lives_apart(self.ledger.job.everybody)


def together(first: Tally, second: Tally) -> Tally:
    """Two groups of people counted as one."""
    others = second.arrays()
    return Tally(**{name: counts + others[name] for name, counts in first.arrays().items()})
