"""Two results folders side by side: what differs in inputs and results, and what of it is more than chance."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from small_experiment import SMALL, made

from experiments.bootstrap import of_ratio
from experiments.cli import main
from experiments.compare_runs.chance import (
    MEAN,
    ONE,
    PAIRED,
    RESAMPLED,
    WELCH,
    from_limits,
    holm,
    paired,
    standard_error,
    welch,
)
from experiments.compare_runs.figures import Figure, method_of, side_by_side
from experiments.compare_runs.results import EXACT, MAYBE, MORE, ONLY, UNKNOWN, compared, read_side, results_table
from experiments.compare_runs.run import compare_runs
from experiments.results_folder import finished_experiment
from experiments.statistics import of_mean, of_one_year
from experiments.store import SCHEMA_VERSION, Folder

MANIFEST: dict[str, Any] = {
    "schema_version": SCHEMA_VERSION,
    "status": "finished",
    "experiment": "toy",
    "config": {"name": "toy", "comparison": {"years": 2}},
    "config_hashes": {"configs/experiments/toy.yaml": "aa", "configs/models/now.yaml": "bb"},
    "versions": {"numpy": "2.0", "demandflow": "0.1.0"},
    "code": {"commit": "c" * 40, "dirty": False},
    "seed": 7,
    "engine": "compiled",
    "replications": {"comparison": 40, "transition": 40},
}
NUMBERS = pd.DataFrame(
    {
        "key": ["models/now.share", "models/now.hours"], "value": [0.25, 3.0], "formula": [None, None],
        "status": ["assumption", "published"], "low": [0.1, np.nan], "high": [0.4, np.nan], "swing": [5.0, 1.0],
    }
)  # fmt: skip


def luck(shift: float = 0.0, seed: int = 1, size: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).normal(100 + shift, 5, size)


def measured(*values: tuple[str, np.ndarray]) -> pd.DataFrame:
    """A table of a comparison, from one value a replication."""
    rows = []
    for measure, each in values:
        span = of_mean(each.tolist())
        rows.append(
            {"measure": measure, "transfer": "full", "difference": span.mean, "low": span.low, "high": span.high}
        )
    return pd.DataFrame(rows, columns=["measure", "transfer", "difference", "low", "high"])


def by_month(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {"replication": range(len(values)), "run": "today", "measure": "contact", "month": "2015-04", "value": values}
    )


def folder(place: Path, tables: dict[str, pd.DataFrame], **manifest: Any) -> Path:
    made_here = Folder(place, False)
    made_here.json("manifest.json", {**MANIFEST, **manifest})
    for name, table in tables.items():
        made_here.table(name, table)
    return made_here.path


def verdicts(first: Path, second: Path) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Verdict and method of each figure that differs."""
    one, two = (read_side(path, finished_experiment(path)) for path in (first, second))
    table = results_table(compared(one, two)[0])
    return {(r.table, r.row, r.column): (r.verdict, r.method) for r in table.itertuples()}


def test_the_paired_test_is_the_paired_t_test():
    a, b = luck(seed=1), luck(2.0, seed=2)
    found, expected = paired(a, b), scipy.stats.ttest_rel(b, a)
    assert found is not None and found.p == pytest.approx(expected.pvalue, rel=1e-9)
    low, high = expected.confidence_interval(0.95)
    assert (found.difference, found.low, found.high) == pytest.approx(((b - a).mean(), low, high))
    assert found.method == PAIRED
    assert paired(a, a).p == 1.0 and paired(a, a + 1.5).p == pytest.approx(0.0, abs=1e-12)  # type: ignore[union-attr]
    assert paired(a[:9], b[:9]) is None and paired(a, np.append(b[1:], np.nan)) is None


def test_welchs_test_from_intervals_is_welchs_test_from_values():
    a, b = luck(seed=1), luck(2.0, seed=2, size=55) * 1.5
    expected = scipy.stats.ttest_ind(b, a, equal_var=False)
    low, high = expected.confidence_interval(0.95)
    for covers, span in ((MEAN, of_mean), (ONE, of_one_year)):
        sides = [
            (float(v.mean()), standard_error(span(v.tolist()).low, span(v.tolist()).high, len(v), covers), len(v))
            for v in (a, b)
        ]
        found = welch(sides[0], sides[1])
        assert found is not None and found.p == pytest.approx(expected.pvalue, rel=1e-9)
        assert (found.difference, found.low, found.high) == pytest.approx((b.mean() - a.mean(), low, high))
    assert welch((1.0, math.nan, 40), (2.0, 0.1, 40)) is None
    assert welch((1.0, 0.1, 9), (2.0, 0.1, 40)) is None


