"""A page of the report as the blocks it is made of: what a document needs, read from the page's own HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "summary": 0}
TEXT = ("p", "li", "dt", "dd", "figcaption")
LEFT_OUT = ("script", "style", "nav", "footer", "header", "svg")


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the document's own."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. ``kind``: '', 'headline', 'big' (a large figure), 'small', 'item' (of a list) or 'caption'."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Grid:
    """A table with its caption; the first row holds the heads. ``numeric`` says which columns hold numbers."""

    caption: str
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]


@dataclass(frozen=True)
class Picture:
    """A chart by its name, with the words that stand for it."""

    name: str
    alt: str


Block = Heading | Paragraph | Grid | Picture


def blocks_of(page: str) -> list[Block]:
    """The blocks of a page in reading order; of pictures that have a form for each screen, the wide one."""
    main = html.fromstring(page).find(".//main")
    assert main is not None, "a page of the report has a main part"
    return list(_walk(main))


def _text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _kind(element: html.HtmlElement) -> str:
    names = (element.get("class") or "").split()
    for name in ("headline", "big", "small", "data"):
        if name in names:
            return name
    return {"li": "item", "figcaption": "caption", "dt": "term"}.get(element.tag, "")


def _walk(element: html.HtmlElement) -> Iterator[Block]:
    for child in element:
        if not isinstance(child.tag, str) or child.tag in LEFT_OUT:
            continue
        if "only-narrow" in (child.get("class") or "").split():
            continue
        if child.tag == "table":
            yield _grid(child)
        elif child.get("data-chart") is None and (child.get("id") or "").startswith("chart-"):
            yield Picture(str(child.get("id")).removeprefix("chart-"), child.get("aria-label") or "")
        elif child.tag in HEADINGS:
            if child.tag != "summary":  # the table that it folds says the same
                yield Heading(_text(child), HEADINGS[child.tag])
        elif child.tag in TEXT and child.find(".//table") is None:
            text, kind = _text(child), _kind(child)
            if text and kind != "data":
                yield Paragraph(text, kind)
        else:
            yield from _walk(child)


def _grid(table: html.HtmlElement) -> Grid:
    caption = table.find("caption")
    rows = [tuple(_text(cell) for cell in row if cell.tag in ("th", "td")) for row in table.iter("tr")]
    heads = [cell for cell in next(iter(table.iter("tr"))) if cell.tag in ("th", "td")]
    numeric = tuple("number" in (cell.get("class") or "").split() for cell in heads)
    return Grid(_text(caption) if caption is not None else "", tuple(rows), numeric)
