"""Durations drawn from a table are the law's own, to the limits the table promises."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simulation import quantiles
from simulation.errors import DemandflowError
from simulation.quantiles import KNOTS, knot_probabilities, look_up, look_up_each, quantile_table, table_moments
from simulation.schema.distribution import TICKS_PER

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(quantiles, "CACHE", tmp_path / "quantiles")
    monkeypatch.setattr(quantiles, "_kept", itertools.count())


def lognormal(mean, sigma):
    return stats.lognorm(sigma, scale=mean * math.exp(-sigma * sigma / 2))


LAWS = [
    ("weibull", {"mean": 3.0, "shape": 0.82}, "years", stats.weibull_min(0.82, scale=3.0 / math.gamma(1 + 1 / 0.82))),
    ("weibull", {"mean": 2.0, "shape": 0.5}, "years", stats.weibull_min(0.5, scale=1.0)),
    ("weibull", {"mean": 2.0, "shape": 3.0}, "weeks", stats.weibull_min(3.0, scale=2.0 / math.gamma(4 / 3))),
    ("exponential", {"mean": 20.0}, "minutes", stats.expon(scale=20.0)),
    ("exponential", {"mean": 20.0}, "years", stats.expon(scale=20.0)),
    ("lognormal", {"mean": 33.9, "sigma": 0.6}, "days", lognormal(33.9, 0.6)),
    ("lognormal", {"mean": 6.0, "sigma": 1.0}, "hours", lognormal(6.0, 1.0)),
    ("lognormal", {"mean": 6.0, "sigma": 1.5}, "days", lognormal(6.0, 1.5)),
    ("lognormal", {"mean": 6.0, "sigma": 2.0}, "days", lognormal(6.0, 2.0)),
    ("gamma", {"mean": 10.0, "shape": 0.5}, "days", stats.gamma(0.5, scale=20.0)),
    ("gamma", {"mean": 10.0, "shape": 4.0}, "days", stats.gamma(4.0, scale=2.5)),
    ("uniform", {"low": 0.0, "high": 28.0}, "days", stats.uniform(0, 28)),
    ("triangular", {"low": 1.0, "mode": 2.0, "high": 9.0}, "days", stats.triang(1 / 8, 1, 8)),
    ("pert", {"low": 1.0, "mode": 2.0, "high": 9.0}, "days", stats.beta(1.5, 4.5, 1, 8)),
    ("scipy", {"law": "burr12", "arguments": {"c": 3.0, "d": 2.0}}, "days", stats.burr12(3.0, 2.0)),
]
NAMES = [f"{family}-{'-'.join(str(v) for v in numbers.values())}-{unit}" for family, numbers, unit, _ in LAWS]


@pytest.mark.parametrize(("family", "numbers", "unit", "law"), LAWS, ids=NAMES)
def test_mean_variance_and_high_percentiles_are_the_laws_own(family, numbers, unit, law):
    ticks = TICKS_PER[unit]
    table = quantile_table(family, numbers, ticks)
    mean, variance = table_moments(table)
    assert mean == pytest.approx(law.mean() * ticks, rel=1e-3, abs=1)
    assert variance == pytest.approx(law.var() * ticks**2, rel=1e-2, abs=ticks)
    for q in (0.01, 0.1, 0.5, 0.9, 0.99, 0.999):
        assert look_up(table, q) == pytest.approx(law.ppf(q) * ticks, rel=5e-3, abs=2)


@pytest.mark.parametrize(("family", "numbers", "unit", "law"), LAWS, ids=NAMES)
def test_a_larger_number_never_gives_a_shorter_time(family, numbers, unit, law):
    table = quantile_table(family, numbers, TICKS_PER[unit])
    assert table.dtype == np.int64
    tails = 2.0 ** np.linspace(-53, -1, 5_000)
    u = np.concatenate([tails, np.linspace(0.001, 0.999, 5_000), 1 - tails])
    u.sort()
    drawn = look_up_each(table, u)
    assert np.all(np.diff(drawn) >= 0)
    assert drawn[0] >= 0


def test_the_moments_are_those_of_what_is_really_drawn():
    """``table_moments`` is itself checked, by averaging the draw over eight numbers between any two knots."""
    table = quantile_table("lognormal", {"mean": 6.0, "sigma": 1.0}, 3_600_000)
    q = knot_probabilities()
    inner = (q[:-1, None] + np.diff(q)[:, None] * (np.arange(8) + 0.5) / 8).ravel()
    weight = np.repeat(np.diff(q) / 8, 8)
    total = square = 0.0
    for u, edge in ((inner, q[0] / 2), (1 - inner, 1 - q[0] / 2)):
        drawn = look_up_each(table, u)
        total += np.dot(weight, drawn) + q[0] * look_up(table, edge)
        square += np.dot(weight, drawn.astype(float) ** 2) + q[0] * float(look_up(table, edge)) ** 2
    mean, variance = table_moments(table)
    assert total == pytest.approx(mean, rel=1e-6)
    assert square - total**2 == pytest.approx(variance, rel=1e-4)


def test_a_large_sample_has_the_laws_mean_and_shape():
    law = lognormal(6.0, 1.0)
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    drawn = look_up_each(quantile_table("lognormal", {"mean": 6.0, "sigma": 1.0}, 3_600_000), u) / 3_600_000
    assert drawn.mean() == pytest.approx(6.0, rel=2e-3)
    assert stats.kstest(drawn, law.cdf).statistic < 1e-4


def test_a_constant_is_exact():
    table = quantile_table("constant", {"value_of": 2.5}, 3_600_000)
    assert {look_up(table, u) for u in (2.0**-53, 0.1, 0.5, 0.77, 1 - 2.0**-53)} == {9_000_000}


def test_observed_values_are_drawn_as_often_as_they_were_observed():
    table = quantile_table("empirical", {"values": [1.0, 1.0, 1.0, 2.0, 3.0, 3.0]}, 1_000)
    drawn = look_up_each(table, (np.arange(100_000) + 0.5) / 100_000)
    for value, share in ((1_000, 1 / 2), (2_000, 1 / 6), (3_000, 1 / 3)):
        assert np.mean(drawn == value) == pytest.approx(share, abs=0.01)


def test_a_few_values_that_jump_too_far_for_a_table_are_refused_with_the_reason():
    with pytest.raises(DemandflowError, match="values"):
        quantile_table("empirical", {"values": [1.0, 1.0, 2.0, 10.0]}, 1_000)


@pytest.mark.parametrize(
    ("family", "numbers"),
    [
        ("scipy", {"law": "pareto", "arguments": {"b": 1.5}}),
        ("scipy", {"law": "cauchy", "arguments": {}}),
        ("scipy", {"law": "t", "arguments": {"df": 2.0}}),
        ("scipy", {"law": "lomax", "arguments": {"c": 2.0}}),
    ],
)
def test_infinite_variance_is_refused_unless_capped(family, numbers):
    with pytest.raises(DemandflowError, match="cap"):
        quantile_table(family, numbers, 86_400_000)


def test_a_capped_law_is_the_truncated_law():
    table = quantile_table("scipy", {"law": "lomax", "arguments": {"c": 1.5}, "cap": 50.0}, 1_000_000)
    law = stats.lomax(1.5)
    below = law.cdf(50.0)
    for q in (0.1, 0.5, 0.9, 0.999):
        assert look_up(table, q) == pytest.approx(law.ppf(q * below) * 1e6, rel=5e-3)
    assert look_up(table, 1 - 2.0**-53) <= 50_000_000


@pytest.mark.parametrize(
    ("family", "numbers"),
    [
        ("exponential", {"mean": 0.0}),
        ("exponential", {"mean": -1.0}),
        ("uniform", {"low": 2.0, "high": 1.0}),
        ("constant", {"value_of": -1.0}),
        ("pert", {"low": 0.0, "mode": 5.0, "high": 4.0}),
        ("scipy", {"law": "norm", "arguments": {"loc": 0.0, "scale": 1.0}}),
        ("scipy", {"law": "no_such_law", "arguments": {}}),
        ("scipy", {"law": "gamma", "arguments": {"b": 3.0}}),
        ("exponential", {"mean": 1e6}),
        ("empirical", {"values": []}),
        ("empirical", {"values": [3.0], "cap": 2.0}),
    ],
)
def test_senseless_laws_are_refused(family, numbers):
    with pytest.raises(DemandflowError):
        quantile_table(family, numbers, TICKS_PER["years"])


def test_knots_stand_by_octave_in_both_tails():
    q = knot_probabilities()
    assert len(q) == KNOTS == 31 * 64 + 1
    assert q[0] == 2.0**-32
    assert q[-1] == 0.5
    assert np.all(np.diff(q) > 0)
    assert np.max(np.diff(q) / q[:-1]) <= 1 / 64


def test_a_damaged_cache_is_built_again():
    table = quantile_table("exponential", {"mean": 1.0}, 1_000)
    (file,) = quantiles.CACHE.glob("*.npy")
    file.write_bytes(b"not a table")
    assert np.array_equal(quantile_table("exponential", {"mean": 1.0}, 1_000), table)


WARM = """
import sys
from datetime import date
from simulation import engine_simpy
from simulation.calendar import Calendar
from simulation.compiler import compile_graph
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.population import PopulationMaker
from simulation.reading import SHIPPED
from simulation.tally import axes, tally

