"""Hypothesis strategies for random valid pathways of every kind of stage, and for worlds that force ties.

What is simplest stands first in every choice, so that Hypothesis shrinks towards it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar

from conftest import DAY, HOUR, arrival, constant, decision, exponential, package, service
from hypothesis import strategies as st
from kinds import REVIEWED, appointments, change, fork, hazard, longest, outcome, places
from worlds import CARE, GROUPS, VALUES, Somebody, World

from simulation.calendar import Calendar

T = TypeVar("T")

SOURCES = ("community", "hospital", "unheard")
"""Where there are three, the last one's contacts have no arrival in the model."""

HOURS_OF_WORK = (1, 0, 0.5, 2, 3, 7.5, 24, 48)
WHOLE = (1.0, 0.5, 0.25, 0.0, 1 / 3, 0.9)
LAWS: tuple[dict[str, Any], ...] = (
    exponential(8),
    exponential(3, "days"),
    {"distribution": "uniform", "low": 0.0, "high": 2.0, "unit": "hours"},
    {"distribution": "lognormal", "mean": 4.0, "sigma": 0.5, "unit": "hours"},
    {"distribution": "gamma", "mean": 90.0, "shape": 0.7, "unit": "minutes"},
    {"distribution": "weibull", "mean": 2.0, "shape": 1.5, "unit": "days"},
    {"distribution": "triangular", "low": 0.0, "mode": 1.0, "high": 3.0, "unit": "days"},
    {"distribution": "exponential", "mean": 1.0, "cap": 3.0, "unit": "weeks"},
)
SPANS = (
    ["09:00-17:00"], ["00:00-24:00"], ["09:00-12:30", "13:00-17:30"], ["08:07-16:53"], ["00:00-06:00", "22:30-24:00"],
    ["00:00-00:30", "01:00-01:30"], ["23:59-24:00"],
)  # fmt: skip
DAYS = ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "monday")
SLOTS: tuple[Any, ...] = (
    "unlimited",
    {"hub": {day: {"09:00": 1.0, "9:30": 1.0, "14:00": 2.0} for day in DAYS}},
    {"hub": {"tuesday": {"01:00": 1.0, "02:00": 2.0}, "wednesday": {"00:00": 1.0}, "thursday": {"00:00": 3.0}}},
    {"north": {"tuesday": {"00:00": 1.0, "12:00": 0.0}}, "east": {"tuesday": {"00:00": 2.0}, "friday": {"23:30": 1.0}}},
    {"hub": {day: {"00:00": 50.0} for day in DAYS}, "annexe": {"monday": {"10:00": 1.0}}},
)
BACK = 24
"""Hours that a wait lasts at least before it leads back to an earlier stage: no life stands still for ever."""


@cache
def _up_to(most: int) -> Any:
    return st.integers(0, most)


_SEEDS = st.integers(0, 2**32 - 1)


class Luck:
    """Hypothesis' choices, made as a maker of stages asks for them."""

    def __init__(self, draw: Callable[[Any], Any]):
        self._draw = draw

    def up_to(self, most: int) -> int:
        """0 to ``most``."""
        number: int = self._draw(_up_to(most)) if most > 0 else 0
        return number

    def choice(self, options: Sequence[T]) -> T:
        """One of them; the first is the simplest."""
        return options[self.up_to(len(options) - 1)]

    def one_in(self, number: int) -> bool:
        """True once in so many."""
        return self.up_to(number - 1) == number - 1

    def some(self, options: Sequence[T]) -> list[T]:
        """At least one of them, in their order."""
        mask = 1 + self.up_to(2 ** len(options) - 2)
        return [option for i, option in enumerate(options) if mask >> i & 1]

    def seed(self) -> int:
        """A number that other luck follows from."""
        number: int = self._draw(_SEEDS)
        return number


