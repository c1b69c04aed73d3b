"""One whole service over years: what to run, what to measure, and which published figures it must come near."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.quantity import Number

Measured = Annotated[str, StringConstraints(min_length=1, max_length=160)]
"""The name of a measure, such as ``contact`` or ``in_care/older_people/residential+nursing`` (docs/outputs.md)."""

_YEAR = r"^[0-9]{4}/[0-9]{2}$"


def _financial_year(text: str) -> str:
    if not re.match(_YEAR, text):
        raise ValueError(f"'{text[:60]}' is not a financial year: write it as 2014/15")
    return text


FinancialYear = Annotated[str, AfterValidator(_financial_year), WithJsonSchema({"type": "string", "pattern": _YEAR})]


class Accept(Strict):
    """How far from a published figure is near enough: the widest of those given.

    ``relative`` is a share of the figure, ``absolute`` is in its own unit, ``poisson_sds`` counts standard deviations
    of a Poisson number. Where the figure has a range, the distance is from its nearer end. ``one_year`` asks instead
    that the figure lie within the range of one simulated year.
    """

    relative: float | None = Field(default=None, ge=0, le=1)
    absolute: float | None = Field(default=None, ge=0)
    poisson_sds: float | None = Field(default=None, ge=0, le=10)
    one_year: bool = False

    @model_validator(mode="after")
    def _something(self) -> Accept:
        widths = (self.relative, self.absolute, self.poisson_sds)
        if not self.one_year and all(width is None for width in widths):
            raise ValueError("accept needs relative, absolute, poisson_sds or one_year: give one")
        if self.one_year and any(width is not None for width in widths):
            raise ValueError("one_year stands alone: remove the other widths, or remove one_year")
        return self


class Reading(Strict):
    """A number read from the results: a measure, perhaps divided by another."""

    measure: Measured
    of: Measured | None = Field(default=None, description="Divided by this measure")
    of_plus: Number | None = Field(default=None, description="Added to that divisor: what is not modelled")
    per_100000: Name | None = Field(default=None, description="For every 100,000 of these residents")
    year: FinancialYear | None = Field(default=None, description="The financial year; default: reported_year")

    @model_validator(mode="after")
    def _one_divisor(self) -> Reading:
        if self.of is not None and self.per_100000 is not None:
            raise ValueError(f"'{self.measure}' is divided by two things: keep of or per_100000")
        if self.of_plus is not None and self.of is None:
            raise ValueError(f"'{self.measure}' has of_plus without of: add of, or remove of_plus")
        return self


class Check(Reading):
    """A published figure that the service must come near."""

    title: str | None = None
    published: Number
    accept: Accept
    used_to_set: bool = Field(description="true: inputs were set with this figure, so coming near it is calibration")
    must_hold: bool = Field(default=False, description="true: may never be outside; others may, up to most_outside")
    note: Sentence | None = None


class Indicator(Reading):
    """A measure that the council reports, with what was printed for it."""

    name: Name
    title: str
    published: Number | None = None
    target: Number | None = None
    note: Sentence | None = None


class Sets(Strict):
    """Names for several client groups or care types together; people in a named set of care are counted once."""

    groups: dict[Name, list[Name]] = Field(default={}, description="Such as older: [older_people]")
    care: dict[Name, list[Name]] = Field(default={}, description="Such as care_home: [residential, nursing]")


class WholeService(Strict):
    """One delivery model on one population, for years.

    The set of care ``long_term`` holds the prices file's long-term types where it is not given. Indicators of
    enablement and admissions use the sets ``older`` (client groups) and ``care_home`` (care types).
    """

    model: Name
    demand: Name
    prices: Name
    start: date = Field(description="The first day that counts: the first of April")
    years: int = Field(ge=1, le=30)
    warm_up_months: int = Field(default=0, ge=0, le=240, description="Simulated before the start and not counted")
    growth: bool = Field(default=False, description="true: contacts grow as the demand file says")
    replications: int = Field(ge=2, le=10_000, description="At least 40, so that a year's range can be given")
    reported_year: FinancialYear = Field(description="The financial year to which checks and indicators belong")
    counted_sources: list[Name] | None = Field(
        default=None, description="Sources whose people count as contacts, flows and ledger; default: all"
    )
    reviews_on_time_days: float = Field(default=28.0, ge=0, description="A review is on time if over so soon")
    sets: Sets = Sets()
    residents: dict[Name, Number] = Field(default={}, description="People in the area, by name of a set of groups")
    most_outside: int = Field(default=3, ge=0, description="How many checks may be outside; each is named")
    checks: list[Check] = []
    indicators: list[Indicator] = []
