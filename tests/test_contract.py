"""The contract of North East Lincolnshire: an overspend is lent, an underspend carried on, nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.cli import main
from simulation.contract import COLUMNS, Terms, care_risk, settle, terms_of
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.reading import SHIPPED

PATH = SHIPPED / "options" / "nel_contract.yaml"
ALL = Terms(underspend_kept=1.0, overspend_covered=1.0, recouped_over_years=2)

pounds = st.integers(0, 10**9)
years = st.lists(st.tuples(pounds, pounds), min_size=1, max_size=8)
terms = st.builds(Terms, st.floats(0, 1), st.floats(0, 1), st.integers(1, 5))


def test_an_overspend_is_lent_and_taken_back_over_two_years_by_hand() -> None:
    made = settle(ALL, [1000, 1000, 1000, 1000], [1101, 950, 949, 1000])
    assert list(made.columns) == list(COLUMNS)
    assert made["covered"].tolist() == [101, 0, 0, 0]
    assert made["recouped"].tolist() == [0, 50, 51, 0]
    assert made["loan"].tolist() == [101, 51, 0, 0]
    assert made["council_pays"].tolist() == [1101, 950, 949, 1000]
    assert made["council_bears"].tolist() == [1000] * 4
    assert made[["vehicle_bears", "carried", "kept", "returned"]].to_numpy().sum() == 0


def test_what_was_carried_forward_meets_an_overspend_before_any_loan() -> None:
    made = settle(ALL, [1000, 1000, 1000], [900, 1060, 1060])
    assert made["kept"].tolist() == [100, 0, 0]
    assert made["from_carried"].tolist() == [0, 60, 40]
    assert made["covered"].tolist() == [0, 0, 20]
    assert made["carried"].tolist() == [100, 40, 0]


def test_an_underspend_not_agreed_goes_back_and_an_overspend_not_covered_stays_with_the_vehicle() -> None:
    made = settle(Terms(0.25, 0.5, 1), [1000, 1000], [900, 1125])
    assert made["kept"].tolist() == [25, 0] and made["returned"].tolist() == [75, 0]
    assert made["covered"].tolist() == [0, 50] and made["vehicle_bears"].tolist() == [0, 50]
    assert made["council_bears"].tolist() == [925, 1000]


def test_a_loan_larger_than_the_budget_is_taken_back_as_far_as_the_budget_goes() -> None:
    made = settle(Terms(1, 1, 1), [100, 10, 50, 500], [400, 0, 0, 0])
    assert made["recouped"].tolist() == [0, 10, 50, 240]
    assert made["loan"].tolist() == [300, 290, 240, 0]


@given(terms, years)
def test_every_pound_spent_is_borne_by_somebody_or_stands_in_a_balance(given_terms: Terms, course: list) -> None:
    budget, spend = (list(column) for column in zip(*course, strict=True))
    made = settle(given_terms, budget, spend)
    loan, carried = (made[name].diff().fillna(made[name]).astype("int64") for name in ("loan", "carried"))
    assert (made["spend"] == made["council_bears"] + made["vehicle_bears"] + loan - carried).all()
    assert (made["council_pays"] == made["council_bears"] + loan).all()
    assert (loan == made["covered"] - made["recouped"]).all()
    assert (carried == made["kept"] - made["from_carried"]).all()
    assert (made.drop(columns="council_bears") >= 0).all().all()
    assert (made["council_bears"] >= 0).all() and (made["council_bears"] <= made["budget"]).all()
    assert made["loan"].iloc[-1] == made["covered"].sum() - made["recouped"].sum()


@given(years)
def test_under_full_cover_the_vehicle_bears_nothing_and_the_council_its_budget(course: list) -> None:
    budget, spend = (list(column) for column in zip(*course, strict=True))
    made = settle(ALL, budget, spend)
    assert made["vehicle_bears"].sum() == 0
    assert made["council_bears"].tolist() == budget


@given(terms, st.lists(pounds, min_size=1, max_size=6))
def test_spending_to_budget_moves_no_money(given_terms: Terms, budget: list[int]) -> None:
    made = settle(given_terms, budget, budget)
    assert made["council_pays"].tolist() == budget
    assert made.drop(columns=["budget", "spend", "council_pays", "council_bears"]).to_numpy().sum() == 0


def test_demand_for_care_is_the_councils_risk_whatever_the_vehicle() -> None:
    made = care_risk([100, 100], [140, 90])
    assert made["council_bears"].tolist() == [40, -10] and made["vehicle_bears"].tolist() == [0, 0]


@pytest.mark.parametrize("amount", [-1, 0.5])
def test_pounds_are_whole_and_not_below_nought(amount: float) -> None:
    with pytest.raises(ValueError, match="whole number of pounds"):
        settle(ALL, [amount], [1])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="one budget and one spend"):
        settle(ALL, [1, 2], [1])


def test_the_shipped_terms_are_assumptions_with_ranges_and_every_draw_settles() -> None:
    library = Library()
    inputs = Inputs(library)
    loaded = library.load(PATH)
    inputs.add(loaded)
    assert terms_of(loaded, Values(inputs)) == Terms(1, 1, 2)
    for number in (
        loaded.config.contract.underspend_kept,
        loaded.config.contract.overspend_covered,
        loaded.config.contract.recouped_over_years,
    ):
        assert number.status == "assumption" and number.range is not None
    drawn = [terms_of(loaded, Values(inputs, inputs.drawn(1, draw))) for draw in range(60)]
    assert {item.recouped_over_years for item in drawn} == {1, 2, 3}
    assert all(0 <= item.underspend_kept <= 1 and 0 <= item.overspend_covered <= 1 for item in drawn)


def test_the_rule_is_told_in_words_with_its_years(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["options", str(PATH)]) == 0
    told = capsys.readouterr().out
    assert "It covers staffing in scope and support functions in scope, and nothing else." in told
    assert "the council covers 100% as a loan and takes it back over the next 2 years" in told
    assert "If people need more care than was budgeted for, the council pays" in told
    over = round(14_603_108 * 0.03)
    assert f"Year 1: budget £14,603,108, of which £0 taken back; spent £{14_603_108 + over:,}; lent £{over:,};" in told
