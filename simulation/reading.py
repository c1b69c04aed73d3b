"""YAML read safely, with the line of every key and value kept, and ``extends:`` resolved.

Only plain data is accepted: no tags, no repeated keys, no NaN, bounded size, depth and alias expansion.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from simulation.errors import ConfigError, Problem, problem, shown

SHIPPED = Path(__file__).resolve().parent.parent / "configs"
FOLDERS = ("models", "demand", "prices", "options", "interventions", "experiments")

MOST_BYTES = 1_000_000
MOST_NODES = 50_000  # after aliases are expanded: a bomb of nested aliases stops here
MOST_DEPTH = 40

Place = tuple[str, int]  # file as shown to the user, 1-based line
Where = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Safe YAML with the 1.2 core scalars: `12:30` is text, `no` is text, `1e6` is a number."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("tag:yaml.org,2002:float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+."),
    ("tag:yaml.org,2002:timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))

_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("bool", "null", "int", "float", "timestamp", "str")}


@dataclass
class Document:
    """A YAML file as data, and the place (file, line) of everything in it.

    ``places`` maps a path of keys, such as ``("stages", "hub", "to")``, to where that key stands. After
    ``extends`` the places of inherited keys point at the file they came from.
    """

    path: Path
    data: dict[str, Any]
    places: dict[Where, Place] = field(default_factory=dict)
    ancestors: tuple[Path, ...] = ()

    def place(self, where: Where) -> Place:
        """The nearest known place at or above ``where``."""
        for end in range(len(where), -1, -1):
            if where[:end] in self.places:
                return self.places[where[:end]]
        return (shown(self.path), 1)

    def problem(self, where: Where, what: str, mend: str = "") -> Problem:
        """A problem at the line of ``where``."""
        file, line = self.place(where)
        return Problem(file, line, what, mend)


class _Walker:
    """Turns YAML nodes into plain data, noting each line and every fault."""

    def __init__(self, path: Path):
        self.file = shown(path)
        self.loader = _Loader("")
        self.places: dict[Where, Place] = {}
        self.problems: list[Problem] = []
        self.nodes = 0

    def fault(self, node: yaml.Node, what: str, mend: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, what, mend))

    def walk(self, node: yaml.Node, where: Where) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise problem(
                self.file,
                node.start_mark.line + 1,
                f"the file unfolds to more than {MOST_NODES:,} values: aliases (*name) repeat each other.",
                "Write the values out, or use extends:.",
            )
        if len(where) > MOST_DEPTH:
            raise problem(
                self.file,
                node.start_mark.line + 1,
                f"values are nested more than {MOST_DEPTH} deep.",
                "Flatten them.",
            )
        self.places.setdefault(where, (self.file, node.start_mark.line + 1))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            if node.tag != "tag:yaml.org,2002:seq":
                self.fault(node, f"the tag {node.tag!r} is not allowed.", "Remove it: configs are plain data.")
            return [self.walk(item, (*where, index)) for index, item in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        if node.tag != "tag:yaml.org,2002:map":
            self.fault(node, f"the tag {node.tag!r} is not allowed.", "Remove it: configs are plain data.")
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(key_node, "a key must be a word, not a list or a mapping.", "Use a plain name.")
                continue
            key = key_node.value
            if key == "<<":
                self.fault(key_node, "merge keys (<<) are not allowed.", "Use extends:, or write the values out.")
                continue
            if key in lines:
                self.fault(
                    key_node,
                    f"the key '{key}' stands twice; the first is on line {lines[key]}.",
                    "Keep one of them.",
                )
                continue
            lines[key] = key_node.start_mark.line + 1
            self.places[(*where, key)] = (self.file, lines[key])
            found[key] = self.walk(value_node, (*where, key))
        return found

    def scalar(self, node: yaml.Node) -> Any:
        if node.tag not in _SCALARS:
            self.fault(node, f"the tag {node.tag!r} is not allowed.", "Remove it: configs are plain data.")
            return None
        if node.tag.endswith(":int"):
            return int(node.value)
        if node.tag.endswith(":float"):
            number = math.nan if re.search(r"inf|nan", node.value, re.IGNORECASE) else float(node.value)
            if not math.isfinite(number):
                self.fault(node, f"'{node.value}' is not a number that can be used.", "Give a finite number.")
                return None
            return number
        if node.tag.endswith(":timestamp"):
            try:
                return date.fromisoformat(node.value)
            except ValueError:
                self.fault(node, f"'{node.value}' is not a date in the calendar.", "Write it as year-month-day.")
                return None
        return self.loader.construct_object(node)


def _text(path: Path) -> str:
    """The file's text, or a sentence about why there is none."""
    if path.is_dir():
        raise problem(path, 0, "is a folder, not a YAML file.", "Name a file inside it, such as a .yaml file.")
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise problem(path, 0, "there is no such file.", "Check the name and the folder.") from None
    except PermissionError:
        raise problem(path, 0, "may not be read.", "Change its permissions.") from None
    if len(raw) > MOST_BYTES:
        raise problem(path, 0, f"is larger than {MOST_BYTES:,} bytes.", "A config is a few hundred lines: split it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise problem(path, 0, "is not text (UTF-8).", "Name a YAML file; save it as UTF-8.") from None
    if "\x00" in text:
        raise problem(path, 0, "is a binary file, not YAML.", "Name a YAML file.")
    tabs = [
        Problem(shown(path), number, "a tab is used for indentation.", "Use spaces.")
        for number, line in enumerate(text.splitlines(), start=1)
        if "\t" in line[: len(line) - len(line.lstrip())]
    ]
    if tabs:
        raise ConfigError(tabs)
    if not text.strip():
        raise problem(path, 0, "is empty.", "Start from one of the files in configs/.")
    return text


def read_one(path: Path) -> Document:
    """Read one file without following ``extends``.

    Raises:
        ConfigError: with every fault found that can be found without the schema.
    """
    text = _text(path)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise problem(
            path,
            (mark.line + 1) if mark else 1,
            f"is not valid YAML: {error.problem or error.context}.",
            "Check the indentation, colons and quotes near this line.",
        ) from None
    except yaml.YAMLError as error:
        raise problem(
            path, 0, f"is not valid YAML: {' '.join(str(error).split())}.", "Remove the odd characters."
        ) from None
    except RecursionError:
        raise problem(path, 1, "values are nested far too deep.", "Flatten them.") from None
    walker = _Walker(path)
    if node is None:
        raise problem(path, 0, "holds nothing but comments.", "Start from one of the files in configs/.")
    data = walker.walk(node, ())
    if not isinstance(data, dict):
        raise problem(path, 1, "must be a list of 'key: value' lines at the top.", "Start with 'kind: model' or such.")
    if walker.problems:
        raise ConfigError(walker.problems)
    return Document(path, data, walker.places)


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
    file, line = asked_from.place(where)
    root = root_of(asked_from.path)
    for base in (root, SHIPPED):
        for candidate in (base / folder / f"{name}.yaml", base / f"{name}.yaml"):
            resolved = candidate.resolve()
            if not resolved.is_relative_to(base.resolve()):
                raise problem(
                    file,
                    line,
                    f"'{name}' leaves the configs folder.",
                    f"Use the plain name of a file in {folder}/, without its ending.",
                )
            if resolved.is_file():
                return resolved
    known = sorted({p.stem for base in (root, SHIPPED) for p in (base / folder).glob("*.yaml")})
    raise problem(
        file,
        line,
        f"there is no {folder}/{name}.yaml.",
        f"Known: {', '.join(known)}." if known else f"Put the file into {folder}/.",
    )


def _whole(value: Any) -> bool:
    """Mappings that are replaced whole: a number with its evidence, and a distribution.

    Merged key by key, a new value would keep its predecessor's source.
    """
    return isinstance(value, dict) and ("value" in value or "distribution" in value)


def _merge(parent: Document, child: Document) -> Document:
    """``child`` laid over ``parent``: mappings merge key by key, all else replaces, null removes."""
    places = dict(parent.places)

    def drop(where: Where) -> None:
        for known in [key for key in places if key[: len(where)] == where]:
            del places[known]

    def adopt(where: Where) -> None:
        for known, place in child.places.items():
            if known[: len(where)] == where:
                places[known] = place

    def lay(under: Any, over: Any, where: Where) -> Any:
        if isinstance(under, dict) and isinstance(over, dict) and not _whole(under) and not _whole(over):
            result = dict(under)
            for key, value in over.items():
                here = (*where, key)
                if value is None:
                    result.pop(key, None)
                    drop(here)
                elif key in result:
                    result[key] = lay(result[key], value, here)
                else:
                    result[key] = value
                    adopt(here)
            return result
        drop(where)
        adopt(where)
        return over

    data = lay(parent.data, child.data, ())
    places[()] = child.places[()]
    for top in child.data:
        if (top,) in child.places:
            places[(top,)] = child.places[(top,)]
    return Document(child.path, data, places, (*parent.ancestors, parent.path))


def read(path: Path | str, _chain: tuple[Path, ...] = ()) -> Document:
    """Read a config file and everything it extends.

    ``extends: name`` takes ``name.yaml`` from the same kind of folder. Mappings merge key by key; lists,
    plain values, numbers with evidence and distributions are replaced whole; ``key: null`` removes a key.

    Raises:
        ConfigError: a missing, unreadable or malformed file, or an ``extends`` that is circular or leaves the
            configs folder.
    """
    path = Path(path)
    document = read_one(path)
    parent_name = document.data.get("extends")
    if parent_name is None:
        return document
    file, line = document.place(("extends",))
    if not isinstance(parent_name, str):
        raise problem(file, line, "extends must be the name of one file.", "For example: extends: barnet_2014_15.")
    chain = (*_chain, path.resolve())
    folder = path.resolve().parent.name if path.resolve().parent.name in FOLDERS else f"{document.data.get('kind')}s"
    parent_path = find(parent_name, folder, document, ("extends",))
    if parent_path in chain:
        names = " → ".join([p.stem for p in chain] + [parent_path.stem])
        raise problem(file, line, f"extends goes round in a circle: {names}.", "Let one of them stand alone.")
    parent = read(parent_path, chain)
    data = dict(parent.data)
    data.pop("extends", None)
    return _merge(Document(parent.path, data, parent.places, parent.ancestors), document)
