"""Waits, stocks and throughput agree with queueing theory: formulas known exactly, or an independent recursion."""

from __future__ import annotations

import math
from datetime import date
from heapq import heappop, heappush

import numpy as np
import pytest
from conftest import A_YEAR, DAY, HOUR, OUT, arrival, exponential, live, package, service
from scipy import stats

from agents.codes import Event
from simulation.calendar import Calendar
from simulation.quantiles import look_up_each
from simulation.tally import waits

YEARS = Calendar(date(2014, 4, 1), 12 * 20)


def erlang_c(servers: int, load: float) -> float:
    """Probability of waiting in M/M/c with offered ``load`` (arrival rate × mean service)."""
    inverse = 1.0  # of Erlang B, by its recursion
    for n in range(1, servers + 1):
        inverse = 1 + inverse * n / load
    busy = 1 / inverse
    return busy / (1 - (load / servers) * (1 - busy))


def test_erlang_c_itself_is_right():
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(3, 2.0) == pytest.approx(4 / 9)


def z_of_batches(values: np.ndarray, want: float, batches: int = 40) -> float:
    """z of a mean of correlated values, its error from batch means."""
    means = np.array([part.mean() for part in np.array_split(values, batches)])
    return (means.mean() - want) / (means.std(ddof=1) / math.sqrt(batches))


def z_of_runs(values: list[float], want: float) -> float:
    return (np.mean(values) - want) / (np.std(values, ddof=1) / math.sqrt(len(values)))


def queue(toys, servers, load, duration=None, **more):
    """A desk with a mean service of six hours at a load per practitioner."""
    rate = servers * load / 6.0 * 24 * 365
    stages = {"come": arrival("desk"), "desk": service("out", duration or exponential(6.0), **more), "out": OUT}
    demand = toys.demand(sources={"community": rate})
    return toys.compiled(toys.model(stages, teams={"team": servers}), demand).pathway, toys.maker(demand, YEARS)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (3, 0.6), (3, 0.9)])
def test_waits_in_m_m_c_are_erlangs(toys, servers, load):
    pathway, maker = queue(toys, servers, load)
    people = maker.make(12, 0)
    trace = live(pathway, people, YEARS)
    waited = waits_in_order(trace, pathway)[500:] / HOUR
    chance = erlang_c(servers, servers * load)
    mean = chance * 6.0 / (servers * (1 - load))
    batches = 20 if load >= 0.9 else 40
    assert abs(z_of_batches(waited, mean, batches)) < 4
    assert abs(z_of_batches((waited > 0).astype(float), chance, batches)) < 4
    assert waited.mean() == pytest.approx(mean, rel=0.15)


def waits_in_order(trace, pathway):
    """Waits in the order of joining; no two stages, no second visits."""
    joined, begun = trace.of(Event.JOIN), trace.of(Event.START)
    start = dict(zip(begun.person.tolist(), begun.time.tolist(), strict=True))
    return np.array([start[p] - t for p, t in zip(joined.person.tolist(), joined.time.tolist(), strict=True)])


def test_waits_of_the_tally_are_the_waits(toys):
    pathway, maker = queue(toys, 1, 0.8)
    trace = live(pathway, maker.make(12, 0), YEARS)
    assert sorted(waits(trace, pathway.index("desk")).tolist()) == sorted(waits_in_order(trace, pathway).tolist())


@pytest.mark.parametrize("law", ["exponential", "weibull"])
def test_people_in_unlimited_care_are_a_poisson_number_of_rate_times_stay(toys, law):
    """M/G/∞: whatever the law, mean = variance = arrivals a day × mean stay."""
    stay = (
        exponential(20.0, "days")
        if law == "exponential"
        else {"distribution": "weibull", "mean": 20.0, "shape": 0.82, "unit": "days"}
    )
    stages = {"come": arrival("care"), "care": package(stay=stay), "out": OUT}
    demand = toys.demand(sources={"community": 730.0})
    pathway, maker = toys.compiled(toys.model(stages), demand).pathway, toys.maker(demand, A_YEAR)
    stocks = []
    for replication in range(250):
        trace = live(pathway, maker.make(5, replication), end=A_YEAR.end, replication=replication)
        begun, ended = trace.of(Event.PACKAGE_START).time, trace.of(Event.PACKAGE_END).time
        stocks += [int((begun < at).sum() - (ended < at).sum()) for at in (200 * DAY, 364 * DAY)]
    stocks = np.array(stocks)
    assert abs(z_of_runs(stocks.tolist(), 40.0)) < 4
    dispersion = stocks.var(ddof=1) / stocks.mean()
    assert abs(dispersion - 1) < 4 * math.sqrt(2 / len(stocks))
    cells = np.histogram(stocks, [0, 33, 36, 39, 42, 45, 48, 1000])[0]
    steps = stats.poisson(40).cdf([32, 35, 38, 41, 44, 47])
    assert stats.chisquare(cells, len(stocks) * np.diff([0, *steps, 1])).pvalue > 1e-4


