"""The rows of the documents that are not pathways: their printed tables come out to the pound, and odd ones say why.

Expected figures are typed here from the printed tables, apart from the files that are tested.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.validate import problems_of
from simulation.errors import ConfigError
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.option_tables import rows
from simulation.options import (
    Lead,
    agrees,
    lead,
    months_after,
    ranks,
    saving_of,
    share_of_budgets,
    vehicle_table,
    whole,
)
from simulation.printed import Row
from simulation.reading import SHIPPED
from simulation.schema.printed import NotPublished
from simulation.vehicle_costs import missing, required_costs
from simulation.vehicles import column_of, timeline

PUBLISHED = {  # efficiency, revised budget, factor, delivered, total benefit, rank, % of the £1.96m
    "in_house": (1_677_660, 12_925_448, 0.85, 11_141_035, 12_818_695, 2, 86),
    "nhs_shared_service": (1_662_833, 12_940_275, 0.85, 11_141_035, 12_803_868, 3, 85),
    "joint_venture": (1_460_000, 13_143_108, 0.85, 11_141_035, 12_601_035, 5, 74),
    "local_authority_trading_company": (1_611_186, 12_991_922, 0.85, 11_141_035, 12_752_221, 4, 82),
    "public_service_mutual": (2_105_898, 12_497_210, 0.95, 12_451_745, 14_557_643, 1, 107),
}
RATED = {  # culture and process, savings and income: the board's judgement
    "public_service_mutual": ("HIGH", "HIGH"),
    "nhs_shared_service": ("HIGH", "MEDIUM"),
    "in_house": ("MEDIUM", "MEDIUM"),
    "local_authority_trading_company": ("LOW", "MEDIUM"),
    "joint_venture": ("LOW", "LOW"),
}


def opened(path: Path) -> tuple[Loaded, Values]:
    """A file and its values."""
    library = Library()
    inputs = Inputs(library)
    loaded = library.load(path)
    inputs.add(loaded)
    return loaded, Values(inputs)


def option(name: str, folder: str = "options") -> tuple[Loaded, Values]:
    """A shipped file and its values."""
    return opened(SHIPPED / folder / f"{name}.yaml")


def table(name: str, folder: str = "options") -> dict[str, Row]:
    """A shipped table by title."""
    made = rows(*option(name, folder))
    assert len({row.title for row in made}) == len(made)
    return {row.title: row for row in made}


# --- the five vehicles


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_vehicles_column_comes_out_to_the_pound(name: str) -> None:
    efficiency, revised, factor, delivered, total, rank, percent = PUBLISHED[name]
    made = table(name)
    found = {title: row.comes_to for title, row in made.items()}
    assert found["Efficiency saving"] == efficiency
    assert found["Revised budget"] == revised
    assert found[f"Wider target × {factor:.0%} judged by the board (no probability)"] == delivered
    assert found["Total benefit"] == total
    assert found["Rank by the board's own totals"] == rank
    assert round(100 * found["Share of the vehicle's own target"]) == percent
    assert all(row.agrees and row.differs is None for row in made.values())


def test_the_mutuals_lead_is_three_quarters_judgement() -> None:
    mutual, in_house = (column_of(*option(name)) for name in ("public_service_mutual", "in_house"))
    assert lead(mutual, in_house) == Lead(total=1_738_948, judged=1_310_710, efficiency=428_238)
    assert 1_310_710 + 428_238 == 1_738_948
    assert round(100 * 1_310_710 / 1_738_948) == 75
    assert lead(in_house, mutual) == Lead(-1_738_948, -1_310_710, -428_238)


def test_ranks_two_to_four_lie_within_66474_pounds() -> None:
    second, third, fourth = (
        column_of(*option(name)).total_benefit
        for name in ("in_house", "nhs_shared_service", "local_authority_trading_company")
    )
    assert second - third == 14_827
    assert second - fourth == 66_474


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_vehicle_says_of_every_cost_that_it_is_not_published(name: str) -> None:
    loaded, values = option(name)
    costs = ("set_up", "vat", "pensions", "stranded_overheads", "client_side", "redundancy", "exit")
    assert missing(required_costs(loaded, values)) == costs
    assert isinstance(loaded.config.vehicle.practitioner_share, NotPublished)


@pytest.mark.parametrize("name", PUBLISHED)
def test_no_line_of_a_saving_is_given_pounds_that_nobody_printed(name: str) -> None:
    for line in option(name)[0].config.vehicle.saving_lines.values():
        assert line.pounds is None or isinstance(line.pounds, NotPublished)


@pytest.mark.parametrize("name", PUBLISHED)
def test_ratings_are_the_boards_and_the_factor_is_no_probability(name: str) -> None:
    vehicle = option(name)[0].config.vehicle
    assert (vehicle.ratings.culture_and_process.board_says, vehicle.ratings.savings_and_income.board_says) == RATED[
        name
    ]
    assert "not a probability" in vehicle.delivery_factor.definition


def test_mobilisation_is_as_printed_and_the_mutuals_months_are_told_apart_from_their_dates() -> None:
    ends = {}
    for name in PUBLISHED:
        for route in timeline(*option(name)):
            ends[name, route.title.split()[0]] = (route.least, route.most, [step.month for step in route.steps])
    assert ends == {
        ("in_house", "Transformation"): (18, 18, ["2018-03"]),
        ("nhs_shared_service", "Section"): (12, 12, ["2017-09"]),
        ("nhs_shared_service", "Accountable"): (None, None, []),
        ("local_authority_trading_company", "Phased"): (24, 36, []),
        ("public_service_mutual", "Rapid"): (3, None, ["2016-12"]),
        ("public_service_mutual", "Standard"): (15, 18, ["2017-07", "2017-12"]),
    }
    standard = timeline(*option("public_service_mutual"))[1]
    assert [step.printed for step in standard.steps] == ["2017-06", "2017-11"]
    assert all(step.differs for step in standard.steps)


# --- Darlington and Hartlepool


def test_the_template_gives_the_printed_range_and_the_adults_part() -> None:
    found = {title: row.comes_to for title, row in table("darlington_hartlepool").items()}
    assert (found["Sum of the printed lines, low"], found["Sum of the printed lines, high"]) == (1_640_000, 1_950_000)
    assert (found["Adults only, low"], found["Adults only, high"]) == (815_477, 1_019_346)
    assert found["2% of in-house delivery, base"] == 14_990_322 + 12_973_945 - 419_625 == 27_544_642
    assert found["2% of commissioning, base"] == 52_293_262
    again = (found["Worked again from the budgets, low"], found["Worked again from the budgets, high"])
    assert again == (370_000 + 440_714 + 836_692, 370_000 + 550_893 + 1_045_865)


def test_the_superseded_version_explains_the_printed_base() -> None:
    made = table("darlington_hartlepool")
    assert made["2% of in-house delivery, base"].printed == 27_097_683
    assert not made["2% of in-house delivery, base"].agrees
    old = made["Superseded version, base"]
    assert old.agrees and old.comes_to == old.printed == 27_097_683
    assert 150_000 + 2.5 * 93_250 + 8.5 * 56_877.5 == 866_583.75
    high, low = made["Superseded version, high"], made["Superseded version, low"]
    assert (high.comes_to, low.comes_to) == (2_071_278, 1_657_022)
    assert high.agrees and not low.agrees


# --- the Better Care Fund


def test_the_better_care_fund_totals_come_out_to_the_pound_and_are_mostly_nhs_money() -> None:
    made = table("bcf")
    found = {title: row.comes_to for title, row in made.items()}
    assert all(row.agrees and row.differs is None for row in made.values())
    assert (found["2014/15, total saving"], found["2015/16, total saving"]) == (1_544_011, 2_353_506)
    assert found["2014/15, of which saved by: council"] == 12 * 10_000 + 21 * 3_831 == 200_451
    assert found["2015/16, of which saved by: council"] == 15 * 10_000 + 22 * 3_831 == 234_282
    assert found["2014/15, of which saved by: nhs"] == 635 * 2_004 + 268 * 265
    assert [round(100 * 200_451 / 1_544_011), round(100 * 234_282 / 2_353_506)] == [13, 10]


def test_three_of_the_four_unit_values_are_solved_from_the_first_year_and_hold_in_the_second() -> None:
    units = option("bcf")[0].config.schemes.unit_values
    assert {name: unit.known for name, unit in units.items()} == {
        "emergency_admission": "printed",
        "care_home_admission": "back_solved",
        "package_after_reablement": "back_solved",
        "excess_bed_day": "back_solved",
    }
    reablement = (865_962 - 413 * 2_004) / 10
    bed_day = (101_080 - 15 * 2_004) / 268
    care_home = (472_761 - 155 * 2_004 - 11 * reablement) / 12
    assert (reablement, bed_day, care_home) == (3_831, 265, 10_000)
    assert {unit.pounds.value for unit in units.values()} == {2_004, reablement, bed_day, care_home}
    assert 110 * 2_004 + 3 * care_home + 276 * bed_day == 323_580  # 2015/16, not used for solving
    assert 331 * 2_004 + 12 * care_home + 12 * reablement == 829_296


# --- Newton


def test_newtons_six_are_added_up_from_the_interventions_at_2020_prices() -> None:
    made = table("newton")
    total = made["All 6 together, 2020 prices"]
    assert total.comes_to == 1_550_000_000 and total.agrees and total.printed == 1_600_000_000
    parts = [row.comes_to / 1e6 for title, row in made.items() if title != "All 6 together, 2020 prices"]
    assert parts == [867, 261, 178, 95, 74, 75]


# --- prices: the Independent Living Fund and the savings programme


def test_the_reviews_are_51_26_and_1_of_78_and_the_net_is_far_less_than_the_reductions() -> None:
    found = table("ilf_reviews", "prices")
    assert found["Reviewed: unchanged, reduced, increased"].comes_to == 51 + 26 + 1 == 78
    assert found["Reductions a year"].comes_to == pytest.approx(3_783.49 * 52)
    assert found["Reductions a year"].printed == 197_000
    assert found["Client contributions lost a year"].comes_to == pytest.approx(90 * 24.5 * 52)
    net = found["Reductions less the increase and the contributions lost"].comes_to
    assert net == pytest.approx(3_783.49 * 52 - 9_600 - 114_660)
    assert round(net, -3) == 72_000


@pytest.mark.parametrize("name", ["options/bcf", "prices/mtfs", "models/barnet_2014_15"])
def test_no_file_may_take_the_one_off_reviews_for_ordinary_years(name: str) -> None:
    library = Library()
    asking = library.load(SHIPPED / f"{name}.yaml")
    with pytest.raises(ConfigError, match="tells of something that happened once"):
        library.referred("prices/ilf_reviews", asking, ("uses", 0))


def test_the_programme_adds_up_and_leaves_what_demand_answers_to() -> None:
    found = {title: row.comes_to for title, row in table("mtfs", "prices").items()}
    assert found["The whole programme, 2016/17 to 2019/20"] == 1_000 * (3_383 + 5_412 + 5_161 + 4_497) == 18_453_000
    assert [found[f"Target fy_{year}"] for year in ("2017_18", "2018_19", "2019_20")] == [
        4_758_000,
        4_507_000,
        3_843_000,
    ]
    assert "Target fy_2016_17" not in found, "the vehicle's own 654 and the rest begin in 2017/18"
    assert found["The vehicle's own target over three years"] == 3 * 654_000
    assert found["Cash to March 2020 if each year's figure recurs"] == 3 * 4_758_000 + 2 * 4_507_000 + 3_843_000
    assert found["The target that the vehicles' factors multiply"] == 13_107_100


# --- the checks themselves


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped configs, to be spoilt."""
    shutil.copytree(SHIPPED, tmp_path / "configs")
    return tmp_path / "configs"


