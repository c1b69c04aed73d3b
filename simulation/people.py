"""Attributes of people as codes, and person types: the combinations that a pathway's probabilities depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.errors import ConfigError, Problem, nearest, short
from simulation.growth import growth_of
from simulation.laws import law_numbers, law_table
from simulation.reading import Where, at

if TYPE_CHECKING:
    from simulation.inputs import Values
    from simulation.library import Loaded
    from simulation.schema.person import Spread
    from simulation.schema.quantity import Evidence

HOUR_PARTS = 1_000
"""Need hours are tabulated in thousandths of an hour a week."""

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
    where: Where = ("person", name, "shares")
    key = group if group in spread.shares else "all"
    if key not in spread.shares:
        raise ConfigError([demand.problem(where, f"{name} has no shares for '{group}'.", f"Add {group}: or all:.")])
    given = spread.shares[key]
    found = [
        demand.problem((*where, key, value), f"{at((*where, key))}: '{value}' is not a value of {name}.",
                       nearest(value, spread.values))
        for value in given if value not in spread.values
    ]  # fmt: skip
    if found:
        raise ConfigError(found)
    each = [(*where, key, value) for value in spread.values]
    shares = evaluated(demand, [given.get(value, 0.0) for value in spread.values], each, values)
    return complete(demand, (*where, key), shares, each)


def evaluated(
    loaded: Loaded, numbers: Sequence[float | str | Evidence], each: Sequence[Where], values: Values
) -> list[float | None]:
    """Shares as numbers, None for 'rest'.

    Raises:
        ConfigError: with every one that cannot be evaluated.
    """
    found: list[Problem] = []
    shares: list[float | None] = []
    for number, where in zip(numbers, each, strict=True):
        try:
            shares.append(None if number == "rest" else values.at(number, loaded, where))
        except ConfigError as error:
            found.extend(error.problems)
    if found:
        raise ConfigError(found)
    return shares


def complete(
    loaded: Loaded, where: Where, shares: list[float | None], each: Sequence[Where] | None = None
) -> list[float]:
    """Shares with the one 'rest' filled in; ``each`` says where every one of them stands.

    Raises:
        ConfigError: two rests, a share outside 0 to 1, or a sum that is not 1.
    """
    known = [share for share in shares if share is not None]
    rests = len(shares) - len(known)
    place = at(where)
    problems = [
        loaded.problem(
            where if each is None else each[index],
            f"{place if each is None else at(each[index])}: {share:.6g} is not between 0 and 1.",
            "Give a share from 0 to 1.",
        )
        for index, share in enumerate(shares)
        if share is not None and not -1e-12 <= share <= 1 + 1e-12
    ]
    total = sum(known)
    if rests > 1:
        problems.append(loaded.problem(where, f"{place}: only one can be 'rest'.", "Give the others a number."))
    elif problems:
        pass  # a sum would only say the same again
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
        ConfigError: a negative number of contacts.
    """
    where: Where = ("sources", source, "contacts_per_year")
    rate = values.at(demand.config.sources[source].contacts_per_year, demand, where)
    if rate < 0:
        raise ConfigError([demand.problem(where, f"{at(where)} is {rate:g}.", "Give 0 or more.")])
    return rate / 365.0


def month_factors(demand: Loaded, values: Values) -> list[float]:
    """Factor on contacts in each calendar month, January first; all 1 where the demand gives none.

    Raises:
        ConfigError: a month without a factor, or a negative one.
    """
    given = demand.config.by_month
    if given is None:
        return [1.0] * 12
    factors: list[float] = []
    found: list[Problem] = []
    missing = [str(month) for month in range(1, 13) if str(month) not in given]
    if missing:
        what = f"by_month: nothing is given for {', '.join(missing)}."
        found.append(demand.problem(("by_month",), what, "Add what is missing."))
    for month in range(1, 13):
        where: Where = ("by_month", str(month))
        if str(month) in missing:
            continue
        try:
            factors.append(values.at(given[str(month)], demand, where))
        except ConfigError as error:
            found.extend(error.problems)
            continue
        if factors[-1] < 0:
            found.append(demand.problem(where, f"{at(where)} is {factors[-1]:g}.", "Give 0 or more."))
    if found:
        raise ConfigError(found)
    return factors


def group_shares(demand: Loaded, values: Values, source: str | None = None) -> dict[str, float]:
    """Share of contacts of each client group, of all contacts or of those from a source; they sum to 1.

    Raises:
        ConfigError: shares that do not sum to 1, or of a group that nobody belongs to.
    """
    groups = sorted(demand.config.client_groups)
    own = None if source is None else demand.config.sources[source].client_groups
    if own is not None:
        where: Where = ("sources", str(source), "client_groups")
        found = [
            demand.problem((*where, group), f"{at(where)}: '{group}' is not a client group.", nearest(group, groups))
            for group in own
            if group not in groups
        ]
        if found:
            raise ConfigError(found)
        places: list[Where] = [(*where, group) for group in groups]
        given = [own.get(group, 0.0) for group in groups]
        return dict(zip(groups, complete(demand, where, evaluated(demand, given, places, values), places), strict=True))
    each: list[Where] = [("client_groups", group, "share") for group in groups]
    numbers = [demand.config.client_groups[g].share for g in groups]
    shares = complete(demand, ("client_groups",), evaluated(demand, numbers, each, values), each)
    return dict(zip(groups, shares, strict=True))


