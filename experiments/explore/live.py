"""A state lived in pairs while somebody waits: a first picture from few, then more, until enough or cancelled."""

from __future__ import annotations

import itertools
import os
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from experiments.explore.asked import Asked
from experiments.explore.controls import Control
from experiments.explore.evens import Even
from experiments.explore.state import State
from experiments.explore.world import World
from experiments.replicate import Outcome
from simulation.engine_compiled import Cancelled
from simulation.summaries import Ints

FIRST = 8
"""Pairs of the first picture: the whole horizon and all groups of people, and an interval."""


Made = TypeVar("Made")

LAST = 1_000_000
"""Urgency of what may wait until everybody has their answer."""


class Run:
    """One visitor's wait for one state; anybody may stop it from any thread."""

    def __init__(self) -> None:
        self.flag: Ints = np.zeros(1, dtype=np.int64)

    def stop(self) -> None:
        """Let the engine stop within 10,000 events."""
        self.flag[0] = 1

    @property
    def stopped(self) -> bool:
        """Whether somebody has."""
        return bool(self.flag[0])


@dataclass(order=True)
class _Task:
    urgency: int
    number: int
    work: Callable[[], Any] = field(compare=False)
    future: Future[Any] = field(compare=False)


class Hands:
    """Threads that live pairs, first pictures before refinements, whoever asks; the engine lets go of Python's lock."""

    def __init__(self, threads: int | None = None):
        self._tasks: queue.PriorityQueue[_Task] = queue.PriorityQueue()
        self._numbers = itertools.count()
        for number in range(threads or os.cpu_count() or 1):
            threading.Thread(target=self._work, name=f"pairs-{number}", daemon=True).start()

    def begin(self, urgency: int, work: Callable[[], Any]) -> Future[Any]:
        """Have something done; the least ``urgency`` comes first."""
        future: Future[Any] = Future()
        self._tasks.put(_Task(urgency, next(self._numbers), work, future))
        return future

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            try:
                made = task.work()
            except BaseException as error:  # it is the asker's, whatever it is
                task.future.set_exception(error)
            else:
                task.future.set_result(made)


def looks(most: int) -> Iterator[int]:
    """Pairs at which a picture is shown: 8, 16, 32 and so on, up to ``most``."""
    pairs = min(FIRST, most)
    while pairs < most:
        yield pairs
        pairs *= 2
    yield most


def lived(asked: Asked, run: Run, hands: Hands, most: int) -> Iterator[list[Outcome]]:
    """The pairs so far, at each look.

    Raises:
        Cancelled: somebody stopped the run. DemandflowError: a limit of the engine.
    """
    made: list[Outcome] = []

    def pair(replication: int) -> Outcome:
        if run.stopped:
            raise Cancelled
        return asked.pair(replication, run.flag)

    for pairs in looks(most):
        first = len(made)
        work = [hands.begin(first, lambda number=number: pair(number)) for number in range(first, pairs)]  # type: ignore[misc]
        made += [future.result() for future in work]
        yield list(made)


def followed(run: Run, hands: Hands, lived: Callable[[int], Made]) -> list[Made]:
    """As many pairs as the first picture has, of what takes longer.

    Args:
        lived: what a replication of that number comes to.

    Raises:
        Cancelled: somebody stopped the run. DemandflowError: a limit of the engine.
    """

    def pair(replication: int) -> Made:
        if run.stopped:
            raise Cancelled
        return lived(replication)

    work = [hands.begin(LAST, lambda number=number: pair(number)) for number in range(FIRST)]  # type: ignore[misc]
    return [future.result() for future in work]


def evened(world: World, state: State, run: Run, hands: Hands) -> dict[str, Even]:
    """The break-evens of a state by input, worked out after everything else.

    Raises:
        Cancelled: somebody stopped the run.
    """

    def even(control: Control) -> Even:
        if run.stopped:
            raise Cancelled
        return world.even(control, state.over)

    work = {one.key: hands.begin(LAST, lambda one=one: even(one)) for one in world.marked}  # type: ignore[misc]
    return {key: future.result() for key, future in work.items()}
