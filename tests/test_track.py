"""An experiment's bands against quarterly figures: what happened is made by simulating other histories of its world."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Toys
from small_configs import HUBS, TOWN, small_configs
from small_experiment import CALIBRATION_ONLY, made
from test_service_experiment import written

from experiments.cli import main
from experiments.experiment import run_experiment
from experiments.hindcast.forecast import Choice, _longer
from experiments.plan import prepare
from experiments.quarters import Quarter, quarter_of, read_quarter, whole_quarters
from experiments.replicate import replicate
from experiments.statistics import Interval, of_one_year
from experiments.store import SCHEMA_VERSION
from experiments.track.forecast import Forecast, read_forecast
from experiments.track.series import STOCK, added, of_values, part_of_year
from experiments.variances import INSIDE
from simulation.calendar import Calendar
from simulation.inputs import Values
from simulation.tally import axes

HEAD = "quarter,measure,actual\n"

PLAN = """
kind: experiment
name: plan
extends: small
title: A plan
comparison:
  model: hubs
  demand: town
  years: 2
  transfers:
    - {name: none, title: nothing changes, value: 0}
    - {name: full, title: the whole gap, value: 1}
  headline_transfer: full
  precision: {first_look: 40, batch: 10, most: 40}
"""
QUARTERS = [Quarter(year, number) for year in (2014, 2015) for number in (1, 2, 3, 4)]


@pytest.fixture(scope="module")
def configs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose contacts are answered as today or with hubs."""
    root = tmp_path_factory.mktemp("track") / "configs"
    elsewhere = PLAN.replace("name: plan", "name: elsewhere") + "seed: 99\n"
    return small_configs(
        root,
        {"demand/town": TOWN, "models/hubs": HUBS, "experiments/plan": PLAN, "experiments/elsewhere": elsewhere},
    )


@pytest.fixture(scope="module")
def results(configs: Path) -> Path:
    """The finished plan, 40 replications."""
    return run_experiment(configs / "experiments" / "plan.yaml", configs.parent / "plan", 1, False, quiet=True)


@pytest.fixture(scope="module")
def forecast(results: Path) -> Forecast:
    """Its forecast by quarter."""
    return read_forecast(results)


Histories = dict[str, dict[str, list[list[float]]]]


@pytest.fixture(scope="module")
def histories(configs: Path) -> Histories:
    """What happened by quarter in 30 other histories, as today and with hubs, read without the code under test."""
    run = prepare(configs / "experiments" / "elsewhere.yaml").comparison
    assert run is not None
    found: Histories = {name: {"contact": [], "packages_running": [], "care_cost": []} for name in ("none", "full")}
    for replication in range(30):
        outcome = replicate(run.job, replication)
        people = run.job.maker.make(run.job.seed, replication)
        ends = [run.job.calendar.month_starts[3 * q] for q in range(1, 9)]
        counts = np.diff([0, *(int((people.time < end).sum()) for end in ends)])
        for name in found:
            live = outcome.tallies[name].live
            found[name]["contact"].append([float(v) for v in counts])
            found[name]["packages_running"].append([float(live[:, 3 * q + 2].sum()) for q in range(8)])
    return found


def inside_of(forecast: Forecast, histories: Histories, scenario: str, measure: str) -> float:
    """Share of all quarters of all histories that lie in their band."""
    bands = [forecast.series[scenario, measure].band(quarter) for quarter in QUARTERS]
    hits = [
        band.low <= value <= band.high
        for history in histories[scenario][measure]
        for value, band in zip(history, bands, strict=True)
    ]
    return sum(hits) / len(hits)


# --- what the bands hold


@pytest.mark.parametrize("scenario", ["none", "full"])
def test_other_histories_of_the_same_world_lie_inside_about_95_times_in_100(
    forecast: Forecast, histories: Histories, scenario: str
) -> None:
    """Contacts are told by year only: a quarter of the year, its width by the root of its share."""
    assert 0.91 <= inside_of(forecast, histories, scenario, "contact") < 1
    assert 0.85 <= inside_of(forecast, histories, scenario, "packages_running") < 1


