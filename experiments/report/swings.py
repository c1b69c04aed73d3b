"""How far each input alone moves the answer, over the run's own ranges and without chance: columns of ``inputs``."""

from __future__ import annotations

from typing import Any

from experiments.charts import bars
from experiments.report import words
from experiments.report.joined_inputs import amount
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.results import ALL_PRICED, Results, source
from experiments.report.sceptic_inputs import label
from experiments.report.service_facts import Block
from experiments.report.words import Number, Phrase, phrase
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


def _table(results: Results, column: str, ends: tuple[str, str], caption: str) -> Table:
    """Every input that moves a figure, and what the figure is at both ends of its range."""
    rows = []
    for r in _moving(results, column):
        numbers = [Number(float(r[name]), source("inputs", name, key=r["key"])) for name in (*ends, column)]
        unit = "£" if column == "swing_saving" else "packages"
        said = [amount(number, unit, sign=column == "swing") for number in numbers[:2]]
        size = amount(numbers[2], unit)
        cells: list[Cell] = [words.capital(label(results, r["key"])), *said, size,
                             "yes" if r["rests_on_assumption"] else "no"]  # fmt: skip
        rows.append(Row(cells))
    heads = ("Input", "At its low end", "At its high end", "How far apart", "Rests on assumption")
    return Table(caption, heads, (False, True, True, True, False), rows)


def blocks(results: Results) -> list[Block]:
    """What moves packages and savings, as pictures and tables."""
    packages, saving = ("at_low", "at_high"), ("saving_at_low", "saving_at_high")
    made = [
        ("What moves the number of packages",
         _chart(results, "swing", packages, "swing", "packages a year that would not start"),
         _table(results, "swing", packages, "Change in packages a year, by input")),
        ("What moves the saving",
         _chart(results, "swing_saving", saving, "swing_saving", "gross saving in the last year", "£"),
         _table(results, "swing_saving", saving, "Gross saving in the last year, by input")),
    ]  # fmt: skip
    text = "Worked out exactly, without chance, from the low to the high end of each range, all others as they stand."
    return [Block(title, [text], [chart], [table]) for title, chart, table in made if chart is not None]
