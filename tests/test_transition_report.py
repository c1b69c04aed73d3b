"""The page of a transition says what its tables say, with both ranges, and promises nothing that they do not hold."""

from __future__ import annotations

import functools
import json
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from built import KINDS, once
from report_page import MOST_WORDS, Page, edit, noted, of_a_copy, said_as_they_are, same_as_in_tables
from report_page import section as part
from test_report import FORBIDDEN

from experiments.charts.change import near_by_month
from experiments.charts.curves import Line
from experiments.charts.targets import against_target, steps
from experiments.pack.blocks import Picture, blocks_of
from experiments.pack.pictures import drawings
from experiments.report import build_report, pages_of
from experiments.report.results import Results
from experiments.report.transition_facts import Seen, near_end, percent_span
from experiments.report.words import Number, percent, pounds
from experiments.summary import summary
from experiments.theme import FOURTH, PROPOSED, THIRD, TODAY, WHITE

PARTS = [
    "answer",
    "flows",
    "people",
    "ledger",
    "waits",
    "time",
    "money",
    "vehicles",
    "change",
    "work",
    "who",
    "checking",
    "after",
]
OVER, LEAD = "in_house.transformation", "public_service_mutual.rapid"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A twentieth of the shipped experiment, with the culture model beside the S-curve."""
    return once(tmp_path_factory, "transition", KINDS["transition"])


@pytest.fixture(scope="module")
def page(results: Path) -> Page:
    return Page.of(results)


@pytest.fixture(scope="module")
def ranged(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same results with the ranges that only many runs give: from 20% below to 40% above the mean."""
    copy = Path(shutil.copytree(results, tmp_path_factory.mktemp("ranged") / "copy"))
    put_ranges(copy)
    build_report(copy)
    return copy


Changed = Callable[..., Page]


@pytest.fixture
def changed(ranged: Path, tmp_path: Path) -> Changed:
    """The page of a copy of the results with ranges, changed again."""
    return lambda *changes: of_a_copy(ranged, tmp_path / "copy", *changes)


told = partial(noted, "transition")


def put_ranges(folder: Path) -> None:
    pairs = {
        "delivery": [("delivered", "chance_low", "chance_high", 0.1), ("delivered", "low", "high", 0.4),
                     ("delivered_share", "share_low", "share_high", 0.4)],
        "transition_years": [("difference", "difference_chance_low", "difference_chance_high", 0.1),
                             ("difference", "difference_low", "difference_high", 0.4)],
        "months": [("mean", "low", "high", 0.1), ("difference", "difference_low", "difference_high", 0.4)],
        "transition_ledger": [("difference", "difference_low", "difference_high", 0.3)],
    }  # fmt: skip

    def filled(frame: pd.DataFrame, columns: list[tuple[str, str, str, float]]) -> pd.DataFrame:
        for mean, low, high, share in columns:
            frame[low], frame[high] = frame[mean] - share * frame[mean].abs(), frame[mean] + share * frame[mean].abs()
        return frame

    for name, columns in pairs.items():
        edit(name, lambda frame, columns=columns: filled(frame, columns))(folder)  # type: ignore[misc]


def cell(folder: Path, name: str, column: str, **keys: Any) -> float:
    frame = pd.read_csv(folder / "tables" / f"{name}.csv")
    for key, value in keys.items():
        frame = frame[frame[key] == value]
    assert len(frame) == 1, (name, keys)
    return float(frame[column].iloc[0])


LAST: dict[str, Any] = {"run": OVER, "financial_year": "2019/20"}
WHOLE: dict[str, Any] = {**LAST, "yardstick": "whole"}


def test_every_part_stands_in_its_order_with_a_short_headline(page: Page) -> None:
    assert page.sections == PARTS
    assert len(page.headlines) == len(PARTS)
    assert all(3 <= len(line.split()) <= MOST_WORDS for line in page.headlines), page.headlines
    assert all("(" not in line for line in page.headlines), "ranges stand apart"


def test_every_number_is_the_number_in_its_table_and_is_said_as_it_is(
    ranged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pd, "read_csv", functools.cache(pd.read_csv))  # thousands of numbers, a dozen files
    page = Page.of(ranged)
    assert same_as_in_tables(ranged, page) > 400
    assert said_as_they_are(page, 50_000) > 400


