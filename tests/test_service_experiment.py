"""An experiment of one whole service: the same on any number of workers, and every table and check written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from conftest import OUT, Toys, arrival, constant, decision, exponential, package, service

from experiments.cli import main
from experiments.experiment import run_experiment
from experiments.plan import prepare
from experiments.summary import summary
from simulation.errors import ConfigError, DemandflowError

PUBLISHED = {"value": 300, "status": "published", "source": {"document": "PSS1314", "where": "a table"}}

SERVICE: dict[str, Any] = {
    "model": "toy",
    "demand": "toy",
    "prices": "toy",
    "start": "2014-04-01",
    "years": 2,
    "warm_up_months": 3,
    "replications": 3,
    "reported_year": "2014/15",
    "sets": {"groups": {"older": ["older_people"]}, "care": {"care_home": ["home"]}},
    "residents": {"older": 10000.0},
    "most_outside": 1,
    "checks": [
        {"title": "Contacts", "measure": "contact", "published": PUBLISHED, "accept": {"relative": 0.2},
         "used_to_set": True},
        {"title": "Far off", "measure": "in_care/older/home", "published": {**PUBLISHED, "value": 5000},
         "accept": {"absolute": 1.0}, "used_to_set": False, "note": "nobody believes it"},
    ],
    "indicators": [
        {"name": "resolved", "title": "Resolved", "measure": "resolved_at_first_contact", "of": "contact",
         "target": 0.7},
        {"name": "admitted", "title": "Admitted", "measure": "admissions/older", "per_100000": "older"},
    ],
}  # fmt: skip


def written(toys: Toys, change: dict[str, Any] | None = None) -> Path:
    """The experiment's file, beside its model, demand and prices."""
    toys.model(
        {
            "door": arrival("desk"),
            "desk": service("first", exponential(30, "minutes"), "desk"),
            "first": decision(("advice", 0.6), ("wait", 0.2), ("home", "rest")),
            "wait": service("home", exponential(60, "hours"), "slow"),
            "home": package("over", "home"),
            "look_due": {"kind": "fork", "parent": "home", "every": constant(200, "days"), "activity": "look"},
            "look": service("looked", 1.0),
            "looked": {"kind": "outcome", "need": "reviewed"},
            "advice": OUT,
            "over": {"kind": "outcome", "need": "care_ended"},
        },
        teams={"desk": 1, "slow": 1},
    )
    toys.demand({"community": 300.0}, held={"older_people": {"home": 40.0}})
    toys.prices({"older_people": {"home": (600.0, exponential(1, "years"))}})
    content = {
        "kind": "experiment",
        "name": "toy",
        "title": "A toy service",
        "question": "Does it hold together?",
        "seed": 5,
        "follow_up_days": 100,
        "service": {**SERVICE, **(change or {})},
    }
    text = yaml.safe_dump(content, sort_keys=False).replace("'2014-04-01'", "2014-04-01")
    return toys.write("experiments", "toy", text)


def test_one_and_two_workers_count_the_same_to_the_byte(toys: Toys, tmp_path: Path) -> None:
    path = written(toys)
    folders = [run_experiment(path, tmp_path / f"r{n}", n, False, quiet=True) for n in (1, 2)]
    for name in sorted(p.name for p in (folders[0] / "tables").glob("*.csv")):
        one, two = ((folder / "tables" / name).read_bytes() for folder in folders)
        assert one == two, name
    for part in (folders[0] / "replications").iterdir():
        assert part.read_bytes() == (folders[1] / "replications" / part.name).read_bytes()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("service")
    return run_experiment(written(Toys(folder)), folder / "results", 1, False, quiet=True)


