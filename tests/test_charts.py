"""Charts are pure functions of columns: what goes in is what is drawn, readable everywhere."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import theme
from experiments.charts import Box, bars, by_year, columns, curve, flow_outline, flow_picture, hundred, spans
from experiments.charts.curves import Line
from experiments.charts.flow import THICKEST, levels
from experiments.charts.network import SPACE, Stop, Way, arrange, back_ways, network
from experiments.charts.text import ticks, wrapped

AA = 4.5

JOINING = [
    Box("root", "Contacts", ("1,000",)),
    Box(
        "a",
        "Signposted, or answered with information and advice",
        ("750 (75%)", "published: 751"),
        {"root": 0.75},
        True,
    ),
    Box("b", "To be seen in person", ("250 (25%)",), {"root": 0.25}),
    Box("hub", "Hub appointment", ("200 (80%)",), {"b": 0.2}),
    Box("hub_a", "“Resolved” at the hub with advice", ("176 (88%)",), {"hub": 0.176}, True),
    Box("on", "Home visit for a full needs assessment", ("24 (12%)",), {"hub": 0.024}),
    Box("home", "Home visit", ("50 (20%)",), {"b": 0.05}),
    Box("funded", "Council-funded care and support", ("74 (100%)",), {"on": 0.024, "home": 0.05}, True, True),
]


def every_figure() -> dict[str, Any]:
    """One of each."""
    line = Line("Half <of> the gap", [1e6, 2.5e6], [(0.5e6, 2e6), None], theme.PROPOSED)
    return {
        "spans": spans(["A long label & its many words"], [290.0], [(288.0, 295.0)], [(170.0, 440.0)], [True],
                       axis_title="packages a year"),
        "bars": bars(["<script>alert(1)</script>", "b"], [0.0, 0.0], [206.0, 4.3], ["#C9CDD0", theme.PROPOSED],
                     axis_title="packages", intervals=[(203.0, 209.0), None], centre=100.0),
        "curve": curve([0.0, 0.25, 0.5], [-1500.0, -560.0, 380.0], x_title="share", y_title="change",
                       marked=[(0.2, -750.0, "taken here: 20%"), (0.4, 0.0, "no difference at 40%")]),
        "years": by_year(["2017/18", "2018/19"], [line]),
        "hundred": hundred([66, 8, 6, 20], list("ASNP"), ["#DDE0E2", "#A9B0B5", theme.THIRD, theme.FOURTH], ["a"] * 4),
        "flow": flow_picture(JOINING, theme.TODAY, theme.TINT_TODAY, "words"),
        "outline": flow_outline(JOINING, theme.TODAY, theme.TINT_TODAY, "words"),
        "network": network([Stop("a", "A", "contacts"), Stop("b", "B", "outcome")], [Way("a", "b", ("50%",))]),
    }  # fmt: skip


def sizes(value: Any, within_font: bool = False) -> list[float]:
    """Every font size in a figure."""
    found: list[float] = []
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "size" and within_font:
                found.append(item)
            found += sizes(item, "font" in key)
    elif isinstance(value, list):
        for item in value:
            found += sizes(item, within_font)
    return found


@pytest.mark.parametrize("name", list(every_figure()))
def test_no_text_in_a_chart_is_smaller_than_16_pixels(name: str) -> None:
    found = sizes(json.loads(every_figure()[name].to_json()))
    assert found
    assert min(found) >= 16


@pytest.mark.parametrize("name", list(every_figure()))
def test_text_from_a_config_cannot_become_markup(name: str) -> None:
    text = every_figure()[name].to_json()
    assert "<script" not in text
    assert set(re.findall(r"<(\w+)", text)) <= {"br", "b", "extra"}


def test_text_colours_read_on_their_grounds() -> None:
    for colour in (theme.INK, theme.QUIET, theme.TODAY, theme.FOURTH):
        assert theme.contrast(colour, theme.WHITE) >= AA
    grounds = (
        theme.TODAY,
        theme.PROPOSED,
        theme.THIRD,
        theme.FOURTH,
        theme.TINT_TODAY,
        theme.TINT_PROPOSED,
        theme.GREY,
    )
    for ground in grounds:
        assert theme.contrast(theme.text_on(ground), ground) >= AA
    assert max(theme.contrast(c, theme.WHITE) for c in (theme.PROPOSED, theme.THIRD)) < AA, "they may be used for text"
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01), "the worked example of WCAG"


def test_a_hundred_figures_stand_in_the_order_given() -> None:
    figure = every_figure()["hundred"]
    assert [len(trace.x) for trace in figure.data] == [66, 8, 6, 20]
    assert [set(trace.text) for trace in figure.data] == [{"A"}, {"S"}, {"N"}, {"P"}]
    places = {(x, y) for trace in figure.data for x, y in zip(trace.x, trace.y, strict=True)}
    assert places == {(x, y) for x in range(10) for y in range(10)}


@pytest.mark.parametrize("counts", [[66, 33], [120, -20]])
def test_figures_that_do_not_make_a_hundred_are_refused(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="not a hundred"):
        hundred(counts, ["A", "B"], [theme.TODAY, theme.THIRD], ["a", "b"])


def test_intervals_are_drawn_where_they_are() -> None:
    thin, thick, point = every_figure()["spans"].data
    assert list(thin.x) == [170.0, 440.0]
    assert list(thick.x) == [288.0, 295.0]
    assert list(point.x) == [290.0]
    assert thick.line.width > thin.line.width


def test_bars_end_at_their_values() -> None:
    figure = every_figure()["bars"]
    assert max(figure.data[0].x) == 206.0
    assert list(figure.data[1].x) == [203.0, 209.0]
    assert max(figure.data[2].x) == 4.3
    assert any(shape.x0 == 100.0 for shape in figure.layout.shapes), "the centre line is missing"


def test_a_row_without_intervals_has_no_whiskers() -> None:
    assert len(bars(["a"], [0.0], [1.0], [theme.GREY], axis_title="x").data) == 1


def test_lines_by_year_keep_values_and_whiskers_apart() -> None:
    whisker, line = every_figure()["years"].data
    assert list(whisker.y) == [0.5e6, 2e6]
    assert list(line.y) == [1e6, 2.5e6]
    assert line.name == "Half &lt;of&gt; the gap"
    assert every_figure()["years"].layout.yaxis.range[1] >= 2.5e6


def test_the_curve_marks_its_points() -> None:
    line, central, zero = every_figure()["curve"].data
    assert list(line.x) == [0.0, 0.25, 0.5]
    assert (central.x[0], central.y[0]) == (0.2, -750.0)
    assert (zero.x[0], zero.y[0]) == (0.4, 0.0)


@pytest.mark.parametrize(
    ("low", "high", "prefix", "wanted"),
    [
        (0.0, 13.1e6, "£", ["£0", "£5m", "£10m"]),
        (-1500.0, 400.0, "", ["−1,500", "−1,000", "−500", "0"]),
        (0.0, 52_000.0, "£", ["£0", "£20k", "£40k"]),
        (0.0, 1.1e6, "£", ["£0.0m", "£0.5m", "£1.0m"]),
    ],
)
def test_ticks_are_round_and_said_as_people_say_them(low: float, high: float, prefix: str, wanted: list[str]) -> None:
    said = ticks(low, high, prefix)["ticktext"]
    assert said == [("£0" if text == "£0.0m" else text) for text in wanted]


@given(st.floats(-1e7, 1e7), st.floats(0.01, 1e7), st.integers(4, 8), st.sampled_from(["", "£"]))
def test_ticks_lie_inside_and_differ(low: float, width: float, most: int, prefix: str) -> None:
    found = ticks(low, low + width, prefix, most)
    values = found["tickvals"]
    assert 1 <= len(values) <= most + 1
    assert all(low - width * 1e-6 <= value <= low + width * (1 + 1e-6) for value in values)
    assert all(two > one for one, two in pairwise(values))


def test_a_box_stands_below_all_its_parents_and_beside_lines_that_pass() -> None:
    assert levels(JOINING)["funded"] == 4
    places = columns(JOINING)
    assert places["on"] == (3, 1, 3), "the way from the home visit keeps a place in the third row"
    assert places["a"][1] < places["b"][1], "those who leave stand left"
    for row in {place[0] for place in places.values()}:
        inside = [place[1] for place in places.values() if place[0] == row]
        assert len(set(inside)) == len(inside)


@pytest.mark.parametrize("draw", [flow_picture, flow_outline])
def test_every_box_is_drawn_with_its_figures(draw: Any) -> None:
    figure = draw(JOINING, theme.TODAY, theme.TINT_TODAY, "words")
    texts = " ".join(note.text.replace("<br>", " ") for note in figure.layout.annotations)
    for box in JOINING:
        assert f"<b>{box.figures[0]}</b>" in texts
        assert box.title in texts
    boxes = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert len(boxes) == len(JOINING)
    assert [shape.fillcolor for shape in boxes].count(theme.TINT_TODAY) == 1, "one box is the one to look for"


def test_flow_lines_have_one_scale() -> None:
    figure = flow_picture(JOINING, theme.TODAY, theme.TINT_TODAY, "words")
    widths = [shape.line.width for shape in figure.layout.shapes if shape.type == "path"]
    wanted = [max(1.5, THICKEST * share) for box in JOINING for share in box.parents.values()]
    assert widths == pytest.approx(wanted)


def test_boxes_of_the_outline_do_not_overlap() -> None:
    figure = flow_outline(JOINING, theme.TODAY, theme.TINT_TODAY, "words")
    boxes = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert all(above.y1 < below.y0 for above, below in pairwise(boxes))
    assert all(box.x0 >= 0 and box.x1 <= figure.layout.xaxis.range[1] for box in boxes)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=200), st.integers(90, 600))
def test_broken_lines_fit(text: str, pixels: int) -> None:
    most = max(8, int(pixels / (theme.SMALLEST * theme.WIDE_CHARACTER)))
    lines = wrapped(text, pixels)
    assert all(len(line) <= most for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


GRAPHS = st.integers(2, 14).flatmap(
    lambda n: st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1, max_size=30).map(
        lambda pairs: ([f"s{i}" for i in range(n)], [(f"s{a}", f"s{b}") for a, b in pairs])
    )
)


@settings(max_examples=60, deadline=None)
@given(GRAPHS)
def test_any_graph_is_laid_out_downwards_without_overlap(graph: tuple[list[str], list[tuple[str, str]]]) -> None:
    stops, ways = graph
    back = back_ways(stops, ways)
    forward: nx.DiGraph[str] = nx.DiGraph([way for way in ways if way not in back])
    assert nx.is_directed_acyclic_graph(forward)
    layout = arrange(stops, ways)
    assert all(layout.layer[start] < layout.layer[end] for start, end in ways if (start, end) not in back)
    for row in set(layout.layer.values()):
        places = sorted(layout.place[stop] for stop in stops if layout.layer[stop] == row)
        assert all(two - one >= SPACE - 1e-6 for one, two in pairwise(places))


def test_a_graph_without_loops_has_no_ways_back() -> None:
    assert back_ways(["a", "b", "c"], [("a", "b"), ("a", "c"), ("b", "c")]) == set()
    assert back_ways(["a", "b"], [("a", "b"), ("b", "a")]) == {("b", "a")}
    assert back_ways(["a"], [("a", "a")]) == {("a", "a")}
