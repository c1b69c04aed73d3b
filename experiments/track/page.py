"""``track.html``: expected and realised by quarter, a picture a measure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from experiments import theme
from experiments.charts.bands import Mark, bands
from experiments.report import render
from experiments.report.pieces import Chart, Row, Table
from experiments.report.words import capital
from experiments.saying import records
from experiments.track import words
from experiments.track.actuals import Actual
from experiments.track.forecast import Forecast
from experiments.track.series import FLOW, Series
from experiments.track.table import grouped
from experiments.variances import INSIDE, NO_BAND

KEY = (
    (theme.TINT_TODAY, "", "where the forecast expected 95 of 100 such quarters; the line in it is the mean"),
    (theme.INK, "●", "realised, inside the band"),
    (theme.PROPOSED, "✕", "realised, outside the band"),
    (theme.WHITE, "○", "realised, where the forecast has no band"),
)
UNCHANGED = (theme.WHITE, "┄", "the mean if nothing changes")

Band = tuple[float, float, float]


def _mark(place: int, row: dict[str, float | str], prefix: str = "") -> Mark:
    verdict = row[f"{prefix}verdict"]
    kind = "inside" if verdict == INSIDE else "known" if verdict == NO_BAND else "outside"
    value = float(row[f"{prefix}actual"])
    low, high = (value, value) if prefix else (float(row["actual_low"]), float(row["actual_high"]))
    return Mark(place, value, low, high, kind)


def _drawable(mean: float, low: float, high: float) -> Band:
    return (mean, mean, mean) if math.isnan(low) or math.isnan(high) else (mean, low, high)


def _charts(
    forecast: Forecast, index: int, title: str, series: Series, rows: list[dict[str, float | str]]
) -> list[tuple[str, Chart]]:
    """Quarter by quarter over the whole forecast, and, of a flow, what has come together."""
    names = [str(quarter) for quarter in series.quarters]
    prefix = "£" if series.unit.startswith(("£", "pounds")) else ""
    beside = None
    if forecast.unchanged not in (None, series.scenario):
        beside = forecast.series.get((str(forecast.unchanged), series.measure))
    level: Sequence[float | None] = [None] * len(names) if beside is None else [b.mean for b in beside.bands]
    figure = bands(
        names,
        [_drawable(band.mean, band.low, band.high) for band in series.bands],
        [_mark(names.index(str(row["quarter"])), row) for row in rows],
        level,
        prefix=prefix,
        most_labels=2,
    )
    told = "; ".join(f"{row['quarter']}: {words.said_of(row)}" for row in rows)
    inside = sum(row["verdict"] == INSIDE for row in rows)
    caption = f"{capital(series.unit)}; {inside} of {len(rows)} inside."
    found = [(title, Chart(f"track-{index}", figure, f"{title}, by quarter. {told}.", caption))]
    if series.kind == FLOW and len(rows) > 1:
        say = words.sayer(series.unit)
        together = bands(
            [str(row["quarter"]) for row in rows],
            [
                _drawable(*(float(row[f"cumulative_{end}"]) for end in ("expected", "low", "high"))) for row in rows
            ],
            [_mark(place, row, "cumulative_") for place, row in enumerate(rows)],
            [None] * len(rows),
            prefix=prefix,
            most_labels=2,
        )  # fmt: skip
        told = "; ".join(
            f"up to {row['quarter']}: {say(float(row['cumulative_actual']))} realised, "
            f"{say(float(row['cumulative_expected']))} expected"
            for row in rows
        )
        alt = f"{title}, added up. {told}."
        caption = "Added up over the quarters given, from the first of them."
        found.append((f"{title}, added up", Chart(f"track-{index}-sum", together, alt, caption)))
    return found


def _table(forecast: Forecast, table: pd.DataFrame) -> Table:
    several = table["scenario"].nunique() > 1
    beside = bool((table["unchanged_verdict"] != "").any())
    rows = []
    for row in records(table):
        say = words.sayer(row["unit"])
        scenario = f", {forecast.titles.get(row['scenario'], row['scenario'])}" if several else ""
        no_band = row["verdict"] == NO_BAND
        cells = [
            f"{words.label(forecast, row['measure'])}, {row['quarter']}{scenario}",
            say(row["expected"]),
            "not known" if no_band else f"{say(row['band_low'])} to {say(row['band_high'])}",
            say(row["actual"]),
            words.said_of(row),
            _together(row) if row["kind"] == FLOW else "does not add up",
        ]
        cells += [words.beside(row) or "the scenario itself"] if beside else []
        rows.append(Row((*cells, row["source"] or "not given")))
    heads = [
        "Figure", "Expected", "95% band", "Realised", "Variance", "Realised of expected since the first quarter given",
    ]  # fmt: skip
    heads += ["If nothing changes"] if beside else []
    numeric = (False, True, True, True, *(False,) * (len(heads) - 3))
    return Table("Every figure", (*heads, "Source"), numeric, rows, open=True)


def _together(row: dict[str, float | str]) -> str:
    say = words.sayer(str(row["unit"]))
    text = f"{say(float(row['cumulative_actual']))} of {say(float(row['cumulative_expected']))}"
    if row["cumulative_verdict"] == NO_BAND:
        return text
    ends = " to ".join(say(float(row[f"cumulative_{end}"])) for end in ("low", "high"))
    return f"{text} ({ends}): {row['cumulative_verdict']}"


def page(forecast: Forecast, actuals: Sequence[Actual], table: pd.DataFrame, version: str) -> str:
    """The page as text."""
    pictures: list[tuple[str, Chart]] = []
    several = table["scenario"].nunique() > 1
    for index, (scenario, measure) in enumerate(grouped(actuals)):
        own = table[(table["scenario"] == scenario) & (table["measure"] == measure)]
        title = words.label(forecast, measure)
        title += f" ({forecast.titles.get(scenario, scenario)})" if several else ""
        pictures += _charts(forecast, index, title, forecast.series[scenario, measure], records(own))
    beside = bool((table["unchanged_verdict"] != "").any())
    named = [forecast.titles.get(name, name) for name in dict.fromkeys(table["scenario"]) if name]
    return render(
        "track.html",
        title=forecast.results.manifest["title"],
        headline=words.headline(table),
        expected=words.expected_under(forecast, table),
        measures=words.by_measure(forecast, table),
        told=words.cautions(forecast, table),
        key=(*KEY, UNCHANGED) if beside else KEY,
        pictures=pictures,
        table=_table(forecast, table),
        scenarios=named,
        seed=str(forecast.results.manifest["seed"]),
        version=version,
    )
