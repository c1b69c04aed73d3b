"""The published tables of options and price files: budget shares, schemes, vehicles and single totals."""

from __future__ import annotations

from collections.abc import Callable

from simulation.contract import contract_rows
from simulation.errors import ConfigError, Problem
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.options import saving_of, share_of_budgets, whole
from simulation.printed import MOST, Reader, Row, disagreement, totals
from simulation.reading import Where
from simulation.schema.option import BudgetShares, InterventionSum, Schemes
from simulation.scheme_checks import check_tracking
from simulation.vehicle_change import routes
from simulation.vehicles import misdated, timeline, vehicle_rows


def _budget_shares(reader: Reader, shares: BudgetShares) -> list[Row]:
    root: Where = ("budget_shares",)
    fixed = sum(reader.number(number, (*root, "fixed", name)) for name, number in shares.fixed.items())
    rows: list[Row] = []
    printed_low = printed_high = low = high = fixed
    alone: dict[str, list[int]] = {}
    spans = {}
    for name, line in shares.lines.items():
        where: Where = (*root, "lines", name)
        rate = reader.number(line.rate, (*where, "rate"), high=1)
        factor = reader.number(line.low_factor, (*where, "low_factor"), high=1)
        less = 0.0 if line.less is None else reader.number(line.less, (*where, "less"))
        budgets = {
            group: [reader.number(n, (*where, "budgets", group, council)) for council, n in councils.items()]
            for group, councils in line.budgets.items()
        }
        everything = [number for numbers in budgets.values() for number in numbers]
        span = share_of_budgets(everything, rate, factor, less)
        spans[name] = (everything, rate, factor)
        for group, numbers in budgets.items():
            own = share_of_budgets(numbers, rate, factor)
            sums = alone.setdefault(group, [0, 0])
            sums[0], sums[1] = sums[0] + own.low, sums[1] + own.high
        lowest = reader.row(f"{line.title}, low", span.low, line.printed_low, (*where, "printed_low"))
        highest = reader.row(f"{line.title}, high", span.high, line.printed_high, (*where, "printed_high"))
        rows += [reader.row(f"{line.title}, base", span.base, line.printed_base, (*where, "printed_base"))]
        rows += [lowest, highest]
        low, high = low + span.low, high + span.high
        printed_low, printed_high = printed_low + (lowest.printed or 0), printed_high + (highest.printed or 0)
    rows += [
        reader.row("Sum of the printed lines, low", printed_low, shares.printed_low, (*root, "printed_low")),
        reader.row("Sum of the printed lines, high", printed_high, shares.printed_high, (*root, "printed_high")),
        Row("Worked again from the budgets, low", low, root),
        Row("Worked again from the budgets, high", high, root),
    ]
    for group, (group_low, group_high) in alone.items():
        rows += [Row(f"{group.replace('_', ' ').capitalize()} only, low", group_low, root)]
        rows += [Row(f"{group.replace('_', ' ').capitalize()} only, high", group_high, root)]
    return [*rows, *_superseded(reader, shares, spans)]


def _superseded(reader: Reader, shares: BudgetShares, spans: dict[str, tuple[list[float], float, float]]) -> list[Row]:
    old = shares.superseded
    where: Where = ("budget_shares", "superseded")
    if old is None or not reader.known(old.line, shares.lines, (*where, "line")):
        return []
    less = reader.number(old.less, (*where, "less"))
    fixed = reader.number(old.fixed, (*where, "fixed"))
    earlier = share_of_budgets(*spans[old.line], less)
    others = [share_of_budgets(*span).high for name, span in spans.items() if name != old.line]
    high = fixed + earlier.high + sum(others)
    low = high * spans[old.line][2]  # the earlier version takes its low end from everything
    return [
        reader.row("Superseded version, base", earlier.base, old.printed_base, (*where, "printed_base")),
        reader.row("Superseded version, low", whole(low), old.printed_low, (*where, "printed_low")),
        reader.row("Superseded version, high", whole(high), old.printed_high, (*where, "printed_high")),
    ]


