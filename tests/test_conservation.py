"""Nobody is lost and nobody is counted twice, whatever the pathway."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from conftest import A_YEAR, DAY, OUT, Toys, arrival, decision, exponential, follows, live, package, rows_of, service
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.codes import Event, Kind
from simulation.population import Finder
from simulation.spells import care_of
from simulation.tally import axes, tally
from simulation.working_time import NEVER

ENDS = (30 * DAY, 200 * DAY, 364 * DAY, A_YEAR.end + 365 * DAY)


@st.composite
def pathways(draw):
    """A random feed-forward pathway of up to eight stages, each leading to later ones."""
    size = draw(st.integers(1, 8))
    names = [f"s{i}" for i in range(size)] + ["out"]
    stages = {"come": arrival("s0"), "ward": arrival(draw(st.sampled_from(names)), "hospital"), "out": OUT}
    for i in range(size):
        later = names[i + 1 :]
        to = names[i + 1]
        kind = draw(st.sampled_from(["service", "decision", "package", "set"]))
        if kind == "service":
            stages[names[i]] = service(
                to, exponential(draw(st.sampled_from([0.5, 40.0, 4000.0]))), team=draw(st.sampled_from(["team", "few"]))
            )
        elif kind == "decision":
            share = draw(st.floats(0.05, 0.95))
            weight = draw(st.sampled_from([0.0, 0.5, 1.0]))
            stages[names[i]] = {
                "kind": "decision",
                "follows_need": follows(weight),
                "branches": [
                    {"name": "a", "to": draw(st.sampled_from(later)), "probability": share},
                    {"name": "b", "to": to, "probability": "rest"},
                ],
            }
        elif kind == "package":
            stages[names[i]] = package(to, stay=exponential(draw(st.sampled_from([2.0, 400.0])), "days"))
        else:
            stages[names[i]] = {"kind": "set", "attribute": "means", "value": "above_limit", "to": to}
    return stages


@pytest.fixture(scope="module")
def random_toys(tmp_path_factory):
    return Toys(tmp_path_factory.mktemp("random"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stages=pathways(), end=st.sampled_from(ENDS), staff=st.integers(1, 4))
def test_every_contact_is_somewhere_once(random_toys, stages, end, staff):
    demand = random_toys.demand(sources={"community": 500.0, "hospital": 200.0})
    pathway = random_toys.compiled(random_toys.model(stages, teams={"team": "unlimited", "few": staff}), demand).pathway
    people = random_toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(pathway, people, end=end)
    came = people.person[people.time < end]

    contacts = trace.of(Event.CONTACT).person
    assert sorted(contacts.tolist()) == sorted(came.tolist())
    left = trace.of(Event.OUTCOME).person
    assert len(set(left.tolist())) == len(left)

    # Whoever has not left is in exactly one place: waiting, being served, or in care.
    place: Counter = Counter()
    step = {
        Event.JOIN: ("waiting", 1),
        Event.START: ("waiting", -1),
        Event.PACKAGE_START: ("care", 1),
        Event.PACKAGE_END: ("care", -1),
    }
    for _, person, _, event, _ in rows_of(trace):
        if event in step:
            name, by = step[Event(event)]
            place[person, name] += by
        if event in (Event.START, Event.END):
            place[person, "served"] += 1 if event == Event.START else -1
    somewhere: Counter = Counter()
    for (person, _), count in place.items():
        assert count in (0, 1)
        somewhere[person] += count
    gone = set(left.tolist())
    for person in came.tolist():
        assert somewhere[person] == (0 if person in gone else 1)

    got = tally(trace, pathway, people, axes(pathway, ("older_people",), A_YEAR), A_YEAR)
    in_care = sum(v for (_, name), v in place.items() if name == "care")
    assert got.unfinished.tolist() == [len(came) - len(gone) - in_care, in_care]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stages=pathways())
def test_whoever_enters_a_stage_leaves_it_for_one_next_stage(random_toys, stages):
    """Flow in equals flow out, stage by stage, in a run that lets everybody finish."""
    demand = random_toys.demand(sources={"community": 500.0, "hospital": 200.0})
    pathway = random_toys.compiled(random_toys.model(stages), demand).pathway
    people = random_toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(pathway, people, end=A_YEAR.end * 60)
    entered = np.zeros(len(pathway.stages), dtype=int)
    first = {
        Kind.ARRIVAL: Event.CONTACT,
        Kind.SERVICE: Event.JOIN,
        Kind.DECISION: Event.BRANCH,
        Kind.SET: Event.SET,
        Kind.PACKAGE: Event.PACKAGE_START,
        Kind.OUTCOME: Event.OUTCOME,
    }
    came_from = np.zeros(len(pathway.stages), dtype=int)
    for s in range(len(pathway.stages)):
        rows = trace.where((trace.stage == s) & (trace.event == first[Kind(pathway.kind[s])]))
        entered[s] = rows.rows
        if pathway.decision[s] >= 0:
            for b, to in enumerate(pathway.leads_to(s)):
                came_from[to] += int((rows.value == b).sum())
        elif pathway.following[s] >= 0:
            came_from[pathway.following[s]] += rows.rows
    arrivals = pathway.kind == Kind.ARRIVAL
    assert entered[arrivals].sum() == people.size
    assert np.array_equal(entered[~arrivals], came_from[~arrivals])
    assert entered[pathway.kind == Kind.OUTCOME].sum() == people.size


def test_every_contact_of_the_shipped_comparison_is_somewhere_once(main_job):
    from experiments.replicate import _run

    job = main_job.comparison.job
    people = job.maker.make(job.seed, 0)
    for pathway in (job.nobody, job.everybody):
        trace = _run(job, pathway, people, 0)
        got = tally(trace, pathway, people, job.axes, job.calendar)
        left = trace.of(Event.OUTCOME).rows
        care, _ = care_of(trace, pathway, Finder(people)(trace.person))
        assert np.array_equal(np.sort(trace.of(Event.CONTACT).person), np.sort(people.person))
        assert left + int((care.stop == NEVER).sum()) + int(got.unfinished[0]) == people.size
        assert got.unfinished[0] == 0, "a year of follow-up brings everybody to an outcome or into care"


def test_a_rule_that_nobody_meets_sends_nobody(toys):
    stages = {
        "come": arrival("door"),
        "door": decision(("a", {"means": "above_limit"}), ("b", "rest")),
        "a": OUT,
        "b": OUT,
    }
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages), demand).pathway
    trace = live(pathway, toys.crowd(demand, [1, 2, 3]))
    assert trace.of(Event.BRANCH).value.tolist() == [1, 1, 1]
