"""Where the need of people without Council-funded care went; what nobody meets is possibly unmet, never left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.codes import Event
from simulation.identity import draw_id
from simulation.philox import first_of_each
from simulation.population import Population
from simulation.service_axes import Ints, Mask, ServiceAxes
from simulation.spells import Care, Lives, Spells
from simulation.working_time import NEVER
from simulation.workload import stages_of

LEDGER = (
    "died",
    "self_funds",
    "no_eligible_need",
    "declined",
    "met_by_carer",
    "met_by_community",
    "possibly_unmet",
    "enablement_only",
)
"""Rows of the ledger. ``enablement_only``: had enablement or another funded stay in the episode, and nothing after."""

HOUR_PARTS = 1_000
"""Hours a week are counted in thousandths."""


@dataclass(frozen=True)
class LedgerShares:
    """Shares of eligible need met without the Council: by a carer of those who have one, else in the community."""

    met_by_carer: float
    met_by_community: float
    supported: int
    """Code of the attribute ``informal_support`` that says there is a carer; -1 if none does."""


def _last_of(key: Ints) -> Ints:
    """Places of the last entry of each key, entries in order of time."""
    _, last = np.unique(key[::-1], return_index=True)
    result: Ints = len(key) - 1 - last
    return result


@dataclass(frozen=True)
class Went:
    """Where the need of people without a package went, one entry a person and year: columns of shape (entries,).

    Attributes:
        who: place in the population. year: the one that counts. row: place in ``LEDGER``.
    """

    who: Ints
    year: Ints
    row: Ints


def where_need_went(
    seen: Lives, found: Spells, care: Care, shares: LedgerShares, axes: ServiceAxes, seed: int, replication: int
) -> Went:
    """For each year, everybody whose last outcome in it came without a package in that episode or before.

    Died, then pays for themselves, then no eligible need, then declined, then a draw of their own says whether a carer
    or the community meets it. What none of these takes is possibly unmet.
    """
    trace, people = seen.trace, seen.people
    goes = np.array(seen.pathway.need_goes, dtype=object)
    closing = np.isin(goes, ("", "reviewed", "care_ended"))
    rows = np.flatnonzero((trace.event == Event.OUTCOME) & ~closing[trace.stage] & seen.counted)
    year = axes.year_of(trace.time[rows])
    rows, year = rows[year >= 0], year[year >= 0]
    last = _last_of(seen.who[rows] * len(axes.years) + year)
    rows, year = rows[last], year[last]
    who = seen.who[rows]
    funded = _funded(seen, care, rows)
    episodes = int(seen.episode.max(initial=0)) + 1
    stays = np.array([bool(name) for name in seen.pathway.care_types], dtype=bool)
    stays |= stages_of(seen.pathway, "enablement")
    began = stays[found.stage] & (found.began < NEVER)
    enabled = np.isin(
        who * episodes + seen.episode[rows],
        found.who[began] * episodes + seen.episode[found.row[began]],
    )
    where = goes[trace.stage[rows]]
    luck = first_of_each(people.person[who].astype(np.uint64), draw_id("ledger", "attribute"), 0, 0, seed, replication)
    supported = people.codes["informal_support"][who] == shares.supported
    by_carer = supported & (luck < shares.met_by_carer)
    rest = 1 - shares.met_by_carer
    # What is left of the one draw is spread evenly again, so that it serves for the second question too.
    again = np.where(supported, (luck - shares.met_by_carer) / rest if rest > 0 else 0.0, luck)
    by_community = ~by_carer & (again < shares.met_by_community)
    row = np.select(
        [where == "died", enabled, where == "self_funds", ~people.eligible[who], where == "declined", by_carer,
         by_community],
        [0, 7, 1, 2, 3, 4, 5],
        6,
    )  # fmt: skip
    return Went(who[~funded], year[~funded], row[~funded])


def ledger(went: Went, people: Population, axes: ServiceAxes) -> Ints:
    """People, and thousandths of their hours of need a week: shape (2, len(LEDGER), years, groups)."""
    counts = np.zeros((2, len(LEDGER), len(axes.years), len(axes.groups)), dtype=np.int64)
    at = (went.row, went.year, people.codes["client_group"][went.who])
    np.add.at(counts[0], at, 1)
    np.add.at(counts[1], at, np.floor(people.hours[went.who] * HOUR_PARTS + 0.5).astype(np.int64))
    return counts


def _funded(seen: Lives, care: Care, rows: Ints) -> Mask:
    """Whether a package had started, in this episode or before and still running, by each outcome: shape (rows,)."""
    trace, size = seen.trace, len(seen.trace.time) + 1
    episodes = int(seen.episode.max(initial=0)) + 1
    started = np.flatnonzero(np.isin(trace.event, (Event.PACKAGE_START, Event.HELD)))
    asked = seen.who[rows] * episodes + seen.episode[rows]
    result = np.isin(asked, seen.who[started] * episodes + seen.episode[started])
    # Care that runs on from an earlier episode, or from before the start: as many begun as ended by now is none.
    steps = np.isin(trace.event, (Event.PACKAGE_START, Event.HELD)).astype(np.int64)
    steps -= trace.event == Event.PACKAGE_END
    order = np.argsort(seen.who, kind="stable")
    who, total = seen.who[order], np.cumsum(steps[order])
    key = who * size + order
    at = np.searchsorted(key, seen.who[rows] * size + rows)
    first = np.searchsorted(key, seen.who[rows] * size)
    before = np.where(first > 0, total[first - 1], 0)
    return result | (total[at] - before > 0)
