"""What ``run.py calibrate`` says on the screen."""

from __future__ import annotations

import math
from pathlib import Path

from experiments.calibrate.made import CALIBRATED, Made, Row
from experiments.small_counts import FEWEST
from simulation.errors import shown, typed

SHOWN = 4
"""Figures named for each reason why the template's value stays; calibration.csv has them all."""


def on_screen(made: Made, name: str, folder: Path) -> list[str]:
    """The estimates, what stays the template's, what was done with the file, and what to do next."""
    told = [row for row in made.rows if row.status == CALIBRATED]
    kept = [row for row in made.rows if row.status != CALIBRATED]
    lines = [*made.seen.said, f"{made.file}: {made.seen.period}. Read on this machine; nothing was sent anywhere.", ""]
    lines.append(f"{len(told)} figures estimated (95% interval; template: {made.template.model.config.name}):")
    lines += [f"  {_line(row)}" for row in told if not row.small]
    small = sum(row.small for row in told)
    if small:
        lines += [
            f"  {small} more rest on counts below {FEWEST} and are not printed. The model files hold them, unrounded:",
            "  look through them before you pass them on.",
        ]
    lines += ["", f"{len(kept)} figures stay the template's:" if kept else "Nothing stays the template's."]
    for why in dict.fromkeys(row.note for row in kept):
        titles = [f"{row.title}{_own(row)}" for row in kept if row.note == why]
        more = f"; and {len(titles) - SHOWN} more" if len(titles) > SHOWN else ""
        lines.append(f"  {why[:1].upper()}{why[1:]}: {'; '.join(titles[:SHOWN])}{more}.")
    lines += [
        "",
        "What went in comes out again: that proves the program, not the model. Hold it against a year not used.",
        f"{shown(folder / 'models' / f'{name}.yaml')}: the model; contacts, prices and an experiment stand beside it",
        f"{shown(folder / 'calibration.csv')}: the figures above",
        f"Next: python run.py experiment {typed(folder / 'experiments' / f'{name}.yaml')}",
    ]
    return lines


def _line(row: Row) -> str:
    found = row.estimate
    assert found is not None
    of = f", {found.method}" + (f", {found.of:,}" if found.of else "")
    between = f" ({_say(row, found.low)} to {_say(row, found.high)})" if math.isfinite(found.low) else ""
    note = f". {row.note}" if row.note else ""
    return f"{row.title}: {_say(row, found.value)}{between}{of}; template {_say(row, row.template)}{note}"


def _own(row: Row) -> str:
    return f" ({_say(row, row.template)})" if math.isfinite(row.template) else ""


def _say(row: Row, number: float) -> str:
    if not math.isfinite(number):
        return "has none"
    if row.unit == "share":
        return f"{100 * number:.1f}%"
    if row.unit == "pounds a week":
        return f"£{number:,.2f}"
    if row.unit in ("contacts a year", "people"):
        return f"{number:,.0f}"
    return f"{number:.2f} {row.unit}"
