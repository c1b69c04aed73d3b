"""Every kind of stage a pathway may hold. A kind is added to the format here and in ``agents.codes``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from agents.codes import Measure
from simulation.schema.base import Name, Sentence, Strict
from simulation.schema.distribution import AnyDuration
from simulation.schema.quantity import ByAttribute, Evidence, Number, _by_form
from simulation.schema.staff import Practitioners

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Minute = Annotated[str, StringConstraints(pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$")]

WhereNeedGoes = Literal[
    "no_eligible_need",
    "met_by_community",
    "met_by_carer",
    "self_funds",
    "declined",
    "possibly_unmet",
    "not_published",
    "care_ended",
    "reviewed",
    "died",
]
"""``reviewed`` ends a review and nothing else; ``died`` ends all care, and the person does not come back."""

RecordedAs = Literal["request", "assessment", "service", "review"]
"""What a stage is in an event log: the four kinds of event that the statutory client-level data knows."""

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
    recorded_as: RecordedAs | None = Field(default=None, description="What the stage is in an exported event log")
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
    """Bookable slots, such as a hub session.

    ``slots`` gives, for each site and weekday, times of day and the number of people seen at each.
    """

    kind: Literal["appointments"]
    team: Name = Field(description="Whose time an appointment takes; the slots are the limit, not the team")
    slots: Literal["unlimited"] | dict[Name, dict[Weekday, dict[Minute, Number]]]
    bank_holidays: Literal["closed", "open"] = "closed"
    lead_time: AnyDuration = Field(description="From booking to the earliest slot")
    length: AnyDuration = Field(description="How long an appointment takes")
    did_not_attend: ByNumber = Field(description="Probability that a booked appointment is missed")
    rebookings: Number = Field(description="How often somebody who missed is booked again: 0, 1, 2 and so on")
    gave_up_to: Name = Field(description="Where those go who missed them all")
    to: Name


class Places(Stage):
    """A stay that occupies one of a number of places for calendar time."""

    kind: Literal["places"]
    places: Practitioners = Field(description="How many, a roster by month, or 'unlimited'")
    stay: AnyDuration
    care_type: Name | None = Field(default=None, description="Its weekly price stands in the prices file")
    to: Name
    priority: ByNumber | None = Field(default=None, description="Class in the queue: 0 comes first")
    longest_wait: Overflow | None = None


class Decision(Stage):
    """A branch. Branches stand in order from the least to the most intensive."""

    kind: Literal["decision"]
    owner: Name | None = Field(default=None, description="The team that decides")
    follows_need: NeedMixing | None = None
    branches: list[Branch] = Field(min_length=1)


class SetAttribute(Stage):
    """Changes something about the person: an attribute, their ``need``, or their ``care``.

    Need: a share of the way from the person's rank towards the lightest or the heaviest. Care: in a review, the price
    of the care reviewed ``times`` a factor, or ``value: ends``; elsewhere, ``times`` holds for care that starts later.
    """

    kind: Literal["set"]
    attribute: Name
    value: str | None = None
    times: Number | None = Field(default=None, description="care: factor on the weekly price")
    towards_lightest: Number | None = Field(default=None, description="need: share of the way, 0 to 1")
    towards_heaviest: Number | None = Field(default=None, description="need: share of the way, 0 to 1")
    to: Name

    @model_validator(mode="after")
    def _one_of(self) -> SetAttribute:
        forms = {"need": ("towards_lightest", "towards_heaviest"), "care": ("times", "value")}
        allowed = forms.get(self.attribute, ("value",))
        every = ("value", "times", "towards_lightest", "towards_heaviest")
        given = [key for key in every if getattr(self, key) is not None]
        if len(given) != 1 or given[0] not in allowed:
            raise ValueError(f"set of '{self.attribute}' needs {' or '.join(allowed)}, and nothing else; give one")
        if self.attribute == "care" and self.value not in (None, "ends"):
            raise ValueError(f"care cannot become '{self.value}'; give 'ends' as its value, or a factor under times")
        return self


class Package(Stage):
    """Council-funded care of one type. Its weekly price and length of stay stand in the prices file."""

    kind: Literal["package"]
    care_type: Name
    stay: AnyDuration | None = Field(default=None, description="Only where the prices file gives none")
    goes_on: bool = Field(default=False, description="True: the person goes on at once; the care runs beside")
    replaces: list[Name] = Field(default=[], description="Care types that end when this starts; its own always does")
    to: Name


class Fork(Stage):
    """An activity beside care, such as its review. It falls due again and again, and ends with the care.

    The activity is a chain of stages that ends at an outcome; ``set: care`` in it changes or ends the care.
    """

    kind: Literal["fork"]
    parent: Name | list[Name]
    every: AnyDuration = Field(description="From the start of care, or the end of the last review, to the next")
    activity: Name

    @property
    def parents(self) -> list[str]:
        """The packages it belongs to."""
        return [self.parent] if isinstance(self.parent, str) else list(self.parent)


class Hazard(Stage):
    """A competing exit: while waiting for a service or an appointment, or while in a place or in care."""

    kind: Literal["hazard"]
    during: list[Name] = Field(min_length=1)
    rate_per_year: ByNumber
    to: Name


class Outcome(Stage):
    """The person leaves this episode."""

    kind: Literal["outcome"]
    need: WhereNeedGoes = Field(description="Where the need went, as far as the documents say")
    contacts_again: ByNumber | None = Field(default=None, description="Probability of a new episode")
    after: AnyDuration | None = Field(default=None, description="How long until then")
    comes_in_at: Name | None = Field(default=None, description="The stage; default: the arrival of the person's source")

    @model_validator(mode="after")
    def _together(self) -> Outcome:
        if (self.contacts_again is None) != (self.after is None):
            missing = "after" if self.after is None else "contacts_again"
            raise ValueError(f"contacts_again and after belong together; add {missing}")
        if self.contacts_again is None and self.comes_in_at is not None:
            raise ValueError("comes_in_at needs contacts_again and after; add them")
        return self


AnyStage = Annotated[
    Arrival | Service | Appointments | Places | Decision | SetAttribute | Package | Fork | Hazard | Outcome,
    Field(discriminator="kind"),
]
