"""Runs ``sensitivity``: asks the experiment at many points, and writes a folder of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.asking import AtWork, at_work
from experiments.cluster import seen_from
from experiments.command_line import Orders
from experiments.evaluate import Asking, evaluator_of
from experiments.goal.lived import unranged
from experiments.measured import Evaluator, known_measure
from experiments.sensitivity import parts, screen, shares, tornado, words
from experiments.sensitivity.found import Found, Request
from experiments.sensitivity.groups import METHOD as BY_GROUPS
from experiments.sensitivity.groups import group_table, groups_of
from experiments.sensitivity.page import page
from experiments.sensitivity.study import (
    Ask,
    Floats,
    Study,
    benefit_of,
    default_measures,
    exactly,
    simulated,
    titles_of,
)
from experiments.sensitivity.tables import (
    drawn,
    draws_table,
    knowing,
    knowing_tables,
    parts_table,
    screen_table,
    shares_table,
)
from experiments.store import Folder
from simulation.errors import DemandflowError, shown

BATCH = 16
"""Points written together."""

LONG = 10.0
"""Minutes from which a quicker way is named."""

EACH = 2
"""Replications of a draw: the fewest that tell chance from inputs; more draws serve better than more of these."""


def run_sensitivity(request: Request, orders: Orders) -> list[str]:
    """Find which inputs move an experiment's answer, and write ``sensitivity.html``, tables and manifest.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    path = str(seen_from(orders.cluster, request.config))
    evaluator = evaluator_of(path, request.route)
    other = _other(request, path, evaluator)
    measures = request.measures or default_measures(evaluator)
    for name in measures:
        known_measure(evaluator, name)
    prepared = evaluator.prepared
    if not prepared.inputs.ranged():
        raise DemandflowError(f"{shown(path)}: no input has a range, so nothing can be moved. Give some a range:.")
    with at_work(prepared, "sensitivity", request, orders) as work:
        study = _study(Asking(evaluator, path, work.answers), measures, request)
        against = None if other is None else simulated(Asking(other, path, work.answers), benefit_of(other))
        with work.folder(f"{prepared.experiment.name}_sensitivity", _told(request, study, measures), BATCH) as folder:
            _say_how_long(study, request, work)
            with work.progress("point", quiet=study.exact):
                narrow, grouped = _narrowed(study, request, measures, folder)
                moved = _of(tornado.tornado(narrow), measures)
                found = Found(study, narrow, measures, moved, grouped, unranged=unranged(evaluator, ()))
                folder.table("tornado", found.tornado)
                scores = _screen(found, request, folder)
                _measure(found, scores, request, folder)
                _draw(found, request, against, folder)
            told = [line for name in measures for line in words.of_measure(found, name)]
            told += words.of_knowing(found, request)
            bear = words.bear_in_mind(found, request)
            version = str(work.manifest["versions"]["demandflow"])
            folder.text("sensitivity.html", page(found, request, bear, version))
            work.manifest["outcome"] = {
                "said": told, "contradictory_draws": found.contradictory_draws, "withheld": found.withheld,
                "assumptions_without_a_range": found.unranged,
            }  # fmt: skip
    return [*work.from_before(), *told, "", *bear, "", f"Page and tables: {shown(folder.path / 'sensitivity.html')}"]


def _other(request: Request, path: str, evaluator: Evaluator) -> Evaluator | None:
    if request.groups and not request.trajectories:
        raise DemandflowError("--groups is screened by random ways. Leave --trajectories 0 out.")
    if request.cost is not None and not request.draws:
        raise DemandflowError("--cost is for what knowing is worth, and that needs draws. Leave --draws 0 out.")
    if request.against is None:
        if request.cost is not None and request.cost < 0:
            raise DemandflowError(f"--cost is {request.cost:g}. What a change costs is nought or more.")
        return None
    other = evaluator_of(path, request.against)
    if not request.draws:
        raise DemandflowError("--against is for what knowing is worth, and that needs draws. Leave --draws 0 out.")
    if other.route == evaluator.route:
        raise DemandflowError(f"--route and --against are both '{other.route}'. Name two routes.")
    return other


def _study(asking: Asking, measures: Sequence[str], request: Request) -> Study:
    evaluator = asking.evaluator
    extra = benefit_of(evaluator) if request.draws else ()
    names = tuple(dict.fromkeys([*measures, *extra]))
    inputs = tuple(evaluator.prepared.inputs.ranged())
    ask: Ask = exactly(asking, names) if request.exact else simulated(asking, names)
    return Study(evaluator, names, inputs, titles_of(inputs), tuple(range(request.replications)), ask, request.exact)


