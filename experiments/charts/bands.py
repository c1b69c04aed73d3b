"""A forecast's bands over financial years, with what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.text import safe, ticks

MOST_LABELS = 4
"""Years named under a picture: more would touch on a phone."""


@dataclass(frozen=True)
class Mark:
    """What happened in a year. ``place``: index of the year. ``kind``: 'inside', 'outside' or 'known' (no test)."""

    place: int
    value: float
    low: float
    high: float
    kind: str


SHAPES = {
    "inside": ("circle", theme.INK),
    "outside": ("x", theme.PROPOSED),
    "known": ("circle", theme.WHITE),
}
"""Symbol and colour of each kind of mark; never told apart by colour alone."""


def bands(
    years: Sequence[str],
    forecast: Sequence[tuple[float, float, float]],
    marks: Sequence[Mark],
    level: Sequence[float | None],
    *,
    prefix: str = "",
    most_labels: int = MOST_LABELS,
) -> go.Figure:
    """Bands over years. The scale need not begin at nought: marks are compared with bands, not with nought.

    Args:
        forecast: mean, low and high of each year. level: what "nothing changes" says of each year, None where it is
        not told. most_labels: names under the picture; long ones need fewer.
    """
    figure = go.Figure()
    told = [value for value in level if value is not None]
    every = [v for band in forecast for v in band] + [v for mark in marks for v in (mark.low, mark.high)] + told
    low, high = min(every), max(every)
    room = (high - low) * 0.1 or max(abs(high) * 0.1, 1.0)
    least_tick = max(0.0, low - room) if low >= 0 else low - room
    step = -(-len(years) // most_labels)
    places = list(range(0, len(years), step))
    figure.update_layout(
        **theme.layout(
            height=300,
            margin={"l": 74, "r": 12, "t": 10, "b": 48},
            xaxis=theme.axis(
                showgrid=False,
                range=[-0.55, len(years) - 0.45],
                tickvals=places,
                ticktext=[safe(years[place]) for place in places],
                tickangle=0,
                ticklabelstandoff=8,
            ),
            yaxis=theme.axis(range=[low - room, high + room], **ticks(least_tick, high + room, prefix, most=5)),
        )
    )
    for place, (mean, least, most) in enumerate(forecast):
        figure.add_shape(
            type="rect", x0=place - 0.32, x1=place + 0.32, y0=least, y1=most, layer="below",
            fillcolor=theme.TINT_TODAY, line={"color": theme.TODAY, "width": 1},
        )  # fmt: skip
        figure.add_shape(
            type="line", x0=place - 0.32, x1=place + 0.32, y0=mean, y1=mean, layer="below",
            line={"color": theme.TODAY, "width": 3},
        )  # fmt: skip
    for place, value in enumerate(level):
        if value is not None:
            figure.add_shape(
                type="line", x0=place - 0.45, x1=place + 0.45, y0=value, y1=value, layer="below",
                line={"color": theme.QUIET, "width": 2, "dash": "dot"},
            )  # fmt: skip
    for mark in marks:
        if mark.high > mark.low:
            figure.add_trace(
                go.Scatter(
                    x=[mark.place, mark.place], y=[mark.low, mark.high], mode="lines",
                    line={"color": theme.INK, "width": 2}, hoverinfo="skip",
                )
            )  # fmt: skip
        symbol, colour = SHAPES[mark.kind]
        figure.add_trace(
            go.Scatter(
                x=[mark.place],
                y=[mark.value],
                mode="markers",
                marker={"size": 14, "symbol": symbol, "color": colour, "line": {"color": theme.INK, "width": 2}},
                text=[safe(years[mark.place])],
                hovertemplate=f"%{{text}}: {prefix}%{{y:,.0f}}<extra></extra>",
            )
        )
    return figure
