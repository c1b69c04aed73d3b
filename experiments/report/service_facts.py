"""What the page of a whole service reads: figures with their intervals, and how they are said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments import theme
from experiments.charts.beside import Series
from experiments.charts.curves import Line
from experiments.charts.spread import Spread
from experiments.report import words
from experiments.report.money import MARKS
from experiments.report.pieces import Chart, Row, Table
from experiments.report.results import Results, source
from experiments.report.words import MINUS, Number, Phrase, Range, Said

COUNT, SHARE, POUNDS = "count", "share", "pounds"
SPENT = ("gross", "contributions", "recovered", "net")
SHARES = ("within_14_days", "within_28_days", "over_1_year", "over_3_years")

STYLES = (
    (theme.TODAY, "circle", "solid"),
    (theme.PROPOSED, "diamond", "solid"),
    (theme.THIRD, "triangle-up", "solid"),
    (theme.FOURTH, "square", "solid"),
    (theme.GREY, "cross", "solid"),
    (theme.INK, "square-open", "dash"),
)
"""Colours, marks and dashes of lines."""


@dataclass(frozen=True)
class Block:
    """Something under a heading of its own: sentences, pictures and tables.

    ``side_by_side``: how many charts make a column, where columns stand beside each other; 0 where they do not.
    """

    title: str = ""
    text: Sequence[Phrase | str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    side_by_side: int = 0


@dataclass(frozen=True)
class Told:
    """A simulated figure with its interval; None where nothing is known of chance."""

    mean: Number
    interval: tuple[Number, Number] | None
    kind: str = COUNT

    @property
    def said(self) -> Said:
        """The figure in full."""
        return say(self.mean, self.kind)

    @property
    def span(self) -> Range | str:
        """Its interval."""
        return between(*self.interval, self.kind) if self.interval else "not known"

    @property
    def grey(self) -> bool:
        """Whether the interval is wider than half the figure."""
        if self.interval is None or not self.mean.value:
            return False
        return words.too_wide(self.mean.value, self.interval[0].value, self.interval[1].value)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The interval as plain numbers, as charts take it."""
        return (self.interval[0].value, self.interval[1].value) if self.interval else None


def kind_of(measure: str, of: str = "", per: str = "") -> str:
    """How a measure is said: as a share, as money or as a count."""
    if of or measure.rpartition("/")[2] in SHARES:
        return SHARE
    return POUNDS if measure.partition("/")[0] in SPENT and not per else COUNT


def _text(value: float, kind: str) -> str:
    size = abs(value)
    if kind == SHARE:
        text = f"{size * 100:.1f}".removesuffix(".0") + "%"
    elif kind == POUNDS:
        text = f"£{size / 1e6:,.2f}m" if size >= 999_500 else f"£{size:,.0f}"
    else:
        text = f"{size:,.0f}" if size >= 99.95 else f"{size:,.1f}".removesuffix(".0")
    return f"{MINUS}{text}" if value < 0 and any(digit in text for digit in "123456789") else text


def say(number: Number, kind: str = COUNT) -> Said:
    """A figure in full: '6,633', '72.5', '9.4%', '£40.05m'."""
    return Said(_text(number.value, kind) if number.known else "not known", number)


def between(low: Number, high: Number, kind: str = COUNT) -> Range:
    """An interval in full."""
    first, last = say(low, kind), say(high, kind)
    return Range(first, last, f"{first.text} to {last.text}")


class Service:
    """A finished folder of a whole service."""

    def __init__(self, results: Results):
        self.results = results
        self.config: dict[str, Any] = results.manifest["config"]["service"]
        told: dict[str, Any] = results.manifest["service"]
        self.year = str(told["reported_year"])
        self.outcome: dict[str, Any] = told["outcome"]
        self._by_name = {(str(r["measure"]), str(r["financial_year"])): r for r in results.rows("service")}
        self.years = list(dict.fromkeys(year for _, year in self._by_name))
        self.care_types = {str(r["name"]) for r in results.rows("names", what="care_type")}
        self._stages = {
            str(r["stage"]): words.careful(str(r["stage_title"]))
            for r in results.rows("pathways", model=str(told["model"]))
        }

    @property
    def spread(self) -> str:
        """What the intervals of this page are."""
        if any(row["year_low"] == row["year_low"] for row in self._by_name.values()):
            return "the 95% range of one simulated year"
        return "the 95% interval of the mean, as there are too few runs for the range of one year"

    def stage(self, name: str) -> str:
        """The title of a stage or of a team that bears its name."""
        return self._stages.get(name) or words.capital(words.humanised(name))

    def named(self, measure: str) -> list[str]:
        """Measures of the table ``service`` that begin so, in its order."""
        return list(dict.fromkeys(name for name, _ in self._by_name if name.startswith(measure)))

    def told(self, measure: str, year: str | None = None) -> Told | None:
        """A measure in a year, by default the reported one; None where there is nothing to measure."""
        row = self._by_name.get((measure, year or self.year))
        if row is None:
            return None
        keys = {"measure": measure, "financial_year": year or self.year}
        return told("service", row, keys, kind_of(measure))

    @property
    def long_term(self) -> str:
        """The set of care that is shown: long-term care, or all where no type is long-term."""
        found = self.told("in_care/all/long_term")
        return "long_term" if found is not None and found.mean.value > 0 else "all"


def told(table: str, row: dict[str, Any], keys: dict[str, Any], kind: str = COUNT, prefix: str = "") -> Told | None:
    """A row's mean and interval: of one year where it is given, else of the mean. None where the mean is missing.

    No figure of a service is negative, so its interval is not shown below nought.
    """

    def number(column: str) -> Number | None:
        value = row.get(f"{prefix}{column}", math.nan)
        return None if math.isnan(value) else Number(float(value), source(table, f"{prefix}{column}", **keys))

    mean = number("mean")
    if mean is None:
        return None
    for name in ("year", "mean"):
        low, high = number(f"{name}_low"), number(f"{name}_high")
        if low is not None and high is not None:
            if low.value < 0 <= mean.value:  # a symmetric interval of something that is never negative
                low = Number(0.0, f"computed: not below nought; {low.source}")
            return Told(mean, (low, high), kind)
    return Told(mean, None, kind)


def summed(parts: Sequence[Told], where: str) -> Number:
    """The sum of means, which has no interval of its own."""
    return Number(math.fsum(part.mean.value for part in parts), f"computed: sum of {where}")


def roughly(number: Number) -> Said:
    """A count at the head of a sentence: 'About 4,300'."""
    return Said(words.capital(words.about(number).text) if number.value else "No", number)


def key_of(shown: Sequence[Line | Series | Spread]) -> list[tuple[str, str, str]]:
    """What a picture's lines or marks are, for its key."""
    return [(theme.WHITE if li.symbol.endswith("open") else li.colour, MARKS[li.symbol], li.name) for li in shown]


def grid(caption: str, first: str, heads: Sequence[str], rows: Sequence[Row]) -> Table:
    """A table of one key and numbers."""
    return Table(caption, (first, *heads), (False, *([True] * len(heads))), rows, open=True)


def by_two(
    caption: str, heads: tuple[str, str], found: Sequence[tuple[str, str, Told | None]], open_: bool = False
) -> Table:
    """A table of figures with two keys, a row each; those that are not there are left out."""
    rows = [Row((first, second, one.said, one.span), one.grey) for first, second, one in found if one is not None]
    return Table(caption, (*heads, "Mean", "Interval"), (False, False, True, True), rows, open=open_)


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
