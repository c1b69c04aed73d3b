"""The points of a sweep, in an order that depends on nothing but the experiment file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from experiments.plan import Prepared
from experiments.sweep.keys import Laid, Setting
from simulation.errors import ConfigError
from simulation.schema.sweep import MOST_POINTS


@dataclass(frozen=True)
class Place:
    """One point. ``at``: the number of each setting's value."""

    number: int
    at: tuple[int, ...]

    def values(self, settings: Sequence[Setting]) -> list[Any]:
        """Each setting's value here."""
        return [one.values[index] for one, index in zip(settings, self.at, strict=True)]

    def over(self, settings: Sequence[Setting]) -> dict[str, float]:
        """Inputs that are replaced."""
        pairs = zip(settings, self.values(settings), strict=True)
        return {key: number for one, value in pairs for key, number in one.over(value).items()}

    def laid(self, settings: Sequence[Setting]) -> tuple[Laid, ...]:
        """What is laid over files."""
        return tuple(laid for one, value in zip(settings, self.values(settings), strict=True)
                     for laid in one.laid(value))  # fmt: skip


def places_of(prepared: Prepared, settings: Sequence[Setting]) -> list[Place]:
    """All points: the last key of a grid changes first.

    Raises:
        ConfigError: a list whose keys have different numbers of values, or too many points.
    """
    sweep = prepared.experiment.sweep
    assert sweep is not None
    sizes = [len(one.values) for one in settings]
    if sweep.how == "list":
        if len(set(sizes)) > 1:
            told = ", ".join(f"{one.key} {size}" for one, size in zip(settings, sizes, strict=True))
            what = f"how: list takes the values one by one together, and there are not as many of each: {told}."
            mend = "Give as many of each, or write how: grid."
            raise ConfigError([prepared.loaded.problem(("sweep", "over"), what, mend)])
        each = [(index,) * len(settings) for index in range(sizes[0])]
    else:
        count = 1
        for size in sizes:
            count *= size
        if count > MOST_POINTS:
            what = f"the grid has {count:,} points, more than {MOST_POINTS:,}."
            mend = "Give fewer values, or sweep fewer keys at once."
            raise ConfigError([prepared.loaded.problem(("sweep", "over"), what, mend)])
        each = list(product(*(range(size) for size in sizes)))
    return [Place(number, at) for number, at in enumerate(each)]
