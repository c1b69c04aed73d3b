"""A pathway over a calendar as the compiled engine's loop reads it, and what the loop begins with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation import kernel_layout as K
from simulation.calendar import Calendar
from simulation.pathway import UNLIMITED, Pathway
from simulation.slots import slot_times
from simulation.tally import MEASURES, Axes
from simulation.working_time import Week

Ints = NDArray[np.int64]

_ROOT = Path(__file__).resolve().parent.parent
SOURCES = (
    "agents/codes.py",
    *(f"simulation/kernel{part}.py" for part in ("", "_care", "_draws", "_events", "_grids", "_layout", "_steps")),
    *(f"simulation/{name}.py" for name in ("calendar", "compiling", "limits", "philox", "quantiles", "working_time")),
)
"""Where what is compiled into the loop comes from; a test holds the list against what those files import."""

_BOUNDLESS = 1 << 60  # practitioners of an unlimited team that has opening hours
_DRAWS = (
    Kind.SERVICE, Kind.DECISION, Kind.PACKAGE, Kind.OUTCOME, Kind.APPOINTMENTS, Kind.PLACES, Kind.FORK, Kind.HAZARD,
)  # fmt: skip
ROWS_A_PERSON = 12  # of a trace, to begin with: memory that is not written to costs nothing
LEAST_BUCKETS, MOST_BUCKETS = 1 << 8, 1 << 24
BUCKETS_A_PERSON = 2
MOST_EVENTS = 2**31 // K.EVENT_COLUMNS - (1 << 16)  # a bucket names its first in 31 bits; less what is spare
LEAST_ROOM, FIRST_ROOM = 64, 16_384  # people at once
MUCH_ROOM, MOST_ROOM = 1 << 17, 1 << 22  # from where the system hands out zeros unwritten, up to some 2 GB of them


@cache
def advance() -> Any:
    """The loop, compiled; from the cache on disk if its sources are the same."""
    from simulation.kernel import loop

    digest = blake2b(digest_size=6)
    for name in SOURCES:
        digest.update((_ROOT / name).read_bytes())
    return loop(int.from_bytes(digest.digest(), "little"))  # type: ignore[no-untyped-call]


def _stages(pathway: Pathway) -> tuple[Ints, Ints]:
    """Per stage, and the lists of hazards, forks and replaced care that it points into."""
    table = np.full((len(pathway.stages), K.STAGE_COLUMNS), -1, dtype=np.int64)
    for column, values in (
        (K.S_KIND, pathway.kind), (K.S_NEXT, pathway.following), (K.S_TEAM, pathway.team),
        (K.S_DRAW_DURATION, pathway.draw_duration), (K.S_DRAW_BRANCH, pathway.draw_branch),
        (K.S_DRAW_DELAY, pathway.draw_delay), (K.S_DRAW_ATTEND, pathway.draw_attend),
        (K.S_DRAW_SIZE, pathway.draw_size), (K.S_DECISION, pathway.decision), (K.S_GIVES_UP, pathway.gives_up),
        (K.S_REBOOKINGS, pathway.rebookings), (K.S_GOES_ON, pathway.goes_on), (K.S_CARE_TIMES, pathway.set_care),
        (K.S_AGAIN_AT, pathway.again_at), (K.S_DIED, pathway.died),
    ):  # fmt: skip
        table[:, column] = values
    flat: list[int] = []
    for start, stop, rows in (
        (K.S_HAZARDS, K.S_HAZARDS_END, pathway.hazards),
        (K.S_FORKS, K.S_FORKS_END, pathway.forks),
        (K.S_REPLACES, K.S_REPLACES_END, pathway.replaces),
    ):
        for stage, row in enumerate(rows.tolist()):
            table[stage, start] = len(flat)
            flat += [entry for entry in row if entry >= 0]
            table[stage, stop] = len(flat)
    cut = np.any(pathway.hazards >= 0, axis=1) | np.any(pathway.forks >= 0, axis=1)
    table[:, K.S_PLAIN] = (pathway.goes_on == 0) & ~cut
    draws = np.flatnonzero(np.isin(pathway.kind, _DRAWS)) if pathway.meets_again else np.zeros(0, dtype=np.int64)
    table[draws, K.S_VISITS] = np.unique(pathway.met_as[draws], return_inverse=True)[1]
    table[:, K.S_MEASURES] = 0
    return table, np.array([*flat, -1], dtype=np.int64)


def drawn_together(pathway: Pathway, stages: Ints) -> Ints:
    """Per stage its own draw, and the draws of decisions and packages that are met next: shape (n, LANES), -1 for none.

    What is met next is looked for as a person would go: over decisions, the likelier branch first, up to where they
    wait for anything.
    """
    own = np.where(pathway.kind == Kind.DECISION, stages[:, K.S_DRAW_BRANCH], stages[:, K.S_DRAW_DURATION])
    found = np.full((len(stages), K.LANES), -1, dtype=np.int64)
    found[:, 0] = own
    shares = np.diff(pathway.cumulative.mean(axis=(1, 2)), prepend=0.0)  # (decisions, branches)

    def following(stage: int) -> list[int]:
        if pathway.kind[stage] != Kind.DECISION:
            return [int(pathway.following[stage])]
        row = int(pathway.decision[stage])
        likely = np.argsort(-shares[row], kind="stable")
        return [int(pathway.branch_to[row, branch]) for branch in likely]

    for stage in range(len(stages)):
        ahead, seen = following(stage), {stage, -1}
        lane = 1
        while ahead and lane < K.LANES:
            at = ahead.pop(0)
            if at in seen:
                continue
            seen.add(at)
            if pathway.kind[at] in (Kind.DECISION, Kind.PACKAGE):
                found[stage, lane] = own[at]
                lane += 1
            if pathway.kind[at] in (Kind.DECISION, Kind.SET, Kind.ARRIVAL):
                ahead += following(at)
    return found


def _by_type(pathway: Pathway) -> tuple[Ints, NDArray[np.float64], list[int]]:
    """Per stage and person type, numbers and probabilities; and how many classes each team's queue has."""
    shape = pathway.duration.shape
    table = np.full((*shape, K.TYPE_COLUMNS), -1, dtype=np.int64)
    chances = np.zeros((*shape, K.CHANCE_COLUMNS), dtype=np.float64)
    for column, values in (
        (K.Q_DURATION, pathway.duration), (K.Q_BECOMES, pathway.becomes), (K.Q_DELAY, pathway.delay),
        (K.Q_PENCE, pathway.pence_per_week), (K.Q_SIZE, pathway.size), (K.Q_PAYS, pathway.pays),
        (K.Q_SCALE, pathway.size_at[..., 0]), (K.Q_SCALE_LENGTH, pathway.size_at[..., 1]),
    ):  # fmt: skip
        table[..., column] = values
    chances[..., K.X_AGAIN], chances[..., K.X_MISSES] = pathway.again, pathway.misses
    chances[..., K.X_SIZE_WEIGHT] = pathway.size_weight
    classes = []
    for team in range(len(pathway.teams)):
        here = np.flatnonzero((pathway.team == team) & np.isin(pathway.kind, (Kind.SERVICE, Kind.PLACES)))
        levels = np.unique(pathway.priority[here])
        table[here, :, K.Q_CLASS] = np.searchsorted(levels, pathway.priority[here])
        classes.append(max(len(levels), 1))
    return table, chances, classes


