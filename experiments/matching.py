"""How much of the gap between two models is closed, and who keeps today's path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulation.compiler import Compiled
from simulation.errors import ConfigError, Problem, nearest
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.people import attribute_values, not_a_value
from simulation.reading import Where, at
from simulation.schema.transfer import Transfer


def keeps_of(given: Mapping[str, Any], place: Where, loaded: Loaded, demand: Loaded) -> dict[str, list[str]]:
    """Who keeps the baseline's path: attribute to values. ``place``: where they stand in the file.

    Raises:
        ConfigError: unknown attributes or values.
    """
    space = attribute_values(demand)
    found: list[Problem] = []
    keeps: dict[str, list[str]] = {}
    for name, of in given.items():
        where: Where = (*place, name)
        values = of if isinstance(of, list) else [of]
        if name not in space:
            found.append(loaded.problem(where, f"{at(where)}: there is no attribute '{name}'.", nearest(name, space)))
            continue
        for value in values:
            if value not in space[name]:
                what, mend = not_a_value(value, name, space)
                found.append(loaded.problem(where, f"{at(where)}: {what}", mend))
        keeps[name] = [str(value) for value in values]
    if found:
        raise ConfigError(found)
    return keeps


def expected_by_source(compiled: Compiled, measure: str) -> dict[str, float]:
    """People a year of 365 days counted by a measure, by source, exact from the graph.

    Only measures that a person can meet once are exact: a stage met twice would count twice.
    """
    pathway, expected = compiled.pathway, compiled.expected
    result = dict.fromkeys(pathway.sources, 0.0)
    for row, person in enumerate(pathway.types.each()):
        total = expected.contacts[row] if measure == "contact" else 0.0
        for stage, name in enumerate(pathway.counts_as):
            if name == measure and measure != "contact":
                total += expected.reach[row, stage]
        for decision, names in enumerate(pathway.branch_counts_as):
            total += sum(expected.branch[row, decision, b] for b, name in enumerate(names) if measure in name.split())
        result[person["source"]] += float(total) * 365
    return result


def matching_transfer(nobody: float, everybody: float, change: float) -> float:
    """The transfer at which a measure has changed by ``change`` (such as -0.24), at most the whole gap.

    Expectations are straight lines in the transfer. 1 where even the whole gap falls short; 0 where it goes the other
    way.
    """
    gap = everybody - nobody
    if gap == 0:
        return 0.0
    return min(1.0, max(0.0, change * nobody / gap))


def transfer_value(
    transfer: Transfer, where: Where, loaded: Loaded, values: Values, nobody: Compiled, everybody: Compiled
) -> float:
    """The share of the gap of a transfer that stands at ``where``; a matched one is found from the expectations.

    Raises:
        ConfigError: a share outside 0 to 1, or a source that nobody comes from.
    """
    if transfer.value is not None:
        value = values.at(transfer.value, loaded, (*where, "value"))
        if not 0 <= value <= 1:
            what = f"{at((*where, 'value'))} is {value:g}."
            raise ConfigError([loaded.problem((*where, "value"), what, "Give a share from 0 to 1.")])
        return value
    match = transfer.match
    assert match is not None
    change = values.at(match.change, loaded, (*where, "match", "change"))
    sources = nobody.pathway.sources
    if match.source not in sources:
        place: Where = (*where, "match", "source")
        what = f"{at(place)}: there is no source '{match.source}'."
        raise ConfigError([loaded.problem(place, what, nearest(match.source, sources))])
    return matching_transfer(
        expected_by_source(nobody, match.measure)[match.source],
        expected_by_source(everybody, match.measure)[match.source],
        change,
    )