def test_the_headline_is_the_running_saving_against_what_is_asked(ranged: Path) -> None:
    line = Page.of(ranged).headlines[0]
    saving = cell(ranged, "delivery", "delivered", **WHOLE)
    assert cell(ranged, "delivery", "asked", **WHOLE) == 13_108_000
    if saving > 0:
        assert line == f"By March 2020, {pounds(Number(saving, ''))} of the £13.1m asked would be saved each year."
    else:
        assert line == "By March 2020, spending would be higher: no saving."


def _saving(value: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def go(frame: pd.DataFrame) -> pd.DataFrame:
        frame["delivered"] = value
        frame["chance_low"], frame["chance_high"] = value - 100_000.0, value + 100_000.0
        frame["low"], frame["high"] = value - 200_000.0, value + 2_000_000.0
        frame["drawn_median"] = value + 700_000.0
        return frame

    return go


def test_where_inputs_leave_the_sign_open_the_headline_says_so(changed: Changed) -> None:
    def wide(frame: pd.DataFrame) -> pd.DataFrame:
        return _saving(3_354_000.0)(frame).assign(low=-1_800_000.0)

    wanted = "£3.4m of the £13.1m asked would be saved by March 2020, possibly nothing."
    assert changed(edit("delivery", wide)).headlines[0] == wanted
    assert len(wanted.split()) <= MOST_WORDS


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (3_354_000.0, "By March 2020, £3.4m of the £13.1m asked would be saved each year."),
        (50_000.0, "By March 2020, no saving could be told from chance."),
        (-900_000.0, "By March 2020, spending would be higher: no saving."),
    ],
)
def test_a_saving_is_claimed_only_where_there_is_one(changed: Changed, value: float, wanted: str) -> None:
    assert changed(edit("delivery", _saving(value))).headlines[0] == wanted


def _moved(measure: str, by: float, spread: float = 0.1) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A line of every vehicle and year, that far from today's."""

    def go(frame: pd.DataFrame) -> pd.DataFrame:
        mine = (frame["measure"] == measure) & frame["difference"].notna()
        frame.loc[mine, "difference"] = by
        for low, high in (("difference_chance_low", "difference_chance_high"), ("difference_low", "difference_high")):
            frame.loc[mine, low], frame.loc[mine, high] = by - spread * abs(by), by + spread * abs(by)
        return frame

    return go


@pytest.mark.parametrize(
    ("started", "running", "spread", "wanted"),
    [
        (-9.0, -20.0, 0.1, "New packages fall first; the number in care follows slowly."),
        (9.0, -20.0, 0.1, "No fewer packages start, but fewer run in March 2020."),
        (-9.0, 20.0, 0.1, "Fewer packages start; the number in care does not fall by March 2020."),
        (9.0, 20.0, 0.1, "Neither new packages nor the number in care falls."),
        (-9.0, -20.0, 1.5, "Neither new packages nor the number in care clearly changes."),
    ],
)
def test_what_starts_and_what_runs_are_told_each_by_itself(
    changed: Changed, started: float, running: float, spread: float, wanted: str
) -> None:
    page = changed(
        edit("transition_years", _moved("packages_started", started, spread)),
        edit("transition_years", _moved("packages_running", running, spread)),
    )
    assert wanted in page.headlines
    way = {number: "fewer" if number < 0 else "more" for number in (started, running)}
    lag = page.read[page.read.index("What starts changes first") :].split(".")[0]
    assert re.search(rf"start today [^,]* {way[started]} would start", lag), lag
    assert re.search(rf"at its end [^,;]* {way[running]} would run", lag), lag


def test_every_picture_of_the_page_is_handed_out(results: Path) -> None:
    one, *_ = pages_of(Results(results))
    shown = {block.name for block in blocks_of(one.text) if isinstance(block, Picture)}
    assert len(shown) > 8 and {drawing.name for drawing in drawings(one.parts)} == shown


def test_without_ranges_no_saving_is_claimed(results: Path, tmp_path: Path) -> None:
    """Two replications say nothing of how sure a figure is."""
    page = of_a_copy(results, tmp_path / "copy")
    assert page.headlines[0] == "Too few runs were made to say what would be saved by March 2020."


def test_a_central_value_near_an_end_of_its_range_is_said_plainly(changed: Changed, tmp_path: Path) -> None:
    changed(edit("delivery", _saving(3_354_000.0)))
    text = part((tmp_path / "copy" / "report.html").read_text(encoding="utf-8"), "answer")
    assert (
        "The central value of the savings lies near the small end of its range: half of the sets of inputs give more "
        "than £4.1m." in text
    )
    assert "£3.2m to £5.4m" in text


