"""Who comes in, when, where and as what: the same list for both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.identity import draw_id
from simulation.pathway import Pathway
from simulation.philox import first_of_each
from simulation.population import Population
from simulation.quantiles import KNOTS, knot_probabilities, look_up_each

Coming = tuple[int, int, int, float, int, int, int, int]
"""Somebody about to come in: tick, identity, type, need rank, the stage where they come in, the stage where they would
come in again (-1 if nowhere), the ticks for which care held at the start goes on (-1 for those who make contact), and
the ticks for which it has run."""


_PIECE = 2_000


def survival_of_table(table: NDArray[np.int64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(X > x) of a tabulated law, by linear interpolation between its knots; shape of ``x``."""
    q = knot_probabilities()
    knots = np.concatenate([table[:KNOTS], table[KNOTS:][::-1]]).astype(float)
    alive = np.concatenate([1.0 - q, q[::-1]])
    result: NDArray[np.float64] = np.interp(x, knots, alive, left=1.0, right=0.0)
    return result


def _quantile_of_table(table: NDArray[np.int64], alive: NDArray[np.float64]) -> NDArray[np.int64]:
    """The time at which a share ``alive`` is left."""
    return look_up_each(table, np.clip(1.0 - alive, 2.0**-40, 1.0 - 2.0**-40))  # type: ignore[no-any-return]


def _held_stages(people: Population, pathway: Pathway) -> NDArray[np.int64]:
    """The stage of each kind of care that people hold at the start; -1 where the pathway has none."""
    result = np.full(len(people.held_types), -1, dtype=np.int64)
    for code, care in enumerate(people.held_types):
        own = [
            stage
            for stage, kind in enumerate(pathway.care_types)
            if kind == care and pathway.age[stage].max(initial=-1) >= 0 and "." not in pathway.stages[stage]
        ]
        result[code] = own[0] if own else -1
    return result


def _ranks(
    ranks: NDArray[np.float64], pathway: Pathway, stage: NDArray[np.int64], kind: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Need ranks of people in care: their own number is a standing among those who take that package."""
    result = ranks.copy()
    for where in np.unique(stage[stage >= 0]).tolist():
        for who in np.unique(kind[stage == where]).tolist():
            start, length = pathway.size_at[where, who].tolist()
            here = (stage == where) & (kind == who)
            if length:
                part = slice(start, start + length)
                result[here] = np.interp(result[here], pathway.scale_standing[part], pathway.scale_rank[part])
    return result


def _left(
    person: NDArray[np.int64],
    pathway: Pathway,
    stage: NDArray[np.int64],
    kind: NDArray[np.int64],
    seed: int,
    replication: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ticks for which care held at the start goes on, and has run: the second is drawn first, then what is left."""
    left, ages = np.full(len(person), -1, dtype=np.int64), np.zeros(len(person), dtype=np.int64)
    ids = person.astype(np.uint64)
    age_u = first_of_each(ids, draw_id("held", "duration"), 0, 0, seed, replication)
    left_u = first_of_each(ids, draw_id("held", "delay"), 0, 0, seed, replication)
    for where in np.unique(stage[stage >= 0]).tolist():
        for who in np.unique(kind[stage == where]).tolist():
            here = np.flatnonzero((stage == where) & (kind == who))
            law, age_law = (int(pathway.duration[where, who]), int(pathway.age[where, who]))
            age = ages[here] = look_up_each(pathway.tables[age_law], age_u[here])
            if law < 0:
                left[here] = 2**61
                continue
            table = pathway.tables[law]
            alive = survival_of_table(table, age.astype(float))
            left[here] = np.maximum(_quantile_of_table(table, alive * left_u[here]) - age, 1)
    return left, ages


@dataclass(frozen=True)
class Arrivals:
    """Those whom the pathway lets in, by (time, person): columns of shape (people,), as in ``Coming``.

    ``place`` is their place in the population.
    """

    time: NDArray[np.int64]
    person: NDArray[np.int64]
    type: NDArray[np.int64]
    rank: NDArray[np.float64]
    entry: NDArray[np.int64]
    door: NDArray[np.int64]
    left: NDArray[np.int64]
    age: NDArray[np.int64]
    place: NDArray[np.int64]

    def columns(self) -> dict[str, Any]:
        """All columns by name, each in one piece."""
        return {item.name: np.ascontiguousarray(getattr(self, item.name)) for item in fields(self)}


def coming(people: Population, pathway: Pathway, seed: int, replication: int) -> Iterator[Coming]:
    """Those whom the pathway lets in, by (time, person); in pieces, so that who is yet to come takes no memory."""
    for first in range(0, people.size, _PIECE):
        some = arrivals(people.part(first, first + _PIECE), pathway, seed, replication)
        columns = (some.time, some.person, some.type, some.rank, some.entry, some.door, some.left, some.age)
        yield from zip(*(column.tolist() for column in columns), strict=True)


def arrivals(people: Population, pathway: Pathway, seed: int, replication: int) -> Arrivals:
    """Those whom the pathway lets in, as columns."""
    door = pathway.entry[people.codes["source"]]
    kind = pathway.types.number(people.codes, people.size)
    entry, rank = door, people.rank
    left, age = (np.full(people.size, -1, dtype=np.int64), np.zeros(people.size, dtype=np.int64))
    held = np.flatnonzero(people.held >= 0)
    if len(held):
        stage, whose = _held_stages(people, pathway)[people.held[held]], kind[held]
        entry, rank = door.copy(), people.rank.copy()
        entry[held] = stage
        rank[held] = _ranks(people.rank[held], pathway, stage, whose)
        left[held], age[held] = _left(people.person[held], pathway, stage, whose, seed, replication)
    place = np.arange(people.size)
    columns = (people.time, people.person, kind, rank, entry, door, left, age, place)
    return Arrivals(*(columns if (entry >= 0).all() else (column[entry >= 0] for column in columns)))
