"""Part 6 of a comparison: what happens over time to the packages that people go on to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.charts import by_month
from experiments.charts.curves import Line
from experiments.charts.months import month_name
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.results import Results
from experiments.report.service_facts import STYLES, Block, key_of
from experiments.report.words import Number, Phrase, phrase


class Census:
    """Packages running by month under a model, added up over kinds of care and client groups."""

    def __init__(self, results: Results, transfer: str, name: str):
        self.name = name
        rows = results.rows("census", transfer=transfer)
        self.keys = f"census.csv: sum of packages_mean; transfer={transfer}"
        self.months = list(dict.fromkeys(str(row["month"]) for row in rows))
        self.by_month: dict[str, list[dict[str, Any]]] = {month: [] for month in self.months}
        for row in rows:
            self.by_month[str(row["month"])].append(row)

    def total(self, month: str) -> Number:
        """All packages in a month."""
        return Number(
            math.fsum(row["packages_mean"] for row in self.by_month[month]), f"computed: {self.keys}; {month}"
        )

    def ends(self, month: str) -> tuple[float, float]:
        """An interval that is no narrower than that of the total: half widths of parts add up to at least its own."""
        half = math.fsum((row["mean_high"] - row["mean_low"]) / 2 for row in self.by_month[month])
        total = self.total(month).value
        return max(0.0, total - half), total + half

    def line(self, style: tuple[str, str, str]) -> Line:
        """As it is drawn."""
        values = [self.total(month).value for month in self.months]
        return Line(self.name, values, [self.ends(month) for month in self.months], *style)


def _transfers(results: Results) -> tuple[str, str] | None:
    """The transfer at which nothing changes, and the headline's."""
    none = [str(row["transfer"]) for row in results.rows("transfers") if row["share_of_gap"] == 0]
    return (none[0], results.headline) if none and none[0] != results.headline else None


def chart_of(name: str, months: Sequence[str], lines: Sequence[Line], bands: str) -> Chart:
    """Lines by month with the words that stand for them. ``bands``: what the pale bands are."""
    first, last = month_name(months[0]), month_name(months[-1])
    said = "; ".join(f"{li.name}: {li.values[0]:,.0f} in {first}, {li.values[-1]:,.0f} in {last}" for li in lines)
    return Chart(
        name,
        by_month(months, lines, start=False),
        f"Packages running by month, today and proposed. {said}.",
        f"Packages at each month's end. {bands}",
        key=key_of(lines),
    )


def build(results: Results) -> Part | None:
    """Packages by month, today and as the headline has it."""
    pair = _transfers(results) if results.comparison is not None else None
    if pair is None or not all(results.rows("census", transfer=transfer) for transfer in pair):
        return None
    today, proposed = Census(results, pair[0], "Today"), Census(results, pair[1], "Proposed")
    if any(not one.total(month).known for one in (today, proposed) for month in one.months):
        return None
    lines = [one.line(style) for one, style in zip((today, proposed), STYLES, strict=False)]
    months = today.months
    less = results.number("comparison", "difference", measure="packages_running_at_end", transfer=pair[1])
    low, high = (
        results.number("comparison", end, measure="packages_running_at_end", transfer=pair[1])
        for end in ("low", "high")
    )
    bands = "Pale bands are the 95% interval of the mean, or somewhat wider."
    chart = chart_of("packages_by_month", months, lines, bands)
    intro: list[Phrase | str] = [
        "New packages differ at once; the number that runs follows, because packages last. What ran before the first "
        "month is in these lines only where the demand file gives it.",
    ]
    if less is not None and low is not None and high is not None:
        intro.append(
            phrase(
                "At the end {number} {direction} would run ({range} by chance alone).",
                number=words.about(less),
                direction="fewer" if less.value <= 0 else "more",
                range=words.span(low, high),
            )
        )
    rows = [
        Row((month_name(month), words.whole(today.total(month)), words.whole(proposed.total(month))))
        for month in [months[0], *months[11::12]]
    ]
    heads = ("Month", "Today", "Proposed")
    table = Table("Packages running at the end of a month", heads, (False, True, True), rows, open=True)
    head = (
        phrase("The difference grows for years: {n} {way} packages run at the end.", n=words.about(less),
               way="fewer" if less.value <= 0 else "more")
        if less is not None and low is not None and high is not None and low.value * high.value > 0
        else phrase("No difference in running packages could be told from chance.")
    )  # fmt: skip
    more = {"intro": intro, "blocks": [Block(charts=[chart], tables=[table])]}
    data = ("census", "comparison")
    return Part("time", "What happens over time?", head, "service_part.html", data, words=more)
