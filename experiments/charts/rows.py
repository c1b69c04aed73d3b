"""Charts of rows: each label stands above its own line, so that long labels fit a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.text import note, safe, ticks, wrapped

LINE = 22.0
"""Height of a line of text, in pixels."""
MARK = 34.0
"""Height given to the mark under a label."""
AXIS = 78
"""Height under the rows for the ticks and a title of two lines, in pixels."""
NARROWEST = 280.0


def places(labels: Sequence[str], mark: float = MARK) -> tuple[list[list[str]], list[float], list[float], float]:
    """Lines of each label, height of each label's top and of each mark (pixels, downwards), and the whole height."""
    lines, tops, marks, at = [], [], [], 4.0
    for label in labels:
        broken = wrapped(label, NARROWEST)
        lines.append(broken)
        tops.append(at)
        marks.append(at + LINE * len(broken) + mark / 2)
        at += LINE * len(broken) + mark + 10
    return lines, tops, marks, at


def frame(
    labels: Sequence[str], axis_title: str, span: tuple[float, float], prefix: str = "", mark: float = MARK
) -> tuple[go.Figure, list[float]]:
    """A figure with a label a row, nothing drawn yet, and where each row's mark stands; ``mark``: height for marks."""
    lines, tops, marks, height = places(labels, mark)
    low, high = span
    room = (high - low) * 0.06 or 1.0
    left, right = low - room, high + room
    title = wrapped(axis_title, NARROWEST)
    under = AXIS + LINE * max(0, len(title) - 2)
    figure = go.Figure()
    figure.update_layout(
        **theme.layout(
            height=height + under,
            margin={"l": 8, "r": 8, "t": 4, "b": under},
            xaxis=theme.axis(
                range=[left, right],
                title=theme.title([safe(line) for line in title]),
                tickangle=0,
                **ticks(low, high, prefix),
            ),
            yaxis={"range": [height, 0], "visible": False, "fixedrange": True},
            annotations=[
                note(0, top, "<br>".join(map(safe, broken)), xref="paper", yanchor="top", bgcolor=theme.WHITE)
                for top, broken in zip(tops, lines, strict=True)
            ],
        )
    )
    if left < 0 < right:
        figure.add_shape(type="line", x0=0, x1=0, y0=0, y1=height, line={"color": theme.INK, "width": 1}, layer="below")
    return figure, marks


def reach(values: Sequence[float | None]) -> tuple[float, float]:
    """The least and the largest of the values that are known."""
    known = [v for v in values if v is not None]
    return min(known), max(known)


def spans(
    labels: Sequence[str],
    values: Sequence[float],
    narrow: Sequence[tuple[float, float] | None],
    wide: Sequence[tuple[float, float] | None],
    emphasised: Sequence[bool],
    *,
    axis_title: str,
    prefix: str = "",
) -> go.Figure:
    """A point a row, with a thick narrow interval and a thin wide one around it.

    Args:
        labels, values: one a row. narrow, wide: low and high, None where not known. emphasised: coloured, not grey.
    """
    ends = reach([0.0, *values, *(end for pair in (*narrow, *wide) if pair for end in pair)])
    figure, marks = frame(labels, axis_title, ends, prefix)
    for at, value, thick, thin, main in zip(marks, values, narrow, wide, emphasised, strict=True):
        colour = theme.PROPOSED if main else theme.GREY
        if thin is not None:
            figure.add_trace(stroke(thin, at, colour, 3))
            for end in thin:
                figure.add_shape(type="line", x0=end, x1=end, y0=at - 8, y1=at + 8, line={"color": colour, "width": 3})
        if thick is not None:
            figure.add_trace(stroke(thick, at, theme.INK, 9))
        figure.add_trace(
            go.Scatter(
                x=[value],
                y=[at],
                mode="markers",
                marker={"size": 15, "color": colour, "line": {"color": theme.INK, "width": 1.5}},
                hovertemplate=f"{prefix}%{{x:,.0f}}<extra></extra>",
            )
        )
    return figure


