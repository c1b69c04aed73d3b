"""When a vehicle changes practice, how far it reaches, and how many practitioners its efficiency saving takes.

Two things are kept apart: scope, the share of the service that is under the new arrangement at all, and adoption, the
share of work in scope that is done the new way. Scope is here; adoption is ``simulation/adoption.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.errors import ConfigError
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.options import month_number, months_after, whole
from simulation.printed import Reader
from simulation.reading import Where, at
from simulation.schema.option import Mobilisation
from simulation.schema.quantity import Evidence
from simulation.schema.vehicle_change import VehicleChange
from simulation.vehicles import MOST_MONTHS, column_of

EARLIEST = -120
"""Months before the decision at which a change may already have begun."""

NOT_PRINTED = {"assumption", "elicited", "calibrated", "unlabelled"}


@dataclass(frozen=True)
class RouteChange:
    """One way to mobilise a vehicle, as a run needs it.

    Attributes:
        vehicle, route: names. title: of the route, for people.
        starts: month in which the new practice starts, 2016-12. months_to_full_scope: from then on.
        scope_at_start: share of the service, 0 to 1.
        dates_status: ``published`` where the start, the months to full scope and the scope at the start all rest on
            print alone, else ``assumption``.
        capacity_share: share of the efficiency saving that is practitioners' time, 0 to 1.
        capacity_from, capacity_to: months in which the first have begun to leave and in which all have left.
        in_scope_budget: pounds, one year. efficiency_saving: pounds over the savings period, the same for every
            route of a vehicle.
        delivery_factor: the board's 0.85 or 0.95, multiplied by the target and no probability.
        recurring_share: yearly saving that recurs in the end, over the printed saving.
        delivers: delivery model that the vehicle would run.
    """

    vehicle: str
    route: str
    title: str
    starts: str
    months_to_full_scope: float
    scope_at_start: float
    dates_status: str
    capacity_share: float
    capacity_from: str
    capacity_to: str
    in_scope_budget: int
    efficiency_saving: int
    delivery_factor: float
    recurring_share: float
    delivers: str


def _bounded(reader: Reader, number: Evidence, where: Where, low: float, high: float) -> float:
    """A figure between bounds whose whole range lies between them too, so that no draw falls outside."""
    reader.ends(number, where, low, high)
    return reader.number(number, where, low, high)


def _decided(reader: Reader, change: VehicleChange, plan: Mobilisation | None) -> str:
    """The month of the decision, which is said in one place."""
    where: Where = ("vehicle", "change", "decided")
    if plan is not None and change.decided is not None:
        what = f"{at(where)} is given, and vehicle.mobilisation.decided too."
        reader.found.append(reader.loaded.problem(where, what, "Remove the one under change."))
    if plan is None and change.decided is None:
        what = "vehicle.change has no month of decision, and mobilisation, which is not published, gives none."
        reader.found.append(reader.loaded.problem(("vehicle", "change"), what, "Add decided: 2016-09, or another."))
    return plan.decided if plan is not None else change.decided or "2016-09"


def _titles(reader: Reader, change: VehicleChange, plan: Mobilisation | None) -> dict[str, str]:
    """Titles of the routes: those of the mobilisation, where one is published."""
    root: Where = ("vehicle", "change", "routes")
    titles = {}
    for name, route in change.routes.items():
        if plan is None and route.title is None:
            what = f"{at((*root, name))} has no title, and mobilisation, which is not published, gives none."
            reader.found.append(reader.loaded.problem((*root, name), what, "Add title:."))
        if plan is not None and route.title is not None:
            what = f"{at((*root, name))}: title: is given, and vehicle.mobilisation has one."
            reader.found.append(reader.loaded.problem((*root, name, "title"), what, "Remove title:."))
        if plan is None:
            titles[name] = route.title or name
        elif reader.known(name, plan.routes, (*root, name)):
            titles[name] = plan.routes[name].title
    for name in plan.routes if plan is not None else ():
        if name not in change.routes:
            what = f"vehicle.change.routes has no dates for '{name}', a route of vehicle.mobilisation."
            reader.found.append(reader.loaded.problem(root, what, f"Add {name}: with starts, and so on."))
    return titles


def _printed(values: Values, numbers: Sequence[Evidence]) -> bool:
    """Whether figures rest on print alone."""
    inputs = values.inputs
    rests = {key for number in numbers for key in inputs.rests_on(inputs.key_of(number))}
    statuses = {inputs.inputs[key].status for key in rests} | {number.status for number in numbers}
    return not statuses & NOT_PRINTED


def routes_in(reader: Reader) -> list[RouteChange]:
    """The routes of a vehicle, by name; faults are kept in the reader."""
    loaded, values = reader.loaded, reader.values
    vehicle = loaded.config.vehicle
    change: VehicleChange = vehicle.change
    plan = vehicle.mobilisation if isinstance(vehicle.mobilisation, Mobilisation) else None
    root: Where = ("vehicle", "change")
    decided, titles = _decided(reader, change, plan), _titles(reader, change, plan)
    try:
        values.inputs.library.named("model", change.delivers, loaded, (*root, "delivers"))
        column = column_of(loaded, values)
    except ConfigError as error:
        reader.found.extend(error.problems)
        return []
    share = _bounded(reader, change.capacity_share, (*root, "capacity_share"), 0, 1)
    recurring = _bounded(reader, change.recurring_share, (*root, "recurring_share"), 0, 1)
    leave_from = _bounded(reader, change.capacity_from, (*root, "capacity_from"), EARLIEST, MOST_MONTHS)
    leave_to = _bounded(reader, change.capacity_to, (*root, "capacity_to"), EARLIEST, MOST_MONTHS)
    if leave_to < leave_from:
        what = f"{at(root)}: capacity_to ({leave_to:g}) comes before capacity_from ({leave_from:g})."
        reader.found.append(loaded.problem((*root, "capacity_to"), what, "Swap them."))
    made = []
    for name, route in change.routes.items():
        here: Where = (*root, "routes", name)
        starts = _bounded(reader, route.starts, (*here, "starts"), EARLIEST, MOST_MONTHS)
        months = _bounded(reader, route.months_to_full_scope, (*here, "months_to_full_scope"), 0, MOST_MONTHS)
        scope = _bounded(reader, route.scope_at_start, (*here, "scope_at_start"), 0, 1)
        dates = [route.starts, route.months_to_full_scope, route.scope_at_start]
        made.append(
            RouteChange(
                vehicle=loaded.config.name,
                route=name,
                title=titles.get(name, name),
                starts=months_after(decided, starts),
                months_to_full_scope=months,
                scope_at_start=scope,
                dates_status="published" if _printed(values, dates) else "assumption",
                capacity_share=share,
                capacity_from=months_after(decided, leave_from),
                capacity_to=months_after(decided, leave_to),
                in_scope_budget=column.efficiency_saving + column.revised_budget,
                efficiency_saving=column.efficiency_saving,
                delivery_factor=reader.number(vehicle.delivery_factor, ("vehicle", "delivery_factor"), high=1),
                recurring_share=recurring,
                delivers=change.delivers,
            )
        )
    return made


def routes(loaded: Loaded, values: Values) -> list[RouteChange]:
    """The ways to mobilise a vehicle, as a run needs them, by central or drawn values.

    Raises:
        ConfigError: a vehicle without a date, figures out of bounds, a model that does not exist.
    """
    reader = Reader(loaded, values)
    made = routes_in(reader)
    reader.stop_if_any()
    return made


def scope_by_month(route: RouteChange, months: Sequence[str]) -> NDArray[np.float64]:
    """Share of the service in scope in each month (0 to 1): none before the start, then evenly to all of it."""
    since = _numbers(months) - month_number(route.starts)
    grown = np.ones(len(months)) if route.months_to_full_scope <= 0 else since / route.months_to_full_scope
    scope: NDArray[np.float64] = route.scope_at_start + (1 - route.scope_at_start) * np.clip(grown, 0, 1)
    scope[since < 0] = 0.0
    return scope


def capacity_cut(route: RouteChange, months: Sequence[str]) -> NDArray[np.float64]:
    """Share of practitioners gone in each month (0 to 1).

    ``capacity_share`` × recurring saving / budget in scope, phased in evenly: none gone in ``capacity_from``, all of
    them in ``capacity_to`` and after. Where the two are one month, all leave in it. A vehicle that spends more instead
    of saving takes nobody away.
    """
    whole_cut = route.capacity_share * route.recurring_share * route.efficiency_saving / route.in_scope_budget
    first, last = month_number(route.capacity_from), month_number(route.capacity_to)
    since = _numbers(months) - first
    phased = since / (last - first) if last > first else np.where(since < 0, 0.0, 1.0)
    gone: NDArray[np.float64] = np.clip(phased, 0, 1) * min(max(whole_cut, 0.0), 1.0)
    return gone


def roster_after(practitioners: Mapping[str, int], cut: float) -> dict[str, int]:
    """Practitioners left in each team, in whole people, after a share of all of them has gone.

    The number who go is the nearest whole one (a half goes up), for all teams together: rounded team by team, small
    teams would never lose anybody. One after another leaves the team for which n / (2 × gone + 1) is greatest, n its
    size at first (Sainte-Laguë; ties by name), so that teams lose in proportion, and a larger cut never gives a
    practitioner back.

    Raises:
        ValueError: a cut outside 0 to 1.
    """
    if not 0 <= cut <= 1:
        raise ValueError(f"a cut of {cut} is no share")
    gone = dict.fromkeys(sorted(practitioners), 0)
    for _ in range(whole(sum(practitioners.values()) * cut)):
        left = [name for name in gone if gone[name] < practitioners[name]]
        gone[max(left, key=lambda name: practitioners[name] / (2 * gone[name] + 1))] += 1
    return {name: number - gone[name] for name, number in practitioners.items()}


def _numbers(months: Sequence[str]) -> NDArray[np.float64]:
    return np.array([month_number(month) for month in months], dtype=np.float64)
