"""What changes at each branch on the same contacts, and contacts by where they come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from experiments import theme
from experiments.charts.beside import Series, beside
from experiments.report import words
from experiments.report.measured_flow import NEXT, TITLES, both_forms, boxes, spoken, whole
from experiments.report.people import OUTCOMES_TABLE
from experiments.report.picture import Picture
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.results import Results
from experiments.report.service_facts import key_of


def difference(results: Results) -> list[Chart]:
    """The headline's difference at each box, in both forms; none where two models were not compared."""
    if results.comparison is None:
        return []
    at = {name: {"measure": name, "transfer": results.headline} for name in TITLES}
    met = {name: number.value for name in TITLES if (number := results.number("comparison", "value_model", **at[name]))}
    sizes = whole(met)
    if sizes is None:
        return []

    def lines(name: str, of: float) -> tuple[str, ...]:
        less, low, high = (results.number("comparison", column, **at[name]) for column in ("difference", "low", "high"))
        if less is None or low is None or high is None:
            return ("not told",)
        return (str(words.signed(less)), str(words.span_signed(low, high)))

    total = results.number("comparison", "difference", measure="contact", transfer=results.headline)
    root = (str(words.signed(total)),) if total is not None else ()
    drawn = boxes(sizes, ("Contacts", root), lines)
    title = "Proposed less today, on the same contacts"
    alt = f"Flow of people, proposed less today, people a year. {spoken(drawn)}."
    return [replace(chart, told_in=OUTCOMES_TABLE) for chart in both_forms("flow_difference", title, drawn, NEXT, alt)]


def _sources(results: Results, pictures: list[Picture]) -> list[tuple[str, dict[str, Any]]]:
    """Rows of table ``sources`` with what they are called; none where nothing comes from more than one source."""
    rows = [
        (f"{picture.contacts_title}: {str(row['title']).lower()}", row)
        for picture in pictures
        for row in results.rows("sources", model=picture.model, population="own")
        if row["contacts"] > 0
    ]
    return rows if len(rows) > len(pictures) else []


def sources_table(results: Results, pictures: list[Picture]) -> Table | None:
    """Contacts and packages by source."""
    rows = []
    for label, row in _sources(results, pictures):
        keys = {name: row[name] for name in ("model", "population", "source")}
        cells: list[Cell] = [label]
        for column in ("contacts", "funded_package"):
            number = results.number("sources", column, **keys)
            cells.append(words.whole(number) if number is not None else "not known")
        rows.append(Row(cells))
    heads = ("Contacts", "Contacts a year", "Go on to a package, in the model")
    return Table("Contacts by where they come from", heads, (False, True, True), rows, open=True) if rows else None


def by_source(results: Results, pictures: list[Picture]) -> Chart | None:
    """Contacts and packages by source, hospital and community apart."""
    rows = _sources(results, pictures)
    if not rows:
        return None
    labels = [label for label, _ in rows]
    none = [None] * len(rows)
    contacts = [float(row["contacts"]) for _, row in rows]
    funded = [
        float(row["funded_package"]) if row["funded_package"] == row["funded_package"] else None for _, row in rows
    ]
    series = [
        Series("Contacts", contacts, none, "circle", theme.TODAY),
        Series("Go on to a package, in the model", funded, none, "diamond", theme.PROPOSED),
    ]
    said = "; ".join(
        f"{label}: {came:,.0f} contacts, {'not known how many' if on is None else f'{on:,.0f}'} go on to a package"
        for label, came, on in zip(labels, contacts, funded, strict=True)
    )
    return Chart(
        "contacts_by_source",
        beside(labels, series, axis_title="a year"),
        f"Contacts by where they come from, hospital and community apart. {said}.",
        "Each council's own contacts in a year, and how many of them its model lets go on to a package.",
        key=key_of(series),
    )
