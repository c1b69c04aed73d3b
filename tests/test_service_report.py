"""The page of a whole service says whether it holds together, names what does not, and hides no possibly unmet need."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from conftest import Toys
from report_page import (
    MOST_WORDS,
    Change,
    Page,
    edit,
    noted,
    of_a_copy,
    said,
    said_as_they_are,
    same_as_in_tables,
)
from report_page import section as part
from test_report import FORBIDDEN
from test_service_experiment import written

from experiments.charts import Held, by_month, held_against
from experiments.charts.curves import Line
from experiments.charts.months import month_name
from experiments.experiment import run_experiment
from experiments.report import service_facts
from experiments.report.words import Number
from experiments.summary import summary
from experiments.theme import PROPOSED, THIRD, TODAY

PARTS = ["answer", "checks", "care", "spend", "contacts", "waits", "ledger", "indicators", "work", "who", "checking"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small service: one check of two is outside, both teams have limits."""
    folder = tmp_path_factory.mktemp("service_report")
    return run_experiment(written(Toys(folder)), folder / "results", 1, False, quiet=True)


@pytest.fixture(scope="module")
def page(results: Path) -> Page:
    return Page.of(results)


Changed = Callable[[Change], Page]


@pytest.fixture
def changed(results: Path, tmp_path: Path) -> Changed:
    """The page of a copy of the results that was changed."""
    return lambda change: of_a_copy(results, tmp_path / "copy", change)


outcome = partial(noted, "service", "outcome")


def test_the_report_of_a_service_is_the_report(results: Path, page: Page) -> None:
    assert page.sections == PARTS
    assert not (results / "service.html").exists()
    assert summary(results)[-1].endswith("report.html")


def test_the_first_screen_says_yes_and_names_what_lies_outside(results: Path, page: Page) -> None:
    assert page.headlines[0] == "Yes: 1 of 2 published figures come out; up to 1 may not."
    first = part((results / "report.html").read_text(encoding="utf-8"), "answer")
    assert "Outside what is near enough (up to 1 may be):" in first
    assert re.search(r"Far off: [\d.,]+ simulated, 5,000 published; near enough is 4,999 to 5,001", first)
    assert "Could have failed 0 of 1 figures that set no input come out" in first
    assert "Set inputs 1 of 1 come out because they were put in" in first


def test_with_nothing_outside_it_says_so(changed: Changed) -> None:
    def mend(folder: Path) -> None:
        edit("checks", lambda frame: frame.assign(verdict="inside"))(folder)
        outcome(inside=2, outside=[])(folder)

    page = changed(mend)
    assert page.headlines[0] == "Yes: all 2 published figures come out near enough."
    assert "None of them lies outside what is near enough; up to 1 may." in page.read


@pytest.mark.parametrize(
    ("verdict", "must", "wanted"),
    [
        ("outside", True, "No: a figure that must hold lies outside what is near enough."),
        ("not simulated", True, "No: a figure that must hold cannot be measured in these runs."),
        ("outside", False, "No: only 1 of 2 published figures come out near enough."),
    ],
)
def test_a_baseline_that_does_not_hold_together_is_told_first(
    changed: Changed, verdict: str, must: bool, wanted: str
) -> None:
    def spoil(folder: Path) -> None:
        far = ["inside", verdict]
        edit("checks", lambda frame: frame.assign(verdict=far, must_hold=[False, must]))(folder)
        outcome(coherent=False, outside_that_must_hold=["Far off"] if must else [])(folder)

    assert changed(spoil).headlines[0] == wanted


def test_a_service_without_checks_claims_nothing(changed: Changed) -> None:
    def empty(folder: Path) -> None:
        edit("checks", lambda frame: frame.iloc[:0])(folder)
        outcome(checks=0, inside=0, outside=[])(folder)

    page = changed(empty)
    assert page.headlines[0] == "The service ran; no published figures were given to hold it against."
    assert "checks" not in page.sections


