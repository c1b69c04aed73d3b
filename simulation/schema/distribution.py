"""Laws of durations and of need."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from simulation.schema.base import Sentence, Strict
from simulation.schema.quantity import Number

Unit = Literal["minutes", "hours", "days", "weeks", "years"]
DAYS_IN_YEAR = 365.25
TICKS_PER: dict[str, int] = {
    "minutes": 60_000,
    "hours": 3_600_000,
    "days": 86_400_000,
    "weeks": 604_800_000,
    "years": round(DAYS_IN_YEAR * 86_400_000),
}
"""Milliseconds in one unit."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "constant": ("value_of",),
    "uniform": ("low", "high"),
    "exponential": ("mean",),
    "lognormal": ("mean", "sigma"),
    "weibull": ("mean", "shape"),
    "gamma": ("mean", "shape"),
    "triangular": ("low", "mode", "high"),
    "pert": ("low", "mode", "high"),
    "empirical": ("values",),
    "scipy": ("law", "arguments"),
}
"""Each family and the keys it needs."""


class Law(Strict):
    """A distribution: a named family, data, or any continuous SciPy law by its name and arguments."""

    distribution: Literal[
        "constant",
        "uniform",
        "exponential",
        "lognormal",
        "weibull",
        "gamma",
        "triangular",
        "pert",
        "empirical",
        "scipy",
    ]
    value_of: Number | None = Field(default=None, description="constant: the value")
    mean: Number | None = None
    sigma: Number | None = Field(default=None, description="lognormal: standard deviation of the logarithm")
    shape: Number | None = Field(default=None, description="weibull, gamma: shape")
    low: Number | None = None
    mode: Number | None = None
    high: Number | None = None
    values: list[float] | None = Field(default=None, description="empirical: the observed values")
    law: str | None = Field(default=None, description="scipy: the name of a continuous law in scipy.stats")
    arguments: dict[str, float] | None = Field(default=None, description="scipy: its arguments")
    cap: Number | None = Field(default=None, description="Truncated here: values above are never drawn")
    note: Sentence | None = None

    @model_validator(mode="after")
    def _has_its_keys(self) -> Law:
        needed = FAMILIES[self.distribution]
        given = {key for keys in FAMILIES.values() for key in keys if getattr(self, key) is not None}
        missing = [key for key in needed if key not in given]
        extra = sorted(given - set(needed))
        if missing:
            raise ValueError(f"{self.distribution} needs {' and '.join(missing)}: add it")
        if extra:
            raise ValueError(f"{self.distribution} does not take {' or '.join(extra)}: remove it")
        return self


class Duration(Law):
    """A law of time, in a unit."""

    unit: Unit


class DurationBy(Strict):
    """Durations that differ by an attribute of the person."""

    by: Literal["client_group", "source", "age_band", "can_travel", "informal_support", "means"]
    values: dict[str, Duration]


def _form(value: Any) -> str:
    return "by" if isinstance(value, DurationBy) or (isinstance(value, dict) and "by" in value) else "one"


AnyDuration = Annotated[
    Annotated[Duration, Tag("one")] | Annotated[DurationBy, Tag("by")],
    Discriminator(_form),
]
