"""MSER-5 finds a beginning that is there, none that is not, and says where a series does not settle."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Toys
from test_service_experiment import written

from experiments import steady
from experiments.experiment import run_experiment
from experiments.plan import prepare
from experiments.report import Results
from experiments.service_summary import service_lines
from experiments.settling import course
from experiments.steady import LATER, STEADY, steady_state
from experiments.warm_up import DOES_NOT_SETTLE, NOT_ENOUGH, SETTLES, batch_means, mser, trend, warm_up

SERIES = 300


def after_a_start(n: int, bias: float, fades: float, seed: int, memory: float = 0.5) -> np.ndarray[Any, Any]:
    """An AR(1) series about 100 that begins ``bias`` off and comes near as exp(-t / fades)."""
    noise = np.random.default_rng(seed).normal(0, 1, n)
    values = np.empty(n)
    values[0] = noise[0] / math.sqrt(1 - memory**2)
    for t in range(1, n):
        values[t] = memory * values[t - 1] + noise[t]
    return 100 + values + bias * np.exp(-np.arange(n) / fades)


def test_batches_are_of_five_and_the_rest_at_the_end_is_left_out() -> None:
    assert batch_means([1, 2, 3, 4, 5, 10, 10, 10, 10, 20, 99]).tolist() == [3, 12]


def test_the_cut_is_where_the_rest_has_the_least_standard_error() -> None:
    """100, then noughts and ones in turn: without the first the squares over the square of their number are least."""
    means = np.array([100.0, *[0.0, 1.0] * 8])
    assert mser(means) == 1
    sizes = {cut: ((means[cut:] - means[cut:].mean()) ** 2).sum() / len(means[cut:]) ** 2 for cut in range(12)}
    assert min(sizes, key=lambda cut: sizes[cut]) == 1


def test_the_trend_is_kendalls() -> None:
    from scipy.stats import kendalltau

    values = np.random.default_rng(3).normal(size=30) + np.arange(30) / 20
    pairs = 30 * 29 / 2
    score = kendalltau(np.arange(30), values).statistic * pairs
    assert trend(values) == pytest.approx((score - 1) / math.sqrt(30 * 29 * 65 / 18))
    assert trend(-values) == pytest.approx(-trend(values)) and trend(np.ones(10)) == 0.0


@pytest.mark.parametrize(("fades", "least", "most"), [(5.0, 10, 25), (12.0, 25, 55)])
def test_a_beginning_that_fades_is_found(fades: float, least: int, most: int) -> None:
    """20 standard deviations off: it is within one once exp(-t / fades) is 1/20, after three times ``fades``."""
    found = [warm_up(after_a_start(200, 20, fades, seed)) for seed in range(SERIES)]
    cuts = [one.cut for one in found if one.cut is not None]
    assert len(cuts) > 0.8 * SERIES
    assert least <= np.median(cuts) <= most
    assert all(cut >= 2 * fades for cut in cuts), "no cut that leaves much of the beginning in"


def test_nothing_much_is_cut_where_there_is_no_beginning() -> None:
    found = [warm_up(after_a_start(200, 0, 1, seed)) for seed in range(SERIES)]
    assert sum(one.cut == 0 for one in found) > 0.5 * SERIES
    assert sum(one.verdict == SETTLES for one in found) > 0.9 * SERIES
    assert sum(one.verdict == DOES_NOT_SETTLE for one in found) < 0.05 * SERIES


@pytest.mark.parametrize("slope", [0.2, -0.2])
def test_a_trend_does_not_settle(slope: float) -> None:
    found = [warm_up(after_a_start(120, 0, 1, seed) + slope * np.arange(120)) for seed in range(100)]
    assert all(one.verdict == DOES_NOT_SETTLE and one.cut is None for one in found)


def test_a_short_series_and_one_that_has_just_come_to_rest_say_too_little() -> None:
    assert warm_up([1.0] * 59).verdict == NOT_ENOUGH
    assert warm_up([1.0] * 60) == warm_up([7.0] * 64) and warm_up([1.0] * 60).cut == 0
    late = [float(max(0, 40 - t)) for t in range(60)]  # at rest for the last third alone
    assert warm_up(late).verdict in (NOT_ENOUGH, DOES_NOT_SETTLE) and warm_up(late).cut is None


def test_the_configured_warm_up_is_held_against_the_one_that_is_needed() -> None:
    series = after_a_start(100, 400, 4, 1).tolist()
    needed = steady_state(series, 24, False)["warm_up_needed"]
    assert 0 < needed <= 50
    assert steady_state(series, int(needed), False)["steady_state"] == STEADY
    assert steady_state(series, 0, False)["steady_state"] == LATER
    few = (np.array(series) / 50).tolist()
    assert steady_state(few, 0, False)["steady_state"] == STEADY, "less than a person more or less is not told"
    assert steady_state(series, 24, True)["steady_state"] == DOES_NOT_SETTLE, "its years differ by more than chance"
    assert steady_state(series[:30], 24, False)["steady_state"] == NOT_ENOUGH


def test_a_level_that_still_rises_is_claimed_to_be_steady_nowhere() -> None:
    rng = np.random.default_rng(2)
    rising = 100 + 2 * np.arange(85) + rng.normal(0, 1, (10, 85))
    found = course(rising[:, :24].astype(np.int64), rising[:, 24:].astype(np.int64))
    assert (found["steady_state"], found["verdict"]) == (DOES_NOT_SETTLE, "still moving")
    level = rng.poisson(100, (10, 85))
    assert course(level[:, :24], level[:, 24:])["steady_state"] == STEADY


def test_a_drift_too_small_to_matter_is_no_claim_either_way() -> None:
    """From 1,000 to 1,010 people over eight years: a test sees it, nobody else would."""
    drift = 1000 + np.arange(97) / 9.6
    assert warm_up(drift.tolist()).verdict == DOES_NOT_SETTLE
    assert steady_state(drift.tolist(), 12, False)["steady_state"] == NOT_ENOUGH
    assert steady_state((10 * (drift - 990)).tolist(), 12, False)["steady_state"] == DOES_NOT_SETTLE


def test_the_sentences_name_what_is_not_steady() -> None:
    table = pd.DataFrame(
        [("a", 24, 10.0, STEADY), ("b", 24, 30.0, LATER), ("c", 24, math.nan, DOES_NOT_SETTLE),
         ("d", 24, math.nan, NOT_ENOUGH)],
        columns=["stage", "warm_up_months", "warm_up_needed", "steady_state"],
    )  # fmt: skip
    assert steady.claims(table) == {"method": "MSER-5", "steady": ["a"], "settles_later": ["b"],
                                    "does_not_settle": ["c"], "not_enough_data": ["d"]}  # fmt: skip
    said = steady.lines(table, str.upper)
    assert said[0] == "Steady after a warm-up of 24 months (found by MSER-5): 1 of 4 stages."
    assert "too short for B: 30 months" in said[1]
    assert said[2] == "Does not settle: C. No steady state is claimed there." and "D" in said[3]
    assert steady.lines(table.iloc[:0]) == []


def test_a_service_counts_its_warm_up_from_the_first_day(toys: Toys) -> None:
    """40 people are in care when it begins, at the desk nobody; both are seen at the start of the warm-up."""
    run = prepare(written(toys)).service
    assert run is not None
    tally = run.job.outcome(0).tally
    stages = run.job.pathway.stages
    assert tally.early.shape == (2, len(stages), 3)
    assert tally.early[0, stages.index("home"), 0] == 40
    assert tally.early[0, stages.index("desk"), 0] == 0


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service of five years with a desk that keeps up and a team that does not."""
    folder = tmp_path_factory.mktemp("steady")
    path = written(Toys(folder), {"years": 5, "warm_up_months": 6, "replications": 12})
    return run_experiment(path, folder / "results", 1, False, quiet=True)


def test_the_table_the_manifest_and_the_terminal_say_the_same(results: Path) -> None:
    table = pd.read_parquet(results / "tables" / "settled.parquet").set_index("stage")
    manifest = Results(results).manifest
    claimed = manifest["service"]["steady_state"]
    assert table["warm_up_months"].eq(6).all()
    for verdict in steady.VERDICTS:
        assert claimed[verdict.replace(" ", "_")] == table.index[table["steady_state"] == verdict].tolist()
    assert table.loc["desk", "steady_state"] == STEADY
    assert table.loc["home", "steady_state"] != STEADY, "40 people in care are no steady state of this service"
    text = "\n".join(service_lines(results, manifest))
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "found by MSER-5" in text and "found by MSER-5" in page and "Every stage has settled" not in text
