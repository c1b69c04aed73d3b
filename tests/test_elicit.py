"""Experts asked and read back: laws meet their quantiles, disagreement is kept, configs say what experts said.

The world is small enough to work its headline out by hand: 50 contacts a year, of whom a share is resolved.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from small_configs import small_configs

from experiments.cli import main
from experiments.crew import Crew
from experiments.elicit.asked import Asked, asked_of_results, title_of
from experiments.elicit.laws import LEVELS, Pert, fitted, misfit, pooled_quantile
from experiments.elicit.pooled import AGREE, DIFFER, DISAGREE, EXCLUDE, pooled, pooled_table
from experiments.elicit.reading import read_form
from experiments.elicit.run import read_back, write_form
from experiments.elicit.under import under_table
from experiments.elicit.words import figure, of_experts
from experiments.experiment import run_experiment
from simulation.errors import ConfigError, DemandflowError
from simulation.inputs import pert

ROOT = Path(__file__).resolve().parent.parent
MAIN = ROOT / "configs" / "experiments" / "barnet_vs_shropshire.yaml"
CONTACTS = 50

FILES = {
    "models/today": """
kind: model
name: today
extends: small
parameters:
  resolved:
    value: 0.7
    status: assumption
    why: "share of contacts resolved; nothing is published"
    range: {low: 0.6, high: 0.8, why: "a year or two of phone logs"}
""",
    "models/hubs": """
kind: model
name: hubs
extends: small
short_title: Hubs
parameters:
  resolved_in_hubs:
    value: 0.9
    status: assumption
    why: "hoped for"
    definition: "Share of contacts that a hub resolves"
    range: {low: 0.75, high: 1, why: "from a little above today to all"}
  advice_share: {value: "resolved_in_hubs * 1", status: derived}
  resolved: advice_share
""",
    "prices/dear": """
kind: prices
name: dear
extends: small
care:
  older:
    home_care:
      weekly_cost:
        {value: 180.5, status: assumption, why: "= half the price list", range: {low: 150, high: 250, why: "offers"}}
      stay:
        distribution: exponential
        unit: weeks
        mean: {value: 30, status: assumption, why: "how long care lasts", range: {low: 20, high: 52, why: "judgement"}}
""",
    "experiments/hope": """
kind: experiment
name: hope
extends: small
title: Hope
parameters:
  closed:
    value: 0.5
    status: assumption
    why: "share of the gap that is closed"
    range: {low: 0, high: 1, shape: uniform, why: "nobody knows"}
  unranged: {value: 3, status: assumption, why: "nobody dared give a range"}
  printed: {value: 50, status: published, source: {document: HARROW2020, where: "anywhere"}}
calibration: null
comparison:
  baseline: today
  model: hubs
  prices: dear
  transfers:
    - {name: half, title: half, value: closed}
  input_draws: 8
""",
    "experiments/alone": "kind: experiment\nname: alone\nextends: small\ncomparison: null\n",
}
TODAY, HUBS = "models/today.resolved", "models/hubs.resolved_in_hubs"
CLOSED = "experiments/hope.closed"
COST, STAY = "prices/dear:care.older.home_care.weekly_cost", "prices/dear:care.older.home_care.stay.mean"

Answers = dict[str, list[tuple[str, float, float, float]]]
THREE: Answers = {
    HUBS: [("AB", 0.8, 0.85, 0.9), ("CD", 0.7, 0.72, 0.75), ("hub manager", 0.85, 0.9, 0.95)],
    STAY: [("AB", 20, 30, 45), ("CD", 22, 31, 44), ("hub manager", 20, 32, 50)],
}


def world(folder: Path) -> Path:
    """The experiment's file in a configs folder of its own."""
    return small_configs(folder / "configs", FILES) / "experiments" / "hope.yaml"


