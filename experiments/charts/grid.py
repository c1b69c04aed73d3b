"""Two settings against each other: a square for each pair of values, with its figure written in it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.text import note, safe, wrapped

HIGH = 56
"""Height of a row, in pixels: a figure over its interval."""


def grid(
    across: Sequence[str],
    down: Sequence[str],
    values: Sequence[Sequence[float]],
    texts: Sequence[Sequence[str]],
    *,
    across_title: str,
    down_title: str,
) -> go.Figure:
    """Squares that are the darker, the further their value lies from nought.

    Args:
        values, texts: by row, then column; NaN where there is nothing, and the text says so.
    """
    furthest = max((abs(value) for row in values for value in row if not math.isnan(value)), default=0.0) or 1.0
    figure = go.Figure()
    titles = wrapped(down_title, 300)
    left = 14 + round(max(len(label) for label in down) * theme.SMALLEST * theme.WIDE_CHARACTER)
    top = 22 * len(titles) + 12
    below = wrapped(across_title, 280)
    figure.update_layout(
        **theme.layout(
            height=top + HIGH * len(down) + 52 + 22 * len(below),
            margin={"l": left, "r": 8, "t": top, "b": 52 + 22 * len(below)},
            xaxis=theme.axis(
                showgrid=False, range=[-0.5, len(across) - 0.5], tickangle=0, title=theme.title(list(map(safe, below))),
                tickvals=list(range(len(across))), ticktext=list(map(safe, across)),
            ),
            yaxis=theme.axis(
                showgrid=False, range=[len(down) - 0.5, -0.5], ticklabelstandoff=6,
                tickvals=list(range(len(down))), ticktext=list(map(safe, down)),
            ),
        )
    )  # fmt: skip
    figure.add_annotation(note(0, 1, "<br>".join(map(safe, titles)), xref="paper", yref="paper", xshift=8 - left,
                               yshift=8, yanchor="bottom"))  # fmt: skip
    for row, (numbers, words) in enumerate(zip(values, texts, strict=True)):
        for column, (value, text) in enumerate(zip(numbers, words, strict=True)):
            colour = theme.WHITE if math.isnan(value) else _colour(abs(value) / furthest)
            figure.add_shape(type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, layer="below",
                             fillcolor=colour, line={"color": theme.GREY, "width": 1})  # fmt: skip
            font = {"family": theme.FONT, "size": theme.SMALLEST, "color": theme.text_on(colour)}
            figure.add_annotation(note(column, row, safe(text), xanchor="center", align="center", font=font))
    return figure


def _colour(share: float) -> str:
    """The further from nought, the darker; the figures say what colours only hint at."""
    return theme.DEPTHS[min(len(theme.DEPTHS) - 1, int(share * len(theme.DEPTHS)))]
