"""Several figures side by side in a row: each has a mark of its own shape and colour, and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.rows import MARK, frame, reach, stroke, upright

STEP = 20.0
"""From one mark of a row to the next, in pixels."""

MOST = 4


@dataclass(frozen=True)
class Series:
    """One figure of every row: None where a row has none. ``symbol`` and ``colour`` tell it from the others."""

    name: str
    values: Sequence[float | None]
    intervals: Sequence[tuple[float, float] | None]
    symbol: str = "circle"
    colour: str = theme.TODAY


def beside(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    axis_title: str,
    prefix: str = "",
    span: Sequence[float] = (0.0,),
    standards: Sequence[tuple[float, str]] = (),
) -> go.Figure:
    """Marks one under the other in each row, so that neither a mark nor an interval hides another.

    Args:
        span: values that the scale must hold. standards: upright lines, each with its place and its dash.

    Raises:
        ValueError: more than four series, which nobody could tell apart.
    """
    if len(series) > MOST:
        raise ValueError(f"{len(series)} series in a row; nobody tells more than {MOST} apart")
    held = [*span, *(place for place, _ in standards)]
    ends = reach([*held, *(v for one in series for v in one.values),
                  *(end for one in series for pair in one.intervals if pair for end in pair)])  # fmt: skip
    figure, marks = frame(labels, axis_title, ends, prefix, max(MARK, STEP * len(series) + 8))
    for place, dash in standards:
        upright(figure, place, dash)
    for row, mark in enumerate(marks):
        shown = [one for one in series if one.values[row] is not None]
        for number, one in enumerate(shown):
            at = mark + (number - (len(shown) - 1) / 2) * STEP
            pair = one.intervals[row]
            if pair is not None:
                figure.add_trace(stroke(pair, at, theme.INK, 3))
            figure.add_trace(
                go.Scatter(
                    x=[one.values[row]],
                    y=[at],
                    name=one.name,
                    mode="markers",
                    marker={"size": 14, "symbol": one.symbol, "color": one.colour,
                            "line": {"color": theme.INK, "width": 1.5}},
                    hovertemplate=f"{prefix}%{{x:,.4~g}}<extra></extra>",
                )
            )  # fmt: skip
    return figure
