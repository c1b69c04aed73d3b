"""``report.docx``: the report's page as a document that can be edited, read aloud and printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from experiments import theme
from experiments.pack.blocks import Block, Grid, Heading, Paragraph, Picture

FACE = "Arial"
BODY = Pt(12)
"""Smallest text of a printed council paper; the page's 18 px come to 13.5."""

PAGE = (Cm(21), Cm(29.7))
MARGIN = Cm(2.25)
WIDE = PAGE[0] - 2 * MARGIN
WIDER = PAGE[1] - 2 * MARGIN
"""A table whose words do not fit across the page stands on a page that lies on its side."""

TALLEST = Cm(21)
LETTER, BOLD = 0.55, 1.15
"""Mean width of a letter of the face as a share of its size, and how much wider bold ones are."""

INSET = Cm(0.45)
LONGEST = 13
"""Letters of a word after which it may be broken: places of files have no spaces."""


def write_document(
    path: Path, title: str, subject: str, pages: Iterable[tuple[str, list[Block]]], pictures: Mapping[str, Path]
) -> None:
    """Write the document.

    Args:
        pages: title of each page of the report and its blocks. pictures: PNG files by name of the chart; a chart
        without a picture is told in its words.
    """
    document = Document()
    _style(document)
    document.core_properties.title = title
    document.core_properties.subject = subject
    document.core_properties.author = "Demandflow"
    document.core_properties.language = "en-GB"
    for number, (name, blocks) in enumerate(pages):
        if number:
            _lay(document, on_its_side=False)
            document.add_heading(name, 1).paragraph_format.page_break_before = True
        for block in blocks:
            _add(document, block, pictures)
    document.save(str(path))


def _style(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = PAGE
    section.left_margin = section.right_margin = MARGIN
    ink = RGBColor.from_string(theme.INK.removeprefix("#"))
    for name, size in (("Normal", 12), ("Heading 1", 24), ("Heading 2", 18), ("Heading 3", 15), ("Heading 4", 13)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FACE, Pt(size), ink
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):  # a theme's own face would win over the name
            if "Theme" in attribute:
                del fonts.attrib[attribute]
        fonts.set(qn("w:hAnsi"), FACE)
    document.styles["Normal"].paragraph_format.space_after = Pt(8)
    language = document.styles.element.find(f".//{qn('w:lang')}")
    if language is not None:
        language.set(qn("w:val"), "en-GB")


def _add(document: Any, block: Block, pictures: Mapping[str, Path]) -> None:
    if isinstance(block, Grid):
        _grid(document, block)
        return
    _lay(document, on_its_side=False)
    if isinstance(block, Heading):
        document.add_heading(block.text, block.level)
    elif isinstance(block, Picture):
        _picture(document, block, pictures.get(block.name))
    else:
        _paragraph(document, block)


def _paragraph(document: Any, block: Paragraph) -> None:
    style = {"item": "List Bullet", "caption": "Caption"}.get(block.kind)
    run = document.add_paragraph(style=style).add_run(block.text)
    run.font.name = FACE
    run.bold = block.kind in ("headline", "big", "term")
    if block.kind in ("headline", "big"):
        run.font.size = Pt(18)
    if block.kind == "caption":
        run.font.size, run.font.color.rgb = BODY, RGBColor.from_string(theme.QUIET.removeprefix("#"))


def _picture(document: Any, block: Picture, file: Path | None) -> None:
    if file is None:
        document.add_paragraph(f"Picture, in words: {block.alt}")
        return
    shape = document.add_picture(str(file), width=WIDE)
    if shape.height > TALLEST:
        shape.width, shape.height = int(shape.width * TALLEST / shape.height), TALLEST
    shape._inline.docPr.set("descr", block.alt)  # what a screen reader says in its place


def _grid(document: Any, block: Grid) -> None:
    columns = max(len(row) for row in block.rows)
    size = BODY if columns <= 5 else Pt(10)
    least, most = _needs(block.rows, columns, size)
    on_its_side = sum(least) > WIDE
    _lay(document, on_its_side)
    if block.caption:
        document.add_paragraph().add_run(block.caption).bold = True
    table = document.add_table(len(block.rows), columns, style="Table Grid")
    table.autofit = False
    widths = shared(least, most, WIDER if on_its_side else WIDE)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for number, row in enumerate(block.rows):
        cells = table.rows[number].cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = width
        for place, text in enumerate(row):
            paragraph = cells[place].paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size = size
            run.bold = number == 0
            if place < len(block.numeric) and block.numeric[place]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    mark = table.rows[0]._tr.get_or_add_trPr()
    mark.append(mark.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))  # repeated on each page, and said aloud
    document.add_paragraph()


def _lay(document: Any, on_its_side: bool) -> None:
    """What follows stands on pages that lie on their side, or upright; a new page only where that changes."""
    orientation = WD_ORIENT.LANDSCAPE if on_its_side else WD_ORIENT.PORTRAIT
    if document.sections[-1].orientation != orientation:
        section = document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = orientation
        section.page_width, section.page_height = PAGE[::-1] if on_its_side else PAGE


def _needs(rows: Sequence[Sequence[str]], columns: int, size: int) -> tuple[list[int], list[int]]:
    """How wide each column has to be for its longest word, and for its longest cell in one line."""
    least, most = [], []
    for place in range(columns):
        head, *cells = [row[place] if place < len(row) else "" for row in rows]
        letters = [(_letters(head) * BOLD, len(head) * BOLD), *((_letters(cell), len(cell)) for cell in cells)]
        word, line = (max(of_all) * LETTER * size + INSET for of_all in zip(*letters, strict=True))
        least.append(int(word))
        most.append(int(max(word, line)))
    return least, most


def _letters(text: str) -> int:
    """Letters of the longest word that is not broken."""
    return min(max(map(len, text.split()), default=1), LONGEST)


def shared(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Room shared by columns as a browser does: each its longest word, and the rest by how much longer its text is."""
    over = room - sum(least)
    if over < 0:
        return [int(width * room / sum(least)) for width in least]
    longer = [b - a for a, b in zip(least, most, strict=True)]
    share = min(1.0, over / max(sum(longer), 1))
    return [int(a + more * share) for a, more in zip(least, longer, strict=True)]
