"""Expected money, computed from the graph, against the simulated money it stands for."""

import math

import pytest

from experiments.expected_cost import mean_delays, yearly_cost
from experiments.plan import prepare
from experiments.replicate import replicate
from simulation.reading import SHIPPED
from simulation.savings import pounds

PAIRS = 12


@pytest.fixture(scope="module")
def prepared():
    return prepare(SHIPPED / "experiments" / "barnet_vs_shropshire.yaml")


@pytest.fixture(scope="module")
def outcomes(prepared):
    return [replicate(prepared.comparison.job, r) for r in range(PAIRS)]


@pytest.mark.parametrize("scenario", ["none", "harrow", "half", "full"])
def test_expected_cost_of_care_is_the_simulated_cost_in_every_year(prepared, outcomes, scenario):
    run = prepared.comparison
    compiled = next(s.compiled for s in run.scenarios if s.name == scenario)
    expected = yearly_cost(compiled, run.job.calendar)
    for y, year in enumerate(run.job.axes.years):
        got = [float(pounds(o.tallies[scenario].pence_days[:, y].sum())) for o in outcomes]
        mean = math.fsum(got) / PAIRS
        error = math.sqrt(math.fsum((g - mean) ** 2 for g in got) / (PAIRS - 1) / PAIRS)
        # Four standard errors of chance, and 1% for taking the delay at its mean.
        assert abs(mean - expected[year]) < 4 * error + 0.01 * expected[year], (year, mean, expected[year])


def test_the_delay_to_a_barnet_package_is_the_first_contact_and_the_assessment(prepared):
    compiled = next(run.compiled for run in prepared.own if run.model.config.name == "barnet_2014_15")
    delays = mean_delays(compiled)
    stage = compiled.pathway.index("care_home")
    reached = compiled.expected.reach[:, stage] > 0
    assert delays[reached, stage] == pytest.approx(33.9 + 20 / 60 / 24)
