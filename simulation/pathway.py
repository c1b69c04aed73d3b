"""A compiled pathway: flat arrays that an engine reads, and nothing else.

Stages, teams and person types are numbers; names stand beside them for people. The content hash covers every array
and name, so two pathways with one hash give the same trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.people import Types

if TYPE_CHECKING:
    import networkx as nx

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNLIMITED = -1
NO_PRICE = -1


def padded(rows: Sequence[Sequence[int | tuple[int, ...]]], width: int = 0) -> Ints:
    """Rows of unequal length as one array, filled up with -1: shape (rows, longest) or (rows, longest, ``width``)."""
    longest = max((len(row) for row in rows), default=0)
    shape = (len(rows), longest, width) if width else (len(rows), longest)
    table = np.full(shape, -1, dtype=np.int64)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            table[i, j] = entry
    return table


@dataclass(frozen=True, eq=False)  # itself and no other: arrays have no one answer
class Pathway:
    """The arrays. n stages, T person types, D decisions, M calendar tables (1, or 12), B branches at most.

    Shapes and units:
        branch_counts_as: (D, B) the measures a branch counts as, with spaces between.
        kind, following, team, draw_duration, draw_branch: (n,); ``following`` is the next stage, -1 if none;
        ``draw_*`` are 32-bit draw ids.
        duration, priority: (n, T); ``duration`` is a row of ``tables``, -1 if none.
        becomes: (n, T); the type a person has after a ``set`` stage.
        decision: (n,); the row of the decision arrays, -1 if none.
        branches: (D,); how many branches. ``branch_to``: (D, B).
        cumulative: (D, M, T, B); cumulative probabilities, 1 from the last branch on.
        follows_need: (D,); weight of the need rank.
        scale_at: (D, M, T, 2); start and length of the rows of scale_rank and scale_standing; length 0: even.
        team_size: (teams,); practitioners at the start, -1 for unlimited.
        team_roster: (teams, R, 2); absolute month (year × 12 + month − 1) and practitioners from then on; -1 fills up.
        team_spans: (teams, S, 3); weekday, opening and closing minute; -1 fills up; none: always open.
        team_holidays: (teams,); 1 where bank holidays are closed.
        team_effort: (teams,); factor on the length of work.
        tables: (k, 2 × KNOTS) quantile tables in ticks.
        pence_per_week: (n, T); gross weekly price of a package, -1 where none is known.
        entry: (sources,); the stage where contacts from each source of the demand file come in, -1 if none.
        once: (D,); 1 where a person decides once for all episodes.
        delay: (n, T); row of ``tables``: longest wait (service, places) or lead time (appointments), -1 if none.
        draw_delay, draw_attend, draw_size: (n,) draw ids. draw_pays: () the draw id of a person's contribution.
        gives_up: (n,); the stage after too long a wait or too many missed appointments, -1 if none.
        rebookings: (n,). misses: (n, T) probability that an appointment is missed.
        slots: (n, S, 4); weekday, minute, people and site; -1 fills up. slot_holidays: (n,); 1: closed on holidays.
        unlimited_slots: (n,); 1 where every lead time finds a slot.
        hazards, forks, replaces: (n, H), (n, F), (n, R); stages of kind hazard, fork and package; -1 fills up.
        goes_on: (n,); 1 where care runs beside.
        set_need: (n, 2); new rank = first × rank + second. set_care: (n,); thousandths, 0 ends care, -1 leaves it.
        again: (n, T) probability of a new episode. again_at: (n,); its stage, -1 for the arrival. died: (n,).
        size, pays: (n, T); rows of ``tables`` in thousandths, -1 if none. size_weight: (n, T) weight of need.
        size_at: (n, T, 2); as scale_at, for the people who take a package.
        recovered: (n, T); thousandths of the price that come back.
        age: (n, T); row of ``tables`` with how long care held at the start has run, -1 if nobody holds it.
        adopts: (D,) or empty; row of ``adoption``, -1 if none. Who decides there goes by the new model if their draw
        lies below the adoption of the month; their shares are 0, ½ (the new model) and 1 (today's), or 1 at once for
        those who keep today's way.
        adoption: (rows, months of the run); share of practice that is the new model's; its last month goes on.
    """

    name: str
    title: str
    stages: tuple[str, ...]
    own_names: tuple[str, ...]
    titles: tuple[str, ...]
    care_types: tuple[str, ...]
    counts_as: tuple[str, ...]
    need_goes: tuple[str, ...]
    branch_names: tuple[tuple[str, ...], ...]
    branch_counts_as: tuple[tuple[str, ...], ...]
    teams: tuple[str, ...]
    sources: tuple[str, ...]
    types: Types
    kind: Ints
    following: Ints
    team: Ints
    draw_duration: Ints
    draw_branch: Ints
    duration: Ints
    priority: Ints
    becomes: Ints
    decision: Ints
    branches: Ints
    branch_to: Ints
    cumulative: Floats
    follows_need: Floats
    scale_at: Ints
    scale_rank: Floats
    scale_standing: Floats
    team_size: Ints
    team_roster: Ints
    team_spans: Ints
    team_holidays: Ints
    team_effort: Floats
    tables: Ints
    pence_per_week: Ints
    entry: Ints
    once: Ints
    delay: Ints
    draw_delay: Ints
    draw_attend: Ints
    draw_size: Ints
    draw_pays: Ints
    gives_up: Ints
    rebookings: Ints
    misses: Floats
    slots: Ints
    slot_holidays: Ints
    unlimited_slots: Ints
    hazards: Ints
    forks: Ints
    replaces: Ints
    goes_on: Ints
    set_need: Floats
    set_care: Ints
    again: Floats
    again_at: Ints
    died: Ints
    size: Ints
    pays: Ints
    size_weight: Floats
    size_at: Ints
    recovered: Ints
    age: Ints
    adopts: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    adoption: Floats = field(default_factory=lambda: np.zeros((0, 1)))

    @property
    def months(self) -> int:
        """12 if any probability changes with the calendar month, else 1."""
        return int(self.cumulative.shape[1])

    @property
    def unlimited(self) -> bool:
        """Whether nobody ever waits for anybody: then people do not touch each other's lives."""
        booked = self.kind == Kind.APPOINTMENTS
        return bool(np.all(self.team_size == UNLIMITED)) and not np.any(booked & (self.unlimited_slots == 0))

    @property
    def meets_again(self) -> bool:
        """Whether anybody can meet a stage twice in an episode: by a loop, a rebooking, a review or a second hazard."""
        again = (Kind.APPOINTMENTS, Kind.FORK, Kind.HAZARD)
        changes = self.adopts.size > 0  # from one model's stage to the other's of the same name
        if changes or np.isin(self.kind, again).any():
            return True
        import networkx as nx  # a worker that is handed a pathway can mostly do without

        return not nx.is_directed_acyclic_graph(self.network())

    @property
    def met_as(self) -> Ints:
        """The stage under whose number each stage's meetings are counted: shape (n,).

        A stage that two joined models have is one: whoever's practice changes between two reviews has a second review,
        with luck of its own, and not the luck of the first once more.
        """
        first: dict[str, int] = {}
        return np.array([first.setdefault(name, stage) for stage, name in enumerate(self.own_names)], dtype=np.int64)

    @property
    def comes_back(self) -> bool:
        """Whether anybody can contact again."""
        return bool(np.any(self.again > 0))

    def index(self, stage: str) -> int:
        """The number of a stage."""
        return self.stages.index(stage)

    def leads_to(self, stage: int) -> list[int]:
        """The stages that follow a stage within an episode, its reviews and hazards included."""
        row = self.decision[stage]
        if row >= 0:
            return [int(to) for to in self.branch_to[row, : self.branches[row]]]
        onward = [self.following[stage], self.gives_up[stage], *self.hazards[stage], *self.forks[stage]]
        return [int(to) for to in onward if to >= 0]

    def network(self) -> nx.DiGraph[int]:
        """Stage numbers and where they lead."""
        import networkx as nx

        network: nx.DiGraph[int] = nx.DiGraph()
        network.add_nodes_from(range(len(self.stages)))
        network.add_edges_from((stage, to) for stage in range(len(self.stages)) for to in self.leads_to(stage))
        return network

    def content_hash(self) -> str:
        """Hash of everything an engine or a table reads, titles apart; the same on every machine.

        Probabilities are rounded to 12 places first, so that the last bit of a division on another machine does not
        change the name of the same pathway; need scales, which come out of many sums, to 8.
        """
        digest = blake2b(digest_size=16)
        for item in fields(self):
            if item.name in ("name", "title", "titles"):
                continue
            value = getattr(self, item.name)
            if item.name in ("adopts", "adoption") and not self.adopts.size:
                continue
            digest.update(item.name.encode())
            if isinstance(value, np.ndarray):
                digest.update(str(value.shape).encode())
                places = 8 if item.name.startswith("scale_") else 12
                rounded = np.round(value, places) + 0.0 if value.dtype.kind == "f" else value
                digest.update(np.ascontiguousarray(rounded).tobytes())
            else:
                digest.update(repr(value).encode())
        return digest.hexdigest()
