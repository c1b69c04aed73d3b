"""The fewest practitioners: rosters are tried on the same replications until no team can do with one fewer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from experiments.answers import Answers, Question
from experiments.staffing.case import BLOCKS, Case
from experiments.staffing.kept import Key, Roster, Seen, columns, replicated, seen_in
from simulation.pathway import UNLIMITED

MOST_DOUBLINGS = 8
"""Times that the staff above the load is doubled before a standard is taken to be out of reach."""


TOGETHER = 8
"""Replications of a roster that are lived before it is looked at again, whoever lives them."""


@dataclass
class Trials:
    """Rosters that were tried, and the way to try more.

    Args:
        key: by which worker processes read the case. share, probability: see ``options``. told: is called with each
            roster that is tried.

    Attributes:
        seen: what was lived of each roster, in replication order; a roster that failed too often is left at that.
    """

    case: Case
    key: Key
    by: str
    share: float
    probability: float
    replications: int
    answers: Answers
    told: Callable[[Roster], None] = lambda roster: None
    seen: dict[Roster, list[Seen]] = field(default_factory=dict)

    @property
    def needed(self) -> int:
        """How many replications have to keep the standards."""
        return max(1, math.ceil(self.probability * self.replications - 1e-9))

    def kept(self, roster: Roster) -> int:
        """How many of the replications that were lived kept every standard."""
        return sum(one.kept(self.share) for one in self.seen[roster])

    def live(self, roster: Roster, whole: bool = False) -> list[Seen]:
        """Live a roster: in all replications, or until it has failed in so many that it cannot be good enough."""
        if roster not in self.seen:
            self.told(roster)
        known = self.seen.setdefault(roster, [])
        while len(known) < self.replications:
            if not whole and len(known) - self.kept(roster) > self.replications - self.needed:
                break
            next_ones = range(len(known), min(self.replications, len(known) + TOGETHER))
            pieces = tuple((self.key, self.by, roster, (replication,)) for replication in next_ones)
            names = columns(self.case, self.by)
            (rows,) = self.answers.ask([Question(replicated, pieces, names, repr((self.by, roster, next_ones)))])
            assert rows is not None  # central inputs hold together
            known += [seen_in(self.case, self.by, row) for row in rows]
        return known

    def good(self, roster: Roster) -> bool:
        """Whether the standards are kept often enough."""
        self.live(roster)
        return self.kept(roster) >= self.needed


def constant(case: Case, sizes: Sequence[int], by: str) -> Roster:
    """The same number all year round."""
    return tuple((size,) * len(BLOCKS[by]) for size in sizes)


def changed(roster: Roster, team: int, blocks: Sequence[int], number: int) -> Roster:
    """The roster with another number in some blocks of a team."""
    row = tuple(number if block in blocks else size for block, size in enumerate(roster[team]))
    return (*roster[:team], row, *roster[team + 1 :])


def load(seen: Sequence[Seen]) -> list[float]:
    """Practitioners busy on average, by team, over replications and blocks."""
    busy = np.mean([one.busy for one in seen], axis=0)
    return [float(x) for x in busy.mean(axis=1)]


def fewest(trials: Trials) -> tuple[Roster | None, list[float]]:
    """The roster, or None where not even unlimited staff would keep the standards; and the load on each team."""
    case, by = trials.case, trials.by
    endless = constant(case, [UNLIMITED] * len(case.teams), by)
    loads = load(trials.live(endless))
    if not trials.good(endless):
        trials.live(endless, whole=True)
        return None, loads
    roster = _enough(trials, loads)
    if roster is None:
        return None, loads
    before = None
    while roster != before:
        before = roster
        for team in range(len(case.teams)):
            roster = _lowered(trials, roster, team, range(len(BLOCKS[by])))
            if len(BLOCKS[by]) > 1:
                for block in range(len(BLOCKS[by])):
                    roster = _lowered(trials, roster, team, [block])
    trials.live(roster, whole=True)
    return roster, loads


def _enough(trials: Trials, loads: Sequence[float]) -> Roster | None:
    """A constant roster that keeps the standards: the load, and as much more as it takes."""
    for doubling in range(MOST_DOUBLINGS):
        more = 0.1 * 2**doubling
        sizes = [math.ceil(one * (1 + more)) + 2**doubling - 1 or 1 for one in loads]
        roster = constant(trials.case, sizes, trials.by)
        if trials.good(roster):
            return roster
    return None


def _lowered(trials: Trials, roster: Roster, team: int, blocks: Sequence[int]) -> Roster:
    """The roster with as few practitioners of a team in some blocks as keep the standards; waits fall with staff."""
    high = max(roster[team][block] for block in blocks)
    if len({roster[team][block] for block in blocks}) > 1:
        return roster
    low, step = 0, 1  # nobody: that cannot be good
    while high - low > 1:
        # Most answers lie a step or two below: go down by more and more, and halve only what is left.
        middle = (low + high) // 2 if low else max(1, high - step)
        if trials.good(changed(roster, team, blocks, middle)):
            high, step = middle, 2 * step
        else:
            low = middle
    return changed(roster, team, blocks, high)
