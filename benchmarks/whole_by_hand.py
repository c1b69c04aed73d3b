"""Barnet's whole pathway by hand in plain SimPy: people in care at the start, reviews, hazards, people who come back.

See ``by_hand``. Teams are unlimited in this model, so that nothing queues. Every decision goes by chance, with the
shares of each kind of person; ours also looks at need.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import simpy

from benchmarks.by_hand import DAY, Process, Row, arrivals, lognormal

Who = tuple[int, str, int, str]
"""Identity, client group, person type, source."""

HOMES = ("residential", "nursing")
BESIDE = ("telecare", "day_care")


@dataclass(frozen=True)
class Whole:
    """The figures. Person types number (client group, means, source).

    Attributes:
        per_day: contacts by source. above_limit: share with much money, by group. types: their numbers.
        cuts: decision to type to cumulative shares; branches: decision to (name, where it leads).
        hours: mean of each stage's time by type. again: outcome to type to the chance of coming back.
        base: weekly price; sigma of sizes and mean share paid by the client, by kind of care.
        held: (group, kind) to people in care at the start; age: mean hours it has run.
    """

    per_day: Mapping[str, float]
    groups: Sequence[str]
    group_shares: Mapping[str, Sequence[float]]
    above_limit: Mapping[str, float]
    types: Mapping[tuple[str, str, str], int]
    cuts: Mapping[str, Sequence[Sequence[float]]]
    branches: Mapping[str, Sequence[tuple[str, str]]]
    hours: Mapping[str, Sequence[float]]
    again: Mapping[str, Sequence[float]]
    base: Mapping[str, Sequence[float]]
    sized: Mapping[str, bool]
    paid: Mapping[str, Sequence[bool]]
    held: Mapping[tuple[str, str], int]
    age: Mapping[str, Sequence[float]]
    sigma: float
    interval_sigma: float
    shape: float
    enablement: tuple[float, float]


class Care:
    """Care that runs: whether it still does, whether a review is under way, and the process that waits for its end."""

    def __init__(self, ends: float):
        self.ends, self.live, self.reviewed = ends, True, False
        self.process: simpy.Process | None = None


def whole(seed: int, contacts_until: float, end: float, figures: Whole) -> list[Row]:
    """One run."""
    env, random = simpy.Environment(), Random(seed)
    rows: list[Row] = []
    hours = figures.hours
    weibull = 1 / math.gamma(1 + 1 / figures.shape)

    def work(who: int, stage: str, mean: float) -> Process:
        rows.append((env.now, who, stage, "join", ""))
        rows.append((env.now, who, stage, "start", ""))
        yield env.timeout(lognormal(random, mean, figures.sigma))
        rows.append((env.now, who, stage, "end", ""))

    def decide(who: int, kind: int, stage: str) -> str:
        name, to = figures.branches[stage][bisect_right(figures.cuts[stage][kind], random.random())]
        rows.append((env.now, who, stage, "branch", name))
        return to

    # Care and its reviews

    def price(who: int, kind: int, stage: str, level: float = 1.0) -> None:
        weekly = figures.base[stage][kind] * level
        if figures.sized[stage]:
            weekly *= random.lognormvariate(-0.125, 0.5)
        rows.append((env.now, who, stage, "weekly", weekly))
        if figures.paid[stage][kind]:
            rows.append((env.now, who, stage, "pays", weekly * random.random() * 0.4))

    def stay(group: str, kind: int, stage: str) -> float:
        mean = hours[stage][kind]
        if stage in HOMES and group == "older_people":
            return random.weibullvariate(mean * weibull, figures.shape)
        return mean if stage == "equipment" else random.expovariate(1 / mean)

    def under_way(group: str, kind: int, stage: str) -> tuple[float, float]:
        """Hours for which care at the start has run, and goes on."""
        mean = hours[stage][kind]
        if stage in HOMES and group == "older_people":
            shape = figures.shape
            length = mean * weibull * float(random.gammavariate(1 + 1 / shape, 1) ** (1 / shape))
            part = random.random()
            return part * length, (1 - part) * length
        return random.expovariate(1 / figures.age[stage][kind]), random.expovariate(1 / mean)

    def care(one: Who, stage: str, begins: str, length: float, age: float = 0.0) -> Process:
        who, _, kind, _ = one
        rows.append((env.now, who, stage, begins, ""))
        price(who, kind, stage)
        running = Care(env.now + length)
        running.process = env.active_process
        if stage in HOMES:
            env.process(reviews(one, stage, running, "home_review", planned(kind, "home_review_due"), age))
            env.process(
                reviews(one, stage, running, "unplanned_home_review", sudden(kind, "unplanned_home_review_due"), age)
            )
        elif stage not in BESIDE and stage != "equipment":
            env.process(reviews(one, stage, running, "planned_review", planned(kind, "planned_review_due"), age))
            env.process(reviews(one, stage, running, "unplanned_review", sudden(kind, "unplanned_review_due"), age))
        with suppress(simpy.Interrupt):
            yield env.timeout(length)
        running.live = False
        rows.append((env.now, who, stage, "package_end", ""))
        if stage not in BESIDE:
            rows.append((env.now, who, "care_ended", "outcome", ""))

    def planned(kind: int, due: str) -> Callable[[], float]:
        mean = hours[due][kind]
        return lambda: lognormal(random, mean, figures.interval_sigma)

    def sudden(kind: int, due: str) -> Callable[[], float]:
        rate = 1 / hours[due][kind]
        return lambda: random.expovariate(rate)

    def reviews(one: Who, stage: str, of: Care, activity: str, every: Callable[[], float], age: float) -> Process:
        who, _, kind, _ = one
        while of.live:
            wait = every() - age
            while wait <= 0:
                wait += every()
            age = 0.0
            if of.ends <= env.now + wait:
                return
            yield env.timeout(wait)
            if not of.live:
                return
            if of.reviewed:
                continue
            of.reviewed = True
            rows.append((env.now, who, f"{activity}_due", "review", ""))
            yield from work(who, activity, hours[activity][kind])
            of.reviewed = False
            to = decide(who, kind, f"{activity}_says") if of.live and "home" not in activity else "reviewed"
            if to in ("care_cut", "care_raised"):
                price(who, kind, stage, 0.9)
                rows.append((env.now, who, to, "set", ""))
            rows.append((env.now, who, f"{activity}_due", "reviewed", ""))
            if to == "care_stops" and of.process is not None and env.now < of.ends:
                of.process.interrupt()
                return

    # Before care

    def cut_short(who: int, stage: str, length: float, hazards: Mapping[str, float]) -> Any:
        """A stay that a hazard may end; which one did, or None."""
        rows.append((env.now, who, stage, "join", ""))
        rows.append((env.now, who, stage, "start", ""))
        which, soonest = None, length
        for name, mean in hazards.items():
            if mean and (at := random.expovariate(1 / mean)) < soonest:
                which, soonest = name, at
        yield env.timeout(soonest)
        if which is not None:
            rows.append((env.now, who, which, "hazard", stage))
        rows.append((env.now, who, stage, "end", ""))
        return which

    def to_funding(one: Who) -> Process:
        who, _, kind, _ = one
        stage = "waiting_for_assessment"
        names = ("crisis_while_waiting", "to_hospital_while_waiting")
        hazards = {name: hours[name][kind] for name in names}
        which = yield from cut_short(who, stage, lognormal(random, hours[stage][kind], figures.sigma), hazards)
        if which == "crisis_while_waiting":
            rows.append((env.now, who, "crisis", "set", ""))
            rows.append((env.now, who, "crisis_care", "set", ""))
            yield from work(who, "urgent_assessment", hours["urgent_assessment"][kind])
            return
        if which is not None:
            yield from cut_short(who, "in_hospital", random.expovariate(1 / hours["in_hospital"][kind]), {})
            rows.append((env.now, who, "weaker_after_hospital", "set", ""))
        yield from work(who, "needs_assessment", hours["needs_assessment"][kind])

    def episode(one: Who, stage: str) -> Any:
        """From a stage to an outcome, or None once care has ended; the outcome's name."""
        who, group, kind, _ = one
        while True:
            if stage == "social_care_direct":
                rows.append((env.now, who, stage, "join", ""))
                rows.append((env.now, who, stage, "start", ""))
                yield env.timeout(random.expovariate(1 / hours[stage][kind]))
                rows.append((env.now, who, stage, "end", ""))
                stage = "first_contact"
            elif stage in figures.branches:
                stage = decide(who, kind, stage)
            elif stage == "waiting_for_assessment":
                yield from to_funding(one)
                stage = "funding"
            elif stage == "arranging_care":
                length = random.expovariate(1 / hours[stage][kind])
                hazard = "death_before_care"
                died = yield from cut_short(who, stage, length, {hazard: hours[hazard][kind]})
                stage = "died" if died else "first_support"
            elif stage in ("enablement", "more_enablement"):
                rows.append((env.now, who, stage, "weekly", figures.base[stage][kind]))
                yield from cut_short(who, stage, random.uniform(*figures.enablement), {})
                stage = f"after_{stage}"
            elif stage == "recovered":
                rows.append((env.now, who, stage, "set", ""))
                stage = "independent"
            elif stage in BESIDE:
                env.process(care(one, stage, "package_start", stay(group, kind, stage)))
                stage = "day_care_beside" if stage == "telecare" else "home_kind"
            elif stage in figures.age:
                yield from care(one, stage, "package_start", stay(group, kind, stage))
                return None
            else:
                rows.append((env.now, who, stage, "outcome", ""))
                return stage

    def person(who: int, source: str) -> Process:
        group = random.choices(figures.groups, figures.group_shares[source])[0]
        means = "above_limit" if random.random() < figures.above_limit[group] else "below_limit"
        kind = figures.types[group, means, source]
        rows.append((env.now, who, f"contact_{source}", "contact", ""))
        entry = {"transition": "setting", "capital_depleted": "care_home_kind"}
        while True:
            left = yield from episode((who, group, kind, source), entry.get(source, "social_care_direct"))
            if left is None or random.random() >= figures.again[left][kind]:
                return
            yield env.timeout(random.expovariate(1 / hours[left][kind]))
            rows.append((env.now, who, f"contact_{source}", "contact_again", ""))

    before = 0
    for (group, stage), people in figures.held.items():
        kind = figures.types[group, "below_limit", "community"]
        for _ in range(people):
            before -= 1
            age, left = under_way(group, kind, stage)
            env.process(care((before, group, kind, "community"), stage, "held", left, age))
    for number, (source, per_day) in enumerate(figures.per_day.items()):

        def from_source(who: int, source: str = source, base: int = number * 1_000_000_000) -> Process:
            return person(base + who, source)

        env.process(arrivals(env, random, per_day / DAY, contacts_until, from_source))
    env.run(end)
    return rows