@pytest.mark.parametrize(
    ("mean", "low", "high", "wanted"),
    [
        (5.0, 0.0, 10.0, ""), (1.0, 0.0, 10.0, "near the small end"), (9.5, 0.0, 10.0, "near the large end"),
        (12.0, 0.0, 10.0, "beyond the large end"), (-1.0, -10.0, 0.0, "near the small end"),
        (-12.0, -10.0, 0.0, "beyond the large end"),
    ],
)  # fmt: skip
def test_which_end_is_near(mean: float, low: float, high: float, wanted: str) -> None:
    def number(value: float) -> Number:
        return Number(value, "test")

    found = near_end(Seen(number(mean), None, (number(low), number(high))), "the figure", pounds)
    assert (str(found) if found is not None else "").count(wanted or "central") == (1 if wanted else 0)
    assert (found is None) == (not wanted)


def test_both_ranges_stand_on_the_first_screen_and_are_not_the_same(ranged: Path) -> None:
    text = part((ranged / "report.html").read_text(encoding="utf-8"), "answer")
    assert "By chance alone" in text and "With what we do not know" in text
    assert "All of this is at one transfer:" in text
    share = cell(ranged, "transition_runs", "share_of_gap", run=OVER)
    assert f"{share:.0%} of the gap to the target model's shares is closed" in text
    assert "Half of the gap" in text and "The whole gap" in text, "the other transfers stand beside"


def test_without_many_runs_no_range_is_made_up(page: Page) -> None:
    assert "not told: too few runs" in page.read
    assert "Too few runs to say whether the mutual and in-house differ." in page.headlines


@pytest.mark.parametrize(
    "sentence",
    [
        "would not go on to a Council-funded package",
        "What no other row takes is possibly unmet, and that row is always shown.",
        "Possibly unmet rests on assumptions",
        "a hub appointment within two weeks of the contact and a home visit within four",
        "Posts that the efficiency saving takes are gone",
        "That is the board's judgement of how much will come, no probability",
        "a behavioural hypothesis",
        "freed capacity and no cash",
        "Costs of change are not all published: they are missing here, not nought.",
        "the ratings are the board's judgement: they enter no figure of this report",
        "Net saving, net present value and ranking are withheld",
        "True only if",
        "What the model cannot say",
        "Fewer packages is not the same as less need.",
        "A scenario and no evidence",
        "Plans tend to promise too much.",
        "Two separate engines must give the same lives",
    ],
)
def test_what_must_be_said_is_said(page: Page, sentence: str) -> None:
    assert sentence in page.read


def test_words_that_mislead_are_absent(ranged: Path) -> None:
    read = Page.of(ranged).read
    for pattern in [*FORBIDDEN, "—", "probability of 85", "nobody would"]:
        found = re.search(pattern, read, flags=re.IGNORECASE)
        assert found is None, read[max(0, found.start() - 60) : found.end() + 30]


def test_the_ledger_keeps_the_possibly_unmet_even_at_nought(changed: Changed, tmp_path: Path) -> None:
    def none(frame: pd.DataFrame) -> pd.DataFrame:
        numbers = frame.select_dtypes("number").columns
        frame.loc[frame["row"] == "possibly_unmet", numbers] = 0.0
        return frame

    page = changed(edit("transition_ledger", none))
    assert "No change in possibly unmet need could be told from chance." in page.headlines
    text = part((tmp_path / "copy" / "report.html").read_text(encoding="utf-8"), "ledger")
    assert re.search(r"Possibly unmet 0 0 0 0 to 0", text)


def test_posts_today_less_gone_and_moved_are_the_posts_left(results: Path) -> None:
    frame = pd.read_csv(results / "tables" / "transition_workload.csv").dropna(subset=["posts"])
    assert len(frame) and (frame["posts_today"] - frame["posts_gone"] - frame["posts_moved"] == frame["posts"]).all()
    assert (frame.loc[frame["run"] == "today", ["posts_gone", "posts_moved"]] == 0).all().all()
    text = part((results / "report.html").read_text(encoding="utf-8"), "work")
    end = frame[(frame["run"] == OVER) & (frame["month"] == "2020-03")]
    for row in end.itertuples():
        assert f"{row.posts_today:.0f} {row.posts_gone:.0f} {row.posts_moved:.0f} {row.posts:.0f}" in text


