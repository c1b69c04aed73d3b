"""``run.py diagram``: a delivery model as Mermaid text and as a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from experiments import theme
from experiments.charts.network import Stop, Way, network
from experiments.plan import prices_of
from experiments.report import render
from experiments.report.pieces import Chart, Row, Table
from experiments.report.words import careful
from experiments.whole_file import write_text_whole
from simulation.compiler import Compiled, compile_graph
from simulation.errors import ConfigError, DemandflowError, shown
from simulation.graph import Graph, Node, of_model
from simulation.graph_checks import check
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.reading import SHIPPED
from simulation.schema import DeliveryModel
from simulation.schema.stages import Appointments, Decision, Outcome

OURS = '<meta name="generator" content="Demandflow diagram">'

KINDS = {
    "arrival": ("contacts", '(["', '"])', theme.TINT_TODAY, theme.TODAY),
    "service": ("work by a team", '["', '"]', theme.WHITE, theme.TODAY),
    "decision": ("decision", '{"', '"}', theme.PALE, theme.INK),
    "set": ("change", '[/"', '"/]', theme.WHITE, theme.TODAY),
    "package": ("package", '[["', '"]]', theme.TINT_PROPOSED, theme.PROPOSED),
    "appointments": ("appointments", '["', '"]', theme.WHITE, theme.TODAY),
    "places": ("places", '["', '"]', theme.WHITE, theme.TODAY),
    "fork": ("review", '{{"', '"}}', theme.PALE, theme.INK),
    "hazard": ("hazard", '>"', '"]', theme.WHITE, theme.GREY),
    "outcome": ("outcome", '("', '")', theme.WHITE, theme.GREY),
}
"""What each kind of stage is called, its Mermaid brackets, and its colours."""


@dataclass(frozen=True)
class Step:
    """A way out of a stage: its branch, and the share of those at the stage who take it, by source of contact."""

    start: str
    end: str
    branch: str
    shares: tuple[tuple[str, float], ...]

    @property
    def label(self) -> tuple[str, ...]:
        """The shares as people read them: one line where all sources have the same."""
        said = {f"{share:.0%}" for _, share in self.shares}
        if not said:
            return ()
        return tuple(said) if len(said) == 1 else tuple(f"{source} {share:.0%}" for source, share in self.shares)


def model_at(model: Path, library: Library) -> Loaded:
    """The model at a path, or the shipped one of that name.

    Raises:
        ConfigError: there is none, or the file is no model.
    """
    path = model
    if not path.exists() and path.name == str(path) and not path.suffix:
        path = SHIPPED / "models" / f"{model}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(found.stem for found in path.parent.glob("*.yaml")))
            raise DemandflowError(
                f"{model}: there is no such file, nor a shipped model of that name. Shipped: {known}."
            )
    loaded = library.load(path)
    if not isinstance(loaded.config, DeliveryModel):
        raise ConfigError(
            [loaded.problem(("kind",), f"this is a {loaded.config.kind} file, not a model.", "Name a file of models/.")]
        )
    return loaded


def compiled_of(loaded: Loaded, graph: Graph, library: Library) -> Compiled | None:
    """The model compiled on the contacts it names; None where it names none.

    Raises:
        ConfigError: with every fault of the model and of the files it uses.
    """
    inputs = Inputs(library)
    inputs.add(loaded)
    demand = next(
        (library.referred(ref, loaded, ("uses", i)) for i, ref in enumerate(loaded.config.uses)
         if ref.startswith("demand/")), None,
    )  # fmt: skip
    problems = [*inputs.problems(), *(check(graph) if demand is None else [])]
    if problems:
        raise ConfigError(problems)
    return (
        None
        if demand is None
        else compile_graph(graph, demand, prices_of(loaded, library), Values(inputs), tables=False)
    )


def steps_of(graph: Graph, compiled: Compiled | None) -> list[Step]:
    """Every way out of every stage, in the order of the branches."""
    steps = []
    for node in graph.nodes.values():
        if isinstance(node.stage, Decision):
            for index, branch in enumerate(node.stage.branches):
                shares = _shares(compiled, node.name, index) if compiled is not None else ()
                title = branch.title or branch.name.replace("_", " ")
                steps.append(Step(node.name, node.target(branch.to), title, shares))
        else:
            steps += [Step(node.name, target, "", ()) for target in node.targets]
        early = "missed every appointment" if isinstance(node.stage, Appointments) else "waited too long"
        steps += [Step(start, end, early if start == node.name else "", ()) for start, end in node.links]
    return steps


def _shares(compiled: Compiled, stage: str, branch: int) -> tuple[tuple[str, float], ...]:
    """Share of those who reach a decision and take a branch, by source; sources that never reach it are left out."""
    pathway, expected = compiled.pathway, compiled.expected
    row, at = int(pathway.decision[pathway.index(stage)]), pathway.index(stage)
    found = []
    people = list(pathway.types.each())
    for source in pathway.sources:
        types = [i for i, person in enumerate(people) if person["source"] == source]
        reach = math.fsum(float(expected.reach[i, at]) for i in types)
        if reach > 0:
            took = math.fsum(float(expected.branch[i, row, branch]) for i in types)
            found.append((source, took / reach))
    return tuple(found)


def _called(node: Node) -> str:
    """A stage's title; an outcome says whether some of its people contact again."""
    again = isinstance(node.stage, Outcome) and node.stage.contacts_again is not None
    return careful(node.title) + (" (some contact again)" if again else "")


