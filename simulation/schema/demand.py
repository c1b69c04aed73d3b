"""A population: who contacts the council, how often, and what they are like."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.model import NotModelled
from simulation.schema.person import Group, Person, Source
from simulation.schema.quantity import Number, Parameters


class Demand(Strict):
    """Contacts by source and client group, and the attributes of the people who make them."""

    kind: Literal["demand"]
    name: Name
    title: str
    short_title: str = Field(max_length=60)
    extends: Name | None = None
    population: Name = Field(description="People are the same people wherever the population's name is the same")
    parameters: Parameters = {}
    sources: dict[Name, Source]
    client_groups: dict[Name, Group]
    by_month: dict[str, Number] | None = Field(
        default=None, description="Calendar month 1 to 12 to a factor on contacts; all 1 where left out"
    )
    person: Person
    not_modelled: list[NotModelled] = []
    note: Sentence | None = None
