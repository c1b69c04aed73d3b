"""What a part of the report is made of."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import plotly.graph_objects as go
from markupsafe import Markup

from experiments.report.results import Results
from experiments.report.words import Phrase, Range, Said

Cell = str | Said | Range | Phrase
Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Chart:
    """A picture with the words that stand for it.

    Attributes:
        alt: what the picture shows, for those who do not see it. caption: what to look at. only: 'wide' or 'narrow'
        where a picture has a form for each kind of screen.
    """

    name: str
    figure: go.Figure
    alt: str
    caption: Phrase | str = ""
    only: str = ""
    key: Sequence[tuple[str, str, str]] = ()
    """Colour, mark and words of what the picture tells apart, where it does not say so itself."""
    key_apart: bool = False
    """Whether the page has the key elsewhere; a picture on its own always has it."""
    told_in: str = ""
    """Caption of the table on the page that holds its figures, where that is not the nearest."""
    files: Sequence[str] = ()
    """Tables of the results that it is drawn from, where those are not the ones its table on the page was made of."""

    @property
    def height(self) -> int:
        """Height in pixels, so that the page does not jump when it is drawn."""
        height: float = self.figure.layout.height
        return round(height)

    @property
    def width(self) -> int | None:
        """Width in pixels, where it does not follow the page."""
        if self.figure.layout.autosize is not False:
            return None
        width: float = self.figure.layout.width
        return round(width)

    @property
    def data(self) -> Markup:
        """Data and layout for the page's script; '<' is written so that no text can end the script."""
        figure = json.loads(self.figure.to_json())
        layout = {key: value for key, value in figure["layout"].items() if key not in ("template", "meta")}
        text = json.dumps({"data": figure["data"], "layout": layout}, ensure_ascii=False, separators=(",", ":"))
        return Markup(text.replace("<", "\\u003c"))


@dataclass(frozen=True)
class Row:
    """A row of a table. ``grey``: its interval is wider than half its value. ``within``: names of views it is in."""

    cells: Sequence[Cell]
    grey: bool = False
    within: Sequence[str] = ()


@dataclass(frozen=True)
class View:
    """Some rows of a table, which a link to ``name`` shows without the others. ``said``: which, in a sentence."""

    name: str
    said: Phrase


@dataclass(frozen=True)
class Table:
    """A table. ``numeric`` says which columns hold numbers; the first column heads its row. Tables of many
    rows are folded until asked for; ``folded`` and ``open`` overrule that. ``name``: for links, where the caption
    does not serve."""

    caption: str
    heads: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Row]
    folded: bool = False
    open: bool = False
    name: str = ""
    views: Sequence[View] = ()

    @property
    def id(self) -> str:
        """What links lead to."""
        return self.name or f"table-{re.sub('[^a-z0-9]+', '-', self.caption.lower()).strip('-')}"


@dataclass(frozen=True)
class Part:
    """One question of a reader, answered."""

    id: str
    question: str
    headline: Phrase
    template: str
    data: Sequence[str]
    """Names of the tables its figures come from."""
    charts: dict[str, Chart] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    words: dict[str, Any] = field(default_factory=dict)


def parts_made(results: Results, subject: Subject, makers: Sequence[Callable[[Subject], Part | None]]) -> list[Part]:
    """The parts that have something to say, in the order of their makers.

    One that cannot be made is said in ``results.missing``, and the rest is made all the same.
    """
    made = []
    for make in makers:
        name = make.__module__.rpartition(".")[2].replace("_", " ")
        part = results.attempt(f"The part '{name}' of the report", lambda make=make: make(subject))  # type: ignore[misc]
        if part is not None:
            made.append(part)
    return made