def test_a_quarter_is_wider_for_its_size_than_the_year(forecast: Forecast) -> None:
    series = forecast.series["full", "contact"]
    for year in (2014, 2015):
        quarters = [q for q in series.quarters if q.year == year]
        whole = series.together(quarters)
        assert sum(series.band(q).mean for q in quarters) == pytest.approx(whole.mean)
        for quarter in quarters:
            band = series.band(quarter)
            assert 1.9 < (band.half_width / band.mean) / (whole.half_width / whole.mean) < 2.1


def test_quarters_of_a_year_add_up_to_the_year_of_the_tables(results: Path, forecast: Forecast) -> None:
    table = pd.read_csv(results / "tables" / "comparison.csv")
    table = table[table["transfer"] == "full"].set_index("measure")
    for year, name in ((2014, "care_cost/2014/15"), (2015, "care_cost/2015/16")):
        quarters = [q for q in QUARTERS if q.year == year]
        cost = forecast.series["full", "care_cost"].together(quarters)
        assert cost.mean == pytest.approx(table.loc[name, "value_model"])
    for measure in ("contact", "funded_package", "package_start/care_type/home_care"):
        every = forecast.series["full", measure].together(QUARTERS)
        assert every.mean / 2 == pytest.approx(
            table.loc[measure, "value_model"], rel=0.002
        )  # years of 365 and 366 days
    ends = forecast.series["full", "packages_running"]
    assert ends.bands[-1].mean == pytest.approx(table.loc["packages_running_at_end", "value_model"])
    assert ends.kind == STOCK


def test_a_quarters_care_costs_about_what_care_given_in_it_costs(configs: Path, forecast: Forecast) -> None:
    """The year's cost by packages running at month ends, against the same world stopped after 3, 6, 9 and 12 months."""
    prepared = prepare(configs / "experiments" / "plan.yaml")
    run, values = prepared.comparison, Values(prepared.inputs)
    assert run is not None
    so_far = [0.0]
    for months in (3, 6, 9, 12):
        calendar = Calendar(run.job.calendar.start, months)
        maker = _longer(Choice(run.baseline, run.demand, "", run.job), values, calendar)
        names = axes(run.job.nobody, maker.space["client_group"], calendar)
        job = replace(run.job, maker=maker, calendar=calendar, axes=names, everybody=None, scenarios=())
        so_far.append(sum(float(replicate(job, r).tallies[""].pence_days.sum()) for r in range(40)) / 700 / 40)
    true = np.diff(so_far)
    told = [forecast.series["none", "care_cost"].band(q).mean for q in QUARTERS[:4]]
    assert sum(told) == pytest.approx(true.sum())
    assert told == pytest.approx(true.tolist(), rel=0.05)
    assert true[0] < true[3] / 4, "packages fill up: a plain quarter of the year would be far off"


def test_the_replications_must_fit_the_tables(results: Path, tmp_path: Path) -> None:
    other = tmp_path / "copy"
    shutil.copytree(results, other)
    table = pd.read_parquet(other / "tables" / "comparison.parquet")
    table.loc[table["measure"] == "contact", "value_model"] *= 2
    table.to_parquet(other / "tables" / "comparison.parquet", index=False)
    assert "its replications do not fit its tables" in refused([str(other), "a.csv"])


# --- through the command


def refused(words: list[str]) -> str:
    """What the command says when it refuses."""
    from simulation.errors import DemandflowError

    with pytest.raises(DemandflowError) as error:
        read_forecast(Path(words[0]))
    return str(error.value)


