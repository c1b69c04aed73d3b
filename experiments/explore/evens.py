"""Where on the range of an input the difference between two models vanishes, everything else as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from experiments.explore.controls import Control

NOUGHT = 1e-6
"""Packages a year that are no difference."""

CLOSE = 0.1
"""Share of a slider's step to which a break-even is closed in on."""

NONE = "The difference does not vanish within this range."
NOT_KNOWN = "Some of these values contradict other inputs: whether the difference vanishes is not known."
EVERYWHERE = "There is no difference anywhere in this range."

Gap = Callable[[float], float | None]
"""The difference between everybody changing and nobody, in packages a year, at a value of the input; None where the
value contradicts other inputs."""


@dataclass(frozen=True)
class Even:
    """The break-even of one input.

    Attributes:
        at: None where there is none, or none that can be told. said: in words.
    """

    at: float | None
    said: str


def even_of(control: Control, gap: Gap, beyond: Sequence[float] = ()) -> Even:
    """Where a difference vanishes between the ends of a range.

    The difference is looked at at both ends and at the value that the input's file gives, and closed in on between two
    of these where its sign changes. A difference that changes its sign twice between two of them is not seen.

    Args:
        beyond: values outside the range at which it is looked at where there is no break-even within.
    """
    even = _between(control, gap, sorted({control.low, control.value, control.high}))
    if even.said != NONE:
        return even
    sides = (sorted({end, *(at for at in beyond if out(at))}) for end, out in (
        (control.low, control.low.__gt__), (control.high, control.high.__lt__)))  # fmt: skip
    found = [_between(control, gap, side) for side in sides if len(side) > 1]
    far = next((one for one in found if one.at is not None), None)
    return even if far is None else Even(far.at, f"{far.said}, beyond this range")


def _between(control: Control, gap: Gap, points: Sequence[float]) -> Even:
    """Where it vanishes between rising values."""
    found = [(at, gap(at)) for at in points]
    told = [(at, value) for at, value in found if value is not None]
    noughts = [at for at, value in told if abs(value) <= NOUGHT]
    if len(noughts) == len(points) > 1:
        return Even(None, EVERYWHERE)
    if noughts:
        return _at(control, noughts[0])
    for (left, first), (right, last) in pairwise(told):
        if first * last < 0:
            nought = _closed_in(gap, left, right, CLOSE * control.step)
            return Even(None, NOT_KNOWN) if nought is None else _at(control, nought)
    return Even(None, NONE if len(told) == len(found) else NOT_KNOWN)


def _at(control: Control, value: float) -> Even:
    return Even(value, f"no difference at {control.said(value)}")


class _ContradictionError(Exception):
    """A value between the two contradicts other inputs."""


def _closed_in(gap: Gap, left: float, right: float, close: float) -> float | None:
    from scipy.optimize import brentq

    def known(at: float) -> float:
        value = gap(at)
        if value is None:
            raise _ContradictionError
        return value

    try:
        return float(brentq(known, left, right, xtol=close))
    except _ContradictionError:
        return None
