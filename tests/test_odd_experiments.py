"""Experiments that are odd but right end with results and a report: nobody comes, nobody is funded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.store import status_of

CORPUS = Path(__file__).resolve().parent / "bad_input"

ODD = {
    "only a calibration": "comparison: null\n",
    "only a comparison": "calibration: null\n",
    "no targets": "targets: null\n",
    "nobody is followed up": "follow_up_days: 0\n",
    "nobody changes": "comparison: {transfers: [{name: none, title: none, value: 0}], headline_transfer: none}\n",
    "everybody keeps the baseline": "comparison: {keeps_baseline: {source: community}}\n",
    "marks that HTML knows": "title: '<script>alert(1)</script> & \"quotes\"'\n",
    "nobody comes": "calibration: {runs: [{model: small, demand: odd}]}\ncomparison: {demand: odd}\n",
    "nobody is funded": "calibration: {runs: [{model: odd, demand: small}]}\ncomparison: {baseline: odd, model: odd}\n",
    "every draw contradicts itself": "comparison: {model: contradictory, input_draws: 3}\n",
}
FILES = {
    "demand/odd": "kind: demand\nname: odd\nextends: small\nsources: {community: {contacts_per_year: 0}}\n",
    "models/odd": "kind: model\nname: odd\nextends: small\nparameters: {resolved: 1}\n",
    "models/contradictory": "kind: model\nname: contradictory\nextends: small\nparameters:\n  resolved:\n"
    "    {value: 1, status: assumption, why: odd, range: {low: 1, high: 5, shape: uniform, why: odd}}\n",
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_experiment_ends_with_results_and_a_report(
    odd: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CORPUS, tmp_path / "configs", ignore=shutil.ignore_patterns("[!s]*.yaml", "sh*", "st*", "su*"))
    for name, text in FILES.items():
        (tmp_path / "configs" / f"{name}.yaml").write_text(text)
    path = tmp_path / "configs" / "experiments" / "asked.yaml"
    path.write_text(f"kind: experiment\nname: asked\nextends: small\n{ODD[odd]}")
    out = tmp_path / "out"
    code = main(["experiment", str(path), "--out", str(out), "--workers", "1", "--quiet"])
    assert (code, capsys.readouterr().err) == (0, "")
    assert status_of(out) == "finished"
    assert (out / "report.html").stat().st_size > 0
