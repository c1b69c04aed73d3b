"""A delivery model: teams and stages."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simulation.schema.base import Name, Reference, Sentence, Strict
from simulation.schema.quantity import Number, Parameters
from simulation.schema.staff import Hours, Practitioners, Roster, Span
from simulation.schema.stages import AnyStage


class Team(Strict):
    """People who do the work of services and own decisions."""

    title: str
    practitioners: Practitioners = Field(
        description="Whole practitioners, a roster by month, or 'unlimited' where no number is published and waits are "
        "not modelled"
    )
    hours: Literal["always"] | Hours = Field(default="always", description="Opening hours")
    productive_share: Number | None = Field(
        default=None, description="Share of hours spent on this work, above 0 to 1: work takes 1 / share as long"
    )
    absence_share: Number | None = Field(
        default=None, description="Share of hours lost to sickness and leave, 0 to below 1: work takes longer by it"
    )
    why: Sentence | None = None


class NotModelled(Strict):
    """Something that exists and that this model leaves out, with the reason."""

    what: str
    why: Sentence


class Applied(Strict):
    """An intervention that is laid over the model."""

    apply: Name = Field(description="Name of a file of interventions/")
    replace: bool = Field(default=False, description="True: in the place of what the model has by the same mechanism")


class DeliveryModel(Strict):
    """How a council answers people who ask for help."""

    kind: Literal["model"]
    name: Name
    title: str
    short_title: str = Field(description="As it is called in sentences and charts", max_length=40)
    reproduces: Sentence
    extends: Name | None = None
    uses: list[Reference] = Field(
        default=[], description="Files whose parameters the formulas may name, such as demand/barnet_2014_15"
    )
    parameters: Parameters = {}
    mechanisms: list[Name] = Field(default=[], description="How it works already, so that nothing is counted twice")
    interventions: list[Applied] = []
    teams: dict[Name, Team] = {}
    stages: dict[Name, AnyStage]
    not_modelled: list[NotModelled] = []
    note: Sentence | None = None


__all__ = ["DeliveryModel", "Hours", "NotModelled", "Practitioners", "Roster", "Span", "Team"]