def test_the_folder_tells_expected_and_realised_in_every_form(
    results: Path, histories: Histories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    running = histories["full"]["packages_running"][3]
    lines = [f"2014/15 Q{q + 1},packages_running,{running[q]}" for q in range(3)]
    lines += ["2014/15 Q2,contact,100", "2014/15 Q1,contact,140", "2014/15 Q1,care_cost,5"]
    Path("a.csv").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    assert main(["track", str(results), "a.csv", "--out", "out"]) == 0
    said = capsys.readouterr().out
    assert "Expected: the whole gap." in said and "This says where figures lie, not why." in said
    assert "The bands hold chance alone" in said and "cannot tell the two apart" in said
    table = pd.read_csv("out/tables/track.csv")
    assert table["scenario"].tolist() == ["full"] * 6
    assert table["quarter"].tolist() == [
        *(f"2014/15 Q{q}" for q in (1, 2, 3)),
        "2014/15 Q1",
        "2014/15 Q2",
        "2014/15 Q1",
    ]
    contact = table[table["measure"] == "contact"]
    assert contact["cumulative_actual"].tolist() == [140, 240]
    assert contact["cumulative_expected"].tolist()[1] == pytest.approx(contact["expected"].sum())
    assert table[table["measure"] == "packages_running"]["cumulative_expected"].isna().all(), "stocks do not add up"
    assert (contact["unchanged_expected"] == contact["expected"]).all(), "the same people make contact"
    assert table[table["measure"] == "care_cost"]["verdict"].tolist() == ["below"]
    forecast = pd.read_csv("out/tables/forecast.csv")
    assert len(forecast) == 3 * len(QUARTERS)
    page = Path("out/track.html").read_text(encoding="utf-8")
    assert page.count('role="img"') == 4, "a picture a measure, and one of contacts added up"
    assert str(tmp_path) not in page
    manifest = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["command"], manifest["forecast"]["experiment"]) == (
        "finished",
        "track",
        "plan",
    )
    assert main(["track", str(results), "a.csv", "--out", "out"]) == 2, "results are not overwritten unasked"
    assert main(["track", "out", "a.csv"]) == 2
    assert "was written by run.py track" in capsys.readouterr().err


def test_a_row_may_name_its_scenario(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("quarter,measure,actual,scenario\n2014/15 Q1,contact,100,none\n2014/15 Q1,contact,100,\n", "utf-8")
    assert main(["track", str(results), str(path), "--out", str(tmp_path / "out")]) == 0
    table = pd.read_csv(tmp_path / "out" / "tables" / "track.csv", keep_default_na=False)
    assert table["scenario"].tolist() == ["none", "full"]
    assert table["unchanged_verdict"].tolist() == ["", INSIDE]


# --- a whole service


def test_a_service_is_tracked_by_month_and_by_year(tmp_path: Path) -> None:
    folder = run_experiment(written(Toys(tmp_path)), tmp_path / "results", 1, False, quiet=True)
    service = read_forecast(folder)
    assert (service.scenarios, service.usual, service.unchanged) == ([""], "", None)
    assert "people" not in service.measures(""), "different people of a quarter do not add up to a year's"
    in_care = pd.read_csv(folder / "tables" / "in_care.csv")
    june = in_care[(in_care["month"] == "2014-06") & (in_care["care"] == "home")]
    assert service.series["", "in_care/all/home"].band(Quarter(2014, 1)).mean == pytest.approx(june["mean"].sum())
    hours = pd.read_csv(folder / "tables" / "work.csv")
    spring = hours[(hours["team"] == "desk") & hours["month"].isin(Quarter(2014, 1).months)]
    assert service.series["", "hours/desk"].band(Quarter(2014, 1)).mean == pytest.approx(spring["mean"].sum())
    yearly = pd.read_csv(folder / "tables" / "service.csv").set_index(["measure", "financial_year"])["mean"]
    for measure in ("contact", "gross/all/home", "started/all/home"):
        year = service.series["", measure].together([Quarter(2014, n) for n in (1, 2, 3, 4)])
        assert year.mean == pytest.approx(yearly[measure, "2014/15"])
        assert math.isnan(year.low), "three replications have no 95% range"
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "2014/15 Q1,contact,70\n2014/15 Q1,in_care/all/home,45\n", encoding="utf-8")
    assert main(["track", str(folder), str(path), "--out", str(tmp_path / "out")]) == 0
    assert pd.read_csv(tmp_path / "out" / "tables" / "track.csv")["verdict"].tolist() == ["no band", "no band"]
    assert "No figure can be judged" in (tmp_path / "out" / "track.html").read_text(encoding="utf-8")


