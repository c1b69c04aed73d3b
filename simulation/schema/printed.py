"""Figures as a document prints them, held against what the figures of a file come to; and figures nobody printed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.quantity import Evidence, Number, Source

Nearest = Literal["hundredth", "one", "thousand", "ten_thousand", "hundred_thousand", "hundred_million"]
UNIT: dict[Nearest, float] = {
    "hundredth": 0.01,
    "one": 1,
    "thousand": 1_000,
    "ten_thousand": 10_000,
    "hundred_thousand": 100_000,
    "hundred_million": 100_000_000,
}
"""What a printed figure is rounded to."""

Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class Printed(Strict):
    """A figure as printed. It must follow from the file's other figures, or ``differs`` must say why it does not."""

    figure: Number = Field(description="As the document prints it")
    to_nearest: Nearest = Field(default="one", description="What the document rounds to")
    differs: Sentence | None = Field(
        default=None, description="Why the file's figures do not come to it; refused where they do"
    )


class Total(Strict):
    """A formula over named parameters, and the printed figure that it should come to, if any."""

    title: str
    comes_to: Number
    printed: Printed | None = None


Totals = dict[Name, Total]


class NotPublished(Strict):
    """A figure that matters and that no document gives: never taken as nought."""

    not_published: Sentence = Field(description="What was looked for, and what is said instead")
    source: Source | None = Field(default=None, description="Where the documents speak of it without a figure")


def _stated(value: Any) -> Any:
    if not isinstance(value, dict | Evidence | NotPublished):
        raise ValueError(
            "a figure here must carry its evidence; give value, status and source, or not_published and the reason"
        )
    return value


def _form(value: Any) -> str:
    unknown = isinstance(value, NotPublished) or (isinstance(value, dict) and "not_published" in value)
    return "not_published" if unknown else "evidence"


Stated = Annotated[
    Annotated[Evidence, Tag("evidence")] | Annotated[NotPublished, Tag("not_published")],
    Discriminator(_form),
    BeforeValidator(_stated),
]
"""A value with its evidence, or ``not_published`` with the reason; a bare number, nought above all, is refused."""
