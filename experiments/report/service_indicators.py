"""What the council reports, beside what it printed and its target: a part of a whole service's page."""

from __future__ import annotations

import math
from typing import Any

from experiments import theme
from experiments.charts.beside import Series, beside
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.results import source
from experiments.report.service_checks import plain
from experiments.report.service_facts import SHARE, Block, Service, Told, key_of, kind_of, say, told
from experiments.report.words import Number, phrase

CAUTION = "Published values may be of another year and of a definition of their own."
SERIES = (
    ("Simulated", "circle", theme.PROPOSED),
    ("Published", "square", theme.TODAY),
    ("Target", "diamond", theme.WHITE),
)


def _kind(row: dict[str, Any]) -> str:
    return kind_of(str(row["measure"]), str(row["of"]), str(row["per_100000"]))


def _found(row: dict[str, Any]) -> Told | None:
    return told("indicators", row, {"indicator": row["indicator"]}, _kind(row))


def _chart(
    name: str, title: str, caption: str, axis_title: str, rows: list[tuple[dict[str, Any], float]]
) -> Chart | None:
    """Indicators with a target or a published value; ``rows``: each with what is drawn as 1."""
    found = [(row, unit, one) for row, unit in rows if (one := _found(row)) is not None]
    if not found:
        return None
    simulated, published, target = (
        Series(text, [_drawn(row, column, one, unit) for row, unit, one in found],
               [_ends(one, unit) if column == "mean" else None for _, unit, one in found], symbol, colour)
        for (text, symbol, colour), column in zip(SERIES, ("mean", "published", "target"), strict=True)
    )  # fmt: skip
    series = [one for one in (simulated, published, target) if any(value is not None for value in one.values)]
    figure = beside([words.careful(str(row["title"])) for row, _, _ in found], series, axis_title=axis_title)
    said = "; ".join(
        f"{words.careful(str(row['title']))}: simulated {one.said}, "
        f"published: {_printed(row, 'published', _kind(row))}, target: {_printed(row, 'target', _kind(row))}"
        for row, _, one in found
    )
    return Chart(name, figure, f"{title}. {said}.", f"{caption} {CAUTION}", key=key_of(series))


def _drawn(row: dict[str, Any], column: str, one: Told, unit: float) -> float | None:
    value = one.mean.value if column == "mean" else float(row[column])
    return None if math.isnan(value) else 100 * value / unit


def _ends(one: Told, unit: float) -> tuple[float, float] | None:
    return (100 * one.ends[0] / unit, 100 * one.ends[1] / unit) if one.ends is not None else None


def _known(row: dict[str, Any]) -> float:
    """The target, or what is published where there is none; NaN where there is neither."""
    target, published = float(row["target"]), float(row["published"])
    return published if math.isnan(target) else target


def _shares_chart(service: Service) -> Chart | None:
    rows = [row for row in service.results.rows("indicators") if _kind(row) == SHARE and _known(row) == _known(row)]
    return _chart(
        "indicators_shares",
        f"Indicators that are shares, with targets, {service.year}",
        "Bars are the interval of the simulated figure.",
        "of 100",
        [(row, 1.0) for row in rows],
    )


def _others_chart(service: Service) -> Chart | None:
    rows = [row for row in service.results.rows("indicators") if _kind(row) != SHARE and _known(row) > 0]
    return _chart(
        "indicators_others",
        f"Other indicators, against the target or what is published, {service.year}",
        "100 is the target, or what is published where there is no target.",
        "per cent of the target, or of what is published",
        [(row, _known(row)) for row in rows],
    )


def _printed(row: dict[str, Any], column: str, kind: str) -> words.Said | str:
    value = float(row[column])
    if math.isnan(value):
        return "none printed"
    return say(Number(value, source("indicators", column, indicator=row["indicator"])), kind)


def build_indicators(service: Service) -> Part | None:
    """What the council reports, beside what it printed and its target."""
    rows = service.results.rows("indicators")
    if not rows:
        return None
    made, beside = [], 0
    charts = [chart for chart in (_shares_chart(service), _others_chart(service)) if chart is not None]
    for row in rows:
        kind = _kind(row)
        found = _found(row)
        beside += row["published"] == row["published"]
        made.append(
            Row(
                (
                    words.careful(str(row["title"])),
                    found.said if found else "not in this model",
                    found.span if found else "not known",
                    _printed(row, "published", kind),
                    _printed(row, "target", kind),
                    words.careful(str(row["note"])) or "none",
                ),
                found.grey if found else False,
            )
        )
    count = Number(beside, "computed: rows of indicators.csv with a published value")
    every = Number(len(rows), "computed: rows of indicators.csv")
    head = phrase("{n} of {all} indicators have a published value beside them.", n=plain(count), all=plain(every))
    heads = ("Indicator", "Simulated", "Interval", "Published", "Target", "Note")
    table = Table(f"Indicators in {service.year}", heads, (False, True, True, True, True, False), made, open=True)
    intro = [
        "An indicator describes the year; it is never the effect of a change. Published values may be of another year "
        "and of a definition of their own: the check table says which figures the baseline must come near.",
    ]
    return Part(
        "indicators",
        "What does the Council report, and what comes out here?",
        head,
        "service_part.html",
        ("indicators",),
        words={"intro": intro, "blocks": [Block(charts=charts, tables=[table])]},
    )
