"""Care in the compiled engine: how it begins, what it costs, and what its end sets off. Numba, no objects."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from agents.codes import Event
from simulation import kernel_layout as K
from simulation.calendar import MS_PER_DAY
from simulation.kernel_events import new_row
from simulation.kernel_layout import inline, plain
from simulation.kernel_steps import add_days, drawn, length, meet, met_before, standing, tell, uniforms, withdraw

_IN_CARE, _CARE_ENDS, _HELD, _WEEKLY, _PAYS, _REVIEWED, _WITHDRAWN = (
    np.int64(e)
    for e in (
        Event.PACKAGE_START,
        Event.PACKAGE_END,
        Event.HELD,
        Event.WEEKLY,
        Event.PAYS,
        Event.REVIEWED,
        Event.WITHDRAWN,
    )
)


@inline
def drop(lives, now, own):
    """One thing less that needs a person's row: the row is free when nothing does."""
    lives[own + K.P_REFS] -= 1
    if lives[own + K.P_REFS] == 0:
        lives[own + K.P_STATE] = K.FREE
        lives[own + K.P_TIMER] = -1
        lives[own + K.P_FOLLOWING] = now[K.N_FREE_LIFE]
        now[K.N_FREE_LIFE] = own
        now[K.N_LIVES] -= 1


@inline
def _release(cares, now, c):
    """One thing less that needs a row of care: the care itself, or a review of it."""
    cares[c + K.C_REFS] -= 1
    if cares[c + K.C_REFS] == 0:
        cares[c + K.C_NEXT] = now[K.N_FREE_CARE]
        now[K.N_FREE_CARE] = c
        now[K.N_CARES] -= 1


@inline
def _take_out(holder, place, table, row, following):
    """Take a row out of a list: ``holder[place]`` names the first, and each row the next in its column."""
    if holder[place] == row:
        holder[place] = table[row + following]
        return
    before = holder[place]
    while table[before + following] != row:
        before = table[before + following]
    table[before + following] = table[row + following]


@plain
def free_review(lives, cares, now, w):
    """A review's own life is over."""
    c = lives[w + K.P_CARE_REF]
    _take_out(cares, c + K.C_REVIEWS, lives, w, K.P_SISTER)
    _release(cares, now, c)
    own = lives[w + K.P_OWNER]
    lives[w + K.P_REFS] = 1
    drop(lives, now, w)
    drop(lives, now, own)


@plain
def end_review(rows, sums, lives, cares, now, tick, c):
    """The review of care that is under way is over."""
    fork = cares[c + K.C_REVIEW]
    cares[c + K.C_REVIEW] = -1
    tell(rows, sums.flow, now, tick, lives[cares[c + K.C_OWNER] + K.P_ID], fork, _REVIEWED, cares[c + K.C_STAGE])


