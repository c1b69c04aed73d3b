"""An option that the documents appraise with money and no flow: a delivery vehicle, shares of budgets, or schemes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from simulation.schema.base import Name, Reference, Sentence, Strict
from simulation.schema.contract import Contract
from simulation.schema.model import NotModelled
from simulation.schema.printed import Month, NotPublished, Printed, Stated, Totals
from simulation.schema.quantity import Number, Parameters, Source
from simulation.schema.vehicle_change import VehicleChange


class SavingLine(Strict):
    """One line of a vehicle's efficiency saving."""

    title: str
    board_risk: Literal["low", "medium", "high"] = Field(description="The board's judgement, not a measurement")
    applies: Literal["yes", "no", "not_said"] = Field(description="Whether the text counts it for this vehicle")
    pounds: Stated | None = Field(default=None, description="Left out only where the line does not apply")
    note: Sentence | None = None

    @model_validator(mode="after")
    def _amount_or_none(self) -> SavingLine:
        if (self.pounds is None) != (self.applies == "no"):
            raise ValueError(
                "a line that does not apply takes no pounds; remove pounds:"
                if self.applies == "no"
                else "a line that may apply needs its pounds; give them, or not_published and the reason"
            )
        return self


class Rating(Strict):
    """A rating by the project board: its judgement, not a measurement. It enters only scenarios labelled as such."""

    board_says: Literal["HIGH", "MEDIUM", "LOW"]
    source: Source
    note: Sentence | None = None


class Gateway(Strict):
    """A condition that the board says an option passes or fails."""

    board_says: Literal["yes", "no"]
    source: Source
    note: Sentence | None = None


class Ratings(Strict):
    """The two ranking criteria of the board, and the gateways an option passes or fails."""

    culture_and_process: Rating
    savings_and_income: Rating
    market_appetite: Gateway
    can_be_delegated: Gateway
    tested_elsewhere: Gateway


class Milestone(Strict):
    """A step of a mobilisation, in months after the decision."""

    title: str
    months: Number
    printed_month: Month | None = Field(default=None, description="The month the document prints for it")
    differs: Sentence | None = Field(default=None, description="Why the months do not lead to the printed month")


class Route(Strict):
    """One way to mobilise: how long it takes from the decision, and its milestones."""

    title: str
    least_months: Stated
    most_months: Stated
    milestones: list[Milestone] = []
    note: Sentence | None = None


class Mobilisation(Strict):
    """How long a vehicle takes to start, by route."""

    decided: Month
    source: Source
    routes: dict[Name, Route] = Field(min_length=1)
    note: Sentence | None = None


def _mobilisation_form(value: Any) -> str:
    unknown = isinstance(value, NotPublished) or (isinstance(value, dict) and "not_published" in value)
    return "not_published" if unknown else "plan"


class Costs(Strict):
    """What a vehicle costs beside what it saves, in pounds. None has a default: what is not printed is not nought."""

    set_up: Stated = Field(description="One-off: company, procurement, systems, legal advice")
    vat: Stated = Field(description="VAT and tax that cannot be recovered, a year")
    pensions: Stated = Field(description="Pension deficit, contributions, guarantees: one sum over the savings period")
    stranded_overheads: Stated = Field(description="Council overheads that stay when the service leaves, a year")
    client_side: Stated = Field(description="The Council's own people who hold the contract, a year")
    redundancy: Stated = Field(description="One-off")
    exit: Stated = Field(description="One-off: ending the arrangement and taking the service back")


class VehiclePrinted(Strict):
    """The published table of a vehicle."""

    revised_budget: Printed
    target_delivered: Printed
    total_benefit: Printed
    rank: Printed
    share_of_own_target: Printed | None = None


class Vehicle(Strict):
    """A delivery vehicle: its own efficiency saving, and a judged share of the wider savings target."""

    in_scope_budget: Number = Field(description="Pounds: employee-related costs and transport in scope, one year")
    efficiency_saving: Number = Field(description="Pounds over the savings period")
    saving_lines: dict[Name, SavingLine] = Field(min_length=1)
    own_target: Number = Field(description="Pounds over the savings period that the vehicle's own saving answers to")
    savings_years: Number = Field(description="Years of the savings period, over which yearly costs are counted")
    wider_target: Number = Field(description="Pounds over the savings period, by reducing need")
    delivery_factor: Number = Field(
        description="Share of the wider target that the board expects the vehicle to deliver: multiplied by the "
        "target, and not a probability of meeting it"
    )
    practitioner_share: Stated = Field(description="Share of the efficiency saving that takes practitioners away")
    ranked_with: list[Name] = Field(min_length=1, description="The other vehicles of the same table")
    printed: VehiclePrinted
    ratings: Ratings
    mobilisation: Annotated[
        Annotated[Mobilisation, Tag("plan")] | Annotated[NotPublished, Tag("not_published")],
        Discriminator(_mobilisation_form),
    ]
    costs: Costs
    change: VehicleChange


