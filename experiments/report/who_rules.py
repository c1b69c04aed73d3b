"""The two rules on small and on unreliable numbers, and a table of who is affected that keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments import theme
from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.results import Results
from experiments.report.words import Number, Said
from experiments.small_counts import COUNTED, FEWEST

BY = ("age_band", "client_group", "source")
"""What people are told apart by, in a reader's order."""

TITLES = {"age_band": "age band", "client_group": "client group", "source": "source of contact"}
PALE = "#C9CDD0"

Pair = tuple[Number, Number]


def from_records(results: Results) -> bool:
    """Whether any input was counted in records of real people."""
    rows = results.rows("inputs")
    return any(row["status"] == "calibrated" and COUNTED in str(row["why"] or "") for row in rows)


def rules(results: Results) -> list[str]:
    """The two rules, as a reader must know them."""
    hidden = (
        f"Some inputs were counted in a council's own records, so a number of people below {FEWEST} is not printed in "
        "this part: it could point at somebody. What would give it away goes with it. The tables beside this page hold "
        "such numbers still: look them through before they are handed on."
        if from_records(results)
        else "Small numbers: no input here was counted in records of real people, so no small number is left out. The "
        f"people counted are simulated. With inputs counted in records, numbers below {FEWEST} would not be printed."
    )
    return [
        hidden,
        "Unreliable numbers: a row is grey where an interval in it is wider than half its figure. Do not lean on grey "
        "rows.",
    ]


@dataclass(frozen=True)
class Shown:
    """A figure of a row.

    Attributes:
        pair: its interval. ranged: whether a column is there for that. change: said with its sign. people: whether it
        counts people. share: whether it is one.
    """

    number: Number | None
    pair: Pair | None = None
    ranged: bool = False
    change: bool = False
    people: bool = True
    share: bool = False

    @property
    def wide(self) -> bool:
        """Whether its interval is wider than half of it."""
        if self.number is None or self.pair is None or not self.number.value:
            return False
        return words.too_wide(self.number.value, self.pair[0].value, self.pair[1].value)

    def cells(self, hidden: bool) -> list[Cell]:
        """The figure and its interval. ``hidden``: neither may be printed."""
        columns = 2 if self.pair is not None or self.ranged else 1
        if self.number is None:
            return ["not known"] * columns
        if hidden:
            return ["too small to show"] * columns
        return [self._say(self.number), self._span()][:columns]

    def _say(self, number: Number) -> Said:
        if self.share:
            return words.percent(number) if not self.change else _points(number)
        digits = 1 if not self.people or abs(number.value) < 20 else 0
        return words.signed(number, digits) if self.change else words.plain(number, digits)

    def _span(self) -> Cell:
        if self.pair is None:
            return "not told: too few runs"
        first, last = (self._say(end) for end in self.pair)
        return words.Range(first, last, f"{first.text} to {last.text}")


def _points(number: Number) -> Said:
    """A change of a share, in percentage points."""
    points = words.signed(Number(100 * number.value, number.source)).text
    return Said(f"{points} points", number)


@dataclass(frozen=True)
class Line:
    """One row: somebody's title, and figures in the order of the heads."""

    title: str
    figures: Sequence[Shown]

    def row(self, records: bool) -> Row:
        """With both rules kept; where one number of people is too small, all it could be worked out from goes too."""
        hidden = records and any(_is_small(one) for one in self.figures)
        cells: list[Cell] = [self.title]
        for one in self.figures:
            cells += one.cells(hidden)
        return Row(cells, any(one.wide for one in self.figures))


def _is_small(one: Shown) -> bool:
    return one.people and not one.change and one.number is not None and 0 < round(one.number.value) < FEWEST


def who_table(results: Results, caption: str, heads: Sequence[str], lines: Sequence[Line]) -> Table:
    """A table of who is affected; the heads name a figure and, where it has one, its interval."""
    records = from_records(results)
    rows = [line.row(records) for line in lines]
    return Table(caption, heads, (False, *(True,) * (len(heads) - 1)), rows, open=True)


def change_chart(results: Results, name: str, axis: str, lines: Sequence[Line], at: int) -> Chart | None:
    """A change by who it falls on, as bars with intervals; ``at``: its place among the figures of each line."""
    records = from_records(results)
    shown = [
        (line.title, one)
        for line in lines
        if (one := line.figures[at]).number is not None and not (records and any(map(_is_small, line.figures)))
    ]
    if len(shown) < 2:
        return None
    values = [one.number.value for _, one in shown if one.number is not None]
    figure = bars(
        [title for title, _ in shown],
        [0.0] * len(shown),
        values,
        [PALE if one.wide else theme.PROPOSED for _, one in shown],
        axis_title=axis,
        intervals=[(one.pair[0].value, one.pair[1].value) if one.pair else None for _, one in shown],
    )
    said = "; ".join(f"{title}: {value:+,.1f}" for title, value in zip((t for t, _ in shown), values, strict=True))
    return Chart(name, figure, f"{words.capital(axis)}. {said.replace('-', words.MINUS)}.",
                 "Whiskers are chance alone. Grey where they are wider than half the figure.")  # fmt: skip


def named(results: Results, by: str, present: Sequence[str]) -> list[tuple[str, str]]:
    """Names and titles of those that are present, in the order of the demand file."""
    known = [str(row["name"]) for row in results.rows("names", what=by) if row["name"] in present]
    return [(name, results.title(by, name)) for name in [*known, *sorted(set(present) - set(known))]]
