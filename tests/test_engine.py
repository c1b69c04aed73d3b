"""The engine does what a reader of the process map would do with pencil and paper."""

from __future__ import annotations

import gc
import random
import weakref
from datetime import date

import mesa
import numpy as np
import pytest
from conftest import (
    A_YEAR,
    DAY,
    HOUR,
    OUT,
    arrival,
    constant,
    decision,
    exponential,
    follows,
    live,
    package,
    rows_of,
    service,
    story,
)

from agents.codes import Event, Phase
from simulation.calendar import Calendar
from simulation.clock import Clock
from simulation.engine_simpy import CareModel
from simulation.tally import waits

LONG = A_YEAR.end + 365 * DAY


def test_one_person_lives_the_path_as_drawn(toys):
    stages = {
        "come": arrival("desk"),
        "desk": service("door", 0.5),
        "door": decision(("care", {"means": "below_limit"}), ("out", "rest")),
        "care": package("helped", stay=constant(2, "days")),
        "helped": {"kind": "set", "attribute": "means", "value": "above_limit", "to": "again"},
        "again": decision(("care", {"means": "below_limit"}), ("out", "rest")),
        "out": OUT,
    }
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages), demand).pathway
    types = [person["means"] for person in pathway.types.each()]
    poor, rich = types.index("below_limit"), types.index("above_limit")
    trace = live(pathway, toys.crowd(demand, [3 * HOUR], ids=[42]))
    assert story(trace, pathway) == [
        (3.0, 42, "come", "contact", poor),
        (3.0, 42, "desk", "join", 0),
        (3.0, 42, "desk", "start", 0),
        (3.5, 42, "desk", "end", 0),
        (3.5, 42, "door", "branch", 0),
        (3.5, 42, "care", "package_start", poor),
        (3.5, 42, "care", "weekly", -1),
        (51.5, 42, "care", "package_end", poor),
        (51.5, 42, "helped", "set", rich),
        (51.5, 42, "again", "branch", 1),
        (51.5, 42, "out", "outcome", 0),
    ]


def desk(**more):
    return {"come": arrival("desk"), "desk": service("out", 1.0, **more), "out": OUT}


def test_the_second_waits_for_the_first(toys):
    demand = toys.demand()
    pathway = toys.compiled(toys.model(desk(), teams={"team": 1}), demand).pathway
    trace = live(pathway, toys.crowd(demand, [0, int(0.25 * HOUR), 3 * HOUR]))
    assert [row for row in story(trace, pathway) if row[3] != "contact"] == [
        (0.0, 1, "desk", "join", 0),
        (0.0, 1, "desk", "start", 0),
        (0.25, 2, "desk", "join", 0),
        (1.0, 1, "desk", "end", 0),
        (1.0, 1, "out", "outcome", 0),
        (1.0, 2, "desk", "start", 0),
        (2.0, 2, "desk", "end", 0),
        (2.0, 2, "out", "outcome", 0),
        (3.0, 3, "desk", "join", 0),
        (3.0, 3, "desk", "start", 0),
        (4.0, 3, "desk", "end", 0),
        (4.0, 3, "out", "outcome", 0),
    ]
    assert waits(trace, pathway.index("desk")).tolist() == [0, int(0.75 * HOUR), 0]


def starts(trace, pathway, stage="desk"):
    rows = trace.where((trace.event == Event.START) & (trace.stage == pathway.index(stage)))
    return list(zip((rows.time / HOUR).tolist(), rows.person.tolist(), strict=True))


def test_those_who_come_in_the_same_instant_are_served_in_the_order_of_their_identity(toys):
    demand = toys.demand()
    pathway = toys.compiled(toys.model(desk(), teams={"team": 2}), demand).pathway
    trace = live(pathway, toys.crowd(demand, [HOUR] * 5, ids=[50, 10, 40, 20, 30]))
    assert starts(trace, pathway) == [(1, 10), (1, 20), (2, 30), (2, 40), (3, 50)]


def test_classes_are_served_before_the_order_of_joining_and_nobody_is_interrupted(toys):
    by = {"by": ["means"], "values": {"below_limit": 1.0, "above_limit": 0.0}}
    demand = toys.demand()
    pathway = toys.compiled(toys.model(desk(priority=by), teams={"team": 1}), demand).pathway
    people = toys.crowd(
        demand,
        [0, 60_000, 120_000, 180_000, 240_000],
        means=["below_limit", "below_limit", "above_limit", "below_limit", "above_limit"],
    )
    assert starts(live(pathway, people), pathway) == [(0, 1), (1, 3), (2, 5), (3, 2), (4, 4)]


