"""Interventions laid over a delivery model, each mechanism once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulation.errors import ConfigError, Problem
from simulation.plain_yaml import Document, Where

CHANGEABLE = ("parameters", "teams", "stages")

Merge = Callable[[Document, Document], Document]


def _laid(model: Document, data: dict[str, Any], at: Document, inside: Where, merge: Merge) -> Document:
    """Part of an intervention laid over a model; its places are those of the intervention's file."""
    depth = len(inside)
    inner = {where: place for where, place in at.places.items() if where[:depth] == inside and len(where) > depth}
    places = {where[depth:]: place for where, place in inner.items()}
    merged = merge(model, Document(at.path, data, places))
    return Document(model.path, merged.data, merged.places, (*model.ancestors, at.path))


def apply(model: Document, open_named: Callable[[str, Where], Document], merge: Merge) -> Document:
    """The model with its ``interventions:`` laid over it, in their order.

    Args:
        open_named: reads the intervention whose name stands at a place of the model.
        merge: lays a document over another.

    Raises:
        ConfigError: an intervention that is no intervention, twice the same, or with a mechanism that the model has
            already and no ``replace: true``.
    """
    given = model.data.get("interventions")
    if not isinstance(given, list):
        return model
    found: list[Problem] = []
    applied: dict[str, Document] = {}
    mechanisms = model.data.get("mechanisms")
    has: list[str] = list(mechanisms) if isinstance(mechanisms, list) else []
    result = model
    for index, item in enumerate(given):
        where: Where = ("interventions", index)
        name = item.get("apply") if isinstance(item, dict) else None
        if not isinstance(name, str):
            continue  # the schema tells it
        if name in applied:
            found.append(model.problem(where, f"'{name}' is applied twice.", "Keep one of them."))
            continue
        document = open_named(name, (*where, "apply"))
        if document.data.get("kind") != "intervention":
            found.append(model.problem(where, f"'{name}' is not an intervention.", "Name a file of interventions/."))
            continue
        mechanism = document.data.get("mechanism")
        if mechanism in has and item.get("replace") is not True:
            what = f"the model already has the mechanism '{mechanism}': its effect would be counted twice."
            mend = f"Leave '{name}' out, or write replace: true to put it in the other's place."
            found.append(model.problem(where, what, mend))
            continue
        if isinstance(mechanism, str) and mechanism not in has:
            has.append(mechanism)
        applied[name] = document
        changes = document.data.get("changes")
        parts = {key: changes[key] for key in CHANGEABLE if isinstance(changes, dict) and key in changes}
        result = _laid(result, parts, document, ("changes",), merge)
    for document in applied.values():
        overlaps = document.data.get("overlaps")
        for other, overlap in (overlaps if isinstance(overlaps, dict) else {}).items():
            if other in applied and isinstance(overlap, dict) and isinstance(overlap.get("parameters"), dict):
                parts = {"parameters": overlap["parameters"]}
                result = _laid(result, parts, document, ("overlaps", other), merge)
    if found:
        raise ConfigError(found)
    data = {**result.data, "mechanisms": has}
    return Document(model.path, data, result.places, result.ancestors)
