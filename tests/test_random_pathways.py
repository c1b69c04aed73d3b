"""Random small pathways of every kind of stage, full of ties: everybody is somewhere once, at every moment.

A slow reader that knows nothing of the engine (``kinds.replay``) follows each person row by row. Hazards come after a
constant time here, whole hours everywhere, so that ends, overflows, hand-offs and hazards meet in one millisecond.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from conftest import DAY, HOUR, Toys, arrival, constant, decision, live, package, rows_of, service
from kinds import (
    REVIEWED,
    appointments,
    change,
    fork,
    hazard,
    left_in,
    longest,
    made,
    outcome,
    places,
    replay,
    still_there,
    with_constant,
)

from agents.codes import Event
from simulation.graph import of_model
from simulation.graph_checks import check
from simulation.pathway import Pathway

END = 120 * DAY
SLOTS = {"hub": {"tuesday": {"01:00": 1.0, "02:00": 2.0}, "wednesday": {"00:00": 1.0}, "thursday": {"00:00": 3.0}}}
STAGES = [f"s{i}" for i in range(8)]


class _Maker:
    """Stages that lead to later ones or to an outcome; reviews and hazards beside them."""

    def __init__(self, seed: int):
        self.luck = random.Random(seed)
        self.names = STAGES[: self.luck.randint(3, 8)]
        self.packages: list[str] = []
        self.waits: list[str] = []

    def later(self, i: int) -> str:
        """A stage after the i-th, or an outcome."""
        return self.luck.choice([*self.names[i + 1 :], "out", "gone", "back"])

    def hours(self) -> int:
        return self.luck.choice([0, 1, 2, 3, 24, 48])

    def patience(self, to: str) -> dict[str, Any]:
        return {"longest_wait": longest(self.luck.choice([1, 2, 3]), to)} if self.luck.random() < 0.5 else {}

    def stage(self, i: int, name: str) -> dict[str, Any]:
        luck = self.luck
        kind = luck.choice(["service", "service", "places", "appointments", "package", "package", "decision", "set"])
        if kind in ("service", "places", "appointments"):
            self.waits.append(name)
        if kind == "service":
            team = luck.choice(["team", "other"])
            return service(self.later(i), constant(self.hours()), team=team, **self.patience(self.later(i)))
        if kind == "places":
            number = luck.choice([1.0, 2.0, "unlimited"])
            return places(self.later(i), number, float(self.hours()), **self.patience(self.later(i)))
        if kind == "appointments":
            missed = {"did_not_attend": luck.choice([0.0, 0.5]), "rebookings": float(luck.randint(0, 2))}
            slots = luck.choice(["unlimited", SLOTS])
            lead, length = float(self.hours()), float(self.hours())
            return appointments(self.later(i), slots, lead, length, gave_up_to=self.later(i), **missed)
        if kind == "package":
            self.packages.append(name)
            stage = package(self.later(i), luck.choice(["a", "b", "c"]), goes_on=luck.random() < 0.5)
            if luck.random() < 0.8:
                stage["stay"] = constant(luck.choice([1, 2, 5, 10, 30]), "days")
            if not stage["goes_on"]:
                self.waits.append(name)
            return stage
        if kind == "decision":
            return decision((self.later(i), 0.5), (self.later(i), "rest"))
        how = luck.choice([("care", "value", "ends"), ("care", "times", 0.5), ("need", "towards_heaviest", 0.5)])
        return change(how[0], self.later(i), **{how[1]: how[2]})

    def review(self, j: int) -> dict[str, Any]:
        luck, after = self.luck, f"says{j}"
        missed = {"did_not_attend": 0.3, "rebookings": 1.0, "gave_up_to": after}
        work = luck.choice([0, 1, 24])
        return {
            f"due{j}": fork(
                luck.sample(self.packages, luck.randint(1, len(self.packages))), f"look{j}", luck.choice([1, 2, 5])
            ),
            f"look{j}": luck.choice(
                [
                    service(after, constant(work), team=luck.choice(["team", "other"]), **self.patience(after)),
                    appointments(after, luck.choice(["unlimited", SLOTS]), luck.choice([0.0, 24.0]), **missed),
                    decision((after, "rest")),
                ]
            ),
            after: decision(("done", 0.5), (f"cut{j}", 0.25), (f"stop{j}", "rest")),
            f"cut{j}": change("care", "done", times=0.5),
            f"stop{j}": change("care", luck.choice([self.names[-1], "out", "gone", "back"]), value="ends"),
            "done": REVIEWED,
        }

    def all(self) -> dict[str, Any]:
        luck = self.luck
        stages: dict[str, Any] = {"come": arrival("s0")}
        stages |= {name: self.stage(i, name) for i, name in enumerate(self.names)}
        stages |= {"out": outcome("care_ended"), "gone": outcome("died"), "back": outcome("not_published", 0.5, 1.0)}
        if luck.random() < 0.5:
            stages["back"]["comes_in_at"] = "s0"
        for j in range(luck.randint(0, 2) if self.packages else 0):
            stages |= self.review(j)
        for j in range(luck.randint(0, 2) if self.waits else 0):
            during = luck.sample(self.waits, luck.randint(1, len(self.waits)))
            stages[f"fall{j}"] = hazard(during, luck.choice([self.names[-1], "out", "gone", "back"]), 1.0)
        return stages


def _without_the_unreached(toys: Toys, stages: dict[str, Any]) -> dict[str, Any]:
    """Only stages that somebody comes to; chance leads past some."""
    while True:
        unreached = {
            problem.what.split(":")[0].removeprefix("stages.")
            for problem in check(of_model(toys.model(stages)))
            if "nobody reaches" in problem.what
        }
        if not unreached:
            return stages
        kept = {}
        for name, stage in stages.items():
            parents = "parent" if stage["kind"] == "fork" else "during"
            if parents in stage:
                stage = {**stage, parents: [one for one in stage[parents] if one not in unreached]}
            if name not in unreached and stage.get(parents) != []:
                kept[name] = stage
        stages = kept


def _made(toys: Toys, seed: int) -> tuple[Pathway, random.Random]:
    maker = _Maker(seed)
    stages = _without_the_unreached(toys, maker.all())
    pathway = made(toys, stages, teams={"team": maker.luck.choice([1, 2, "unlimited"]), "other": 1})
    for name in stages:
        if stages[name]["kind"] == "hazard":
            pathway = with_constant(pathway, name, maker.luck.choice([1, 2, 24, 48, 240]) * HOUR)
    return pathway, maker.luck


def _looked_at(toys: Toys, seed: int) -> None:
    pathway, luck = _made(toys, seed)
    hours = [luck.choice(range(0, 480, luck.choice([1, 6]))) for _ in range(25)]
    people = toys.crowd(toys.demand(), [hour * HOUR for hour in hours], ids=luck.sample(range(1, 1000), 25))
    trace = live(pathway, people, end=END)
    assert trace.same_as(live(pathway, people, end=END)), "run twice, the same trace"
    lives = replay(trace, pathway)
    returning = {int(p) for p in trace.person[(trace.event == Event.OUTCOME) & (pathway.again[trace.stage, 0] > 0)]}
    register = left_in(pathway, people, END)
    assert still_there(lives) <= register, "nobody is removed too early"
    assert register <= still_there(lives, returning), "nobody is left behind"
    if pathway.slots.shape[1] == 0:  # slots after the end of a run are not booked
        earlier = trace.where(trace.time < END // 3)
        assert rows_of(live(pathway, people, end=END // 3)) == rows_of(earlier), (
            "a longer run begins like a shorter one"
        )
    if pathway.unlimited:
        few = people.subset(people.person % 2 == 0)
        assert rows_of(live(pathway, few, end=END)) == rows_of(trace.where(np.isin(trace.person, few.person)))


def test_everybody_is_somewhere_once_in_random_pathways(toys):
    for seed in range(30):
        _looked_at(toys, seed)


@pytest.mark.slow
def test_everybody_is_somewhere_once_in_many_random_pathways(toys):
    for seed in range(30, 600):
        _looked_at(toys, seed)
