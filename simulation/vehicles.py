"""Delivery vehicles: the board's table, the milestones of mobilisation, and what nobody published."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.errors import ConfigError, Problem
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.options import VehicleTable, months_after, ranks, vehicle_table
from simulation.printed import MOST, Reader, Row
from simulation.reading import Where, at
from simulation.schema.option import Mobilisation, Route, Vehicle

MOST_MONTHS = 600
MOST_YEARS = 50


@dataclass(frozen=True)
class Step:
    """A milestone of a mobilisation, by calendar month."""

    title: str
    month: str
    where: Where
    printed: str | None
    differs: str | None


@dataclass(frozen=True)
class Duration:
    """How long one way to mobilise takes, in months from the decision (None: not published), and its milestones."""

    title: str
    least: float | None
    most: float | None
    steps: list[Step]


def _column(reader: Reader, vehicle: Vehicle) -> VehicleTable:
    where: Where = ("vehicle",)
    return vehicle_table(
        reader.number(vehicle.in_scope_budget, (*where, "in_scope_budget"), low=1),
        reader.number(vehicle.efficiency_saving, (*where, "efficiency_saving"), low=-MOST),
        reader.number(vehicle.wider_target, (*where, "wider_target")),
        reader.number(vehicle.delivery_factor, (*where, "delivery_factor"), high=1),
        reader.number(vehicle.own_target, (*where, "own_target"), low=1),
    )


def savings_years(reader: Reader, vehicle: Vehicle) -> int:
    """Years that the totals cover; faults are kept in the reader."""
    where: Where = ("vehicle", "savings_years")
    return int(reader.number(vehicle.savings_years, where, low=1, high=MOST_YEARS, count=True))


def column_of(loaded: Loaded, values: Values) -> VehicleTable:
    """The published column of a vehicle, in pounds over the savings period.

    Raises:
        ConfigError: figures that cannot be evaluated or are out of bounds.
    """
    reader = Reader(loaded, values)
    column = _column(reader, loaded.config.vehicle)
    reader.stop_if_any()
    return column


def vehicles_with(loaded: Loaded, values: Values) -> dict[str, Loaded]:
    """A vehicle and those it is ranked with, by name.

    Raises:
        ConfigError: a name that is no other vehicle.
    """
    result = {loaded.config.name: loaded}
    for index, name in enumerate(loaded.config.vehicle.ranked_with):
        where: Where = ("vehicle", "ranked_with", index)
        other = values.inputs.library.named("option", name, loaded, where)
        if other.config.vehicle is None or name in result:
            what = f"'{name}' is not another vehicle." if name not in result else f"'{name}' is in this list already."
            raise ConfigError([loaded.problem(where, what, "Name each of the other vehicles of the table once.")])
        values.inputs.add(other)
        result[name] = other
    return result


def _saving_lines(reader: Reader, vehicle: Vehicle, saving: int) -> list[Row]:
    """The lines of the efficiency saving add up to it, once all are known."""
    amounts = []
    for name, line in vehicle.saving_lines.items():
        where: Where = ("vehicle", "saving_lines", name, "pounds")
        if line.pounds is not None:
            amounts.append(reader.stated(line.pounds, where, low=-MOST))
    given = [amount for amount in amounts if amount is not None]
    if not given or len(given) < len(amounts):
        return []
    return [Row("Lines of the efficiency saving", sum(given), ("vehicle", "saving_lines"), saving)]


def vehicle_rows(reader: Reader, vehicle: Vehicle) -> list[Row]:
    """The column of a vehicle beside the printed one; faults are kept in the reader."""
    column = _column(reader, vehicle)
    factor = reader.number(vehicle.delivery_factor, ("vehicle", "delivery_factor"), high=1)
    for cost in type(vehicle.costs).model_fields:
        reader.stated(getattr(vehicle.costs, cost), ("vehicle", "costs", cost), low=-MOST)
    reader.stated(vehicle.practitioner_share, ("vehicle", "practitioner_share"), high=1)
    savings_years(reader, vehicle)
    name = reader.loaded.config.name
    totals = {name: column.total_benefit}
    try:
        for other in vehicles_with(reader.loaded, reader.values).values():
            if other is not reader.loaded:
                totals[other.config.name] = column_of(other, reader.values).total_benefit
    except ConfigError as error:
        reader.found.extend(error.problems)
    printed = vehicle.printed
    where: Where = ("vehicle", "printed")
    return [
        Row("Efficiency saving", column.efficiency_saving, ("vehicle", "efficiency_saving")),
        *_saving_lines(reader, vehicle, column.efficiency_saving),
        reader.row("Revised budget", column.revised_budget, printed.revised_budget, (*where, "revised_budget")),
        reader.row(
            f"Wider target × {factor:.0%} judged by the board (no probability)",
            column.target_delivered,
            printed.target_delivered,
            (*where, "target_delivered"),
        ),
        reader.row("Total benefit", column.total_benefit, printed.total_benefit, (*where, "total_benefit")),
        reader.row("Rank by the board's own totals", ranks(totals)[name], printed.rank, (*where, "rank")),
        Row("Share of the vehicle's own target", column.share_of_own_target, ("vehicle", "own_target"), unit=0.01)
        if printed.share_of_own_target is None
        else reader.row(
            "Share of the vehicle's own target",
            column.share_of_own_target,
            printed.share_of_own_target,
            (*where, "share_of_own_target"),
        ),
    ]


def _route(reader: Reader, decided: str, name: str, route: Route) -> Duration:
    where: Where = ("vehicle", "mobilisation", "routes", name)
    least = reader.stated(route.least_months, (*where, "least_months"), high=MOST_MONTHS)
    most = reader.stated(route.most_months, (*where, "most_months"), high=MOST_MONTHS)
    if least is not None and most is not None and least > most:
        what = f"{at(where)}: least_months ({least:g}) is above most_months ({most:g})."
        reader.found.append(reader.loaded.problem((*where, "least_months"), what, "Swap them."))
    steps = []
    for index, item in enumerate(route.milestones):
        here: Where = (*where, "milestones", index)
        months = reader.number(item.months, (*here, "months"), high=MOST_MONTHS, count=True)
        steps.append(Step(item.title, months_after(decided, months), here, item.printed_month, item.differs))
    return Duration(route.title, least, most, steps)


def timeline(loaded: Loaded, values: Values) -> list[Duration]:
    """The ways to mobilise a vehicle, with milestones by calendar month; none where the documents give no dates.

    Raises:
        ConfigError: months that cannot be evaluated or are out of bounds.
    """
    reader = Reader(loaded, values)
    plan = loaded.config.vehicle.mobilisation
    if not isinstance(plan, Mobilisation):
        return []
    routes = [_route(reader, plan.decided, name, route) for name, route in plan.routes.items()]
    reader.stop_if_any()
    return routes


def misdated(loaded: Loaded, step: Step) -> Problem | None:
    """A printed month that the months since the decision do not lead to, unless the milestone says why."""
    place = at(step.where)
    same = step.printed in (None, step.month)
    if same and step.differs is not None:
        what = f"{place}: differs: is given, but the months do lead to {step.month}."
        return loaded.problem((*step.where, "differs"), what, "Remove differs:.")
    if same or step.differs is not None:
        return None
    what = f"{place}: its months lead to {step.month}, but {step.printed} is printed."
    return loaded.problem(step.where, what, "Mend the months, or say under differs: why they differ.")


def board_rating(loaded: Loaded) -> str:
    """The board's rating of a vehicle for culture and process: HIGH, MEDIUM or LOW, its judgement and no measurement.

    Only a scenario labelled as such takes it, through ``simulation.change.effect_of_rating``.
    """
    return str(loaded.config.vehicle.ratings.culture_and_process.board_says)
