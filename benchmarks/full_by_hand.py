"""The pathway with every feature on, by hand in plain SimPy; see ``by_hand``. ``full_figures`` names the figures.

A team is a ``simpy.PriorityResource``. At closing time the night asks for every practitioner before anybody else and
gives them back in the morning; who is off the roster is asked for before the night. Work that has begun knows when it
will be done. Everything that ends a wait early stands beside the wait in an ``AnyOf``.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from random import Random
from statistics import NormalDist
from typing import Any

import simpy

from benchmarks.by_hand import DAY, Process, Row, arrivals, lognormal

Figures = dict[str, list[float]]

GROUPS = 3
SOURCES = ("community", "hospital")
HELD = ("enablement", "telecare", "home_care", "care_home")
BRANCHES = {
    "first_contact": ("resolved", "met"),
    "how_met": ("cannot_travel", "hub", "home_visit"),
    "after_meeting": ("community", "enablement", "assessment"),
    "after_enablement": ("independent", "assessment"),
    "eligible": ("not_eligible", "eligible"),
    "means_test": ("pays_for_own", "funded"),
    "setting": ("at_home", "care_home"),
    "telecare_beside": ("without", "with_it"),
    "review_says": ("ends", "cut", "unchanged", "raised"),
}


class Team:
    """Practitioners with opening hours and a roster."""

    def __init__(self, env: simpy.Environment, figures: Figures, name: str):
        self.env, self.effort = env, figures[f"effort/{name}"][0]
        self.opens, self.closes = figures[f"opens/{name}"], figures[f"closes/{name}"]
        self.before = [0.0]
        for opens, closes in zip(self.opens, self.closes, strict=True):
            self.before.append(self.before[-1] + closes - opens)
        changes = figures[f"roster/{name}"]
        self.roster = list(zip(changes[::2], map(int, changes[1::2]), strict=True))
        self.size = int(figures[f"size/{name}"][0])
        self.most = max([self.size, *(size for _, size in self.roster)])
        self.staff = simpy.PriorityResource(env, self.most)
        if self.roster:
            env.process(self.absences())
        if self.opens:
            env.process(self.nights())

    def give(self, taken: Any) -> None:
        """Give a practitioner back who was asked for, whether or not they have come yet."""
        if taken.triggered:
            self.staff.release(taken)
        else:
            taken.cancel()

    def absences(self) -> Process:
        away = [self.staff.request(-2) for _ in range(self.most - self.size)]
        for time, size in self.roster:
            yield self.env.timeout(time - self.env.now)
            while len(away) < self.most - size:
                away.append(self.staff.request(-2))
            while len(away) > self.most - size:
                self.give(away.pop())

    def nights(self) -> Process:
        for opens, closes in zip(self.opens, self.closes, strict=True):
            night = [self.staff.request(-1) for _ in range(self.most)]
            yield self.env.timeout(opens - self.env.now)
            for taken in night:
                self.give(taken)
            yield self.env.timeout(closes - self.env.now)

    def time_for(self, hours: float) -> float:
        """Hours until work is done that begins now, nights and weekends included."""
        hours *= self.effort
        if not self.opens:
            return hours
        now = self.env.now
        window = bisect_right(self.opens, now) - 1
        goal = self.before[window] + now - self.opens[window] + hours
        window = bisect_left(self.before, goal) - 1
        return self.opens[window] + goal - self.before[window] - now


class Diary:
    """Slots: the earliest with room is taken."""

    def __init__(self, figures: Figures):
        self.times, self.free = figures["slot_times"], [int(people) for people in figures["slot_free"]]

    def book(self, earliest: float) -> float:
        """The time of the slot; endless if the diary has no more."""
        slot = bisect_left(self.times, earliest)
        while slot < len(self.times) and not self.free[slot]:
            slot += 1
        if slot == len(self.times):
            return math.inf
        self.free[slot] -= 1
        return self.times[slot]


@dataclass(slots=True, eq=False)
class Care:
    """Care that runs. ``stop`` is asked for, ``over`` has happened."""

    stage: str
    stop: simpy.Event
    over: simpy.Event
    level: float
    price: float = 0.0
    share: float | None = None
    ends: float = math.inf
    reviewed: bool = False


@dataclass(slots=True, eq=False)
class Person:
    """One person: identity, what they are like, and the telecare they hold."""

    who: int
    group: int
    source: int
    above: bool
    stays_in: bool
    rank: float
    pays: float
    type: int = 0
    level: float = 1.0
    telecare: Care | None = field(default=None)


def full(seed: int, figures: Figures) -> list[Row]:
    """One run."""
    env, random = simpy.Environment(), Random(seed)
    rows: list[Row] = []
    until, end = figures["until"][0], figures["end"][0]
    again, misses, rebookings = figures["again"][0], figures["misses"][0], figures["rebookings"][0]
    sigma, patience_sigma, review_sigma = (figures[f"{name}_sigma"][0] for name in ("hours", "patience", "review"))
    shape = figures["stay_shape"][0]
    weibull = 1 / math.gamma(1 + 1 / shape)
    normal = NormalDist()
    months, first_month = figures["month_starts"], int(figures["first_month"][0])
    teams = {name: Team(env, figures, name) for name in ("desk", "visitors", "assessors", "duty", "reviewers")}
    places = simpy.Resource(env, int(figures["size/enablement"][0]))
    diary = Diary(figures)
    cuts = {stage: _by_type(figures[f"cuts/{stage}"], 4) for stage in BRANCHES}
    scales = {name.partition("/")[2]: _by_type(given, 257) for name, given in figures.items() if name[:6] == "scale/"}
    weights = {stage: figures[f"weight/{stage}"][0] for stage in BRANCHES}

    def mean(name: str, person: Person) -> float:
        given = figures[name]
        return given[person.type] if len(given) > 1 else given[0]

    def write(person: Person, stage: str, event: str, value: str | float = "") -> None:
        rows.append((env.now, person.who, stage, event, value))

    def somebody(who: int, source: int, group: int) -> Person:
        above = random.random() < figures["above_limit"][group]
        stays_in = random.random() < figures["no_travel"][group]
        person = Person(who, group, source, above, stays_in, random.random(), random.random())
        retype(person)
        return person

    def retype(person: Person) -> None:
        place = ((person.stays_in * GROUPS + person.group) * 2 + person.above) * len(SOURCES) + person.source
        person.type = int(figures["type_of"][place])

    def standing(person: Person, stage: str) -> float:
        scale, at = scales[stage][person.type], person.rank * 256
        low = min(int(at), 255)
        return scale[low] + (at - low) * (scale[low + 1] - scale[low])

    def decide(person: Person, stage: str) -> str:
        row = person.type
        if stage == "first_contact":
            row += (first_month + bisect_right(months, env.now) - 1) % 12 * len(figures["type_of"])
        luck = random.random()
        if weights[stage] and random.random() < weights[stage]:
            luck = min(standing(person, stage), 1 - 2**-53)
        name = BRANCHES[stage][bisect_right(cuts[stage][row], luck)]
        write(person, stage, "branch", name)
        return name

    # Work, appointments and places

    def serve(person: Person, stage: str, team: Team, hours: float) -> Process:
        write(person, stage, "join")
        with team.staff.request(0) as turn:
            yield turn
            write(person, stage, "start")
            yield env.timeout(team.time_for(hours))
            write(person, stage, "end")

    def meet(person: Person) -> Any:
        """At the hub: whether they came."""
        write(person, "hub", "join")
        for _ in range(int(rebookings) + 1):
            slot = diary.book(env.now + lognormal(random, figures["delay/hub"][0], sigma))
            if slot < math.inf:
                write(person, "hub", "booked")
            yield env.timeout(slot - env.now)
            if random.random() >= misses:
                write(person, "hub", "start")
                yield env.timeout(lognormal(random, figures["mean/hub"][0], sigma))
                write(person, "hub", "end")
                return True
            write(person, "hub", "missed")
        return False

    def in_time(person: Person, stage: str, turn: Any, longest: float) -> Any:
        """Wait for a turn: the stage to which it was cut short, or None."""
        if turn.triggered:
            return None
        hazard = random.expovariate(1 / mean("mean/to_hospital", person))
        yield turn | env.timeout(min(hazard, longest))
        if turn.triggered:
            return None
        if hazard <= longest:
            write(person, "to_hospital", "hazard", stage)
            return "in_hospital"
        write(person, stage, "overflow")
        return {"assessment": "duty_assessment", "enablement": "assessment"}[stage]

    def enable(person: Person) -> Any:
        """In enablement: the next stage."""
        write(person, "enablement", "join")
        with places.request() as turn:
            to = yield from in_time(person, "enablement", turn, figures["delay/enablement"][0])
            if to is not None:
                return to
            write(person, "enablement", "start")
            write(person, "enablement", "weekly", figures["pence/enablement"][person.type])
            stay = random.uniform(*figures["enablement/stay"])
            hazard = random.expovariate(1 / mean("mean/to_hospital", person))
            yield env.timeout(min(stay, hazard))
            if hazard < stay:
                write(person, "to_hospital", "hazard", "enablement")
            write(person, "enablement", "end")
        return "in_hospital" if hazard < stay else "lighter"

    def assess(person: Person) -> Any:
        """The assessment: the next stage."""
        team, stage = teams["assessors"], "assessment"
        write(person, stage, "join")
        with team.staff.request(int(figures["priority/assessment"][person.type])) as turn:
            longest = lognormal(random, figures["delay/assessment"][0], patience_sigma)
            to = yield from in_time(person, stage, turn, longest)
            if to is not None:
                return to
            write(person, stage, "start")
            yield env.timeout(team.time_for(lognormal(random, figures["mean/assessment"][0], sigma)))
            write(person, stage, "end")
        return "eligible"

    # Care and its reviews

    def charge(person: Person, care: Care) -> None:
        weekly = care.price * care.level
        write(person, care.stage, "weekly", weekly)
        if care.share is not None:
            write(person, care.stage, "pays", weekly * care.share)

    def begin(person: Person, stage: str, begins: str) -> Care:
        if stage != "home_care" and person.telecare is not None:
            end_telecare(person)
        care = Care(stage, env.event(), env.event(), person.level, figures[f"pence/{stage}"][person.type])
        if stage != "telecare":
            spread = figures[f"{stage}_sigma"][0]
            follows = random.random() < figures["size_weight"][0]
            luck = min(max(standing(person, stage), 1e-12), 1 - 1e-12) if follows else 0.5
            z = normal.inv_cdf(luck) if follows else random.gauss(0, 1)
            care.price *= int(1000 * math.exp(spread * z - spread * spread / 2)) / 1000
            care.share = int(1000 * person.pays * figures[f"{stage}_pays"][0]) / 1000
        write(person, stage, begins)
        charge(person, care)
        return care

    def length(person: Person, stage: str, age: float) -> float:
        """Hours for which care goes on that has run for so many."""
        if stage != "care_home":
            return random.expovariate(1 / mean(f"mean/{stage}", person))
        scale = mean("mean/care_home", person) * weibull
        return float(scale * ((age / scale) ** shape + random.expovariate(1)) ** (1 / shape)) - age

    def telecare(person: Person, begins: str) -> Process:
        care = person.telecare = begin(person, "telecare", begins)
        yield env.timeout(length(person, "telecare", 0.0)) | care.stop
        if not care.over.triggered:
            end_telecare(person)

    def end_telecare(person: Person) -> None:
        care, person.telecare = person.telecare, None
        if care is not None:
            write(person, "telecare", "package_end")
            care.over.succeed()
            if not care.stop.triggered:
                care.stop.succeed()

    def in_care(person: Person, stage: str, begins: str = "package_start", age: float = 0.0) -> Any:
        """Care from its start to its end: the next stage."""
        care = begin(person, stage, begins)
        ends = {"care_ended": length(person, stage, age)}
        ends["died"] = random.expovariate(1 / mean("mean/death", person))
        if stage == "home_care":
            ends["heavier"] = random.expovariate(1 / mean("mean/moves", person))
        to = min(ends, key=ends.__getitem__)
        care.ends = env.now + ends[to]
        env.process(reviews(person, care, age))
        yield env.timeout(ends[to]) | care.stop
        if care.stop.triggered:
            to = "care_ended"
        elif to != "care_ended":
            write(person, {"died": "death", "heavier": "moves"}[to], "hazard", stage)
        write(person, stage, "package_end")
        care.over.succeed()
        return to

    def reviews(person: Person, care: Care, age: float) -> Process:
        def interval() -> float:
            return lognormal(random, figures["mean/review_due"][0], review_sigma)

        wait = interval() - age
        while wait <= 0:
            wait += interval()
        while env.now + wait < care.ends:
            yield env.timeout(wait)
            if care.over.triggered:
                return
            write(person, "review_due", "review", care.stage)
            says = yield from review(person, care)
            if says in ("cut", "raised"):
                care.level *= figures["factor/care_cut" if says == "cut" else "factor/care_raised"][0] / 1000
                charge(person, care)
                write(person, f"care_{says}", "set")
            write(person, "review_due", "reviewed", care.stage)
            if says == "ends":
                care.stop.succeed()
            if says is None or says == "ends":
                return
            wait = interval()

    def review(person: Person, care: Care) -> Any:
        """What the review says; None where the care has ended before it could."""
        team = teams["reviewers"]
        write(person, "review", "join")
        with team.staff.request(0) as turn:
            yield turn | care.over
            if not turn.triggered:
                write(person, "review", "withdrawn")
                return None
            write(person, "review", "start")
            yield env.timeout(team.time_for(lognormal(random, figures["mean/review"][0], sigma)))
            write(person, "review", "end")
        return None if care.over.triggered else decide(person, "review_says")

    # The episode

    def need(person: Person, stage: str) -> None:
        times, plus = figures[f"need/{stage}"]
        person.rank = person.rank * times + plus
        write(person, stage, "set")

    def onward(person: Person, stage: str) -> Any:
        """From one stage to the next."""
        if stage == "desk":
            yield from serve(person, stage, teams["desk"], random.expovariate(1 / figures["mean/desk"][0]))
            return "how_met" if decide(person, "first_contact") == "met" else "advice"
        if stage == "how_met":
            if person.stays_in:
                write(person, stage, "branch", "cannot_travel")
                return "home_visit"
            return decide(person, stage)
        if stage == "hub":
            came = yield from meet(person)
            return "after_meeting" if came else "advice"
        if stage == "home_visit":
            yield from serve(person, stage, teams["visitors"], lognormal(random, figures["mean/home_visit"][0], sigma))
            return "after_meeting"
        if stage == "after_meeting":
            way = decide(person, stage)
            return "advice" if way == "community" else way
        if stage == "enablement":
            return (yield from enable(person))
        if stage == "lighter":
            need(person, stage)
            return decide(person, "after_enablement")
        if stage == "in_hospital":
            write(person, stage, "join")
            write(person, stage, "start")
            yield env.timeout(random.expovariate(1 / figures["mean/in_hospital"][0]))
            write(person, stage, "end")
            person.stays_in = True
            retype(person)
            person.level *= figures["factor/larger_care"][0] / 1000
            write(person, "weaker", "set")
            write(person, "larger_care", "set")
            return "assessment"
        if stage == "assessment":
            return (yield from assess(person))
        if stage == "duty_assessment":
            hours = lognormal(random, figures["mean/duty_assessment"][0], sigma)
            yield from serve(person, stage, teams["duty"], hours)
            return "eligible"
        if stage == "eligible":
            if decide(person, stage) == "not_eligible":
                return "not_funded"
            write(person, "means_test", "branch", "pays_for_own" if person.above else "funded")
            return "not_funded" if person.above else "setting"
        if stage == "setting":
            if decide(person, stage) == "care_home":
                return "care_home"
            if decide(person, "telecare_beside") == "with_it":
                if person.telecare is not None:
                    end_telecare(person)
                env.process(telecare(person, "package_start"))
            return "home_care"
        if stage == "heavier":
            need(person, stage)
            return "care_home"
        return (yield from in_care(person, stage))

    def life(person: Person, stage: str) -> Process:
        while True:
            while stage not in ("advice", "independent", "not_funded", "care_ended", "died"):
                stage = yield from onward(person, stage)
            write(person, stage, "outcome")
            if stage == "died":
                end_telecare(person)
                return
            if random.random() >= again:
                return
            yield env.timeout(random.expovariate(1 / figures["mean/advice"][0]))
            write(person, f"contact_{SOURCES[person.source]}", "contact_again")
            stage = "desk"

    def held(person: Person, stage: str, age: float) -> Process:
        to = yield from in_care(person, stage, "held", age)
        yield from life(person, to)

    per_day = figures["per_day"]
    before = 0
    for group, kind, people in zip(*(map(int, figures["held"][column::3]) for column in range(3)), strict=True):
        stage = HELD[kind]
        for _ in range(people):
            before -= 1
            person = somebody(before, random.choices((0, 1), per_day)[0], group)
            if stage == "telecare":
                env.process(telecare(person, "held"))
                continue
            person.rank = _rank(scales[stage][person.type], person.rank)
            age = random.choice(figures[f"age/{stage}"][person.type * 1_001 : (person.type + 1) * 1_001])
            env.process(held(person, stage, age))
    for source, name in enumerate(SOURCES):

        def from_source(who: int, source: int = source, name: str = name) -> Process:
            group = bisect_right(figures["group_cuts"][source * GROUPS : (source + 1) * GROUPS], random.random())
            person = somebody(source * 1_000_000_000 + who, source, group)
            write(person, f"contact_{name}", "contact")
            return life(person, "desk")

        env.process(arrivals(env, random, per_day[source] / DAY, until, from_source))
    env.run(end)
    return rows


def _by_type(numbers: list[float], width: int) -> list[list[float]]:
    """One list for each type, or for each month and type."""
    return [numbers[first : first + width] for first in range(0, len(numbers), width)]


def _rank(scale: list[float], standing: float) -> float:
    """The need rank with a standing."""
    high = min(max(bisect_right(scale, standing), 1), 256)
    rise = scale[high] - scale[high - 1]
    return (high - 1 + ((standing - scale[high - 1]) / rise if rise > 0 else 0.0)) / 256