def table(results: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(results / "tables" / f"{name}.parquet")


def test_every_table_is_there_and_both_forms_agree(results: Path) -> None:
    names = ("service", "in_care", "spend", "contacts_and_people", "waits", "work", "reviews", "settled", "present",
             "ledger", "indicators", "checks")  # fmt: skip
    for name in names:
        frame = table(results, name)
        assert len(frame) == len(pd.read_csv(results / "tables" / f"{name}.csv")) and len(frame)


def test_waits_spread_as_their_traces_say(results: Path) -> None:
    """Two and four weeks say what the other table says of them, and shares rise with the days."""
    spread, known = table(results, "waits_spread"), table(results, "waits")
    keys = ["stage", "since", "financial_year"]
    ends = ["mean", "year_low", "year_high", "mean_low", "mean_high", "interval"]
    for days in (14, 28):
        one = spread[spread["days"] == days].set_index(keys)[ends]
        other = known[known["what"] == f"within_{days}_days"].set_index(keys)[ends]
        assert len(one) and one.equals(other)
    seen = known[known["what"] == "seen"].set_index(keys)["mean"]
    assert spread[spread["days"] == 1].set_index(keys)["seen_a_year"].equals(seen.rename("seen_a_year"))
    assert spread["mean"].between(0, 1).all() and spread["mean"].nunique() > 2
    for _, one in spread.groupby(keys):
        assert one["days"].is_monotonic_increasing and one["mean"].is_monotonic_increasing and len(one) == 12


def test_only_years_that_count_are_told(results: Path) -> None:
    assert set(table(results, "service")["financial_year"]) == {"2014/15", "2015/16"}
    assert table(results, "in_care")["month"].iloc[0] == "start"
    assert table(results, "work")["month"].iloc[0] == "2014-04"


def test_gross_is_what_each_payer_pays(results: Path) -> None:
    spend = table(results, "spend").pivot_table(index="financial_year", columns="amount", values="mean")
    assert ((spend["contributions"] + spend["recovered"] + spend["net"]) - spend["gross"]).abs().max() < 1e-6


def test_a_team_with_too_little_time_is_named_as_growing(results: Path) -> None:
    """60 people a year × 60 hours leave one practitioner, always there, room; 2 people a week would too."""
    settled = table(results, "settled").set_index("stage")
    assert 0.3 < settled.loc["wait", "load"] < 0.6
    assert settled.loc["wait", "load_expected"] == pytest.approx(settled.loc["wait", "load"], rel=0.3)


def test_possibly_unmet_always_has_its_row(results: Path) -> None:
    ledger = table(results, "ledger")
    for _, part in ledger.groupby(["financial_year", "client_group"]):
        assert "possibly_unmet" in set(part["need"])
    assert ledger.loc[ledger["need"] == "possibly_unmet", "people_mean"].sum() > 0
    assert ledger["cost_a_week_mean"].isna().all(), "no price of an hour, so no cost and no nought"


def test_checks_say_what_is_outside_and_the_terminal_says_it_first(results: Path) -> None:
    checks = table(results, "checks").set_index("title")
    assert checks.loc["Contacts", "verdict"] == "inside" and checks.loc["Contacts", "use"] == "calibration"
    assert checks.loc["Far off", "verdict"] == "outside" and checks.loc["Far off", "use"] == "validation"
    told = json.loads((results / "manifest.json").read_text())["service"]
    assert told["outcome"]["outside"] == ["Far off"] and told["outcome"]["coherent"]
    assert told["people_lost_on_their_way"] == 0
    lines = [line for line in summary(results) if line]
    assert lines[0] == "1 of 2 published figures are near enough (up to 1 may not be)."
    assert lines[1].startswith("  Outside: Far off:")
    assert any("possibly unmet" in line for line in lines)


def test_indicators_stand_beside_what_is_printed(results: Path) -> None:
    told = table(results, "indicators").set_index("indicator")
    assert told.loc["resolved", "target"] == 0.7
    admitted = table(results, "service").set_index(["measure", "financial_year"]).loc[("admissions/older", "2014/15")]
    assert told.loc["admitted", "mean"] == pytest.approx(10 * admitted["mean"])


def test_the_validation_page_tells_calibration_from_validation(
    results: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["validation", str(results)]) == 0
    page = capsys.readouterr().out
    assert "| Far off | 5,000 |" in page and "| validation | outside |" in page
    assert "Inputs were set with: Contacts." in page and "- Far off: nobody believes it" in page
    assert main(["validation", str(results), "--out", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text() == page
    assert main(["validation", str(tmp_path)]) == 2
    assert "is not a results folder" in capsys.readouterr().err
    old = shutil.copytree(results, tmp_path / "old") / "manifest.json"
    old.write_text(old.read_text().replace('"schema_version": 2', '"schema_version": 1'))
    assert main(["validation", str(old.parent)]) == 2
    assert "old is of schema version 1; this program reads version 2." in capsys.readouterr().err


def test_one_that_must_hold_is_never_excused(toys: Toys, tmp_path: Path) -> None:
    checks = [dict(SERVICE["checks"][1], must_hold=True)]
    folder = run_experiment(written(toys, {"checks": checks}), tmp_path / "r", 1, False, quiet=True)
    assert not json.loads((folder / "manifest.json").read_text())["service"]["outcome"]["coherent"]
    assert any("not coherent" in line for line in summary(folder))


def test_everything_wrong_with_the_section_is_told_at_once(toys: Toys) -> None:
    wrong = {
        "start": "2014-05-01",
        "reported_year": "2019/20",
        "growth": True,
        "counted_sources": ["hospitl"],
        "sets": {"groups": {"older": ["older"]}, "care": {"home": ["home"]}},
    }
    path = written(toys, wrong)
    path.write_text(path.read_text().replace("'2014-05-01'", "2014-05-01"))
    with pytest.raises(ConfigError) as told:
        prepare(path)
    sentences = " ".join(str(problem) for problem in told.value.problems)
    for part in (
        "service.start is 2014-05-01, in the middle of a financial year. Write 2014-04-01;",
        "service.reported_year: 2019/20 is not one of the years that are run. Use 2014/15 to 2015/16.",
        "service.growth: demand/toy says nothing of growth.",
        "there is no source 'hospitl' in demand/toy.",
        "service.sets.groups.older: there is no 'older' in demand/toy.",
        "service.sets.care.home: 'home' already means something else.",
    ):
        assert part in sentences


def test_names_of_measures_are_checked_before_anything_runs(toys: Toys) -> None:
    checks = [dict(SERVICE["checks"][0], measure="in_care/oldest/home"), dict(SERVICE["checks"][1], of="contacs")]
    indicators = [dict(SERVICE["indicators"][1], per_100000="younger")]
    with pytest.raises(DemandflowError) as told:
        prepare(written(toys, {"checks": checks, "indicators": indicators}))
    assert "service.checks.0.measure: there is no client group or set of groups 'oldest'." in str(told.value)
    assert "service.checks.1.of: there is no measure 'contacs'. Did you mean 'contact'?" in str(told.value)
    assert "service.indicators.0.per_100000: there are no residents 'younger'." in str(told.value)
