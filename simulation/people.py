"""Attributes of people as codes, and person types: the combinations that a pathway's probabilities depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.errors import ConfigError, DemandflowError, Problem
from simulation.library import Loaded
from simulation.schema.person import Spread

if TYPE_CHECKING:
    from simulation.inputs import Values

SPREADS = ("age_band", "can_travel", "informal_support", "means")


def attribute_values(demand: Loaded) -> dict[str, tuple[str, ...]]:
    """Each categorical attribute of a population and the values it can have, in a fixed order."""
    config = demand.config
    values = {"source": tuple(sorted(config.sources)), "client_group": tuple(sorted(config.client_groups))}
    for name in SPREADS:
        values[name] = tuple(getattr(config.person, name).values)
    return values


@dataclass(frozen=True)
class Types:
    """Person types: every combination of the attributes in ``names``.

    A type's number is the sum of stride × code over its attributes.
    """

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    @property
    def count(self) -> int:
        """How many types there are."""
        return int(np.prod([len(v) for v in self.values], dtype=np.int64)) if self.names else 1

    @property
    def strides(self) -> tuple[int, ...]:
        """Stride of each attribute; the last attribute's is 1."""
        strides = [1]
        for values in reversed(self.values[1:]):
            strides.insert(0, strides[0] * len(values))
        return tuple(strides[: len(self.names)]) if self.names else ()

    def each(self) -> Iterator[dict[str, str]]:
        """The attributes of each type, in the order of their numbers."""
        for combination in product(*self.values):
            yield dict(zip(self.names, combination, strict=True))

    def number(self, codes: Mapping[str, NDArray[np.int64]], size: int) -> NDArray[np.int64]:
        """Type numbers of many people from their attribute codes: shape (size,)."""
        total = np.zeros(size, dtype=np.int64)
        for name, stride in zip(self.names, self.strides, strict=True):
            total += stride * codes[name]
        return total


def spread_shares(demand: Loaded, name: str, group: str, values: Values) -> list[float]:
    """Shares of an attribute's values within a client group, in the order of its values; they sum to 1.

    Raises:
        ConfigError: shares outside 0 to 1, or that do not sum to 1.
    """
    spread: Spread = getattr(demand.config.person, name)
    where = ("person", name, "shares")
    key = group if group in spread.shares else "all"
    if key not in spread.shares:
        raise ConfigError([demand.problem(where, f"{name} has no shares for '{group}'.", f"Add {group}: or all:.")])
    given = spread.shares[key]
    unknown = [value for value in given if value not in spread.values]
    if unknown:
        raise ConfigError(
            [
                demand.problem(
                    (*where, key),
                    f"'{unknown[0]}' is not one of the values of {name}.",
                    f"Use: {', '.join(spread.values)}.",
                )
            ]
        )
    shares = [given.get(value, 0.0) for value in spread.values]
    return complete(
        demand, (*where, key), [None if share == "rest" else values.of(share, demand.ref) for share in shares]
    )


def complete(loaded: Loaded, where: tuple[str | int, ...], shares: list[float | None]) -> list[float]:
    """Shares with the one 'rest' filled in.

    Raises:
        ConfigError: two rests, a share outside 0 to 1, or a sum that is not 1.
    """
    known = [share for share in shares if share is not None]
    rests = len(shares) - len(known)
    place = ".".join(map(str, where))
    problems: list[Problem] = [
        loaded.problem(where, f"{place}: {share:g} is not between 0 and 1.", "Mend it.")
        for share in known
        if not -1e-12 <= share <= 1 + 1e-12
    ]
    total = sum(known)
    if rests > 1:
        problems.append(loaded.problem(where, f"{place}: only one can be 'rest'.", "Give the others a number."))
    elif rests == 1 and total > 1 + 1e-9:
        problems.append(
            loaded.problem(
                where,
                f"{place}: the others sum to {total:.6g}, which leaves less than nothing for 'rest'.",
                "Lower them.",
            )
        )
    elif rests == 0 and abs(total - 1) > 1e-9:
        problems.append(
            loaded.problem(where, f"{place}: these sum to {total:.6g}, not 1.", "Mend one of them, or make one 'rest'.")
        )
    if problems:
        raise ConfigError(problems)
    return [min(1.0, max(0.0, 1 - total if share is None else share)) for share in shares]


def source_rate(demand: Loaded, source: str, values: Values) -> float:
    """Contacts a day from a source.

    Raises:
        DemandflowError: a negative number of contacts.
    """
    rate = values.of(demand.config.sources[source].contacts_per_year, demand.ref)
    if rate < 0:
        raise DemandflowError(f"contacts_per_year of {source} is {rate:g}. Give 0 or more.")
    return rate / 365.0


def group_shares(demand: Loaded, values: Values) -> dict[str, float]:
    """Share of contacts of each client group; they sum to 1."""
    groups = sorted(demand.config.client_groups)
    numbers = [demand.config.client_groups[g].share for g in groups]
    shares = complete(
        demand,
        ("client_groups",),
        [None if n == "rest" else values.of(n, demand.ref) for n in numbers],
    )
    return dict(zip(groups, shares, strict=True))
