"""The report says what the tables say, in a reader's words, and needs nothing but its own file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_page import MOST_WORDS, Page, said, said_as_they_are, same_as_in_tables
from small_experiment import CALIBRATION_ONLY, SMALL, made

from experiments.report import build_report, words
from experiments.report.measured_flow import TITLES
from experiments.report.people import per_hundred
from experiments.report.results import Results
from experiments.report.words import Number
from experiments.summary import summary
from simulation.errors import DemandflowError

ROOT = Path(__file__).resolve().parent.parent
PARTS = ["answer", "flows", "people", "time", "money", "change", "who", "checking", "after"]


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished small experiment with every part."""
    return made(tmp_path_factory.mktemp("small"), "small", SMALL)


@pytest.fixture(scope="session")
def page(results: Path) -> Page:
    """Its report, taken apart."""
    return Page.of(results)


@pytest.fixture
def copied(results: Path, tmp_path: Path) -> Path:
    """A copy of the results that a test may spoil."""
    return Path(shutil.copytree(results, tmp_path / "copy"))


def test_every_number_in_the_report_is_the_number_in_its_table(results: Path, page: Page) -> None:
    assert same_as_in_tables(results, page) > 300


def test_every_number_is_said_as_it_is_rounded_only(page: Page) -> None:
    assert said_as_they_are(page) > 300


def test_signs_are_kept_where_they_are_shown(page: Page) -> None:
    signed = [(float(value), text) for value, _, text in page.numbers if text[:1] in "−+"]
    assert len(signed) > 20
    assert all((value < 0) == text.startswith("−") for value, text in signed)


def test_headlines_have_at_most_14_words_and_one_stands_in_each_part(page: Page) -> None:
    assert len(page.headlines) == len(page.sections) == len(PARTS)
    for headline in page.headlines:
        assert 3 <= len(headline.split()) <= MOST_WORDS, headline


def test_the_headline_is_the_difference_of_the_headline_scenario(results: Path, page: Page) -> None:
    frame = pd.read_csv(results / "tables" / "comparison.csv")
    row = frame[(frame["measure"] == "funded_package") & (frame["transfer"] == "harrow")].iloc[0]
    assert row["difference"] < 0
    count = said(page.headlines[0].split("about", 1)[1])
    assert count == pytest.approx(-row["difference"], rel=0.06)
    assert "fewer packages would start a year" in page.headlines[0]
    share = pd.read_csv(results / "tables" / "transfers.csv").set_index("transfer")["share_of_gap"]["harrow"]
    assert f"If {share:.0%} of the gap closed" in page.headlines[0]
    assert "(" not in page.headlines[0], "the interval stands apart"


FORBIDDEN = [
    r"no longer need", r"no longer require", r"\bcases\b", r"statistically", r"\bgain",
    r"(?<![“‘'\w])resolved(?![”’'\w])",
]  # fmt: skip


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_words_that_mislead_are_absent(page: Page, pattern: str) -> None:
    found = [
        page.read[max(0, hit.start() - 60) : hit.end() + 30]
        for hit in re.finditer(pattern, page.read, flags=re.IGNORECASE)
    ]
    assert not found


@pytest.mark.parametrize(
    "sentence",
    [
        "If Barnet's contacts were answered as Shropshire records,",
        "this is not an estimate of effect.",
        "By chance alone",
        "With what we do not know",
        "True only if",
        "What the model cannot say",
        "would not go on to a Council-funded package",
        "Contacts are not people.",
        "possibly unmet",
        "Not modelled",
        "What came out because it was put in",
        "What could have failed",
        "net changes",
        "gross",
    ],
)
def test_what_must_be_said_is_said(page: Page, sentence: str) -> None:
    assert sentence in page.read


def test_conditions_and_limits_of_the_experiment_are_shown(results: Path, page: Page) -> None:
    config = json.loads((results / "manifest.json").read_text(encoding="utf-8"))["config"]
    for sentence in config["true_only_if"] + config["cannot_say"]:
        assert words.careful(sentence) in page.read
    for row in pd.read_csv(results / "tables" / "not_modelled.csv").itertuples():
        assert words.careful(str(row.why)) in page.read


def test_every_input_is_listed_with_its_file_and_line(results: Path, page: Page) -> None:
    for row in pd.read_csv(results / "tables" / "inputs.csv").itertuples():
        assert f"{row.file}, line {row.line}" in page.read


def test_the_page_needs_no_network(results: Path, page: Page) -> None:
    text = (results / "report.html").read_text(encoding="utf-8")
    assert text.count("* plotly.js v") == 1, "plotly.js must be inside once"
    outside = [
        (tag, value)
        for tag, key, value in page.attributes
        if key in ("src", "href", "action", "poster")
        and not value.startswith(("#", "tables/", "data:,"))
        and value not in {path.name for path in results.glob("*.html")}
    ]
    assert not outside
    assert not re.search(r"@import|url\(\s*['\"]?http", re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))


def test_links_to_data_lead_to_files(results: Path, page: Page) -> None:
    data = [link for link in page.links if link.startswith("tables/")]
    assert page.sections == PARTS
    assert len(data) >= len(page.sections)
    assert all((results / link).is_file() for link in data)


