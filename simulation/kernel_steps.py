"""Small steps of the compiled engine's loop: draws, rows, teams and queues, hazards, sums. Numba, no objects."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from agents.codes import Phase
from simulation import kernel_layout as K
from simulation.kernel_events import put_aside
from simulation.kernel_grids import width
from simulation.kernel_layout import inline, plain
from simulation.limits import MOST_ATTEMPTS
from simulation.philox import pair
from simulation.quantiles import KNOTS, look_up_from
from simulation.working_time import NEVER

_CAPACITY, _HAND_OFF = np.int64(Phase.CAPACITY), np.int64(Phase.HAND_OFF)
_OPENING_TICKET = 0
_LAST = np.iinfo(np.int64).max
_BELOW_ONE = 1.0 - 2.0**-53
_look_up = inline(look_up_from.py_func)


@inline
def uniforms(numbers, person, draw, episode, attempt):
    """Two uniforms that belong to a person and a decision."""
    return pair(
        np.uint64(person),
        np.uint64(draw),
        np.uint64(episode),
        np.uint64(attempt),
        np.uint64(numbers[K.F_SEED]),
        np.uint64(numbers[K.F_REPLICATION]),
    )


@inline
def length(tables, row, u):
    """What a quantile table says at a uniform."""
    return _look_up(tables, row * 2 * KNOTS, u)


@plain
def drawn(numbers, tables, person, draw, episode, attempt, row):
    """What a quantile table says at a draw, called: where it is seldom wanted, it need not stand inside its caller."""
    u, _ = uniforms(numbers, person, draw, episode, attempt)
    return length(tables, row, u)


@inline
def standing(rank, start, size, ranks, standings):
    """Where a need rank stands among others (``agents.need.standing``)."""
    if size == 0:
        return rank
    low, high = 0, size
    while low < high:  # bisect_right
        middle = (low + high) >> 1
        if rank < ranks[start + middle]:
            high = middle
        else:
            low = middle + 1
    if low >= size:
        return min(standings[start + size - 1], _BELOW_ONE)
    left = start + low - 1 if low > 0 else start + size - 1
    right = start + low
    base = standings[left]
    return min(base + (rank - ranks[left]) / (ranks[right] - ranks[left]) * (standings[right] - base), _BELOW_ONE)


@plain
def _write(rows, now, tick, person, stage, event, value):
    n = now[K.N_ROWS]
    rows[0, n] = tick
    rows[1, n] = person
    rows[2, n] = stage
    rows[3, n] = event
    rows[4, n] = value
    now[K.N_ROWS] = n + 1


@inline
def tell(rows, flow, now, tick, person, stage, event, value):
    """A row of the trace, where one is kept, and a count of it."""
    if now[K.N_TRACING] != 0:
        _write(rows, now, tick, person, stage, event, value)
    flow[now[K.N_FLOW] + stage * K.EVENTS + event] += 1


@inline
def month_after(now, month_starts):
    """The tick at which the next month begins."""
    month = now[K.N_MONTH] + 1
    return month_starts[month] if month < len(month_starts) else _LAST


@inline
def lacking(now, rank, cares, near_key, rows, most_forks, steps):
    """What there may not be room for in so many steps: ``NEED_*``.

    In that many, nobody comes to hold that many packages more than anybody ever held.
    """
    need = 0
    if now[K.N_LIVES] + steps * most_forks > len(rank):
        need |= K.NEED_LIVES
    if (now[K.N_CARES] + steps) * K.CARE_COLUMNS > len(cares):
        need |= K.NEED_CARES
    if now[K.N_EVENTS] + now[K.N_WAITING] + steps * (most_forks + 8) > len(near_key):
        need |= K.NEED_EVENTS
    if now[K.N_TRACING] != 0 and now[K.N_ROWS] + steps * (16 + 4 * (now[K.N_MOST_CARES] + steps)) > width(rows):
        need |= K.NEED_ROWS
    return need


@inline
def goes_first(lives, events, near_event, key, handed, tick):
    """Whether somebody who was handed a practitioner in this moment comes before what else comes next, at ``key``."""
    tick_and_phase = (tick << 3) | _HAND_OFF
    if tick_and_phase != key:
        return tick_and_phase < key
    other, person = near_event[0], lives[handed + K.P_ID]
    if events[other + K.E_PERSON] != person:
        return person < events[other + K.E_PERSON]
    return lives[handed + K.P_TURN] < events[other + K.E_STEP]


@inline
def met_before(now, stage, visits, own):
    """How often somebody has met a stage before in this episode; counts this time."""
    column = stage[K.S_VISITS]
    if column < 0:
        return 0
    before = np.int64(visits[own >> K.LIFE_BITS, column])
    if before == MOST_ATTEMPTS:
        now[K.N_LIMIT] = K.LIMIT_ATTEMPTS
    else:
        visits[own >> K.LIFE_BITS, column] = before + 1
    return before


@inline
def forget(visits, own):
    """A new episode: what somebody has met in it is nothing yet."""
    for column in range(width(visits)):
        visits[own >> K.LIFE_BITS, column] = 0


@plain
def _first_hazard(numbers, stages, by_type, flat, tables, now, lives, visits, own, stage):
    """Ticks until the first of a stage's hazards, and which: its stage. (-1, -1) without any."""
    soonest, which = -1, -1
    for i in range(stages[stage, K.S_HAZARDS], stages[stage, K.S_HAZARDS_END]):
        hazard = flat[i]
        table = by_type[hazard, lives[own + K.P_TYPE], K.Q_DURATION]
        if table < 0:
            continue
        attempt = met_before(now, stages[hazard], visits, own)
        draw = stages[hazard, K.S_DRAW_DURATION]
        ticks = drawn(numbers, tables, lives[own + K.P_ID], draw, lives[own + K.P_EPISODE], attempt, table)
        if which < 0 or ticks < soonest:
            soonest, which = ticks, hazard
    return soonest, which


