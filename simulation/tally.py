"""Flows, waits, census and package-days: whole numbers counted from a trace by pure functions.

Everything is an integer, so that sums do not depend on the order of addition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from agents.codes import Event, Kind, Measure
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.pathway import Pathway
from simulation.population import Finder, Population
from simulation.spells import care_of
from simulation.trace import Trace
from simulation.working_time import NEVER

Ints = NDArray[np.int64]

_REACHED = {
    Kind.ARRIVAL: Event.CONTACT,
    Kind.SERVICE: Event.JOIN,
    Kind.DECISION: Event.BRANCH,
    Kind.SET: Event.SET,
    Kind.PACKAGE: Event.PACKAGE_START,
    Kind.OUTCOME: Event.OUTCOME,
}
"""The row that says a person has reached a stage."""

MEASURES: tuple[str, ...] = get_args(Measure)
"""What people are counted by, whatever the stage is called in a model."""

LATENT = ("eligible_need", "eligible_need_without_package")
"""Counts that use the latent eligible need; they rest on an assumption."""


@dataclass(frozen=True)
class Axes:
    """Names along the axes of the tallies."""

    sources: tuple[str, ...]
    groups: tuple[str, ...]
    care_types: tuple[str, ...]
    years: tuple[str, ...]
    months: tuple[str, ...]
    decisions: tuple[str, ...]
    branches: tuple[tuple[str, ...], ...]
    ages: tuple[str, ...] = ()
    """Age bands; empty where nobody asks for them."""


@dataclass(frozen=True)
class Tally:
    """One replication in whole numbers.

    Attributes:
        branch: (decisions, most branches) people who made contact in the first twelve months and took each branch.
        people: (measures + latent, years, sources, groups) people who made contact in a financial year and were
            counted by each measure at any time after.
        starts: (care types, years, sources, groups) packages started by people who made contact in a year.
        start_pence: (2, care types, years, sources, groups) of those whose price is known: their number, and the sum
            of their first prices, in pence a week.
        days: (care types, years, groups) whole days of care given within each financial year, priced stays in places
            (enablement) and care that ran before the start included.
        pence_days: (care types, years, groups) those days × pence a week; divide by 7 for pence. Unpriced care: 0.
        unpriced_days: (care types, years, groups) days of care for which no price is known.
        live: (care types, months, groups) packages running at the end of each month.
        unfinished: (2,) people still waiting or being served at the end of the run, and packages still running.
        ledger: (2, ledger rows, years, groups) people without a package and thousandths of their weekly hours of need,
            by where the need went (``simulation.ledger``); empty where the population has no ledger.
        ages: (measures + latent, years, age bands) the same people as ``people``; empty where nobody asks for them.
    """

    branch: Ints
    people: Ints
    starts: Ints
    start_pence: Ints
    days: Ints
    pence_days: Ints
    unpriced_days: Ints
    live: Ints
    unfinished: Ints
    ledger: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    ages: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def arrays(self) -> dict[str, Ints]:
        """All arrays by name."""
        return dict(self.__dict__)


def axes(pathway: Pathway, groups: tuple[str, ...], calendar: Calendar, ages: tuple[str, ...] = ()) -> Axes:
    """The names along the axes."""
    decisions = tuple(pathway.stages[i] for i in np.flatnonzero(pathway.kind == Kind.DECISION))
    return Axes(
        sources=pathway.sources,
        groups=groups,
        care_types=tuple(sorted({care for care in pathway.care_types if care})),
        years=tuple(name for name, _, _ in calendar.financial_years()),
        months=tuple(f"{calendar.month(i):%Y-%m}" for i in range(calendar.months)),
        decisions=decisions,
        branches=pathway.branch_names,
        ages=ages,
    )


def branch_counts(trace: Trace, pathway: Pathway, keep: NDArray[np.bool_]) -> Ints:
    """People through each branch: shape (decisions, most branches). ``keep`` says which trace rows count."""
    rows = trace.where(keep & (trace.event == Event.BRANCH))
    counts = np.zeros(pathway.branch_to.shape, dtype=np.int64)
    np.add.at(counts, (pathway.decision[rows.stage], rows.value), 1)
    return counts


def waits(trace: Trace, stage: int) -> Ints:
    """Ticks between joining the queue of a stage and being served, for each service started: shape (started,)."""
    here = trace.where((trace.stage == stage) & ((trace.event == Event.JOIN) | (trace.event == Event.START)))
    order = np.argsort(here.person, kind="stable")
    time, event = here.time[order], here.event[order]
    starts = np.flatnonzero(event == Event.START)
    result: Ints = time[starts] - time[starts - 1]
    return result


def what_rows_say(trace: Trace, pathway: Pathway) -> Ints:
    """One number for what each row says: its stage, its event, and the branch where it tells of one."""
    branch = np.where(trace.event == Event.BRANCH, trace.value, 0)
    result: Ints = (trace.stage * len(Event) + trace.event) * pathway.branch_to.shape[1] + branch
    return result


def counts_of(pathway: Pathway, measure: str) -> NDArray[np.bool_]:
    """Which of the numbers of ``what_rows_say`` a measure counts."""
    table = np.zeros((len(pathway.stages), len(Event), pathway.branch_to.shape[1]), dtype=bool)
    if measure == "contact":
        table[:, Event.CONTACT] = True
        return table.ravel()
    for stage, name in enumerate(pathway.counts_as):
        if name == measure:
            table[stage, _REACHED[Kind(pathway.kind[stage])]] = True
    for stage in np.flatnonzero(pathway.kind == Kind.DECISION).tolist():
        for branch, names in enumerate(pathway.branch_counts_as[pathway.decision[stage]]):
            if measure in names.split():
                table[stage, Event.BRANCH, branch] = True
    return table.ravel()


def counted(trace: Trace, pathway: Pathway, measure: str) -> Ints:
    """Identities of the people a measure counts, once each."""
    return np.unique(trace.person[counts_of(pathway, measure)[what_rows_say(trace, pathway)]])


def tally(trace: Trace, pathway: Pathway, people: Population, names: Axes, calendar: Calendar) -> Tally:
    """Everything counted, for one replication."""
    years = calendar.financial_years()
    bounds = np.array([first for _, first, _ in years] + [years[-1][2]]) * MS_PER_DAY
    year = np.searchsorted(bounds, people.time, side="right") - 1
    source, group = people.codes["source"], people.codes["client_group"]
    where = Finder(people)(trace.person)
    contacted = people.held < 0  # those in care at the start are nobody's contacts, though they may make one later
    branch = branch_counts(trace, pathway, (contacted & (people.time < calendar.first_year))[where])
    shape = (len(years), len(names.sources), len(names.groups))
    counts = np.zeros((len(MEASURES) + len(LATENT), *shape), dtype=np.int64)
    ages = np.zeros((len(counts), len(years), len(names.ages)) if names.ages else 0, dtype=np.int64)
    funded = np.zeros(people.size, dtype=bool)
    arrived = np.zeros(people.size, dtype=bool)
    said = what_rows_say(trace, pathway)
    for m, measure in enumerate(MEASURES):
        met = np.zeros(people.size, dtype=bool)
        met[where[counts_of(pathway, measure)[said]]] = True
        met &= contacted
        who = np.flatnonzero(met)
        np.add.at(counts[m], (year[who], source[who], group[who]), 1)
        if names.ages:
            np.add.at(ages[m], (year[who], people.codes["age_band"][who]), 1)
        if measure == "funded_package":
            funded = met.copy()
        elif measure == "contact":
            arrived = met
    funded[where[trace.event == Event.PACKAGE_START]] = True  # also care that begins by another door
    for offset, mask in enumerate((arrived & people.eligible, arrived & people.eligible & ~funded)):
        who = np.flatnonzero(mask)
        np.add.at(counts[len(MEASURES) + offset], (year[who], source[who], group[who]), 1)
        if names.ages:
            np.add.at(ages[len(MEASURES) + offset], (year[who], people.codes["age_band"][who]), 1)
    care, rates = care_of(trace, pathway, where)
    package = pathway.kind[care.stage] == Kind.PACKAGE
    kinds = np.array([names.care_types.index(c) if c else -1 for c in pathway.care_types], dtype=np.int64)
    kind, who_group = kinds[care.stage], group[care.who]
    starts = np.zeros((len(names.care_types), *shape), dtype=np.int64)
    cell = (kind, year[care.who], source[care.who], who_group)
    new = package & ~care.held & contacted[care.who]
    np.add.at(starts, tuple(axis[new] for axis in cell), 1)
    first_price = np.full(len(new), -1, dtype=np.int64)
    priced_care, at_first = np.unique(rates.care, return_index=True)
    first_price[priced_care] = rates.pence[at_first]
    new &= first_price >= 0
    start_pence = np.zeros((2, *starts.shape), dtype=np.int64)
    np.add.at(start_pence[0], tuple(axis[new] for axis in cell), 1)
    np.add.at(start_pence[1], tuple(axis[new] for axis in cell), first_price[new])
    days, pence_days, unpriced = (
        np.zeros((len(names.care_types), len(years), len(names.groups)), dtype=np.int64) for _ in range(3)
    )
    for y, (_, first, stop) in enumerate(years):
        within = np.clip(np.minimum(rates.stop, stop) - np.maximum(rates.first, first), 0, None)
        at = (kind[rates.care], np.full(len(rates.care), y), who_group[rates.care])
        np.add.at(days, at, within)
        priced = rates.pence >= 0
        np.add.at(pence_days, at, np.where(priced, within * rates.pence, 0))
        np.add.at(unpriced, at, np.where(priced, 0, within))
    live = np.zeros((len(names.care_types), calendar.months, len(names.groups)), dtype=np.int64)
    for month, tick in enumerate(calendar.month_starts[1:].tolist()):
        running = package & (care.first < tick) & (care.stop >= tick)
        np.add.at(live, (kind[running], np.full(int(running.sum()), month), who_group[running]), 1)
    # Everybody who came in is on their way until an outcome; care that runs beside keeps nobody from one.
    holds = pathway.goes_on == 0
    here = np.isin(trace.event, (Event.CONTACT, Event.CONTACT_AGAIN))
    came = int(here.sum()) + int(holds[trace.stage[trace.event == Event.HELD]].sum())
    going_on = package & (care.stop == NEVER)
    in_care = int((going_on & holds[care.stage]).sum())
    left = int(np.count_nonzero(trace.event == Event.OUTCOME))
    unfinished = np.array([came - left - in_care, int(going_on.sum())], dtype=np.int64)
    return Tally(branch, counts, starts, start_pence, days, pence_days, unpriced, live, unfinished, ages=ages)
