"""A sweep's points are the experiments that they stand for, and every wrong key or value is a sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from conftest import decision, follows
from test_workers import NOW, tiny  # noqa: F401

from experiments.cli import main
from experiments.evaluate import evaluator_of
from experiments.measured import TRANSFER
from experiments.statistics import of_mean

PAIRS = 4
DOOR = "models/now:stages.door.branches.0.probability"


def sweep_file(tiny: Path, over: str, name: str = "swept", more: str = "measures: [funded_package]") -> Path:  # noqa: F811
    """The tiny experiment with a sweep."""
    path = tiny.with_name(f"{name}.yaml")
    head = f'kind: experiment\nname: {name}\nextends: tiny\ntitle: Toys swept\nquestion: "What hangs on what?"\n'
    path.write_text(f"{head}sweep:\n  over:\n{over}\n  {more}\n  pairs: {PAIRS}\n")
    return path


def swept(path: Path, out: Path, workers: int = 1) -> pd.DataFrame:
    """The table of a sweep that has been run."""
    assert main(["sweep", str(path), "--out", str(out), "--workers", str(workers), "--quiet"]) == 0
    return pd.read_parquet(out / "tables" / "sweep.parquet")


GRID = f"    - {{key: transfer, range: {{start: 0, end: 1, steps: 3}}}}\n    - {{key: {DOOR}, values: [0.55, 0.65]}}"


def test_each_point_is_the_experiment_at_its_values(tiny: Path, tmp_path: Path) -> None:  # noqa: F811
    table = swept(sweep_file(tiny, GRID), tmp_path / "out")
    assert table["transfer"].tolist() == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    assert table[DOOR].tolist() == [0.55, 0.65] * 3
    evaluator = evaluator_of(tiny)
    for row in table.itertuples():
        over = {TRANSFER: row.transfer, DOOR: row[3]}
        mean = of_mean(evaluator.values(over, range(PAIRS), ["funded_package"])[:, 0].tolist())
        assert (row.mean, row.low, row.high) == (mean.mean, mean.low, mean.high)
    assert set(table["interval"]) == {"paired t"} and not table["contradictory"].any()
    assert (table["mean"] != 0).sum() == 4


def test_settings_without_evidence_are_laid_over_the_files(
    toys,
    tiny: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    """A number of years, a name and a stage's own number give what files with these values give."""
    over = (
        "    - {key: comparison.years, title: how long, unit: years, values: [1, 2]}\n"
        "    - {key: comparison.model, values: [then, stricter]}\n"
        "    - {key: models/then:stages.desk.duration.mean, values: [2.0]}"
    )
    stricter = decision(("out", 0.85), ("care", "rest"), follows_need=follows(0.5))
    toys.model({**NOW, "door": stricter}, name="stricter", uses=["prices/toy"])
    table = swept(sweep_file(tiny, over), tmp_path / "out").set_index(["comparison.years", "comparison.model"])
    for years in (1, 2):
        for model in ("then", "stricter"):
            text = tiny.read_text().replace("name: tiny", "name: other").replace("years: 2", f"years: {years}")
            other = tiny.with_name("other.yaml")
            other.write_text(text.replace("  model: then", f"  model: {model}"))
            found = evaluator_of(other).values({}, range(PAIRS), ["funded_package"])[:, 0]
            assert table.loc[(years, model), "mean"] == of_mean(found.tolist()).mean
    assert table["mean"].nunique() > 2
    keys = pd.read_csv(tmp_path / "out" / "tables" / "sweep_keys.csv")
    assert keys["title"].tolist()[:2] == ["how long"] * 2 and keys["unit"].tolist()[:2] == ["years"] * 2
    assert keys["how"].tolist() == ["setting"] * 5


