"""An intervention: one change to a delivery model, with its mechanism, reach and effect."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.model import NotModelled
from simulation.schema.quantity import Number, Parameters


class Changes(Strict):
    """What is laid over a model, key by key, as ``extends`` lays a file over another."""

    parameters: dict[str, Any] = {}
    teams: dict[str, Any] = {}
    stages: dict[str, Any] = {}


class Figure(Strict):
    """A printed figure and what it is about."""

    what: Sentence
    figure: Number


class Overlap(Strict):
    """What changes when another intervention is applied too, so that nothing is counted twice."""

    parameters: Parameters
    why: Sentence


class Intervention(Strict):
    """One way of changing demand, applied to a model by its ``interventions:``."""

    kind: Literal["intervention"]
    name: Name
    title: str
    extends: Name | None = None
    mechanism: Name = Field(description="How it works; a model has each mechanism once")
    how: Sentence = Field(description="The mechanism in words")
    reach: Figure
    effect: Figure
    england_offset: Number | None = Field(
        default=None, description="£ a year at England scale as printed: opportunity benefits, not savings"
    )
    caution: Sentence
    changes: Changes
    overlaps: dict[Name, Overlap] = {}
    not_modelled: list[NotModelled] = []
