"""How many practitioners or places there are, and when."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from simulation.schema.base import Strict
from simulation.schema.quantity import Number

Span = Annotated[str, StringConstraints(pattern=r"^[0-2]?[0-9]:[0-5][0-9]-[0-2]?[0-9]:[0-5][0-9]$")]


class Hours(Strict):
    """Opening hours by weekday, as spans such as 09:00-17:00; a day left out is closed."""

    monday: list[Span] = []
    tuesday: list[Span] = []
    wednesday: list[Span] = []
    thursday: list[Span] = []
    friday: list[Span] = []
    saturday: list[Span] = []
    sunday: list[Span] = []
    bank_holidays: Literal["closed", "open"] = "closed"


class Roster(Strict):
    """Practitioners by month: each number holds from its month, such as 2016-04, until the next one given."""

    by_month: dict[Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")], Number] = Field(
        min_length=1
    )


def _practitioners(value: Any) -> str:
    if value == "unlimited":
        return "unlimited"
    if isinstance(value, Roster) or (isinstance(value, dict) and "by_month" in value):
        return "roster"
    return "number"


Practitioners = Annotated[
    Annotated[Literal["unlimited"], Tag("unlimited")]
    | Annotated[Roster, Tag("roster")]
    | Annotated[Number, Tag("number")],
    Discriminator(_practitioners),
]
