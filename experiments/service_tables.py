"""Tables of a whole service from the whole numbers of its replications: pure functions, in replication order.

Columns are documented in docs/outputs.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from agents.codes import Kind
from experiments.affected import OF_THE_SEEN, TOLD, reader_of, unit_of
from experiments.service import ServiceRun
from experiments.service_checks import ENDS, STATISTICS, Row, Tallies, checks, indicators, is_ratio, statistics
from experiments.service_measures import MS_PER_HOUR, SPENT, WAITED, waited
from experiments.settling import settled
from experiments.statistics import PREDICTION, STUDENT
from simulation.affected import cells
from simulation.ledger import HOUR_PARTS, LEDGER
from simulation.sequels import ENABLEMENT, REVIEWS
from simulation.service_axes import WAITED_FOR
from simulation.service_tally import CONTACTS
from simulation.tally import MEASURES
from simulation.workload import SINCE_CONTACT, WITHIN_DAYS, share_within


def _measured(run: ServiceRun) -> Iterator[tuple[str, str]]:
    """Names of measures in the table ``service``, and their units."""
    axes = run.job.axes
    for name in (*MEASURES, *CONTACTS[1:]):
        yield name, "people" if name == "people" else "a year"
    for name in ("contact", "full_assessment", "funded_package"):
        yield from ((f"{name}/{group}", "a year") for group in axes.groups)
    for row, stage in enumerate(s for i, s in enumerate(axes.stages) if run.job.pathway.decision[i] >= 0):
        yield from ((f"branch/{stage}/{name}", "a year") for name in run.job.pathway.branch_names[row])
    for care in (*axes.care_types, *axes.care_sets):
        yield f"in_care/all/{care}", "people at the year's end"
        yield f"started/all/{care}", "starts a year"
        yield from ((f"{what}/all/{care}", "pounds") for what in SPENT)
    yield from ((f"admissions/{name}", "people a year") for name in (*axes.group_sets, "all"))
    yield from ((f"around_enablement/{name}", "people a year") for name in ENABLEMENT)
    yield from ((f"reviews/{name}", "reviews a year") for name in REVIEWS)
    yield from ((f"ledger/{name}", "people a year") for name in LEDGER)
    for measure in SINCE_CONTACT:
        yield from ((f"since_contact/{measure}/{what}", _wait_unit(what)) for what in WAITED)
    yield from ((f"hours/{team}", "hours a year") for team in _shown(run))


def _wait_unit(what: str) -> str:
    return "people" if what == "seen" else "days" if what.endswith("_days") and "within" not in what else "share"


def _each_group(groups: tuple[str, ...]) -> list[tuple[list[int], str]]:
    """Each client group and all together, as places and a name."""
    return [*(([g], group) for g, group in enumerate(groups)), (list(range(len(groups))), "all")]


def service(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Every measure by financial year."""
    rows: list[Row] = []
    for name, unit in _measured(run):
        read = run.measures.named(name)
        for y, year in enumerate(run.job.axes.years):
            told = statistics([read(t, y) for t in tallies], run.job.seed if is_ratio(name) else None)
            rows.append({"measure": name, "unit": unit, "financial_year": year, **told})
    return pd.DataFrame(rows)


