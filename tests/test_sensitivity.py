"""Sensitivity is what is known of functions with known answers, and what an experiment of those inputs would count."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import twentieth
from scipy.stats import norm
from test_workers import tiny  # noqa: F401

from experiments.cli import main
from experiments.evaluate import evaluator_of
from experiments.evaluate_comparison import OfComparison
from experiments.measured import Point
from experiments.resampling import resamples, shuffles, uniforms
from experiments.sensitivity import groups as by_groups
from experiments.sensitivity import screen, shares, words
from experiments.sensitivity.found import Request
from experiments.sensitivity.groups import Group, group_table, groups_of
from experiments.sensitivity.information import expectations, of_everything, of_one, worth_of
from experiments.sensitivity.parts import split
from experiments.sensitivity.smooth import Smoother, places_of
from experiments.sensitivity.study import Study, benefit_of, default_measures, titles_of
from experiments.sensitivity.tables import drawn, knowing, screen_table, shares_table
from experiments.sensitivity.tornado import central_of, tornado
from simulation.errors import ConfigError
from simulation.inputs import quantile

LOSS = norm.pdf(0.0)
"""The unit normal loss at nought: what knowing is worth, in standard deviations, where the choice is even."""


def normals(name: str, *shape: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(norm.ppf(uniforms(name, 1, math.prod(shape)))).reshape(shape)


def answers(rows: np.ndarray[Any, Any], function: Any) -> list[float | None]:
    return [float(function(row)) for row in rows.reshape(-1, rows.shape[-1])]


def ishigami(u: np.ndarray[Any, Any]) -> float:
    x = np.pi * (2 * u - 1)
    return float(np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))


def test_sobol_indices_of_ishigami_are_the_known_ones() -> None:
    made = shares.shares(3, answers(shares.blocks(3, 2048, 7), ishigami), 7)
    assert made.s1[0] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert made.st[0] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    for found, known in ((made.s1, [0.3139, 0.4424, 0.0]), (made.st, [0.5576, 0.4424, 0.2437])):
        assert all(low <= value <= high for low, value, high in zip(found[1], known, found[2], strict=True))
    assert (made.blocks, made.dropped) == (2048, 0)


def test_sobol_indices_of_the_g_function_are_the_known_ones() -> None:
    a = np.array([0.0, 1.0, 4.5, 9.0])
    parts = 1 / (3 * (1 + a) ** 2)
    whole = np.prod(1 + parts) - 1
    points = shares.blocks(4, 2048, 3)
    made = shares.shares(4, answers(points, lambda u: np.prod((np.abs(4 * u - 2) + a) / (1 + a))), 3)
    assert made.s1[0] == pytest.approx(parts / whole, abs=0.03)
    assert made.st[0] == pytest.approx(parts * np.prod(1 + parts) / (1 + parts) / whole, abs=0.03)


def test_a_block_with_a_contradiction_goes_as_a_whole() -> None:
    outcomes = answers(shares.blocks(3, 512, 7), ishigami)
    holes = [None if n in (0, 3, 12) else value for n, value in enumerate(outcomes)]  # blocks 0 (twice) and 2
    made, clean = shares.shares(3, holes, 7), shares.shares(3, outcomes[5:10] + outcomes[15:], 7)
    assert (made.blocks, made.dropped) == (510, 2)
    assert np.array_equal(made.s1, clean.s1) and np.array_equal(made.st, clean.st)
    few = shares.shares(3, [None] * (497 * 5) + outcomes[497 * 5 :], 7)
    assert few.blocks == 15 and np.isnan(few.s1).all()
    assert np.isnan(shares.shares(3, [4.0] * 512 * 5, 7).st).all(), "nothing moves: nothing to share out"


def test_morris_on_a_straight_line_finds_its_slopes() -> None:
    slopes = np.array([3.0, -2.0, 0.0, 0.5])
    points = screen.ways(4, 8, 5)
    rows = screen.screened(screen.effects(points, answers(points, lambda u: 9 + u @ slopes)), 5, "line")
    assert [row["mu"] for row in rows] == pytest.approx(slopes.tolist())
    assert [row["mu_star"] for row in rows] == pytest.approx(np.abs(slopes).tolist())
    assert [row["sigma"] for row in rows] == pytest.approx([0.0] * 4, abs=1e-9)
    assert screen.leading([np.array([row["mu_star"] for row in rows])], 9) == [0, 1, 3], "what moves nothing is out"


def test_morris_is_what_salib_makes_of_the_same_points() -> None:
    from SALib.analyze import morris

    points = screen.ways(3, 12, 2)
    outcomes = answers(points, ishigami)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    theirs = morris.analyze(problem, points.reshape(-1, 3), np.array(outcomes), num_levels=screen.LEVELS)
    mine = screen.screened(screen.effects(points, outcomes), 2, "ishigami")
    for name in ("mu", "mu_star", "sigma"):
        assert [row[name] for row in mine] == pytest.approx(list(theirs[name]))
    assert all(row["mu_star_low"] <= row["mu_star"] <= row["mu_star_high"] for row in mine)


def test_a_step_into_a_contradiction_is_left_out_and_counted() -> None:
    points = screen.ways(3, 6, 2)
    outcomes = answers(points, lambda u: u @ np.array([1.0, 2.0, 4.0]))
    outcomes[1] = None  # both steps of the first way that touch its second point
    rows = screen.screened(screen.effects(points, outcomes), 2, "holes")
    assert sum(row["contradictory_effects"] for row in rows) == 2
    assert all(row["effects"] + row["contradictory_effects"] == 6 for row in rows)
    assert [row["mu"] for row in rows] == pytest.approx([1.0, 2.0, 4.0])


GROUPS = [Group("one", (0, 2)), Group("two", (1,)), Group("three", (3, 4, 5))]


def test_a_screen_of_groups_is_what_salib_makes_of_the_same_points() -> None:
    from SALib.analyze import morris

    points = by_groups.ways(GROUPS, 6, 8, 1)
    flat = points.reshape(-1, 6)
    y = np.sin(3 * flat[:, 0]) * (1 + flat[:, 2]) + 2 * flat[:, 1] ** 2 + flat[:, 0] * flat[:, 1]
    owner = ["one", "two", "one", "three", "three", "three"]
    problem = {"num_vars": 6, "names": list("abcdef"), "bounds": [[0.0, 1.0]] * 6, "groups": owner}
    theirs = morris.analyze(problem, flat, y, num_levels=4, num_resamples=2)
    found = np.abs(by_groups.effects(points, GROUPS, y.tolist())).mean(axis=0)
    theirs = dict(zip(theirs["names"], np.asarray(theirs["mu_star"], dtype=float), strict=True))
    assert [theirs[group.title] for group in GROUPS] == pytest.approx(found.tolist())
    assert found[2] == 0, "a group that does nothing is seen to do nothing"
    gone = by_groups.effects(points, GROUPS, [None, *y.tolist()[1:]])
    assert np.isnan(gone[0]).sum() == 1 and not np.isnan(gone[1:]).any()


def test_groups_are_neighbours_of_one_file_and_hold_everything_once(ranged: Path) -> None:
    inputs = evaluator_of(ranged).prepared.inputs.ranged()
    files = {item.loaded.ref for item in inputs}
    for most in (2, len(files), 5, 100):
        groups = groups_of(inputs, most)
        assert sorted(n for group in groups for n in group.members) == list(range(len(inputs)))
        assert all(len({inputs[n].loaded.ref for n in group.members}) == 1 for group in groups)
        assert len(groups) <= max(most, len(files)) and len({group.title for group in groups}) == len(groups)
        assert all(f"({inputs[g.members[0]].loaded.ref.partition('/')[0]})" in g.title for g in groups)
    assert all(len(group.members) == 1 for group in groups)


def test_inputs_of_the_leading_groups_are_looked_at_one_by_one(ranged: Path) -> None:
    study = study_of(ranged, 2)
    groups = groups_of(study.inputs, 100)
    table, chosen = group_table(study, groups, 3, 2)
    titles = [study.titles[n] for n in chosen]
    assert titles == ["fall", "care, older, care, weekly cost"], "the one that moves nothing is left out"
    rows = table[table["measure"] == "funded_package"]
    assert rows["looked_into"].tolist().count(True) == 2 and rows["mu_star"].iloc[0] > 0 == rows["mu_star"].iloc[-1]
    assert group_table(study, groups, 3, 1)[1] == [study.titles.index("fall")]


def test_the_leading_inputs_are_the_best_of_any_measure() -> None:
    scores = [np.array([10.0, 1.0, 0.0, math.nan]), np.array([0.0, 0.2, 1.0, 0.0])]
    assert screen.leading(scores, 2) == [0, 2]
    assert screen.leading(scores, 9) == [0, 2, 1]
    assert screen.leading([np.zeros(3)], 2) == []


def test_a_constructed_variance_splits_into_its_parts() -> None:
    """Inputs of variance 9 and chance of variance 4: unbiased over many studies, and held by the intervals."""
    count, studies = 60, 150
    true = normals("truth", studies, count, 1) * 3 + normals("luck", studies, count, 2) * 2
    made = [split(values, n, "m") for n, values in enumerate(true)]
    inputs, chance = ([getattr(one, part).value for one in made] for part in ("inputs", "chance"))
    for values, known in ((inputs, 9.0), (chance, 4.0)):
        assert abs(np.mean(values) - known) < 4 * np.std(values) / math.sqrt(studies)
    held = np.mean([one.inputs.low <= 9 <= one.inputs.high for one in made])
    assert 0.85 <= held <= 1.0, "95% but for what 60 draws leave a bootstrap of a variance"
    assert np.mean([one.share.value for one in made]) == pytest.approx(9 / 13, abs=0.03)


def test_where_only_chance_varies_inputs_get_nothing() -> None:
    made = [split(values, n, "m").inputs for n, values in enumerate(normals("noise", 100, 60, 2))]
    values = [one.value for one in made]
    assert min(values) < 0 and abs(np.mean(values)) < 4 * np.std(values) / 10, "unbiased, so at times below nought"
    assert 0.88 <= np.mean([one.low < 0 < one.high for one in made]) <= 1
    still = split(np.repeat(normals("still", 40, 1), 2, axis=1), 1, "m")
    assert (still.chance.value, still.share.value) == (0.0, 1.0)
    assert math.isnan(split(np.ones((40, 2)), 1, "m").share.value)
    with pytest.raises(ValueError, match="two draws and two"):
        split(np.ones((40, 1)), 1, "m")


def test_knowing_everything_is_worth_what_the_normal_loss_says() -> None:
    """A benefit with mean 100 and standard deviation 20: at cost c it is 20 · L(|100 - c| / 20)."""
    benefit = 100 + 20 * norm.ppf((np.arange(4000) + 0.5) / 4000)
    for cost in (60.0, 95.0, 100.0, 130.0):
        z = abs(100 - cost) / 20
        known = 20 * (norm.pdf(z) - z * (1 - norm.cdf(z)))
        assert float(worth_of(benefit, np.array(cost))) == pytest.approx(known, rel=0.005)
    even, far = of_everything(benefit[::10, None], [None, 130.0], 3)
    assert even.low < 20 * LOSS < even.high and far.value < even.value


def test_chance_is_not_taken_for_something_that_could_be_known() -> None:
    benefit = 20 * normals("benefit", 1500, 1)
    lived = benefit + 30 * normals("chance", 1500, 2)
    assert np.std(lived.mean(axis=1)) > 26
    assert np.std(expectations(lived)) == pytest.approx(20, rel=0.08)
    (whole,) = of_everything(lived, [None], 1)
    assert whole.low < 20 * LOSS < whole.high
    (nothing,) = of_everything(30 * normals("only chance", 1500, 2), [None], 1)
    assert nothing.value < 4


def test_knowing_one_input_is_worth_its_own_part() -> None:
    inputs = normals("inputs", 1200, 3)
    lived = 50 + (inputs @ np.array([9.0, 3.0, 0.0]))[:, None] + 8 * normals("beside", 1200, 2)
    strong, weak, none = (of_one(inputs[:, n], lived, None, 2, f"x{n}") for n in range(3))
    assert strong.low < 9 * LOSS < strong.high and strong.told_apart
    assert weak.low < 3 * LOSS < weak.high and weak.told_apart
    assert none.low == 0.0 and none.value < 0.5
    same = of_one(np.exp(inputs[:, 0]), lived, None, 2, "x0")
    assert same.value == pytest.approx(strong.value), "what is known is the same however it is written"
    off = of_one(inputs[:, 0], lived, 62.0, 2, "x0")
    z = 12 / 9
    assert off.value == pytest.approx(9 * (norm.pdf(z) - z * (1 - norm.cdf(z))), rel=0.25)


def test_a_bent_curve_is_followed_and_noise_is_not() -> None:
    places = places_of(normals("places", 400))
    wanted = np.sin(2 * np.pi * places)
    noisy = (wanted + 0.3 * normals("scatter", 400))[:, None]
    smoother = Smoother.at(places)
    assert np.abs(smoother.fitted(noisy, smoother.weights(noisy))[:, 0] - wanted).mean() < 0.08
    mixed = noisy[:, 0][shuffles("mixed", 1, 400, 100)].T
    assert smoother.fitted(mixed, smoother.weights(mixed)).std() < 0.25 * noisy.std()
    assert places_of(np.array([3.0, 1.0, 3.0])).tolist() == pytest.approx([2 / 3, 1 / 6, 2 / 3])


def test_resampling_is_the_same_each_time_and_draws_from_everything() -> None:
    places = resamples("one", 5, 30, 200)
    assert np.array_equal(places, resamples("one", 5, 30, 200))
    assert not np.array_equal(places, resamples("other", 5, 30, 200))
    assert places.min() == 0 and places.max() == 29
    assert all(sorted(order) == list(range(30)) for order in shuffles("one", 5, 30, 5))


@pytest.fixture
def ranged(tiny: Path) -> Path:  # noqa: F811
    """The toy experiment with ranges: one moves its answer, one the money alone, one nothing."""
    folder = tiny.parent.parent
    text = tiny.read_text(encoding="utf-8")
    text = text.replace(
        "calibration:",
        """parameters:
  fall: {value: -0.2, status: assumption, why: "for a test", range: {low: -0.3, high: -0.1, shape: uniform, why: tests}}
  idle: {value: 3, status: assumption, why: "for a test", range: {low: 1, high: 9, shape: pert, why: "a test"}}
