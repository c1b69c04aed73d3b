"""What the compiled engine's loop reads and keeps: where each number stands in its arrays.

The loop reads a pathway as a few dense tables (``Fixed``), and keeps people, reviews and care as rows of two more. Rows
are used again when somebody has left, so memory goes with the people who are there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from agents.codes import Event
from simulation.compiling import Straight

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FOR_THE_LOOP: dict[str, Any] = {"pipeline_class": Straight, "_nrt": False, "no_rewrites": True, "error_model": "numpy"}
"""It makes no arrays, so it needs no memory manager, which would count references all the time; and divides by nothing
that could be 0."""

_ONLY_FROM_THE_LOOP = {**FOR_THE_LOOP, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

plain = njit(**_ONLY_FROM_THE_LOOP)
"""A function of the loop, called."""

inline = njit(forceinline=True, **_ONLY_FROM_THE_LOOP)
"""One that stands inside its caller: handing over some twenty arrays takes longer than most steps."""

# Columns of ``Fixed.stage``.
(
    S_KIND, S_NEXT, S_TEAM, S_DRAW_DURATION, S_DRAW_BRANCH, S_DRAW_DELAY, S_DRAW_ATTEND, S_DRAW_SIZE, S_DECISION,
    S_GIVES_UP, S_REBOOKINGS, S_GOES_ON, S_PLAIN, S_CARE_TIMES, S_AGAIN_AT, S_DIED, S_HAZARDS, S_HAZARDS_END, S_FORKS,
    S_FORKS_END, S_REPLACES, S_REPLACES_END, S_DIARY, S_VISITS, S_CARE_TYPE, S_MEASURES, STAGE_COLUMNS,
) = range(27)  # fmt: skip

# Columns of ``Fixed.by_type``: per stage and person type.
(Q_DURATION, Q_CLASS, Q_BECOMES, Q_DELAY, Q_PENCE, Q_SIZE, Q_PAYS, Q_SCALE, Q_SCALE_LENGTH, TYPE_COLUMNS) = range(10)

# Columns of ``Fixed.chances``: per stage and person type.
(X_AGAIN, X_MISSES, X_SIZE_WEIGHT, CHANCE_COLUMNS) = range(4)

EVENTS = len(Event)
"""Kinds of row that ``Sums.flow`` counts."""

# Columns of a team.
(
    T_NOBODY_WAITS, T_IDLE, T_LEAVING, T_PRESENT, T_OPENING, T_WINDOW, T_WINDOWS_END, T_CLASSES, T_CLASSES_END,
    T_HOURS, T_WAITING, TEAM_COLUMNS,
) = range(12)  # fmt: skip

# Columns of a life: a person on their way, or a review of care. Four lines of the processor's memory: the first two are
# all that the end of care needs, the next what a stage does.
(
    P_ID, P_STAGE, P_STATE, P_TYPE, P_TIMER, P_WHICH, P_OWNER, P_CARE_REF,
    P_EPISODE, P_CARE, P_CARES, P_REFS, P_MET, P_GROUP, P_PLACE, P_FOLLOWING,
    P_TICKET, P_STEP, P_ATTEMPT, P_MY_TICKET, P_JOINED, P_PREVIOUS, P_QUEUE, P_TURN,
    P_DOOR, P_LEVEL, P_FORK, P_FIRST_TICKET, P_NOTE, P_CELL, P_SISTER, P_DRAWN, LIFE_COLUMNS,
) = range(33)  # fmt: skip

LIFE_BITS = 5
"""LIFE_COLUMNS is a power of two: the number of a row is its place without so many bits."""

# Columns of care: two lines. It goes on while ``C_TOLD`` is a day, not -1.
(
    C_OWNER, C_STAGE, C_TYPE, C_TOLD, C_WEEKLY, C_AT_END, C_REVIEWS, C_NEXT,
    C_REFS, C_TIMER, C_WHICH, C_LEVEL, C_PENCE, C_PAYS, C_ENDS, C_REVIEW, CARE_COLUMNS,
) = range(17)  # fmt: skip

LANES = 4
"""Draws that are made at once (``simulation.kernel_draws``)."""

LINE = 8
"""Columns in one line of the processor's memory."""

STEP_AHEAD = 4
"""Buckets from one thing that is asked for ahead of its time to the next."""

# Columns of a scheduled event.
(E_KEY, E_PERSON, E_STEP, E_WHAT, E_NEXT, EVENT_COLUMNS) = range(6)
(EV_TIMER, EV_HAND_OFF, EV_CARE, EV_OPENING, EV_ROSTER) = range(5)

# States of a life.
(
    FREE, QUEUEING, CALLED, WORKED_ON, STAYING, BOOKED, SEEN, IN_PLAIN_CARE, IN_CARE, AWAY, NOT_DUE, NO_SLOT, GONE,
) = range(13)  # fmt: skip

# Numbers that change as the run goes, in ``Kept.now``.
(
    N_FREE_EVENT, N_NEAR, N_BUCKET, N_FREE_LIFE, N_FREE_CARE, N_EVENTS, N_WAITING, N_TICK, N_MONTH, N_ROWS, N_ARRIVAL,
    N_DONE, N_LIVES, N_MOST_LIVES, N_CARES, N_LIMIT, N_NEED, N_ACT, N_LIFE, N_STAGE, N_LEFT, N_AGE, N_ENDING,
    N_BEGUN, N_FLOW, N_TRACING, N_TOP_EVENT, N_TOP_LIFE, N_TOP_CARE, N_MOST_CARES, N_HANDED, N_SHIFT,
    NOW_COLUMNS,
) = range(33)  # fmt: skip

