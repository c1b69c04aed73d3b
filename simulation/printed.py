"""Figures of one file, evaluated and bounded, and held against what documents print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulation.errors import ConfigError, Problem, nearest
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.options import agrees
from simulation.reading import Where, at
from simulation.schema.printed import UNIT, NotPublished, Printed, Total
from simulation.schema.quantity import Evidence

MOST = 1e12
"""Pounds, or anything else, beyond which a figure is a slip."""


@dataclass(frozen=True)
class Row:
    """One line of an option's table: what the file's figures come to, and what is printed, if anything is.

    ``unit`` is what the printed figure is rounded to; ``differs`` says why the two are not the same.
    """

    title: str
    comes_to: float
    where: Where
    printed: float | None = None
    unit: float = 1
    differs: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether what is printed, if anything, follows from the file's figures."""
        return self.printed is None or agrees(self.comes_to, self.printed, self.unit)


@dataclass
class Reader:
    """Evaluates the figures of one file; those out of bounds are kept as problems and read as their lower bound."""

    loaded: Loaded
    values: Values
    found: list[Problem] = field(default_factory=list)

    def number(self, number: Any, where: Where, low: float = 0.0, high: float = MOST, count: bool = False) -> float:
        """A figure between bounds; a ``count`` is whole."""
        try:
            value = self.values.at(number, self.loaded, where)
        except ConfigError as error:
            self.found.extend(error.problems)
            return low
        if low <= value <= high and not (count and value != int(value)):
            return value
        kind = "a whole number" if count else "a number"
        mend = f"Give {kind} from {low:,.15g} to {high:,.15g}."
        self.found.append(self.loaded.problem(where, f"{at(where)} is {value:,.15g}.", mend))
        return low

    def ends(self, number: Any, where: Where, low: float = 0.0, high: float = MOST) -> None:
        """Keeps it as a problem where the range of a figure, if it has one, leaves the bounds."""
        span = number.range if isinstance(number, Evidence) else None
        for end in ("low", "high") if span is not None else ():
            value = getattr(span, end)
            if not low <= value <= high:
                place = (*where, "range", end)
                mend = f"Give a number from {low:,.15g} to {high:,.15g}."
                self.found.append(self.loaded.problem(place, f"{at(place)} is {value:,.15g}.", mend))

    def stated(
        self, number: Evidence | NotPublished, where: Where, low: float = 0.0, high: float = MOST
    ) -> float | None:
        """A figure between bounds, or None where none is published."""
        return None if isinstance(number, NotPublished) else self.number(number, where, low, high)

    def row(self, title: str, comes_to: float, printed: Printed | None, where: Where) -> Row:
        """A line with the figure printed for it."""
        if printed is None:
            return Row(title, comes_to, where)
        figure = self.number(printed.figure, (*where, "figure"), low=-MOST)
        return Row(title, comes_to, where, figure, UNIT[printed.to_nearest], printed.differs)

    def known(self, name: str, names: Mapping[str, Any], where: Where) -> bool:
        """Whether a name is one of some others; a problem where it is not."""
        if name not in names:
            self.found.append(self.loaded.problem(where, f"{at(where)}: there is no '{name}'.", nearest(name, names)))
        return name in names

    def stop_if_any(self) -> None:
        """Raises ConfigError with every problem found so far."""
        if self.found:
            raise ConfigError(self.found)


def totals(reader: Reader, given: Mapping[str, Total]) -> list[Row]:
    """Formulas of a file, each with what is printed for it, if anything is."""
    made = []
    for name, total in given.items():
        where: Where = ("totals", name)
        comes_to = reader.number(total.comes_to, (*where, "comes_to"), low=-MOST)
        made.append(reader.row(total.title, comes_to, total.printed, (*where, "printed")))
    return made


def disagreement(loaded: Loaded, row: Row) -> Problem | None:
    """A printed figure that the file's figures do not come to, unless it says why; or a reason where they agree."""
    place = at(row.where)
    if row.agrees and row.differs is not None:
        what = f"{place}: differs: is given, but the file's figures do come to the printed {row.printed:,.15g}."
        return loaded.problem((*row.where, "differs"), what, "Remove differs:.")
    if row.agrees or row.differs is not None:
        return None
    rounded = "" if row.unit == 1 else f", to the nearest {row.unit:,g}"
    what = f"{place}: the file's figures come to {round(row.comes_to, 4):,.15g}, but {row.printed:,.15g} is printed"
    return loaded.problem(row.where, f"{what}{rounded}.", "Mend the figures, or say under differs: why they differ.")
