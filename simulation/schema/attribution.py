"""Which parts of a difference between two models are told apart."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from simulation.schema.base import Name, Strict

Lever = Literal["moves", "posts"]
"""What a transition changes besides the pathway: practitioners who move to new work, and posts taken out."""


class PartChange(Strict):
    """One change among those that together make the new model."""

    name: Name
    title: str = Field(description="As it is called in sentences and charts", max_length=60)
    stages: list[Name] = Field(default=[], description="Stages of either model that come, go or differ with it")
    teams: list[Name] = Field(default=[], description="All that differs in these teams' work, unless named elsewhere")
    levers: list[Lever] = Field(default=[], description="moves, posts: only where there is transition:")

    @model_validator(mode="after")
    def _something(self) -> PartChange:
        if not self.stages and not self.teams and not self.levers:
            raise ValueError(f"the change '{self.name}' changes nothing; give stages, teams or levers")
        return self


class Otherwise(Strict):
    """Where somebody goes instead of to a stage that is not in use."""

    to: Name
    when: dict[str, Any] | None = Field(default=None, description="Attribute to value or values; the last has none")


class Attribution(Strict):
    """The changes that a difference is split into; ``run.py attribution`` works with any of them alone."""

    changes: list[PartChange] = Field(min_length=1, description="In the pathway's order")
    any_of: dict[Name, list[Name]] = Field(
        default={}, description="Stages that come as soon as one of several changes is made: stage to changes"
    )
    instead: dict[Name, list[Otherwise]] = Field(
        default={},
        description="A stage of the new model, and where its people go while its change is not made; or one of today's "
        "model, and where its people go once the change that names it is made",
    )
