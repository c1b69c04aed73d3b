"""The people who make contact: who they are, when they come, and what they are like.

Everything follows from (population, source, group, month, k) and the seed: a higher rate adds people and changes
nobody who was there before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import MS_PER_DAY, Calendar
from simulation.errors import ConfigError
from simulation.growth import growth_of
from simulation.identity import cell_id, draw_id, refuse_collisions
from simulation.laws import law_numbers, law_table
from simulation.people import (
    HOUR_PARTS,
    SPREADS,
    attribute_values,
    eligible_share,
    group_shares,
    held_number,
    month_factors,
    source_rate,
    spread_shares,
)
from simulation.philox import first_of_each
from simulation.population_loops import codes_of_each, in_order
from simulation.quantiles import look_up_own
from simulation.reading import Where
from simulation.repeats import Repeats

if TYPE_CHECKING:
    from simulation.inputs import Values
    from simulation.library import Loaded
    from simulation.schema.distribution import Law

MOST_PEOPLE = 100_000_000
"""More contacts than this in one run are taken for a slip of the pen; England has 2 million requests a year."""

_CELL, _SOURCE, _GROUP, _CARE, _FIRST, _TICKS, _COUNT, _COLUMNS = range(8)
"""Columns of a table of cells: id, codes of source, group and care held, first tick, ticks, people."""


@dataclass(frozen=True)
class Population:
    """People in order of their contact. All arrays have shape (people,).

    Attributes:
        person: 64-bit identity. time: tick of the contact.
        codes: code of each categorical attribute (see ``people.attribute_values``).
        rank: need rank within the client group, 0 lightest to 1 heaviest.
        hours: latent need, hours a week. eligible: whether that need is eligible, decided or not.
        held: care held at the start, an index into ``held_types``; -1 for people who make contact.
    """

    person: NDArray[np.int64]
    time: NDArray[np.int64]
    codes: dict[str, NDArray[np.int64]]
    rank: NDArray[np.float64]
    hours: NDArray[np.float64]
    eligible: NDArray[np.bool_]
    held: NDArray[np.int64]
    held_types: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.person)

    def part(self, first: int, after: int) -> Population:
        """The people from one place in the order up to another, each unchanged; nothing is copied."""
        return self._taken(slice(first, after))

    def subset(self, keep: NDArray[np.bool_]) -> Population:
        """Some of the people, each unchanged."""
        return self._taken(keep)

    def _taken(self, keep: NDArray[np.bool_] | slice) -> Population:
        return Population(
            self.person[keep],
            self.time[keep],
            {name: code[keep] for name, code in self.codes.items()},
            self.rank[keep],
            self.hours[keep],
            self.eligible[keep],
            self.held[keep],
            self.held_types,
        )


class Finder:
    """Finds people by identity: their place in the population's arrays."""

    def __init__(self, people: Population):
        self.order = np.argsort(people.person, kind="stable")
        self.sorted = people.person[self.order]

    def __call__(self, person: NDArray[np.int64]) -> NDArray[np.int64]:
        result: NDArray[np.int64] = self.order[np.searchsorted(self.sorted, person)]
        return result


def poisson_quantile(mean: float, u: float) -> int:
    """The smallest n with P(N ≤ n) ≥ u for a Poisson number N; ``mean`` 0 or more, ``u`` in (0, 1).

    Summed upwards from 13 standard deviations below the mean, relative to the term at the mode.
    """
    if mean <= 0:
        return 0
    low, cumulative = _poisson(mean)
    return low + int(cumulative.searchsorted(u * cumulative[-1]))


@lru_cache(maxsize=4096)  # as many cells are asked for in every replication
def _poisson(mean: float) -> tuple[int, NDArray[np.float64]]:
    """The least number that can come out, and the law's distribution function from there on, not yet scaled to 1."""
    spread = 13 * np.sqrt(mean) + 40
    low, high = max(0, int(mean - spread)), int(mean + spread)
    mode = int(mean)
    up = np.log(mean / np.arange(mode + 1, high + 1)).cumsum()
    down = np.log(np.arange(mode, low, -1) / mean).cumsum()
    terms = np.exp(np.concatenate([down[::-1], [0.0], up]))
    return low, np.cumsum(terms)


def _hours_table(demand: Loaded, group: str, values: Values) -> NDArray[np.int64]:
    """Quantile table of weekly hours of need, in thousandths of an hour."""
    laws = demand.config.person.need.hours_per_week
    key = group if group in laws else "all"
    where: Where = ("person", "need", "hours_per_week", key)
    if key not in laws:
        raise ConfigError([demand.problem(where[:-1], f"there is no law for '{group}'.", f"Add {group}: or all:.")])
    law: Law = laws[key]
    return law_table(law, law_numbers(law, demand, where, values), HOUR_PARTS, demand, where)


