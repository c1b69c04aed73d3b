"""A population: who contacts the council, how often, and what they are like."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.model import NotModelled
from simulation.schema.person import Group, Person, Source
from simulation.schema.quantity import Number, Parameters


class Growth(Strict):
    """How contacts change with the years: people of an age band × contacts a head, from a date on, compounding."""

    since: date = Field(description="The date at which contacts_per_year holds")
    population_per_year: dict[str, Number] = Field(description="Age band to yearly change, such as 0.02")
    contact_rate_per_year: Number = Field(description="Yearly change of contacts a head, such as -0.01")


class Ledger(Strict):
    """Where the eligible need of people without a package goes; what none of these takes is possibly unmet."""

    met_by_carer: Number = Field(description="Share met by an unpaid carer, of those who have informal support")
    met_by_community: Number = Field(description="Share met in the community, of those whom no carer helps")


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
    contacts_include_repeats: bool = Field(
        default=False,
        description="True: contacts_per_year counts people who contact again, and first contacts are solved for",
    )
    growth: Growth | None = Field(default=None, description="Used where an experiment asks for it")
    person: Person
    ledger: Ledger | None = None
    held: dict[Name, dict[Name, Number]] = Field(
        default={}, description="People in care at the start: client group to care type to number"
    )
    not_modelled: list[NotModelled] = []
    note: Sentence | None = None
