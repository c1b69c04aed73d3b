"""What the part on a comparison's savings reads: savings with their intervals, and what is asked."""

from __future__ import annotations

from typing import Any

from experiments.report import words
from experiments.report.answer_facts import answers
from experiments.report.results import ALL_PRICED, Results
from experiments.report.words import Number


class Money:
    """Savings of each transfer by year."""

    def __init__(self, results: Results):
        self.results = results
        self.years = results.years
        self.scenarios = [a for a in answers(results) if a.share.value > 0]
        self.price_base = words.careful(str(results.rows("savings")[0]["price_base"]))

    def keys(self, transfer: str, year: str, group: str = ALL_PRICED) -> dict[str, Any]:
        """Where a saving stands."""
        return {"transfer": transfer, "client_group": group, "financial_year": year}

    def saving(self, transfer: str, year: str, group: str = ALL_PRICED, column: str = "saving") -> Number | None:
        """A saving or one end of its interval; None where no price is known."""
        return self.results.number("savings", column, **self.keys(transfer, year, group))

    def chance(self, transfer: str, year: str, group: str = ALL_PRICED) -> tuple[Number, Number] | None:
        """Its interval by chance alone."""
        low, high = (self.saving(transfer, year, group, f"saving_{end}") for end in ("low", "high"))
        return (low, high) if low is not None and high is not None else None

    def unknown(self, transfer: str, year: str) -> tuple[Number, Number] | None:
        """Its interval with what we do not know about the inputs."""
        low, high = (
            self.results.number("ranges", end, measure=f"demand_saving/{year}", transfer=transfer)
            for end in ("low", "high")
        )
        return (low, high) if low is not None and high is not None else None

    def asked(self, year: str) -> Number | None:
        """What the savings programme asks by a year."""
        return self.saving(self.scenarios[0].transfer, year, ALL_PRICED, "asked_recurring_by_then")

    @property
    def share_in_reach(self) -> Number | None:
        """The share of what is asked that managing demand can reach, where the experiment takes one."""
        rows = [r for r in self.results.rows("inputs") if str(r["key"]).endswith(":comparison.addressable_share")]
        return Number(float(rows[0]["value"]), f"inputs.csv: value; key={rows[0]['key']}") if len(rows) == 1 else None

    def in_reach(self, year: str) -> Number | None:
        """The part of what is asked by a year that managing demand can reach."""
        return self.saving(self.scenarios[0].transfer, year, ALL_PRICED, "within_reach_by_then")
