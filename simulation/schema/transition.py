"""One model becomes another under several delivery vehicles, over financial years."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.quantity import Number
from simulation.schema.transfer import Transfer


class Move(Strict):
    """Practitioners who leave a team for the new model's own work, such as hubs, as practice changes."""

    team: Name
    practitioners: Number = Field(description="How many, once everybody works in the new way; whole ones go")
    why: Sentence


class Vehicles(Strict):
    """Which vehicles are compared, and the two that the answer is about."""

    options: list[Name] = Field(min_length=2)
    lead: Name = Field(description="The vehicle whose lead is asked about, by its first route")
    over: Name = Field(description="The one it would lead, by its first route")

    @model_validator(mode="after")
    def _among_them(self) -> Vehicles:
        for key in ("lead", "over"):
            if getattr(self, key) not in self.options:
                raise ValueError(f"{key} '{getattr(self, key)}' is not one of the options; name one of them")
        if self.lead == self.over or len(set(self.options)) < len(self.options):
            raise ValueError("a vehicle is named twice; name each once")
        return self


def _apart(effects: list[float]) -> list[float]:
    if 0 in effects:
        raise ValueError("an effect of 0 is the lead vehicle's own pace, which is run anyway; remove it")
    if len(set(effects)) < len(effects):
        raise ValueError("an effect is given twice; give each once")
    return effects


class Transition(Strict):
    """Today's model becomes the new one from each vehicle's own month on."""

    baseline: Name
    model: Name
    demand: Name
    prices: Name
    economics: Name = Field(description="Prices file with price series, discount rate and optimism bias")
    start: date = Field(description="First day of a financial year; results begin here")
    years: int = Field(ge=1, le=15)
    warm_up_months: int = Field(ge=0, le=60, description="Simulated before, so that queues and repeats are there")
    growth: bool = Field(
        description="true: contacts grow as the demand file says; savings against no growth stand beside"
    )
    keeps_baseline: dict[str, Any] = Field(description="Attribute to values: these people keep today's path")
    counted_sources: list[Name] | None = None
    transfers: list[Transfer] = Field(min_length=1)
    headline_transfer: Name
    change: Name = Field(description="File of change/ for the headlines")
    beside: list[Name] = Field(default=[], description="Other files of change/, side by side")
    vehicles: Vehicles
    moves: list[Move] = []
    addressable_share: Number = Field(description="Share of the savings asked that this model can reach at all")
    effects: Annotated[list[Annotated[float, Field(gt=-1, le=100)]], AfterValidator(_apart)] = Field(
        default=[], description="How much faster the lead vehicle might change practice, tried for the reversal point"
    )
    ratings_worth: float | None = Field(
        default=None,
        ge=0,
        le=10,
        description="Scenario: how much faster each step of the board's rating would make it, instead of what the "
        "change file of the headlines has as vehicle_effect",
    )
    pairs: int = Field(ge=2, le=10_000, description="Replications at central inputs, for chance alone; at least 40")
    draws: int = Field(ge=0, le=10_000, description="Replications with inputs drawn, for inputs and chance together")
