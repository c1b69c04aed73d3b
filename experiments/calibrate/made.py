"""What is made of a template and a file: new files as data, and a row for each figure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from experiments.calibrate.estimates import Estimate, only, share
from experiments.calibrate.seen import Seen
from experiments.calibrate.template import Template
from experiments.small_counts import COUNTED, FEWEST

CALIBRATED, KEPT = "calibrated", "template"
Data = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One figure as it is told.

    Attributes:
        what, title, unit: its name, in words, and of what. status: ``calibrated`` or ``template``. template: the
            template's own value, NaN where it has none. note: why the template's value stays, or what else was seen.
        count: how many the value rests on; small: it, or what it leaves, is too few to be printed.
    """

    what: str
    title: str
    unit: str
    status: str
    estimate: Estimate | None
    template: float
    note: str = ""
    count: int = 0
    small: bool = False


@dataclass
class Made:
    """New files as data, before they are written, and a row for each figure."""

    template: Template
    seen: Seen
    file: str
    model: Data = field(default_factory=dict)
    demand: Data = field(default_factory=dict)
    prices: Data = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def kept(self, what: str, title: str, unit: str, value: float, why: str) -> None:
        """Say that the template's value stays."""
        self.rows.append(Row(what, title, unit, KEPT, None, value, why))

    def evidence(self, estimate: Estimate, of_what: str, unit: str) -> Data:
        """A number with its evidence, as a model file holds it."""
        made: Data = {"value": float(estimate.value), "status": CALIBRATED}
        made["why"] = f"{of_what}{COUNTED}{self.file}, {self.seen.period}"
        made["unit"] = unit
        if estimate.has_range and math.isfinite(estimate.range_low):
            low, high = (
                min(_brief(estimate.range_low), estimate.value),
                max(_brief(estimate.range_high), estimate.value),
            )
            ends: Data = {"low": float(low), "high": float(high), "shape": "pert"}
            ends["why"] = f"what chance leaves open ({estimate.method}), so wide that the law has the standard error"
            made["range"] = ends
        return made


def part_of(made: Made, count: int, of: int, who: str, of_others: bool) -> Data:
    """A share of those whom earlier branches left: such shares may vary apart and never add up to more than one."""
    if not of:
        return made.evidence(only(0.0), f"{who}: nobody was left", "share")
    shown = f"{count:,} of {of:,}" if not 0 < count < FEWEST and not 0 < of - count < FEWEST else f"some of {of:,}"
    if of < FEWEST:
        shown = "a few"
    after = ", of those whom the branches or groups before it leave" if of_others else ""
    return made.evidence(share(count, of), f"{who}: {shown}{after}", "share")


def _brief(number: float) -> float:
    return float(f"{number:.6g}")