def _told(request: Request, study: Study, measures: Sequence[str]) -> dict[str, Any]:
    central = tornado.central_of(study)
    ranged = []
    for n, item in enumerate(study.inputs):
        low, high = (study.over(np.array([u]), [n])[item.key] for u in (tornado.LOW, tornado.HIGH))
        assert item.evidence is not None and item.evidence.range is not None
        given = item.evidence.range
        ranged.append(
            {"input": item.key, "value": central[item.key], "range": [given.low, given.high], "shape": given.shape,
             "middle_95": [low, high]}
        )  # fmt: skip
    simulated_by = "expectations without chance" if study.exact else (
        f"tornado, Morris and Sobol: the same {request.replications} replications at every point, averaged; draws: "
        f"{EACH} replications of their own each"
    )  # fmt: skip
    return {
        "inputs": "central values, and places in the ranges listed under ranged_inputs",
        "asked": {**asdict(request), "measures": list(measures), "route": study.evaluator.route},
        "method": {
            "replications": simulated_by,
            "tornado": tornado.METHOD,
            "morris": f"{screen.METHOD}; {screen.LEVELS} levels",
            **({"groups": f"{BY_GROUPS}; {screen.LEVELS} levels"} if request.groups else {}),
            "sobol": shares.METHOD,
            "variance": parts.METHOD,
            "contradictory": "Morris: a step with such an end is left out; Sobol: the whole block; draws: the draw",
        },
        "ranged_inputs": ranged,
    }


def _of(table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Rows of the measures that were asked for, in their order, and not of those that only add up to the benefit."""
    return pd.concat([table[table["measure"] == name] for name in measures], ignore_index=True)


def _say_how_long(study: Study, request: Request, work: AtWork) -> None:
    """Live central inputs once: it says whether they hold, and about how long everything will take.

    Raises:
        ConfigError, DemandflowError: central inputs contradict each other.
    """
    evaluator = study.evaluator
    evaluator.values({}, [0], study.names)
    if work.orders.quiet or study.exact:
        return
    begun = time.perf_counter()
    evaluator.values({}, study.replications, study.names)
    seconds = time.perf_counter() - begun
    count = len(study.inputs)
    groups = groups_of(study.inputs, request.groups) if request.groups else []
    points = request.points(count, [len(group.members) for group in groups])
    minutes = (points + request.draws * (1 if request.against is None else 2)) * seconds / work.crew.workers / 60
    quicker = "" if request.groups or minutes < LONG else (
        " --brief screens inputs in groups first and asks fewer points of those that matter."
    )  # fmt: skip
    print(
        f"Living the experiment at {points + request.draws:,} points of {count} ranged inputs: {_about(minutes)} at "
        f"most.{quicker} Stopped, it goes on with: run.py resume DIR.",
        file=sys.stderr,
    )


def _about(minutes: float) -> str:
    if minutes < 90:
        return "less than a minute" if minutes < 1 else f"about {minutes:.0f} minutes"
    return f"about {minutes / 60:.0f} hours"


def _narrowed(
    study: Study, request: Request, measures: Sequence[str], folder: Folder
) -> tuple[Study, pd.DataFrame | None]:
    """The study of the inputs that are looked at one by one, and the screen of groups that chose them."""
    groups = groups_of(study.inputs, request.groups) if request.groups else []
    if len(groups) < 2:
        return study, None
    table, chosen = group_table(study, groups, request.trajectories, request.keep)
    table = _of(table, measures)
    folder.table("groups", table)
    chosen = chosen or list(range(min(request.keep, len(study.inputs))))  # nothing moves: any will show it
    inputs, titles = tuple(study.inputs[n] for n in chosen), tuple(study.titles[n] for n in chosen)
    return replace(study, inputs=inputs, titles=titles), table


def _screen(found: Found, request: Request, folder: Folder) -> list[Floats]:
    """Sizes of the inputs by measure: of the screen or, where it is left out, of the tornado."""
    study, measures = found.narrow, found.measures
    if request.trajectories:
        table, scores = screen_table(study, request.trajectories)
        found.screen = _of(table, measures)
        folder.table("morris", found.screen)
        return [scores[study.names.index(name)] for name in measures]
    scores = []
    for name in measures:
        mine = found.tornado[found.tornado["measure"] == name].set_index("input")["swing"].abs()
        scores.append(mine.reindex([item.key for item in study.inputs]).to_numpy(dtype=np.float64))
    return scores


def _measure(found: Found, scores: Sequence[Floats], request: Request, folder: Folder) -> None:
    chosen = screen.leading(scores, request.top)
    if request.samples and chosen:
        found.shares = _of(shares_table(found.narrow, chosen, request.samples), found.measures)
        folder.table("sobol", found.shares)


def _draw(found: Found, request: Request, against: Ask | None, folder: Folder) -> None:
    study = found.study
    if not request.draws:
        return
    made = drawn(study, request.draws, 1 if study.exact else EACH, against)
    found.contradictory_draws = made.contradictory
    folder.table("draws", draws_table(study, made))
    if len(made.values) < request.draws / 2:
        found.withheld = (
            f"{made.contradictory} of {request.draws} draws hold inputs that contradict each other, more than half, so "
            "neither the parts of the spread nor what knowing is worth is given."
        )
        return
    if not study.exact:
        found.parts = _of(parts_table(study, made), found.measures)
        folder.table("variance", found.parts)
    found.knowing = knowing(study, made, request.cost)
    each, curve = knowing_tables(study, found.knowing)
    folder.table("information", each)
    folder.table("information_curve", curve)
