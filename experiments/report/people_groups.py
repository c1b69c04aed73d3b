"""What would happen to people who make contact, by client group."""

from __future__ import annotations

import math
from typing import Any

from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Chart, Row, Table
from experiments.report.results import Results
from experiments.report.words import Number
from experiments.theme import PROPOSED, UNSURE

UNMET = "eligible_need_without_package"


def per_100(results: Results, measure: str, of: str, transfer: str, side: str) -> words.Said:
    """A measure for every hundred of another."""
    part = results.need("comparison", side, measure=measure, transfer=transfer).value
    total = results.need("comparison", side, measure=of, transfer=transfer).value
    where = f"computed: 100 × {measure} ÷ {of}; transfer={transfer}; side={side}"
    return words.plain(Number(100 * part / total if total else math.nan, where), 1)


def by_group(results: Results) -> dict[str, Any]:
    """The change in packages by client group."""
    transfer, rows, found = results.headline, [], []
    for group in results.groups:
        measure = f"funded_package/client_group/{group}"
        keys = {"measure": measure, "transfer": transfer}
        today, proposed, change, low, high = (
            results.need("comparison", c, **keys)
            for c in ("value_baseline", "value_model", "difference", "low", "high")
        )
        title = results.title("client_group", group)
        grey = words.too_wide(change.value, low.value, high.value) and change.value != 0
        unmet = results.number("comparison", "difference", measure=f"{UNMET}/client_group/{group}", transfer=transfer)
        of = f"contact/client_group/{group}"
        known = results.number("comparison", "value_baseline", measure=of, transfer=transfer) is not None
        rows.append(
            Row(
                (
                    title,
                    words.plain(today, 1),
                    words.plain(proposed, 1),
                    words.signed(change, 1),
                    words.span_signed(low, high, 1),
                    *(
                        per_100(results, measure, of, transfer, side) if known else "not known"
                        for side in ("value_baseline", "value_model")
                    ),
                    words.signed(unmet, 1) if unmet is not None else "not known",
                ),
                grey,
            )
        )
        found.append((title, change, low, high, grey))
    if not found:
        return {}
    found.sort(key=lambda item: item[1].value)
    figure = bars(
        [title for title, *_ in found],
        [0.0] * len(found),
        [0.0 - change.value for _, change, *_ in found],
        [UNSURE if grey else PROPOSED for *_, grey in found],
        axis_title="packages a year that would not start",
        intervals=[(0.0 - high.value, 0.0 - low.value) for _, _, low, high, _ in found],
    )
    said = "; ".join(f"{t}: {words.plain(c, 1)} ({words.span_signed(low, high, 1)})" for t, c, low, high, _ in found)
    return {
        "chart": Chart(
            "groups",
            figure,
            f"Change in packages a year by client group. {said}.",
            "Whiskers are chance alone; grey where they are wider than half the value.",
        ),
        "table": Table(
            "Packages that start in a year, by client group",
            (
                "Client group",
                "Today",
                "Proposed",
                "Change",
                "Chance alone",
                "Today, per 100 contacts",
                "Proposed, per 100 contacts",
                "More people with eligible need and no package",
            ),
            (False, True, True, True, True, True, True, True),
            rows,
        ),
        "alike": _alike(results),
    }


def _alike(results: Results) -> bool:
    """Whether every group has about the same share of packages, today and proposed, within 1 in 100 of the whole."""

    def share(end: str, side: str) -> float:
        part, total = (
            results.number("comparison", side, measure=f"{measure}{end}", transfer=results.headline)
            for measure in ("funded_package", "contact")
        )
        return part.value / total.value if part is not None and total is not None and total.value else math.nan

    return all(
        abs(share(f"/client_group/{group}", side) - share("", side)) < 0.01
        for group in results.groups
        for side in ("value_baseline", "value_model")
    )
