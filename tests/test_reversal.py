"""Where a lead ends, when two vehicles are not told apart, and chances of a rank that never stand alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.options import vehicle_table, whole
from simulation.philox import pair
from simulation.reading import SHIPPED
from simulation.reversal import Reversal, equal_factor, rank_chances, reversal, span_of, tell_apart
from simulation.vehicles import column_of

AT = np.array([0.0, 5.0, 10.0, 20.0])


def luck(*shape: int) -> np.ndarray:
    """Even numbers from the project's own generator, less their mean of a half."""
    draws = [pair(1, 2, 3, number, 5, 6)[0] for number in range(int(np.prod(shape)))]
    return np.array(draws, dtype=float).reshape(shape) - 0.5


def column(name: str):
    library = Library()
    inputs = Inputs(library)
    loaded = library.load(SHIPPED / "options" / f"{name}.yaml")
    inputs.add(loaded)
    return column_of(loaded, Values(inputs))


# --- the published arithmetic


def test_the_mutual_stops_leading_at_a_factor_of_818_per_cent_and_in_house_would_need_983() -> None:
    mutual, in_house = column("public_service_mutual"), column("in_house")
    factor = equal_factor(mutual, in_house, 13_107_100)
    assert factor == pytest.approx((12_818_695 - 2_105_898) / 13_107_100)
    assert round(factor, 3) == 0.817
    assert round(equal_factor(in_house, mutual, 13_107_100), 3) == 0.983
    again = vehicle_table(14_603_108, 2_105_898, 13_107_100, factor, 1_962_000)
    assert abs(again.total_benefit - in_house.total_benefit) <= 1


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.floats(0, 1), st.integers(1, 10**8))
def test_at_the_equal_factor_both_come_to_the_same_within_a_pound(
    one: int, other: int, factor: float, target: int
) -> None:
    first, second = vehicle_table(1, one, target, 0.5, 1), vehicle_table(1, other, target, factor, 1)
    equal = equal_factor(first, second, target)
    assert abs(whole(target * equal) + one - second.total_benefit) <= 1


# --- the point where a lead ends


def test_a_lead_that_grows_evenly_ends_where_it_is_nought() -> None:
    noise = luck(200, 1)
    first = 1000.0 * AT + noise * 4000
    second = np.full((200, 4), 8000.0)
    found = reversal("A", "B", "points", AT, first, second)
    assert found.leads == "above"
    assert found.point == pytest.approx(8 - noise.mean() * 4)
    low, high = np.quantile(noise, [0.025, 0.975])
    assert (found.low, found.high) == (pytest.approx(8 - high * 4), pytest.approx(8 - low * 4))
    said = (
        f"A leads B on average only above {found.point:.3g} points (the middle 95% of draws does not settle it from 6."
    )
    assert str(found).startswith(said)


def test_turned_round_the_other_leads_below_the_same_point() -> None:
    first, second = 1000.0 * AT + luck(60, 1), np.full((60, 4), 8000.0)
    one, other = (
        reversal("A", "B", "points", AT, first, second),
        reversal("B", "A", "points", AT, second, first),
    )
    assert one.point == other.point and (one.low, one.high) == (other.low, other.high)
    assert (one.leads, other.leads) == ("above", "below")


@pytest.mark.parametrize(
    ("lead", "leads", "point", "said"),
    [
        ([1, 1, 2, 3], "always", None, "A leads B on average at every value tried, between 0 and 20 points"),
        ([-1, -1, 0, -3], "never", None, "A does not lead B on average at any value tried, between 0 and 20 points"),
        ([0, 0, 0, 0], "never", None, "A does not lead B on average at any value tried, between 0 and 20 points"),
        ([0, 0, 0, 3], "above", 10.0, "A leads B on average only above 10 points"),
        ([0, 4, 5, 6], "above", 0.0, "A leads B on average only above 0 points"),
        ([4, 2, 0, 0], "below", 10.0, "A leads B on average only below 10 points"),
        (
            [-1, 1, -1, -1],
            "changes",
            None,
            "A leads B on average at some values and not at others, between 0 and 20 points",
        ),
    ],
)
def test_every_course_of_a_lead_is_told(lead: list[float], leads: str, point: float | None, said: str) -> None:
    first = np.tile(np.array(lead, dtype=float), (50, 1))
    found = reversal("A", "B", "points", AT, first, np.zeros((50, 4)))
    assert (found.leads, found.point) == (leads, point)
    assert str(found).startswith(said)