@pytest.mark.slow
def test_workers_change_nothing(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    path = sweep_file(tiny, "    - {key: transfer, range: {start: 0, end: 1, steps: 19}}")
    pd.testing.assert_frame_equal(swept(path, tmp_path / "one"), swept(path, tmp_path / "two", workers=2))


def test_a_stopped_sweep_goes_on(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was written whole is taken, what is damaged or missing is run, and the tables are the same."""
    path = sweep_file(tiny, "    - {key: transfer, range: {start: 0, end: 1, steps: 19}}")
    folder = tmp_path / "out"
    one = swept(path, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"status": "stopped"}))
    parts = sorted((folder / "replications").iterdir())
    assert [part.name for part in parts] == [f"sweep-{first:05d}.parquet" for first in (0, 8, 16)]
    whole = parts[0].stat().st_mtime_ns
    raw = bytearray(parts[1].read_bytes())
    raw[60] ^= 255
    parts[1].write_bytes(raw)
    parts[2].unlink()
    (folder / "tables" / "sweep.parquet").unlink()
    capsys.readouterr()
    assert main(["resume", str(folder), "--workers", "1", "--quiet"]) == 0
    assert "8 points were taken from before." in capsys.readouterr().out
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "tables" / "sweep.parquet"), one)
    assert parts[0].stat().st_mtime_ns == whole
    assert json.loads((folder / "manifest.json").read_text())["status"] == "finished"
    (folder / "manifest.json").write_text(json.dumps(manifest | {"status": "stopped"}))
    path.write_text(path.read_text().replace("steps: 19", "steps: 17"))
    assert main(["resume", str(folder), "--quiet"]) == 2
    assert re.search(r"cannot go on: .*swept\.yaml changed since", capsys.readouterr().err)


def test_points_that_cannot_hold_together_are_told_and_have_no_figures(
    toys,
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two branches that are more than 1 together are none, though either alone is one."""
    three = decision(("out", 0.5), ("out", 0.05), ("care", "rest"), follows_need=follows(0.5))
    toys.model({**NOW, "door": three}, name="now", uses=["prices/toy"])
    over = (
        "    - {key: 'models/now:stages.door.branches.0.probability', values: [0.1, 0.5]}\n"
        "    - {key: 'models/now:stages.door.branches.1.probability', values: [0.05, 0.55]}"
    )
    table = swept(sweep_file(tiny, over), tmp_path / "out")
    assert table["contradictory"].tolist() == [False, False, False, True]
    assert table["mean"].isna().tolist() == [False, False, False, True]
    assert "1 points have no figures" in capsys.readouterr().out
    assert "does not hold together" in (tmp_path / "out" / "sweep.html").read_text()


def test_a_list_takes_its_values_together(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    over = f"    - {{key: transfer, values: [0.2, 0.9]}}\n    - {{key: {DOOR}, values: [0.55, 0.65]}}"
    table = swept(sweep_file(tiny, over, more="how: list\n  measures: [funded_package]"), tmp_path / "out")
    assert table[["transfer", DOOR]].to_numpy().tolist() == [[0.2, 0.55], [0.9, 0.65]]


@pytest.mark.parametrize(
    ("over", "more", "said"),
    [
        ("{key: transfr, values: [1]}", "", r"swept\.yaml:8: there is no 'transfr' .* Did you mean 'transfer'\?"),
        (f"{{key: '{DOOR}d', values: [1]}}", "", rf"Did you mean '{DOOR}'\?"),
        ("{key: comparison.yeers, values: [1]}", "", r":8: there is no .* Did you mean 'comparison\.years'\?"),
        ("{key: 'models/now:stages.dor.title', values: [a]}", "", r"Did you mean 'models/now:stages\.door\.title'\?"),
        ("{key: models/then_not.x, values: [1]}", "", "models/then_not is none of the files"),
        ("{key: name, values: [a]}", "", "'name' cannot be swept"),
        (f"{{key: '{DOOR}', values: [a]}}", "", "is a number, and 'a' is none"),
        (f"{{key: '{DOOR}', values: [0.5, 1.7]}}", "", r":8: with .* 1\.7 nothing can be run: .*between 0 and 1"),
        ("{key: comparison.years, values: [0, 1]}", "", r"with years 0 nothing can be run: .*at least 1"),
        ("{key: comparison.model, values: [thenn]}", "", "Did you mean 'then'"),
        ("{key: transfer, values: []}", "", r"sweep\.over\.0\.values"),
        ("{key: transfer, values: [0.5, 0.5]}", "", "the value 0.5 stands twice"),
        ("{key: transfer, range: {start: 1, end: 1, steps: 3}}", "", "starts and ends at 1"),
        ("{key: transfer, values: [1]}\n    - {key: transfer, values: [0]}", "", "'transfer' is swept twice"),
        ("{key: transfer, values: [1]}", "measures: [funded]", "there is no measure 'funded'"),
        ("{key: transfer, values: [1]}", "route: x\n  measures: [contact]", "only an experiment with transition"),
        (
            "{key: transfer, values: [1]}\n    - {key: comparison.years, values: [1, 2]}",
            "how: list\n  measures: [funded_package]",
            r"there are not as many of each: transfer 1, comparison\.years 2",
        ),
        (
            "{key: transfer, range: {start: 0, end: 1, steps: 200}}\n"
            f"    - {{key: '{DOOR}', range: {{start: 0.5, end: 0.6, steps: 6}}}}",
            "",
            "the grid has 1,200 points, more than 1,000",
        ),
    ],
)  # fmt: skip
def test_wrong_sweeps_are_sentences_at_their_line(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    over: str,
    more: str,
    said: str,
) -> None:
    path = sweep_file(tiny, f"    - {over}", more=more or "measures: [funded_package]")
    assert main(["sweep", str(path), "--out", str(tmp_path / "out"), "--workers", "1"]) == 2
    assert re.search(said, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_an_experiment_without_a_sweep_is_told_so(
    tiny: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["sweep", str(tiny)]) == 2
    assert "there is no sweep: in this experiment" in capsys.readouterr().err
