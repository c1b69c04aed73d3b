"""What of a shipped model a council's own figures can replace: its contacts, its decisions, and its care."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from experiments.plan import prices_of
from simulation.errors import ConfigError, DemandflowError, nearest, short
from simulation.graph import Graph, Node, of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.reading import FOLDER_OF, SHIPPED
from simulation.schema.distribution import TICKS_PER, Duration
from simulation.schema.prices import Care
from simulation.schema.quantity import ByAttribute, Number
from simulation.schema.stages import Arrival, Branch, Decision, Fork, Hazard, Package, Service

KNOWN_OF_PEOPLE = ("source", "client_group")
"""What a council's records say of somebody, of all that a decision may differ by."""

Cell = tuple[str, ...]
Way = tuple[str, str]
"""A decision and one of its branches; or '' and a source of contacts."""


@dataclass(frozen=True)
class Question:
    """A decision whose shares can be counted.

    Attributes:
        by: the attributes that its shares differ by; cells: the values of these that it names; () alone if none.
        rest: the branch that takes what the others leave. fed_by: the ways that lead here, or None where people also
            come by other ways, so that no number of arrivals follows.
    """

    name: str
    title: str
    by: tuple[str, ...]
    cells: tuple[Cell, ...]
    branches: tuple[Branch, ...]
    rest: str
    fed_by: tuple[Way, ...] | None


@dataclass(frozen=True)
class Template:
    """A model with its contacts and prices.

    Attributes:
        questions: decisions that can be counted, by name, in the order of the model. left: what cannot be, and why.
    """

    model: Loaded
    demand: Loaded
    prices: Loaded | None
    graph: Graph
    values: Values
    questions: dict[str, Question]
    left: tuple[tuple[str, str], ...]

    @property
    def sources(self) -> list[str]:
        """Sources of contacts at which the model lets people in."""
        arrivals = {stage.source for _, stage in self.graph.of_kind(Arrival)}
        return [name for name in self.demand.config.sources if name in arrivals]

    @property
    def groups(self) -> list[str]:
        """Client groups."""
        return list(self.demand.config.client_groups)

    @property
    def care(self) -> dict[tuple[str, str], Care]:
        """Price and stay by client group and type of care, of the types for which the model has a package."""
        if self.prices is None:
            return {}
        types = {stage.care_type for _, stage in self.graph.of_kind(Package)}
        found = self.prices.config.care
        return {
            (group, kind): care for group in self.groups for kind, care in found.get(group, {}).items() if kind in types
        }

    @property
    def held(self) -> list[tuple[str, str]]:
        """Client groups and types of care of which the demand file says how many people are in care at the start."""
        return [(group, kind) for group, kinds in self.demand.config.held.items() for kind in kinds]

    def title_of(self, attribute: str, value: str) -> str:
        """A source's or a client group's title."""
        named = self.demand.config.sources if attribute == "source" else self.demand.config.client_groups
        return str(named[value].title) if value in named else value

    def care_title(self, kind: str) -> str:
        """A type of care's title."""
        assert self.prices is not None
        known = self.prices.config.care_types
        return str(known[kind].title) if kind in known else kind

    def share(self, question: Question, cell: Cell, branch: str) -> float:
        """The template's own probability of a branch."""
        numbers = {b.name: self._number(b, cell) for b in question.branches if b.name != question.rest}
        return numbers[branch] if branch in numbers else 1 - sum(numbers.values())

    def _number(self, branch: Branch, cell: Cell) -> float:
        given = branch.probability
        if isinstance(given, ByAttribute):
            inside: object = given.values
            for step in cell:
                inside = inside[step] if isinstance(inside, dict) else inside
            return self.values.of(inside, self.model.ref)  # type: ignore[arg-type]
        assert given is not None
        return self.values.of(given, self.model.ref)

    def number(self, number: Number, loaded: Loaded) -> float:
        """A number of one of the files."""
        return self.values.of(number, loaded.ref)

    def stay(self, group: str, kind: str) -> tuple[Duration, str]:
        """The law of stay of a package, and why its mean cannot be estimated; '' if it can."""
        law = self.care[group, kind].stay
        ends = {own for node, hazard in self.graph.of_kind(Hazard) for own in hazard.during}
        ends |= {own for _, fork in self.graph.of_kind(Fork) for own in fork.parents}
        packages = {node.name for node, stage in self.graph.of_kind(Package) if stage.care_type == kind}
        if law.distribution not in ("exponential", "weibull"):
            return law, f"its law is {law.distribution}, which is not a matter of one mean"
        if law.cap is not None:
            return law, "its law is cut off at a longest stay"
        if packages & ends:
            return law, "reviews, hospital or deaths end this care too, and the data do not say which of them did"
        return law, ""


