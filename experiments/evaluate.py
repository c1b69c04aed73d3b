"""An experiment's answer at other inputs, simulated: the same people with the same luck at every point.

What is asked for is a change between today's service and the changed one, replication by replication; sensitivity,
attribution, goals and sweeps all ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from experiments.answers import Answers, Question
from experiments.evaluate_comparison import OfComparison
from experiments.evaluate_transition import OfTransition
from experiments.measured import Evaluator, Floats, Point
from experiments.plan import Prepared, prepare
from experiments.worker import of_this_run
from simulation import engines
from simulation.errors import ConfigError, DemandflowError

_KNOWN: dict[tuple[str, str], Evaluator] = of_this_run({})
"""Experiments that this process has read, by file and route."""


def evaluator_of(path: Path | str, route: str = "", engine: str = engines.AUTO) -> Evaluator:
    """Read and check an experiment that can be asked.

    Args:
        route: which of a transition's routes; by default the one that its answer sets the lead against.

    Raises:
        ConfigError, DemandflowError: faults of its files; nothing in it is compared; there is no such route.
    """
    made = _KNOWN[str(path), route] = of_prepared(prepare(path), route, engine)
    return made


def of_prepared(prepared: Prepared, route: str = "", engine: str = engines.AUTO) -> Evaluator:
    """The same for an experiment that has been read and checked.

    Raises:
        ConfigError, DemandflowError: nothing in it is compared; there is no such route.
    """
    if prepared.transition is not None:
        return OfTransition(prepared, prepared.transition, route, engine)
    if prepared.comparison is not None:
        if route:
            raise DemandflowError("only an experiment with transition: has routes. Leave --route out.")
        return OfComparison(prepared, prepared.comparison, engine)
    what = "this experiment compares nothing: it has neither comparison: nor transition:."
    mend = "Name an experiment such as configs/experiments/vehicles.yaml."
    raise ConfigError([prepared.loaded.problem(("name",), what, mend)])


def evaluated(path: str, route: str, engine: str, point: Point, names: tuple[str, ...]) -> Floats | None:
    """One point, wherever it is asked: shape (replications, names); None where its inputs contradict each other."""
    known = _KNOWN.get((path, route)) or evaluator_of(path, route, engine)
    try:
        return known.values(dict(point.over), point.replications, names)
    except (ConfigError, DemandflowError):
        return None


@dataclass(frozen=True)
class Asking:
    """An evaluator whose points are shared among workers.

    Args:
        path: of the experiment file. answers: where everything is asked, and kept.
    """

    evaluator: Evaluator
    path: str
    answers: Answers
    engine: str = engines.AUTO

    def ask(self, points: Sequence[Point], names: Sequence[str]) -> list[Floats | None]:
        """Every point's measures in the points' order: shape (replications, names) each, None for a contradiction.

        Few points with many replications are cut so that all workers have work; the values do not depend on it.
        """
        wanted, route = tuple(names), self.evaluator.route
        most = max(1, 4 * self.answers.crew.workers // max(1, len(points)))
        return self.answers.ask([
            Question(
                evaluated,
                tuple((self.path, route, self.engine, piece, wanted) for piece in _pieces(point, most)),
                wanted,
                repr((route, point)),
            )
            for point in points
        ])  # fmt: skip


def _pieces(point: Point, most: int) -> list[Point]:
    size = -(-len(point.replications) // min(most, max(1, len(point.replications))))
    cuts = range(0, max(1, len(point.replications)), max(1, size))
    return [replace(point, replications=point.replications[at : at + size]) for at in cuts]
