"""Analyses of the same experiment whose folders stand inside the results folder, found and held against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.report.words import Link, Phrase, phrase
from experiments.results_folder import read_manifest
from simulation.errors import DemandflowError, shown

COMMANDS = ("sensitivity", "attribution", "goal", "hindcast")
"""What joins the report; folders that other commands wrote are let be."""


@dataclass(frozen=True)
class Analysis:
    """A finished analysis of the experiment that the results are of.

    Attributes:
        folder: its name within the results folder.
    """

    folder: str
    command: str
    manifest: dict[str, Any]

    def table(self, name: str) -> str:
        """A table of its own, as ``Results`` knows it."""
        return f"{self.folder}/{name}"

    @property
    def page(self) -> str:
        """Its own page, from the results folder."""
        return f"{self.folder}/{self.command}.html"

    def files(self, results: Path) -> list[Path]:
        """What is handed out of it: manifest, page and tables."""
        own = results / self.folder
        found = [own / "manifest.json", results / self.page, *sorted((own / "tables").glob("*"))]
        return [file for file in found if file.is_file()]


def analyses_in(folder: Path, ours: dict[str, Any], missing: list[str]) -> list[Analysis]:
    """By command in the order of ``COMMANDS``, then by folder.

    Args:
        folder, ours: of the results, and their manifest. missing: gets a sentence for each that does not belong.
    """
    found = []
    for path in sorted(child for child in folder.glob("*/") if _may_be(child)):
        try:
            one = Analysis(path.name, *_read(path, ours))
        except DemandflowError as error:
            missing.append(f"The folder {path.name} is left out: {error}")
            continue
        if one.command in COMMANDS:
            found.append(one)
    return sorted(found, key=lambda one: (COMMANDS.index(one.command), one.folder))


def _may_be(path: Path) -> bool:
    return path.name in COMMANDS or (path / "manifest.json").is_file()


def _read(path: Path, ours: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Command and manifest.

    Raises:
        DemandflowError: it is not whole, not finished, or not about what the results are about.
    """
    manifest = read_manifest(path)
    command = str(manifest.get("command", "experiment"))
    if command not in COMMANDS:
        return command, manifest
    again = f"run.py {command} {ours.get('config_file', 'CONFIG')} --out {shown(path)} --force"
    if manifest.get("status") != "finished":
        raise DemandflowError(f"its run is {manifest.get('status')}, not finished. Run it again: {again}")
    if manifest.get("experiment") != ours["experiment"]:
        raise DemandflowError(
            f"it is about the experiment {manifest.get('experiment')}, and these results are of {ours['experiment']}. "
            "Move it to the results it belongs to."
        )
    changed = changed_files(ours["config_hashes"], manifest.get("config_hashes") or {})
    if changed:
        raise DemandflowError(
            f"it was made from other config files than these results ({', '.join(changed)}). Run the experiment and "
            f"then this again: {again}"
        )
    return command, manifest


def changed_files(ours: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """Names of config files that are not the same in both, whatever folder they were read from."""
    mine, other = ({(Path(name).name, digest) for name, digest in each.items()} for each in (ours, theirs))
    return sorted({name for name, _ in mine ^ other})


def pages(found: Sequence[Analysis]) -> Phrase:
    """Links to the analyses' own pages."""
    links = {f"page{at}": Link(f"{one.command} ({one.folder})", one.page) for at, one in enumerate(found)}
    each = ", ".join(f"{{{name}}}" for name in links)
    return phrase(f"More of it stands on the analyses' own pages: {each}.", **links)
