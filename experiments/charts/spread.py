"""How waits spread: of 100 people, how many have been seen so many days on, held against standards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.text import note, safe, ticks, wrapped

Y_TITLE = "of 100 people, how many have been seen by then"
ROOM, BESIDE = 1.06, 1.45
"""Room after the last mark; and after the last standard, whose words stand to the right of it."""


@dataclass(frozen=True)
class Spread:
    """What is known of a wait: days, and how many of 100 people have been seen by then; days rise, people too.

    ``band``: lowest and highest of each point, or nothing.
    """

    name: str
    points: Sequence[tuple[float, float]]
    colour: str = theme.TODAY
    symbol: str = "circle"
    dash: str = "solid"
    band: Sequence[tuple[float, float]] = ()


def seen_by(waits: Sequence[Spread], standards: Sequence[tuple[float, str]], *, x_title: str) -> go.Figure:
    """Straight lines between points, a mark at each whole week, bands, and an upright line for each standard.

    Args:
        standards: days and words, rising; the first's words stand to the left of its line, the others' to the right.
    """
    figure = go.Figure()
    last = max([*(days * ROOM for wait in waits for days, _ in wait.points), *(days * BESIDE for days, _ in standards)])
    title = wrapped(Y_TITLE, 290)
    figure.update_layout(
        **theme.layout(
            height=330 + 22 * len(title),
            margin={"l": 48, "r": 14, "t": 22 * len(title) + 40, "b": 66},
            xaxis=theme.axis(
                range=[0, last],
                tickangle=0,
                ticklabelstandoff=8,
                title=theme.title(list(map(safe, wrapped(x_title, 230)))),
                **ticks(0, last, most=5),
            ),
            yaxis=theme.axis(range=[0, 104], **ticks(0, 100, most=5)),
        )
    )  # fmt: skip
    figure.add_annotation(
        note(0, 1, "<br>".join(map(safe, title)), xref="paper", yref="paper", xshift=-40, yshift=30, yanchor="bottom")
    )
    for number, (days, words) in enumerate(standards):
        figure.add_shape(type="line", x0=days, x1=days, y0=0, y1=1, yref="paper", layer="below",
                         line={"color": theme.INK, "width": 2, "dash": "dash" if number else "solid"})  # fmt: skip
        side = "left" if number else "right"
        figure.add_annotation(
            note(days, 1, safe(words), yref="paper", yshift=2, yanchor="bottom", xanchor=side, align=side)
        )
    for wait in waits:
        if wait.band:
            at = [days for days, _ in wait.points]
            figure.add_trace(
                go.Scatter(
                    x=[*at, *reversed(at)],
                    y=[*(low for low, _ in wait.band), *(high for _, high in reversed(wait.band))],
                    name=f"{safe(wait.name)}, range",
                    mode="lines",
                    fill="toself",
                    fillcolor=wait.colour,
                    opacity=0.18,
                    line={"width": 0},
                    hoverinfo="skip",
                )
            )
    for wait in waits:
        figure.add_trace(
            go.Scatter(
                x=[days for days, _ in wait.points],
                y=[people for _, people in wait.points],
                name=safe(wait.name),
                mode="lines+markers",
                line={"color": wait.colour, "width": 3, "dash": wait.dash},
                marker={"size": [0 if days % 7 else 12 for days, _ in wait.points], "symbol": wait.symbol,
                        "color": wait.colour, "opacity": 1, "line": {"color": theme.INK, "width": 1}},
                hovertemplate="within %{x:.0f} days: %{y:.0f} of 100<extra></extra>",
            )
        )  # fmt: skip
    return figure
