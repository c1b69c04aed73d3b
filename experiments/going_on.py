"""Whether a run that was stopped can go on: its folder says what it was begun with, and nothing of that has changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.saying import listed
from experiments.store import SCHEMA_VERSION, status_of
from simulation.errors import DemandflowError, shown

START_OVER = "Or run it again with --force, which starts over."

ASKING = ("sweep", "sensitivity", "attribution", "goal", "staffing")
"""Commands that ask an experiment at many points, and keep what was answered."""


def begun_with(path: Path) -> dict[str, Any]:
    """The manifest of an experiment, or of a command of ``ASKING``, that was stopped and can go on.

    Raises:
        DemandflowError: there is nothing to go on with.
    """
    status = status_of(path)
    if status is None:
        what = "is not a results folder" if path.is_dir() else "is not there"
        raise DemandflowError(f"{shown(path)} {what}. Name the folder of an experiment that was stopped.")
    manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    version = manifest["schema_version"]
    if version != SCHEMA_VERSION:
        raise DemandflowError(
            f"{shown(path)} has results of schema version {version}, and this program writes {SCHEMA_VERSION}. "
            f"Go on with the version that began it. {START_OVER}"
        )
    if status == "finished":
        raise DemandflowError(f"{shown(path)} is finished. There is nothing to go on with.")
    command = manifest.get("command", "")
    if command not in ("", *ASKING):
        raise DemandflowError(
            f"{shown(path)} was written by run.py {command}, which is quick to run again with --force. "
            f"What can go on: experiment, {', '.join(ASKING)}."
        )
    needed = {"config_file", "engine", "config_hashes", "pathway_hashes", "versions", "code", "machine"}
    if not needed | ({"request"} if command else set()) <= set(manifest):
        raise DemandflowError(f"{shown(path)} does not say what it was begun with. {START_OVER}")
    if not Path(manifest["config_file"]).exists():
        raise DemandflowError(
            f"{manifest['config_file']} is not there. Run this command in the folder where the run was begun, or put "
            f"the file back. {START_OVER}"
        )
    return manifest


def refuse_changes(path: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """What was written before, and what is to be added, must come from the same.

    Args:
        then, now: the manifest of the run that was stopped, and what it would be now.

    Raises:
        DemandflowError: naming what changed.
    """
    changed = changes(then, json.loads(json.dumps(now, default=str)))
    if changed:
        raise DemandflowError(
            f"{shown(path)} cannot go on: {listed(changed)} changed since it was begun, so its parts would not belong "
            f"together. Put back what changed. {START_OVER}"
        )


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not as it was, in words: files, seed, code, versions, kind of machine."""
    old, new = (
        {(Path(name).name, found): name for name, found in each["config_hashes"].items()} for each in (then, now)
    )
    found = sorted({{**old, **new}[key] for key in {*old} ^ {*new}})
    if not found and (then["pathway_hashes"] != now["pathway_hashes"] or then.get("seed") != now["seed"]):
        found.append("what the config files come to")
    if then["code"].get("hash") != now["code"]["hash"]:
        found.append("the code of Demandflow")
    for name, version in now["versions"].items():
        before = then["versions"].get(name)
        if before != version:
            found.append(f"the version of {name} (then {before}, now {version})")
    for name in ("system", "processor"):
        if then["machine"].get(name) != now["machine"][name]:
            found.append(f"the machine's {name} (then {then['machine'].get(name)}, now {now['machine'][name]})")
    return found
