"""The results folder: every file is written whole or not at all, and nothing finished is lost.

A file is filled under another name, brought to the disk, and only then given its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from simulation.errors import DemandflowError, shown

SCHEMA_VERSION = 1


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlive a power cut."""
    if path.is_dir() and os.name != "posix":  # pragma: no cover - Windows cannot open a folder
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Counted(Protocol):
    """One replication of a run, as whole numbers by scenario."""

    @property
    def key(self) -> str:
        """Name of the run."""

    @property
    def replication(self) -> int:
        """Its number."""

    @property
    def tallies(self) -> Any:
        """Scenario to a tally, which gives its arrays by name."""


def status_of(path: Path) -> str | None:
    """How far the run came whose results stand in a folder; None where it is not a results folder."""
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or "schema_version" not in manifest:
        return None
    return str(manifest.get("status"))


class Folder:
    """A results folder under way.

    Raises:
        DemandflowError: the folder exists and ``force`` is not given, or it is not a results folder.
        OSError: it cannot be made.
    """

    def __init__(self, path: Path, force: bool):
        self.path = Path(os.path.abspath(path))
        self.previous: Path | None = None
        if os.path.lexists(self.path) and not (self.path.is_dir() and not any(self.path.iterdir())):
            if status_of(self.path) is None:
                raise DemandflowError(f"{shown(path)} exists and is not a results folder. Choose another with --out.")
            if not force:
                raise DemandflowError(
                    f"{shown(path)} exists. Choose another folder with --out, or replace it with --force."
                )
            if Path.cwd().is_relative_to(self.path):
                raise DemandflowError(
                    f"{shown(path)} is the folder you are in. Leave it, or choose another with --out."
                )
            self._set_aside()
        try:
            (self.path / "tables").mkdir(parents=True, exist_ok=True)
            (self.path / "replications").mkdir(exist_ok=True)
        except OSError:
            self.abandon()
            raise

    def _set_aside(self) -> None:
        """Keep the earlier results until the new ones stand. Finished ones are never given up for unfinished ones."""
        aside = self.path.with_name(f"{self.path.name}.previous")
        if status_of(self.path) != "finished" and status_of(aside) is not None:
            shutil.rmtree(self.path)
            self.previous = aside
            return
        number = 2
        while os.path.lexists(aside):
            aside = self.path.with_name(f"{self.path.name}.previous-{number}")
            number += 1
        self.path.rename(aside)
        self.previous = aside

    def abandon(self) -> None:
        """Where not even the manifest could be written: leave everything as it was before."""
        if (self.path / "manifest.json").exists():
            return
        for empty in (self.path / "tables", self.path / "replications", self.path):
            with contextlib.suppress(OSError):
                empty.rmdir()
        if self.previous is not None and not self.path.exists():
            self.previous.rename(self.path)
            self.previous = None

    def write(self, name: str, fill: Callable[[Path], None]) -> None:
        """Write a file beside its place, then move it there."""
        target = self.path / name
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".part")
        os.close(handle)
        try:
            fill(Path(temporary))
            os.chmod(temporary, 0o644)
            _to_disk(Path(temporary))
            os.replace(temporary, target)
            _to_disk(target.parent)
        except OSError as error:
            Path(temporary).unlink(missing_ok=True)
            raise OSError(error.errno, error.strerror or str(error), str(target)) from None
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def text(self, name: str, content: str) -> None:
        """Write a text file."""

        def fill(path: Path) -> None:
            path.write_text(content, encoding="utf-8")

        self.write(name, fill)

    def json(self, name: str, content: Any) -> None:
        """Write a JSON file."""
        self.text(name, json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table as Parquet and as CSV."""
        self.write(f"tables/{name}.parquet", lambda path: frame.to_parquet(path, index=False))
        self.write(f"tables/{name}.csv", lambda path: frame.to_csv(path, index=False, lineterminator="\n"))

    def replications(self, key: str, outcomes: Sequence[Counted], mark: str = "") -> None:
        """Write the whole numbers of a batch: one row per number that is not nought. ``mark`` ends the file's name."""
        whose, places, amounts = [], [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for outcome in outcomes:
            for scenario, tally in outcome.tallies.items():
                for name, array in tally.arrays().items():
                    flat = array.ravel()
                    places.append(flat.nonzero()[0])
                    amounts.append(flat[places[-1]])
                    whose.append((outcome.key, scenario, outcome.replication, name))
        each = np.repeat(np.arange(len(whose)), [len(place) for place in places[1:]])
        frame = pd.DataFrame(whose, columns=["run", "transfer", "replication", "tally"]).iloc[each]
        frame = frame.reset_index(drop=True).assign(place=np.concatenate(places), value=np.concatenate(amounts))
        first = outcomes[0].replication
        self.write(
            f"replications/{key.replace('/', '-')}-{first:05d}{mark}.parquet",
            lambda path: frame.to_parquet(path, index=False),
        )

    def done(self) -> None:
        """The new results stand: the ones they replace can go."""
        if self.previous is not None:
            shutil.rmtree(self.previous, ignore_errors=True)
