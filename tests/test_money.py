"""The savings model by hand and by property: linear, additive, exact; net present value against another library."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.calendar import Calendar
from simulation.errors import DemandflowError
from simulation.money.baselines import delayed, held, split
from simulation.money.columns import PAYERS, Spend, by_year, month_names, months_in, pence, pounds, to_whole, years_of
from simulation.money.costs import Cost, Net, by_payer, costs_of_change
from simulation.money.optimism import Bias, adjusted, extra_months, increased, lowered
from simulation.money.present_value import Rate, discount_factors, payback, present_value
from simulation.money.taken_out import TakenOut, saving
from simulation.money.waterfall import Levels, waterfall, waterfall_frame
from simulation.money.year_savings import ALL, MEASURES, PARTS, council_spend, year_savings

CALENDAR = Calendar(date(2016, 4, 1), 24)
MONTHS = month_names(CALENDAR)
CARE, GROUPS = ("home_care", "day_care"), ("older", "younger")
SHAPE = (len(CARE), len(MONTHS), len(GROUPS))
COUNCIL, CLIENT = PAYERS.index("council"), PAYERS.index("client")


def spend(gross, client=0, weekly=0, weekly_client=0):
    """Columns from anything that spreads to their shape."""
    parts = [
        np.broadcast_to(np.asarray(part, dtype=np.int64), SHAPE).copy()
        for part in (gross, client, weekly, weekly_client)
    ]
    return Spend(CARE, MONTHS, GROUPS, *parts)


def shares(share=1.0):
    return TakenOut(np.broadcast_to(np.asarray(share, dtype=float), SHAPE).copy(), ())


@st.composite
def spends(draw):
    seed = draw(st.integers(0, 2**32 - 1))
    most = draw(st.sampled_from([3, 10_000, 10**10]))
    luck = np.random.default_rng(seed)
    gross, weekly = luck.integers(0, most, SHAPE), luck.integers(0, most, SHAPE)
    return spend(
        gross, gross * luck.integers(0, 100, SHAPE) // 100, weekly, weekly * luck.integers(0, 100, SHAPE) // 100
    )


@st.composite
def outs(draw):
    return shares(
        np.random.default_rng(draw(st.integers(0, 2**32 - 1))).choice([0, 0.25, 0.6, 1], (len(CARE), 1, len(GROUPS)))
    )


# ---- months and years


def test_months_and_years_are_those_of_the_calendar():
    assert MONTHS[0] == "2016-04" and MONTHS[11] == "2017-03" and MONTHS[-1] == "2018-03"
    assert list(years_of(MONTHS)) == [name for name, _, _ in CALENDAR.financial_years()] == ["2016/17", "2017/18"]
    autumn = month_names(Calendar(date(2016, 9, 1), 10))
    assert years_of(autumn) == ("2016/17", "2017/18") and months_in(autumn) == (7, 3)


def test_a_penny_is_seven_pence_days_and_is_rounded_once():
    assert pounds(np.array([700, 7])).tolist() == [1.0, 0.01]
    assert pence(np.array([0, 3, 4, -3, -4, 7 * 99 + 3])).tolist() == [0, 0, 1, 0, -1, 99]
    assert to_whole(np.array([0.5, -0.5, 1.49, -2.5])).tolist() == [1, -1, 1, -3]


@given(days=st.integers(-(10**15), 10**15))
def test_whole_pence_are_the_nearest(days):
    assert abs(Fraction(days, 7) - int(pence(np.array([days]))[0])) < Fraction(1, 2)


def test_columns_must_fit():
    good = spend(1)
    with pytest.raises(ValueError, match="gross is float64"):
        Spend(CARE, MONTHS, GROUPS, good.gross * 1.0, good.client, good.weekly, good.weekly_client)
    with pytest.raises(ValueError, match="should be int64 of"):
        Spend(CARE, MONTHS[:-1], GROUPS, good.gross, good.client, good.weekly, good.weekly_client)
    other = Spend(CARE, MONTHS, ("a", "b"), good.gross, good.client, good.weekly, good.weekly_client)
    with pytest.raises(ValueError, match="other care types, months or groups"):
        good + other


# ---- properties of savings


@given(base=spends(), model=spends(), times=st.integers(2, 9), out=outs())
@settings(max_examples=40, deadline=None)
def test_money_is_linear_in_prices(base, model, times, out):
    once = saving(base, model, out)
    more = saving(base.scaled(times), model.scaled(times), out)
    for one, many in zip(once, more, strict=True):
        assert np.array_equal(many.council, times * one.council)
        assert np.array_equal(many.client, times * one.client)
        assert np.abs(many.freed - times * one.freed).max() <= (times + 1) / 2 + 1e-3  # each is rounded once


@given(mine=st.tuples(spends(), spends()), yours=st.tuples(spends(), spends()))
@settings(max_examples=40, deadline=None)
def test_money_adds_up_over_people_groups_and_years(mine, yours):
    whole = saving(mine[0] + yours[0], mine[1] + yours[1], shares())
    parts = [saving(*mine, shares()), saving(*yours, shares())]
    for measure in range(2):
        assert np.array_equal(whole[measure].released, parts[0][measure].released + parts[1][measure].released)
        assert np.array_equal(whole[measure].client, parts[0][measure].client + parts[1][measure].client)
    less = mine[0] - mine[1]
    assert saving(*mine, shares())[0].council.sum() == (less.gross - less.client).sum()
    cash, _ = council_spend(mine[0])
    assert np.array_equal(cash[:, :-1].sum(axis=1), cash[:, -1])
    assert cash[:, -1].sum() == mine[0].council.sum()


@given(base=spends(), model=spends(), out=outs())
@settings(max_examples=60, deadline=None)
def test_the_parts_of_a_saving_add_up_to_it_exactly(base, model, out):
    found = year_savings(base, model, held(base), out)
    less = base - model
    council = by_year(less.council, MONTHS).sum(axis=0)
    assert np.array_equal(found.council("cash")[:, :-1], council)
    assert np.array_equal(found.council("cash")[:, -1], council.sum(axis=1))
    weekly = (less.weekly - less.weekly_client).sum(axis=0)
    assert np.array_equal(found.council("run_rate")[:, :-1], 365 * weekly[[11, 23]])
    assert (found.amounts[:, PARTS.index("capacity_freed")] >= 0).all()
    again = year_savings(base, base, held(base), out)
    assert not again.amounts.any()


@given(budget=st.integers(-9, 9), base=st.integers(-9, 9), paid=st.integers(-9, 9))
def test_a_split_is_exact_and_turns_with_the_sides(budget, base, paid):
    b, x, y = np.array([budget]), np.array([base]), np.array([paid])
    there, back = split(b, x, y), split(b, y, x)
    assert there.cashable + there.avoided == x - y
    assert there.cashable == -back.cashable and there.avoided == -back.avoided
    if base >= budget >= paid:
        assert there.cashable == b - y and there.avoided == x - b
    if min(base, paid) >= budget:
        assert there.cashable == 0
    if max(base, paid) <= budget:
        assert there.avoided == 0


@given(base=spends(), model=spends(), out=outs(), factor=st.floats(0.5, 3))
@settings(max_examples=40, deadline=None)
def test_other_prices_keep_the_sums(base, model, out, factor):
    found = year_savings(base, model, held(base), out)
    dear = found.at_prices(np.array([1.0, factor]))
    assert np.array_equal(dear.amounts[:, :, 0], found.amounts[:, :, 0])
    for measure in MEASURES:
        for kind in (dear.released(measure), dear.part(measure, "capacity_freed"), dear.part(measure, "client")):
            assert np.array_equal(kind[:, :-1].sum(axis=1), kind[:, -1])
        before, after = found.council(measure)[1], dear.council(measure)[1]
        assert np.abs(after - before * factor).max() <= 4


# ---- by hand


def test_what_a_block_contract_saves_by_hand():
    """Older people's day care costs £70 a week less, £7 of which they paid; half leaves, from January 2018."""
    week = 7_000
    days = np.array([(CALENDAR.month(i + 1) - CALENDAR.month(i)).days for i in range(24)])
    gross = np.zeros(SHAPE, dtype=np.int64)
    gross[1, :, 0] = days * week
    weekly = np.zeros(SHAPE, dtype=np.int64)
    weekly[1, :, 0] = week
    share = np.ones(SHAPE)
    share[1, :, 0] = [0.5 if month >= "2018-01" else 0 for month in MONTHS]
    base = spend(gross, gross // 10, weekly, weekly // 10)
    found = year_savings(base, spend(0), held(base), shares(share))
    older = {part: pounds(found.part("cash", part)[:, 0]).tolist() for part in PARTS}
    assert older["client"] == [365.0, 365.0]
    assert older["capacity_freed"] == [3650.0, 275 * 10 + 90 * 5]  # still paid for until December, then half
    assert older["cashable"] == [0.0, 90 * 5 - 365.0]
    assert older["avoided"] == [-365.0, 0.0]  # contributions are lost while the contract is paid: above the budget
    rate = {part: pounds(found.part("run_rate", part)[:, 0]).tolist() for part in PARTS}
    assert rate["cashable"] == [0.0, 1825.0 - 365.0] and rate["avoided"] == [-365.0, 0.0]
    assert rate["capacity_freed"] == [3650.0, 1825.0] and rate["client"] == [365.0, 365.0]


def test_a_year_of_running_care_is_365_days_and_not_52_weeks():
    base = spend(0, weekly=7_000)
    found = year_savings(base, spend(0), held(base), shares())
    assert pounds(found.council("run_rate")[0, 0]) == 2 * 70 * 365 / 7 > 2 * 70 * 52


def test_care_that_costs_more_is_paid_in_full_whatever_the_share():
    found = saving(spend(0), spend(700, 70, 100, 10), shares(0.25))[0]
    assert not found.freed.any()
    assert (found.released == -12 * 630).all() and (found.client == -12 * 70).all()


def test_a_month_that_frees_capacity_does_not_make_up_for_one_that_costs_more():
    """Six months cost 10 less and none of it is cash, six cost 20 more: 120 more is paid, and 60 is freed."""
    year, less = np.arange(24) % 12, np.zeros(SHAPE, dtype=np.int64)
    less[0, :, 0] = np.where(year < 6, 10, -20)
    out = shares(np.where(year < 6, 0.0, 1.0)[None, :, None])
    found = saving(spend(1000), spend(1000 - less), out)[0]
    assert found.released[0, :, 0].tolist() == [-120, -120] and found.freed[0, :, 0].tolist() == [60, 60]
    assert found.council[0, :, 0].tolist() == [-60, -60]
    turned = saving(spend(1000 - less), spend(1000), shares(0.5))[0]
    assert turned.released[0, :, 0].tolist() == [60 - 60, 60 - 60], "half of 120 saved leaves, all of 60 is paid"
    assert turned.freed[0, :, 0].tolist() == [60, 60]


def test_growth_that_does_not_come_is_avoided_and_what_lies_below_the_budget_is_cashable():
    """Budget 100 a month and cell; growth takes it to 120; the model brings 90."""
    budget = held(spend(100))
    found = year_savings(spend(120), spend(90), budget, shares())
    assert (found.part("cash", "cashable")[:, :-1] == 12 * 2 * 10).all()
    assert (found.part("cash", "avoided")[:, :-1] == 12 * 2 * 20).all()
    worse = year_savings(spend(120), spend(130), budget, shares())
    assert (worse.part("cash", "cashable") == 0).all() and (worse.part("cash", "avoided")[:, -1] == -12 * 4 * 10).all()


def test_the_whole_budget_is_split_as_a_whole():
    """One group falls below its budget by 50 while the other grows by 100: as a whole, no cash to spare."""
    budget, base, model = np.full(SHAPE, 100), np.full(SHAPE, 100), np.full(SHAPE, 100)
    base[:, :, 1], model[:, :, 1], model[:, :, 0] = 200, 200, 50
    found = year_savings(spend(base), spend(model), held(spend(budget)), shares())
    months = 12 * len(CARE)
    assert found.part("cash", "cashable")[0].tolist() == [50 * months, 0, 0]
    assert found.part("cash", "avoided")[0].tolist() == [0, 0, 50 * months]


def test_the_budget_is_the_first_twelve_months_again():
    base = spend(np.arange(24)[:, None] * np.ones(SHAPE))
    assert held(base).gross[0, :, 0].tolist() == [*range(12), *range(12)]
    short = Spend(CARE, MONTHS[:9], GROUPS, *[np.zeros((2, 9, 2), dtype=np.int64)] * 4)
    with pytest.raises(DemandflowError, match="the run has 9"):
        held(short)


def test_a_frame_has_every_row_with_its_payer():
    base = spend(700)
    frame = year_savings(base, spend(0), held(base), shares()).frame()
    assert len(frame) == len(MEASURES) * len(PARTS) * 2 * (len(GROUPS) + 1)
    assert set(frame.payer) == {"council", "client"} and set(frame.client_group) == {*GROUPS, ALL}
    cash = frame[(frame.measure == "cash") & (frame.part == "cashable") & (frame.client_group == ALL)]
    assert cash.pounds.tolist() == [48.0, 48.0] and cash.months_in_year.tolist() == [12, 12]


@given(base=spends(), model=spends(), months=st.integers(0, 30))
@settings(max_examples=30, deadline=None)
def test_a_delay_moves_the_whole_saving_and_invents_none(base, model, months):
    late, less = base - delayed(base, model, months), base - model
    kept = max(0, 24 - months)
    assert np.array_equal(late.gross[:, 24 - kept :], less.gross[:, :kept])
    assert not late.weekly[:, : 24 - kept].any()
    with pytest.raises(ValueError, match="negative"):
        delayed(base, model, -1)


# ---- costs of change


def test_costs_by_year_and_payer_by_hand():
    costs = [
        Cost("Hubs", "council", "2016-10", one_off=1_000_00, yearly=120_00),
        Cost("Beds", "nhs", "2017-04", yearly=100, last="2017-09"),
    ]
    found = costs_of_change(costs, MONTHS)
    assert pounds(found[COUNCIL]).tolist() == [1060.0, 120.0]
    assert pounds(found[PAYERS.index("nhs")]).tolist() == [0.0, 0.5]
    net = Net(years_of(MONTHS), by_payer(council=np.array([70_000, 700_000]), client=np.array([7, 7])), found)
    assert pounds(net.of("council")).tolist() == [100 - 1060.0, 1000 - 120.0]
    frame = net.frame().set_index(["payer", "financial_year"])
    assert (frame.gross - frame.cost - frame.net).abs().max() == 0


@given(yearly=st.integers(0, 10**9), start=st.integers(0, 23))
def test_a_yearly_cost_is_spread_without_losing_any(yearly, start):
    found = costs_of_change([Cost("x", "council", MONTHS[start], yearly=yearly)], MONTHS)
    assert found.sum() == yearly * 7 * (24 - start) // 12


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (Cost("Hubs", "council", "2021-01", one_off=1), "2021-01, and the run has 2016-04 to 2018-03"),
        (Cost("Hubs", "counsil", "2016-04"), "no payer 'counsil'. Did you mean 'council'?"),
    ],
)
def test_costs_outside_the_run_or_of_nobody_are_refused(cost, said):
    with pytest.raises(DemandflowError, match=said):
        costs_of_change([cost], MONTHS)


