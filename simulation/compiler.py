"""From a graph of named stages to the flat arrays of a ``Pathway``.

The compiler evaluates every number, checks that each branch sums to 1 for every type of person, and finds all faults
before it gives up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.errors import ConfigError, DemandflowError, Problem
from simulation.expected import Expected, Scales, expect
from simulation.graph import Graph, Node, check
from simulation.identity import draw_id, refuse_collisions
from simulation.inputs import Values, Where
from simulation.library import Loaded
from simulation.pathway import NO_PRICE, Pathway
from simulation.people import Types, attribute_values, complete, group_shares, source_rate, spread_shares
from simulation.quantiles import KNOTS, quantile_table, refuse_bad_numbers
from simulation.schema import DeliveryModel
from simulation.schema.distribution import FAMILIES, TICKS_PER, Duration, DurationBy
from simulation.schema.quantity import ByAttribute, Evidence
from simulation.schema.stages import Arrival, Branch, Decision, Outcome, Package, Service, SetAttribute
from simulation.staffing import staffing

MOST_STAGES = 1_000
MOST_TYPES = 20_000
LEAST_SHARE = 1e-12

_CODES = {
    Arrival: Kind.ARRIVAL,
    Service: Kind.SERVICE,
    Decision: Kind.DECISION,
    SetAttribute: Kind.SET,
    Package: Kind.PACKAGE,
    Outcome: Kind.OUTCOME,
}


LawNumbers = tuple[str, dict[str, Any], int]
"""A law behind a row of the quantile tables: family, numbers and ticks in its unit."""


@dataclass(frozen=True)
class Compiled:
    """A pathway with what follows from it exactly, and the laws behind its quantile tables, row by row."""

    pathway: Pathway
    expected: Expected
    laws: tuple[LawNumbers, ...]


def relevant_attributes(*graphs: Graph) -> tuple[str, ...]:
    """Attributes that any probability, rule, duration or change of these graphs depends on."""
    names = {"source", "client_group"}
    for graph in graphs:
        for node in graph.nodes.values():
            stage = node.stage
            if isinstance(stage, Decision):
                for branch in stage.branches:
                    names.update(branch.when or {})
                    if isinstance(branch.probability, ByAttribute):
                        names.update(branch.probability.by)
            if isinstance(stage, SetAttribute):
                names.add(stage.attribute)
            for key in ("duration", "stay", "priority"):
                given = getattr(stage, key, None)
                if isinstance(given, DurationBy):
                    names.add(given.by)
                elif isinstance(given, ByAttribute):
                    names.update(given.by)
    return tuple(sorted(names - {"month"}))


class _Compiler:
    def __init__(
        self,
        graph: Graph,
        demand: Loaded,
        prices: Loaded | None,
        values: Values,
        attributes: tuple[str, ...],
        scales: Mapping[str, Scales],
        tables: bool,
        follow_need: bool,
    ):
        self.graph, self.demand, self.prices, self.values = graph, demand, prices, values
        self.scales, self.with_tables, self.follow_need = scales, tables, follow_need
        self.problems: list[Problem] = []
        self.nodes = list(graph.nodes.values())
        self.index = {node.name: i for i, node in enumerate(self.nodes)}
        self.space = attribute_values(demand)
        known = [name for name in attributes if name in self.space]
        self.types = Types(tuple(known), tuple(self.space[name] for name in known))
        self.each_type = list(self.types.each()) if self.types.count <= MOST_TYPES else []
        self.table_rows: dict[str, int] = {}
        self.laws: list[LawNumbers] = []
        self.table_list: list[NDArray[np.int64]] = []

    def number(self, node: Node, number: float | str | Evidence, inside: Where) -> float:
        """A number's value; a fault is noted and 0 stands in."""
        try:
            return self.values.of(number, node.scope)
        except DemandflowError as error:
            self.problems.append(node.problem(str(error), inside=inside))
            return 0.0

    def per_type(self, node: Node, given: Any, inside: Where) -> NDArray[np.float64]:
        """A number for every calendar table and type: shape (1 or 12, T)."""
        count = len(self.each_type)
        if not isinstance(given, ByAttribute):
            return np.full((1, count), self.number(node, given, inside))
        unknown = [name for name in given.by if name not in self.space and name != "month"]
        if unknown:
            self.problems.append(
                node.problem(
                    f"there is no attribute '{unknown[0]}'.", f"Use: {', '.join(self.space)} or month.", inside
                )
            )
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
        self._unused(node, given, inside)
        return result

    def _cell(self, node: Node, given: ByAttribute, key: tuple[str, ...], inside: Where) -> float:
        cell: Any = given.values
        for depth, step in enumerate(key):
            if not isinstance(cell, dict) or step not in cell:
                self.problems.append(
                    node.problem(
                        f"there is no value for {given.by[depth]} '{step}'.",
                        f"Add {step}: under values.",
                        (*inside, "values"),
                    )
                )
                return 0.0
            cell = cell[step]
        if isinstance(cell, dict):
            self.problems.append(node.problem("values are nested deeper than by: says.", "Mend by:.", inside))
            return 0.0
        return self.number(node, cell, (*inside, "values", *key))

    def _unused(self, node: Node, given: ByAttribute, inside: Where) -> None:
        first = given.by[0]
        known = {str(m) for m in range(1, 13)} if first == "month" else set(self.space[first])
        for key in given.values:
            if key not in known:
                self.problems.append(
                    node.problem(
                        f"'{key}' is not a value of {first}.",
                        f"Use: {', '.join(sorted(known))}.",
                        (*inside, "values", key),
                    )
                )

    def rule(self, node: Node, branch: Branch, inside: Where) -> NDArray[np.bool_]:
        """For which types a ``when:`` holds: shape (T,)."""
        holds = np.ones(len(self.each_type), dtype=bool)
        for name, wanted in (branch.when or {}).items():
            if name not in self.space:
                self.problems.append(
                    node.problem(
                        f"there is no attribute '{name}'.", f"Use: {', '.join(self.space)}.", (*inside, "when")
                    )
                )
                continue
            wanted_list = wanted if isinstance(wanted, list) else [wanted]
            for value in wanted_list:
                if value not in self.space[name]:
                    self.problems.append(
                        node.problem(
                            f"'{value}' is not a value of {name}.",
                            f"Use: {', '.join(self.space[name])}.",
                            (*inside, "when", name),
                        )
                    )
            holds &= np.array([person[name] in wanted_list for person in self.each_type])
        return holds

    def probabilities(self, node: Node) -> NDArray[np.float64]:
        """Cumulative probabilities of a decision: shape (1 or 12, T, branches)."""
        assert isinstance(node.stage, Decision)
        branches = node.stage.branches
        count, size = len(self.each_type), len(branches)
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
            full = complete(node.loaded, (*node.where, "branches"), list(shares))
        except ConfigError as error:
            self.problems.extend(error.problems)
            return [1.0] * len(branches)
        cumulative = np.cumsum(full)
        last = max(i for i, share in enumerate(full) if share > LEAST_SHARE)
        cumulative[last:] = 1.0
        return [float(c) for c in cumulative]

    def table(self, node: Node, duration: Duration, inside: Where, scope: str, loaded: Loaded) -> int:
        """The row of a law's quantile table; a fault is noted and row 0 stands in."""
        try:
            numbers: dict[str, Any] = {key: getattr(duration, key) for key in FAMILIES[duration.distribution]}
            for key, value in numbers.items():
                if key not in ("values", "law", "arguments"):
                    numbers[key] = self.values.of(value, scope)
            if duration.cap is not None:
                numbers["cap"] = self.values.of(duration.cap, scope)
            refuse_bad_numbers(duration.distribution, numbers)
            key = repr((duration.distribution, sorted(numbers.items()), duration.unit))
            if key not in self.table_rows:
                if self.with_tables:
                    self.table_list.append(quantile_table(duration.distribution, numbers, TICKS_PER[duration.unit]))
                self.table_rows[key] = len(self.laws)
                self.laws.append((duration.distribution, numbers, TICKS_PER[duration.unit]))
            return self.table_rows[key]
        except DemandflowError as error:
            where = (*node.where, *inside) if loaded is node.loaded else inside
            self.problems.append(loaded.problem(where, f"{'.'.join(map(str, where))}: {error}"))
            return 0

    def durations(self, node: Node, given: Duration | DurationBy, inside: Where) -> NDArray[np.int64]:
        """A table row for every type: shape (T,)."""
        if isinstance(given, Duration):
            return np.full(len(self.each_type), self.table(node, given, inside, node.scope, node.loaded))
        rows: dict[str, int] = {}
        for value in self.space[given.by]:
            if value not in given.values:
                self.problems.append(
                    node.problem(
                        f"there is no duration for {given.by} '{value}'.", f"Add {value}: under values.", inside
                    )
                )
                rows[value] = 0
            else:
                rows[value] = self.table(node, given.values[value], (*inside, "values", value), node.scope, node.loaded)
        return np.array([rows[person[given.by]] for person in self.each_type], dtype=np.int64)

    def package(self, node: Node) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Stay (row of tables, -1 if none) and price in pence a week (-1 if none) for every type."""
        assert isinstance(node.stage, Package)
        count = len(self.each_type)
        stay = np.full(count, -1)
        pence = np.full(count, NO_PRICE)
        if node.stage.stay is not None:
            stay = self.durations(node, node.stage.stay, ("stay",))
        if self.prices is None:
            return stay, pence
        prices = self.prices.config
        if node.stage.care_type not in prices.care_types:
            self.problems.append(
                node.problem(
                    f"'{node.stage.care_type}' is not a care type of {prices.name}.",
                    f"Use: {', '.join(sorted(prices.care_types))}.",
                    ("care_type",),
                )
            )
            return stay, pence
        for group in self.space["client_group"]:
            care = prices.care.get(group, {}).get(node.stage.care_type)
            if care is None:
                continue
            rows = [i for i, person in enumerate(self.each_type) if person["client_group"] == group]
            where: Where = ("care", group, node.stage.care_type)
            if node.stage.stay is None:
                stay[rows] = self.table(node, care.stay, (*where, "stay"), self.prices.ref, self.prices)
            if care.weekly_cost is not None:
                pounds = self.values.of(care.weekly_cost, self.prices.ref)
                if pounds < 0:
                    self.problems.append(
                        self.prices.problem(
                            (*where, "weekly_cost"),
                            f"{'.'.join(map(str, where))}: a weekly cost of {pounds:g} is negative.",
                            "Give pounds a week, 0 or more.",
                        )
                    )
                pence[rows] = round(pounds * 100)
        return stay, pence

    def compile(self) -> Compiled:
        """The arrays, or every problem.

        Raises:
            ConfigError: with all of them.
        """
        self.problems.extend(check(self.graph))
        for name, limit, size in (("stages", MOST_STAGES, len(self.nodes)), ("types", MOST_TYPES, self.types.count)):
            if size > limit:
                raise DemandflowError(
                    f"the pathway has {size:,} {name}, more than {limit:,}. Split it or ask for less."
                )
        if self.problems:
            raise ConfigError(self.problems)
        arrays = self._arrays()
        if self.problems:
            raise ConfigError(self.problems)
        pathway = self._pathway(arrays)
        refuse_collisions(
            (f"{node.draw_name} ({purpose})", draw_id(node.draw_name, purpose))
            for node in self.nodes
            for purpose in ("duration", "branch")
        )
        weights = self._type_weights()
        return expect_and_scale(pathway, weights, self.nodes, self.scales, self._mixing, self.laws)

    def _mixing(self, node: Node) -> tuple[float, str]:
        assert isinstance(node.stage, Decision)
        mixing = node.stage.follows_need
        return (
            (0.0, "own")
            if mixing is None or not self.follow_need
            else (self.values.of(mixing.weight, node.scope), mixing.scale)
        )

    def _arrays(self) -> dict[str, NDArray[Any]]:
        n, count = len(self.nodes), len(self.each_type)
        whole = {key: np.full(n, -1, dtype=np.int64) for key in ("kind", "following", "team", "decision")}
        draws = {key: np.zeros(n, dtype=np.int64) for key in ("draw_duration", "draw_branch")}
        duration = np.full((n, count), -1, dtype=np.int64)
        priority = np.zeros((n, count), dtype=np.int64)
        pence = np.full((n, count), NO_PRICE, dtype=np.int64)
        becomes = np.tile(np.arange(count, dtype=np.int64), (n, 1))
        cumulative: list[NDArray[np.float64]] = []
        follows: list[float] = []
        branch_to: list[list[int]] = []
        teams = {name: i for i, name in enumerate(self.graph.teams)}
        for i, node in enumerate(self.nodes):
            stage = node.stage
            whole["kind"][i] = _CODES[type(stage)]
            draws["draw_duration"][i] = draw_id(node.draw_name, "duration")
            draws["draw_branch"][i] = draw_id(node.draw_name, "branch")
            if not isinstance(stage, Decision | Outcome):
                whole["following"][i] = self.index[node.targets[0]]
            if isinstance(stage, Service):
                own = stage.team if stage.team in teams and node.name == node.own_name else self._team_name(node)
                whole["team"][i] = teams[own]
                duration[i] = self.durations(node, stage.duration, ("duration",))
                if stage.priority is not None:
                    priority[i] = self._classes(node, self.per_type(node, stage.priority, ("priority",))[0])
            elif isinstance(stage, Decision):
                whole["decision"][i] = len(cumulative)
                cumulative.append(self.probabilities(node))
                follows.append(self._weight(node))
                branch_to.append([self.index[name] for name in node.targets])
            elif isinstance(stage, SetAttribute):
                becomes[i] = self._becomes(node)
            elif isinstance(stage, Package):
                duration[i], pence[i] = self.package(node)
        months = max((c.shape[0] for c in cumulative), default=1)
        widest = max((c.shape[2] for c in cumulative), default=1)
        table = np.ones((len(cumulative), months, count, widest))
        to = np.full((len(cumulative), widest), -1, dtype=np.int64)
        for d, part in enumerate(cumulative):
            table[d, :, :, : part.shape[2]] = part
            to[d, : len(branch_to[d])] = branch_to[d]
        return {
            **whole,
            **draws,
            "duration": duration,
            "priority": priority,
            "becomes": becomes,
            "branches": np.array([len(t) for t in branch_to], dtype=np.int64),
            "branch_to": to,
            "cumulative": table,
            "follows_need": np.array(follows, dtype=np.float64),
            **self._staff(),
            "pence_per_week": pence,
            "tables": np.array(self.table_list, dtype=np.int64).reshape(-1, 2 * KNOTS),
        }

    def _staff(self) -> dict[str, NDArray[Any]]:
        staff, problems = staffing(self.graph, self.values)
        self.problems.extend(problems)
        return {
            "team_size": staff.size,
            "team_roster": staff.roster,
            "team_spans": staff.spans,
            "team_holidays": staff.holidays,
            "team_effort": staff.effort,
        }

    def _team_name(self, node: Node) -> str:
        return f"{node.loaded.config.name}.{node.stage.team}"  # type: ignore[union-attr]

    def _classes(self, node: Node, given: NDArray[np.float64]) -> NDArray[np.int64]:
        if np.any(given < 0) or np.any(given != np.floor(given)):
            self.problems.append(
                node.problem(
                    "a priority is a class: 0, 1, 2 and so on.", "Give whole numbers of 0 or more.", ("priority",)
                )
            )
        return given.astype(np.int64)

    def _weight(self, node: Node) -> float:
        assert isinstance(node.stage, Decision)
        mixing = node.stage.follows_need
        if mixing is None:
            return 0.0
        weight = self.number(node, mixing.weight, ("follows_need", "weight"))
        if not 0 <= weight <= 1:
            self.problems.append(
                node.problem(
                    f"the weight of need is {weight:g}.",
                    "Give a number from 0 (chance) to 1 (need alone).",
                    ("follows_need", "weight"),
                )
            )
        return weight if self.follow_need else 0.0

    def _becomes(self, node: Node) -> NDArray[np.int64]:
        assert isinstance(node.stage, SetAttribute)
        name, value = node.stage.attribute, node.stage.value
        if name not in self.types.names or name in ("source", "client_group"):
            self.problems.append(
                node.problem(
                    f"'{name}' cannot be set.", "Use age_band, can_travel, informal_support or means.", ("attribute",)
                )
            )
            return np.arange(len(self.each_type), dtype=np.int64)
        if value not in self.space[name]:
            self.problems.append(
                node.problem(f"'{value}' is not a value of {name}.", f"Use: {', '.join(self.space[name])}.", ("value",))
            )
            return np.arange(len(self.each_type), dtype=np.int64)
        changed = [{**person, name: value} for person in self.each_type]
        return np.array([self.each_type.index(person) for person in changed], dtype=np.int64)

    def _pathway(self, arrays: dict[str, NDArray[Any]]) -> Pathway:
        decisions = [node.stage for node in self.nodes if isinstance(node.stage, Decision)]
        sources = self.space["source"]
        entry = np.full(len(sources), -1, dtype=np.int64)
        for node, stage in self.graph.of_kind(Arrival):
            if stage.source in sources:
                entry[sources.index(stage.source)] = self.index[node.name]
        empty = np.zeros((len(decisions), arrays["cumulative"].shape[1], len(self.each_type), 2), dtype=np.int64)
        return Pathway(
            name=self.graph.name,
            title=self.graph.title,
            stages=tuple(node.name for node in self.nodes),
            own_names=tuple(node.own_name for node in self.nodes),
            titles=tuple(node.title for node in self.nodes),
            care_types=tuple(getattr(node.stage, "care_type", "") for node in self.nodes),
            counts_as=tuple(
                "funded_package" if isinstance(node.stage, Package) else (node.stage.counts_as or "")
                for node in self.nodes
            ),
            need_goes=tuple(getattr(node.stage, "need", "") for node in self.nodes),
            branch_names=tuple(tuple(b.name for b in stage.branches) for stage in decisions),
            branch_counts_as=tuple(tuple(b.counts_as or "" for b in stage.branches) for stage in decisions),
            teams=tuple(self.graph.teams),
            sources=sources,
            types=self.types,
            scale_at=empty,
            scale_rank=np.zeros(0),
            scale_standing=np.zeros(0),
            entry=entry,
            **arrays,
        )

    def _type_weights(self) -> NDArray[np.float64]:
        """Contacts a day of each type: shape (T,)."""
        shares = group_shares(self.demand, self.values)
        spreads: dict[tuple[str, str], list[float]] = {}
        weights = np.zeros(len(self.each_type))
        for i, person in enumerate(self.each_type):
            group = person["client_group"]
            weight = source_rate(self.demand, person["source"], self.values) * shares[group]
            for name in self.types.names:
                if name in ("source", "client_group"):
                    continue
                if (name, group) not in spreads:
                    spreads[name, group] = spread_shares(self.demand, name, group, self.values)
                weight *= spreads[name, group][self.space[name].index(person[name])]
            weights[i] = weight
        return weights


def expect_and_scale(
    pathway: Pathway,
    weights: NDArray[np.float64],
    nodes: list[Node],
    scales: Mapping[str, Scales],
    mixing: Callable[[Node], tuple[float, str]],
    laws: list[LawNumbers],
) -> Compiled:
    """The pathway with its need scales, and its exact expectations."""
    given: dict[int, Scales] = {}
    for i, node in enumerate(nodes):
        joined_in = node.name != node.own_name and node.own_name in scales
        if joined_in and isinstance(node.stage, Decision) and mixing(node)[1] == "baseline":
            given[i] = scales[node.own_name]
    return Compiled(*expect(pathway, weights, given), tuple(laws))


def compile_graph(
    graph: Graph,
    demand: Loaded,
    prices: Loaded | None,
    values: Values,
    *,
    attributes: tuple[str, ...] | None = None,
    scales: Mapping[str, Scales] | None = None,
    tables: bool = True,
    follow_need: bool = True,
) -> Compiled:
    """Compile a graph for a population and, if given, prices.

    ``attributes`` fixes the person types (all models of a comparison share them); ``scales`` are the baseline's need
    scales by stage name; ``tables=False`` leaves out the quantile tables where only expectations are wanted;
    ``follow_need=False`` lets chance alone decide, which leaves every published share and total as it is and is quicker.

    Raises:
        ConfigError: every fault found in the model, the demand and the prices.
    """
    chosen = attributes if attributes is not None else relevant_attributes(graph)
    return _Compiler(graph, demand, prices, values, chosen, scales or {}, tables, follow_need).compile()


def describes(model: DeliveryModel) -> str:
    """One line about a model."""
    return f"{model.name}: {model.title}. {model.reproduces}"
