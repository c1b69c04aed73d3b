"""Runs ``goal``: lives the experiment where it must, and writes a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.asking import at_work
from experiments.cluster import seen_from
from experiments.command_line import Orders
from experiments.evaluate import Asking, evaluator_of
from experiments.evaluate_comparison import OfComparison
from experiments.goal import page, words
from experiments.goal.alone import alone
from experiments.goal.lived import Lives, refuse_without_ranges
from experiments.goal.search import Result, claim, scan_of, search
from experiments.goal.tables import Asked, alone_table, goal_table, lived_table, replications_table
from experiments.goal.target import Target, read_target
from experiments.goal.varied import ALL, Varied, every, varied
from experiments.measured import Evaluator, known_measure
from experiments.report.pieces import Chart, Table
from simulation.errors import DemandflowError, shown

MET, OUT_OF_REACH = 0, 1
LINES = 5
"""Values of the first of two inputs at each of which the second is searched."""


@dataclass(frozen=True)
class Request:
    """What is asked: see ``goal.options``."""

    config: str
    target: str | None
    break_even: str | None
    vary: tuple[str, ...]
    route: str
    pairs: int
    draws: int


@dataclass(frozen=True)
class Told:
    """What came of it, for page and screen. ``met``: whether the target can be met at all."""

    met: bool
    lines: list[str]
    charts: list[Chart | None]
    page_tables: list[Table]
    tables: dict[str, pd.DataFrame]


def run_goal(request: Request, orders: Orders) -> tuple[int, list[str]]:
    """Find where a target is met, and write ``goal.html``, tables and manifest.

    Returns:
        0, or 1 where the target is met nowhere in the range searched; and what to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    target = read_target(request.target) if request.target is not None else Target(
        str(request.break_even), None, 0.0, None, True
    )  # fmt: skip
    path = str(seen_from(orders.cluster, request.config))
    evaluator = evaluator_of(path, request.route)
    measure = known_measure(evaluator, target.measure)
    inputs, each = _inputs(evaluator, request.vary), request.vary == (ALL,)
    replications = request.draws if target.drawn else request.pairs
    if target.drawn:
        refuse_without_ranges(evaluator, [] if each else [one.key for one in inputs])
    title = evaluator.prepared.experiment.title
    known = {
        "inputs": "drawn, one set a replication" if target.drawn else "central values",
        "asked": {"target": request.target or f"{measure.name} == 0", "vary": list(request.vary),
                  "route": evaluator.route, "replications": replications},
    }  # fmt: skip
    with (
        at_work(evaluator.prepared, "goal", request, orders) as work,
        work.folder(f"{evaluator.prepared.experiment.name}_goal", known, replications if target.drawn else 1) as folder,
    ):
        lives = Lives(Asking(evaluator, path, work.answers), target, replications,
                      _progress(target, replications, orders.quiet))  # fmt: skip
        at_least = claim(lives) if target.at_least is None else target.at_least
        asked = Asked(title, evaluator.route, target, measure, at_least, target.at_least is None)
        told = _told(asked, lives, inputs, each)
        bear = words.bear_in_mind(asked, isinstance(evaluator, OfComparison))
        for name, table in told.tables.items():
            folder.table(name, table)
        charts = [chart for chart in told.charts if chart is not None]
        text = page.asked_page(title, "What would have to be true?", told.lines, bear, charts, told.page_tables,
                               list(told.tables), work.foot)  # fmt: skip
        folder.text("goal.html", text)
        work.manifest["outcome"] = {"met": told.met, "said": told.lines}
    lines = [*work.from_before(), *told.lines, "", *bear, "", f"Page and tables: {shown(folder.path / 'goal.html')}"]
    return (MET if told.met else OUT_OF_REACH), lines


def _inputs(evaluator: Evaluator, vary: Sequence[str]) -> list[Varied]:
    if vary == (ALL,):
        return every(evaluator)
    if ALL in vary:
        raise DemandflowError("--vary all looks at every input alone. Leave the other --vary out.")
    if len(vary) > 2:
        raise DemandflowError("--vary is given more than twice. Vary one input, or two for a line in both.")
    inputs = [varied(evaluator, text) for text in vary]
    if len({one.key for one in inputs}) < len(inputs):
        raise DemandflowError(f"--vary names '{inputs[0].key}' twice. Name two inputs.")
    return inputs


def _progress(target: Target, replications: int, quiet: bool) -> Callable[[int], None]:
    def told(points: int) -> None:
        if not quiet:
            of = "drawn inputs" if target.drawn else "replications"
            where = "value" if points == 1 else "values"
            print(f"Living the experiment at {points} {where}, {replications} {of} each …", file=sys.stderr)

    return told


def _told(asked: Asked, lives: Lives, inputs: Sequence[Varied], each: bool) -> Told:
    if each:
        return _each_alone(asked, lives, inputs)
    if len(inputs) == 1:
        result = search(lives, asked.at_least, inputs[0])
        out = [] if result.met != "nowhere" or not result.points else [words.closest(asked, [result])]
        lines = [words.headline(asked, result), *out, *words.how(asked, result, lives.replications)]
        return _with_tables(asked, lives, [result], lines, [page.line_chart(asked, result)])
    first, second = inputs
    at = [float(x) for x in np.linspace(first.low, first.high, LINES)]
    lives.at([{first.key: x, second.key: y} for x in at for y in scan_of(second)])
    results = [search(lives, asked.at_least, second, {first.key: x}) for x in at]
    lines = words.contour_lines(asked, results)
    if all(result.met == "nowhere" for result in results) and any(result.points for result in results):
        lines.append(words.closest(asked, results))
    lines += words.how(asked, results[0], lives.replications)
    return _with_tables(asked, lives, results, lines, [page.contour_chart(results)])


def _with_tables(
    asked: Asked, lives: Lives, results: Sequence[Result], lines: list[str], charts: list[Chart | None]
) -> Told:
    tables = {
        "goal": goal_table(asked, results),
        "goal_lived": lived_table(asked, results),
        "goal_replications": replications_table(lives),
    }
    met = any(result.met != "nowhere" for result in results)
    return Told(met, lines, charts, page.lived_tables(asked, results), tables)


def _each_alone(asked: Asked, lives: Lives, inputs: Sequence[Varied]) -> Told:
    whole, found = alone(lives, asked.at_least, inputs)
    tables = {"goal_alone": alone_table(asked, found), "goal_replications": replications_table(lives)}
    lines = words.alone_lines(asked, whole, found)
    met = asked.break_even or whole.slack >= 0 or any(one.turns for one in found)
    return Told(met, [line.strip() for line in lines], [], page.alone_tables(asked, found), tables)
