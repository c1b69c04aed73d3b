"""A contract for the services in scope: what becomes of under- and overspends, and who bears the risk of care."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simulation.schema.base import Sentence, Strict
from simulation.schema.printed import Stated
from simulation.schema.quantity import Number, Source
from simulation.schema.vehicle_change import Needed


class CareRisk(Strict):
    """Who pays when people need more care than was budgeted for."""

    borne_by: Literal["council"] = Field(description="Under every vehicle: the contract is for staffing alone")
    why: Sentence
    source: Source


class Illustration(Strict):
    """A made-up course of years that shows the rule at work; no forecast."""

    budget: Number = Field(description="Pounds a year for staffing and support in scope")
    over_budget: list[Number] = Field(
        min_length=1, max_length=20, description="Spend above budget in each year, as a share of it; below 0: under it"
    )
    why: Sentence


class Contract(Strict):
    """Under- and overspends of a staffing budget handed to a vehicle."""

    covers: list[Sentence] = Field(min_length=1, description="What the budget is for")
    source: Source
    care_risk: CareRisk
    length_years: Stated
    underspend_kept: Needed = Field(description="Share of an underspend that is carried forward, 0 to 1")
    overspend_covered: Needed = Field(
        description="Share of an overspend beyond the surplus carried forward that the council covers as a loan, 0 to 1"
    )
    recouped_over_years: Needed = Field(description="Years over which a loan is taken back evenly, from the next year")
    illustration: Illustration
