"""Every input for those who doubt: value, range, source, quality of its evidence, and how far it moves the answer."""

from __future__ import annotations

import math
from typing import Any

from experiments.charts.grid import grid
from experiments.report import words
from experiments.report.feeding import Feeding
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.results import Results, source
from experiments.report.service_facts import Block
from experiments.report.words import Number, Phrase, Said, phrase

QUALITY = {
    1: "1, published",
    2: "2, derived from published figures",
    3: "3, asked of people who know",
    4: "4, assumption",
    5: "5, no evidence given",
}

EVERY_INPUT = "every-input"
"""The table's name, for links."""

LARGE, MIDDLE = 0.5, 0.1
"""Of the largest movement: from here on an input's own is called large, or middling."""

CLASSES = ("large", "middling", "small", "none", "not told", "no range")
TOLD = ("has a range", "no range")
"""Columns of the grid, where it is known how far inputs move the answer, and where it is not."""


def label(results: Results, key: str, whose: bool = True) -> str:
    """An input's key in words: 'hospital funded rate (Barnet, current model, 2014/15)'; ``whose``: with its file."""
    file, colon, path = key.partition(":")
    if colon:
        folder, _, name = file.partition("/")
        what = path
    else:
        file, _, what = key.rpartition(".")
        folder, _, name = file.partition("/")
    steps = [
        step for step in what.split(".") if step not in ("stages", "person", "comparison", "shares", "all", "care")
    ]
    transfers = (results.comparison or {}).get("transfers", [])
    if folder == "experiments" and steps[0] == "transfers" and int(steps[1]) < len(transfers):
        return words.careful(f"change in “{transfers[int(steps[1])]['title']}”")
    kind = {"models": "model", "demand": "demand", "prices": "prices", "experiments": "experiment"}.get(folder, folder)
    said = words.humanised(", ".join(steps))
    return f"{said} ({results.short(kind, name)})" if whose else said


def file_of(reference: str) -> tuple[str, str]:
    """A reference such as 'models/barnet_whole' as a kind of thing and a name."""
    folder, _, name = reference.partition("/")
    return {"models": "model", "experiments": "experiment"}.get(folder, folder), name


def small(value: float, where: str) -> Said:
    """A count in figures, nought too."""
    return Said(f"{value:,.0f}", Number(value, where))


class Impact:
    """How far each input alone moves the answer: from the run itself, or from a sensitivity analysis that joined it.

    Attributes:
        table: where that stands; '' where nothing says it. what: the measure, in words. by: input to the size of it.
    """

    def __init__(self, results: Results):
        self.table, self.what = "", ""
        self.by: dict[str, float] = {}
        rows = results.rows("inputs")
        if results.comparison is not None and any(row["swing"] == row["swing"] for row in rows):
            self.table, self.what = "inputs", "packages a year"
            self.by = {row["key"]: float(row["swing"]) for row in rows if row["swing"] == row["swing"]}
            return
        for analysis in results.analyses:
            found = results.rows(analysis.table("tornado")) if analysis.command == "sensitivity" else []
            if found:
                first = found[0]["measure"]
                self.table, self.what = analysis.table("tornado"), words.humanised(str(first))
                mine = [row for row in found if row["measure"] == first and row["swing"] == row["swing"]]
                self.by = {row["input"]: abs(float(row["swing"])) for row in mine}
                return

    @property
    def known(self) -> bool:
        """Whether it is known of any input."""
        return bool(self.by)

    def of(self, row: dict[str, Any]) -> str:
        """The class of an input."""
        if row["low"] != row["low"]:
            return "no range"
        if not self.known:
            return "has a range"
        if row["key"] not in self.by:
            return "not told"
        size, most = self.by[row["key"]], max(self.by.values())
        if not size:
            return "none"
        return "large" if size >= LARGE * most else "middling" if size >= MIDDLE * most else "small"

    def share_assumed(self, results: Results) -> Number | None:
        """Of the summed squares of what ranged inputs move, the part of those that rest on assumption."""
        noted = results.noted("uncertainty", "share_of_headline_on_assumption")
        if noted is not None or not self.known:
            return noted
        assumed = {row["key"] for row in results.rows("inputs") if row["rests_on_assumption"]}
        whole = math.fsum(size**2 for size in self.by.values())
        if not whole:
            return None
        part = math.fsum(size**2 for key, size in self.by.items() if key in assumed)
        return Number(part / whole, f"computed: squares of swing, {self.table}.csv, by rests_on_assumption, inputs.csv")


def _counts(results: Results, impact: Impact) -> dict[tuple[int, str], int]:
    counts: dict[tuple[int, str], int] = {}
    for row in results.rows("inputs"):
        cell = int(row["quality"]), impact.of(row)
        counts[cell] = counts.get(cell, 0) + 1
    return counts


