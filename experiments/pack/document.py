"""``report.docx``: the report's page as a document that can be edited, read aloud and printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from experiments import theme
from experiments.pack.blocks import Block, Grid, Heading, Paragraph, Picture

FACE = "Arial"
BODY = Pt(12)
"""Smallest text of a printed council paper; the page's 18 px come to 13.5."""

WIDE = Cm(16.5)
TALLEST = Cm(21)


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
            document.add_heading(name, 1).paragraph_format.page_break_before = True
        for block in blocks:
            _add(document, block, pictures)
    document.save(str(path))


def _style(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.25)
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
    if isinstance(block, Heading):
        document.add_heading(block.text, block.level)
    elif isinstance(block, Grid):
        _grid(document, block)
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
    if block.caption:
        document.add_paragraph().add_run(block.caption).bold = True
    columns = max(len(row) for row in block.rows)
    table = document.add_table(len(block.rows), columns, style="Table Grid")
    for number, row in enumerate(block.rows):
        cells = table.rows[number].cells
        for place, text in enumerate(row):
            paragraph = cells[place].paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size = BODY if columns <= 5 else Pt(10)
            run.bold = number == 0
            if place < len(block.numeric) and block.numeric[place]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    mark = table.rows[0]._tr.get_or_add_trPr()
    mark.append(mark.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))  # repeated on each page, and said aloud
    document.add_paragraph()
