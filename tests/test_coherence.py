"""Barnet's whole pathway: flows, people in care, stays and spend agree with each other and with what is published.

Which published figures set inputs (calibration) and which were left alone (validation) stands at the head of
``configs/prices/barnet_whole.yaml``, and cell by cell in ``CELLS``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from experiments.service import service_run
from simulation.compiler import compile_graph
from simulation.errors import DemandflowError
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.reading import SHIPPED

MODEL, DEMAND, PRICES = "models/barnet_whole", "demand/barnet_whole", "prices/barnet_whole"
GROUPS = ("older", "mental_health", "physical_disability", "learning_disability")
YOUNGER = GROUPS[1:]
FLOWS = {
    ("first_contact", "resolved"): 6646,
    ("first_contact", "referred"): 3380,
    ("social_work", "full_assessment"): 2557,
    ("social_work", "not_assessed"): 823,
    ("means_test", "funded"): 1982,
}


@dataclass(frozen=True)
class Cell:
    """A published figure: how far a mean over years may be off, and whether the figure set an input."""

    measure: str
    published: float
    relative: float = 0.10
    people: bool = True
    used_to_set: bool = True

    @property
    def near_enough(self) -> float:
        """The widest of 10%, eight people and two Poisson standard deviations; for money, the share alone."""
        if not self.people:
            return self.relative * self.published
        return max(self.relative * self.published, 8.0, 2 * math.sqrt(self.published))


CELLS = (
    Cell("in_care/older_people/residential+nursing", 745, used_to_set=False),
    Cell("in_care/older_people/home_care", 1065),
    Cell("in_care/older_people/direct_payment", 485),
    Cell("in_care/older_people/day_care", 200),
    Cell("in_care/mental_health/residential+nursing", 75, used_to_set=False),
    Cell("in_care/mental_health/home_care", 60),
    Cell("in_care/mental_health/direct_payment", 60),
    Cell("in_care/mental_health/day_care", 150),
    Cell("in_care/physical_disability/residential+nursing", 55, used_to_set=False),
    Cell("in_care/physical_disability/home_care", 145),
    Cell("in_care/physical_disability/direct_payment", 270),
    Cell("in_care/physical_disability/day_care", 25),
    Cell("in_care/learning_disability/residential+nursing", 205, used_to_set=False),
    Cell("in_care/learning_disability/home_care", 145),
    Cell("in_care/learning_disability/direct_payment", 240),
    Cell("in_care/learning_disability/day_care", 160),
    Cell("reviews/done", 7410),
    Cell("full_assessment", 2557, relative=0.0),
    Cell("admissions/older_people", 248),
)
SPEND = (
    Cell("gross/older_people/long_term", 40.05e6, relative=0.07, people=False),
    Cell("gross/mental_health+physical_disability+learning_disability/long_term", 52.62e6, relative=0.07, people=False),
)
ALL_GROSS = 121.4e6

EXPERIMENT = """
kind: experiment
name: coherence
title: Coherence of the whole pathway
question: Do flows, people in care and spend agree?
seed: 20160919
follow_up_days: 0
service:
  model: barnet_whole
  demand: barnet_whole
  prices: barnet_whole
  start: 2014-04-01
  years: 5
  warm_up_months: 12
  replications: 2
  reported_year: 2014/15
  counted_sources: [community, hospital]
  sets: {care: {care_home: [residential, nursing]}}
