"""How far each input alone moves the answer, over the run's own ranges and without chance: columns of ``inputs``."""

from __future__ import annotations

from typing import Any

from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Chart
from experiments.report.results import ALL_PRICED, Results
from experiments.report.sceptic_inputs import label
from experiments.report.service_facts import Block
from experiments.report.words import Phrase, phrase
from experiments.theme import FOURTH, TODAY

MOST_BARS, MOST_WORDS = 8, 14


def _moving(results: Results, column: str) -> list[dict[str, Any]]:
    rows = [r for r in results.rows("inputs") if column in r and r[column] == r[column] and r[column] > 0]
    return sorted(rows, key=lambda r: -r[column])


def _chart(
    results: Results, column: str, ends: tuple[str, str], name: str, what: str, prefix: str = ""
) -> Chart | None:
    """The inputs that move a figure most, from what it is at their low to what it is at their high."""
    rows = _moving(results, column)[:MOST_BARS]
    if not rows:
        return None
    keys = {"transfer": results.headline}
    if column == "swing":
        central = results.number("comparison", "difference", measure="funded_package", **keys)
    else:
        last = results.years[-1] if results.years else None
        central = results.number("savings", "saving", client_group=ALL_PRICED, financial_year=last, **keys)
    sign = -1.0 if column == "swing" else 1.0
    low, high = ([0.0 + sign * float(r[end]) for r in rows] for end in ends)
    centre = 0.0 + sign * central.value if central is not None else None
    labels = [words.capital(label(results, r["key"])) for r in rows]
    assumed = [bool(r["rests_on_assumption"]) for r in rows]
    figure = bars(
        labels,
        [min(pair) for pair in zip(low, high, strict=True)],
        [max(pair) for pair in zip(low, high, strict=True)],
        [FOURTH if a else TODAY for a in assumed],
        axis_title=what,
        prefix=prefix,
        centre=centre,
    )
    said = "; ".join(
        f"{text}: from {prefix}{min(a, b):,.0f} to {prefix}{max(a, b):,.0f}"
        for text, a, b in zip(labels, low, high, strict=True)
    )
    return Chart(
        name,
        figure,
        f"How far each input alone moves the answer, {what}. {said}.",
        "Each bar is the answer as one input goes from its low to its high; the line is the headline. Purple rests on "
        "assumption, blue does not.",
    )


def headline(results: Results) -> Phrase | None:
    """Which input moves the number of packages most; None where the run did not move them one by one."""
    rows = _moving(results, "swing")
    if not rows:
        return None
    said = phrase("{what} moves the number of packages most.", what=words.capital(label(results, rows[0]["key"])))
    if said.words <= MOST_WORDS:
        return said
    return phrase("{what} matters most.", what=words.capital(label(results, rows[0]["key"], whose=False)))


def blocks(results: Results) -> list[Block]:
    """Pictures of what moves packages and savings."""
    saving = ("saving_at_low", "saving_at_high")
    found = [
        ("What moves the number of packages",
         _chart(results, "swing", ("at_low", "at_high"), "swing", "packages a year that would not start")),
        ("What moves the saving",
         _chart(results, "swing_saving", saving, "swing_saving", "gross saving in the last year", "£")),
    ]  # fmt: skip
    text = "Worked out exactly, without chance, from the low to the high end of each range, all others as they stand."
    return [Block(title, [text], [chart]) for title, chart in found if chart is not None]