def mermaid(graph: Graph, steps: list[Step]) -> list[str]:
    """The graph as Mermaid text."""

    def quoted(text: str) -> str:
        return text.replace("#", "#35;").replace('"', "#quot;")

    lines = [f"%% {careful(graph.title)}", "flowchart TD"]
    for node in graph.nodes.values():
        _, before, after, _, _ = KINDS[node.stage.kind]
        lines.append(f"    {node.name}_{before}{quoted(_called(node))}{after}")
    for step in steps:
        text = ", ".join(filter(None, (careful(step.branch), *step.label)))
        arrow = f'-->|"{quoted(text)}"|' if text else "-->"
        lines.append(f"    {step.start}_ {arrow} {step.end}_")
    return lines


def picture(graph: Graph, steps: list[Step]) -> Chart:
    """The graph as a picture in layers, with its description."""
    stops = []
    for node in graph.nodes.values():
        kind, _, _, fill, edge = KINDS[node.stage.kind]
        stops.append(Stop(node.name, _called(node), kind, fill, edge))
    merged: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        merged.setdefault((step.start, step.end), []).extend(step.label)
    ways = [Way(start, end, tuple(label)) for (start, end), label in merged.items()]
    kinds = [stop.kind for stop in stops]
    count = ", ".join(f"{kinds.count(kind)} × {kind}" for kind in dict.fromkeys(kinds))
    alt = f"{careful(graph.title)}: {len(stops)} stages ({count}) joined by {len(ways)} ways; the table lists each."
    return Chart("diagram", network(stops, ways), alt)


def _table(graph: Graph, steps: list[Step]) -> Table:
    rows = [
        Row((
            careful(graph.nodes[step.start].title), careful(step.branch) or "all", careful(graph.nodes[step.end].title),
            ", ".join(step.label) or "all",
        ))
        for step in steps
    ]  # fmt: skip
    heads = ("From", "Branch", "To", "Share of those who come here")
    return Table("Every way through the model", heads, (False, False, False, False), rows, open=True)


def draw(model: Path, out: Path | None) -> list[str]:
    """Draw a delivery model.

    Args:
        model: a model file, or the name of a shipped one. out: where the picture goes as HTML; by default the model's
        name with ``.html`` in the working folder.

    Returns:
        The Mermaid text, line by line; the last line, a Mermaid comment, says where the picture is.

    Raises:
        ConfigError: the model is at fault. DemandflowError: the place of the picture holds another file.
        OSError: it cannot be written.
    """
    library = Library()
    loaded = model_at(model, library)
    graph = of_model(loaded)
    # In the order of the file, which is the order of the process map.
    graph = replace(graph, nodes={name: graph.nodes[name] for name in loaded.config.stages})
    steps = steps_of(graph, compiled_of(loaded, graph, library))
    target = out if out is not None else Path(f"{loaded.config.name}.html")
    lines = mermaid(graph, steps)
    page = render(
        "diagram.html",
        title=careful(graph.title),
        reproduces=loaded.config.reproduces,
        generator=Markup(OURS),
        chart=picture(graph, steps),
        table=_table(graph, steps),
        mermaid="\n".join(lines),
    )
    _write(target, page)
    return [*lines, f"%% The picture is in {shown(target)}"]


def _write(target: Path, text: str) -> None:
    if target.exists():
        with target.open(encoding="utf-8", errors="replace") as stream:
            if OURS not in stream.read(2000):
                raise DemandflowError(f"{shown(target)} exists and is not a diagram. Choose another file with --out.")
    write_text_whole(target, text)
