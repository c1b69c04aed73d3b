"""A goal is sought on the paired simulation: known roots come out, and what cannot be met is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_workers import tiny  # noqa: F401

from experiments.answers import Answers
from experiments.cli import main
from experiments.crew import Crew
from experiments.evaluate import Asking, evaluator_of
from experiments.goal.lived import Lives, ranks, share_interval, standing, unranged
from experiments.goal.search import search
from experiments.goal.target import Target, read_target
from experiments.goal.varied import Varied
from experiments.goal.words import closer
from experiments.measured import TRANSFER
from simulation.errors import DemandflowError

MEASURE = "funded_package"
DOOR = "models/now:stages.door.branches.0.probability"


class Straight:
    """An experiment whose measure is a straight line in its inputs, each replication with its own luck."""

    def ask(self, points: Any, names: Any) -> list[Any]:
        told = []
        for point in points:
            over = dict(point.over)
            rows = [[self.value(over, r)] for r in point.replications]
            told.append(np.array(rows))
        return told

    def value(self, over: dict[str, float], replication: int) -> float:
        luck = (replication % 10) - 4.5
        return 100 * over.get("a", 0.2) + 40 * over.get("b", 0.5) + luck


def lives(target: str, replications: int = 40, asking: Any = None) -> Lives:
    return Lives(asking or Straight(), read_target(target), replications)


def over_range(key: str, low: float = 0.0, high: float = 1.0, current: float = 0.3) -> Varied:
    return Varied(key, low, high, current, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m >= 3.843e6 with probability 0.9", Target("m", True, 3.843e6, 0.9, False)),
        ("m>=£3.843m with probability 90%", Target("m", True, 3.843e6, 0.9, False)),
        ("m <= -£300k on average", Target("m", False, -300_000.0, None, True)),
        ("m ≥ 1,200.5", Target("m", True, 1200.5, None, True)),
        ("m == 0", Target("m", None, 0.0, None, True)),
        (
            "care_cost/2019/20 >= 1 with probability 0.5, chance alone",
            Target("care_cost/2019/20", True, 1.0, 0.5, True),
        ),
        ("m > .5 with a probability of 0.25 (chance alone)", Target("m", True, 0.5, 0.25, True)),
    ],
)
def test_targets_are_read(text: str, expected: Target) -> None:
    assert read_target(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no measure and sign"),
        ("demand_savings", "no measure and sign"),
        (">= 3", "no measure and sign"),
        ("m => <= 3", "does not begin with a number"),
        ("m >== 3", "is not a sign"),
        ("m >= lots", "'lots' does not begin with a number"),
        ("m >= 3 perhaps", "'perhaps' is not understood"),
        ("m >= 3 with probability 1", "above 0 and below 1"),
        ("m >= 3 with probability 0", "above 0 and below 1"),
        ("m >= 3 with probability 95", "above 0 and below 1"),
        ("m >= 3 with probability e", "is not a number"),
        ("m == 3 with probability 0.5", "equals a number with no probability"),
        ("m >= 1e999", "too large"),
    ],
)
def test_targets_that_cannot_be_read_are_sentences(text: str, says: str) -> None:
    with pytest.raises(DemandflowError, match=says):
        read_target(text)


def test_a_straight_line_gives_its_root() -> None:
    """The mean is 100 a + 20 whatever the luck: 75 at a = 0.55, and the t interval of the mean turned into a's."""
    result = search(lives("m >= 75"), True, over_range("a"))
    (found,) = result.crossings
    assert result.met == "from" and found.met_above
    assert found.at == pytest.approx(0.55, abs=1e-9)
    sd = np.std(np.arange(10), ddof=0) * np.sqrt(40 / 39)
    half = 2.0226909 * sd / np.sqrt(40) / 100
    assert (found.low, found.high) == (pytest.approx(0.55 - half, abs=1e-6), pytest.approx(0.55 + half, abs=1e-6))
    falling = search(lives("m <= 75"), False, over_range("a"))
    assert falling.met == "up_to" and falling.crossings[0].at == pytest.approx(0.55, abs=1e-9)
    assert (falling.crossings[0].low, falling.crossings[0].high) == pytest.approx((found.low, found.high))


def test_a_probability_asks_more_than_a_mean() -> None:
    """Nine in ten replications are at least 100 a + 20 - 3.5: the threshold is met from a = 0.585 on."""
    result = search(lives("m >= 75 with probability 0.9, chance alone"), True, over_range("a"))
    (found,) = result.crossings
    assert found.at == pytest.approx(0.585, abs=1e-9)
    assert found.low is not None and found.high is not None and found.low < found.at <= found.high
    at = dict(result.points)
    assert all((s.met >= 0.9) == (x >= 0.585 - 1e-9) for x, s in at.items())
    few = search(lives("m >= 75 with probability 0.9, chance alone", 10), True, over_range("a"))
    assert few.crossings[0].high is None, "ten replications cannot tell that nine in ten will do"


