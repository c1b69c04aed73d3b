"""What a person goes through as activities: rows of the trace that belong together, paired from start to end.

An activity is a contact, a spell of work or of waiting for it, a decision, care from its start to its end, a review
from the day it falls due to the day it is over. Every row of the trace belongs to exactly one activity, the prices
that follow the start of care included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.codes import Event
from experiments.single import Row

_AT_ONCE = frozenset({Event.CONTACT, Event.CONTACT_AGAIN, Event.BRANCH, Event.SET, Event.OUTCOME, Event.HAZARD})
_ASKS = frozenset({Event.JOIN, Event.BOOKED, Event.REVIEW})
_CARE_BEGINS = frozenset({Event.PACKAGE_START, Event.HELD})
_PRICES = frozenset({Event.WEEKLY, Event.PAYS})

COMPLETE, MISSED, TOO_LONG, WITHDRAWN, CUT_SHORT = "complete", "missed", "waited_too_long", "withdrawn", "cut_short"
OPEN = ""
_HOW_IT_ENDS = {
    Event.END: COMPLETE,
    Event.PACKAGE_END: COMPLETE,
    Event.REVIEWED: COMPLETE,
    Event.MISSED: MISSED,
    Event.OVERFLOW: TOO_LONG,
    Event.WITHDRAWN: WITHDRAWN,
}


@dataclass
class Activity:
    """One activity of one person. Moments are ticks, None where there is none.

    Attributes:
        stage: index in the pathway. first, value: event and value of its first row (see ``agents.codes.Event``).
        asked: joined the queue, was booked again, or fell due. booked: an appointment was found; site: where.
        start, end: of the activity itself. ended: '' while it goes on, else one of the words above.
        cut_by: the hazard's stage where it was cut short, else -1.
        prices: (tick, pence a week or -1 where unknown, what the client pays of it or None), from each tick on.
        rows: how many rows of the trace it holds.
    """

    stage: int
    first: Event
    value: int
    asked: int | None = None
    booked: int | None = None
    site: int = -1
    start: int | None = None
    end: int | None = None
    ended: str = OPEN
    cut_by: int = -1
    prices: list[tuple[int, int, int | None]] = field(default_factory=list)
    rows: int = 1

    @property
    def moment(self) -> int:
        """When it first shows."""
        return next(tick for tick in (self.asked, self.start, self.end) if tick is not None)

    @property
    def held(self) -> bool:
        """Whether this is care that ran before the start."""
        return self.first is Event.HELD

    @property
    def is_care(self) -> bool:
        """Whether this is a package."""
        return self.first in _CARE_BEGINS

    @property
    def wait(self) -> int | None:
        """Ticks from asking to the start; None where it did not start."""
        return None if self.asked is None or self.start is None else self.start - self.asked


@dataclass
class Life:
    """A person's rows, each with the activity it belongs to, and the activities in the order in which they show."""

    person: int
    rows: Sequence[Row]
    of_row: list[Activity] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)


class _Reader:
    def __init__(self, life: Life):
        self.life = life
        self.open: dict[int, list[Activity]] = {}
        self.last: dict[int, Activity] = {}

    def _new(self, stage: int, event: Event, value: int, stays_open: bool = True) -> Activity:
        activity = Activity(stage, event, value)
        self.life.activities.append(activity)
        self.last[stage] = activity
        if stays_open:
            self.open.setdefault(stage, []).append(activity)
        return activity

    def _going_on(self, stage: int, started: bool | None = None) -> Activity | None:
        """What goes on longest at a stage: begun, not begun yet, or either."""
        for activity in self.open.get(stage, ()):
            if started is None or started == (activity.start is not None):
                return activity
        return None

    def _close(self, stage: int, tick: int, how: str) -> Activity | None:
        """Close what goes on at a stage. What a hazard closed in this same instant only gets one more row."""
        activity = self._going_on(stage, started=None if how == CUT_SHORT else how == COMPLETE)
        if activity is not None:
            self.open[stage].remove(activity)
            activity.end, activity.ended = tick, how
            return activity
        last = self.last.get(stage)
        return last if last is not None and last.end == tick else None

    def read(self, row: Row) -> Activity:
        """The activity that a row belongs to."""
        tick, stage, number, value = row
        event = Event(number)
        if event in _PRICES:
            return self._price(tick, stage, event, value)
        if event in _AT_ONCE:
            activity = self._new(stage, event, value, stays_open=False)
            activity.start = activity.end = tick
            activity.ended = COMPLETE
            if event is Event.HAZARD:
                left = self._close(value, tick, CUT_SHORT)
                if left is not None:
                    left.ended, left.cut_by = CUT_SHORT, stage
            return activity
        if event in _HOW_IT_ENDS:
            found = self._close(stage, tick, _HOW_IT_ENDS[event])
            if event is Event.PACKAGE_END:
                self._no_more_reviews(stage, tick)
        else:
            found = self._going_on(stage, started=False) if event in (Event.START, Event.BOOKED) else None
            if found is not None:
                self._moment(found, tick, event, value)
        if found is not None:
            found.rows += 1
            return found
        activity = self._new(stage, event, value)
        self._moment(activity, tick, event, value)
        return activity

    def _moment(self, activity: Activity, tick: int, event: Event, value: int) -> None:
        if event in _ASKS and activity.asked is None:
            activity.asked = tick
        if event is Event.BOOKED:
            activity.booked, activity.site = tick, value
        elif event is not Event.JOIN:
            activity.start = tick

    def _no_more_reviews(self, care: int, tick: int) -> None:
        for opened in self.open.values():
            for review in [activity for activity in opened if activity.first is Event.REVIEW]:
                if review.value == care:
                    review.end, review.ended = tick, WITHDRAWN
                    opened.remove(review)

    def _price(self, tick: int, stage: int, event: Event, value: int) -> Activity:
        """A price belongs to the care that goes on at its stage."""
        activity = self._going_on(stage) or self.life.of_row[-1]
        if event is Event.WEEKLY:
            activity.prices.append((tick, value, None))
        elif activity.prices:
            activity.prices[-1] = (activity.prices[-1][0], activity.prices[-1][1], value)
        activity.rows += 1
        return activity


def life_of(person: int, rows: Sequence[Row]) -> Life:
    """A person's activities from their rows."""
    life = Life(person, rows)
    reader = _Reader(life)
    for row in rows:
        life.of_row.append(reader.read(row))
    return life
