"""What a vehicle costs beside what it saves, and why no net saving and no ranking is given while a cost is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulation.inputs import Values
from simulation.library import Loaded
from simulation.options import Lead, VehicleTable, lead, ranks, whole
from simulation.printed import MOST, Reader
from simulation.schema.option import Costs
from simulation.vehicles import column_of, savings_years

REQUIRED = tuple(Costs.model_fields)
"""Costs that have no default: each is a figure with its evidence, or not published."""

YEARLY = ("vat", "stranded_overheads", "client_side")
"""Costs in pounds a year; the others are one sum."""

CostTable = Mapping[str, float | None]
"""Pounds by name of a required cost, those of ``YEARLY`` a year; None: not published."""


def required_costs(loaded: Loaded, values: Values) -> dict[str, float | None]:
    """The required costs of a vehicle file, as they are given.

    Raises:
        ConfigError: figures that cannot be evaluated or are out of bounds.
    """
    reader = Reader(loaded, values)
    costs = loaded.config.vehicle.costs
    found = {name: reader.stated(getattr(costs, name), ("vehicle", "costs", name), low=-MOST) for name in REQUIRED}
    reader.stop_if_any()
    return found


def missing(costs: CostTable) -> tuple[str, ...]:
    """Names of the required costs that are not known, those that are not given at all included."""
    return tuple(name for name in REQUIRED if costs.get(name) is None)


def cost_by_year(costs: CostTable, years: int) -> list[int]:
    """Whole pounds of required costs in each year: one sums in the first, the exit in the last, the rest every year.

    Raises:
        ValueError: a required cost that is not known: it is never taken as nought.
    """
    unknown = missing(costs)
    if unknown:
        raise ValueError(f"not published: {in_words(unknown)}")
    known = {name: costs[name] or 0.0 for name in REQUIRED}
    yearly = sum(known[name] for name in YEARLY)
    by_year = [yearly] * years
    by_year[0] += sum(known[name] for name in REQUIRED if name not in YEARLY and name != "exit")
    by_year[-1] += known["exit"]
    return [whole(pounds) for pounds in by_year]


def in_words(costs: tuple[str, ...]) -> str:
    """Names of costs as a sentence lists them."""
    names = [{"vat": "VAT", "client_side": "client side"}.get(name, name.replace("_", " ")) for name in costs]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@dataclass(frozen=True)
class Offer:
    """A vehicle's published column and its required costs, over the same years."""

    title: str
    column: VehicleTable
    costs: CostTable
    years: int


@dataclass(frozen=True)
class NetAndRank:
    """Net savings with ranks, or why they are withheld and what stands in their place.

    Attributes:
        net: pounds over the savings period, undiscounted and nominal as the published table is, by name; None while
            withheld. ranks: by net saving; None while withheld.
        missing: by name, the required costs of a vehicle that nobody published.
        reason: why net saving, net present value and ranking are withheld, in words; empty where they are not.
        leads: the vehicle with the greatest published total over each of the others, by the other's name: the extra
            cost at which its lead disappears (``total`` as judged, ``efficiency`` where both are judged alike).
        leader: that vehicle.
    """

    net: dict[str, int] | None
    ranks: dict[str, int] | None
    missing: dict[str, tuple[str, ...]]
    reason: str
    leader: str
    leads: dict[str, Lead]


def _reason(offers: Mapping[str, Offer], unknown: Mapping[str, tuple[str, ...]]) -> str:
    if not unknown:
        return ""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, costs in unknown.items():
        groups.setdefault(costs, []).append(offers[name].title)
    same = len(groups) == 1 and len(unknown) == len(offers) > 1
    told = "; ".join(
        f"{'all vehicles' if same else ', '.join(titles)}: {in_words(costs)}" for costs, titles in groups.items()
    )
    return (
        "Net saving, net present value and ranking are withheld, because required costs are not published, and a cost "
        f"that nobody published is not nought ({told})."
    )


def net_and_rank(offers: Mapping[str, Offer]) -> NetAndRank:
    """Net saving and ranking of vehicles, once every required cost of every one of them is known.

    Args:
        offers: at least one vehicle, by name.
    """
    unknown = {name: costs for name, offer in offers.items() if (costs := missing(offer.costs))}
    leader = max(offers, key=lambda name: offers[name].column.total_benefit)
    leads = {name: lead(offers[leader].column, offer.column) for name, offer in offers.items() if name != leader}
    net = None
    if not unknown:
        net = {
            name: offer.column.total_benefit - sum(cost_by_year(offer.costs, offer.years))
            for name, offer in offers.items()
        }
    return NetAndRank(net, None if net is None else ranks(net), dict(unknown), _reason(offers, unknown), leader, leads)


def offers_of(vehicles: Mapping[str, Loaded], values: Values) -> dict[str, Offer]:
    """The offers of vehicle files, such as those that ``vehicles_with`` finds.

    Raises:
        ConfigError: figures that cannot be evaluated or are out of bounds.
    """
    made = {}
    for name, loaded in vehicles.items():
        reader = Reader(loaded, values)
        years = savings_years(reader, loaded.config.vehicle)
        reader.stop_if_any()
        made[name] = Offer(loaded.config.short_title, column_of(loaded, values), required_costs(loaded, values), years)
    return made


def ending_at(ahead: Lead) -> str:
    """At what extra cost a lead disappears, in words; empty where there is no lead."""
    if ahead.total <= 0:
        return ""
    if ahead.judged == 0:
        return f"£{ahead.total:,} of extra cost"
    alike = (
        f"£{ahead.efficiency:,} where both are judged alike"
        if ahead.efficiency > 0
        else "where both are judged alike there is no lead"
    )
    return f"£{ahead.total:,} of extra cost as published, {alike}"