def in_care(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """People in care at the start and at each month's end, by client group and care type or named set of types."""
    axes, rows = run.job.axes, []
    table = np.array([t.in_care for t in tallies])
    ends = ["start", *axes.months]
    for c, care in enumerate((*axes.care_types, *axes.care_sets)):
        for g, group in enumerate(axes.groups):
            if not table[:, c, :, g].any():
                continue
            for m, month in enumerate(ends):
                told = statistics(table[:, c, m, g].tolist())
                kind = "care type" if c < len(axes.care_types) else "set"
                rows.append({"month": month, "client_group": group, "care": care, "counts": kind, **told})
    return pd.DataFrame(rows, columns=["month", "client_group", "care", "counts", *STATISTICS])


_PAYER = {"gross": "all", "contributions": "client", "recovered": "returned to council", "net": "council"}


def spend(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Pounds by financial year, client group and care type: gross, what clients pay, what comes back, and the rest.

    ``weeks_without_price`` are weeks of care that no price is known for; they are in no amount.
    """
    axes, rows = run.job.axes, []
    for care in axes.care_types:
        for group in axes.groups:
            at = axes.care_types.index(care), axes.groups.index(group)
            if not any(t.money[0, at[0], :, at[1]].any() for t in tallies):
                continue
            for y, year in enumerate(axes.years):
                unpriced = [int(t.money[1, at[0], y, at[1]]) / 7 for t in tallies]
                for what in SPENT:
                    read = run.measures.named(f"{what}/{group}/{care}")
                    rows.append(
                        {
                            "financial_year": year,
                            "client_group": group,
                            "care_type": care,
                            "amount": what,
                            "payer": _PAYER[what],
                            "price_base": run.prices.config.price_base,
                            **statistics([read(t, y) for t in tallies]),
                            "weeks_without_price": math.fsum(unpriced) / len(unpriced),
                        }
                    )
    keys = ["financial_year", "client_group", "care_type", "amount", "payer", "price_base"]
    return pd.DataFrame(rows, columns=[*keys, *STATISTICS, "weeks_without_price"])


def contacts_and_people(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Contacts, different people, first contacts and repeats by financial year and client group."""
    axes, rows = run.job.axes, []
    for y, year in enumerate(axes.years):
        for g, group in _each_group(axes.groups):
            for c, what in enumerate(CONTACTS):
                told = statistics([int(t.contacts[c, y, g].sum()) for t in tallies])
                rows.append({"financial_year": year, "client_group": group, "what": what, **told})
    return pd.DataFrame(rows)


WAIT_KEYS = ["stage", "since", "financial_year"]


def _waited(run: ServiceRun, tallies: Tallies) -> Iterator[tuple[Row, list[list[int]]]]:
    """Each wait of anybody: its keys, and a row of WAIT of each replication."""
    axes, pathway = run.job.axes, run.job.pathway
    places: list[tuple[str, str, int]] = [
        (pathway.stages[s], "joining", s) for s in np.flatnonzero(np.isin(pathway.kind, WAITED_FOR)).tolist()
    ]
    places += [(name, "contact", i) for i, name in enumerate(SINCE_CONTACT)]
    for name, since, at in places:
        for y, year in enumerate(axes.years):
            cells = [(t.waits if since == "joining" else t.since_contact)[at, y].tolist() for t in tallies]
            if any(cell[0] for cell in cells):
                yield dict(zip(WAIT_KEYS, (name, since, year), strict=True)), cells


def waits(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Waits by stage and year: from joining to being seen, and from the contact to the first of some stages."""
    rows = []
    for keys, each in _waited(run, tallies):
        for column, what in enumerate(WAITED):
            told = statistics([waited(cell, column) for cell in each], None if what == "seen" else run.job.seed)
            rows.append({**keys, "what": what, **told})
    return pd.DataFrame(rows, columns=[*WAIT_KEYS, "what", *STATISTICS])


def waits_spread(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """The share of those seen who were seen within so many days, and how many were seen in a mean replication."""
    rows = []
    for keys, each in _waited(run, tallies):
        seen = math.fsum(cell[0] for cell in each) / len(each)
        for days in WITHIN_DAYS:
            told = statistics([share_within(cell, days) for cell in each], run.job.seed)
            rows.append({**keys, "days": days, "seen_a_year": seen, **told})
    return pd.DataFrame(rows, columns=[*WAIT_KEYS, "days", "seen_a_year", *STATISTICS])


def _shown(run: ServiceRun) -> list[str]:
    """Teams, and stages with a limited number of places: both have hours."""
    places, there = _places(run), run.measures.available
    return [team for t, team in enumerate(run.job.axes.teams) if team not in places or there[t, 0] >= 0]


def _places(run: ServiceRun) -> set[str]:
    pathway = run.job.pathway
    return {pathway.stages[s] for s in np.flatnonzero(pathway.kind == Kind.PLACES)}


def work(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Hours used by team and month, hours on the roster, and the share used where the team is limited."""
    axes, rows = run.job.axes, []
    stays = _places(run)
    for team in _shown(run):
        t = axes.teams.index(team)
        for m, month in enumerate(axes.months):
            used = statistics([int(one.hours[t, m]) / MS_PER_HOUR for one in tallies])
            there = int(run.measures.available[t, m])
            hours = there / MS_PER_HOUR if there >= 0 else math.nan
            share = used["mean"] / hours if there > 0 else math.nan
            unit = "hours of places" if team in stays else "practitioner hours"
            rows.append({"team": team, "month": month, "unit": unit, **used, "available": hours, "share_used": share})
    return pd.DataFrame(rows, columns=["team", "month", "unit", *STATISTICS, "available", "share_used"])


def reviews(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Reviews by kind and by the year in which they fell due: due, done, on time, and what came of them."""
    axes, rows = run.job.axes, []
    for f, fork in enumerate(axes.forks):
        for y, year in enumerate(axes.years):
            for c, what in enumerate(REVIEWS):
                told = statistics([int(t.reviews[f, y, c]) for t in tallies])
                rows.append({"review": fork, "financial_year": year, "what": what, **told})
    return pd.DataFrame(rows, columns=["review", "financial_year", "what", *STATISTICS])


def present(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """People at each stage at the start and at each month's end, and how many of them wait."""
    axes, pathway, rows = run.job.axes, run.job.pathway, []
    table = np.array([t.present for t in tallies])
    for stage, name in enumerate(pathway.stages):
        if not table[:, 0, stage].any():
            continue
        for m, month in enumerate(["start", *axes.months]):
            waiting = math.fsum(table[:, 1, stage, m].tolist()) / len(tallies)
            told = statistics(table[:, 0, stage, m].tolist())
            rows.append({"stage": name, "month": month, **told, "waiting_mean": waiting})
    return pd.DataFrame(rows, columns=["stage", "month", *STATISTICS, "waiting_mean"])


def ledger(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Where the need of people without Council-funded care went: every row always, people and their hours a week.

    ``cost_a_week`` is what those hours would cost if they were bought; empty where no price of an hour is given.
    """
    axes, rows = run.job.axes, []
    made = f"people_year: {PREDICTION}; people_mean, hours_a_week_mean, cost_a_week_mean: {STUDENT}"
    for y, year in enumerate(axes.years):
        for g, group in _each_group(axes.groups):
            for r, where in enumerate(LEDGER):
                people = statistics([int(t.ledger[0, r, y, g].sum()) for t in tallies])
                hours = statistics([int(t.ledger[1, r, y, g].sum()) / HOUR_PARTS for t in tallies])
                told = {f"people_{name}": people[name] for name in ENDS}
                for what, worth in (("hours_a_week", 1.0), ("cost_a_week", run.hour_of_care)):
                    told |= {f"{what}_{name}": worth * hours[name] for name in ("mean", "mean_low", "mean_high")}
                rows.append({"financial_year": year, "client_group": group, "need": where, **told, "interval": made})
    return pd.DataFrame(rows)


def who(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Contacts, funding, waits and possibly unmet need by year and by client group, age band and door."""
    axes, rows = run.job.axes, []
    for y, year in enumerate(axes.years):
        for cell, (by, name) in enumerate(cells(axes)):
            for measure in TOLD:
                read, unit = reader_of(measure, y, cell), unit_of(measure)
                told = statistics([read(t.affected) for t in tallies], run.job.seed if measure in OF_THE_SEEN else None)
                rows.append(
                    {"financial_year": year, "by": by, "who": name, "measure": measure, "unit": unit, **told}
                )  # fmt: skip
    return pd.DataFrame(rows, columns=["financial_year", "by", "who", "measure", "unit", *STATISTICS])


def all_tables(run: ServiceRun, tallies: Tallies) -> dict[str, pd.DataFrame]:
    """Every table of a service by name."""
    makers = (service, in_care, spend, contacts_and_people, waits, waits_spread, work, reviews, settled, present,
              ledger, who, indicators)  # fmt: skip
    return {make.__name__: make(run, tallies) for make in (*makers, checks)}
