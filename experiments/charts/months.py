"""Lines over months, with bands for their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.curves import Line
from experiments.charts.text import safe, ticks

MOST_LABELS = 3
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month_name(month: str) -> str:
    """A month as people write it: '2014-04' is 'Apr 2014'; other words stay."""
    year, dash, number = month.partition("-")
    return f"{NAMES[int(number) - 1]} {year}" if dash else month


def by_month(months: Sequence[str], lines: Sequence[Line], *, start: bool) -> go.Figure:
    """Lines from nought over months, a mark every twelfth month so that lines are not told apart by colour alone.

    Args:
        months: '2014-04' and so on; the first is 'start' where ``start`` says so, and is then marked by a line.
    """
    figure = go.Figure()
    size = len(months)
    highest = max([*(v for li in lines for v in li.values), *(p[1] for li in lines for p in li.intervals if p), 1.0])
    years = -(-(size - 1) // 12)
    step = 12 * -(-max(years, 1) // MOST_LABELS)
    places = list(range(0, size, step))
    room = max(size * 0.02, 0.5)
    figure.update_layout(
        **theme.layout(
            height=400,
            margin={"l": 66, "r": 36, "t": 12, "b": 52},
            xaxis=theme.axis(
                showgrid=False,
                range=[-room, size - 1 + room],
                tickvals=places,
                ticktext=[safe(month_name(months[place])) for place in places],
                tickangle=0,
                ticklabelstandoff=8,
            ),
            yaxis=theme.axis(range=[0, highest * 1.06], **ticks(0, highest, most=6)),
        )
    )
    if start:
        figure.add_shape(
            type="line", x0=0, x1=0, y0=0, y1=1, yref="paper", line={"color": theme.INK, "width": 2, "dash": "dot"}
        )
    everywhere = list(range(size))
    for line in lines:
        known = [(place, pair) for place, pair in enumerate(line.intervals) if pair is not None]
        if known:
            figure.add_trace(
                go.Scatter(
                    x=[place for place, _ in known] + [place for place, _ in reversed(known)],
                    y=[pair[0] for _, pair in known] + [pair[1] for _, pair in reversed(known)],
                    mode="lines",
                    fill="toself",
                    fillcolor=line.colour,
                    opacity=0.18,
                    line={"width": 0},
                    hoverinfo="skip",
                )
            )
        figure.add_trace(
            go.Scatter(
                x=everywhere,
                y=list(line.values),
                name=safe(line.name),
                mode="lines",
                line={"color": line.colour, "width": line.width, "dash": line.dash},
                text=[safe(month_name(month)) for month in months],
                hovertemplate=f"{safe(line.name)}, %{{text}}: %{{y:,.0f}}<extra></extra>",
            )
        )
        figure.add_trace(
            go.Scatter(
                x=everywhere[::12],
                y=list(line.values)[::12],
                mode="markers",
                cliponaxis=False,
                marker={
                    "size": 12,
                    "symbol": line.symbol,
                    "color": line.colour,
                    "line": {"color": theme.INK, "width": 1},
                },
                hoverinfo="skip",
            )
        )
    return figure
