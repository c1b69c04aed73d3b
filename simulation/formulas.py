"""Arithmetic over named parameters: ``(6646 - hospital_contacts * hospital_resolved) / community_contacts``."""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from simpleeval import InvalidExpression, SimpleEval

from simulation.errors import DemandflowError, short

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
    formula = " ".join(formula.split())
    arithmetic = _arithmetic(formula)
    unreadable = DemandflowError(
        f"the formula '{short(formula)}' cannot be read. Use parameter names, numbers, + - * /, brackets, min and max."
    )
    if arithmetic is None:
        raise unreadable
    evaluator = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS, names=_Names(look_up))
    try:
        result = float(evaluator.eval(formula, arithmetic))
    except ZeroDivisionError:
        raise DemandflowError(f"the formula '{formula}' divides by nought. Mend its parameters.") from None
    except OverflowError:
        result = math.inf
    except InvalidExpression:
        raise unreadable from None
    except RecursionError:
        raise DemandflowError(f"the formula '{formula}' is nested too deep. Split it into parameters.") from None
    if not math.isfinite(result):
        raise DemandflowError(f"the formula '{formula}' gives too large a number. Mend its parameters.")
    return result


@lru_cache(maxsize=4096)
def _arithmetic(formula: str) -> ast.expr | None:
    """The formula, read once however often it is evaluated; nothing where it is no arithmetic."""
    tree = _tree(formula)
    return None if tree is None or not all(_allowed(node) for node in ast.walk(tree)) else tree.body


def _tree(formula: str) -> ast.Expression | None:
    """The formula as Python reads it; nothing where it cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(formula, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _allowed(node: ast.AST) -> bool:
    """Whether a part of a formula is arithmetic: no text, no powers, no calls but min and max of two or more."""
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float)
    if isinstance(node, ast.Call):
        return (
            isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and len(node.args) > 1 and not node.keywords
        )
    return isinstance(node, (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, *_OPERATORS))


def names_in(formula: str) -> set[str]:
    """The parameter names a formula uses; empty where it cannot be read."""
    tree = _tree(" ".join(formula[:MOST_CHARACTERS].split()))
    if tree is None:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(_FUNCTIONS)
