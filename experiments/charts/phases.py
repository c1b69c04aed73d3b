"""What happens when: phases of each row as bars along the months, with lettered steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.months import NAMES
from experiments.charts.rows import block, frame, upright

HALF = 10
"""Half the height of a bar, in pixels."""
NO_TITLE = 38
"""Pixels that an axis without a title does not need."""


@dataclass(frozen=True)
class Phase:
    """From one month to another, counted from the first April; the colour of what is done in it, and its line.

    ``upper``: in the upper line of its row, as against the lower.
    """

    start: float
    end: float
    colour: str
    upper: bool = False


@dataclass(frozen=True)
class Step:
    """Something that is done in a month; its letter stands at its place."""

    at: float
    letter: str


def phases(
    labels: Sequence[str],
    rows: Sequence[Sequence[Phase]],
    steps: Sequence[Sequence[Step]],
    years: Sequence[str],
    decided: float | None,
) -> go.Figure:
    """Two lines of bars for each label, cut off where the years end, and its lettered steps under them.

    Args:
        years: financial years, the first of which begins at month 0. decided: the month of the decision, a broken line.
    """
    last = 12.0 * len(years)
    first = min([0.0, *(phase.start for row in rows for phase in row), *([decided] if decided is not None else [])])
    figure, marks = frame(labels, "", (first, last), mark=80.0)
    for at, row, own in zip(marks, rows, steps, strict=True):
        for phase in row:
            if phase.start < last and phase.end > phase.start:
                line = at - (28 if phase.upper else 4)
                bar = block((phase.start, min(phase.end, last)), line, HALF, phase.colour, "")
                figure.add_trace(bar.update(hoverinfo="skip", text=None))
        for step in own:
            if step.at > last:
                continue
            figure.add_trace(
                go.Scatter(
                    x=[step.at], y=[at + 22], mode="markers+text", text=[step.letter], hoverinfo="skip",
                    textposition="middle center", cliponaxis=False,
                    textfont={"family": theme.FONT, "size": theme.SMALLEST, "color": theme.INK},
                    marker={"symbol": "square", "size": 21, "color": theme.WHITE,
                            "line": {"color": theme.INK, "width": 1}},
                )
            )  # fmt: skip
    if decided is not None:
        upright(figure, decided, "dot")
    step_years = 2 if len(years) > 2 else 1
    places = range(0, len(years) + 1, step_years)
    figure.update_layout(height=figure.layout.height - NO_TITLE, margin_b=figure.layout.margin.b - NO_TITLE)
    figure.update_xaxes(
        range=[first - 5, last + 5],
        tickmode="array",
        tickvals=[12 * place for place in places],
        ticktext=[f"{NAMES[3]} {int(years[0][:4]) + place}" for place in places],
    )
    return figure