def test_bootstrap_intervals_are_not_taken_for_students():
    found = from_limits((10.0, 8.0, 13.0, 40), (16.0, 12.0, 18.0, 40))
    assert found is not None and found.method == RESAMPLED
    assert (found.low, found.high) == pytest.approx((6 - math.hypot(4, 3), 6 + math.hypot(2, 2)))
    just = from_limits((0.0, -3.0, 3.0, 40), (5.0, 1.0, 9.0, 40))
    assert just is not None and just.low == pytest.approx(0.0) and just.p == pytest.approx(0.05, rel=1e-9)
    turned = from_limits((5.0, 1.0, 9.0, 40), (0.0, -3.0, 3.0, 40))
    assert turned is not None and turned.high == pytest.approx(0.0) and turned.p == pytest.approx(just.p)
    assert from_limits((1.0, math.nan, 2.0, 40), (2.0, 1.0, 3.0, 40)) is None
    assert from_limits((1.0, 0.0, 2.0, 9), (2.0, 1.0, 3.0, 40)) is None
    same = from_limits((1.0, 1.0, 1.0, 40), (1.0, 1.0, 1.0, 40))
    assert same is not None and same.p == 1.0


def test_a_ratio_of_luck_alone_differs_in_five_of_a_hundred():
    """Ratios of sums, as tables give them: their own intervals, and a skewed law."""
    generator, wrong = np.random.default_rng(3), 0
    for _ in range(300):
        sides = []
        for side in range(2):
            below = generator.exponential(20, 40) + 5
            found = of_ratio((below * 0.3 + generator.normal(0, 2, 40)).tolist(), below.tolist(), side)
            sides.append((found.mean, found.low, found.high, 40))
        test = from_limits(sides[0], sides[1])
        wrong += test is not None and test.p < 0.05
    assert 4 <= wrong <= 30, "5% of 300 is 15"


@pytest.mark.parametrize(
    ("told", "low", "method"),
    [
        ("paired t; variance_ratio: bootstrap", "low", "paired t"),
        ("paired t; variance_ratio: bootstrap", "variance_ratio_low", "bootstrap"),
        ("n: prediction; mean: t; share: bootstrap", "share_low", "bootstrap"),
        ("weeks, saving: paired t", "saving_low", "paired t"),
        ("year: prediction; mean: bootstrap", "mean_low", "bootstrap"),
        ("", "mean_low", ""),
    ],
)
def test_how_an_interval_was_made_is_read_from_its_row(told, low, method):
    assert method_of(told, low) == method


def test_holms_correction_is_the_textbooks():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0] and holm([]) == []


def test_luck_alone_is_called_more_than_chance_in_one_family_of_twenty_at_most():
    generator, wrong = np.random.default_rng(5), 0
    for _ in range(400):
        a, b = generator.normal(size=(2, 12, 30))
        tests = [paired(x, y) for x, y in zip(a, b, strict=True)]
        wrong += min(holm([test.p for test in tests if test is not None])) < 0.05
    assert 8 <= wrong <= 33, "5% of 400 is 20"


def test_nothing_changed_is_said(tmp_path):
    tables = {"comparison": measured(("contact", luck())), "inputs": NUMBERS, "months_by_replication": by_month(luck())}
    one, two = folder(tmp_path / "one", tables), folder(tmp_path / "two", tables)
    said = "\n".join(compare_runs(one, two))
    assert "Inputs: nothing changed" in said and "Results: nothing changed (4 figures" in said
    assert "How this was found" not in said