def test_a_saving_of_nobody_is_refused():
    with pytest.raises(DemandflowError, match="no payer 'counsil'"):
        by_payer(counsil=np.array([1]))


# ---- optimism


def test_optimism_by_hand():
    bias = Bias(cost=0.2, benefit=0.25, duration=0.25)
    assert [extra_months(months, bias) for months in (0, 4, 18, 24)] == [0, 1, 5, 6]
    assert lowered(np.array([400, -400]), bias).tolist() == [300, -400]
    assert increased(np.array([400, -400]), bias).tolist() == [480, -400]
    planned = Net(("2016/17", "2017/18"), by_payer(council=np.array([0, 400])), by_payer(council=np.array([100, 0])))
    seen = adjusted(planned, by_payer(council=np.array([0, 200])), bias)
    assert seen.before is planned
    assert seen.after.of("council").tolist() == [-120, 150]


@given(amount=st.integers(-(10**12), 10**12))
def test_no_optimism_changes_nothing(amount):
    none, money = Bias(0, 0, 0), np.array([amount])
    assert lowered(money, none) == increased(money, none) == money
    assert extra_months(24, none) == 0


# ---- present value and payback

FOUR = ("2016/17", "2017/18", "2018/19", "2019/20")


def rate(r=0.035, timing="green_book", base="2016/17"):
    return Rate(r, base, timing, 30)