def grid_block(results: Results) -> Block:
    """Inputs by quality of their evidence and by how far they move the answer, as a picture and a table."""
    impact = Impact(results)
    counts = _counts(results, impact)
    columns = [name for name in (CLASSES if impact.known else TOLD) if any(column == name for _, column in counts)]
    grades = [grade for grade in QUALITY if any(row == grade for row, _ in counts)]
    numbers = [[float(counts.get((grade, column), 0)) for column in columns] for grade in grades]
    across = "how far the input moves the answer" if impact.known else "whether the input has a range"
    figure = grid(
        columns,
        [str(grade) for grade in grades],
        numbers,
        [[f"{value:,.0f}" for value in row] for row in numbers],
        across_title=across,
        down_title="quality of evidence, 1 published to 5 none given",
    )
    said = "; ".join(
        f"{QUALITY[grade]}: " + ", ".join(f"{value:,.0f} {column}" for value, column in zip(row, columns, strict=True))
        for grade, row in zip(grades, numbers, strict=True)
    )
    chart = Chart("quality_impact", figure, f"Inputs by quality of evidence, and {across}. {said}.",
                  "The lower left corner is what to look at first: weak evidence that moves much." if impact.known
                  else "Numbers of inputs.")  # fmt: skip
    rows = [
        Row((QUALITY[grade], *(small(value, f"computed: rows of inputs.csv with quality {grade}, {column}")
                               for value, column in zip(row, columns, strict=True))))
        for grade, row in zip(grades, numbers, strict=True)
    ]  # fmt: skip
    table = Table(f"Inputs by quality of evidence, and {across}", ("Quality", *map(words.capital, columns)),
                  (False, *(True,) * len(columns)), rows, open=True)  # fmt: skip
    return Block("Assumptions by quality and impact", [_reading(impact)], [chart], [table])


def _reading(impact: Impact) -> Phrase | str:
    if not impact.known:
        return (
            "How far each input alone moves the answer is not worked out in these results; “What would change the "
            "answer?” names the command that works it out, and this table then shows it."
        )
    return phrase(
        "Large is at least half of what the strongest input moves ({what}), middling a tenth to a half. None: it has a "
        "range and does not move the answer. Not told: an end of its range contradicts the other inputs. No range: "
        "nothing is said of it, and what it might do is in no interval.",
        what=impact.what,
    )


def _said(results: Results, row: dict[str, Any], column: str) -> Said:
    return words.significant(Number(float(row[column]), source("inputs", column, key=row["key"])))


def inputs_table(results: Results) -> Table:
    """Every input: those that move the answer most first where that is known, else the weakest evidence first."""
    impact, feeding = Impact(results), Feeding(results)
    money = impact.table == "inputs" and any("swing_saving" in row for row in results.rows("inputs"))

    def order(row: dict[str, Any]) -> tuple[float, float]:
        return -impact.by.get(row["key"], -1.0), -row["quality"]

    rows = []
    for r in sorted(results.rows("inputs"), key=order):
        where = ", ".join(filter(None, (results.short("document", r["document"]) if r["document"] else "", r["where"])))
        why = ". ".join(words.capital(str(r[c]).rstrip(".")) for c in ("how", "why") if r[c])
        assumed = r["rests_on_assumption"] and r["status"] in ("derived", "calibrated")
        cells: list[Cell] = [
            words.capital(label(results, r["key"])),
            _said(results, r, "value"),
            phrase("{low} to {high}", low=_said(results, r, "low"), high=_said(results, r, "high"))
            if r["low"] == r["low"] else "none",
            f"{r['status']}{', rests on assumption' if assumed else ''}",
            QUALITY.get(int(r["quality"]), str(r["quality"])),
            *([_moves(impact, r)] if impact.known else []),
            *([_said(results, r, "swing_saving")] if money else []),
            words.careful(". ".join(filter(None, (words.capital(where), why))) or str(r["formula"])) or "none",
            f"{r['file']}, line {r['line']}",
        ]  # fmt: skip
        rows.append(Row(cells, within=feeding.within(r["key"])))
    heads = ["Input", "Value", "Range", "Status", "Quality of evidence"]
    numeric = [False, True, True, False, False]
    heads += [f"Impact on {impact.what}"] if impact.known else []
    heads += ["Impact on the last year's saving, pounds"] if money else []
    numeric += [True] * (len(heads) - len(numeric))
    caption = (
        "Every input, sorted by how much it moves the answer" if impact.known else "Every input, weakest evidence first"
    )
    heads, numeric = [*heads, "Source and reason", "File"], [*numeric, False, False]
    views = [fed.view for fed in feeding.sets.values()]
    return Table(caption, heads, numeric, rows, folded=True, name=EVERY_INPUT, views=views)


def _moves(impact: Impact, row: dict[str, Any]) -> Cell:
    if row["key"] not in impact.by:
        return "none"
    keys = {"key": row["key"]} if impact.table == "inputs" else {"input": row["key"]}
    return words.significant(
        Number(impact.by[row["key"]], f"computed: size of {source(impact.table, 'swing', **keys)}")
    )