def test_every_kind_of_input_that_differs_is_told(tmp_path):
    other = NUMBERS.assign(value=[0.25, 4.0], low=[0.2, np.nan], status=["elicited", "published"])
    one = folder(tmp_path / "one", {"inputs": NUMBERS})
    two = folder(
        tmp_path / "two", {"inputs": pd.concat([other, NUMBERS.iloc[:1].assign(key="models/now.new")])},
        config={"name": "toy", "comparison": {"years": 3}}, seed=8, engine="simpy",
        config_hashes={"/elsewhere/experiments/toy.yaml": "aa", "/elsewhere/models/now.yaml": "xx"},
        versions={"numpy": "2.1", "demandflow": "0.1.0"}, code={"commit": "d" * 40, "dirty": True},
    )  # fmt: skip
    compare_runs(one, two, tmp_path / "out")
    found = pd.read_csv(tmp_path / "out" / "tables" / "changed_inputs.csv", keep_default_na=False)
    assert [tuple(row) for row in found.itertuples(index=False)] == [
        ("file", "models/now.yaml", "as it was", "changed"),
        ("number", "models/now.new", "not there", "0.25"),
        ("number", "models/now.hours", "3", "4"),
        ("number", "models/now.share (low end of its range)", "0.1", "0.2"),
        ("number", "models/now.share (status)", "assumption", "elicited"),
        ("setting", "comparison.years", "2", "3"),
        ("seed", "seed", "7", "8"),
        ("engine", "engine", "compiled", "simpy"),
        ("version", "numpy", "2.0", "2.1"),
        ("code", "commit", "c" * 40, "d" * 40),
        ("code", "dirty", "False", "True"),
    ]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["command"] == "compare-runs"


def test_differences_are_told_by_how_sure_they_are(tmp_path):
    base = luck(seed=3)
    ranges = pd.DataFrame({"measure": ["funded"], "transfer": ["full"], "draws": [9], "low": [1.0], "high": [2.0]})
    first = {
        "comparison": measured(("sure", luck(seed=1)), ("luck", luck(seed=1)), ("gone", luck(seed=9))),
        "months_by_replication": by_month(base), "ranges": ranges, "inputs": NUMBERS,
    }  # fmt: skip
    second = {
        "comparison": measured(("sure", luck(50, seed=2)), ("luck", luck(seed=2)), ("new", luck(seed=9))),
        "months_by_replication": by_month(base + 0.2 + np.linspace(-0.1, 0.1, 40)),
        "ranges": ranges.assign(low=1.5), "inputs": NUMBERS.assign(swing=[6.0, np.nan]),
    }  # fmt: skip
    one, two = folder(tmp_path / "one", first), folder(tmp_path / "two", second)
    assert verdicts(one, two) == {
        ("comparison", "sure; full", "difference"): (MORE, WELCH),
        ("comparison", "luck; full", "difference"): (MAYBE, WELCH),
        ("months_by_replication", "today; contact; 2015-04", "value"): (MORE, PAIRED),
        ("ranges", "funded; full", "low"): (EXACT, ""),
        ("inputs", "models/now.share", "swing"): (EXACT, ""),
        ("inputs", "models/now.hours", "swing"): (ONLY, ""),
    }
    said = "\n".join(compare_runs(one, two))
    assert "1 of" not in said.split("Results:")[0] and "2 rows that only one run has" in said
    assert "gone; full (in the first run)" in said and "new; full (in the second run)" in said
    assert "Paired t over replications of the same seeds: months_by_replication." in said
    assert "does not say which of their changes did it" in said


def test_other_seeds_are_no_pairs_and_other_draws_are_chance(tmp_path):
    ranges = pd.DataFrame({"measure": ["funded"], "transfer": ["full"], "median": [1.0]})
    base = luck(seed=3)
    one = folder(tmp_path / "one", {"months_by_replication": by_month(base), "ranges": ranges})
    shifted = {"months_by_replication": by_month(base + 0.2), "ranges": ranges.assign(median=2.0)}
    assert verdicts(one, folder(tmp_path / "same", shifted)) == {
        ("months_by_replication", "today; contact; 2015-04", "value"): (MORE, PAIRED),
        ("ranges", "funded; full", "median"): (EXACT, ""),
    }
    assert verdicts(one, folder(tmp_path / "other", shifted, seed=8)) == {
        ("months_by_replication", "today; contact; 2015-04", "value"): (MAYBE, WELCH),
        ("ranges", "funded; full", "median"): (UNKNOWN, ""),
    }


