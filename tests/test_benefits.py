"""Benefits of a plan of schemes: the printed totals to the pound, ranges from draws, and what came of it by quarter."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.benefits.actuals import Realised
from experiments.benefits.plan import Plan, read_plan
from experiments.benefits.profile import chance, profile_table
from experiments.benefits.tables import ALL, SOLVED, lines_table, totals_table
from experiments.benefits.words import cautions, headline, on_screen
from experiments.cli import main
from experiments.quarters import Quarter
from experiments.variances import ABOVE, BELOW, INSIDE, variance, verdict
from simulation.errors import ConfigError, DemandflowError
from simulation.inputs import triangular
from simulation.reading import SHIPPED

BCF = SHIPPED / "options" / "bcf.yaml"
HEAD = "quarter,benefit,avoided\n"


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The shipped plan."""
    return read_plan(BCF)


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """The shipped plan with some of its text replaced."""
    text = BCF.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    path = folder / "configs" / "options" / "bcf.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def row_of(table: pd.DataFrame, **keys: str) -> dict[str, Any]:
    """The one row where all keys hold."""
    for key, value in keys.items():
        table = table[table[key] == value]
    assert len(table) == 1
    return {str(key): value for key, value in table.iloc[0].items()}


# --- what is planned


def test_the_printed_totals_stand_to_the_pound_by_payer(plan: Plan) -> None:
    totals = totals_table(plan)
    for year, whole, council in (("2014/15", 1_544_011, 200_451), ("2015/16", 2_353_506, 234_282)):
        every = row_of(totals, period=year, scheme=ALL, payer=ALL)
        own = row_of(totals, period=year, scheme=ALL, payer="council")
        nhs = row_of(totals, period=year, scheme=ALL, payer="nhs")
        assert every["planned_saving"] == whole
        assert (own["planned_saving"], nhs["planned_saving"]) == (council, whole - council)
        assert own["share_of_planned"] == pytest.approx(council / whole)
        by_scheme = totals[(totals["period"] == year) & (totals["scheme"] != ALL) & (totals["payer"] == ALL)]
        assert by_scheme["planned_saving"].sum() == whole
        assert by_scheme["cost"].sum() == every["cost"]
    assert headline(totals).endswith("Most of it is money of the NHS.")


def test_a_scheme_without_a_claim_has_no_saving_not_one_of_nought(plan: Plan) -> None:
    silent = row_of(totals_table(plan), period="2014/15", scheme="seven_day", payer=ALL)
    assert math.isnan(silent["planned_saving"]) and math.isnan(silent["saving_high"])
    assert silent["cost"] == 300_000
    assert any("That is not a saving of nought." in line for line in cautions(plan, totals_table(plan)))


def test_unit_values_that_were_solved_back_are_labelled_wherever_they_are_shown(plan: Plan) -> None:
    lines, totals = lines_table(plan), totals_table(plan)
    assert (lines[lines["benefit"] != "emergency_admission"]["unit_value_is"] == SOLVED).all()
    assert set(lines[lines["unit_value_is"] == SOLVED]["benefit"]) == {
        "care_home_admission", "package_after_reablement", "excess_bed_day",
    }  # fmt: skip
    solved = row_of(totals, period="2014/15", scheme=ALL, payer=ALL)["on_solved_back"]
    assert solved == 12 * 10_000 + 21 * 3_831 + 268 * 265
    said = on_screen(plan, lines, totals, None)
    for worth in ("£10,000", "£3,831", "£265"):
        assert all("solved back" in line for line in said if f": {worth} (" in line)
    marked = [line for line in said if (re.search(r"^  \S", line) and "£200,451" in line) or "£1,544,011*" in line]
    assert marked and not any("£46,092*" in line for line in said)


# --- ranges


def test_ranges_are_those_of_the_laws_they_are_drawn_from(plan: Plan) -> None:
    """1a is 23 admissions × £2,004, and only the share realised is drawn: its quantiles are known."""
    own = row_of(totals_table(plan), period="2014/15", scheme="expert_patient", payer=ALL)
    for column, u in (("saving_low", 0.025), ("saving_median", 0.5), ("saving_high", 0.975)):
        assert own[column] == pytest.approx(46_092 * triangular(0.0, 1.0, 1.4, u), rel=0.06)


def test_ends_of_sums_are_not_sums_of_ends(plan: Plan) -> None:
    """Council and NHS are drawn apart: the whole lies closer together than its parts added."""
    totals = totals_table(plan)
    rows = {who: row_of(totals, period="2014/15", scheme=ALL, payer=who) for who in (ALL, "council", "nhs")}
    assert rows[ALL]["saving_low"] > rows["council"]["saving_low"] + rows["nhs"]["saving_low"]
    assert rows[ALL]["saving_high"] < rows["council"]["saving_high"] + rows["nhs"]["saving_high"]
    drawn = plan.drawn_savings.sum(axis=1)
    assert plan.drawn_savings.shape == (2000, len(plan.lines)) and drawn.min() > 0