def test_a_year_is_the_sum_of_its_months_and_a_stock_is_that_of_its_end(results: Path) -> None:
    months = pd.read_csv(results / "tables" / "months.csv")
    years = pd.read_csv(results / "tables" / "transition_years.csv")
    mine = months[months["run"].eq(OVER) & months["month"].between("2019-04", "2020-03")]
    for row in years[years["run"].eq(OVER) & years["financial_year"].eq("2019/20")].itertuples():
        of = mine[mine["measure"] == row.measure]
        for column in ("mean", "difference"):
            wanted = of[column].iloc[-1] if row.kind == "stock" else of[column].sum()
            assert getattr(row, column) == pytest.approx(wanted, rel=1e-9, abs=1e-6), (row.measure, column)


def test_the_waterfall_on_the_page_adds_up_to_the_penny(results: Path) -> None:
    text = part((results / "report.html").read_text(encoding="utf-8"), "money")
    table = text[text.index("From today's budget to target spend in 2019/20, prices") :]
    assert "(interaction)" in table and "not published" in table
    frame = pd.read_csv(results / "tables" / "waterfall.csv")
    steps_ = frame[frame["financial_year"] == "2019/20"].set_index("step")
    assert round(steps_["pounds"].iloc[:-1].sum(), 2) == steps_["pounds"]["target"]
    for name in ("budget", "growth", "interaction", "target"):
        assert f"£{abs(steps_['pounds'][name]):,.2f}" in table


def test_the_published_factor_stands_beside_the_share_delivered(ranged: Path) -> None:
    text = part((ranged / "report.html").read_text(encoding="utf-8"), "money")
    assert "The business case multiplies the target by 85%" in text and "(95% for others)" in text
    assert re.search(r"About −?\d+% of the savings asked come; the business case judged 85%\.", text)
    for asked in ("4,758,000", "9,265,000", "13,108,000", "2,379,000"):
        assert asked in text