@inline
def first_hazard(numbers, stages, by_type, flat, tables, now, lives, visits, own, stage):
    """Ticks until the first of a stage's hazards, and which: its stage. (-1, -1) without any."""
    if stages[stage, K.S_HAZARDS] == stages[stage, K.S_HAZARDS_END]:
        return -1, -1
    return _first_hazard(numbers, stages, by_type, flat, tables, now, lives, visits, own, stage)


# Teams and queues


@inline
def window(team, opens, closes, tick):
    """The team's window that has not closed yet; windows that have are left behind."""
    i = team[K.T_WINDOW]
    while i < team[K.T_WINDOWS_END] and closes[i] <= tick:
        i += 1
    team[K.T_WINDOW] = i
    return i


@inline
def is_open(team, opens, closes, tick):
    """Whether work can begin."""
    if team[K.T_HOURS] == 0:
        return True
    i = window(team, opens, closes, tick)
    return i < team[K.T_WINDOWS_END] and opens[i] <= tick


@inline
def span(team, effort, opens, closes, before, tick, work):
    """Calendar ticks until ``work`` ticks of work are done that begins now, in opening hours."""
    if effort != 1.0:
        work = np.int64(work * effort)
    if team[K.T_HOURS] == 0:
        return work
    if work <= 0:
        return 0
    i = window(team, opens, closes, tick)
    goal = before[i] + tick - opens[i] + work
    while i + 1 < team[K.T_WINDOWS_END] and before[i + 1] < goal:
        i += 1
    end = opens[i] + goal - before[i]
    return (end if end <= closes[i] else NEVER) - tick


@plain
def await_opening(numbers, number, team, opens, closes, events, near_key, near_event, buckets, now, tick):
    """See to it that those who wait are served when the doors open next."""
    if team[K.T_HOURS] == 0:
        return
    i = window(team, opens, closes, tick)
    at = max(tick, opens[i]) if i < team[K.T_WINDOWS_END] else NEVER
    if at != team[K.T_OPENING]:
        team[K.T_OPENING] = at
        if at < numbers[K.F_END]:
            step = _OPENING_TICKET << 32
            what = (number << 3) | K.EV_OPENING
            put_aside(events, near_key, near_event, buckets, now, now[K.N_SHIFT], at, _CAPACITY, number, step, what)


@inline
def _tie(lives, first, last, queue, ahead, behind, after_ahead, before_behind):
    """Say who comes after ``ahead`` in a queue, and who before ``behind``; either may be nobody."""
    if ahead >= 0:
        lives[ahead + K.P_FOLLOWING] = after_ahead
    else:
        first[queue] = after_ahead
    if behind >= 0:
        lives[behind + K.P_PREVIOUS] = before_behind
    else:
        last[queue] = before_behind


@inline
def join(lives, first, last, queue, life, tick, now, team):
    """Stand in a queue: by the moment of joining, then by person and ticket."""
    lives[life + K.P_JOINED] = tick
    now[K.N_WAITING] += 1
    team[K.T_WAITING] += 1
    person, turn = lives[life + K.P_ID], lives[life + K.P_TURN]
    ahead = last[queue]
    while ahead >= 0 and lives[ahead + K.P_JOINED] == tick:
        if lives[ahead + K.P_ID] < person or (lives[ahead + K.P_ID] == person and lives[ahead + K.P_TURN] < turn):
            break
        ahead = lives[ahead + K.P_PREVIOUS]
    behind = lives[ahead + K.P_FOLLOWING] if ahead >= 0 else first[queue]
    lives[life + K.P_PREVIOUS] = ahead
    lives[life + K.P_FOLLOWING] = behind
    _tie(lives, first, last, queue, ahead, behind, life, life)


@inline
def withdraw(lives, first, last, queue, life, now, team):
    """Leave a queue."""
    now[K.N_WAITING] -= 1
    team[K.T_WAITING] -= 1
    ahead, behind = lives[life + K.P_PREVIOUS], lives[life + K.P_FOLLOWING]
    _tie(lives, first, last, queue, ahead, behind, behind, ahead)


