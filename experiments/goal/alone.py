"""Which inputs alone could turn an answer round, each within its own range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.goal.lived import NOTHING, Lives, Standing, standing
from experiments.goal.search import Result, search
from experiments.goal.varied import Varied

FIRST_LOOK = 8
"""Replications at both ends of each range before it is decided whose input is looked at with all of them."""


@dataclass(frozen=True)
class Alone:
    """What one input can do alone.

    Attributes:
        at_low, at_high: standing at the ends of its range; after a first look alone where ``result`` is None: then the
            95% intervals of both ends lie on the side on which the answer stands now.
    """

    varied: Varied
    at_low: Standing
    at_high: Standing
    result: Result | None

    @property
    def turns(self) -> bool:
        """Whether the answer turns within the range."""
        return self.result is not None and bool(self.result.crossings)


def alone(lives: Lives, at_least: bool, inputs: Sequence[Varied]) -> tuple[Standing, list[Alone]]:
    """The answer as it stands, and what each input can do to it alone, those that turn it first."""
    ends = lives.at([{v.key: x} for v in inputs for x in (v.low, v.high)], FIRST_LOOK)
    whole = standing(lives.target, at_least, lives.at([{}])[0])
    met = whole.slack >= 0
    result = []
    for place, one in enumerate(inputs):
        low, high = (standing(lives.target, at_least, ends[2 * place + end]) for end in (0, 1))
        if _surely(low, met) and _surely(high, met):
            result.append(Alone(one, low, high, None))
            continue
        found = search(lives, at_least, one)
        known = dict(found.points)
        result.append(Alone(one, known.get(one.low, NOTHING), known.get(one.high, NOTHING), found))
    return whole, sorted(result, key=lambda a: (not a.turns, a.varied.key))


def _surely(one: Standing, met: bool) -> bool:
    return one.low > 0 if met else one.high < 0
