"""How much of the gap between two models is really closed."""

from __future__ import annotations

from pydantic import model_validator

from simulation.schema.base import Name, Strict
from simulation.schema.quantity import Number


class Match(Strict):
    """Find the transfer at which a measure changes by a stated share."""

    measure: Name
    source: Name
    change: Number


class Transfer(Strict):
    """A share of the gap between two models that is really closed."""

    name: Name
    title: str
    value: Number | None = None
    match: Match | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Transfer:
        if (self.value is None) == (self.match is None):
            raise ValueError(f"transfer '{self.name}' needs a value or a match, and not both; give one of them")
        return self