def test_what_could_have_failed_stands_apart_from_what_set_inputs(results: Path) -> None:
    text = part((results / "report.html").read_text(encoding="utf-8"), "checks")
    before, _, after = text.partition("Set inputs Inputs were set with these figures.")
    assert "Far off" in before and "Contacts" not in before
    assert "Contacts" in after and "Far off" not in after
    assert "Nobody believes it" in before, "notes stand with their figures"


def test_possibly_unmet_is_always_shown_and_said_to_rest_on_assumptions(changed: Changed, page: Page) -> None:
    for text in (page.read, changed(edit("ledger", _nobody)).read):
        assert "What no other row takes is possibly unmet, and that row is always shown." in text
        assert "Possibly unmet rests on assumptions" in text
        assert "Need possibly unmet" in text


def _nobody(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = frame.select_dtypes("number").columns
    frame.loc[frame["need"] == "possibly_unmet", numbers] = 0.0
    return frame


def test_no_possibly_unmet_need_is_never_rounded_to_nobody(changed: Changed) -> None:
    page = changed(edit("ledger", _nobody))
    assert "Possibly unmet need came up for hardly anyone in these runs." in page.headlines


def test_waits_are_told_where_teams_have_limits(results: Path, page: Page) -> None:
    waits = next(line for line in page.headlines if "9 in 10 wait at most" in line)
    frame = pd.read_csv(results / "tables" / "waits.csv")
    here = frame[(frame["since"] == "joining") & (frame["financial_year"] == "2014/15") & (frame["what"] == "p90_days")]
    shown = said(waits.split("at most")[1])
    assert shown == pytest.approx(here["mean"].max(), abs=0.051)
    assert "a hub appointment within two weeks of the contact and a home visit within four" in page.read or (
        "hub appointments or home visits" in page.read
    )


def test_without_limits_on_staff_it_says_that_waits_are_not_modelled(changed: Changed) -> None:
    page = changed(edit("work", lambda frame: frame.assign(available=float("nan"), share_used=float("nan"))))
    assert "Waits for staff are not modelled: every team has somebody free at once." in page.headlines
    assert "a wait of nought days says nothing" in page.read


def test_lists_that_grow_without_end_are_named_on_the_first_screen(changed: Changed) -> None:
    def grow(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[frame["stage"] == "wait", "verdict"] = "grows without end"
        return frame

    page = changed(edit("settled", grow))
    first = page.read[: page.read.index("Questions answered here")]
    assert "Lists that grow without end. Wait: people come faster than they can be seen." in first
    assert "Wait grows without end:" in page.read


def alt(page: Page, name: str) -> str:
    """What a picture says to those who do not see it."""
    (found,) = [chart["aria-label"] for chart in page.charts if chart["id"] == f"chart-{name}"]
    return found


def test_an_indicator_is_drawn_beside_its_target(results: Path, page: Page) -> None:
    frame = pd.read_csv(results / "tables" / "indicators.csv").set_index("indicator")
    mean = service_facts.say(Number(frame.loc["resolved", "mean"], "test"), service_facts.SHARE).text
    assert f": simulated {mean}, published: none printed, target: 70%" in alt(page, "indicators_shares")
    assert "chart-indicators_others" not in [chart["id"] for chart in page.charts], "it has neither value nor target"


def test_hours_stand_against_capacity_where_a_team_has_a_limit(results: Path, page: Page) -> None:
    frame = pd.read_csv(results / "tables" / "work.csv")
    limited = frame.dropna(subset=["available"])
    for team, rows in limited.groupby("team"):
        low, high = rows["available"].min(), rows["available"].max()
        assert f"Hours on the roster: {low:,.0f} to {high:,.0f} hours a month" in alt(page, f"work_{team}")
    free = set(frame["team"]) - set(limited["team"])
    assert bool(free) == ("chart-work" in [chart["id"] for chart in page.charts])


def test_every_number_is_the_number_in_its_table_and_is_said_as_it_is(results: Path, page: Page) -> None:
    assert same_as_in_tables(results, page) > 200
    assert said_as_they_are(page) > 200


def test_the_page_needs_no_network_and_its_data_is_there(results: Path, page: Page) -> None:
    text = (results / "report.html").read_text(encoding="utf-8")
    assert text.count("* plotly.js v") == 1
    outside = [
        value
        for _, key, value in page.attributes
        if key in ("src", "href", "action", "poster")
        and not value.startswith(("#", "tables/", "data:,"))
        and value not in {path.name for path in results.glob("*.html")}
    ]
    assert not outside
    assert all((results / link).is_file() for link in page.links if link.startswith("tables/"))


def test_every_chart_has_words_and_a_table_beside_it(page: Page) -> None:
    assert len(page.charts) >= 7
    for chart in page.charts:
        assert chart["role"] == "img" and len(chart["aria-label"]) > 40
        assert chart["section"] in page.tables
    assert len({chart["id"] for chart in page.charts}) == len(page.charts)


def test_headlines_are_short_and_words_that_mislead_are_absent(page: Page) -> None:
    assert len(page.headlines) == len(page.sections)
    assert all(3 <= len(headline.split()) <= MOST_WORDS for headline in page.headlines), page.headlines
    for pattern in FORBIDDEN:
        assert not re.search(pattern, page.read, flags=re.IGNORECASE), pattern
    assert "would not go on to a Council-funded package" in page.read


def test_a_service_beside_a_calibration_has_a_page_of_its_own(changed: Changed, tmp_path: Path) -> None:
    def beside(folder: Path) -> None:
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["config"]["calibration"] = {}
        path.write_text(json.dumps(manifest), encoding="utf-8")

    page = changed(beside)
    assert "service.html" in page.links
    assert '<a href="report.html">' in (tmp_path / "copy" / "service.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [(6633.4, "count", "6,633"), (72.46, "count", "72.5"), (75.0, "count", "75"), (0.0944, "share", "9.4%"),
     (1.0, "share", "100%"), (40_050_000.0, "pounds", "£40.05m"), (147_063.6, "pounds", "£147,064"),
     (-0.01, "count", "0"), (float("nan"), "count", "not known")],
)  # fmt: skip
def test_figures_are_said_in_full(value: float, kind: str, wanted: str) -> None:
    assert str(service_facts.say(Number(value, "test"), kind)) == wanted


def test_an_interval_of_what_cannot_be_negative_stops_at_nought() -> None:
    row = {"mean": 1.0, "year_low": -2.0, "year_high": 4.0}
    found = service_facts.told("service", row, {"measure": "x"})
    assert found is not None and str(found.span) == "0 to 4"
    assert found.interval is not None and found.interval[0].source.startswith("computed")


def test_a_line_over_months_marks_the_start_and_every_twelfth_month() -> None:
    months = ["start", *(f"2014-{m:02d}" for m in range(4, 13)), "2015-01", "2015-02", "2015-03"]
    line = Line("Older people", [10.0] * 13, [(9.0, 11.0)] * 13, TODAY)
    figure = by_month(months, [line], start=True)
    assert [shape.x0 for shape in figure.layout.shapes] == [0]
    assert list(figure.layout.xaxis.ticktext) == ["start", "Mar 2015"]
    assert list(figure.data[-1].x) == [0, 12]
    assert not by_month(months[1:], [Line("a", [1.0] * 12, [None] * 12, TODAY)], start=False).layout.shapes
    assert month_name("2016-04") == "Apr 2016"


def test_a_figure_outside_has_another_mark_and_text_is_never_orange_or_teal() -> None:
    rows = [Held(2.0, (1.0, 3.0), (-5.0, 5.0), True), Held(30.0, None, None, False)]
    figure = held_against(["Inside", "Outside"], rows, axis_title="per cent")
    marks = [trace.marker.symbol for trace in figure.data if trace.mode == "markers"]
    assert marks == ["circle", "x"]
    fonts = json.dumps([note.font.to_plotly_json() for note in figure.layout.annotations])
    assert PROPOSED not in fonts and THIRD not in fonts
