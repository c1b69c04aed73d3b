"""YAML read safely, one file at a time, with the line of every key and value kept.

Only plain data is accepted: no tags, no repeated keys, no NaN, bounded size, depth and alias expansion.
"""

from __future__ import annotations

import math
import os
import re
import stat
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from simulation.errors import ConfigError, Problem, problem, short, shown

MOST_BYTES = 1_000_000
MOST_NODES = 50_000  # after aliases are expanded: a bomb of nested aliases stops here
MOST_DEPTH = 40
MOST_DIGITS = 15

UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
START = "Start from one of the files in configs/."
PLAIN = "Remove it: configs are plain data."

Place = tuple[str, int]  # file as shown to the user, 1-based line
Where = tuple[str | int, ...]


def at(where: Where) -> str:
    """A place as it is written in messages: ``stages.hub.to``."""
    return ".".join(str(step) for step in where)


class _Loader(yaml.SafeLoader):
    """Safe YAML with the 1.2 core scalars: `12:30` is text, `no` is text, `1e6` is a number."""


_TAG = "tag:yaml.org,2002:"
_PATTERNS = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+."),
    ("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
)
_Loader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in _PATTERNS:
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), list(_first))


def _fits(node: yaml.ScalarNode) -> bool:
    """Whether a value looks like what its tag says: `!!int abc` does not."""
    name = node.tag.removeprefix(_TAG)
    patterns = [pattern for known, pattern, _ in _PATTERNS if known == name]
    return node.tag == f"{_TAG}str" or any(re.match(pattern, node.value) for pattern in patterns)


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
        """A problem at the line of ``where``; it says so where that line is inherited from another file."""
        file, line = self.place(where)
        own = shown(self.path)
        return Problem(file, line, what, mend, "" if file == own else f"inherited by {own}")


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

    def tag(self, node: yaml.Node) -> None:
        self.fault(node, f"the tag {short(node.tag.replace(_TAG, '!!'))} is not allowed.", PLAIN)

    def walk(self, node: yaml.Node, where: Where) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise problem(
                self.file,
                node.start_mark.line + 1,
                f"here the file passes {MOST_NODES:,} values, counting what its aliases (*name) unfold to.",
                "Write fewer values, or use extends:.",
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
            if node.tag != f"{_TAG}seq":
                self.tag(node)
            return [self.walk(item, (*where, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        if node.tag != f"{_TAG}map":
            self.tag(node)
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
            if not _fits(key_node):
                self.tag(key_node)
                continue
            if UNSHOWABLE.search(key):
                self.fault(key_node, "a key holds a character that cannot be shown.", "Use a plain name.")
                continue
            if key in lines:
                self.fault(
                    key_node,
                    f"the key '{short(key)}' stands twice; the first is on line {lines[key]}.",
                    "Keep one of them.",
                )
                continue
            lines[key] = key_node.start_mark.line + 1
            self.places[(*where, key)] = (self.file, lines[key])
            found[key] = self.walk(value_node, (*where, key))
        return found

    def scalar(self, node: yaml.ScalarNode) -> Any:
        if not _fits(node):
            self.tag(node)
            return None
        if node.tag == f"{_TAG}int":
            if len(node.value) > MOST_DIGITS:
                self.fault(
                    node, f"'{short(node.value)}' is too large a number.", f"Give at most {MOST_DIGITS - 1} digits."
                )
                return None
            return int(node.value)
        if node.tag == f"{_TAG}float":
            number = math.nan if re.search(r"inf|nan", node.value, re.IGNORECASE) else float(node.value)
            if not math.isfinite(number):
                self.fault(node, f"'{short(node.value)}' is not a number that can be used.", "Give a finite number.")
                return None
            return number
        if node.tag == f"{_TAG}timestamp":
            try:
                return date.fromisoformat(node.value)
            except ValueError:
                self.fault(node, f"'{node.value}' is not a date in the calendar.", "Write it as year-month-day.")
                return None
        if UNSHOWABLE.search(node.value):
            self.fault(node, "the text holds a character that cannot be shown.", "Remove the odd characters.")
        return self.loader.construct_object(node)


def _bytes(path: Path) -> bytes:
    """What the file holds, or a sentence about why there is nothing."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            if path.is_dir():
                raise problem(path, 0, "is a folder, not a YAML file.", "Name a .yaml file inside it.")
            raise problem(path, 0, "is a device or a pipe, not a file.", "Name a YAML file.")
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise problem(path, 0, "there is no such file.", "Check the name and the folder.") from None
    except NotADirectoryError:
        raise problem(path, 0, "part of this path is a file, not a folder.", "Check the name and the folder.") from None
    except PermissionError:
        raise problem(path, 0, "may not be read.", "Change its permissions.") from None
    except OSError as error:
        raise problem(
            path, 0, f"cannot be read: {(error.strerror or str(error)).lower()}.", "Check the path."
        ) from None
    if len(raw) > MOST_BYTES:
        raise problem(path, 0, f"is larger than {MOST_BYTES:,} bytes.", "A config is a few hundred lines: split it.")
    return raw


def _text(path: Path) -> str:
    """The file's text, or a sentence about why there is none."""
    raw = _bytes(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise problem(path, 0, "is not text (UTF-8).", "Name a YAML file; save it as UTF-8.") from None
    if "\x00" in text:
        raise problem(path, 0, "is a binary file, not YAML.", "Name a YAML file.")
    tabs = [
        number
        for number, line in enumerate(text.split("\n"), start=1)
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip()
    ]
    if tabs:
        more = len(tabs) - 1
        also = f", here and on {more} more line{'s' if more > 1 else ''}" if more else ""
        raise problem(path, tabs[0], f"a tab is used for indentation{also}.", "Use spaces.")
    if not text.strip():
        raise problem(path, 0, "is empty.", START)
    return text


_YAML_SAYS = (
    (r"mapping values are not allowed", "a colon stands where none can be", "Put text that holds ': ' in quotes, or "
     "mend the indentation."),
    (r"expected <block end>", "this line does not line up with the lines above it",
     "Mend its indentation, or the quotes and brackets before it."),
    (r"could not find expected ':'", "a colon is missing near here", "Write each line as 'key: value'."),
    (r"expected ',' or", "a comma or a closing bracket is missing before here", "Close the bracket, or add the comma."),
    (r"found another document", "a second document begins here", "Keep one document in a file: remove the line '---'."),
    (r"found character '\\t'", "a tab stands where a space should", "Use spaces."),
    (r"that cannot start any token", "text cannot start with this character", "Put the text in quotes."),
    (r"found undefined alias", "text that starts with * is an alias, and there is no anchor of that name",
     "Put the text in quotes."),
)  # fmt: skip
"""What PyYAML says, what a user would say, and the mend."""


def _malformed(path: Path, error: yaml.MarkedYAMLError) -> ConfigError:
    said = f"{error.problem or error.context}"
    mark = error.problem_mark or error.context_mark
    opened = error.context_mark
    if "quoted scalar" in f"{error.context}" and "end of stream" in said and opened is not None:
        return problem(path, opened.line + 1, "a quote opens here and is never closed.", "Close it.")
    line = 1 if mark is None else mark.line + 1
    for pattern, what, mend in _YAML_SAYS:
        if re.search(pattern, said):
            return problem(path, line, f"is not valid YAML: {what}.", mend)
    return problem(
        path, line, f"is not valid YAML: {said}.", "Check the indentation, colons and quotes near this line."
    )


def _compose(path: Path, text: str) -> yaml.Node | None:
    """The tree of YAML nodes.

    Raises:
        ConfigError: where the text is not YAML.
    """
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise problem(path, line, "holds a character that no text file has.", "Remove the odd characters.") from None
    try:
        node: yaml.Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _malformed(path, error) from None
    except RecursionError:
        raise problem(
            path, loader.line + 1, f"values are nested more than {MOST_DEPTH} deep.", "Flatten them."
        ) from None
    except (ValueError, OverflowError):
        raise problem(path, loader.line + 1, "an escape such as \\U names no character.", "Remove it.") from None
    return node


def read_one(path: Path) -> Document:
    """Read one file without following ``extends``.

    Raises:
        ConfigError: with every fault found that can be found without the schema.
    """
    node = _compose(path, _text(path))
    walker = _Walker(path)
    if node is None:
        raise problem(path, 0, "holds nothing but comments.", START)
    data = walker.walk(node, ())
    if not isinstance(data, dict):
        what = "a list" if isinstance(data, list) else "a single value"
        raise problem(path, 1, f"the file is {what}, not 'key: value' lines.", "Start with 'kind: model' or such.")
    if walker.problems:
        raise ConfigError(walker.problems)
    return Document(path, data, walker.places)
