"""Luck belongs to a person and a named decision: nothing else in the model moves it.

Also what must change in a known direction when one thing is changed (metamorphic tests).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
import yaml
from conftest import (
    A_YEAR,
    DAY,
    OUT,
    Shipped,
    arrival,
    decision,
    exponential,
    follows,
    live,
    package,
    rows_of,
    service,
)

from agents.codes import Event
from experiments.plan import compile_pair, prices_of
from simulation import engine_simpy
from simulation.compiler import compile_graph
from simulation.graph import of_model
from simulation.population import Population, PopulationMaker
from simulation.tally import MEASURES, axes, tally

STAGES = {
    "come": arrival("desk"),
    "desk": service("door", exponential(3.0)),
    "door": decision(("out", 0.5), ("visit", "rest"), follows_need=follows(0.5)),
    "visit": service("again", exponential(30.0), team="visitors"),
    "again": decision(("visit", 0.2), ("kind", "rest")),
    "kind": decision(("home", 0.7), ("ward", "rest"), follows_need=follows(0.7)),
    "home": package(stay=exponential(30, "days")),
    "ward": package(stay=exponential(90, "days")),
    "out": OUT,
}


def luck(trace, pathway, leave_out=()):
    """What each person drew at each stage, whatever the moment: branches taken and lengths of services and care."""
    drawn = defaultdict(list)
    open_at = {}
    begins, ends = (Event.START, Event.PACKAGE_START), (Event.END, Event.PACKAGE_END)
    for t, p, s, e, v in rows_of(trace):
        name = pathway.own_names[s]
        if name in leave_out:
            continue
        if e == Event.BRANCH:
            drawn[p].append((name, pathway.branch_names[pathway.decision[s]][v]))
        elif e in begins:
            open_at[p, name] = t
        elif e in ends:
            drawn[p].append((name, t - open_at.pop((p, name))))
    return dict(drawn)


def lives(trace):
    """Rows of each person."""
    of = defaultdict(list)
    for row in rows_of(trace):
        of[row[1]].append(row)
    return dict(of)


@pytest.fixture
def world(toys):
    demand = toys.demand(sources={"community": 2000.0})
    pathway = toys.compiled(toys.model(STAGES), demand).pathway
    return pathway, toys.maker(demand, A_YEAR).make(2, 0)


def without_one(people: Population) -> tuple[Population, int]:
    gone = int(people.person[people.size // 2])
    return people.subset(people.person != gone), gone


def test_an_extra_person_changes_nobody_elses_life_where_nobody_waits(world):
    pathway, people = world
    fewer, gone = without_one(people)
    with_all, with_fewer = lives(live(pathway, people)), lives(live(pathway, fewer))
    del with_all[gone]
    assert with_all == with_fewer


def test_an_extra_person_changes_nobody_elses_luck_where_people_wait(toys):
    demand = toys.demand(sources={"community": 2000.0})
    pathway = toys.compiled(toys.model(STAGES, teams={"team": 1, "visitors": 5}), demand).pathway
    people = toys.maker(demand, A_YEAR).make(2, 0)
    fewer, gone = without_one(people)
    first, second = live(pathway, people), live(pathway, fewer)
    a, b = luck(first, pathway), luck(second, pathway)
    del a[gone]
    assert a == b
    before, after = lives(first), lives(second)
    assert any(before[p] != after[p] for p in after), "somebody should wait a different time"


def test_a_higher_rate_changes_nobodys_life_where_nobody_waits(toys):
    stories = []
    for rate in (1000.0, 1500.0):
        demand = toys.demand(sources={"community": rate})
        pathway = toys.compiled(toys.model(STAGES), demand).pathway
        stories.append(lives(live(pathway, toys.maker(demand, A_YEAR).make(2, 0))))
    few, many = stories
    assert len(many) > len(few) > 800
    assert all(many[p] == rows for p, rows in few.items())


def test_inserting_a_stage_changes_no_other_draw(toys, world):
    pathway, people = world
    longer = {
        **STAGES,
        "desk": {**STAGES["desk"], "to": "aside"},
        "aside": service("check", exponential(5.0), team="visitors"),
        "check": decision(("door", 0.5), ("later", "rest"), follows_need=follows(0.2)),
        "later": service("door", exponential(50.0), team="visitors"),
    }
    other = toys.compiled(toys.model(longer), toys.demand(sources={"community": 2000.0})).pathway
    new = ("aside", "check", "later")
    assert luck(live(pathway, people), pathway) == luck(live(other, people), other, leave_out=new)


def test_reordering_keys_changes_no_row(toys, world):
    pathway, people = world

    def backwards(value):
        return {k: backwards(value[k]) for k in reversed(value)} if isinstance(value, dict) else value

    model = yaml.safe_load((toys.folder / "models" / "toy.yaml").read_text(encoding="utf-8"))
    turned = toys.fresh(toys.write("models", "toy", backwards(model)))
    other = toys.compiled(turned, toys.demand(sources={"community": 2000.0})).pathway
    assert other.content_hash() == pathway.content_hash()
    assert live(other, people).same_as(live(pathway, people))


def test_renaming_a_stage_that_names_its_draw_changes_no_luck(toys, world):
    pathway, people = world
    renamed = {k: v for k, v in STAGES.items() if k != "visit"}
    renamed["call"] = {**STAGES["visit"], "draw": "visit"}
    renamed["door"] = decision(("out", 0.5), ("call", "rest"), follows_need=follows(0.5))
    renamed["again"] = decision(("call", 0.2), ("kind", "rest"))
    other = toys.compiled(toys.model(renamed), toys.demand(sources={"community": 2000.0})).pathway

    def numbers(found):
        return {p: [v if isinstance(v, int) else None for _, v in rows] for p, rows in found.items()}

    assert numbers(luck(live(pathway, people), pathway)) == numbers(luck(live(other, people), other))


def test_an_extra_draw_for_somebody_changes_nothing_else(world, monkeypatch):
    """A counter-based generator has no state to disturb: draw as much as you like on the way."""
    pathway, people = world
    want = live(pathway, people)
    real = engine_simpy.pair

    def wasteful(person, draw, episode, attempt, seed, replication):
        real(person, draw + 1, episode, attempt, seed, replication)
        return real(person, draw, episode, attempt, seed, replication)

    monkeypatch.setattr(engine_simpy, "pair", wasteful)
    assert live(pathway, people).same_as(want)


def test_rounds_of_a_loop_differ_and_the_first_is_the_same_without_the_loop(toys, world):
    pathway, people = world
    straight = {**STAGES, "again": decision(("kind", 1.0))}
    other = toys.compiled(toys.model(straight), toys.demand(sources={"community": 2000.0})).pathway
    looped, single = luck(live(pathway, people), pathway), luck(live(other, people), other)
    for person, drawn in single.items():
        first = {}
        for name, value in looped[person]:
            first.setdefault(name, value)
        assert all(first[name] == value for name, value in drawn if name != "again")


# ---- the same person under both models ----


@pytest.fixture(scope="module")
def joint(shipped: Shipped):
    """Barnet's people under Barnet alone, and under the joint pathway at transfers 0 and 1."""
    values, demand = shipped.values(), shipped["demand/barnet_2014_15"]
    people = PopulationMaker(demand, values, A_YEAR).make(1, 0)
    model = shipped["models/barnet_2014_15"]
    alone = compile_graph(of_model(model), demand, prices_of(model, shipped.library), values).pathway
    pathways = [
        compile_pair(
            model,
            shipped["models/shropshire_p2p"],
            demand,
            shipped["prices/barnet_2014_15"],
            values,
            share,
            {"source": ["hospital"]},
        ).pathway
        for share in (0.0, 1.0)
    ]
    return people, (alone, live(alone, people)), *((p, live(p, people)) for p in pathways)


