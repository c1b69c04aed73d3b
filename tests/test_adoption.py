"""Adoption as a table: never outside 0 to 1; the S-curve is exact at both ends and never falls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.adoption import NO_TEAM, Adoption, risen, s_curve

STEEPNESS = st.floats(1e-300, 1e300)
LENGTH = st.floats(1e-3, 600.0)


@given(start=st.floats(-600, 600), length=LENGTH, steepness=STEEPNESS, months=st.integers(1, 120))
def test_an_s_curve_stays_between_its_ends_and_never_falls(start, length, steepness, months):
    shares = s_curve(months, start, length, steepness).shares[0]
    month = np.arange(months)
    assert np.all((shares >= 0) & (shares <= 1))
    assert np.all(np.diff(shares) >= 0)
    assert np.all(shares[month <= start] == 0.0)
    assert np.all(shares[month - start >= length] == 1.0)


@given(length=LENGTH, steepness=STEEPNESS, x=st.floats(0, 1))
def test_an_s_curve_is_as_far_from_its_end_as_it_was_from_its_start(length, steepness, x):
    there = risen(x * length, length, steepness)
    assert there + risen((1 - x) * length, length, steepness) == pytest.approx(1.0, abs=1e-9)


def test_an_s_curve_is_the_logistic_it_says_it_is():
    def logistic(x):
        return 1 / (1 + np.exp(-6 * (x - 0.5)))

    for month in range(1, 18):
        by_hand = (logistic(month / 18) - logistic(0)) / (logistic(1) - logistic(0))
        assert risen(month, 18, 6) == pytest.approx(by_hand, abs=1e-12)
    assert risen(9, 18, 6) == 0.5


def test_a_run_may_begin_part_way():
    whole, late = s_curve(24, 0, 18, 6).shares[0], s_curve(12, -6, 18, 6).shares[0]
    assert late[0] > 0
    assert late.tolist() == whole[6:18].tolist()


def test_teams_may_start_apart():
    adoption = s_curve(24, 2, 12, 6, ("hub", "hospital"), {"hospital": 5})
    assert adoption.of("hub").tolist() == adoption.of(NO_TEAM).tolist()
    assert adoption.of("hospital")[5:].tolist() == adoption.of("hub")[:-5].tolist()
    assert adoption.of("a team nobody listed").tolist() == adoption.of(NO_TEAM).tolist()


def test_after_the_last_month_the_last_value_stays():
    adoption = s_curve(6, 0, 12, 6)
    assert adoption.at("hub", 100) == adoption.at("hub", 5) < 1
    with pytest.raises(ValueError, match="before the run"):
        adoption.at("hub", -1)


def test_none_and_at_once():
    assert not Adoption.none(12, ("hub",)).shares.any()
    assert (Adoption.at_once(12, ("hub",)).shares == 1.0).all()


@given(transfer=st.floats(0, 1))
def test_a_transfer_scales_every_share(transfer):
    adoption = s_curve(24, 3, 12, 6)
    assert adoption.scaled(transfer).shares.tolist() == (adoption.shares * transfer).tolist()
    assert adoption.scaled(1.0).shares.tolist() == adoption.shares.tolist()


@pytest.mark.parametrize(
    "teams, shares",
    [
        (("",), [[0.5, 1.1]]),
        (("",), [[-1e-9]]),
        (("",), [[float("nan")]]),
        (("",), [[float("inf")]]),
        (("",), [[]]),
        (("",), [0.5]),
        (("hub", ""), [[0.5]]),
        (("hub",), [[0.5]]),
        (("hub", "hub", ""), [[0.5]] * 3),
        ((), np.zeros((0, 3))),
    ],
)
def test_a_table_that_is_none_is_refused(teams, shares):
    with pytest.raises(ValueError):
        Adoption(teams, np.array(shares, dtype=float))


def test_a_table_cannot_be_changed_afterwards():
    mine = np.array([[0.5]])
    adoption = Adoption((NO_TEAM,), mine)
    mine[0, 0] = 2.0
    assert adoption.shares[0, 0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        adoption.shares[0, 0] = 1.0


@pytest.mark.parametrize("length, steepness", [(0, 6), (-1, 6), (12, 0), (12, -6), (12, np.nan), (np.inf, 6)])
def test_an_s_curve_that_is_none_is_refused(length, steepness):
    with pytest.raises(ValueError):
        s_curve(12, 0, length, steepness)


@pytest.mark.parametrize("transfer", [-0.1, 1.1, np.nan])
def test_a_transfer_outside_its_scale_is_refused(transfer):
    with pytest.raises(ValueError, match="transfer"):
        Adoption.none(3).scaled(transfer)


def test_a_team_that_starts_apart_must_be_one():
    with pytest.raises(ValueError, match="no such team: hubb"):
        s_curve(12, 0, 12, 6, ("hub",), {"hubb": 1})
    with pytest.raises(ValueError, match="start"):
        s_curve(12, np.inf, 12, 6)
