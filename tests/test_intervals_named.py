"""Every table with intervals says how they were made, and so does the page beside it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import Toys
from intervals import assert_named
from small_experiment import SMALL, made
from test_service_experiment import written

from experiments.experiment import run_experiment
from experiments.report import Results
from experiments.report.interval_notes import interval_note, methods


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small comparison with its calibration."""
    return made(tmp_path_factory.mktemp("compared"), "small", SMALL)


def test_a_comparison_names_its_intervals(compared: Path) -> None:
    assert assert_named(compared) == 6
    table = pd.read_parquet(compared / "tables" / "comparison.parquet")
    row = table[(table["measure"] == "funded_package") & (table["transfer"] == "full")].iloc[0]
    assert row["variance_ratio_low"] < row["variance_ratio"] < row["variance_ratio_high"]
    flows = pd.read_parquet(compared / "tables" / "flows.parquet")
    known = flows[flows["share_low"].notna()]
    assert len(known) and (known["share_low"] <= known["share_mean"]).all()
    assert (known["share_mean"] <= known["share_high"]).all()


def test_the_manifest_says_why_each_part_stopped(compared: Path) -> None:
    stopping = Results(compared).manifest["stopping"]
    assert stopping["pairs"] == 30 == stopping["looks"][-1]["pairs"] and stopping["why_stopped"]
    fixed = stopping["calibration"]
    assert f"calibration.replications: {fixed['replications']}" in fixed["why_stopped"]


def test_the_page_says_in_words_how_intervals_were_made(compared: Path) -> None:
    note = interval_note(Results(compared), ["comparison", "savings"])
    assert note.startswith("How intervals (95%) are made: of a difference: paired t")
    assert "bootstrap, the runs drawn again 1,999 times" in note and "Student" not in note
    assert interval_note(Results(compared), ["transfers"]) == ""
    assert "How intervals (95%) are made" in (compared / "report.html").read_text(encoding="utf-8")
    assert methods("paired t; a, b: bootstrap") == ["paired t", "bootstrap"]


def test_a_service_names_its_intervals_and_ratios_are_made_by_bootstrap(toys: Toys, tmp_path: Path) -> None:
    folder = run_experiment(written(toys, {"replications": 12}), tmp_path / "results", 1, False, quiet=True)
    assert assert_named(folder) == 14
    waits = pd.read_parquet(folder / "tables" / "waits.parquet")
    counted = waits["what"] == "seen"
    assert waits[counted]["interval"].eq("year: prediction; mean: t").all()
    assert waits[~counted]["interval"].eq("year: prediction; mean: bootstrap").all()
    assert (waits["mean_low"] <= waits["mean"]).all() and (waits["mean"] <= waits["mean_high"]).all()
    shares = pd.read_parquet(folder / "tables" / "indicators.parquet").set_index("indicator")
    assert shares.loc["resolved", "interval"].endswith("bootstrap"), "one number divided by another"
    assert shares.loc["admitted", "interval"].endswith("t")
    fixed = Results(folder).manifest["stopping"]["service"]
    assert fixed["replications"] == 12 and "service.replications: 12" in fixed["why_stopped"]
