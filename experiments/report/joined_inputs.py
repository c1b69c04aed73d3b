"""What ``run.py sensitivity`` found, for the report: which inputs move the answer, and what knowing them is worth."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from experiments import theme
from experiments.charts.along import along
from experiments.charts.sensitivity import tornado
from experiments.report import words
from experiments.report.joined import Analysis
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.results import Results, source
from experiments.report.service_facts import Block
from experiments.report.words import Number, Phrase, Range, Said, phrase
from experiments.saying import roughly

DRAWN = 8
"""Inputs in a picture; the tables hold all."""

ENDS = ((theme.TODAY, "", "at the low end of the input's range"), (theme.PROPOSED, "", "at its high end"))
WORTH = ((theme.TODAY, "", "worth"), (theme.TINT_TODAY, "", "its 95% interval"))


def measure_words(measure: str) -> str:
    """A measure as words: 'demand savings, 2019/20', 'funded package'."""
    return words.humanised(re.sub(r"[_/](\d{4})[_/](\d{2})$", r", \1/\2", measure)).replace("/client", ", client")


def amount(number: Number, unit: str, sign: bool = False) -> Said:
    """A figure of a measure in words; with ``sign`` as a change of it."""
    if not number.known:
        return Said("not known", number)
    if not unit.startswith("£"):
        return words.signed(number, 0 if abs(number.value) >= 20 else 1) if sign else words.significant(number)
    said = roughly(number.value)
    return Said(f"+{said}" if sign and number.value > 0 and said != "£0" else said, number)


def between(low: Number, high: Number, unit: str, sign: bool = False) -> Range | str:
    """An interval of a measure in words."""
    if not (low.known and high.known):
        return "no chance in it"
    first, last = amount(low, unit, sign), amount(high, unit, sign)
    return Range(first, last, f"{first.text} to {last.text}")


def number_of(table: str, row: dict[str, Any], column: str, *keys: str) -> Number:
    """A cell of a row that is already there; NaN where it is empty."""
    value = row.get(column)
    value = math.nan if value is None else float(value)
    return Number(value, source(table, column, **{key: row[key] for key in keys}))


class Moved:
    """The rows of ``tornado`` that are about one measure, largest swing first."""

    def __init__(self, results: Results, analysis: Analysis, measure: str):
        self.table = analysis.table("tornado")
        rows = results.rows(self.table, measure=measure)
        self.rows = [row for row in rows if row["swing"] != 0]  # what contradicts at an end has none, and is shown
        self.measure, self.unit = measure, str(rows[0]["unit"])
        self.exact = not any(row["replications"] for row in rows)

    def number(self, row: dict[str, Any], column: str) -> Number:
        """A cell with its source."""
        return number_of(self.table, row, column, "measure", "input")

    @property
    def leader(self) -> str:
        """The input that moves the measure most; '' where no one input can be told to."""
        sizes = [self._size(row) for row in self.rows]
        if not sizes or not sizes[0][0] or sum(most >= sizes[0][0] for _, most in sizes) > 1:
            return ""
        return words.capital(str(self.rows[0]["title"]))

    def _size(self, row: dict[str, Any]) -> tuple[float, float]:
        low, high, at = (row[f"swing{end}"] for end in ("_low", "_high", ""))
        if math.isnan(at):
            return 0.0, 0.0
        if math.isnan(low):
            return abs(at), abs(at)
        return 0.0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high))

    def chart(self, name: str) -> Chart:
        """Bars to either side of where the answer stands."""
        shown = self.rows[:DRAWN]
        labels = [words.capital(str(row["title"])) for row in shown]

        def end(row: dict[str, Any], which: str) -> float | None:
            return None if math.isnan(row[which]) else float(row[which])

        def interval(row: dict[str, Any], which: str) -> tuple[float, float] | None:
            low, high = row[f"{which}_low"], row[f"{which}_high"]
            return None if math.isnan(low) else (float(low), float(high))

        figure = tornado(
            labels,
            [end(row, "at_low") for row in shown],
            [end(row, "at_high") for row in shown],
            [(interval(row, "at_low"), interval(row, "at_high")) for row in shown],
            axis_title=f"change in {measure_words(self.measure)}, {self.unit}",
            prefix="£" if self.unit.startswith("£") else "",
        )
        said = "; ".join(
            f"{label}: {amount(self.number(row, 'at_low'), self.unit, True)} at the low end and "
            f"{amount(self.number(row, 'at_high'), self.unit, True)} at the high end"
            for label, row in zip(labels, shown, strict=True)
        )
        lines = "" if self.exact else " Thin lines are 95% intervals."
        return Chart(
            name,
            figure,
            f"How far single inputs move {measure_words(self.measure)}. {said}.",
            f"One input at a time over the middle 95% of its range, all others as they stand.{lines}",
            key=ENDS,
        )

    def table_of_all(self) -> Table:
        """Every input that moves the measure."""
        rows = []
        for row in self.rows:
            cells: list[Cell] = [words.capital(words.careful(str(row["title"]))), str(row["status"])]
            cells += [words.significant(self.number(row, column)) for column in ("value", "low", "high")]
            cells += [amount(self.number(row, end), self.unit, True) for end in ("at_low", "at_high", "swing")]
            low, high = self.number(row, "swing_low"), self.number(row, "swing_high")
            cells.append(between(low, high, self.unit, True))
            wide = low.known and words.too_wide(row["swing"], low.value, high.value)
            rows.append(Row(cells, grey=bool(wide)))
        heads = ("Input", "The value is", "As it stands", "Low end", "High end", "Change at the low end",
                 "Change at the high end", "From low to high", "Interval of that")  # fmt: skip
        caption = f"One input at a time: {measure_words(self.measure)}, {self.unit}"
        return Table(caption, heads, (False, False, *(True,) * 7), rows)


def blocks(results: Results, analysis: Analysis) -> list[Block]:
    """What a sensitivity analysis says: a block a measure, then what knowing is worth."""
    found: list[Block] = []
    for place, measure in enumerate(dict.fromkeys(row["measure"] for row in results.rows(analysis.table("tornado")))):
        moved = Moved(results, analysis, str(measure))
        what = measure_words(moved.measure)
        lead = phrase("{what} moves {measure} most, of the inputs that have a range.", what=moved.leader, measure=what)
        text = [lead if moved.leader else phrase("Which input moves {measure} most cannot be told.", measure=what)]
        text += _parts(results, analysis, moved)
        name = f"tornado_{analysis.folder}_{place}"
        charts = [moved.chart(name)] if moved.rows else []
        title = f"One input at a time: {measure_words(moved.measure)}"
        found.append(Block(title, text, charts, [moved.table_of_all()] if moved.rows else []))
    return [*found, *_knowing(results, analysis)]


def _parts(results: Results, analysis: Analysis, moved: Moved) -> list[Phrase]:
    table, keys = analysis.table("variance"), {"measure": moved.measure, "part": "inputs"}
    share, low, high = (results.number(table, column, **keys) for column in ("share", "share_low", "share_high"))
    if share is None or low is None or high is None:
        return []
    return [
        phrase(
            "Of the whole spread from one simulated run to another, {share} comes from inputs nobody knows ({low} to "
            "{high}); the rest is chance.",
            share=words.in_hundred(share),
            low=words.in_hundred(low),
            high=words.in_hundred(high),
        )
    ]


def _knowing(results: Results, analysis: Analysis) -> list[Block]:
    """What it would be worth to know an input before choosing."""
    table, curve_table = analysis.table("information"), analysis.table("information_curve")
    rows, curve = results.rows(table), results.rows(curve_table)
    whole = next((row for row in rows if row["input"] == "all"), None)
    if whole is None or not curve:
        return []
    asked = (analysis.manifest.get("asked") or {}).get("cost") is not None
    worth, cost = (number_of(table, whole, column, "input") for column in ("worth", "cost"))
    low, high = (number_of(table, whole, column, "input") for column in ("low", "high"))
    text = [
        phrase(
            "If the change costs {cost} over all years (a figure given to the analysis), knowing every ranged input "
            "before choosing would be worth {worth} ({range}). No study may cost more than that."
            if asked
            else "What the change costs is not published. Whatever it costs, knowing every ranged input before "
            "choosing would be worth at most {worth} ({range}): that much where it costs {cost} over all years, with "
            "which the choice is closest. No study may cost more than that.",
            cost=words.pounds(cost),
            worth=words.pounds(worth),
            range=words.span_pounds(low, high),
        )
    ]
    each = [row for row in rows if row["input"] != "all" and row["worth"] > 0]
    made = [_worth_row(table, row) for row in sorted(each, key=lambda row: -row["worth"])]
    tables = [
        Table(
            "What knowing one input alone is worth",
            ("Input", "Worth", "Interval", "Seen by luck where there is none", "More than luck"),
            (False, True, True, True, False),
            made,
        )
    ]
    return [Block("What would knowing be worth?", text, [_curve(curve, curve_table, cost)], tables if made else [])]


def _worth_row(table: str, row: dict[str, Any]) -> Row:
    worth, low, high, noise = (number_of(table, row, column, "input") for column in ("worth", "low", "high", "noise"))
    title = row.get("title") or row["input"]
    cells: list[Cell] = [words.capital(words.careful(str(title))), amount(worth, "£"), between(low, high, "£"),
                         amount(noise, "£"), "yes" if row["told_apart"] else "no"]  # fmt: skip
    return Row(cells, grey=not row["told_apart"] or words.too_wide(worth.value, low.value, high.value))


def _curve(rows: Sequence[dict[str, Any]], table: str, cost: Number) -> Chart:
    def column(name: str) -> list[float]:
        return [float(row[name]) for row in rows]

    figure = along(
        column("cost"),
        column("worth"),
        list(zip(column("low"), column("high"), strict=True)),
        x_title="What the change costs, over all years, £",
        y_title="What knowing every ranged input beforehand is worth, £",
        marked=[(cost.value, cost.value, cost.value)],
        prefix="£",
    )
    said = "; ".join(
        f"{words.pounds(Number(row['cost'], table))}: {words.pounds(Number(row['worth'], table))}" for row in rows
    )
    caption = phrase("The dotted line is at {cost}.", cost=words.pounds(cost))
    return Chart("information", figure, f"What knowing every ranged input is worth, by what the change costs. {said}.",
                 caption, key=WORTH)  # fmt: skip
