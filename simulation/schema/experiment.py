"""An experiment: what to run and compare."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from simulation.schema.attribution import Attribution
from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.quantity import Number, Parameters
from simulation.schema.service import WholeService
from simulation.schema.sign_off import SignOff
from simulation.schema.sweep import Sweep
from simulation.schema.transfer import Match, Transfer
from simulation.schema.transition import Transition


class Own(Strict):
    """A model on its own contacts: do the published pictures come out?"""

    model: Name
    demand: Name


class Calibration(Strict):
    """Each model on its own contacts for one year."""

    start: date
    replications: int = Field(ge=40, le=10_000, description="At least 40, so that a year's range can be given")
    runs: list[Own] = Field(min_length=1)


class Precision(Strict):
    """When to stop: after the first look, at the end of a batch, once the difference is precise enough."""

    measure: Name = "funded_package"
    relative_half_width: float = Field(gt=0, lt=1)
    first_look: int = Field(ge=30, description="Pairs before the first look")
    batch: int = Field(ge=1)
    most: int = Field(ge=30, description="Pairs at which to stop whatever the precision")

    @model_validator(mode="after")
    def _in_order(self) -> Precision:
        if self.most < self.first_look:
            raise ValueError(f"most ({self.most}) is below first_look ({self.first_look}); raise most")
        return self


class LikeForLike(Strict):
    """The curve of the difference over an input that no document publishes."""

    parameter: str = Field(description="file.name of the parameter, such as barnet_2014_15.hospital_funded_rate")
    start: float
    end: float
    steps: int = Field(ge=3, le=200)


class Comparison(Strict):
    """Two models on the same people."""

    baseline: Name
    model: Name
    demand: Name
    prices: Name
    start: date
    years: int = Field(ge=1, le=30)
    keeps_baseline: dict[str, Any] = Field(description="Attribute to values: these people keep the baseline's path")
    transfers: list[Transfer] = Field(min_length=1)
    precision: Precision
    like_for_like: LikeForLike | None = None
    headline_transfer: Name
    addressable_share: Number | None = Field(
        default=None, description="Share of the savings asked that this model can reach at all, drawn beside the whole"
    )
    input_draws: int = Field(default=1000, ge=0, le=100_000, description="Draws of the ranged inputs")


class Experiment(Strict):
    """A question, and how it is to be answered."""

    kind: Literal["experiment"]
    name: Name
    title: str
    question: Sentence
    extends: Name | None = None
    seed: int = Field(ge=0, lt=2**32)
    follow_up_days: int = Field(
        ge=0, le=3650, description="How long after the last contact people are followed, so that they reach an outcome"
    )
    parameters: Parameters = {}
    suppose: dict[str, float] = Field(
        default={},
        description="Values of inputs with a range, in place of those in their files, by the key of tables/inputs.csv: "
        "models/barnet_2014_15.hospital_funded_rate. They are the experiment's assumptions, and are neither drawn nor "
        "varied",
    )
    calibration: Calibration | None = None
    comparison: Comparison | None = None
    service: WholeService | None = None
    transition: Transition | None = None
    attribution: Attribution | None = Field(default=None, description="The changes a difference is split into")
    sweep: Sweep | None = Field(default=None, description="Settings over which run.py sweep repeats the question")
    targets: Name | None = Field(default=None, description="Prices file with the savings asked")
    true_only_if: list[Sentence] = Field(default=[], description="What must be true for the headline to hold")
    cannot_say: list[Sentence] = []
    aftermath: Name | None = Field(
        default=None, description="What happened after the documents were written, told beside the result, used by none"
    )
    sign_off: SignOff | None = Field(default=None, description="Who answers for it, for the technical annex")


__all__ = ["Calibration", "Comparison", "Experiment", "LikeForLike", "Match", "Own", "Precision", "Transfer"]
