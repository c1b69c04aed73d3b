"""A forecast's bands against years that were not used: what happened is made by simulating a world, then held against
the forecast of the same or of another one. No real council's later figures are used."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_configs import HUBS, TOWN, small_configs

from experiments.cli import main, parser
from experiments.hindcast.actuals import Actual, read_actuals
from experiments.hindcast.forecast import REPLICATIONS, checked, choices, forecasts, jobs_of
from experiments.hindcast.run import read_both
from experiments.hindcast.score import exact_interval, hindcast_table, score_of, skill
from experiments.hindcast.words import cautions, errors, headline, how_sure, number
from experiments.plan import Prepared, prepare
from experiments.replicate import Outcome, replicate
from simulation.errors import ConfigError
from simulation.tally import MEASURES, Tally

QUIET = TOWN.replace("town", "quiet").replace("400", "280")
FORECAST = """
kind: experiment
name: forecast
extends: small
title: A forecast
calibration:
  runs:
    - {model: small, demand: town}
comparison: {model: hubs, demand: town}
"""
ALONE = """
kind: experiment
name: alone
title: Only a calibration
question: "Does it come out?"
seed: 3
follow_up_days: 30
calibration:
  start: 2014-07-01
  replications: 40
  runs:
    - {model: small, demand: town}
    - {model: hubs, demand: quiet}
"""
YEARS = (2014, 2015, 2016)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny configs: a town, a quieter one, a model today and one with hubs, and experiments over them."""
    root = tmp_path_factory.mktemp("hindcast") / "configs"
    elsewhere = FORECAST.replace("name: forecast", "name: elsewhere") + "seed: 99\n"
    fell = FORECAST.replace("name: forecast", "name: fell").replace("town", "quiet") + "seed: 99\n"
    return small_configs(
        root,
        {
            "demand/town": TOWN, "demand/quiet": QUIET, "models/hubs": HUBS, "experiments/forecast": FORECAST,
            "experiments/alone": ALONE, "experiments/elsewhere": elsewhere, "experiments/fell": fell,
        },
    )  # fmt: skip


def config(folder: Path, name: str) -> Path:
    return folder / "experiments" / f"{name}.yaml"


def asked(measures: Sequence[str], model: str = "small") -> list[Actual]:
    """Rows that ask for measures of all the years, before their figures are known."""
    return [Actual(0, year, measure, model, 0.0, 0.0, 0.0, "", False) for measure in measures for year in YEARS]


def worlds(prepared: Prepared, model: str, count: int) -> list[Outcome]:
    """Some histories of a model."""
    job = jobs_of(asked(["contact"], model), prepared)[model]
    return [replicate(job, replication) for replication in range(count)]


def met(tally: Tally, measure: str) -> list[int]:
    """People counted by a measure in each of the years, read without the code under test."""
    return [int(v) for v in tally.people[MEASURES.index(measure)].sum(axis=(1, 2))]


def figures(world: Outcome, measures: Sequence[str], model: str = "small", known: Sequence[int] = ()) -> list[Actual]:
    """What happened in a world, as rows of an actuals file."""
    found = []
    for measure in measures:
        for year, value in zip(YEARS, met(world.tallies[""], measure), strict=True):
            found.append(Actual(0, year, measure, model, value, value, value, "made up", year in known))
    return found


