"""Sums without a trace: what the compiled engine counts as it goes. Memory goes with the people who are there.

The same whole numbers as ``tally`` reads from a trace (tests compare them), and beside them monthly flows, waits as
histograms, and for each person, where asked for, what they met and what their care cost, in 16 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.codes import Event
from simulation import kernel_layout as K
from simulation.admission import Arrivals, arrivals
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.engine_compiled import advanced
from simulation.kernel_tables import tables_of
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.tally import LATENT, MEASURES, Axes, Tally
from simulation.working_time import NEVER

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Summaries:
    """What one replication came to, in whole numbers.

    Attributes:
        tally: as ``simulation.tally.tally`` counts it, without the ledger.
        flow: (months until the end, stages, events) rows of each kind that a trace would hold.
        branch: (decisions, most branches) how often each branch was taken.
        waits: (stages, WAIT_BINS) how long people waited from joining to being seen (``wait_edges``).
        waited: (stages,) the same summed, in ticks; how many were seen is in ``flow`` (START).
        outcomes: (people, 2) for each person of the population what they met (one bit a measure, in their order; bit 40
            for a package that started) and the pence-days of their care, 7 times its pence; None where not asked for.
        people: how many came in or were in care. most: the most who were there at once, each care that is reviewed
            counted beside its person.
    """

    tally: Tally
    flow: Ints
    branch: Ints
    waits: Ints
    waited: Ints
    outcomes: Ints | None
    people: int
    most: int

    @property
    def rows(self) -> int:
        """How many rows a trace would have."""
        return int(self.flow.sum())


def wait_edges() -> Ints:
    """The shortest wait, in ticks, of each bin of ``Summaries.waits``: shape (WAIT_BINS,)."""
    bins = np.arange(K.WAIT_BINS)
    octave = np.maximum(bins // 4 - 1, 0)
    return (np.where(bins < 8, bins, (bins % 4 + 4) << octave) << 10).astype(np.int64)


def summaries(
    pathway: Pathway,
    people: Population | Iterable[tuple[Population, int]],
    calendar: Calendar,
    end: int,
    seed: int,
    replication: int,
    names: Axes,
    outcomes: bool = False,
    cancel: Ints | None = None,
) -> Summaries:
    """One replication, from tick 0 to ``end``, as sums.

    Args:
        people: everybody, or parts of them in order, each with a tick before which the next part does not begin.
        names: the axes of the tally (``tally.axes``). outcomes: whether to keep each person's.
        cancel: an array of one number, looked at every 10,000 events: anything but 0 stops the run.

    Raises:
        DemandflowError: a limit of the engine. Cancelled: by ``cancel``. MemoryError: not enough memory.
    """
    tables = tables_of(pathway, calendar, end, seed, replication, names)
    parts = iter([(people, end)] if isinstance(people, Population) else people)
    first = next(parts, None)
    kept = tables.at_start(False, *_expected(first, calendar))
    sums = _nothing_yet(pathway, calendar, end, names)
    size = 0
    for part, until in chain([first] if first else [], parts):
        coming = arrivals(part, pathway, seed, replication)
        table = _counted(coming, part, size, calendar, names)
        size += part.size
        if outcomes:
            more = np.zeros((size, K.OUTCOME_COLUMNS), dtype=np.int64)
            more[: len(sums.outcomes)] = sums.outcomes
            sums = sums._replace(outcomes=more)
        kept = advanced(pathway, tables.fixed, kept, sums, table, until, cancel)
    kept = advanced(pathway, tables.fixed, kept, sums, _nobody(), end, cancel)
    _close(tables.fixed, kept, sums)
    return Summaries(
        tally=_tally(pathway, kept, sums, calendar, names),
        flow=sums.flow.reshape(-1, len(pathway.stages), K.EVENTS),
        branch=sums.branch[0],
        waits=sums.waits,
        waited=sums.waited,
        outcomes=sums.outcomes if outcomes else None,
        people=size,
        most=int(kept.now[K.N_MOST_LIVES]),
    )


def _expected(first: tuple[Population, int] | None, calendar: Calendar) -> tuple[int, int]:
    """How many people come, if as many contacts go on as in the first part; and how many hold care at the start."""
    if first is None:
        return 0, 0
    people, until = first
    contacts = int((people.held < 0).sum())
    held = people.size - contacts
    seen = max(min(until, calendar.end), int(people.time.max(initial=0)), 1)  # a run may end before its people do
    return held + contacts * calendar.end // seen, held


def _nothing_yet(pathway: Pathway, calendar: Calendar, end: int, names: Axes) -> K.Sums:
    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    stages, months = len(pathway.stages), len(calendar.month_starts_until(end))
    kinds, years, groups = len(names.care_types), len(names.years), len(names.groups)
    cells = years * len(names.sources) * groups * _bands(names)
    return K.Sums(
        flow=zeros(months * stages * K.EVENTS),
        waits=zeros(stages, K.WAIT_BINS),
        waited=zeros(stages),
        branch=zeros(2, *pathway.branch_to.shape),
        people=zeros(len(MEASURES) + len(LATENT), cells),
        starts=zeros(kinds, cells),
        start_pence=zeros(2, kinds, cells),
        days=zeros(kinds, years, groups),
        pence_days=zeros(kinds, years, groups),
        unpriced=zeros(kinds, years, groups),
        live=zeros(kinds, max(months, calendar.months), groups),
        outcomes=zeros(0, K.OUTCOME_COLUMNS),
    )


def _bands(names: Axes) -> int:
    """How many age bands each client group is told apart by; one where nobody asks."""
    return max(1, len(names.ages))


def _nobody() -> K.Coming:
    none = np.zeros(0, dtype=np.int64)
    columns: dict[str, Any] = {name: np.zeros(0) if name == "rank" else none for name in K.Coming._fields}
    return K.Coming(**columns)


def _counted(coming: Arrivals, people: Population, before: int, calendar: Calendar, names: Axes) -> K.Coming:
    """Those who come in, with what they are counted by; ``before`` people came in earlier parts.

    Nobody in care at the start is a contact, though they may make one later.
    """
    years = calendar.financial_years()
    bounds = np.array([first for _, first, _ in years] + [years[-1][2]]) * MS_PER_DAY
    starts = np.searchsorted(coming.time, bounds[1:])  # people come in order, so that few places have to be found
    year = np.repeat(np.arange(len(bounds)), np.diff(starts, prepend=0, append=len(coming.time)))
    everybody = len(coming.place) == people.size

    def of(column: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(column if everybody else column[coming.place])

    source, group, held = of(people.codes["source"]), of(people.codes["client_group"]), of(people.held) >= 0
    cell = (year * len(names.sources) + source) * len(names.groups) + group
    if names.ages:
        cell = cell * len(names.ages) + of(people.codes["age_band"])
    cell[held] = -1
    flags = of(people.eligible) * np.int64(K.MET_ELIGIBLE)
    flags |= (~held & (coming.time < calendar.first_year)) * np.int64(K.MET_FIRST_YEAR)
    columns = coming.columns() | {"place": coming.place + before}
    return K.Coming(**columns, cell=cell, group=group, flags=flags)


def _live_care(kept: K.Kept, *columns: int) -> list[Ints]:
    """Some columns of the care that goes on."""
    cares = kept.cares.reshape(-1, K.CARE_COLUMNS)
    rows = np.flatnonzero(cares[: int(kept.now[K.N_TOP_CARE]) // K.CARE_COLUMNS, K.C_TOLD] >= 0)
    return [cares[rows, column] for column in columns]


def _close(fixed: K.Fixed, kept: K.Kept, sums: K.Sums) -> None:
    """Count the days of what goes on beyond the end: care, and priced stays in places."""
    lives = kept.lives.reshape(-1, K.LIFE_COLUMNS)
    own, stage, since, pence = _live_care(kept, K.C_OWNER, K.C_STAGE, K.C_TOLD, K.C_WEEKLY)
    stay = np.flatnonzero(lives[:, K.P_STATE] == K.STAYING)
    at = lives[stay, K.P_STAGE]
    stay, at = stay[(priced := fixed.stage[at, K.S_CARE_TYPE] >= 0)], at[priced]
    rows = np.concatenate([own >> K.LIFE_BITS, stay])
    group, place = lives[rows, K.P_GROUP], lives[rows, K.P_PLACE]
    since = np.concatenate([since, lives[stay, K.P_NOTE]])
    pence = np.concatenate([pence, fixed.by_type[at, lives[stay, K.P_TYPE], K.Q_PENCE]])
    kind = fixed.stage[np.concatenate([stage, at]), K.S_CARE_TYPE]
    shape = sums.days.shape
    by_kind, by_place = _Summed(kind * shape[2] + group, shape[0] * shape[2]), _Summed(place, len(sums.outcomes))
    for year, (first, stop) in enumerate(zip(fixed.year_days[:-1], fixed.year_days[1:], strict=True)):
        within = np.clip(np.minimum(NEVER // MS_PER_DAY, stop) - np.maximum(since, first), 0, None)
        priced = pence >= 0
        cost = np.where(priced, within * pence, 0)
        for table, amount in (
            (sums.days, within),
            (sums.pence_days, cost),
            (sums.unpriced, np.where(priced, 0, within)),
        ):
            table[:, year] += by_kind(amount).reshape(shape[0], shape[2])
        if len(sums.outcomes):
            sums.outcomes[:, K.O_PENCE_DAYS] += by_place(cost)


class _Summed:
    """Adds amounts up by their place among so many. In whole numbers; floats would do up to 2^53 only."""

    def __init__(self, place: Ints, places: int) -> None:
        self._order = np.argsort(place, kind="stable")
        self._ends = np.searchsorted(place[self._order], np.arange(places + 1))

    def __call__(self, amount: Ints) -> Ints:
        total = np.concatenate([[0], np.cumsum(amount[self._order])])
        result: Ints = np.diff(total[self._ends])
        return result


def _tally(pathway: Pathway, kept: K.Kept, sums: K.Sums, calendar: Calendar, names: Axes) -> Tally:
    cells = (len(names.years), len(names.sources), len(names.groups), _bands(names))
    met, starts = sums.people.reshape(-1, *cells), sums.starts.reshape(-1, *cells)
    rows = sums.flow.reshape(-1, len(pathway.stages), K.EVENTS).sum(axis=0)
    holds = pathway.goes_on == 0
    (care,) = _live_care(kept, K.C_STAGE)
    came = rows[:, [Event.CONTACT, Event.CONTACT_AGAIN]].sum() + rows[holds, Event.HELD].sum()
    under_way = came - rows[:, Event.OUTCOME].sum() - holds[care].sum()
    return Tally(
        branch=sums.branch[1],
        people=met.sum(axis=-1),
        starts=starts.sum(axis=-1),
        start_pence=sums.start_pence.reshape(2, -1, *cells).sum(axis=-1),
        days=sums.days,
        pence_days=sums.pence_days,
        unpriced_days=sums.unpriced,
        live=np.cumsum(sums.live, axis=1)[:, : calendar.months],
        unfinished=np.array([under_way, len(care)], dtype=np.int64),
        ages=met.sum(axis=(2, 3)) if names.ages else np.zeros(0, dtype=np.int64),
    )
