"""Runs ``attribution``: lives every set of changes, splits the difference, and writes a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.answers import Question
from experiments.asking import AtWork, at_work
from experiments.attribution import words
from experiments.attribution.lived import Split, lived, split_of
from experiments.attribution.page import attribution_page
from experiments.attribution.rests import rests
from experiments.attribution.tables import (
    Values,
    attribution_table,
    counted,
    interactions_table,
    replications_table,
    sets_table,
)
from experiments.cluster import seen_from
from experiments.command_line import Orders
from experiments.evaluate import Asking
from experiments.evaluate_comparison import OfComparison
from experiments.measured import Evaluator, Floats, Point, known_measure
from simulation import engines
from simulation.differences import every
from simulation.errors import DemandflowError, shown

BATCH = 8
"""Models written together."""


@dataclass(frozen=True)
class Request:
    """What is asked: see ``attribution.options``."""

    config: str
    measures: tuple[str, ...]
    route: str
    pairs: int


def run_attribution(request: Request, orders: Orders) -> list[str]:
    """Split an experiment's difference by change, and write ``attribution.html``, tables and manifest.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    path = str(seen_from(orders.cluster, request.config))
    split = split_of(path, request.route)
    evaluator, parts = split.evaluator, split.parts
    measures = [known_measure(evaluator, name) for name in request.measures or usual(evaluator)]
    names = tuple(dict.fromkeys(measure.name for measure in measures))
    measures = [evaluator.measures[name] for name in names]
    prepared = evaluator.prepared
    known = {
        "inputs": "central values",
        "asked": {
            "measures": list(names),
            "route": evaluator.route,
            "pairs": request.pairs,
            "changes": {part.name: {"stages": part.stages, "levers": sorted(part.levers)} for part in parts.parts},
        },
    }
    with (
        at_work(prepared, "attribution", request, orders) as work,
        work.folder(f"{prepared.experiment.name}_attribution", known, BATCH) as folder,
    ):
        values = _lived(split, path, request, names, work)
        _refuse_unlike(Asking(evaluator, path, work.answers), values, names, parts.names)
        found, behind = counted(parts, measures, values), rests(split)
        folder.table("attribution", attribution_table(parts, found, behind))
        folder.table("interactions", interactions_table(parts, found))
        folder.table("sets", sets_table(parts, measures, values))
        folder.table("by_replication", replications_table(found))
        lines = [line for one in found for line in words.lines(parts, one)]
        bear = words.bear_in_mind(parts, found, behind, isinstance(evaluator, OfComparison))
        page = attribution_page(prepared.experiment.title, parts, found, lines, bear, work.foot)
        folder.text("attribution.html", page)
        work.manifest["replications"] = {f"attribution/{len(values)} sets": request.pairs}
    told = [*work.from_before(), words.headline(parts, found[0])]
    return [*told, "", *lines, "", *bear, "", f"Page and tables: {shown(folder.path / 'attribution.html')}"]


def usual(evaluator: Evaluator) -> list[str]:
    """What is asked for where nothing is named: funded packages and demand savings, of the last year that has them."""
    found = []
    for start in ("demand_savings", "funded_package"):
        found += [name for name in evaluator.measures if name == start or name.startswith(f"{start}_")][-1:]
    return found


def _lived(split: Split, path: str, request: Request, names: tuple[str, ...], work: AtWork) -> Values:
    """Every set of changes, in one order. Sets that differ in levers alone are lived where their pathway is made."""
    sets = [frozenset(made) for made in every(split.parts.names)]
    alike: dict[frozenset[str], list[frozenset[str]]] = {}
    for made in sets:
        alike.setdefault(split.parts.in_models(made), []).append(made)
    pieces = min(request.pairs, max(1, -(-4 * work.crew.workers // len(alike))))
    cuts = [tuple(part.tolist()) for part in np.array_split(np.arange(request.pairs), pieces)]
    route = split.evaluator.route
    asked = [
        Question(
            lived,
            tuple((path, route, engines.AUTO, tuple(some), cut, names) for cut in cuts),
            tuple(f"{name} with {'+'.join(sorted(made)) or 'no change'}" for made in some for name in names),
            repr((route, request.pairs)),
        )
        for some in alike.values()
    ]
    if not work.orders.quiet:
        print(f"Living {len(sets)} sets of changes, {request.pairs} pairs each …", file=sys.stderr)
    with work.progress("model", len(asked)):
        answers = work.answers.ask(asked)
    found: dict[frozenset[str], Floats] = {}
    for some, answer in zip(alike.values(), answers, strict=True):
        assert answer is not None  # central inputs hold together
        found |= dict(zip(some, np.split(answer, len(some), axis=1), strict=True))
    return {made: found[made] for made in sets}


def _refuse_unlike(asking: Asking, values: Values, names: Sequence[str], changes: Sequence[str]) -> None:
    """No change must come to today's model, and all of them to the experiment's own run, replication by replication.

    Raises:
        DemandflowError: they do not, so that no sum of parts could be the difference.
    """
    everybody, nobody = values[frozenset(changes)], values[frozenset()]
    own = asking.ask([Point.of({}, range(len(nobody)))], names)[0]
    if nobody.any() or own is None or not np.array_equal(own, everybody):
        which = "with no change made, people live otherwise than today" if nobody.any() else "all changes together come"
        rest = "" if nobody.any() else " to another difference than the experiment's own"
        raise DemandflowError(
            f"the difference cannot be split: {which}{rest}. Look whether attribution: names every stage that differs, "
            "and whether instead: takes people where they go today."
        )
