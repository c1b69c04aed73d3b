"""Reading a results folder that some earlier run wrote: is it one, is it finished, is it of this schema version?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import ArrowException

from experiments import crate
from experiments.store import SCHEMA_VERSION
from simulation.errors import DemandflowError, short, shown


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a results folder, however far its run came.

    Raises:
        DemandflowError: no folder, no results folder, or one of another schema version.
    """
    if not folder.exists():
        raise DemandflowError(f"{shown(folder)}: there is no such folder. Name a results folder.")
    if not folder.is_dir():
        raise DemandflowError(f"{shown(folder)} is a file, not a folder. Name a results folder.")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or "schema_version" not in manifest:
        raise DemandflowError(
            f"{shown(folder)} is not a results folder: it holds no whole manifest.json. Name a folder that a run wrote."
        )
    if manifest["schema_version"] != SCHEMA_VERSION:
        raise DemandflowError(
            f"{shown(folder)} is of schema version {short(str(manifest['schema_version']))}; this program reads "
            f"version {SCHEMA_VERSION}. Read it with the program that wrote it, or run the experiment again."
        )
    return manifest


def finished_experiment(folder: Path) -> dict[str, Any]:
    """The manifest of a finished experiment.

    Raises:
        DemandflowError: as ``read_manifest``, or the folder is another command's, or its run is not finished.
    """
    manifest = read_manifest(folder)
    command = manifest.get("command", "experiment")
    if command != "experiment":
        raise DemandflowError(f"{shown(folder)} was written by run.py {command}. Name the results of an experiment.")
    if manifest.get("status") != "finished":
        raise DemandflowError(
            f"{shown(folder)}: its run is {manifest.get('status')}, not finished. Run the experiment again."
        )
    parts: dict[str, type] = {"config": dict, "config_hashes": dict, "versions": dict, "code": dict, "seed": int}
    for name, kind in parts.items():
        if not isinstance(manifest.get(name), kind):
            raise DemandflowError(f"{shown(folder / 'manifest.json')}: '{name}' is missing. Run the experiment again.")
    return manifest


def tables_of(folder: Path) -> list[str]:
    """Names of the tables of a results folder, sorted."""
    return sorted(path.stem for path in (folder / "tables").glob("*.parquet"))


def read_parquet(path: Path) -> pd.DataFrame:
    """One Parquet file of a results folder.

    Raises:
        DemandflowError: it cannot be read.
    """
    try:
        return pd.read_parquet(path)
    except (ArrowException, OSError, ValueError) as error:
        raise DemandflowError(
            f"{shown(path)}: is not a whole Parquet file ({short(str(error))}). Run the experiment again."
        ) from None


def lost_tables(folder: Path) -> list[str]:
    """Names of tables that the run wrote and that are no longer there, sorted; none where the run left no list."""
    try:
        listed = json.loads((folder / crate.NAME).read_text(encoding="utf-8"))["@graph"]
        written = [Path(entry["@id"]) for entry in listed]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    tables = {path.stem for path in written if path.parent.name == "tables" and path.suffix == ".parquet"}
    return sorted(tables - set(tables_of(folder)))
