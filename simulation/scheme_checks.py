"""What the ranges of a plan of schemes rest on, held against bounds."""

from __future__ import annotations

from simulation.printed import Reader
from simulation.reading import Where, at
from simulation.schema.option import Schemes

MOST_WEIGHT = 1e6
MOST_REALISED = 10.0
"""Ten times the planned number, or as many more instead of fewer, is a slip."""


def check_tracking(reader: Reader, plan: Schemes) -> None:
    """Keeps what is wrong with the figures that ranges of benefits rest on."""
    for name, unit in plan.unit_values.items():
        place: Where = ("schemes", "unit_values", name)
        reader.ends(unit.pounds, (*place, "pounds"))
        if unit.before is not None:
            reader.stated(unit.before, (*place, "before"))
    if plan.tracking is None:
        return
    root: Where = ("schemes", "tracking")
    for name, share in plan.tracking.realised.items():
        if reader.known(name, plan.unit_values, (*root, "realised", name)):
            where: Where = (*root, "realised", name)
            reader.number(share, where, -MOST_REALISED, MOST_REALISED)
            reader.ends(share, where, -MOST_REALISED, MOST_REALISED)
    for name in plan.unit_values:
        if name not in plan.tracking.realised:
            what = f"schemes.tracking.realised has no share for '{name}'."
            reader.found.append(reader.loaded.problem((*root, "realised"), what, "Add one; 1 is the plan."))
    weights = []
    for index, weight in enumerate(plan.tracking.quarters):
        weights.append(reader.number(weight, (*root, "quarters", index), high=MOST_WEIGHT))
        reader.ends(weight, (*root, "quarters", index), high=MOST_WEIGHT)
    if not any(weights):
        where = (*root, "quarters")
        reader.found.append(reader.loaded.problem(where, f"{at(where)} are all 0.", "Give one of them a weight."))