class BudgetLine(Strict):
    """A share of some budgets: ``rate`` at the high end, ``low_factor`` of that at the low end."""

    title: str
    rate: Number
    low_factor: Number
    budgets: dict[Name, dict[Name, Number]] = Field(min_length=1, description="Client group to council to pounds")
    less: Number | None = Field(default=None, description="Pounds taken off the budgets before the rate")
    printed_base: Printed | None = None
    printed_low: Printed
    printed_high: Printed


class Superseded(Strict):
    """An earlier version of a line, left standing in the document, that explains its odd figures."""

    line: Name
    less: Number
    fixed: Number = Field(description="Pounds of the lines that are not a share of a budget, in that version")
    printed_base: Printed
    printed_low: Printed
    printed_high: Printed
    why: Sentence


class BudgetShares(Strict):
    """A saving as shares of budgets, with no flow behind it. The printed range is the sum of the printed lines."""

    fixed: dict[Name, Number] = Field(default={}, description="Pounds of lines that are not a share of a budget")
    lines: dict[Name, BudgetLine] = Field(min_length=1)
    printed_low: Printed
    printed_high: Printed
    superseded: Superseded | None = None


class UnitValue(Strict):
    """What one avoided event is worth, and to whom."""

    title: str
    pounds: Number
    known: Literal["printed", "back_solved"] = Field(
        description="back_solved: printed nowhere, solved from the printed totals"
    )
    payer: Literal["council", "nhs", "client", "carer", "provider"]
    why_payer: Sentence
    before: Stated | None = Field(
        default=None, description="How many there were in a year before the plan: what chance alone does to a count"
    )


class Scheme(Strict):
    """A scheme of a plan: what it costs, what it is said to avoid, and the saving printed for that."""

    title: str
    cost: Number
    in_pool: bool = Field(description="Whether the pooled fund pays it")
    avoided: dict[Name, Number] = Field(default={}, description="Name of a unit value to the number avoided")
    printed_saving: Printed | None = Field(default=None, description="Left out where the plan claims none")

    @model_validator(mode="after")
    def _saving_where_something_is_avoided(self) -> Scheme:
        if (self.printed_saving is None) != (not self.avoided):
            raise ValueError(
                "a scheme that avoids something has a printed saving, and one that avoids nothing has none; "
                "mend avoided or printed_saving"
            )
        return self


class Period(Strict):
    """A year of a plan."""

    title: str
    schemes: dict[Name, Scheme] = Field(min_length=1)
    printed_pool: Printed
    printed_avoided: dict[Name, Printed] = Field(description="Name of a unit value to the total printed")
    printed_saving: Printed


class Tracking(Strict):
    """What the ranges of a plan's benefits rest on, and how a year's plan falls on its quarters."""

    realised: dict[Name, Number] = Field(
        min_length=1,
        description="Name of a unit value to the share of the planned number that comes true; the plan is 1",
    )
    quarters: list[Number] = Field(
        min_length=4,
        max_length=4,
        description="Weights of April to June and so on; a quarter gets its part of their sum",
    )
    seed: int = Field(ge=0, lt=2**32)
    input_draws: int = Field(ge=40, le=100_000, description="Draws of the ranged inputs")


class Schemes(Strict):
    """A plan of schemes whose savings are numbers avoided × unit values."""

    unit_values: dict[Name, UnitValue] = Field(min_length=1)
    periods: dict[Name, Period] = Field(min_length=1)
    tracking: Tracking | None = Field(default=None, description="Needed for the ranges that `run.py benefits` shows")


class InterventionSum(Strict):
    """The effects that a document prints for several interventions, added up."""

    interventions: list[Name] = Field(min_length=1, description="Names in interventions/, each once")
    price_base: str
    why_price_base: Sentence
    printed_total: Printed


FORMS = ("vehicle", "budget_shares", "schemes", "contract", "intervention_sum")


class Option(Strict):
    """An option with a published table or rule, in exactly one of its forms."""

    kind: Literal["option"]
    name: Name
    title: str
    short_title: str = Field(description="As it is called in sentences and charts", max_length=40)
    reproduces: Sentence
    extends: Name | None = None
    uses: list[Reference] = Field(
        default=[], description="Files whose parameters the formulas may name, such as prices/mtfs"
    )
    parameters: Parameters = {}
    vehicle: Vehicle | None = None
    budget_shares: BudgetShares | None = None
    schemes: Schemes | None = None
    contract: Contract | None = None
    intervention_sum: InterventionSum | None = None
    totals: Totals = Field(default={}, description="Other figures, and what is printed for them")
    not_modelled: list[NotModelled] = []
    note: Sentence | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Option:
        if sum(getattr(self, form) is not None for form in FORMS) != 1:
            raise ValueError(f"an option is one of {', '.join(FORMS[:-1])} and {FORMS[-1]}; give exactly one of them")
        return self
