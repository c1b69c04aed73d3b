"""What a pathway gives on average, computed exactly from its arrays: no simulation, no chance.

The same passes yield the need scale of each decision, which the engines use (``flow_pass``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.calendar import MS_PER_DAY
from simulation.flow_pass import Pass, Scales, World, fixed_scale, signature, source_of_types, steady
from simulation.needrank import EVEN, Scale, Spread
from simulation.pathway import Pathway
from simulation.quantiles import survival
from simulation.repeats import Repeats
from simulation.stays import LawNumbers

DAYS_IN_YEAR = 365
DAYS_IN_MONTH = np.array([31.0, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


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
        repeats: contacts that are not the first, by source.
        size: (T, n) mean size of the packages that start at a stage, 1 where all are alike.
        flow: people a day from one stage to another: (from, to) to (T,).
    """

    contacts: NDArray[np.float64]
    reach: NDArray[np.float64]
    branch: NDArray[np.float64]
    scales: dict[int, Scales]
    repeats: Repeats
    size: NDArray[np.float64]
    flow: dict[tuple[int, int], NDArray[np.float64]]


def expect(
    pathway: Pathway,
    weights: NDArray[np.float64],
    given: dict[int, Scales],
    month_days: NDArray[np.float64] = DAYS_IN_MONTH,
    laws: Sequence[LawNumbers] = (),
    with_repeats: bool = False,
    first_share: Mapping[str, float] | None = None,
) -> tuple[Pathway, Expected]:
    """Exact expectations, and the pathway with its need scales filled in.

    ``weights`` are contacts a day by type, (T,), in a month of factor 1 (first contacts; or, ``with_repeats``, all
    contacts, and first contacts are solved for, unless ``first_share`` gives their share of all by source, as where
    the same people are to meet another model); ``month_days`` the days of each calendar month times its factor,
    (12,); ``given`` fixes the scales of some stages; ``laws`` stand behind the quantile tables, for stays cut short.
    Where probabilities differ by month, people are taken to live their whole path in the month of their contact: exact
    where it is short. Nobody is taken to wait for anybody.

    Raises:
        DemandflowError: a decision that follows need inside a loop, or people who contact again without end.
    """
    count, months = pathway.types.count, pathway.months
    world = World(pathway, laws)
    alike = not np.any(pathway.becomes != np.arange(count))
    sources = source_of_types(pathway)
    reach = np.zeros((count, len(pathway.stages)))
    branch = np.zeros((count, *pathway.branch_to.shape))
    scales: dict[int, Scales] = {}
    known: dict[tuple[int, tuple[int, bytes, bytes, tuple[int, ...]]], Pass] = {}
    entries = [int(pathway.entry[source]) for source in sources]
    taken: dict[tuple[int, int], Spread] = {}
    first = np.ones(len(pathway.sources))
    if not alike:
        given, first = _scales_together(world, weights, given, entries, with_repeats)
    whole = float(month_days.sum()) / DAYS_IN_YEAR
    part = month_days / DAYS_IN_YEAR if months > 1 else np.array([whole])
    passes: dict[tuple[int, int], Pass] = {}
    for month in range(months):
        for person in range(count):
            entry = entries[person]
            if entry < 0:
                continue
            key = (entry, signature(pathway, person, month, given))
            done = known.get(key) if alike else None
            if done is None:
                done = known[key] = steady(world, month, given, [(entry, person, EVEN)])
            passes[month, person] = done
    contacts = {key: 1.0 + _mass(done.again) for key, done in passes.items()}
    if with_repeats and first_share is not None:
        first = np.array([first_share.get(source, 1.0) for source in pathway.sources])
    elif with_repeats and alike:
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
        scale = (fixed_scale(given[stage], 0, who) if stage in given else None) or spread.scale()
        scales.setdefault(stage, {})[0, who] = scale
        size[who, stage] = _mean_size(pathway, laws, stage, who, spread, scale)
    shares = {source: 1.0 - float(share) for source, share in zip(pathway.sources, first, strict=True)}
    returns = _returned(pathway, laws, reach)
    repeats = Repeats({source: share for source, share in shares.items() if share > 0}, *returns)
    return with_scales(pathway, scales), Expected(total, reach, branch, scales, repeats, size, flow)


def _returned(
    pathway: Pathway, laws: Sequence[LawNumbers], reach: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days since a contact, and the share of returns due by then; the way to the outcome is taken to be short."""
    weights: dict[int, float] = {}
    for stage in np.flatnonzero((pathway.kind == Kind.OUTCOME) & (pathway.again.max(axis=1) > 0)).tolist():
        for person in range(pathway.types.count):
            row = int(pathway.duration[stage, person])
            weights[row] = weights.get(row, 0.0) + float(reach[person, stage] * pathway.again[stage, person])
    total = sum(weights.values())
    if total <= 0:
        return np.array([0.0, 1.0]), np.array([1.0, 1.0])
    days = np.concatenate([np.linspace(0.0, 730.0, 1461), np.linspace(731.0, 3650.0, 400)])
    due = np.zeros(len(days))
    for row, weight in weights.items():
        family, numbers, ticks = laws[row]
        due += weight / total * (1.0 - survival(family, numbers, days * MS_PER_DAY / ticks))
    return days, due


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
    world: World, weights: NDArray[np.float64], given: dict[int, Scales], entries: list[int], with_repeats: bool
) -> tuple[dict[int, Scales], NDArray[np.float64]]:
    """Need scales, and first contacts as a share of all, where people change type on their way.

    All types flow at once, so that each meets the others. Who comes first depends on the scales a little, and the other
    way round, so with repeats both are found in turns.
    """
    pathway = world.pathway
    sources = source_of_types(pathway)
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
            everyone = steady(world, month, given, start)
            for stage, table in everyone.scales.items():
                together.setdefault(stage, {}).update(table)
        if with_repeats:
            fixed = {**together, **given}
            one_by_one = {
                (0, person): 1.0 + _mass(steady(world, 0, fixed, [(entry, person, EVEN)]).again)
                for person, entry in enumerate(entries)
                if entry >= 0
            }
            first = _first_share(pathway, weights, sources, one_by_one)
    return {**together, **given}, first


def with_scales(pathway: Pathway, scales: Mapping[int, Scales]) -> Pathway:
    """The pathway with need scales by stage: of decisions, and of packages that differ in size."""
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
