"""What must follow when one thing changes, and pathways whose answer needs no calculation.

Each rule is asserted where it can be proved, and only there:

- *More staff, or longer opening hours, make nobody wait longer*: one team, first come first served, work that does not
  depend on the wait. With priorities, or with two stages behind each other, somebody may wait longer: earlier ends
  upstream change who comes first downstream.
- *More slots put nobody's appointment later*: people book as they come and keep what they booked. Whoever misses one
  books again later, and others may then have gone before.
- *Better resolution at the front door never means more packages*: nobody waits for anybody, decisions go by chance, and
  nobody contacts again. (Where a decision follows need, the share that goes on is kept, not the people.)
- *A change at hubs touches no hospital person*, where the two share no team.
"""

from __future__ import annotations

import numpy as np
import pytest
from conftest import (
    A_YEAR,
    DAY,
    HOUR,
    OUT,
    Shipped,
    Toys,
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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.codes import Event
from experiments.plan import compile_pair
from simulation.population import PopulationMaker
from simulation.tally import axes, tally

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Toys that Hypothesis may use again and again."""
    return Toys(tmp_path_factory.mktemp("many"))


def moments(least=1, most=60, within=10 * 24):
    """Moments of contact in ms, on the quarter hour so that many coincide."""
    return st.lists(st.integers(0, within * 4).map(lambda q: q * HOUR // 4), min_size=least, max_size=most).map(sorted)


def started(trace, pathway, stage):
    """When each person began at a stage."""
    rows = trace.where((trace.stage == pathway.index(stage)) & (trace.event == Event.START))
    return dict(zip(rows.person.tolist(), rows.time.tolist(), strict=True))


def desk(toys, staff, *, opens=None, law=None, to="out", **more):
    """A pathway of one team."""
    stages = {"come": arrival("desk"), "desk": service(to, law or exponential(9.0)), "out": OUT}
    loaded = toys.model(stages, teams={"team": staff})
    if opens is not None:
        hours = {day: [f"{opens[0]:02d}:00-{opens[1]:02d}:00"] for day in opens[2]}
        team = {"title": "team", "practitioners": float(staff), "hours": {**hours, "bank_holidays": "open"}}
        content = {**loaded.config.model_dump(include={"kind", "name", "title", "short_title", "reproduces"})}
        loaded = toys.fresh(toys.write("models", "toy", {**content, "teams": {"team": team}, "stages": stages}))
    return toys.compiled(loaded, toys.demand()).pathway


# ---- more staff, longer hours, shorter work ----


@QUICK
@given(times=moments(), staff=st.integers(1, 4), more=st.integers(1, 3), open_all_hours=st.booleans())
def test_with_more_staff_one_first_come_team_makes_nobody_wait_longer(many, times, staff, more, open_all_hours):
    opens = None if open_all_hours else (9, 17, WEEKDAYS)
    pathways = [desk(many, size, opens=opens) for size in (staff, staff + more)]
    people = many.crowd(many.demand(), times)
    few, plenty = (started(live(p, people), p, "desk") for p in pathways)
    assert len(few) == len(plenty) == len(times)
    assert all(plenty[person] <= time for person, time in few.items())


@QUICK
@given(times=moments(), staff=st.integers(1, 3), by=st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()))
def test_with_longer_opening_hours_nobody_begins_or_ends_later(many, times, staff, by):
    earlier, later, sunday = by
    short = desk(many, staff, opens=(9, 17, WEEKDAYS))
    long = desk(many, staff, opens=(9 - earlier, 17 + later, (*WEEKDAYS, "sunday") if sunday else WEEKDAYS))
    people = many.crowd(many.demand(), times)
    a, b = live(short, people), live(long, people)
    before, after = started(a, short, "desk"), started(b, long, "desk")
    assert len(before) == len(after) == len(times)
    assert all(after[person] <= time for person, time in before.items())
    ends = [dict(zip(t.of(Event.END).person.tolist(), t.of(Event.END).time.tolist(), strict=True)) for t in (a, b)]
    assert all(ends[1][person] <= time for person, time in ends[0].items())


@QUICK
@given(times=moments(), staff=st.integers(1, 3), share=st.sampled_from([0.3, 0.7, 0.95]))
def test_with_shorter_work_nobody_begins_later(many, times, staff, share):
    """The same luck of each person, so everybody's work is shorter."""
    pathways = [desk(many, staff, law=exponential(9.0 * factor)) for factor in (1.0, share)]
    people = many.crowd(many.demand(), times)
    long, short = (started(live(p, people), p, "desk") for p in pathways)
    assert all(short[person] <= time for person, time in long.items())


@QUICK
@given(times=moments(), places=st.integers(1, 4), more=st.integers(1, 3))
def test_with_more_places_nobody_comes_in_later(many, times, places, more):
    def pathway(size):
        stages = {
            "come": arrival("stay"),
            "stay": {"kind": "places", "places": float(size), "stay": exponential(2.0, "days"), "to": "out"},
            "out": OUT,
        }
        return many.compiled(many.model(stages), many.demand()).pathway

    few, plenty = pathway(places), pathway(places + more)
    people = many.crowd(many.demand(), times)
    before, after = started(live(few, people), few, "stay"), started(live(plenty, people), plenty, "stay")
    assert len(before) == len(after) == len(times)
    assert all(after[person] <= time for person, time in before.items())


# ---- more slots ----

SLOTS = st.dictionaries(
    st.sampled_from(["monday", "wednesday", "friday"]),
    st.dictionaries(st.sampled_from(["09:00", "11:30", "14:00"]), st.integers(1, 2), min_size=1),
    min_size=1,
)


def week_of(slots):
    """Slots as a model gives them."""
    return {day: {minute: float(people) for minute, people in at.items()} for day, at in slots.items()}


@QUICK
@given(times=moments(), slots=SLOTS, extra=SLOTS)
def test_more_slots_put_nobodys_hub_appointment_later(many, times, slots, extra):
    def pathway(sites):
        stages = {
            "come": arrival("hub"),
            "hub": {
                "kind": "appointments",
                "team": "team",
                "slots": {site: week_of(slots) for site, slots in sites},
                "lead_time": exponential(3.0, "days"),
                "length": constant(1.0),
                "did_not_attend": 0.0,
                "rebookings": 0.0,
                "gave_up_to": "out",
                "to": "out",
            },
            "out": OUT,
        }
        return many.compiled(many.model(stages), many.demand()).pathway

    few, plenty = pathway([("one", slots)]), pathway([("one", slots), ("two", extra)])
    people = many.crowd(many.demand(), times)
    end = A_YEAR.end + 1000 * DAY
    before, after = (started(live(p, people, end=end), p, "hub") for p in (few, plenty))
    assert len(before) == len(after) == len(times)
    assert all(after[person] <= time for person, time in before.items())


# ---- better resolution ----


@st.composite
def after_the_door(draw):
    """Random stages after the front door, each leading to later ones; nobody waits for anybody."""
    size = draw(st.integers(1, 6))
    names = [f"s{i}" for i in range(size)] + ["out"]
    stages = {}
    for i in range(size):
        to, later = names[i + 1], draw(st.sampled_from(names[i + 1 :]))
        kind = draw(st.sampled_from(["service", "decision", "package", "places"]))
        if kind == "service":
            stages[names[i]] = service(to, exponential(20.0))
        elif kind == "decision":
            stages[names[i]] = decision((later, draw(st.floats(0.1, 0.9))), (to, "rest"))
        elif kind == "package":
            stages[names[i]] = package(to, stay=exponential(50.0, "days"), goes_on=draw(st.booleans()))
        else:
            stages[names[i]] = {"kind": "places", "places": "unlimited", "stay": exponential(9.0, "days"), "to": to}
    return stages


@QUICK
@given(stages=after_the_door(), shares=st.lists(st.floats(0.02, 0.98), min_size=2, max_size=3).map(sorted))
def test_better_resolution_gives_nobody_a_package_who_had_none(many, stages, shares):
    before = None
    demand = many.demand(sources={"community": 200.0})
    people = many.maker(demand, A_YEAR).make(3, 0)
    for share in shares:
        door = {"come": arrival("door"), "door": decision(("resolved", share), ("s0", "rest"))}
        pathway = many.compiled(many.model({**door, **stages, "resolved": OUT, "out": OUT}), demand).pathway
        trace = live(pathway, people)
        starts = trace.of(Event.PACKAGE_START)
        names = [pathway.stages[s] for s in starts.stage.tolist()]
        got = set(zip(starts.person.tolist(), names, starts.time.tolist(), strict=True))
        assert before is None or got <= before
        before = got


# ---- a change at hubs and people from hospital ----


def hospital_rows(trace, pathway, people, space):
    """Rows of people from hospital, in order, with names for stages and branches."""
    hospital = people.person[people.codes["source"] == space["source"].index("hospital")]
    mine = trace.where(np.isin(trace.person, hospital))
    rows = []
    for t, p, s, e, v in rows_of(mine):
        row = pathway.decision[s]
        branch = pathway.branch_names[row][v] if row >= 0 else v
        rows.append((t, p, pathway.stages[s], e, branch))
    return rows


HOSPITAL = {"source": ["hospital"]}


def test_a_change_at_hubs_touches_no_hospital_person_in_the_shipped_comparison(shipped: Shipped):
    """Barnet and Shropshire joined: at any transfer, and whatever hubs resolve, hospital people's rows are the same."""
    demand = shipped["demand/barnet_2014_15"]
    first, second = shipped["models/barnet_2014_15"], shipped["models/shropshire_p2p"]
    maker = PopulationMaker(demand, shipped.values(), A_YEAR)
    people = maker.make(1, 0)
    hospital, everybody = [], []
    for transfer, resolved in ((0.0, 0.88), (0.4, 0.88), (1.0, 0.88), (1.0, 0.5), (1.0, 1.0)):
        values = shipped.values({"models/shropshire_p2p.hub_resolved_share": resolved})
        pathway = compile_pair(
            first, second, demand, shipped["prices/barnet_2014_15"], values, transfer, HOSPITAL
        ).pathway
        trace = live(pathway, people)
        hospital.append(hospital_rows(trace, pathway, people, maker.space))
        everybody.append(trace)
    assert len(hospital[0]) > 20_000
    assert all(rows == hospital[0] for rows in hospital[1:])
    assert len({trace.rows for trace in everybody}) == 5, "the change must touch somebody"


NOW = {
    "come": arrival("desk"),
    "ward": arrival("ward_desk", "hospital"),
    "desk": service("door", exponential(2.0), team="desk"),
    "door": decision(("out", 0.6), ("assess", "rest"), follows_need=follows(0.5)),
    "assess": service("funding", exponential(6.0), team="assessors"),
    "ward_desk": service("ward_assess", exponential(3.0), team="ward_desk"),
    "ward_assess": service("funding", exponential(9.0), team="ward_team"),
    "funding": decision(("out", 0.3), ("kind", "rest"), follows_need=follows(0.5)),
    "kind": decision(("home", 0.7), ("care_home", "rest"), follows_need=follows(1.0)),
    "home": package(stay=exponential(60, "days")),
    "care_home": package(care_type="care_home", stay=exponential(200, "days")),
    "out": OUT,
}


def hub_model(slots, resolved):
    """The same with hubs for the community: so many people at each slot, and a share resolved there."""
    stages = {
        **NOW,
        "door": decision(("out", 0.4), ("hub", "rest"), follows_need=follows(0.5)),
        "hub": {
            "kind": "appointments",
            "team": "hubs",
            "slots": {"library": {day: {"10:00": float(slots), "14:00": float(slots)} for day in WEEKDAYS}},
            "lead_time": exponential(2.0, "days"),
            "length": exponential(1.0),
            "did_not_attend": 0.2,
            "rebookings": 1.0,
            "gave_up_to": "out",
            "to": "at_hub",
        },
        "at_hub": decision(("out", resolved), ("assess", "rest"), follows_need=follows(0.5)),
    }
    return stages


def test_a_change_at_hubs_touches_no_hospital_person_where_teams_are_limited_and_apart(toys):
    teams = {"desk": 1, "assessors": 1, "ward_desk": 1, "ward_team": 1, "hubs": 2}
    demand = toys.demand(sources={"community": 1500.0, "hospital": 800.0})
    maker = toys.maker(demand, A_YEAR)
    people = maker.make(5, 0)
    now_teams = {name: size for name, size in teams.items() if name != "hubs"}
    hospital, community = [], []
    for transfer, slots, resolved in ((0.0, 1, 0.5), (1.0, 1, 0.5), (1.0, 3, 0.5), (1.0, 1, 0.9), (0.5, 1, 0.5)):
        first = toys.model(NOW, name="now", teams=now_teams)
        second = toys.model(hub_model(slots, resolved), name="then", teams=teams)
        values = toys.values(first, second, demand)
        pathway = compile_pair(first, second, demand, None, values, transfer, HOSPITAL).pathway
        trace = live(pathway, people)
        hospital.append(hospital_rows(trace, pathway, people, maker.space))
        community.append(trace.rows - len(hospital[-1]))
    waits = [t for t, _, stage, event, _ in hospital[0] if stage.startswith("ward_assess") and event == Event.START]
    joins = [t for t, _, stage, event, _ in hospital[0] if stage.startswith("ward_assess") and event == Event.JOIN]
    assert sum(waits) - sum(joins[: len(waits)]) > 1000 * HOUR, "hospital people must wait for their own team"
    assert all(rows == hospital[0] for rows in hospital[1:])
    assert len(set(community)) == 5, "the change must touch somebody"


# ---- pathways whose answer needs no calculation ----


def test_where_nobody_arrives_nothing_happens(toys):
    demand = toys.demand(sources={"community": 0.0, "hospital": 0.0})
    pathway = toys.compiled(toys.model(NOW, teams={"desk": 1, "ward_team": 1}), demand).pathway
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(pathway, people)
    assert people.size == trace.rows == 0
    counted = tally(trace, pathway, people, axes(pathway, ("older_people",), A_YEAR), A_YEAR)
    assert all(not array.any() for array in counted.arrays().values())


@pytest.mark.parametrize("branch", [0, 1])
@pytest.mark.parametrize("weight", [0.0, 0.6, 1.0])
def test_where_everybody_takes_one_branch_everybody_takes_it(toys, branch, weight):
    door = decision(("left", 1.0 - branch), ("right", "rest"), follows_need=follows(weight))
    stages = {"come": arrival("door"), "door": door, "left": OUT, "right": OUT}
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages), demand).pathway
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(pathway, people)
    assert set(trace.of(Event.BRANCH).value.tolist()) == {branch}
    assert trace.of(Event.OUTCOME).rows == people.size > 3_000