# --- a table of months


MONTHS = [f"2016-{m:02d}" for m in range(3, 13)]


def with_months(folder: Path, *, each: bool, draws: int = 60) -> np.ndarray[Any, Any]:
    """A results folder that holds a table of months, as a change over time writes it: (replications, runs, months)."""
    rng = np.random.default_rng(4)
    shared = rng.normal(0, 5, (60, 1, 1))  # an input that moves all months of a replication together
    values = 100 + shared + rng.normal(0, 2, (60, 2, len(MONTHS))) + np.array([0, -10]).reshape(1, 2, 1)
    runs, rows, single = ("today", "mutual"), [], []
    for r, run in enumerate(runs):
        for m, month in enumerate(MONTHS):
            low, high = np.quantile(values[:, r, m], [0.025, 0.975])
            mean = float(values[:, r, m].mean())
            for measure, kind in (("started", "flow"), ("running", "stock"), ("kept_in_total_only", "flow")):
                rows.append((run, month, measure, "packages in the month", kind, mean, mean - 4, mean + 4, low, high))
            single += [(i, run, what, month, values[i, r, m]) for i in range(60) for what in ("started", "running")]
    columns = ["run", "month", "measure", "unit", "kind", "mean", "chance_low", "chance_high", "low", "high"]
    (folder / "tables").mkdir(parents=True)
    pd.DataFrame(rows, columns=columns).to_csv(folder / "tables" / "months.csv", index=False)
    if each:
        table = pd.DataFrame(single, columns=["replication", "run", "measure", "month", "value"])
        table.to_parquet(folder / "tables" / "months_by_replication.parquet", index=False)
    runs_table = pd.DataFrame({"run": runs, "vehicle": ["", "mutual"], "vehicle_title": ["", "Mutual"],
                               "route_title": ["", "rapid"], "change": ["", ""], "transfer": ["", "full"]})  # fmt: skip
    runs_table.to_parquet(folder / "tables" / "transition_runs.parquet", index=False)
    manifest = {"schema_version": SCHEMA_VERSION, "status": "finished", "experiment": "x", "title": "X", "seed": 1,
                "config": {}, "transition": {"draws": draws}}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return values


def test_quarters_of_months_have_exact_bands_where_replications_are_kept(tmp_path: Path) -> None:
    values = with_months(tmp_path / "x", each=True)
    found = read_forecast(tmp_path / "x")
    assert found.scenarios == ["today", "mutual"] and (found.usual, found.unchanged) == (None, "today")
    assert found.titles["mutual"] == "Mutual, rapid, full"
    started, running = found.series["mutual", "started"], found.series["mutual", "running"]
    assert [str(q) for q in started.quarters] == ["2016/17 Q1", "2016/17 Q2", "2016/17 Q3"], "March alone is no quarter"
    spring = values[:, 1, 1:4].sum(axis=1)
    assert started.bands[0].low == pytest.approx(np.quantile(spring, 0.025))
    assert started.bands[0].high == pytest.approx(np.quantile(spring, 0.975))
    assert running.bands[0].mean == pytest.approx(values[:, 1, 3].mean())
    assert started.unit == "packages in the quarter"
    whole = started.together(started.quarters)
    assert whole.high == pytest.approx(np.quantile(values[:, 1, 1:].sum(axis=1), 0.975))
    assert whole.half_width > added(started.bands).half_width * 1.3, "months that move together are wider than that"


