"""The technical annex says what the run recorded, and "not recorded" where it recorded nothing."""

from __future__ import annotations

import functools
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import built
import pandas as pd
import pytest
from conftest import Toys
from report_page import MOST_WORDS, Page, noted, said_as_they_are, same_as_in_tables, section
from small_experiment import SMALL, made
from test_report import FORBIDDEN
from test_service_experiment import written

from experiments.cli import main
from experiments.components import opening
from experiments.experiment import run_experiment
from experiments.pack.blocks import Grid, blocks_of
from experiments.report import pages_of
from experiments.report.annex import sign_off
from experiments.report.annex.facts import Recorded, day
from experiments.report.annex.odd import ELEMENTS
from experiments.report.annex.stress import ITEMS
from experiments.report.results import Results
from simulation.schema.staff import Hours

PARTS = ["stress", "validation", "calibration", "engines", "runs", "components", "odd", "repeat", "sign_off"]
SIGNED = """
sign_off:
  commissioner: {name: A. Person, post: Director of care, date: 2026-03-02, remarks: "The question is agreed."}
  analyst: {name: B. Person}
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of models that two people have put their names to."""
    return made(tmp_path_factory.mktemp("annex"), "small", SMALL + SIGNED)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small service with limited teams, checks of both uses, and nobody's name under it."""
    folder = tmp_path_factory.mktemp("annex_service")
    return run_experiment(written(Toys(folder)), folder / "results", 1, False, quiet=True)


@pytest.fixture(scope="module")
def transition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built.once(tmp_path_factory, "transition", built.transition)


@pytest.fixture
def copied(results: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results, tmp_path / "copy"))


@functools.cache
def text_of(folder: Path) -> str:
    """The annex of a folder, made once; a test that changes a folder asks for a copy of its own."""
    return next(page.text for page in pages_of(Results(folder)) if page.file == "annex.html")


def taken_apart(text: str) -> Page:
    page = Page()
    page.feed(text)
    return page


def grids(text: str) -> dict[str, Grid]:
    return {block.caption: block for block in blocks_of(text) if isinstance(block, Grid)}


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv", keep_default_na=False)


def test_teams_stages_and_distributions_stand_in_the_results(results: Path, service: Path) -> None:
    teams, stages, laws = (table(results, name) for name in ("teams", "stages", "distributions"))
    assert set(teams["model"]) == {"barnet_2014_15", "shropshire_p2p"}
    assert set(teams["limit"]) == {"unlimited"}, "no staff numbers are published"
    assert set(stages[stages["kind"] == "service"]["team"]) <= set(teams["team"])
    drawn = laws[laws["place"] == "stages.hub_appointment.duration"].iloc[0]
    assert (drawn["distribution"], drawn["unit"], float(drawn["low"]), float(drawn["high"])) == (
        "uniform",
        "days",
        0,
        14,
    )
    assert drawn["status"] == "assumption"
    assert "001_4cddddb3a8fa21f1.txt" in drawn["documents"].split()
    need = laws[laws["place"] == "person.need.hours_per_week.all"].iloc[0]
    assert need["distribution"] == "lognormal"
    assert float(need["cap"]) == 168, "no more hours than a week has"
    limited = table(service, "teams")
    assert dict(zip(limited["limit"], limited["practitioners"], strict=True)) == {"number": "1.0", "unlimited": ""}


def test_hours_are_told_by_spans_of_days() -> None:
    office = ["09:00-17:00"]
    week = Hours(monday=office, tuesday=office, thursday=["09:00-12:00", "13:00-20:00"], saturday=office)
    assert opening(week) == (
        "Monday to Tuesday 09:00-17:00; Thursday 09:00-12:00, 13:00-20:00; Saturday 09:00-17:00",
        "closed",
    )
    assert opening("always") == ("always", "open")


@pytest.mark.parametrize("kind", ["results", "service", pytest.param("transition", marks=pytest.mark.slow)])
def test_every_number_is_the_number_in_its_table_and_is_said_as_it_is(kind: str, request: Any) -> None:
    folder = request.getfixturevalue(kind)
    page = taken_apart(text_of(folder))
    assert same_as_in_tables(folder, page) > 30
    assert said_as_they_are(page) > 60
    assert page.sections == PARTS
    assert all(3 <= len(line.split()) <= MOST_WORDS and "(" not in line for line in page.headlines), page.headlines
    for pattern in FORBIDDEN:
        assert not re.search(pattern, page.read, flags=re.IGNORECASE), pattern


def test_every_item_of_the_checklist_and_every_element_of_the_protocol_is_there(service: Path) -> None:
    found = grids(text_of(service))
    stress = [row[0] for row in found["STRESS-DES, item by item"].rows[1:]]
    assert len({".".join(name.split()[0].split(".")[:2]) for name in stress}) == 20
    assert stress == [f"{number} {name}" for number, _, name, _ in ITEMS]
    odd = [row[0] for row in found["ODD, element by element"].rows[1:]]
    assert len({name.split()[0] for name in odd}) == 7 and sum(name.startswith("4 ") for name in odd) == 11
    assert len(odd) == len(ELEMENTS)
    lists = (found["STRESS-DES, item by item"], found["ODD, element by element"])
    assert all(len(row[-1]) >= len("None.") for grid in lists for row in grid.rows), "nothing is left empty"