def test_replications_that_are_not_the_same_are_no_pairs_and_drawn_inputs_are_told(tmp_path):
    """Contradictory draws leave none: by their places alone, others would be taken for pairs."""
    base = luck(seed=3)
    whole, shifted = by_month(base), by_month(base + 0.2 + np.linspace(-0.1, 0.1, 40))
    first = {"months_by_replication": whole[whole["replication"] != 0]}
    second = {"months_by_replication": shifted[shifted["replication"] != 39]}
    place = ("months_by_replication", "today; contact; 2015-04", "value")
    one, two = (
        folder(tmp_path / name, tables, transition={"draws": 40}) for name, tables in (("one", first), ("two", second))
    )
    assert verdicts(one, two)[place] == (MAYBE, WELCH)
    assert "there it is inputs and chance together" in "\n".join(compare_runs(one, two))
    same = folder(tmp_path / "same", {"months_by_replication": shifted[shifted["replication"] != 0]})
    assert verdicts(one, same)[place] == (MORE, PAIRED)


def test_few_replications_are_no_evidence_of_either(tmp_path):
    one = folder(tmp_path / "one", {"comparison": measured(("m", luck(size=5)))}, replications={"comparison": 5})
    two = folder(tmp_path / "two", {"comparison": measured(("m", luck(50, size=5)))}, replications={"comparison": 5})
    assert verdicts(one, two) == {("comparison", "m; full", "difference"): (UNKNOWN, "")}
    assert "Nothing could be tested for chance: that needs intervals from at least 10" in "\n".join(
        compare_runs(one, two)
    )


def test_rows_of_the_same_words_are_matched_in_their_order_and_words_are_told():
    table = pd.DataFrame({"team": ["a", "a", "b"], "amount": [1.0, 2.0, 3.0]})
    figures = [f for f in side_by_side("unheard_of", table, table) if isinstance(f, Figure)]
    assert [(f.key, f.first) for f in figures] == [(("a",), 1.0), (("a", "no. 2"), 2.0), (("b",), 3.0)]
    checks = pd.DataFrame({"title": ["Contacts"], "verdict": ["inside"]})
    (word,) = side_by_side("checks", checks, checks.assign(verdict="outside"))
    assert (word.key, word.column, word.first, word.second) == (("Contacts",), "verdict", "inside", "outside")


def test_folders_that_cannot_be_compared(tmp_path, capsys):
    good = folder(tmp_path / "good", {"inputs": NUMBERS})
    for manifest, says in (
        ({"status": "running"}, "its run is running, not finished"),
        ({"command": "hindcast"}, "was written by run.py hindcast"),
        ({"schema_version": 99}, "is of schema version 99"),
    ):
        bad = folder(tmp_path / says.replace(" ", "_").replace(",", ""), {}, **manifest)
        assert main(["compare-runs", str(good), str(bad)]) == 2
        assert says in capsys.readouterr().err
    assert main(["compare-runs", str(good), str(tmp_path / "nowhere")]) == 2
    (good / "tables" / "inputs.parquet").write_bytes(b"PAR1")
    assert main(["compare-runs", str(good), str(good)]) == 2
    said = capsys.readouterr().err
    assert "there is no such folder" in said and "inputs.parquet: is not a whole Parquet file" in said


@pytest.mark.slow
def test_real_runs_are_paired_over_their_replications(tmp_path):
    first = made(tmp_path / "a", "small", SMALL)
    second = made(tmp_path / "b", "small", SMALL + "parameters:\n  harrow_carried_over: 0.5\n")
    one, two = (read_side(path, finished_experiment(path)) for path in (first, second))
    assert {place[0] for place in one.values} == {"comparison", "census", "savings"}
    told = one.tables["comparison"]
    covered = {(place[2], place[1]) for place in one.values if place[0] == "comparison"}
    assert {((r.measure, r.transfer), "difference") for r in told.itertuples()} <= covered, "every row has its pairs"
    assert len([place for place in one.values if place[0] == "census"]) == len(one.tables["census"])
    results = {(r.figure.table, r.figure.key, r.figure.column): r for r in compared(one, two)[0]}
    harrow = results["comparison", ("funded_package", "harrow"), "difference"]
    assert harrow.verdict == MORE and harrow.test is not None and harrow.test.method == PAIRED
    assert harrow.test.difference == pytest.approx(harrow.figure.second - harrow.figure.first)
    full = results["comparison", ("funded_package", "full"), "difference"]
    assert not full.differs, "the whole gap does not depend on Harrow"
    assert results["comparison", ("contact", "harrow"), "value_model"].differs is False
