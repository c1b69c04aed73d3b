"""A matrix of words: a row for each option, a square for each question, with what is said of it written in."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.canvas import canvas
from experiments.charts.rows import LINE, NARROWEST
from experiments.charts.text import note, safe, wrapped

CELL = 34.0
"""Height of a square, in pixels."""
SIDE = 12.0
"""Room beside the words of a square, both sides together."""


def matrix(
    options: Sequence[str], questions: Sequence[str], cells: Sequence[Sequence[tuple[str, str]]], description: str
) -> go.Figure:
    """Questions stand above, numbered; the numbers head the columns.

    Args:
        cells: by option, then question: the words and the colour behind them. description: the matrix in words.
    """
    asked = [wrapped(f"{number}. {question}", NARROWEST) for number, question in enumerate(questions, 1)]
    need = [
        max(len(row[column][0]) for row in cells) * theme.SMALLEST * theme.WIDE_CHARACTER + SIDE
        for column in range(len(questions))
    ]
    total = sum(need)
    edges = [sum(need[:column]) for column in range(len(questions) + 1)]
    names = [wrapped(option, NARROWEST) for option in options]
    head = LINE * sum(map(len, asked)) + 10
    height = head + LINE + sum(LINE * len(name) + CELL + 12 for name in names) + 4
    figure = canvas(height, total, description)
    at = 2.0
    for lines in asked:
        figure.add_annotation(note(0, at, "<br>".join(map(safe, lines)), yanchor="top"))
        at += LINE * len(lines)
    at = head
    for column in range(len(questions)):
        middle = (edges[column] + edges[column + 1]) / 2
        figure.add_annotation(note(middle, at, f"<b>{column + 1}</b>", yanchor="top", xanchor="center"))
    at += LINE
    for name, row in zip(names, cells, strict=True):
        figure.add_annotation(note(0, at, "<br>".join(map(safe, name)), yanchor="top"))
        at += LINE * len(name) + 4
        for column, (text, colour) in enumerate(row):
            left, right = edges[column], edges[column + 1]
            figure.add_shape(type="rect", x0=left, x1=right, y0=at, y1=at + CELL, layer="below", fillcolor=colour,
                             line={"color": theme.INK, "width": 1})  # fmt: skip
            font = {"family": theme.FONT, "size": theme.SMALLEST, "color": theme.text_on(colour)}
            figure.add_annotation(
                note((left + right) / 2, at + CELL / 2, safe(text), xanchor="center", align="center", font=font)
            )
        at += CELL + 8
    return figure
