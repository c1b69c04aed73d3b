"""What a pathway gives on average, computed exactly from its arrays: no simulation, no chance.

People flow through the graph as spreads of need rank (``needrank``), type by type. The same pass yields the need scale
of each decision, which the engines use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.errors import DemandflowError
from simulation.needrank import EVEN, EVEN_SCALE, MOST_EDGES, Scale, Spread
from simulation.pathway import Pathway
from simulation.stays import LawNumbers, Stays

Scales = dict[tuple[int, int], Scale]
"""Need scales of one decision, by (calendar table, type)."""

DAYS_IN_YEAR = 365
DAYS_IN_MONTH = np.array([31.0, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
MOST_ROUNDS = 100_000
NOTHING_LEFT = 1e-15
MOST_EPISODES = 200
SETTLED = 1e-10
_OUTCOME, _DECISION, _PACKAGE = int(Kind.OUTCOME), int(Kind.DECISION), int(Kind.PACKAGE)
_PLACES, _APPOINTMENTS = int(Kind.PLACES), int(Kind.APPOINTMENTS)


@dataclass(frozen=True)
class Expected:
    """Expected people a day, on average over a year of 365 days.

    T types as people are when they make contact, n stages, D decisions, B branches.

    Where people contact again, everything is a service at rest: as many come again in a year as the years before sent.

    Attributes:
        contacts: (T,) contacts a day, those who contact again included.
        reach: (T, n) people a day who reach each stage.
        branch: (T, D, B) people a day who take each branch.
        scales: need scales by stage: of decisions, and of packages that differ in size.
        first_share: first contacts as a share of all contacts, by source.
        size: (T, n) mean size of the packages that start at a stage, 1 where all are alike.
        flow: people a day from one stage to another: (from, to) to (T,).
    """

    contacts: NDArray[np.float64]
    reach: NDArray[np.float64]
    branch: NDArray[np.float64]
    scales: dict[int, Scales]
    first_share: dict[str, float]
    size: NDArray[np.float64]
    flow: dict[tuple[int, int], NDArray[np.float64]]


@dataclass(frozen=True)
class _World:
    """What all passes share."""

    pathway: Pathway
    order: list[list[int]]
    stays: Stays
    known: dict[int, set[int]]

    def ahead(self, stage: int) -> set[int]:
        """Every stage that can follow a stage."""
        if stage not in self.known:
            self.known[stage] = nx.descendants(self.pathway.network(), stage)
        return self.known[stage]


class _Pass:
    """One calendar table, one type at contact: spreads at every stage."""

    def __init__(self, world: _World, month: int, given: dict[int, Scales]):
        self.world, self.pathway, self.order = world, world.pathway, world.order
        self.month, self.given = month, given
        pathway = self.pathway
        self.kind, self.following = pathway.kind.tolist(), pathway.following.tolist()
        self.reach = np.zeros(len(pathway.stages))
        self.branch = np.zeros((len(pathway.branches), pathway.branch_to.shape[1]))
        self.scales: dict[int, Scales] = {}
        self.waiting: dict[int, dict[int, Spread]] = {}
        self.flow: dict[tuple[int, int], float] = {}
        self.again: dict[tuple[int, int], Spread] = {}
        self.takers: dict[tuple[int, int], Spread] = {}

    def arrive(self, stage: int, person: int, spread: Spread, origin: int = -1) -> None:
        """People come to a stage, from the stage ``origin``."""
        if origin >= 0:
            self.flow[origin, stage] = self.flow.get((origin, stage), 0.0) + spread.mass
        here = self.waiting.setdefault(stage, {})
        together = here[person].plus(spread) if person in here else spread
        here[person] = together if len(together.edges) <= 2 * MOST_EDGES else together.merged()

    def run(self, start: Iterable[tuple[int, int, Spread]]) -> _Pass:
        """Let people in: entry stage, type and how they are spread."""
        for entry, person, people in start:
            self.arrive(entry, person, people)
        for group in self.order:
            rounds = 0
            while any(self.waiting.get(stage) for stage in group):
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
            times, plus = self.pathway.set_need[stage].tolist()
            becomes = int(self.pathway.becomes[stage, person])
            self.arrive(self.following[stage], becomes, spread.moved(times, plus), stage)

    def _decide(self, stage: int, person: int, spread: Spread, looping: bool) -> None:
        pathway = self.pathway
        row = int(pathway.decision[stage])
        weight = float(pathway.follows_need[row])
        if looping and weight > 0:
            raise DemandflowError(
                f"stage '{pathway.stages[stage]}' follows need inside a loop, which cannot be computed exactly. "
                "Remove follows_need there."
            )
        scale = EVEN_SCALE
        if weight > 0:
            fixed = self.given.get(stage)
            scale = (None if fixed is None else _fixed_scale(fixed, self.month, person)) or spread.scale()
            self.scales.setdefault(stage, {})[self.month, person] = scale
        size = int(pathway.branches[row])
        month = self.month if pathway.months > 1 else 0
        parts = spread.split(pathway.cumulative[row, month, person, :size], weight, scale)
        for b, part in enumerate(parts):
            mass = part.mass
            if mass > 0:
                self.branch[row, b] += mass
                self.arrive(int(pathway.branch_to[row, b]), person, part, stage)

    def _stay(self, stage: int, person: int, spread: Spread) -> None:
        """Care or a place: on by itself, out by a hazard, and to as many reviews as there are on average."""
        pathway = self.pathway
        if pathway.size[stage, person] >= 0:
            here = (stage, person)
            self.takers[here] = self.takers[here].plus(spread) if here in self.takers else spread
        if pathway.goes_on[stage] or not _interrupted(pathway, stage):
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
        chance = float(self.pathway.again[stage, person])
        if chance <= 0 or self.pathway.died[stage]:
            return
        entry = int(self.pathway.again_at[stage])
        entry = self._door(person) if entry < 0 else entry
        if entry < 0:
            return
        # Which model's path people follow is decided once: they come back to the one they left.
        first = int(self.pathway.following[entry])
        row = int(self.pathway.decision[first]) if first >= 0 else -1
        if row >= 0 and self.pathway.once[row]:
            shares = np.diff(self.pathway.cumulative[row, 0, person], prepend=0.0).tolist()
            ways = self.pathway.branch_to[row].tolist()
            entry = next(
                to for to, share in zip(ways, shares, strict=True) if share > 0 and stage in self.world.ahead(to)
            )
        key = (entry, person)
        more = spread.times(chance)
        self.again[key] = self.again[key].plus(more) if key in self.again else more

    def _door(self, person: int) -> int:
        """Where people of a type come in."""
        return int(self.pathway.entry[_source_of_types(self.pathway)[person]])


def _interrupted(pathway: Pathway, stage: int) -> bool:
    return bool(np.any(pathway.hazards[stage] >= 0) or np.any(pathway.forks[stage] >= 0))


def _fixed_scale(fixed: Scales, month: int, person: int) -> Scale | None:
    """The given scale of a type; None where the scales come from a pathway that never brings this type here.

    A pathway that is alike in all months gives one table for all of them.
    """
    if all(table == 0 for table, _ in fixed):
        month = 0
    return fixed.get((month, person))


def _order(pathway: Pathway) -> list[list[int]]:
    """Stages in the order people meet them; the stages of a loop together."""
    groups = nx.condensation(pathway.network())
    return [sorted(groups.nodes[g]["members"]) for g in nx.topological_sort(groups)]


def _signature(
    pathway: Pathway, person: int, month: int, given: dict[int, Scales]
) -> tuple[int, bytes, bytes, tuple[int, ...]]:
    """Types with one signature flow alike: the same probabilities and stays, and the same given scales."""
    scales = tuple(id(_fixed_scale(fixed, month, person)) for fixed in given.values())
    others = np.concatenate([pathway.misses[:, person], pathway.again[:, person], pathway.size_weight[:, person]])
    tables = np.concatenate([pathway.duration[:, person], pathway.delay[:, person], pathway.size[:, person]])
    plain = not np.any(others) and not np.any(pathway.hazards >= 0) and not np.any(pathway.forks >= 0)
    return (
        month,
        pathway.cumulative[:, month, person, :].tobytes(),
        (b"" if plain else others.tobytes() + tables.tobytes()),
        scales,
    )


def _steady(world: _World, month: int, given: dict[int, Scales], first: list[tuple[int, int, Spread]]) -> _Pass:
    """The pass of first contacts and of all who contact again, until as many come again as were sent."""
    done = _Pass(world, month, given).run(first)
    if not world.pathway.comes_back:
        return done
    before = -1.0
    for _ in range(MOST_EPISODES):
        again = [(stage, person, spread.merged()) for (stage, person), spread in done.again.items()]
        mass = sum(spread.mass for *_, spread in again)
        if abs(mass - before) <= SETTLED * max(mass, 1e-12):
            return done
        before = mass
        done = _Pass(world, month, given).run([*first, *again])
    names = ", ".join(world.pathway.stages[s] for s in np.flatnonzero(world.pathway.again.max(axis=1) > 0))
    raise DemandflowError(f"people contact again without end after {names}. Lower contacts_again.")


def expect(
    pathway: Pathway,
    weights: NDArray[np.float64],
    given: dict[int, Scales],
    month_days: NDArray[np.float64] = DAYS_IN_MONTH,
    laws: Sequence[LawNumbers] = (),
    with_repeats: bool = False,
) -> tuple[Pathway, Expected]:
    """Exact expectations, and the pathway with its need scales filled in.

    ``weights`` are contacts a day by type, (T,), in a month of factor 1 (first contacts; or, ``with_repeats``, all
    contacts, and first contacts are solved for); ``month_days`` the days of each calendar month times its factor,
    (12,); ``given`` fixes the scales of some stages; ``laws`` stand behind the quantile tables, for stays cut short.
    Where probabilities differ by month, people are taken to live their whole path in the month of their contact: exact
    where it is short. Nobody is taken to wait for anybody.

    Raises:
        DemandflowError: a decision that follows need inside a loop, or people who contact again without end.
    """
    count, months = pathway.types.count, pathway.months
    world = _World(pathway, _order(pathway), Stays(pathway, laws), {})
    alike = not np.any(pathway.becomes != np.arange(count))
    sources = _source_of_types(pathway)
    reach = np.zeros((count, len(pathway.stages)))
    branch = np.zeros((count, *pathway.branch_to.shape))
    scales: dict[int, Scales] = {}
    known: dict[tuple[int, tuple[int, bytes, bytes, tuple[int, ...]]], _Pass] = {}
    entries = [int(pathway.entry[source]) for source in sources]
    taken: dict[tuple[int, int], Spread] = {}
    first = np.ones(len(pathway.sources))
    if not alike:
        given, first = _scales_together(world, weights, given, entries, with_repeats)
    whole = float(month_days.sum()) / DAYS_IN_YEAR
    part = month_days / DAYS_IN_YEAR if months > 1 else np.array([whole])
    passes: dict[tuple[int, int], _Pass] = {}
    for month in range(months):
        for person in range(count):
            entry = entries[person]
            if entry < 0:
                continue
            key = (entry, _signature(pathway, person, month, given))
            done = known.get(key) if alike else None
            if done is None:
                done = known[key] = _steady(world, month, given, [(entry, person, EVEN)])
            passes[month, person] = done
    contacts = {key: 1.0 + _mass(done.again) for key, done in passes.items()}
    if with_repeats and alike:
        first = _first_share(pathway, weights, sources, contacts)
    total = np.zeros(count)
    flow: dict[tuple[int, int], NDArray[np.float64]] = {}
    for (month, person), done in passes.items():
        scale_up = first[sources[person]] if with_repeats else 1.0
        times = weights[person] * scale_up * part[month]
        total[person] += times * contacts[month, person]
        reach[person] += times * done.reach
        branch[person] += times * done.branch
        for way, people in done.flow.items():
            flow.setdefault(way, np.zeros(count))[person] += times * people
        for stage, table in done.scales.items():
            for (m, who), scale in table.items():
                scales.setdefault(stage, {})[m, person if alike else who] = scale
        for (stage, who), spread in done.takers.items():
            here = (stage, person if alike else who)
            more = spread.times(times) if times > 0 else spread.times(1e-30)
            taken[here] = taken[here].plus(more).merged() if here in taken else more
    size = np.ones((count, len(pathway.stages)))
    for (stage, who), spread in taken.items():
        scale = (_fixed_scale(given[stage], 0, who) if stage in given else None) or spread.scale()
        scales.setdefault(stage, {})[0, who] = scale
        size[who, stage] = _mean_size(pathway, laws, stage, who, spread, scale)
    shares = {source: float(share) for source, share in zip(pathway.sources, first, strict=True)}
    return _with_scales(pathway, scales), Expected(total, reach, branch, scales, shares, size, flow)


def _mass(spreads: Mapping[tuple[int, int], Spread]) -> float:
    return sum(spread.mass for spread in spreads.values())


def _first_share(
    pathway: Pathway, weights: NDArray[np.float64], sources: list[int], contacts: Mapping[tuple[int, int], float]
) -> NDArray[np.float64]:
    """First contacts as a share of all contacts, by source: shape (sources,)."""
    people, made = np.zeros(len(pathway.sources)), np.zeros(len(pathway.sources))
    for (_, person), number in contacts.items():
        people[sources[person]] += weights[person]
        made[sources[person]] += weights[person] * number
    result: NDArray[np.float64] = np.where(made > 0, people / np.where(made > 0, made, 1.0), 1.0)
    return result


def _mean_size(
    pathway: Pathway, laws: Sequence[LawNumbers], stage: int, person: int, spread: Spread, scale: Scale
) -> float:
    """The mean size of the packages that a spread of people take: 1 for those the scale was made from."""
    weight, row = float(pathway.size_weight[stage, person]), int(pathway.size[stage, person])
    if row < 0 or weight == 0.0 or spread.mass <= 0:
        return 1.0
    from scipy.special import ndtr, ndtri  # a third of a second that only packages of different sizes need

    sigma = float(laws[row][1]["sigma"])
    edges = np.unique(np.concatenate([spread.edges, scale.ranks_at]))
    stands = np.interp(edges, scale.ranks_at, scale.standing)
    people = spread.at(edges) * np.diff(edges)
    # The mean of a lognormal law with mean 1 between two of its quantiles, by its own partial expectation.
    below = ndtr(ndtri(np.clip(stands, 0.0, 1.0)) - sigma)
    width = np.diff(stands)
    middle = np.clip((stands[1:] + stands[:-1]) / 2, 1e-12, 1 - 1e-12)
    level = np.where(width > 1e-12, np.diff(below) / np.where(width > 1e-12, width, 1.0),
                     np.exp(sigma * ndtri(middle) - sigma * sigma / 2))  # fmt: skip
    return float(weight * np.dot(people, level) / spread.mass + 1.0 - weight)


def _scales_together(
    world: _World, weights: NDArray[np.float64], given: dict[int, Scales], entries: list[int], with_repeats: bool
) -> tuple[dict[int, Scales], NDArray[np.float64]]:
    """Need scales, and first contacts as a share of all, where people change type on their way.

    All types flow at once, so that each meets the others. Who comes first depends on the scales a little, and the other
    way round, so with repeats both are found in turns.
    """
    pathway = world.pathway
    sources = _source_of_types(pathway)
    first = np.ones(len(pathway.sources))
    together: dict[int, Scales] = {}
    for _ in range(4 if with_repeats else 1):
        together = {}
        for month in range(pathway.months):
            start = [
                (entry, person, EVEN.times(float(weights[person] * first[sources[person]])))
                for person, entry in enumerate(entries)
                if entry >= 0
            ]
            everyone = _steady(world, month, given, start)
            for stage, table in everyone.scales.items():
                together.setdefault(stage, {}).update(table)
        if with_repeats:
            fixed = {**together, **given}
            one_by_one = {
                (0, person): 1.0 + _mass(_steady(world, 0, fixed, [(entry, person, EVEN)]).again)
                for person, entry in enumerate(entries)
                if entry >= 0
            }
            first = _first_share(pathway, weights, sources, one_by_one)
    return {**together, **given}, first


def _source_of_types(pathway: Pathway) -> list[int]:
    if "source" not in pathway.types.names:
        return [0] * pathway.types.count
    stride = pathway.types.strides[pathway.types.names.index("source")]
    return [(number // stride) % len(pathway.sources) for number in range(pathway.types.count)]


def _with_scales(pathway: Pathway, scales: dict[int, Scales]) -> Pathway:
    at = np.zeros((len(pathway.branches), pathway.months, pathway.types.count, 2), dtype=np.int64)
    size_at = np.zeros((len(pathway.stages), pathway.types.count, 2), dtype=np.int64)
    ranks: list[NDArray[np.float64]] = []
    standings: list[NDArray[np.float64]] = []
    rows: dict[tuple[bytes, bytes], tuple[int, int]] = {}
    start = 0
    for stage, table in sorted(scales.items()):
        for (month, person), scale in sorted(table.items()):
            if len(scale.standing) == 2:
                continue
            key = (scale.ranks_at.tobytes(), scale.standing.tobytes())
            if key not in rows:
                rows[key] = (start, len(scale.standing))
                ranks.append(scale.ranks_at)
                standings.append(scale.standing)
                start += len(scale.standing)
            if pathway.decision[stage] >= 0:
                at[pathway.decision[stage], month, person] = rows[key]
            else:
                size_at[stage, person] = rows[key]
    return replace(
        pathway,
        scale_at=at,
        size_at=size_at,
        scale_rank=np.concatenate(ranks) if ranks else np.zeros(0),
        scale_standing=np.concatenate(standings) if standings else np.zeros(0),
    )