def stroke(pair: tuple[float, float], at: float, colour: str, width: float) -> go.Scatter:
    """A line from one end of a pair to the other, at a row's mark."""
    return go.Scatter(x=list(pair), y=[at, at], mode="lines", line={"color": colour, "width": width}, hoverinfo="skip")


def upright(figure: go.Figure, place: float, dash: str = "solid") -> None:
    """A line through all rows at a place."""
    line = {"color": theme.INK, "width": 2, "dash": dash}
    figure.add_shape(type="line", x0=place, x1=place, y0=0, y1=1, yref="paper", line=line)


def block(pair: tuple[float, float], at: float, half: float, colour: str, prefix: str) -> go.Scatter:
    """A bar from one end of a pair to the other, at a row's mark; ``half``: half its height in pixels."""
    start, stop = pair
    return go.Scatter(
        x=[start, stop, stop, start, start],
        y=[at - half, at - half, at + half, at + half, at - half],
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"color": theme.INK, "width": 1},
        hoveron="fills",
        text=f"{prefix}{stop:,.0f}",
        hoverinfo="text",
    )


def bars(
    labels: Sequence[str],
    starts: Sequence[float],
    stops: Sequence[float],
    colours: Sequence[str],
    *,
    axis_title: str,
    intervals: Sequence[tuple[float, float] | None] | None = None,
    centre: float | None = None,
    prefix: str = "",
    standards: Sequence[tuple[float, str]] = (),
) -> go.Figure:
    """A bar a row from ``starts`` to ``stops``, with intervals as whiskers and a centre line where given.

    ``standards``: further lines, each with its place and its dash.
    """
    pairs = list(intervals) if intervals is not None else [None] * len(labels)
    ends = reach(
        [
            *starts,
            *stops,
            centre,
            *(at for one, _ in standards for at in (0.0, one)),
            *(end for pair in pairs if pair for end in pair),
        ]
    )
    figure, marks = frame(labels, axis_title, ends, prefix)
    for at, start, stop, colour, pair in zip(marks, starts, stops, colours, pairs, strict=True):
        figure.add_trace(block((start, stop), at, 10, colour, prefix))
        if pair is not None:
            figure.add_trace(stroke(pair, at, theme.INK, 2))
            for end in pair:
                figure.add_shape(
                    type="line", x0=end, x1=end, y0=at - 6, y1=at + 6, line={"color": theme.INK, "width": 2}
                )
    for place, dash in [*([(centre, "solid")] if centre is not None else []), *standards]:
        upright(figure, place, dash)
    return figure


@dataclass(frozen=True)
class Held:
    """A simulated figure held against a published one, both as per cent above or below what is published.

    ``accept``: what is near enough, None where the figure must lie within the range of one year.
    """

    value: float
    interval: tuple[float, float] | None
    accept: tuple[float, float] | None
    inside: bool


def held_against(labels: Sequence[str], rows: Sequence[Held], *, axis_title: str) -> go.Figure:
    """A mark a row with its interval, in front of what is near enough; the line at 0 is the published figure."""
    pairs = [pair for row in rows for pair in (row.interval, row.accept) if pair]
    ends = reach([0.0, *(row.value for row in rows), *(end for pair in pairs for end in pair)])
    figure, marks = frame(labels, axis_title, ends)
    for at, row in zip(marks, rows, strict=True):
        if row.accept is not None:
            figure.add_shape(
                type="rect", x0=row.accept[0], x1=row.accept[1], y0=at - 11, y1=at + 11, layer="below",
                fillcolor=theme.TINT_TODAY, line={"color": theme.TODAY, "width": 1},
            )  # fmt: skip
        if row.interval is not None:
            figure.add_trace(stroke(row.interval, at, theme.INK, 3))
        figure.add_trace(
            go.Scatter(
                x=[row.value],
                y=[at],
                mode="markers",
                marker={
                    "size": 14,
                    "symbol": "circle" if row.inside else "x",
                    "color": theme.TODAY if row.inside else theme.PROPOSED,
                    "line": {"color": theme.INK, "width": 1.5},
                },
                hovertemplate="%{x:,.1f}%<extra></extra>",
            )
        )
    return figure
