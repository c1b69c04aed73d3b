"""Config files read, checked against the schema, and found by name."""

from __future__ import annotations

import difflib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from simulation.errors import ConfigError, Problem
from simulation.reading import SHIPPED, Document, find, read, read_one
from simulation.schema import KINDS, DeliveryModel, Demand, Experiment, Prices, Strict

_FOLDER_OF = {"model": "models", "demand": "demand", "prices": "prices", "experiment": "experiments"}
_KNOWN_LATER = ("option", "intervention")

Config = DeliveryModel | Demand | Prices | Experiment


@dataclass(frozen=True)
class Loaded:
    """A config record with the document it came from."""

    document: Document
    config: Any

    @property
    def ref(self) -> str:
        """How other files refer to it: ``models/barnet_2014_15``."""
        return f"{_FOLDER_OF[self.config.kind]}/{self.config.name}"

    def problem(self, where: tuple[str | int, ...], what: str, mend: str = "") -> Problem:
        """A problem at a place in this config."""
        return self.document.problem(where, what, mend)


def _keys_of(model: Any, where: tuple[str | int, ...]) -> list[str]:
    """The keys a mapping at ``where`` may have, as far as the schema tells without a tag."""
    for step in where:
        model = _step(model, step)
        if model is None:
            return []
    return sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _step(model: Any, step: str | int) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel):
        info = model.model_fields.get(str(step))
        return _unwrap(info.annotation) if info else None
    origin = typing.get_origin(model)
    if origin in (dict, list):
        return _unwrap(typing.get_args(model)[-1])
    return None


def _unwrap(annotation: Any) -> Any:
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kept = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        return _unwrap(kept[0]) if len(kept) == 1 else None
    return annotation


def _plain(where: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """A pydantic location without the tags of its unions: only steps that exist in the data."""
    kept: list[str | int] = []
    for step in where:
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int)):
            kept.append(step)
            data = data[step] if isinstance(data, dict) else data[int(step)] if int(step) < len(data) else None
    return tuple(kept)


def _sentence(error: Any, schema: type[Strict], document: Document) -> Problem:
    where = tuple(error["loc"])
    at = _plain(where, document.data)
    key = where[-1] if where else "the file"
    place = ".".join(str(step) for step in at) or "the file"
    kind, context = error["type"], error.get("ctx", {})
    given = error.get("input")
    shown_value = repr(given) if isinstance(given, str | int | float | bool) or given is None else type(given).__name__
    words = {"dict": "a mapping", "list": "a list", "NoneType": "nothing", "date": "a date"}
    shown_value = words.get(shown_value, shown_value)
    if kind == "extra_forbidden":
        known = _keys_of(schema, at[:-1])
        close = difflib.get_close_matches(str(key), known, 1)
        mend = f"Did you mean '{close[0]}'?" if close else "Remove it, or check its spelling and indentation."
        return document.problem(at, f"unknown key '{key}'.", mend)
    if kind == "missing":
        return document.problem(at, f"'{key}' is missing from {place}.", f"Add {key}:.")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = context.get("discriminator", "'kind'").strip("'")
        expected = str(context.get("expected_tags", "")).replace("'", "")
        if kind == "union_tag_not_found":
            return document.problem(at, f"{place} has no {tag}.", f"Add {tag}: with the kind of stage it is.")
        return document.problem(
            (*at, tag), f"{place} has the unknown {tag} '{context.get('tag')}'.", f"Use one of: {expected}."
        )
    if kind == "value_error":
        text = str(context.get("error", error["msg"]))
        what, _, mend = text.partition(": ") if ": " in text else text.partition("; ")
        return document.problem(at, f"{place}: {what}.", f"{mend[:1].upper()}{mend[1:]}." if mend else "")
    if kind in ("literal_error", "enum"):
        return document.problem(at, f"{place} is {shown_value}.", f"Use one of: {context.get('expected')}.")
    if kind in ("float_type", "int_type", "float_parsing"):
        number = "a whole number" if kind == "int_type" else "a number"
        return document.problem(at, f"{place} must be {number}, not {shown_value}.", "Write digits, without quotes.")
    if kind in (
        "string_type",
        "bool_type",
        "list_type",
        "dict_type",
        "date_type",
        "model_type",
        "model_attributes_type",
    ):
        wanted = {
            "string_type": "text",
            "bool_type": "true or false",
            "list_type": "a list",
            "dict_type": "a mapping",
            "date_type": "a date such as 2016-04-01",
        }.get(kind, "a mapping of 'key: value' lines")
        return document.problem(at, f"{place} must be {wanted}, not {shown_value}.", "Mend the value.")
    if kind == "string_pattern_mismatch":
        return document.problem(
            at, f"'{given}' is not a name.", "Use small letters, digits and _, starting with a letter."
        )
    message = error["msg"][:1].lower() + error["msg"][1:]
    return document.problem(at, f"{place} is {shown_value}: {message}.", "Mend the value.")