def test_where_nobody_changes_the_joint_pathway_is_the_baseline(joint):
    _, (alone, a), (pathway, b), _ = joint
    assert luck(a, alone) == luck(b, pathway, leave_out=("adoption_community", "adoption_hospital"))


def test_the_same_person_has_the_same_luck_under_both_models(joint):
    """Decisions of one name share their draw: nobody is resolved at 66% and not at 75% who follows chance alone."""
    people, _, (before, a), (after, b) = joint
    first, second = luck(a, before), luck(b, after)
    community = people.codes["source"] == 0
    stays, moved = 0, 0
    for person in people.person[community].tolist():
        x, y = dict(first[person]), dict(second[person])
        for name in (
            "first_point_of_contact",
            "social_care_direct",
            "home_visit",
            "needs_assessment",
            "hub_appointment",
        ):
            x.pop(name, None), y.pop(name, None)
        if x["first_contact"] == "resolved":
            moved += y["first_contact"] != "resolved"
        for name in ("care_home", "community_care", "short_term_support"):
            if name in x and name in y:
                assert x[name] == y[name], "one stay for one person and one kind of care"
                stays += 1
    assert stays > 100
    assert moved == 0


# ---- what must follow when one thing changes ----


def counted(pathway, people, prices=True):
    names = axes(pathway, ("older_people",), A_YEAR)
    return tally(live(pathway, people), pathway, people, names, A_YEAR)