def test_a_chance_of_meeting_the_target_has_both_parts_or_a_reason(changed: Changed, tmp_path: Path) -> None:
    def chances(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(p_met=0.125, p_met_at_central_inputs=0.05, share_of_variance_by_chance=0.2)

    page = changed(edit("delivery", chances), told(probabilities_refused=[]))
    text = part((tmp_path / "copy" / "report.html").read_text(encoding="utf-8"), "money")
    assert "Whole target 12 in 100 5 in 100 20%" in text
    assert "judgement multiplied by the target" in page.read
    shutil.rmtree(tmp_path / "copy")
    refused = changed(edit("delivery", chances), told(probabilities_refused=["prices/barnet_whole.pays_nothing"]))
    assert "No probability is given. Money may rest on an assumption without a range" in refused.read
    assert "12 in 100" not in part((tmp_path / "copy" / "report.html").read_text(encoding="utf-8"), "money")


@pytest.mark.parametrize(
    ("apart", "why", "wanted"),
    [
        (False, "they differ by months", "The evidence cannot tell the mutual and in-house apart."),
        (True, "one side of nought", "Only dates, scope and posts tell the mutual and in-house apart."),
        (None, "too few draws to say", "Too few runs to say whether the mutual and in-house differ."),
    ],
)
def test_vehicles_are_told_apart_only_by_what_tells_them(
    changed: Changed, apart: bool | None, why: str, wanted: str
) -> None:
    page = changed(told(told_apart=apart, verdict=why, lead_over={"mean": -800_000.0, "low": -2e6, "high": 1e5}))
    assert wanted in page.headlines
    assert "No figure says that one kind of organisation changes practice better than another." in page.read
    assert (f"be told apart: {why}." in page.read) == (apart is not None)


def spread(*shares: float) -> Callable[[Path], None]:
    """What is delivered at so many times what it was, and the ends of its ranges likewise."""
    value, chance_low, chance_high, low, high = shares

    def filled(frame: pd.DataFrame) -> pd.DataFrame:
        size, share = frame["delivered"].abs(), frame["delivered_share"].abs()
        return frame.assign(
            delivered=value * size, chance_low=chance_low * size, chance_high=chance_high * size, low=low * size,
            high=high * size, delivered_share=value * share, share_low=low * share, share_high=high * share,
        )  # fmt: skip

    return edit("delivery", filled)


@pytest.mark.parametrize(
    ("shares", "wanted"),
    [
        ((-1, -1.1, -0.9, -1.4, -0.6), "None of the savings asked come: spending rises; the business case judged 85%."),
        ((1, 0.9, 1.1, -0.4, 1.4), "of the savings asked come, possibly none; the business case judged 85%."),
        ((1, -0.1, 1.1, -0.4, 1.4), "No saving could be told from chance; the business case judged 85%."),
    ],
)
def test_the_heading_of_the_money_never_lets_less_than_nothing_come(
    changed: Changed, shares: tuple[float, ...], wanted: str
) -> None:
    page = changed(spread(*shares))
    assert any(wanted in line for line in page.headlines), page.headlines
    assert all(len(line.split()) <= MOST_WORDS for line in page.headlines)
    falls = shares[0] < 0
    assert ("nothing comes, and spending rises by" in page.read) == falls
    assert ("below nought, because spending would be higher" in page.read) == falls


def test_the_money_says_in_how_many_runs_anything_is_cashable(changed: Changed, tmp_path: Path) -> None:
    some = changed(told(cashable_in_pairs=1, pairs=2)).read
    assert "spending ends below today's budget in 1 of 2 runs at central inputs, and in the others nothing is" in some
    shutil.rmtree(tmp_path / "copy")
    assert "counted run by run" not in changed(told(cashable_in_pairs=2, pairs=2)).read


def test_a_step_of_a_rating_is_not_the_same_share_up_and_down(page: Page) -> None:
    assert "a HIGH 50% faster and a LOW 33% slower (S-curve), each against a MEDIUM" in page.read


def test_a_chance_of_coming_first_stands_only_beside_where_a_lead_ends(changed: Changed, page: Page) -> None:
    assert "First in the draws" not in page.read
    first = {run: {"share": 0.5, "low": 0.3, "high": 0.7} for run in (OVER, LEAD)}
    with_chance = changed(told(ranks_first=first))
    block = with_chance.read[with_chance.read.index("Where a lead would end") :]
    assert block.index("1,738,948") < block.index("First in the draws")


def test_dates_say_whether_they_are_printed_or_assumed(results: Path) -> None:
    text = part((results / "report.html").read_text(encoding="utf-8"), "vehicles")
    frame = pd.read_csv(results / "tables" / "transition_runs.csv")
    for row in frame[frame["headline"]].itertuples():
        assert row.route_title in text
    assert "Mar 2016 assumption" in text and "Dec 2016 printed" in text


def test_no_picture_has_more_than_four_lines_and_every_one_has_words_and_a_table(results: Path, page: Page) -> None:
    assert len(page.charts) >= 12
    for chart in page.charts:
        assert chart["role"] == "img" and len(chart["aria-label"]) > 40
        assert chart["section"] in page.tables
    assert len({chart["id"] for chart in page.charts}) == len(page.charts)
    html = (results / "report.html").read_text(encoding="utf-8")
    assert all((results / link).is_file() for link in page.links if link.startswith("tables/"))
    for legend in re.findall(r'<ul class="legend">(.*?)</ul>', html):
        assert legend.count("<li>") <= 4
    ids = re.findall(r'\bid="([^"]+)"', re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL))
    assert len(ids) == len(set(ids))


def alt(page: Page, name: str) -> str:
    """What a picture says to those who do not see it."""
    (found,) = [chart["aria-label"] for chart in page.charts if chart["id"] == f"chart-{name}"]
    return found


def names_of(page: Page) -> list[str]:
    """The pictures of a page, in its order."""
    return [chart["id"].removeprefix("chart-") for chart in page.charts]


def test_the_options_matrix_is_the_boards_and_says_so(results: Path, page: Page) -> None:
    frame = pd.read_csv(results / "tables" / "vehicle_ratings.csv")
    order = ["market_appetite", "can_be_delegated", "culture_and_process", "savings_and_income", "tested_elsewhere"]
    for title, mine in frame.groupby("title"):
        said = mine.set_index("criterion")["board_says"]
        assert f"{title}: {', '.join(said[name].lower() for name in order)}" in alt(page, "matrix")
    assert "Public service mutual: yes, yes, high, high, yes" in alt(page, "matrix")
    assert "the project board's own judgement" in page.read


