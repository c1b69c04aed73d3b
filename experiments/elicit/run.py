"""Runs ``elicit``: writes a form, reads it back into configs, or tells the headline under each expert."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.crew import Crew
from experiments.elicit import words
from experiments.elicit.asked import Asked, asked_of, asked_of_results, first_fault
from experiments.elicit.form import chosen, form_text, without_range, write_form_file
from experiments.elicit.overlay import overlays, write_overlays
from experiments.elicit.pooled import Pooled, pooled, pooled_table
from experiments.elicit.reading import Form, experiment_of, read_form
from experiments.elicit.under import crew_for, under_table
from experiments.manifest import of_file, surroundings
from experiments.own_folder import beside, of_results, own_folder
from experiments.results_folder import read_parquet
from experiments.uncertainty import inputs_table, swings
from simulation.errors import DemandflowError, shown, typed


def write_form(asked_about: Path, form: Path, top: int, force: bool = False) -> list[str]:
    """Write the form for the assumptions that move an experiment's headline most.

    Args:
        asked_about: an experiment file, or the folder of its finished results. form: the CSV file to write.
        top: how many inputs at most. force: replace a form that is there.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk.
    """
    asked = asked_of(asked_about)
    table = _inputs(asked, asked_about)
    rows = chosen(asked, table, top)
    if not rows:
        raise DemandflowError(
            f"{shown(asked_about)}: no assumption with a range moves the headline, so there is nothing to ask experts."
        )
    write_form_file(form, form_text(asked, rows), force)
    lines = [f"{len(rows)} assumption{'s' if len(rows) > 1 else ''}, those that move the headline most first:"]
    lines += [f"  {row['key']}" for row in rows]
    unranged = without_range(asked)
    if unranged:
        lines.append(
            f"{unranged} assumption{'s have' if unranged > 1 else ' has'} no range, so nobody can say how much "
            f"{'they matter' if unranged > 1 else 'it matters'}: not on the form."
        )
    return [
        *lines,
        "Each expert fills in alone: expert (initials or a role), low_5 (the truth lies below it 1 time in 20),",
        "middle_50 (as likely below as above), high_95 (above it 1 time in 20) and rationale. At least three experts;",
        "copy a row for a fourth.",
        f"Form: {shown(form)}. Then: run.py elicit --read {typed(form)} --out DIR",
    ]


def _inputs(asked: Asked, given: Path) -> pd.DataFrame:
    if given.is_dir():
        return read_parquet(given / "tables" / "inputs.parquet")
    with Crew([], 1) as crew:
        moved = swings(asked.question, lambda sets: crew.ask(str(asked.path), sets), asked.transfer)
    return inputs_table(asked.prepared, moved)


def read_back(form: Path, out: Path, experiment: Path | None, force: bool = False) -> list[str]:
    """Read a filled form and write configs in which its inputs are ``status: elicited``.

    Args:
        form: the filled form. out: a configs folder to write to. experiment: an experiment file or results folder;
        by default the experiment the form names. force: replace files that are there.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk.
    """
    asked = Asked(experiment_of(form)) if experiment is None else asked_of(experiment)
    read = read_form(form, asked)
    found = pooled(asked, read)
    try:
        asked.headline({key: one.law.mode for key, one in found.items()})
    except DemandflowError as error:
        raise DemandflowError(
            f"{shown(form)}: the experts' pooled values contradict each other when taken together: "
            f"{first_fault(error)} Ask again about the inputs this sentence names."
        ) from None
    written = write_overlays(asked, overlays(asked, found), out, force)
    table = out / "elicited.csv"
    pooled_table(asked, found).to_csv(table, index=False, lineterminator="\n")
    new = next(path for path in written if path.parent.name == "experiments")
    return [
        *_told(asked, read, found),
        "",
        *(f"Written: {shown(path)}" for path in [*written, table]),
        f"To run it: run.py experiment {typed(new)}",
    ]


def _told(asked: Asked, form: Form, found: dict[str, Pooled]) -> list[str]:
    lines = words.of_inputs(found, {key: asked.value(key) for key in found})
    if form.left_blank:
        lines.append(f"Left blank by everybody, so as they were: {', '.join(form.left_blank)}.")
    return lines


def under_each(results: Path, form: Path, out: Path | None, force: bool = False) -> list[str]:
    """The headline of finished results under each expert of a filled form, and under the most sceptical.

    Args:
        results: a results folder of ``run.py experiment``. form: the filled form. out: a folder for the tables, by
        default the results folder's name with ``_experts``. force: replace an existing one.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk.
    """
    asked, source = asked_of_results(results)
    read = read_form(form, asked)
    found = pooled(asked, read)
    manifest: dict[str, Any] = {
        **of_results(results, source),
        "form": of_file(form),
        "input_draws": asked.draws,
        **surroundings(),
    }
    with own_folder(beside(results, out, "experts"), force, "elicit", manifest) as folder:
        print("Working out the headline under each expert …", file=sys.stderr)
        with crew_for(asked, asked.draws * (len(read.experts) + 2)) as crew:
            table = under_table(asked, read.experts, found, crew)
        folder.table("experts", table)
        folder.table("elicited", pooled_table(asked, found))
    return [
        asked.scenario,
        "",
        *words.of_experts(table),
        "",
        *_told(asked, read, found),
        "",
        f"Tables: {shown(folder.path / 'tables')}",
    ]
