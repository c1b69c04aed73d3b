"""Runs ``attribution``: lives every set of changes, splits the difference, and writes a folder of its own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

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
from experiments.cluster import connected, seen_from
from experiments.crew import Crew
from experiments.evaluate import Asking
from experiments.evaluate_comparison import OfComparison
from experiments.experiment import how_many
from experiments.manifest import describe
from experiments.measured import Evaluator, Floats, Point, known_measure
from experiments.own_folder import own_folder
from simulation import engines
from simulation.differences import every
from simulation.errors import DemandflowError, shown


@dataclass(frozen=True)
class Request:
    """What is asked: see ``attribution.options``."""

    config: str
    measures: tuple[str, ...]
    route: str
    pairs: int


def run_attribution(
    request: Request, out: Path | None, force: bool, workers: int | None, cluster: str | None, quiet: bool
) -> list[str]:
    """Split an experiment's difference by change, and write ``attribution.html``, tables and manifest.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    path = str(seen_from(cluster, request.config))
    split = split_of(path, request.route)
    evaluator, parts = split.evaluator, split.parts
    measures = [known_measure(evaluator, name) for name in request.measures or usual(evaluator)]
    names = tuple(dict.fromkeys(measure.name for measure in measures))
    measures = [evaluator.measures[name] for name in names]
    prepared = evaluator.prepared
    with connected(cluster, prepared) as far:
        hands = how_many(workers, far)
        manifest: dict[str, Any] = {
            **describe(prepared, hands, engines.resolved(engines.AUTO)),
            "inputs": "central values",
            "asked": {
                "measures": list(names),
                "route": evaluator.route,
                "pairs": request.pairs,
                "changes": {part.name: {"stages": part.stages, "levers": sorted(part.levers)} for part in parts.parts},
            },
        }
        place = out or Path("results") / f"{prepared.experiment.name}_attribution"
        with own_folder(place, force, "attribution", manifest) as folder, Crew([], hands, quiet, far) as crew:
            values = _lived(split, path, request, names, crew, quiet)
            _refuse_unlike(split, path, values, names, crew)
            found, behind = counted(parts, measures, values), rests(split)
            folder.table("attribution", attribution_table(parts, found, behind))
            folder.table("interactions", interactions_table(parts, found))
            folder.table("sets", sets_table(parts, measures, values))
            folder.table("by_replication", replications_table(found))
            lines = [line for one in found for line in words.lines(parts, one)]
            bear = words.bear_in_mind(parts, found, behind, isinstance(evaluator, OfComparison))
            foot = f"Demandflow {manifest['versions']['demandflow']}, seed {prepared.experiment.seed}."
            page = attribution_page(prepared.experiment.title, parts, found, lines, bear, foot)
            folder.text("attribution.html", page)
            manifest["replications"] = {f"attribution/{len(values)} sets": request.pairs}
    headline = words.headline(parts, found[0])
    return [headline, "", *lines, "", *bear, "", f"Page and tables: {shown(folder.path / 'attribution.html')}"]


def usual(evaluator: Evaluator) -> list[str]:
    """What is asked for where nothing is named: funded packages and demand savings, of the last year that has them."""
    found = []
    for start in ("demand_savings", "funded_package"):
        found += [name for name in evaluator.measures if name == start or name.startswith(f"{start}_")][-1:]
    return found


def _lived(
    split: Split, path: str, request: Request, names: tuple[str, ...], crew: Crew, quiet: bool
) -> dict[frozenset[str], Floats]:
    """Every set of changes, in one order. Sets that differ in levers alone are lived where their pathway is made."""
    sets = [frozenset(made) for made in every(split.parts.names)]
    alike: dict[frozenset[str], list[frozenset[str]]] = {}
    for made in sets:
        alike.setdefault(split.parts.in_models(made), []).append(made)
    pieces = min(request.pairs, max(1, -(-4 * crew.workers // len(alike))))
    cuts = [tuple(part.tolist()) for part in np.array_split(np.arange(request.pairs), pieces)]
    tasks = {
        (models, cut): crew.begin(lived, None, path, request.route, engines.AUTO, tuple(some), cut, names)
        for models, some in alike.items()
        for cut in cuts
    }
    if not quiet:
        print(f"Living {len(sets)} sets of changes, {request.pairs} pairs each …", file=sys.stderr)
    found: dict[frozenset[str], list[Floats]] = {made: [] for made in sets}
    for (models, _), task in tqdm(tasks.items(), desc="Living", unit="model", disable=quiet, leave=False):
        for made, values in zip(alike[models], crew.result(task), strict=True):
            found[made].append(values)
    return {made: np.concatenate(parts) for made, parts in found.items()}


def _refuse_unlike(split: Split, path: str, values: Values, names: tuple[str, ...], crew: Crew) -> None:
    """No change must come to today's model, and all of them to the experiment's own run, replication by replication.

    Raises:
        DemandflowError: they do not, so that no sum of parts could be the difference.
    """
    everybody, nobody = values[frozenset(split.parts.names)], values[frozenset()]
    own = Asking(split.evaluator, path, crew).ask([Point.of({}, range(len(nobody)))], names)[0]
    if nobody.any() or own is None or not np.array_equal(own, everybody):
        which = "with no change made, people live otherwise than today" if nobody.any() else "all changes together come"
        rest = "" if nobody.any() else " to another difference than the experiment's own"
        raise DemandflowError(
            f"the difference cannot be split: {which}{rest}. Look whether attribution: names every stage that differs, "
            "and whether instead: takes people where they go today."
        )