PRINTED = [
    ("options/in_house.yaml", "value: 1677660", "value: 1677661", "vehicle.printed.revised_budget"),
    ("options/joint_venture.yaml", "value: 0.85", "value: 0.95", "vehicle.printed.target_delivered"),
    ("options/public_service_mutual.yaml", "value: 14557643", "value: 14557644", "vehicle.printed.total_benefit"),
    ("options/bcf.yaml", "value: 3831", "value: 3832", "schemes.periods.fy_2015_16.printed_saving"),
    ("options/darlington_hartlepool.yaml", "value: 8.5", "value: 8.25", "budget_shares.superseded.printed_base"),
    ("options/newton.yaml", "newton_supported_living, ", "", "intervention_sum.printed_total"),
    ("prices/ilf_reviews.yaml", "n_over_50: {value: 1", "n_over_50: {value: 2", "totals.reduced.printed"),
    ("prices/mtfs.yaml", "value: 3383000", "value: 3384000", "totals.programme.printed"),
]


@pytest.mark.parametrize(("file", "before", "after", "place"), PRINTED, ids=[item[0] for item in PRINTED])
def test_one_pound_more_in_a_shipped_file_is_told_at_the_printed_figure_it_breaks(
    copy: Path, file: str, before: str, after: str, place: str
) -> None:
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    told = [problem.what for problem in problems_of(path)]
    assert any(what.startswith(f"{place}: the file's figures come to ") for what in told), told


