"""Hazards: what cuts a wait or a stay short, and which of several comes first."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import A_YEAR, DAY, HOUR, OUT, arrival, constant, decision, exponential, live, package, service
from kinds import YEAR, change, fork, hazard, lived, longest, made, outcome, places, replay, with_constant

from agents.codes import Event

DIED = outcome("died")


def short(rows, *left_out):
    return [row[:4] for row in rows if row[3] not in ("weekly", *left_out)]


def in_care(days=10.0, rate=1.0, **more):
    return {
        "come": arrival("care"),
        "care": package("out", stay=constant(days, "days")),
        "death": hazard(["care"], "died", rate),
        "died": DIED,
        "out": OUT,
        **more,
    }


def test_a_hazard_ends_care_and_leads_elsewhere(toys):
    pathway = with_constant(made(toys, in_care()), "death", 3 * DAY)
    rows = lived(toys, pathway, [0.0])
    assert short(rows) == [
        (0.0, 1, "care", "package_start"),
        (72.0, 1, "death", "hazard"),
        (72.0, 1, "care", "package_end"),
        (72.0, 1, "died", "outcome"),
    ]
    assert [v for *_, e, v in rows if e == "hazard"] == [pathway.index("care")]


@pytest.mark.parametrize(("ticks", "event"), [(-1, "hazard"), (0, None), (1, None)])
def test_a_natural_end_in_the_same_millisecond_comes_first(toys, ticks, event):
    pathway = with_constant(made(toys, in_care()), "death", 10 * DAY + ticks)
    events = [e for *_, e, _ in lived(toys, pathway, [0.0])]
    assert ("hazard" in events) == (event == "hazard")
    stages = in_care() | {"come": arrival("care"), "care": places("out", "unlimited", 240.0)}
    pathway = with_constant(made(toys, stages), "death", 10 * DAY + ticks)
    events = [e for *_, e, _ in lived(toys, pathway, [0.0])]
    assert ("hazard" in events) == (event == "hazard")


def test_a_place_that_is_left_early_goes_to_the_next_in_the_queue(toys):
    stages = in_care() | {"care": places("out", 1.0, 240.0)}
    pathway = with_constant(made(toys, stages), "death", 3 * DAY)
    rows = short(lived(toys, pathway, [0.0, 24.0]))
    assert rows == [
        (0.0, 1, "care", "join"),
        (0.0, 1, "care", "start"),
        (24.0, 2, "care", "join"),
        (72.0, 1, "death", "hazard"),
        (72.0, 1, "care", "end"),
        (72.0, 1, "died", "outcome"),
        (72.0, 2, "care", "start"),
        (144.0, 2, "death", "hazard"),
        (144.0, 2, "care", "end"),
        (144.0, 2, "died", "outcome"),
    ]


def queue(**more):
    return {
        "come": arrival("desk"),
        "desk": service("out", 100.0, **more),
        "fall": hazard(["desk"], "ward", 1.0),
        "ward": OUT,
        "out": OUT,
    }


def test_a_hazard_of_waiting_ends_with_the_wait(toys):
    """Who is being served is no longer waiting; who waits 40 hours leaves."""
    pathway = with_constant(made(toys, queue(), teams={"team": 1}), "fall", 40 * HOUR)
    assert short(lived(toys, pathway, [0.0, 10.0, 70.0])) == [
        (0.0, 1, "desk", "join"),
        (0.0, 1, "desk", "start"),
        (10.0, 2, "desk", "join"),
        (50.0, 2, "fall", "hazard"),
        (50.0, 2, "ward", "outcome"),
        (70.0, 3, "desk", "join"),
        (100.0, 1, "desk", "end"),
        (100.0, 1, "out", "outcome"),
        (100.0, 3, "desk", "start"),
        (200.0, 3, "desk", "end"),
        (200.0, 3, "out", "outcome"),
    ]


def test_being_called_comes_before_a_hazard_of_the_same_millisecond(toys):
    pathway = with_constant(made(toys, queue(), teams={"team": 1}), "fall", 40 * HOUR)
    assert (100.0, 2, "desk", "start") in short(lived(toys, pathway, [0.0, 60.0]))


@pytest.mark.parametrize(("fall", "event"), [(39, "hazard"), (40, "hazard"), (41, "overflow")])
def test_of_a_hazard_and_a_longest_wait_the_first_counts_and_the_hazard_if_they_are_alike(toys, fall, event):
    stages = queue(longest_wait=longest(40.0, "lost")) | {"lost": OUT}
    pathway = with_constant(made(toys, stages, teams={"team": 1}), "fall", fall * HOUR)
    events = [e for _, p, _, e, _ in lived(toys, pathway, [0.0, 10.0]) if p == 2]
    assert [e for e in events if e in ("hazard", "overflow")] == [event]


def test_a_death_while_waiting_ends_the_care_that_runs_beside(toys):
    stages = queue() | {
        "come": arrival("first"),
        "first": package("second", "telecare", stay=constant(90, "days"), goes_on=True),
        "second": package("desk", "day_care", goes_on=True),
        "ward": DIED,
    }
    pathway = with_constant(made(toys, stages, teams={"team": 1}), "fall", 40 * HOUR)
    rows = short(lived(toys, pathway, [0.0, 10.0], end=50 * DAY))
    assert [row for row in rows if row[1] == 2 and row[0] > 10] == [
        (50.0, 2, "fall", "hazard"),
        (50.0, 2, "ward", "outcome"),
        (50.0, 2, "first", "package_end"),
        (50.0, 2, "second", "package_end"),
    ]


def test_a_rate_of_nothing_never_comes_and_rates_may_differ_between_people(toys):
    by = {"by": ["means"], "values": {"below_limit": 400.0, "above_limit": 0.0}}
    pathway = made(toys, in_care(days=4000.0, rate=by))
    rows = lived(toys, pathway, [0.0] * 20, means=["below_limit", "above_limit"] * 10, end=8000 * DAY)
    gone = {p for _, p, _, e, _ in rows if e == "hazard"}
    assert gone == set(range(1, 20, 2))


def test_a_hazard_interrupts_a_review_that_waits(toys):
    """A death on day 5 in care whose review waits since day 3."""
    stages = in_care(
        days=30.0,
        due=fork("care", "visit", 3),
        visit=service("done", constant(20, "days"), team="visitors"),
        done=outcome("reviewed"),
    )
    pathway = with_constant(made(toys, stages, teams={"visitors": 1}), "death", 5 * DAY)
    rows = short(lived(toys, pathway, [0.0, 0.0]))
    assert [row for row in rows if row[0] >= 120.0] == [
        (120.0, 1, "death", "hazard"),
        (120.0, 1, "care", "package_end"),
        (120.0, 1, "died", "outcome"),
        (120.0, 2, "death", "hazard"),
        (120.0, 2, "care", "package_end"),
        (120.0, 2, "visit", "withdrawn"),
        (120.0, 2, "due", "reviewed"),
        (120.0, 2, "died", "outcome"),
        (552.0, 1, "visit", "end"),
        (552.0, 1, "due", "reviewed"),
    ]


@pytest.mark.parametrize("kind", ["package", "places"])
def test_hazards_compete_with_an_exponential_stay_and_with_one_another(toys, kind):
    """Shares of the ways out are in proportion to their rates; the stay is as long as all of them together say."""
    mean = 60.0
    law = exponential(mean, "days")
    made_of = package("out", stay=law) if kind == "package" else places("out", "unlimited", law)
    stages = {
        "come": arrival("stay"),
        "stay": made_of,
        "death": hazard(["stay"], "died", 3.0),
        "hospital": hazard(["stay"], "ward", 5.0),
        "died": DIED,
        "ward": OUT,
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 15_000.0})
    compiled = toys.compiled(toys.model(stages), demand)
    pathway = compiled.pathway
    rates = {"out": YEAR / 24 / mean, "died": 3.0, "ward": 5.0}
    people = toys.maker(demand, A_YEAR).make(5, 0)
    trace = live(pathway, people, end=3000 * DAY)
    replay(trace, pathway)
    ends = trace.stage[trace.event == Event.OUTCOME]
    reach = compiled.expected.reach.sum(axis=0) / compiled.expected.contacts.sum()
    for name, rate in rates.items():
        share = rate / sum(rates.values())
        at = pathway.index(name)
        assert reach[at] == pytest.approx(share, rel=1e-4)
        assert abs(np.sum(ends == at) - people.size * share) < 4 * math.sqrt(people.size * share * (1 - share))
    length = (np.sum(trace.of(Event.OUTCOME).time) - np.sum(people.time)) / people.size
    mean_ticks = YEAR * HOUR / sum(rates.values())
    assert abs(length - mean_ticks) < 4 * mean_ticks / math.sqrt(people.size)


def test_hazards_cut_a_constant_stay_short_as_often_as_their_rate_says(toys):
    compiled = toys.compiled(toys.model(in_care(days=60.0, rate=3.0)), toys.demand())
    share = 1 - math.exp(-3.0 * 60 * 24 / YEAR)
    reach = compiled.expected.reach.sum(axis=0) / compiled.expected.contacts.sum()
    assert reach[compiled.pathway.index("died")] == pytest.approx(share, rel=1e-4)


def test_a_need_that_rises_while_waiting_is_the_need_that_later_decisions_see(toys):
    """Where nobody waits, everybody is at the lightest end: who fell while waiting is heavier than all of them."""
    stages = queue() | {
        "ward": change("need", "choice", towards_heaviest=0.9),
        "out": {"kind": "set", "attribute": "need", "towards_lightest": 1.0, "to": "choice"},
        "choice": decision(("light", 0.5), ("heavy", "rest"), follows_need={"weight": 1.0}),
        "light": OUT,
        "heavy": OUT,
    }
    demand = toys.demand(sources={"community": 365.0})
    pathway = with_constant(made(toys, stages, demand=demand, teams={"team": 1}), "fall", 40 * HOUR)
    rows = lived(toys, pathway, [0.0, 10.0], rank=[0.2, 0.1])
    assert [(p, s) for _, p, s, e, _ in rows if e == "outcome"] == [(2, "heavy"), (1, "light")]