def test_better_resolution_never_means_more_packages(toys):
    """Unlimited teams, no second contact: each person who is resolved at 0.4 is resolved at 0.6."""
    before = None
    for share in (0.2, 0.4, 0.6, 0.9):
        stages = {**STAGES, "door": decision(("out", share), ("visit", "rest"), follows_need=follows(0.5))}
        demand = toys.demand(sources={"community": 2000.0})
        pathway = toys.compiled(toys.model(stages), demand).pathway
        trace = live(pathway, toys.maker(demand, A_YEAR).make(2, 0))
        funded = set(trace.of(Event.PACKAGE_START).person.tolist())
        if before is not None:
            assert len(funded) < len(before)
        before = funded


def test_by_chance_alone_better_resolution_gives_nobody_a_package_who_had_none(toys):
    before = None
    for share in (0.2, 0.5, 0.8):
        stages = {**STAGES, "door": decision(("out", share), ("visit", "rest"))}
        demand = toys.demand(sources={"community": 2000.0})
        pathway = toys.compiled(toys.model(stages), demand).pathway
        trace = live(pathway, toys.maker(demand, A_YEAR).make(2, 0))
        funded = set(trace.of(Event.PACKAGE_START).person.tolist())
        assert before is None or funded < before
        before = funded


def test_twice_the_contacts_are_twice_the_packages(toys):
    counts = []
    for rate in (4000.0, 8000.0):
        demand = toys.demand(sources={"community": rate})
        pathway = toys.compiled(toys.model(STAGES), demand).pathway
        counts.append(counted(pathway, toys.maker(demand, A_YEAR).make(2, 0)))
    funded = MEASURES.index("funded_package")
    few, many = (int(c.people[funded].sum()) for c in counts)
    assert abs(many - 2 * few) < 4 * np.sqrt(4000 * 0.5 * (4 + 2))


def test_longer_stays_mean_more_care_and_no_other_packages(toys):
    demand = toys.demand(sources={"community": 2000.0})
    people = toys.maker(demand, A_YEAR).make(2, 0)
    got = []
    for days in (10, 20, 40):
        stages = {
            **STAGES,
            "home": package(stay=exponential(days, "days")),
            "ward": package(stay=exponential(days, "days")),
        }
        got.append(counted(toys.compiled(toys.model(stages), demand).pathway, people))
    assert all(np.array_equal(got[0].people, other.people) for other in got[1:])
    assert got[0].days.sum() < got[1].days.sum() < got[2].days.sum()


def test_a_longer_run_begins_as_the_shorter_one_did(world):
    pathway, people = world
    short, long = live(pathway, people, end=100 * DAY), live(pathway, people, end=300 * DAY)
    assert rows_of(long)[: short.rows] == rows_of(short)
    assert long.time[short.rows] >= 100 * DAY