def test_another_vehicle_that_overtakes_changes_the_rank_and_is_told(copy: Path) -> None:
    path = copy / "options" / "in_house.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("value: 1677660", "value: 3777660"), encoding="utf-8")
    told = [problem.what for problem in problems_of(copy / "options" / "public_service_mutual.yaml")]
    assert told == ["vehicle.printed.rank: the file's figures come to 2, but 1 is printed."]


# --- the arithmetic


@pytest.mark.parametrize(("value", "pounds"), [(0.5, 1), (0.4999, 0), (-0.5, 0), (13_107_100 * 0.85, 11_141_035)])
def test_pounds_are_whole_and_half_a_pound_goes_up(value: float, pounds: int) -> None:
    assert whole(value) == pounds


def test_a_printed_figure_agrees_within_what_it_is_rounded_to() -> None:
    assert agrees(541_954, 540_000, 10_000)
    assert not agrees(1_045_865, 1_040_000, 10_000)
    assert agrees(545_000, 540_000, 10_000) and agrees(545_000, 550_000, 10_000)
    assert not agrees(12_818_694.4, 12_818_695, 1)


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 50), min_size=1))
def test_ranks_begin_at_one_follow_the_totals_and_are_shared_by_equals(totals: dict[str, int]) -> None:
    made = ranks(totals)
    assert min(made.values()) == 1
    for a, first in totals.items():
        for b, second in totals.items():
            assert (made[a] < made[b]) == (first > second)