@plain
def charge(fixed, rows, sums, lives, rank, cares, now, tick, c, attempt):
    """Say what care costs a week from now on, and what the client pays; ``attempt`` ≥ 0 when it begins."""
    own, stage, kind = cares[c + K.C_OWNER], cares[c + K.C_STAGE], cares[c + K.C_TYPE]
    numbers, person = fixed.numbers, lives[own + K.P_ID]
    by_type = fixed.by_type[stage, kind]
    base = by_type[K.Q_PENCE]
    if attempt >= 0:
        cares[c + K.C_PENCE] = base
        if base >= 0 and by_type[K.Q_SIZE] >= 0:
            draw = fixed.stage[stage, K.S_DRAW_SIZE]
            chance, coin = uniforms(numbers, person, draw, lives[own + K.P_EPISODE], attempt)
            if coin < fixed.chances[stage, kind, K.X_SIZE_WEIGHT]:
                chance = standing(
                    rank[own >> K.LIFE_BITS],
                    by_type[K.Q_SCALE],
                    by_type[K.Q_SCALE_LENGTH],
                    fixed.scale_rank,
                    fixed.scale_standing,
                )
            cares[c + K.C_PENCE] = base * length(fixed.tables, by_type[K.Q_SIZE], chance) // 1000
        if base >= 0 and by_type[K.Q_PAYS] >= 0:
            share, _ = uniforms(numbers, person, numbers[K.F_DRAW_PAYS], K.NONE, K.NONE)
            cares[c + K.C_PAYS] = length(fixed.tables, by_type[K.Q_PAYS], share)
    weekly = cares[c + K.C_PENCE] * cares[c + K.C_LEVEL] // 1000 if base >= 0 else -1
    tell(rows, sums.flow, now, tick, person, stage, _WEEKLY, weekly)
    if cares[c + K.C_PAYS] >= 0:
        tell(rows, sums.flow, now, tick, person, stage, _PAYS, weekly * cares[c + K.C_PAYS] // 1000)
    if numbers[K.F_SUMS] != 0:
        if attempt >= 0 and lives[own + K.P_CELL] >= 0 and weekly >= 0:
            care_type = fixed.stage[stage, K.S_CARE_TYPE]
            sums.start_pence[0, care_type, lives[own + K.P_CELL]] += 1
            sums.start_pence[1, care_type, lives[own + K.P_CELL]] += weekly
        if attempt < 0:
            count_days(fixed, sums, lives, cares, tick // MS_PER_DAY, c)
        cares[c + K.C_TOLD], cares[c + K.C_WEEKLY] = tick // MS_PER_DAY, weekly


@plain
def count_days(fixed, sums, lives, cares, until, c):
    """Count the days of care since its price was told last, until before day ``until``."""
    own = cares[c + K.C_OWNER]
    add_days(
        sums.days,
        sums.pence_days,
        sums.unpriced,
        sums.outcomes,
        fixed.year_days,
        fixed.stage[cares[c + K.C_STAGE], K.S_CARE_TYPE],
        lives[own + K.P_GROUP],
        lives[own + K.P_PLACE],
        cares[c + K.C_TOLD],
        until,
        cares[c + K.C_WEEKLY],
    )


@inline
def end_care(fixed, rows, sums, lives, cares, teams, first, last, now, tick, c):
    """Care ends. True where somebody waited for its end: they go on at once."""
    own, stage = cares[c + K.C_OWNER], cares[c + K.C_STAGE]
    _take_out(lives, own + K.P_CARE, cares, c, K.C_NEXT)
    lives[own + K.P_CARES] -= 1
    tell(rows, sums.flow, now, tick, lives[own + K.P_ID], stage, _CARE_ENDS, cares[c + K.C_TYPE])
    if fixed.numbers[K.F_SUMS] != 0:
        count_days(fixed, sums, lives, cares, tick // MS_PER_DAY, c)
        sums.live[fixed.stage[stage, K.S_CARE_TYPE], now[K.N_MONTH], lives[own + K.P_GROUP]] -= 1
    review = cares[c + K.C_AT_END]
    if review >= 0:  # somebody waits to review what is no more
        cares[c + K.C_AT_END] = -1
        at = lives[review + K.P_STAGE]
        if lives[review + K.P_STATE] == K.QUEUEING:
            withdraw(lives, first, last, lives[review + K.P_QUEUE], review, now, teams[fixed.stage[at, K.S_TEAM]])
        tell(rows, sums.flow, now, tick, lives[own + K.P_ID], at, _WITHDRAWN, K.NONE)
        end_review(rows, sums, lives, cares, now, tick, c)
        free_review(lives, cares, now, review)
    review = cares[c + K.C_REVIEWS]
    while review >= 0:  # reviews that were still to fall due
        sister = lives[review + K.P_SISTER]
        if lives[review + K.P_STATE] == K.NOT_DUE:
            free_review(lives, cares, now, review)
        review = sister
    cares[c + K.C_TIMER] = cares[c + K.C_TOLD] = -1
    _release(cares, now, c)
    drop(lives, now, own)
    return fixed.stage[stage, K.S_GOES_ON] == 0


@plain
def end_others(fixed, rows, sums, lives, cares, teams, first, last, now, tick, own, replaced_by):
    """Care of a person ends, oldest first: what ``replaced_by`` replaces, all where it is negative.

    They themselves are on their way, so nobody waits for its end.
    """
    stages, flat = fixed.stage, fixed.flat
    c = lives[own + K.P_CARE]
    while c >= 0:
        following, ends = cares[c + K.C_NEXT], replaced_by < 0
        if not ends:
            for i in range(stages[replaced_by, K.S_REPLACES], stages[replaced_by, K.S_REPLACES_END]):
                ends = ends or flat[i] == cares[c + K.C_STAGE]
        if ends:
            end_care(fixed, rows, sums, lives, cares, teams, first, last, now, tick, c)
        c = following


@inline
def begin_care(fixed, rows, sums, lives, rank, cares, teams, first, last, now, tick, own, attempt, held):
    """Care begins at the person's stage: what it replaces ends, and it is told and priced. The row of the care."""
    stage = lives[own + K.P_STAGE]
    stages = fixed.stage
    if lives[own + K.P_CARE] >= 0:
        end_others(fixed, rows, sums, lives, cares, teams, first, last, now, tick, own, stage)
    lives[own + K.P_TICKET] += 1
    c = new_row(cares, now, K.N_FREE_CARE, K.N_TOP_CARE, K.C_NEXT, K.CARE_COLUMNS)
    now[K.N_CARES] += 1
    kind = lives[own + K.P_TYPE]
    cares[c + K.C_OWNER], cares[c + K.C_STAGE], cares[c + K.C_TYPE] = own, stage, kind
    cares[c + K.C_LEVEL], cares[c + K.C_REFS], cares[c + K.C_TOLD] = lives[own + K.P_LEVEL], 1, tick // MS_PER_DAY
    cares[c + K.C_PENCE] = cares[c + K.C_PAYS] = cares[c + K.C_ENDS] = cares[c + K.C_REVIEW] = -1
    cares[c + K.C_TIMER] = cares[c + K.C_NEXT] = cares[c + K.C_AT_END] = cares[c + K.C_REVIEWS] = -1
    if lives[own + K.P_CARE] < 0:
        lives[own + K.P_CARE] = c
    else:
        latest = lives[own + K.P_CARE]
        while cares[latest + K.C_NEXT] >= 0:
            latest = cares[latest + K.C_NEXT]
        cares[latest + K.C_NEXT] = c
    lives[own + K.P_CARES] += 1
    now[K.N_MOST_CARES] = max(now[K.N_MOST_CARES], lives[own + K.P_CARES])
    lives[own + K.P_REFS] += 1
    tell(rows, sums.flow, now, tick, lives[own + K.P_ID], stage, _HELD if held else _IN_CARE, kind)
    if fixed.numbers[K.F_SUMS] != 0:
        care_type, cell = stages[stage, K.S_CARE_TYPE], lives[own + K.P_CELL]
        sums.live[care_type, now[K.N_MONTH], lives[own + K.P_GROUP]] += 1
        if not held:
            if cell >= 0:
                sums.starts[care_type, cell] += 1
            mask = stages[stage, K.S_MEASURES] | K.MET_PACKAGE
            meet(sums.people, sums.outcomes, lives, own, mask, fixed.numbers[K.F_FUNDED])
    charge(fixed, rows, sums, lives, rank, cares, now, tick, c, attempt)
    return c


@plain
def next_due(fixed, now, lives, visits, cares, own, c, fork, tick, age):
    """Ticks until care's next review of a kind; -1 where the care ends before.

    Care held at the start began ``age`` ticks before: intervals are drawn from then on, and the first review to fall
    due after the start is the first of this run.
    """
    stages, numbers = fixed.stage, fixed.numbers
    law = fixed.by_type[fork, cares[c + K.C_TYPE], K.Q_DURATION]
    ticks = -age
    while True:
        attempt = met_before(now, stages[fork], visits, own)
        draw = stages[fork, K.S_DRAW_DURATION]
        ticks += drawn(numbers, fixed.tables, lives[own + K.P_ID], draw, lives[own + K.P_EPISODE], attempt, law)
        if ticks > 0 or age == 0 or now[K.N_LIMIT] != 0:
            break
    if 0 <= cares[c + K.C_ENDS] <= tick + ticks:
        return -1
    return ticks
