"""A line with its interval along the values of an input."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.text import note, safe, ticks, wrapped


def along(
    x: Sequence[float],
    y: Sequence[float],
    band: Sequence[tuple[float, float]],
    *,
    x_title: str,
    y_title: str,
    level: float | None = None,
    level_words: str = "",
    marked: Sequence[tuple[float, float, float]] = (),
    prefix: str = "",
) -> go.Figure:
    """A line with a band around it.

    Args:
        x, y: the line. band: low and high at each x; an infinite end is drawn to the edge of the picture.
        level: a value of y that is drawn across, and its words. marked: values of x to point out, each with its
        interval.
    """
    figure = go.Figure()
    finite = [v for v in (*y, *(end for pair in band for end in pair), *([] if level is None else [level]))
              if math.isfinite(v)]  # fmt: skip
    low, high = min(finite), max(finite)
    room = (high - low) * 0.08 or 1.0
    bottom, top = low - room, high + room
    lines = wrapped(y_title, 290)
    width = (max(x) - min(x)) or 1.0
    figure.update_layout(
        **theme.layout(
            height=430 + 22 * len(lines),
            margin={"l": 74, "r": 14, "t": len(lines) * 22 + 14, "b": 96},
            xaxis=theme.axis(
                range=[min(x) - 0.02 * width, max(x) + 0.02 * width],
                title=theme.title([safe(line) for line in wrapped(x_title, 280)]),
                tickangle=0,
                **ticks(min(x), max(x), most=5),
            ),
            yaxis=theme.axis(range=[bottom, top], **ticks(low, high, prefix, most=6)),
        )
    )
    figure.add_annotation(
        note(0, 1, "<br>".join(map(safe, lines)), xref="paper", yref="paper", xshift=-66, yshift=8, yanchor="bottom")
    )
    edges = [(max(bottom, pair[0]), min(top, pair[1])) for pair in band]
    figure.add_trace(
        go.Scatter(
            x=[*x, *reversed(x)],
            y=[*(pair[1] for pair in edges), *(pair[0] for pair in reversed(edges))],
            mode="lines",
            fill="toself",
            fillcolor=theme.TINT_TODAY,
            line={"width": 0},
            hoverinfo="skip",
        )
    )
    for at, first, last in marked:
        figure.add_shape(type="rect", x0=first, x1=last, y0=0, y1=1, yref="paper", fillcolor=theme.TINT_PROPOSED,
                         line={"width": 0}, layer="below")  # fmt: skip
        figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, yref="paper",
                         line={"color": theme.INK, "width": 2, "dash": "dot"})  # fmt: skip
    if level is not None:
        figure.add_shape(type="line", x0=0, x1=1, xref="paper", y0=level, y1=level,
                         line={"color": theme.INK, "width": 2})  # fmt: skip
        figure.add_annotation(
            note(0, level, safe(level_words), xref="paper", xshift=6, yshift=12, bgcolor="rgba(255,255,255,0.85)")
        )
    figure.add_trace(
        go.Scatter(
            x=list(x),
            y=list(y),
            mode="lines+markers",
            line={"color": theme.TODAY, "width": 3},
            marker={"size": 8, "color": theme.TODAY},
            hovertemplate=f"%{{x:.3g}}: {prefix}%{{y:,.4~g}}<extra></extra>",
        )
    )
    return figure