def test_ends_of_the_range_beyond_what_was_tried_are_not_made_up() -> None:
    noise = luck(80, 1)
    first = 100.0 * (AT - 8) + (noise - noise.mean()) * 1e6
    found = reversal("A", "B", "points", AT, first, np.zeros((80, 4)))
    assert found.low is None and found.high is None
    assert "from the least tried to the greatest tried" in str(found)


def test_values_that_do_not_rise_and_shapes_that_do_not_fit_are_refused() -> None:
    fine = np.zeros((50, 4))
    with pytest.raises(ValueError, match="rising"):
        reversal("A", "B", "points", AT[::-1], fine, fine)
    with pytest.raises(ValueError, match="each draw and value"):
        reversal("A", "B", "points", AT, fine[:, :3], fine[:, :3])
    with pytest.raises(ValueError, match="at least 40 draws"):
        reversal("A", "B", "points", AT, fine[:39], fine[:39])


# --- told apart or not


def test_a_clear_lead_that_does_not_rest_on_judgement_is_told_apart() -> None:
    lead = 100 + luck(100)
    found = tell_apart("A", "B", lead, lead)
    assert found.told_apart and found.lead.low > 0
    turned = tell_apart("B", "A", -lead, -lead)
    assert turned.told_apart and turned.lead.high < 0


def test_a_lead_whose_middle_holds_nought_is_not_told_apart() -> None:
    found = tell_apart("A", "B", 0.1 + luck(100), 0.1 + luck(100))
    assert not found.told_apart and "holds nought" in found.why


@pytest.mark.parametrize("bare", [0.0, -100.0, 0.2])
def test_a_lead_that_is_the_judgement_given_back_is_not_told_apart(bare: float) -> None:
    found = tell_apart("A", "B", 100 + luck(100), bare + luck(100))
    assert not found.told_apart and "rests on judged factors" in found.why


def test_vehicles_that_come_to_the_same_are_not_told_apart() -> None:
    found = tell_apart("A", "B", np.zeros(40), np.zeros(40))
    assert not found.told_apart and "the same in every draw" in found.why


def test_the_middle_of_too_few_or_endless_draws_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        span_of(np.zeros(39))
    with pytest.raises(ValueError, match="finite"):
        span_of(np.array([np.nan] * 50))
    with pytest.raises(ValueError, match="same draws"):
        tell_apart("A", "B", np.zeros(40), np.zeros(41))


# --- chances of a rank

POINT = Reversal("a", "b", "points", (0, 1), 0.5, None, None, "above", (0.5,))


def test_equal_vehicles_share_their_ranks_evenly() -> None:
    benefits = np.array([[3, 3, 1], [5, 3, 3.2]] * 30, dtype=float)
    found = rank_chances(["a", "b", "c"], benefits, [POINT])
    assert found.by_rank == pytest.approx(np.array([[0.75, 0.25, 0], [0.25, 0.5, 0.25], [0, 0.25, 0.75]]))
    assert found.first["a"].share == 0.75
    assert found.first["a"].low < 0.75 < found.first["a"].high
    assert (found.draws, found.reversals) == (60, (POINT,))


def test_pounds_are_compared_whole() -> None:
    found = rank_chances(["a", "b"], np.array([[1.2, 1.0]] * 40), [POINT])
    assert found.first["a"].share == found.first["b"].share == 0.5


def test_a_chance_of_ranking_first_is_not_given_without_where_the_lead_ends() -> None:
    benefits = np.array([[1.0, 5.0, 9.0]] * 40)
    with pytest.raises(ValueError, match="without the point at which c stops leading"):
        rank_chances(["a", "b", "c"], benefits, [POINT])
    with pytest.raises(ValueError, match="without the point"):
        rank_chances(["a", "b", "c"], benefits, [])
    with pytest.raises(ValueError, match="at least 40"):
        rank_chances(["a", "b", "c"], benefits[:20], [POINT])
    with pytest.raises(ValueError, match="one name"):
        rank_chances(["a", "a", "c"], benefits, [POINT])


@given(arrays(np.float64, (40, 4), elements=st.integers(0, 3).map(float)))
def test_ranks_are_shared_out_whole_and_shifting_all_benefits_changes_none(benefits: np.ndarray) -> None:
    names = ["a", "b", "c", "d"]
    reversals = [POINT, Reversal("c", "d", "points", (0, 1), None, None, None, "never", ())]
    found = rank_chances(names, benefits, reversals)
    assert found.by_rank.sum(axis=0) == pytest.approx(np.ones(4))
    assert found.by_rank.sum(axis=1) == pytest.approx(np.ones(4))
    assert sum(chance.share for chance in found.first.values()) == pytest.approx(1)
    assert (rank_chances(names, benefits + 1000, reversals).by_rank == found.by_rank).all()
