"""What the schema finds wrong with a config, in a user's words: where, what, and how to mend it."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import BaseModel

from simulation.errors import Problem, nearest, short
from simulation.reading import Document, Where
from simulation.schema import Strict


def _keys_of(model: Any, where: Where, data: Any) -> list[str]:
    """The keys a mapping at ``where`` may have; stages and distributions by what they say they are."""
    for step in where:
        model = _step(model, step, data)
        data = _inside(data, step)
        if model is None:
            return []
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        model = _alternative(model, data)
    return sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _alternative(annotation: Any, data: Any) -> Any:
    """Which of several records a mapping is meant to be: the one with the most of its keys."""
    models: list[type[BaseModel]] = []

    def collect(inside: Any) -> None:
        if isinstance(inside, type) and issubclass(inside, BaseModel):
            models.append(inside)
        for argument in typing.get_args(inside):
            collect(argument)

    collect(annotation)
    if isinstance(data, dict) and "kind" in data:
        models = [
            m
            for m in models
            if data["kind"] in typing.get_args(getattr(m.model_fields.get("kind"), "annotation", None))
        ]
    keys = set(data) if isinstance(data, dict) else set()
    return max(models, key=lambda m: len(keys & set(m.model_fields)), default=None)


def _step(model: Any, step: str | int, data: Any) -> Any:
    if not (isinstance(model, type) and issubclass(model, BaseModel)) and typing.get_origin(model) not in (dict, list):
        model = _alternative(model, data)
    if isinstance(model, type) and issubclass(model, BaseModel):
        info = model.model_fields.get(str(step))
        return _unwrap(info.annotation) if info else None
    if typing.get_origin(model) in (dict, list):
        return _unwrap(typing.get_args(model)[-1])
    return None


def _inside(data: Any, step: str | int) -> Any:
    """What stands at a key or an index, if anything does."""
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return data.get(step) if isinstance(data, dict) else None


def _unwrap(annotation: Any) -> Any:
    """An annotation without its notes and without None."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kept = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        return _unwrap(kept[0]) if len(kept) == 1 else annotation
    return annotation


def _plain(where: Where, data: Any) -> Where:
    """A pydantic location without the tags of its unions: the longest way that exists in the data."""
    for index, step in enumerate(where):
        if isinstance(data, dict) and data.get("kind") == step and index:
            continue  # the tag of a stage; some kinds have a key of the same name
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int)):
            taken = (step, *_plain(where[index + 1 :], _inside(data, step)))
            passed = _plain(where[index + 1 :], data)
            return taken if len(taken) >= len(passed) else passed
    return ()


_WANTED = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a date",
}
_MENDS = {
    "a number": "Write digits, without quotes.",
    "a whole number": "Write digits, without quotes or a point.",
    "text": "Put it in quotes.",
    "true or false": "Write true or false, without quotes.",
    "a list": "Write [one, two], or one item a line, each after a dash.",
    "a mapping": "Write 'key: value' lines below it, indented.",
    "a number or a formula": "Write digits or a formula.",
    "a date": "Write year-month-day, such as 2016-04-01, without quotes.",
}