def test_every_chart_has_words_and_a_table_beside_it(page: Page) -> None:
    assert len(page.charts) >= 9
    for chart in page.charts:
        assert chart["role"] == "img"
        assert len(chart["aria-label"]) > 40
        assert chart["section"] in page.tables
    names = [chart["id"] for chart in page.charts]
    assert len(set(names)) == len(names)


def test_flow_pictures_show_what_is_simulated_and_published(results: Path, page: Page) -> None:
    alt = next(chart["aria-label"] for chart in page.charts if chart["id"] == "chart-flow_barnet_2014_15_wide")
    frame = pd.read_csv(results / "tables" / "flows.csv")
    own = frame[(frame["model"] == "barnet_2014_15") & (frame["population"] == "own")].set_index(["stage", "branch"])
    for at in (("first_contact", "referred"), ("social_work", "full_assessment"), ("funding", "funded")):
        row = own.loc[at]
        assert f"{row['n_mean']:,.0f} ({row['share_mean']:.0%}), published: {row['n_published']:,.0f}" in alt
    assert "Care home" not in alt, "the picture stops where a package begins"
    other = next(chart["aria-label"] for chart in page.charts if chart["id"] == "chart-flow_shropshire_p2p_wide")
    assert "“Resolved” at the hub" in other


def chart(page: Page, name: str) -> str:
    """What a picture says to those who do not see it."""
    (found,) = [one["aria-label"] for one in page.charts if one["id"] == f"chart-{name}"]
    return found


def test_packages_by_month_are_the_sums_of_the_census(results: Path, page: Page) -> None:
    census = pd.read_csv(results / "tables" / "census.csv")
    headline = Results(results).headline
    words_ = chart(page, "packages_by_month")
    for name, transfer in (("Today", "none"), ("Proposed", headline)):
        total = census[census["transfer"] == transfer].groupby("month")["packages_mean"].sum()
        month = f"{total.iloc[0]:,.0f} in"
        assert f"{name}: {month}" in words_
        assert f"{total.iloc[-1]:,.0f} in" in words_


def test_the_difference_is_drawn_at_each_box_with_its_interval(results: Path, page: Page) -> None:
    frame = pd.read_csv(results / "tables" / "comparison.csv")
    frame = frame[frame["transfer"] == Results(results).headline].set_index("measure")
    words_ = chart(page, "flow_difference_wide")
    for measure, title in TITLES.items():
        row = frame.loc[measure]
        number = [words.signed(Number(row[column], "test")).text for column in ("difference", "low", "high")]
        assert f"{title}: {number[0]}, {number[1]} to {number[2]}" in words_
    assert chart(page, "flow_difference_narrow") == words_


def test_hospital_and_community_stand_apart(results: Path, page: Page) -> None:
    frame = pd.read_csv(results / "tables" / "sources.csv")
    for row in frame[frame["population"] == "own"].itertuples():
        assert f"{row.contacts:,.0f} contacts, {row.funded_package:,.0f} go on" in chart(page, "contacts_by_source")


def test_uncertain_figures_are_grey(results: Path) -> None:
    text = (results / "report.html").read_text(encoding="utf-8")
    frame = pd.read_csv(results / "tables" / "ranges.csv")
    row = frame[(frame["measure"] == "funded_package") & (frame["transfer"] == "harrow")].iloc[0]
    value = pd.read_csv(results / "tables" / "comparison.csv").query(
        "measure == 'funded_package' and transfer == 'harrow'"
    )["difference"].iloc[0]  # fmt: skip
    wide = row["high"] - row["low"] > 0.5 * abs(value)
    first = text[text.index("<h3>Packages</h3>") :][:60]
    assert ('class="big grey"' in first) == wide