def test_a_goal_out_of_reach_says_how_near_it_comes() -> None:
    result = search(lives("m >= 500"), True, over_range("a", 0, 0.8))
    assert result.met == "nowhere" and not result.crossings
    x, best = result.closest
    assert x == 0.8 and best.slack == pytest.approx(100 - 500)
    assert search(lives("m >= -5"), True, over_range("a")).met == "everywhere"


def test_two_inputs_make_a_line() -> None:
    """100 a + 40 b = 75."""
    known = lives("m >= 75")
    for b in (0.0, 0.25, 1.0):
        (found,) = search(known, True, over_range("a"), {"b": b}).crossings
        assert found.at == pytest.approx(0.75 - 0.4 * b, abs=1e-9)


def test_where_few_values_meet_the_line_the_limits_around_it_are_told() -> None:
    """100 a + 40 b = 135, where a is 1 at most."""
    known = lives("m >= 135")
    found = [search(known, True, over_range("a"), {"b": b}) for b in (0.0, 0.25, 0.5, 0.75, 1.0)]
    (said,) = closer(found)
    assert said.endswith("To see more of it: --vary b=0.75:1")
    assert closer(found[:3]) == [] and closer([found[4], found[4]]) == []


def test_a_target_met_in_the_middle_alone_turns_twice() -> None:
    class Hill(Straight):
        def value(self, over: dict[str, float], replication: int) -> float:
            return 100 - 400 * (over["a"] - 0.5) ** 2 + (replication % 10 - 4.5) / 100

    result = search(lives("m >= 91", asking=Hill()), True, over_range("a"))
    assert result.met == "between"
    assert [c.at for c in result.crossings] == pytest.approx([0.35, 0.65], abs=0.001)


def test_ranks_hold_the_share_95_times_in_100() -> None:
    first, last = ranks(100, 0.9)
    rng = np.random.default_rng(7)
    falling = -np.sort(-rng.uniform(size=(4000, 100)), axis=1)
    held = (falling[:, last - 1] <= 0.1) & (falling[:, first - 1] >= 0.1)
    assert 0.94 < held.mean() < 0.985
    assert ranks(20, 0.9)[1] == 21, "twenty values cannot tell the lower end"
    assert share_interval(0.9, 40) == pytest.approx((0.7634, 0.9721), abs=1e-4)