def quoted(value: Any) -> str:
    """A value as a message names it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{short(value)}'" if value else "empty text"
    if isinstance(value, int | float):
        return f"{value:.15g}"
    return {dict: "a mapping", list: "a list", date: "a date"}.get(type(value), "nothing")


def _or(words: Iterable[str]) -> str:
    found = list(dict.fromkeys(words))
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} or {found[-1]}"


def _wrong_type(document: Document, at: Where, errors: Sequence[Any]) -> Problem:
    """One sentence for a value of the wrong type, whatever the number of types it might have had."""
    wanted = _or(_WANTED[error["type"]] for error in errors)
    given = errors[0].get("input")
    if wanted == "a number or text":
        wanted = "a number or a formula"
    mend = _MENDS.get(wanted, "Mend the value.")
    if wanted == "text" and (given is None or isinstance(given, dict | list)):
        mend = "Write the text after the colon."
    return document.problem(at, f"{'.'.join(map(str, at)) or 'the file'} must be {wanted}, not {quoted(given)}.", mend)


_BOUNDS = {
    "greater_than_equal": ("ge", "at least", "Give {} or more."),
    "greater_than": ("gt", "above", "Give more than {}."),
    "less_than_equal": ("le", "at most", "Give {} or less."),
    "less_than": ("lt", "below", "Give less than {}."),
}


def _measured(kind: str, context: Any) -> tuple[str, str] | None:
    """What a limit asks, and the mend."""
    if kind in _BOUNDS:
        key, words, mend = _BOUNDS[kind]
        limit = f"{context[key]:,.15g}"
        return f"must be {words} {limit}", mend.format(limit)
    limits = {
        "string_too_short": ("must have at least {min_length} characters", "Write a sentence."),
        "string_too_long": ("has more than {max_length} characters", "Shorten it."),
        "too_short": ("must have at least {min_length} item", "Add one."),
        "too_long": ("must have at most {max_length} items", "Remove the others."),
    }
    if kind not in limits:
        return None
    what, mend = limits[kind]
    return what.format(**context), mend


_PATTERNS = (
    ("demand|", "a file", "Write folder/name, such as demand/barnet_2014_15."),
    ("]-[0-2]", "a span of hours", "Write a span such as 09:00-17:00."),
    (":[0-5]", "a time of day", "Write a time such as 09:30."),
    ("-(0[1-9]", "a month", "Write a month such as 2016-04."),
    ("fy_[0-9]", "a financial year", "Write a year such as fy_2017_18."),
    ("", "a name", "Use small letters, digits and _, starting with a letter."),
)
"""Part of a pattern of the schema, what it stands for, and the mend."""


def _sentence(error: Any, schema: type[Strict], document: Document) -> Problem:
    """A fault of the schema in a user's words."""
    where = tuple(error["loc"])
    at = _plain(where, document.data)
    key = where[-1] if where else "the file"
    place = ".".join(str(step) for step in at) or "the file"
    kind, context, given = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "extra_forbidden":
        known = _keys_of(schema, at[:-1], document.data)
        close = difflib.get_close_matches(str(key), known, 1)
        mend = f"Did you mean '{close[0]}'?" if close else "Remove it, or check its spelling and indentation."
        return document.problem(at, f"{place}: unknown key '{short(str(key))}'.", mend)
    if kind == "missing":
        return document.problem(at, f"'{key}' is missing from {place}.", f"Add {key}:.")
    if kind == "union_tag_invalid":
        tag = context.get("discriminator", "'kind'").strip("'")
        tags = re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))
        what = f"{place} has the unknown {tag} {quoted(context.get('tag'))}."
        return document.problem((*at, tag), what, nearest(context.get("tag"), tags, "Use one of"))
    if kind == "union_tag_not_found":
        tag = str(context.get("discriminator", "'kind'")).strip("'")
        mend = "Add kind: with the kind of stage it is." if tag == "kind" else f"Add {tag}:."
        return document.problem(at, f"{place} has no {tag}.", mend)
    if kind == "value_error":
        text = str(context.get("error", error["msg"]))
        what, _, mend = text.partition(": ") if ": " in text else text.partition("; ")
        return document.problem(at, f"{place}: {what}.", f"{mend[:1].upper()}{mend[1:]}." if mend else "")
    if kind == "literal_error":
        tags = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        if "monday" in tags:
            what = f"{place}: {quoted(given)} is not a day of the week."
            return document.problem(at, what, nearest(given, tags, "Use one of"))
        return document.problem(at, f"{place} is {quoted(given)}.", nearest(given, tags, "Use one of"))
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", ""))
        for mark, what, mend in _PATTERNS:
            if mark in pattern:
                return document.problem(at, f"{place}: {quoted(given)} is not {what}.", mend)
    measured = _measured(kind, context)
    if measured is not None:
        shown_value = f" is {quoted(given)} and" if isinstance(given, int | float) else ""
        return document.problem(at, f"{place}{shown_value} {measured[0]}.", measured[1])
    return document.problem(
        at, f"{place} is {quoted(given)}: {error['msg'][:1].lower()}{error['msg'][1:]}.", "Mend it."
    )


def sentences(errors: Iterable[Any], schema: type[Strict], document: Document) -> list[Problem]:
    """All faults of the schema; the alternatives of one value make one sentence."""
    by_place: dict[Where, list[Any]] = {}
    found: list[Problem] = []
    words: dict[Where, Problem] = {}
    for error in errors:
        at = _plain(tuple(error["loc"]), document.data)
        if error["type"] in _WANTED:
            by_place.setdefault(at, []).append(error)
        elif error["type"] == "literal_error":
            words[at] = _sentence(error, schema, document)
            if isinstance(error.get("input"), str | bool | int | float) or error.get("input") is None:
                found.append(words[at])
        else:
            found.append(_sentence(error, schema, document))
    for at, faults in by_place.items():
        if at in words and words[at] in found:
            either = f"{words[at].mend[:-1]}, or {_or(_WANTED[fault['type']] for fault in faults)}."
            found[found.index(words[at])] = replace(words[at], mend=either)
        else:
            found.append(_wrong_type(document, at, faults))
    told = {(problem.file, problem.line) for problem in found}
    return found + [problem for problem in words.values() if (problem.file, problem.line) not in told]