"""


@pytest.fixture(scope="module")
def whole():
    """The inputs of the shipped whole pathway, and its three files."""
    library = Library()
    inputs = Inputs(library)
    files = {ref: library.load(SHIPPED / f"{ref}.yaml") for ref in (MODEL, DEMAND, PRICES)}
    for loaded in files.values():
        inputs.add(loaded)
    return inputs, files


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    """Reads a measure, year by year, from so many replications; each is run once."""
    folder = tmp_path_factory.mktemp("coherence") / "experiments"
    folder.mkdir()
    path = folder / "coherence.yaml"
    path.write_text(EXPERIMENT, encoding="utf-8")
    library = Library()
    loaded = library.load(path)
    inputs = Inputs(library)
    inputs.add(loaded)
    run = service_run(loaded, library, inputs, Values(inputs))
    tallies = []

    def read(measure, replications):
        while len(tallies) < replications:
            tallies.append(run.job.outcome(len(tallies)).tally)
        reader = run.measures.named(measure)
        return np.array([[reader(tally, year) for year in range(5)] for tally in tallies[:replications]], dtype=float)

    return read


def named(values, *names):
    """Parameters of the prices file (which sees the demand's)."""
    return [values.named(PRICES, name) for name in names]


def compiled_with(whole, over=None):
    inputs, files = whole
    return compile_graph(
        of_model(files[MODEL]),
        files[DEMAND],
        files[PRICES],
        Values(inputs, over or {}),
        tables=False,
        follow_need=False,
    )


def flows(whole, over=None):
    """Expected people a year through a branch."""
    compiled = compiled_with(whole, over)
    pathway = compiled.pathway

    def yearly(stage, branch):
        row = pathway.decision[pathway.index(stage)]
        return compiled.expected.branch[:, row, pathway.branch_names[row].index(branch)].sum(axis=0) * 365

    return yearly


def assert_published(yearly):
    for branch, count in FLOWS.items():
        assert yearly(*branch) == pytest.approx(count, rel=1e-9), branch
    # The printed 575 are people without an eligible need and people who pay for themselves.
    assert yearly("funding", "not_funded") + yearly("means_test", "self_funds") == pytest.approx(575, rel=1e-9)


def test_the_published_picture_comes_out_with_repeats_means_and_hazards(whole):
    assert_published(flows(whole))


@pytest.mark.slow
def test_every_draw_of_the_inputs_keeps_the_published_picture(whole):
    inputs, _ = whole
    for draw in range(12):
        assert_published(flows(whole, inputs.drawn(20160919, draw)))


def test_people_in_care_are_new_care_times_years_in_every_draw(whole):
    """Little's law by group, with what reviews end and who dies on the way; every chance lies between 0 and 1."""
    inputs, _ = whole
    for draw in range(400):
        values = Values(inputs, inputs.drawn(20160919, draw))
        for group in GROUPS:
            new, homes, stay, at_home = named(
                values,
                f"{group}_new_long_term",
                f"{group}_to_homes",
                f"{group}_stay",
                f"{group}_in_community",
            )
            ended = values.named(PRICES, "ended_by_reviews")
            ended *= values.named(PRICES, "learning_disability_ending") if group == "learning_disability" else 1.0
            assert 0 < homes < 1 and stay > 0, (draw, group)
            assert new * (1 - homes) / (1 / stay + ended) == pytest.approx(at_home, rel=1e-9), (draw, group)
        new, homes, years, money, residents = named(
            values,
            "older_new_long_term",
            "older_to_homes",
            "older_home_years",
            "capital_depleted",
            "older_in_homes",
        )
        assert (new * homes + money) * years == pytest.approx(residents, rel=1e-9), draw
        for name in ("older_long_term_after", "older_long_term_at_once", "planned_cuts", "unplanned_raises"):
            assert 0 <= values.named(PRICES, name) <= 1, (draw, name)
        for name in ("older_again", "younger_again", "learning_disability_again", "community_eligible_younger"):
            assert 0 <= values.named(MODEL, name) <= 1, (draw, name)
        above = values.named(DEMAND, "older_above_limit")
        for source in ("community", "hospital"):
            assert 0 <= values.named(MODEL, f"{source}_funded_if_assessed") / (1 - above) <= 1, (draw, source)


def test_people_in_care_times_prices_are_the_published_spend(whole):
    inputs, files = whole
    values = Values(inputs)
    held, care = files[DEMAND].config.held, files[PRICES].config.care
    kinds = [name for name, kind in files[PRICES].config.care_types.items() if kind.long_term]
    spend = {
        group: sum(
            values.of(held[group][kind], DEMAND) * values.of(care[group][kind].weekly_cost, PRICES) * 52.14
            for kind in kinds
        )
        for group in held
    }
    assert spend["older_people"] == pytest.approx(40.05e6, rel=0.01)
    assert sum(spend[group] for group in YOUNGER) == pytest.approx(52.62e6, rel=0.01)


def test_raises_and_cuts_of_reviews_balance_in_every_draw(whole):
    inputs, _ = whole
    for draw in range(100):
        values = Values(inputs, inputs.drawn(20160919, draw))
        raised, cut = named(values, "review_raise", "review_cut")
        for kind in ("planned", "unplanned"):
            raises, cuts = named(values, f"{kind}_raises", f"{kind}_cuts")
            assert raises * raised == pytest.approx(cuts * cut, rel=1e-9), draw


def test_shares_of_england_that_set_no_input_come_out_near(whole):
    """Of those supported in a year 26% leave in it; 74% at its end have had support for over a year (SALT 2014-15)."""
    inputs, _ = whole
    values = Values(inputs)
    stock, left, recent = 0.0, 0.0, 0.0
    shape, older_home_years = named(values, "stay_shape", "older_home_years")
    years = np.linspace(0, 1, 1001)
    scale = older_home_years / math.gamma(1 + 1 / shape)
    first_year = float(np.trapezoid(np.exp(-((years / scale) ** shape)), years)) / older_home_years
    for group in GROUPS:
        at_home, homes = named(values, f"{group}_in_community", f"{group}_in_homes")
        name = "in_care_years" if group == "learning_disability" else "community_years"
        mean = values.named(PRICES, f"{group}_{name}")
        in_home = {"older": older_home_years, "learning_disability": mean}.get(
            group, values.named(PRICES, "younger_home_years")
        )
        stock += at_home + homes
        left += at_home / mean + homes / in_home
        recent += at_home * (1 - math.exp(-1 / mean))
        recent += homes * (first_year if group == "older" else 1 - math.exp(-1 / in_home))
    assert left / (stock + left) == pytest.approx(0.26, abs=0.03)
    assert 1 - recent / stock == pytest.approx(0.74, abs=0.03)


def test_crises_can_be_switched_off(whole):
    def reached(over):
        compiled = compiled_with(whole, over)
        return compiled.expected.reach[:, compiled.pathway.index("crisis")].sum() * 365

    assert 20 < reached({}) < 100
    assert reached({f"{MODEL}.crises": 0.0, f"{MODEL}.crisis_after_longest_wait": 0.0}) == 0.0


def outside(readings, cells, replications):
    """Cells whose mean over replications and years is further off than the table allows, chance added."""
    found = []
    for cell in cells:
        read = readings(cell.measure, replications)
        # Years of one replication hang together, so chance is judged by replications where there are several.
        chance = 3 * math.sqrt(cell.published / read.size) if cell.people and "in_care" not in cell.measure else 0.0
        if abs(read.mean() - cell.published) > max(cell.near_enough, chance):
            found.append((cell.measure, cell.published, float(read.mean())))
    return found


def test_a_run_of_five_years_stays_where_it_started(readings):
    """One replication: people in care by group and kind, reviews, assessments, admissions and spend."""
    assert len(outside(readings, CELLS, 1)) <= 3, outside(readings, CELLS, 1)
    assert outside(readings, SPEND, 1) == []


def test_clients_pay_what_is_published(readings):
    def share(of, by):
        return readings(f"contributions/{of}", 1).sum() / readings(f"gross/{by}", 1).sum()

    assert share("older_people/residential", "older_people/residential") == pytest.approx(0.278, abs=0.02)
    assert share("older_people/nursing", "older_people/nursing") == pytest.approx(0.251, abs=0.02)
    # Over all adult social care £121.4m was spent; contributions by kind set inputs, this share did not.
    assert readings("contributions/all/all", 1).mean() / ALL_GROSS == pytest.approx(0.094, abs=0.02)


def test_stays_in_care_homes_follow_the_fitted_law(readings):
    assert readings("stay/older_people/care_home/median_days", 1).mean() == pytest.approx(462, rel=0.10)
    assert readings("stay/older_people/care_home/over_3_years", 1).mean() == pytest.approx(0.27, abs=0.05)


@pytest.mark.slow
def test_four_runs_of_five_years_are_coherent_in_every_cell(readings):
    assert outside(readings, CELLS, 4) == []
    assert outside(readings, SPEND, 4) == []
    for cell in SPEND:  # no drift: the last year is like the second
        years = readings(cell.measure, 4).mean(axis=0)
        assert years[4] == pytest.approx(years[1], rel=0.03), cell.measure


def of_variant(whole, name):
    inputs, files = whole
    variant = inputs.library.load(SHIPPED / "models" / f"{name}.yaml")
    own = Inputs(inputs.library)
    for loaded in (variant, files[DEMAND], files[PRICES]):
        own.add(loaded)
    return own, {**files, MODEL: variant}


@pytest.mark.slow
def test_with_staff_the_published_picture_is_the_same(whole):
    assert_published(flows(of_variant(whole, "barnet_staffed")))


@pytest.mark.slow
def test_the_optimistic_case_of_enablement_reaches_more_people_and_starts_less_care(whole):
    today, then = flows(whole), flows(of_variant(whole, "barnet_enablement_newton"))
    enabled = [f("first_support", "enablement") + f("first_support", "more_enablement") for f in (today, then)]
    assert then("first_support", "more_enablement") / enabled[0] == pytest.approx(0.4, abs=0.03)
    assert then("setting", "at_home") < today("setting", "at_home")
    # A few of those who are spared long-term care contact the council again: contacts are made up by them.
    assert then("means_test", "funded") == pytest.approx(1982, rel=5e-3)


def test_a_draw_in_which_too_many_assessed_people_could_pay_is_refused(whole):
    with pytest.raises(DemandflowError, match="not between 0 and 1"):
        flows(whole, {f"{DEMAND}.older_above_limit": 0.4})