class Model:
    """Stages that lead to later ones, to an outcome and sometimes back; with reviews and hazards beside them."""

    def __init__(self, luck: Luck, sources: Sequence[str], priced: bool, most: int = 7):
        self.luck, self.sources, self.priced = luck, sources, priced
        self.names = [f"s{i}" for i in range(1 + luck.up_to(most))]
        self.packages: list[str] = []
        self.waits: list[str] = []
        self.backward = luck.choice([0, 0, 1, 2])
        # In a loop nothing may follow need, and expected reviews are those of one month.
        self.weights = [0.0] if self.backward else [1.0, 0.5, 0.0]
        self.monthly = luck.one_in(3)
        self.monthly_reviews = self.monthly and not self.backward
        self.ends = ["out", "back", "gone"]
        self.constants: dict[str, int] = {}
        self.teams = {name: self.team() for name in ("team", "other")}
        self.stages: dict[str, Any] = {}
        self._all()

    # Numbers

    def law(self, grid: Sequence[float] = HOURS_OF_WORK, unit: str = "hours") -> Any:
        """A duration: mostly a constant on the grid, so that things meet."""
        luck = self.luck
        kind = luck.choice([0, 0, 0, 0, 1, 2])
        if kind == 0:
            return constant(luck.choice(grid), unit)
        if kind == 1:
            return luck.choice(LAWS)
        name = luck.choice(("client_group", "means"))
        other = luck.choice(LAWS) if luck.one_in(2) else constant(luck.choice(grid), unit)
        first, second = VALUES[name]
        return {"by": name, "values": {first: constant(luck.choice(grid), unit), second: other}}

    def share(self, options: Sequence[float] = WHOLE) -> Any:
        """A probability, for all alike or by attribute."""
        luck = self.luck
        if not luck.one_in(4):
            return luck.choice(options)
        name = luck.choice(("client_group", "can_travel"))
        return {"by": [name], "values": {value: luck.choice(options) for value in VALUES[name]}}

    def chance(self, most: float, monthly: bool) -> Any:
        """A branch's probability, never above ``most``; perhaps by month."""
        luck = self.luck
        options = [share * most for share in WHOLE]
        kind = luck.choice([0, 1, 2, 0]) if monthly else 0
        if kind == 0:
            return self.share(options)
        odd, even = luck.choice([(0.0, most), (most, 0.0), (most, most / 2), (most / 3, most / 7)])
        months = {str(month): odd if month % 2 else even for month in range(1, 13)}
        if kind == 1:
            return {"by": ["month"], "values": months}
        flat = luck.choice(options)
        nested = {GROUPS[0]: dict.fromkeys(months, flat), GROUPS[1]: months}
        return {"by": ["client_group", "month"], "values": nested}

    def classes(self) -> dict[str, Any]:
        """Perhaps priorities."""
        luck = self.luck
        if not luck.one_in(3):
            return {}
        name = luck.choice(("client_group", "means"))
        return {"priority": {"by": [name], "values": {value: float(luck.up_to(2)) for value in VALUES[name]}}}

    # Teams

    def roster(self) -> dict[str, Any]:
        """Practitioners by month; they may fall to nothing and come back."""
        luck = self.luck
        months = [f"{2014 + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}" for month in range(1, 25)]
        first = luck.up_to(11)
        given = {months[first + i]: float(luck.choice([0, 1, 2, 3, 0])) for i in range(1 + luck.up_to(4))}
        return {"by_month": {**given, months[23]: 1.0}}

    def size(self) -> Any:
        """How many practitioners or places."""
        return self.luck.choice(["unlimited", 1.0, 2.0, self.roster, 3.0, self.roster, 1.0])

    def number(self) -> Any:
        """``size``, with its roster drawn."""
        size = self.size()
        return size() if callable(size) else size

    def team(self) -> dict[str, Any]:
        """A team with its hours and how much longer its work takes."""
        luck = self.luck
        team: dict[str, Any] = {"practitioners": self.number()}
        if luck.one_in(3):
            days = luck.some(DAYS)
            first, second = luck.choice(SPANS), luck.choice(SPANS)
            team["hours"] = {day: first if i % 2 == 0 else second for i, day in enumerate(days)}
            if luck.one_in(3):
                team["hours"]["bank_holidays"] = "open"
        if luck.one_in(4):
            team["productive_share"] = luck.choice([0.8, 0.5, 0.7])
        if luck.one_in(4):
            team["absence_share"] = luck.choice([0.0, 0.1, 0.25])
        return team

    # Stages

    def later(self, i: int) -> str:
        """A stage after the i-th, often the next; or an outcome."""
        onward = [*self.names[i + 1 :], *self.ends]
        return onward[0] if self.luck.one_in(2) else self.luck.choice(onward)

    def anywhere(self, i: int) -> tuple[str, bool]:
        """A stage to go to, and whether it is the i-th or one before."""
        if self.backward and self.luck.one_in(3):
            self.backward -= 1
            return self.names[self.luck.up_to(i)], True
        return self.later(i), False

    def patience(self, i: int) -> dict[str, Any]:
        """Perhaps a longest wait."""
        if not self.luck.one_in(2):
            return {}
        to, back = self.anywhere(i)
        return {"longest_wait": longest(constant(BACK) if back else self.law((1, 2, 3, 0, 24)), to)}

    def drawn(self) -> dict[str, Any]:
        """Perhaps a draw that is shared with other stages."""
        return {"draw": self.luck.choice(["common", "shared"])} if self.luck.one_in(6) else {}

    def stage(self, i: int, name: str) -> dict[str, Any]:
        """The i-th stage."""
        luck = self.luck
        kind = luck.choice(
            ["service", "service", "package", "places", "decision", "appointments", "set", "package", "service"]
        )
        if kind in ("service", "places", "appointments"):
            self.waits.append(name)
        if kind == "service":
            team = luck.choice(["team", "other"])
            more = {**self.patience(i), **self.classes(), **self.drawn()}
            return service(self.later(i), self.law(), team=team, **more)
        if kind == "places":
            more = {**self.patience(i), **self.classes(), **self.drawn()}
            if luck.one_in(3) and self.priced:
                more["care_type"] = luck.choice(CARE)
            return places(self.later(i), self.number(), self.law((24, 0, 1, 3, 48, 240)), **more)
        if kind == "appointments":
            return self.booked(self.later(i), self.anywhere(i))
        if kind == "package":
            return self.package(i, name)
        if kind == "decision":
            return self.decision(i)
        return self.change(self.later(i))

    def booked(self, to: str, gave_up: tuple[str, bool]) -> dict[str, Any]:
        """Appointments, perhaps missed."""
        luck = self.luck
        missed = self.share([0.0, 0.5, 0.3] if gave_up[1] else [0.0, 0.5, 0.3, 1.0])
        return appointments(
            to,
            luck.choice(SLOTS),
            self.law((0, 24, 1, 48, 168)),
            self.law((1, 0, 0.5, 24)),
            gave_up_to=gave_up[0],
            did_not_attend=missed,
            rebookings=float(luck.up_to(3)),
            bank_holidays=luck.choice(["closed", "open"]),
            **self.drawn(),
        )

    def package(self, i: int, name: str) -> dict[str, Any]:
        """Care in the foreground or beside."""
        luck = self.luck
        self.packages.append(name)
        stage = package(self.later(i), luck.choice(CARE), goes_on=luck.one_in(2), **self.drawn())
        if luck.up_to(3):  # else the prices say how long, or it never ends
            stage["stay"] = self.law((5, 1, 2, 10, 30, 0), "days")
        if luck.one_in(3):
            stage["replaces"] = luck.some(CARE)
        if not stage["goes_on"]:
            self.waits.append(name)
        return stage

    def decision(self, i: int) -> dict[str, Any]:
        """Two or three branches; one may lead back."""
        luck = self.luck
        branches: list[tuple[str, Any]] = []
        to, back = self.anywhere(i)
        if luck.one_in(3):
            name = luck.choice(["means", "client_group", "source"])
            known = self.sources if name == "source" else VALUES[name]
            value: Any = luck.choice(known) if luck.one_in(2) else luck.some(known)
            branches.append((self.later(i), {name: value}))
        if luck.one_in(2):
            branches.append((self.later(i), self.chance(0.4, self.monthly)))
        branches += [(to, self.chance(0.5 if back else 0.6, self.monthly)), (self.later(i), "rest")]
        more = self.drawn()
        if luck.one_in(2):
            more["follows_need"] = {"weight": luck.choice(self.weights), "scale": luck.choice(["own", "baseline"])}
        return decision(*branches, **more)

    def change(self, to: str) -> dict[str, Any]:
        """A change of the person, the need or the care."""
        how = self.luck.choice(
            [
                ("care", {"times": 0.5}),
                ("care", {"times": 1.333}),
                ("care", {"value": "ends"}),
                ("care", {"value": "ends"}),
                ("need", {"towards_lightest": 0.5}),
                ("need", {"towards_heaviest": 0.3}),
                ("need", {"towards_lightest": 1.0}),
                ("means", {"value": "above_limit"}),
                ("can_travel", {"value": "false"}),
            ]
        )
        return change(how[0], to, **how[1])

    def review(self, j: int) -> dict[str, Any]:
        """Reviews: work or an appointment, a decision, and what it says."""
        luck, says = self.luck, f"says{j}"
        team = luck.choice(["team", "other"])
        work = self.law((1, 0, 24, 48))
        patience = {"longest_wait": longest(self.law((1, 2, 3, 24)), luck.choice([says, "done"]))}
        look = luck.choice(
            [
                lambda: service(says, work, team=team, **self.classes()),
                lambda: service(says, work, team=team, **patience),
                lambda: self.booked(says, (luck.choice([says, "done"]), False)),
                lambda: decision((says, "rest")),
            ]
        )()
        again = luck.choice(["done", f"look{j}", f"cut{j}"])
        parents = luck.some(self.packages)
        onward = self.later(max(self.names.index(parent) for parent in parents))
        every = exponential(3, "days") if luck.one_in(4) else constant(luck.choice((1, 2, 5)), "days")
        return {
            f"due{j}": fork(parents, f"look{j}", every),
            f"look{j}": look,
            says: decision(
                ("done", self.chance(0.5, self.monthly_reviews)), (f"cut{j}", 0.25), (again, 0.1), (f"stop{j}", "rest")
            ),
            f"cut{j}": change("care", "done", times=luck.choice([0.5, 2.0])),
            f"stop{j}": change("care", onward, value="ends"),
            "done": REVIEWED,
        }

    def outcomes(self) -> dict[str, Any]:
        """Three ways to end an episode."""
        luck = self.luck
        again = outcome("not_published", self.share([0.5, 0.9, 0.25]), self.law((1, 0, 3, 10), "days"))
        if luck.one_in(2):
            again["comes_in_at"] = luck.choice([*self.names, "door0"])
        return {"out": outcome("care_ended"), "back": again, "gone": outcome("died")}

    def hazard(self, j: int) -> dict[str, Any]:
        """A competing exit; mostly its time is a constant, so that it meets ends."""
        luck = self.luck
        during = luck.some(self.waits)
        last = max(self.names.index(one) for one in during)
        stays = any(self.stages[one]["kind"] == "package" for one in during)
        to, back = (self.later(last), False) if stays else self.anywhere(last)
        if back or luck.up_to(3):
            self.constants[f"fall{j}"] = luck.choice([24, 48, 240] if back else [24, 1, 2, 0, 48, 240]) * HOUR
            return hazard(during, to, self.share([1.0, 1.0, 0.0]))
        return hazard(during, to, self.share([1.0, 20.0, 400.0, 0.0]))

    def _all(self) -> None:
        luck = self.luck
        for k, source in enumerate(self.sources):
            self.stages[f"door{k}"] = arrival("s0" if k == 0 else luck.choice([*self.names, "out", "gone"]), source)
        self.stages |= {name: self.stage(i, name) for i, name in enumerate(self.names)}
        self.stages |= self.outcomes()
        for j in range(luck.up_to(2) if self.packages else 0):
            self.stages |= self.review(j)
        for j in range(luck.up_to(3) if self.waits else 0):
            self.stages[f"fall{j}"] = self.hazard(j)
        self.stages = _reached(self.stages)


