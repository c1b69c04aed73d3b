"""A sweep: an experiment's answer at every point of a grid, or of a list, of its own settings."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from simulation.schema.base import Strict

MOST_POINTS = 1_000
"""Points of one sweep: with 40 pairs each, an hour or several on one machine."""


class Steps(Strict):
    """Numbers evenly apart, both ends among them."""

    start: float
    end: float
    steps: int = Field(ge=2, le=200, description="How many numbers")


class SweptKey(Strict):
    """One setting that is swept, and its values."""

    key: str = Field(
        description="folder/file.name of an input, folder/file:path of anything in a file that the experiment names, a "
        "path in the experiment itself such as transition.years, or transfer"
    )
    values: list[Any] | None = Field(default=None, min_length=1, description="Numbers, names, true and false, dates")
    range: Steps | None = Field(default=None, description="Numbers evenly apart, in place of values")
    title: str | None = Field(default=None, max_length=80, description="As it is called in sentences and charts")
    unit: str | None = Field(default=None, max_length=40, description="Such as 'share' or '£ a week'")

    @model_validator(mode="after")
    def _one_of(self) -> SweptKey:
        if (self.values is None) == (self.range is None):
            raise ValueError(f"'{self.key}' needs values or a range, and not both; give one of them")
        return self


class Sweep(Strict):
    """What ``run.py sweep`` runs: every point with the same people and luck."""

    over: list[SweptKey] = Field(min_length=1, max_length=6)
    how: Literal["grid", "list"] = Field(
        default="grid", description="grid: every combination; list: the first values together, then the second …"
    )
    measures: list[str] = Field(min_length=1, description="As run.py goal knows them")
    pairs: int = Field(default=40, ge=2, le=100_000, description="Replications at each point")
    route: str = Field(default="", description="Which vehicle's route; only where there is transition:")