def csv_of(rows: Sequence[Actual], path: Path) -> Path:
    lines = ["year,measure,actual,model,used_to_set_inputs,source"]
    lines += [f"{r.year_name},{r.measure},{r.actual},{r.model},{'yes' if r.known else 'no'},{r.source}" for r in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small_forecast(folder: Path) -> Callable[[Sequence[Actual]], pd.DataFrame]:
    """Holds figures against one forecast of the town."""
    prepared = prepare(config(folder, "forecast"))
    wanted = asked(["contact", "funded_package"])
    jobs = jobs_of(wanted, prepared)
    made = {"small": [replicate(jobs["small"], replication) for replication in range(REPLICATIONS)]}
    found = forecasts(wanted, prepared, jobs, made)
    return lambda rows: hindcast_table(rows, found)


# --- what the bands hold


def test_histories_of_the_same_world_lie_inside_about_95_times_in_100(
    folder: Path, small_forecast: Callable[[Sequence[Actual]], pd.DataFrame]
) -> None:
    histories = worlds(prepare(config(folder, "elsewhere")), "small", 40)
    tables = [small_forecast(figures(world, ["contact"])) for world in histories]
    inside = sum(int(table["inside"].sum()) for table in tables)
    # 120 independent figures: 95% of them are 114, give or take 2.4; the band itself is estimated from 40 runs.
    assert 105 <= inside <= 120
    assert inside < 120, "bands that miss nothing are too wide"


def test_a_world_with_three_in_ten_contacts_fewer_lies_outside(
    folder: Path, small_forecast: Callable[[Sequence[Actual]], pd.DataFrame]
) -> None:
    (world,) = worlds(prepare(config(folder, "fell")), "small", 1)
    score = score_of(small_forecast(figures(world, ["contact"])))
    assert (score.inside, score.figures) == (0, 3)
    table = small_forecast(figures(world, ["contact"]))
    assert (table["error"] > 60).all()
    assert (table["relative_error"] > 0.2).all()
    assert score.percentage_error == pytest.approx(table["relative_error"].mean())


# --- through the command


def test_skill_is_positive_when_the_world_changed_as_forecast_and_not_when_it_stayed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = prepare(config(folder, "elsewhere"))
    today, hubs = worlds(elsewhere, "small", 2)[1], worlds(elsewhere, "hubs", 2)[1]
    before = [r for r in figures(today, ["funded_package"], "hubs", [2014]) if r.year == 2014]

    def held_against(world: Outcome, name: str) -> tuple[pd.DataFrame, dict[str, object]]:
        rows = before + [r for r in figures(world, ["funded_package"], "hubs") if r.year > 2014]
        out = tmp_path / name
        words = ["hindcast", str(config(folder, "forecast")), str(csv_of(rows, tmp_path / f"{name}.csv"))]
        assert main([*words, "--out", str(out), "--workers", "1", "--quiet"]) == 0
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["status"] == "finished"
        return pd.read_csv(out / "tables" / "hindcast.csv"), manifest["hindcast"]

    changed, good = held_against(hubs, "changed")
    said = capsys.readouterr().out
    stayed, bad = held_against(today, "stayed")
    assert good["units"][0]["skill"] > 0.5  # type: ignore[index]
    assert bad["units"][0]["skill"] < 0  # type: ignore[index]
    assert changed["kind"].tolist() == ["calibration", "scored", "scored"]
    assert changed["naive"].tolist()[1:] == [before[0].actual] * 2
    assert changed["naive_from"].tolist()[1:] == ["actual figure of 2014/15"] * 2
    assert changed["inside"].tolist() == [False, True, True]
    assert not stayed["inside"][1:].any()
    assert "2 of 2 figures lie inside the forecast's 95% bands." in said
    assert "skill 0." in said and "the forecast was closer" in said
    assert "they are worth fewer than 2 separate checks" in said
    assert "The bands hold chance alone" in said


def test_the_folder_holds_the_same_figures_in_every_form(folder: Path, tmp_path: Path) -> None:
    (world,) = worlds(prepare(config(folder, "elsewhere")), "small", 1)
    rows = figures(world, ["contact", "funded_package"], known=[2014])
    path = csv_of(rows, tmp_path / "actuals.csv")
    with path.open("a", encoding="utf-8") as stream:
        stream.write("2015/16,care_cost,900000\n2016/17,funded_package/client_group/older,50\n")
        stream.write("2016/17,package_start/care_type/home_care,120\n2016/17,packages_running_at_end,150\n")
    command = ["hindcast", str(config(folder, "forecast")), str(path), "--out", str(tmp_path / "out"), "--quiet"]
    assert main([*command, "--workers", "1"]) == 0
    out = tmp_path / "out"
    table = pd.read_csv(out / "tables" / "hindcast.csv", keep_default_na=True)
    again = pd.read_parquet(out / "tables" / "hindcast.parquet")
    assert table.columns.tolist() == again.columns.tolist()
    assert table["forecast_mean"].tolist() == again["forecast_mean"].tolist()
    assert (table["model"] == "small").all()
    runs = pd.read_parquet(out / "replications" / "hindcast-small-00000.parquet")
    contacts = runs[(runs["tally"] == "people") & (runs["place"] < 3 * 2)]["value"].sum() / REPLICATIONS
    assert table[table["measure"] == "contact"]["forecast_mean"].sum() == pytest.approx(contacts)
    text, page = (out / "hindcast.md").read_text(encoding="utf-8"), (out / "hindcast.html").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| 2")]
    assert len(lines) == len(table) == 10
    assert "yes, calibration" in text or "no, calibration" in text
    assert page.count('role="img"') == table["measure"].nunique() == 6
    assert "packages that began in the run" in page
    assert str(tmp_path) not in text + page.replace("\\", "")
    assert main(command) == 2, "results are not overwritten unasked"
    assert main([*command, "--workers", "1", "--force"]) == 0


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_fits_every_screen_and_its_pictures_are_whole(folder: Path, tmp_path: Path, browser: Any) -> None:
    from in_browser import CHARTS, TEXTS

    (world,) = worlds(prepare(config(folder, "elsewhere")), "small", 1)
    path = csv_of(figures(world, ["contact", "funded_package"], known=[2014]), tmp_path / "actuals.csv")
    out = tmp_path / "out"
    command = ["hindcast", str(config(folder, "forecast")), str(path), "--out", str(out), "--quiet", "--workers", "1"]
    assert main(command) == 0
    for width, height in ((1366, 768), (390, 844), (320, 700)):
        page = browser.new_page(viewport={"width": width, "height": height}, offline=True)
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto((out / "hindcast.html").as_uri())
        page.wait_for_selector("html[data-drawn=yes]", state="attached")
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        charts, texts = page.evaluate(CHARTS), page.evaluate(TEXTS)
        answer = page.locator("h1").bounding_box()
        assert said == []
        assert wide <= seen
        assert len(charts) == 2
        for chart in charts:
            assert chart["drawn"] >= 1 and chart["cut"] == [] and chart["crossed"] == []
            assert "2015/16" in chart["label"]
        assert min(text["size"] for text in texts) >= 16
        assert answer is not None and answer["y"] + answer["height"] <= height
        page.close()


# --- which model, which years


def test_a_model_without_a_comparison_runs_on_its_own_contacts(folder: Path) -> None:
    models, usual = choices(prepare(config(folder, "alone")))
    assert {name: choice.demand.config.name for name, choice in models.items()} == {"small": "town", "hubs": "quiet"}
    assert usual == "", "two models: a row must say which"
    models, usual = choices(prepare(config(folder, "forecast")))
    assert list(models) == ["small", "hubs"]
    assert usual == "small"
    assert {choice.demand.config.name for choice in models.values()} == {"town"}


def test_only_whole_financial_years_are_compared(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "actuals.csv"
    path.write_text("year,measure,actual,model\n2014/15,contact,400,small\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"2014/15 is before the run's first whole year, 2015/16"):
        read_both(config(folder, "alone"), path)


def test_a_longer_run_has_the_people_of_the_experiments_own_and_more(folder: Path) -> None:
    prepared = prepare(config(folder, "forecast"))
    assert prepared.comparison is not None
    short, long = prepared.comparison.job.maker, jobs_of(asked(["contact"]), prepared)["small"].maker
    first, more = short.make(1, 0), long.make(1, 0)
    assert more.size > first.size
    assert more.person[: first.size].tolist() == first.person.tolist()
    assert short.calendar.months == 12, "the experiment's own maker is left as it was"


def test_an_experiment_without_either_part_has_no_forecast(folder: Path) -> None:
    neither = replace(prepare(config(folder, "forecast")), own=(), comparison=None)
    with pytest.raises(ConfigError, match="there is neither a comparison nor a calibration in it"):
        checked(Path("a.csv"), asked(["contact"]), neither)


# --- pure functions


def test_exact_intervals_are_those_of_clopper_and_pearson() -> None:
    assert exact_interval(10, 10) == (pytest.approx(0.6915, abs=1e-4), 1.0)
    assert exact_interval(8, 10) == (pytest.approx(0.4439, abs=1e-4), pytest.approx(0.9748, abs=1e-4))
    assert exact_interval(0, 5) == (0.0, pytest.approx(0.5218, abs=1e-4))
    assert exact_interval(0, 0) == (0.0, 1.0)


def test_skill_is_one_less_the_ratio_of_errors() -> None:
    assert skill([1, -3], [4, 4]) == 0.5
    assert skill([-8], [4]) == -1.0
    assert math.isnan(skill([1], [0])), "nothing is better than exactly right"
    assert math.isnan(skill([], []))
    assert math.isnan(skill([1.0], [math.nan]))


def test_a_range_counts_as_inside_where_it_reaches_the_band_and_says_so(
    small_forecast: Callable[[Sequence[Actual]], pd.DataFrame],
) -> None:
    top = small_forecast(asked(["contact"]))["band_high"].iloc[0]
    touching = Actual(0, 2014, "contact", "small", top + 20, top - 1, top + 30, "", False)
    apart = Actual(0, 2015, "contact", "small", top + 120, top + 100, top + 130, "", False)
    table = small_forecast([touching, apart])
    assert table["inside"].tolist() == [True, False]
    assert table["inside_by_range"].tolist() == [True, False]
    said = cautions(score_of(table), table, "2014/15", unpriced=False)
    assert "1 of those inside: only the range of the actual figure reaches the band." in said


def test_without_a_known_year_nothing_changes_is_the_forecasts_first_year_where_there_is_one(
    small_forecast: Callable[[Sequence[Actual]], pd.DataFrame],
) -> None:
    table = small_forecast(asked(["contact"]))
    assert table["naive_from"].tolist() == ["not known", "forecast of 2014/15", "forecast of 2014/15"]
    assert table["naive"].tolist()[1:] == [table["forecast_mean"][0]] * 2
    assert math.isnan(table["naive"][0]) and math.isnan(table["skill"][0])
    score = score_of(table)
    assert (score.own_first_year, score.units[0].compared) == (2, 2)
    assert any("skill near 0 is built in" in line for line in cautions(score, table, "2014/15", unpriced=False))


def test_a_known_year_is_never_used_for_years_before_it(
    small_forecast: Callable[[Sequence[Actual]], pd.DataFrame],
) -> None:
    rows = [Actual(0, y, "contact", "small", 400.0 + y, 0, 9e9, "", y == 2015) for y in YEARS]
    table = small_forecast(rows)
    assert table["naive_from"].fillna("").tolist() == ["not known", "", "actual figure of 2015/16"]
    assert table["naive"][2] == 400.0 + 2015


def test_where_every_figure_was_known_there_is_no_score(
    small_forecast: Callable[[Sequence[Actual]], pd.DataFrame],
) -> None:
    score = score_of(small_forecast([Actual(0, 2014, "contact", "small", 0, 0, 0, "", True)]))
    assert score.figures == 0
    assert headline(score) == "There is nothing to score: every figure was used to set inputs."
    assert how_sure(score) == "" and errors(score) == []


def test_a_figure_of_nought_has_no_percentage(small_forecast: Callable[[Sequence[Actual]], pd.DataFrame]) -> None:
    table = small_forecast(asked(["contact"])[:1])
    assert math.isnan(table["relative_error"][0])
    assert score_of(table).percentage_figures == 0
    assert number(math.nan) == "not known"


# --- bad input


HEAD = "year,measure,actual\n"
BAD = [
    ("an empty file", "", ["a.csv: is empty. Begin with a heading: year,measure,actual."]),
    ("a heading alone", HEAD, [
        "a.csv: holds a heading and no figures. Add a row for each figure, such as 2015/16,contact,100."]),
    ("missing columns", "year,mesure\n2015/16,contact\n", [
        "a.csv:1: the heading has no column “measure” and no column “actual”. Needed: year, measure, actual; possible: "
        "model, low, high, source, used_to_set_inputs.",
        "a.csv:1: there is no column “mesure”. Did you mean 'measure'?"]),
    ("semicolons", "year;measure;actual\n2015/16;contact;1\n", [
        "a.csv:1: the columns are not separated by commas. Save the file as CSV with commas."]),
    ("one column twice", "year,measure,actual,year\n", [
        "a.csv:1: two columns are called “year”. Leave one of them out."]),
    ("an open quotation mark", HEAD + '2015/16,"contact,1\n', [
        "a.csv:2: this is not CSV: unexpected end of data. Mend the quotation marks of this row."]),
    ("an unknown measure", HEAD + "2015/16,funded_pakage,1\n", [
        "a.csv:2: there is no measure 'funded_pakage'. Did you mean 'funded_package'?"]),
    ("an unknown group", HEAD + "2015/16,funded_package/client_group/oldr,1\n", [
        "a.csv:2: there is no measure 'funded_package/client_group/oldr'. Did you mean "
        "'funded_package/client_group/older'?"]),
    ("a measure the model does not count", HEAD + "2015/16,enablement,1\n", [
        "a.csv:2: small has no figure for enablement: no stage or branch of it counts as that. Leave the row out."]),
    ("the year in the measure", HEAD + "2015/16,care_cost/2015/16,1\n", [
        "a.csv:2: there is no measure 'care_cost/2015/16'. The year has a column of its own: write care_cost."]),
    ("a year before the start", HEAD + "2013/14,contact,1\n", [
        "a.csv:2: 2013/14 is before the run's first whole year, 2014/15. Leave the row out, or give the experiment an "
        "earlier start."]),
    ("a year far off", HEAD + "2115/16,contact,1\n", [
        "a.csv:2: 2115/16 is more than 30 years after the run's start. Leave the row out, or mend the year."]),
    ("years written otherwise", HEAD + "2015,contact,1\n2015-16,contact,1\n2015/17,contact,1\nsoon,contact,1\n", [
        "a.csv:2: year: '2015' is not a financial year. Write 2015/16.",
        "a.csv:3: year: '2015-16' is not a financial year. Write 2015/16.",
        "a.csv:4: year: '2015/17' is not a financial year. Write 2015/16.",
        "a.csv:5: year: 'soon' is not a financial year. Write it as 2015/16."]),
    ("a negative number", HEAD + "2015/16,contact,-1\n", [
        "a.csv:2: actual is -1, below 0. Counts, packages and costs are 0 or more."]),
    ("text for a number", HEAD + "2015/16,contact,many\n2016/17,contact,\n2017/18,contact,nan\n"
     "2018/19,contact,1e999\n", [
        "a.csv:2: actual: 'many' is not a number. Write digits alone, such as 10026 or 0.5.",
        "a.csv:3: actual is empty. Give a number, or leave the row out.",
        "a.csv:4: actual: 'nan' is not a number. Write digits alone, such as 10026 or 0.5.",
        "a.csv:5: actual: 1e999 is too large. Mend the number."]),
    ("a comma in a number", HEAD + "2015/16,contact,10,026\n", [
        "a.csv:2: this row has 4 cells and the heading 3. Write numbers without commas, and put a text with a comma in "
        "quotation marks."]),
    ("one figure twice", HEAD + "2015/16,contact,1\n2016/17,contact,1\n\n2015/16,contact,2\n", [
        "a.csv:5: contact of 2015/16 stands in line 2 already. Keep one of the two."]),
    ("an unknown model", "year,measure,actual,model\n2015/16,contact,1,hub\n", [
        "a.csv:2: there is no model 'hub' in the experiment. Did you mean 'hubs'?"]),
    ("a range the wrong way round", "year,measure,actual,low,high\n2015/16,contact,5,9,1\n2016/17,contact,5,6,7\n"
     "2017/18,contact,5,4,\n", [
        "a.csv:2: low (9) is above high (1). Exchange them.",
        "a.csv:3: actual (5) does not lie from low (6) to high (7). Mend one of them.",
        "a.csv:4: low is given and high is not. Give both or neither."]),
    ("neither yes nor no", "year,measure,actual,used_to_set_inputs\n2015/16,contact,5,perhaps\n", [
        "a.csv:2: used_to_set_inputs: 'perhaps' is neither yes nor no. Write yes or no; empty means no."]),
    ("several faults at once", HEAD + "2013/14,contact,5\n2015,contct,-5\n2015/16,contct,5\n", [
        "a.csv:2: 2013/14 is before the run's first whole year, 2014/15. Leave the row out, or give the experiment an "
        "earlier start.",
        "a.csv:3: actual is -5, below 0. Counts, packages and costs are 0 or more.",
        "a.csv:3: year: '2015' is not a financial year. Write 2015/16.",
        "a.csv:4: there is no measure 'contct'. Did you mean 'contact'?"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_actuals_get_their_sentences_and_nothing_is_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    text: str, said: list[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(text, encoding="utf-8")
    assert main(["hindcast", str(config(folder, "forecast")), "a.csv", "--out", "out"]) == 2
    out, err = capsys.readouterr()
    *lines, total = err.splitlines()
    assert lines == said
    assert total == f"{len(said)} problem{'s' if len(said) > 1 else ''} found."
    assert out == "" and not Path("out").exists()


def test_files_that_are_no_csv_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sheet.csv").write_bytes(b"PK\x03\x04\xff\xfe")
    Path("folder").mkdir()
    for name, sentence in (
        ("nothing.csv", "nothing.csv: there is no such file. Check the name and the folder."),
        ("folder", "folder: is a folder, not a file. Name a CSV file."),
        ("sheet.csv", "sheet.csv: is not UTF-8 text. Save it as “CSV UTF-8”."),
    ):
        with pytest.raises(ConfigError) as error:
            read_actuals(Path(name))
        assert str(error.value) == sentence


def test_faults_of_both_files_are_told_together(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(HEAD + "2015/16,contact,some\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_both(folder / "experiments" / "absent.yaml", tmp_path / "bad.csv")
    assert len(error.value.problems) == 2
    (tmp_path / "good.csv").write_text(HEAD + "2015/16,contact,5\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="has several models and this row names none"):
        read_both(config(folder, "alone"), tmp_path / "good.csv")


def test_a_spreadsheets_csv_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('\ufeffyear , measure,actual,source,\r\n2015/16,contact,5,"one,\r\ntwo",\r\n,,,,\r\n'
                     "2016/17,contact,6\r\n".encode())  # fmt: skip
    first, second = read_actuals(path)
    assert (first.line, first.actual, first.source, first.known) == (2, 5.0, "one, two", False)
    assert (second.line, second.year_name, second.model) == (5, "2016/17", "")


def test_the_help_names_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["hindcast", "--help"])
    told = capsys.readouterr().out
    for column in ("year", "measure", "actual", "model", "low, high", "source", "used_to_set_inputs"):
        assert re.search(rf"^  {column} ", told, re.MULTILINE), column