class PopulationMaker:
    """Makes the people of a demand file for any replication.

    Holds plain numbers only, so that it can be sent to another process.

    Args:
        demand: the demand file.
        values: central or drawn values of its numbers.
        calendar: contacts are made during its months.

    Raises:
        DemandflowError: negative contacts, or names whose hashes collide.
        ConfigError: shares that do not sum to 1.
    """

    def __init__(
        self,
        demand: Loaded,
        values: Values,
        calendar: Calendar,
        *,
        repeats: Repeats | None = None,
        growth: bool = False,
    ):
        self.calendar = calendar
        self.repeats = repeats or Repeats()
        self.growth = growth_of(demand, values) if growth else None
        self.space = attribute_values(demand)
        self.groups = {source: group_shares(demand, values, source) for source in self.space["source"]}
        self.rates = {source: source_rate(demand, source, values) for source in self.space["source"]}
        self.spreads = {
            (name, group): np.cumsum(spread_shares(demand, name, group, values))
            for name in SPREADS
            for group in self.space["client_group"]
        }
        tables = [_hours_table(demand, group, values) for group in self.space["client_group"]]
        self.hours = np.concatenate(tables)
        self.hours_begin = np.cumsum([0] + [len(table) for table in tables[:-1]])
        self.eligible_share = eligible_share(demand, values)
        self.cells = self._cells(demand, values)
        self.held_types = tuple(sorted({care for kinds in demand.config.held.values() for care in kinds}))
        self.held_cells = self._held(demand, values)
        refuse_collisions((str(cell[0]), int(cell[1])) for cell in (*self.cells, *self.held_cells))
        refuse_collisions((name, draw_id(name, "attribute")) for name in (*SPREADS, "need"))

    def _cells(self, demand: Loaded, values: Values) -> list[tuple[str, int, int, int, int, int, float]]:
        """Name, id, source code, group code, first tick, ticks and mean number of each cell."""
        config, starts = demand.config, self.calendar.month_starts
        factors = month_factors(demand, values)
        ages = {group: self.age_shares(group) for group in self.space["client_group"]}
        cells = []
        for index in range(self.calendar.months):
            first, ticks = int(starts[index]), int(starts[index + 1] - starts[index])
            day = self.calendar.month(index)
            month = f"{day:%Y-%m}"
            factor = factors[day.month - 1]
            for s, source in enumerate(self.space["source"]):
                new = self.repeats.first(source, first, ticks)
                for g, group in enumerate(self.space["client_group"]):
                    name = f"{config.population}|{source}|{group}|{month}"
                    mean = self.rates[source] * self.groups[source][group] * factor * ticks / MS_PER_DAY
                    mean *= new
                    if self.growth is not None:
                        mean *= self.growth.factor(ages[group], day)
                    cells.append((name, cell_id(config.population, source, group, month), s, g, first, ticks, mean))
        people = sum(mean for *_, mean in cells)
        if people > MOST_PEOPLE:
            what = f"sources: about {people:,.0f} contacts in one run are more than {MOST_PEOPLE:,}."
            raise ConfigError([demand.problem(("sources",), what, "Mend contacts_per_year, or ask for fewer years.")])
        return cells

    def age_shares(self, group: str) -> NDArray[np.float64]:
        """Shares of the age bands in a client group when growth begins: shape (bands,)."""
        return np.diff(self.spreads["age_band", group], prepend=0.0)

    def _held(self, demand: Loaded, values: Values) -> list[tuple[str, int, int, int, int]]:
        """Name, id, group code, care code and number of each cell of people in care at the start."""
        cells = []
        for group, kinds in sorted(demand.config.held.items()):
            for care, number in sorted(kinds.items()):
                people = round(held_number(demand, group, care, number, values))
                where = f"held|{care}"
                name = f"{demand.config.population}|{where}|{group}"
                cell = cell_id(demand.config.population, where, group, "start")
                g = self.space["client_group"].index(group)
                cells.append((name, cell, g, self.held_types.index(care), people))
        return cells

    def make(self, seed: int, replication: int) -> Population:
        """The people of one replication, in order of (time, person); those in care at the start come first."""
        return self._of_months(0, max(1, self.calendar.months), seed, replication)

    def parts(self, seed: int, replication: int) -> Iterator[tuple[Population, int]]:
        """The same people month by month, those in care at the start with the first, each part made when asked for.

        Beside each part stands the tick at which the next month begins.
        """
        ends = self.calendar.month_starts.tolist()[1:] or [self.calendar.end]
        for month, end in enumerate(ends):
            yield self._of_months(month, month + 1, seed, replication), end

    def _of_months(self, first: int, after: int, seed: int, replication: int) -> Population:
        cells = self._filled(first, after, seed, replication)
        ids, month, ticks, count = (cells[:, column].copy() for column in (_CELL, _FIRST, _TICKS, _COUNT))
        person, time, cell = in_order(ids, month, ticks, count, draw_id("contact", "arrival"), seed, replication)
        codes = {"source": cells[cell, _SOURCE], "client_group": cells[cell, _GROUP]}
        held = cells[cell, _CARE]
        if first == 0:
            self._sources_of_held(codes["source"], np.flatnonzero(held >= 0), person, seed, replication)
        stretch = Calendar(self.calendar.month(first), after - first)
        return self._described(person, time, codes, held, stretch, seed, replication)

    def _filled(self, first: int, after: int, seed: int, replication: int) -> NDArray[np.int64]:
        """The cells of some months that have people, in order of (month, id): shape (cells, columns)."""
        each = len(self.cells) // max(1, self.calendar.months)
        cells = self.cells[first * each : after * each]
        ids = np.array([cell[1] for cell in cells], dtype=np.uint64) << np.uint64(32)
        luck = first_of_each(ids, draw_id("contacts", "number"), 0, 0, seed, replication).tolist()
        rows = [
            (cell, s, g, -1, start, ticks, poisson_quantile(mean, u))
            for (_, cell, s, g, start, ticks, mean), u in zip(cells, luck, strict=True)
        ]
        if first == 0:
            rows += [(cell, 0, g, care, 0, 0, count) for _, cell, g, care, count in self.held_cells]
        table = np.array(rows, dtype=np.int64).reshape(-1, _COLUMNS)
        table = table[table[:, _COUNT] > 0]
        return table[np.lexsort((table[:, _CELL], table[:, _FIRST]))]

    def _sources_of_held(
        self, source: NDArray[np.int64], who: NDArray[np.int64], person: NDArray[np.uint64], seed: int, replication: int
    ) -> None:
        """People in care at the start come from the sources as contacts do."""
        if len(self.rates) == 1 or not len(who):
            return
        by_rate = np.cumsum([self.rates[name] for name in self.space["source"]])
        u = first_of_each(person[who], draw_id("source", "attribute"), 0, 0, seed, replication)
        found = np.searchsorted(by_rate / max(by_rate[-1], 1e-300), u, side="right")
        source[who] = np.minimum(found, len(by_rate) - 1)  # also where nobody makes contact

    def _described(
        self,
        person: NDArray[np.uint64],
        time: NDArray[np.int64],
        codes: dict[str, NDArray[np.int64]],
        held: NDArray[np.int64],
        stretch: Calendar,
        seed: int,
        replication: int,
    ) -> Population:
        """What people are like; ``stretch`` holds the months in which they come."""
        group = codes["client_group"]
        for name in SPREADS:
            if len(self.space[name]) == 1:
                codes[name] = np.zeros(len(person), dtype=np.int64)
                continue
            u = first_of_each(person, draw_id(name, "attribute"), 0, 0, seed, replication)
            if name == "age_band" and self.growth is not None:
                codes[name] = self._ages(group, time - self.calendar.tick(stretch.start), u, stretch)
            else:
                steps = np.array([self.spreads[name, one][:-1] for one in self.space["client_group"]])
                codes[name] = codes_of_each(u, group, steps)
        rank = first_of_each(person, draw_id("need", "attribute"), 0, 0, seed, replication)
        hours = look_up_own(self.hours, self.hours_begin, group, rank) / HOUR_PARTS
        eligible = (rank >= 1 - self.eligible_share) | (held >= 0)
        return Population(person.view(np.int64), time, codes, rank, hours, eligible, held, self.held_types)

    def _ages(
        self, group: NDArray[np.int64], time: NDArray[np.int64], u: NDArray[np.float64], stretch: Calendar
    ) -> NDArray[np.int64]:
        """Age bands where their shares grow apart; ``time`` from the beginning of the stretch."""
        assert self.growth is not None
        code = np.zeros(len(u), dtype=np.int64)
        for g, name in enumerate(self.space["client_group"]):
            here = group == g
            code[here] = self.growth.bands(self.age_shares(name), stretch, time[here], u[here])
        return code
