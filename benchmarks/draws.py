"""What drawn inputs cost: each draw compiles both models anew and lives today's service and the changed one.

Barnet today becoming its target for four years after one to warm up, as ``vehicles.yaml`` has it, on the compiled
engine. By the clock, with the start of the workers inside; it says nothing on a machine that does something else
meanwhile.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.workers import EFFICIENCY_GATE, WORKERS, wall

if TYPE_CHECKING:
    from experiments.transition.job import TransitionJob

EXPERIMENT = Path(__file__).resolve().parent.parent / "configs/experiments/vehicles.yaml"
DRAWS, COMPARED = 1_000, 200
"""Draws with two workers, and with either number of workers."""


def drawn() -> TransitionJob:
    """Today's model and the route that the experiment's answer is about, each draw with inputs of its own."""
    from experiments.evaluate import evaluator_of
    from experiments.evaluate_transition import OfTransition

    evaluator = evaluator_of(EXPERIMENT)
    assert isinstance(evaluator, OfTransition)
    return replace(evaluator.run.job, runs=evaluator.runs, drawn=True)


def compiling(job: TransitionJob, draws: int = 5) -> float:
    """Seconds, on average, until the inputs of a draw have become a pathway and its people's law."""
    from experiments.transition.plan import Maker

    maker = Maker.read(job.path)
    sets = [maker.inputs.drawn(job.seed, draw) for draw in range(draws + 1)]
    maker.world(sets[draws])  # reads what is compiled
    begun = perf_counter()
    for one in sets[:draws]:
        maker.world(one)
    return (perf_counter() - begun) / draws


def measure(draws: int = DRAWS, compared: int = COMPARED) -> dict[str, Any]:
    """``years``; ``draws`` and ``seconds`` they took with two workers; ``compared``, and what so many took with ``one``
    and ``two``; ``efficiency``, the share of two processors' time that was of use; ``compiling``, seconds of a draw
    before anybody is simulated.

    Empty where there is one processor only.
    """
    if (os.cpu_count() or 1) < WORKERS:
        return {}
    job = drawn()
    job.outcome(0)  # compiles, or reads what was compiled
    one, two = (wall(job, compared, workers) for workers in (1, WORKERS))
    return {
        "years": job.calendar.months // 12 - 1,
        "draws": draws,
        "seconds": wall(job, draws, WORKERS) if draws != compared else two,
        "compared": compared,
        "one": one,
        "two": two,
        "efficiency": one / two / WORKERS,
        "compiling": compiling(job),
    }


def missed(found: dict[str, Any]) -> list[str]:
    """Gates that were missed, as sentences."""
    if not found or found["efficiency"] >= EFFICIENCY_GATE:
        return []
    return [
        f"Two workers, drawn inputs: {found['efficiency']:.0%} of two processors' time is of use; the gate is "
        f"{EFFICIENCY_GATE:.0%}."
    ]


_TEXT = """

## {draws:,} draws of the uncertain inputs

Barnet today and its target (`{file}`), {years} years after one to warm up, the inputs of every draw their own:
{seconds:.0f} seconds with two workers. {compared} draws take {one:.0f} s with one worker and {two:.0f} s with two:
{efficiency:.0%} of two processors' time is of use (gate {gate:.0%}). Of each draw, {compiling:.2f} s go into compiling
its pathway."""


def section(found: dict[str, Any]) -> str:
    """The part of the page, as Markdown."""
    return _TEXT.format(file=EXPERIMENT.name, gate=EFFICIENCY_GATE, **found) if found else ""