def _onward(stage: dict[str, Any]) -> list[str]:
    """Every stage that one leads to."""
    waits = stage.get("longest_wait")
    names = [stage.get("to"), stage.get("gave_up_to"), stage.get("activity"), stage.get("comes_in_at")]
    names += [branch["to"] for branch in stage.get("branches", ())]
    return [name for name in (*names, waits and waits["to"]) if name is not None]


def _reached(stages: dict[str, Any]) -> dict[str, Any]:
    """Only stages that somebody comes to; chance leads past some."""
    beside = {"fork": "parent", "hazard": "during"}
    found: set[str] = set()
    ahead = [name for name, stage in stages.items() if stage["kind"] == "arrival"]
    while ahead:
        found |= set(ahead)
        ahead = [to for name in ahead for to in _onward(stages[name])]
        ahead += [n for n, s in stages.items() if s["kind"] in beside and found & set(s[beside[s["kind"]]])]
        ahead = [name for name in dict.fromkeys(ahead) if name not in found]
    kept = {name: stage for name, stage in stages.items() if name in found}
    kinds = {stage["care_type"] for stage in kept.values() if stage["kind"] == "package"}
    for name, stage in kept.items():
        key = beside.get(stage["kind"])
        if key is not None:
            kept[name] = {**stage, key: [one for one in stage[key] if one in found]}
        if "replaces" in stage:
            kept[name] = {**stage, "replaces": [kind for kind in stage["replaces"] if kind in kinds]}
    return kept