def test_who_is_done_frees_the_practitioner_before_the_next_contact_of_the_same_instant(toys):
    """Phases of an instant: ends, then hand-offs, then arrivals."""
    demand = toys.demand()
    pathway = toys.compiled(toys.model(desk(), teams={"team": 1}), demand).pathway
    trace = live(pathway, toys.crowd(demand, [0, HOUR // 2, HOUR], ids=[9, 8, 1]))
    assert [(p, s, e) for t, p, s, e, _ in story(trace, pathway) if t == 1.0] == [
        (9, "desk", "end"),
        (9, "out", "outcome"),
        (8, "desk", "start"),
        (1, "come", "contact"),
        (1, "desk", "join"),
    ]


def test_two_who_end_in_one_instant_end_in_the_order_of_their_identity(toys):
    demand = toys.demand()
    pathway = toys.compiled(toys.model(desk(), teams={"team": 2}), demand).pathway
    trace = live(pathway, toys.crowd(demand, [0, 0, 1, 2], ids=[7, 3, 5, 6]))
    at_one = [(p, e) for t, p, s, e, _ in story(trace, pathway) if t == 1.0 and s == "desk"]
    assert at_one == [(3, "end"), (7, "end"), (5, "start"), (6, "start")]


def test_a_practitioner_handed_over_is_not_taken_by_somebody_who_comes_in_the_same_instant(toys):
    """Two stages share a team: who ends the first and joins the second queues behind who waited."""
    stages = {"come": arrival("one"), "one": service("two", 1.0), "two": service("out", 1.0), "out": OUT}
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages, teams={"team": 1}), demand).pathway
    trace = live(pathway, toys.crowd(demand, [0, 1]))
    assert starts(trace, pathway, "one") == [(0, 1), (1, 2)]
    assert starts(trace, pathway, "two") == [(2, 1), (3, 2)]


def test_work_that_takes_no_time_takes_no_time(toys):
    stages = {"come": arrival("one"), "one": service("two", 0.0), "two": service("out", 0.0), "out": OUT}
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages, teams={"team": 1}), demand).pathway
    trace = live(pathway, toys.crowd(demand, [5, 5, 5]))
    assert set(trace.time.tolist()) == {5}
    assert trace.of(Event.OUTCOME).person.tolist() == [1, 2, 3]


def test_a_stage_that_is_blocked_keeps_everybody_behind_the_first(toys):
    stages = {"come": arrival("jam"), "jam": service("out", constant(50, "years")), "out": OUT}
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages, teams={"team": 1}), demand).pathway
    trace = live(pathway, toys.crowd(demand, list(range(100))))
    assert trace.of(Event.CONTACT).rows == trace.of(Event.JOIN).rows == 100
    assert trace.of(Event.START).rows == 1
    assert trace.of(Event.OUTCOME).rows == 0


def test_with_unlimited_practitioners_nobody_waits(toys):
    demand = toys.demand(sources={"community": 20_000.0})
    pathway = toys.compiled(toys.model(desk()), demand).pathway
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(pathway, people)
    assert not waits(trace, pathway.index("desk")).any()
    assert trace.of(Event.OUTCOME).rows == people.size
    assert pathway.unlimited


def test_nobody_arrives_and_nothing_happens(toys):
    demand = toys.demand(sources={"community": 0.0})
    pathway = toys.compiled(toys.model(desk(), teams={"team": 1}), demand).pathway
    trace = live(pathway, toys.maker(demand, A_YEAR).make(1, 0))
    assert trace.rows == 0
    assert trace.end == A_YEAR.end + 365 * DAY


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_or_none_take_a_branch(toys, share):
    stages = {
        "come": arrival("door"),
        "door": decision(("a", share), ("b", "rest"), follows_need=follows(0.5)),
        "a": OUT,
        "b": OUT,
    }
    demand = toys.demand(sources={"community": 2_000.0})
    pathway = toys.compiled(toys.model(stages), demand).pathway
    trace = live(pathway, toys.maker(demand, A_YEAR).make(1, 0))
    assert set(trace.of(Event.BRANCH).value.tolist()) == {0 if share else 1}


def test_a_branch_of_no_share_is_never_taken_wherever_it_stands(toys):
    stages = {
        "come": arrival("door"),
        "a": OUT,
        "b": OUT,
        "c": OUT,
        "d": OUT,
        "door": decision(("a", 0.0), ("b", 0.5), ("c", 0.0), ("d", "rest"), follows_need=follows(0.5)),
    }
    demand = toys.demand(sources={"community": 5_000.0})
    pathway = toys.compiled(toys.model(stages), demand).pathway
    trace = live(pathway, toys.maker(demand, A_YEAR).make(1, 0))
    assert set(trace.of(Event.BRANCH).value.tolist()) == {1, 3}


