"""Weekly prices and lengths of stay by client group and type of care; savings targets; price series."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from simulation.schema.base import Name, Reference, Sentence, Strict
from simulation.schema.distribution import Duration, Law
from simulation.schema.economics import Economics, Index
from simulation.schema.model import NotModelled
from simulation.schema.printed import Month, Totals
from simulation.schema.quantity import Number, Parameters


class Size(Strict):
    """How packages of one kind differ in size: a factor on the weekly price, lognormal with mean 1 in the baseline.

    With probability ``follows_need`` the factor follows the person's standing among those who take the package in the
    baseline, otherwise chance: so a model that turns lighter needs away leaves dearer packages.
    """

    sigma: Number = Field(description="Standard deviation of the logarithm")
    follows_need: Number = Field(description="Weight of need, 0 to 1")


class Care(Strict):
    """One type of care for one client group."""

    weekly_cost: Number | None = Field(description="Gross pounds a week; null where nothing usable is published")
    stay: Duration
    size: Size | None = None
    contribution: Law | None = Field(
        default=None, description="Share of the price that the client pays, 0 to 1; each person's own, the same always"
    )
    recovered_share: Number | None = Field(
        default=None, description="Share of the price that comes back unspent, such as direct payment balances"
    )
    marginal_share: Number | None = Field(
        default=None,
        description="Share of an avoided week's price that leaves the council's spending, 0 to 1; left out, all of it, "
        "and said so beside every saving",
    )
    cashable_from: Month | None = Field(
        default=None, description="First month in which less care can mean less spending: a block contract's end"
    )
    why_cashable_from: Sentence | None = Field(default=None, description="Where the month comes from")
    why_no_price: Sentence | None = None

    @model_validator(mode="after")
    def _month_with_its_reason(self) -> Care:
        if (self.cashable_from is None) != (self.why_cashable_from is None):
            raise ValueError("cashable_from and why_cashable_from belong together; give both or neither")
        return self


class CareType(Strict):
    """A type of care."""

    title: str
    long_term: bool


class Prices(Strict):
    """What packages cost and how long they last."""

    kind: Literal["prices"]
    name: Name
    title: str
    reproduces: Sentence | None = Field(default=None, description="What the documents print that comes out")
    one_off: Sentence | None = Field(
        default=None, description="Why this happened once and may not be used for ordinary years: no file may name it"
    )
    extends: Name | None = None
    price_base: str
    uses: list[Reference] = Field(
        default=[], description="Files whose parameters the formulas may name, such as demand/barnet_2014_15"
    )
    parameters: Parameters = {}
    care_types: dict[Name, CareType] = {}
    care: dict[Name, dict[Name, Care]] = Field(default={}, description="Client group to care type")
    hour_of_care: Number | None = Field(
        default=None, description="Pounds an hour of care costs where it is bought; a ledger's hours are valued at it"
    )
    targets: dict[Name, Number] = Field(default={}, description="Savings asked, pounds, by financial year: fy_2017_18")
    totals: Totals = Field(default={}, description="What some figures come to, and what is printed for them")
    index: Index | None = Field(default=None, description="A series of prices or wages by financial year")
    economics: Economics | None = Field(default=None, description="How money over time is valued")
    not_modelled: list[NotModelled] = []
    note: Sentence | None = None
