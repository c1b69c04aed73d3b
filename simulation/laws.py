"""A law written in a config as the numbers behind it, with every fault at its own line."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.errors import ConfigError, DemandflowError, Problem
from simulation.quantiles import Table, quantile_table, refuse_bad_numbers
from simulation.reading import Where, at

if TYPE_CHECKING:
    from simulation.inputs import Values
    from simulation.library import Loaded
    from simulation.schema.distribution import Law

_NOT_NUMBERS = ("values", "law", "arguments")


def law_numbers(law: Law, loaded: Loaded, where: Where, values: Values) -> dict[str, Any]:
    """The evaluated arguments of a law that stands at a place of a file, ``cap`` included where it is given.

    Raises:
        ConfigError: arguments that cannot be evaluated or that make no sense.
    """
    from simulation.schema.distribution import FAMILIES  # which loads the whole format: workers do without

    found: list[Problem] = []
    numbers: dict[str, Any] = {}
    keys = (*FAMILIES[law.distribution], *(("cap",) if law.cap is not None else ()))
    for key in keys:
        given = getattr(law, key)
        if key in _NOT_NUMBERS:
            numbers[key] = given
            continue
        try:
            numbers[key] = values.at(given, loaded, (*where, key))
        except ConfigError as error:
            found.extend(error.problems)
    if found:
        raise ConfigError(found)
    try:
        refuse_bad_numbers(law.distribution, numbers)
    except DemandflowError as error:
        raise _placed(error, loaded, where) from None
    return numbers


def law_table(law: Law, numbers: dict[str, Any], ticks_per_unit: int, loaded: Loaded, where: Where) -> Table:
    """The quantile table of a law that stands at a place of a file.

    Raises:
        ConfigError: a law that cannot be drawn truly.
    """
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # extreme arguments overflow on the way; the table itself is checked
            return quantile_table(law.distribution, numbers, ticks_per_unit)
    except DemandflowError as error:
        raise _placed(error, loaded, where) from None
    except (ArithmeticError, ValueError, TypeError):
        too_far = DemandflowError("these numbers are too extreme for this law. Choose more usual ones.")
        raise _placed(too_far, loaded, where) from None


def _placed(error: DemandflowError, loaded: Loaded, where: Where) -> ConfigError:
    return ConfigError([loaded.problem(where, f"{at(where)}: {error}")])
