"""The numbers of a graph, evaluated for every type of person: probabilities, durations, stays, prices, classes.

Faults are noted and something harmless stands in, so that all of them are found before anybody gives up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.errors import ConfigError, Problem, nearest
from simulation.graph import Graph, Node, looping
from simulation.inputs import Values, Where
from simulation.laws import law_numbers, law_table
from simulation.library import Loaded
from simulation.pathway import NO_PRICE
from simulation.people import Types, attribute_values, complete, not_a_value
from simulation.reading import at
from simulation.schema.distribution import TICKS_PER, Duration, DurationBy, Law
from simulation.schema.prices import Care
from simulation.schema.quantity import ByAttribute, Evidence
from simulation.schema.stages import Branch, Decision, Package, Places, Service, SetAttribute

MOST_TYPES = 20_000
MOST_CLASSES = 100
MOST_POUNDS = 1_000_000
LEAST_SHARE = 1e-12
MOST_NAMES = 8

LawNumbers = tuple[str, dict[str, Any], int]
"""A law behind a row of the quantile tables: family, numbers and ticks in its unit."""


def pence_a_week(cost: float | str | Evidence, prices: Loaded, where: Where, values: Values) -> int:
    """A weekly cost in pence.

    Raises:
        ConfigError: a cost that cannot be evaluated, is negative or is beyond belief.
    """
    pounds = values.at(cost, prices, where)
    if not 0 <= pounds <= MOST_POUNDS:
        raise ConfigError(
            [prices.problem(where, f"{at(where)} is {pounds:,.15g}.", f"Give pounds a week, 0 to {MOST_POUNDS:,}.")]
        )
    return round(pounds * 100)


class Tabulation:
    """Tables of one graph for one population.

    Args:
        attributes: what person types are made of. tables: whether quantile tables are built, or only their laws kept.
        follow_need: False lets chance alone decide.
    """

    def __init__(
        self,
        graph: Graph,
        demand: Loaded,
        prices: Loaded | None,
        values: Values,
        attributes: tuple[str, ...],
        tables: bool,
        follow_need: bool,
    ):
        self.graph, self.demand, self.prices, self.values = graph, demand, prices, values
        self.with_tables, self.follow_need = tables, follow_need
        self.problems: list[Problem] = []
        self.nodes = list(graph.nodes.values())
        self.index = {node.name: i for i, node in enumerate(self.nodes)}
        self.space = attribute_values(demand)
        known = [name for name in attributes if name in self.space]
        self.types = Types(tuple(known), tuple(self.space[name] for name in known))
        self.each_type = list(self.types.each()) if self.types.count <= MOST_TYPES else []
        self.loops = looping(graph)
        self.table_rows: dict[str, int] = {}
        self.laws: list[LawNumbers] = []
        self.table_list: list[NDArray[np.int64]] = []

    def number(self, node: Node, number: float | str | Evidence, inside: Where) -> float:
        """A number's value; a fault is noted and 0 stands in."""
        try:
            return self.values.at(number, node.loaded, (*node.where, *inside))
        except ConfigError as error:
            self.problems.extend(error.problems)
            return 0.0

    def per_type(self, node: Node, given: Any, inside: Where) -> NDArray[np.float64]:
        """A number for every calendar table and type: shape (1 or 12, T)."""
        count = len(self.each_type)
        if not isinstance(given, ByAttribute):
            return np.full((1, count), self.number(node, given, inside))
        known = (*self.space, "month")
        unknown = [name for name in given.by if name not in known]
        self.problems += [
            node.problem(f"there is no attribute '{name}'.", nearest(name, known), (*inside, "by")) for name in unknown
        ]
        if len(set(given.by)) < len(given.by):
            self.problems.append(node.problem("by: names one attribute twice.", "Keep one.", (*inside, "by")))
            return np.zeros((1, count))
        if unknown:
            return np.zeros((1, count))
        months = 12 if "month" in given.by else 1
        result = np.zeros((months, count))
        cells: dict[tuple[str, ...], float] = {}
        for month in range(months):
            for row, person in enumerate(self.each_type):
                key = tuple(str(month + 1) if name == "month" else person[name] for name in given.by)
                if key not in cells:
                    cells[key] = self._cell(node, given, key, inside)
                result[month, row] = cells[key]
        self._keys(node, given, inside)
        return result

    def _cell(self, node: Node, given: ByAttribute, key: tuple[str, ...], inside: Where) -> float:
        cell: Any = given.values
        for step in key:
            if not isinstance(cell, dict) or step not in cell:
                return 0.0  # told by _keys
            cell = cell[step]
        return 0.0 if isinstance(cell, dict) else self.number(node, cell, (*inside, "values", *key))

    def _keys(self, node: Node, given: ByAttribute, inside: Where) -> None:
        """Values that are missing, that nobody has, or that differ by more or less than ``by:`` says."""
        months = tuple(str(month) for month in range(1, 13))
        known = [months if name == "month" else self.space[name] for name in given.by]
        here: Where = (*inside, "values")
        self._against(node, given.by[0], given.values, known[0], here)
        for key, cell in given.values.items():
            if key not in known[0]:
                continue
            if len(given.by) == 1 and isinstance(cell, dict):
                what = f"by: names {given.by[0]} alone, and these are several numbers."
                self.problems.append(node.problem(what, "Give one number, or name the other in by:.", (*here, key)))
            elif len(given.by) == 2 and not isinstance(cell, dict):
                what = f"by: names {given.by[1]} too, and this is one number."
                mend = f"Give one for each: {', '.join(known[1])}."
                self.problems.append(node.problem(what, mend, (*here, key)))
            elif isinstance(cell, dict):
                self._against(node, given.by[1], cell, known[1], (*here, key))

    def _against(
        self, node: Node, name: str, given: Mapping[str, object], known: tuple[str, ...], inside: Where
    ) -> None:
        """The keys of a mapping by attribute are its values: all of them, and nothing else."""
        self.problems += [
            node.problem(f"'{key}' is not a value of {name}.", nearest(key, known), (*inside, key))
            for key in given
            if key not in known
        ]
        missing = [value for value in known if value not in given]
        if missing:
            what = f"nothing is given for {name} {', '.join(missing)}."
            self.problems.append(node.problem(what, "Add what is missing.", inside))

    def rule(self, node: Node, branch: Branch, inside: Where) -> NDArray[np.bool_]:
        """For which types a ``when:`` holds: shape (T,)."""
        holds = np.ones(len(self.each_type), dtype=bool)
        if not branch.when:
            self.problems.append(node.problem("when: names no attribute.", nearest("", self.space), (*inside, "when")))
        for name, wanted in (branch.when or {}).items():
            here: Where = (*inside, "when", name)
            if name not in self.space:
                self.problems.append(node.problem(f"there is no attribute '{name}'.", nearest(name, self.space), here))
                continue
            wanted_list = wanted if isinstance(wanted, list) else [wanted]
            self.problems += [
                node.problem(*not_a_value(value, name, self.space), inside=here)
                for value in wanted_list
                if value not in self.space[name]
            ]
            if not wanted_list:
                self.problems.append(node.problem(f"no value of {name} is named.", nearest("", self.space[name]), here))
            holds &= np.array([person[name] in wanted_list for person in self.each_type])
        return holds

    def probabilities(self, node: Node) -> NDArray[np.float64]:
        """Cumulative probabilities of a decision: shape (1 or 12, T, branches)."""
        assert isinstance(node.stage, Decision)
        branches = node.stage.branches
        count, size = len(self.each_type), len(branches)
        before = len(self.problems)
        parts: list[NDArray[np.float64] | None] = []
        ruled = np.full(count, -1)
        for i, branch in enumerate(branches):
            inside: Where = ("branches", i)
            if branch.when is not None:
                holds = self.rule(node, branch, inside)
                ruled[(ruled < 0) & holds] = i
                parts.append(np.zeros((1, count)))
            elif branch.probability == "rest":
                parts.append(None)
            else:
                parts.append(self.per_type(node, branch.probability, (*inside, "probability")))
        months = max(part.shape[0] for part in parts if part is not None) if any(p is not None for p in parts) else 1
        result = np.zeros((months, count, size))
        if len(self.problems) > before:
            return result  # sums of numbers that are not there would only confuse
        seen: dict[tuple[float | None, ...], list[float]] = {}
        for month in range(months):
            for row in range(count):
                if ruled[row] >= 0:
                    result[month, row, ruled[row] :] = 1.0
                    continue
                shares = tuple(None if p is None else float(p[month % p.shape[0], row]) for p in parts)
                if shares not in seen:
                    seen[shares] = self._complete(node, shares, branches)
                result[month, row] = seen[shares]
        return result

    def _complete(self, node: Node, shares: tuple[float | None, ...], branches: list[Branch]) -> list[float]:
        if all(branch.when is not None for branch in branches):
            self.problems.append(
                node.problem("some people meet none of its when: rules.", "Add a branch with probability: rest.")
            )
            return [1.0] * len(branches)
        try:
            here: Where = (*node.where, "branches")
            each = [
                (*here, i, "when" if branch.when is not None else "probability") for i, branch in enumerate(branches)
            ]
            full = complete(node.loaded, here, list(shares), each)
        except ConfigError as error:
            outside = [i for i, share in enumerate(shares) if share is not None and not -1e-12 <= share <= 1 + 1e-12]
            whose = [[i] for i in outside] or [list(range(len(branches)))]
            self.problems += [
                self._traced(node, indices, told) for indices, told in zip(whose, error.problems, strict=True)
            ]
            return [1.0] * len(branches)
        cumulative = np.cumsum(full)
        last = max(i for i, share in enumerate(full) if share > LEAST_SHARE)
        cumulative[last:] = 1.0
        return [float(c) for c in cumulative]

    def _traced(self, node: Node, branches: list[int], told: Problem) -> Problem:
        """A fault of probabilities that follow from parameters, told with those it rests on.

        Where the file at hand sets just one of them, and inherits the others, that is the one to mend.
        """
        inputs, loaded = self.values.inputs, node.loaded
        starts = tuple(
            f"{loaded.ref}:{'.'.join(map(str, (*node.where, 'branches', i, 'probability')))}" for i in branches
        )
        keys = {root for key in inputs.inputs if key.startswith(starts) for root in inputs.rests_on(key)}
        roots = sorted((inputs.inputs[key] for key in keys), key=lambda item: item.key)
        roots = [item for item in roots if item.where[0] == "parameters"]
        here = loaded.problem(("name",), "").file
        own = [item for item in roots if item.loaded.problem(item.where, "").file == here]
        if len(own) == 1 and told.file != here:
            (item,) = own
            value = self.values.at(item.number, item.loaded, item.where)
            what = f"{at(item.where)} is {value:g}, and so {told.what}"
            return item.loaded.problem(item.where, what, "Give a value with which that comes right.")
        if not roots:
            return told
        names = [str(item.where[-1]) for item in own or roots]
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return replace(told, what=f"{told.what[:-1]}; it follows from {', '.join(names[:MOST_NAMES])}{more}.")

    def table(self, law: Law, loaded: Loaded, where: Where, parts: int = 0) -> int:
        """The row of a law's quantile table; a fault is noted and row 0 stands in.

        ``parts``: what 1 is in the table, for laws that are not of time (thousandths for factors and shares).
        """
        try:
            numbers = law_numbers(law, loaded, where, self.values)
            ticks = TICKS_PER[law.unit] if isinstance(law, Duration) else parts
            key = repr((law.distribution, sorted(numbers.items()), ticks))
            if key not in self.table_rows:
                if self.with_tables:
                    self.table_list.append(law_table(law, numbers, ticks, loaded, where))
                self.table_rows[key] = len(self.laws)
                self.laws.append((law.distribution, numbers, ticks))
            return self.table_rows[key]
        except ConfigError as error:
            self.problems.extend(error.problems)
            return 0

    def durations(self, node: Node, given: Duration | DurationBy, inside: Where) -> NDArray[np.int64]:
        """A table row for every type: shape (T,)."""
        if isinstance(given, Duration):
            return np.full(len(self.each_type), self.table(given, node.loaded, (*node.where, *inside)))
        self._against(node, given.by, given.values, self.space[given.by], (*inside, "values"))
        rows = {
            value: self.table(given.values[value], node.loaded, (*node.where, *inside, "values", value))
            if value in given.values
            else 0
            for value in self.space[given.by]
        }
        return np.array([rows[person[given.by]] for person in self.each_type], dtype=np.int64)

    def care_of(self, node: Node) -> Iterator[tuple[list[int], Care, Where]]:
        """What the prices file says of a stage's care type: the types of a client group, the entry and its place."""
        name = getattr(node.stage, "care_type", None)
        if self.prices is None or name is None:
            return
        prices = self.prices.config
        if name not in prices.care_types:
            what = f"'{name}' is not a care type of {prices.name}."
            self.problems.append(node.problem(what, nearest(name, sorted(prices.care_types)), ("care_type",)))
            return
        for group in self.space["client_group"]:
            care = prices.care.get(group, {}).get(name)
            if care is not None:
                rows = [i for i, person in enumerate(self.each_type) if person["client_group"] == group]
                yield rows, care, ("care", group, name)

    def package(self, node: Node) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Stay (row of tables, -1 if none) and price in pence a week (-1 if none) for every type."""
        assert isinstance(node.stage, Package | Places)
        count = len(self.each_type)
        stay = np.full(count, -1)
        pence = np.full(count, NO_PRICE)
        if node.stage.stay is not None:
            stay = self.durations(node, node.stage.stay, ("stay",))
        for rows, care, where in self.care_of(node):
            assert self.prices is not None
            if node.stage.stay is None:
                stay[rows] = self.table(care.stay, self.prices, (*where, "stay"))
            if care.weekly_cost is not None:
                try:
                    pence[rows] = pence_a_week(care.weekly_cost, self.prices, (*where, "weekly_cost"), self.values)
                except ConfigError as error:
                    self.problems.extend(error.problems)
        return stay, pence

    def priority_classes(self, node: Node, stage: Service | Places) -> NDArray[np.int64]:
        """The class in the queue of every type: shape (T,)."""
        if stage.priority is None:
            return np.zeros(len(self.each_type), dtype=np.int64)
        given = self.per_type(node, stage.priority, ("priority",))
        if len(given) > 1:
            self.problems.append(
                node.problem("a priority cannot change by month.", "Take month out of by:.", ("priority",))
            )
        if np.any(given < 0) or np.any(given != np.floor(given)) or np.any(given > MOST_CLASSES):
            self.problems.append(
                node.problem(
                    "a priority is a class: 0, 1, 2 and so on.",
                    f"Give whole numbers from 0 to {MOST_CLASSES}.",
                    ("priority",),
                )
            )
            return np.zeros(len(self.each_type), dtype=np.int64)
        classes: NDArray[np.int64] = given[0].astype(np.int64)
        return classes

    def need_weight(self, node: Node) -> float:
        assert isinstance(node.stage, Decision)
        mixing = node.stage.follows_need
        if mixing is None:
            return 0.0
        weight = self.number(node, mixing.weight, ("follows_need", "weight"))
        if weight > 0 and node.name in self.loops:
            self.problems.append(
                node.problem(
                    "a decision inside a loop cannot follow need: it could not be computed exactly.",
                    "Remove follows_need here, or the way back.",
                    ("follows_need",),
                )
            )
        if not 0 <= weight <= 1:
            self.problems.append(
                node.problem(
                    f"the weight of need is {weight:g}.",
                    "Give a number from 0 (chance) to 1 (need alone).",
                    ("follows_need", "weight"),
                )
            )
        return weight if self.follow_need else 0.0

    def becomes(self, node: Node) -> NDArray[np.int64]:
        """The type each type becomes: shape (T,)."""
        assert isinstance(node.stage, SetAttribute)
        name, value = node.stage.attribute, node.stage.value
        same = np.arange(len(self.each_type), dtype=np.int64)
        if name in ("need", "care"):
            return same
        if name not in self.types.names or name in ("source", "client_group"):
            self.problems.append(
                node.problem(
                    f"'{name}' cannot be set.",
                    "Use age_band, can_travel, informal_support, means, need or care.",
                    ("attribute",),
                )
            )
            return same
        if value not in self.space[name]:
            self.problems.append(
                node.problem(f"'{value}' is not a value of {name}.", f"Use: {', '.join(self.space[name])}.", ("value",))
            )
            return same
        changed = [{**person, name: value} for person in self.each_type]
        return np.array([self.each_type.index(person) for person in changed], dtype=np.int64)