def test_without_replications_the_root_of_squares_is_taken_and_labelled(tmp_path: Path) -> None:
    with_months(tmp_path / "x", each=True)
    (tmp_path / "x" / "tables" / "months_by_replication.parquet").unlink()
    found = read_forecast(tmp_path / "x")
    table = pd.read_csv(tmp_path / "x" / "tables" / "months.csv")
    own = table[(table["run"] == "mutual") & (table["measure"] == "started") & table["month"].isin(MONTHS[1:4])]
    band = found.series["mutual", "started"].bands[0]
    assert band.mean == pytest.approx(own["mean"].sum())
    assert band.high - band.mean == pytest.approx(math.sqrt(((own["high"] - own["mean"]) ** 2).sum()))
    assert "too narrow where months move together" in found.series["mutual", "started"].how
    june = own[own["month"] == "2016-06"].iloc[0]
    assert found.series["mutual", "running"].bands[0] == Interval(june["mean"], june["low"], june["high"])


def test_without_drawn_inputs_the_bands_hold_chance_and_say_so(tmp_path: Path) -> None:
    with_months(tmp_path / "x", each=False, draws=0)
    path = tmp_path / "x" / "tables" / "months.csv"
    table = pd.read_csv(path)
    table[["low", "high"]] = math.nan
    table.to_csv(path, index=False)
    found = read_forecast(tmp_path / "x")
    assert "chance alone" in found.holds
    band = found.series["today", "started"].bands[0]
    assert band.high - band.mean == pytest.approx(4 * math.sqrt(3))
    assert found.series["today", "started"].how.endswith("chance alone")


def test_a_row_without_a_run_is_refused_where_there_are_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with_months(Path("x"), each=True)
    Path("a.csv").write_text(HEAD + "2016/17 Q1,started,300\n", encoding="utf-8")
    assert main(["track", "x", "a.csv"]) == 2
    assert "a.csv:2: the folder has several scenarios and this row names none. Add a column scenario with one of: " in (
        capsys.readouterr().err
    )
    Path("a.csv").write_text("quarter,measure,actual,scenario\n2016/17 Q1,started,300,mutual\n", encoding="utf-8")
    assert main(["track", "x", "a.csv"]) == 0
    table = pd.read_csv("x_track/tables/track.csv")
    assert table["verdict"].tolist() == [INSIDE] or table["verdict"].tolist() == ["above"]
    assert table["unchanged_expected"].iloc[0] == pytest.approx(table["expected"].iloc[0] + 30, abs=3)


# --- pure functions


def test_quarters_begin_in_april() -> None:
    first, last = Quarter(2017, 1), Quarter(2017, 4)
    assert (str(first), first.months) == ("2017/18 Q1", ("2017-04", "2017-05", "2017-06"))
    assert (str(last), last.months) == ("2017/18 Q4", ("2018-01", "2018-02", "2018-03"))
    assert [quarter_of(m) for m in ("2018-03", "2018-04")] == [Quarter(2017, 4), Quarter(2018, 1)]
    months = [month for number in (1, 2, 3, 4) for month in Quarter(2017, number).months]
    assert sum(Quarter(2017, n).share_of_year(months) for n in (1, 2, 3, 4)) == pytest.approx(1)
    assert Quarter(2017, 1).share_of_year(months) == pytest.approx(91 / 365)
    assert whole_quarters(months[1:]) == [Quarter(2017, n) for n in (2, 3, 4)]
    assert read_quarter("2017/18 Q2") == Quarter(2017, 2)
    assert all(isinstance(read_quarter(text), tuple) for text in ("2017/18", "2017/19 Q1", "2017/18 Q0", "Q1", ""))


