"""A team serves by class, then by who joined first; nobody idles while somebody waits; nobody serves two.

An independent, slow reading of the rules is compared with the engine on random crowds full of ties.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from conftest import A_YEAR, OUT, Toys, arrival, constant, decision, exponential, follows, live, package, service
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.codes import Event
from simulation.trace import Trace

CLASS = {"by": ["means"], "values": {"below_limit": 1.0, "above_limit": 0.0}}
MS = 60_000


@pytest.fixture(scope="module")
def two_stages(tmp_path_factory):
    """Two stages of different teams in a row; whole-minute services, so that ties are the rule."""
    toys = Toys(tmp_path_factory.mktemp("two_stages"))
    minutes = {"by": "informal_support", "values": {"true": constant(2, "minutes"), "false": constant(3, "minutes")}}
    stages = {
        "come": arrival("one"),
        "one": service("two", minutes, priority=CLASS),
        "two": service("out", minutes, team="other", priority=CLASS),
        "out": OUT,
    }
    demand = toys.demand()
    return (
        {
            (a, b): toys.compiled(toys.model(stages, teams={"team": a, "other": b}), demand).pathway
            for a in (1, 2, 3)
            for b in (1, 2)
        },
        demand,
        toys,
    )


def by_the_rules(people: list[tuple[int, int, int, int]], first: int, second: int) -> set[tuple[int, int, int, int]]:
    """Minute by minute. People are (minute, identity, class, length); rows are (time, person, stage, event)."""
    rows = set()
    free, queue = [first, second], [[], []]  # queue: (class, joined, person, length)
    working: list[tuple[int, int, int, int]] = []  # (end, person, stage, ...)
    coming = sorted(people)
    info = {p: (c, length) for _, p, c, length in people}
    now = 0

    def start(stage: int, person: int) -> None:
        rows.add((now, person, stage, int(Event.START)))
        working.append((now + info[person][1], person, stage, 0))

    def join(stage: int, person: int) -> None:
        rows.add((now, person, stage, int(Event.JOIN)))
        if free[stage]:
            free[stage] -= 1
            start(stage, person)
        else:
            queue[stage].append((info[person][0], now, person))

    while coming or working:
        now = min([w[0] for w in working] + [c[0] for c in coming])
        handed = []
        while ending := sorted(w[1:3] for w in working if w[0] == now):
            # Ends of one instant in the order of identity; an end may start a next stage in the same instant.
            person, stage = ending[0]
            working.remove(next(w for w in working if w[0] == now and w[1] == person))
            rows.add((now, person, stage, int(Event.END)))
            if queue[stage]:
                nxt = min(queue[stage])
                queue[stage].remove(nxt)
                handed.append((stage, nxt[2]))
            else:
                free[stage] += 1
            if stage == 0:
                join(1, person)
        for stage, person in sorted(handed, key=lambda h: h[1]):
            start(stage, person)
        while coming and coming[0][0] == now:
            join(0, coming.pop(0)[1])
    return rows


crowds = st.lists(
    st.tuples(st.integers(0, 12), st.booleans(), st.booleans()),
    min_size=1,
    max_size=25,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(crowd=crowds, first=st.integers(1, 3), second=st.integers(1, 2), turn=st.randoms(use_true_random=False))
def test_the_engine_keeps_the_rules_on_crowds_full_of_ties(two_stages, crowd, first, second, turn):
    pathways, demand, toys = two_stages
    ids = list(range(1, len(crowd) + 1))
    turn.shuffle(ids)
    people = toys.crowd(
        demand,
        [minute * MS for minute, _, _ in crowd],
        ids=ids,
        means=["below_limit" if late else "above_limit" for _, late, _ in crowd],
        informal_support=["true" if quick else "false" for _, _, quick in crowd],
    )
    pathway = pathways[first, second]
    trace = live(pathway, people)
    here = {
        (t // MS, p, ["one", "two"].index(pathway.stages[s]), e)
        for t, p, s, e in zip(
            trace.time.tolist(), trace.person.tolist(), trace.stage.tolist(), trace.event.tolist(), strict=True
        )
        if e in (Event.JOIN, Event.START, Event.END)
    }
    rules = by_the_rules(
        [(minute, who, int(late), 2 if quick else 3) for (minute, late, quick), who in zip(crowd, ids, strict=True)],
        first,
        second,
    )
    assert here == rules


def at_work(trace: Trace, stage: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """After every instant: time, people being served, people waiting."""
    here = trace.where(trace.stage == stage)
    step = {int(Event.JOIN): (0, 1), int(Event.START): (1, -1), int(Event.END): (-1, 0)}
    moves = np.array([step.get(e, (0, 0)) for e in here.event.tolist()])
    times, last = np.unique(here.time[::-1], return_index=True)
    last = len(here.time) - 1 - last
    return times, np.cumsum(moves[:, 0])[last], np.cumsum(moves[:, 1])[last]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    toys = Toys(tmp_path_factory.mktemp("crowded"))
    stages = {
        "come": arrival("desk"),
        "desk": service("door", exponential(7.0), priority=CLASS),
        "door": decision(("out", 0.4), ("visit", "rest"), follows_need=follows(0.5)),
        "visit": service("care", constant(20.0), team="visitors"),
        "care": package(stay=exponential(20, "days")),
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 3650.0})
    pathway = toys.compiled(toys.model(stages, teams={"team": 3, "visitors": 5}), demand).pathway
    people = toys.maker(demand, A_YEAR).make(3, 0)
    return pathway, people, live(pathway, people)


@pytest.mark.parametrize(("stage", "size"), [("desk", 3), ("visit", 5)])
def test_nobody_idles_while_somebody_waits_and_nobody_serves_two(crowded, stage, size):
    pathway, _, trace = crowded
    _, serving, waiting = at_work(trace, pathway.index(stage))
    assert serving.max() == size
    assert waiting.max() > 5
    assert serving.min() >= 0
    assert waiting.min() >= 0
    assert np.all(serving[waiting > 0] == size)


def test_within_a_class_who_joins_first_is_served_first_and_no_lower_class_passes(crowded):
    pathway, people, trace = crowded
    here = trace.where(trace.stage == pathway.index("desk"))
    kind = dict(zip(people.person.tolist(), (1 - people.codes["means"]).tolist(), strict=True))
    waiting: dict[int, int] = {}
    passed = 0
    for t, p, e in zip(here.time.tolist(), here.person.tolist(), here.event.tolist(), strict=True):
        if e == Event.JOIN:
            waiting[p] = t
        elif e == Event.START:
            key = (kind[p], waiting.pop(p), p)
            # Those who joined in this very instant came after the choice was made.
            others = [(kind[o], joined, o) for o, joined in waiting.items() if joined < t]
            assert all(key < other for other in others)
            passed += bool(others)
    assert passed > 500


def test_everybody_is_served_as_often_as_they_join_and_starts_before_they_end(crowded):
    _, _, trace = crowded
    for event in (Event.START, Event.END):
        joins = Counter(zip(trace.of(Event.JOIN).person.tolist(), trace.of(Event.JOIN).stage.tolist(), strict=True))
        rows = trace.of(event)
        assert Counter(zip(rows.person.tolist(), rows.stage.tolist(), strict=True)) == joins


def test_a_team_serves_its_stages_from_one_queue(toys):
    """One practitioner for two stages: work of both kinds never overlaps."""
    stages = {
        "come": arrival("side"),
        "side": decision(("one", 0.5), ("two", "rest")),
        "one": service("out", exponential(20.0)),
        "two": service("out", exponential(5.0)),
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 900.0})
    pathway = toys.compiled(toys.model(stages, teams={"team": 1}), demand).pathway
    trace = live(pathway, toys.maker(demand, A_YEAR).make(3, 0))
    joins, starts = trace.of(Event.JOIN), trace.of(Event.START)
    ends = np.sort(trace.of(Event.END).time)
    assert np.all(np.sort(starts.time)[1:] >= ends[:-1])
    assert joins.person.tolist() == starts.person.tolist()
    assert len(set(starts.stage.tolist())) == 2


def test_more_staff_never_means_a_longer_wait_for_first_come_first_served(toys):
    """Fixed work, one class: each person's own wait falls or stays with each practitioner more."""
    stages = {"come": arrival("desk"), "desk": service("out", exponential(6.0)), "out": OUT}
    demand = toys.demand(sources={"community": 4000.0})
    people = toys.maker(demand, A_YEAR).make(3, 0)
    before = None
    for size in (2, 3, 4, 6):
        pathway = toys.compiled(toys.model(stages, teams={"team": size}), demand).pathway
        trace = live(pathway, people)
        begun = trace.of(Event.START)
        at = dict(zip(begun.person.tolist(), begun.time.tolist(), strict=True))
        if before is not None:
            assert all(at[p] <= t for p, t in before.items())
            assert any(at[p] < t for p, t in before.items())
        before = at
