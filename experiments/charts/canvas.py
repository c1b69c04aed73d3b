"""An empty picture in pixels of its own, without axes: for what is drawn and not plotted."""

from __future__ import annotations

import plotly.graph_objects as go

from experiments import theme


def canvas(height: float, width: float, description: str = "") -> go.Figure:
    """``height`` in pixels, downwards; ``width`` in units that are stretched to the page."""
    figure = go.Figure()
    figure.update_layout(
        **theme.layout(
            height=height,
            margin={"l": 1, "r": 1, "t": 1, "b": 1},
            xaxis={"visible": False, "range": [0, width], "fixedrange": True},
            yaxis={"visible": False, "range": [height, 0], "fixedrange": True},
            meta={"description": description},
        )
    )
    return figure
