"""The template's parameters on which nothing rests any longer once a council's own figures stand in their place."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.formulas import names_in
from simulation.inputs import Inputs, numbers_in
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
