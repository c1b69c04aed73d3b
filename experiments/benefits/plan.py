"""A plan of schemes with everything that its ranges rest on drawn: numbers avoided, their worth, the share realised."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.errors import ConfigError, DemandflowError, Problem, shown
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.option_tables import problems
from simulation.printed import MOST
from simulation.reading import SHIPPED, Where, at
from simulation.schema import Option
from simulation.schema.option import Schemes, Tracking
from simulation.schema.printed import NotPublished
from simulation.scheme_checks import MOST_REALISED, MOST_WEIGHT

Floats = NDArray[np.float64]

JUDGED = {"assumption", "elicited", "unlabelled"}
"""Kinds of evidence that need a range before a total with low and high may rest on them."""


@dataclass(frozen=True)
class Benefit:
    """Something avoided. ``pounds``: what one is worth in the plan. ``before``: how many a year; None: not known."""

    name: str
    title: str
    payer: str
    back_solved: bool
    pounds: float
    before: float | None


@dataclass(frozen=True)
class Line:
    """What a scheme is to avoid of one benefit in a year of the plan."""

    period: str
    scheme: str
    benefit: str
    planned: float


@dataclass(frozen=True)
class Plan:
    """A plan, its central values and its draws.

    Attributes:
        periods: titles by name; schemes: titles by name, also of those that claim no saving; costs: pounds by period
        and scheme, of those in the pool and those outside alike; claimed: whether a scheme of a period claims a saving.
        weights: (4,) shares of a year's plan by quarter. realised: (benefits,) central share that comes true.
        drawn_planned: (draws, lines); drawn_worth, drawn_realised: (draws, benefits); drawn_weights: (draws, 4).
        rests_on: what was drawn: input, low, high, why.
    """

    loaded: Loaded
    inputs: Inputs
    benefits: dict[str, Benefit]
    periods: dict[str, str]
    schemes: dict[str, str]
    costs: dict[tuple[str, str], float]
    lines: tuple[Line, ...]
    realised: Floats
    weights: Floats
    drawn_planned: Floats
    drawn_worth: Floats
    drawn_realised: Floats
    drawn_weights: Floats
    rests_on: tuple[tuple[str, float, float, str], ...]

    @property
    def tracking(self) -> Tracking:
        """Seed and number of draws."""
        tracking: Tracking = self.loaded.config.schemes.tracking
        return tracking

    def place(self, benefit: str) -> int:
        """The column of a benefit in the drawn arrays."""
        return list(self.benefits).index(benefit)

    @property
    def drawn_avoided(self) -> Floats:
        """Numbers avoided: shape (draws, lines)."""
        at_benefit = [self.place(line.benefit) for line in self.lines]
        return self.drawn_planned * self.drawn_realised[:, at_benefit]

    @property
    def drawn_savings(self) -> Floats:
        """Pounds saved: shape (draws, lines)."""
        return self.drawn_avoided * self.drawn_worth[:, [self.place(line.benefit) for line in self.lines]]


def read_plan(path: Path) -> Plan:
    """The plan in an option's file.

    Raises:
        DemandflowError: the option has no schemes, or nothing to draw ranges from. ConfigError: faults of the file,
        assumptions about money without a range, draws out of bounds.
    """
    library = Library()
    loaded = library.load(path)
    if not isinstance(loaded.config, Option) or loaded.config.schemes is None:
        kind = "has no schemes" if isinstance(loaded.config, Option) else f"is a {loaded.config.kind} file"
        with_schemes = _shipped()
        raise DemandflowError(
            f"{shown(path)} {kind}, so there are no benefits to track. "
            f"Name an option with schemes:, such as {', '.join(with_schemes) or 'none that ships'}."
        )
    plan: Schemes = loaded.config.schemes
    inputs = Inputs(library)
    inputs.add(loaded)
    found = [*problems(loaded, Values(inputs)), *inputs.problems()]
    if plan.tracking is None:
        what = "schemes: has no tracking:, so nothing says how far the plan may miss."
        found.append(loaded.problem(("schemes",), what, "Add tracking: with realised, quarters, seed and input_draws."))
    found = found or _unranged(loaded, inputs, plan)
    if found:
        raise ConfigError(found)
    return _drawn(loaded, inputs, plan)


def _shipped() -> list[str]:
    library = Library()
    files = sorted((SHIPPED / "options").glob("*.yaml"))
    return [shown(file) for file in files if getattr(library.load(file).config, "schemes", None) is not None]


def _numbers(plan: Schemes) -> list[tuple[Where, Any]]:
    """Every number that money depends on, with its place."""
    assert plan.tracking is not None
    root: Where = ("schemes",)
    found: list[tuple[Where, Any]] = [
        ((*root, "unit_values", n, "pounds"), u.pounds) for n, u in plan.unit_values.items()
    ]
    found += [((*root, "tracking", "realised", n), share) for n, share in plan.tracking.realised.items()]
    found += [((*root, "tracking", "quarters", i), weight) for i, weight in enumerate(plan.tracking.quarters)]
    return found + [
        ((*root, "periods", p, "schemes", s, "avoided", b), number)
        for p, period in plan.periods.items()
        for s, scheme in period.schemes.items()
        for b, number in scheme.avoided.items()
    ]


def _key(loaded: Loaded, where: Where) -> str:
    return f"{loaded.ref}:{'.'.join(map(str, where))}"


def _unranged(loaded: Loaded, inputs: Inputs, plan: Schemes) -> list[Problem]:
    """Money that rests on a judged or a back-solved number whose range nobody gave."""
    found = {}
    for where, _ in _numbers(plan):
        solved = where[1] == "unit_values" and plan.unit_values[str(where[2])].known == "back_solved"
        for key in inputs.rests_on(_key(loaded, where)):
            item = inputs.inputs[key]
            ranged = item.evidence is not None and item.evidence.range is not None
            if not ranged and (solved or item.status in JUDGED):
                why = "is solved back" if solved else "is an assumption"
                what = f"{at(item.where)} {why} and has no range, so low and high would say too little."
                mend = "Add range: {low, high, shape, why}."
                found[key] = item.loaded.problem(item.where, what, mend)
    return list(found.values())


def _drawn(loaded: Loaded, inputs: Inputs, plan: Schemes) -> Plan:
    assert plan.tracking is not None
    numbers = _numbers(plan)
    central = Values(inputs)
    values = np.array([central.at(number, loaded, where) for where, number in numbers])
    count = plan.tracking.input_draws
    drawn = np.empty((count, len(numbers)))
    for draw in range(count):
        over = Values(inputs, inputs.drawn(plan.tracking.seed, draw))
        drawn[draw] = [over.at(number, loaded, where) for where, number in numbers]
    many = len(plan.unit_values)
    at_realised = {name: many + i for i, name in enumerate(plan.tracking.realised)}
    order = [at_realised[name] for name in plan.unit_values]
    weights = slice(2 * many, 2 * many + 4)
    _refuse(loaded, numbers, drawn, many)
    benefits = {}
    for index, (name, unit) in enumerate(plan.unit_values.items()):
        known = None if unit.before is None or isinstance(unit.before, NotPublished) else unit.before
        before = None if known is None else central.of(known, loaded.ref)
        solved = unit.known == "back_solved"
        benefits[name] = Benefit(name, unit.title, unit.payer, solved, float(values[index]), before)
    lines = tuple(
        Line(str(where[2]), str(where[4]), str(where[6]), float(value))
        for (where, _), value in zip(numbers[2 * many + 4 :], values[2 * many + 4 :], strict=True)
    )
    schemes = {name: s.title for period in plan.periods.values() for name, s in period.schemes.items()}
    costs = {
        (p, s): central.of(scheme.cost, loaded.ref)
        for p, period in plan.periods.items()
        for s, scheme in period.schemes.items()
    }
    rests_on = tuple(
        (item.key.partition(".")[2] if ":" not in item.key else at(item.where), r.low, r.high, str(r.why))
        for item in inputs.ranged()
        if item.evidence is not None and (r := item.evidence.range) is not None
    )
    return Plan(
        loaded=loaded,
        inputs=inputs,
        benefits=benefits,
        periods={name: period.title for name, period in plan.periods.items()},
        schemes=schemes,
        costs=costs,
        lines=lines,
        realised=values[order],
        weights=values[weights] / values[weights].sum(),
        drawn_planned=drawn[:, 2 * many + 4 :],
        drawn_worth=drawn[:, :many],
        drawn_realised=drawn[:, order],
        drawn_weights=drawn[:, weights] / drawn[:, weights].sum(axis=1, keepdims=True),
        rests_on=rests_on,
    )


def _refuse(loaded: Loaded, numbers: list[tuple[Where, Any]], drawn: Floats, many: int) -> None:
    """Refuses draws that mean nothing: a parameter's range may lead out of bounds where its value does not."""
    found = []
    for column, (where, _) in enumerate(numbers):
        low, high = (0.0, MOST)
        if many <= column < 2 * many:
            low, high = (-MOST_REALISED, MOST_REALISED)
        elif 2 * many <= column < 2 * many + 4:
            high = MOST_WEIGHT
        outside = drawn[:, column][(drawn[:, column] < low) | (drawn[:, column] > high)]
        if len(outside):
            what = f"{at(where)} is drawn as {outside[0]:,.6g}."
            mend = f"Mend the ranges it rests on: it must stay from {low:,.15g} to {high:,.15g}."
            found.append(loaded.problem(where, what, mend))
    if not found and not (drawn[:, 2 * many : 2 * many + 4].sum(axis=1) > 0).all():
        where = ("schemes", "tracking", "quarters")
        found.append(loaded.problem(where, f"{at(where)} are all 0 in some draws.", "Mend their ranges."))
    if found:
        raise ConfigError(found)