def test_present_value_by_hand():
    """-100,000 now, then 40,000 a year: 38,647.34 (÷ 1.035) + 37,340.43 (÷ 1.071225) + 36,077.71 (÷ 1.108717875)."""
    assert present_value([-100_000, 40_000, 40_000, 40_000], FOUR, rate()) == pytest.approx(12_065.48, abs=0.005)
    assert present_value([0, 0, 103.5, 0], FOUR, rate(base="2016/17", timing="year_end")) == pytest.approx(
        103.5 / 1.035**3
    )


@given(
    flows=st.lists(st.floats(-1e8, 1e8), min_size=4, max_size=4),
    r=st.floats(0, 0.2),
)
def test_present_value_is_that_of_an_independent_library(flows, r):
    theirs = npf.npv(r, flows)
    assert present_value(flows, FOUR, rate(r)) == pytest.approx(theirs, rel=1e-9, abs=1e-5)
    assert present_value(flows, FOUR, rate(r, "mid_year")) == pytest.approx(theirs / (1 + r) ** 0.5, rel=1e-9, abs=1e-5)
    assert present_value(flows, FOUR, rate(r, "year_end")) == pytest.approx(theirs / (1 + r), rel=1e-9, abs=1e-5)


@given(flows=st.lists(st.integers(-(10**9), 10**9), min_size=4, max_size=4))
def test_present_value_without_discounting_is_the_sum(flows):
    for timing in ("green_book", "mid_year", "year_end"):
        assert present_value([float(flow) for flow in flows], FOUR, rate(0.0, timing)) == sum(flows)