def test_a_shortfall_in_hospitals_meets_every_scheme_alike(plan: Plan) -> None:
    avoided = plan.drawn_avoided
    ours = [i for i, line in enumerate(plan.lines) if line.benefit == "emergency_admission"]
    shares = avoided[:, ours] / [plan.lines[i].planned for i in ours]
    assert np.ptp(shares, axis=1).max() < 1e-12


def test_money_is_linear_in_unit_values(plan: Plan, tmp_path: Path) -> None:
    text = BCF.read_text(encoding="utf-8")
    twice = changed(tmp_path, ("value: 2004, status", "value: 4008, status"))
    bare = re.sub(r"printed_saving: \{figure:", "printed_saving: {differs: twice the price, figure:", text)
    bare = bare.replace("value: 2004, status", "value: 4008, status")
    twice.write_text(bare, encoding="utf-8")
    more = read_plan(twice)
    ours = [i for i, line in enumerate(plan.lines) if line.benefit == "emergency_admission"]
    assert np.allclose(more.drawn_savings[:, ours], 2 * plan.drawn_savings[:, ours], rtol=1e-12)
    others = [i for i in range(len(plan.lines)) if i not in ours]
    assert (more.drawn_savings[:, others] == plan.drawn_savings[:, others]).all()


def test_draws_belong_to_the_seed_and_to_nothing_else(plan: Plan, tmp_path: Path) -> None:
    again = read_plan(BCF)
    assert (again.drawn_savings == plan.drawn_savings).all()
    fewer = read_plan(changed(tmp_path, ("input_draws: 2000", "input_draws: 50")))
    assert (fewer.drawn_savings == plan.drawn_savings[:50]).all()
    other = read_plan(changed(tmp_path / "b", ("seed: 20150401", "seed: 1")))
    assert (other.drawn_savings != plan.drawn_savings).any()


# --- expected and realised


def realised(quarter: Quarter, avoided: float, benefit: str = "emergency_admission", scheme: str = ALL) -> Realised:
    return Realised(0, quarter, benefit, scheme, avoided, avoided, avoided, "made up")


YEAR = [Quarter(2014, number) for number in (1, 2, 3, 4)]


def test_quarters_of_the_plan_add_up_to_its_year(plan: Plan) -> None:
    table = profile_table(plan, [realised(quarter, 0.0) for quarter in YEAR])
    assert table["expected_avoided"].sum() == pytest.approx(635)
    assert table["expected_saving"].sum() == pytest.approx(635 * 2_004)
    assert table["cumulative_expected"].iloc[-1] == pytest.approx(635)
    assert plan.drawn_weights.sum(axis=1) == pytest.approx(1.0)


def test_chance_is_in_the_band_of_a_count_and_as_wide_as_two_poisson_counts(plan: Plan) -> None:
    noise = chance(plan, "emergency_admission", "2014/15 Q1")
    assert noise is not None
    assert noise.std() == pytest.approx(math.sqrt(2 * 29_094 / 4), rel=0.05)
    assert abs(noise.mean()) < 4 * noise.std() / math.sqrt(len(noise))
    other = chance(plan, "emergency_admission", "2014/15 Q2")
    assert other is not None and abs(np.corrcoef(noise, other)[0, 1]) < 0.1
    assert chance(plan, "excess_bed_day", "2014/15 Q1") is None
    whole = profile_table(plan, [realised(YEAR[0], 100.0)]).iloc[0]
    single = profile_table(plan, [realised(YEAR[0], 100.0, scheme="rapid_care")]).iloc[0]
    assert whole["chance_in_band"] and not single["chance_in_band"]
    assert whole["band_low"] < 0 < single["band_low"], "a quarter's plan is within chance"


def test_cumulative_bands_are_made_draw_by_draw(plan: Plan) -> None:
    table = profile_table(plan, [realised(quarter, 150.0) for quarter in YEAR])
    widths = (table["band_high"] - table["band_low"]).tolist()
    whole = table["cumulative_high"].iloc[-1] - table["cumulative_low"].iloc[-1]
    assert math.sqrt(sum(w * w for w in widths)) < whole < sum(widths), "the share realised is shared, chance is not"
    assert table["cumulative_realised"].tolist() == [150, 300, 450, 600]


def test_a_realised_number_is_worth_its_unit_value_with_the_range_of_one_solved_back(plan: Plan) -> None:
    beds = profile_table(plan, [realised(YEAR[0], 60.0, "excess_bed_day")]).iloc[0]
    assert beds["realised_saving"] == 60 * 265
    assert 60 * 132.5 < beds["realised_saving_low"] < beds["realised_saving"] < beds["realised_saving_high"] < 60 * 530
    stays = profile_table(plan, [realised(YEAR[0], 60.0)]).iloc[0]
    assert stays["realised_saving_low"] == stays["realised_saving"] == stays["realised_saving_high"] == 60 * 2_004


