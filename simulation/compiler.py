"""From a graph of named stages to the flat arrays of a ``Pathway``.

The compiler evaluates every number, checks that each branch sums to 1 for every type of person, and finds all faults
before it gives up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.errors import ConfigError, DemandflowError, Problem, nearest
from simulation.expected import DAYS_IN_MONTH, Expected, expect, with_scales
from simulation.extras import Extras
from simulation.flow_pass import Scales
from simulation.graph import Graph, Node
from simulation.graph_checks import check
from simulation.identity import draw_id, refuse_collisions
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.pathway import NO_PRICE, Pathway
from simulation.people import (
    group_shares,
    month_factors,
    source_rate,
    spread_shares,
)
from simulation.quantiles import KNOTS
from simulation.schema.distribution import DurationBy
from simulation.schema.quantity import ByAttribute
from simulation.schema.stages import (
    Appointments,
    Arrival,
    Decision,
    Fork,
    Hazard,
    Outcome,
    Package,
    Places,
    Service,
    SetAttribute,
)
from simulation.staffing import staffing
from simulation.stays import Stays, age_table
from simulation.tabulation import LEAST_SHARE, MOST_TYPES, LawNumbers, Tabulation

MOST_STAGES = 1_000

Made = TypeVar("Made")

_CODES: dict[type[Any], Kind] = {
    Arrival: Kind.ARRIVAL,
    Service: Kind.SERVICE,
    Decision: Kind.DECISION,
    SetAttribute: Kind.SET,
    Package: Kind.PACKAGE,
    Outcome: Kind.OUTCOME,
    Appointments: Kind.APPOINTMENTS,
    Places: Kind.PLACES,
    Fork: Kind.FORK,
    Hazard: Kind.HAZARD,
}

_BY_TYPE = (
    "duration", "stay", "priority", "lead_time", "length", "did_not_attend", "rate_per_year", "contacts_again", "after",
    "every",
)  # fmt: skip
"""Keys of stages whose numbers may differ between people."""


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
            if isinstance(stage, SetAttribute) and stage.attribute not in ("need", "care"):
                names.add(stage.attribute)
            waits = getattr(stage, "longest_wait", None)
            for given in (*(getattr(stage, key, None) for key in _BY_TYPE), waits and waits.after):
                if isinstance(given, DurationBy):
                    names.add(given.by)
                elif isinstance(given, ByAttribute):
                    names.update(given.by)
    return tuple(sorted(names - {"month"}))


class _Compiler:
    def __init__(self, tabulation: Tabulation, scales: Mapping[str, Scales], first_share: Mapping[str, float] | None):
        self.tables, self.scales, self.first_share = tabulation, scales, first_share
        self.graph, self.demand, self.values = tabulation.graph, tabulation.demand, tabulation.values
        self.problems, self.nodes, self.index = tabulation.problems, tabulation.nodes, tabulation.index
        self.space, self.types, self.each_type = tabulation.space, tabulation.types, tabulation.each_type

    def compile(self) -> Compiled:
        """The arrays, or every problem.

        Raises:
            ConfigError: with all of them.
        """
        return self._told(self._compiled)

    def without_expectations(self) -> Pathway:
        """The arrays with need scales that are known already, by the graph's names of stages.

        Raises:
            ConfigError: with every problem.
        """
        return self._told(self._with_known_scales)

    def _told(self, made: Callable[[], Made]) -> Made:
        try:
            return made()
        except ConfigError:
            raise
        except DemandflowError as error:
            named = next((n for n in self.nodes if re.search(rf"\b{re.escape(n.name)}\b", str(error))), None)
            if named is not None:
                raise ConfigError([named.problem(str(error))]) from None
            raise ConfigError([self.nodes[0].loaded.problem(("stages",), str(error))]) from None

    def _with_known_scales(self) -> Pathway:
        pathway = self._sound()
        known: dict[int, Scales] = {}
        for stage, node in enumerate(self.nodes):
            scales = self.scales.get(node.name, {})
            alike = all(month == 0 for month, _ in scales)
            months = range(pathway.months if alike and isinstance(node.stage, Decision) else 1)
            known[stage] = {
                (month + more, person): scale for (month, person), scale in scales.items() for more in months
            }
        return self._with_ages(with_scales(pathway, known))

    def _sound(self) -> Pathway:
        for name, limit, size in (("stages", MOST_STAGES, len(self.nodes)), ("types", MOST_TYPES, self.types.count)):
            if size > limit:
                raise DemandflowError(
                    f"the pathway has {size:,} {name}, more than {limit:,}. Split it or ask for less."
                )
        faults = check(self.graph)
        self.problems.extend(self._unknown_groups())
        self.problems.extend(self._held_by_nobody())
        arrays = self._arrays() if not faults else self._numbers()
        if faults or self.problems:
            raise ConfigError([*faults, *self.problems])
        pathway = self._pathway(arrays)
        self._leaving(pathway)
        refuse_collisions(
            (f"{node.draw_name} ({purpose})", draw_id(node.draw_name, purpose))
            for node in self.nodes
            for purpose in ("duration", "branch", "delay", "attend", "effect")
        )
        return pathway

    def _compiled(self) -> Compiled:
        pathway = self._sound()
        weights = self._type_weights()
        month_days = DAYS_IN_MONTH * np.array(month_factors(self.demand, self.values))
        compiled = expect_and_scale(
            pathway,
            weights,
            month_days,
            self.nodes,
            self.scales,
            self._mixing,
            self.tables.laws,
            self.demand,
            self.first_share,
        )
        return replace(compiled, pathway=self._with_ages(compiled.pathway))

    def _with_ages(self, pathway: Pathway) -> Pathway:
        """How long care held at the start has run, for each kind of care that anybody holds then."""
        held = self.demand.config.held
        if not held or not self.tables.with_tables:
            return pathway
        stays, age, tables = Stays(pathway, self.tables.laws), pathway.age.copy(), list(pathway.tables)
        rows: dict[int, int] = {}
        packages = np.flatnonzero(pathway.kind == Kind.PACKAGE).tolist()
        for stage, care in ((stage, pathway.care_types[stage]) for stage in packages):
            for person, attributes in enumerate(self.each_type):
                if care not in held.get(attributes["client_group"], {}):
                    continue
                stay = stays.of(stage, person)
                if id(stay) not in rows:
                    rows[id(stay)] = len(tables)
                    tables.append(age_table(stay))
                age[stage, person] = rows[id(stay)]
        return replace(pathway, age=age, tables=np.array(tables, dtype=np.int64).reshape(-1, 2 * KNOTS))

    def _leaving(self, pathway: Pathway) -> None:
        """A way out that nobody ever takes is none.

        Raises:
            ConfigError: a loop that some people never leave, whatever their luck.
        """
        if not self.tables.loops or np.any(pathway.becomes != np.arange(len(self.each_type))):
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
            stuck = [self.nodes[i] for i in sorted(reached - leaving) if self.nodes[i].name in self.tables.loops]
            if stuck:
                names = ", ".join(node.own_name for node in stuck)
                what = f"some people never leave {names}: every way out has a probability of 0."
                raise ConfigError([stuck[0].problem(what, "Raise the probability of a way out.")])

    def _numbers(self) -> dict[str, NDArray[Any]]:
        """Every number looked at, though the stages do not fit together: their faults are told at the same time."""
        extras = Extras(self.tables)
        for i, node in enumerate(self.nodes):
            stage = node.stage
            extras.stage(i, node)
            if isinstance(stage, Service):
                self.tables.durations(node, stage.duration, ("duration",))
                self.tables.priority_classes(node, stage)
            elif isinstance(stage, Decision):
                self.tables.probabilities(node)
                self.tables.need_weight(node)
            elif isinstance(stage, SetAttribute):
                self.tables.becomes(node)
            elif isinstance(stage, Package):
                self.tables.package(node)
        self.problems.extend(staffing(self.graph, self.values)[1])
        return {}

    def _unknown_groups(self) -> list[Problem]:
        """Prices of client groups that nobody belongs to: a misspelt group would cost nothing."""
        if self.tables.prices is None:
            return []
        groups = self.space["client_group"]
        return [
            self.tables.prices.problem(
                ("care", group), f"care.{group}: no client group of {self.demand.ref}.", nearest(group, groups)
            )
            for group in self.tables.prices.config.care
            if group not in groups
        ]

    def _held_by_nobody(self) -> list[Problem]:
        """Care held at the start that the model does not have: those people would be lost without a word."""
        known = sorted({stage.care_type for _, stage in self.graph.of_kind(Package)})
        return [
            self.demand.problem(
                ("held", group, care),
                f"held.{group}.{care}: no package of {self.graph.name} is of the care type '{care}'.",
                nearest(care, known),
            )
            for group, kinds in self.demand.config.held.items()
            for care in kinds
            if care not in known
        ]

    def _mixing(self, node: Node) -> tuple[float, str]:
        assert isinstance(node.stage, Decision)
        mixing = node.stage.follows_need
        return (
            (0.0, "own")
            if mixing is None or not self.tables.follow_need
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
        teams = {name: i for i, name in enumerate(self._team_names())}
        extras = Extras(self.tables)
        for i, node in enumerate(self.nodes):
            stage = node.stage
            plain = extras.stage(i, node)
            whole["kind"][i] = _CODES[type(stage)]
            draws["draw_duration"][i] = draw_id(node.draw_name, "duration")
            draws["draw_branch"][i] = draw_id(node.draw_name, "branch")
            if not isinstance(stage, Decision | Outcome):
                whole["following"][i] = self.index[node.targets[0]]
            if isinstance(stage, Service | Appointments):
                own = stage.team if stage.team in teams and node.name == node.own_name else self._team_name(node)
                whole["team"][i] = teams[own]
            elif isinstance(stage, Places):
                whole["team"][i] = teams[node.name]
            for key, table in (("duration", duration), ("priority", priority), ("pence", pence)):
                if key in plain:
                    table[i] = plain[key]
            if isinstance(stage, Service):
                duration[i] = self.tables.durations(node, stage.duration, ("duration",))
                priority[i] = self.tables.priority_classes(node, stage)
            elif isinstance(stage, Decision):
                whole["decision"][i] = len(cumulative)
                cumulative.append(self.tables.probabilities(node))
                follows.append(self.tables.need_weight(node))
                branch_to.append([self.index[name] for name in node.targets])
            elif isinstance(stage, SetAttribute):
                becomes[i] = self.tables.becomes(node)
            elif isinstance(stage, Package):
                duration[i], pence[i] = self.tables.package(node)
        months = max((c.shape[0] for c in cumulative), default=1)
        widest = max((c.shape[2] for c in cumulative), default=1)
        shares = np.ones((len(cumulative), months, count, widest))
        to = np.full((len(cumulative), widest), -1, dtype=np.int64)
        for d, part in enumerate(cumulative):
            shares[d, :, :, : part.shape[2]] = part
            to[d, : len(branch_to[d])] = branch_to[d]
        return {
            **whole,
            **draws,
            "duration": duration,
            "priority": priority,
            "becomes": becomes,
            "branches": np.array([len(t) for t in branch_to], dtype=np.int64),
            "branch_to": to,
            "cumulative": shares,
            "follows_need": np.array(follows, dtype=np.float64),
            **self._staff(),
            "pence_per_week": pence,
            **extras.all(),
            "tables": np.array(self.tables.table_list, dtype=np.int64).reshape(-1, 2 * KNOTS),
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

    def _counts_as(self, node: Node) -> str:
        """The measure of a stage. Packages count as funded, unless their model says itself who is funded."""
        if not isinstance(node.stage, Package):
            return node.stage.counts_as or ""
        stages = node.loaded.config.stages.values()
        branches = [branch for stage in stages if isinstance(stage, Decision) for branch in stage.branches]
        says = [
            *(stage.counts_as for stage in stages),
            *(measure for branch in branches for measure in branch.measures),
        ]
        return "" if "funded_package" in says else "funded_package"

    def _team_names(self) -> list[str]:
        """Teams, and after them the stages with places: both have a size and a queue."""
        return [*self.graph.teams, *(node.name for node, _ in self.graph.of_kind(Places))]

    def _team_name(self, node: Node) -> str:
        """A joined model's own team, whichever model the stage comes from."""
        return f"{node.name.removesuffix(node.own_name)}{node.stage.team}"  # type: ignore[union-attr]

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
            care_types=tuple(getattr(node.stage, "care_type", None) or "" for node in self.nodes),
            counts_as=tuple(self._counts_as(node) for node in self.nodes),
            need_goes=tuple(getattr(node.stage, "need", "") for node in self.nodes),
            branch_names=tuple(tuple(b.name for b in stage.branches) for stage in decisions),
            branch_counts_as=tuple(tuple(" ".join(b.measures) for b in stage.branches) for stage in decisions),
            teams=tuple(self._team_names()),
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
        shares = {source: group_shares(self.demand, self.values, source) for source in self.space["source"]}
        spreads: dict[tuple[str, str], list[float]] = {}
        weights = np.zeros(len(self.each_type))
        for i, person in enumerate(self.each_type):
            group = person["client_group"]
            weight = source_rate(self.demand, person["source"], self.values) * shares[person["source"]][group]
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
    demand: Loaded,
    first_share: Mapping[str, float] | None = None,
) -> Compiled:
    """The pathway with its need scales, and its exact expectations."""
    given: dict[int, Scales] = {}
    for i, node in enumerate(nodes):
        joined_in = node.name != node.own_name and node.own_name in scales
        if joined_in and isinstance(node.stage, Decision) and mixing(node)[1] == "baseline":
            given[i] = scales[node.own_name]
        elif isinstance(node.stage, Package) and node.own_name in scales:
            given[i] = scales[node.own_name]  # the size of a package is a property of need, the same under each model
    repeats = demand.config.contacts_include_repeats
    return Compiled(*expect(pathway, weights, given, month_days, laws, repeats, first_share), tuple(laws))


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
    first_share: Mapping[str, float] | None = None,
) -> Compiled:
    """Compile a graph for a population and, if given, prices.

    ``attributes`` fixes the person types (all models of a comparison share them); ``scales`` are the baseline's need
    scales by stage name; ``tables=False`` leaves out the quantile tables where only expectations are wanted;
    ``first_share`` is the baseline's share of first contacts by source, where the same people meet another model;
    ``follow_need=False`` lets chance alone decide, which leaves every published share and total as it is, and is
    quicker.

    Raises:
        ConfigError: every fault found in the model, the demand and the prices.
    """
    chosen = attributes if attributes is not None else relevant_attributes(graph)
    tabulation = Tabulation(graph, demand, prices, values, chosen, tables, follow_need)
    return _Compiler(tabulation, scales or {}, first_share).compile()


def compile_with_scales(
    graph: Graph,
    demand: Loaded,
    prices: Loaded | None,
    values: Values,
    attributes: tuple[str, ...],
    scales: Mapping[str, Scales],
) -> Pathway:
    """A pathway whose need scales are known already, by stage name; nothing is expected, which is quicker.

    Raises:
        ConfigError: every fault found in the model, the demand and the prices.
    """
    tabulation = Tabulation(graph, demand, prices, values, attributes, True, True)
    return _Compiler(tabulation, scales, None).without_expectations()