def test_contradictory_draws_are_left_out() -> None:
    one = standing(read_target("m >= 0"), True, np.array([1.0, np.nan, 3.0, -1.0]))
    assert (one.replications, one.slack, one.met) == (3, 1.0, pytest.approx(2 / 3))


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["goal", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def goal(tiny: Path, out: Path, *words: str) -> list[str]:  # noqa: F811
    return [str(tiny), *words, "--pairs", "8", "--draws", "8", "--out", str(out), "--workers", "1", "--quiet"]


def test_the_simulated_root_is_where_the_experiment_meets_it(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What stands in the table as lived is what the experiment counts there; the answer lies between its neighbours."""
    out = tmp_path / "goal"
    code, said, _ = run(goal(tiny, out, "--target", f"{MEASURE} <= -20 on average", "--vary", TRANSFER), capsys)
    assert code == 0 and "would need the share of the gap that is closed to be at least" in said
    answer = pd.read_parquet(out / "tables" / "goal.parquet").iloc[0]
    lived = pd.read_parquet(out / "tables" / "goal_lived.parquet")
    evaluator = evaluator_of(tiny)
    for _, row in lived.iloc[[0, len(lived) // 2]].iterrows():
        values = evaluator.values({TRANSFER: row["value"]}, range(8), [MEASURE])
        assert row["reached"] == pytest.approx(values.mean())
    below, above = lived[lived["value"] < answer["value"]].iloc[-1], lived[lived["value"] >= answer["value"]].iloc[0]
    assert below["reached"] > -20 >= above["reached"] and above["value"] - below["value"] <= 0.0051
    assert answer["value_low"] <= answer["value"] <= answer["value_high"]
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["status"], manifest["command"]) == ("finished", "goal") and manifest["outcome"]["met"]
    assert "not an effect" in (out / "goal.html").read_text(encoding="utf-8")


def test_out_of_reach_is_an_answer_with_a_code_of_its_own(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = goal(tiny, tmp_path / "no", "--target", f"{MEASURE} <= -5000", "--vary", TRANSFER)
    code, said, _ = run(words, capsys)
    assert code == 1 and "at no value" in said and "The closest: " in said
    assert "might meet it" not in said


def test_break_even_of_every_input(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    """The toy's one range moves how many both models answer; only where the shares are the same does nothing change."""
    out = tmp_path / "all"
    code, said, _ = run(goal(tiny, out, "--break-even", MEASURE, "--vary", "all"), capsys)
    table = pd.read_parquet(out / "tables" / "goal_alone.parquet")
    assert code == 0 and len(table) == 2 and "inputs alone could turn that" in said
    assert set(table["input"]) == {TRANSFER, DOOR}


@pytest.mark.slow
def test_two_inputs_on_the_simulation(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    out = tmp_path / "two"
    words = ["--target", f"{MEASURE} <= -20", "--vary", DOOR, "--vary", "transfer=0.2:1"]
    code, said, _ = run(goal(tiny, out, *words), capsys)
    found = pd.read_parquet(out / "tables" / "goal.parquet")
    assert code == 0 and "at 0.5: " in said
    known = found.dropna(subset=["value"])
    assert len(known) >= 2 and known["value"].is_monotonic_increasing, "the smaller the gap, the more of it must close"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--target", "funded_packages >= 3", "--vary", "transfer"], "Did you mean 'funded_package'?"),
        (["--target", "nonsense", "--vary", "transfer"], "cannot be read"),
        (["--target", f"{MEASURE} >= 3 with probability 1.5", "--vary", "transfer"], "above 0 and below 1"),
        (["--target", f"{MEASURE} >= 3", "--vary", "nothing_like_it"], "there is no input 'nothing_like_it'"),
        (["--target", f"{MEASURE} >= 3", "--vary", "transfer=0.5:2"], "lies from 0 to 1"),
        (["--target", f"{MEASURE} >= 3", "--vary", "transfer=0.9:0.2"], "low is not below high"),
        (["--target", f"{MEASURE} >= 3", "--vary", "transfer=half"], "write two limits"),
        (["--target", f"{MEASURE} >= 3", "--vary", "demand/toy:sources.community.contacts_per_year"], "has no range"),
        (["--target", f"{MEASURE} >= 3", "--vary", "transfer", "--vary", "transfer"], "twice"),
        (["--target", f"{MEASURE} >= 3", "--vary", "transfer", "--vary", "all"], "every input alone"),
        (["--target", f"{MEASURE} >= 3", "--vary", "transfer", "--route", "x"], "only an experiment with transition:"),
    ],
)
def test_bad_input_is_a_sentence(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    code, _, err = run(goal(tiny, tmp_path / "bad", *words), capsys)
    assert code == 2 and says in err, err
    assert not (tmp_path / "bad").exists()


def test_a_probability_is_refused_where_an_assumption_has_no_range(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    demand = tiny.parent.parent / "demand" / "toy.yaml"
    text = demand.read_text()
    assert "contacts_per_year: 500.0" in text
    changed = "contacts_per_year: {value: 500.0, status: assumption, why: a toy}"
    demand.write_text(text.replace("contacts_per_year: 500.0", changed))
    target = ["--target", f"{MEASURE} <= -5 with probability 0.5", "--vary", TRANSFER]
    code, _, err = run(goal(tiny, tmp_path / "no", *target), capsys)
    key = "demand/toy:sources.community.contacts_per_year"
    assert code == 2 and "have no range: " in err and key in err
    evaluator = evaluator_of(tiny)
    assert key in unranged(evaluator, []) and key not in unranged(evaluator, [key])
    target[1] += ", chance alone"
    assert run(goal(tiny, tmp_path / "yes", *target), capsys)[0] == 0


def test_drawn_inputs_are_shared_at_every_value(tiny: Path) -> None:  # noqa: F811
    with Crew([], 1) as crew:
        evaluator = evaluator_of(tiny)
        asking = Asking(evaluator, str(tiny), Answers(crew))
        known = Lives(asking, read_target(f"{MEASURE} <= 0 with probability 0.5"), 3)
        some, whole = known.at([{TRANSFER: 0.5}, {TRANSFER: 1.0}])
        drawn = [evaluator.prepared.inputs.drawn(evaluator.prepared.experiment.seed, r) for r in range(3)]
        assert len({tuple(one.items()) for one in drawn}) == 3
        for r in range(3):
            assert some[r] == evaluator.values({**drawn[r], TRANSFER: 0.5}, [r], [MEASURE])[0, 0]
            assert whole[r] == evaluator.values({**drawn[r], TRANSFER: 1.0}, [r], [MEASURE])[0, 0]
