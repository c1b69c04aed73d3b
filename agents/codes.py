"""The numbers that engines and traces share: kinds of stage, kinds of trace row, phases of an instant."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """Kinds of stage (docs/model.md says what each means)."""

    ARRIVAL = 0
    SERVICE = 1
    DECISION = 2
    SET = 3
    PACKAGE = 4
    OUTCOME = 5
    APPOINTMENTS = 6
    PLACES = 7
    FORK = 8
    HAZARD = 9


class Event(IntEnum):
    """What a row of the trace says. ``value`` is the branch index, the new person type, or 0."""

    CONTACT = 0
    JOIN = 1
    START = 2
    END = 3
    BRANCH = 4
    SET = 5
    PACKAGE_START = 6
    PACKAGE_END = 7
    OUTCOME = 8


class Phase(IntEnum):
    """The order of what happens in one millisecond, before (person, ticket, step) decide."""

    CAPACITY = 0
    END = 1
    OVERFLOW = 2
    HAND_OFF = 3
    ARRIVAL = 4