@pytest.fixture(scope="module")
def hope(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small experiment."""
    return world(tmp_path_factory.mktemp("elicit"))


@pytest.fixture(scope="module")
def asked(hope: Path) -> Asked:
    """Its headline, to be asked."""
    return Asked(hope)


@pytest.fixture(scope="module")
def results(hope: Path) -> Path:
    """Its finished results."""
    return run_experiment(hope, hope.parent.parent.parent / "results", 1, False, quiet=True)


def filled(asked: Asked, path: Path, answers: Answers) -> Path:
    """A form with these answers; its other inputs are left blank."""
    write_form(asked.path, path, 20, force=True)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    todo = {key: list(given) for key, given in answers.items()}
    for row in rows:
        if todo.get(row["input"]):
            expert, low, middle, high = todo[row["input"]].pop(0)
            row |= {"expert": expert, "low_5": f"{low}", "middle_50": f"{middle}", "high_95": f"{high}"}
            row |= {"rationale": f"seen by {expert}", "date": "19/09/2016"}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


# Laws


@pytest.mark.parametrize("law", [(0.02, 0.2, 0.6), (-0.35, -0.24, -0.13), (5.0, 9.0, 60.0), (0.0, 0.0, 1.0)])
def test_a_pert_law_is_found_again_from_its_quantiles(law: tuple[float, float, float]) -> None:
    quantiles = [pert(*law, u) for u in LEVELS]
    found = fitted(quantiles)
    assert [found.quantile(u) for u in LEVELS] == pytest.approx(quantiles, rel=1e-6)
    assert (found.low, found.mode, found.high) == pytest.approx(law, abs=2e-3 * (law[2] - law[0]))
    assert misfit(found, quantiles) < 1e-6


@pytest.mark.parametrize("quantiles", [(0.1, 0.12, 0.4), (0.5, 0.99, 1.0), (0.0, 0.5, 1.0), (0.05, 0.2, 0.35)])
def test_what_no_pert_meets_is_met_as_closely_as_can_be_inside_the_bounds(quantiles: tuple[float, ...]) -> None:
    found = fitted(quantiles, 0.0, 1.0)
    assert 0.0 <= found.low <= found.mode <= found.high <= 1.0

    def off(low: float, along: float, high: float) -> float:
        return sum(
            (pert(low, low + along * (high - low), high, u) - q) ** 2 for u, q in zip(LEVELS, quantiles, strict=True)
        )

    mine = sum((found.quantile(u) - q) ** 2 for u, q in zip(LEVELS, quantiles, strict=True))
    lows, highs = np.linspace(0.0, quantiles[0], 6), np.linspace(quantiles[2], 1.0, 6)
    grid = [off(low, along, high) for low in lows for high in highs for along in np.linspace(0, 1, 21) if high > low]
    assert mine <= min(grid) * 1.0001
    assert misfit(found, quantiles) > 0.01


def test_the_pool_is_the_plain_mean_of_the_laws() -> None:
    laws = [Pert(0.0, 0.1, 0.3), Pert(0.2, 0.5, 0.6), Pert(0.55, 0.7, 0.9)]
    betas = [
        stats.beta(
            1 + 4 * (o.mode - o.low) / (o.high - o.low),
            1 + 4 * (o.high - o.mode) / (o.high - o.low),
            o.low,
            o.high - o.low,
        )
        for o in laws
    ]
    for u in (0.05, 0.3, 0.5, 0.95):
        x = pooled_quantile(laws, u)
        assert np.mean([beta.cdf(x) for beta in betas]) == pytest.approx(u, abs=1e-9)
    assert pooled_quantile([laws[0]] * 3, 0.5) == pytest.approx(laws[0].quantile(0.5))


# The form


def test_the_form_asks_for_what_moves_the_headline_most_and_for_judgement_only(asked: Asked, tmp_path: Path) -> None:
    told = write_form(asked.path, tmp_path / "form.csv", 20)
    raw = (tmp_path / "form.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    # Packages move by 50 × 0.2, by 25 × 0.25 and by 25 × 0.2; stay and cost move money alone.
    assert [row["input"] for row in rows[::3]] == [CLOSED, HUBS, TODAY, COST, STAY]
    assert len(rows) == 15
    assert all(row["expert"] == row["low_5"] == row["rationale"] == "" for row in rows)
    first = rows[3]
    assert (first["value_now"], first["low_now"], first["high_now"]) == ("0.9", "0.75", "1")
    assert "Share of contacts that a hub resolves" in first["what_it_is"]
    stay = next(row for row in rows if row["input"] == STAY)
    assert stay["unit"] == "weeks"
    cost = next(row for row in rows if row["input"] == COST)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cost.values() if not cell[:2].strip("-").isdigit())
    assert any(line.startswith("1 assumption has no range") for line in told)
    assert write_form(asked.path, tmp_path / "two.csv", 2)[0].startswith("2 assumptions")


def test_a_finished_folder_gives_the_same_form(asked: Asked, results: Path, tmp_path: Path) -> None:
    write_form(asked.path, tmp_path / "a.csv", 20)
    write_form(results, tmp_path / "b.csv", 20)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_answers_are_not_overwritten_by_chance(asked: Asked, tmp_path: Path) -> None:
    path = tmp_path / "form.csv"
    path.write_text("work of experts", encoding="utf-8")
    with pytest.raises(DemandflowError, match="experts' answers may stand in it"):
        write_form(asked.path, path, 3)
    assert path.read_text(encoding="utf-8") == "work of experts"
    with pytest.raises(DemandflowError, match=r"ends in \.csv"):
        write_form(asked.path, tmp_path / "form.yaml", 3)


# Reading


def faults(asked: Asked, path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_form(path, asked)
    return str(caught.value).splitlines()


Change = Callable[[list[str]], list[str]]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (f",{HUBS},", ",models/hubs.resolved_in_hub,", 5, f"Did you mean '{HUBS}'?"),
        ("hope.yaml", "other.yaml", 5, "a form of the experiment 'other', not of 'hope'"),
        (",AB,0.8,0.85,0.9", ",AB,0.9,0.85,0.8", 5, "out of order: low_5 is 0.9, middle_50 0.85, high_95 0.8"),
        (",AB,0.8,0.85,0.9", ",AB,0.8,0.8,0.8", 5, "as if nothing could be otherwise"),
        (",AB,0.8,0.85,0.9", ",AB,0.8,85%,0.9", 5, "middle_50: '85%' is not a number"),
        (",AB,0.8,0.85,0.9", ",,0.8,0.85,0.9", 5, "expert is empty"),
        (",AB,0.8,0.85,0.9", ",pool,0.8,0.85,0.9", 5, "an expert cannot be called 'pool'"),
        (",AB,0.8,0.85,0.9", ",AB,0.8,0.85,1.2", 5, "high_95 of “resolved” in hubs is 1.2, which contradicts the rest"),
        (",seen by AB,", ",,", 5, "rationale is empty"),
        ("19/09/2016", "31/09/2016", 5, "'31/09/2016' is not a date"),
        (",0.9,0.75,1,", ",0.8,0.75,1,", 5, "stood at 0.8 when the form was written and is 0.9 now"),
        (",CD,", ",AB,", 6, "AB has answered “resolved” in hubs in line 5 already"),
        (HUBS, "experiments/hope.printed", 5, "it is published. Leave the row out"),
        (HUBS, "models/hubs.advice_share", 5, "it is derived, worked out from others"),
    ],
)  # fmt: skip
def test_a_fault_in_a_form_is_told_with_line_and_mend(
    asked: Asked, tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    path = filled(asked, tmp_path / "form.csv", {HUBS: THREE[HUBS]})
    lines = path.read_text(encoding="utf-8").splitlines()
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert any(f":{line}: " in one and said in one for one in faults(asked, path)), faults(asked, path)


def test_three_experts_are_needed_for_an_input_that_anybody_answered(asked: Asked, tmp_path: Path) -> None:
    (told,) = faults(asked, filled(asked, tmp_path / "form.csv", {HUBS: THREE[HUBS][:2], STAY: THREE[STAY]}))
    assert "only two of the three experts or more that are needed have answered “resolved” in hubs: AB and CD" in told
    (told,) = faults(asked, filled(asked, tmp_path / "form.csv", {}))
    assert "nothing is filled in" in told


def test_an_input_nobody_answered_is_left_as_it_is_and_told(asked: Asked, tmp_path: Path) -> None:
    form = read_form(filled(asked, tmp_path / "form.csv", THREE), asked)
    assert set(form.left_blank) == {CLOSED, TODAY, COST}
    assert form.experts == ("AB", "CD", "hub manager")


# Together


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([("a", 20, 30, 40), ("b", 20, 31, 40), ("c", 20, 32, 40)], AGREE),
        ([("a", 20, 25, 40), ("b", 20, 31, 40), ("c", 20, 35, 40)], DIFFER),
        ([("a", 20, 22, 40), ("b", 20, 31, 40), ("c", 20, 39, 40)], DISAGREE),
        ([("a", 20, 22, 25), ("b", 20, 31, 40), ("c", 26, 39, 45)], EXCLUDE),
    ],
)  # fmt: skip
def test_disagreement_is_kept_and_named(
    asked: Asked, tmp_path: Path, answers: list[tuple[str, float, float, float]], verdict: str
) -> None:
    found = pooled(asked, read_form(filled(asked, tmp_path / "form.csv", {STAY: answers}), asked))[STAY]
    assert found.verdict == verdict
    medians, widths = [a[2] for a in answers], [a[3] - a[1] for a in answers]
    assert found.between == pytest.approx(max(medians) - min(medians))
    assert found.within == pytest.approx(sum(widths) / 3)
    assert found.apart == (("a", "c") if verdict == EXCLUDE else None)
    assert found.law.low >= 0


def test_ends_stay_where_the_model_can_hold_them(asked: Asked, tmp_path: Path) -> None:
    wide = [(name, 0.55, 0.8, 0.99) for name in ("a", "b", "c")]
    found = pooled(asked, read_form(filled(asked, tmp_path / "form.csv", {HUBS: wide, TODAY: wide}), asked))
    assert found[HUBS].law.high <= 1  # its range ends at 1 today
    assert 0.99 < found[TODAY].law.high <= 1  # the model refuses more


def test_configs_hold_what_experts_said_and_an_experiment_runs_with_them(asked: Asked, tmp_path: Path) -> None:
    form = filled(asked, tmp_path / "form.csv", THREE)
    told = read_back(form, tmp_path / "new", None)
    new = Asked(tmp_path / "new" / "experiments" / "hope_elicited.yaml")
    elicited = {key: item for key, item in new.inputs.items() if item.status == "elicited"}
    assert set(elicited) == {key.replace("hubs", "hubs_elicited", 1).replace("dear", "dear_elicited") for key in THREE}
    found = pooled(asked, read_form(form, asked))
    for key, item in elicited.items():
        one = found[key.replace("_elicited", "")]
        assert item.evidence is not None and item.evidence.range is not None
        assert item.evidence.value == pytest.approx(one.law.mode, rel=1e-5)
        assert (item.evidence.range.low, item.evidence.range.high) == pytest.approx(
            (one.law.low, one.law.high), rel=1e-5
        )
        assert item.evidence.why is not None and item.evidence.source is None
        assert all(f"seen by {expert}" in item.evidence.why for expert in ("AB", "CD", "hub manager"))
        assert str(item.evidence.date) == "2016-09-19"
    as_elicited = new.headline({})
    here = asked.headline({key: one.law.mode for key, one in found.items()})
    assert (as_elicited.packages, as_elicited.saving) == pytest.approx((here.packages, here.saving), rel=1e-4)
    assert as_elicited != asked.headline({})
    assert any("exclude each other: the intervals of CD and" in line for line in told)
    assert any(f"{TODAY}" in line and line.startswith("Left blank by everybody") for line in told)
    with pytest.raises(DemandflowError, match="exists"):
        read_back(form, tmp_path / "new", None)


def test_configs_that_use_a_changed_one_and_shipped_ones_are_extended_too(tmp_path: Path) -> None:
    asked = Asked(MAIN)
    share = "prices/barnet_2014_15.long_term_share"
    form = tmp_path / "form.csv"
    rows = [f"{MAIN},{share},0.6,{who},0.5,0.55,0.65,seen" for who in "abc"]
    form.write_text("\n".join(["experiment,input,value_now,expert,low_5,middle_50,high_95,rationale", *rows]) + "\n")
    read_back(form, tmp_path / "new", MAIN)
    new = Asked(tmp_path / "new" / "experiments" / "barnet_vs_shropshire_elicited.yaml")
    refs = {loaded.ref for loaded in new.prepared.documents}
    assert {ref for ref in refs if ref.endswith("_elicited")} == {
        "experiments/barnet_vs_shropshire_elicited",
        "models/barnet_2014_15_elicited",  # it uses the prices
        "models/shropshire_p2p_elicited",
        "prices/barnet_2014_15_elicited",
    }
    assert not refs & {"models/barnet_2014_15", "models/shropshire_p2p", "prices/barnet_2014_15"}
    mode = new.value(share.replace("15.", "15_elicited."))
    assert new.headline({}).saving == pytest.approx(asked.headline({share: mode}).saving, rel=1e-9)


# Under each expert


def test_under_each_expert_is_what_the_expert_says_and_the_sceptic_is_found(asked: Asked, tmp_path: Path) -> None:
    form = read_form(filled(asked, tmp_path / "form.csv", THREE), asked)
    found = pooled(asked, form)
    with Crew([], 1) as crew:
        table = under_table(asked, form.experts, found, crew).set_index("who")
    assert list(table.index) == ["as it stands", "AB", "CD", "hub manager", "pool"]
    for who, hubs in (("as it stands", 0.9), ("AB", 0.85), ("CD", 0.72), ("hub manager", 0.9)):
        assert table.loc[who, "packages"] == pytest.approx(-CONTACTS * 0.5 * (hubs - 0.7))
    assert table.index[table["most_sceptical"]].tolist() == ["CD"]
    assert table.loc["CD", "saving"] == table.loc[["AB", "CD", "hub manager"], "saving"].min()
    # Each draw by hand: the luck of the ranges as they stand, put into CD's law of the hubs.
    drawn = [asked.prepared.inputs.drawn(asked.prepared.experiment.seed, draw) for draw in range(8)]
    now = stats.beta(1 + 4 * 0.15 / 0.25, 1 + 4 * 0.1 / 0.25, 0.75, 0.25)
    law = found[HUBS].laws["CD"]
    changes = [-CONTACTS * d[CLOSED] * (law.quantile(float(now.cdf(d[HUBS]))) - d[TODAY]) for d in drawn]
    wanted = np.quantile(changes, [0.025, 0.5, 0.975])
    assert table.loc["CD", ["packages_low", "packages_median", "packages_high"]].tolist() == pytest.approx(
        wanted.tolist()
    )
    assert (table["draws"] + table["contradictory_draws"] == 8).all()
    told = of_experts(table.reset_index())
    assert any(line.startswith("The most sceptical is CD: 0.5 fewer packages a year") for line in told)
    assert sum("Fewer packages is not less need" in line for line in told) == 1


def test_the_table_keeps_every_expert_beside_the_pool(asked: Asked, tmp_path: Path) -> None:
    table = pooled_table(asked, pooled(asked, read_form(filled(asked, tmp_path / "form.csv", THREE), asked)))
    assert table.groupby("input")["expert"].apply(list).tolist() == [["AB", "CD", "hub manager", "pool"]] * 2
    assert table.loc[table["expert"] == "pool", "line"].eq(0).all()
    middle = table[(table["input"] == HUBS) & (table["expert"] == "pool")].iloc[0]
    assert 0.72 < middle["middle_50"] < 0.9
    assert middle["low_5"] < 0.75 and middle["high_95"] > 0.9


# The command


def test_the_command_writes_reads_and_tells(
    asked: Asked, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = filled(asked, tmp_path / "form.csv", THREE)
    out = tmp_path / "experts"
    assert main(["elicit", "--results", str(results), "--form", str(form), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "The most sceptical is CD" in said and "nothing missing" not in said
    table = pd.read_csv(out / "tables" / "experts.csv")
    assert table["most_sceptical"].sum() == 1
    assert json.loads((out / "manifest.json").read_text())["status"] == "finished"
    for words, told in (
        (["elicit"], "--form FORM.csv is missing"),
        (["elicit", "--read", str(form)], "--read needs --out"),
        (["elicit", "--read", str(form), "--form", str(form), "--out", "x"], "takes neither"),
        (["elicit", str(asked.path), "--results", str(results), "--form", str(form)], "no experiment is named besides"),
        (["elicit", "--form", str(form)], "name an experiment"),
        (["elicit", str(asked.path), "--form", str(form), "--out", "x"], "--out has nothing to say"),
        (["elicit", str(tmp_path), "--form", str(tmp_path / "new.csv")], "is not a results folder"),
        (["elicit", str(asked.path.with_name("alone.yaml")), "--form", "x.csv"], "has no comparison:"),
        (["elicit", "--read", str(tmp_path / "none.csv"), "--out", "x"], "there is no such file"),
    ):
        assert main(words) == 2
        assert told in capsys.readouterr().err


def test_results_that_are_unfinished_or_out_of_date_are_refused(results: Path, hope: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    manifest = json.loads((results / "manifest.json").read_text())
    for change, told in (
        ({"status": "interrupted"}, "its run is interrupted, not finished"),
        ({"command": "track"}, "was written by run.py track"),
        ({"config": {}}, "compares no two models"),
        ({"config_hashes": dict.fromkeys(manifest["config_hashes"], "0")}, "has changed since"),
        ({"config_hashes": {"configs/gone.yaml": "0"}}, "is not there"),
    ):
        (copy / "manifest.json").write_text(json.dumps(manifest | change), encoding="utf-8")
        with pytest.raises(DemandflowError, match=told):
            asked_of_results(copy)
    assert asked_of_results(results)[0].path.resolve() == hope.resolve()


def test_small_words() -> None:
    assert figure(0.19770001) == "0.1977"
    assert figure(-0.24) == "−0.24" and figure(1234.56) == "1,235" and figure(0.0) == "0"
    assert title_of("models/a:stages.needs_assessment.duration.mean") == "needs assessment, duration, mean"
