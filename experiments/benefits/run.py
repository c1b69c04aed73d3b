"""Runs ``benefits``: reads and checks everything first, then draws, adds up and, where asked, writes a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.benefits import words
from experiments.benefits.actuals import read_realised
from experiments.benefits.page import page
from experiments.benefits.plan import Plan, read_plan
from experiments.benefits.profile import profile_table
from experiments.benefits.tables import inputs_table, lines_table, totals_table
from experiments.manifest import digest, of_file, surroundings
from experiments.own_folder import own_folder
from simulation.errors import shown


def run_benefits(option: Path, out: Path | None, actuals: Path | None, force: bool = False) -> list[str]:
    """Track the benefits of an option's schemes.

    Args:
        option: its file. out: a folder for tables, page and manifest, or None. actuals: what came of it, by quarter.
        force: replace an existing results folder.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk.
    """
    plan = read_plan(option)
    rows = None if actuals is None else read_realised(actuals, plan)
    lines, totals = lines_table(plan), totals_table(plan)
    profile = None if rows is None else profile_table(plan, rows)
    told = words.on_screen(plan, lines, totals, profile)
    if out is None:
        return told
    manifest = _manifest(plan, actuals)
    with own_folder(out, force, "benefits", manifest) as folder:
        folder.table("benefits", lines)
        folder.table("benefits_totals", totals)
        folder.table("inputs", inputs_table(plan))
        if profile is not None:
            folder.table("profile", profile)
        version = str(manifest["versions"]["demandflow"])
        folder.text("benefits.html", page(plan, lines, totals, profile, version))
    return [*told, "", f"Page and tables: {shown(folder.path / 'benefits.html')}"]


def _manifest(plan: Plan, actuals: Path | None) -> dict[str, Any]:
    files = (plan.loaded.document.path, *plan.loaded.document.ancestors)
    manifest: dict[str, Any] = {
        "option": plan.loaded.config.name,
        "title": plan.loaded.config.title,
        "config": plan.loaded.document.data,
        "config_hashes": {shown(path): digest(path) for path in files},
        "seed": plan.tracking.seed,
        "input_draws": plan.tracking.input_draws,
        **surroundings(),
    }
    if actuals is not None:
        manifest["actuals"] = of_file(actuals)
    return manifest
