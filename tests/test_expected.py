"""Expectations computed from the graph are the ones worked out by hand, and the ones the simulation tends to."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from conftest import A_YEAR, DAY, OUT, arrival, constant, decision, exponential, follows, live, package, service

from agents.codes import Event
from experiments.matching import expected_by_source, matching_transfer
from experiments.plan import prepare
from experiments.replicate import replicate
from experiments.tables import flows
from simulation.errors import ConfigError, DemandflowError
from simulation.tally import MEASURES, axes, counted, tally


def test_a_loop_with_a_way_out_is_a_geometric_number_of_visits(toys):
    stages = {
        "come": arrival("work"),
        "work": service("again"),
        "again": decision(("out", 0.25), ("work", "rest")),
        "out": OUT,
    }
    compiled = toys.compiled(toys.model(stages), toys.demand(sources={"community": 365.0}))
    reach = compiled.expected.reach.sum(axis=0)
    assert reach[compiled.pathway.index("work")] == pytest.approx(4.0, rel=1e-9)
    assert reach[compiled.pathway.index("out")] == pytest.approx(1.0, rel=1e-9)


def test_a_loop_hardly_anybody_leaves_is_refused(toys, monkeypatch):
    monkeypatch.setattr("simulation.flow_pass.MOST_ROUNDS", 1_000)
    stages = {
        "come": arrival("work"),
        "work": service("again"),
        "again": decision(("out", 1e-6), ("work", "rest")),
        "out": OUT,
    }
    with pytest.raises(DemandflowError, match="loop"):
        toys.compiled(toys.model(stages), toys.demand())


def test_need_inside_a_loop_is_refused(toys):
    stages = {
        "come": arrival("work"),
        "work": service("again"),
        "out": OUT,
        "again": decision(("out", 0.25), ("work", "rest"), follows_need=follows(0.5)),
    }
    with pytest.raises(DemandflowError, match="loop"):
        toys.compiled(toys.model(stages), toys.demand())


def test_need_after_a_loop_keeps_its_shares(toys):
    stages = {
        "come": arrival("work"),
        "work": service("again"),
        "again": decision(("door", 0.25), ("work", "rest")),
        "door": decision(("out", 0.3), ("care", "rest"), follows_need=follows(0.5)),
        "out": OUT,
        "care": OUT,
    }
    compiled = toys.compiled(toys.model(stages), toys.demand(sources={"community": 365.0}))
    assert compiled.expected.reach.sum(axis=0)[compiled.pathway.index("out")] == pytest.approx(0.3, rel=1e-9)


def test_rules_and_attributes_split_people_by_their_shares(toys):
    by = {
        "by": ["client_group", "source"],
        "values": {"a": {"community": 0.1, "hospital": 0.2}, "b": {"community": 0.3, "hospital": 0.4}},
    }
    stages = {
        "come": arrival("door"),
        "ward": arrival("door", "hospital"),
        "door": decision(("out", {"can_travel": "false"}), ("care", by), ("out", "rest")),
        "out": OUT,
        "care": OUT,
    }
    demand = toys.demand(sources={"community": 3650.0, "hospital": 7300.0}, groups={"a": 0.3, "b": "rest"})
    compiled = toys.compiled(toys.model(stages), demand)
    care = compiled.expected.reach[:, compiled.pathway.index("care")].sum()
    assert care == pytest.approx(0.5 * (10 * (0.3 * 0.1 + 0.7 * 0.3) + 20 * (0.3 * 0.2 + 0.7 * 0.4)))


def test_the_first_rule_that_holds_is_followed(toys):
    stages = {
        "come": arrival("door"),
        "door": decision(("first", {"can_travel": "false"}), ("second", {"means": ["above_limit", "below_limit"]})),
        "first": OUT,
        "second": OUT,
    }
    compiled = toys.compiled(toys.model(stages), toys.demand(sources={"community": 365.0}))
    reach = compiled.expected.reach.sum(axis=0)
    assert [reach[compiled.pathway.index(s)] for s in ("first", "second")] == pytest.approx([0.5, 0.5])


def test_people_who_meet_no_rule_are_refused(toys):
    stages = {"come": arrival("door"), "door": decision(("out", {"can_travel": "false"})), "out": OUT}
    with pytest.raises(ConfigError, match="rule"):
        toys.compiled(toys.model(stages), toys.demand())


def test_an_attribute_set_on_the_way_is_seen_by_later_rules(toys):
    stages = {
        "come": arrival("helped"),
        "helped": {"kind": "set", "attribute": "can_travel", "value": "true", "to": "door"},
        "door": decision(("home", {"can_travel": "false"}), ("hub", "rest")),
        "home": OUT,
        "hub": OUT,
    }
    compiled = toys.compiled(toys.model(stages), toys.demand(sources={"community": 365.0}))
    reach = compiled.expected.reach.sum(axis=0)
    assert reach[compiled.pathway.index("hub")] == pytest.approx(1.0)
    assert reach[compiled.pathway.index("home")] == 0.0


def test_monthly_probabilities_weigh_by_the_contacts_of_each_month(toys):
    """Short months and busy months count for what they are."""
    by = {"by": ["month"], "values": {str(m): 1.0 if m == 2 else 0.0 for m in range(1, 13)}}
    stages = {"come": arrival("door"), "door": decision(("care", by), ("out", "rest")), "out": OUT, "care": OUT}
    factors = {str(m): 3.0 if m == 2 else 1.0 for m in range(1, 13)}
    for demand, share in (
        (toys.demand(sources={"community": 365.0}), 28 / 365),
        (toys.demand(sources={"community": 365.0}, by_month=factors), 3 * 28 / (365 + 2 * 28)),
    ):
        compiled = toys.compiled(toys.model(stages), demand)
        reach = compiled.expected.reach.sum(axis=0)
        assert reach[compiled.pathway.index("care")] / reach[compiled.pathway.index("come")] == pytest.approx(share)
        taken = compiled.expected.branch.sum(axis=0)[compiled.pathway.decision[compiled.pathway.index("door")]]
        assert taken[0] / taken.sum() == pytest.approx(share)
        assert taken.sum() == pytest.approx(compiled.expected.contacts.sum())


def test_expected_contacts_follow_the_months_factors(toys):
    """A year of 365 days; the expected flows of a table are compared with simulated ones."""
    stages = {"come": arrival("out"), "out": OUT}
    factors = {str(m): 2.0 if m in (4, 5) else 0.5 for m in range(1, 13)}
    demand = toys.demand(sources={"community": 36_500.0}, by_month=factors)
    compiled = toys.compiled(toys.model(stages), demand)
    simulated = sum(toys.maker(demand, A_YEAR).make(2, r).size for r in range(20)) / 20
    expected = expected_by_source(compiled, "contact")["community"]
    assert abs(simulated - expected) < 4 * math.sqrt(expected / 20)


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_simulated_flows_tend_to_the_expected_ones(toys, weight):
    """A pathway with rules, groups, a loop, a change of type and need: every branch within z < 4."""
    by = {"by": ["client_group"], "values": {"a": 0.6, "b": 0.3}}
    stages = {
        "come": arrival("work"),
        "work": service("again", exponential(2.0)),
        "again": decision(("work", 0.2), ("door", "rest")),
        "door": decision(("out", by), ("help", 0.2), ("care", "rest"), follows_need=follows(weight)),
        "help": {"kind": "set", "attribute": "can_travel", "value": "true", "to": "later"},
        "later": decision(("out", {"can_travel": "false"}), ("care", "rest")),
        "care": decision(("out", 0.4), ("home", 0.3), ("ward", "rest"), follows_need=follows(weight)),
        "home": OUT,
        "ward": OUT,
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 30_000.0}, groups={"a": 0.4, "b": "rest"})
    compiled = toys.compiled(toys.model(stages), demand)
    pathway = compiled.pathway
    trace = live(pathway, toys.maker(demand, A_YEAR).make(4, 0)).of(Event.BRANCH)
    for stage in np.flatnonzero(pathway.decision >= 0):
        row = pathway.decision[stage]
        expected = compiled.expected.branch[:, row].sum(axis=0)
        taken = trace.value[trace.stage == stage]
        for b in range(pathway.branches[row]):
            share = expected[b] / expected.sum()
            error = math.sqrt(len(taken) * share * (1 - share))
            assert abs(np.sum(taken == b) - len(taken) * share) < 4 * error + 1e-9, pathway.stages[stage]


EVERY_KIND = {
    "come": {**arrival("work"), "counts_as": "referred_on"},
    "work": {**service("door"), "counts_as": "hub_appointment"},
    "door": {**decision(("out", 0.5), ("change", "rest")), "counts_as": "home_visit"},
    "change": {"kind": "set", "attribute": "can_travel", "value": "true", "to": "care", "counts_as": "enablement"},
    "care": package(),
    "out": {**OUT, "counts_as": "no_council_funding"},
}


def test_every_kind_of_stage_can_count_and_counts_what_is_expected(toys):
    """A measure on any kind of stage is counted in the simulation as in the expectation, once a person."""
    demand, prices = (
        toys.demand(sources={"community": 3000.0}),
        toys.prices({"older_people": {"care": (100.0, constant(1, "days"))}}),
    )
    compiled = toys.compiled(toys.model(EVERY_KIND), demand, prices)
    people = toys.maker(demand, A_YEAR).make(4, 0)
    trace = live(compiled.pathway, people)
    n = people.size
    for measure in (
        "contact",
        "referred_on",
        "hub_appointment",
        "home_visit",
        "enablement",
        "funded_package",
        "no_council_funding",
    ):
        share = expected_by_source(compiled, measure)["community"] / 3000
        got = len(counted(trace, compiled.pathway, measure))
        assert abs(got - n * share) <= 4 * math.sqrt(n * share * max(0.0, 1 - share)) + 1e-6, measure


def test_matching_a_change_is_a_straight_line_cut_at_the_ends():
    assert matching_transfer(100.0, 50.0, -0.24) == pytest.approx(0.48)
    assert matching_transfer(100.0, 90.0, -0.24) == 1.0
    assert matching_transfer(100.0, 120.0, -0.24) == 0.0
    assert matching_transfer(100.0, 100.0, -0.24) == 0.0


def calibrated(toys, *runs, start="2014-04-01"):
    """An experiment of own runs only: (model, demand) names."""
    toys.write(
        "experiments",
        "own",
        {
            "kind": "experiment",
            "name": "own",
            "title": "own",
            "question": "what comes out?",
            "seed": 1,
            "follow_up_days": 30,
            "calibration": {
                "start": date.fromisoformat(start),
                "replications": 40,
                "runs": [{"model": model, "demand": demand} for model, demand in runs],
            },
        },
    )
    return prepare(toys.folder / "experiments" / "own.yaml")


def test_a_source_without_a_way_in_is_refused_and_not_lost(toys):
    toys.model({"come": arrival("out"), "out": OUT})
    toys.demand(sources={"community": 100.0, "hospital": 100.0})
    with pytest.raises(ConfigError, match="no arrival for contacts from 'hospital'"):
        calibrated(toys, ("toy", "toy"))


def test_two_ways_in_for_one_source_are_refused(toys):
    stages = {"come": arrival("one"), "also": arrival("two"), "one": OUT, "two": OUT}
    with pytest.raises(ConfigError, match="community"):
        toys.compiled(toys.model(stages), toys.demand())


def test_one_model_is_not_run_twice_under_one_name(toys):
    toys.model({"come": arrival("out"), "out": OUT})
    toys.demand()
    toys.demand(name="elsewhere", population="elsewhere")
    with pytest.raises(ConfigError, match="twice"):
        calibrated(toys, ("toy", "toy"), ("toy", "elsewhere"))


def test_flows_of_a_year_that_starts_in_any_month_are_a_years_flows(toys):
    """An own run from January to December of a leap year counts all twelve months and expects all 366 days."""
    toys.model({"come": arrival("door"), "door": decision(("a", 0.3), ("b", "rest")), "a": OUT, "b": OUT})
    toys.demand(sources={"community": 10_000.0})
    prepared = calibrated(toys, ("toy", "toy"), start="2016-01-01")
    (run,) = prepared.own
    table = flows(prepared, {run.key: [replicate(run.job, r) for r in range(3)]})
    assert table.n_expected.sum() == pytest.approx(10_000 * 366 / 365)
    assert abs(table.n_mean.sum() - table.n_expected.sum()) < 4 * math.sqrt(10_000 / 3)


def test_measures_of_a_tally_are_the_expected_ones(toys):
    demand, prices = (
        toys.demand(sources={"community": 5000.0}),
        toys.prices({"older_people": {"care": (70.0, exponential(10, "days"))}}),
    )
    compiled = toys.compiled(toys.model(EVERY_KIND), demand, prices)
    people = toys.maker(demand, A_YEAR).make(9, 0)
    trace = live(compiled.pathway, people)
    got = tally(trace, compiled.pathway, people, axes(compiled.pathway, ("older_people",), A_YEAR), A_YEAR)
    assert got.people[MEASURES.index("contact")].sum() == people.size
    assert got.people[MEASURES.index("hub_appointment")].sum() == people.size
    assert got.people[MEASURES.index("funded_package")].sum() == got.starts.sum()
    assert trace.end == A_YEAR.end + 365 * DAY