def parse(document: Document) -> Loaded:
    """Check a document against the schema of its kind.

    Raises:
        ConfigError: with every problem found.
    """
    kind = document.data.get("kind")
    if kind in _KNOWN_LATER:
        raise ConfigError(
            [
                document.problem(
                    ("kind",),
                    f"'{kind}' files are described but not yet run.",
                    "Use kind: model, demand, prices or experiment.",
                )
            ]
        )
    schema = KINDS.get(kind) if isinstance(kind, str) else None
    if schema is None:
        has = f"the kind is {kind!r}." if "kind" in document.data else "'kind' is missing."
        raise ConfigError([document.problem(("kind",), has, f"Use one of: kind: {', '.join(sorted(KINDS))}.")])
    try:
        loaded = Loaded(document, schema.model_validate(document.data))
        if loaded.config.name != document.path.stem:
            raise ConfigError(
                [
                    document.problem(
                        ("name",),
                        f"the name is '{loaded.config.name}' but the file is '{document.path.stem}'.",
                        "Make them the same: others refer to it by name.",
                    )
                ]
            )
        return loaded
    except ValidationError as error:
        raise ConfigError(_sentence(fault, schema, document) for fault in error.errors(include_url=False)) from None


@dataclass
class Library:
    """Finds and keeps configs by name, so that each file is read once."""

    loaded: dict[Path, Loaded] = field(default_factory=dict)

    def load(self, path: Path | str) -> Loaded:
        """The config at a path.

        Raises:
            ConfigError: with every problem of the file.
        """
        key = Path(path).resolve()
        if key not in self.loaded:
            self.loaded[key] = parse(read(Path(path)))
        return self.loaded[key]

    def named(self, kind: str, name: str, asked_from: Loaded, where: tuple[str | int, ...]) -> Loaded:
        """The config of a kind that another config names.

        Raises:
            ConfigError: if there is none, or it is of another kind.
        """
        found = self.load(find(name, _FOLDER_OF[kind], asked_from.document, where))
        if found.config.kind != kind:
            raise ConfigError(
                [
                    asked_from.problem(
                        where,
                        f"'{name}' is a {found.config.kind} file, not a {kind} file.",
                        f"Name a file of {_FOLDER_OF[kind]}/.",
                    )
                ]
            )
        return found

    def referred(self, reference: str, asked_from: Loaded, where: tuple[str | int, ...]) -> Loaded:
        """The config behind a reference such as ``demand/barnet_2014_15``.

        Raises:
            ConfigError: if there is none.
        """
        folder, _, name = reference.partition("/")
        return self.load(find(name, folder, asked_from.document, where))


def known_documents() -> dict[str, dict[str, Any]]:
    """The register of source documents, ``configs/sources.yaml``: name to title, publisher and date."""
    return dict(read_one(SHIPPED / "sources.yaml").data["documents"])
