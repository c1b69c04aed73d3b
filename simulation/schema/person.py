"""What is known of a simulated person, and how those attributes are spread."""

from __future__ import annotations

from pydantic import Field

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.distribution import Duration, Law
from simulation.schema.quantity import Number

ATTRIBUTES = ("source", "client_group", "age_band", "can_travel", "informal_support", "means")
"""Categorical attributes that decisions may ask about; ``eligible_need`` and need hours are latent."""


class Group(Strict):
    """A client group: primary support reason and age, as the statutory returns give them."""

    title: str
    share: Number = Field(description="Share of this population's contacts, 0 to 1")


class Source(Strict):
    """Where contacts come from."""

    title: str
    contacts_per_year: Number = Field(description="Contacts in a year of 365 days")
    client_groups: dict[Name, Number] | None = Field(
        default=None, description="Shares of client groups, where they differ from the population's"
    )


class Spread(Strict):
    """How an attribute's values are spread within each client group."""

    title: str
    values: list[Name] = Field(min_length=1, description="The attribute's possible values")
    titles: dict[Name, str] = Field(
        default_factory=dict, description="What values are called on pages, by value; else the name itself"
    )
    shares: dict[str, dict[str, Number]] = Field(
        description="Client group (or 'all') to value to share; one value may be 'rest'"
    )


class Need(Strict):
    """Latent need: a rank for each person, spread evenly from lightest (0) to heaviest (1) within a client group."""

    hours_per_week: dict[str, Law] = Field(description="Client group (or 'all') to the law of weekly hours of need")
    eligible_share: Number = Field(
        description="Share of contacts with an eligible need, whether or not anybody decides so"
    )


class Person(Strict):
    """Attributes of the people in a population."""

    age_band: Spread
    can_travel: Spread
    informal_support: Spread
    means: Spread
    need: Need
    note: Sentence | None = None


__all__ = ["ATTRIBUTES", "Duration", "Group", "Need", "Person", "Source", "Spread"]
