"""The compiled engine's schedule: events by (time, phase, person, ticket, step), near ones in a heap.

An event far ahead lies in the bucket of its time, unsorted; a bucket is sorted into the heap when its time comes. So
the heap stays small enough for the processor's nearest memory, however many people are in care. Numba, no objects.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from simulation import kernel_layout as K
from simulation.kernel_grids import soon
from simulation.kernel_layout import inline, plain


@inline
def new_row(table, now, free, top, following, columns):
    """A row of a table that nobody uses: one that was given back, or the next that never was used."""
    row = now[free]
    if row >= 0:
        now[free] = table[row + following]
    else:
        row = now[top]
        now[top] = row + columns
    return row


@inline
def comes_first(events, a, b):
    """Whether event ``a`` comes before ``b`` of the same time and phase."""
    if events[a + K.E_PERSON] != events[b + K.E_PERSON]:
        return events[a + K.E_PERSON] < events[b + K.E_PERSON]
    return events[a + K.E_STEP] < events[b + K.E_STEP]


@inline
def to_heap(events, near_key, near_event, now, event):
    """Put an event into the heap."""
    key = events[event + K.E_KEY]
    i = now[K.N_NEAR]
    now[K.N_NEAR] = i + 1
    while i > 0:
        above = (i - 1) >> 1
        if near_key[above] < key or (near_key[above] == key and comes_first(events, near_event[above], event)):
            break
        near_key[i] = near_key[above]
        near_event[i] = near_event[above]
        i = above
    near_key[i] = key
    near_event[i] = event


@inline
def from_heap(events, near_key, near_event, now):
    """Take the first event out of the heap; its row is free from then on, and unchanged until something is put in."""
    first = near_event[0]
    size = now[K.N_NEAR] - 1
    now[K.N_NEAR] = size
    if size > 0:
        key, event = near_key[size], near_event[size]
        i = 0
        child = 1
        while child < size:
            if child + 1 < size:
                left, right = near_key[child], near_key[child + 1]
                if left == right:
                    child += comes_first(events, near_event[child + 1], near_event[child])
                else:
                    child += right < left
            above = near_key[child]
            if key < above or (key == above and comes_first(events, event, near_event[child])):
                break
            near_key[i] = above
            near_event[i] = near_event[child]
            i = child
            child = 2 * i + 1
        near_key[i] = key
        near_event[i] = event
    events[first + K.E_NEXT] = now[K.N_FREE_EVENT]
    now[K.N_FREE_EVENT] = first
    now[K.N_EVENTS] -= 1
    return first


@inline
def put(events, near_key, near_event, buckets, now, shift, time, phase, person, step, what):
    """Schedule an event: at ``time``, in ``phase``, in the order of person and (ticket << 32 | step)."""
    event = new_row(events, now, K.N_FREE_EVENT, K.N_TOP_EVENT, K.E_NEXT, K.EVENT_COLUMNS)
    now[K.N_EVENTS] += 1
    events[event + K.E_KEY] = (time << 3) | phase
    events[event + K.E_PERSON] = person
    events[event + K.E_STEP] = step
    events[event + K.E_WHAT] = what
    bucket = time >> shift
    if bucket <= now[K.N_BUCKET]:
        to_heap(events, near_key, near_event, now, event)
    else:
        events[event + K.E_NEXT] = buckets[bucket]
        buckets[bucket] = event


put_aside = plain(put.py_func)
"""``put``, called: where it is seldom wanted, it need not stand inside its caller, which takes long to compile."""


@inline
def _ask_for(lives, cares, what):
    """Whom an event concerns will be wanted: of a person, a review or care the lines that its time needs first."""
    row = what >> 3
    if what & 7 == K.EV_TIMER:
        soon(lives, row)
        soon(lives, row + K.LINE)
    elif what & 7 == K.EV_CARE:
        soon(cares, row)
        soon(cares, row + K.LINE)


@inline
def reach(lives, cares, events, near_key, near_event, buckets, now, limit):
    """Go on to the next bucket that holds anything, at most to ``limit``; its events go into the heap.

    What an event needs was last touched long ago, by the side of thousands of others, so it is asked for some buckets
    ahead: the first event of a bucket, then whom it concerns and the event after it, and so on as they are taken out.
    """
    bucket = now[K.N_BUCKET]
    while now[K.N_NEAR] == 0 and bucket < limit:
        bucket += 1
        soon(events, max(buckets[bucket + 2 * K.STEP_AHEAD], 0))
        ahead = buckets[bucket + K.STEP_AHEAD]
        if ahead >= 0:
            _ask_for(lives, cares, events[ahead + K.E_WHAT])
            soon(events, max(events[ahead + K.E_NEXT], 0))
        event = buckets[bucket]
        buckets[bucket] = -1
        now[K.N_BUCKET] = bucket
        while event >= 0:
            following = events[event + K.E_NEXT]
            if following >= 0:
                _ask_for(lives, cares, events[following + K.E_WHAT])
            to_heap(events, near_key, near_event, now, event)
            event = following