calibration:""",
    ).replace("change: -0.2", "change: fall")
    tiny.write_text(text, encoding="utf-8")
    prices = folder / "prices" / "toy.yaml"
    dear = "{value: 100, status: assumption, why: tests, range: {low: 50, high: 200, shape: triangular, why: tests}}"
    prices.write_text(prices.read_text(encoding="utf-8").replace("100.0", dear, 1), encoding="utf-8")
    return tiny


def study_of(path: Path, replications: int = 3) -> Study:
    evaluator = evaluator_of(path)
    names = default_measures(evaluator)
    names = tuple(dict.fromkeys([*names, *benefit_of(evaluator)]))
    inputs = tuple(evaluator.prepared.inputs.ranged())

    def ask(points: Any) -> Any:
        return [evaluator.values(dict(p.over), p.replications, names) for p in points]

    return Study(evaluator, names, inputs, titles_of(inputs), tuple(range(replications)), ask, False)


def test_a_tornado_is_the_experiment_at_the_ends_of_each_range(ranged: Path) -> None:
    study = study_of(ranged)
    assert study.names[:2] == ("demand_savings_2015_16", "funded_package")
    table = tornado(study)
    rows = table[table["measure"] == "funded_package"].set_index("title")
    assert rows.index[0] == "fall" and rows.loc["idle", "swing"] == 0
    fall = rows.loc["fall"]
    assert (fall["low"], fall["high"]) == (pytest.approx(-0.295), pytest.approx(-0.105))
    key = next(item.key for item in study.inputs if item.key.endswith(".fall"))
    apart = [
        study.evaluator.values({key: fall["low"]}, [r], ["funded_package"])[0, 0]
        - study.evaluator.values({}, [r], ["funded_package"])[0, 0]
        for r in range(3)
    ]
    assert fall["at_low"] == pytest.approx(np.mean(apart)) and fall["at_low"] < 0 < fall["at_high"]
    half = 4.3027 * np.std(apart, ddof=1) / math.sqrt(3)
    assert fall["at_low_high"] - fall["at_low"] == pytest.approx(half, rel=1e-4)
    assert central_of(study)[key] == -0.2


def test_points_lie_in_the_ranges_by_their_laws(ranged: Path) -> None:
    study = study_of(ranged)
    pert = next(item for item in study.inputs if item.key.endswith(".idle"))
    place = study.inputs.index(pert)
    assert study.over(np.array([0.5]), [place])[pert.key] == quantile(pert, 0.5) != 5.0
    whole = study.over(np.full(len(study.inputs), 0.5))
    assert len(whole) == len(study.inputs) and study.evaluator.values(whole, [0], ["contact"]).shape == (1, 1)


def test_screen_and_shares_find_what_moves_a_simulated_answer(ranged: Path) -> None:
    study = study_of(ranged, 2)
    table, scores = screen_table(study, 3)
    packages = table[table["measure"] == "funded_package"].set_index("title")
    assert packages.index[0] == "fall" and packages.loc["idle", "mu_star"] == 0
    money = table[table["measure"] == study.names[0]].set_index("title")
    assert money.loc["care, older, care, weekly cost", "mu_star"] > 0 == money.loc["idle", "mu_star"]
    chosen = screen.leading(scores[:1], 2)
    made = shares_table(study, chosen, 16)
    only = made[made["measure"] == "funded_package"].set_index("title")
    assert only.loc["fall", "st"] == pytest.approx(1.0, abs=0.4) and only["st"].iloc[1] == 0.0


def test_draws_have_replications_of_their_own_and_a_choice_its_worth(ranged: Path) -> None:
    study = study_of(ranged)
    asked: list[Point] = []

    def ask(points: Any) -> Any:
        asked.extend(points)
        return [None if n == 4 else study.ask([p])[0] for n, p in enumerate(points)]

    found = drawn(Study(**{**study.__dict__, "ask": ask}), 40, 2, None)
    lived = [r for point in asked for r in point.replications]
    assert len(set(lived)) == 80, "no replication serves two draws"
    assert dict(asked[7].over) == study.evaluator.prepared.inputs.drawn(study.seed, 7)
    assert found.contradictory == 1 and found.values.shape == (39, 2, len(study.names))
    known = knowing(study, found, None)
    at = [study.names.index(name) for name in benefit_of(study.evaluator)]
    assert known.mean == pytest.approx(found.values[:, :, at].sum(axis=2).mean())
    assert known.cost == known.mean and not known.asked
    assert all(one.value <= known.whole.value * 1.05 for _, one in known.curve), "worth most where the choice is even"
    assert min(cost for cost, _ in known.curve) >= 0
    given = knowing(study, found, 1.0)
    assert given.asked and given.cost == 1.0 and given.whole.value < known.whole.value


def test_a_choice_between_two_is_about_what_one_saves_more(ranged: Path) -> None:
    study = study_of(ranged)
    benefit = [study.names.index(name) for name in benefit_of(study.evaluator)]

    def other(points: Any) -> Any:
        return [one[:, benefit] + 40_000.0 for one in study.ask(points)]

    found = drawn(study, 40, 2, other)
    known = knowing(study, found, None)
    assert known.mean == pytest.approx(-40_000.0 * len(benefit)) and known.cost == known.mean
    assert known.whole.value == pytest.approx(0, abs=1e-6), "both move alike: no input tells which is better"


def test_a_transition_is_asked_about_its_last_year_and_all_its_savings(tmp_path: Path) -> None:
    path = twentieth.written(tmp_path)
    evaluator = evaluator_of(path)
    assert default_measures(evaluator) == ("savings_running_2019_20", "funded_package_2019_20")
    assert benefit_of(evaluator) == ("savings_so_far_2019_20",)
    inputs = tuple(evaluator.prepared.inputs.ranged())
    titles = titles_of(inputs)
    assert len(set(titles)) == len(titles), "no two inputs are called the same"


def moved(title: str, swing: float, half: float) -> dict[str, Any]:
    return {
        "measure": "m", "title": title, "swing": swing, "swing_low": swing - half, "swing_high": swing + half,
        "at_low": 0.0, "at_high": swing,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([moved("a", 10, 1), moved("b", -5, 1)], "A moves it most."),
        ([moved("a", 10, 1), moved("b", -9, 1), moved("c", 2, 1)], "A and b move it most; which of them comes first"),
        ([moved(x, 9, 2) for x in "abcd"], "A moves it most here, but three others may move it as far."),
        ([moved("a", 3, 4), moved("b", 1, 2)], "Chance hides what single inputs do to it"),
        ([moved("a", 10, math.nan), moved("b", 9, math.nan)], "A moves it most."),
    ],
)
def test_inputs_that_intervals_do_not_tell_apart_are_not_ranked(rows: list[dict[str, Any]], said: str) -> None:
    assert words.leaders(rows, "it").startswith(said)


def test_what_knowing_is_worth_is_withheld_where_most_draws_contradict(
    ranged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = OfComparison.values

    def values(self: OfComparison, over: Any, replications: Any, names: Any) -> Any:
        if len(over) > 1 and next(iter(replications)) % 4 == 0:
            raise ConfigError([])
        return whole(self, over, replications, names)

    monkeypatch.setattr(OfComparison, "values", values)
    out = tmp_path / "bad"
    asked = ["sensitivity", str(ranged), "--out", str(out), "--trajectories", "0", "--samples", "0", "--draws", "41"]
    code, told, _ = run([*asked, "--replications", "2", "--workers", "1", "--quiet"], capsys)
    assert code == 0 and "21 of 41 draws hold inputs that contradict each other, more than half" in told
    assert "would be worth" not in told
    assert not (out / "tables" / "information.csv").exists() and (out / "tables" / "draws.csv").exists()


def run(given: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(given)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_writes_its_folder_and_says_what_it_found(
    ranged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ["sensitivity", str(ranged), "--out", str(out), "--trajectories", "2", "--samples", "16", "--draws", "40"]
    code, said, _ = run([*asked, "--replications", "2", "--top", "2", "--workers", "1", "--quiet"], capsys)
    assert code == 0
    assert "Fall at −0.295 instead of −0.2" in said and "is not published" in said and "side by side" in said
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["command"], manifest["seed"]) == ("finished", "sensitivity", 5)
    assert manifest["asked"]["measures"] == ["demand_savings_2015_16", "funded_package"]
    assert {one["input"].rpartition(".")[2] for one in manifest["ranged_inputs"]} >= {"fall", "idle"}
    names = {path.stem for path in (out / "tables").glob("*.parquet")}
    assert names == {"tornado", "morris", "sobol", "variance", "draws", "information", "information_curve"}
    variance = pd.read_csv(out / "tables" / "variance.csv")
    assert variance.groupby("measure")["share"].sum().tolist() == pytest.approx([1.0, 1.0])
    page = (out / "sensitivity.html").read_text(encoding="utf-8")
    assert "chart-tornado-0" in page and "chart-sobol-0" in page and "chart-information" in page
    code, _, problem = run([*asked, "--quiet"], capsys)
    assert code == 2 and "exists" in problem and "--force" in problem


def test_in_brief_groups_come_first(ranged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "brief"
    asked = ["sensitivity", str(ranged), "--out", str(out), "--brief", "--samples", "0", "--draws", "0", "--keep", "2"]
    code, said, err = run([*asked, "--trajectories", "2", "--replications", "2", "--workers", "1"], capsys)
    assert code == 0
    assert re.search(
        r"at \d+ points of \d+ ranged inputs: .* at most\. Stopped, it goes on with: run\.py resume DIR", err
    )
    assert "One by one two of" in said and "screened in groups first" in said
    table = pd.read_csv(out / "tables" / "groups.csv")
    looked = set(" ".join(table[table["looked_into"]]["members"]).split())
    assert looked == set(pd.read_csv(out / "tables" / "tornado.csv")["input"]) and len(looked) == 2
    assert "Inputs moved a group at a time" in (out / "sensitivity.html").read_text(encoding="utf-8")
    asked = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["asked"]
    assert (asked["groups"], asked["trajectories"], asked["draws"]) == (24, 2, 0), "an option outdoes --brief"


def test_points_are_counted_before_they_are_lived(ranged: Path) -> None:
    """What is told beforehand is what is asked, or more where a group does not fit."""
    study = study_of(ranged, 2)
    asked = 0

    def ask(points: Any) -> Any:
        nonlocal asked
        asked += len(points)
        return study.ask(points)

    counting = replace(study, ask=ask)
    groups = groups_of(study.inputs, 100)
    chosen = group_table(counting, groups, 3, 2)[1]
    inputs, titles = (tuple(many[n] for n in chosen) for many in (study.inputs, study.titles))
    narrow = replace(counting, inputs=inputs, titles=titles)  # type: ignore[arg-type]
    tornado(narrow)
    screen_table(narrow, 3)
    shares_table(narrow, [0, 1], 16)
    request = Request("", trajectories=3, samples=16, top=6, groups=100, keep=2)
    assert asked == request.points(len(study.inputs), [1] * len(groups))
    assert request.points(170, [11, 9]) - request.points(170, [9, 9]) == 2 * 2 + 3 * 2, "sizes above --keep count"


def test_exact_answers_need_no_replications(ranged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "exact"
    asked = ["sensitivity", str(ranged), "--exact", "--out", str(out), "--samples", "0", "--trajectories", "0"]
    code, said, _ = run([*asked, "--draws", "60", "--cost", "£2,000", "--workers", "1", "--quiet"], capsys)
    assert code == 0 and "without chance" in said and "£2,000" in said and "your own figure" in said
    assert {path.stem for path in (out / "tables").glob("*.csv")} == {
        "tornado", "draws", "information", "information_curve"
    }  # fmt: skip
    table = pd.read_csv(out / "tables" / "tornado.csv")
    fall = table[(table["title"] == "fall") & (table["measure"] == "funded_package")].iloc[0]
    assert fall["swing"] > 0 and math.isnan(fall["swing_low"])
    assert fall["swing"] == pytest.approx(-1.9 * fall["at_low"] / 0.95, rel=1e-6), "a straight line in the fall"


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (["--measure", "funded_packages"], "Did you mean 'funded_package'"),
        (["--route", "in_house"], "only an experiment with transition: has routes"),
        (["--exact", "--measure", "contact"], "--exact cannot work out contact"),
        (["--cost", "-5"], "nought or more"),
        (["--brief", "--trajectories", "0"], "--groups is screened by random ways"),
        (["--cost", "5", "--draws", "0"], "--cost is for what knowing is worth"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(
    ranged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], what: str
) -> None:
    out = tmp_path / "never"
    code, _, problem = run(["sensitivity", str(ranged), "--out", str(out), "--quiet", *more], capsys)
    assert code == 2 and what in problem and "Traceback" not in problem
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "text", "what"),
    [
        ("--samples", "100", "Give 64 or 128"),
        ("--draws", "7", "from 40 to"),
        ("--cost", "much", "Write it as 2500000"),
        ("--replications", "1", "from 2 to"),
    ],
)
def test_numbers_out_of_place_are_refused(
    capsys: pytest.CaptureFixture[str], option: str, text: str, what: str
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["sensitivity", "any.yaml", option, text])
    assert left.value.code == 2 and what in capsys.readouterr().err


def test_without_a_range_there_is_nothing_to_move(
    ranged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulation.inputs.Inputs.ranged", lambda self: [])
    code, _, problem = run(["sensitivity", str(ranged), "--out", str(tmp_path / "none"), "--quiet"], capsys)
    assert code == 2 and "no input has a range" in problem
