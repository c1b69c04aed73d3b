"""What cannot be built is said in a sentence with exit code 2, and everything else is built."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from built import EVERY_KIND, KINDS, once
from lxml import html
from report_page import noted
from small_configs import not_root

from experiments.cli import main
from experiments.pack import pictures
from experiments.pack.build import build_pack
from experiments.report import pages_of
from experiments.report.results import Results
from experiments.results_folder import tables_of

ROOT = Path(__file__).resolve().parents[1]
ALL = {"report.html", "report.docx", "results.xlsx", "pack.zip", "charts"}

EACH = {"front_doors": 1, "comparison": 2, "service": 4, "transition": 5}
"""Every table of the smallest kind, and each second, fourth or fifth of the others."""

Copy = Callable[[str], Path]


@pytest.fixture
def copy(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Copy:
    """A copy of the results of a kind."""
    return lambda kind: Path(shutil.copytree(once(tmp_path_factory, kind, KINDS[kind]), tmp_path / kind))


def said_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What ``report`` says is missing; nothing else goes wrong."""
    assert main(["report", str(folder), "--no-pictures"]) == 2
    err = capsys.readouterr().err
    assert err and "Traceback" not in err
    assert all(line.endswith(".") for line in err.splitlines()), err
    return err


def seen_text(page: str) -> str:
    """What a reader sees or hears of a page."""
    root = html.fromstring(page)
    for element in list(root.iter("script", "style")):
        element.drop_tree()
    heard = [element.get("aria-label") for element in root.iter() if element.get("aria-label")]
    return " ".join([root.text_content(), *heard])


def test_a_run_that_did_not_finish_is_refused(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy("front_doors")
    before = sorted(path.name for path in folder.iterdir())
    noted(status="interrupted")(folder)
    assert "its run is interrupted, not finished. Run the experiment again." in said_of(folder, capsys)
    assert sorted(path.name for path in folder.iterdir()) == before


@EVERY_KIND
def test_whichever_table_is_lost_it_is_named_and_the_rest_is_built(copy: Copy, kind: str) -> None:
    folder = copy(kind)
    assert Results(folder).missing == []
    for name in tables_of(folder)[:: EACH[kind]]:
        path = folder / "tables" / f"{name}.parquet"
        path.rename(path.with_suffix(".away"))
        results = Results(folder)
        assert pages_of(results)
        assert results.missing[0].startswith(f"The table {name} is no longer in ")
        assert all("could not be built" in sentence for sentence in results.missing[1:])
        path.with_suffix(".away").rename(path)


@EVERY_KIND
def test_whichever_measures_are_all_missing_nothing_is_made_up(copy: Copy, kind: str) -> None:
    folder = copy(kind)
    for name in tables_of(folder)[:: EACH[kind]]:
        path = folder / "tables" / f"{name}.parquet"
        whole = path.read_bytes()
        frame = pd.read_parquet(path)
        floats = [column for column in frame if frame[column].dtype.kind == "f"]
        if not floats:
            continue
        frame.assign(**dict.fromkeys(floats, np.nan)).to_parquet(path)
        results = Results(folder)
        for page in pages_of(results):
            text = seen_text(page.text)
            for sentence in results.missing:  # which may quote what went wrong
                text = text.replace(sentence, "")
            assert not re.search(r"\bnan\b", text, re.IGNORECASE), (name, page.file)
        assert all("could not be built" in sentence for sentence in results.missing)
        path.write_bytes(whole)


def test_a_lost_table_is_said_once_by_the_command_and_stands_on_the_page(
    copy: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy("front_doors")
    (folder / "tables" / "flows.parquet").unlink()
    err = said_of(folder, capsys)
    assert err.count("The table flows is no longer in") == 1
    assert "The table flows is no longer in" in seen_text((folder / "report.html").read_text(encoding="utf-8"))
    assert {path.name for path in folder.iterdir()} >= ALL


def test_a_folder_that_may_not_be_written_is_told_file_by_file(copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as outside:  # nobody may look into pytest's own
        Path(outside).chmod(0o755)
        folder = Path(shutil.copytree(copy("front_doors"), Path(outside) / "results"))
        before = sorted(path.name for path in folder.iterdir())
        folder.chmod(0o555)
        with not_root():
            err = said_of(folder, capsys)
        folder.chmod(0o755)
        assert sorted(path.name for path in folder.iterdir()) == before
    for name in ALL:
        assert f"{name} could not be written: " in err
    assert err.count("may not be written or read here. Change its permissions") == len(ALL)


def test_a_disk_that_fills_costs_what_does_not_fit_and_leaves_nothing_half_written(copy: Copy) -> None:
    folder = copy("front_doors")
    old = (folder / "report.html").read_bytes()
    done = subprocess.run(
        [sys.executable, "run.py", "report", str(folder), "--no-pictures"],
        cwd=ROOT, text=True, capture_output=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)),
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "report.html could not be written: " in done.stderr and "there is no room left to write" in done.stderr
    assert (folder / "report.html").read_bytes() == old
    assert (folder / "report.docx").stat().st_size > 20_000 and (folder / "results.xlsx").stat().st_size > 20_000
    assert not list(folder.glob("*.part")) and not list(folder.glob(".*"))


def test_without_chromium_all_but_pictures_is_built(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy("front_doors")
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    assert main(["report", str(folder)]) == 2
    assert capsys.readouterr().err.strip() == pictures.NO_BROWSER
    assert {path.name for path in folder.iterdir()} >= ALL
    assert {path.suffix for path in (folder / "charts").iterdir()} == {".csv", ".txt"}


def test_a_browser_that_does_not_start_costs_the_pictures_only(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = copy("front_doors")
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(pictures.shutil, "which", lambda name: str(broken) if name == "chromium" else None)
    _, missing = build_pack(folder)
    assert len(missing) == 1 and missing[0].startswith("Chromium could not draw the charts")
    assert {path.name for path in folder.iterdir()} >= ALL
    assert {path.suffix for path in (folder / "charts").iterdir()} == {".csv", ".txt"}
