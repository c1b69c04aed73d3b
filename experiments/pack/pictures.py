"""``charts/``: each chart of the report as a picture to print, its data and its words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from experiments import theme
from experiments.charts.text import safe, wrapped
from experiments.report.pieces import Chart, Part
from simulation.errors import DemandflowError

WIDTH = 920
"""Pixels across, where a chart follows its page: texts keep their size, as on a laptop."""

NARROWEST = 560

SCALE = 3
"""Of a PNG: 2,760 pixels are 17 cm at 400 to the inch."""

TITLE, LINE = 20, 28
"""Size of a title, and from one of its lines to the next, in pixels."""

MOST_WORDS = 14

PALEST = 2.5
"""Contrast that a mark needs on white."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NO_BROWSER = (
    "Charts have no pictures, since no Chromium was found; everything else was built. "
    "Install it (sudo apt-get install chromium), then run the command again."
)
COLUMNS = ["series", "at", "x", "y", "text"]


def chart_data(figure: go.Figure) -> pd.DataFrame:
    """What a chart shows, point by point; where it is drawn as boxes and branches, the words on them.

    Columns: series (its name; 'range' of a line between two ends), at (what its axis calls the place), x, y, text.
    """
    rows: list[tuple[Any, ...]] = []
    for number, trace in enumerate(figure.data, 1):
        size = max((len(values) for values in (trace.x, trace.y) if values is not None), default=0)
        known = [_column(getattr(trace, name, None), size) for name in ("x", "y", "text")]
        ends = size == 2 and getattr(trace, "mode", None) == "lines"
        series = trace.name or ("range" if ends else str(number))
        rows += [(series, _called(figure, x, y), x, y, text) for x, y, text in zip(*known, strict=True)]
    rows += [("label", "", note.x, note.y, _plain(note.text)) for note in figure.layout.annotations if note.text]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def _called(figure: go.Figure, x: Any, y: Any) -> str:
    """What the axes write where a point lies, where they write words and not numbers."""
    found = []
    for axis, place in ((figure.layout.xaxis, x), (figure.layout.yaxis, y)):
        if axis.ticktext is None or axis.tickvals is None or not isinstance(place, int | float):
            continue
        near = min(zip(axis.tickvals, axis.ticktext, strict=True), key=lambda pair: abs(pair[0] - place))
        if abs(near[0] - place) < 0.5 and not re.fullmatch(r"[-−+£\d.,%mk]*", str(near[1])):
            found.append(_plain(str(near[1])))
    return ", ".join(found)


def _column(values: Any, size: int) -> list[Any]:
    if values is None:
        return [""] * size
    if isinstance(values, str):
        return [_plain(values)] * size
    return [_plain(value) if isinstance(value, str) else value for value in values][:size]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@dataclass(frozen=True)
class Drawing:
    """A chart on its own. ``title``: of at most 14 words."""

    chart: Chart
    title: str

    @property
    def name(self) -> str:
        """Of its files, without ending."""
        return self.chart.name

    @property
    def width(self) -> int:
        """Pixels across."""
        return max(self.chart.width or WIDTH, NARROWEST)

    @property
    def above(self) -> list[tuple[str, int]]:
        """Lines above the chart, with their size: its title, and the key that the page writes beside it."""
        title = [(f"<b>{line}</b>", TITLE) for line in wrapped(safe(self.title), self.width - 16, TITLE)]
        return [*title, *((_key(*entry), theme.SMALLEST) for entry in self.chart.key)]

    def figure(self) -> go.Figure:
        """The chart with its title and its key above it."""
        chart, figure, above, width = self.chart, go.Figure(self.chart.figure), self.above, self.width
        left, right, top = (figure.layout.margin[side] or 0 for side in "lrt")
        more = LINE * len(above) + 12
        figure.update_layout(
            height=chart.height + more,
            width=width,
            margin_t=top + more,
            margin_r=right + width - (chart.width or WIDTH),
        )
        for at, (text, size) in enumerate(above):
            figure.add_annotation(
                text=text, xref="paper", yref="paper", x=0, y=1, xanchor="left", yanchor="top", align="left",
                xshift=8 - left, yshift=top + more - 8 - LINE * at, showarrow=False,
                font={"size": size, "color": theme.INK, "family": theme.FONT},
            )  # fmt: skip
        return figure


def _key(colour: str, mark: str, text: str) -> str:
    """A line of the key; what would be too pale on white has its mark in ink."""
    seen = colour if theme.contrast(colour, theme.WHITE) >= PALEST else theme.INK
    return f'<span style="color:{seen}"><b>{safe(mark) or "■"}</b></span>  {safe(text)}'


def drawings(parts: Iterable[Part]) -> list[Drawing]:
    """Each chart in its form for wide pages, in order, one of each name."""
    found: dict[str, Drawing] = {}
    for part in parts:
        blocks = [chart for block in part.words.get("blocks", ()) for chart in block.charts]
        for chart in (*part.charts.values(), *blocks):
            if chart.only != "narrow":
                found.setdefault(chart.name, Drawing(chart, title_of(chart, part.headline)))
    return list(found.values())


def title_of(chart: Chart, headline: object) -> str:
    """What the chart's words begin with; the headline of its part where that is long."""
    first = re.split(r"[:;.](?:\s|$)", chart.alt, maxsplit=1)[0]
    return first if len(first.split()) <= MOST_WORDS else str(headline)


def write_words(folder: Path, charts: Sequence[Drawing]) -> None:
    """Each chart's data as CSV, and the words that stand for it."""
    for drawing in charts:
        chart_data(drawing.chart.figure).to_csv(folder / f"{drawing.name}.csv", index=False)
        said = [drawing.title, drawing.chart.alt, str(drawing.chart.caption)]
        text = "\n\n".join(line for line in said if line)
        (folder / f"{drawing.name}.txt").write_text(f"{text}\n", encoding="utf-8")


def has_browser() -> bool:
    """Whether there is something to draw with."""
    return any(shutil.which(name) for name in BROWSERS)


def write_pictures(folder: Path, charts: Sequence[Drawing]) -> None:
    """Each chart as SVG and PNG, drawn by one headless Chromium that reaches no network.

    Raises:
        DemandflowError: it could not draw them.
    """
    import kaleido

    wanted = []
    for drawing in charts:
        figure = drawing.figure()
        size = {"width": figure.layout.width, "height": figure.layout.height}
        for kind, scale in (("svg", 1), ("png", SCALE)):
            path = str(folder / f"{drawing.name}.{kind}")
            wanted.append({"fig": figure, "path": path, "opts": {"format": kind, "scale": scale, **size}})
    browser = next((path for path in map(shutil.which, BROWSERS) if path), None)
    try:
        kaleido.write_fig_from_object_sync(wanted, kopts={"path": browser, "mathjax": False}, cancel_on_error=True)
    except Exception as error:  # a browser has many ways not to start
        raise DemandflowError(f"Chromium could not draw the charts ({type(error).__name__}: {error}).") from error
