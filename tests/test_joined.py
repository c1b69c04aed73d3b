"""Analyses inside a results folder join its report; what does not belong is refused in a sentence."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import twentieth
from openpyxl import load_workbook
from report_page import Page, said_as_they_are, same_as_in_tables, section
from small_experiment import SMALL, made

from experiments.cli import main
from experiments.experiment import run_experiment
from experiments.pack.build import build_pack
from experiments.plan import prepare
from experiments.report import build_report
from experiments.report.joined import changed_files
from experiments.report.results import Results

MOVED = ("models/barnet_target.hub_missed", "prices/barnet_whole.long_term_share")
"""Inputs of a transition that keep their ranges."""

RATE = "models/barnet_2014_15.hospital_funded_rate"
ANALYSES = ("sensitivity", "goal", "hindcast")
QUICK = ("--workers", "1", "--quiet")


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small results, with a sensitivity analysis, a goal and a hindcast of the same experiment inside."""
    root = tmp_path_factory.mktemp("joined")
    folder = made(root, "small", SMALL)
    config = str(root / "configs" / "experiments" / "small.yaml")
    actuals = root / "actuals.csv"
    actuals.write_text(
        "year,measure,actual,source,used_to_set_inputs\n2014/15,contact,500,the papers,yes\n"
        "2015/16,contact,490,made up,no\n2015/16,funded_package,2,made up,no\n",
        encoding="utf-8",
    )
    asked = {
        "sensitivity": ("--exact", "--trajectories", "0", "--samples", "0", "--draws", "40"),
        "goal": ("--break-even", "funded_package", "--vary", f"{RATE}=0:0.6", "--pairs", "8"),
        "hindcast": (str(actuals),),
    }
    for command, more in asked.items():
        assert main([command, config, *more, "--out", str(folder / command), *QUICK]) == 0, command
    assert build_report(folder) == []
    return folder


@pytest.fixture(scope="module")
def page(joined: Path) -> Page:
    return Page.of(joined)


@pytest.fixture
def copied(joined: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(joined, tmp_path / "results"))


def text_of(folder: Path, part: str) -> str:
    return section((folder / "report.html").read_text(encoding="utf-8"), part)


def test_what_would_change_the_answer_says_what_the_analyses_found(joined: Path, page: Page) -> None:
    said = text_of(joined, "change")
    tornado = pd.read_csv(joined / "sensitivity" / "tables" / "tornado.csv")
    for title in tornado.loc[tornado["swing"].abs() > 0, "title"]:
        assert str(title) in said.lower()
    assert "hospital funded rate" in said and "What would knowing be worth?" in said
    goal = json.loads((joined / "goal" / "manifest.json").read_text(encoding="utf-8"))["outcome"]["said"]
    assert all(" ".join(line.split()) in said for line in goal)
    assert "True only if" in said
    assert "run.py attribution" in said and "run.py sensitivity" not in said, "what is there needs no command"
    drawn = {chart["id"] for chart in page.charts if chart["section"] == "change"}
    assert drawn >= {"chart-tornado_sensitivity_0", "chart-information"}
    assert all(chart["section"] in page.tables for chart in page.charts)


def test_every_number_is_that_of_its_table(joined: Path, page: Page) -> None:
    own = Page()
    own.numbers = [number for number in page.numbers if number[1].partition("/")[0] in ANALYSES]
    assert {place.partition("/")[0] for _, place, _ in own.numbers} == set(ANALYSES)
    assert same_as_in_tables(joined, own) > 60
    assert said_as_they_are(own, to_whole_pounds=600) > 60


def test_links_lead_to_the_analyses_tables_and_pages(joined: Path, page: Page) -> None:
    for link in ("sensitivity/tables/tornado.csv", "sensitivity/sensitivity.html", "goal/goal.html",
                 "goal/tables/goal.csv", "hindcast/tables/hindcast.csv", "hindcast/hindcast.html"):  # fmt: skip
        assert link in page.links and (joined / link).is_file()


def test_the_inputs_are_sorted_into_quality_and_impact(joined: Path, page: Page) -> None:
    inputs = pd.read_csv(joined / "tables" / "inputs.csv")
    (alt,) = (chart["aria-label"] for chart in page.charts if chart["id"] == "chart-quality_impact")
    for quality, rows in inputs.groupby("quality"):
        told = re.search(rf"{quality}, [a-z ]+: ([^;.]+)", alt)
        assert told is not None
        assert sum(int(n) for n in re.findall(r"(\d+) [a-z]", told[1])) == len(rows)
    most = inputs.sort_values("swing", ascending=False).iloc[0]
    told = re.search(rf"{most['quality']}, [a-z ]+: (\d+) large", alt)
    assert told is not None and int(told[1]) >= 1


def test_what_happened_next_holds_the_figures_against_the_bands(joined: Path, page: Page) -> None:
    said = text_of(joined, "after")
    rows = pd.read_csv(joined / "hindcast" / "tables" / "hindcast.csv")
    scored = rows[rows["kind"] == "scored"]
    assert f"{int(scored['inside'].sum())} of {len(scored)} figures lie inside the forecast's 95% bands." in said
    assert "Contact, 2014/15" in said and "used to set inputs: no test" in said
    assert "sole shareholder of People2People" in said and "19 September 2016" in said
    drawn = [chart for chart in page.charts if chart["section"] == "after"]
    assert len(drawn) == 2 and all("known" in drawn[0]["aria-label"] or chart for chart in drawn)


