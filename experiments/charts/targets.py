"""What is reached, held against what is asked; and a sum taken apart in steps."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.rows import bars, spans

Pair = tuple[float, float]


def against_target(
    labels: Sequence[str],
    values: Sequence[float],
    chance: Sequence[Pair | None],
    both: Sequence[Pair | None],
    asked: Sequence[tuple[float, float | None]],
    *,
    axis_title: str,
) -> go.Figure:
    """A point a row with its ranges, and what is asked as upright lines: the whole (solid), the reachable (broken).

    Args:
        asked: of each row the whole target and, where it is told, the part within reach.
    """
    figure = spans(labels, values, chance, both, [True] * len(labels), axis_title=axis_title, prefix="£")
    marks = [trace.y[0] for trace in figure.data if trace.mode == "markers"]
    for at, (whole, reachable) in zip(marks, asked, strict=True):
        for place, dash in ((whole, "solid"), (reachable, "dot")):
            if place is not None:
                figure.add_trace(
                    go.Scatter(
                        x=[place, place], y=[at - 14, at + 14], mode="lines", hoverinfo="skip", cliponaxis=False,
                        line={"color": theme.TODAY, "width": 5, "dash": dash},
                    )
                )  # fmt: skip
    ends = [0.0, *values, *(end for pair in (*chance, *both) if pair for end in pair)]
    ends += [place for pair in asked for place in pair if place is not None]
    scale = bars([""], [min(ends)], [max(ends)], [theme.WHITE], axis_title=axis_title, prefix="£").layout.xaxis
    figure.update_xaxes(range=scale.range, tickvals=scale.tickvals, ticktext=scale.ticktext)
    return figure


def steps(
    labels: Sequence[str], added: Sequence[float | None], levels: Sequence[float], *, axis_title: str
) -> go.Figure:
    """A sum taken apart: a bar a row from the level before to the level after it; whole sums begin at the left edge.

    The scale does not begin at nought, or small steps would not be seen.

    Args:
        labels: with the amounts in words. added: None where a row is a whole sum. levels: after each row.
    """
    low, high = min(levels), max(levels)
    floor = low - ((high - low) * 0.25 or max(abs(low) * 0.05, 1.0))
    starts = [floor, *levels[:-1]]
    starts = [floor if step is None else start for start, step in zip(starts, added, strict=True)]
    colours = [
        theme.TODAY if step is None else theme.PROPOSED if step > 0 else theme.THIRD if step < 0 else theme.WHITE
        for step in added
    ]
    return bars(labels, starts, list(levels), colours, axis_title=axis_title, prefix="£")
