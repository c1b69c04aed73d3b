"""Arithmetic over named parameters: ``(6646 - hospital_contacts * hospital_resolved) / community_contacts``."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping

from simpleeval import InvalidExpression, SimpleEval

from simulation.errors import DemandflowError

MOST_CHARACTERS = 500
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS = {"min": min, "max": max}


class _Names(Mapping[str, float]):
    """Names that look themselves up when asked for."""

    def __init__(self, look_up: Callable[[str], float]):
        self._look_up = look_up

    def __getitem__(self, name: str) -> float:
        return self._look_up(name)

    def __iter__(self) -> Iterator[str]:  # pragma: no cover - required by Mapping
        return iter(())

    def __len__(self) -> int:
        return 0

    def __contains__(self, name: object) -> bool:
        return name not in _FUNCTIONS


def evaluate(formula: str, look_up: Callable[[str], float]) -> float:
    """The value of a formula; ``look_up`` gives each name's value.

    Raises:
        DemandflowError: a formula that cannot be read, divides by nought, or does not give a finite number.
    """
    if len(formula) > MOST_CHARACTERS:
        raise DemandflowError(f"the formula is longer than {MOST_CHARACTERS} characters. Split it into parameters.")
    evaluator = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS, names=_Names(look_up))
    try:
        result = evaluator.eval(formula)
    except ZeroDivisionError:
        raise DemandflowError(f"the formula '{formula}' divides by nought. Mend its parameters.") from None
    except (InvalidExpression, SyntaxError, TypeError, ValueError, RecursionError, MemoryError, AttributeError):
        raise DemandflowError(
            f"the formula '{formula}' cannot be read. Use parameter names, numbers, + - * /, brackets, min and max."
        ) from None
    if isinstance(result, bool) or not isinstance(result, int | float) or not math.isfinite(result):
        raise DemandflowError(f"the formula '{formula}' does not give a finite number. Mend it.")
    return float(result)


def names_in(formula: str) -> set[str]:
    """The parameter names a formula uses; empty where it cannot be read."""
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(_FUNCTIONS)