def _lasting(stage: dict[str, Any]) -> dict[str, Any]:
    """A package of a day where it lasted no time; any other stage as it is."""
    if stage["kind"] != "package" or "stay" not in stage:
        return stage
    stay = stage["stay"]
    laws = {value: law if law.get("value_of") != 0 else constant(1, "days") for value, law in _laws(stay).items()}
    return {**stage, "stay": {**stay, "values": laws} if "by" in stay else laws[""]}


def _laws(duration: dict[str, Any]) -> dict[str, Any]:
    return duration["values"] if "by" in duration else {"": duration}


def _identities(luck: random.Random, size: int, kind: int) -> list[int]:
    """Distinct identities in random order; from the second kind on, of up to 63 bits."""
    if kind == 0:
        return luck.sample(range(1, size + 1), size)
    if kind == 1:
        return luck.sample(range(1, 2**63), size)
    near = [2**63 - 1, 2**32, 2**32 - 1, 2**32 + 1, 2**53 + 1, 2**53, 1, 2**31]
    return luck.sample([*near, *range(2**62, 2**62 + size)], size)


def crowd(seed: int, size: int, moments: Sequence[int], identity: int, sources: int, held: int) -> list[Somebody]:
    """People who come at these ticks; some of them in care at the start."""
    luck = random.Random(seed)
    people = []
    for person in _identities(luck, size, identity):
        care = luck.randrange(held) if held and luck.random() < 0.3 else -1
        time = 0 if care >= 0 else luck.choice(moments)
        codes = tuple(luck.randrange(2) for _ in VALUES)
        people.append(Somebody(time, person, luck.random(), luck.randrange(sources), codes, care))
    return people