def test_a_loop_with_a_way_out_draws_anew_each_time_round(toys):
    stages = {
        "come": arrival("work"),
        "work": service("again", exponential(1.0)),
        "again": decision(("work", 0.6), ("out", "rest")),
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 5_000.0})
    pathway = toys.compiled(toys.model(stages), demand).pathway
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(pathway, people)
    rounds = np.unique(trace.of(Event.JOIN).person, return_counts=True)[1]
    assert abs(rounds.mean() - 2.5) < 4 * np.sqrt(0.6 / 0.4**2 / people.size)
    begun, ended = trace.of(Event.START), trace.of(Event.END)
    lengths = {}
    for person, start, end in zip(
        begun.person[np.argsort(begun.person, kind="stable")], np.sort(begun.time), np.sort(ended.time), strict=True
    ):
        lengths.setdefault(int(person), []).append(int(end - start))
    assert len({tuple(v) for v in lengths.values()}) > 0.9 * len(lengths)
    assert trace.of(Event.OUTCOME).rows == people.size


def test_probabilities_follow_the_calendar_month_also_after_contacts_have_ended(toys):
    """April alone sends people to a; a long service brings each person to the door in a later month."""
    by_month = {"by": ["month"], "values": {str(m): 1.0 if m in (4, 7, 12) else 0.0 for m in range(1, 13)}}
    stages = {
        "come": arrival("wait"),
        "wait": service(
            "door",
            {"by": "means", "values": {"below_limit": constant(92, "days"), "above_limit": constant(251, "days")}},
        ),
        "door": decision(("a", by_month), ("b", "rest")),
        "a": OUT,
        "b": OUT,
    }
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages), demand).pathway
    one_month = Calendar(date(2014, 4, 1), 1)
    people = toys.crowd(demand, [0, 0, 10 * DAY], means=["below_limit", "above_limit", "above_limit"])
    trace = live(pathway, people, one_month).of(Event.BRANCH)
    taken = {
        p: (one_month.day_of(t), v)
        for t, p, v in zip(trace.time.tolist(), trace.person.tolist(), trace.value.tolist(), strict=True)
    }
    assert taken == {1: (date(2014, 7, 2), 0), 2: (date(2014, 12, 8), 0), 3: (date(2014, 12, 18), 0)}


def test_a_month_begins_at_midnight_of_its_first_day(toys):
    by_month = {"by": ["month"], "values": {str(m): 1.0 if m == 5 else 0.0 for m in range(1, 13)}}
    stages = {"come": arrival("door"), "door": decision(("a", by_month), ("b", "rest")), "a": OUT, "b": OUT}
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages), demand).pathway
    may, june = (int(t) for t in A_YEAR.month_starts[1:3])
    trace = live(pathway, toys.crowd(demand, [may - 1, may, june - 1, june])).of(Event.BRANCH)
    assert trace.value.tolist() == [1, 0, 0, 1]


def test_a_package_without_a_stay_lasts_as_long_as_the_run(toys):
    stages = {"come": arrival("care"), "care": package(), "out": OUT}
    demand = toys.demand(groups={"priced": 0.5, "unknown": "rest"})
    prices = toys.prices({"priced": {"care": (10.0, constant(1, "days"))}})
    pathway = toys.compiled(toys.model(stages), demand, prices).pathway
    trace = live(pathway, toys.crowd(demand, [0, 0], client_group=["priced", "unknown"]))
    assert trace.of(Event.PACKAGE_START).person.tolist() == [1, 2]
    assert trace.of(Event.PACKAGE_END).person.tolist() == [1]


def test_what_happens_at_the_last_tick_is_not_in_the_run(toys):
    demand = toys.demand()
    pathway = toys.compiled(toys.model(desk()), demand).pathway
    people = toys.crowd(demand, [0, 1])
    assert live(pathway, people, end=HOUR).of(Event.END).rows == 0
    assert live(pathway, people, end=HOUR + 1).of(Event.END).person.tolist() == [1]


