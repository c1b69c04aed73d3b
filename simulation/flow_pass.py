"""People flowing through a pathway as spreads of need rank, without chance: one type at contact, one calendar month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

import networkx as nx
import numpy as np

from agents.codes import Kind
from simulation.errors import DemandflowError
from simulation.needrank import EVEN_SCALE, MOST_EDGES, Scale, Spread
from simulation.pathway import Pathway
from simulation.stays import LawNumbers, Stays

Scales = dict[tuple[int, int], Scale]
"""Need scales of one decision, by (calendar table, type)."""

MOST_ROUNDS = 100_000
NOTHING_LEFT = 1e-15
LEAST_EPISODES, MOST_EPISODES = 5, 200
MOST_RETURNS = 1_000
"""More contacts than this after each first one are taken for people who never stop."""
SETTLED = 1e-10
_OUTCOME, _DECISION, _PACKAGE = int(Kind.OUTCOME), int(Kind.DECISION), int(Kind.PACKAGE)
_PLACES, _APPOINTMENTS = int(Kind.PLACES), int(Kind.APPOINTMENTS)


class World:
    """What all passes share: a pathway read once, as plain lists, for steps of which there are very many."""

    def __init__(self, pathway: Pathway, laws: Sequence[LawNumbers]):
        self.pathway, self.order, self.stays = pathway, order_of(pathway), Stays(pathway, laws)
        self.group_of = {stage: place for place, group in enumerate(self.order) for stage in group}
        self.sources = source_of_types(pathway)
        self.kind, self.following = pathway.kind.tolist(), pathway.following.tolist()
        self.decision, self.follows_need = pathway.decision.tolist(), pathway.follows_need.tolist()
        self.branch_to = [
            ways[:size] for ways, size in zip(pathway.branch_to.tolist(), pathway.branches.tolist(), strict=True)
        ]
        self.becomes, self.set_need = pathway.becomes.tolist(), pathway.set_need.tolist()
        self.again, self.size = pathway.again.tolist(), pathway.size.tolist()
        self.interrupted = (np.any(pathway.hazards >= 0, axis=1) | np.any(pathway.forks >= 0, axis=1)).tolist()
        self._ahead: dict[int, set[int]] = {}
        self._doors: dict[tuple[int, int], int] = {}

    def ahead(self, stage: int) -> set[int]:
        """Every stage that can follow a stage."""
        if stage not in self._ahead:
            self._ahead[stage] = nx.descendants(self.pathway.network(), stage)
        return self._ahead[stage]

    def door(self, stage: int, person: int) -> int:
        """Where a type of person comes in again after an outcome; -1 where nobody of that type can."""
        if (stage, person) not in self._doors:
            self._doors[stage, person] = self._door(stage, person)
        return self._doors[stage, person]

    def _door(self, stage: int, person: int) -> int:
        pathway = self.pathway
        entry = int(pathway.again_at[stage])
        entry = int(pathway.entry[self.sources[person]]) if entry < 0 else entry
        if entry < 0:
            return entry
        # Which model's path people follow is decided once: they come back to the one they left.
        first = int(pathway.following[entry])
        row = int(pathway.decision[first]) if first >= 0 else -1
        if row < 0 or not pathway.once[row]:
            return entry
        shares = np.diff(pathway.cumulative[row, 0, person], prepend=0.0).tolist()
        ways: list[int] = pathway.branch_to[row].tolist()
        return next(
            to for to, share in zip(ways, shares, strict=True) if share > 0 and (to == stage or stage in self.ahead(to))
        )


class Pass:
    """One calendar table, one type at contact: spreads at every stage."""

    def __init__(self, world: World, month: int, given: dict[int, Scales]):
        self.world, self.pathway, self.order = world, world.pathway, world.order
        self.month, self.given = month, given
        pathway = self.pathway
        self.kind, self.following = world.kind, world.following
        self.reach = np.zeros(len(pathway.stages))
        self.branch = np.zeros((len(pathway.branches), pathway.branch_to.shape[1]))
        self.scales: dict[int, Scales] = {}
        self.waiting: dict[int, dict[int, Spread]] = {}
        self.due: list[int] = []
        """Places in ``order`` where somebody waits, the first on top."""
        self.flow: dict[tuple[int, int], float] = {}
        self.again: dict[tuple[int, int], Spread] = {}
        self.takers: dict[tuple[int, int], Spread] = {}

    def arrive(self, stage: int, person: int, spread: Spread, origin: int = -1) -> None:
        """People come to a stage, from the stage ``origin``."""
        if origin >= 0:
            self.flow[origin, stage] = self.flow.get((origin, stage), 0.0) + spread.mass
        here = self.waiting.get(stage)
        if here is None:
            here = self.waiting[stage] = {}
            heappush(self.due, self.world.group_of[stage])
        together = here[person].plus(spread) if person in here else spread
        here[person] = together if len(together.edges) <= 2 * MOST_EDGES else together.merged()

    def run(self, start: Iterable[tuple[int, int, Spread]]) -> Pass:
        """Let people in: entry stage, type and how they are spread."""
        for entry, person, people in start:
            self.arrive(entry, person, people)
        while self.due:
            group = self.order[heappop(self.due)]
            rounds = 0
            while any(stage in self.waiting for stage in group):
                for stage in group:
                    for who, spread in self.waiting.pop(stage, {}).items():
                        if spread.mass > NOTHING_LEFT:
                            self.leave(stage, who, spread, looping=len(group) > 1)
                rounds += 1
                if rounds > MOST_ROUNDS:
                    names = ", ".join(self.pathway.stages[s] for s in group)
                    raise DemandflowError(f"people hardly ever leave the loop {names}. Raise the chance to leave it.")
        return self

    def leave(self, stage: int, person: int, spread: Spread, looping: bool) -> None:
        self.reach[stage] += spread.mass
        kind = self.kind[stage]
        if kind == _DECISION:
            self._decide(stage, person, spread, looping)
        elif kind == _OUTCOME:
            self._come_again(stage, person, spread)
        elif kind in (_PACKAGE, _PLACES):
            self._stay(stage, person, spread)
        elif kind == _APPOINTMENTS:
            self._booked(stage, person, spread)
        else:
            times, plus = self.world.set_need[stage]
            becomes = self.world.becomes[stage][person]
            self.arrive(self.following[stage], becomes, spread.moved(times, plus), stage)

    def _decide(self, stage: int, person: int, spread: Spread, looping: bool) -> None:
        pathway = self.pathway
        row = self.world.decision[stage]
        weight = self.world.follows_need[row]
        if looping and weight > 0:
            raise DemandflowError(
                f"stage '{pathway.stages[stage]}' follows need inside a loop, which cannot be computed exactly. "
                "Remove follows_need there."
            )
        scale = EVEN_SCALE
        if weight > 0:
            fixed = self.given.get(stage)
            scale = (None if fixed is None else fixed_scale(fixed, self.month, person)) or spread.scale()
            self.scales.setdefault(stage, {})[self.month, person] = scale
        ways = self.world.branch_to[row]
        month = self.month if pathway.months > 1 else 0
        parts = spread.split(pathway.cumulative[row, month, person, : len(ways)], weight, scale)
        for b, part in enumerate(parts):
            mass = part.mass
            if mass > 0:
                self.branch[row, b] += mass
                self.arrive(ways[b], person, part, stage)

    def _stay(self, stage: int, person: int, spread: Spread) -> None:
        """Care or a place: on by itself, out by a hazard, and to as many reviews as there are on average."""
        pathway = self.pathway
        if self.world.size[stage][person] >= 0:
            here = (stage, person)
            self.takers[here] = self.takers[here].plus(spread) if here in self.takers else spread
        if pathway.goes_on[stage] or not self.world.interrupted[stage]:
            if pathway.duration[stage, person] < 0 and not pathway.goes_on[stage]:
                return  # no length is known: care goes on for as long as the run
            self.arrive(self.following[stage], person, spread, stage)
            return
        stay = self.world.stays.of(stage, person)
        shares = {**stay.hazards, **stay.reviews}
        for other, share in shares.items():
            if share > 0:
                self.arrive(other, person, spread.times(share), stage)
        self.arrive(self.following[stage], person, spread.times(stay.by_itself), stage)

    def _booked(self, stage: int, person: int, spread: Spread) -> None:
        """Appointments: some are cut short by a hazard while they wait, some miss, some give up."""
        pathway, stays = self.pathway, self.world.stays
        rates = {int(h): stays.rate(int(h), person) for h in pathway.hazards[stage] if h >= 0}
        rate = sum(rates.values())
        there = stays.waits_through(int(pathway.delay[stage, person]), rate) if rate > 0 else 1.0
        missed = float(pathway.misses[stage, person]) * there
        tries = int(pathway.rebookings[stage]) + 1
        booked = float(sum(missed**k for k in range(tries)))
        self.arrive(self.following[stage], person, spread.times(booked * (there - missed)), stage)
        if missed > 0:
            self.arrive(int(pathway.gives_up[stage]), person, spread.times(missed**tries), stage)
        for hazard, own in rates.items():
            if own > 0:
                self.arrive(hazard, person, spread.times(booked * (1 - there) * own / rate), stage)

    def _come_again(self, stage: int, person: int, spread: Spread) -> None:
        chance = self.world.again[stage][person]
        if chance <= 0 or self.pathway.died[stage]:
            return
        entry = self.world.door(stage, person)
        if entry < 0:
            return
        key = (entry, person)
        more = spread.times(chance)
        self.again[key] = self.again[key].plus(more) if key in self.again else more


def fixed_scale(fixed: Scales, month: int, person: int) -> Scale | None:
    """The given scale of a type; None where the scales come from a pathway that never brings this type here.

    A pathway that is alike in all months gives one table for all of them.
    """
    if all(table == 0 for table, _ in fixed):
        month = 0
    return fixed.get((month, person))


def order_of(pathway: Pathway) -> list[list[int]]:
    """Stages in the order people meet them; the stages of a loop together."""
    groups = nx.condensation(pathway.network())
    return [sorted(groups.nodes[g]["members"]) for g in nx.topological_sort(groups)]


def signature(
    pathway: Pathway, person: int, month: int, given: dict[int, Scales]
) -> tuple[int, bytes, bytes, tuple[int, ...]]:
    """Types with one signature flow alike: the same probabilities and stays, and the same given scales."""
    scales = tuple(id(fixed_scale(fixed, month, person)) for fixed in given.values())
    others = np.concatenate([pathway.misses[:, person], pathway.again[:, person], pathway.size_weight[:, person]])
    tables = np.concatenate([pathway.duration[:, person], pathway.delay[:, person], pathway.size[:, person]])
    plain = not np.any(others) and not np.any(pathway.hazards >= 0) and not np.any(pathway.forks >= 0)
    return (
        month,
        pathway.cumulative[:, month, person, :].tobytes(),
        (b"" if plain else others.tobytes() + tables.tobytes()),
        scales,
    )


def steady(world: World, month: int, given: dict[int, Scales], first: list[tuple[int, int, Spread]]) -> Pass:
    """The pass of first contacts and of all who contact again, until as many come again as were sent."""
    done = Pass(world, month, given).run(first)
    if not world.pathway.comes_back:
        return done
    sent = before = returned = 0.0
    for episode in range(MOST_EPISODES):
        last, mass = returned, sum(spread.mass for spread in done.again.values())
        returned = mass
        if mass > MOST_RETURNS * sum(spread.mass for *_, spread in first):
            break  # a guess beyond belief would agree with itself: nobody ever leaves for good
        if abs(mass - sent) <= SETTLED * max(mass, 1e-12) and episode >= LEAST_EPISODES:
            return done
        # As many return as were sent, and a fixed share of those more: the secant finds the number at once, and the
        # rounds after it let their need settle.
        slope = (mass - last) / (sent - before) if episode > 1 and sent != before else 0.0
        goal = (mass - slope * sent) / (1.0 - slope) if slope < 1.0 else mass
        factor = goal / mass if mass > 0 and goal > 0 else 1.0
        again = [(stage, person, spread.merged().times(factor)) for (stage, person), spread in done.again.items()]
        before, sent = sent, mass * factor
        done = Pass(world, month, given).run([*first, *again])
    names = ", ".join(world.pathway.stages[s] for s in np.flatnonzero(world.pathway.again.max(axis=1) > 0))
    raise DemandflowError(f"people contact again without end, or nearly so, after {names}. Lower contacts_again.")


def source_of_types(pathway: Pathway) -> list[int]:
    """The number of the source of each type: shape (T,)."""
    if "source" not in pathway.types.names:
        return [0] * pathway.types.count
    stride = pathway.types.strides[pathway.types.names.index("source")]
    return [(number // stride) % len(pathway.sources) for number in range(pathway.types.count)]
