"""A hundred figures in a grid, lettered and coloured by outcome."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from experiments import theme


def hundred(counts: Sequence[int], letters: Sequence[str], colours: Sequence[str], names: Sequence[str]) -> go.Figure:
    """Ten rows of ten squares, filled outcome by outcome in the order given.

    Raises:
        ValueError: the counts do not make a hundred.
    """
    if sum(counts) != 100 or min(counts) < 0:
        raise ValueError(f"counts make {sum(counts)}, not a hundred")
    figure = go.Figure()
    first = 0
    for count, letter, colour, name in zip(counts, letters, colours, names, strict=True):
        places = range(first, first + count)
        first += count
        if not count:
            continue
        figure.add_trace(
            go.Scatter(
                x=[place % 10 for place in places],
                y=[place // 10 for place in places],
                mode="markers+text",
                marker={"symbol": "square", "size": 25, "color": colour, "line": {"color": theme.INK, "width": 1}},
                text=[letter] * count,
                textfont={"family": theme.FONT, "size": theme.SMALLEST, "color": theme.text_on(colour)},
                textposition="middle center",
                hovertext=name,
                hoverinfo="text",
            )
        )
    figure.update_layout(
        **theme.layout(
            height=292,
            width=292,
            autosize=False,
            margin={"l": 1, "r": 1, "t": 1, "b": 1},
            xaxis={"visible": False, "range": [-0.5, 9.5], "fixedrange": True},
            yaxis={"visible": False, "range": [9.5, -0.5], "fixedrange": True},
        )
    )
    return figure