def test_the_timeline_holds_printed_steps_and_says_where_none_is_printed(results: Path, page: Page) -> None:
    text = alt(page, "timeline")
    assert "(a) launch in shadow form Jun 2017; (b) launch as an independent company Nov 2017" in text
    assert "Launch in shadow form Jun 2017 printed Ten months after September 2016 is July 2017" in part(
        (results / "report.html").read_text(encoding="utf-8"), "vehicles"
    )
    frame = pd.read_csv(results / "tables" / "mobilisation.csv")
    assert set(frame["phase"]) == {"decided", "ready", "ready_at_last", "milestone", "starts", "full_scope"}
    taken = frame[frame["phase"] == "starts"].set_index(["vehicle", "route"])["month"]
    runs = pd.read_csv(results / "tables" / "transition_runs.csv")
    for row in runs[runs["headline"]].itertuples():
        assert taken[row.vehicle, row.route] == row.starts


def test_where_no_date_is_printed_the_timeline_says_so(changed: Changed) -> None:
    def unprinted(frame: pd.DataFrame) -> pd.DataFrame:
        kept = frame[(frame["vehicle"] != "in_house") | frame["phase"].isin(["starts", "full_scope"])]
        missing = {**frame.iloc[0], "phase": "ready", "month": "", "months": float("nan"), "status": "not published"}
        return pd.concat([pd.DataFrame([missing]), kept], ignore_index=True)

    page = changed(edit("mobilisation", unprinted))
    assert "In-house: Mar 2016, assumed; no date is printed" in alt(page, "timeline")
    assert "In-house Decision not published" in page.read


def test_where_a_lead_ends_is_drawn_only_where_it_was_worked_out(changed: Changed, page: Page, tmp_path: Path) -> None:
    assert not [name for name in names_of(page) if name.startswith("lead_")], "two replications settle nothing"
    of = "demand savings in all years together"

    def worked_out(folder: Path) -> None:
        leads = pd.DataFrame(
            {"of": of, "varied": "per cent faster change of practice", "at": [0.0, 50.0, 100.0],
             "lead": [-2e6, -1e6, 1e6], "low": [-3e6, -2e6, -0.5e6], "high": [-1e6, 0.5e6, 2e6], "interval": ""}
        )  # fmt: skip
        leads.to_parquet(folder / "tables" / "leads.parquet")
        leads.to_csv(folder / "tables" / "leads.csv", index=False)
        frame = pd.read_parquet(folder / "tables" / "reversal.parquet")
        row = {"of": of, "varied": "per cent faster change of practice", "point": 75.0, "leads": "above",
               "sentence": "Public service mutual leads In-house on average only above 75 per cent"}  # fmt: skip
        frame = pd.concat([frame, pd.DataFrame([row])], ignore_index=True)
        frame.to_parquet(folder / "tables" / "reversal.parquet")
        frame.to_csv(folder / "tables" / "reversal.csv", index=False)

    first = {run: {"share": 0.5, "low": 0.3, "high": 0.7} for run in (OVER, LEAD)}
    drawn = changed(worked_out, told(ranks_first=first))
    assert "at 50 −£1.0m (−£2.0m to £500,000)" in alt(drawn, "lead_in_all_years")
    assert "The dotted line is where the lead turns" in drawn.read
    order = names_of(drawn)
    assert order.index("lead_in_all_years") < order.index("printed_lead") < order.index("first_in_the_draws")
    shutil.rmtree(tmp_path / "copy")
    assert "first_in_the_draws" not in names_of(changed(worked_out)), "no rank where it is refused"
    shutil.rmtree(tmp_path / "copy")
    assert "first_in_the_draws" not in names_of(changed(told(ranks_first=first))), "no rank without where leads end"


def test_the_published_factor_is_drawn_beside_the_simulated_share(ranged: Path) -> None:
    text = alt(Page.of(ranged), "factors")
    runs = pd.read_csv(ranged / "tables" / "transition_runs.csv")
    assert text.count("judged 85%") + text.count("judged 95%") == runs["headline"].sum()
    share = cell(ranged, "delivery", "delivered_share", **WHOLE)
    assert f"In-house: judged 85%, simulated {percent(Number(share, ''))}" in text


