"""Bootstrap intervals are SciPy's, repeat exactly, and cover the truth about as often as they say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import bootstrap

from experiments.bootstrap import of_average, of_ratio, of_statistic, of_variance_ratio, of_variance_share
from experiments.statistics import Interval

Floats = np.ndarray[Any, np.dtype[np.float64]]


def samples(seed: int = 1) -> tuple[list[float], list[float], list[float]]:
    """A number, another that goes with it, and one apart."""
    rng = np.random.default_rng(seed)
    below = rng.poisson(100, 40).astype(float)
    return (below * 50 + rng.normal(0, 300, 40)).tolist(), below.tolist(), rng.normal(0, 13, 60).tolist()


def scipys(statistic: Any, *data: list[float], paired: bool = True) -> Interval:
    given = [np.array(values) for values in data]
    found = bootstrap(given, statistic, n_resamples=20_000, paired=paired, method="BCa", rng=np.random.default_rng(3))
    ends = found.confidence_interval
    return Interval(float(statistic(*given)), float(ends.low), float(ends.high))


def near(ours: Interval, theirs: Interval) -> bool:
    """Two sets of draws differ a little: by no more than 7% of the interval's width."""
    room = 0.07 * (theirs.high - theirs.low)
    assert ours.mean == pytest.approx(theirs.mean)
    return abs(ours.low - theirs.low) < room and abs(ours.high - theirs.high) < room


def _ratio(a: Floats, b: Floats, axis: int = -1) -> Floats:
    return np.asarray(a.sum(axis=axis) / b.sum(axis=axis))


def _gain(a: Floats, b: Floats, axis: int = -1) -> Floats:
    apart = a.var(axis=axis, ddof=1) + b.var(axis=axis, ddof=1)
    return np.asarray(apart / (b - a).var(axis=axis, ddof=1))


def _share(a: Floats, b: Floats, axis: int = -1) -> Floats:
    return np.asarray(np.minimum(1, a.var(axis=axis, ddof=1) / b.var(axis=axis, ddof=1)))


def test_intervals_are_those_of_scipy() -> None:
    above, below, apart = samples()
    half = [a / 50 for a in above]
    assert near(of_ratio(above, below, 1), scipys(_ratio, above, below))
    assert near(of_average(apart, 1), scipys(np.mean, apart))
    assert near(of_variance_ratio(half, below, 1), scipys(_gain, half, below))
    assert near(of_variance_share(below, apart, 1), scipys(_share, below, apart, paired=False))


def test_the_same_seed_gives_the_same_interval_to_the_bit_and_another_one_nearly() -> None:
    above, below, _ = samples()
    first, again, other = (of_ratio(above, below, seed) for seed in (7, 7, 8))
    assert first == again != other
    assert first.mean == other.mean and first.low == pytest.approx(other.low, rel=0.01)


def test_the_variance_ratio_by_hand() -> None:
    a, b = [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 6.0]
    assert of_variance_ratio(a, b, 1).mean == pytest.approx((np.var(a, ddof=1) + np.var(b, ddof=1)) / 1.0)
    assert of_variance_ratio(a, [-v for v in a], 1).mean == pytest.approx(0.5)
    assert math.isnan(of_variance_ratio(a, a, 1).mean), "nothing differs"


def test_unpaired_runs_have_a_variance_ratio_near_one() -> None:
    rng = np.random.default_rng(1)
    found = of_variance_ratio(rng.normal(size=2000).tolist(), rng.normal(size=2000).tolist(), 1)
    assert found.low < 1 < found.high and found.high - found.low < 0.2


def test_what_cannot_vary_or_has_no_value_says_so() -> None:
    same = of_ratio([1.0] * 20, [2.0] * 20, 1)
    assert (same.mean, same.low, same.high) == (0.5, 0.5, 0.5)
    assert math.isnan(of_ratio([1.0, 2.0] * 10, [0.0] * 20, 1).mean)
    assert math.isnan(of_ratio([0.0] * 20, [0.0] * 20, 1).mean)
    rare = of_ratio([1.0, 2.0] * 20, [0.0] * 39 + [1.0], 1)
    assert rare.mean == 60 and math.isnan(rare.low) and math.isnan(rare.high), "some draws have nobody below"


def test_few_replications_give_a_value_and_no_interval() -> None:
    few = of_average([1.0, 2.0, 3.0], 1)
    assert few.mean == 2 and math.isnan(few.low)
    assert math.isfinite(of_average([1.0, 2.0] * 5, 1).low)


def test_a_percentile_that_is_the_same_in_nearly_all_runs_keeps_its_value_inside() -> None:
    days = [14.0] * 38 + [15.0, 21.0]
    found = of_average(days, 1)
    assert 14 <= found.low <= found.mean <= found.high < 16


def coverage(times: int, truth: float, draw: Any) -> float:
    found = [draw(np.random.default_rng([5, at])) for at in range(times)]
    return sum(one.low <= truth <= one.high for one in found) / times


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "draw"),
    [
        pytest.param(50.0, "ratio", id="ratio of means"),
        pytest.param(2.0, "mean", id="mean of a skewed number"),
        pytest.param(5.0, "gain", id="ratio of variances"),
    ],
)
def test_bootstrap_intervals_cover_about_as_often_as_they_say(truth: float, draw: str) -> None:
    """With 40 replications; of numbers as skewed as these so few are known to hold the truth a little less often."""

    def one(rng: np.random.Generator) -> Interval:
        if draw == "ratio":
            below = rng.poisson(100, 40).astype(float)
            return of_ratio((below * 50 + rng.normal(0, 300, 40)).tolist(), below.tolist(), int(rng.integers(1 << 31)))
        if draw == "mean":
            return of_average(rng.exponential(2.0, 40).tolist(), int(rng.integers(1 << 31)))
        shared = rng.normal(size=40)  # each 1.25, of the difference 0.5: 2.5 / 0.5
        a, b = (shared + rng.normal(0, 0.5, 40) for _ in range(2))
        return of_variance_ratio(a.tolist(), b.tolist(), int(rng.integers(1 << 31)))

    assert 0.90 < coverage(1000, truth, one) < 0.975


def test_a_statistic_of_two_samples_draws_them_apart() -> None:
    """The variance of a difference of two means is the sum of both: the interval is as wide as that says."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(0, 1, 200), rng.normal(0, 2, 100)
    found = of_statistic(lambda w, v: w @ x - v @ y, [200, 100], 3)
    wide = 2 * 1.96 * math.sqrt(x.var(ddof=1) / 200 + y.var(ddof=1) / 100)
    assert found.high - found.low == pytest.approx(wide, rel=0.06)
