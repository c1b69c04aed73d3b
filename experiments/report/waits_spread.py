"""How waits spread, as a picture and a table: the share seen by each day that is counted, with the standards' lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.charts.spread import Spread, seen_by
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.service_facts import SHARE, STYLES, between, grid, key_of, say
from experiments.report.words import Number, phrase

LINES = ((14.0, "2 weeks"), (28.0, "4 weeks"))
TOLD = (7, 14, 28, 56)
"""Days whose shares are said to those who do not see the picture."""
NEARLY_ALL = 0.995


@dataclass(frozen=True)
class Wait:
    """The share seen within so many days, by days that rise, each with its range where that is known."""

    name: str
    shares: Mapping[int, tuple[Number, tuple[Number, Number] | None]]


def _drawn(waits: Sequence[Wait]) -> list[int]:
    """Days as far as anything happens: until nearly all were seen, and never before the last standard."""
    days = sorted({day for wait in waits for day in wait.shares})
    over = (
        min((d for d, (share, _) in w.shares.items() if share.value >= NEARLY_ALL), default=days[-1]) for w in waits
    )
    last = max(*over, LINES[-1][0])
    return [day for day in days if day <= last]


def _in_hundred(share: float) -> str:
    return "more than 99" if NEARLY_ALL <= share < 1 else f"{100 * share:.0f}"


def spread_chart(name: str, title: str, waits: Sequence[Wait], band: str) -> Chart | None:
    """The picture of at most four waits since the contact; None where nothing is known of any.

    ``band``: what the ranges are, in words.
    """
    waits = [wait for wait in waits if wait.shares]
    if not waits:
        return None
    days, lines = _drawn(waits), []
    for wait, (colour, symbol, dash) in zip(waits, STYLES[: len(waits)], strict=True):
        shown = [(day, *wait.shares[day]) for day in days if day in wait.shares]
        ranges = [
            (100 * low.value, min(100.0, 100 * high.value)) for _, _, pair in shown if pair for low, high in [pair]
        ]
        points = [(float(day), 100 * share.value) for day, share, _ in shown]
        lines.append(Spread(wait.name, points, colour, symbol, dash, ranges if len(ranges) == len(points) else ()))
    said = "; ".join(
        f"{wait.name}: "
        + ", ".join(
            f"{_in_hundred(wait.shares[day][0].value)} in 100 within {day} days"
            for day in TOLD
            if day in days and day in wait.shares
        )
        for wait in waits
    )
    caption = "Of 100 people who were seen, how many had been seen by each day. Marks stand at whole weeks."
    if any(line.band for line in lines):
        caption += f" The pale band is {band}."
    return Chart(
        name,
        seen_by(lines, LINES, x_title="days since the contact"),
        f"{title}. {said}.",
        caption,
        key=key_of(lines),
    )


def spread_table(caption: str, waits: Sequence[Wait]) -> Table:
    """The same by days, a column a wait."""
    rows = []
    for day in sorted({day for wait in waits for day in wait.shares}):
        cells: list[Cell] = [f"{day} day{'s' if day > 1 else ''}"]
        for wait in waits:
            share, pair = wait.shares.get(day, (None, None))
            if share is None:
                cells.append("none")
            elif pair is None:
                cells.append(say(share, SHARE))
            else:
                cells.append(phrase("{share} ({range})", share=say(share, SHARE), range=between(*pair, SHARE)))
        rows.append(Row(cells))
    return grid(caption, "Seen within", [wait.name for wait in waits], rows)