def test_an_annuity_is_the_closed_form():
    years = tuple(f"{y}/{(y + 1) % 100:02d}" for y in range(2016, 2036))
    closed = 1000 * (1 - 1.035**-20) / 0.035
    assert present_value([1000.0] * 20, years, rate(timing="year_end")) == pytest.approx(closed)


def test_what_cannot_be_discounted_is_refused():
    with pytest.raises(DemandflowError, match=r"the discount rate is -0.01: below nought.*Give 0 or more"):
        rate(-0.01)
    with pytest.raises(DemandflowError, match="2015/16 lies before 2016/17"):
        discount_factors(("2015/16",), rate())
    with pytest.raises(DemandflowError, match="2047/48 is 31 years after 2016/17, and the rate holds for 30"):
        discount_factors(("2047/48",), rate())


@pytest.mark.parametrize(
    ("net", "years", "in_year", "said"),
    [
        ([-100.0, 40, 40, 40], 2.5 + 1, "2019/20", "Paid back in 2019/20, 3.5 years"),
        ([-100.0, 100, 0, 0], 2.0, "2017/18", "Paid back in 2017/18"),
        ([-100.0, 200, -150, 100], 3.5, "2019/20", "Paid back in 2019/20"),
        ([-100.0, 20, 20, 20], None, None, "At the end of 2019/20 £40 of the costs are still not paid back"),
        ([10.0, 10, 10, 10], 0.0, "2016/17", "nothing to pay back"),
        ([0.0, 0, 0, 0], 0.0, "2016/17", "nothing to pay back"),
    ],
)
def test_payback_by_hand(net, years, in_year, said):
    found = payback(net, FOUR)
    assert (found.years, found.in_year) == (pytest.approx(years) if years is not None else None, in_year)
    assert said in found.reason