pounds = st.integers(0, 10**9)


@given(pounds, pounds, pounds, pounds, pounds, st.sampled_from([0.0, 0.5, 0.85, 0.95, 1.0]))
def test_a_lead_is_its_judged_and_its_efficiency_part(
    budget: int, first: int, second: int, target: int, own: int, factor: float
) -> None:
    a = vehicle_table(budget, first, target, 1.0, own + 1)
    b = vehicle_table(budget, second, target, factor, own + 1)
    found = lead(a, b)
    assert found.total == found.judged + found.efficiency == a.total_benefit - b.total_benefit
    assert a.revised_budget + a.efficiency_saving == budget


@given(st.lists(pounds, min_size=1, max_size=5), st.floats(0, 1), st.floats(0, 1))
def test_the_low_end_of_a_share_never_passes_the_high_end(budgets: list[int], rate: float, low: float) -> None:
    span = share_of_budgets(budgets, rate, low)
    assert 0 <= span.low <= span.high <= span.base == sum(budgets)


def test_a_saving_is_numbers_times_unit_values() -> None:
    assert saving_of({"a": 3, "b": 2}, {"a": 10.0, "b": 0.25, "c": 7.0}) == {"a": 30, "b": 1}


@pytest.mark.parametrize(("months", "end"), [(0, "2016-09"), (3, "2016-12"), (4, "2017-01"), (18, "2018-03")])
def test_months_after_a_month(months: int, end: str) -> None:
    assert months_after("2016-09", months) == end