def test_littles_law_holds_at_a_stage_exactly(toys):
    """Over a span that begins and ends empty, people-hours in the stage are the sum of everybody's hours there."""
    pathway, maker = queue(toys, 3, 0.9)
    people = maker.make(12, 1)
    trace = live(pathway, people, YEARS)
    joined, ended = trace.of(Event.JOIN), trace.of(Event.END)
    assert joined.rows == ended.rows == people.size
    times = np.concatenate([joined.time, ended.time])
    step = np.concatenate([np.ones(people.size, dtype=np.int64), -np.ones(people.size, dtype=np.int64)])
    order = np.argsort(times, kind="stable")
    here = np.cumsum(step[order])
    area = int(np.dot(here[:-1], np.diff(times[order])))
    assert area == int(ended.time.sum()) - int(joined.time.sum())


def test_littles_law_holds_in_the_long_run(toys):
    """L = λW: mean people, by sampling the clock, against arrival rate × mean time, by following people."""
    pathway, maker = queue(toys, 2, 0.7)
    trace = live(pathway, maker.make(12, 2), YEARS)
    joined, ended = trace.of(Event.JOIN), trace.of(Event.END)
    samples = np.linspace(100 * DAY, YEARS.end, 20_000)
    count = np.searchsorted(joined.time, samples) - np.searchsorted(np.sort(ended.time), samples)
    rate = 2 * 0.7 / 6.0
    mean = 6.0 + erlang_c(2, 1.4) * 6.0 / (2 * 0.3)
    assert abs(z_of_batches(count.astype(float), rate * mean)) < 4
    assert count.mean() == pytest.approx(rate * mean, rel=0.1)


def test_priority_classes_wait_as_cobham_says(toys):
    """M/M/1, two classes, work never interrupted: W1 = W0/(1-ρ1), W2 = W0/((1-ρ1)(1-ρ)), W0 = ρ·E[S]."""
    by = {"by": ["means"], "values": {"below_limit": 0.0, "above_limit": 1.0}}
    pathway, maker = queue(toys, 1, 0.8, priority=by)
    people = maker.make(12, 0)
    trace = live(pathway, people, YEARS)
    waited = waits_in_order(trace, pathway) / HOUR
    second = people.codes["means"] == 1
    order = np.searchsorted(people.person[np.argsort(people.person)], trace.of(Event.JOIN).person)
    second = second[np.argsort(people.person)][order]
    first_load, load, at_once = 0.4, 0.8, 0.8 * 6.0
    keep = np.arange(len(waited)) > 500
    assert abs(z_of_batches(waited[keep & ~second], at_once / (1 - first_load))) < 4
    assert abs(z_of_batches(waited[keep & second], at_once / ((1 - first_load) * (1 - load)), 20)) < 4
    assert waited[~second].mean() < waited[second].mean() / 3


def kiefer_wolfowitz(joined: list[int], lengths: list[int], servers: int) -> list[int]:
    """Start times of first come, first served, by who is free next: no events, no queue."""
    free = [0] * servers
    starts = []
    for t, length in zip(joined, lengths, strict=True):
        begin = max(t, heappop(free))
        starts.append(begin)
        heappush(free, begin + length)
    return starts


@pytest.mark.parametrize(("servers", "load"), [(1, 0.95), (2, 0.8), (5, 1.2)])
def test_start_times_are_those_of_the_recursion_to_the_millisecond(toys, servers, load):
    pathway, maker = queue(
        toys, servers, load, {"distribution": "lognormal", "mean": 6.0, "sigma": 1.0, "unit": "hours"}
    )
    people = maker.make(12, 3)
    trace = live(pathway, people, YEARS, end=YEARS.end * 3)
    joined = trace.of(Event.JOIN)
    begun = trace.of(Event.START)
    ended = trace.of(Event.END)
    start = dict(zip(begun.person.tolist(), begun.time.tolist(), strict=True))
    end = dict(zip(ended.person.tolist(), ended.time.tolist(), strict=True))
    who = joined.person.tolist()
    lengths = [end[p] - start[p] for p in who]
    assert [start[p] for p in who] == kiefer_wolfowitz(joined.time.tolist(), lengths, servers)

    from simulation.philox import first_of_each

    stage = pathway.index("desk")
    u = first_of_each(np.array(who, dtype=np.uint64), int(pathway.draw_duration[stage]), 0, 0, 1, 0)
    assert lengths == look_up_each(pathway.tables[pathway.duration[stage, 0]], u).tolist()


def test_two_stages_in_a_row_are_two_recursions(toys):
    """Tandem queues: the second stage's starts follow from the first stage's ends."""
    stages = {
        "come": arrival("one"),
        "one": service("two", exponential(6.0)),
        "two": service("out", exponential(5.0), team="other"),
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 1200.0})
    pathway = toys.compiled(toys.model(stages, teams={"team": 1, "other": 1}), demand).pathway
    trace = live(pathway, toys.maker(demand, A_YEAR).make(7, 0))
    for name in ("one", "two"):
        here = trace.where(trace.stage == pathway.index(name))
        joined, begun, ended = (here.of(e) for e in (Event.JOIN, Event.START, Event.END))
        start = dict(zip(begun.person.tolist(), begun.time.tolist(), strict=True))
        end = dict(zip(ended.person.tolist(), ended.time.tolist(), strict=True))
        who = joined.person.tolist()
        got = [start[p] for p in who]
        assert got == kiefer_wolfowitz(joined.time.tolist(), [end[p] - start[p] for p in who], 1)
        assert sum(t > j for t, j in zip(got, joined.time.tolist(), strict=True)) > 200
