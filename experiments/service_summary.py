"""What the terminal says of a whole service when it has run: first which published figures it misses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import steady
from experiments.service_checks import INSIDE
from experiments.settling import GROWS, MOVING


def number(value: float) -> str:
    """A number as a person would read it: whole from 100 on, with fewer places the larger it is."""
    if math.isnan(value):
        return "–"
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.3g}"


def records(table: pd.DataFrame) -> list[Any]:
    """The rows of a table, each with its columns as attributes."""
    return list(table.itertuples())


def outcome(checks: pd.DataFrame, most_outside: int) -> dict[str, Any]:
    """How the checks came out: counts, the names of those outside, and whether the baseline is coherent.

    Coherent: at most so many are outside, and none of those that must hold.
    """
    outside = checks[checks["verdict"] != INSIDE]
    never = outside[outside["must_hold"].astype(bool)]
    return {
        "checks": len(checks),
        "inside": int((checks["verdict"] == INSIDE).sum()),
        "outside": outside["title"].tolist(),
        "outside_that_must_hold": never["title"].tolist(),
        "most_outside": most_outside,
        "validation_inside": int(((checks["use"] == "validation") & (checks["verdict"] == INSIDE)).sum()),
        "validation": int((checks["use"] == "validation").sum()),
        "coherent": len(outside) <= most_outside and not len(never),
    }


def _checks(checks: pd.DataFrame, found: dict[str, Any]) -> list[str]:
    if not len(checks):
        return ["No published figures are named for this service to come near."]
    allowed = found["most_outside"]
    lines = [f"{found['inside']} of {found['checks']} published figures are near enough (up to {allowed} may not be)."]
    for row in records(checks[checks["verdict"] != INSIDE]):
        must = " This one must hold." if row.must_hold else ""
        lines.append(f"  Outside: {row.title}: {number(row.mean)} simulated, {number(row.published)} published.{must}")
    if not found["coherent"]:
        lines.append("  So this baseline is not coherent with what is published.")
    lines.append(
        f"  {found['validation']} of them set no input: {found['validation_inside']} of these are near enough. "
        "The others are calibration."
    )
    return lines


def _moving(settled: pd.DataFrame) -> list[str]:
    lines = []
    for row in records(settled[settled["verdict"] == GROWS]):
        load = "" if math.isnan(row.load) else f"; the work that comes in takes {row.load:.0%} of its hours"
        lines.append(f"Grows without end: {row.stage}, {number(row.last_year)} people in the last year{load}.")
    still = settled[settled["verdict"] == MOVING]["stage"].tolist()
    if still:
        lines.append(f"Still moving: {', '.join(still)}.")
    return lines or ["No list grows without end."]


def _unmet(ledger: pd.DataFrame, year: str) -> list[str]:
    rows = ledger[(ledger["client_group"] == "all") & (ledger["financial_year"] == year)]
    unmet = records(rows[rows["need"] == "possibly_unmet"])[0]
    return [
        f"Eligible need possibly unmet in {year}: {number(unmet.people_mean)} people, "
        f"{number(unmet.hours_a_week_mean)} hours a week "
        f"(of {number(float(rows['people_mean'].sum()))} people who left without Council-funded care)."
    ]


def service_lines(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """The lines for a results folder that holds a service."""
    tables = {
        name: pd.read_parquet(folder / "tables" / f"{name}.parquet")
        for name in ("checks", "settled", "ledger", "service")
    }
    year = manifest["service"]["reported_year"]
    told = tables["service"][tables["service"]["financial_year"] == year].set_index("measure")["mean"]
    facts = (
        f"{year}: {number(told['contact'])} contacts by {number(told['people'])} people, "
        f"{number(told['funded_package'])} went on to Council-funded care; "
        f"{number(told['in_care/all/long_term'])} people in long-term care at the year's end; "
        f"£{told['gross/all/long_term'] / 1e6:,.1f}m gross, "
        f"£{told['net/all/long_term'] / 1e6:,.1f}m after what clients pay and what comes back."
    )
    lines = ["", *_checks(tables["checks"], manifest["service"]["outcome"]), "", facts]
    grows = [steady.GROWS_BY_DESIGN] if manifest["service"]["growth"] else []
    lines += [*_moving(tables["settled"]), *steady.lines(tables["settled"]), *grows]
    return [*lines, *_unmet(tables["ledger"], year)]
