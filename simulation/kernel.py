"""The compiled engine's event loop: interprets any pathway, stage by stage, over plain arrays. Numba, no objects.

It does what ``agents.person`` and ``agents.team`` do, in the same order, and is proved by comparison: their traces are
the same, row for row. What one event sets off is done at once (``act``), until everybody it concerns waits again.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

from agents.codes import ADOPTS, KEEPS, Event, Kind, Phase
from simulation import kernel_layout as K
from simulation.calendar import MS_PER_DAY
from simulation.kernel_care import (
    begin_care,
    charge,
    drop,
    end_care,
    end_others,
    end_review,
    free_review,
    next_due,
)
from simulation.kernel_draws import uniform_now, uniforms_ahead
from simulation.kernel_events import from_heap, new_row, put, put_aside, reach
from simulation.kernel_grids import grids, width
from simulation.kernel_steps import (
    add_days,
    await_opening,
    drawn,
    first_free,
    first_from,
    first_hazard,
    forget,
    goes_first,
    is_open,
    join,
    lacking,
    leave,
    length,
    meet,
    met_before,
    month_after,
    open_doors,
    resize,
    span,
    standing,
    tell,
    uniforms,
    wait_bin,
    withdraw,
)
from simulation.limits import MOST_ATTEMPTS

_SERVICE, _DECISION, _SET, _PACKAGE, _APPOINTMENTS = (
    int(k) for k in (Kind.SERVICE, Kind.DECISION, Kind.SET, Kind.PACKAGE, Kind.APPOINTMENTS)
)
_ARRIVAL, _PLACES = int(Kind.ARRIVAL), int(Kind.PLACES)
_ENDS, _OVERFLOWS, _ARRIVES = (np.int64(p) for p in (Phase.END, Phase.OVERFLOW, Phase.ARRIVAL))
_CAPACITY, _ROSTER_TICKET = np.int64(Phase.CAPACITY), np.int64(1)
(
    _CONTACT, _JOIN, _START, _END, _BRANCH, _BECAME, _IN_CARE, _CARE_ENDS, _LEFT, _AGAIN, _BOOKED, _MISSED, _TOO_LONG,
    _HAZARD, _HELD, _WEEKLY, _PAYS, _REVIEW, _REVIEWED, _WITHDRAWN,
) = (np.int64(e) for e in Event)  # fmt: skip

_NOTHING, _ARRIVE, _EVENT, _WAKE, _WALK, _BEGIN, _BOOK, _REVIEW_OVER, _NEXT_REVIEW, _END_CARE = (
    np.int64(act) for act in range(10)
)
_POLL, _STEPS = np.int64(10_000), np.int64(64)
_LAST = np.iinfo(np.int64).max


def loop(fingerprint):
    """The loop, compiled; ``fingerprint`` stands for all the sources it is made of, so that a cached one is never old.

    Numba keys a cached function by its own file and by the values it closes over; the files it calls are not looked at.
    """

    @njit(nogil=True, cache=True, **K.FOR_THE_LOOP)
    def advance(all_fixed, all_kept, all_sums, all_coming, until, cancel):
        """Let everything happen before tick ``until``, those in ``arrivals`` included.

        Stops before a step for which there may be no room (``N_NEED``), and goes on from there when called again.
        """
        fixed, kept, sums, arrivals = grids(all_fixed), grids(all_kept), grids(all_sums), grids(all_coming)
        now, lives, rank, visits, cares = kept.now, kept.lives, kept.rank, kept.visits, kept.cares
        events, near_key, near_event, buckets, teams = (
            kept.events,
            kept.near_key,
            kept.near_event,
            kept.buckets,
            kept.teams,
        )
        drawn_ahead, draws = kept.drawn, fixed.draws
        first, last, slot_free, slot_next, rows = kept.first, kept.last, kept.slot_free, kept.slot_next, kept.rows
        numbers, stages, by_type, chances = fixed.numbers, fixed.stage, fixed.by_type, fixed.chances
        flat, cumulative, branch_to, branch_measures = (
            fixed.flat,
            fixed.cumulative,
            fixed.branch_to,
            fixed.branch_measures,
        )
        follows, once, scale_at, scale_rank = fixed.follows, fixed.once, fixed.scale_at, fixed.scale_rank
        adoption = fixed.adoption
        scale_standing, set_need, tables, effort = fixed.scale_standing, fixed.set_need, fixed.tables, fixed.effort
        opens, closes, before, slot_times = fixed.opens, fixed.closes, fixed.before, fixed.slot_times
        slot_sites, diary, month_starts, roster = fixed.slot_sites, fixed.diary, fixed.month_starts, fixed.roster
        year_days = fixed.year_days
        flow, waits, waited, branches, people = sums.flow, sums.waits, sums.waited, sums.branch, sums.people
        outcomes = sums.outcomes
        end, shift = numbers[K.F_END], now[K.N_SHIFT]
        counting, funded = numbers[K.F_SUMS] != 0, numbers[K.F_FUNDED]
        most_forks = numbers[K.F_MOST_FORKS]
        arrives_at, who_comes = arrivals.time, arrivals.person
        coming, last_coming = now[K.N_ARRIVAL], len(arrives_at)
        polled = fingerprint * 0
        now[K.N_DONE] = K.REACHED
        spare = np.int64(0)
        tick, act, w = now[K.N_TICK], now[K.N_ACT], now[K.N_LIFE]
        stage, left, age, ending = now[K.N_STAGE], now[K.N_LEFT], now[K.N_AGE], now[K.N_ENDING]
        now[K.N_ACT], now[K.N_NEED] = _NOTHING, 0
        if now[K.N_BEGUN] == 0:
            now[K.N_BEGUN] = 1
            for i in range(len(roster)):
                if roster[i, 0] < end:
                    put_aside(
                        events, near_key, near_event, buckets, now, shift, roster[i, 0], _CAPACITY, roster[i, 1],
                        _ROSTER_TICKET << 32, (i << 3) | K.EV_ROSTER,
                    )  # fmt: skip
        next_month = month_after(now, month_starts)
        while True:
            polled += 1
            if polled == _POLL:
                polled = 0
                if cancel[0] != 0:
                    now[K.N_DONE] = K.CANCELLED
                    break
            if now[K.N_LIMIT] != 0:
                break
            if act == _NOTHING:
                # What comes next: an event, or somebody who comes in.
                if now[K.N_NEAR] == 0 and now[K.N_HANDED] < 0:
                    limit = (until - 1) >> shift
                    if coming < last_coming:
                        limit = min(limit, arrives_at[coming] >> shift)
                    if now[K.N_BUCKET] < limit:
                        reach(lives, cares, events, near_key, near_event, buckets, now, limit)
                key, arrives = _LAST, False
                if now[K.N_NEAR] > 0:
                    key = near_key[0]
                if coming < last_coming:
                    other = (arrives_at[coming] << 3) | _ARRIVES
                    if other < key:
                        key, arrives = other, True
                    elif other == key:
                        head, me = near_event[0], who_comes[coming]
                        if me < events[head + K.E_PERSON] or (
                            me == events[head + K.E_PERSON] and events[head + K.E_STEP] > 0
                        ):
                            arrives = True
                act = _ARRIVE if arrives else _EVENT
                w, stage, left, age = 0, -1, -1, 0
                handed = now[K.N_HANDED]
                if handed >= 0 and goes_first(lives, events, near_event, key, handed, tick):
                    now[K.N_HANDED] = -1
                    act, w, stage = _BEGIN, handed, lives[handed + K.P_STAGE]
                elif key == _LAST or key >> 3 >= until:
                    act = _NOTHING
                    break
                else:
                    tick = key >> 3
                while next_month <= tick:
                    now[K.N_MONTH] += 1
                    now[K.N_FLOW] = now[K.N_MONTH] * numbers[K.F_STAGES] * K.EVENTS
                    next_month = month_after(now, month_starts)
            while act != _NOTHING and now[K.N_LIMIT] == 0:
                # Room for whatever a step can need; nothing below runs out of it.
                if spare == 0:
                    spare = _STEPS
                    need = lacking(now, rank, cares, near_key, rows, most_forks, spare)
                    if need != 0:
                        spare = np.int64(1)
                        need = lacking(now, rank, cares, near_key, rows, most_forks, spare)
                    if need != 0:
                        now[K.N_NEED], now[K.N_TICK], now[K.N_ARRIVAL] = need, tick, coming
                        now[K.N_ACT], now[K.N_LIFE], now[K.N_STAGE] = act, w, stage
                        now[K.N_LEFT], now[K.N_AGE], now[K.N_ENDING] = left, age, ending
                        return
                spare -= 1

                # What it is, and whom it concerns first. A timer that nobody waits for any more is passed over.
                here = act in (_ARRIVE, _EVENT)
                if act == _ARRIVE:
                    w = new_row(lives, now, K.N_FREE_LIFE, K.N_TOP_LIFE, K.P_FOLLOWING, K.LIFE_COLUMNS)
                    now[K.N_LIVES] += 1
                    now[K.N_MOST_LIVES] = max(now[K.N_MOST_LIVES], now[K.N_LIVES])
                    me, cell = who_comes[coming], arrivals.cell[coming]
                    lives[w + K.P_ID], lives[w + K.P_OWNER] = me, w
                    lives[w + K.P_TYPE], lives[w + K.P_DOOR] = arrivals.type[coming], arrivals.door[coming]
                    lives[w + K.P_TICKET] = lives[w + K.P_STEP] = lives[w + K.P_EPISODE] = lives[w + K.P_CARES] = 0
                    lives[w + K.P_TIMER] = lives[w + K.P_CARE_REF] = lives[w + K.P_CARE] = lives[w + K.P_DRAWN] = -1
                    lives[w + K.P_LEVEL], lives[w + K.P_REFS] = 1000, 1
                    lives[w + K.P_CELL], lives[w + K.P_GROUP] = cell, arrivals.group[coming]
                    lives[w + K.P_MET], lives[w + K.P_PLACE] = arrivals.flags[coming], arrivals.place[coming]
                    rank[w >> K.LIFE_BITS] = arrivals.rank[coming]
                    forget(visits, w)
                    left, age = arrivals.left[coming], arrivals.age[coming]
                    stage = arrivals.entry[coming]
                    coming += 1
                    act = _WALK
                    if left < 0:
                        tell(rows, flow, now, tick, me, stage, _CONTACT, lives[w + K.P_TYPE])
                        if counting:
                            if cell >= 0 and lives[w + K.P_MET] & K.MET_ELIGIBLE:
                                people[len(people) - 2, cell] += 1
                                people[len(people) - 1, cell] += 1
                            meet(people, outcomes, lives, w, stages[stage, K.S_MEASURES] | numbers[K.F_CONTACT], funded)
                        stage = stages[stage, K.S_NEXT]
                elif act == _EVENT:
                    act = _NOTHING
                    entry = from_heap(events, near_key, near_event, now)
                    person, step, what = events[entry + K.E_PERSON], events[entry + K.E_STEP], events[entry + K.E_WHAT]
                    w = what >> 3
                    what &= 7
                    if what == K.EV_TIMER:
                        if lives[w + K.P_TIMER] == step and lives[w + K.P_ID] == person:
                            act = _WAKE
                    elif what == K.EV_HAND_OFF:
                        stage = lives[w + K.P_STAGE]
                        act = _BEGIN
                    elif what == K.EV_CARE:
                        c = w
                        if cares[c + K.C_TIMER] == step and lives[cares[c + K.C_OWNER] + K.P_ID] == person:
                            w, which = cares[c + K.C_OWNER], cares[c + K.C_WHICH]
                            stage = stages[cares[c + K.C_STAGE], K.S_NEXT]
                            if which != K.SERVED:
                                tell(rows, flow, now, tick, person, which, _HAZARD, cares[c + K.C_STAGE])
                                stage = stages[which, K.S_NEXT]
                            act, ending = _END_CARE, c
                    else:
                        if what == K.EV_ROSTER:
                            w, size = roster[w, 1], roster[w, 2]
                            resize(teams[w], size)
                        if teams[w, K.T_WAITING] > 0 and (what == K.EV_OPENING or teams[w, K.T_IDLE] > 0):
                            open_doors(
                                numbers, w, teams[w], opens, closes, lives, cares, first, last, events, near_key,
                                near_event, buckets, now, tick,
                            )  # fmt: skip
                if here:
                    continue
                own = lives[w + K.P_OWNER]
                me, kind_of_person, episode = lives[own + K.P_ID], lives[own + K.P_TYPE], lives[own + K.P_EPISODE]
                care_ref = lives[w + K.P_CARE_REF]  # the care under review, -1 for people on their own way
                # What the step leads to: a timer after ``ticks``, if not negative, by which ``which`` is told.
                ticks, phase, which, ticket = -1, _ENDS, K.SERVED, lives[w + K.P_MY_TICKET]

                if act == _WAKE:
                    state, which_came = lives[w + K.P_STATE], lives[w + K.P_WHICH]
                    stage = lives[w + K.P_STAGE]
                    lives[w + K.P_TIMER] = -1
                    act, freed = _WALK, -1
                    if state == K.WORKED_ON:
                        tell(rows, flow, now, tick, me, stage, _END, K.NONE)
                        freed = stages[stage, K.S_TEAM]
                        stage = stages[stage, K.S_NEXT]
                        if care_ref >= 0 and cares[care_ref + K.C_TOLD] < 0:
                            act = _REVIEW_OVER
                    elif state == K.STAYING:
                        at = stage
                        if which_came == K.SERVED:
                            stage = stages[at, K.S_NEXT]
                        else:
                            tell(rows, flow, now, tick, me, which_came, _HAZARD, at)
                            stage = stages[which_came, K.S_NEXT]
                        tell(rows, flow, now, tick, me, at, _END, K.NONE)
                        if counting and stages[at, K.S_CARE_TYPE] >= 0:
                            add_days(
                                sums.days, sums.pence_days, sums.unpriced, outcomes, year_days,
                                stages[at, K.S_CARE_TYPE], lives[own + K.P_GROUP], lives[own + K.P_PLACE],
                                lives[w + K.P_NOTE], tick // MS_PER_DAY, by_type[at, kind_of_person, K.Q_PENCE],
                            )  # fmt: skip
                        freed = stages[at, K.S_TEAM]
                    elif state == K.QUEUEING:
                        team = stages[stage, K.S_TEAM]
                        withdraw(lives, first, last, lives[w + K.P_QUEUE], w, now, teams[team])
                        if care_ref >= 0:
                            cares[care_ref + K.C_AT_END] = -1
                        if which_came == stage:
                            tell(rows, flow, now, tick, me, stage, _TOO_LONG, K.NONE)
                            stage = stages[stage, K.S_GIVES_UP]
                        else:
                            tell(rows, flow, now, tick, me, which_came, _HAZARD, stage)
                            stage = stages[which_came, K.S_NEXT]
                    elif state in (K.BOOKED, K.NO_SLOT):
                        if care_ref >= 0:
                            cares[care_ref + K.C_AT_END] = -1
                        if which_came != K.SERVED:
                            tell(rows, flow, now, tick, me, which_came, _HAZARD, stage)
                            stage = stages[which_came, K.S_NEXT]
                        else:
                            attempt = lives[w + K.P_ATTEMPT]
                            chance, _ = uniforms(numbers, me, stages[stage, K.S_DRAW_ATTEND], episode, attempt)
                            if chance >= chances[stage, kind_of_person, K.X_MISSES]:
                                act = _BEGIN
                            else:
                                lives[w + K.P_NOTE] += 1
                                tell(rows, flow, now, tick, me, stage, _MISSED, lives[w + K.P_NOTE])
                                if lives[w + K.P_NOTE] > stages[stage, K.S_REBOOKINGS]:
                                    stage = stages[stage, K.S_GIVES_UP]
                                else:
                                    lives[w + K.P_ATTEMPT] = met_before(now, stages[stage], visits, own)
                                    act = _BOOK
                    elif state == K.SEEN:
                        tell(rows, flow, now, tick, me, stage, _END, K.NONE)
                        stage = stages[stage, K.S_NEXT]
                        if care_ref >= 0 and cares[care_ref + K.C_TOLD] < 0:
                            act = _REVIEW_OVER
                    elif state == K.IN_PLAIN_CARE:
                        act, ending = _END_CARE, which_came
                        stage = stages[stage, K.S_NEXT]
                    elif state == K.AWAY:
                        if episode == MOST_ATTEMPTS:
                            now[K.N_LIMIT] = K.LIMIT_EPISODES
                        episode += 1
                        lives[own + K.P_EPISODE] = episode
                        forget(visits, own)
                        stage = which_came
                        tell(rows, flow, now, tick, me, stage, _AGAIN, kind_of_person)
                    else:  # a review falls due; care that has ended has none
                        fork, lives[w + K.P_STATE] = lives[w + K.P_FORK], K.GONE
                        if cares[care_ref + K.C_REVIEW] >= 0:  # another review is under way, and does for this one
                            act = _NEXT_REVIEW
                        else:
                            tell(rows, flow, now, tick, me, fork, _REVIEW, cares[care_ref + K.C_STAGE])
                            cares[care_ref + K.C_REVIEW] = fork
                            stage = stages[fork, K.S_NEXT]
                    if freed >= 0 and teams[freed, K.T_NOBODY_WAITS] == 0:
                        leave(
                            numbers, freed, teams[freed], opens, closes, lives, cares, first, last, events, near_key,
                            near_event, buckets, now, tick,
                        )  # fmt: skip
                if act == _END_CARE:
                    waited_for = end_care(fixed, rows, sums, lives, cares, teams, first, last, now, tick, ending)
                    act = _WALK if waited_for else _NOTHING
                    continue

                if act == _WALK:
                    kind = stages[stage, K.S_KIND]
                    attempt = met_before(now, stages[stage], visits, own)
                    lives[w + K.P_STAGE], lives[w + K.P_ATTEMPT] = stage, attempt
                    if kind == _DECISION:
                        row = stages[stage, K.S_DECISION]
                        table = 0
                        if numbers[K.F_BY_MONTH] != 0:
                            table = (numbers[K.F_FIRST_MONTH] + now[K.N_MONTH]) % 12
                        if once[row] != 0:  # such as which model's path they follow: the same in every episode
                            attempt = episode = 0
                        at = uniforms_ahead(numbers, draws, drawn_ahead, lives, w, stage, me, episode, attempt)
                        chance, coin = drawn_ahead[at], drawn_ahead[at + K.LANES]
                        if once[row] > 1:  # by how far the new practice is adopted in this month
                            month = min(now[K.N_MONTH], width(adoption) - 1)
                            chance = ADOPTS if chance < adoption[once[row] - 2, month] else KEEPS
                        if coin < follows[row]:
                            scale = scale_at[row, table, kind_of_person]
                            chance = standing(rank[own >> K.LIFE_BITS], scale[0], scale[1], scale_rank, scale_standing)
                        branch = 0
                        cuts = cumulative[row, table, kind_of_person]
                        while cuts[branch] <= chance:
                            branch += 1
                        tell(rows, flow, now, tick, me, stage, _BRANCH, branch)
                        if counting:
                            branches[0, row, branch] += 1
                            if lives[own + K.P_MET] & K.MET_FIRST_YEAR:
                                branches[1, row, branch] += 1
                            meet(people, outcomes, lives, own, branch_measures[row, branch], funded)
                        stage = branch_to[row, branch]
                        continue
                    if kind in (_SERVICE, _PLACES):
                        lives[own + K.P_TICKET] += 1
                        ticket = lives[w + K.P_MY_TICKET] = lives[own + K.P_TICKET]
                        lives[w + K.P_JOINED] = tick
                        tell(rows, flow, now, tick, me, stage, _JOIN, K.NONE)
                        if counting and kind == _SERVICE:
                            meet(people, outcomes, lives, own, stages[stage, K.S_MEASURES], funded)
                        act = _BEGIN
                        number = stages[stage, K.S_TEAM]
                        its = teams[number]
                        if its[K.T_NOBODY_WAITS] == 0:
                            if its[K.T_IDLE] > 0 and is_open(its, opens, closes, tick):
                                its[K.T_IDLE] -= 1
                            else:
                                lives[own + K.P_STEP] += 1
                                lives[w + K.P_TURN] = (ticket << 32) | lives[own + K.P_STEP]
                                queue = its[K.T_CLASSES] + by_type[stage, kind_of_person, K.Q_CLASS]
                                lives[w + K.P_QUEUE] = queue
                                join(lives, first, last, queue, w, tick, now, its)
                                if its[K.T_IDLE] > 0:
                                    await_opening(
                                        numbers, number, its, opens, closes, events, near_key, near_event, buckets,
                                        now, tick,
                                    )  # fmt: skip
                                lives[w + K.P_STATE], lives[w + K.P_TIMER] = K.QUEUEING, -1
                                act, phase = _NOTHING, _OVERFLOWS
                                aside = care_ref >= 0 and kind == _SERVICE
                                if aside:
                                    cares[care_ref + K.C_AT_END] = w
                                else:
                                    ticks, which = first_hazard(
                                        numbers, stages, by_type, flat, tables, now, lives, visits, own, stage
                                    )
                                longest = by_type[stage, kind_of_person, K.Q_DELAY]
                                if longest >= 0:
                                    draw = stages[stage, K.S_DRAW_DELAY]
                                    patience = drawn(numbers, tables, me, draw, episode, attempt, longest)
                                    if which < 0 or patience < ticks:
                                        ticks, which = patience, stage
                    elif kind == _APPOINTMENTS:
                        lives[own + K.P_TICKET] += 1
                        ticket = lives[w + K.P_MY_TICKET] = lives[own + K.P_TICKET]
                        lives[w + K.P_JOINED], lives[w + K.P_NOTE] = tick, 0
                        tell(rows, flow, now, tick, me, stage, _JOIN, K.NONE)
                        act = _BOOK
                    elif kind == _PACKAGE:
                        held = left >= 0
                        c = begin_care(
                            fixed, rows, sums, lives, rank, cares, teams, first, last, now, tick, own, attempt, held
                        )
                        care_ticket = lives[own + K.P_TICKET]
                        law = by_type[stage, kind_of_person, K.Q_DURATION]
                        stay = left
                        if not held and law >= 0:
                            at = uniforms_ahead(numbers, draws, drawn_ahead, lives, w, stage, me, episode, attempt)
                            stay = length(tables, law, drawn_ahead[at])
                        left = -1
                        act = _NOTHING
                        if stay >= 0 and stages[stage, K.S_PLAIN] != 0:  # nothing else can end it
                            ticks, which, ticket = stay, c, care_ticket
                            lives[w + K.P_STATE] = K.IN_PLAIN_CARE
                        else:
                            until_hazard, hazard = first_hazard(
                                numbers, stages, by_type, flat, tables, now, lives, visits, own, stage
                            )
                            ends = stay
                            if hazard >= 0 and (stay < 0 or until_hazard < stay):
                                ends, cares[c + K.C_WHICH] = until_hazard, hazard
                            else:
                                cares[c + K.C_WHICH] = K.SERVED
                            if ends >= 0:
                                lives[own + K.P_STEP] += 1
                                cares[c + K.C_ENDS] = tick + ends
                                cares[c + K.C_TIMER] = (care_ticket << 32) | lives[own + K.P_STEP]
                                if ends < end - tick:
                                    put_aside(
                                        events, near_key, near_event, buckets, now, shift, tick + ends,
                                        _ENDS if cares[c + K.C_WHICH] == K.SERVED else _OVERFLOWS, me,
                                        cares[c + K.C_TIMER], (c << 3) | K.EV_CARE,
                                    )  # fmt: skip
                            for i in range(stages[stage, K.S_FORKS], stages[stage, K.S_FORKS_END]):
                                due = next_due(
                                    fixed, now, lives, visits, cares, own, c, flat[i], tick, age if held else K.NONE
                                )
                                if due < 0:
                                    continue
                                r = new_row(lives, now, K.N_FREE_LIFE, K.N_TOP_LIFE, K.P_FOLLOWING, K.LIFE_COLUMNS)
                                now[K.N_LIVES] += 1
                                lives[r + K.P_ID], lives[r + K.P_OWNER], lives[r + K.P_CARE_REF] = me, own, c
                                lives[r + K.P_FORK], lives[r + K.P_FIRST_TICKET] = flat[i], care_ticket
                                lives[r + K.P_STATE], lives[r + K.P_SISTER] = K.NOT_DUE, cares[c + K.C_REVIEWS]
                                lives[r + K.P_DRAWN] = -1
                                cares[c + K.C_REVIEWS] = r
                                cares[c + K.C_REFS] += 1
                                lives[own + K.P_REFS] += 1
                                lives[own + K.P_STEP] += 1
                                lives[r + K.P_TIMER] = (care_ticket << 32) | lives[own + K.P_STEP]
                                if due < end - tick:
                                    put_aside(
                                        events, near_key, near_event, buckets, now, shift, tick + due, _ENDS, me,
                                        lives[r + K.P_TIMER], (r << 3) | K.EV_TIMER,
                                    )  # fmt: skip
                            if stages[stage, K.S_GOES_ON] == 0:
                                lives[w + K.P_STATE] = K.IN_CARE
                            elif held:  # who held it at the start is on no way to anywhere
                                lives[w + K.P_STATE] = K.GONE
                                drop(lives, now, own)
                            else:
                                stage = stages[stage, K.S_NEXT]
                                act = _WALK
                    elif kind == _SET:
                        times = stages[stage, K.S_CARE_TIMES]
                        if times == 0 and care_ref >= 0:
                            end_review(rows, sums, lives, cares, now, tick, care_ref)
                            free_review(lives, cares, now, w)
                            # The person, if they wait for the end of this care, goes on where the review leads.
                            act, ending, w, stage = _END_CARE, care_ref, own, stages[stage, K.S_NEXT]
                            continue
                        if times == 0:
                            end_others(
                                fixed, rows, sums, lives, cares, teams, first, last, now, tick, own, np.int64(-1)
                            )
                        elif times > 0 and care_ref >= 0:
                            cares[care_ref + K.C_LEVEL] = cares[care_ref + K.C_LEVEL] * times // 1000
                            charge(fixed, rows, sums, lives, rank, cares, now, tick, care_ref, np.int64(-1))
                        elif times > 0:
                            lives[own + K.P_LEVEL] = lives[own + K.P_LEVEL] * times // 1000
                        else:
                            rank[own >> K.LIFE_BITS] = (
                                rank[own >> K.LIFE_BITS] * set_need[stage, 0] + set_need[stage, 1]
                            )
                            lives[own + K.P_TYPE] = by_type[stage, kind_of_person, K.Q_BECOMES]
                        tell(rows, flow, now, tick, me, stage, _BECAME, lives[own + K.P_TYPE])
                        if counting:
                            meet(people, outcomes, lives, own, stages[stage, K.S_MEASURES], funded)
                        stage = stages[stage, K.S_NEXT]
                        continue
                    elif kind == _ARRIVAL:  # somebody comes back by the door they came in by
                        stage = stages[stage, K.S_NEXT]
                        continue
                    elif care_ref >= 0:
                        act = _REVIEW_OVER
                    else:
                        tell(rows, flow, now, tick, me, stage, _LEFT, K.NONE)
                        if counting:
                            meet(people, outcomes, lives, own, stages[stage, K.S_MEASURES], funded)
                        act = _NOTHING
                        died = stages[stage, K.S_DIED] != 0
                        if died:
                            end_others(
                                fixed, rows, sums, lives, cares, teams, first, last, now, tick, own, np.int64(-1)
                            )
                        chance = chances[stage, kind_of_person, K.X_AGAIN]
                        to = stages[stage, K.S_AGAIN_AT]
                        if to < 0:
                            to = lives[own + K.P_DOOR]
                        comes_again = False
                        if chance > 0 and to >= 0 and not died:
                            u, _ = uniforms(numbers, me, stages[stage, K.S_DRAW_BRANCH], episode, attempt)
                            comes_again = u < chance
                        if comes_again:
                            draw, law = stages[stage, K.S_DRAW_DELAY], by_type[stage, kind_of_person, K.Q_DURATION]
                            ticks = drawn(numbers, tables, me, draw, episode, attempt, law)
                            phase, which, ticket = _ARRIVES, to, lives[own + K.P_TICKET]
                            lives[w + K.P_STATE] = K.AWAY
                        else:
                            lives[w + K.P_STATE] = K.GONE
                            drop(lives, now, own)

                if act == _BOOK:
                    act = _NOTHING
                    attempt = lives[w + K.P_ATTEMPT]
                    draw, law = stages[stage, K.S_DRAW_DELAY], by_type[stage, kind_of_person, K.Q_DELAY]
                    earliest = tick + drawn(numbers, tables, me, draw, episode, attempt, law)
                    at_slot, site, which = earliest, 0, K.SERVED
                    book = stages[stage, K.S_DIARY]
                    if book >= 0:
                        slot = book + first_from(slot_times, diary[book], diary[book + 1], earliest)
                        slot = first_free(slot_next, slot)
                        at = slot - book
                        if at == diary[book + 1]:
                            at_slot = -1
                        else:
                            at_slot, site = slot_times[at], slot_sites[at]
                            slot_free[at] -= 1
                            if slot_free[at] == 0:
                                slot_next[slot] = slot + 1
                    if care_ref >= 0:
                        cares[care_ref + K.C_AT_END] = w
                    else:
                        ticks, which = first_hazard(
                            numbers, stages, by_type, flat, tables, now, lives, visits, own, stage
                        )
                        phase = _OVERFLOWS
                    lives[w + K.P_STATE] = K.NO_SLOT
                    if at_slot >= 0:
                        lives[w + K.P_STATE] = K.BOOKED
                        tell(rows, flow, now, tick, me, stage, _BOOKED, site)
                        if which < 0 or tick + ticks >= at_slot:
                            ticks, which, phase = at_slot - tick, K.SERVED, _ENDS
                elif act == _BEGIN:
                    act = _NOTHING
                    attempt = lives[w + K.P_ATTEMPT]
                    tell(rows, flow, now, tick, me, stage, _START, K.NONE)
                    if counting:
                        wait = tick - lives[w + K.P_JOINED]
                        waits[stage, wait_bin(wait)] += 1
                        waited[stage] += wait
                    kind = stages[stage, K.S_KIND]
                    if kind == _PLACES:
                        price = by_type[stage, kind_of_person, K.Q_PENCE]
                        if price >= 0:
                            tell(rows, flow, now, tick, me, stage, _WEEKLY, price)
                        lives[w + K.P_NOTE] = tick // MS_PER_DAY
                    u = uniform_now(numbers, draws, drawn_ahead, lives, w, stage, me, episode, attempt)
                    ticks = length(tables, by_type[stage, kind_of_person, K.Q_DURATION], u)
                    if kind == _SERVICE:
                        lives[w + K.P_STATE] = K.WORKED_ON
                        number = stages[stage, K.S_TEAM]
                        if teams[number, K.T_NOBODY_WAITS] == 0:
                            ticks = span(teams[number], effort[number], opens, closes, before, tick, ticks)
                    elif kind == _APPOINTMENTS:
                        lives[w + K.P_STATE] = K.SEEN
                    else:
                        lives[w + K.P_STATE] = K.STAYING
                        until_hazard, hazard = first_hazard(
                            numbers, stages, by_type, flat, tables, now, lives, visits, own, stage
                        )
                        if hazard >= 0 and until_hazard < ticks:
                            ticks, which, phase = until_hazard, hazard, _OVERFLOWS
                else:
                    if act == _REVIEW_OVER:
                        if cares[care_ref + K.C_REVIEW] == lives[w + K.P_FORK]:
                            end_review(rows, sums, lives, cares, now, tick, care_ref)
                        act = _NEXT_REVIEW
                    if act == _NEXT_REVIEW:
                        act = _NOTHING
                        if cares[care_ref + K.C_TOLD] >= 0:
                            ticks = next_due(
                                fixed, now, lives, visits, cares, own, care_ref, lives[w + K.P_FORK], tick, K.NONE
                            )
                        if ticks < 0:
                            free_review(lives, cares, now, w)
                        else:
                            lives[w + K.P_STATE], ticket = K.NOT_DUE, lives[w + K.P_FIRST_TICKET]

                if ticks >= 0:
                    lives[own + K.P_STEP] += 1
                    step = (ticket << 32) | lives[own + K.P_STEP]
                    lives[w + K.P_TIMER], lives[w + K.P_WHICH] = step, which
                    if ticks < end - tick:
                        put(
                            events, near_key, near_event, buckets, now, shift, tick + ticks, phase, me, step,
                            (w << 3) | K.EV_TIMER,
                        )  # fmt: skip

        now[K.N_ARRIVAL] = coming
        now[K.N_TICK] = tick

    return advance
