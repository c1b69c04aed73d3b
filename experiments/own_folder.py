"""The folder of a command that asks something: manifest first, then tables and page, then it is done."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.signals import undisturbed
from experiments.store import SCHEMA_VERSION, Folder, in_hand
from simulation.errors import shown


def beside(results: Path, out: Path | None, command: str) -> Path:
    """Where a command's folder goes that asks a results folder: ``out``, or beside it, as ``NAME_track``."""
    whole = results.resolve()
    return out or whole.with_name(f"{whole.name}_{command}")


def of_results(folder: Path, source: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says of the results that were asked. ``source``: their own manifest."""
    return {
        "title": source["title"],
        "results": {"folder": shown(folder), "experiment": source["experiment"], "seed": source["seed"]},
    }


@contextlib.contextmanager
def own_folder(
    path: Path, force: bool, command: str, manifest: dict[str, Any], going_on: Mapping[str, Any] | None = None
) -> Iterator[Folder]:
    """A results folder while a command fills it; its place is made sure of before anything long is begun.

    Args:
        command: as typed, such as ``goal``. manifest: everything known before the work; what is added to it meanwhile
            is written at the end, with the status and the seconds it took. going_on: the manifest of a run that was
            stopped in this folder, whose whole files stay.

    Raises:
        DemandflowError, OSError: as ``store.Folder``.
    """
    begun = time.perf_counter()
    with contextlib.ExitStack() as held:
        if going_on is not None:  # whoever still writes it is not disturbed
            held.enter_context(in_hand(path))
            folder = Folder.again(path, going_on.get("replaces"))
        else:
            folder = Folder(path, force)
            held.enter_context(in_hand(folder.path))
        first = {"schema_version": SCHEMA_VERSION, "status": "running", "command": command}
        manifest.update({**first, **{key: value for key, value in manifest.items() if key not in first}})
        if folder.previous is not None:
            manifest["replaces"] = folder.previous.name
        try:
            folder.json("manifest.json", manifest)
            yield folder
            manifest["status"] = "finished"
            manifest["seconds"] = round(time.perf_counter() - begun, 1)
            folder.json("manifest.json", manifest)
        except BaseException:
            with undisturbed(), contextlib.suppress(OSError):
                if (folder.path / "manifest.json").exists():
                    folder.json("manifest.json", {**manifest, "status": "stopped"})
            folder.abandon()
            raise
        folder.done()