def test_bands_of_values_need_forty_of_them_and_stop_at_nought() -> None:
    few, many = np.arange(39.0), np.arange(40.0)
    assert math.isnan(of_values(few, False).low) and of_values(few, True).mean == 19
    assert of_values(many, False).high == of_one_year(many.tolist()).high
    assert of_values(many, False).low == 0 > of_one_year(many.tolist()).low
    assert of_values(many - 100, False).low < -100
    assert of_values(many, True).high == np.quantile(many, 0.975)


def test_parts_of_bands() -> None:
    whole = Interval(400.0, 360.0, 440.0)
    quarter = part_of_year(whole, 0.25)
    assert quarter == Interval(100.0, 80.0, 120.0)
    assert added([quarter] * 4) == whole
    assert part_of_year(Interval(4.0, 0.0, 8.0), 0.25).low == 0
    assert math.isnan(added([quarter, Interval(1.0, math.nan, math.nan)]).low)


# --- bad input


BAD = [
    (HEAD, "a.csv: holds a heading and no figures. Add a row for each figure, such as 2017/18 Q1,funded_package,480."),
    ("quarter,mesure,actual\n", "a.csv:1: there is no column “mesure”. Did you mean 'measure'?"),
    (HEAD + "2014/15 Q5,contact,1\n", "a.csv:2: quarter: '2014/15 Q5' is not a quarter of a financial year."),
    (HEAD + "2014 Q2,contact,1\n", "Write 2014/15 Q2. April to June is Q1."),
    (HEAD + "2013/14 Q4,contact,1\n",
     "a.csv:2: 2013/14 Q4 is outside the forecast, 2014/15 Q1 to 2015/16 Q4. Leave the row out, or mend the quarter."),
    (HEAD + "2014/15 Q1,contct,1\n", "a.csv:2: there is no measure 'contct'. Did you mean 'contact'?"),
    (HEAD + "2014/15 Q1,packages_running/care_type/home_cre,1\n", "Did you mean 'packages_running/care_type/home"),
    (HEAD + "2014/15 Q1,care_cost/2014/15,1\n",
     "a.csv:2: there is no measure 'care_cost/2014/15' by quarter. Write care_cost."),
    (HEAD + "2014/15 Q1,packages_running_at_end,1\n",
     "a.csv:2: packages_running_at_end is told at the end of the whole run only. Write packages_running."),
    (HEAD + "2014/15 Q1,contact,many\n", "a.csv:2: actual: 'many' is not a number. Write digits alone"),
    (HEAD + "2014/15 Q1,contact,-3\n", "a.csv:2: actual is -3, below 0. Counts, packages and costs are 0 or more."),
    (HEAD + "2014/15 Q1,contact,1\n2014/15 Q1,contact,2\n",
     "a.csv:3: contact of 2014/15 Q1 stands in line 2 already. Keep one of the two."),
    ("quarter,measure,actual,scenario\n2014/15 Q1,contact,1,ful\n",
     "a.csv:2: there is no scenario 'ful'. Did you mean 'full'?"),
    ("quarter,measure,actual,low,high\n2014/15 Q1,contact,5,9,1\n",
     "a.csv:2: low (9) is above high (1). Exchange them."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "what"), BAD)
