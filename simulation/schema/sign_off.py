"""Who answers for an analysis, in the roles of the AQuA Book (HM Government, revised 2025)."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated

from pydantic import Field, StringConstraints

from simulation.schema.base import Sentence, Strict

Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]


class Signature(Strict):
    """Somebody in a role. Without a date they are named and have not signed."""

    name: Person
    post: Person | None = Field(default=None, description="What they are where they work")
    date: Date | None = Field(default=None, description="The day on which they signed; left out: not signed")
    remarks: Sentence | None = None


class SignOff(Strict):
    """Four roles. Who is left out has not signed; the annex prints a line to be signed by hand."""

    commissioner: Signature | None = Field(default=None, description="Asked for the analysis and accepts it")
    analyst: Signature | None = Field(default=None, description="Carried it out and assured their own work")
    assurer: Signature | None = Field(default=None, description="Reviewed the analyst's assurance; not the analyst")
    approver: Signature | None = Field(default=None, description="Signs that it is fit for its use")
