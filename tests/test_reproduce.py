"""A results folder is reproduced, or it is said what differs: in files, versions, whole numbers and derived figures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_experiment import CALIBRATION_ONLY, made

from experiments.cli import main
from experiments.manifest import surroundings
from experiments.reproduce import changed_surroundings
from experiments.same_tables import cells_differ, folders_differ

OPTIONS = ("--workers", "1", "--quiet")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small experiment's folder, beside its configs."""
    return made(tmp_path_factory.mktemp("reproduce"), "calibration_only", CALIBRATION_ONLY)


@pytest.fixture
def results(original: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    copied = tmp_path / "results"
    shutil.copytree(original, copied)
    return copied


@pytest.fixture
def asked(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs the command; its exit code and all it says."""

    def ask(*words: Any) -> tuple[int, str]:
        code = main(["reproduce", *map(str, words), *OPTIONS])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out + told.err

    return ask


def spoiled(results: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    path = results / f"{name}.parquet"
    change(pd.read_parquet(path)).to_parquet(path, index=False)


def manifest_with(results: Path, **parts: Any) -> None:
    path = results / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **parts}), encoding="utf-8")


def test_the_same_comes_out_from_wherever_it_is_asked(original, tmp_path, asked, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, said = asked(original)
    assert code == 0, said
    assert "Config files: all 5 as they were." in said
    tables = len(list((original / "tables").glob("*.parquet")))
    assert tables >= 6
    assert f"Reproduced: {tables} files of tables and 1 file of replications are the same." in said
    assert not list(tmp_path.iterdir()), "nothing is kept unless asked for"


def test_what_differs_is_listed_and_the_code_is_1(results, tmp_path, asked):
    def one_more(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(n_mean=frame["n_mean"].where(frame.index != 2, frame["n_mean"] + 1))

    spoiled(results, "tables/flows", one_more)
    spoiled(results, "tables/names", lambda frame: frame.iloc[1:])
    spoiled(results, "replications/own-barnet_2014_15-00000", lambda f: f.assign(value=f["value"] + (f.index == 7)))
    (results / "tables" / "sources.parquet").unlink()
    manifest_with(results, people_simulated=1)
    code, said = asked(results, "--out", tmp_path / "again")
    assert code == 1
    assert "tables/flows, n_mean: one value differs; first row 3 (barnet_2014_15, own, " in said
    assert "rows then" in said and "tables/names: " in said
    assert "replications/own-barnet_2014_15-00000, value: the whole numbers of its replications differ." in said
    assert "tables/sources.parquet: is there now, was not then." in said
    assert "manifest.json, people_simulated: 1 then, " in said
    assert said.count("differs; ") == 1 and "compare-runs" in said
    assert (tmp_path / "again" / "tables" / "flows.parquet").is_file()


def test_a_file_that_changed_is_named_and_stops_it_unless_told_otherwise(original, tmp_path, asked):
    moved = tmp_path / "work"
    shutil.copytree(original.parent, moved)
    manifest = json.loads((moved / "results" / "manifest.json").read_text(encoding="utf-8"))
    hashes = {name.replace(str(original.parent), str(moved)): was for name, was in manifest["config_hashes"].items()}
    parts = {"config_hashes": hashes} | (
        {"config_file": manifest["config_file"].replace(str(original.parent), str(moved))}
        if "config_file" in manifest
        else {}
    )
    manifest_with(moved / "results", **parts)
    demand = moved / "configs" / "demand" / "few.yaml"
    demand.write_text(demand.read_text(encoding="utf-8").replace("320", "420"), encoding="utf-8")
    code, said = asked(moved / "results")
    assert code == 2 and "few.yaml has changed. Put these files back" in said
    code, said = asked(moved / "results", "--with-changed-files")
    assert code == 1 and "few.yaml has changed" in said and "Not reproduced." in said and "people_simulated" in said
    (moved / "configs" / "experiments" / "calibration_only.yaml").unlink()
    code, said = asked(moved / "results")
    assert code == 2 and "calibration_only.yaml is not there any more" in said
    code, said = asked(moved / "results", "--with-changed-files")
    assert code == 2 and "the file of the experiment 'calibration_only' is not there" in said


def test_folders_that_cannot_be_reproduced(results, tmp_path, asked):
    assert asked(tmp_path / "nowhere")[1].startswith(f"{tmp_path / 'nowhere'}: there is no such folder.")
    assert "is not a results folder" in asked(tmp_path)[1]
    for parts, says in (
        ({"status": "interrupted"}, "its run is interrupted, not finished"),
        ({"status": "finished", "command": "track"}, "was written by run.py track"),
        ({"command": "experiment", "config": None}, "'config' is missing"),
        ({"schema_version": 99}, "is of schema version 99"),
    ):
        manifest_with(results, **parts)
        code, said = asked(results)
        assert code == 2 and says in said


def test_a_broken_table_is_named(original, results):
    (results / "tables" / "flows.parquet").write_bytes(b"PAR1")
    with pytest.raises(Exception, match=r"flows\.parquet: is not a whole Parquet file"):
        folders_differ(original, results)


def test_versions_and_code_that_differ_are_named():
    now = surroundings()
    assert not [line for line in changed_surroundings(now) if "not committed" not in line]
    then = {**now, "versions": {**now["versions"], "numpy": "1.0", "lost": "2"}, "code": {"commit": "0" * 40}}
    said = changed_surroundings(then)
    assert f"numpy 1.0 then, {now['versions']['numpy']} now" in said and "lost 2 then, not there now" in said
    assert any(line.startswith("commit 000000000000 then, ") for line in said)


@pytest.mark.parametrize(
    ("then", "now", "differ"),
    [
        ([1, 2], [1, 2], [False, False]),
        ([10**15], [10**15 + 1], [True]),
        ([1.0, 1e9, 0.0], [1.0 + 5e-10, 1e9 + 0.5, 5e-10], [False, False, False]),
        ([1.0, 1e9, 0.0], [1.0 + 2e-9, 1e9 + 2, 2e-9], [True, True, True]),
        ([np.nan, np.nan, np.inf, np.inf], [np.nan, 0.0, np.inf, 5.0], [False, True, False, True]),
        (["a", None, None], ["a", None, "b"], [False, False, True]),
        ([True, False], [True, True], [False, True]),
    ],
)
def test_whole_numbers_to_the_byte_and_derived_figures_within_a_billionth(then, now, differ):
    assert cells_differ(pd.Series(then), pd.Series(now)).tolist() == differ
