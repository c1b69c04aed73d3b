"""Random worlds lived on both engines, row for row, and a count of what came up in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import networkx as nx
import numpy as np
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from kinds import review_stages
from pathways import worlds
from worlds import Run, World, run_of

from agents.codes import Event, Kind
from experiments.agreement import first_difference, in_words
from simulation import engine_compiled, engine_simpy
from simulation.errors import DemandflowError
from simulation.pathway import UNLIMITED
from simulation.trace import Trace


def difference(one: Trace, other: Trace, run: Run) -> str | None:
    """The first row that differs, as both engines tell it; None where the traces are the same, row for row."""
    if one.same_as(other):
        return None
    at = first_difference(one, other)
    assert at is not None, "the two comparisons of traces do not agree"
    says = [
        f"{name}: {in_words(trace, at, run.pathway, run.calendar)}"
        for name, trace in (("simpy", one), ("compiled", other))
    ]
    return f"row {at + 1:,} of {one.rows:,} and {other.rows:,}; {'; '.join(says)}"


def agreed(run: Run) -> Trace:
    """The trace of both engines; an error names the first row that differs."""
    slow, quick = engine_simpy.run(*run), engine_compiled.run(*run)
    told = difference(slow, quick, run)
    assert told is None, told
    return slow


def features(world: World, run: Run, trace: Trace) -> dict[str, bool]:
    """What engines go wrong by, and whether a world has it."""
    pathway, people = run.pathway, run.people
    rosters = pathway.team_roster[..., 1]
    nothing = (pathway.team_roster[..., 0] >= 0) & (rosters == 0)
    _, at_once = np.unique(trace.time, return_counts=True)
    return {
        "opening hours": bool(np.any(pathway.team_spans >= 0)),
        "longer work": bool(np.any(pathway.team_effort != 1.0)),
        "a roster that falls to nothing": bool(nothing.any()),
        "places by month": bool(np.any(rosters[[name in pathway.stages for name in pathway.teams]] >= 0)),
        "unlimited teams": bool(np.any(pathway.team_size == UNLIMITED)),
        "priorities": bool(np.any(pathway.priority > 0)),
        "slots": bool(pathway.slots.size),
        "probabilities by month": pathway.months > 1,
        "decisions that follow need": bool(np.any(pathway.follows_need > 0)),
        "models joined": world.other is not None,
        "models that change": bool(pathway.adopts.size),
        "decided once": bool(pathway.once.any()),
        "care beside": bool(pathway.goes_on.any()),
        "care replaced by another type": bool(np.any((pathway.replaces >= 0).sum(axis=1) > 1)),
        "care without an end": bool(np.any(pathway.duration[pathway.kind == Kind.PACKAGE] < 0)),
        "sizes by need": bool(np.any((pathway.size >= 0) & (pathway.size_weight > 0))),
        "contributions": bool(np.any(pathway.pays >= 0)),
        "several reviews of one care": bool(np.any((pathway.forks >= 0).sum(axis=1) > 1)),
        "several hazards of one wait": bool(np.any((pathway.hazards >= 0).sum(axis=1) > 1)),
        "reviews": bool(review_stages(pathway)),
        "changes of need": bool(np.any(pathway.set_need != (1.0, 0.0))),
        "changes of the person": bool(np.any(pathway.becomes != np.arange(pathway.types.count))),
        "returns elsewhere": bool(np.any(pathway.again_at >= 0)),
        "deaths": bool(pathway.died.any()),
        "loops": not nx.is_directed_acyclic_graph(pathway.network()),
        "several doors": bool(np.sum(pathway.entry >= 0) > 1),
        "contacts without a door": bool(np.any(pathway.entry[people.codes["source"]] < 0)),
        "in care at the start": bool(np.any(people.held >= 0)),
        "nobody": people.size == 0,
        "one": people.size == 1,
        "two hundred": people.size >= 200,
        "identities of 63 bits": bool(np.any(people.person >= 2**62)),
        "people made by the demand": world.people is None,
        "many rows in one millisecond": bool(at_once.max(initial=0) >= 20),
        "an end within a day": run.end % 86_400_000 != 0,
        "an end before anything": bool(run.end <= 1),
        "a year and more": run.end > 366 * 86_400_000,
        "no rows": trace.rows == 0,
        "three thousand rows": trace.rows >= 3_000,
        "another month than April": run.calendar.start.month != 4,
    }


@dataclass
class Came:
    """What came up in worlds that were really lived on both engines.

    Attributes:
        worlds, rows: lived. refused: drawn, and refused by the compiler. different: pathways drawn, each once.
        events, kinds: worlds with a row of each kind in their trace, and with a stage of each kind.
        features: worlds with each of ``features``.
    """

    worlds: int = 0
    rows: int = 0
    refused: int = 0
    different: set[bytes] = field(default_factory=set)
    events: Counter[Event] = field(default_factory=Counter)
    kinds: Counter[Kind] = field(default_factory=Counter)
    features: Counter[str] = field(default_factory=Counter)

    @staticmethod
    def key(world: World) -> bytes:
        """The pathway, whoever lives in it."""
        of = replace(world, people=None, end=0, months=0, start=(0, 0), seed=0, replication=0)
        return blake2b(repr(of).encode(), digest_size=8).digest()

    def add(self, world: World, run: Run, trace: Trace) -> None:
        """Count a world."""
        self.worlds += 1
        self.rows += trace.rows
        self.events.update(Event(event) for event in np.unique(trace.event).tolist())
        self.kinds.update(Kind(kind) for kind in np.unique(run.pathway.kind).tolist())
        self.features.update({name: int(there) for name, there in features(world, run, trace).items()})

    def rare(self, least: int, of_features: int) -> list[str]:
        """Kinds of row and of stage that fewer than ``least`` worlds have, and features that hardly any has."""
        known = [(each.name, self.events[each]) for each in Event] + [(each.name, self.kinds[each]) for each in Kind]
        rare = [(name, number) for name, number in known if number < least]
        rare += [(name, number) for name, number in self.features.items() if number < of_features]
        return [f"{name}: {number}" for name, number in rare]


def lived(number: int, luck: int) -> Came:
    """So many different random pathways on both engines, each in a world of its own; the same for the same ``luck``.

    Hypothesis also draws again what differs in nothing: that is passed over.

    An engine that differs fails with the smallest world that Hypothesis finds, as Python, and the first row that
    differs.
    """
    came = Came()

    @seed(luck)
    @settings(
        max_examples=2 * number, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(worlds())
    def both(world: World) -> None:
        key = came.key(world)
        if came.worlds == number or key in came.different:
            return
        try:
            run = run_of(world)
        except DemandflowError:
            came.refused += 1
            came.different.add(key)
            reject()
        trace = agreed(run)
        came.different.add(key)  # not before: a world that fails is lived again while Hypothesis makes it smaller
        came.add(world, run, trace)

    both()
    return came


def at_length(luck: int, number: int = 1_000) -> None:
    """One of twelve parts of 12,000 random pathways; together they hold some of every rare thing."""
    came = lived(number, 1000 + luck)
    assert came.worlds == number
    assert came.rows > 100 * number
    assert came.refused < number // 20
    assert came.rare(5, 2) == [], "too few worlds to prove anything of these"
