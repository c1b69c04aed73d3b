"""Result tables of a transition: pure functions of the replications' whole numbers, in replication order.

Columns are documented in docs/outputs.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.bootstrap import of_average
from experiments.statistics import BOOTSTRAP, DRAWS, RANGES, REPLICATIONS
from experiments.steady import claims
from experiments.transition.delivery import delivery, optimism, refused
from experiments.transition.figures import SERIES
from experiments.transition.job import CENTRAL, DRAWN, TransitionOutcome
from experiments.transition.ledger import ledger
from experiments.transition.net import net
from experiments.transition.plan import TransitionRun
from experiments.transition.published import mobilisation_table, ratings_table
from experiments.transition.runs import TODAY, Run, adoption_of, posts_gone, practitioners
from experiments.transition.settled import settled
from experiments.transition.spans import Found, Read, middle
from experiments.transition.spread import waits_spread
from experiments.transition.vehicles import costs_table, leads_table, published_table, reversals, vehicle_verdict
from experiments.transition.waterfalls import waterfalls
from experiments.transition.who import who
from experiments.transition.years import unit_of, years
from simulation.money.columns import PENCE_DAYS_IN_A_POUND
from simulation.money.year_savings import ALL, PARTS, PAYER_OF
from simulation.money.year_savings import MEASURES as MONEY
from simulation.vehicle_change import scope_by_month
from simulation.workload import SINCE_CONTACT, WAIT, opening, worked_by

MS_PER_DAY = 86_400_000
MS_PER_HOUR = 3_600_000
KEPT_BY_REPLICATION = (
    "packages_started",
    "packages_running",
    "spend_gross",
    "spend_council",
    "contact",
    "funded_package",
)
"""Lines of which every replication is kept, so that a quarter's range can be made from them."""


