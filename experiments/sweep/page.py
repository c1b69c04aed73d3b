"""``sweep.html``: the answer, a picture of each measure over what was swept, and every point."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from experiments.charts.along import along
from experiments.charts.bands import bands
from experiments.charts.grid import grid
from experiments.goal.page import asked_page
from experiments.measure_words import in_words
from experiments.measured import Measure
from experiments.report.pieces import Chart, Row, Table
from experiments.report.words import capital
from experiments.saying import records
from experiments.sensitivity.words import amount
from experiments.sweep.keys import Setting, is_number
from experiments.sweep.words import value_words
from simulation.schema.sweep import Sweep

MOST_ACROSS = 6
"""Columns of squares whose figures can be read on a phone."""

NOT_TOLD = "does not hold together"


def sweep_page(
    title: str,
    question: str,
    settings: Sequence[Setting],
    sweep: Sweep,
    table: pd.DataFrame,
    measures: Sequence[Measure],
    said: tuple[Sequence[str], Sequence[str], str],
) -> str:
    """The page as text. ``said``: the answer's lines, what to bear in mind, and the foot."""
    lines, bear, foot = said
    charts = [_chart(settings, sweep, table[table["measure"] == one.name], one, n) for n, one in enumerate(measures)]
    return asked_page(
        title,
        question,
        lines,
        bear,
        [chart for chart in charts if chart is not None],
        [_table(settings, table[table["measure"] == one.name], one) for one in measures],
        ["sweep", "sweep_keys"],
        foot,
    )


def _chart(
    settings: Sequence[Setting], sweep: Sweep, rows: pd.DataFrame, measure: Measure, number: int
) -> Chart | None:
    """A line along one number, bars along one name, squares for two settings; nothing for more."""
    known = rows[~rows["contradictory"]]
    if len(known) < 2:
        return None
    name, title = f"sweep-{number}", f"{capital(in_words(measure))}, {measure.unit}"
    told = "; ".join(f"{_at(settings, row)}: {amount(measure, row['mean'])}" for row in records(known))
    if len(settings) == 2 and sweep.how == "grid":
        return _squares(settings, rows, measure, name, f"{title}. {told}.")
    if len(settings) > 1 and sweep.how == "grid":
        return None
    prefix = "£" if measure.unit.startswith("£") else ""
    band = list(zip(known["low"], known["high"], strict=True))
    caption = f"{title}. The band is the 95% interval, of chance alone."
    alt = f"{title}. {told}."
    one = settings[0]
    if len(settings) == 1 and one.numeric:
        known = known.sort_values(one.key, kind="stable")
        band = list(zip(known["low"], known["high"], strict=True))
        x_title = capital(one.title) + (f", {one.unit}" if one.unit else "")
        picture = along(known[one.key].tolist(), known["mean"].tolist(), band, x_title=x_title, y_title=title,
                        prefix=prefix)  # fmt: skip
        return Chart(name, picture, alt, caption)
    labels = [value_words(one, value) for value in known[one.key]] if len(settings) == 1 else [
        f"Point {point}" for point in known["point"]
    ]  # fmt: skip
    forecast = [(mean, low, high) for mean, (low, high) in zip(known["mean"], band, strict=True)]
    return Chart(name, bands(labels, forecast, [], [None] * len(labels), prefix=prefix), alt, caption)


def _squares(settings: Sequence[Setting], rows: pd.DataFrame, measure: Measure, name: str, alt: str) -> Chart:
    down, across = settings
    if len(across.values) > len(down.values):
        down, across = across, down
    cells = {(row[down.key], row[across.key]): row for row in records(rows)}
    shown = {one.key: [value if one.numeric else value_words(one, value) for value in one.values]
             for one in settings}  # fmt: skip
    in_table = {one.key: list(dict.fromkeys(rows[one.key])) for one in settings}
    means = [[cells[d, a]["mean"] for a in in_table[across.key]] for d in in_table[down.key]]
    texts = [[short_amount(measure, mean) for mean in row] for row in means]
    if len(across.values) > MOST_ACROSS:
        texts = [["" for _ in row] for row in texts]
    picture = grid(
        [_label(across, value) for value in shown[across.key]],
        [_label(down, value) for value in shown[down.key]],
        means,
        texts,
        across_title=_titled(across),
        down_title=_titled(down),
    )
    dark = "The darker, the further from nought. Each figure is a mean; its interval stands in the table."
    return Chart(name, picture, alt, f"{capital(in_words(measure))}, {measure.unit}. {dark}")


def _titled(one: Setting) -> str:
    return capital(one.title) + (f", {one.unit}" if one.unit else "")


def _label(one: Setting, value: object) -> str:
    return f"{value:g}" if is_number(value) else str(value)


def short_amount(measure: Measure, value: float) -> str:
    """A figure for a square: '£1.2m', '−290'."""
    if math.isnan(value):
        return "–"
    if measure.unit.startswith("£"):
        for size, letter in ((1e6, "m"), (1e3, "k")):
            if abs(value) >= size:
                return f"{'−' if value < 0 else ''}£{abs(value) / size:.3g}{letter}"
    return amount(measure, value)


def _at(settings: Sequence[Setting], row: dict[str, object]) -> str:
    return ", ".join(f"{one.title} {value_words(one, row[one.key])}" for one in settings)


def _table(settings: Sequence[Setting], rows: pd.DataFrame, measure: Measure) -> Table:
    """Every point with its interval."""
    made = []
    for row in records(rows):
        cells = [value_words(one, row[one.key]) for one in settings]
        if row["contradictory"]:
            cells += [NOT_TOLD, "", ""]
        else:
            span = f"{amount(measure, row['low'])} to {amount(measure, row['high'])}"
            cells += [amount(measure, row["mean"]), span, str(row["replications"])]
        made.append(Row(tuple(cells)))
    heads = [*(capital(one.title) for one in settings), "Mean", "95% interval", "Replications"]
    caption = f"{capital(in_words(measure))}, {measure.unit}, at every point"
    return Table(caption, heads, (False,) * len(settings) + (True,) * 3, made)