def _teams(
    pathway: Pathway, classes: list[int], calendar: Calendar, end: int
) -> tuple[Ints, list[NDArray[np.int64]], Ints]:
    """Teams as they begin, their windows one after the other (opens, closes, worked before), and their roster."""
    teams = np.zeros((len(pathway.teams), K.TEAM_COLUMNS), dtype=np.int64)
    windows: list[list[Ints]] = [[], [], []]
    roster: list[tuple[int, int, int]] = []
    first = calendar.start.year * 12 + calendar.start.month - 1
    at = queue = 0
    for number in range(len(pathway.teams)):
        team, size = teams[number], int(pathway.team_size[number])
        spans = [(day, opens, closes) for day, opens, closes in pathway.team_spans[number].tolist() if day >= 0]
        team[K.T_CLASSES], team[K.T_CLASSES_END] = queue, queue + classes[number]
        queue += classes[number]
        team[K.T_OPENING], team[K.T_WINDOW], team[K.T_WINDOWS_END] = -1, at, at
        if size == UNLIMITED and not spans and pathway.team_effort[number] == 1.0:
            team[K.T_NOBODY_WAITS] = 1
            continue
        if spans:
            hours = Week(tuple(spans), bool(pathway.team_holidays[number])).windows(calendar, end)
            for kept, values in zip(windows, (hours.opens, hours.closes, hours.before), strict=True):
                kept.append(values)
            at += len(hours.opens)
            team[K.T_HOURS], team[K.T_WINDOWS_END] = 1, at
        for month, practitioners in pathway.team_roster[number].tolist():
            if 0 <= month <= first:
                size = practitioners
            elif month > first:
                roster.append((calendar.tick(calendar.month(month - first)), number, practitioners))
        team[K.T_IDLE] = _BOUNDLESS if size == UNLIMITED else size
        team[K.T_PRESENT] = 0 if size == UNLIMITED else size
    empty = np.zeros(0, dtype=np.int64)
    return (
        teams,
        [np.concatenate([empty, *kept]) for kept in windows],
        np.array(roster, dtype=np.int64).reshape(-1, 3),
    )


