"""Parameters of a template once a council's own figures stand beside them: what nobody uses, and what would move.

A template's formulas may rest on figures that the council's own replace. What the council's file does not tell has to
stay as it was in the template, so such a parameter is written out as the number it was there.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence

from simulation.errors import DemandflowError
from simulation.formulas import names_in
from simulation.inputs import Inputs, Values, numbers_in
from simulation.library import Loaded
from simulation.schema.quantity import Evidence


def used(files: Sequence[Loaded], inputs: Inputs) -> set[str]:
    """Keys of the parameters of some files that a number besides a parameter rests on."""
    found: set[str] = set()
    ahead: list[tuple[str, float | str | Evidence]] = []
    for item in files:
        ahead += [(item.ref, number) for where, number in numbers_in(item.config) if where[:1] != ("parameters",)]
        # ``numbers_in`` takes a share that is not evidence for one that a document prints.
        ahead += [(item.ref, group.share) for group in getattr(item.config, "client_groups", {}).values()]
    while ahead:
        file, number = ahead.pop()
        value = number.value if isinstance(number, Evidence) else number
        for name in names_in(value) if isinstance(value, str) and value != "rest" else ():
            item_of = inputs.resolve(file, name)
            if item_of.key not in found:
                found.add(item_of.key)
                ahead.append((item_of.loaded.ref, item_of.number))
    return found


def leftovers(olds: Sequence[Loaded], old: Inputs, news: Sequence[Loaded], new: Inputs) -> list[tuple[int, str]]:
    """Parameters that a template used and the files that extend it do not: number of the file, and name."""
    before, after = used(olds, old), used(news, new)
    return [
        (index, name)
        for index, (under, over) in enumerate(zip(olds, news, strict=True))
        for name in under.config.parameters
        if f"{under.ref}.{name}" in before and f"{over.ref}.{name}" not in after
    ]


def moved(
    olds: Sequence[Loaded], old: Values, news: Sequence[Loaded], new: Values, ours: Sequence[Container[str]]
) -> list[tuple[int, str, float]]:
    """Parameters that something uses, that are not our own, and whose value is another than in the template.

    Returns:
        Number of the file, name, and the template's value.
    """
    after = used(news, new.inputs)
    found = []
    for index, (under, over) in enumerate(zip(olds, news, strict=True)):
        for name in under.config.parameters:
            if name in ours[index] or f"{over.ref}.{name}" not in after:
                continue
            before = old.named(under.ref, name)
            try:
                same = math.isclose(new.named(over.ref, name), before, rel_tol=1e-12, abs_tol=1e-15)
            except DemandflowError:
                same = False
            if not same:
                found.append((index, name, before))
    return found