def test_flows_and_hundreds_are_counted_from_what_people_met(results: Path, page: Page) -> None:
    met = {name: cell(results, "transition_years", "mean", run="today", financial_year="2019/20", measure=name)
           for name in ("resolved_at_first_contact", "referred_on", "full_assessment", "funded_package")}  # fmt: skip
    answered = met["resolved_at_first_contact"] + met["referred_on"]
    text = alt(page, "flow_today_wide")
    assert f"Contacts answered in 2019/20: {answered:,.0f}" in text
    share = met["funded_package"] / met["full_assessment"]
    assert f"Council-funded package: {met['funded_package']:,.0f} ({share:.0%})" in text
    said = re.search(r"(\d+) Council-funded package", alt(page, "hundred_today"))
    assert said is not None and abs(int(said[1]) - 100 * met["funded_package"] / answered) <= 1


def test_nobody_is_served_in_the_new_way_outside_what_is_in_scope(results: Path, page: Page) -> None:
    frame = pd.read_csv(results / "tables" / "adoption.csv")
    assert frame["in_scope"].between(0, 1).all() and (frame["adoption"] <= frame["in_scope"] + 1e-9).all()
    assert (frame["in_scope"] > 0).any() and "scope" in names_of(page)


def test_every_picture_has_a_title_of_at_most_14_words_of_its_own(results: Path) -> None:
    one, *_ = pages_of(Results(results))
    titles = [drawing.title for drawing in drawings([part_ for part_ in one.parts if part_.id != "who"])]
    assert all(len(title.split()) <= MOST_WORDS for title in titles), titles
    assert len(set(titles)) == len(titles), "two pictures with one title"


def test_the_summary_is_a_dozen_plain_lines_with_the_pages_words(ranged: Path) -> None:
    lines, page = summary(ranged), Page.of(ranged)
    assert page.headlines[0] in lines
    assert 8 <= len([line for line in lines if line]) <= 15
    assert lines[-1].endswith("report.html")
    text = "\n".join(lines)
    for word in ("By chance alone", "do not know", "Need possibly unmet", "no probability", "No ranking"):
        assert word in text


def test_another_kind_of_result_beside_it_has_the_report_and_this_a_page(changed: Changed, tmp_path: Path) -> None:
    def beside(folder: Path) -> None:
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["config"]["calibration"] = {}
        path.write_text(json.dumps(manifest), encoding="utf-8")

    assert "transition.html" in changed(beside).links
    assert '<a href="report.html">' in (tmp_path / "copy" / "transition.html").read_text(encoding="utf-8")


def test_a_target_is_an_upright_line_and_the_scale_holds_it() -> None:
    figure = against_target(["a"], [1e6], [(0.9e6, 1.1e6)], [None], [(5e6, 2.5e6)], axis_title="x")
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.x[0] == trace.x[1]]
    assert [(line.x[0], line.line.dash) for line in lines] == [(5e6, "solid"), (2.5e6, "dot")]
    assert figure.layout.xaxis.range[1] > 5e6 > 0 >= figure.layout.xaxis.range[0]


def test_steps_join_and_sums_begin_at_the_edge() -> None:
    figure = steps(["a", "b", "c", "d"], [None, 5.0, -2.0, None], [100.0, 105.0, 103.0, 103.0], axis_title="x")
    bars_ = [(min(trace.x), max(trace.x), trace.fillcolor) for trace in figure.data]
    edge = bars_[0][0]
    assert edge < 100
    assert bars_ == [(edge, 100.0, TODAY), (100.0, 105.0, PROPOSED), (103.0, 105.0, THIRD), (edge, 103.0, TODAY)]
    assert steps(["a", "b"], [None, 0.0], [1.0, 1.0], axis_title="x").data[1].fillcolor == WHITE


def test_differences_by_month_have_a_line_at_nought_inside_the_scale() -> None:
    months = [f"2016-{month:02d}" for month in range(4, 13)]
    line = Line("a", list(np.linspace(-1, -9, 9)), [(-12.0, -0.5)] * 9, FOURTH)
    figure = near_by_month(months, [line], nought=True)
    low, high = figure.layout.yaxis.range
    assert low < -12 and high > 0 and figure.layout.shapes[0].y0 == 0
    assert not near_by_month(months, [line]).layout.shapes


@pytest.mark.parametrize(
    ("low", "high", "wanted"), [(-0.004, 0.02, "0% to 2%"), (-0.1, 0.5, "−10% to 50%"), (0.03, 0.45, "3% to 45%")]
)
def test_shares_are_said_as_whole_per_cent(low: float, high: float, wanted: str) -> None:
    assert str(percent_span(Number(low, ""), Number(high, ""))) == wanted
