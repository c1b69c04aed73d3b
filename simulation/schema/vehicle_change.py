"""What a run needs of a delivery vehicle: when the new practice starts, how far it reaches, and who leaves."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.printed import Month
from simulation.schema.quantity import Evidence


def _with_evidence(value: Any) -> Any:
    if not isinstance(value, dict | Evidence) or (isinstance(value, dict) and "not_published" in value):
        raise ValueError(
            "a run needs a figure here, with its evidence; give value, status and source, or where none is printed an "
            "assumption with its why and range"
        )
    return value


def _ranged(evidence: Evidence) -> Evidence:
    if evidence.status == "assumption" and evidence.range is None and not isinstance(evidence.value, str):
        raise ValueError("an assumption that a run rests on needs a range; add range with low, high and why")
    return evidence


Needed = Annotated[Evidence, BeforeValidator(_with_evidence), AfterValidator(_ranged)]
"""A value with its evidence that no run can do without; an assumption needs its range."""


class ChangeRoute(Strict):
    """One way to mobilise, as a run needs it."""

    title: str | None = Field(default=None, description="Only where mobilisation is not published")
    starts: Needed = Field(
        description="Months from the decision until the new practice starts; below nought, before the decision"
    )
    months_to_full_scope: Needed = Field(description="Months from that start until all of the service is in scope")
    scope_at_start: Needed = Field(description="Share of the service in scope at the start, 0 to 1")
    note: Sentence | None = None


class VehicleChange(Strict):
    """When and how a vehicle would change practice and staffing. Routes of one vehicle differ in dates only."""

    delivers: Name = Field(description="Delivery model that the vehicle would run, a name in models/")
    decided: Month | None = Field(default=None, description="Only where mobilisation is not published")
    routes: dict[Name, ChangeRoute] = Field(min_length=1, description="The same names as mobilisation.routes")
    shares_total: Sentence | None = Field(
        default=None, description="With more than one route: that the documents print one total for all of them"
    )
    capacity_share: Needed = Field(
        description="Share of the efficiency saving that is practitioners' time, and so leaves the rosters, 0 to 1"
    )
    capacity_from: Needed = Field(description="Months from the decision until the first practitioners leave")
    capacity_to: Needed = Field(description="Months from the decision until all of them have left")
    recurring_share: Needed = Field(
        description="Yearly saving that recurs in the end, as a share of the printed total, 0 to 1: 1 where the total "
        "is read as that yearly saving, a third where it is read as the cash of three equal years"
    )

    @model_validator(mode="after")
    def _one_total(self) -> VehicleChange:
        if (self.shares_total is None) != (len(self.routes) == 1):
            raise ValueError(
                "the routes of one vehicle share one published total; say so under shares_total"
                if self.shares_total is None
                else "one route alone shares its total with no other; remove shares_total"
            )
        return self
