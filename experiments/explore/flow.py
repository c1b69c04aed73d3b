"""How people flow as they were lived: today, and those who are answered the new way."""

from __future__ import annotations

from experiments import theme
from experiments.charts import flow_outline, flow_picture
from experiments.explore.asked import Asked
from experiments.explore.world import World
from experiments.report.picture import Picture
from experiments.report.pieces import Chart
from experiments.report.results import Results
from experiments.report.words import Number

MOST_BESIDE = 12
"""Boxes that are drawn side by side; more stand one under the other, so that their words fit."""


class Seen(Picture):
    """One model's ways as they were lived: boxes without printed counts beside them."""

    def __init__(self, results: Results, model: str, name: str):
        self.name = name
        super().__init__(results, model)

    @property
    def contacts(self) -> Number:
        """Contacts a year that take these ways."""
        entries = [rows[0] for rows in self.ways.values() if rows[0]["kind"] == "arrival"]
        first = {self._next(row["leads_to"]) for row in entries}
        total = sum(row["n_mean"] for (stage, _), row in self.flows.items() if stage in first)
        return Number(total, f"flows: n_mean; model={self.model}")

    def _root_figures(self, mean: float) -> tuple[str, ...]:
        return (f"{mean:,.0f} in the first year",)

    def _demand(self) -> str:
        return self.name


def flow_charts(results: Results, world: World, asked: Asked, narrow: bool) -> list[Chart]:
    """The two pictures; the second where a share of the gap is closed. ``narrow``: one box under the other."""
    wanted = [("flow_today", world.models[0], "Everybody, answered as today", theme.TODAY, theme.TINT_TODAY)]
    if asked.share > 0:
        who = "Those who are answered the new way"
        wanted.append(("flow_proposed", world.models[1], who, theme.PROPOSED, theme.TINT_PROPOSED))
    charts = []
    for name, model, title, colour, tint in wanted:
        picture = Seen(results, model, world.run.demand.config.name)
        if picture.boxes:
            draw = flow_outline if narrow or len(picture.boxes) > MOST_BESIDE else flow_picture
            charts.append(Chart(name, draw(picture.boxes, colour, tint, picture.alt), f"{title}. {picture.alt}", title))
    return charts
