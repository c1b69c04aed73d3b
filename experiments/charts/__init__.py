"""Charts as pure functions: columns in, a Plotly figure out. Nothing here reads files or knows of a simulation.

Every text is at least ``theme.SMALLEST`` pixels, and every chart fits a width of 296 pixels, so that a phone shows it.
"""

from __future__ import annotations

from experiments.charts.curves import by_year, curve
from experiments.charts.flow import Box, columns, flow_outline, flow_picture
from experiments.charts.months import by_month
from experiments.charts.people import hundred
from experiments.charts.rows import Held, bars, held_against, spans

__all__ = [
    "Box",
    "Held",
    "bars",
    "by_month",
    "by_year",
    "columns",
    "curve",
    "flow_outline",
    "flow_picture",
    "held_against",
    "hundred",
    "spans",
]