def test_more_than_before_is_a_negative_number_and_below_the_band(plan: Plan) -> None:
    row = profile_table(plan, [realised(YEAR[0], -400.0)]).iloc[0]
    assert row["verdict"] == BELOW and row["realised_saving"] == -400 * 2_004


def test_variances_are_said_in_words_and_claim_no_cause() -> None:
    say = "{:.0f}".format
    assert variance(100, (80, 120), 150, (150, 150), say) == (
        "above the band: 50 more than expected (50%), 30 beyond its upper end"
    )
    assert variance(100, (80, 120), 70, (70, 70), say) == (
        "below the band: 30 less than expected (30%), 10 beyond its lower end"
    )
    assert variance(100, (80, 120), 130, (118, 140), say).startswith(
        "inside the band, by the actual figure's own range"
    )
    assert variance(100, (80, 120), 100, (100, 100), say) == "inside the band: as expected"
    assert variance(0, (math.nan, math.nan), 3, (3, 3), say) == "no band is known: 3 more than expected"
    assert [verdict((1, 2), (x, x)) for x in (0.5, 1, 2, 2.5)] == [BELOW, INSIDE, INSIDE, ABOVE]


# --- through the command


def test_the_folder_holds_the_same_figures_in_every_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(HEAD + "2014/15 Q1,emergency_admission,120\n2014/15 Q2,excess_bed_day,900\n", "utf-8")
    assert main(["benefits", str(BCF), "--out", "out", "--actuals", "a.csv"]) == 0
    said = capsys.readouterr().out
    assert "£1,544,011" in said and "£2,353,506" in said
    assert "(87%)" in said and "(13%)" in said and "(10%)" in said
    assert "Overlap between schemes is not modelled" in said
    assert "1 of 2 realised figures lie inside the expected bands. 0 lie below, 1 above." in said
    totals = pd.read_csv("out/tables/benefits_totals.csv")
    assert row_of(totals, period="2014/15", scheme=ALL, payer=ALL)["planned_saving"] == 1_544_011
    pd.testing.assert_frame_equal(totals, pd.read_parquet("out/tables/benefits_totals.parquet"), check_dtype=False)
    assert pd.read_csv("out/tables/profile.csv")["verdict"].tolist() == [INSIDE, ABOVE]
    assert "nought" in "".join(pd.read_csv("out/tables/inputs.csv")["why"])
    manifest = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["status"], manifest["command"], manifest["seed"]) == ("finished", "benefits", 20150401)
    page = Path("out/benefits.html").read_text(encoding="utf-8")
    assert page.count('role="img"') == 3 and "solved back" in page and str(tmp_path) not in page
    assert main(["benefits", str(BCF), "--out", "out"]) == 2, "results are not overwritten unasked"
    assert main(["benefits", str(BCF), "--out", "out", "--force"]) == 0


