"""An experiment with other values laid over its files, lived wherever a worker is free."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.evaluate import of_prepared
from experiments.measured import TRANSFER, Evaluator, Floats, known_measure
from experiments.plan import prepare
from experiments.sweep.keys import Laid
from experiments.worker import of_this_run
from simulation.errors import ConfigError, DemandflowError, Problem
from simulation.library import Library
from simulation.reading import FOLDER_OF, Document

MOST_KEPT = 3
"""Experiments that a process keeps compiled; points come in an order in which few are needed at a time."""


@dataclass(frozen=True)
class Question:
    """What every point is asked. ``mark``: stands for the content of all files, so that no worker answers from others.

    Attributes:
        path: of the experiment. route: of a transition. names: measures.
    """

    path: str
    route: str
    names: tuple[str, ...]
    mark: str


class Relaid(Library):
    """A library in which values lie over some files; the files themselves stay as they are."""

    def __init__(self, laid: Sequence[Laid]):
        super().__init__()
        self.laid = laid

    def document(self, path: Path) -> Document:
        """The file with what lies over it."""
        document = super().document(path)
        ref = f"{FOLDER_OF.get(str(document.data.get('kind')), '')}/{document.data.get('name')}"
        for one in self.laid:
            if one.ref == ref:
                _lay(document.data, one)
        return document


def _lay(data: Any, one: Laid) -> None:
    for step in one.where[:-1]:
        data = data.setdefault(step, {}) if isinstance(data, dict) else data[step]
    data[one.where[-1]] = one.value


_KNOWN: OrderedDict[tuple[Question, str], Evaluator] = of_this_run(OrderedDict())
"""The experiments that this process used last."""


def experiment_with(question: Question, laid: Sequence[Laid]) -> Evaluator:
    """The experiment with values laid over its files, checked as any experiment is.

    Raises:
        ConfigError, DemandflowError: what these values make of it is none.
    """
    key = (question, repr(laid))
    if key not in _KNOWN:
        _KNOWN[key] = of_prepared(prepare(question.path, Relaid(laid)), question.route)
    _KNOWN.move_to_end(key)
    while len(_KNOWN) > MOST_KEPT:
        _KNOWN.popitem(last=False)
    return _KNOWN[key]


def lived(question: Question, laid: Sequence[Laid], over: Mapping[str, float], replications: int) -> Floats | None:
    """Every measure in every replication: shape (replications, measures); None where the inputs contradict."""
    try:
        return _values(experiment_with(question, laid), question, over, replications)
    except DemandflowError:
        return None


def _values(evaluator: Evaluator, question: Question, over: Mapping[str, float], replications: int) -> Floats:
    for key in over:
        if key != TRANSFER and key not in evaluator.prepared.inputs.inputs:
            raise DemandflowError(f"there is no input '{key}' any more: other files are named here.")
    return evaluator.values(over, range(replications), question.names)


Tried = tuple[tuple[Laid, ...], dict[str, float]]


def fault_of(question: Question, tries: Sequence[Tried]) -> tuple[str, str] | None:
    """What is wrong with a value, and the mend: that of the first try, if none of them can be lived."""
    first: tuple[str, str] | None = None
    for laid, over in tries:
        try:
            evaluator = experiment_with(question, laid)
            for name in question.names:
                known_measure(evaluator, name)
            _values(evaluator, question, over, 0)
        except ConfigError as error:
            first = first or _told(error.problems)
        except DemandflowError as error:
            first = first or (str(error), "")
        else:
            return None
    return first


def _told(problems: Sequence[Problem]) -> tuple[str, str]:
    return problems[0].what, problems[0].mend
