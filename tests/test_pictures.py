"""Pictures of several marks, of phases, of waits and of what a board said: what goes in is what is drawn."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from test_charts import sizes

from experiments import theme
from experiments.charts.beside import Series, beside
from experiments.charts.matrix import matrix
from experiments.charts.phases import Phase, Step, phases
from experiments.charts.spread import Spread, seen_by
from experiments.report.waits_spread import Wait, spread_chart, spread_table
from experiments.report.words import Number

YEARS = ["2016/17", "2017/18", "2018/19", "2019/20"]


def pictures() -> dict[str, Any]:
    """One of each."""
    two = [
        Series("a <b>", [1.0, None], [(0.5, 2.0), None], "circle", theme.TODAY),
        Series("b", [3.0, 4.0], [None, None], "diamond", theme.WHITE),
    ]
    return {
        "beside": beside(["first <i>", "second"], two, axis_title="per cent", span=(0.0, 100.0)),
        "matrix": matrix(
            ["In <b>-house", "Mutual"],
            ["Is there market appetite?", "Could it?"],
            [[("✓", theme.TINT_TODAY), ("MEDIUM", theme.TINT_TODAY)], [("✗", theme.WHITE), ("HIGH", theme.TODAY)]],
            "words",
        ),
        "phases": phases(
            ["a", "b"],
            [[Phase(-1.0, 23.0, theme.TINT_TODAY), Phase(23.0, 48.0, theme.TODAY)],
             [Phase(5.0, 60.0, theme.PROPOSED, upper=True), Phase(60.0, 70.0, theme.TODAY)]],
            [[Step(23.0, "a")], []],
            YEARS,
            5.0,
        ),
        "spread": seen_by(
            [Spread("Hub <script>", [(14.0, 60.0), (20.0, 90.0), (28.0, 99.0)])],
            ((14.0, "2 weeks"), (28.0, "4 weeks")), x_title="days",
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(pictures()))
def test_text_is_large_enough_and_cannot_become_markup(name: str) -> None:
    text = pictures()[name].to_json()
    assert min(sizes(json.loads(text))) >= theme.SMALLEST
    assert "<script" not in text
    assert set(re.findall(r"<(\w+)", text.replace("\\u003c", "<"))) <= {"br", "b", "extra"}


def test_marks_of_a_row_stand_under_each_other_where_they_are() -> None:
    figure = pictures()["beside"]
    marks = [(trace.x[0], trace.y[0], trace.marker.symbol) for trace in figure.data if trace.mode == "markers"]
    assert [(x, symbol) for x, _, symbol in marks] == [(1.0, "circle"), (3.0, "diamond"), (4.0, "diamond")]
    assert marks[0][1] < marks[1][1] < marks[2][1]
    intervals = [list(trace.x) for trace in figure.data if trace.mode == "lines"]
    assert intervals == [[0.5, 2.0]]
    low, high = figure.layout.xaxis.range
    assert low <= 0 and high >= 100


def test_nobody_is_shown_more_than_four_marks_in_a_row() -> None:
    with pytest.raises(ValueError, match="5 series"):
        beside(["a"], [Series(str(n), [1.0], [None]) for n in range(5)], axis_title="x")


def test_a_matrix_writes_every_judgement_in_its_square_and_none_over_another() -> None:
    figure = pictures()["matrix"]
    squares = [(s.x0, s.x1, s.y0, s.y1) for s in figure.layout.shapes]
    assert len(squares) == 4
    for x0, x1, y0, y1 in squares:
        inside = [n.text for n in figure.layout.annotations if x0 < n.x < x1 and y0 < n.y < y1]
        assert len(inside) == 1 and inside[0] in ("✓", "✗", "MEDIUM", "HIGH")
    texts = [note.text for note in figure.layout.annotations]
    assert sorted(text for text in texts if text in ("✓", "✗", "MEDIUM", "HIGH")) == ["HIGH", "MEDIUM", "✓", "✗"]
    wide, narrow = squares[1][1] - squares[1][0], squares[0][1] - squares[0][0]
    assert wide > narrow, "a square is as wide as its words need"


def test_phases_stop_where_the_years_end_and_steps_stand_at_their_months() -> None:
    figure = pictures()["phases"]
    bars = [(min(trace.x), max(trace.x), trace.fillcolor) for trace in figure.data if trace.fill == "toself"]
    assert bars == [(-1.0, 23.0, theme.TINT_TODAY), (23.0, 48.0, theme.TODAY), (5.0, 48.0, theme.PROPOSED)]
    steps = [(trace.x[0], trace.text[0]) for trace in figure.data if trace.mode == "markers+text"]
    assert steps == [(23.0, "a")]
    (decided,) = [shape.x0 for shape in figure.layout.shapes if shape.line.dash == "dot"]
    assert decided == 5.0
    assert list(figure.layout.xaxis.ticktext) == ["Apr 2016", "Apr 2018", "Apr 2020"]


def test_waits_are_marked_where_they_are_known_and_standards_are_lines() -> None:
    figure = pictures()["spread"]
    assert list(figure.data[0].x) == [14.0, 20.0, 28.0] and list(figure.data[0].y) == [60.0, 90.0, 99.0]
    assert [(shape.x0, shape.line.dash) for shape in figure.layout.shapes] == [(14.0, "solid"), (28.0, "dash")]
    two, four = (note for note in figure.layout.annotations if note.text.endswith("weeks"))
    assert (two.xanchor, four.xanchor) == ("right", "left"), "they would touch where days lie close together"


def shares(*known: tuple[int, float, float | None]) -> Wait:
    """A wait by days, share and half the width of its range."""
    return Wait(
        "Hub",
        {
            day: (Number(at, ""), None if half is None else (Number(at - half, ""), Number(at + half, "")))
            for day, at, half in known
        },
    )


def test_waits_are_drawn_until_nearly_all_were_seen_and_never_short_of_four_weeks() -> None:
    quick = shares((7, 0.25, 0.05), (14, 0.9, 0.1), (21, 0.996, 0.1), (28, 1.0, 0.0), (42, 1.0, 0.0))
    chart = spread_chart("waits", "Waits", [quick], "chance")
    assert chart is not None and [trace.name for trace in chart.figure.data] == ["Hub, range", "Hub"]
    band, line = chart.figure.data
    assert list(line.x) == [7, 14, 21, 28] and list(line.y) == pytest.approx([25, 90, 99.6, 100])
    assert list(band.x) == [7, 14, 21, 28, 28, 21, 14, 7]
    assert list(band.y) == pytest.approx([20, 80, 89.6, 100, 100, 100, 100, 30]), "never more than all"
    assert chart.alt == "Waits. Hub: 25 in 100 within 7 days, 90 in 100 within 14 days, 100 in 100 within 28 days."
    slow = shares((7, 0.1, None), (28, 0.4, None), (56, 0.9, None), (84, 0.996, 0.001))
    chart = spread_chart("waits", "Waits", [quick, slow], "chance")
    assert chart is not None and [list(trace.x) for trace in chart.figure.data if trace.name == "Hub"][1][-1] == 84
    assert len(chart.figure.data) == 3, "a band with a gap in it would say more than is known"
    assert "more than 99 in 100" not in chart.alt and "90 in 100 within 56 days" in chart.alt
    assert spread_chart("waits", "Waits", [Wait("Hub", {})], "chance") is None


def test_the_table_of_waits_has_every_day_and_says_what_is_not_known() -> None:
    table = spread_table("Waits", [shares((1, 0.25, 0.05), (84, 1.0, None)), shares((84, 0.5, None))])
    text = [[str(cell) for cell in row.cells] for row in table.rows]
    assert text == [["1 day", "25% (20% to 30%)", "none"], ["84 days", "100%", "50%"]]