@given(net=st.lists(st.integers(-(10**6), 10**6), min_size=4, max_size=4), r=st.floats(0.001, 0.2))
def test_discounting_pays_back_no_sooner_where_costs_come_first(net, r):
    net = [-abs(net[0]) - 1, *map(abs, net[1:])]
    plain, real = payback(net, FOUR), payback(np.array(net) * discount_factors(FOUR, rate(r)), FOUR)
    assert real.years is None or (plain.years is not None and plain.years <= real.years + 1e-9)


# ---- waterfall

amounts = st.integers(-(10**13), 10**13)


@given(levels=st.tuples(*[amounts] * 8))
def test_the_waterfall_adds_up_to_the_penny(levels):
    of = Levels(*levels)
    steps = waterfall(of)
    *bars, target = steps
    assert sum(bar.pence for bar in bars) == target.pence == target.level == bars[-1].level
    assert target.pence == int(pence(np.array([of.target + of.freed + of.costs + of.prices]))[0])
    own = {"growth": of.growth - of.today, "change": of.change - of.today, "freed": of.freed, "costs": of.costs}
    for bar in bars:
        if bar.name in own:
            assert abs(bar.pence - Fraction(own[bar.name], 7)) < 1


def test_the_waterfall_by_hand():
    """100 today; growth of 20; the change takes 30 off today's demand and 34 off the grown: 4 of them only together."""
    of = Levels(*(700 * pounds for pounds in (100, 98, 118, 68, 84, 6, 5, 3)))
    frame = waterfall_frame(waterfall(of)).set_index("step")
    assert frame.pounds.to_dict() == {
        "budget": 100, "today": -2, "growth": 20, "change": -30, "interaction": -4, "freed": 6, "costs": 5, "prices": 3,
        "target": 98,
    }  # fmt: skip
    assert frame.level.iloc[-1] == 98
