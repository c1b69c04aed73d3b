"""What a transition comes to once every vehicle's costs are given, and the budget that its savings are held to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from intervals import ends_of, named
from report_page import Page
from twentieth import number, written

from experiments.experiment import run_experiment
from experiments.plan import prepare
from experiments.report.interval_notes import PLAIN
from experiments.transition.costs import falling
from experiments.transition.job import live
from experiments.transition.net import net, paid_back
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import STEADY, TODAY
from experiments.transition.spans import Found
from simulation.money.columns import PENCE_DAYS_IN_A_POUND
from simulation.money.costs import costs_of_change
from simulation.vehicle_costs import REQUIRED, YEARLY

GIVEN = {name: 1_000.0 * (place + 1) for place, name in enumerate(REQUIRED)}
OVER, LEAD = "costed_in_house.transformation", "costed_public_service_mutual.rapid"
ONE_SUMS = sum(GIVEN[name] for name in REQUIRED if name not in YEARLY and name != "exit")
A_YEAR = sum(GIVEN[name] for name in YEARLY)


def costed(folder: Path, without: tuple[str, ...] = ()) -> Path:
    """The small transition with two vehicles whose costs are all given, but for some of the mutual's."""
    path = written(folder)
    (folder / "options").mkdir()
    for vehicle in ("in_house", "public_service_mutual"):
        gone = without if vehicle == "public_service_mutual" else ()
        costs = [f"    {name}: {number(pounds)}" for name, pounds in GIVEN.items() if name not in gone]
        lines = ["kind: option", f"name: costed_{vehicle}", f"extends: {vehicle}", "title: With costs",
                 f"short_title: {vehicle}", 'reproduces: "nothing"', "vehicle:", "  costs:", *costs]  # fmt: skip
        (folder / "options" / f"costed_{vehicle}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    named = "{options: [costed_in_house, costed_public_service_mutual], lead: costed_public_service_mutual, "
    text = path.read_text(encoding="utf-8").replace(
        "{options: [in_house, public_service_mutual]}", f"{named}over: costed_in_house}}"
    )
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("costed")
    return run_experiment(costed(folder), folder / "results", 1, False, quiet=True)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> TransitionRun:
    made = prepare(costed(tmp_path_factory.mktemp("planned"))).transition
    assert made is not None
    return made


@pytest.fixture(scope="module")
def outcome(run: TransitionRun) -> Any:
    return run.job.outcome(0)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv")


# --- today's budget


def test_cashable_is_what_lies_below_the_budget_that_the_waterfall_begins_with(run: TransitionRun) -> None:
    """Today's first year without growth, worked out here from the levels of spending alone."""
    settings = run.world.settings
    soon = replace(settings.routes[OVER], starts="2014-09", months_to_full_scope=0.0, scope_at_start=1.0)
    settings = replace(settings, routes={**settings.routes, OVER: soon}, transfers={"harrow": 1.0})
    runs = tuple(one for one in run.runs if one.name in (TODAY, STEADY, OVER))
    made = live(replace(run.world, settings=settings), runs, "x", "compiled", 1, 3, False).tallies
    figures, today, budget = made[OVER], made[TODAY], made[STEADY].levels[:2, 0]
    assert (budget < today.levels[:2, 0]).all(), "with growth the first year costs more"
    for m in range(2):
        released = figures.savings[m, :2, :, -1].sum(axis=0)
        spend = today.levels[m] - released
        wanted = np.minimum(today.levels[m], budget[m]) - np.minimum(spend, budget[m])
        assert np.array_equal(figures.savings[m, 0, :, -1], wanted)
        assert 0 < wanted[0] < released[0], "growth of the first year is avoided too, and in no budget"


def test_the_manifest_says_in_how_many_runs_anything_is_cashable(results: Path, run: TransitionRun) -> None:
    said = json.loads((results / "manifest.json").read_text())["transition"]
    made = [run.job.outcome(r).tallies[OVER] for r in range(2)]
    assert said["cashable_in_pairs"] == sum(bool(one.nominal[1, 0, -1, -1] > 0) for one in made)


# --- when costs fall


def test_costs_fall_when_the_vehicle_starts_and_the_exit_at_the_end(run: TransitionRun) -> None:
    months = run.world.axes.base.months
    route = replace(run.world.settings.routes[OVER], starts="2016-12")
    council = costs_of_change(falling(GIVEN, route, months), months)[0] / PENCE_DAYS_IN_A_POUND
    assert council == pytest.approx([ONE_SUMS + A_YEAR * 4 / 12, A_YEAR, A_YEAR, A_YEAR + GIVEN["exit"]])
    early, late = (
        costs_of_change(falling(GIVEN, replace(route, starts=starts), months), months)[0] / PENCE_DAYS_IN_A_POUND
        for starts in ("2016-03", "2020-09")
    )
    assert early[0] == pytest.approx(ONE_SUMS + A_YEAR), "before the results: in their first month"
    assert late[:3].tolist() == [0, 0, 0] and late[3] == pytest.approx(ONE_SUMS + GIVEN["exit"] + A_YEAR / 12)


# --- what is netted


def test_net_is_the_saving_less_the_costs_in_each_years_money(results: Path, run: TransitionRun) -> None:
    frame = table(results, "transition_net")
    assert set(frame["run"]) == {one.name for one in run.runs if one.headline}
    for (_, _, _), year in frame[frame["financial_year"] != "all"].groupby(["run", "view", "financial_year"]):
        item = year.set_index("item")["mean"]
        assert item["net"] == pytest.approx(item["saving"] - item["cost"])
    general = run.world.value.general
    planned = frame[(frame["run"] == OVER) & (frame["view"] == "as_planned") & (frame["item"] == "cost")]
    in_house = np.array([ONE_SUMS + A_YEAR, A_YEAR, A_YEAR, A_YEAR + GIVEN["exit"]])
    assert planned["mean"].to_numpy() == pytest.approx(in_house * general, abs=0.01)
    sober = frame[(frame["run"] == OVER) & (frame["view"] == "less_optimism") & (frame["item"] == "cost")]
    assert sober["mean"].to_numpy() == pytest.approx(
        planned["mean"].to_numpy() * (1 + run.world.value.bias.cost), abs=1
    )
    saved = table(results, "optimism").query("run == @OVER and view == 'as_planned'")["mean"].to_numpy()
    mine = frame[(frame["run"] == OVER) & (frame["view"] == "as_planned") & (frame["item"] == "saving")]
    assert mine["mean"].to_numpy() == pytest.approx(saved)


def test_the_table_says_how_its_intervals_are_made(results: Path) -> None:
    frame = table(results, "transition_net")
    for cell in frame["interval"].unique():
        assert set(named(cell)) == ends_of(frame) == {"", "chance"} and set(named(cell).values()) <= set(PLAIN)


def test_the_present_value_is_the_real_net_discounted(results: Path, run: TransitionRun) -> None:
    frame, value = table(results, "transition_net"), run.world.value
    for name in (OVER, LEAD):
        mine = frame[(frame["run"] == name) & (frame["view"] == "as_planned")]
        yearly = mine[mine["item"] == "net"]["mean"].to_numpy()
        worth = mine[mine["item"] == "present_value"]["mean"].iloc[0]
        assert worth == pytest.approx((yearly / value.general * value.discount).sum(), abs=0.1)


def test_payback_is_told_or_that_there_is_none_within_the_run(run: TransitionRun, outcome: Any) -> None:
    many = Found([outcome] * 3, [outcome] * 41)
    one = paid_back(many, OVER, lambda figures: float("inf"))
    assert all(value != value for value in one.values())
    mixed = iter([1.0, 2.0, float("inf")] + [0.5] * 20 + [float("inf")] * 21)
    told = paid_back(many, OVER, lambda figures: next(mixed))
    assert told["mean"] == 2.0 and told["low"] == 0.5 and told["high"] != told["high"]
    rows = net(run, many).query("item == 'payback_years'")
    assert len(rows) == 2 * len([r for r in run.runs if r.headline])


def test_the_waterfall_takes_the_costs_off(results: Path) -> None:
    frame = table(results, "waterfall")
    costs = frame[frame["step"] == "costs"].set_index("financial_year")["pounds"]
    assert costs["2016/17"] == pytest.approx(ONE_SUMS + A_YEAR) and costs["2018/19"] == pytest.approx(A_YEAR)
    for _, steps in frame.groupby("financial_year"):
        pence = (steps["pounds"] * 100).round().astype(int).tolist()
        assert sum(pence[:-1]) == pence[-1]


def test_vehicles_are_ranked_by_their_published_totals_less_costs(results: Path) -> None:
    said = json.loads((results / "manifest.json").read_text())["transition"]
    taken = ONE_SUMS + 3 * A_YEAR + GIVEN["exit"]
    assert said["ranking_withheld"] == "" and said["missing_costs"] == {}
    assert said["net_of_costs"] == {
        "costed_in_house": 12_818_695 - taken, "costed_public_service_mutual": 14_557_643 - taken
    }  # fmt: skip
    assert said["ranks"] == {"costed_in_house": 2, "costed_public_service_mutual": 1}


def test_the_page_says_what_remains_and_no_longer_that_costs_are_unpublished(results: Path) -> None:
    text = Page.of(results).read
    assert "What remains after the costs of change" in text and "What each comes to after its costs" in text
    assert "Net of the costs of change" in text and "Costs of change stand at the prices they are given in" in text
    for denied in ("not all published", "are missing here", "withheld", "What nobody has published"):
        assert denied not in text, denied


def test_with_one_cost_missing_everything_stays_withheld(tmp_path: Path) -> None:
    made = prepare(costed(tmp_path, without=("vat",))).transition
    assert made is not None and made.world.costs is None
    figures = made.job.outcome(0)
    assert not figures.tallies[OVER].costs.any()
    assert net(made, Found([figures], [])).empty
