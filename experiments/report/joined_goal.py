"""What ``run.py goal`` and ``run.py attribution`` found, for the report: where the answer turns, and what brings it."""

from __future__ import annotations

from typing import Any

from experiments import theme
from experiments.charts import bars
from experiments.report import words
from experiments.report.joined import Analysis
from experiments.report.joined_inputs import amount, between, measure_words, number_of
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.results import Results
from experiments.report.service_facts import Block
from experiments.report.words import Number

PARTS = ((theme.PROPOSED, "", "a part's share, with its 95% interval"), (theme.TODAY, "", "all parts together"))
KEPT = {"everywhere": "holds at every value", "nowhere": "holds at no value"}
TOGETHER, WHOLE = "together", "whole"


def goals(results: Results, analysis: Analysis) -> list[Block]:
    """True only if: in the analysis's own words, and as a table."""
    said = [str(line) for line in (analysis.manifest.get("outcome") or {}).get("said", [])]
    tables = [table for table in (_turns(results, analysis), _alone(results, analysis)) if table is not None]
    if not said and not tables:
        return []
    return [Block("True only if", said, tables=tables)]


def _value(table: str, row: dict[str, Any], *keys: str) -> list[Cell]:
    """Where the target turns, with its interval."""
    at, low, high = (number_of(table, row, column, *keys) for column in ("value", "value_low", "value_high"))
    if not at.known:
        met = str(row.get("met", ""))
        return [KEPT.get(met, "does not turn in its range"), "none"]
    turns = "at least" if row["turns_to"] == "met" else "at most"
    said = words.significant(at)
    ends = f"{_end(low)} to {_end(high)}"
    return [words.Said(f"{turns} {said.text}", at), words.Range(_end(low), _end(high), ends)]


def _end(number: Number) -> words.Said:
    return words.significant(number) if number.known else words.Said("beyond", number)


def _wide(row: dict[str, Any]) -> bool:
    return bool(words.too_wide(row["value"], row["value_low"], row["value_high"]))


def _turns(results: Results, analysis: Analysis) -> Table | None:
    table = analysis.table("goal")
    found = results.rows(table)
    if not found:
        return None
    rows = []
    for row in found:
        keys = ("input", "other_value") if row["other_input"] else ("input",)
        now = words.significant(number_of(table, row, "current", *keys))
        name = words.capital(words.humanised(str(row["input"]).rpartition(".")[2]))
        other = f", at {row['other_value']:.4g} of {words.humanised(str(row['other_input']).rpartition('.')[2])}"
        rows.append(Row((name + (other if row["other_input"] else ""), now, *_value(table, row, *keys)), _wide(row)))
    first = found[0]
    wanted = f"{measure_words(str(first['measure']))} {first['sign']} {first['threshold']:,.6g}"
    heads = ("Input", "As it stands", "It would have to be", "95% interval")
    return Table(f"What would have to be true: {wanted}", heads, (False, True, True, True), rows, open=True)


def _alone(results: Results, analysis: Analysis) -> Table | None:
    table = analysis.table("goal_alone")
    found = results.rows(table)
    if not found:
        return None
    rows = []
    for row in sorted(found, key=lambda row: not row["turns"]):
        cells: list[Cell] = [words.capital(words.careful(str(row["title"]))),
                             words.significant(number_of(table, row, "current", "input"))]  # fmt: skip
        cells += _value(table, row, "input")
        cells += [amount(number_of(table, row, end, "input"), str(row["unit"])) for end in ("at_low", "at_high")]
        rows.append(Row(cells, _wide(row)))
    heads = ("Input", "As it stands", "It would have to be", "95% interval", "At its low end", "At its high end")
    caption = f"Each input alone: could it turn {measure_words(str(found[0]['measure']))}?"
    return Table(caption, heads, (False, *(True,) * 5), rows)


def attribution(results: Results, analysis: Analysis) -> list[Block]:
    """Which change brings how much of the difference: a block a measure."""
    table = analysis.table("attribution")
    measures = list(dict.fromkeys(str(row["measure"]) for row in results.rows(table)))
    warning = "This splits the model's own difference. It is not evidence that a part works: what each does was put in."
    blocks = []
    for place, measure in enumerate(measures):
        rows = results.rows(table, measure=measure)
        shown = [row for row in rows if row["change"] != TOGETHER]
        title = f"Which change brings how much: {measure_words(measure)}"
        chart = _shares(table, shown, f"parts_{analysis.folder}_{place}")
        blocks.append(Block(title, [warning], [chart], [_parts(table, rows, measure)]))
    return blocks


def _label(row: dict[str, Any]) -> str:
    told = {TOGETHER: "What no part brings by itself", WHOLE: "All together"}
    return told.get(str(row["change"])) or words.capital(words.careful(str(row["title"])))


def _share(table: str, row: dict[str, Any], way: str, end: str = "") -> Number:
    return number_of(table, row, f"{way}{end}", "measure", "change")


def _shares(table: str, rows: list[dict[str, Any]], name: str) -> Chart:
    measure, unit = str(rows[0]["measure"]), str(rows[0]["unit"])
    figure = bars(
        [_label(row) for row in rows],
        [0.0] * len(rows),
        [float(row["shapley"]) for row in rows],
        [theme.TODAY if row["change"] == WHOLE else theme.PROPOSED for row in rows],
        axis_title=f"{measure_words(measure)}, {unit}",
        intervals=[(float(row["shapley_low"]), float(row["shapley_high"])) for row in rows],
        prefix="£" if unit.startswith("£") else "",
    )
    said = "; ".join(f"{_label(row)}: {amount(_share(table, row, 'shapley'), unit, True)}" for row in rows)
    return Chart(name, figure, f"What each change brings of {measure_words(measure)}. {said}.",
                 "Each part's share is the mean of what it adds over all orders.", key=PARTS)  # fmt: skip


def _parts(table: str, rows: list[dict[str, Any]], measure: str) -> Table:
    made, unit = [], str(rows[0]["unit"])
    for row in rows:
        low, high = _share(table, row, "shapley", "_low"), _share(table, row, "shapley", "_high")
        ways = [amount(_share(table, row, way), unit, True) for way in ("shapley", "sequential", "alone", "last")]
        cells: list[Cell] = [_label(row), ways[0], between(low, high, unit, True), *ways[1:]]
        made.append(Row(cells, row["change"] != TOGETHER and words.too_wide(row["shapley"], low.value, high.value)))
    heads = ("Part", "Its share", "95% interval, chance alone", "In the order given", "Made alone", "Made last")
    return Table(f"What each change brings: {measure_words(measure)}", heads, (False, *(True,) * 5), made, open=True)
