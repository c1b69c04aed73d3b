"""An independent simulator, Ciw, comes to the same waits and numbers, on a pathway that both can express.

The pathway, open at all hours: a desk of two (exponential, 20 minutes); a fifth leave; half of the others have an
appointment at a hub of one, half a visit by two (lognormal); all of them are assessed by three (lognormal), and three
in ten are urgent and go first; half then have enablement, of which there are three places (lognormal).

What is compared, in two steps, because waits alone vary so much from run to run that ±3% with two sets of random
numbers would take some seven million contacts of each program:

1. *The same luck.* Ciw is given our contacts, routes and lengths of work, and does the rest: who waits, who is next,
   who is served. Then every single wait must be ours, to the millisecond, so that the ratio of means is 1 and its
   interval has no width.
2. *Luck of its own.* Ciw draws everything itself. Then visits, lengths of work (mean and mean square), the mean number
   and the mean time in each stage must be equivalent: the 90% interval of the ratio of means lies within ±3% (two
   one-sided tests at 5% each). The runs are long enough for that to be no matter of luck: the half-width must also be
   under 2%. Mean waits must lie less than 4 standard errors apart; with equal arrivals and lengths of work, the first
   step says that they have the same law.

Visits count that ended before a run's end, in both programs alike, and both begin empty.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import ciw
import numpy as np
import pytest
from conftest import DAY, HOUR, OUT, arrival, decision, exponential, live, service
from scipy import stats

from agents.codes import Event
from simulation.calendar import Calendar

CONTACTS_AN_HOUR = 3.0
URGENT = 0.3
LEAVE, HUB, ENABLED = 0.2, 0.5, 0.5
SIGMA = 0.5
MEANS = {"desk": 1 / 3, "hub": 0.4, "visit": 0.8, "assessment": 0.7, "enablement": 1.25}
SERVERS = {"desk": 2, "hub": 1, "visit": 2, "assessment": 3, "enablement": 3}
STAGES = list(MEANS)


def law(stage):
    return {"distribution": "lognormal", "mean": MEANS[stage], "sigma": SIGMA, "unit": "hours"}


OUR_STAGES = {
    "come": arrival("desk"),
    "desk": service("after_desk", exponential(MEANS["desk"]), team="desk"),
    "after_desk": decision(("out", LEAVE), ("where", "rest")),
    "where": decision(("hub", HUB), ("visit", "rest")),
    "hub": service("assessment", law("hub"), team="hub"),
    "visit": service("assessment", law("visit"), team="visit"),
    "assessment": service(
        "after",
        law("assessment"),
        team="assessment",
        priority={"by": ["means"], "values": {"below_limit": 1.0, "above_limit": 0.0}},
    ),
    "after": decision(("out", 1 - ENABLED), ("enablement", "rest")),
    "enablement": {
        "kind": "places",
        "places": float(SERVERS["enablement"]),
        "stay": law("enablement"),
        "to": "out",
    },
    "out": OUT,
}


@dataclass
class Visits:
    """Visits to one stage, in hours: who, when they joined, began and ended; urgent or not."""

    who: np.ndarray
    joined: np.ndarray
    begun: np.ndarray
    ended: np.ndarray
    urgent: np.ndarray


@pytest.fixture
def ours(toys):
    """A function from (calendar, replication) to our visits by stage, and the people."""
    spread = {"title": "urgent", "values": ["below_limit", "above_limit"]}
    means = {**spread, "shares": {"all": {"above_limit": URGENT, "below_limit": "rest"}}}
    demand = toys.demand(sources={"community": CONTACTS_AN_HOUR * 24 * 365}, person={"means": means})
    teams = {name: SERVERS[name] for name in STAGES if name != "enablement"}
    pathway = toys.compiled(toys.model(OUR_STAGES, teams=teams), demand).pathway

    def run(calendar, replication, more=0):
        people = toys.maker(demand, calendar).make(17, replication)
        trace = live(pathway, people, calendar, end=calendar.end + more, replication=replication)
        order = np.argsort(people.person)
        found = {}
        for name in STAGES:
            rows = trace.where(trace.stage == pathway.index(name))
            joined, begun, ended = (by_person(rows.of(e)) for e in (Event.JOIN, Event.START, Event.END))
            who = np.array(sorted(ended))
            place = order[np.searchsorted(people.person[order], who)]
            times = (np.array([t[p] for p in who.tolist()]) for t in (joined, begun, ended))
            found[name] = Visits(who, *times, people.codes["means"][place] == 1)
        return found, people

    return run


def by_person(rows):
    return dict(zip(rows.person.tolist(), rows.time.tolist(), strict=True))


# ---- Ciw ----


class UrgentAtAssessment(ciw.Node):
    """On leaving a stage: urgent people are in the first class while they are assessed, and only then."""

    def change_customer_class(self, individual):
        individual.previous_class = individual.customer_class
        individual.prev_priority_class = individual.priority_class
        if not hasattr(individual, "urgent"):
            individual.urgent = ciw.random.random() < URGENT
        first = individual.urgent and self.id_number in (2, 3)
        individual.customer_class = "first" if first else "second"
        individual.priority_class = 0 if first else 1


def ciw_run(arrivals, lengths, routing, end, seed):
    """Visits by stage of one run of Ciw, in whatever unit its times are; those that ended."""
    classes = ("first", "second")
    network = ciw.create_network(
        arrival_distributions={"first": [None] * 5, "second": [arrivals] + [None] * 4},
        service_distributions=dict.fromkeys(classes, lengths),
        number_of_servers=[SERVERS[name] for name in STAGES],
        priority_classes={"first": 0, "second": 1},
        routing=dict.fromkeys(classes, routing),
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network, node_class=UrgentAtAssessment)
    simulation.simulate_until_max_time(end)
    urgent = {one.id_number: getattr(one, "urgent", False) for one in simulation.get_all_individuals()}
    found = defaultdict(list)
    for row in simulation.get_all_records():
        number, begun = row.id_number, row.service_start_date
        found[STAGES[row.node - 1]].append((number, row.arrival_date, begun, row.exit_date, urgent[number]))
    return {name: Visits(*np.array(sorted(rows)).T) for name, rows in found.items()}


def means_of(visits, hours):
    """Measures of one run: visits, hours waited and at work, hours and people in each stage."""
    found = {}
    for name, one in visits.items():
        waited, here = one.begun - one.joined, one.ended - one.joined
        found[name, "visits"] = len(here)
        found[name, "length"] = (one.ended - one.begun).mean()
        found[name, "squared length"] = ((one.ended - one.begun) ** 2).mean()
        found[name, "time in stage"] = here.mean()
        found[name, "number in stage"] = here.sum() / hours
        if name == "assessment":
            first = one.urgent.astype(bool)
            found[name, "wait of urgent"], found[name, "wait of others"] = waited[first].mean(), waited[~first].mean()
        else:
            found[name, "wait"] = waited.mean()
    return found


def ratio_of_means(a, b):
    """Ratio of two means of independent runs: the ratio, and the half-width of its 90% interval (Welch's t)."""
    mean = [np.mean(x) for x in (a, b)]
    error = [np.var(x, ddof=1) / len(x) / m**2 for x, m in zip((a, b), mean, strict=True)]  # of the logarithm
    freedom = sum(error) ** 2 / sum(e**2 / (len(x) - 1) for e, x in zip(error, (a, b), strict=True))
    return mean[0] / mean[1], stats.t.ppf(0.95, freedom) * math.sqrt(sum(error)), math.sqrt(sum(error))


# ---- Step 1: the same luck ----


class Given(ciw.dists.Distribution):
    """The length of work that our run drew for this person at this stage."""

    def __init__(self, lengths):
        super().__init__()
        self.lengths = lengths

    def sample(self, t=None, ind=None):
        return self.lengths[ind.id_number]


@pytest.mark.parametrize("replication", range(3))
def test_given_the_same_luck_ciw_lets_everybody_wait_just_as_long(ours, replication):
    calendar = Calendar(date(2014, 4, 1), 2)
    mine, people = ours(calendar, replication, more=30 * DAY)
    number = {person: place for place, person in enumerate(people.person.tolist(), 1)}
    lengths = {}
    route = defaultdict(list)
    for place, name in enumerate(STAGES, 1):
        one = mine[name]
        who = [number[p] for p in one.who.tolist()]
        lengths[name] = dict(zip(who, (one.ended - one.begun).astype(float).tolist(), strict=True))
        for person in who:
            route[person].append(place)
    urgent = people.codes["means"] == 1

    def way(individual, _):
        individual.urgent = bool(urgent[individual.id_number - 1])
        return route[individual.id_number][1:]

    gaps = np.diff(people.time, prepend=0).astype(float).tolist()  # milliseconds: whole numbers, exact in floats
    theirs = ciw_run(
        ciw.dists.Sequential([*gaps, math.inf]),
        [Given(lengths[name]) for name in STAGES],
        ciw.routing.ProcessBased(way),
        float(calendar.end + 30 * DAY),
        seed=replication,
    )
    assert people.size > 4_000
    for name in STAGES:
        one, other = mine[name], theirs[name]
        order = np.argsort([number[p] for p in one.who.tolist()])
        waited = (one.begun - one.joined)[order]
        assert len(waited) == len(other.begun)
        assert np.array_equal(waited, (other.begun - other.joined).astype(np.int64)), name
        assert np.array_equal(one.ended[order], other.ended.astype(np.int64)), name
        assert (waited > 0).mean() > 0.1, "somebody must wait, or nothing is compared"
        assert waited.sum() / (other.begun - other.joined).sum() == pytest.approx(1, abs=0.03)
    assert np.array_equal(mine["assessment"].urgent.sum(), theirs["assessment"].urgent.sum())


# ---- Step 2: luck of its own ----

EQUIVALENT = 0.03
RUNS = 30


@pytest.mark.slow
def test_with_luck_of_its_own_ciw_has_the_same_means(ours):
    calendar = Calendar(date(2014, 4, 1), 7)
    hours = calendar.end / HOUR
    here, there = defaultdict(list), defaultdict(list)
    lengths = [
        ciw.dists.Exponential(1 / MEANS["desk"]),
        *(ciw.dists.Lognormal(math.log(MEANS[name]) - SIGMA**2 / 2, SIGMA) for name in STAGES[1:]),
    ]
    onward = [
        [0.0, (1 - LEAVE) * HUB, (1 - LEAVE) * (1 - HUB), 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, ENABLED],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ]
    for number in range(RUNS):
        mine = {
            name: Visits(v.who, *(t / HOUR for t in (v.joined, v.begun, v.ended)), v.urgent)
            for name, v in ours(calendar, number)[0].items()
        }
        routing = ciw.routing.TransitionMatrix(onward)
        theirs = ciw_run(ciw.dists.Exponential(CONTACTS_AN_HOUR), lengths, routing, hours, seed=number)
        for found, visits in ((here, mine), (there, theirs)):
            for measure, value in means_of(visits, hours).items():
                found[measure].append(value)
    assert here.keys() == there.keys()
    assert len(here) == 5 * 6 + 1
    for measure, values in here.items():
        ratio, half, error = ratio_of_means(values, there[measure])
        about = f"{measure}: {np.mean(values):.4g} and {np.mean(there[measure]):.4g}, ratio {ratio:.4f} ± {half:.4f}"
        print(about)
        if measure[1].startswith("wait"):
            assert abs(math.log(ratio)) < 4 * error, about
            assert error < 0.05, about
        else:
            assert ratio * math.exp(-half) > 1 - EQUIVALENT, about
            assert ratio * math.exp(half) < 1 + EQUIVALENT, about
            assert half < 0.02, about