SIZES = ((1, 60), (2, 120), (25, 60), (25, 120), (60, 60), (8, 400), (200, 20), (200, 60), (25, 10), (0, 30))
"""People, and days that a run may last."""


@st.composite
def worlds(draw: Callable[[Any], Any]) -> World:
    """A random world: a pathway, its people and a run."""
    luck = Luck(draw)
    sources = SOURCES[: luck.choice([1, 1, 2, 3])]
    prices = luck.choice([None, "uneven", "plain", "uneven"])
    entered = sources[:2]
    model = Model(luck, entered, prices is not None)
    other = Model(luck, entered, prices is not None, 3) if luck.one_in(10) else None
    care = sorted({s["care_type"] for s in model.stages.values() if s["kind"] == "package"})
    held = tuple(care) if care and luck.one_in(3) else ()
    if held:  # who holds care that lasts no time is found nowhere
        held = tuple(kind for kind in held if prices != "uneven" or kind != "c")
        for each in filter(None, (model, other)):
            each.stages = {name: _lasting(stage) for name, stage in each.stages.items()}
    year, month = 2014 + luck.up_to(1), luck.choice([4, 12, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11])
    size, days = luck.choice(SIZES)
    tick = luck.choice([HOUR, 6 * HOUR, DAY, HOUR // 2, 1])
    calendar = Calendar(date(year, month, 1), 12)
    # Everybody in one millisecond, in one day, or all along.
    within = luck.choice([days // 2, 0, 1, days])
    moments: Sequence[int] = range(0, within * DAY + 1, tick)
    if luck.one_in(5):  # when rosters and probabilities change
        moments = calendar.month_starts_until(days * DAY)
    people = crowd(luck.seed(), size, moments, luck.up_to(2), len(sources), len(held))
    end = days * DAY + luck.choice([0, 0, 1, HOUR // 2, 13 * HOUR, -1])
    if luck.one_in(12):
        end = luck.choice([0, 1, HOUR, people[0].time + 1 if people else DAY, people[0].time if people else 2])
    made = luck.one_in(10)
    joined: dict[str, Any] = {}
    if other is not None:
        joined = {
            "other": (other.stages, other.teams),
            "transfer": luck.choice([0.5, 0.0, 1.0, 0.25]),
            "keeps": luck.choice([{}, {"client_group": [GROUPS[0]]}, {"can_travel": ["false"]}]),
            "adoption": luck.choice([(), (0.0, 0.5, 1.0), (1.0,), (0.3, 0.9, 0.2), ()]),
        }
    constants = dict(model.constants)
    if other is not None:
        constants |= {f"other.{name}": ticks for name, ticks in other.constants.items()}
    return World(
        model.stages,
        model.teams,
        None if made else tuple(people),
        min(end, 60 * DAY) if made else end,
        sources=dict.fromkeys(sources, luck.choice([100.0, 10.0, 400.0]) if made else 100.0),
        held=held,
        prices=prices,
        constants=constants,
        start=(year, month),
        months=2 if made else 12,
        seed=luck.choice([1, 0, 2**32 - 1, luck.seed()]),
        replication=luck.choice([0, 1, 99]),
        **joined,
    )


__all__ = ["Luck", "Model", "crowd", "worlds"]