def test_a_team_as_large_as_the_crowd_is_an_unlimited_team(toys):
    stages = {**NOW, "ward_desk": {**NOW["ward_desk"], "team": "desk"}, "ward_assess": {**NOW["assess"]}}
    demand = toys.demand(sources={"community": 300.0, "hospital": 200.0})
    people = toys.maker(demand, A_YEAR).make(1, 0)
    large, endless = (
        live(toys.compiled(toys.model(stages, teams={"desk": n, "assessors": n}), demand).pathway, people)
        for n in (people.size, "unlimited")
    )
    assert large.same_as(endless)
    joined, begun = endless.of(Event.JOIN), endless.of(Event.START)
    assert np.array_equal(joined.time, begun.time)
    assert np.array_equal(joined.person, begun.person)


def test_behind_a_blocked_stage_nothing_happens(toys):
    """One practitioner who is never done: the first is served, the others wait, and nobody gets past."""
    stages = {
        "come": arrival("desk"),
        "desk": service("blocked", 1.0),
        "blocked": service("care", constant(100.0, "years"), team="blocked"),
        "care": package(stay=constant(10, "days")),
        "out": OUT,
    }
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages, teams={"blocked": 1}), demand).pathway
    people = toys.maker(demand, A_YEAR).make(1, 0)
    trace = live(pathway, people)
    here = trace.where(trace.stage == pathway.index("blocked"))
    assert here.of(Event.JOIN).rows == people.size
    assert here.of(Event.START).rows == 1
    assert here.of(Event.END).rows == trace.of(Event.PACKAGE_START).rows == trace.of(Event.OUTCOME).rows == 0
    counted = tally(trace, pathway, people, axes(pathway, ("older_people",), A_YEAR), A_YEAR)
    assert counted.unfinished.tolist() == [people.size, 0]


