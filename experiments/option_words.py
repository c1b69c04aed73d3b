"""What ``run.py options`` says of a vehicle or a contract beside its table, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from simulation.contract import illustration, terms_of
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.options import Lead, lead, months_after
from simulation.reversal import equal_factor
from simulation.schema.printed import NotPublished
from simulation.schema.quantity import Evidence
from simulation.vehicle_change import RouteChange, capacity_cut, routes
from simulation.vehicle_costs import ending_at, net_and_rank, offers_of
from simulation.vehicles import Duration, column_of, timeline, vehicles_with

LABEL = {"published": "as printed", "assumption": "an assumption"}


def _month(month: str) -> str:
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def _length(route: Duration) -> str:
    """How long a way to mobilise takes."""
    if route.least is None and route.most is None:
        return "how long is not published"
    if route.least == route.most:
        return f"{route.least:g} months"
    if route.most is None:
        return f"at least {route.least:g} months; at most how many is not published"
    return f"at most {route.most:g} months" if route.least is None else f"{route.least:g} to {route.most:g} months"


def _range(values: Values, number: Evidence) -> str:
    """The range that a share rests on, where it rests on one input alone."""
    inputs = values.inputs
    (key, *more) = inputs.rests_on(inputs.key_of(number))
    span = None if more else getattr(inputs.inputs[key].evidence, "range", None)
    return "" if span is None else f", {span.low:.0%} to {span.high:.0%}"


def _start(route: RouteChange) -> str:
    """When a route starts and when all of the service is in scope."""
    begins = f"{route.title}: starts {_month(route.starts)}"
    if route.scope_at_start >= 1 or route.months_to_full_scope <= 0:
        scope = "with all of the service"
    else:
        full = _month(months_after(route.starts, route.months_to_full_scope))
        scope = f"with {route.scope_at_start:.0%} of the service, all of it from {full}"
    return f"{begins} {scope}; these dates are {LABEL[route.dates_status]}"


def _change(loaded: Loaded, values: Values) -> Iterator[str]:
    """When a vehicle changes practice, and how many practitioners its saving takes."""
    change = loaded.config.vehicle.change
    made = routes(loaded, values)
    for route in made:
        yield f"  In a run, {_start(route)}."
    if change.shares_total is not None:
        yield f"  Its routes differ in dates only: {change.shares_total}."
    first = made[0]
    gone = float(capacity_cut(first, [first.capacity_to])[0])
    yield (
        f"  Of the efficiency saving {first.capacity_share:.0%} is taken to be practitioners' time (an assumption"
        f"{_range(values, change.capacity_share)}). {gone:.1%} of practitioners leave, "
        f"from {_month(first.capacity_from)} to {_month(first.capacity_to)}, and waits show it."
    )
    recurs = first.efficiency_saving * first.recurring_share
    yield (
        f"  The saving printed for three years is read as £{recurs:,.0f} a year in the end (an assumption"
        f"{_range(values, change.recurring_share)} of the total): the documents do not say if it recurs or is cash."
    )


def _lead(name: str, other: str, ahead: Lead, factor: float, given: float, others: float) -> str:
    """A lead with its parts, the extra cost and the judged factor at which it ends."""
    told = f"  Lead over {other}: £{ahead.total:,} = £{ahead.judged:,} judged + £{ahead.efficiency:,} efficiency"
    return (
        f"{told}. It disappears at {ending_at(ahead)}; or if the board's factor for {name} were {factor:.1%} "
        f"instead of {given:.0%}, beside {others:.0%} for {other}."
    )


def of_vehicle(loaded: Loaded, values: Values) -> Iterator[str]:
    """The mobilisation of a vehicle, what a run needs of it, its lead over the others, and what nobody published."""
    config = loaded.config
    vehicle, ratings = config.vehicle, config.vehicle.ratings
    culture, savings = ratings.culture_and_process.board_says, ratings.savings_and_income.board_says
    yield (
        f"  Ratings are the board's judgement: culture and process {culture}, savings and income {savings}. "
        "Only scenarios labelled as such take them."
    )
    if isinstance(vehicle.mobilisation, NotPublished):
        yield f"  Mobilisation: not published: {vehicle.mobilisation.not_published}."
    for duration in timeline(loaded, values):
        yield f"  Mobilisation: {duration.title}: {_length(duration)}."
        for step in duration.steps:
            printed = "" if step.differs is None else f" (printed {step.printed}: {step.differs})"
            yield f"    {step.title}: {step.month}{printed}"
    yield from _change(loaded, values)
    all_of_them = vehicles_with(loaded, values)
    own = column_of(loaded, values)
    target = values.at(vehicle.wider_target, loaded, ("vehicle", "wider_target"))
    factors = {
        name: values.at(one.config.vehicle.delivery_factor, one, ("vehicle", "delivery_factor"))
        for name, one in all_of_them.items()
    }
    for name, one in all_of_them.items():
        column = column_of(one, values)
        ahead = lead(own, column)
        if name != config.name and ahead.total > 0:
            factor = equal_factor(own, column, target)
            yield _lead(config.short_title, one.config.short_title, ahead, factor, factors[config.name], factors[name])
    made = net_and_rank(offers_of(all_of_them, values))
    if made.net is None or made.ranks is None:
        yield f"  {made.reason}"
    else:
        yield f"  Net of required costs: £{made.net[config.name]:,}, rank {made.ranks[config.name]}."


def of_contract(loaded: Loaded, values: Values) -> Iterator[str]:
    """The terms of a contract and its made-up years."""
    contract, terms = loaded.config.contract, terms_of(loaded, values)
    years = "the next year" if terms.recouped_over_years == 1 else f"the next {terms.recouped_over_years} years"
    yield f"  It covers {' and '.join(contract.covers)}, and nothing else."
    yield (
        f"  An underspend: {terms.underspend_kept:.0%} is carried forward. An overspend: what was carried forward goes "
        f"first; of the rest the council covers {terms.overspend_covered:.0%} as a loan and takes it back over {years}."
    )
    yield f"  If people need more care than was budgeted for, the council pays: {contract.care_risk.why}."
    yield f"  Illustration: {contract.illustration.why}."
    for year, row in enumerate(illustration(loaded, values).to_dict("records"), start=1):
        yield (
            f"    Year {year}: budget £{row['budget']:,}, of which £{row['recouped']:,} taken back; spent "
            f"£{row['spend']:,}; lent £{row['covered']:,}; loan owed £{row['loan']:,}; carried forward "
            f"£{row['carried']:,}; borne by the vehicle £{row['vehicle_bears']:,}."
        )
