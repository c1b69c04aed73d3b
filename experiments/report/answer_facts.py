"""The difference in packages and in money at each transfer, with both its uncertainties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from experiments.report import words
from experiments.report.results import ALL_PRICED, Results
from experiments.report.transition_facts import Seen
from experiments.report.words import Number, Phrase, Range, phrase

PACKAGES = "funded_package"


@dataclass(frozen=True)
class Answer:
    """The difference in packages of one transfer, with both its uncertainties."""

    transfer: str
    title: str
    share: Number
    difference: Number
    chance: tuple[Number, Number]
    unknown: tuple[Number, Number] | None

    @property
    def seen(self) -> Seen:
        """The difference with both its ranges."""
        return Seen(self.difference, self.chance, self.unknown)

    @property
    def certain(self) -> bool:
        """Whether chance alone leaves no doubt about the direction."""
        low, high = self.chance
        return low.value * high.value > 0

    @property
    def too_wide(self) -> bool:
        """Whether either interval is wider than half the value."""
        return self.seen.grey

    @property
    def chance_range(self) -> Range:
        """What chance alone leaves open."""
        return words.span(*self.chance)

    @property
    def unknown_range(self) -> Range | None:
        """What the unknown inputs leave open."""
        return words.span(*self.unknown) if self.unknown else None

    @property
    def direction(self) -> str:
        """Fewer or more."""
        return "fewer" if self.difference.value <= 0 else "more"


def answer_of(results: Results, transfer: str) -> Answer:
    """The answer at one transfer."""
    keys: dict[str, Any] = {"measure": PACKAGES, "transfer": transfer}
    low, high = (results.number("ranges", end, **keys) for end in ("low", "high"))
    return Answer(
        transfer=transfer,
        title=words.careful(str(results.rows("transfers", transfer=transfer)[0]["title"])),
        share=results.need("transfers", "share_of_gap", transfer=transfer),
        difference=results.need("comparison", "difference", **keys),
        chance=(results.need("comparison", "low", **keys), results.need("comparison", "high", **keys)),
        unknown=(low, high) if low is not None and high is not None else None,
    )


def answers(results: Results) -> list[Answer]:
    """All transfers, in the order of the experiment."""
    return [answer_of(results, row["transfer"]) for row in results.rows("transfers")]


def gap(answer: Answer) -> Phrase:
    """The share of the gap closed, as people say it."""
    share = answer.share
    if share.value == 1:
        return phrase("the whole gap")
    if share.value == 0.5:
        return phrase("half of the gap")
    return phrase("{share} of the gap", share=words.percent(share))


def more_unmet(results: Results) -> Seen | None:
    """How many more people have eligible need and no package in the headline; chance only."""
    keys: dict[str, Any] = {"measure": "eligible_need_without_package", "transfer": results.headline}
    mean = results.number("comparison", "difference", **keys)
    if mean is None:
        return None
    return Seen(mean, (results.need("comparison", "low", **keys), results.need("comparison", "high", **keys)), None)


@dataclass(frozen=True)
class Saving:
    """The headline's gross saving in the last year, and what is asked by then."""

    seen: Seen
    year: str
    asked: Number | None


def saving(results: Results) -> Saving | None:
    """What the headline saves; None where no prices are known."""
    if not results.years:
        return None
    year = results.years[-1]
    keys: dict[str, Any] = {"transfer": results.headline, "client_group": ALL_PRICED, "financial_year": year}
    mean = results.number("savings", "saving", **keys)
    if mean is None:
        return None
    drawn: dict[str, Any] = {"measure": f"demand_saving/{year}", "transfer": results.headline}
    least, most = (results.number("ranges", end, **drawn) for end in ("low", "high"))
    low, high = (results.need("savings", f"saving_{end}", **keys) for end in ("low", "high"))
    both = (least, most) if least is not None and most is not None else None
    return Saving(Seen(mean, (low, high), both), year, results.number("savings", "asked_recurring_by_then", **keys))
