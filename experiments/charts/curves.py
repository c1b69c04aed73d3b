"""Lines over an input and over years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.text import note, safe, ticks, wrapped

MOST_LABELS = 4
"""Years named under a picture: more would touch on a phone."""


def curve(
    x: Sequence[float],
    y: Sequence[float],
    *,
    x_title: str,
    y_title: str,
    marked: Sequence[tuple[float, float, str]],
) -> go.Figure:
    """A line over an input given as a share, with a line at nought and marked points.

    Args:
        x: shares, 0 to 1. y: the outcome. marked: x, y and label of points to point out; labels stand above the plot.
    """
    figure = go.Figure()
    low, high = min(*y, 0.0), max(*y, 0.0)
    room = (high - low) * 0.08 or 1.0
    lines = wrapped(y_title, 290)
    top = len(lines) * 22 + 12
    figure.update_layout(
        **theme.layout(
            height=470,
            margin={"l": 70, "r": 12, "t": top, "b": 110},
            xaxis=theme.axis(
                tickformat=".0%",
                nticks=6,
                tickangle=0,
                range=[min(x) - 0.02, max(x) + 0.02],
                title=theme.title([safe(line) for line in wrapped(x_title, 280)]),
            ),
            yaxis=theme.axis(range=[low - room, high + 2 * room], **ticks(low, high, most=6)),
        )
    )
    figure.add_annotation(
        note(
            0,
            1,
            "<br>".join(map(safe, lines)),
            xref="paper",
            yref="paper",
            xshift=-62,
            yshift=8,
            yanchor="bottom",
        )
    )
    figure.add_shape(type="line", x0=0, x1=1, xref="paper", y0=0, y1=0, line={"color": theme.INK, "width": 1.5})
    figure.add_trace(
        go.Scatter(
            x=list(x),
            y=list(y),
            mode="lines",
            line={"color": theme.TODAY, "width": 3},
            hovertemplate="%{x:.0%}: %{y:,.0f}<extra></extra>",
        )
    )
    for index, (at_x, at_y, label) in enumerate(marked):
        right = at_x < (min(x) + max(x)) / 2
        figure.add_trace(
            go.Scatter(
                x=[at_x],
                y=[at_y],
                mode="markers",
                marker={
                    "size": 14,
                    "symbol": "circle" if index == 0 else "diamond",
                    "color": theme.PROPOSED if index == 0 else theme.WHITE,
                    "line": {"color": theme.INK, "width": 2},
                },
                hoverinfo="skip",
            )
        )
        # Below and to the right of a rising line, above and to the left of one, there is room.
        figure.add_annotation(
            note(
                at_x,
                at_y,
                "<br>".join(map(safe, wrapped(label, 130))),
                xanchor="left" if right else "right",
                align="left" if right else "right",
                yanchor="top" if right else "bottom",
                xshift=12 if right else -10,
                yshift=-4 if right else 12,
                bgcolor="rgba(255,255,255,0.85)",
            )
        )
    return figure


@dataclass(frozen=True)
class Line:
    """One line by year: its name, its values and intervals, and how it is drawn."""

    name: str
    values: Sequence[float]
    intervals: Sequence[tuple[float, float] | None]
    colour: str
    symbol: str = "circle"
    dash: str = "solid"
    width: float = 3


def by_year(years: Sequence[str], lines: Sequence[Line], *, prefix: str = "£") -> go.Figure:
    """Lines over financial years, with intervals as whiskers. The page names the lines by their marks."""
    figure = go.Figure()
    step = -(-len(years) // MOST_LABELS)
    highest = max(
        [*(v for line in lines for v in line.values), *(p[1] for line in lines for p in line.intervals if p), 1.0]
    )
    figure.update_layout(
        **theme.layout(
            height=380,
            margin={"l": 66, "r": 12, "t": 12, "b": 52},
            xaxis=theme.axis(
                showgrid=False,
                range=[-0.35, len(years) - 0.65],
                tickvals=list(range(0, len(years), step)),
                ticktext=[safe(year) for year in years[::step]],
                tickangle=0,
                ticklabelstandoff=8,
            ),
            yaxis=theme.axis(range=[0, highest * 1.06], **ticks(0, highest, prefix, most=6)),
        )
    )
    for index, line in enumerate(lines):
        shift = (index - (len(lines) - 1) / 2) * 0.05  # so that whiskers do not hide each other
        at = [i + shift for i in range(len(years))]
        for place, pair in zip(at, line.intervals, strict=True):
            if pair is not None:
                figure.add_trace(
                    go.Scatter(
                        x=[place, place],
                        y=list(pair),
                        mode="lines",
                        line={"color": line.colour, "width": 2},
                        hoverinfo="skip",
                    )
                )
        figure.add_trace(
            go.Scatter(
                x=at,
                y=list(line.values),
                name=safe(line.name),
                mode="lines+markers",
                cliponaxis=False,
                line={"color": line.colour, "width": line.width, "dash": line.dash},
                marker={
                    "size": 12,
                    "symbol": line.symbol,
                    "color": line.colour,
                    "line": {"color": theme.INK, "width": 1},
                },
                text=list(years),
                hovertemplate=f"%{{text}}: {prefix}%{{y:,.0f}}<extra></extra>",
            )
        )
    return figure