def _schemes(reader: Reader, plan: Schemes) -> list[Row]:
    root: Where = ("schemes",)
    worth = {
        name: reader.number(unit.pounds, (*root, "unit_values", name, "pounds"))
        for name, unit in plan.unit_values.items()
    }
    rows: list[Row] = []
    for key, period in plan.periods.items():
        here: Where = (*root, "periods", key)
        pool, saved, avoided = 0.0, dict.fromkeys(worth, 0), dict.fromkeys(worth, 0.0)
        for name, scheme in period.schemes.items():
            where: Where = (*here, "schemes", name)
            cost = reader.number(scheme.cost, (*where, "cost"))
            pool += cost if scheme.in_pool else 0
            numbers = {
                unit: reader.number(number, (*where, "avoided", unit), count=True)
                for unit, number in scheme.avoided.items()
                if reader.known(unit, worth, (*where, "avoided", unit))
            }
            pounds = saving_of(numbers, worth)
            for unit in numbers:
                avoided[unit] += numbers[unit]
                saved[unit] += pounds[unit]
            if scheme.printed_saving is not None:
                title = f"{period.title}, {scheme.title}"
                rows.append(reader.row(title, sum(pounds.values()), scheme.printed_saving, (*where, "printed_saving")))
        rows += [
            reader.row(
                f"{period.title}, {plan.unit_values[unit].title}", avoided[unit], printed,
                (*here, "printed_avoided", unit),
            )
            for unit, printed in period.printed_avoided.items()
            if reader.known(unit, worth, (*here, "printed_avoided", unit))
        ]  # fmt: skip
        rows += [
            reader.row(f"{period.title}, cost to the pool", pool, period.printed_pool, (*here, "printed_pool")),
            reader.row(
                f"{period.title}, total saving", sum(saved.values()), period.printed_saving, (*here, "printed_saving")
            ),
        ]
        for payer in dict.fromkeys(unit.payer for unit in plan.unit_values.values()):
            own = sum(saved[name] for name, unit in plan.unit_values.items() if unit.payer == payer)
            rows.append(Row(f"{period.title}, of which saved by: {payer}", own, here))
    check_tracking(reader, plan)
    return rows


def _intervention_sum(reader: Reader, total: InterventionSum) -> list[Row]:
    root: Where = ("intervention_sum",)
    made: list[Row] = []
    seen: set[str] = set()
    for index, name in enumerate(total.interventions):
        where: Where = (*root, "interventions", index)
        try:
            found = reader.values.inputs.library.named("intervention", name, reader.loaded, where)
            reader.values.inputs.add(found)
        except ConfigError as error:
            reader.found.extend(error.problems)
            continue
        if name in seen or found.config.england_offset is None:
            fault = "is in this list already" if name in seen else "has no england_offset to add"
            reader.found.append(reader.loaded.problem(where, f"'{name}' {fault}.", "Remove it."))
            continue
        seen.add(name)
        other = Reader(found, reader.values)
        made.append(Row(found.config.title, other.number(found.config.england_offset, ("england_offset",)), where))
        reader.found.extend(other.found)
    title = f"All {len(made)} together, {total.price_base} prices"
    whole_sum = sum(row.comes_to for row in made)
    return [*made, reader.row(title, whole_sum, total.printed_total, (*root, "printed_total"))]


def rows(loaded: Loaded, values: Values) -> list[Row]:
    """The table of an option or of a prices file: what its figures come to, beside what is printed.

    Raises:
        ConfigError: figures that cannot be evaluated or are out of bounds, names that mean nothing.
    """
    reader, config = Reader(loaded, values), loaded.config
    made: list[Row] = []
    if getattr(config, "vehicle", None) is not None:
        made += vehicle_rows(reader, config.vehicle)
    if getattr(config, "budget_shares", None) is not None:
        made += _budget_shares(reader, config.budget_shares)
    if getattr(config, "schemes", None) is not None:
        made += _schemes(reader, config.schemes)
    if getattr(config, "contract", None) is not None:
        made += contract_rows(reader, config.contract)
    if getattr(config, "intervention_sum", None) is not None:
        made += _intervention_sum(reader, config.intervention_sum)
    for name, target in getattr(config, "targets", {}).items():
        where: Where = ("targets", name)
        made.append(Row(f"Target {name}", reader.number(target, where, low=-MOST), where))
    made += totals(reader, config.totals)
    reader.stop_if_any()
    return made


def problems(loaded: Loaded, values: Values) -> list[Problem]:
    """Printed figures that the file's own figures do not come to, and everything that stops the table."""

    def table() -> list[Problem | None]:
        return [disagreement(loaded, row) for row in rows(loaded, values)]

    def dates() -> list[Problem | None]:
        return [misdated(loaded, step) for route in timeline(loaded, values) for step in route.steps]

    def changes() -> list[Problem | None]:
        routes(loaded, values)
        return []

    is_vehicle = getattr(loaded.config, "vehicle", None) is not None
    steps: list[Callable[[], list[Problem | None]]] = [table, dates, changes] if is_vehicle else [table]
    found: list[Problem | None] = []
    for step in steps:
        try:
            found += step()
        except ConfigError as error:
            found += error.problems
    return [item for item in found if item is not None]
