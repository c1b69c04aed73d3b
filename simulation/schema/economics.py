"""How money over time is valued: price series, the discount rate, and how far plans are too hopeful."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.quantity import Number


def _two_years_running(value: Any) -> Any:
    """``fy_2017_18`` is a year; ``fy_2017_19`` is none. What is no such text is left to the pattern."""
    if isinstance(value, str) and len(value) == 10 and value[3:7].isdigit() and value[8:].isdigit():
        after = (int(value[3:7]) + 1) % 100
        if int(value[8:]) != after:
            raise ValueError(f"'{value}' is no financial year; write {value[:8]}{after:02d}")
    return value


FinancialYear = Annotated[
    str, StringConstraints(pattern=r"^fy_[0-9]{4}_[0-9]{2}$"), BeforeValidator(_two_years_running)
]
"""April to March: fy_2017_18."""

Timing = Literal["green_book", "mid_year", "year_end"]
"""When a year's money is taken to flow: ``green_book`` leaves the base year undiscounted and takes each later year by
whole years from it; ``mid_year`` and ``year_end`` count from the first day of the base year."""


class Index(Strict):
    """A series of prices or wages by financial year; only its ratios matter."""

    what: Sentence = Field(description="What it measures, and what it leaves out")
    by_year: dict[FinancialYear, Number] = Field(min_length=1)


class Discount(Strict):
    """How later money is worth less, in real terms."""

    rate: Number = Field(description="Share a year, real, from 0 up: 0.035")
    base_year: FinancialYear = Field(description="The year whose prices and day the present value stands for")
    timing: Timing
    longest_years: Number = Field(description="Years after the base year for which the rate is given")


class OptimismBias(Strict):
    """How far plans like these are too hopeful; each is 0 where they are not."""

    cost: Number = Field(description="Costs of change are this share higher than planned")
    benefit: Number = Field(description="Savings are this share lower than planned, 0 to 1")
    duration: Number = Field(description="Change takes this share longer than planned: savings come later")


class Economics(Strict):
    """How money over time is valued."""

    price_year: FinancialYear = Field(description="The year of the weekly prices")
    care_index: Name = Field(description="A file of prices/ with an index: what the fees of care follow")
    general_index: Name = Field(description="A file of prices/ with an index: prices in general, for the real view")
    discount: Discount
    optimism_bias: OptimismBias
