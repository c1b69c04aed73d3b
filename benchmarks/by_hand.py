"""The same pathways as a good modeller would write them in plain SimPy: the yardstick of the ``simpy`` engine.

Nothing here uses Mesa, configs or this project's engine. Every person is a process, a limited team is a
``simpy.Resource``, and everything that happens is appended to one list as (hours, person, stage, event, value): the
same rows as our trace. Random numbers come from the standard library, which is quicker than NumPy for one number at a
time. Time is in hours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import simpy

Row = tuple[float, int, str, str, str | float]
Process = Generator[simpy.Event, Any, None]

DAY = 24.0
WEEK = 168.0
YEAR = 365.25 * DAY


def lognormal(random: Random, mean: float, sigma: float) -> float:
    """A lognormal number with the given mean; ``sigma`` is the standard deviation of its logarithm."""
    return random.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma)


def arrivals(
    env: simpy.Environment, random: Random, per_hour: float, until: float, person: Callable[[int], Process]
) -> Process:
    """People who come one by one, as a Poisson process, until an hour."""
    who = 0
    while True:
        yield env.timeout(random.expovariate(per_hour))
        if env.now >= until:
            return
        who += 1
        env.process(person(who))


# --- The reference pathway --------------------------------------------------------------------------------------------


def reference(
    seed: int, contacts_until: float, end: float, per_day: float = 85.0, held: int = 6_000, packages: bool = True
) -> list[Row]:
    """The reference pathway: desk, hub or home visit, enablement, assessment, package; people in care at the start.

    Without ``packages`` everybody leaves after the assessment, and nobody is in care at the start.
    """
    env, random = simpy.Environment(), Random(seed)
    rows: list[Row] = []
    desk, hub = simpy.Resource(env, 2), simpy.Resource(env, 1)
    visitors, assessors = simpy.Resource(env, 3), simpy.Resource(env, 7)
    places = simpy.Resource(env, 470)

    def serve(who: int, stage: str, team: simpy.Resource, hours: float) -> Process:
        rows.append((env.now, who, stage, "join", ""))
        with team.request() as turn:
            yield turn
            rows.append((env.now, who, stage, "start", ""))
            yield env.timeout(hours)
            rows.append((env.now, who, stage, "end", ""))

    def person(who: int) -> Process:
        rows.append((env.now, who, "contact", "contact", ""))
        yield from serve(who, "desk", desk, random.expovariate(3))
        if random.random() < 0.7:
            rows.append((env.now, who, "after_desk", "branch", "leaves"))
            rows.append((env.now, who, "advice", "outcome", ""))
            return
        rows.append((env.now, who, "after_desk", "branch", "goes_on"))
        if random.random() < 0.5:
            rows.append((env.now, who, "where", "branch", "hub"))
            yield from serve(who, "hub", hub, lognormal(random, 1.5, 0.5))
        else:
            rows.append((env.now, who, "where", "branch", "home_visit"))
            yield from serve(who, "home_visit", visitors, lognormal(random, 4, 0.5))
        if random.random() < 0.4:
            rows.append((env.now, who, "reached", "branch", "enabled"))
            yield from serve(who, "enablement", places, 42 * DAY)
        else:
            rows.append((env.now, who, "reached", "branch", "at_once"))
        yield from serve(who, "assessment", assessors, lognormal(random, 6, 0.5))
        if not packages:
            rows.append((env.now, who, "assessed", "outcome", ""))
            return
        if random.random() < 0.4:
            rows.append((env.now, who, "funding", "branch", "not_funded"))
            rows.append((env.now, who, "no_package", "outcome", ""))
            return
        rows.append((env.now, who, "funding", "branch", "funded"))
        yield from care(who, "package_start")

    def care(who: int, begins: str) -> Process:
        rows.append((env.now, who, "care", begins, ""))
        rows.append((env.now, who, "care", "weekly", ""))
        yield env.timeout(random.expovariate(1 / (2.5 * YEAR)))  # without memory: what is left has the same law
        rows.append((env.now, who, "care", "package_end", ""))
        rows.append((env.now, who, "care_ended", "outcome", ""))

    for who in range(held if packages else 0):
        env.process(care(-who, "held"))
    env.process(arrivals(env, random, per_day / DAY, contacts_until, person))
    env.run(end)
    return rows


# --- Barnet, 2014/15 --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Barnet:
    """Barnet's figures. Probabilities by source or client group; means of stays in hours.

    ``weekly``: price by client group and kind of care. ``held``: people in care at the start, by the same.
    """

    per_day: Mapping[str, float]
    groups: Sequence[str]
    group_shares: Sequence[float]
    resolved: Mapping[str, float]
    assessed: Mapping[str, float]
    funded: Mapping[str, float]
    short_term: Mapping[str, float]
    care_home: Mapping[str, float]
    contact_hours: float
    assessment_hours: float
    assessment_sigma: float
    short_term_hours: tuple[float, float]
    community_hours: Mapping[str, float]
    home_hours: Mapping[str, float]
    home_shape: float
    weekly: Mapping[tuple[str, str], float]
    held: Mapping[tuple[str, str], int]


def barnet(seed: int, contacts_until: float, end: float, figures: Barnet) -> list[Row]:
    """Barnet's model of 2014/15: first contact, social worker, assessment, funding, kind of care; nobody waits."""
    env, random = simpy.Environment(), Random(seed)
    rows: list[Row] = []

    def work(who: int, stage: str, hours: float) -> Process:
        rows.append((env.now, who, stage, "join", ""))
        rows.append((env.now, who, stage, "start", ""))
        yield env.timeout(hours)
        rows.append((env.now, who, stage, "end", ""))

    def stay(group: str, kind: str) -> float:
        """Hours of care; endless where no length is known."""
        if kind == "short_term_support":
            return random.uniform(*figures.short_term_hours)
        if kind == "community_care":
            return random.expovariate(1 / figures.community_hours[group])
        if group == "older_people":
            scale = figures.home_hours[group] / math.gamma(1 + 1 / figures.home_shape)
            return random.weibullvariate(scale, figures.home_shape)
        return random.expovariate(1 / figures.home_hours[group])

    def left(group: str, kind: str) -> float:
        """Hours for which care goes on that is under way at the start: a random part of a stay drawn by its length."""
        if kind == "care_home" and group == "older_people":
            shape = figures.home_shape
            scale = figures.home_hours[group] / math.gamma(1 + 1 / shape)
            return random.random() * scale * float(random.gammavariate(1 + 1 / shape, 1) ** (1 / shape))
        return stay(group, kind)  # without memory

    def care(who: int, group: str, kind: str, begins: str, hours: float | None) -> Process:
        rows.append((env.now, who, kind, begins, group))
        rows.append((env.now, who, kind, "weekly", figures.weekly.get((group, kind), -1)))
        if hours is None:
            return
        yield env.timeout(hours)
        rows.append((env.now, who, kind, "package_end", group))
        rows.append((env.now, who, "care_ended", "outcome", ""))

    def person(who: int, source: str) -> Process:
        group = random.choices(figures.groups, figures.group_shares)[0]
        rows.append((env.now, who, f"contact_{source}", "contact", group))
        yield from work(who, "social_care_direct", random.expovariate(1 / figures.contact_hours))
        if random.random() < figures.resolved[source]:
            rows.append((env.now, who, "first_contact", "branch", "resolved"))
            rows.append((env.now, who, "advice_at_first_contact", "outcome", ""))
            return
        rows.append((env.now, who, "first_contact", "branch", "referred"))
        if random.random() >= figures.assessed[source]:
            rows.append((env.now, who, "social_work", "branch", "not_assessed"))
            rows.append((env.now, who, "advice_by_social_worker", "outcome", ""))
            return
        rows.append((env.now, who, "social_work", "branch", "full_assessment"))
        yield from work(who, "needs_assessment", lognormal(random, figures.assessment_hours, figures.assessment_sigma))
        if random.random() >= figures.funded[source]:
            rows.append((env.now, who, "funding", "branch", "not_funded"))
            rows.append((env.now, who, "no_council_funding", "outcome", ""))
            return
        rows.append((env.now, who, "funding", "branch", "funded"))
        luck = random.random()
        if luck < figures.short_term[group]:
            branch, kind = "short_term", "short_term_support"
        elif luck < 1 - figures.care_home[group]:
            branch, kind = "community_care", "community_care"
        else:
            branch, kind = "care_home", "care_home"
        rows.append((env.now, who, "care_type", "branch", branch))
        known = group != "other"  # of that group no length of stay is known
        yield from care(who, group, kind, "package_start", stay(group, kind) if known else None)

    before = 0
    for (group, kind), people in figures.held.items():
        for _ in range(people):
            before -= 1
            env.process(care(before, group, kind, "held", left(group, kind)))
    for number, (source, per_day) in enumerate(figures.per_day.items()):

        def from_source(who: int, source: str = source, base: int = number * 1_000_000_000) -> Process:
            return person(base + who, source)

        env.process(arrivals(env, random, per_day / DAY, contacts_until, from_source))
    env.run(end)
    return rows
