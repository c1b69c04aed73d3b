"""What the page of a transition reads: runs, what they are called, and figures with both their ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from experiments import theme
from experiments.report import words
from experiments.report.results import Results
from experiments.report.words import Number, Phrase, Range, Said, phrase
from simulation.errors import DemandflowError

TODAY = "today"
NOT_TOLD = "not told: too few runs"
NEAR = 0.25
"""A value within this share of a range's width of one of its ends lies near that end."""

STYLES = (
    (theme.TODAY, "circle", "solid"),
    (theme.PROPOSED, "diamond", "solid"),
    (theme.THIRD, "triangle-up", "solid"),
    (theme.FOURTH, "square", "dash"),
)
"""Colours, marks and dashes of the lines of a picture: never more than four."""

Pair = tuple[Number, Number]
SayRange = Callable[[Number, Number], Range]


@dataclass(frozen=True)
class Seen:
    """A figure at central inputs; within which it falls by chance alone, and over inputs and chance; None if not told.

    ``median``: of the replications whose inputs were drawn.
    """

    mean: Number
    chance: Pair | None
    both: Pair | None
    median: Number | None = None

    @property
    def grey(self) -> bool:
        """Whether either range is wider than half the figure."""
        pairs = [pair for pair in (self.chance, self.both) if pair is not None]
        return any(words.too_wide(self.mean.value, low.value, high.value) for low, high in pairs)

    @property
    def told_from_nought(self) -> bool:
        """Whether chance alone leaves no doubt about the sign, as far as it is told; see ``told``."""
        return self.mean.value != 0 and (self.chance is None or self.chance[0].value * self.chance[1].value > 0)

    @property
    def told(self) -> bool:
        """Whether there were enough runs to say how sure it is."""
        return self.chance is not None or self.both is not None

    @property
    def may_be_nought(self) -> bool:
        """Whether inputs and chance together leave its sign open."""
        return self.both is not None and self.both[0].value <= 0 <= self.both[1].value

    def widest(self, say: SayRange) -> Range | str:
        """The range over inputs and chance, else that of chance alone, in words."""
        pair = self.both or self.chance
        return say(*pair) if pair is not None else NOT_TOLD

    def by_chance(self, say: SayRange) -> Range | str:
        """The range by chance alone, in words."""
        return say(*self.chance) if self.chance is not None else NOT_TOLD

    def over_inputs(self, say: SayRange) -> Range | str:
        """The range over inputs and chance, in words."""
        return say(*self.both) if self.both is not None else NOT_TOLD


def ends(pair: Pair | None, sign: float = 1.0) -> tuple[float, float] | None:
    """A range as plain numbers, as charts take it."""
    if pair is None:
        return None
    low, high = sorted(0.0 + sign * end.value for end in pair)
    return low, high


def near_end(seen: Seen, what: str, say: Callable[[Number], Said]) -> Phrase | None:
    """A sentence where the central value lies near an end of the range over inputs and chance, or outside it."""
    if seen.both is None:
        return None
    low, high = (end.value for end in seen.both)
    if high <= low:
        return None
    at = (seen.mean.value - low) / (high - low)
    if NEAR <= at <= 1 - NEAR:
        return None
    falls = seen.mean.value < 0
    small = at < NEAR if not falls else at > 1 - NEAR
    where = "beyond" if not 0 <= at <= 1 else "near"
    median = (
        phrase(": half of the sets of inputs give {less} than {median}", less="more" if small else "less",
               median=say(seen.median))
        if seen.median is not None
        else ""
    )  # fmt: skip
    return phrase(
        "The central value of {what} lies {where} the {end} end of its range{median}. The range says more than the "
        "central value.",
        what=what,
        where=where,
        end="small" if small else "large",
        median=median,
    )


