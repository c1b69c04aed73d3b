"""Expected and realised in plain English: on the screen and on the page."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from experiments.hindcast.score import exact_interval
from experiments.hindcast.words import percent
from experiments.report.words import capital, careful, humanised
from experiments.saying import listed, number, records, roughly
from experiments.track.compared import AT_END, BY_CENSUS
from experiments.track.forecast import Forecast
from experiments.track.series import FLOW
from experiments.track.table import undecided
from experiments.variances import ABOVE, BELOW, INSIDE, NO_BAND, Say, variance

NAMES = {
    "packages_running": "Packages running",
    "care_cost": "Cost of care",
    "contact": "Contacts",
    "funded_package": "Council-funded packages",
    "package_start": "Packages started",
    "in_care": "People in care",
}
"""Measures that read badly as they are written."""


def label(forecast: Forecast, measure: str) -> str:
    """A measure in words: 'Packages running: care home'."""
    what, _, rest = measure.partition("/")
    parts = [part for part in rest.split("/") if part not in ("care_type", "client_group", "source", "")]
    detail = ", ".join(_titled(forecast, part) for part in parts)
    first = NAMES.get(what, capital(humanised(what)))
    return f"{first}: {detail}" if detail else first


def _titled(forecast: Forecast, name: str) -> str:
    for what in ("client_group", "care_type", "source"):
        title = forecast.results.title(what, name)
        if title.lower() != humanised(name):
            return f"{title[:1].lower()}{title[1:]}"
    return humanised(name)


def sayer(unit: str) -> Say:
    """How a figure of a unit is written; the table has it in full."""
    return roughly if unit.startswith(("£", "pounds")) else number


def headline(table: pd.DataFrame) -> str:
    """The answer in one sentence."""
    known = table[table["verdict"] != NO_BAND]
    if not len(known):
        return "No figure can be judged: the forecast has no bands."
    inside = int((known["verdict"] == INSIDE).sum())
    lie = "lies" if len(known) == 1 else "lie"
    return f"{inside} of {len(known)} quarterly figures {lie} inside the forecast's 95% bands."


def by_measure(forecast: Forecast, table: pd.DataFrame) -> list[str]:
    """One sentence a measure: how many quarters lie where, and what has come together."""
    lines, several = [], table["scenario"].nunique() > 1
    for (scenario, measure), rows in table.groupby(["scenario", "measure"], sort=False):
        say, last = sayer(str(rows["unit"].iloc[0])), records(rows)[-1]
        counts = [
            f"{count} {where}" for where in (INSIDE, ABOVE, BELOW) if (count := int((rows["verdict"] == where).sum()))
        ]
        name = label(forecast, str(measure)) + (_under(forecast, str(scenario)) if several else "")
        quarters = "1 quarter" if len(rows) == 1 else f"{len(rows)} quarters"
        line = f"{name}: of {quarters}, {listed(counts) or 'none with a band'}."
        if last["kind"] == FLOW and len(rows) > 1:
            band = (last["cumulative_low"], last["cumulative_high"])
            total = last["cumulative_actual"]
            told = variance(last["cumulative_expected"], band, total, _sums(rows), say)
            line += f" Together {say(total)} of {say(last['cumulative_expected'])} expected, {told}."
        lines.append(line)
    return lines


def _sums(rows: pd.DataFrame) -> tuple[float, float]:
    return math.fsum(rows["actual_low"]), math.fsum(rows["actual_high"])


def _under(forecast: Forecast, scenario: str) -> str:
    return f" ({careful(forecast.titles.get(scenario, scenario))})" if scenario else ""


def expected_under(forecast: Forecast, table: pd.DataFrame) -> list[str]:
    """Which scenario is expected, where it is one and the same for all rows."""
    names = list(dict.fromkeys(table["scenario"]))
    return [f"Expected: {careful(forecast.titles.get(names[0], names[0]))}."] if len(names) == 1 and names[0] else []


def said_of(row: dict[str, Any]) -> str:
    """A row's variance in words."""
    own = (row["actual_low"], row["actual_high"])
    return variance(row["expected"], (row["band_low"], row["band_high"]), row["actual"], own, sayer(row["unit"]))


def beside(row: dict[str, Any]) -> str:
    """Where a row lies to the band of nothing changing; '' where there is none beside it."""
    if not row["unchanged_verdict"]:
        return ""
    say = sayer(row["unit"])
    if row["unchanged_verdict"] == NO_BAND:
        return f"{say(row['unchanged_expected'])}, no band"
    band = f"{say(row['unchanged_low'])} to {say(row['unchanged_high'])}"
    return f"{say(row['unchanged_expected'])} ({band}): {row['unchanged_verdict']}"


def cautions(forecast: Forecast, table: pd.DataFrame) -> list[str]:
    """What the reader must bear in mind."""
    known = table[table["verdict"] != NO_BAND]
    lines = [
        "This says where figures lie, not why. A figure inside its band does not show that a change worked, and one "
        "outside does not show that it failed: something else may have moved it, or it may count something else.",
        forecast.holds,
    ]
    if len(known):
        low, high = exact_interval(int((known["verdict"] == INSIDE).sum()), len(known))
        lines.append(
            f"Bands that hold should have 95% of figures. Here the share is known to be {percent(low)} to "
            f"{percent(high)} only, and less well than that, since figures of neighbouring quarters move together."
        )
    both = undecided(table)
    if both:
        figures = "1 figure lies" if both == 1 else f"{both} figures lie"
        lines.append(f"{figures} also inside the band of nothing changing: such a figure cannot tell the two apart.")
    if len(known) < len(table):
        lines.append("Some quarters have no band: the run had fewer than 40 replications.")
    hows: dict[str, list[str]] = {}
    for measure, how in dict.fromkeys(zip(table["measure"], table["how"], strict=True)):
        hows.setdefault(str(how), []).append(label(forecast, str(measure)))
    lines += [f"{listed(list(dict.fromkeys(names)))}: {how}." for how, names in hows.items()]
    if table["how"].isin([AT_END, BY_CENSUS]).any():
        lines.append(
            "Care costs and packages running count packages that began in the run, unless its population was given "
            "those that ran before; an actual figure that includes them lies above."
        )
    return lines


def on_screen(forecast: Forecast, table: pd.DataFrame) -> list[str]:
    """What the terminal says."""
    several = table["scenario"].nunique() > 1
    told = [
        "",
        headline(table),
        *expected_under(forecast, table),
        "",
        *(f"  {line}" for line in by_measure(forecast, table)),
        "",
    ]
    for row in records(table):
        say, under = sayer(row["unit"]), _under(forecast, row["scenario"]) if several else ""
        band = "no band" if row["verdict"] == NO_BAND else f"{say(row['band_low'])} to {say(row['band_high'])}"
        told.append(
            f"  {row['quarter']} {row['measure']}{under}: {say(row['actual'])} realised, "
            f"{say(row['expected'])} expected ({band}); {said_of(row)}"
        )
    return [*told, "", "Bear in mind:", *(f"  {line}" for line in cautions(forecast, table))]