def test_a_path_without_chance_is_the_one_on_paper(toys):
    """Two people, one desk of an hour, one place of two days, care of ten days."""
    stages = {
        "come": arrival("desk"),
        "desk": service("enabled", 1.0),
        "enabled": {"kind": "places", "places": 1.0, "stay": constant(2, "days"), "to": "needs"},
        "needs": decision(("care", 1.0)),
        "care": package(stay=constant(10, "days")),
        "out": OUT,
    }
    demand = toys.demand()
    pathway = toys.compiled(toys.model(stages, teams={"team": 1}), demand).pathway
    trace = live(pathway, toys.crowd(demand, [0, HOUR // 2]))
    got = [(hours, who, stage, event) for hours, who, stage, event, _ in story(trace, pathway)]
    assert got == [
        (0.0, 1, "come", "contact"),
        (0.0, 1, "desk", "join"),
        (0.0, 1, "desk", "start"),
        (0.5, 2, "come", "contact"),
        (0.5, 2, "desk", "join"),
        (1.0, 1, "desk", "end"),
        (1.0, 1, "enabled", "join"),
        (1.0, 1, "enabled", "start"),
        (1.0, 2, "desk", "start"),
        (2.0, 2, "desk", "end"),
        (2.0, 2, "enabled", "join"),
        (49.0, 1, "enabled", "end"),
        (49.0, 1, "needs", "branch"),
        (49.0, 1, "care", "package_start"),
        (49.0, 1, "care", "weekly"),
        (49.0, 2, "enabled", "start"),
        (97.0, 2, "enabled", "end"),
        (97.0, 2, "needs", "branch"),
        (97.0, 2, "care", "package_start"),
        (97.0, 2, "care", "weekly"),
        (289.0, 1, "care", "package_end"),
        (289.0, 1, "out", "outcome"),
        (337.0, 2, "care", "package_end"),
        (337.0, 2, "out", "outcome"),
    ]
