"""Care that runs: what it costs, and who waits for its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agents.codes import Event
from agents.need import standing

if TYPE_CHECKING:
    from agents.person import Person

_WEEKLY, _PAYS = int(Event.WEEKLY), int(Event.PAYS)


class Wake:
    """What a life waits for when several things can end the wait: whichever comes first fires it, inside its own event.

    It stands in for a SimPy event: a process that yields it goes on with the reason as the yield's value.
    """

    __slots__ = ("_defused", "_ok", "_value", "callbacks")

    def __init__(self) -> None:
        self.callbacks: list[Callable[[Wake], None]] | None = []
        self._ok = True
        self._defused = False
        self._value: int | None = None

    def fire(self, reason: int) -> None:
        """Go on, for this reason; the second to come is too late."""
        callbacks = self.callbacks
        if callbacks is None:
            return
        self._value, self.callbacks = reason, None
        for callback in callbacks:
            callback(self)


class Care:
    """One package that runs.

    Attributes:
        type: the person's type when it began. level: factor on its price, in thousandths. ends: the tick at which it
            ends by itself, -1 if never. wake: what the person waits for, None where the care runs beside.
        review: the fork whose review is under way, -1 if none. at_end: called when the care ends before a review does.
    """

    __slots__ = ("at_end", "ends", "level", "live", "pays", "pence", "review", "stage", "ticket", "type", "wake")

    def __init__(self, stage: int, kind: int, level: int, ticket: int):
        self.stage, self.type, self.level, self.ticket = stage, kind, level, ticket
        self.pence = -1
        self.pays = -1
        self.ends = -1
        self.live = True
        self.review = -1
        self.wake: Wake | None = None
        self.at_end: Callable[[], None] | None = None


def charge(person: Person, care: Care, now: int, attempt: int = -1) -> None:
    """Write what care costs a week from now on, and what the client pays of it; ``attempt`` ≥ 0 when it begins.

    The price is the type's, times a size drawn once (by need or by chance), times the level that reviews set.
    """
    world = person.model
    plan, stage, kind = world.plan, care.stage, care.type
    base = plan.pence[stage][kind]
    if attempt >= 0:
        care.pence = base
        if base >= 0 and plan.size[stage][kind] >= 0:
            chance, coin = world.draw(person.person, plan.draw_size[stage], person.episode, attempt)
            if coin < plan.size_weight[stage][kind]:
                chance = standing(person.rank, plan.size_scale[stage][kind])
            care.pence = base * world.look_up(plan.size[stage][kind], chance) // 1000
        if base >= 0 and plan.pays[stage][kind] >= 0:
            share, _ = world.draw(person.person, plan.draw_pays, 0, 0)
            care.pays = world.look_up(plan.pays[stage][kind], share)
    weekly = care.pence * care.level // 1000 if base >= 0 else -1
    world.write((now, person.person, stage, _WEEKLY, weekly))
    if care.pays >= 0:
        world.write((now, person.person, stage, _PAYS, weekly * care.pays // 1000))