library = Library()
folders = ("models", "demand", "prices")
model, demand, prices = (library.load(SHIPPED / f"{folder}/barnet_2014_15.yaml") for folder in folders)
inputs = Inputs(library)
inputs.add(model), inputs.add(demand)
values, calendar = Values(inputs), Calendar(date(2014, 4, 1), 1)
pathway = compile_graph(of_model(model), demand, prices, values).pathway
maker = PopulationMaker(demand, values, calendar)
people = maker.make(1, 0)
trace = engine_simpy.run(pathway, people, calendar, calendar.end, 1, 0)
tally(trace, pathway, people, axes(pathway, maker.space["client_group"], calendar), calendar)
assert people.size > 500 and trace.rows > 2_000
print(sorted({"scipy.stats", "scipy.optimize", "scipy.integrate"} & set(sys.modules)))
"""


def test_a_warm_start_imports_no_scipy_laws():
    """Compile, population, engine and tally; the first run fills the cache, the second is warm.

    Mesa and numba load a little of SciPy for themselves; the laws, which cost the better part of a second, stay out.
    """
    for _ in (1, 2):
        done = subprocess.run([sys.executable, "-c", WARM], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_a_process_that_draws_its_laws_does_not_fill_the_disk(monkeypatch):
    monkeypatch.setattr(quantiles, "MOST_KEPT", 2)
    made = [quantile_table("exponential", {"mean": mean}, 1_000) for mean in (1.0, 2.0, 3.0, 4.0)]
    assert len(list(quantiles.CACHE.glob("*.npy"))) == 2
    again = [quantile_table("exponential", {"mean": mean}, 1_000) for mean in (1.0, 2.0, 3.0, 4.0)]
    assert all(np.array_equal(one, other) for one, other in zip(made, again, strict=True))
