"""What a long queue costs: one team of four, everybody comes within the first hour, the same work for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from statistics import median

import numpy as np
import simpy

from benchmarks.by_hand import Process, Row
from benchmarks.measuring import interleaved, seconds
from benchmarks.ours import HERE, Ours, load
from simulation import engine_simpy
from simulation.population import Population

FIRST_HOUR = 3_600_000


def crowd(ours: Ours, size: int) -> Population:
    """People who all come within the first hour, evenly."""
    return Population(
        np.arange(1, size + 1),
        np.linspace(0, FIRST_HOUR - 1, size).astype(np.int64),
        {name: np.zeros(size, dtype=np.int64) for name in ours.maker.space},
        np.full(size, 0.5),
        np.full(size, 1.0),
        np.zeros(size, dtype=bool),
        np.full(size, -1),
    )


def by_hand(seed: int, size: int) -> list[Row]:
    """The same with SimPy's own ``PriorityResource``, everybody in one class."""
    env, random = simpy.Environment(), Random(seed)
    rows: list[Row] = []
    team = simpy.PriorityResource(env, 4)

    def person(who: int) -> Process:
        rows.append((env.now, who, "contact", "contact", ""))
        rows.append((env.now, who, "work", "join", ""))
        with team.request(priority=0) as turn:
            yield turn
            rows.append((env.now, who, "work", "start", ""))
            yield env.timeout(random.expovariate(1))
            rows.append((env.now, who, "work", "end", ""))
        rows.append((env.now, who, "done", "outcome", ""))

    def coming() -> Process:
        for who in range(size):
            env.process(person(who))
            yield env.timeout(1 / size)

    env.process(coming())
    env.run()
    return rows


def _repeated(work: Callable[[int], object], times: int, number: int) -> None:
    for again in range(times):
        work(number * times + again)


def measure(few: int, many: int, rounds: int) -> dict[str, float]:
    """CPU time per person with ``many`` waiting over that with ``few``: ``ours`` and ``priority_resource``.

    The smaller crowd is served many times, so that both times are of about as many people.
    """
    ours = load(HERE / "configs/models/backlog.yaml", HERE / "configs/demand/reference.yaml", 5)
    crowds = {size: crowd(ours, size) for size in (few, many)}

    def live(size: int, number: int) -> object:
        return engine_simpy.run(ours.pathway, crowds[size], ours.calendar, ours.end, 1, number)

    times = many // few
    found = interleaved({"few": partial(_repeated, partial(live, few), times), "many": partial(live, many)}, rounds)
    # Once is enough for a queue that is sorted at every arrival: the ratio is many times the noise.
    hand_few = seconds(partial(_repeated, lambda seed: by_hand(seed, few), times), 0)
    hand_many = seconds(lambda seed: by_hand(seed, many), 0)
    return {
        "ours": median(m / f for m, f in zip(found["many"], found["few"], strict=True)) * times * few / many,
        "priority_resource": hand_many / hand_few * times * few / many,
    }
