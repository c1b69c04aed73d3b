"""How adoption of a new practice grows: a plain S-curve, or the culture model's drivers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simulation.schema.base import Name, Reference, Sentence, Strict
from simulation.schema.model import NotModelled
from simulation.schema.quantity import Number, Parameters, Range


class SCurve(Strict):
    """A logistic curve from launch to completion, the same for every team unless some start later."""

    form: Literal["s_curve"]
    months_to_embed: Number = Field(description="Months from launch until everybody works in the new way, as planned")
    steepness: Number = Field(description="Above 0: near 0 a straight line, 10 or more nearly a step half way")
    later: dict[Name, Number] = Field(
        default={}, description="Team to the months by which it starts later than the others; below 0 for earlier"
    )


class CultureTeam(Strict):
    """Practitioners who see each other at work."""

    title: str
    practitioners: Number = Field(description="How many; a number drawn from a range is taken to the nearest one")


class Training(Strict):
    """A programme that runs from launch."""

    reach: Number = Field(description="Share of practitioners trained in a month, drawn anew each month")
    effect: Number = Field(description="Part of the way to the target that a training takes the most receptive")
    months: Number = Field(description="How long the programme lasts")


class Leadership(Strict):
    """What leaders do from launch on."""

    strength: Number = Field(description="0: they do not stand behind the change; 1: wholly")
    pull: Number = Field(description="Part of the way that whole leadership takes the most receptive in a month")


class Turnover(Strict):
    """Who leaves, and who comes in their place."""

    leaving_a_year: Number = Field(description="Share of practitioners who leave in a year")
    newcomers_practice: Number = Field(description="0: as people work today; 1: in the new way from the first day")


class Culture(Strict):
    """Drivers of practice. Shares and parts of a way lie between 0 and 1."""

    form: Literal["culture"]
    teams: dict[Name, CultureTeam] = Field(
        min_length=1, description="Names of a model's teams; its other teams take the mean of all practitioners"
    )
    training: Training
    leadership: Leadership
    turnover: Turnover
    peer_pull: Number = Field(
        description="Part of the way to their team's mean that colleagues take each other in a month"
    )
    slipping: Number = Field(description="Part of practice that is lost in a month without any leadership")
    least_receptive: Number = Field(
        description="How far training and leadership move the least receptive, as a share of the most receptive"
    )


class VehicleEffect(Strict):
    """How much faster practice changes for each step of the board's rating: chosen in scenarios and never drawn.

    It moves no headline: above 0, a transition runs every vehicle once more as its rating says, beside the answer.
    """

    value: float = Field(
        description="0: vehicles do not differ in culture. Above 0: the size of the scenario in which ratings are right"
    )
    status: Literal["assumption"]
    why: Sentence
    range: Range = Field(description="Sizes for labelled scenarios and the reversal point")

    @model_validator(mode="after")
    def _in_range(self) -> VehicleEffect:
        if self.range.low < 0:
            raise ValueError("a vehicle effect below 0 would turn the ratings round; start the range at 0 or above")
        if not self.range.low <= self.value <= self.range.high:
            raise ValueError(
                f"the value ({self.value:g}) lies outside its own range ({self.range.low:g} to {self.range.high:g}); "
                "widen the range or change the value"
            )
        return self


class Change(Strict):
    """One account of how fast practice changes once a delivery vehicle is launched."""

    kind: Literal["change"]
    name: Name
    title: str
    short_title: str = Field(description="As it is called in sentences and charts", max_length=40)
    hypothesis: Sentence = Field(description="What kind of statement this is, said wherever its results are shown")
    extends: Name | None = None
    uses: list[Reference] = Field(default=[], description="Files whose parameters the formulas may name")
    parameters: Parameters = {}
    adoption: Annotated[SCurve | Culture, Field(discriminator="form")]
    vehicle_effect: VehicleEffect
    not_modelled: list[NotModelled] = []
    note: Sentence | None = None
