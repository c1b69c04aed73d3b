"""What the command line says when an experiment has finished."""

from __future__ import annotations

from pathlib import Path

from simulation.errors import shown


def summary(folder: Path) -> list[str]:
    return [f"Report: {shown(folder / 'report.html')}"]
