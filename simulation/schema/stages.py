"""Every kind of stage a pathway may hold. A kind is added to the format here and in ``agents.codes``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.distribution import AnyDuration
from simulation.schema.quantity import ByAttribute, Evidence, Number, _by_form

Measure = Literal[
    "contact",
    "resolved_at_first_contact",
    "referred_on",
    "hub_appointment",
    "home_visit",
    "enablement",
    "full_assessment",
    "funded_package",
    "no_council_funding",
]
"""What a stage or a branch counts as when models are compared."""

WhereNeedGoes = Literal[
    "no_eligible_need",
    "met_by_community",
    "met_by_carer",
    "self_funds",
    "declined",
    "possibly_unmet",
    "not_published",
    "care_ended",
]

ByNumber = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[str, Tag("formula")]
    | Annotated[Evidence, Tag("evidence")]
    | Annotated[ByAttribute, Tag("by")],
    Discriminator(_by_form),
]


class Stage(Strict):
    """What every stage has."""

    title: str | None = None
    note: Sentence | None = None
    counts_as: Measure | None = None
    draw: Name | None = Field(default=None, description="Name of its random draw, if shared with another stage")


class Published(Strict):
    """What a document prints for a branch, for comparison with what comes out."""

    n: Number | None = Field(default=None, description="Printed count")
    share: float | None = Field(default=None, description="Printed share of those who reach the decision, 0 to 1")
    display_only: bool = Field(default=False, description="True where the count is back-calculated from a share")


class NeedMixing(Strict):
    """How far a decision follows need.

    With probability ``weight`` the branch follows the person's need rank, otherwise chance; the published shares
    hold for any weight. ``scale`` says among whom the rank is taken: those who reach the decision in this model
    (``own``), or, in a comparison, those who reach it in the baseline (``baseline``).
    """

    weight: Number
    scale: Literal["own", "baseline"] = "own"


class Branch(Strict):
    """One way out of a decision."""

    name: Name
    to: Name
    title: str | None = None
    probability: ByNumber | None = Field(default=None, description="A probability, or 'rest'")
    when: dict[str, Any] | None = Field(
        default=None, description="Attribute to value or list of values: the branch is taken when all hold"
    )
    counts_as: Measure | list[Measure] | None = None
    published: Published | None = None

    @property
    def measures(self) -> list[str]:
        """What the branch counts as, as a list."""
        if self.counts_as is None:
            return []
        return list(self.counts_as) if isinstance(self.counts_as, list) else [self.counts_as]

    @model_validator(mode="after")
    def _one_of(self) -> Branch:
        if (self.probability is None) == (self.when is None):
            raise ValueError(f"branch '{self.name}' needs a probability or a when, and not both; give one of them")
        return self


class Arrival(Stage):
    """A source of contacts."""

    kind: Literal["arrival"]
    source: Name
    to: Name


class Overflow(Strict):
    """Where people go who have waited too long."""

    after: AnyDuration
    to: Name


class Service(Stage):
    """Work by a team."""

    kind: Literal["service"]
    team: Name
    duration: AnyDuration
    to: Name
    priority: ByNumber | None = Field(default=None, description="Class in the queue: 0 is served first")
    longest_wait: Overflow | None = None


class Appointments(Stage):
    """Bookable slots, such as a hub session."""

    kind: Literal["appointments"]
    team: Name
    slots: dict[str, Any]
    lead_time: AnyDuration
    did_not_attend: ByNumber
    rebookings: Number
    gave_up_to: Name
    to: Name


class Places(Stage):
    """A stay that occupies one of a number of places."""

    kind: Literal["places"]
    places: Number | Literal["unlimited"]
    stay: AnyDuration
    to: Name
    longest_wait: Overflow | None = None


class Decision(Stage):
    """A branch. Branches stand in order from the least to the most intensive."""

    kind: Literal["decision"]
    owner: Name | None = Field(default=None, description="The team that decides")
    follows_need: NeedMixing | None = None
    branches: list[Branch] = Field(min_length=1)


class SetAttribute(Stage):
    """Changes an attribute of the person."""

    kind: Literal["set"]
    attribute: Name
    value: str
    to: Name


class Package(Stage):
    """Council-funded care of one type. Its weekly cost and length of stay stand in the prices file."""

    kind: Literal["package"]
    care_type: Name
    stay: AnyDuration | None = Field(default=None, description="Only where the prices file gives none")
    to: Name


class Fork(Stage):
    """An activity beside a parent, such as the review of a live package."""

    kind: Literal["fork"]
    parent: Name
    every: AnyDuration
    activity: Name


class Hazard(Stage):
    """A competing exit while waiting or in a stay."""

    kind: Literal["hazard"]
    during: list[Name]
    rate_per_year: ByNumber
    to: Name


class Outcome(Stage):
    """The person leaves this episode."""

    kind: Literal["outcome"]
    need: WhereNeedGoes = Field(description="Where the need went, as far as the documents say")
    contacts_again: ByNumber | None = Field(default=None, description="Probability of a new episode")
    after: AnyDuration | None = None


AnyStage = Annotated[
    Arrival | Service | Appointments | Places | Decision | SetAttribute | Package | Fork | Hazard | Outcome,
    Field(discriminator="kind"),
]

NOT_YET_RUN = ("appointments", "places", "fork", "hazard")
"""Kinds the format describes and this version does not run."""
