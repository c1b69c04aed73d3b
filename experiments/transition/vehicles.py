"""What sets the vehicles apart: published totals, missing costs, and where a lead would end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.statistics import DRAWS
from experiments.transition.delivery import cumulative, released
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import RATED, Run
from experiments.transition.spans import FEWEST, Found
from simulation.reversal import Floats, equal_factor, rank_chances, reversal, span_of, tell_apart
from simulation.vehicle_costs import REQUIRED, missing, net_and_rank, offers_of, required_costs
from simulation.vehicles import column_of

VARIED = "per cent faster change of practice"


def published_table(run: TransitionRun) -> pd.DataFrame:
    """The board's table by vehicle, as it is; the factor is a judgement and no probability."""
    rows = []
    for name, loaded in run.maker.vehicles.items():
        column = column_of(loaded, run.world.values)
        ratings = loaded.config.vehicle.ratings
        rows.append(
            {
                "vehicle": name,
                "title": loaded.config.short_title,
                "efficiency_saving": column.efficiency_saving,
                "delivery_factor": run.world.values.at(
                    loaded.config.vehicle.delivery_factor, loaded, ("vehicle", "delivery_factor")
                ),
                "target_delivered": column.target_delivered,
                "total_benefit": column.total_benefit,
                "culture_and_process": ratings.culture_and_process.board_says,
                "savings_and_income": ratings.savings_and_income.board_says,
            }
        )
    return pd.DataFrame(rows)


def costs_table(run: TransitionRun) -> pd.DataFrame:
    """Required costs by vehicle: pounds, or not published."""
    rows = []
    for name, loaded in run.maker.vehicles.items():
        costs = required_costs(loaded, run.world.values)
        unknown = missing(costs)
        rows += [
            {"vehicle": name, "cost": cost, "pounds": costs[cost], "published": cost not in unknown}
            for cost in REQUIRED
        ]
    return pd.DataFrame(rows)


def _at_effects(run: TransitionRun) -> list[Run]:
    """The lead's runs from its own pace to the fastest."""
    mine = [one for one in run.runs if one.name == run.lead or one.name.startswith(f"{run.lead}/")]
    mine = [one for one in mine if not one.name.endswith(f"/{RATED}")]
    same = [one for one in mine if one.change == run.config.change and one.transfer == run.config.headline_transfer]
    return sorted((one for one in same if one.growth == run.runs[0].growth), key=lambda one: one.effect)


def _benefits(run: TransitionRun, found: Found, names: list[str], measure: str) -> Floats:
    """Simulated demand savings by draw and run, in pounds: by the end of the last year."""
    last = len(run.world.axes.base.years) - 1

    def read(figures: Any) -> float:
        return released(figures, "run_rate", last) if measure == "run_rate" else cumulative(figures, last)

    return np.array([[read(outcome.tallies[name]) for name in names] for outcome in found.drawn]).reshape(
        len(found.drawn), len(names)
    )


@dataclass(frozen=True)
class _Tried:
    """Benefits of the lead and of the other vehicle in pounds, by draw and pace. ``at``: per cent faster, rising."""

    title: str
    at: Floats
    benefit: Floats
    other: Floats


def _tried(run: TransitionRun, found: Found) -> Iterator[_Tried]:
    """The paces of change that were tried; none where there are too few draws or only one pace."""
    faster = _at_effects(run)
    if len(faster) < 2 or len(found.drawn) < FEWEST:
        return
    at = np.array([100 * one.effect for one in faster])
    for measure, title in (
        ("run_rate", "recurring demand savings at the end"),
        ("cash", "demand savings in all years together"),
    ):
        benefit = _benefits(run, found, [one.name for one in faster], measure)
        other = np.repeat(_benefits(run, found, [run.over], measure), len(faster), axis=1)
        yield _Tried(title, at, benefit, other)


def leads_table(run: TransitionRun, found: Found) -> pd.DataFrame:
    """By how much the lead vehicle leads the other at each pace that was tried, in pounds, draw by draw."""
    rows = []
    for tried in _tried(run, found):
        for at, differences in zip(tried.at, (tried.benefit - tried.other).T, strict=True):
            span = span_of(differences)
            rows.append({"of": tried.title, "varied": VARIED, "at": at, "lead": span.mean, "low": span.low,
                         "high": span.high, "interval": DRAWS})  # fmt: skip
    return pd.DataFrame(rows, columns=["of", "varied", "at", "lead", "low", "high", "interval"])


