"""What happened after the documents were written, as far as it is public: told beside a result, used by none."""

from __future__ import annotations

from datetime import date as Date
from typing import Literal

from pydantic import Field

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.model import NotModelled
from simulation.schema.quantity import Source


class Event(Strict):
    """Something that happened, and what it says of a result made before it."""

    date: Date
    place: str = Field(description="Whose decision or doing it was")
    what: Sentence
    means: Sentence = Field(description="What a reader of the result should make of it")
    source: Source


class Aftermath(Strict):
    """What happened next. No number of it enters a run."""

    kind: Literal["aftermath"]
    name: Name
    title: str
    events: list[Event] = Field(min_length=1)
    not_found: list[NotModelled] = Field(default=[], description="What was looked for and is not public, and why")
