"""Runs ``challenge``: reads both sides, works out what follows from each, and writes a folder of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from experiments.challenge import words
from experiments.challenge.agree import POINTS
from experiments.challenge.assumptions import read_challenge
from experiments.challenge.page import page
from experiments.challenge.shares import MOST
from experiments.challenge.tables import agree_table, found_of
from experiments.elicit.asked import asked_of_results
from experiments.elicit.under import crew_for
from experiments.manifest import of_file, surroundings
from experiments.own_folder import beside, of_results, own_folder
from simulation.errors import shown


def run_challenge(results: Path, assumptions: Path, out: Path | None, force: bool = False) -> list[str]:
    """Lay a challenger's values beside the officers'.

    Args:
        results: a results folder of ``run.py experiment``. assumptions: the challenger's YAML file. out: a folder for
        tables, page and manifest, by default the results folder's name with ``_challenge``. force: replace one.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk.
    """
    asked, source = asked_of_results(results)
    challenge = read_challenge(assumptions, asked)
    count = len(challenge.disputed)
    manifest: dict[str, Any] = {
        **of_results(results, source),
        "assumptions": {**of_file(assumptions), "who": challenge.who},
        "input_draws": asked.draws,
        **surroundings(),
    }
    version = str(manifest["versions"]["demandflow"])
    with own_folder(beside(results, out, "challenge"), force, "challenge", manifest) as folder:
        print("Working out what follows from each side's values …", file=sys.stderr)
        with crew_for(asked, 2 ** min(count, MOST) + POINTS * count + 2 * asked.draws) as crew:
            found = found_of(asked, challenge, crew)
        folder.table("sides", found.sides)
        folder.table("inputs", found.inputs)
        folder.table("agree", agree_table(found))
        text = page(challenge, found, str(source["title"]), asked.year, asked.scenario, str(source["seed"]), version)
        folder.text("challenge.html", text)
    told = words.on_screen(challenge, found, asked.year, asked.scenario)
    return [*told, "", f"Page and tables: {shown(folder.path / 'challenge.html')}"]
