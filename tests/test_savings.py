"""Money from whole days, by hand and by property: linear, additive, exact to the penny."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from conftest import DAY, OUT, arrival, constant, live, package
from hypothesis import given
from hypothesis import strategies as st

from experiments.tables import savings
from simulation.calendar import Calendar
from simulation.savings import cumulative_target, gross_saving, pounds
from simulation.tally import Axes, Tally, axes, tally

whole = st.integers(0, 10**12)


def test_a_week_of_care_costs_a_week():
    assert pounds(np.array([7 * 62_331])).tolist() == [623.31]
    assert pounds(np.array([0, 1])).tolist() == [0.0, 1 / 700]


@given(pence=whole)
def test_pounds_are_the_nearest_float_to_the_exact_fraction(pence):
    assert pounds(np.array([pence]))[0] == float(Fraction(pence, 700))


@given(base=st.lists(whole, min_size=1, max_size=6), model=st.lists(whole, min_size=1, max_size=6))
def test_a_saving_is_what_one_spends_less_and_turns_with_the_sides(base, model):
    size = min(len(base), len(model))
    a, b = np.array(base[:size]), np.array(model[:size])
    assert gross_saving(a, b).tolist() == (-gross_saving(b, a)).tolist()
    assert gross_saving(a, a).tolist() == [0.0] * size
    assert pounds(np.array([(a - b).sum()]))[0] == pytest.approx(gross_saving(a, b).sum(), abs=1e-3)


def test_targets_are_further_recurring_reductions_and_add_up():
    targets = {"fy_2017_18": 4_758_000.0, "fy_2018_19": 4_507_000.0, "fy_2019_20": 3_843_000.0}
    years = ["2016/17", "2017/18", "2018/19", "2019/20", "2020/21"]
    assert cumulative_target(targets, years) == [0.0, 4_758_000.0, 9_265_000.0, 13_108_000.0, 13_108_000.0]
    assert cumulative_target({}, years) == [0.0] * 5


def test_the_shipped_targets_are_the_yardstick(shipped):
    values, prices = shipped.values(), shipped["prices/mtfs"]
    asked = {name: values.of(number, prices.ref) for name, number in prices.config.targets.items()}
    assert asked == {"fy_2017_18": 4_758_000, "fy_2018_19": 4_507_000, "fy_2019_20": 3_843_000}


def money(toys, weekly, stay=10, times=(0, 3, 360)):
    """Three packages in one group at a weekly price."""
    calendar = Calendar(date(2014, 4, 1), 24)
    demand = toys.demand(groups={"a": 1.0})
    prices = toys.prices({"a": {"care": (weekly, constant(stay, "days"))}})
    pathway = toys.compiled(
        toys.model({"come": arrival("care"), "care": package(), "out": OUT}), demand, prices
    ).pathway
    people = toys.crowd(demand, [t * DAY for t in times])
    return tally(live(pathway, people, calendar), pathway, people, axes(pathway, ("a",), calendar), calendar)


def test_money_is_days_times_price_in_each_year(toys):
    got = money(toys, 123.45)
    assert got.days[0, :, 0].tolist() == [25, 5]
    assert pounds(got.pence_days[0, :, 0]).tolist() == pytest.approx([25 * 123.45 / 7, 5 * 123.45 / 7])


def test_twice_the_price_is_twice_the_money_and_the_same_care(toys):
    once, twice = money(toys, 50.0), money(toys, 100.0)
    assert np.array_equal(2 * once.pence_days, twice.pence_days)
    assert np.array_equal(once.days, twice.days)


def test_a_price_is_rounded_to_the_penny_once(toys):
    assert money(toys, 100.004).pence_days.sum() == 30 * 10_000
    assert money(toys, 100.006).pence_days.sum() == 30 * 10_001


# ---- the savings table ----


class Made:
    """As much of a comparison as the savings table reads."""

    class prices:
        class config:
            price_base = "2014-15"

    class scenario:
        name, transfer = "full", 1.0

    scenarios = (scenario,)
    reach = 0.5

    class job:
        axes = Axes(("s",), ("a", "b"), ("home",), ("2017/18", "2018/19"), ("m",), (), ())


class Seen:
    """One pair of replications."""

    def __init__(self, baseline, model):
        self.tallies = {"": baseline, "full": model}


def counted(days, pence, unpriced):
    """A tally of one care type: (years, groups) of days, pence × days and unpriced days."""
    nought = np.zeros((1, 1, 1, 1), dtype=np.int64)
    return Tally(
        nought,
        nought,
        nought,
        nought,
        np.array([days]),
        np.array([pence]),
        np.array([unpriced]),
        np.zeros((1, 1, 2), dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )


def test_the_savings_table_by_hand():
    """Group a is priced at £70 a week, group b has no price: its weeks are shown, its money is not."""
    pairs = [
        Seen(
            counted([[70, 14], [140, 0]], [[490_000, 0], [980_000, 0]], [[0, 14], [0, 0]]),
            counted([[42, 7], [70, 0]], [[294_000, 0], [490_000, 0]], [[0, 7], [0, 0]]),
        ),
        Seen(
            counted([[70, 14], [140, 7]], [[490_000, 0], [980_000, 0]], [[0, 14], [0, 7]]),
            counted([[56, 14], [70, 7]], [[392_000, 0], [490_000, 0]], [[0, 14], [0, 7]]),
        ),
    ]
    table = savings(Made, pairs, {"fy_2017_18": 100.0, "fy_2018_19": 50.0}).set_index(
        ["client_group", "financial_year"]
    )
    assert table.loc["a", "package_weeks_fewer"].tolist() == [(4 + 2) / 2, 10.0]
    assert table.loc["a", "saving"].tolist() == [(280 + 140) / 2, 700.0]
    assert table.loc["b", "package_weeks_fewer"].tolist() == [0.5, 0.0]
    assert table.loc["b", "saving"].isna().all()
    assert table.loc["all_priced", "package_weeks_fewer"].tolist() == [3.0, 10.0]
    assert table.loc["all_priced", "saving"].tolist() == [210.0, 700.0]
    assert table.loc["all_priced", "asked_recurring_by_then"].tolist() == [100.0, 150.0]
    assert table.loc["all_priced", "within_reach_by_then"].tolist() == [50.0, 75.0]
    assert table.loc["a", "asked_recurring_by_then"].isna().all()
    assert table.loc["a", "within_reach_by_then"].isna().all()
    assert table.loc["a", "saving_low"].iloc[1] == table.loc["a", "saving_high"].iloc[1] == 700.0


def test_the_table_of_the_main_comparison_adds_up_over_its_groups(main_job):
    from experiments.replicate import replicate

    run = main_job.comparison
    outcomes = [replicate(run.job, r) for r in range(2)]
    table = savings(run, outcomes, {})
    for _, part in table.groupby(["transfer", "financial_year"]):
        groups, total = part[part.client_group != "all_priced"], part[part.client_group == "all_priced"].iloc[0]
        assert groups.saving.sum() == pytest.approx(total.saving, abs=1e-6)
        priced = groups[groups.saving.notna()]
        assert priced.package_weeks_fewer.sum() == pytest.approx(total.package_weeks_fewer, abs=1e-9)
        assert groups.saving.isna().sum() == 1
    none = table[table.transfer == "none"]
    assert (none.saving.fillna(0) == 0).all()
    assert (none.package_weeks_fewer == 0).all()
