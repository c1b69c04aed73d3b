"""The numbers that engines and traces share: kinds of stage, kinds of trace row, phases of an instant."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal


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
    """What a row of the trace says; ``value`` stands in brackets, 0 where none is named.

    CONTACT: first contact (person type). JOIN: joins a queue. START, END: work, an appointment or a stay in a place.
    BRANCH: a decision (branch). SET: an attribute changed (new person type). PACKAGE_START, PACKAGE_END: care (person
    type). OUTCOME: the episode ends. CONTACT_AGAIN: a new episode (person type). BOOKED: an appointment is booked (the
    site). MISSED: it was not attended (appointments missed here so far). OVERFLOW: has waited too long and leaves the
    queue. HAZARD: a competing exit, told at the hazard's own stage (the stage that is left). HELD: care that ran before
    the start (person type). WEEKLY: gross price of the care that starts or changes (pence a week, -1 unknown). PAYS:
    what the client pays of it (pence a week). REVIEW: a review falls due, told at the fork's own stage (the stage of
    the care). REVIEWED: it is over. WITHDRAWN: the review leaves its queue, because the care has ended.
    """

    CONTACT = 0
    JOIN = 1
    START = 2
    END = 3
    BRANCH = 4
    SET = 5
    PACKAGE_START = 6
    PACKAGE_END = 7
    OUTCOME = 8
    CONTACT_AGAIN = 9
    BOOKED = 10
    MISSED = 11
    OVERFLOW = 12
    HAZARD = 13
    HELD = 14
    WEEKLY = 15
    PAYS = 16
    REVIEW = 17
    REVIEWED = 18
    WITHDRAWN = 19


class Phase(IntEnum):
    """The order of what happens in one millisecond, before (person, ticket, step) decide."""

    CAPACITY = 0
    END = 1
    OVERFLOW = 2
    HAND_OFF = 3
    ARRIVAL = 4


ADOPTS, KEEPS = 0.25, 0.75
"""What stands for the draw of a person who goes by the new model or keeps today's way, where a decision adopts."""

Measure = Literal[
    "contact",
    "resolved_at_first_contact",
    "referred_on",
    "hub_appointment",
    "home_visit",
    "enablement",
    "full_assessment",
    "funded_package",
    "no_council_funding",
]
"""What a stage or a branch counts as when models are compared."""
