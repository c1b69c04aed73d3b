"""Price series by financial year: the budget view raises money by them, the real view takes general inflation out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from simulation.errors import ConfigError, Problem
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.money.columns import Floats, Ints, key_of, to_whole
from simulation.reading import Where, at
from simulation.schema.economics import Index

WHERE: Where = ("index", "by_year")


def _index(loaded: Loaded) -> Index:
    index: Index | None = getattr(loaded.config, "index", None)
    if index is None:
        what = f"{loaded.ref} has no index."
        raise ConfigError([loaded.problem((), what, "Name a file with index:, such as prices/care_wages.")])
    return index


def series(loaded: Loaded, values: Values) -> dict[str, float]:
    """A file's index by year, keyed fy_2016_17, in order.

    Raises:
        ConfigError: a file without an index, a value that cannot be evaluated or is not above 0, or a year left out
            between the first and the last.
    """
    found: list[Problem] = []
    result: dict[str, float] = {}
    for key, number in sorted(_index(loaded).by_year.items()):
        where: Where = (*WHERE, key)
        try:
            result[key] = values.at(number, loaded, where)
        except ConfigError as error:
            found.extend(error.problems)
            continue
        if not result[key] > 0:
            found.append(loaded.problem(where, f"{at(where)} is {result[key]:g}.", "Give a number above 0."))
    keys = list(result)
    for before, after in pairwise(keys):
        if int(after[3:7]) != int(before[3:7]) + 1 and not found:
            what = f"{at(WHERE)} has {before} and {after}, and nothing between."
            found.append(loaded.problem((*WHERE, after), what, "Give every year, or leave out those before the gap."))
    if found:
        raise ConfigError(found)
    return result


def factors(loaded: Loaded, values: Values, years: Sequence[str], base: str) -> Floats:
    """Prices of some years ÷ those of the base year; years are named 2016/17. Shape (years,).

    Raises:
        ConfigError: a series that begins after, or stops before, a year that is needed.
    """
    known = series(loaded, values)
    first, last = next(iter(known)), list(known)[-1]
    needed = [key_of(year) for year in (base, *years)]
    missing = [key for key in needed if key not in known]
    if missing:
        late = max(missing) > last
        word, end, key = ("stops at", last, max(missing)) if late else ("begins with", first, min(missing))
        what = f"{at(WHERE)} {word} {end}, and {key} is needed."
        mend = "end the run earlier" if late else "start the run later"
        raise ConfigError([loaded.problem((*WHERE, end), what, f"Add {key}, or {mend}: no year is guessed.")])
    return np.array([known[key] / known[needed[0]] for key in needed[1:]])


def raised(amounts: Ints, by: Floats) -> Ints:
    """Amounts of shape (…, years) at the prices of each year, to the nearest whole one."""
    return to_whole(amounts * by)
