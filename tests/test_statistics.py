"""Intervals cover what they promise and agree with SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.statistics import of_mean, of_one_year, t_quantile, z_score


def sample(size: int, seed: int = 1) -> list[float]:
    return np.random.default_rng(seed).normal(100, 15, size).tolist()


@pytest.mark.parametrize("degrees", [1, 5, 29, 39, 1000])
def test_the_quantile_is_scipys(degrees):
    assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-12)


@pytest.mark.parametrize("size", [2, 30, 57])
def test_the_interval_of_a_mean_is_students(size):
    values = sample(size)
    want = stats.t.interval(0.95, size - 1, loc=np.mean(values), scale=stats.sem(values))
    got = of_mean(values)
    assert (got.low, got.high) == pytest.approx(want, rel=1e-12)
    assert got.mean == pytest.approx(np.mean(values), rel=1e-14)
    assert got.half_width == pytest.approx((want[1] - want[0]) / 2)


def test_a_paired_interval_is_that_of_the_differences():
    a, b = sample(40), sample(40, 2)
    want = stats.ttest_rel(b, a).confidence_interval(0.95)
    got = of_mean([y - x for x, y in zip(a, b, strict=True)])
    assert (got.low, got.high) == pytest.approx((want.low, want.high), rel=1e-9)


def test_the_range_of_one_year_by_hand():
    values = [10.0] * 20 + [14.0] * 20
    deviation = math.sqrt(40 * 4 / 39)
    half = stats.t.ppf(0.975, 39) * deviation * math.sqrt(1 + 1 / 40)
    got = of_one_year(values)
    assert (got.mean, got.low, got.high) == pytest.approx((12.0, 12 - half, 12 + half))


def test_a_range_needs_enough_replications():
    with pytest.raises(ValueError, match="40"):
        of_one_year(sample(39))
    with pytest.raises(ValueError, match="two"):
        of_mean([1.0])


# The limits below are four standard errors of a share of 0.95 of 4,000 trials: 0.0138.


@pytest.mark.parametrize("size", [10, 40])
def test_the_interval_of_a_mean_covers_the_mean_95_times_in_100(size):
    rng = np.random.default_rng(3)
    hits = sum(i.low <= 7.0 <= i.high for i in (of_mean(rng.normal(7, 2, size).tolist()) for _ in range(4000)))
    assert abs(hits / 4000 - 0.95) < 0.0138


def test_the_range_of_one_year_covers_a_further_year_95_times_in_100():
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(4000):
        *seen, further = rng.normal(7, 2, 41).tolist()
        interval = of_one_year(seen)
        hits += interval.low <= further <= interval.high
    assert abs(hits / 4000 - 0.95) < 0.0138


def test_the_range_of_one_year_suits_counts_as_large_as_those_it_is_used_for():
    rng = np.random.default_rng(5)
    for mean in (575, 6646):
        hits = 0
        for _ in range(4000):
            *seen, further = rng.poisson(mean, 41).tolist()
            interval = of_one_year(seen)
            hits += interval.low <= further <= interval.high
        assert abs(hits / 4000 - 0.95) < 0.0138


def test_looking_again_after_each_batch_costs_the_interval_little():
    """Stopping at a batch end once the half width is small enough still covers nearly as often as it says.

    As the comparison does: first look at 30, then every 10, at most 60, stopped by relative half width.
    """
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(3000):
        values = rng.normal(-300, 50, 60)
        for size in (30, 40, 50, 60):
            interval = of_mean(values[:size].tolist())
            if interval.half_width <= 0.05 * abs(interval.mean):
                break
        hits += interval.low <= -300 <= interval.high
    assert 0.93 < hits / 3000 < 0.97


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.floats(-1e6, 1e6))
def test_shifting_all_values_shifts_the_interval(values, by):
    here, there = of_mean(values), of_mean([v + by for v in values])
    scale = 1e-9 * (1 + abs(by) + max(map(abs, values)))
    assert there.mean == pytest.approx(here.mean + by, abs=scale)
    assert there.half_width == pytest.approx(here.half_width, abs=1e3 * scale)


def test_the_z_score_is_that_of_a_binomial_share():
    assert z_score(60, 100, 0.5) == pytest.approx(2.0)
    assert z_score(100, 100, 1.0) == 0.0
    assert z_score(0, 0, 0.3) == 0.0


def test_a_count_that_cannot_vary_and_is_wrong_is_not_called_right():
    assert z_score(99, 100, 1.0) == -math.inf
    assert z_score(1, 100, 0.0) == math.inf


def test_pairing_takes_noise_out_of_the_main_comparison(main_job):
    """Poisson people, each counted once: apart, a difference varies by both counts' sum; paired, by the movers."""
    from experiments.replicate import _run
    from simulation.tally import counted

    job = main_job.comparison.job
    people = job.maker.make(job.seed, 0)
    people = people.subset(people.time < job.calendar.first_year)
    before, after = (
        set(counted(_run(job, pathway, people, 0), pathway, "funded_package").tolist())
        for pathway in (job.nobody, job.everybody)
    )
    lose, gain = len(before - after), len(after - before)
    assert lose - gain == pytest.approx(770, abs=4 * math.sqrt(lose + gain))
    assert (len(before) + len(after)) / (lose + gain) > 2