# --- bad input


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that is refused says."""
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == "" and "Traceback" not in err
    return err


@pytest.mark.parametrize(("file", "what"), [
    ("options/in_house.yaml", "has no schemes, so there are no benefits to track. Name an option with schemes:"),
    ("demand/barnet_2014_15.yaml", "is a demand file, so there are no benefits to track."),
    ("options/nothing.yaml", "nothing.yaml: there is no such file"),
])  # fmt: skip
def test_files_without_schemes_are_told_apart(capsys: pytest.CaptureFixture[str], file: str, what: str) -> None:
    assert what in told(capsys, "benefits", str(SHIPPED / file))


CHANGES = [
    ("an end below nought", [("low: 132.5,", "low: -132.5,")],
     "schemes.unit_values.excess_bed_day.pounds.range.low is -132.5. Give a number from 0"),
    ("a share that is missing", [("      excess_bed_day: realised_by_hospitals\n", "")],
     "schemes.tracking.realised has no share for 'excess_bed_day'. Add one; 1 is the plan."),
    ("a share of nothing", [("      excess_bed_day: realised", "      excess_bed_dya: realised")],
     "schemes.tracking.realised.excess_bed_dya: there is no 'excess_bed_dya'. Did you mean 'excess_bed_day'?"),
    ("an unknown parameter", [("care_home_admission: realised_by_council", "care_home_admission: realised_by_councl")],
     "there is no parameter 'realised_by_councl'. Did you mean 'realised_by_council'?"),
    ("a negative number avoided", [("emergency_admission: {value: 23,", "emergency_admission: {value: -23,")],
     "schemes.periods.fy_2014_15.schemes.expert_patient.avoided.emergency_admission is -23. Give a whole number from"),
    ("part of an admission", [("emergency_admission: {value: 23,", "emergency_admission: {value: 23.5,")],
     "avoided.emergency_admission is 23.5. Give a whole number from"),
    ("a parameter whose range runs off", [("range: {low: 0, high: 1.4,", "range: {low: 0, high: 140,")],
     "Mend the ranges it rests on: it must stay from -10 to 10."),
    ("too few draws", [("input_draws: 2000", "input_draws: 5")], "input_draws is 5"),
    ("three quarters", [("      - {value: 1, status: assumption, why: \"the plan covers", "      # {")], "quarters"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "what"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_faults_of_the_plan_are_told_with_line_and_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: list[tuple[str, str]], what: str
) -> None:
    err = told(capsys, "benefits", str(changed(tmp_path, *changes)))
    assert what in err
    assert re.search(r"bcf\.yaml:\d+: ", err)


def test_money_on_a_judged_number_without_a_range_is_refused(tmp_path: Path) -> None:
    text = BCF.read_text(encoding="utf-8")
    bare = re.sub(r", range: \{low: 132\.5[^}]*\}", "", text)
    bare = re.sub(r"\n    range: \{low: 0, high: 1\.2[^}]*\}", "", bare)
    path = changed(tmp_path)
    path.write_text(bare, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_plan(path)
    said = [problem.what for problem in error.value.problems]
    rest = "and has no range, so low and high would say too little."
    assert said == [
        f"parameters.realised_by_council is an assumption {rest}",
        f"schemes.unit_values.excess_bed_day.pounds is solved back {rest}",
    ]
    assert all(problem.line > 0 and "Add range:" in problem.mend for problem in error.value.problems)


def test_an_option_that_does_not_say_how_far_it_may_miss_has_no_ranges(tmp_path: Path) -> None:
    text = re.sub(r"  tracking:\n.*?(?=  periods:)", "", BCF.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = changed(tmp_path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DemandflowError, match="has no tracking:, so nothing says how far the plan may miss"):
        read_plan(path)


BAD = [
    (HEAD, "a.csv: holds a heading and no figures."),
    ("quarter,benefit\n2014/15 Q1,emergency_admission\n", "a.csv:1: the heading has no column “avoided”."),
    (HEAD + "2014/15 Q5,emergency_admission,1\n",
     "a.csv:2: quarter: '2014/15 Q5' is not a quarter of a financial year. Write it as 2017/18 Q1."),
    (HEAD + "2014-15 q2,emergency_admission,1\n", "Write 2014/15 Q2. April to June is Q1."),
    (HEAD + "2016/17 Q1,emergency_admission,1\n",
     "a.csv:2: 2016/17 Q1 is outside the plan, which covers 2014/15, 2015/16. Leave the row out, or mend it."),
    (HEAD + "2014/15 Q1,emergency_admision,1\n",
     "a.csv:2: there is no benefit 'emergency_admision'. Did you mean 'emergency_admission'?"),
    (HEAD + "2014/15 Q1,emergency_admission,many\n", "a.csv:2: avoided: 'many' is not a number."),
    (HEAD + "2014/15 Q1,emergency_admission,\n", "a.csv:2: avoided is empty."),
    (HEAD + "2014/15 Q1,emergency_admission,29000.5e3\n",
     "more than the 29,094 there were in a whole year before the plan. Give the change in the number"),
    (HEAD + "2014/15 Q1,emergency_admission,1\n2014/15 Q1,emergency_admission,2\n",
     "a.csv:3: emergency_admission of 2014/15 Q1 stands in line 2 already. Keep one of the two."),
    ("quarter,benefit,avoided,scheme\n2014/15 Q1,care_home_admission,1,care_homes\n",
     "a.csv:2: the plan claims no care_home_admission for care_homes in 2014/15. Leave the row out; schemes that claim "
     "it: older_people."),
    ("quarter,benefit,avoided,scheme\n2014/15 Q1,care_home_admission,1,older_peple\n",
     "a.csv:2: there is no scheme 'older_peple'. Did you mean 'older_people'?"),
    ("quarter,benefit,avoided,scheme\n2014/15 Q1,care_home_admission,1,\n"
     "2014/15 Q1,care_home_admission,1,older_people\n",
     "a.csv:3: care_home_admission of 2014/15 Q1 is given for all schemes and for single ones (line 2)."),
    ("quarter,benefit,avoided,low,high\n2014/15 Q1,excess_bed_day,-5,-4,-1\n",
     "a.csv:2: avoided (-5) does not lie from low (-4) to high (-1). Mend one of them."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "what"), BAD)
def test_bad_actuals_get_their_sentences_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(text, encoding="utf-8")
    assert what in told(capsys, "benefits", str(BCF), "--actuals", "a.csv", "--out", "out")
    assert not Path("out").exists()
