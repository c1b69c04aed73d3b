"""Config files found by name, and ``extends:`` resolved."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulation.errors import ConfigError, nearest, short, shown
from simulation.interventions import apply
from simulation.plain_yaml import Document, Place, Where, at, read_one

SHIPPED = Path(__file__).resolve().parent.parent / "configs"
FOLDERS = ("models", "demand", "prices", "options", "interventions", "change", "experiments", "aftermath")
FOLDER_OF = {
    "model": "models",
    "demand": "demand",
    "prices": "prices",
    "experiment": "experiments",
    "option": "options",
    "intervention": "interventions",
    "change": "change",
    "aftermath": "aftermath",
}
"""The folder where files of each kind stand."""

NAME = re.compile(r"[a-z][a-z0-9_]*")

__all__ = ["FOLDERS", "FOLDER_OF", "NAME", "SHIPPED", "Document", "Where", "at", "find", "read", "read_one", "root_of"]


def root_of(path: Path) -> Path:
    """The configs folder a file belongs to: the parent of its models/, demand/, … folder, or its own folder."""
    parent = path.resolve().parent
    return parent.parent if parent.name in FOLDERS else parent


def find(name: str, folder: str, asked_from: Document, where: Where) -> Path:
    """The file that a name in a config refers to.

    Looked for in the asking file's own configs folder, then in the shipped one.

    Raises:
        ConfigError: if the name leaves the configs folder or nothing has that name.
    """
    if not NAME.fullmatch(name):
        leaves = re.search(r"[/\\]|\.\.", name)
        stem = name.removesuffix(".yaml").removesuffix(".yml")
        mend = f"Write {stem}, without an ending." if NAME.fullmatch(stem) else (
            f"Use the plain name of a file in {folder}/, without its ending."
        )  # fmt: skip
        what = f"'{short(name)}' leaves the configs folder." if leaves else f"'{short(name)}' is not a name."
        raise ConfigError([asked_from.problem(where, what, mend)])
    root = root_of(asked_from.path)
    for base in (root, SHIPPED):
        for candidate in (base / folder / f"{name}.yaml", base / f"{name}.yaml"):
            resolved = Path(os.path.realpath(candidate))
            if not resolved.is_relative_to(os.path.realpath(base)):
                raise ConfigError([
                    asked_from.problem(
                        where,
                        f"'{name}' leaves the configs folder: {shown(candidate)} is a link to a file outside.",
                        "Put the file itself there.",
                    )
                ])  # fmt: skip
            if resolved.is_file():
                return resolved
    known = sorted({p.stem for base in (root, SHIPPED) for p in (base / folder).glob("*.yaml")})
    mend = nearest(name, known, "Known") if known else f"Put the file into {folder}/."
    raise ConfigError([asked_from.problem(where, f"there is no {folder}/{name}.yaml.", mend)])


def _whole(value: Any) -> bool:
    """Mappings that are replaced whole: a number with its evidence, numbers by attribute, and a distribution.

    Merged key by key, a new value would keep its predecessor's source.
    """
    return isinstance(value, dict) and (
        "distribution" in value or "by" in value or ("value" in value and "kind" not in value)
    )


def _merges(under: Any, over: Any) -> bool:
    """Whether a mapping is laid over another key by key; a stage of another kind is another stage."""
    if not isinstance(under, dict) or not isinstance(over, dict) or _whole(over):
        return False
    if "by" not in under and _whole(under):
        return False
    return bool(under.get("kind") == over.get("kind", under.get("kind")))


def _paths(value: Any, where: Where) -> Iterator[Where]:
    """The paths of a value and of everything in it."""
    yield where
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from _paths(item, (*where, key))


def _merge(parent: Document, child: Document) -> Document:
    """``child`` laid over ``parent``: mappings merge key by key, all else replaces, null removes."""
    places: dict[Where, Place] = {}

    def keep(source: Document, value: Any, where: Where) -> Any:
        places.update((path, source.places[path]) for path in _paths(value, where) if path in source.places)
        return value

    def lay(under: Any, over: Any, where: Where) -> Any:
        if where in child.places:
            places[where] = child.places[where]
        result = {}
        for key, value in under.items():
            here = (*where, key)
            if key not in over:
                result[key] = keep(parent, value, here)
            elif _merges(value, over[key]):
                result[key] = lay(value, over[key], here)
            elif over[key] is not None:
                result[key] = keep(child, over[key], here)
        for key, value in over.items():
            if key not in under:
                result[key] = keep(child, value, (*where, key))
        return result

    data = lay(parent.data, child.data, ())
    return Document(child.path, data, places, (*parent.ancestors, parent.path))


def read(path: Path | str, _chain: tuple[Path, ...] = ()) -> Document:
    """Read a config file and everything it extends.

    ``extends: name`` takes ``name.yaml`` from the same kind of folder. Mappings merge key by key; lists,
    plain values, numbers with evidence, numbers by attribute, distributions and stages of another kind are replaced
    whole; ``key: null`` removes a key. The name is never inherited.

    Raises:
        ConfigError: a missing, unreadable or malformed file, or an ``extends`` that is circular or leaves the
            configs folder.
    """
    path = Path(path)
    document = read_one(path)
    parent_name = document.data.get("extends")
    if parent_name is None:
        return _with_interventions(document)
    where: Where = ("extends",)
    if not isinstance(parent_name, str):
        raise ConfigError([
            document.problem(where, "extends must be the name of one file.", "For example: extends: barnet_2014_15.")
        ])  # fmt: skip
    chain = (*_chain, path.resolve())
    kind = document.data.get("kind")
    folder = path.resolve().parent.name
    if folder not in FOLDERS:
        folder = FOLDER_OF.get(kind, "models") if isinstance(kind, str) else "models"
    parent_path = find(parent_name, folder, document, where)
    if parent_path in chain:
        names = " → ".join([p.stem for p in chain[chain.index(parent_path) :]] + [parent_path.stem])
        raise ConfigError([
            document.problem(where, f"extends goes round in a circle: {names}.", "Let one of them stand alone.")
        ])  # fmt: skip
    parent = read(parent_path, chain)
    other = parent.data.get("kind")
    if kind is not None and kind != other:
        raise ConfigError([
            document.problem(
                where, f"'{parent_name}' is of kind {other!r}, and this file is of kind {kind!r}.",
                "Extend a file of the same kind.",
            )
        ])  # fmt: skip
    data = {key: value for key, value in parent.data.items() if key not in ("extends", "name", "interventions")}
    return _with_interventions(_merge(Document(parent.path, data, parent.places, parent.ancestors), document))


def _with_interventions(document: Document) -> Document:
    """A model with what its ``interventions:`` change; anything else as it is."""
    if document.data.get("kind") != "model" or "interventions" not in document.data:
        return document
    return apply(document, lambda name, where: read(find(name, "interventions", document, where)), _merge)