def days_in(unit: str) -> float:
    """Days in a unit of a law."""
    return TICKS_PER[unit] / TICKS_PER["days"]


def read_template(given: str) -> Template:
    """The model, its contacts and prices.

    Raises:
        ConfigError: with every problem of the files. DemandflowError: there is no such model.
    """
    library = Library()
    path = Path(given)
    if path.name == given and not path.suffix and not path.is_file():
        path = SHIPPED / FOLDER_OF["model"] / f"{given}.yaml"
        if not path.is_file():
            known = nearest(given, sorted(p.stem for p in path.parent.glob("*.yaml")), "There are")
            raise DemandflowError(f"There is no model '{short(given)}', nor a file of that name. {known}")
    model = library.load(path)
    if model.config.kind != "model":
        what = f"this is a file of kind {model.config.kind}, not model."
        raise ConfigError([model.problem(("kind",), what, "Name a file of models/.")])
    inputs = Inputs(library)
    inputs.add(model)
    problems = inputs.problems()
    if problems:
        raise ConfigError(problems)
    uses = list(enumerate(model.config.uses))
    named = [(index, reference) for index, reference in uses if reference.startswith("demand/")]
    if not named:
        raise ConfigError([model.problem(("uses",), "names no contacts.", "Add one of demand/ to uses:.")])
    demand = library.referred(named[0][1], model, ("uses", named[0][0]))
    graph = of_model(model)
    questions, left = {}, []
    for node, stage in _as_met(graph):
        found = _question(graph, node.name, node.title, stage)
        if isinstance(found, Question):
            questions[node.name] = found
        else:
            left.append((node.title, found))
    return Template(model, demand, prices_of(model, library), graph, Values(inputs), questions, tuple(left))


def _as_met(graph: Graph) -> list[tuple[Node, Decision]]:
    """Decisions in the order in which people come to them."""
    order = [node.name for node, _ in graph.of_kind(Arrival)]
    network = graph.network(with_returns=True)
    for name in order:  # grows while it is gone through
        order += [to for to in network.successors(name) if to not in order]
    place = {name: index for index, name in enumerate(order)}
    found = list(graph.of_kind(Decision))
    return sorted(found, key=lambda item: place.get(item[0].name, len(place)))


def _question(graph: Graph, name: str, title: str, stage: Decision) -> Question | str:
    """The decision as something to count, or why it cannot be."""
    if any(branch.when is not None for branch in stage.branches):
        return "a rule decides here, and records do not say for whom it held"
    given = [branch.probability for branch in stage.branches if branch.probability != "rest"]
    kinds = [number for number in given if isinstance(number, ByAttribute)]
    attributes = {tuple(number.by) for number in kinds}
    if len(attributes) > 1:
        return "its branches differ by different things"
    by = attributes.pop() if attributes else ()
    if not set(by) <= set(KNOWN_OF_PEOPLE):
        return f"its shares differ by {' and '.join(by)}, which records of this kind do not say"
    rest = [branch.name for branch in stage.branches if branch.probability == "rest"]
    branches = tuple(stage.branches)
    cells = tuple(dict.fromkeys(cell for number in kinds for cell in _cells(number))) or ((),)
    fed_by = _fed_by(graph, name)
    return Question(name, title, by, cells, branches, rest[0] if rest else branches[-1].name, fed_by)


def _cells(number: ByAttribute) -> Iterator[Cell]:
    for first, inside in number.values.items():
        if isinstance(inside, dict):
            yield from product((first,), inside)
        else:
            yield (first,)


def _fed_by(graph: Graph, name: str) -> tuple[Way, ...] | None:
    """The ways by which people come to a stage, through work that everybody finishes; None where there are others."""
    found: list[Way] = []
    seen, ahead = {name}, [name]
    while ahead:
        here = ahead.pop()
        for node in graph.nodes.values():
            stage = node.stage
            if here not in node.targets and all(to != here for start, to in node.links if start == node.name):
                continue
            if isinstance(stage, Decision):
                found += [(node.name, b.name) for b in stage.branches if node.target(b.to) == here]
            elif isinstance(stage, Arrival):
                found.append(("", stage.source))
            elif isinstance(stage, Service) and stage.longest_wait is None and not _left_early(graph, node.name):
                if node.name not in seen:
                    seen.add(node.name)
                    ahead.append(node.name)
            else:
                return None
    return tuple(found)


def _left_early(graph: Graph, name: str) -> bool:
    return any(name in (node.target(own) for own in hazard.during) for node, hazard in graph.of_kind(Hazard))
