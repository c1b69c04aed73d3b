"""``hindcast.html``: the forecast's bands and what happened, one picture a measure."""

from __future__ import annotations

from typing import Any

import pandas as pd

from experiments.hindcast import words
from experiments.hindcast.forecast import Choice
from experiments.hindcast.score import SCORED, Score
from experiments.report import render
from experiments.report.joined_after import KEY, drawn, kind_of
from experiments.report.pieces import Chart, Row, Table
from experiments.report.words import capital, humanised
from experiments.saying import records

NAMES = {
    "contact": "Contacts",
    "funded_package": "Council-funded packages",
    "full_assessment": "Full assessments",
    "home_visit": "Home visits",
    "hub_appointment": "Hub appointments",
    "no_council_funding": "People without Council funding",
    "package_start": "Packages started",
}
"""Measures that read badly as they are written."""


def label(measure: str, choice: Choice) -> str:
    """A measure in words, with the titles of the contacts' file: 'Contacts: older people'."""
    what, _, rest = measure.partition("/")
    axis, _, name = rest.partition("/")
    config = choice.demand.config
    titled = {"source": config.sources, "client_group": config.client_groups}.get(axis, {}).get(name)
    detail = (titled.title if titled is not None else humanised(name)).strip()
    return NAMES.get(what, capital(humanised(what))) + (f": {detail[:1].lower()}{detail[1:]}" if detail else "")


def _chart(name: str, title: str, rows: pd.DataFrame, forecast: pd.DataFrame) -> Chart:
    """The picture of one measure of one model."""
    unit, said = str(rows["unit"].iloc[0]), []
    for row in records(rows):
        kind = kind_of(row)
        said.append(
            f"{row['year']}: actual {words.number(row['actual'], unit)}, band {words.number(row['band_low'], unit)} to "
            f"{words.number(row['band_high'], unit)}, {'known beforehand' if kind == 'known' else kind}"
        )
    figure = drawn(records(rows), records(forecast))
    scored = rows[rows["kind"] == SCORED]
    inside = f"{int(scored['inside'].sum())} of {len(scored)} inside" if len(scored) else "not scored"
    return Chart(name, figure, f"{title}, {unit}. {'; '.join(said)}.", f"{capital(unit)}; {inside}.")


def _table(table: pd.DataFrame, labels: dict[tuple[str, str], str]) -> Table:
    rows = []
    for row in table.to_dict("records"):
        unit = row["unit"]
        naive = "" if row["kind"] != SCORED else words.number(row["naive"], unit)
        relative = words.percent(row["relative_error"])
        rows.append(
            Row(
                (
                    f"{labels[row['model'], row['measure']]}, {row['year']}",
                    words.number(row["actual"], unit),
                    words.number(row["forecast_mean"], unit),
                    f"{words.number(row['band_low'], unit)} to {words.number(row['band_high'], unit)}",
                    words.verdict(row["kind"], row["inside"]),
                    words.number(row["error"], unit) + (f" ({relative})" if row["actual"] else ""),
                    naive or "no test",
                    row["source"] or "not given",
                )
            )
        )
    heads = (
        "Figure", "What happened", "Forecast", "95% band", "Inside",
        "Error of the forecast", "“Nothing changes”", "Source",
    )  # fmt: skip
    return Table("Every figure", heads, (False, True, True, True, False, True, True, False), rows, open=True)


def page(
    title: str,
    score: Score,
    table: pd.DataFrame,
    forecast: pd.DataFrame,
    choices: dict[str, Choice],
    told: list[str],
    about: dict[str, Any],
) -> str:
    """The page as text. ``about``: seed, version and number of runs, for the last line."""
    pictures: list[tuple[str, Chart]] = []
    labels: dict[tuple[str, str], str] = {}
    several = table["model"].nunique() > 1
    for model, measure in dict.fromkeys(zip(table["model"], table["measure"], strict=True)):
        rows = table[(table["model"] == model) & (table["measure"] == measure)]
        choice = choices[model]
        text = label(measure, choice)
        text = f"{text} ({choice.model.config.short_title})" if several else text
        labels[model, measure] = text
        here = forecast[(forecast["model"] == model) & (forecast["measure"] == measure)]
        pictures.append((text, _chart(f"hindcast-{len(pictures)}", text, rows, here)))
    return render(
        "hindcast.html",
        title=title,
        headline=words.headline(score),
        how_sure=words.how_sure(score),
        errors=words.errors(score),
        told=told,
        definition=words.DEFINITION,
        key=KEY,
        pictures=pictures,
        table=_table(table, labels),
        contacts=[(choices[m].model.config.title, choices[m].contacts) for m in dict.fromkeys(table["model"])],
        **about,
    )