def test_bad_actuals_get_their_sentences_and_nothing_is_written(
    results: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    what: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(text, encoding="utf-8")
    assert main(["track", str(results), "a.csv", "--out", "out"]) == 2
    out, err = capsys.readouterr()
    assert what in err and out == "" and not Path("out").exists()


def test_folders_that_hold_no_forecast_are_told_apart(results: Path, tmp_path: Path) -> None:
    def copy(name: str, change: Callable[[Path], object]) -> str:
        folder = tmp_path / name
        shutil.copytree(results, folder)
        change(folder)
        return refused([str(folder)])

    def manifest(**over: Any) -> Callable[[Path], object]:
        def change(folder: Path) -> None:
            path = folder / "manifest.json"
            text = json.loads(path.read_text(encoding="utf-8")) | over
            path.write_text(json.dumps({k: v for k, v in text.items() if v is not None}), encoding="utf-8")

        return change

    assert "there is no such folder" in refused([str(tmp_path / "nothing")])
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert "is a file, not a folder" in refused([str(tmp_path / "file")])
    (tmp_path / "empty").mkdir()
    assert "is not a results folder: it holds no whole manifest.json" in refused([str(tmp_path / "empty")])
    assert "its run is interrupted, not finished" in copy("stopped", manifest(status="interrupted"))
    assert "was written by run.py hindcast" in copy("other", manifest(command="hindcast"))
    assert "its files cannot be read ('config')" in copy("bare", manifest(config=None))
    assert "holds no replications/ of its comparison" in copy("light", lambda f: shutil.rmtree(f / "replications"))
    broken = copy("broken", lambda f: (f / "tables" / "census.parquet").write_bytes(b"nothing"))
    assert "census.parquet: is not a whole Parquet file" in broken
    assert "tables/census is missing" in copy("lost", lambda f: (f / "tables" / "census.parquet").unlink())
    assert "its replications do not fit its tables" in copy("fewer", manifest(replications={"comparison": 20}))


def test_a_yearly_measure_that_no_quarters_add_up_to_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run_experiment(written(Toys(tmp_path)), tmp_path / "results", 1, False, quiet=True)
    Path("a.csv").write_text(HEAD + "2014/15 Q1,people,70\n", encoding="utf-8")
    assert main(["track", "results", "a.csv"]) == 2
    said = (
        "a.csv:2: people is not told by quarter: the folder has it by year or for the whole run only. Leave the row out"
    )
    assert said in capsys.readouterr().err


def test_a_calibration_alone_forecasts_nothing(tmp_path: Path) -> None:
    folder = made(tmp_path, "calibration_only", CALIBRATION_ONLY)
    assert "holds no forecast over months or years" in refused([str(folder)])


def test_a_table_of_months_without_its_columns_is_told(tmp_path: Path) -> None:
    with_months(tmp_path / "x", each=False)
    path = tmp_path / "x" / "tables" / "months.csv"
    pd.read_csv(path).drop(columns="kind").to_csv(path, index=False)
    assert "its table of months has no column kind" in refused([str(tmp_path / "x")])


@pytest.mark.slow
@pytest.mark.browser
def test_both_pages_fit_every_screen_and_their_pictures_are_whole(results: Path, tmp_path: Path, browser: Any) -> None:
    from in_browser import CHARTS, TEXTS

    from simulation.reading import SHIPPED

    track, benefits = tmp_path / "track.csv", tmp_path / "benefits.csv"
    track.write_text(HEAD + "2014/15 Q1,contact,130\n2014/15 Q2,contact,90\n2014/15 Q4,packages_running,80\n", "utf-8")
    assert main(["track", str(results), str(track), "--out", str(tmp_path / "t")]) == 0
    benefits.write_text("quarter,benefit,avoided\n2014/15 Q1,emergency_admission,-600\n", encoding="utf-8")
    words = ["benefits", str(SHIPPED / "options" / "bcf.yaml"), "--actuals", str(benefits)]
    assert main([*words, "--out", str(tmp_path / "b")]) == 0
    for file, pictures in ((tmp_path / "t" / "track.html", 3), (tmp_path / "b" / "benefits.html", 2)):
        for width, height in ((1280, 800), (360, 740)):
            page = browser.new_page(viewport={"width": width, "height": height}, offline=True)
            said: list[str] = []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.on("pageerror", lambda error, said=said: said.append(str(error)))
            page.goto(file.as_uri())
            page.wait_for_selector("html[data-drawn=yes]", state="attached")
            wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            charts, texts = page.evaluate(CHARTS), page.evaluate(TEXTS)
            assert said == [] and wide <= seen and len(charts) == pictures
            assert all(c["drawn"] >= 1 and c["cut"] == [] and c["crossed"] == [] and c["label"] for c in charts)
            assert min(text["size"] for text in texts) >= 16
            page.close()