@inline
def serve(
    numbers, number, team, opens, closes, lives, cares, first, last, events, near_key, near_event, buckets, now, tick
):
    """Hand idle practitioners to those who wait, each as an event of its own; at night, in the morning."""
    if not is_open(team, opens, closes, tick):
        await_opening(numbers, number, team, opens, closes, events, near_key, near_event, buckets, now, tick)
        return
    queue = team[K.T_CLASSES]
    while team[K.T_IDLE] > 0 and team[K.T_WAITING] > 0:
        life = first[queue]
        if life < 0:
            queue += 1
            continue
        withdraw(lives, first, last, queue, life, now, team)
        team[K.T_IDLE] -= 1
        lives[life + K.P_STATE] = K.CALLED
        lives[life + K.P_TIMER] = -1
        if lives[life + K.P_CARE_REF] >= 0:
            cares[lives[life + K.P_CARE_REF] + K.C_AT_END] = -1  # too late to withdraw
        if now[K.N_HANDED] < 0:  # nearly always what comes next, so it need not pass the heap
            now[K.N_HANDED] = life
        else:
            put_aside(
                events, near_key, near_event, buckets, now, now[K.N_SHIFT], tick, _HAND_OFF, lives[life + K.P_ID],
                lives[life + K.P_TURN], (life << 3) | K.EV_HAND_OFF,
            )  # fmt: skip


open_doors = plain(serve.py_func)
"""``serve``, called: when a team opens, or is more."""


@inline
def leave(
    numbers, number, team, opens, closes, lives, cares, first, last, events, near_key, near_event, buckets, now, tick
):
    """Give a practitioner or a place back: off the roster, to the next in the queue, or to idle."""
    if team[K.T_LEAVING] > 0:
        team[K.T_LEAVING] -= 1
        team[K.T_PRESENT] -= 1
        return
    team[K.T_IDLE] += 1
    if team[K.T_WAITING] > 0:
        serve(
            numbers, number, team, opens, closes, lives, cares, first, last, events, near_key, near_event, buckets, now,
            tick,
        )  # fmt: skip


@inline
def resize(team, size):
    """A new roster: more can start at once; those too many go as they come free."""
    while team[K.T_PRESENT] - team[K.T_LEAVING] < size:
        if team[K.T_LEAVING] > 0:
            team[K.T_LEAVING] -= 1
        else:
            team[K.T_PRESENT] += 1
            team[K.T_IDLE] += 1
    while team[K.T_PRESENT] - team[K.T_LEAVING] > size:
        if team[K.T_IDLE] > 0:
            team[K.T_IDLE] -= 1
            team[K.T_PRESENT] -= 1
        else:
            team[K.T_LEAVING] += 1


@inline
def first_from(times, start, stop, earliest):
    """The place of the first of some times in order, from ``start`` until before ``stop``, that is not too early."""
    while start < stop:  # bisect_left
        middle = (start + stop) >> 1
        if times[middle] < earliest:
            start = middle + 1
        else:
            stop = middle
    return start


@inline
def first_free(slot_next, slot):
    """The first slot from ``slot`` on with room; paths are halved on the way, so a full diary is passed quickly."""
    while slot_next[slot] != slot:
        slot_next[slot] = slot_next[slot_next[slot]]
        slot = slot_next[slot]
    return slot


# Sums


@inline
def wait_bin(ticks):
    """Quarter octaves of 1.024 seconds; 0 for no wait."""
    seconds = ticks >> 10
    if seconds == 0:
        return 0
    octave, rest = 0, seconds
    while rest >= 8:
        rest >>= 1
        octave += 1
    return min(octave * 4 + rest, K.WAIT_BINS - 1)


@inline
def meet(people, outcomes, lives, own, mask, funded):
    """Count a person by measures they had not met before; ``funded`` marks the measures that are a package."""
    new = mask & ~lives[own + K.P_MET]
    if new != 0:
        _meet(people, outcomes, lives, own, new, funded)


@plain
def _meet(people, outcomes, lives, own, new, funded):
    met, cell = lives[own + K.P_MET], lives[own + K.P_CELL]
    lives[own + K.P_MET] = met | new
    if len(outcomes) > 0:
        outcomes[lives[own + K.P_PLACE], K.O_MET] = met | new
    if cell < 0:
        return
    measures = len(people) - 2
    measure, rest = 0, new
    while rest != 0 and measure < measures:
        if rest & 1:
            people[measure, cell] += 1
        rest >>= 1
        measure += 1
    if met & K.MET_ELIGIBLE and new & (funded | K.MET_PACKAGE) and not met & (funded | K.MET_PACKAGE):
        people[measures + 1, cell] -= 1


@inline
def add_days(days, pence_days, unpriced, outcomes, year_days, kind, group, place, since, until, pence):
    """Whole days of care from day ``since`` until before ``until``, by financial year."""
    for year in range(len(year_days) - 1):
        within = min(until, year_days[year + 1]) - max(since, year_days[year])
        if within > 0:
            days[kind, year, group] += within
            if pence >= 0:
                pence_days[kind, year, group] += within * pence
                if len(outcomes) > 0:
                    outcomes[place, K.O_PENCE_DAYS] += within * pence
            else:
                unpriced[kind, year, group] += within
