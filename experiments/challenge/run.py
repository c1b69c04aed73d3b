"""Runs ``challenge``: reads both sides, works out what follows from each, and writes a folder of its own."""

from __future__ import annotations

import sys
from hashlib import blake2b
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
from experiments.manifest import surroundings
from experiments.store import SCHEMA_VERSION, Folder
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
    print("Working out what follows from each side's values …", file=sys.stderr)
    with crew_for(asked, 2 ** min(count, MOST) + POINTS * count + 2 * asked.draws) as crew:
        found = found_of(asked, challenge, crew)
    whole = results.resolve()
    folder = Folder(out or whole.with_name(f"{whole.name}_challenge"), force)
    manifest: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "status": "running",
        "command": "challenge",
        "title": source["title"],
        "results": {"folder": shown(results), "experiment": source["experiment"], "seed": source["seed"]},
        "assumptions": {
            "file": shown(assumptions),
            "hash": blake2b(assumptions.read_bytes(), digest_size=16).hexdigest(),
            "who": challenge.who,
        },
        "input_draws": asked.draws,
        **surroundings(),
    }
    version = str(manifest["versions"]["demandflow"])
    try:
        folder.json("manifest.json", manifest)
        folder.table("sides", found.sides)
        folder.table("inputs", found.inputs)
        folder.table("agree", agree_table(found))
        text = page(challenge, found, str(source["title"]), asked.year, asked.scenario, str(source["seed"]), version)
        folder.text("challenge.html", text)
        manifest["status"] = "finished"
        folder.json("manifest.json", manifest)
    except BaseException:
        folder.abandon()
        raise
    folder.done()
    told = words.on_screen(challenge, found, asked.year, asked.scenario)
    return [*told, "", f"Page and tables: {shown(folder.path / 'challenge.html')}"]
