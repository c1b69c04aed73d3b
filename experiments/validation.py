"""``run.py validation``: what was held against published figures, model by model, as a page of Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.results_folder import finished_experiment
from experiments.service_summary import number, records

OPENING = """# Validation

What each model gives, beside what is published. Written by `python run.py validation RESULTS_DIR …`; not by hand.

**Calibration** means that inputs were set with the figure: its coming out proves the program, not the theory.
**Validation** means that the figure set no input, so it could have failed. The interval is the 95% range of one
simulated year where there are at least 40 replications, else the 95% interval of the mean. It holds chance only, not
what is unknown about the inputs.
"""
COLUMNS = ("measure", "published", "simulated", "interval", "use", "verdict")


def _span(low: float, high: float) -> str:
    return "–" if math.isnan(low) or math.isnan(high) else f"{number(low)} to {number(high)}"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    return [_line(COLUMNS), _line("---" for _ in COLUMNS), *map(_line, rows)]


def _flows(folder: Path) -> list[str]:
    """The published pictures of models on their own contacts: inputs that come out again.

    Counts that their source worked back from a percentage are shown and get no verdict.
    """
    lines: list[str] = []
    flows, ways = (pd.read_parquet(folder / "tables" / f"{name}.parquet") for name in ("flows", "pathways"))
    shown_only = {(row.model, row.stage, row.branch) for row in records(ways[ways["display_only"].astype(bool)])}
    own = flows[(flows["population"] == "own") & flows["n_published"].notna()]
    for model, part in own.groupby("model", sort=False):
        rows = [
            (
                f"{row.stage}: {row.branch}",
                number(row.n_published),
                number(row.n_mean),
                _span(row.n_low, row.n_high),
                *_said(row, (model, row.stage, row.branch) in shown_only),
            )
            for row in records(part)
        ]
        lines += ["", f"## {model}, flows of a year", "", *_table(rows)]
    return lines


def _said(row: Any, shown_only: bool) -> tuple[str, str]:
    if shown_only:
        return "worked back from a percentage", "–"
    return "calibration", "inside" if row.n_low <= row.n_published <= row.n_high else "outside"


def _service(folder: Path, manifest: dict[str, object]) -> list[str]:
    about = manifest["service"]
    assert isinstance(about, dict)
    checks = pd.read_parquet(folder / "tables" / "checks.parquet")
    rows, notes = [], []
    for row in records(checks):
        year = _span(row.year_low, row.year_high)
        printed = number(row.published)
        if row.published_low != row.published_high:
            printed += f" ({_span(row.published_low, row.published_high)})"
        must = ", must hold" if row.must_hold else ""
        interval = year if year != "–" else _span(row.mean_low, row.mean_high)
        rows.append((str(row.title), printed, number(row.mean), interval, str(row.use), f"{row.verdict}{must}"))
        notes += [f"- {row.title}: {row.note}"] if row.note else []
    told = about["outcome"]
    verdict = "coherent" if told["coherent"] else "not coherent"
    outside = f" Outside: {'; '.join(told['outside'])}." if told["outside"] else ""
    used = checks.loc[checks["use"] == "calibration", "title"].tolist()
    lines = ["", f"## {about['model']}, a whole service in {about['reported_year']}", ""]
    lines.append(
        f"{told['inside']} of {told['checks']} figures are near enough, and up to {told['most_outside']} may not be: "
        f"the baseline is {verdict} with what is published.{outside}"
    )
    lines += ["", *_table(rows), ""]
    lines.append(f"Inputs were set with: {'; '.join(used) if used else 'none of these'}.")
    return [*lines, *(["", "Notes:", "", *notes] if notes else [])]


def validation_page(folders: Sequence[Path]) -> str:
    """The page for some results folders.

    Raises:
        DemandflowError: a folder that holds no finished results of an experiment, or those of another schema version.
    """
    lines = [OPENING.rstrip()]
    for folder in folders:
        manifest = finished_experiment(folder)
        code = manifest["code"].get("commit") or "unknown"
        lines += ["", f"From `{manifest['experiment']}` (seed {manifest['seed']}, code {str(code)[:12]})."]
        lines += _flows(folder)
        if "service" in manifest:
            lines += _service(folder, manifest)
    return "\n".join(lines) + "\n"