class Transition:
    """A finished folder of a transition."""

    def __init__(self, results: Results):
        self.results = results
        self.told: dict[str, Any] = results.manifest["transition"]
        self.config: dict[str, Any] = results.manifest["config"]["transition"]
        self.over, self.lead = str(self.told["over"]), str(self.told["lead"])
        self.years: list[str] = [str(year) for year in self.told["years"]]
        self.runs = {str(row["run"]): row for row in results.rows("transition_runs")}
        self.headlines = [name for name, row in self.runs.items() if row["headline"]]

    @property
    def last(self) -> str:
        """The last financial year."""
        return self.years[-1]

    @property
    def end(self) -> str:
        """The last month, in words: 'March 2020'."""
        return f"March {int(self.last[:4]) + 1}"

    @property
    def central(self) -> bool:
        """Whether there are replications at central inputs."""
        return bool(self.told["pairs"])

    def name(self, run: str) -> str:
        """What a run is called: its vehicle, and its route where the vehicle has several."""
        row = self.runs[run]
        if not row["vehicle"]:
            return "Today's model"
        routes = {other["route"] for other in self.runs.values() if other["vehicle"] == row["vehicle"]}
        route = f", {words.humanised(str(row['route']))}" if len(routes) > 1 else ""
        return words.careful(f"{row['vehicle_title']}{route}")

    def called(self, run: str) -> str:
        """The same inside a sentence."""
        return f"“{self.name(run)}”"

    @property
    def latest(self) -> str | None:
        """The vehicle that starts last, where it is none of the two that the answer is about."""
        others = [run for run in self.headlines if run not in (self.over, self.lead)]
        return max(others, key=lambda run: str(self.runs[run]["starts"]), default=None)

    @property
    def shown(self) -> list[str]:
        """The vehicles in a picture: the two that the answer is about, and the one that starts last."""
        return list(dict.fromkeys(run for run in (self.over, self.lead, self.latest) if run is not None))

    def beside(self, run: str) -> dict[str, str]:
        """The same route under every account of change, the headline's first: run by change file."""
        mine = self.runs[run]
        return {
            str(row["change"]): name
            for name, row in self.runs.items()
            if all(row[key] == mine[key] for key in ("vehicle", "route", "transfer", "growth", "faster_by"))
        }

    @property
    def transfers(self) -> dict[str, str]:
        """The run of the answer at every transfer, in the order of the experiment."""
        mine = self.runs[self.over]
        same = {
            str(row["transfer"]): name
            for name, row in self.runs.items()
            if all(row[key] == mine[key] for key in ("vehicle", "route", "change", "growth", "faster_by"))
        }
        return {name: same[name] for name in self.told["transfers"] if name in same}

    def transfer_title(self, transfer: str) -> str:
        """What a transfer is called."""
        titles = {str(one["name"]): str(one.get("title") or one["name"]) for one in self.config["transfers"]}
        return words.careful(titles[transfer])

    def share_of_gap(self, run: str) -> Number:
        """The share of the gap that a run closes."""
        return self.results.need("transition_runs", "share_of_gap", run=run)

    def seen(
        self,
        table: str,
        column: str,
        keys: dict[str, Any],
        chance: tuple[str, str] = ("chance_low", "chance_high"),
        both: tuple[str, str] = ("low", "high"),
        median: str = "",
    ) -> Seen | None:
        """A figure of a table with its ranges; None where it is not there."""
        mean = self.results.number(table, column, **keys)
        if mean is None:
            return None

        def pair(names: tuple[str, str]) -> Pair | None:
            low, high = (self.results.number(table, name, **keys) if name else None for name in names)
            return (low, high) if low is not None and high is not None else None

        middle = self.results.number(table, median, **keys) if median else None
        return Seen(mean, pair(chance), pair(both), middle)

    def year(self, run: str, measure: str, year: str | None = None) -> Seen | None:
        """A line of a run in a year."""
        keys = {"run": run, "financial_year": year or self.last, "measure": measure}
        return self.seen("transition_years", "mean", keys, median="drawn_median")

    def difference(self, run: str, measure: str, year: str | None = None) -> Seen | None:
        """How far a line of a run lies from today's model in a year; paired, the same people."""
        keys = {"run": run, "financial_year": year or self.last, "measure": measure}
        return self.seen(
            "transition_years", "difference", keys, ("difference_chance_low", "difference_chance_high"),
            ("difference_low", "difference_high"), "difference_drawn_median",
        )  # fmt: skip

    def delivered(self, run: str, year: str | None = None) -> Seen | None:
        """What no longer leaves the council's purse at a year's end, in pounds a year of that year's money."""
        keys = {"run": run, "financial_year": year or self.last, "yardstick": "whole"}
        return self.seen("delivery", "delivered", keys, median="drawn_median")

    def share(self, run: str, yardstick: str = "whole", year: str | None = None) -> Seen | None:
        """The share of what is asked that is delivered."""
        keys = {"run": run, "financial_year": year or self.last, "yardstick": yardstick}
        return self.seen("delivery", "delivered_share", keys, ("", ""), ("share_low", "share_high"))

    def asked(self, yardstick: str = "whole", year: str | None = None) -> Number | None:
        """What is asked by a year's end, in pounds a year."""
        keys = {"run": self.over, "financial_year": year or self.last, "yardstick": yardstick}
        return self.results.number("delivery", "asked", **keys)


def need(seen: Seen | None, what: str) -> Seen:
    """A figure that must be there.

    Raises:
        DemandflowError: it is not.
    """
    if seen is None:
        raise DemandflowError(f"The results have no {what}. Run the experiment again.")
    return seen


def per_hundred(of: Number, among: Number, prefix: str = "") -> Said:
    """So many in a hundred, from two figures: '15'."""
    value = abs(of.value) / among.value if among.value else 0.0
    number = Number(100 * value, f"computed: 100 × {of.source} ÷ {among.source}")
    return Said(f"{prefix}{100 * value:.0f}" if value >= 0.005 or not value else "fewer than 1", number)


def percent_span(low: Number, high: Number) -> Range:
    """A range of shares: '3% to 45%'."""
    first, last = (Said(_share(end.value), end) for end in (low, high))
    return Range(first, last, f"{first.text} to {last.text}")


def _share(value: float) -> str:
    shown = round(100 * value)
    return f"{words.MINUS if shown < 0 else ''}{abs(shown)}%"


def in_runs(number: Number) -> Said:
    """A share of runs as so many in 100; nought and one are never more than what these runs did."""
    if number.value in (0.0, 1.0):
        return Said("none of the runs" if not number.value else "all of the runs", number)
    return words.in_hundred(number)
