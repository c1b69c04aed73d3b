"""When a vehicle's required costs fall in a transition, once every cost of every vehicle is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulation.inputs import Values
from simulation.library import Loaded
from simulation.money.costs import Cost
from simulation.vehicle_change import RouteChange
from simulation.vehicle_costs import REQUIRED, YEARLY, CostTable, missing, required_costs

COUNCIL = "council"
ENDS = ("exit",)
"""Costs that fall in the run's last month."""


def costs_of(
    vehicles: Mapping[str, Loaded], routes: Mapping[str, RouteChange], values: Values, months: Sequence[str]
) -> dict[str, tuple[Cost, ...]] | None:
    """Each route's costs of change, by its name; None while a required cost of any vehicle is not known.

    Args:
        months: of the results, such as 2016-04, in order.

    Raises:
        ConfigError: figures that cannot be evaluated or are out of bounds.
    """
    tables = {name: required_costs(file, values) for name, file in vehicles.items()}
    if any(missing(table) for table in tables.values()):
        return None
    return {name: falling(tables[route.vehicle], route, months) for name, route in routes.items()}


def falling(costs: CostTable, route: RouteChange, months: Sequence[str]) -> tuple[Cost, ...]:
    """The council's costs of a route by month: one sums when it starts, yearly ones from then on, the exit at the end.

    A start before the results falls in their first month and one after them in their last, so that nothing is left out.
    """
    starts = min(max(route.starts, months[0]), months[-1])
    made = []
    for name in REQUIRED:
        pence = round(100 * (costs[name] or 0.0))
        first = months[-1] if name in ENDS else starts
        one_off, yearly = (0, pence) if name in YEARLY else (pence, 0)
        made.append(Cost(name, COUNCIL, first, one_off, yearly))
    return tuple(made)
