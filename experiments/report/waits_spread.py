"""How waits spread, as a picture: what the results know of each, with the 2- and 4-week lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.charts.spread import Spread, seen_by
from experiments.report.pieces import Chart
from experiments.report.service_facts import key_of

WITHIN = {"within_14_days": 14.0, "within_28_days": 28.0}
"""Columns that hold the share seen within so many days."""
DAYS = {"median_days": 50.0, "p90_days": 90.0}
"""Columns that hold the days within which so many of 100 have been seen."""
COLUMNS = (*WITHIN, *DAYS)
LINES = ((14.0, "2 weeks"), (28.0, "4 weeks"))


def points(known: Mapping[str, float | None]) -> list[tuple[float, float]]:
    """What is known of a wait, by column: days, and how many of 100 have been seen by then, both rising.

    A mean of percentiles that contradicts the shares, as few runs may give, is left out.
    """
    found = [(days, 100 * share) for name, days in WITHIN.items() if (share := known.get(name)) is not None]
    for name, people in DAYS.items():
        at = known.get(name)
        if at is not None and all((at - days) * (people - seen) >= 0 for days, seen in found):
            found.append((at, people))
    return sorted(found)


def spread_chart(name: str, title: str, waits: Sequence[Spread]) -> Chart | None:
    """The picture of some waits since the contact; None where nothing is known of any."""
    known = [wait for wait in waits if wait.points]
    if not known:
        return None
    said = "; ".join(
        f"{wait.name}: " + ", ".join(f"{people:.0f} in 100 within {days:.0f} days" for days, people in wait.points)
        for wait in known
    )
    return Chart(
        name,
        seen_by(known, LINES, x_title="days since the contact"),
        f"{title}. {said}.",
        "Each mark is something that the results know; straight lines only lead the eye from one to the next.",
        key=key_of(known),
    )
