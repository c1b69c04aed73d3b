"""Arrays of what people meet beside the plain way: waits cut short, slots, reviews, the size of care."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.errors import ConfigError, Problem
from simulation.graph import Node
from simulation.identity import JOINED, draw_id
from simulation.inputs import Values, Where
from simulation.laws import law_numbers, law_table
from simulation.library import Loaded
from simulation.pathway import padded
from simulation.quantiles import mean_of
from simulation.reading import at
from simulation.schema.distribution import TICKS_PER, Duration, Law
from simulation.schema.prices import Care
from simulation.schema.stages import (
    Appointments,
    Decision,
    Fork,
    Hazard,
    Outcome,
    Package,
    Places,
    Service,
    SetAttribute,
)
from simulation.tabulation import Tabulation
from simulation.working_time import DAYS

PARTS = 1_000
"""Factors and shares are tabulated in thousandths."""

MOST_OF_THE_WAY = 1.0 - 1e-6
"""Need never goes the whole way: people of one rank could not be told apart by any later decision."""

LEAST_REVIEW_DAYS = 1.0
MOST_REBOOKINGS = 100


class Extras:
    """Fills the arrays stage by stage; faults are noted in the tabulation."""

    def __init__(self, tabulation: Tabulation):
        self.tables = tabulation
        self.nodes, self.index, self.problems = tabulation.nodes, tabulation.index, tabulation.problems
        n, count = len(self.nodes), len(tabulation.each_type)
        self.count = count
        ones = ("gives_up", "again_at", "set_care")
        noughts = ("rebookings", "slot_holidays", "unlimited_slots", "goes_on", "died")
        self.arrays: dict[str, NDArray[Any]] = {key: np.full(n, -1, dtype=np.int64) for key in ones}
        self.arrays |= {key: np.zeros(n, dtype=np.int64) for key in noughts}
        self.arrays |= {key: np.full((n, count), -1, dtype=np.int64) for key in ("delay", "size", "pays", "age")}
        self.arrays |= {key: np.zeros((n, count)) for key in ("misses", "again", "size_weight")}
        self.arrays["recovered"] = np.zeros((n, count), dtype=np.int64)
        self.arrays["set_need"] = np.tile(np.array([1.0, 0.0]), (n, 1))
        self.slots: list[list[Any]] = [[] for _ in self.nodes]

    def to(self, node: Node, name: str) -> int:
        """The number of a stage that a stage names; -1 where there is none, which is told elsewhere."""
        return self.index.get(node.target(name), -1)

    def share(self, node: Node, given: Any, inside: Where) -> NDArray[np.float64]:
        """A probability for every type: shape (T,)."""
        table = self.tables.per_type(node, given, inside)
        if len(table) > 1:
            self.problems.append(node.problem("this cannot change by month.", "Take month out of by:.", inside))
        if np.any(table < 0) or np.any(table > 1):
            what = f"{at(inside)} is {table.min() if table.min() < 0 else table.max():g}."
            self.problems.append(node.problem(what, "Give a probability from 0 to 1.", inside))
            return np.zeros(self.count)
        result: NDArray[np.float64] = table[0]
        return result

    def stage(self, i: int, node: Node) -> dict[str, NDArray[Any]]:
        """Everything about one stage; what the plain arrays need too (duration, pence, priority) is returned."""
        stage = node.stage
        plain: dict[str, NDArray[Any]] = {}
        if isinstance(stage, Service | Places) and stage.longest_wait is not None:
            inside: Where = ("longest_wait", "after")
            self.arrays["delay"][i] = self.tables.durations(node, stage.longest_wait.after, inside)
            self.arrays["gives_up"][i] = self.to(node, stage.longest_wait.to)
        if isinstance(stage, Places):
            plain["priority"] = self.tables.priority_classes(node, stage)
            plain["duration"], plain["pence"] = self.tables.package(node)
        elif isinstance(stage, Appointments):
            plain["duration"] = self._appointments(i, node, stage)
        elif isinstance(stage, SetAttribute):
            self._set(i, node, stage)
        elif isinstance(stage, Package):
            self.arrays["goes_on"][i] = int(stage.goes_on)
            for rows, care, where in self.tables.care_of(node):
                self._care(i, rows, care, where)
        elif isinstance(stage, Fork):
            plain["duration"] = self.tables.durations(node, stage.every, ("every",))
            self._interval(node, plain["duration"])
        elif isinstance(stage, Hazard):
            plain["duration"] = self._rate(node, stage)
        elif isinstance(stage, Outcome):
            self.arrays["died"][i] = int(stage.need == "died")
            if stage.contacts_again is not None and stage.after is not None:
                self.arrays["again"][i] = self.share(node, stage.contacts_again, ("contacts_again",))
                plain["duration"] = self.tables.durations(node, stage.after, ("after",))
                if stage.comes_in_at is not None:
                    self.arrays["again_at"][i] = self.to(node, stage.comes_in_at)
        return plain

    def _appointments(self, i: int, node: Node, stage: Appointments) -> NDArray[np.int64]:
        self.arrays["delay"][i] = self.tables.durations(node, stage.lead_time, ("lead_time",))
        self.arrays["misses"][i] = self.share(node, stage.did_not_attend, ("did_not_attend",))
        self.arrays["gives_up"][i] = self.to(node, stage.gave_up_to)
        self.arrays["slot_holidays"][i] = int(stage.bank_holidays == "closed")
        times = self.tables.number(node, stage.rebookings, ("rebookings",))
        if not 0 <= times <= MOST_REBOOKINGS or times != int(times):
            mend = f"Give a whole number from 0 to {MOST_REBOOKINGS}."
            self.problems.append(node.problem(f"rebookings is {times:g}.", mend, ("rebookings",)))
        self.arrays["rebookings"][i] = int(times)
        if stage.slots == "unlimited":
            self.arrays["unlimited_slots"][i] = 1
            return self.tables.durations(node, stage.length, ("length",))
        faults = len(self.problems)
        for site, (name, week) in enumerate(sorted(stage.slots.items())):
            for day, of_day in week.items():
                for moment, number in of_day.items():
                    inside: Where = ("slots", name, day, moment)
                    people = self.tables.number(node, number, inside)
                    if people < 0 or people != int(people):
                        mend = "Give a whole number of 0 or more."
                        self.problems.append(node.problem(f"{at(inside)} is {people:g} people.", mend, inside))
                    elif people > 0:
                        hour, minute = moment.split(":")
                        self.slots[i].append((DAYS.index(day), int(hour) * 60 + int(minute), int(people), site))
        if not self.slots[i] and len(self.problems) == faults:
            self.problems.append(
                node.problem("there is not one slot in the week.", "Give a site a day with slots.", ("slots",))
            )
        self.slots[i].sort(key=lambda slot: (slot[0], slot[1], slot[3]))
        return self.tables.durations(node, stage.length, ("length",))

    def _set(self, i: int, node: Node, stage: SetAttribute) -> None:
        for key, end in (("towards_lightest", 0.0), ("towards_heaviest", 1.0)):
            given = getattr(stage, key)
            if given is not None:
                share = min(float(self.share(node, given, (key,))[0]), MOST_OF_THE_WAY)
                self.arrays["set_need"][i] = (1.0 - share, share * end)
        if stage.attribute == "care" and stage.times is not None:
            factor = self.tables.number(node, stage.times, ("times",))
            if not 0 < factor <= 100:
                mend = "Give a factor above 0, at most 100; to end care, give value: ends."
                self.problems.append(node.problem(f"times is {factor:g}.", mend, ("times",)))
            self.arrays["set_care"][i] = max(1, round(factor * PARTS))
        elif stage.attribute == "care":
            self.arrays["set_care"][i] = 0

    def _interval(self, node: Node, rows: NDArray[np.int64]) -> None:
        for row in set(rows.tolist()):
            family, numbers, ticks = self.tables.laws[row]
            days = mean_of(family, numbers) * ticks / TICKS_PER["days"]
            if days < LEAST_REVIEW_DAYS:
                what = f"reviews every {days:g} days on average would never end."
                self.problems.append(node.problem(what, "Give an interval of a day or more.", ("every",)))

    def _rate(self, node: Node, stage: Hazard) -> NDArray[np.int64]:
        """Rows of exponential laws, -1 where the rate is 0: shape (T,)."""
        rates = self.tables.per_type(node, stage.rate_per_year, ("rate_per_year",))
        inside: Where = ("rate_per_year",)
        if len(rates) > 1:
            self.problems.append(node.problem("a rate cannot change by month.", "Take month out of by:.", inside))
        if np.any(rates < 0):
            self.problems.append(node.problem(f"the rate is {rates.min():g} a year.", "Give 0 or more.", inside))
            return np.full(self.count, -1)
        result = np.full(self.count, -1)
        for rate in set(rates[0].tolist()) - {0.0}:
            law = Duration(distribution="exponential", unit="years", mean=1.0 / rate)
            result[rates[0] == rate] = self.tables.table(law, node.loaded, (*node.where, *inside))
        return result

    def _care(self, i: int, rows: list[int], care: Care, where: Where) -> None:
        """Size, contribution and what comes back, for the types of one client group."""
        prices, values = self.tables.prices, self.tables.values
        assert prices is not None
        faults = care_problems(care, prices, where, values, laws=self.tables.with_tables)
        if faults:
            self.problems.extend(faults)
            return
        if care.size is not None:
            sigma = values.at(care.size.sigma, prices, (*where, "size", "sigma"))
            weight = values.at(care.size.follows_need, prices, (*where, "size", "follows_need"))
            if sigma > 0:
                law = Law(distribution="lognormal", mean=1.0, sigma=sigma)
                self.arrays["size"][i, rows] = self.tables.table(law, prices, (*where, "size"), PARTS)
                self.arrays["size_weight"][i, rows] = weight if self.tables.follow_need else 0.0
        if care.contribution is not None:
            row = self.tables.table(care.contribution, prices, (*where, "contribution"), PARTS)
            self.arrays["pays"][i, rows] = row
        if care.recovered_share is not None:
            share = values.at(care.recovered_share, prices, (*where, "recovered_share"))
            self.arrays["recovered"][i, rows] = round(share * PARTS)

    def all(self) -> dict[str, NDArray[Any]]:
        """The arrays that stages share."""
        names = [node.draw_name for node in self.nodes]
        hazards: list[list[int]] = [[] for _ in self.nodes]
        forks: list[list[int]] = [[] for _ in self.nodes]
        for i, node in enumerate(self.nodes):
            parents = node.stage.parents if isinstance(node.stage, Fork) else getattr(node.stage, "during", [])
            for name in parents:
                at_stage = self.to(node, name)
                if at_stage >= 0:
                    (forks if isinstance(node.stage, Fork) else hazards)[at_stage].append(i)
        replaced: list[list[int]] = []
        for node in self.nodes:
            stage = node.stage
            kinds = {stage.care_type, *stage.replaces} if isinstance(stage, Package) else set()
            replaced.append(
                [j for j, n in enumerate(self.nodes) if isinstance(n.stage, Package) and n.stage.care_type in kinds]
            )
        return {
            **self.arrays,
            "once": np.array(
                [int(n.draw_name == JOINED) for n in self.nodes if isinstance(n.stage, Decision)], dtype=np.int64
            ),
            "draw_delay": np.array([draw_id(name, "delay") for name in names], dtype=np.int64),
            "draw_attend": np.array([draw_id(name, "attend") for name in names], dtype=np.int64),
            "draw_size": np.array([draw_id(name, "effect") for name in names], dtype=np.int64),
            "draw_pays": np.array(draw_id("contribution", "effect"), dtype=np.int64),
            "slots": padded(self.slots, 4),
            "hazards": padded(hazards),
            "forks": padded(forks),
            "replaces": padded(replaced),
            "size_at": np.zeros((len(self.nodes), self.count, 2), dtype=np.int64),
        }


def care_problems(care: Care, prices: Loaded, where: Where, values: Values, laws: bool = True) -> list[Problem]:
    """What is wrong with the size, the contribution and what comes back of one kind of care; ``laws``: tables too."""
    found: list[Problem] = []

    def within(given: Any, here: Where, most: float, mend: str) -> None:
        try:
            value = values.at(given, prices, here)
        except ConfigError as error:
            found.extend(error.problems)
            return
        if not 0 <= value <= most:
            found.append(prices.problem(here, f"{at(here)} is {value:g}.", mend))

    if care.size is not None:
        within(care.size.sigma, (*where, "size", "sigma"), math.inf, "Give 0 or more.")
        weight = "Give a number from 0 (chance) to 1 (need alone)."
        within(care.size.follows_need, (*where, "size", "follows_need"), 1.0, weight)
    if care.recovered_share is not None:
        within(care.recovered_share, (*where, "recovered_share"), 1.0, "Give a share from 0 to 1.")
    if care.contribution is not None and laws:
        here = (*where, "contribution")
        try:
            numbers = law_numbers(care.contribution, prices, here, values)
            most = law_table(care.contribution, numbers, PARTS, prices, here).max() / PARTS
        except ConfigError as error:
            found.extend(error.problems)
        else:
            if most > 1:
                what = f"{at(here)}: shares of up to {most:g} of the price."
                mend = "Give a law within 0 and 1, such as a uniform or triangular one, or cap: 1."
                found.append(prices.problem(here, what, mend))
    return found
