"""Places that people occupy, queues that people leave, and the queue theory of both."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import A_YEAR, DAY, OUT, Toys, arrival, constant, exponential, live, package, service
from kinds import appointments, lived, longest, made, places, priced, replay

from agents.codes import Event


def stay(number=1.0, hours=24.0, **more):
    return {"come": arrival("home"), "home": places("out", number, hours, **more), "out": OUT}


def short(rows, *left_out):
    return [row[:4] for row in rows if row[3] not in left_out]


def test_who_finds_every_place_taken_waits_until_one_is_free(toys):
    rows = lived(toys, made(toys, stay()), [0.0, 1.0])
    assert short(rows, "outcome") == [
        (0.0, 1, "home", "join"),
        (0.0, 1, "home", "start"),
        (1.0, 2, "home", "join"),
        (24.0, 1, "home", "end"),
        (24.0, 2, "home", "start"),
        (48.0, 2, "home", "end"),
    ]


def test_a_place_is_for_calendar_time_and_has_no_opening_hours(toys):
    """Contacts on a Saturday night; the stay runs through the weekend."""
    rows = lived(toys, made(toys, stay(2.0, 30.0)), [4 * 24 + 23.0])
    assert short(rows)[1:3] == [(119.0, 1, "home", "start"), (149.0, 1, "home", "end")]


def test_places_are_given_by_class_and_then_by_who_came_first(toys):
    by = {"by": ["means"], "values": {"below_limit": 1.0, "above_limit": 0.0}}
    pathway = made(toys, stay(priority=by))
    rows = lived(toys, pathway, [0.0, 1.0, 2.0], means=["below_limit", "below_limit", "above_limit"])
    assert [(t, p) for t, p, _, e, _ in rows if e == "start"] == [(0.0, 1), (24.0, 3), (48.0, 2)]


def test_a_price_is_told_when_the_stay_begins(toys):
    prices = priced(toys, {"older_people": {"enablement": {"weekly_cost": 12.5, "stay": constant(2, "days")}}})
    stages = {"come": arrival("home"), "home": {**places("out"), "care_type": "enablement"}, "out": OUT}
    rows = lived(toys, made(toys, stages, prices=prices), [0.0])
    assert [(t, e, v) for t, _, s, e, v in rows if s == "home"] == [
        (0.0, "join", 0),
        (0.0, "start", 0),
        (0.0, "weekly", 1250),
        (24.0, "end", 0),
    ]


def test_fewer_places_put_nobody_out_and_more_take_in_those_who_wait(toys):
    """Two places in April, one from May, three from June: May begins on day 30, June on day 61."""
    number = {"by_month": {"2014-04": 2.0, "2014-05": 1.0, "2014-06": 3.0}}
    pathway = made(toys, stay(number, 40 * 24.0))
    rows = lived(toys, pathway, [0.0, 10 * 24.0, 24 * 24.0, 25 * 24.0, 26 * 24.0])
    assert [(t / 24, p) for t, p, _, e, _ in rows if e == "start"] == [
        (0, 1),
        (10, 2),
        (50, 3),  # the first leaves on day 40 and is not replaced, the second on day 50
        (61, 4),
        (61, 5),
    ]


def waits(number=1.0, hours=24.0, after=10.0):
    return stay(number, hours, longest_wait=longest(after, "turned_away")) | {"turned_away": OUT}


def test_who_has_waited_too_long_leaves_the_queue_and_is_passed_over(toys):
    rows = lived(toys, made(toys, waits()), [0.0, 1.0, 20.0])
    assert short(rows) == [
        (0.0, 1, "home", "join"),
        (0.0, 1, "home", "start"),
        (1.0, 2, "home", "join"),
        (11.0, 2, "home", "overflow"),
        (11.0, 2, "turned_away", "outcome"),
        (20.0, 3, "home", "join"),
        (24.0, 1, "home", "end"),
        (24.0, 1, "out", "outcome"),
        (24.0, 3, "home", "start"),
        (48.0, 3, "home", "end"),
        (48.0, 3, "out", "outcome"),
    ]


def test_a_place_that_comes_free_at_the_longest_wait_is_still_taken(toys):
    """Ends come before overflows in a millisecond, and who has been called is not turned away."""
    rows = lived(toys, made(toys, waits()), [0.0, 14.0])
    assert (24.0, 2, "home", "start") in short(rows)
    assert all(e != "overflow" for *_, e, _ in rows)


def test_of_two_who_have_waited_as_long_only_the_one_who_is_called_stays(toys):
    rows = lived(toys, made(toys, waits()), [0.0, 14.0, 14.0])
    assert [row for row in short(rows) if row[0] == 24.0] == [
        (24.0, 1, "home", "end"),
        (24.0, 1, "out", "outcome"),
        (24.0, 3, "home", "overflow"),
        (24.0, 3, "turned_away", "outcome"),
        (24.0, 2, "home", "start"),
    ]


def test_a_longest_wait_of_nothing_turns_away_whoever_is_not_served_at_once(toys):
    rows = lived(toys, made(toys, waits(after=0.0)), [0.0, 3.0])
    assert short(rows)[2:5] == [
        (3.0, 2, "home", "join"),
        (3.0, 2, "home", "overflow"),
        (3.0, 2, "turned_away", "outcome"),
    ]


def test_a_queue_at_night_is_left_at_night(toys):
    """A team that opens at nine: who may wait two hours from midnight leaves at two."""
    hours = {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    stages = {
        "come": arrival("desk"),
        "desk": service("out", 1.0, longest_wait=longest(2.0, "lost")),
        "lost": OUT,
        "out": OUT,
    }
    toys.model(stages, teams={"team": 1})
    text = (toys.folder / "models" / "toy.yaml").read_text()
    path = toys.write("models", "toy", text.replace("practitioners: 1.0", f"practitioners: 1.0\n    hours: {hours}"))
    pathway = toys.compiled(toys.fresh(path), toys.demand()).pathway
    rows = lived(toys, pathway, [0.0, 8.0])
    assert [(t, p, e) for t, p, _, e, _ in rows if e in ("overflow", "start")] == [
        (2.0, 1, "overflow"),
        (9.0, 2, "start"),
    ]


def test_the_way_after_too_long_a_wait_can_lead_to_another_queue(toys):
    stages = {
        "come": arrival("desk"),
        "desk": service("out", 5.0, longest_wait=longest(1.0, "phone")),
        "phone": service("out", 5.0, team="callers", longest_wait=longest(1.0, "desk_again")),
        "desk_again": service("out", 5.0),
        "out": OUT,
    }
    rows = lived(toys, made(toys, stages, teams={"team": 1, "callers": 1}), [0.0, 0.0, 0.0])
    assert [(t, p, s, e) for t, p, s, e, _ in rows if e in ("overflow", "start")] == [
        (0.0, 1, "desk", "start"),
        (1.0, 2, "desk", "overflow"),
        (1.0, 2, "phone", "start"),
        (1.0, 3, "desk", "overflow"),
        (2.0, 3, "phone", "overflow"),
        (5.0, 3, "desk_again", "start"),
    ]


def turned_away(rate, mean, servers, patience, constant_patience):
    """Share that leaves an M/M/c queue with patience (Zeltyn and Mandelbaum 2005): (1 + (λ − cμ) J) / (E + λ J)."""
    mu = 1 / mean
    x = np.linspace(0, 60 * mean, 600_001)
    waited = np.minimum(x, patience) if constant_patience else patience * (1 - np.exp(-x / patience))
    j = np.trapezoid(np.exp(rate * waited - servers * mu * x), x)
    load = rate / mu
    e = sum(load**k / math.factorial(k) for k in range(servers)) / (load ** (servers - 1) / math.factorial(servers - 1))
    return (1 + (rate - servers * mu) * j) / (e + rate * j)


@pytest.mark.parametrize("constant_patience", [True, False])
def test_the_share_turned_away_is_that_of_queue_theory(toys, constant_patience):
    """M/M/3 with work of a day and patience of half a day: 3 practitioners for a load of 2.6 and more."""
    rate, servers = 2.8, 3
    law = constant(12.0) if constant_patience else exponential(12.0)
    stages = {
        "come": arrival("desk"),
        "desk": service("out", exponential(24.0), longest_wait={"after": law, "to": "lost"}),
        "lost": OUT,
        "out": OUT,
    }
    demand = toys.demand(sources={"community": rate * 365})
    pathway = made(toys, stages, demand=demand, teams={"team": servers})
    lost, shares = pathway.index("lost"), []
    for replication in range(30):
        people = toys.maker(demand, A_YEAR).make(7, replication)
        trace = live(pathway, people, replication=replication)
        ends = trace.of(Event.OUTCOME)
        shares.append(np.mean(ends.stage == lost))
    want = turned_away(rate, 1.0, servers, 0.5, constant_patience)
    z = (np.mean(shares) - want) / (np.std(shares, ddof=1) / math.sqrt(len(shares)))
    assert abs(z) < 4, (np.mean(shares), want)


LOADED = {
    "come": arrival("desk"),
    "desk": service("hub", exponential(8.0), longest_wait=longest(exponential(60.0), "visit")),
    "hub": appointments(
        "visit",
        {"hub": {day: {"10:00": 4.0, "14:00": 3.0} for day in ("monday", "wednesday", "friday")}},
        lead=24.0,
        length=1.0,
        did_not_attend=0.1,
        rebookings=1.0,
        gave_up_to="visit",
    ),
    "visit": service("enable", exponential(16.0), team="visitors"),
    "enable": places("care", 18.0, exponential(8, "days"), longest_wait=longest(240.0, "care")),
    "care": package("out", stay=exponential(30, "days")),
    "out": OUT,
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    toys = Toys(tmp_path_factory.mktemp("loaded"))
    demand = toys.demand(sources={"community": 800.0})
    pathway = made(toys, LOADED, demand=demand, teams={"team": 1, "visitors": 2})
    people = toys.maker(demand, A_YEAR).make(7, 0)
    return pathway, people, live(pathway, people)


ENTERS = {"queue": (Event.JOIN,), "work": (Event.START,), "care": (Event.PACKAGE_START,)}
LEAVES = {"queue": (Event.START, Event.OVERFLOW), "work": (Event.END,), "care": (Event.PACKAGE_END,)}


@pytest.mark.parametrize(
    ("stage", "part"),
    [
        *((stage, part) for stage in ("desk", "visit", "enable") for part in ("queue", "work")),
        ("hub", "work"),
        ("care", "care"),
    ],
)
def test_littles_law_holds_at_every_stage(loaded, stage, part):
    """By integration: the people there, added up over time, are the time each was there, added up over people.

    The number there is counted moment by moment from the trace; the time of each from their own rows.
    """
    pathway, _, trace = loaded
    here = trace.where(trace.stage == pathway.index(stage))
    come, go = np.isin(here.event, ENTERS[part]), np.isin(here.event, LEAVES[part])
    number = np.cumsum(come.astype(int) - go.astype(int))
    assert number.min() >= 0
    area = int(np.sum(number[:-1] * np.diff(here.time))) + int(number[-1]) * (trace.end - int(here.time[-1]))
    since: dict[int, int] = {}
    total = 0
    for t, p, enters, leaves in zip(here.time.tolist(), here.person.tolist(), come.tolist(), go.tolist(), strict=True):
        if leaves:
            total += t - since.pop(p)
        if enters:
            assert p not in since
            since[p] = t
    assert area == total + sum(trace.end - t for t in since.values())
    assert area > 0


def test_littles_law_holds_on_average_between_a_rate_known_beforehand_and_a_stock(toys):
    """Stock of care = contacts a day × mean stay, whatever happens on the way to it."""
    demand = toys.demand(sources={"community": 800.0})
    pathway = made(toys, LOADED, demand=demand, teams={"team": 1, "visitors": 2})
    stocks = []
    for replication in range(20):
        trace = live(pathway, toys.maker(demand, A_YEAR).make(8, replication), end=A_YEAR.end, replication=replication)
        at = np.arange(200, 365) * DAY
        begun = np.sort(trace.of(Event.PACKAGE_START).time)
        ended = np.sort(trace.of(Event.PACKAGE_END).time)
        stocks.append((np.searchsorted(begun, at) - np.searchsorted(ended, at)).mean())
    z = (np.mean(stocks) - 800 / 365 * 30) / (np.std(stocks, ddof=1) / math.sqrt(len(stocks)))
    assert abs(z) < 4


def test_everybody_is_somewhere_once_at_every_moment_of_a_loaded_pathway(loaded):
    pathway, people, trace = loaded
    lives = replay(trace, pathway)
    assert set(lives) == set(people.person.tolist())
    assert all(life.main == "left" for life in lives.values())


def test_the_number_in_places_is_never_above_the_places(loaded):
    pathway, _, trace = loaded
    here = trace.where(trace.stage == pathway.index("enable"))
    inside = np.cumsum((here.event == Event.START).astype(int) - (here.event == Event.END).astype(int))
    assert inside.max() == 18
