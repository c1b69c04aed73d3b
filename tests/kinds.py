"""Builders of the later kinds of stage, and a slow, independent reader of traces that finds what cannot be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from conftest import A_YEAR, Toys, constant, live, story

from agents.codes import Event, Kind
from agents.person import Person
from simulation.calendar import Calendar
from simulation.engine_simpy import CareModel
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.trace import Trace

YEAR = 365.25 * 24
"""Hours in a year of a rate."""


def _law(given: Any, unit: str = "hours") -> Any:
    return constant(given, unit) if isinstance(given, float | int) else given


def appointments(to: str = "out", slots: Any = "unlimited", lead: Any = 0.0, length: Any = 1.0, **more: Any) -> Any:
    """Bookable slots; numbers are constant hours. Nobody misses one unless told so."""
    return {
        "kind": "appointments",
        "team": "team",
        "slots": slots,
        "lead_time": _law(lead),
        "length": _law(length),
        "did_not_attend": 0.0,
        "rebookings": 0.0,
        "gave_up_to": "out",
        "to": to,
        **more,
    }


def places(to: str = "out", number: Any = 1.0, stay: Any = 24.0, **more: Any) -> Any:
    """A stay in one of a number of places; a number is constant hours."""
    return {"kind": "places", "places": number, "stay": _law(stay), "to": to, **more}


def fork(parent: Any, activity: str, every: Any) -> Any:
    """Reviews of care; a number is a constant interval in days."""
    return {"kind": "fork", "parent": parent, "every": _law(every, "days"), "activity": activity}


def hazard(during: Sequence[str], to: str, rate: Any) -> Any:
    """A competing exit, with a rate a year."""
    return {"kind": "hazard", "during": list(during), "rate_per_year": rate, "to": to}


def change(attribute: str, to: str, **how: Any) -> Any:
    """A stage that sets something."""
    return {"kind": "set", "attribute": attribute, "to": to, **how}


def outcome(need: str = "not_published", again: Any = None, after: Any = None, **more: Any) -> Any:
    """An outcome; ``after`` in days if it is a number."""
    if again is None:
        return {"kind": "outcome", "need": need, **more}
    return {"kind": "outcome", "need": need, "contacts_again": again, "after": _law(after, "days"), **more}


REVIEWED = outcome("reviewed")


def longest(after: Any, to: str) -> Any:
    """A longest wait; a number is constant hours."""
    return {"after": _law(after), "to": to}


def priced(toys: Toys, care: Mapping[str, Any], **more: Any) -> Any:
    """A prices file: client group to care type to the whole entry."""
    kinds = sorted({kind for of_group in care.values() for kind in of_group})
    content = {
        "kind": "prices",
        "name": "toy",
        "title": "toy",
        "price_base": "any",
        "care_types": {kind: {"title": kind, "long_term": True} for kind in kinds},
        "care": care,
        **more,
    }
    return toys.fresh(toys.write("prices", "toy", content))


def with_constant(pathway: Pathway, stage: str, ticks: int) -> Pathway:
    """The same pathway with every draw of a stage's own law (such as a hazard's) coming out as ``ticks``."""
    tables, duration = pathway.tables.copy(), pathway.duration.copy()
    at = pathway.index(stage)
    tables = np.concatenate([tables, np.full((1, tables.shape[1]), ticks, dtype=np.int64)])
    duration[at] = len(tables) - 1
    return replace(pathway, tables=tables, duration=duration)


def always_again(pathway: Pathway) -> Pathway:
    """The same pathway in which everybody who may contact again does."""
    return replace(pathway, again=np.where(pathway.again > 0, 1.0, 0.0))


def made(toys: Toys, stages: Mapping[str, Any], **more: Any) -> Pathway:
    """A pathway for the plain demand; ``teams`` and ``prices`` as the maker takes them."""
    prices = more.pop("prices", None)
    demand = more.pop("demand", None) or toys.demand()
    return toys.compiled(toys.model(stages, **more), demand, prices).pathway


def lived(
    toys: Toys,
    pathway: Pathway,
    hours: Sequence[float],
    *,
    calendar: Calendar = A_YEAR,
    end: int | None = None,
    **who: Any,
) -> list[tuple[float, int, str, str, int]]:
    """The story of people who come at these hours, replayed on the way; without the arrival's rows."""
    people = toys.crowd(toys.demand(), [round(h * 3_600_000) for h in hours], **who)
    trace = live(pathway, people, calendar, end)
    replay(trace, pathway)
    return [row for row in story(trace, pathway) if row[3] != "contact"]


def in_care(people: Population, care: str) -> Population:
    """The same people, all of them in care at the start."""
    return replace(
        people, time=np.zeros(people.size, np.int64), held=np.zeros(people.size, np.int64), held_types=(care,)
    )


def left_in(pathway: Pathway, people: Population, end: int, calendar: Calendar = A_YEAR, seed: int = 1) -> set[int]:
    """Who is still in the model's register at a tick."""
    model = CareModel(pathway, people, calendar, end, seed, 0)
    try:
        model.run_until(end)
        return {agent.person for agent in model.agents if isinstance(agent, Person)}
    finally:
        model.close()


@dataclass
class _Life:
    """Where somebody is: on the main way, in care, and in reviews."""

    main: str = "absent"
    at: int = -1
    since: int = 0
    care: Counter[int] = field(default_factory=Counter)
    reviews: dict[int, list[int]] = field(default_factory=dict)  # care stage: [fork, where the review is, state]
    begun: bool = False
    died: int = -1


