"""What people and teams need from the world, without knowing who provides it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Row = tuple[int, int, int, int, int]
"""A trace row: tick, person, stage, event, value."""

Draw = Callable[[int, int, int, int], tuple[float, float]]
"""(person, draw id, episode, attempt) to two independent uniforms in (0, 1)."""

Life = Generator[Any, Any, None]


class Clock(Protocol):
    """Model time in whole milliseconds, and events in the one order that both engines keep."""

    @property
    def now(self) -> int:
        """The present tick."""

    def timer(self, delay: int, phase: int, person: int, ticket: int, step: int) -> Any:
        """An event ``delay`` ticks from now, ordered by (time, phase, person, ticket, step)."""

    def never(self) -> Any:
        """An event that does not come unless it is triggered; ``called`` and ``gone`` say where it stands."""

    def live(self, generator: Life, now: Any) -> Any:
        """Let a life begin inside the event ``now``."""


@dataclass(frozen=True)
class Plan:
    """A compiled pathway as plain lists, quick to index from Python. Indexed by stage unless said otherwise.

    ``duration``, ``priority``, ``becomes``, ``delay``, ``misses``, ``again``, ``pence``, ``size``, ``size_scale``,
    ``size_weight`` and ``pays`` are also indexed by person type; ``cumulative`` and ``scale`` by decision, calendar
    table and type; ``once``, ``adopts`` and ``follows_need`` by decision; ``adoption`` by row and month of the run;
    ``entry`` by source. ``attempts`` says whether anybody can meet a stage twice, ``met_as`` under which stage that is
    counted, ``plain`` which care nothing can end but itself. ``simulation.pathway`` says more.
    """

    kind: Sequence[int]
    following: Sequence[int]
    team: Sequence[int]
    draw_duration: Sequence[int]
    draw_branch: Sequence[int]
    duration: Sequence[Sequence[int]]
    priority: Sequence[Sequence[int]]
    becomes: Sequence[Sequence[int]]
    decision: Sequence[int]
    branch_to: Sequence[Sequence[int]]
    cumulative: Sequence[Sequence[Sequence[Sequence[float]]]]
    follows_need: Sequence[float]
    scale: Sequence[Sequence[Sequence[tuple[Sequence[float], Sequence[float]] | None]]]
    entry: Sequence[int]
    attempts: bool
    met_as: Sequence[int]
    by_month: bool
    adopts: Sequence[int]
    adoption: Sequence[Sequence[float]]
    once: Sequence[bool]
    delay: Sequence[Sequence[int]]
    draw_delay: Sequence[int]
    draw_attend: Sequence[int]
    draw_size: Sequence[int]
    draw_pays: int
    gives_up: Sequence[int]
    rebookings: Sequence[int]
    misses: Sequence[Sequence[float]]
    hazards: Sequence[Sequence[int]]
    forks: Sequence[Sequence[int]]
    goes_on: Sequence[bool]
    plain: Sequence[bool]
    replaces: Sequence[Sequence[int]]
    set_need: Sequence[tuple[float, float]]
    set_care: Sequence[int]
    again: Sequence[Sequence[float]]
    again_at: Sequence[int]
    died: Sequence[bool]
    pence: Sequence[Sequence[int]]
    size: Sequence[Sequence[int]]
    size_weight: Sequence[Sequence[float]]
    size_scale: Sequence[Sequence[tuple[Sequence[float], Sequence[float]] | None]]
    pays: Sequence[Sequence[int]]


class Hours(Protocol):
    """Opening hours."""

    def is_open(self, tick: int) -> bool:
        """Whether work can begin at a tick."""

    def next_open(self, tick: int) -> int:
        """The first open tick from ``tick`` on."""

    def end_of(self, start: int, work: int) -> int:
        """When ``work`` ticks of working time have passed since ``start``."""


class Team(Protocol):
    """A team as a person meets it."""

    def seat(self) -> bool:
        """Take an idle practitioner at once, if there is one."""

    def queue(self, priority: int, person: int, ticket: int, step: int) -> Any:
        """Join the queue; the event comes when a practitioner is handed over."""

    def span(self, start: int, work: int) -> int:
        """Calendar ticks from ``start`` until ``work`` ticks of work are done."""

    def leave(self) -> None:
        """Give the practitioner back, to whoever is next."""

    def withdraw(self, event: Any) -> None:
        """Leave the queue."""


class Diary(Protocol):
    """Bookable slots."""

    def book(self, earliest: int) -> tuple[int, int] | None:
        """Take the earliest free slot from a tick on: its tick and site, or None."""


class World(Protocol):
    """The model a person lives in."""

    clock: Clock
    plan: Plan
    teams: Sequence[Team | None]
    diaries: Sequence[Diary | None]
    draw: Draw
    write: Callable[[Row], None]
    month_table: Callable[[int], int]
    month_of: Callable[[int], int]
    look_up: Callable[[int, float], int]