def test_they_are_handed_out(copied: Path) -> None:
    done, missing = build_pack(copied, pictures=False)
    assert missing == [] and "pack.zip" in done[0]
    names = set(zipfile.ZipFile(copied / "pack.zip").namelist())
    assert {"sensitivity/sensitivity.html", "sensitivity/tables/tornado.csv", "goal/manifest.json"} <= names
    sheets = load_workbook(copied / "results.xlsx").sheetnames
    assert "sensitivity tornado" in sheets and "hindcast hindcast" in sheets


def _manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def changed(path: Path) -> None:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        change(manifest)
        (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    return changed


def _other_config(manifest: dict[str, Any]) -> None:
    name = next(name for name in manifest["config_hashes"] if name.endswith("few.yaml"))
    manifest["config_hashes"][name] = "another"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_manifest(_other_config), r"made from other config files than these results \(few\.yaml\)"),
        (_manifest(lambda m: m.update(schema_version=1)), r"is of schema version 1"),
        (_manifest(lambda m: m.update(status="stopped")), r"its run is stopped, not finished\. Run it again"),
        (_manifest(lambda m: m.update(experiment="large")), r"it is about the experiment large"),
        (lambda path: (path / "manifest.json").unlink(), r"holds no whole manifest\.json"),
    ],
)
def test_what_does_not_belong_is_refused_in_a_sentence_and_the_rest_is_built(
    copied: Path, change: Callable[[Path], None], sentence: str
) -> None:
    change(copied / "sensitivity")
    (said,) = build_report(copied)
    assert said.startswith("The folder sensitivity is left out: ") and re.search(sentence, said)
    page = Page.of(copied)
    assert re.search(sentence, page.read), "the page says it too"
    assert "run.py sensitivity" in text_of(copied, "change")
    assert "goal/goal.html" in page.links and not [link for link in page.links if link.startswith("sensitivity/")]
    assert "chart-tornado_sensitivity_0" not in {chart["id"] for chart in page.charts}


def test_folders_of_other_commands_are_let_be(copied: Path) -> None:
    for name in ("sensitivity", "goal", "hindcast"):
        shutil.rmtree(copied / name)
    shutil.copytree(copied / "tables", copied / "track" / "tables")
    (copied / "track" / "manifest.json").write_text('{"schema_version": 2, "command": "track", "status": "finished"}')
    results = Results(copied)
    assert results.analyses == [] and results.missing == []
    assert build_report(copied) == []
    said = text_of(copied, "change")
    assert "What moves the number of packages" in said
    for command in ("sensitivity", "goal", "attribution"):
        assert re.search(rf"run\.py {command} \S+small\.yaml .*--out DIR/{command}", said)
    assert "none of them entered this result" in text_of(copied, "after")


def test_config_files_are_known_by_name_and_content() -> None:
    ours = {"configs/models/a.yaml": "1", "configs/demand/b.yaml": "2"}
    assert changed_files(ours, {"elsewhere/b.yaml": "2", "elsewhere/a.yaml": "1"}) == []
    assert changed_files(ours, {"configs/models/a.yaml": "1", "configs/demand/b.yaml": "3"}) == ["b.yaml"]
    assert changed_files(ours, {"configs/models/a.yaml": "1"}) == ["b.yaml"]


@pytest.mark.slow
def test_analyses_of_a_transition_join_its_page_and_sort_its_inputs(tmp_path: Path) -> None:
    """All inputs but two are supposed at their own values, so that few points are asked for."""
    path = twentieth.written(tmp_path)
    ranged = [item for item in prepare(path).inputs.ranged() if item.key not in MOVED]
    supposed = {item.key: item.evidence.value for item in ranged if item.evidence is not None}
    path.write_text(f"{path.read_text(encoding='utf-8')}\nsuppose: {json.dumps(supposed)}\n", encoding="utf-8")
    folder = run_experiment(path, tmp_path / "results", 1, False, quiet=True)
    asked = {
        "sensitivity": ("--trajectories", "0", "--samples", "0", "--draws", "0", "--replications", "2"),
        "attribution": ("--pairs", "2"),
    }
    for command, more in asked.items():
        assert main([command, str(path), *more, "--out", str(folder / command), *QUICK]) == 0, command
    assert build_report(folder) == []
    page, said = Page.of(folder), text_of(folder, "change")
    drawn = {chart["id"] for chart in page.charts if chart["section"] == "change"}
    assert {name.rpartition("_")[0] for name in drawn} == {"chart-tornado_sensitivity", "chart-parts_attribution"}
    for link in ("sensitivity/sensitivity.html", "attribution/attribution.html", "sensitivity/tables/tornado.csv"):
        assert link in page.links and (folder / link).is_file()
    assert "run.py goal" in said and "run.py sensitivity" not in said and "run.py attribution" not in said
    own = Page()
    own.numbers = [number for number in page.numbers if number[1].partition("/")[0] in asked]
    assert same_as_in_tables(folder, own) > 20
    assert "sorted by how much it moves the answer" in text_of(folder, "checking")