def all_tables(
    run: TransitionRun, outcomes: Mapping[str, Sequence[TransitionOutcome]]
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Every table by name, and what the manifest says."""
    drawn = [outcome for outcome in outcomes.get(DRAWN, []) if outcome.tallies]
    found = Found(outcomes[CENTRAL], drawn)
    tables = {
        "transition_runs": runs_table(run),
        "adoption": adoption(run),
        "months": months(run, found),
        "transition_years": years(run, found),
        "months_by_replication": months_by_replication(run, found),
        "transition_waits": waits(run, found),
        "transition_waits_spread": waits_spread(run, found),
        "transition_settled": settled(run, found),
        "transition_savings": savings(run, found),
        "delivery": delivery(run, found),
        "optimism": optimism(run, found),
        "transition_net": net(run, found),
        "waterfall": waterfalls(run, found),
        "vehicles_published": published_table(run),
        "vehicle_costs": costs_table(run),
        "vehicle_ratings": ratings_table(run),
        "mobilisation": mobilisation_table(run),
        "reversal": reversals(run, found),
        "leads": leads_table(run, found),
        "transition_ledger": ledger(run, found),
        "transition_who": who(run, found),
        "transition_workload": workload(run, found),
    }
    said = {
        "baseline": run.config.baseline,
        "model": run.config.model,
        "lead": run.lead,
        "over": run.over,
        "headline_transfer": run.config.headline_transfer,
        "transfers": dict(run.world.settings.transfers),
        "years": list(run.world.axes.base.years),
        "pairs": len(found.central),
        "draws": len(found.drawn),
        "contradictory_draws": len(outcomes.get(DRAWN, [])) - len(drawn),
        "clipped_draws": clipped_draws(run, drawn),
        "ratings_worth": run.maker.ratings_worth,
        "cashable_in_pairs": cashable_in(run, found),
        "addressable_share": run.world.yardstick.addressable_share,
        "probabilities_refused": refused(run),
        "assumed": list(run.world.out.assumed),
        "growth": run.config.growth,
        "steady_state": claims(tables["transition_settled"]),
        **vehicle_verdict(run, found),
    }
    return tables, said


def clipped_draws(run: TransitionRun, drawn: Sequence[TransitionOutcome]) -> dict[str, int]:
    """By matched transfer, the draws in which no share of the gap comes to the change, so that all or none is taken."""
    matched = [transfer.name for transfer in run.config.transfers if transfer.match is not None]
    return {name: sum(name in outcome.yardstick.clipped for outcome in drawn) for name in matched}


def cashable_in(run: TransitionRun, found: Found) -> int:
    """Replications at central inputs in which any of what runs at the end lies below today's budget."""
    last = len(run.world.axes.base.years) - 1
    read = _saving(True, MONEY.index("run_rate"), PARTS.index("cashable"), last, -1)
    return sum(value > 0 for value in found.values(run.over, read, False))


def titles(run: TransitionRun, one: Run) -> tuple[str, str]:
    """The vehicle and the route of a run, as people call them."""
    if not one.vehicle:
        return "", ""
    vehicle = run.maker.vehicles[one.vehicle].config
    return vehicle.short_title, run.world.settings.routes[f"{one.vehicle}.{one.route}"].title


def runs_table(run: TransitionRun) -> pd.DataFrame:
    """What was run."""
    rows = []
    for one in run.runs:
        route = run.world.settings.routes.get(f"{one.vehicle}.{one.route}")
        vehicle, title = titles(run, one)
        rows.append(
            {
                "run": one.name,
                "vehicle": one.vehicle,
                "vehicle_title": vehicle,
                "route": one.route,
                "route_title": title,
                "change": one.change,
                "transfer": one.transfer,
                "share_of_gap": run.world.settings.transfers.get(one.transfer, 0.0),
                "faster_by": one.effect,
                "growth": one.growth,
                "headline": one.headline,
                "starts": route.starts if route else "",
                "dates": route.dates_status if route else "",
            }
        )
    return pd.DataFrame(rows)


def adoption(run: TransitionRun) -> pd.DataFrame:
    """Share of people served in the new way, by run, team and month; means over ten replications of practitioners.

    ``in_scope``: share of the service that the vehicle has taken on by then.
    """
    settings, seed = run.world.settings, run.job.seed
    base = run.world.axes.base
    first = settings.calendar.months - len(base.months)
    rows = []
    for one in run.runs:
        if not one.vehicle:
            continue
        made = [adoption_of(one, settings, run.world.values, seed, r) for r in range(10)]
        scope = scope_by_month(settings.routes[f"{one.vehicle}.{one.route}"], settings.months)[first:]
        for place, team in enumerate(made[0].teams):
            shares = np.mean([each.shares[place, first:] for each in made], axis=0)
            rows += [
                {"run": one.name, "team": team or "others", "month": month, "adoption": float(share),
                 "in_scope": float(taken)}
                for month, share, taken in zip(base.months, shares, scope, strict=True)
            ]  # fmt: skip
    return pd.DataFrame(rows, columns=["run", "team", "month", "adoption", "in_scope"])


def _reader(line: int, month: int, divisor: float) -> Read:
    return lambda figures: float(figures.months[line, month]) / divisor


def months(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Lines by run and month, with the paired difference from today's model."""
    rows = []
    for one in run.runs:
        against = TODAY if one.vehicle and one.growth == run.runs[0].growth else None
        for line, name in enumerate(SERIES):
            unit, kind, divisor = unit_of(name)
            for index, month in enumerate(run.world.axes.base.months):
                read = _reader(line, index, divisor)
                span = found.span(one.name, read)
                row = {"run": one.name, "month": month, "measure": name, "unit": unit, "kind": kind, **span.row()}
                if against is not None:
                    less = found.span(one.name, read, against)
                    row |= {"difference": less.mean, "difference_low": less.low, "difference_high": less.high}
                rows.append(row | {"interval": f"{RANGES}; difference: {DRAWS}"})
    return pd.DataFrame(rows)


def months_by_replication(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Some lines of the runs of the answer, replication by replication; with inputs drawn where there are draws."""
    outcomes = found.drawn or found.central
    names = [one.name for one in run.runs if one.headline or one.name == TODAY]
    parts = []
    months_ = list(run.world.axes.base.months)
    for outcome in outcomes:
        for name in names:
            for measure in KEPT_BY_REPLICATION:
                line = outcome.tallies[name].months[SERIES.index(measure)]
                parts.append(
                    pd.DataFrame(
                        {
                            "replication": outcome.replication,
                            "run": name,
                            "measure": measure,
                            "month": months_,
                            "value": line / unit_of(measure)[2],
                        }
                    )
                )
    columns = ["replication", "run", "measure", "month", "value"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _within(table: str, place: int, year: int, column: str) -> Read:
    at, seen = WAIT.index(column), WAIT.index("seen")

    def read(figures: Any) -> float:
        wait = getattr(figures, table)[place, year]
        return float(wait[at] / wait[seen]) if wait[seen] else float("nan")

    return read


def _typical(cells: Sequence[Any], seed: int) -> dict[str, float]:
    """Intervals of the mean median and of the mean 90th percentile over replications, in days, by bootstrap."""
    row: dict[str, float] = {}
    for name in ("median", "p90"):
        column = WAIT.index(name)
        days = of_average([int(cell[column]) / MS_PER_DAY for cell in cells if cell[0]], seed)
        row |= {f"{name}_low": days.low, f"{name}_high": days.high}
    return row


def waits(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Waits by run, place and financial year, at central inputs: since the last contact, and in queues."""
    rows = []
    axes = run.world.axes
    for one in run.runs:
        if not found.values(one.name, lambda figures: 0.0, False):
            continue
        for table, names in (("since_contact", SINCE_CONTACT), ("queues", axes.queues)):
            for place, name in enumerate(names):
                for y, year in enumerate(axes.base.years):
                    total = np.sum([getattr(o.tallies[one.name], table)[place, y] for o in found.central], axis=0)
                    if not total[0]:
                        continue
                    runs = len(found.central)
                    served = sum(bool(getattr(o.tallies[one.name], table)[place, y][0]) for o in found.central)
                    share = {days: found.values(one.name, _within(table, place, y, f"within_{days}_days"), False)
                             for days in (14, 28)}  # fmt: skip
                    row = {
                        "run": one.name, "since": "contact" if table == "since_contact" else "joining",
                        "place": name, "financial_year": year, "seen_a_year": total[0] / runs,
                        "mean_days": total[1] / total[0] / MS_PER_DAY, "median_days": total[2] / served / MS_PER_DAY,
                        "p90_days": total[3] / served / MS_PER_DAY,
                    }  # fmt: skip
                    row |= _typical(
                        [getattr(o.tallies[one.name], table)[place, y] for o in found.central], run.job.seed
                    )
                    for days, values in share.items():
                        known = [value for value in values if value == value]
                        row[f"within_{days}_days"] = total[WAIT.index(f"within_{days}_days")] / total[0]
                        row[f"within_{days}_low"], row[f"within_{days}_high"] = middle(known)
                    row["interval"] = f"median, p90: {BOOTSTRAP}; within_14, within_28: {REPLICATIONS}"
                    rows.append(row)
    return pd.DataFrame(rows)


def _saving(nominal: bool, m: int, p: int, y: int, g: int) -> Read:
    return lambda figures: float((figures.nominal if nominal else figures.savings)[m, p, y, g]) / PENCE_DAYS_IN_A_POUND


def savings(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Savings against today's model by run, year, group, payer, measure and part; positive where less is spent."""
    rows = []
    base = run.world.axes.base
    groups = (*base.groups, ALL)
    for one in run.runs:
        if not one.vehicle:
            continue
        for nominal in (False, True):
            for m, measure in enumerate(MONEY):
                for p, part in enumerate(PARTS):
                    for y, year in enumerate(base.years):
                        for g, group in enumerate(groups):
                            if group != ALL and (nominal or not one.headline):
                                continue
                            span = found.span(one.name, _saving(nominal, m, p, y, g))
                            rows.append(
                                {
                                    "run": one.name,
                                    "financial_year": year,
                                    "client_group": group,
                                    "payer": PAYER_OF[part],
                                    "measure": measure,
                                    "part": part,
                                    "prices": "of each year" if nominal else f"of {run.world.value.price_year}",
                                    **span.row(),
                                    "interval": RANGES,
                                }
                            )
    return pd.DataFrame(rows)


def workload(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Hours that teams work with people and hours on the roster, by run, team and month, at central inputs.

    Of the posts of today's model some are gone as savings, some have moved to the hubs, and the rest is left.
    """
    world, axes = run.world, run.world.axes
    pathway = world.settings.union.pathway
    windows = opening(pathway, world.settings.calendar, world.settings.calendar.end)
    now = practitioners(pathway, world.settings.calendar)
    limited, first = list(now), world.settings.calendar.months - len(axes.base.months)
    rows = []
    for one in run.runs:
        if not (one.headline or one.name == TODAY):
            continue
        cut = posts_gone(one, world.settings)
        for place, team in enumerate(axes.teams):
            number = pathway.teams.index(team)
            bounds = worked_by(windows[number], axes.base.month_ticks)
            for m, month in enumerate(axes.base.months):
                worked = found.values(one.name, lambda f, at=(place, m): float(f.hours[at]) / MS_PER_HOUR, False)  # type: ignore[misc]
                posts = before = gone = float("nan")
                if team in limited:
                    row = limited.index(team)
                    posts = float(np.mean(found.values(one.name, lambda f, at=(row, m): float(f.posts[at]), False)))  # type: ignore[misc]
                    before, gone = float(now[team][first + m]), float(cut[team][first + m])
                opens = float(bounds[m + 1] - bounds[m]) / MS_PER_HOUR
                rows.append(
                    {
                        "run": one.name,
                        "team": team,
                        "month": month,
                        "hours_worked": float(np.mean(worked)),
                        "posts_today": before,
                        "posts_gone": gone,
                        "posts_moved": before - gone - posts,
                        "posts": posts,
                        "hours_on_the_roster": posts * opens,
                    }
                )
    return pd.DataFrame(rows)