def test_what_was_tuned_stands_apart_from_what_could_have_failed(service: Path, results: Path) -> None:
    text, checks = text_of(service), table(service, "checks")
    tuned, could_fail = section(text, "calibration"), section(text, "validation")
    assert "Checks of the program" in could_fail and "Nobody may be lost" in could_fail
    for row in checks.itertuples():
        here, there = (tuned, could_fail) if row.use == "calibration" else (could_fail, tuned)
        assert row.title in here and row.title not in there
    assert set(checks["use"]) == {"calibration", "validation"}
    comparison = text_of(results)
    assert "No published figure was kept apart that could have failed." in section(comparison, "validation")
    assert "6,646" in section(comparison, "calibration") and "6,646" not in section(comparison, "validation")
    assert section(comparison, "calibration").count("worked back from a percentage") == 6


@pytest.mark.slow
def test_a_transition_says_whose_staff_a_team_has_and_what_changes_by_month(transition: Path) -> None:
    text = text_of(transition)
    assert "one team with the staff and hours of today's model" in section(text, "components")
    assert "posts that a delivery vehicle takes out leave it month by month" in section(text, "stress")
    assert "Steady after a warm-up of 3 months" in section(text, "runs") or "Not enough data" in section(text, "runs")
    assert "Inputs that were tuned" in text and "Checks of the program" not in section(text, "validation")


def test_agreement_is_told_with_what_it_covered(results: Path, copied: Path) -> None:
    told = Results(results).manifest["agreement"]
    said = section(text_of(results), "engines")
    assert f"Two engines agree on all {told['people']:,} people checked, of {told['people_in_all']:,}." in said
    noted(agreement={})(copied)
    assert "Whether two engines agree was not recorded." in section(text_of(copied), "engines")


def test_what_was_not_recorded_is_said_to_be_not_recorded(results: Path, copied: Path) -> None:
    before = taken_apart(text_of(results)).headlines[0]
    for name in ("teams", "stages", "distributions"):
        for end in ("csv", "parquet"):
            (copied / "tables" / f"{name}.{end}").unlink()
    noted(versions={"demandflow": "0"}, code={}, machine={}, stopping={})(copied)
    text = text_of(copied)
    found = {row[0].split()[0]: row[2] for row in grids(text)["STRESS-DES, item by item"].rows[1:]}
    for item in ("2.4", "2.5.3", "2.5.4", "3.3", "4.3", "5.4", "6.1"):
        assert "not recorded" in found[item].lower(), item
    assert "Components were not recorded." in section(text, "components")
    assert "How many replications were run was not recorded." in section(text, "runs")
    less = taken_apart(text).headlines[0]
    assert int(less.split()[0]) < int(before.split()[0]) <= 20


def test_a_role_that_nobody_signed_is_a_line_to_sign_by_hand(results: Path, service: Path) -> None:
    said = section(text_of(results), "sign_off")
    assert "1 of 4 roles are signed." in said
    assert "Signed on 2 March 2026, before this run was finished on" in said
    assert "A. Person" in said and "Director of care" in said and "The question is agreed." in said
    assert "Named, not signed." in said and said.count("Not signed.") == 2
    assert said.count("to be signed by hand") == 3
    assert section(text_of(service), "sign_off").count("Not signed.") == 4


def test_results_are_signed_beside_them_without_another_run(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(results, tmp_path / "signed"))
    (folder / "sign_off.yaml").write_text("assurer: {name: D. Person, date: 2030-01-02}\n", encoding="utf-8")
    assert main(["report", str(folder), "--no-pictures"]) == 0
    said = section((folder / "annex.html").read_text(encoding="utf-8"), "sign_off")
    assert "2 of 4 roles are signed." in said and "D. Person" in said and "Signed on 2 January 2030." in said
    assert "A. Person" in said, "who stands in the experiment file stays"
    assert "no assurer has signed" not in (folder / "robustness.html").read_text(encoding="utf-8")
    with zipfile.ZipFile(folder / "pack.zip") as pack:
        assert "sign_off.yaml" in pack.namelist()

    (folder / "sign_off.yaml").write_text("assuror: {name: D. Person}\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["report", str(folder), "--no-pictures"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "sign_off.yaml:1" in said and "assuror" in said and "Traceback" not in said
    assert (folder / "report.html").is_file()


def test_an_analyst_who_assures_their_own_work_is_told(results: Path) -> None:
    run = Recorded(Results(results))
    alike = {"name": "B. Person", "date": "2030-01-02"}
    run.config = {**run.config, "sign_off": {"analyst": alike, "assurer": {**alike, "name": "b. person"}}}
    part = sign_off.build(run)
    assert str(part.headline) == "2 of 4 roles are signed."
    assert "nobody apart from the analyst" in part.words["said"][0]
    assert all("before this run" not in str(one["status"]) for one in part.words["roles"])


def test_a_misspelt_role_is_refused_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "configs" / "experiments" / "signed.yaml"
    file.parent.mkdir(parents=True)
    text = (
        "kind: experiment\nname: signed\nextends: front_doors\ntitle: Signed\nsign_off:\n  assuror: {name: A. Person}\n"
    )
    file.write_text(text, encoding="utf-8")
    assert main(["validate", str(file)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "signed.yaml:6" in said and "assuror" in said and "assurer" in said


def test_the_annex_is_in_the_document_and_linked_from_the_report(results: Path) -> None:
    pages = {page.file: page for page in pages_of(Results(results))}
    assert pages["annex.html"].draft.in_document
    assert '<a href="annex.html">' in pages["report.html"].text
    assert not replace(pages["report.html"].draft).in_document, "a main page is in the document as it is"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("2016-04-01", "1 April 2016"), ("2026-11-23T07:30:13+00:00", "23 November 2026"), ("soon", "soon")],
)
def test_dates_are_written_as_people_write_them(text: str, wanted: str) -> None:
    assert day(text) == wanted
