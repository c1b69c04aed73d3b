"""Config files read, checked against the schema, and found by name."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulation.errors import ConfigError, Problem
from simulation.reading import FOLDER_OF, FOLDERS, NAME, SHIPPED, Document, Where, find, read, read_one
from simulation.schema import KINDS, DeliveryModel, Demand, Experiment, Option, Prices, Strict
from simulation.sentences import quoted, sentences


class SourceDocument(Strict):
    """A document that figures come from."""

    title: str
    publisher: str
    date: date


class Register(Strict):
    """The register of source documents."""

    documents: dict[str, SourceDocument]


Config = DeliveryModel | Demand | Prices | Option | Experiment


@dataclass(frozen=True)
class Loaded:
    """A config record with the document it came from."""

    document: Document
    config: Any

    @property
    def ref(self) -> str:
        """How other files refer to it: ``models/barnet_2014_15``."""
        return f"{FOLDER_OF[self.config.kind]}/{self.config.name}"

    def problem(self, where: Where, what: str, mend: str = "") -> Problem:
        """A problem at a place in this config."""
        return self.document.problem(where, what, mend)


def parse(document: Document) -> Loaded:
    """Check a document against the schema of its kind.

    Raises:
        ConfigError: with every problem found.
    """
    kind = document.data.get("kind")
    folder = document.path.resolve().parent.name
    if isinstance(kind, str) and folder in FOLDERS and FOLDER_OF.get(kind, folder) != folder:
        what = f"this is a {kind} file, but it stands in {folder}/."
        raise ConfigError([document.problem(("kind",), what, f"Move it to {FOLDER_OF[kind]}/, or mend its kind.")])
    schema = KINDS.get(kind) if isinstance(kind, str) else None
    if schema is None:
        has = f"the kind is {quoted(kind)}." if "kind" in document.data else "'kind' is missing."
        raise ConfigError([document.problem(("kind",), has, f"Use one of: kind: {', '.join(sorted(KINDS))}.")])
    found = _name(document)
    try:
        config = schema.model_validate(document.data)
    except ValidationError as error:
        found += sentences(error.errors(include_url=False), schema, document)
    if found:
        raise ConfigError(found)
    return Loaded(document, config)


def _name(document: Document) -> list[Problem]:
    """Others refer to a file by its name, so the two must agree."""
    name, stem = document.data.get("name"), document.path.stem
    if not isinstance(name, str) or name == stem or not NAME.fullmatch(name):
        return []
    what = f"the name is '{name}' but the file is '{document.path.name}'."
    mend = "Make them the same" if NAME.fullmatch(stem) else f"Rename the file {name}.yaml"
    return [document.problem(("name",), what, f"{mend}: other files refer to it by its name.")]


@dataclass
class Library:
    """Finds and keeps configs by name, so that each file is read once."""

    loaded: dict[Path, Loaded] = field(default_factory=dict)

    def load(self, path: Path | str) -> Loaded:
        """The config at a path.

        Raises:
            ConfigError: with every problem of the file.
        """
        key = Path(os.path.realpath(path))  # a link that leads to itself is told when it is read
        if key not in self.loaded:
            self.loaded[key] = parse(self.document(Path(path)))
        return self.loaded[key]

    def document(self, path: Path) -> Document:
        """The file as it is read; what lays other values over a file does it here.

        Raises:
            ConfigError: the file cannot be read.
        """
        return read(path)

    def named(self, kind: str, name: str, asked_from: Loaded, where: Where) -> Loaded:
        """The config of a kind that another config names.

        Raises:
            ConfigError: if there is none, or it is of another kind.
        """
        found = self.load(find(name, FOLDER_OF[kind], asked_from.document, where))
        if found.config.kind != kind:
            raise ConfigError(
                [
                    asked_from.problem(
                        where,
                        f"'{name}' is a {found.config.kind} file, not a {kind} file.",
                        f"Name a file of {FOLDER_OF[kind]}/.",
                    )
                ]
            )
        once = getattr(found.config, "one_off", None)
        if once is not None:
            what = f"'{name}' tells of something that happened once: {once.rstrip('.')}."
            raise ConfigError([asked_from.problem(where, what, "Remove it: it says nothing of ordinary years.")])
        return found

    def referred(self, reference: str, asked_from: Loaded, where: Where) -> Loaded:
        """The config behind a reference such as ``demand/barnet_2014_15``.

        Raises:
            ConfigError: if there is none.
        """
        folder, _, name = reference.partition("/")
        kind = next(kind for kind, known in FOLDER_OF.items() if known == folder)
        return self.named(kind, name, asked_from, where)


def known_documents() -> dict[str, dict[str, Any]]:
    """The register of source documents, ``configs/sources.yaml``: name to title, publisher and date.

    Raises:
        ConfigError: a register that is not a mapping of documents with their titles and publishers.
    """
    register = read_one(SHIPPED / "sources.yaml")
    try:
        return Register.model_validate(register.data).model_dump()["documents"]  # type: ignore[no-any-return]
    except ValidationError as error:
        raise ConfigError(sentences(error.errors(include_url=False), Register, register)) from None
