"""Charts as pure functions: columns in, a Plotly figure out. Nothing here reads files or knows of a simulation.

Every text is at least ``theme.SMALLEST`` pixels, and every chart fits a width of 296 pixels, so that a phone shows it.
"""

from __future__ import annotations

from experiments.charts.curves import by_year, curve
from experiments.charts.flow import Box, columns, flow_outline, flow_picture
from experiments.charts.people import hundred
from experiments.charts.rows import bars, spans

__all__ = ["Box", "bars", "by_year", "columns", "curve", "flow_outline", "flow_picture", "hundred", "spans"]