def reversals(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Where the lead vehicle starts or stops leading the other: simulated, and by the published table's arithmetic."""
    vehicles = run.maker.vehicles
    ahead, behind = run.config.vehicles.lead, run.config.vehicles.over
    names = [vehicles[name].config.short_title for name in (ahead, behind)]
    rows: list[dict[str, Any]] = []
    for tried in _tried(run, found):
        where = reversal(names[0], names[1], VARIED, tried.at, tried.benefit, tried.other)
        rows.append(
            {
                "of": tried.title,
                "varied": VARIED,
                "point": where.point,
                "low": where.low,
                "high": where.high,
                "leads": where.leads,
                "sentence": str(where),
                "interval": DRAWS,
            }
        )
    offers = offers_of(vehicles, run.world.values)
    first, second = offers[ahead].column, offers[behind].column
    lead = first.total_benefit - second.total_benefit
    efficiency = first.efficiency_saving - second.efficiency_saving
    target = sum(run.world.yardstick.asked)
    rows += [
        {
            "of": "published total",
            "varied": "extra cost in pounds",
            "point": float(lead),
            "leads": "below",
            "sentence": f"{names[0]} leads {names[1]} in the published table unless it costs £{lead:,.0f} more",
        },
        {
            "of": "published total, both judged alike",
            "varied": "extra cost in pounds",
            "point": float(efficiency),
            "leads": "below",
            "sentence": f"judged alike, the lead disappears at £{efficiency:,.0f} of extra cost",
        },
    ]
    if target > 0:
        wider = run.world.values.at(
            vehicles[ahead].config.vehicle.wider_target, vehicles[ahead], ("vehicle", "wider_target")
        )
        factor = equal_factor(first, second, wider)
        rows.append(
            {
                "of": "published total",
                "varied": "judged factor of the lead vehicle",
                "point": factor,
                "leads": "above",
                "sentence": f"{names[0]} leads only while it is judged to deliver more than {factor:.1%} of the target",
            }
        )
    return pd.DataFrame(rows, columns=["of", "varied", "point", "low", "high", "leads", "sentence", "interval"])


def vehicle_verdict(run: TransitionRun, found: Found) -> dict[str, Any]:
    """What the manifest says of the vehicles: whether the evidence tells them apart, and why no ranking is given."""
    ranked = net_and_rank(offers_of(run.maker.vehicles, run.world.values))
    said: dict[str, Any] = {"ranking_withheld": ranked.reason, "missing_costs": {
        name: list(costs) for name, costs in ranked.missing.items()
    }, "net_of_costs": ranked.net, "ranks": ranked.ranks}  # fmt: skip
    if len(found.drawn) < FEWEST:
        return said | {"told_apart": None, "verdict": "too few draws to say"}
    names = [one.name for one in run.runs if one.headline]
    benefits = _benefits(run, found, names, "cash")
    lead = benefits[:, names.index(run.lead)] - benefits[:, names.index(run.over)]
    # With no vehicle effect only dates, scope and posts set vehicles apart, and posts move waits, not needs. A lead
    # that comes from a month or a scope that nobody published is the assumption, given back.
    assumed = [name for name in (run.lead, run.over) if run.world.settings.routes[name].dates_status != "published"]
    told = tell_apart(run.lead, run.over, lead, np.zeros_like(lead) if assumed else lead)
    if assumed and not told.lead.holds_nought:
        titles = [run.maker.vehicles[name.partition(".")[0]].config.short_title for name in assumed]
        why = "they differ by when they start and with how much of the service, and that is assumed for "
        told = replace(told, why=f"{why}{' and '.join(titles)}")
    said |= {"told_apart": told.told_apart, "verdict": told.why,
             "lead_over": {"mean": told.lead.mean, "low": told.lead.low, "high": told.lead.high}}  # fmt: skip
    faster = _at_effects(run)
    if len(faster) > 1:
        at = np.array([100 * one.effect for one in faster])
        turns = [
            reversal(
                name, other, VARIED, at,
                _benefits(run, found, [one.name for one in faster], "cash") if name == run.lead
                else np.repeat(benefits[:, [names.index(name)]], len(at), axis=1),
                np.repeat(benefits[:, [names.index(other)]], len(at), axis=1),
            )
            for name in names for other in (run.over,) if name != other
        ]  # fmt: skip
        chances = rank_chances(names, benefits, turns)
        said["ranks_first"] = {
            name: {"share": chance.share, "low": chance.low, "high": chance.high}
            for name, chance in chances.first.items()
        }
    return said
