"""Lines over months that need not begin at nought: levels that lie close together, and differences from today."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.curves import Line
from experiments.charts.months import by_month
from experiments.charts.text import ticks

ROOM = 0.06


def near_by_month(months: Sequence[str], lines: Sequence[Line], *, prefix: str = "", nought: bool = False) -> go.Figure:
    """Lines by month on a scale that fits them, with bands. ``nought``: with a line at nought, for differences."""
    figure = by_month(months, lines, start=False)
    every = [value for line in lines for value in line.values]
    every += [end for line in lines for pair in line.intervals if pair for end in pair]
    low, high = min([*every, *([0.0] if nought else [])]), max([*every, *([0.0] if nought else [])])
    room = (high - low) * ROOM or max(abs(high) * ROOM, 1.0)
    figure.update_yaxes(range=[low - room, high + room], **ticks(low - room, high + room, prefix, most=6))
    if nought:
        figure.add_shape(
            type="line", x0=0, x1=1, xref="paper", y0=0, y1=0, layer="below", line={"color": theme.INK, "width": 1.5}
        )
    return figure
