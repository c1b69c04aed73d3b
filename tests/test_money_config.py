"""The savings model on the shipped prices: shares with ranges, series that reach, refusals with file and line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simulation.calendar import Calendar
from simulation.errors import ConfigError
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.money.appraisal import VIEWS, appraise
from simulation.money.baselines import held
from simulation.money.columns import Spend, month_names, pounds
from simulation.money.costs import Cost
from simulation.money.economics import Valuation, horizon_problems, valuation
from simulation.money.optimism import Bias
from simulation.money.present_value import Rate, discount_factors
from simulation.money.prices_over_time import factors, series
from simulation.money.taken_out import TakenOut, taken_out
from simulation.reading import SHIPPED

YEARS = ("2016/17", "2017/18", "2018/19", "2019/20")
MONTHS = month_names(Calendar(date(2016, 4, 1), 48))
STAY = {"distribution": "constant", "value_of": 1, "unit": "weeks"}


def shares(shipped, name, over=None):
    prices = shipped[f"prices/{name}"]
    groups, kinds = tuple(prices.config.care), tuple(prices.config.care_types)
    return taken_out(prices, shipped.values(over), kinds, MONTHS, groups), kinds, groups


@pytest.mark.parametrize("name", ["barnet_whole", "barnet_2014_15"])
def test_every_priced_kind_of_care_says_what_of_it_leaves_spending_with_a_range(shipped, name):
    found, _, _ = shares(shipped, name)
    assert found.assumed == ()
    assert found.share.min() >= 0 and found.share.max() <= 1
    prices, inputs = shipped[f"prices/{name}"], shipped.inputs
    for group, kinds in prices.config.care.items():
        for kind, care in kinds.items():
            if care.weekly_cost is not None:
                for key in inputs.rests_on(f"{prices.ref}:care.{group}.{kind}.marginal_share"):
                    evidence = inputs.inputs[key].evidence
                    assert evidence.status == "assumption" and evidence.range is not None and evidence.why


def test_nothing_of_day_care_leaves_before_its_contract_ends(shipped):
    found, kinds, groups = shares(shipped, "barnet_whole")
    day = found.share[kinds.index("day_care")]
    older, mental = day[:, groups.index("older_people")], day[:, groups.index("mental_health")]
    assert [month for month, share in zip(MONTHS, older, strict=True) if share == 0] == list(MONTHS[:10])
    assert MONTHS[np.flatnonzero(mental)[0]] == "2018-02"
    assert set(older[10:]) == {0.5}


def test_a_drawn_share_is_the_one_used(shipped):
    found, kinds, groups = shares(shipped, "barnet_whole", {"prices/barnet_whole.home_care_leaves": 0.8})
    assert (found.share[kinds.index("home_care"), :, groups.index("older_people")] == 0.8).all()


def test_a_share_that_is_not_given_is_said(toys):
    prices = toys.prices({"a": {"care": (70, STAY), "free": (None, STAY)}})
    found = taken_out(prices, toys.values(prices), ("care", "free"), MONTHS[:2], ("a", "b"))
    assert found.assumed == ("care of a: no marginal_share is given: an avoided week is taken to save its whole price",)
    assert (found.share == 1).all()


def test_a_share_beyond_all_is_refused(toys):
    prices = toys.prices({"a": {"care": {"weekly_cost": 1, "stay": STAY, "marginal_share": 1.5}}})
    with pytest.raises(
        ConfigError, match=r"toy.yaml:\d+: care.a.care.marginal_share is 1.5. Give a share from 0 to 1."
    ):
        taken_out(prices, toys.values(prices), ("care",), MONTHS[:2], ("a",))


def test_fees_follow_wages_and_prices_in_general(shipped):
    """£7.20 in 2016/17 over £6.405, the mean of £6.31 and £6.50; the deflator 84.335 over 81.870."""
    care, key = shipped["prices/care_wages"], "prices/care_wages.wage_share_of_fees"
    wages = factors(care, shipped.values({key: 1.0}), ("2016/17",), "2014/15")[0]
    general = factors(care, shipped.values({key: 0.0}), ("2016/17",), "2014/15")[0]
    assert wages == pytest.approx(7.20 / 6.405) and general == pytest.approx(84.335 / 81.870)
    between = factors(care, shipped.values(), ("2016/17",), "2014/15")[0]
    assert between == pytest.approx(0.7 * wages + 0.3 * general)


def test_the_shipped_economics_reach_from_2016_to_2020(shipped):
    found = valuation(shipped["prices/economics"], shipped.values(), YEARS)
    assert (np.diff(found.care) > 0).all() and (np.diff(found.general) > 0).all()
    assert found.general[0] == found.discount[0] == 1
    assert found.discount[3] == pytest.approx(1.035**-3)
    drawn = {item.key for item in shipped.inputs.ranged()}
    assert {f"prices/economics:economics.optimism_bias.{name}" for name in ("cost", "benefit", "duration")} <= drawn
    assert "prices/care_wages.wage_share_of_fees" in drawn


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (("2019/20", "2020/21"), r"care_wages.yaml:\d+: index.by_year stops at fy_2019_20, and fy_2020_21 is needed. "
         r"Add fy_2020_21, or end the run earlier: no year is guessed."),
        (("2015/16",), r"economics.yaml:\d+: economics.discount: 2015/16 lies before 2016/17, the base year"),
        (("2050/51",), r"economics.yaml:\d+: economics.discount: 2050/51 is 34 years after 2016/17"),
    ],
)  # fmt: skip
def test_years_that_nothing_reaches_are_refused_with_file_and_line(shipped, years, said):
    with pytest.raises(ConfigError, match=said):
        valuation(shipped["prices/economics"], shipped.values(), years)


def test_a_series_that_begins_late_is_refused(shipped):
    with pytest.raises(ConfigError, match=r"care_wages.yaml:\d+: index.by_year begins with fy_2014_15, and fy_2013_14"):
        factors(shipped["prices/care_wages"], shipped.values(), YEARS, "2013/14")


def test_files_without_what_is_asked_are_refused(shipped):
    with pytest.raises(ConfigError, match="prices/mtfs has no index"):
        series(shipped["prices/mtfs"], shipped.values())
    with pytest.raises(ConfigError, match="prices/mtfs has no economics"):
        valuation(shipped["prices/mtfs"], shipped.values(), YEARS)


def test_targets_outside_the_run_are_told(shipped):
    mtfs = shipped["prices/mtfs"]
    assert horizon_problems(mtfs, ("targets",), mtfs.config.targets, YEARS) == []
    (told,) = horizon_problems(mtfs, ("targets",), mtfs.config.targets, YEARS[:-1])
    assert told.file.endswith("mtfs.yaml") and told.line > 0
    assert told.what == "targets.fy_2019_20 lies outside the run, which has 2016/17 to 2018/19."
    assert told.mend.startswith("Run longer")


def test_the_files_stand_alone():
    library = Library()
    inputs = Inputs(library)
    inputs.add(library.load(SHIPPED / "prices" / "economics.yaml"))
    assert inputs.problems() == []
    assert valuation(inputs._files["prices/economics"], Values(inputs), YEARS).years == YEARS


# ---- one change appraised by hand


def flat(monthly, weekly=0):
    """£ a month for one kind of care of one group, nothing of it paid by clients."""
    column = np.full((1, 48, 1), monthly * 700, dtype=np.int64)
    none = np.zeros_like(column)
    return Spend(("care",), MONTHS, ("a",), column, none, np.full_like(column, weekly * 100), none)


def value(bias=None):
    rate = Rate(0.035, "2016/17", "green_book", 30)
    return Valuation(
        YEARS, "2014/15", np.array([1.1, 1.2, 1.3, 1.4]), np.array([1, 1.02, 1.04, 1.06]),
        discount_factors(YEARS, rate), rate, bias or Bias(0.5, 0.2, 0.25),
    )  # fmt: skip


def test_a_change_appraised_by_hand():
    """£1,000 a month less from April 2017, of which 80% leaves; £6,000 to set up and £1,200 a year from April 2016."""
    base, model = flat(5_000), flat(5_000)
    gross = model.gross.copy()
    gross[:, 12:] -= 700_000
    model = replace(model, gross=gross)
    out = TakenOut(np.full((1, 48, 1), 0.8), ())
    found = appraise(
        base, model, held(base), out, [Cost("Set up", "council", "2016-04", 6_000_00, 1_200_00)], value(), 24
    )
    assert pounds(found.savings.part("cash", "cashable")[:, -1]).tolist() == [0, 9_600, 9_600, 9_600]
    assert pounds(found.savings.part("cash", "capacity_freed")[:, -1]).tolist() == [0, 2_400, 2_400, 2_400]
    assert pounds(found.nominal.part("cash", "cashable")[:, -1]).tolist() == [0, 11_520, 12_480, 13_440]
    assert found.months_later == 6
    frame = found.frame().set_index(["view", "payer", "financial_year"]).loc[(slice(None), "council"), :]
    planned, less = frame.xs("as_planned"), frame.xs("less_optimism")
    assert planned.gross.tolist() == [0, 11_520, 12_480, 13_440]
    assert planned.cost.tolist() == [7_200, 1_224, 1_248, 1_272]
    assert less.gross.tolist() == [0, 0.8 * 5_760, 0.8 * 12_480, 0.8 * 13_440]  # half a year later, a fifth less
    assert less.cost.tolist() == [10_800, 1_836, 1_872, 1_908]
    worth = found.worth["as_planned"]
    real = [-7_200, 10_296 / 1.02, 11_232 / 1.04, 12_168 / 1.06]
    assert worth.real == pytest.approx(real)
    assert worth.present_value == pytest.approx(sum(flow / 1.035**year for year, flow in enumerate(real)))
    assert round(worth.present_value) == 22_988  # docs/savings.md
    assert worth.payback.in_year == "2017/18"
    assert worth.payback.years == pytest.approx(1 + 7_200 / (10_296 / 1.02))
    assert worth.discounted_payback.years > worth.payback.years
    assert found.worth["less_optimism"].present_value < worth.present_value
    assert set(found.worth) == set(VIEWS)


def test_a_change_that_costs_more_than_it_saves_never_pays_back():
    base = flat(5_000)
    found = appraise(
        base,
        base,
        held(base),
        TakenOut(np.ones((1, 48, 1)), ()),
        [Cost("Set up", "council", "2016-04", 100)],
        value(),
        0,
    )
    assert found.worth["as_planned"].payback.years is None
    assert "still not paid back" in found.worth["as_planned"].payback.reason
    assert found.worth["as_planned"].present_value == -1


def test_a_valuation_of_other_years_is_refused():
    base = flat(1)
    with pytest.raises(ValueError, match="the valuation"):
        appraise(base, base, held(base), TakenOut(np.ones((1, 48, 1)), ()), [], replace(value(), years=YEARS[1:]), 0)
