"""From a graph of named stages to the flat arrays of a ``Pathway``.

The compiler evaluates every number, checks that each branch sums to 1 for every type of person, and finds all faults
before it gives up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.errors import ConfigError, DemandflowError, Problem, nearest
from simulation.expected import DAYS_IN_MONTH, Expected, Scales, expect
from simulation.graph import Graph, Node, check, looping
from simulation.identity import draw_id, refuse_collisions
from simulation.inputs import Values, Where
from simulation.laws import law_numbers, law_table
from simulation.library import Loaded
from simulation.pathway import NO_PRICE, Pathway
from simulation.people import (
    Types,
    attribute_values,
    complete,
    group_shares,
    month_factors,
    not_a_value,
    source_rate,
    spread_shares,
)
from simulation.quantiles import KNOTS
from simulation.reading import at
from simulation.schema import DeliveryModel
from simulation.schema.distribution import TICKS_PER, Duration, DurationBy
from simulation.schema.quantity import ByAttribute, Evidence
from simulation.schema.stages import Arrival, Branch, Decision, Outcome, Package, Service, SetAttribute
from simulation.staffing import staffing

MOST_STAGES = 1_000
MOST_TYPES = 20_000
MOST_CLASSES = 100
MOST_POUNDS = 1_000_000
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
            self.problems.extend(error.problems)
            return [1.0] * len(branches)
        cumulative = np.cumsum(full)
        last = max(i for i, share in enumerate(full) if share > LEAST_SHARE)
        cumulative[last:] = 1.0
        return [float(c) for c in cumulative]

    def table(self, duration: Duration, loaded: Loaded, where: Where) -> int:
        """The row of a law's quantile table; a fault is noted and row 0 stands in."""
        try:
            numbers = law_numbers(duration, loaded, where, self.values)
            key = repr((duration.distribution, sorted(numbers.items()), duration.unit))
            if key not in self.table_rows:
                if self.with_tables:
                    self.table_list.append(law_table(duration, numbers, TICKS_PER[duration.unit], loaded, where))
                self.table_rows[key] = len(self.laws)
                self.laws.append((duration.distribution, numbers, TICKS_PER[duration.unit]))
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
                    nearest(node.stage.care_type, sorted(prices.care_types)),
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
                stay[rows] = self.table(care.stay, self.prices, (*where, "stay"))
            if care.weekly_cost is not None:
                try:
                    pence[rows] = pence_a_week(care.weekly_cost, self.prices, (*where, "weekly_cost"), self.values)
                except ConfigError as error:
                    self.problems.extend(error.problems)
        return stay, pence

    def compile(self) -> Compiled:
        """The arrays, or every problem.

        Raises:
            ConfigError: with all of them.
        """
        try:
            return self._compiled()
        except ConfigError:
            raise
        except DemandflowError as error:
            named = next((n for n in self.nodes if re.search(rf"\b{re.escape(n.name)}\b", str(error))), None)
            if named is not None:
                raise ConfigError([named.problem(str(error))]) from None
            raise ConfigError([self.nodes[0].loaded.problem(("stages",), str(error))]) from None

    def _compiled(self) -> Compiled:
        for name, limit, size in (("stages", MOST_STAGES, len(self.nodes)), ("types", MOST_TYPES, self.types.count)):
            if size > limit:
                raise DemandflowError(
                    f"the pathway has {size:,} {name}, more than {limit:,}. Split it or ask for less."
                )
        faults = check(self.graph)
        self.problems.extend(self._unknown_groups())
        arrays = self._arrays() if not faults else self._numbers()
        if faults or self.problems:
            raise ConfigError([*faults, *self.problems])
        pathway = self._pathway(arrays)
        self._leaving(pathway)
        refuse_collisions(
            (f"{node.draw_name} ({purpose})", draw_id(node.draw_name, purpose))
            for node in self.nodes
            for purpose in ("duration", "branch")
        )
        weights = self._type_weights()
        month_days = DAYS_IN_MONTH * np.array(month_factors(self.demand, self.values))
        return expect_and_scale(pathway, weights, month_days, self.nodes, self.scales, self._mixing, self.laws)

    def _leaving(self, pathway: Pathway) -> None:
        """A way out that nobody ever takes is none.

        Raises:
            ConfigError: a loop that some people never leave, whatever their luck.
        """
        if not self.loops or np.any(pathway.becomes != np.arange(len(self.each_type))):
            return  # where people change on their way, the exact expectations find it, more slowly
        taken = np.diff(pathway.cumulative, axis=3, prepend=0.0) > LEAST_SHARE
        ends = {i for i, node in enumerate(self.nodes) if isinstance(node.stage, Outcome)}
        seen: set[bytes] = set()
        for month, row in np.ndindex(*taken.shape[1:3]):
            ways = taken[:, month, row]
            if ways.tobytes() in seen:
                continue
            seen.add(ways.tobytes())
            network = pathway.network()
            decisions = [(stage, pathway.decision[stage]) for stage in network if pathway.decision[stage] >= 0]
            for stage, decision in decisions:
                walked = {int(to) for to, some in zip(pathway.branch_to[decision], ways[decision], strict=True) if some}
                network.remove_edges_from([(stage, to) for to in network.successors(stage) if to not in walked])
            leaving = ends.union(*(nx.ancestors(network, end) for end in ends))
            entries = {int(entry) for entry in pathway.entry if entry >= 0}
            reached = entries.union(*(nx.descendants(network, entry) for entry in entries))
            stuck = [self.nodes[i] for i in sorted(reached - leaving) if self.nodes[i].name in self.loops]
            if stuck:
                names = ", ".join(node.own_name for node in stuck)
                what = f"some people never leave {names}: every way out has a probability of 0."
                raise ConfigError([stuck[0].problem(what, "Raise the probability of a way out.")])

    def _numbers(self) -> dict[str, NDArray[Any]]:
        """Every number looked at, though the stages do not fit together: their faults are told at the same time."""
        for node in self.nodes:
            stage = node.stage
            if isinstance(stage, Service):
                self.durations(node, stage.duration, ("duration",))
                self._priority(node, stage)
            elif isinstance(stage, Decision):
                self.probabilities(node)
                self._weight(node)
            elif isinstance(stage, SetAttribute):
                self._becomes(node)
            elif isinstance(stage, Package):
                self.package(node)
        self.problems.extend(staffing(self.graph, self.values)[1])
        return {}

    def _unknown_groups(self) -> list[Problem]:
        """Prices of client groups that nobody belongs to: a misspelt group would cost nothing."""
        if self.prices is None:
            return []
        groups = self.space["client_group"]
        return [
            self.prices.problem(
                ("care", group), f"care.{group}: no client group of {self.demand.ref}.", nearest(group, groups)
            )
            for group in self.prices.config.care
            if group not in groups
        ]

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
                priority[i] = self._priority(node, stage)
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

    def _priority(self, node: Node, stage: Service) -> NDArray[np.int64]:
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

    def _weight(self, node: Node) -> float:
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
            branch_counts_as=tuple(
                tuple(" ".join(b.measures) for b in stage.branches) for stage in decisions
            ),
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
        """Contacts a day of each type, before any month's factor: shape (T,)."""
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
    month_days: NDArray[np.float64],
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
    return Compiled(*expect(pathway, weights, given, month_days), tuple(laws))


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
    ``follow_need=False`` lets chance alone decide, which leaves every published share and total as it is, and is
    quicker.

    Raises:
        ConfigError: every fault found in the model, the demand and the prices.
    """
    chosen = attributes if attributes is not None else relevant_attributes(graph)
    return _Compiler(graph, demand, prices, values, chosen, scales or {}, tables, follow_need).compile()


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


def describes(model: DeliveryModel) -> str:
    """One line about a model."""
    return f"{model.name}: {model.title}. {model.reproduces}"