def review_stages(pathway: Pathway) -> set[int]:
    """Stages that reviews walk, up to the outcome or the end of the care."""
    found: set[int] = set()
    ahead = [int(pathway.following[f]) for f in np.flatnonzero(pathway.kind == Kind.FORK)]
    while ahead:
        stage = ahead.pop()
        if stage in found:
            continue
        found.add(stage)
        ends = pathway.kind[stage] == Kind.SET and pathway.set_care[stage] == 0
        if not ends:
            ahead += [to for to in pathway.leads_to(stage) if pathway.kind[to] not in (Kind.FORK, Kind.HAZARD)]
    return found


MOVES = {Event.JOIN, Event.START, Event.END, Event.BOOKED, Event.MISSED, Event.BRANCH, Event.SET, Event.OVERFLOW}


def replay(trace: Trace, pathway: Pathway) -> dict[int, _Life]:
    """Read a trace row by row; an error where somebody is nowhere, in two places, or a step does not follow.

    Needs reviews to walk stages of their own. Returns where everybody is at the end.
    """
    aside = review_stages(pathway)
    lives: dict[int, _Life] = defaultdict(_Life)
    busy: Counter[int] = Counter()
    last = -1
    for t, p, s, e, v in zip(
        trace.time.tolist(), trace.person.tolist(), trace.stage.tolist(), trace.event.tolist(), trace.value.tolist(),
        strict=True,
    ):  # fmt: skip
        assert t >= last, "time runs backwards"
        last = t
        life, event, kind = lives[p], Event(e), pathway.kind[s]
        here = f"person {p} at {t}, {pathway.stages[s]}, {event.name}, was {life.main} at {life.at}"
        if event in (Event.START, Event.END) and kind in (Kind.SERVICE, Kind.PLACES):
            team = int(pathway.team[s])
            busy[team] += 1 if event == Event.START else -1
            assert busy[team] >= 0
        if event in (Event.WEEKLY, Event.PAYS):
            assert life.care[s] > 0 or (kind == Kind.PLACES and life.main == "served" and life.at == s), here
            continue
        if event == Event.PACKAGE_END:
            assert life.care[s] > 0, here
            life.care[s] -= 1
            assert life.died in (-1, t), here
            if life.main == "care" and life.at == s:
                life.main, life.since = "walking", t
            continue
        if event == Event.REVIEW:
            assert life.care[v] > 0 and v not in life.reviews, here
            life.reviews[v] = [s, -1]
            continue
        if event == Event.REVIEWED:
            assert life.reviews.pop(v)[0] == s, here
            continue
        if s in aside and (event in MOVES or event == Event.WITHDRAWN):
            assert life.reviews, here
            continue
        # The main way: nobody is lost between two stages, and nobody moves while they wait.
        if event in (Event.CONTACT, Event.HELD):
            assert life.main == "absent" and not life.begun, here
            life.begun, life.main, life.since = True, "walking", t
        if event == Event.CONTACT_AGAIN:
            assert life.main == "left", here
            life.main, life.since = "walking", t
        elif event == Event.JOIN:
            assert life.main == "walking" and life.since == t, here
            life.main, life.at = "waits", s
        elif event == Event.BOOKED:
            assert life.main == "waits" and life.at == s, here
        elif event == Event.MISSED:
            assert life.main == "waits" and life.at == s, here
            life.since = t
            if v > pathway.rebookings[s]:
                life.main = "walking"
        elif event == Event.START:
            assert life.main == "waits" and life.at == s, here
            life.main = "served"
        elif event == Event.END:
            assert life.main in ("served", "cut") and life.at == s, here
            life.main, life.since = "walking", t
        elif event == Event.OVERFLOW:
            assert life.main == "waits" and life.at == s, here
            life.main, life.since = "walking", t
        elif event == Event.HAZARD:
            if pathway.kind[v] == Kind.PACKAGE:
                assert life.main == "care" and life.at == v, here
            else:
                assert life.main in ("waits", "served") and life.at == v, here
                life.main, life.since = ("cut" if life.main == "served" else "walking"), t
        elif event in (Event.PACKAGE_START, Event.HELD):
            assert life.main == "walking" and life.since == t, here
            life.care[s] += 1
            if not pathway.goes_on[s]:
                life.main, life.at = "care", s
            elif event == Event.HELD:
                life.main = "left"
        elif event in (Event.BRANCH, Event.SET):
            assert life.main == "walking" and life.since == t, here
        elif event == Event.OUTCOME:
            assert life.main == "walking" and life.since == t, here
            life.main = "left"
            life.died = t if pathway.died[s] else -1
        else:
            assert event == Event.CONTACT, here
    for person, life in lives.items():
        assert life.main != "walking" and life.main != "cut", f"person {person} is lost at {life.at}"
        assert life.died < 0 or (life.main == "left" and not sum(life.care.values())), f"person {person} has died"
    return dict(lives)


def still_there(lives: Mapping[int, _Life], comes_again: set[int] = frozenset()) -> set[int]:  # type: ignore[assignment]
    """Who has not left for good, by the replay; ``comes_again`` are known to be on their way back."""
    return {p for p, life in lives.items() if life.main != "left" or sum(life.care.values()) or p in comes_again}
