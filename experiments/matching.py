"""How much of the gap between two models is closed, and who keeps today's path."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from simulation.compiler import Compiled
from simulation.errors import ConfigError, Problem, nearest
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.people import attribute_values, not_a_value
from simulation.reading import Where, at
from simulation.schema.transfer import Transfer
from simulation.tally import MEASURES


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


def transfer_problems(loaded: Loaded, section: str, transfers: Sequence[Transfer], headline: str) -> list[Problem]:
    """What is wrong with the transfers of a section, whatever its files say: names, the headline, measures."""
    names = [transfer.name for transfer in transfers]
    found = []
    for index, transfer in enumerate(transfers):
        place: Where = (section, "transfers", index)
        if transfer.name in names[:index]:
            what = f"two transfers have the name '{transfer.name}'."
            found.append(loaded.problem((*place, "name"), what, "Rename one."))
        if transfer.match is not None and transfer.match.measure not in MEASURES:
            measure = transfer.match.measure
            where: Where = (*place, "match", "measure")
            what = f"{at(where)}: there is no measure '{measure}'."
            found.append(loaded.problem(where, what, nearest(measure, MEASURES)))
    if headline not in names:
        where = (section, "headline_transfer")
        found.append(loaded.problem(where, f"'{headline}' is not one of the transfers.", nearest(headline, names)))
    return found


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


def needed_transfer(nobody: float, everybody: float, change: float) -> float:
    """The transfer at which a measure has changed by ``change`` (such as -0.24).

    Expectations are straight lines in the transfer. Above 1 where the whole gap falls short, below 0 where it goes the
    other way; NaN where both models come to the same, so that no transfer changes anything.
    """
    same = math.isclose(nobody, everybody, rel_tol=1e-9)  # two sums of the same flows may differ in their last bits
    return math.nan if same else change * nobody / (everybody - nobody)


def matching_transfer(nobody: float, everybody: float, change: float) -> float:
    """The same, kept between nobody and the whole gap, as drawn inputs need it; 0 where both models are alike."""
    needed = needed_transfer(nobody, everybody, change)
    return 0.0 if math.isnan(needed) else min(1.0, max(0.0, needed))


def _found(transfer: Transfer, where: Where, loaded: Loaded, change: float, nobody: float, everybody: float) -> float:
    """The transfer of a match at central inputs.

    Raises:
        ConfigError: one outside 0 to 1: a wrong sign or another measure would else pass for no effect or for all of it.
    """
    match = transfer.match
    assert match is not None
    needed = needed_transfer(nobody, everybody, change)
    if 0 <= needed <= 1:
        return needed
    place: Where = (*where, "match", "change")
    if math.isnan(needed):
        told, mend = "both models come to the same", "Match another measure, or give a value."
    elif not nobody:
        told, mend = f"today's model has none, and the new one {everybody:,.0f} a year", "Match another measure."
    else:
        told = f"the whole gap changes it by {everybody / nobody - 1:+.1%}"
        mend = "Give a change from 0 to that, with its sign."
    what = f"{at(place)}: no part of the gap changes '{match.measure}' of {match.source} by {change:+.1%}: {told}."
    raise ConfigError([loaded.problem(place, what, mend)])


def transfer_value(
    transfer: Transfer,
    where: Where,
    loaded: Loaded,
    values: Values,
    nobody: Compiled,
    everybody: Compiled,
    clipped: list[str] | None = None,
) -> float:
    """The share of the gap of a transfer that stands at ``where``; a matched one is found from the expectations.

    Args:
        clipped: given with drawn inputs, whose matches are kept between 0 and 1: takes the name where that was needed.

    Raises:
        ConfigError: a share outside 0 to 1, a source that nobody comes from, or, at central inputs, a change that no
            share of the gap comes to.
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
    none, whole = (expected_by_source(model, match.measure)[match.source] for model in (nobody, everybody))
    if clipped is None:
        return _found(transfer, where, loaded, change, none, whole)
    value = matching_transfer(none, whole, change)
    if value != needed_transfer(none, whole, change):
        clipped.append(transfer.name)
    return value