def busy(toys):
    """A pathway with queues, classes, a loop, packages and need; and its people."""
    by = {"by": ["means"], "values": {"below_limit": 1.0, "above_limit": 0.0}}
    stages = {
        "come": arrival("desk"),
        "ward": arrival("desk", "hospital"),
        "desk": service("door", exponential(2.0), priority=by),
        "door": decision(("out", 0.5), ("visit", "rest"), follows_need=follows(0.5)),
        "visit": service("again", exponential(30.0), team="visitors"),
        "again": decision(("visit", 0.2), ("care", "rest")),
        "care": package(stay=exponential(30, "days")),
        "out": OUT,
    }
    demand = toys.demand(sources={"community": 2500.0, "hospital": 1000.0})
    compiled = toys.compiled(toys.model(stages, teams={"team": 1, "visitors": 9}), demand)
    return compiled.pathway, toys.maker(demand, A_YEAR).make(6, 0)


def test_a_second_run_of_the_same_seed_is_the_same_row_by_row(toys):
    pathway, people = busy(toys)
    assert live(pathway, people).same_as(live(pathway, people))
    assert not live(pathway, people).same_as(live(pathway, people, replication=1))
    assert not live(pathway, people).same_as(live(pathway, people, seed=2))


def test_rows_stand_in_the_order_of_time(toys):
    trace = live(*busy(toys))
    assert np.all(np.diff(trace.time) >= 0)
    assert {trace.time.dtype, trace.person.dtype, trace.value.dtype} == {np.dtype(np.int64)}


def test_a_run_can_be_stepped_through_and_people_are_looked_at_on_the_way(toys):
    pathway, people = busy(toys)
    model = CareModel(pathway, people, A_YEAR, LONG, 1, 0)
    try:
        for day in range(0, 60, 10):
            model.run_until(day * DAY)
            trace = model.trace()
            here = {p.person for p in model.agents if hasattr(p, "person")}
            left = set(trace.of(Event.OUTCOME).person.tolist())
            assert here == set(trace.of(Event.CONTACT).person.tolist()) - left
        whole = live(pathway, people, end=50 * DAY)
        assert model.trace().same_as(whole)
    finally:
        model.close()


class Poison:
    """Any use of it is an error."""

    def __getattr__(self, name):
        raise AssertionError(f"a generator of Mesa's was asked for {name}")


def test_no_generator_but_philox_is_ever_drawn_from(toys):
    pathway, people = busy(toys)
    want = live(pathway, people)
    model = CareModel(pathway, people, A_YEAR, LONG, 1, 0)
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002 - looked at, never drawn from
    model.random, model.rng = Poison(), Poison()
    with pytest.raises(AssertionError, match="Mesa"):
        model.random.random()
    try:
        model.run_until(want.end)
        assert model.trace().same_as(want)
    finally:
        model.close()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def test_a_run_leaves_no_mesa_model_alive(toys, monkeypatch):
    pathway, people = busy(toys)
    made = []
    start = CareModel.__init__

    def remember(self, *args):
        made.append(weakref.ref(self))
        start(self, *args)

    monkeypatch.setattr(CareModel, "__init__", remember)
    before = len(mesa.Agent._ids)
    for replication in range(3):
        live(pathway, people, replication=replication)
    gc.collect()
    assert len(made) == 3
    assert [ref() for ref in made] == [None] * 3
    assert len(mesa.Agent._ids) == before
    assert not [o for o in gc.get_objects() if isinstance(o, CareModel)]


def test_a_run_that_fails_leaves_no_mesa_model_alive_either(toys, monkeypatch):
    pathway, people = busy(toys)
    before = len(mesa.Agent._ids)

    def fail(self, end):
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(Clock, "run_until", fail)
    with pytest.raises(RuntimeError):
        live(pathway, people)
    assert len(mesa.Agent._ids) == before
    assert gc.isenabled()


def test_a_fault_in_somebodys_life_is_not_swallowed(toys, monkeypatch):
    from agents.person import Person

    pathway, people = busy(toys)

    def broken(self, stage, attempt, now):
        raise KeyError("lost")

    monkeypatch.setattr(Person, "_decide", broken)
    with pytest.raises(KeyError):
        live(pathway, people)


def test_the_clock_orders_an_instant_by_phase_person_ticket_and_step():
    clock, seen = Clock(), []
    keys = [(p, who, ticket, step) for p in Phase for who in (2, 1) for ticket in (1, 0) for step in (1, 0)]
    for key in reversed(keys):
        clock.timer(5, int(key[0]), *key[1:]).callbacks.append(lambda event, key=key: seen.append(key))
    clock.timer(4, int(Phase.ARRIVAL), 9, 9, 9).callbacks.append(lambda event: seen.append("earlier"))
    clock.run_until(10)
    assert seen == ["earlier", *sorted(keys)]
    assert clock.now == 10


def test_time_is_a_whole_number_of_milliseconds(toys):
    trace = live(*busy(toys))
    assert all(isinstance(v, int) for row in rows_of(trace)[:100] for v in row)
