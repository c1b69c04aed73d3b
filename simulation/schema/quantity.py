"""A number in a config: a value, or a value with its evidence."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from simulation.schema.base import Name, Sentence, Strict

Status = Literal["published", "derived", "assumption", "elicited", "calibrated"]
Shape = Literal["uniform", "triangular", "pert"]


class Source(Strict):
    """Where a figure comes from."""

    document: str = Field(description="A key of configs/sources.yaml, such as 001_4cddddb3a8fa21f1.txt")
    where: Sentence = Field(description="Lines, page, table or section")
    how: Sentence | None = Field(default=None, description="How the figure follows from what is printed there")


class Range(Strict):
    """How far the value might be off."""

    low: float
    high: float
    shape: Shape = "pert"
    why: Sentence

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if self.low > self.high:
            raise ValueError(f"the range's low ({self.low:g}) is above its high ({self.high:g}); swap them")
        return self


class Evidence(Strict):
    """A value with its evidence.

    ``value`` is a number, or a formula over named parameters (``+ - * /``, brackets, ``min`` and ``max``).
    """

    value: float | str
    status: Status
    source: Source | None = None
    why: Sentence | None = None
    range: Range | None = None
    unit: str | None = None
    definition: Sentence | None = None
    owner: str | None = None
    agreed_by: str | None = None
    date: Date | None = None
    price_base: str | None = None
    transfer_from: str | None = None
    population: str | None = None

    @model_validator(mode="after")
    def _has_evidence(self) -> Evidence:
        formula = isinstance(self.value, str)
        if self.status == "published" and self.source is None:
            raise ValueError("a published value needs a source: add source: {document: …, where: …}")
        if self.status == "derived" and self.source is None and self.why is None and not formula:
            raise ValueError("a derived value needs a source or a formula: say what it follows from")
        if self.status in ("assumption", "elicited", "calibrated") and self.why is None:
            named = {"assumption": "an assumption", "elicited": "an elicited value", "calibrated": "a calibrated value"}
            raise ValueError(f"{named[self.status]} needs a why; say on what ground it was chosen")
        if self.range is not None and not isinstance(self.value, str):
            low, high = self.range.low, self.range.high
            if not low <= self.value <= high:
                raise ValueError(
                    f"the value ({self.value:g}) lies outside its own range ({low:g} to {high:g}); "
                    "widen the range or change the value"
                )
        if self.range is not None and formula:
            raise ValueError("a formula takes its range from the parameters it names; remove range:")
        return self


def _form(value: Any) -> str:
    if isinstance(value, Evidence | dict):
        return "evidence"
    if isinstance(value, str):
        return "formula"
    return "number"


Number = Annotated[
    Annotated[float, Tag("number")] | Annotated[str, Tag("formula")] | Annotated[Evidence, Tag("evidence")],
    Discriminator(_form),
    Field(description="A number, a formula over named parameters, or a value with its evidence"),
]


def _cell_form(value: Any) -> str:
    return "nested" if isinstance(value, dict) and "value" not in value else _form(value)


Cell = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[str, Tag("formula")]
    | Annotated[Evidence, Tag("evidence")]
    | Annotated[dict[str, Number], Tag("nested")],
    Discriminator(_cell_form),
]


class ByAttribute(Strict):
    """A number that differs between people or calendar months.

    ``by`` names one or two attributes; ``values`` is keyed by the values of the first, and, with two, nested by
    those of the second. ``month`` is the calendar month, "1" to "12".
    """

    by: list[Name] = Field(min_length=1, max_length=2)
    values: dict[str, Cell]


def _by_form(value: Any) -> str:
    if isinstance(value, ByAttribute) or (isinstance(value, dict) and "by" in value):
        return "by"
    return _form(value)


Parameters = dict[Name, Number]
