"""Who is affected: everybody once in every way, small numbers of real people withheld, what nobody can say said."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from report_page import section
from small_experiment import SMALL, made

from experiments.report import build_report
from experiments.report.results import Results
from experiments.report.who_rules import BY, Line, Shown
from experiments.report.who_unknown import CANNOT, CHARACTERISTICS
from experiments.report.words import Number
from experiments.small_counts import COUNTED, FEWEST

CLIENTS = ("older_people", "mental_health", "physical_disability", "learning_disability", "other")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("who"), "small", SMALL)


@pytest.fixture
def copied(results: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results, tmp_path / "results"))


def who(folder: Path) -> str:
    return section((folder / "report.html").read_text(encoding="utf-8"), "who")


def figures(folder: Path) -> pd.DataFrame:
    frame = pd.read_csv(folder / "tables" / "comparison.csv")
    return frame[frame["transfer"] == Results(folder).headline].set_index("measure")


def counted_in_records(folder: Path) -> None:
    """As if the first input had been counted in a council's own records."""
    path = folder / "tables" / "inputs.parquet"
    frame = pd.read_parquet(path)
    frame.loc[frame.index[0], ["status", "why"]] = ["calibrated", f"a share{COUNTED}events.csv, 2014-04 to 2015-03"]
    frame.to_parquet(path)


def test_everybody_stands_once_in_each_table(results: Path) -> None:
    rows = figures(results)
    for measure in ("contact", "funded_package", "eligible_need_without_package"):
        for by in BY:
            mine = rows[rows.index.str.startswith(f"{measure}/{by}/")]
            assert len(mine) > 1
            for column in ("value_baseline", "value_model", "difference"):
                assert mine[column].sum() == pytest.approx(rows.loc[measure, column], abs=1e-9)
    said = who(results)
    for title in ("18 to 64", "85 and over", "Older people (65 and over)", "Community", "Hospital"):
        assert title in said


def test_the_headline_says_whom_most_of_the_change_falls_on(results: Path) -> None:
    rows = figures(results)
    changes = {group: rows.loc[f"funded_package/client_group/{group}", "difference"] for group in CLIENTS}
    assert min(changes, key=lambda group: changes[group]) == "older_people"
    share = 100 * changes["older_people"] / sum(changes.values())
    assert f"Of every 100 fewer people funded, {share:.0f} are in “Older people”." in who(results)


def test_what_the_evidence_has_no_figures_for_is_to_be_found_out(results: Path) -> None:
    said = who(results)
    act = ["Age", "Disability", "Gender reassignment", "Marriage and civil partnership", "Pregnancy and maternity"]
    act += ["Race", "Religion or belief", "Sex", "Sexual orientation"]
    for name in act:
        assert any(name == row[0] for row in CHARACTERISTICS) and name in said
    assert said.count(CANNOT) >= 11
    for topic in ("Language", "Digital", "Travel", "Caring"):
        assert topic in said
    share = pd.read_csv(results / "tables" / "inputs.csv").set_index("key")
    assert (
        f"The model takes {share.loc['demand/few.cannot_travel_share', 'value']:.0%} of people to be unable to travel"
        in said
    )


def test_small_numbers_of_simulated_people_are_shown(results: Path) -> None:
    said = who(results)
    assert "no small number is left out" in said and "too small to show" not in said
    assert 0 < figures(results).loc["funded_package/client_group/learning_disability", "value_baseline"] < FEWEST


def test_small_numbers_counted_in_records_are_withheld_with_what_gives_them_away(copied: Path) -> None:
    counted_in_records(copied)
    build_report(copied)
    said = who(copied)
    assert f"a number of people below {FEWEST} is not printed" in said
    (row,) = re.findall(r"Learning disability, 18 to 64 ((?:too small to show ?)+)", said)
    assert row.count("too small to show") == 7, "contacts, both counts, and both changes with their intervals"
    text = (copied / "report.html").read_text(encoding="utf-8")
    part = text.partition('<section id="who"')[2].partition("</section>")[0]
    assert "client_group/learning_disability" not in part and "client_group/older_people" in part


def test_a_row_is_grey_where_an_interval_is_wider_than_half_its_figure() -> None:
    def line(low: float, high: float) -> Line:
        change = Shown(Number(-10.0, "x"), (Number(low, "x"), Number(high, "x")), ranged=True, change=True)
        return Line("Somebody", (Shown(Number(100.0, "x")), change))

    assert not line(-12.0, -8.0).row(False).grey
    assert line(-14.0, -6.0).row(False).grey
    assert [str(cell) for cell in line(-12.0, -8.0).row(False).cells] == ["Somebody", "100", "−10.0", "−12.0 to −8.0"]


def test_nought_is_no_small_number_and_three_is() -> None:
    for value, hidden in ((0.0, False), (3.0, True), (5.0, False)):
        cells = Line("Somebody", (Shown(Number(value, "x")),)).row(True).cells
        assert (cells[1] == "too small to show") is hidden


def test_results_without_ages_say_so(copied: Path) -> None:
    path = copied / "tables" / "comparison.parquet"
    frame = pd.read_parquet(path)
    frame[~frame["measure"].str.contains("/age_band/")].to_parquet(path)
    assert build_report(copied) == []
    said = who(copied)
    assert "These results have no figures by age band." in said
    assert "18 to 64 1" not in said and "Older people (65 and over)" in said
