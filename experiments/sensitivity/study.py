"""An experiment asked at points of its ranged inputs, the same people with the same luck at every point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from experiments.elicit.asked import title_of
from experiments.evaluate import Asking
from experiments.evaluate_comparison import OfComparison, refuse_beside
from experiments.measured import SAVING, Evaluator, Measure, Point
from experiments.report.words import humanised
from experiments.uncertainty import MEASURE
from simulation.errors import ConfigError, DemandflowError
from simulation.inputs import Input, Values, quantile

Floats = NDArray[np.float64]
Ask = Callable[[Sequence[Point]], list["Floats | None"]]
"""Points to arrays of shape (replications, measures), in order; None where inputs contradict each other."""

PLACES = 6
"""Expectations are rounded to so many, or the order of a sum would show as an effect of an input."""


@dataclass(frozen=True)
class Study:
    """What is asked of what.

    Attributes:
        names: measures, as columns of what ``ask`` gives. inputs: those with a range, by key. titles: theirs.
        replications: the ones lived at every point that is to be compared with others. exact: expectations instead.
    """

    evaluator: Evaluator
    names: tuple[str, ...]
    inputs: tuple[Input, ...]
    titles: tuple[str, ...]
    replications: tuple[int, ...]
    ask: Ask
    exact: bool

    @property
    def seed(self) -> int:
        """Of the experiment; resampling uses it too."""
        return self.evaluator.prepared.experiment.seed

    def measure(self, name: str) -> Measure:
        """What a measure is."""
        return self.evaluator.measures[name]

    def over(self, places: Floats, which: Sequence[int] | None = None) -> dict[str, float]:
        """Inputs at places from 0 to 1 of their ranges' laws; ``which``: places among ``inputs``, all if left out."""
        chosen = range(len(self.inputs)) if which is None else which
        return {self.inputs[n].key: quantile(self.inputs[n], float(u)) for n, u in zip(chosen, places, strict=True)}

    def lived(self, sets: Sequence[Mapping[str, float]]) -> list[Floats | None]:
        """Each set of inputs under the same replications."""
        return self.ask([Point.of(over, self.replications) for over in sets])

    def means(self, sets: Sequence[Mapping[str, float]]) -> list[Floats | None]:
        """``lived``, averaged over the replications: one number a measure."""
        return [None if one is None else one.mean(axis=0) for one in self.lived(sets)]


def titles_of(inputs: Sequence[Input]) -> tuple[str, ...]:
    """Inputs as words; where two files call theirs the same, with the file's name."""
    plain = [title_of(item.key) for item in inputs]
    counts = Counter(plain)
    return tuple(
        text if counts[text] == 1 else f"{text} ({humanised(item.loaded.ref.rpartition('/')[2])})"
        for item, text in zip(inputs, plain, strict=True)
    )


def simulated(asking: Asking, names: Sequence[str]) -> Ask:
    """Ask by simulation."""
    return lambda points: asking.ask(points, names)


def exact_measures(evaluator: Evaluator) -> list[str]:
    """What can be worked out without chance."""
    if not isinstance(evaluator, OfComparison):
        return []
    return [MEASURE, *(name for name, measure in evaluator.measures.items() if measure.kind == SAVING)]


def exactly(asking: Asking, names: Sequence[str]) -> Ask:
    """Ask for expectations, without chance: one row a point, whatever its replications.

    Raises:
        DemandflowError: the experiment is no comparison, or a measure has no such expectation.
    """
    evaluator = asking.evaluator
    if not isinstance(evaluator, OfComparison):
        raise DemandflowError("--exact works for experiments with comparison: only. Leave it out.")
    missing = [name for name in names if name not in exact_measures(evaluator)]
    if missing:
        known = ", ".join(exact_measures(evaluator))
        raise DemandflowError(f"--exact cannot work out {missing[0]}. It knows: {known}. Leave --exact out.")

    def ask(points: Sequence[Point]) -> list[Floats | None]:
        sets = [dict(point.over) for point in points]
        holds = partial(_holds, evaluator)
        answers = asking.answers.crew.ask(asking.path, sets)
        found: list[Floats | None] = []
        for over, answer in zip(sets, answers, strict=True):
            if answer is None or not holds(over):
                found.append(None)
                continue
            share = evaluator.question.share(evaluator.headline, answer, over)
            savings = {
                f"demand_savings_{year.replace('/', '_')}": answer.saving(share, year)
                for year in evaluator.run.job.axes.years
            }
            every = {MEASURE: answer.difference(share), **savings}
            row = np.round([[every[name] for name in names]], PLACES)
            found.append(row if 0 <= share <= 1 else None)
        return found

    return ask


def _holds(evaluator: OfComparison, over: Mapping[str, float]) -> bool:
    try:
        refuse_beside(evaluator.prepared, Values(evaluator.prepared.inputs, over))
    except ConfigError:
        return False
    return True


def default_measures(evaluator: Evaluator) -> tuple[str, ...]:
    """What is asked about unless something else is asked: the last year's saving and the funded packages."""
    savings = [n for n in evaluator.measures if n.startswith(("savings_running_", "demand_savings_"))]
    running = [n for n in savings if n.startswith("savings_running_")]
    packages = [n for n in evaluator.measures if n == MEASURE or n.startswith(f"{MEASURE}_")]
    return ((running or savings)[-1], packages[-1])


def benefit_of(evaluator: Evaluator) -> tuple[str, ...]:
    """The measures whose sum is what a change saves over all years."""
    so_far = [name for name in evaluator.measures if name.startswith("savings_so_far_")]
    return tuple(so_far[-1:] or [n for n in evaluator.measures if n.startswith("demand_savings_")])
