"""A person who asks for help: a Mesa agent whose life is a SimPy process."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from mesa import Agent

from agents.care import Care, Wake, charge
from agents.codes import ADOPTS, KEEPS, Event, Kind, Phase
from agents.need import standing

if TYPE_CHECKING:
    from collections.abc import Generator

    from agents.protocols import Life, World

_SERVICE, _DECISION, _SET, _PACKAGE, _APPOINTMENTS = (
    int(k) for k in (Kind.SERVICE, Kind.DECISION, Kind.SET, Kind.PACKAGE, Kind.APPOINTMENTS)
)
_ARRIVAL, _PLACES = int(Kind.ARRIVAL), int(Kind.PLACES)
_ENDS, _OVERFLOWS, _ARRIVES = int(Phase.END), int(Phase.OVERFLOW), int(Phase.ARRIVAL)
(
    _CONTACT, _JOIN, _START, _END, _BRANCH, _BECAME, _IN_CARE, _CARE_ENDS, _LEFT, _AGAIN, _BOOKED, _MISSED, _TOO_LONG,
    _HAZARD, _HELD, _WEEKLY, _PAYS, _REVIEW, _REVIEWED, _WITHDRAWN,
) = (int(e) for e in Event)  # fmt: skip

SERVED, WITHDRAWN = -1, -2
"""How a wait ended, where it did not lead to another stage."""


class Person(Agent):
    """One person and the present state of their episode.

    Attributes:
        person: 64-bit identity; random draws and the order of simultaneous events go by it.
        type: person type, an index into the plan's tables. rank: need rank, 0 to 1.
        entry: the stage where they come in; door: where they come in again, -1 if nowhere.
        episode: which episode of need this is. ticket: queue entries so far. step: own events so far.
        level: factor on the price of care that starts from now on, in thousandths. care: what runs now.
    """

    # What most people never change stands here once.
    episode = 0
    ticket = 0
    step = 0
    level = 1000
    care: tuple[Care, ...] = ()
    done = False
    visits: dict[int, int] | None = None

    def __init__(self, world: World, person: int, kind: int, rank: float, entry: int, door: int):
        super().__init__(world)
        self.person = person
        self.type = kind
        self.rank = rank
        self.entry = entry
        self.door = door
        self.stage = entry

    def remove(self) -> None:
        """Leave the model; Mesa's own way also looks after agents who have left before."""
        self.model.deregister_agent(self)

    def _attempt(self, stage: int) -> int:
        """How often this person has met this stage before in this episode."""
        stage = self.model.plan.met_as[stage]
        if self.visits is None:
            self.visits = {}
        before = self.visits.get(stage, 0)
        self.visits[stage] = before + 1
        return before

    def life(self, left: int = -1, age: int = 0) -> Life:
        """From contact to the last outcome.

        ``left`` ≥ 0: in care at the start, for ``age`` ticks already and for ``left`` ticks more.
        """
        stage = self.entry
        if left < 0:
            self.model.write((self.model.clock.now, self.person, stage, _CONTACT, self.type))
            stage = self.model.plan.following[stage]
        return self._walk(stage, None, left, age)

    def _walk(self, stage: int, review_of: Care | None, left: int = -1, age: int = 0) -> Life:
        """Stage by stage, until an outcome that nothing follows; in a review, until any outcome."""
        world: World = self.model
        clock, plan, draw, write = world.clock, world.plan, world.draw, world.write
        kinds, following, person, attempts = plan.kind, plan.following, self.person, plan.attempts
        now = clock.now
        while True:
            kind = kinds[stage]
            self.stage = stage
            attempt = self._attempt(stage) if attempts else 0
            if kind == _DECISION:
                branch = self._decide(stage, attempt, now)
                write((now, person, stage, _BRANCH, branch))
                stage = plan.branch_to[plan.decision[stage]][branch]
            elif kind == _SERVICE:
                self.ticket = ticket = self.ticket + 1
                write((now, person, stage, _JOIN, 0))
                team = world.teams[plan.team[stage]]
                if team is not None and not team.seat():
                    self.step += 1
                    call = team.queue(plan.priority[stage][self.type], person, ticket, self.step)
                    if review_of is None and not plan.hazards[stage] and plan.delay[stage][self.type] < 0:
                        yield call
                    else:
                        to = yield from self._wait(stage, attempt, ticket, call, team, review_of)
                        if to == WITHDRAWN:
                            return
                        if to != SERVED:
                            now, stage = clock.now, to
                            continue
                    now = clock.now
                write((now, person, stage, _START, 0))
                u, _ = draw(person, plan.draw_duration[stage], self.episode, attempt)
                length = world.look_up(plan.duration[stage][self.type], u)
                if team is not None:
                    length = team.span(now, length)
                self.step += 1
                yield clock.timer(length, _ENDS, person, ticket, self.step)
                now += length
                write((now, person, stage, _END, 0))
                if team is not None:
                    team.leave()
                if review_of is not None and not review_of.live:
                    return
                stage = following[stage]
            elif kind == _PACKAGE:
                stage = yield from self._in_care(stage, attempt, left, age)
                if stage < 0:
                    return
                left, now = -1, clock.now
            elif kind == _SET:
                to = self._set(stage, review_of, now)
                if to < 0:
                    return
                stage = to
            elif kind == _APPOINTMENTS:
                to = yield from self._appointment(stage, attempt, review_of)
                if to == WITHDRAWN:
                    return
                now, stage = clock.now, to
            elif kind == _PLACES:
                stage = yield from self._stay(stage, attempt)
                now = clock.now
            elif kind == _ARRIVAL:  # somebody comes back by the door they came in by
                stage = following[stage]
            else:
                if review_of is not None:
                    return
                write((now, person, stage, _LEFT, 0))
                if not self.care and plan.again[stage][self.type] <= 0:
                    self.remove()
                    return
                stage = yield from self._afterwards(stage, attempt, now)
                if stage < 0:
                    return
                now = clock.now

    def _decide(self, stage: int, attempt: int, now: int) -> int:
        """The branch: by need rank with the decision's weight, by chance otherwise."""
        world: World = self.model
        plan = world.plan
        row = plan.decision[stage]
        table = world.month_table(now) if plan.by_month else 0
        once = plan.once[row]  # such as which model's path they follow: the same in every episode
        chance, coin = world.draw(
            self.person, plan.draw_branch[stage], 0 if once else self.episode, 0 if once else attempt
        )
        if coin < plan.follows_need[row]:
            chance = standing(self.rank, plan.scale[row][table][self.type])
        if plan.adopts[row] >= 0:
            shares = plan.adoption[plan.adopts[row]]
            chance = ADOPTS if chance < shares[min(world.month_of(now), len(shares) - 1)] else KEEPS
        return bisect_right(plan.cumulative[row][table][self.type], chance)

    def _set(self, stage: int, review_of: Care | None, now: int) -> int:
        """Change an attribute, the need or the care; the next stage, or -1 where a review has ended the care."""
        plan = self.model.plan
        factor = plan.set_care[stage]
        if factor == 0 and review_of is not None:
            self._end_review(review_of, now)
            self.end_care(review_of, now, plan.following[stage])
            return -1
        if factor == 0:
            for care in self.care:
                self.end_care(care, now)
        elif factor > 0 and review_of is not None:
            review_of.level = review_of.level * factor // 1000
            charge(self, review_of, now)
        elif factor > 0:
            self.level = self.level * factor // 1000
        else:
            times, plus = plan.set_need[stage]
            self.rank = self.rank * times + plus
            self.type = plan.becomes[stage][self.type]
        self.model.write((now, self.person, stage, _BECAME, self.type))
        to: int = plan.following[stage]
        return to

    # Waiting, and what can cut it short

    def _first_hazard(self, stage: int) -> tuple[int, int]:
        """Ticks until the first of a stage's hazards, and which: its stage. (-1, -1) without any."""
        world: World = self.model
        plan = world.plan
        soonest, which = -1, -1
        for hazard in plan.hazards[stage]:
            table = plan.duration[hazard][self.type]
            if table < 0:
                continue
            u, _ = world.draw(self.person, plan.draw_duration[hazard], self.episode, self._attempt(hazard))
            ticks = world.look_up(table, u)
            if which < 0 or ticks < soonest:
                soonest, which = ticks, hazard
        return soonest, which

    def _wait(
        self, stage: int, attempt: int, ticket: int, call: Any, team: Any, review_of: Care | None
    ) -> Generator[Any, Any, int]:
        """In a queue until called, or until waiting is cut short: SERVED, WITHDRAWN, or the stage to go to."""
        world: World = self.model
        clock, plan = world.clock, world.plan
        wake = Wake()
        call.callbacks.append(lambda _: wake.fire(SERVED))
        ticks, which = self._first_hazard(stage) if review_of is None else (-1, -1)  # care has hazards of its own
        table = plan.delay[stage][self.type]
        if table >= 0:
            u, _ = world.draw(self.person, plan.draw_delay[stage], self.episode, attempt)
            longest = world.look_up(table, u)
            if which < 0 or longest < ticks:
                ticks, which = longest, stage
        if which >= 0:
            self.step += 1
            timer = clock.timer(ticks, _OVERFLOWS, self.person, ticket, self.step)
            timer.callbacks.append(lambda _: None if call.called else wake.fire(which))
        if review_of is not None:
            review_of.at_end = lambda: None if call.called else wake.fire(WITHDRAWN)
        reason: int = yield wake
        if review_of is not None:
            review_of.at_end = None
        if reason == SERVED:
            return SERVED
        team.withdraw(call)
        if reason == WITHDRAWN:
            world.write((clock.now, self.person, stage, _WITHDRAWN, 0))
            return WITHDRAWN
        return self._cut_short(stage, reason)

    def _cut_short(self, stage: int, which: int) -> int:
        """Write why a wait or a stay ended early; the stage to go to."""
        world: World = self.model
        now = world.clock.now
        if which == stage:
            world.write((now, self.person, stage, _TOO_LONG, 0))
            return world.plan.gives_up[stage]
        world.write((now, self.person, which, _HAZARD, stage))
        return world.plan.following[which]

    def _appointment(self, stage: int, attempt: int, review_of: Care | None) -> Generator[Any, Any, int]:
        """Booked, attended or missed, booked again; the stage to go to."""
        world: World = self.model
        clock, plan, write, person = world.clock, world.plan, world.write, self.person
        self.ticket = ticket = self.ticket + 1
        write((clock.now, person, stage, _JOIN, 0))
        missed = 0
        while True:
            u, _ = world.draw(person, plan.draw_delay[stage], self.episode, attempt)
            earliest = clock.now + world.look_up(plan.delay[stage][self.type], u)
            diary = world.diaries[stage]
            slot = (earliest, 0) if diary is None else diary.book(earliest)
            wake = Wake()
            ticks, which = self._first_hazard(stage) if review_of is None else (-1, -1)
            if slot is not None:
                write((clock.now, person, stage, _BOOKED, slot[1]))
                if which < 0 or clock.now + ticks >= slot[0]:
                    ticks, which = slot[0] - clock.now, SERVED
            if slot is not None or which >= 0:
                self.step += 1
                phase = _ENDS if which == SERVED else _OVERFLOWS
                timer = clock.timer(ticks, phase, person, ticket, self.step)
                timer.callbacks.append(lambda _, reason=which, wake=wake: wake.fire(reason))
            if review_of is not None:
                review_of.at_end = lambda wake=wake: wake.fire(WITHDRAWN)
            reason: int = yield wake
            if review_of is not None:
                review_of.at_end = None
            if reason == WITHDRAWN:
                write((clock.now, person, stage, _WITHDRAWN, 0))
                return WITHDRAWN
            if reason != SERVED:
                return self._cut_short(stage, reason)
            chance, _ = world.draw(person, plan.draw_attend[stage], self.episode, attempt)
            if chance >= plan.misses[stage][self.type]:
                break
            missed += 1
            write((clock.now, person, stage, _MISSED, missed))
            if missed > plan.rebookings[stage]:
                return plan.gives_up[stage]
            attempt = self._attempt(stage)
        write((clock.now, person, stage, _START, 0))
        u, _ = world.draw(person, plan.draw_duration[stage], self.episode, attempt)
        self.step += 1
        yield clock.timer(world.look_up(plan.duration[stage][self.type], u), _ENDS, person, ticket, self.step)
        write((clock.now, person, stage, _END, 0))
        if review_of is not None and not review_of.live:
            return WITHDRAWN
        return plan.following[stage]

    def _stay(self, stage: int, attempt: int) -> Generator[Any, Any, int]:
        """In one of a number of places; the stage to go to."""
        world: World = self.model
        clock, plan, write, person = world.clock, world.plan, world.write, self.person
        self.ticket = ticket = self.ticket + 1
        write((clock.now, person, stage, _JOIN, 0))
        team = world.teams[plan.team[stage]]
        if team is not None and not team.seat():
            self.step += 1
            call = team.queue(plan.priority[stage][self.type], person, ticket, self.step)
            to = yield from self._wait(stage, attempt, ticket, call, team, None)
            if to != SERVED:
                return to
        now = clock.now
        write((now, person, stage, _START, 0))
        price = plan.pence[stage][self.type]
        if price >= 0:
            write((now, person, stage, _WEEKLY, price))
        u, _ = world.draw(person, plan.draw_duration[stage], self.episode, attempt)
        length = world.look_up(plan.duration[stage][self.type], u)
        ticks, which = self._first_hazard(stage)
        self.step += 1
        if which < 0 or ticks >= length:
            yield clock.timer(length, _ENDS, person, ticket, self.step)
            to = plan.following[stage]
        else:
            yield clock.timer(ticks, _OVERFLOWS, person, ticket, self.step)
            to = self._cut_short(stage, which)
        write((clock.now, person, stage, _END, 0))
        if team is not None:
            team.leave()
        return to

    # Care

    def _in_care(self, stage: int, attempt: int, left: int, age: int) -> Generator[Any, Any, int]:
        """Care begins; the stage to go to, at once where the care runs beside, else when it has ended."""
        world: World = self.model
        clock, plan, person = world.clock, world.plan, self.person
        now = clock.now
        for care in self.care:
            if care.stage in plan.replaces[stage]:
                self.end_care(care, now)
        self.ticket += 1
        care = Care(stage, self.type, self.level, self.ticket)
        self.care = (*self.care, care)
        world.write((now, person, stage, _HELD if left >= 0 else _IN_CARE, self.type))
        charge(self, care, now, attempt)
        table = plan.duration[stage][self.type]
        length = left
        if length < 0 and table >= 0:
            u, _ = world.draw(person, plan.draw_duration[stage], self.episode, attempt)
            length = world.look_up(table, u)
        if length >= 0 and plan.plain[stage]:  # nothing else can end it
            self.step += 1
            yield clock.timer(length, _ENDS, person, care.ticket, self.step)
            self.end_care(care, clock.now)
            return plan.following[stage]
        ticks, which = self._first_hazard(stage)
        if which >= 0 and (length < 0 or ticks < length):
            self._end_after(care, ticks, which)
        elif length >= 0:
            self._end_after(care, length, SERVED)
        for fork in plan.forks[stage]:
            begins = Wake()
            begins.callbacks = None
            clock.live(self._reviews(fork, care, age if left >= 0 else 0), begins)
        to: int = plan.following[stage]
        if plan.goes_on[stage]:
            self.done = left >= 0  # who held it at the start is on no way to anywhere
            return -1 if self.done else to
        care.wake = Wake()
        to = yield care.wake
        return to

    def _end_after(self, care: Care, ticks: int, which: int) -> None:
        """Care ends by itself (SERVED) or by a hazard, unless something else ends it before."""
        clock = self.model.clock
        self.step += 1
        care.ends = clock.now + ticks
        phase = _ENDS if which == SERVED else _OVERFLOWS
        timer = clock.timer(ticks, phase, self.person, care.ticket, self.step)

        def end(_: object) -> None:
            if not care.live:
                return
            to = self.model.plan.following[care.stage] if which == SERVED else self._cut_short(care.stage, which)
            self.end_care(care, clock.now, to)

        timer.callbacks.append(end)

    def end_care(self, care: Care, now: int, to: int = -1) -> None:
        """Care ends now; who waited for its end goes on to ``to``."""
        care.live = False
        self.care = tuple(other for other in self.care if other is not care)
        self.model.write((now, self.person, care.stage, _CARE_ENDS, care.type))
        if care.at_end is not None:
            care.at_end()
        if care.wake is not None:
            care.wake.fire(to)
        elif self.done and not self.care:
            self.remove()

    def _reviews(self, fork: int, care: Care, age: int) -> Life:
        """Reviews of care, one after the other, until the care ends.

        Care held at the start began ``age`` ticks before: the intervals are drawn from then on, and the first review to
        fall due after the start is the first of this run.
        """
        world: World = self.model
        clock, plan, person = world.clock, world.plan, self.person
        ticket = self.ticket
        while care.live:
            ticks = -age
            while True:
                u, _ = world.draw(person, plan.draw_duration[fork], self.episode, self._attempt(fork))
                ticks += world.look_up(plan.duration[fork][care.type], u)
                if ticks > 0 or age == 0:
                    break
            age = 0
            if 0 <= care.ends <= clock.now + ticks:
                return
            self.step += 1
            yield clock.timer(ticks, _ENDS, person, ticket, self.step)
            if not care.live:
                return
            if care.review >= 0:  # another review is under way, and does for this one
                continue
            world.write((clock.now, person, fork, _REVIEW, care.stage))
            care.review = fork
            yield from self._walk(plan.following[fork], care)
            if care.review == fork:
                self._end_review(care, clock.now)

    def _end_review(self, care: Care, now: int) -> None:
        self.model.write((now, self.person, care.review, _REVIEWED, care.stage))
        care.review = -1

    # After an outcome

    def _afterwards(self, stage: int, attempt: int, now: int) -> Generator[Any, Any, int]:
        """What follows an outcome: a new episode at the stage it returns, or -1 and nothing."""
        world: World = self.model
        clock, plan, person = world.clock, world.plan, self.person
        if plan.died[stage]:
            for care in self.care:
                self.end_care(care, now)
        chance = plan.again[stage][self.type]
        to = plan.again_at[stage] if plan.again_at[stage] >= 0 else self.door
        if chance > 0 and to >= 0 and not plan.died[stage]:
            u, _ = world.draw(person, plan.draw_branch[stage], self.episode, attempt)
            if u < chance:
                u, _ = world.draw(person, plan.draw_delay[stage], self.episode, attempt)
                self.step += 1
                delay = world.look_up(plan.duration[stage][self.type], u)
                yield clock.timer(delay, _ARRIVES, person, self.ticket, self.step)
                self.episode += 1
                self.visits = None
                world.write((clock.now, person, to, _AGAIN, self.type))
                return to
        if self.care:
            self.done = True
        else:
            self.remove()
        return -1