def eligible_share(demand: Loaded, values: Values) -> float:
    """Share of contacts with an eligible need.

    Raises:
        ConfigError: not a share.
    """
    return share_at(demand, demand.config.person.need.eligible_share, ("person", "need", "eligible_share"), values)


def share_at(demand: Loaded, number: float | str | Evidence, where: Where, values: Values) -> float:
    """A share that stands at a place of a demand file.

    Raises:
        ConfigError: not a share.
    """
    share = values.at(number, demand, where)
    if not 0 <= share <= 1:
        raise ConfigError([demand.problem(where, f"{at(where)} is {share:g}.", "Give a share from 0 to 1.")])
    return share


def not_a_value(value: object, name: str, space: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """What is wrong with a value that an attribute cannot have, and the mend."""
    if isinstance(value, bool):
        word = str(value).lower()
        return f"{word} without quotes is not a value of {name}.", f'Write "{word}" in quotes.'
    return f"'{short(str(value))}' is not a value of {name}.", nearest(value, space[name])


def check_demand(demand: Loaded, values: Values) -> list[Problem]:
    """Every fault of a demand file that its schema cannot see."""
    config, found = demand.config, _keys(demand)

    def tried(step: Callable[[], object]) -> None:
        try:
            step()
        except ConfigError as error:
            found.extend(error.problems)

    for source in config.sources:
        tried(lambda source=source: source_rate(demand, source, values))  # type: ignore[misc]
        if config.sources[source].client_groups is not None:
            tried(lambda source=source: group_shares(demand, values, source))  # type: ignore[misc]
    if config.client_groups:
        tried(lambda: group_shares(demand, values))
    tried(lambda: month_factors(demand, values))
    tried(lambda: eligible_share(demand, values))
    tried(lambda: growth_of(demand, values))
    for key, law in config.person.need.hours_per_week.items():
        here: Where = ("person", "need", "hours_per_week", key)
        tried(lambda law=law, here=here: law_table(  # type: ignore[misc]
            law, law_numbers(law, demand, here, values), HOUR_PARTS, demand, here
        ))  # fmt: skip
    if config.ledger is not None:
        for name in ("met_by_carer", "met_by_community"):
            tried(lambda name=name: share_at(demand, getattr(config.ledger, name), ("ledger", name), values))  # type: ignore[misc]
    for group, kinds in config.held.items():
        for care, number in kinds.items():
            tried(lambda g=group, c=care, n=number: held_number(demand, g, c, n, values))  # type: ignore[misc]
    for name in SPREADS:
        for group in config.client_groups:
            tried(lambda name=name, group=group: spread_shares(demand, name, group, values))  # type: ignore[misc]
    return found


def _keys(demand: Loaded) -> list[Problem]:
    """Keys that nothing would ever read, and things that are not there."""
    config = demand.config
    found = [
        demand.problem((key,), f"{key} is empty.", "Add one.")
        for key in ("sources", "client_groups")
        if not getattr(config, key)
    ]
    groups = (*config.client_groups, "all")
    by_group: list[tuple[Where, Mapping[str, object]]] = [
        (("person", name, "shares"), getattr(config.person, name).shares) for name in SPREADS
    ]
    by_group.append((("person", "need", "hours_per_week"), config.person.need.hours_per_week))
    for where, given in by_group:
        found += [
            demand.problem((*where, key), f"{at(where)}: '{key}' is not a client group.", nearest(key, groups))
            for key in given
            if key not in groups and config.client_groups
        ]  # fmt: skip
    for name in SPREADS:
        spread = getattr(config.person, name)
        found += [
            demand.problem(("person", name, "values"), f"person.{name}.values: '{value}' stands twice.", "Remove one.")
            for value in {v for v in spread.values if spread.values.count(v) > 1}
        ]  # fmt: skip
        found += [
            demand.problem(("person", name, "titles", value),
                           f"{at(('person', name, 'titles'))}: '{value}' is not a value of {name}.",
                           nearest(value, spread.values))
            for value in spread.titles
            if value not in spread.values
        ]  # fmt: skip
    months = [str(month) for month in range(1, 13)]
    found += [
        demand.problem(("by_month", key), f"by_month: '{key}' is not a month.", "Use 1 to 12.")
        for key in config.by_month or {}
        if key not in months
    ]
    return found


def held_number(demand: Loaded, group: str, care: str, number: float | str | Evidence, values: Values) -> float:
    """People of a group who hold a kind of care at the start.

    Raises:
        ConfigError: an unknown group, or a negative number.
    """
    where: Where = ("held", group, care)
    groups = demand.config.client_groups
    if group not in groups:
        what = f"{at(where[:2])}: '{group}' is not a client group."
        raise ConfigError([demand.problem(where[:2], what, nearest(group, groups))])
    people = values.at(number, demand, where)
    if people < 0:
        raise ConfigError([demand.problem(where, f"{at(where)} is {people:g} people.", "Give 0 or more.")])
    return people