def _once(pathway: Pathway) -> Ints:
    if not pathway.adopts.size:
        return np.ascontiguousarray(pathway.once)
    return np.where(pathway.adopts >= 0, pathway.adopts + 2, pathway.once)


def _aligned(size: int) -> Ints:
    """Zeros that begin where a line of the processor's memory begins."""
    room = np.zeros(size + 8, dtype=np.int64)
    first = -(room.ctypes.data // 8) % 8
    return room[first : first + size]


@dataclass(frozen=True)
class Tables:
    """A run before its first event: tables for good, and the teams and diaries as they are at tick 0."""

    fixed: K.Fixed
    teams: Ints
    slot_free: Ints
    queues: int
    counted_stages: int

    def at_start(self, trace: bool, people: int, held: int) -> K.Kept:
        """Nobody has come yet of so many ``people``, ``held`` of them in care at the start.

        More room is made when more are there at once. For very many there is ample room from the start: to copy what
        there is into twice the room takes a tenth of the time, and memory that is not written to costs nothing.
        With two buckets for each person few events lie in each, and sorting them takes no longer for many people.
        """
        fixed, ample = self.fixed, min(people // 4 + 2 * held, MOST_ROOM)
        room = ample if ample >= MUCH_ROOM else min(max(people, LEAST_ROOM), FIRST_ROOM)
        end, shift = int(fixed.numbers[K.F_END]), 0
        while end >> shift >= min(max(BUCKETS_A_PERSON * people, LEAST_BUCKETS), MOST_BUCKETS):
            shift += 1
        lives, cares = _aligned(room * K.LIFE_COLUMNS), _aligned(room * K.CARE_COLUMNS)
        events = _aligned((room + len(fixed.roster)) * K.EVENT_COLUMNS)
        now = np.zeros(K.NOW_COLUMNS, dtype=np.int64)
        now[K.N_TRACING], now[K.N_SHIFT] = trace, shift
        now[[K.N_FREE_LIFE, K.N_FREE_CARE, K.N_FREE_EVENT, K.N_HANDED]] = -1
        slots = len(fixed.slot_times) + len(fixed.diary)
        return K.Kept(
            now=now,
            lives=lives,
            rank=np.zeros(room),
            visits=np.zeros((room, self.counted_stages), dtype=np.uint16),
            drawn=_aligned(room * 2 * K.LANES).view(np.float64),
            cares=cares,
            events=events,
            near_key=np.zeros(len(events) // K.EVENT_COLUMNS, dtype=np.int64),
            near_event=np.zeros(len(events) // K.EVENT_COLUMNS, dtype=np.int64),
            buckets=np.full((end >> shift) + 2 + 2 * K.STEP_AHEAD, -1, dtype=np.int32),
            teams=self.teams.copy(),
            first=np.full(self.queues, -1, dtype=np.int64),
            last=np.full(self.queues, -1, dtype=np.int64),
            slot_free=self.slot_free.copy(),
            slot_next=np.arange(slots, dtype=np.int64),
            rows=np.empty((5, max(16 * room, ROWS_A_PERSON * people) if trace else 64), dtype=np.int64),
        )


def tables_of(
    pathway: Pathway, calendar: Calendar, end: int, seed: int, replication: int, names: Axes | None = None
) -> Tables:
    """The tables of a run; ``names`` are the axes of what is summed, None where nothing is."""
    tables = _tables(pathway, calendar, end, names)
    numbers = tables.fixed.numbers.copy()
    numbers[[K.F_SEED, K.F_REPLICATION]] = seed, replication
    return replace(tables, fixed=tables.fixed._replace(numbers=numbers))


@lru_cache(maxsize=8)
def _tables(pathway: Pathway, calendar: Calendar, end: int, names: Axes | None) -> Tables:
    """All but the two numbers that are a replication's own; nothing writes to them, so one serves all replications."""
    stages, flat = _stages(pathway)
    by_type, chances, classes = _by_type(pathway)
    teams, (opens, closes, before), roster = _teams(pathway, classes, calendar, end)
    diaries, sites, ends = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], [0]
    free = [np.zeros(0, dtype=np.int64)]
    for stage in np.flatnonzero((pathway.kind == Kind.APPOINTMENTS) & (pathway.unlimited_slots == 0)).tolist():
        times, room, where = slot_times(pathway, stage, calendar, end)
        stages[stage, K.S_DIARY] = len(ends) - 1
        ends.append(ends[-1] + len(times))
        diaries.append(times)
        free.append(room)
        sites.append(where)
    branch_measures, year_days = np.zeros(pathway.branch_to.shape, dtype=np.int64), np.zeros(1, dtype=np.int64)
    if names is not None:
        stages[:, K.S_MEASURES], branch_measures = measures_met(pathway)
        stages[:, K.S_CARE_TYPE] = [names.care_types.index(care) if care else -1 for care in pathway.care_types]
        years = calendar.financial_years()
        year_days = np.array([first for _, first, _ in years] + [years[-1][2]], dtype=np.int64)
    numbers = np.zeros(K.NUMBERS, dtype=np.int64)
    forks = stages[:, K.S_FORKS_END] - stages[:, K.S_FORKS]
    for column, number in (
        (K.F_END, end), (K.F_BY_MONTH, pathway.months > 1),
        (K.F_FIRST_MONTH, calendar.start.month - 1), (K.F_SUMS, names is not None),
        (K.F_MOST_FORKS, max(1, forks.max(initial=0))), (K.F_DRAW_PAYS, pathway.draw_pays), (K.F_STAGES, len(stages)),
        (K.F_FUNDED, 1 << MEASURES.index("funded_package")), (K.F_CONTACT, 1 << MEASURES.index("contact")),
    ):  # fmt: skip
        numbers[column] = number
    fixed = K.Fixed(
        numbers=numbers,
        stage=stages,
        by_type=by_type,
        chances=chances,
        draws=drawn_together(pathway, stages),
        flat=flat,
        cumulative=np.ascontiguousarray(pathway.cumulative),
        branch_to=np.ascontiguousarray(pathway.branch_to),
        branch_measures=branch_measures,
        follows=np.ascontiguousarray(pathway.follows_need),
        once=_once(pathway),
        adoption=np.ascontiguousarray(pathway.adoption),
        scale_at=np.ascontiguousarray(pathway.scale_at),
        scale_rank=np.ascontiguousarray(pathway.scale_rank),
        scale_standing=np.ascontiguousarray(pathway.scale_standing),
        set_need=np.ascontiguousarray(pathway.set_need),
        tables=np.ascontiguousarray(pathway.tables).ravel(),
        effort=np.ascontiguousarray(pathway.team_effort),
        opens=opens,
        closes=closes,
        before=before,
        slot_times=np.concatenate(diaries),
        slot_sites=np.concatenate(sites),
        diary=np.array(ends, dtype=np.int64),
        month_starts=np.array(calendar.month_starts_until(end), dtype=np.int64),
        roster=roster,
        year_days=year_days,
    )
    counted = int(stages[:, K.S_VISITS].max(initial=-1)) + 1
    return Tables(fixed, teams, np.concatenate(free), sum(classes), counted)


def _wider(table: Ints, size: int) -> Ints:
    result = _aligned(size)
    result[: len(table)] = table
    return result


def _longer(line: NDArray[Any], size: int) -> NDArray[Any]:
    result = np.zeros((size, *line.shape[1:]), dtype=line.dtype)
    result[: len(line)] = line
    return result


def with_room(kept: K.Kept, fixed: K.Fixed) -> K.Kept:
    """The same with arrays twice as large where the loop asks for room."""
    need = int(kept.now[K.N_NEED])
    more: dict[str, Any] = {}
    spare = int(fixed.numbers[K.F_MOST_FORKS]) + 16
    if need & K.NEED_LIVES:
        size = 2 * len(kept.rank) + spare
        more["lives"] = _wider(kept.lives, size * K.LIFE_COLUMNS)
        more["drawn"] = _wider(kept.drawn.view(np.int64), size * 2 * K.LANES).view(np.float64)
        more |= {"rank": _longer(kept.rank, size), "visits": _longer(kept.visits, size)}
    if need & K.NEED_CARES:
        more["cares"] = _wider(kept.cares, 2 * len(kept.cares))
    if need & K.NEED_EVENTS:
        size = 2 * len(kept.near_key) + spare
        more["events"] = _wider(kept.events, size * K.EVENT_COLUMNS)
        more |= {name: _longer(getattr(kept, name), size) for name in ("near_key", "near_event")}
    if need & K.NEED_ROWS:
        done = int(kept.now[K.N_ROWS])
        rows = np.empty((5, 2 * kept.rows.shape[1] + 1_024), dtype=np.int64)
        rows[:, :done] = kept.rows[:, :done]
        more["rows"] = rows
    return kept._replace(**more)


def measures_met(pathway: Pathway) -> tuple[Ints, Ints]:
    """Which measures count somebody who reaches a stage, and who takes a branch: one bit each, shapes (n,), (D, B)."""
    stages, branches = np.zeros(len(pathway.stages), dtype=np.int64), np.zeros(pathway.branch_to.shape, dtype=np.int64)
    for bit, measure in enumerate(MEASURES):
        stages[[name == measure for name in pathway.counts_as]] |= 1 << bit
        for row, of_branches in enumerate(pathway.branch_counts_as):
            for branch, names in enumerate(of_branches):
                branches[row, branch] |= (measure in names.split()) << bit
    return stages, branches


def counted_nothing(fixed: K.Fixed) -> K.Sums:
    """Nothing is summed, except that rows are counted."""
    cubes = ("start_pence", "days", "pence_days", "unpriced", "live", "branch")
    shapes = {"waited": 1, **dict.fromkeys(cubes, 3)}
    empty = {name: np.zeros((0,) * shapes.get(name, 2), dtype=np.int64) for name in K.Sums._fields}
    rows = len(fixed.month_starts) * int(fixed.numbers[K.F_STAGES]) * K.EVENTS
    return K.Sums(**empty | {"flow": np.zeros(rows, dtype=np.int64)})
