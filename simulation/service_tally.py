"""A whole service in one replication, in whole numbers counted from its trace by pure functions.

Everything is an integer, so that sums do not depend on the order of addition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from agents.codes import Event, Kind
from simulation import census, sequels, workload
from simulation.affected import affected
from simulation.ledger import LedgerShares, ledger, where_need_went
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.service_axes import Ints, Mask, ServiceAxes
from simulation.spells import Lives, care_of, lives, spells
from simulation.tally import MEASURES
from simulation.trace import Trace
from simulation.working_time import Windows

CONTACTS = ("contacts", "people", "first_contacts", "repeats")
"""What a tally of contacts holds; ``people`` are different people who made contact in the year."""

_REACHED = {
    Kind.ARRIVAL: (Event.CONTACT, Event.CONTACT_AGAIN),
    Kind.SERVICE: (Event.JOIN,),
    Kind.APPOINTMENTS: (Event.JOIN,),
    Kind.PLACES: (Event.START,),
    Kind.DECISION: (Event.BRANCH,),
    Kind.SET: (Event.SET,),
    Kind.PACKAGE: (Event.PACKAGE_START,),
    Kind.OUTCOME: (Event.OUTCOME,),
}
"""The rows that say a person has reached a stage; a place is reached when the stay begins."""


@dataclass(frozen=True)
class ServiceTally:
    """One replication of a service.

    Attributes:
        contacts: (len(CONTACTS), years, groups).
        events: (measures, years, groups); each episode counts once for each measure, in the year it first meets it.
        branch: (decisions, most branches, years) people through each branch.
        started, admissions: see ``census``. in_care: (care types + sets, months + 1, groups).
        money: (len(MONEY), care types, years, groups). stays: (2, care types, groups, bins).
        waits: (stages, years, len(WAIT)). since_contact: (len(SINCE_CONTACT), years, len(WAIT)).
        hours: (teams, months) ticks. demanded: (3, stages, years). present: (2, stages, months + 1).
        early: the same at the start of each month that does not count: (2, stages, warm-up months).
        reviews: (forks, years, len(REVIEWS)). enablement: (len(ENABLEMENT), years, groups).
        ledger: (2, len(LEDGER), years, groups) people, and thousandths of their hours a week.
        lost: (1,) people who made contact, have no outcome at the end of the run, and are nowhere.
        affected: (len(AFFECTED), years, cells), see ``simulation.affected``; or empty.
    """

    contacts: Ints
    events: Ints
    branch: Ints
    started: Ints
    admissions: Ints
    in_care: Ints
    money: Ints
    stays: Ints
    waits: Ints
    since_contact: Ints
    hours: Ints
    demanded: Ints
    present: Ints
    early: Ints
    reviews: Ints
    enablement: Ints
    ledger: Ints
    lost: Ints
    affected: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def arrays(self) -> dict[str, Ints]:
        """All arrays by name."""
        return dict(self.__dict__)


def contacts(seen: Lives, axes: ServiceAxes) -> Ints:
    """Contacts, people, first and repeated contacts: shape (len(CONTACTS), years, groups)."""
    trace, group = seen.trace, seen.people.codes["client_group"]
    table = np.zeros((len(CONTACTS), len(axes.years), len(axes.groups)), dtype=np.int64)
    rows = np.flatnonzero(np.isin(trace.event, (Event.CONTACT, Event.CONTACT_AGAIN)) & seen.counted)
    year = axes.year_of(trace.time[rows])
    rows, year = rows[year >= 0], year[year >= 0]
    who, first = seen.who[rows], trace.event[rows] == Event.CONTACT
    people = np.unique(who * len(axes.years) + year)
    for row, (whose, when) in enumerate((
        (who, year),
        (people // len(axes.years), people % len(axes.years)),
        (who[first], year[first]),
        (who[~first], year[~first]),
    )):  # fmt: skip
        np.add.at(table[row], (when, group[whose]), 1)
    return table


def _met(pathway: Pathway, trace: Trace, measure: str) -> Mask:
    """Rows by which a measure counts somebody: shape (rows,)."""
    by_stage = np.array([name == measure for name in pathway.counts_as], dtype=bool)
    reached = np.zeros((len(pathway.stages), len(Event)), dtype=bool)
    for kind, events in _REACHED.items():
        for event in events:
            whole = kind == Kind.ARRIVAL and measure == "contact"
            reached[(pathway.kind == kind) & (by_stage | whole), event] = True
    if measure == "contact":
        reached[:, [Event.CONTACT, Event.CONTACT_AGAIN]] = True  # a new episode may come in past the door
    result = reached[trace.stage, trace.event]
    if len(pathway.branches):
        branch = np.zeros(pathway.branch_to.shape, dtype=bool)
        for row, names in enumerate(pathway.branch_counts_as):
            branch[row, : len(names)] = [measure in name.split() for name in names]
        told = np.flatnonzero(trace.event == Event.BRANCH)
        result[told] |= branch[pathway.decision[trace.stage[told]], trace.value[told]]
    return result


def _counting(seen: Lives, measure: str) -> Ints:
    """Rows by which a measure counts people, the first in each episode; reviews do not count."""
    rows = np.flatnonzero(_met(seen.pathway, seen.trace, measure) & ~seen.reviewing & seen.counted)
    episodes = int(seen.episode.max(initial=0)) + 1
    _, once = np.unique(seen.who[rows] * episodes + seen.episode[rows], return_index=True)
    result: Ints = rows[once]
    return result


def events(seen: Lives, axes: ServiceAxes) -> Ints:
    """What happened in each year by measure: shape (measures, years, groups). Reviews are not among it."""
    trace, group = seen.trace, seen.people.codes["client_group"]
    table = np.zeros((len(MEASURES), len(axes.years), len(axes.groups)), dtype=np.int64)
    for row, measure in enumerate(MEASURES):
        rows = _counting(seen, measure)
        year = axes.year_of(trace.time[rows])
        np.add.at(table[row], (year[year >= 0], group[seen.who[rows]][year >= 0]), 1)
    return table


def branches(seen: Lives, axes: ServiceAxes) -> Ints:
    """People through each branch, in reviews too: shape (decisions, most branches, years)."""
    trace, pathway = seen.trace, seen.pathway
    table = np.zeros((*pathway.branch_to.shape, len(axes.years)), dtype=np.int64)
    rows = np.flatnonzero(trace.event == Event.BRANCH)
    year = axes.year_of(trace.time[rows])
    rows, year = rows[year >= 0], year[year >= 0]
    np.add.at(table, (pathway.decision[trace.stage[rows]], trace.value[rows], year), 1)
    return table


def service_tally(
    trace: Trace,
    pathway: Pathway,
    people: Population,
    axes: ServiceAxes,
    windows: Sequence[Windows | None],
    shares: LedgerShares,
    hospital: int,
    seed: int,
    replication: int,
) -> ServiceTally:
    """Everything counted, for one replication.

    ``windows`` are the teams' opening hours (``workload.opening``), ``hospital`` the code of that source or -1.
    """
    seen = lives(trace, pathway, people, axes.counted_sources)
    found = spells(seen)
    cared, rates = care_of(trace, pathway, seen.who)
    group = people.codes["client_group"]
    counted = np.array(axes.counted_sources, dtype=bool)[people.codes["source"]]
    went = where_need_went(seen, found, cared, shares, axes, seed, replication)
    return ServiceTally(
        contacts=contacts(seen, axes),
        events=events(seen, axes),
        branch=branches(seen, axes),
        started=census.started(cared, group, axes),
        admissions=census.admissions(cared, group, counted, axes),
        in_care=census.in_care(cared, group, axes),
        money=census.spend(cared, rates, pathway.recovered, group, axes),
        stays=census.stays(cared, group, axes, trace.end),
        waits=workload.waits(found, axes),
        since_contact=workload.since_contact(seen, found, axes),
        hours=workload.hours(found, pathway, windows, axes, trace.end),
        demanded=workload.demanded(found, pathway, windows, axes),
        present=workload.present(found, cared, pathway, axes.month_ticks),
        early=workload.present(found, cared, pathway, axes.early_ticks),
        reviews=sequels.reviews(seen, axes),
        enablement=sequels.enablement(seen, found, cared, hospital, axes),
        ledger=ledger(went, people, axes),
        lost=_lost(seen),
        affected=affected(seen, found, went, axes, *(_counting(seen, name) for name in ("contact", "funded_package"))),
    )


def _lost(seen: Lives) -> Ints:
    """People whose last row of their own path leads on, and nothing follows: nobody may be."""
    trace, pathway = seen.trace, seen.pathway
    passing = np.isin(pathway.kind, (Kind.ARRIVAL, Kind.DECISION, Kind.SET))
    # At these stages no time passes; somebody whose last row stands at one went nowhere. Reviews end there rightly.
    order = np.argsort(seen.who, kind="stable")
    who = seen.who[order]
    last = order[np.flatnonzero(np.append(who[1:] != who[:-1], True))] if len(who) else order
    stuck = passing[trace.stage[last]] & ~seen.reviewing[last]
    return np.array([int(stuck.sum())], dtype=np.int64)
