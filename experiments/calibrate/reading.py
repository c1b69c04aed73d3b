"""A council's own file as it comes: with any separator a spreadsheet writes, and without personal identifiers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.sheet import Sheet, lines_of, text_of
from simulation.errors import problem, short

MOST_BYTES = 300_000_000
"""A file larger than this is no year of one council."""

_IDENTIFIES = re.compile(
    r"nhs(_|$)|nhs_?n|post_?code|date_of_birth|birth|(^|_)dob(_|$)|address|e_?mail|phone|mobile|national_insurance"
    r"|(^|_)ni_n|uprn|passport"
)
_NAME = re.compile(
    r"((client|person|patient|carer|service_user|first|last|family|given|full|middle|preferred|known|the|s)_)*"
    r"(name|surname|forename|firstname|lastname|fullname)s?(_\d)?"
)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d{1,2}", re.ASCII)


@dataclass(frozen=True)
class Given:
    """The file without identifiers.

    Attributes:
        sheet: columns by their headings as written, and line and cells of each row.
        said: what was done on the way, in sentences. separator: between cells. dropped: headings left behind.
    """

    sheet: Sheet
    said: tuple[str, ...]
    separator: str
    dropped: tuple[str, ...] = ()


def plain(text: str) -> str:
    """A heading or a name in small letters, with one underscore between words."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def identifies(heading: str) -> bool:
    """Whether a column by its heading holds who somebody is: a name, a number, an address, a birthday."""
    name = plain(heading)
    return bool(_IDENTIFIES.search(name) or _NAME.fullmatch(name))


def read_given(path: Path) -> Given:
    """Read a CSV file; columns that identify people are left behind before anything else is done with the rows.

    Raises:
        ConfigError: no such file, no text, no CSV, no heading, no rows.
    """
    text = text_of(path, MOST_BYTES, "Give one year of one council.", "Begin with a heading; --template writes one.")
    first_line = next(line for line in text.splitlines() if line.strip())
    separator = max(",;\t", key=first_line.count)
    rows: list[tuple[int, list[str]]] = []
    kept: list[int] = []
    heads: list[str] = []
    for line, cells in lines_of(path, text, separator):
        if not heads:
            heads, heading_line = [cell.strip() for cell in cells], line
            kept = [index for index, head in enumerate(heads) if not identifies(head)]
        else:
            _same_width(path, line, cells, heads)
            rows.append((line, [_cell(cells[i], separator) if i < len(cells) else "" for i in kept]))
    columns = [heads[index] for index in kept]
    for index, name in enumerate(columns):
        if name and name in columns[:index]:
            what = f"two columns are called “{short(name)}”."
            raise problem(path, heading_line, what, "Leave one of them out.")
    if not rows:
        raise problem(path, 0, "holds a heading and no rows.", "Add the rows below the heading.")
    dropped = [head for index, head in enumerate(heads) if index not in kept]
    return Given(Sheet(path, tuple(columns), tuple(rows)), tuple(_said(dropped, separator)), separator, tuple(dropped))


def _said(dropped: Sequence[str], separator: str) -> list[str]:
    said = []
    if dropped:
        names = ", ".join(f"“{short(head)}”" for head in dropped)
        which = (
            "Dropped before anything else, as it identifies people"
            if len(dropped) == 1
            else ("Dropped before anything else, as they identify people")
        )
        said.append(f"{which}: {names}. Nothing of it is kept or written.")
    if separator != ",":
        name = {";": "semicolons", "\t": "tabs"}[separator]
        said.append(f"The columns are separated by {name}; the file was read so.")
    return said


def _cell(text: str, separator: str) -> str:
    """Where commas do not separate cells, one may stand for the decimal point."""
    text = text.strip()
    return text.replace(",", ".") if separator != "," and _DECIMAL_COMMA.fullmatch(text) else text


def _same_width(path: Path, line: int, cells: Sequence[str], heads: Sequence[str]) -> None:
    if any(cell.strip() for cell in cells[len(heads) :]):
        what = f"this row has {len(cells)} cells and the heading {len(heads)}."
        mend = "Write numbers without commas, and put a text with a comma in quotation marks."
        raise problem(path, line, what, mend)