# What a life has met, in ``P_MET``: measures from bit 0 on, and beyond them:
MET_PACKAGE, MET_ELIGIBLE, MET_FIRST_YEAR = 1 << 40, 1 << 41, 1 << 42

SERVED = -1

NEED_LIVES, NEED_CARES, NEED_EVENTS, NEED_ROWS = 1, 2, 4, 8

NONE = np.int64(0)
"""Zero as a number. Python's own would be a type to numba, and every function that is given it compiled once more."""

LIMIT_ATTEMPTS, LIMIT_EPISODES = 1, 2
"""What was passed (``simulation.limits``)."""

REACHED, CANCELLED = 1, 2
"""How far the loop came."""


# ``Fixed.numbers``.
(
    F_END, F_SEED, F_REPLICATION, F_BY_MONTH, F_FIRST_MONTH, F_SUMS, F_FUNDED, F_MOST_FORKS,
    F_DRAW_PAYS, F_CONTACT, F_STAGES, NUMBERS,
) = range(12)  # fmt: skip

# Columns of a person's outcome.
(O_MET, O_PENCE_DAYS, OUTCOME_COLUMNS) = range(3)

WAIT_BINS = 192
"""Waits fall into quarter octaves of 1.024 seconds: bin 0 is none, and each is a quarter wider than the one before."""


WIDTHS = {
    "stage": STAGE_COLUMNS,
    "by_type": TYPE_COLUMNS,
    "chances": CHANCE_COLUMNS,
    "draws": LANES,
    "teams": TEAM_COLUMNS,
    "waits": WAIT_BINS,
    "outcomes": OUTCOME_COLUMNS,
}
"""The last dimension of arrays that always have as many columns, by name."""


class Fixed(NamedTuple):
    """A pathway over a calendar, until an end. n stages, T person types; other shapes as in ``Pathway``.

    ``stage`` (n, STAGE_COLUMNS), ``by_type`` (n, T, TYPE_COLUMNS), ``chances`` (n, T, CHANCE_COLUMNS). ``draws`` (n,
    LANES): a stage's own draw and those of stages that may follow, -1 for none. ``flat`` holds the lists of hazards,
    forks and replaced care. ``tables`` is one long row of quantile tables. ``opens``, ``closes``, ``before`` hold the
    windows of all teams, one team after the other; ``slot_*`` the diaries likewise, each from ``diary[i]`` to ``diary[i
    + 1]``. ``roster`` (changes, 3): tick, team, practitioners. ``year_days``: first days of the financial years and the
    day after the last. ``once``: 0, 1, or 2 + the row of ``adoption`` that decides.
    """

    numbers: Ints
    stage: Ints
    by_type: Ints
    chances: Floats
    draws: Ints
    flat: Ints
    cumulative: Floats
    branch_to: Ints
    branch_measures: Ints
    follows: Floats
    once: Ints
    adoption: Floats
    scale_at: Ints
    scale_rank: Floats
    scale_standing: Floats
    set_need: Floats
    tables: Ints
    effort: Floats
    opens: Ints
    closes: Ints
    before: Ints
    slot_times: Ints
    slot_sites: Ints
    diary: Ints
    month_starts: Ints
    roster: Ints
    year_days: Ints


class Kept(NamedTuple):
    """Everything that changes. Arrays that become too small are replaced by larger ones between calls of the loop.

    ``lives``, ``cares`` and ``events`` are tables laid out in one line, LIFE_COLUMNS, CARE_COLUMNS and EVENT_COLUMNS to
    a row; a row is named by the place where it begins. ``rank`` (capacity,) and ``visits`` (capacity, counted stages)
    stand beside ``lives``, and so does ``drawn`` (capacity × 2 × LANES): draws made ahead of their time. ``near_*`` is
    the heap of events in buckets that have been reached, ``buckets`` the first event of each later one (31 bits).
    ``teams`` (teams, TEAM_COLUMNS); ``first`` and ``last``: of each queue. ``slot_free``, ``slot_next``: diaries.
    ``rows`` (5, capacity) is the trace; where none is kept it has room for one step.
    """

    now: Ints
    lives: Ints
    rank: Floats
    visits: Ints
    drawn: Floats
    cares: Ints
    events: Ints
    near_key: Ints
    near_event: Ints
    buckets: Ints
    teams: Ints
    first: Ints
    last: Ints
    slot_free: Ints
    slot_next: Ints
    rows: Ints


class Coming(NamedTuple):
    """Those who come in, by (time, person): columns of shape (people,), as in ``admission.Arrivals``.

    ``cell`` is their place among those who are counted alike, -1 for people in care at the start; ``flags`` what holds
    of them from the start (``MET_*``).
    """

    time: Ints
    person: Ints
    type: Ints
    rank: Floats
    entry: Ints
    door: Ints
    left: Ints
    age: Ints
    place: Ints
    cell: Ints
    group: Ints
    flags: Ints


class Sums(NamedTuple):
    """What is counted where no trace is kept; ``simulation.summaries`` says what each means.

    ``flow`` (months, n, events) in one line, ``waits`` (n, WAIT_BINS), ``waited`` (n,), ``branch``
    (2, decisions, branches): everybody, and those who made contact in the first twelve months,
    ``people`` (measures + latent, cells), ``starts`` (care types, cells), ``start_pence`` (2, care types, cells),
    ``days``, ``pence_days``, ``unpriced`` (care types, years, groups), ``live`` (care types, months + 1, groups),
    ``outcomes`` (people, OUTCOME_COLUMNS).
    """

    flow: Ints
    waits: Ints
    waited: Ints
    branch: Ints
    people: Ints
    starts: Ints
    start_pence: Ints
    days: Ints
    pence_days: Ints
    unpriced: Ints
    live: Ints
    outcomes: Ints