def test_parts_without_anything_to_say_are_left_out(copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    del manifest["config"]["calibration"]
    (copied / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    flows = pd.read_parquet(copied / "tables" / "flows.parquet")
    flows[flows["population"] != "own"].to_parquet(copied / "tables" / "flows.parquet")
    (copied / "tables" / "like_for_like.parquet").unlink()
    (copied / "tables" / "savings.parquet").unlink()
    build_report(copied)
    assert Page.of(copied).sections == ["answer", "people", "time", "change", "who", "checking", "after"]


def test_without_draws_of_the_inputs_it_says_so(copied: Path) -> None:
    (copied / "tables" / "ranges.parquet").unlink()
    build_report(copied)
    page = Page.of(copied)
    assert "Not worked out in this experiment." in page.read
    assert "With what we do not know 1" not in page.read


def test_a_calibration_alone_has_a_report_and_a_summary(tmp_path: Path) -> None:
    folder = made(tmp_path, "calibration_only", CALIBRATION_ONLY)
    page = Page.of(folder)
    assert page.sections == ["answer", "flows", "checking"]
    assert "Do the published pictures come out?" in page.read
    assert "published counts lie inside" in page.headlines[0]
    assert page.headlines[0] in summary(folder)


def test_a_report_that_cannot_be_made_leaves_the_old_one(copied: Path) -> None:
    before = (copied / "report.html").read_bytes()
    for path in (copied / "tables").glob("*.parquet"):
        path.write_text("no table")
    with pytest.raises(DemandflowError, match=r"no page could be built\. The part 'answer'.*arquet"):
        build_report(copied)
    assert (copied / "report.html").read_bytes() == before
    assert not list(copied.glob(".part-*"))


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DemandflowError, match=r"holds no whole manifest\.json"):
        build_report(tmp_path)


def test_text_from_configs_is_escaped(copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    manifest["title"] = "<script>alert(1)</script>"
    manifest["config"]["true_only_if"] = ["<b>bold</b> & more"]
    (copied / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    build_report(copied)
    text = (copied / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in text
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in text


@pytest.mark.slow
def test_the_same_results_give_the_same_page_in_another_process(copied: Path, results: Path) -> None:
    # Sets of text are ordered anew in each process.
    for seed in ("1", "2"):
        code = "import pathlib, sys, experiments.report as r; r.build_report(pathlib.Path(sys.argv[1]))"
        subprocess.run(
            [sys.executable, "-c", code, str(copied)], check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        assert (copied / "report.html").read_bytes() == (results / "report.html").read_bytes()


def test_the_summary_says_the_headline_both_intervals_and_the_place(results: Path, page: Page) -> None:
    lines = summary(results)
    assert page.headlines[0] in lines
    text = "\n".join(lines)
    assert "By chance alone" in text
    assert "do not know" in text
    assert lines[-1].startswith("Report: ")
    assert lines[-1].endswith("report.html")
    assert len(lines) < 15
    answer = Results(results)
    low = answer.need("comparison", "low", measure="funded_package", transfer="harrow")
    assert f"to {abs(low.value):.0f} fewer" in text


def number(value: float) -> Number:
    return Number(value, "test")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (-291.6, "about 290"),
        (1984.2, "about 2,000"),
        (4.3, "about 4"),
        (0.2, "fewer than 1"),
        (0.0, "none"),
        (15.6, "about 16"),
    ],
)
def test_counts_are_said_as_people_say_them(value: float, wanted: str) -> None:
    assert str(words.about(number(value))) == wanted


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (-294.97, -288.2, "288 to 295"),
        (-436.7, -173.7, "170 to 440"),
        (-100.0, 20.0, "20 more to 100 fewer"),
        (0.0, 0.0, "no change"),
        (187.0, 193.3, "187 to 193"),
    ],
)
def test_intervals_are_said_by_size_from_small_to_large(low: float, high: float, wanted: str) -> None:
    assert str(words.span(number(low), number(high))) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(4_291_138.6, "£4.3m"), (44_321.0, "£44,000"), (-1_200_000.0, "−£1.2m"), (960_000.0, "£1.0m"), (0.0, "£0")],
)
def test_money_is_said_as_people_say_it(value: float, wanted: str) -> None:
    assert str(words.pounds(number(value))) == wanted


def test_resolved_is_always_quoted() -> None:
    assert words.careful("Resolved at the hub") == "“Resolved” at the hub"
    assert words.careful("the source says 'resolved'; it") == "the source says 'resolved'; it"
    assert words.careful("unresolved, resolved_share") == "unresolved, resolved_share"
    assert words.humanised("hub_resolved_share") == "hub “resolved” share"


def test_a_phrase_is_plain_text_and_markup_at_once() -> None:
    made = words.phrase("{n} fewer in {place}", n=words.about(number(-290.0)), place="A & B")
    assert str(made) == "about 290 fewer in A & B"
    assert made.__html__() == '<data value="-290" data-from="test">about 290</data> fewer in A &amp; B'


@pytest.mark.parametrize(
    ("value", "low", "high", "wanted"), [(100, 75, 125, False), (100, 74, 125, True), (-100, -126, -75, True)]
)
def test_wider_than_half_is_too_wide(value: float, low: float, high: float, wanted: bool) -> None:
    assert words.too_wide(value, low, high) is wanted


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=6).filter(lambda found: sum(found) > 0.01))
def test_a_hundred_figures_are_within_one_of_their_shares(found: list[float]) -> None:
    counts = per_hundred(found)
    assert sum(counts) == 100
    for count, share in zip(counts, found, strict=True):
        assert abs(count - 100 * share / sum(found)) < 1


def test_savings_stand_beside_the_whole_target_and_the_part_within_reach(results: Path, page: Page) -> None:
    asked = pd.read_csv(results / "tables" / "savings.csv").query("client_group == 'all_priced'")
    year, wanted = asked.iloc[-1][["financial_year", "asked_recurring_by_then"]]
    (share,) = pd.read_csv(results / "tables" / "inputs.csv", index_col="key").filter(
        regex=":comparison.addressable_share$", axis=0
    )["value"]
    assert share == 0.5 and asked.iloc[-1]["within_reach_by_then"] == pytest.approx(share * wanted)
    assert f"{words.pounds(Number(share * wanted, ''))} by {year}" in page.read
    (alt,) = (chart["aria-label"] for chart in page.charts if chart["id"] == "chart-savings")
    assert "within reach" in alt and str(words.pounds(Number(share * wanted, ""))) in alt
