"""Which inputs move an answer: bars to either side of where it stands, and shares of its spread."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.beside import Series, beside
from experiments.charts.rows import block, frame, reach, stroke

Pair = tuple[float, float]


def tornado(
    labels: Sequence[str],
    at_low: Sequence[float | None],
    at_high: Sequence[float | None],
    intervals: Sequence[tuple[Pair | None, Pair | None]],
    *,
    axis_title: str,
    prefix: str = "",
) -> go.Figure:
    """Changes of an answer at the low and at the high end of each input's range, one input a row.

    Args:
        at_low, at_high: changes from central inputs; None where not known. intervals: of both, low end first.
    """
    known = [0.0, *at_low, *at_high, *(end for both in intervals for pair in both if pair for end in pair)]
    figure, marks = frame(labels, axis_title, reach(known), prefix)
    for at, low, high, pairs in zip(marks, at_low, at_high, intervals, strict=True):
        changes = (low, high)
        one_side = low is not None and high is not None and low * high > 0
        shifts = (-7, 7) if one_side or any(pairs) else (0, 0)  # neither bar nor interval hides another
        for change, pair, colour, shift in zip(changes, pairs, (theme.TODAY, theme.PROPOSED), shifts, strict=True):
            if change is None:
                continue
            y, half = at + shift, 10 if not shift else 6
            figure.add_trace(block((0.0, change), y, half, colour, prefix))
            if pair is not None:
                figure.add_trace(stroke(pair, y, theme.GREY, 4))
                figure.add_trace(stroke(pair, y, theme.WHITE, 1))
    return figure


def shares(
    labels: Sequence[str],
    alone: Sequence[tuple[float, float, float]],
    together: Sequence[tuple[float, float, float]],
    *,
    axis_title: str,
) -> go.Figure:
    """Shares in per cent, two a row, each with its interval: a filled circle above, a hollow diamond below.

    Args:
        alone, together: value, low and high.
    """
    looks = (("alone", alone, "circle", theme.TODAY), ("together", together, "diamond", theme.WHITE))
    series = [
        Series(name, [value for value, _, _ in rows], [(low, high) for _, low, high in rows], symbol, colour)
        for name, rows, symbol, colour in looks
    ]
    return beside(labels, series, axis_title=axis_title, span=(0.0, 100.0))
