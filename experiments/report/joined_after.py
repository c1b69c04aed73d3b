"""Part 13: what happened next? Forecast bands against actual figures, and what became public since."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.bands import Mark, bands
from experiments.report import words
from experiments.report.joined import Analysis, pages
from experiments.report.joined_inputs import amount, number_of
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.results import Results
from experiments.report.sceptic_inputs import small
from experiments.report.service_facts import Block
from experiments.report.words import Phrase, phrase

KEY = (
    (theme.TINT_TODAY, "", "where the forecast expected 95 of 100 years; the line in it is the mean"),
    (theme.INK, "●", "what happened, inside the band"),
    (theme.PROPOSED, "✕", "what happened, outside the band"),
    (theme.WHITE, "○", "known beforehand and used to set inputs: no test"),
    (theme.WHITE, "┄", "“nothing changes”"),
)
SCORED = "scored"


class HasResults(Protocol):
    """A page's subject."""

    @property
    def results(self) -> Results:
        """What it was read from."""


def of_page(one: HasResults) -> Part | None:
    """The part on the page of a service or a transition."""
    return build(one.results)


def build(results: Results) -> Part | None:
    """The part; None where nothing is known of what came after."""
    forecasts = [one for one in results.analyses if one.command == "hindcast"]
    blocks = [block for one in forecasts for block in _forecast(results, one)] + _events(results)
    if not blocks:
        return None
    data = [name for one in forecasts for table in ("hindcast", "forecast")
            if results.table(name := one.table(table)) is not None]  # fmt: skip
    data += [name for name in ("aftermath", "aftermath_not_found") if results.table(name) is not None]
    head = next((_score(results, one) for one in forecasts), None) or _told(results)
    intro: list[Phrase | str] = [
        "None of this entered the run. What came after can speak against a forecast. It can hardly prove one right, "
        "since other things changed too.",
        *([pages(forecasts)] if forecasts else []),
    ]
    more = {"intro": intro, "blocks": blocks}
    return Part("after", "What happened next?", head, "service_part.html", data, words=more)


def _told(results: Results) -> Phrase:
    count = len(results.rows("aftermath"))
    what = "{n} later events are told; none of them entered this result."
    return phrase(what, n=small(count, "computed: rows of aftermath.csv"))


def _score(results: Results, one: Analysis) -> Phrase | None:
    rows = results.rows(one.table("hindcast"), kind=SCORED)
    if not rows:
        return None
    where = f"computed: rows of {one.table('hindcast')}.csv with kind=scored"
    inside = small(sum(bool(row["inside"]) for row in rows), f"{where} and inside")
    what = "{n} of {all} figures lie inside the forecast's 95% bands."
    return phrase(what, n=inside, all=small(len(rows), where))


def _measure(row: dict[str, Any]) -> str:
    return words.capital(words.humanised(str(row["measure"]).replace("/", ", ")))


def _forecast(results: Results, one: Analysis) -> list[Block]:
    table = one.table("hindcast")
    rows = results.rows(table)
    if not rows:
        return []
    charts = []
    for place, (model, measure) in enumerate(dict.fromkeys((row["model"], row["measure"]) for row in rows)):
        mine = [row for row in rows if (row["model"], row["measure"]) == (model, measure)]
        charts.append(_bands(results, one, mine, f"after_{one.folder}_{place}"))
    said: list[Phrase | str] = [
        "The bands hold chance alone, at the central inputs: what nobody knows about the inputs is not in them. "
        "Figures of one year move together, so they are fewer checks than they seem."
    ]
    score = _score(results, one)
    if score is not None:
        said.insert(0, score)
    return [Block("The forecast against what happened", said, charts, [_figures(table, rows)])]


def _bands(results: Results, one: Analysis, rows: list[dict[str, Any]], name: str) -> Chart:
    """Bands by year, and what happened."""
    first = rows[0]
    forecast = results.rows(one.table("forecast"), model=first["model"], measure=first["measure"])
    figure, title = drawn(rows, forecast), f"{_measure(first)}, {first['unit']}"
    said = [f"{row['year']}: {_amount(one.table('hindcast'), row, 'actual')}, {kind_of(row)}" for row in rows]
    return Chart(name, figure, f"{title}: forecast bands, and what happened. {'; '.join(said)}.", f"{title}.", key=KEY)


def drawn(rows: Sequence[Mapping[str, Any]], forecast: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Bands by year and what happened.

    Args:
        rows: of the table ``hindcast``, of one measure of one model. forecast: of the table ``forecast``, of the same.
    """
    years, unit = [str(row["year"]) for row in forecast], str(rows[0]["unit"])
    level: list[float | None] = [None] * len(years)
    marks = []
    for row in rows:
        place = years.index(str(row["year"]))
        value, low, high = (float(row[name]) for name in ("actual", "actual_low", "actual_high"))
        marks.append(Mark(place, value, low, high, kind_of(row)))
        level[place] = None if math.isnan(row["naive"]) else float(row["naive"])
    columns = [(float(r["forecast_mean"]), float(r["band_low"]), float(r["band_high"])) for r in forecast]
    return bands(years, columns, marks, level, prefix="£" if unit.startswith("£") else "")


def kind_of(row: Mapping[str, Any]) -> str:
    """Whether a figure lies 'inside' or 'outside' its band, or is 'known' and no test."""
    if row["kind"] != SCORED:
        return "known"
    return "inside" if row["inside"] else "outside"


def _amount(table: str, row: dict[str, Any], column: str) -> words.Said:
    return amount(number_of(table, row, column, "year", "measure", "model"), str(row["unit"]))


def _figures(table: str, rows: list[dict[str, Any]]) -> Table:
    made = []
    for row in rows:
        verdict = {"known": "used to set inputs: no test", "inside": "yes", "outside": "no"}[kind_of(row)]
        low, high = _amount(table, row, "band_low"), _amount(table, row, "band_high")
        cells: list[Cell] = [
            f"{_measure(row)}, {row['year']}",
            _amount(table, row, "actual"),
            _amount(table, row, "forecast_mean"),
            words.Range(low, high, f"{low.text} to {high.text}"),
            verdict,
            words.careful(str(row["source"] or "not given")),
        ]
        made.append(Row(cells))
    heads = ("Figure", "What happened", "Forecast", "95% band", "Inside", "Source")
    return Table(
        "Every figure held against the forecast", heads, (False, True, True, True, False, False), made, open=True
    )


def _events(results: Results) -> list[Block]:
    """What became public, and what did not."""
    rows = [
        Row((_day(str(row["date"])), str(row["place"]), words.careful(str(row["what"])),
             words.careful(str(row["means"])), f"{results.short('document', row['document'])}, {row['where']}"))
        for row in results.rows("aftermath")
    ]  # fmt: skip
    if not rows:
        return []
    heads = ("When", "Where", "What happened", "What to make of it", "Source")
    tables = [Table("Events, in order of time", heads, (False,) * 5, rows, open=True)]
    missing = [Row((words.careful(str(row["what"])), words.careful(str(row["why"]))))
               for row in results.rows("aftermath_not_found")]  # fmt: skip
    if missing:
        tables.append(Table("What is not told here", ("What", "Why"), (False, False), missing, open=True))
    return [Block("What became public", tables=tables)]


def _day(text: str) -> str:
    """'2016-09-19' as '19 September 2016'."""
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"
