"""The results folder: every file is written whole or not at all, and nothing finished is lost.

A file is filled under another name, brought to the disk, and only then given its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.batches import Counted, write_batch
from experiments.whole_file import write_text_whole, write_whole
from simulation.errors import DemandflowError, shown, typed

SCHEMA_VERSION = 2


UNFINISHED = "-unfinished"
"""Ends the name of a file with what there was of a batch that could not be finished."""


def batch_name(key: str, first: int, mark: str = "") -> str:
    """The file of a batch, by the number of its first replication."""
    return f"{key.replace('/', '-')}-{first:05d}{mark}.parquet"


@contextlib.contextmanager
def in_hand(path: Path) -> Iterator[None]:
    """Nobody else goes on with a folder meanwhile; the system lets go of it when the process ends, however it ends.

    Raises:
        DemandflowError: somebody is at it.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # pragma: no cover - Windows
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemandflowError(f"{shown(path)} is being written by a run that goes on. Wait for it, or stop it.") \
                from None  # fmt: skip
        except OSError:  # a disk that cannot lock is no reason not to run
            pass
        yield
    finally:
        os.close(handle)


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
                begun = "" if status_of(self.path) == "finished" else " and its run did not finish"
                go_on = f"Go on with it (run.py resume {typed(path)}), choose" if begun else "Choose"
                raise DemandflowError(
                    f"{shown(path)} exists{begun}. {go_on} another folder with --out, or replace it with --force."
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

    @classmethod
    def again(cls, path: Path, previous: str | None) -> Folder:
        """A folder whose run was stopped, to go on with; what was not finished in it goes.

        Args:
            previous: name of the folder beside it that it is to replace, if any.
        """
        folder = cls.__new__(cls)
        folder.path = Path(os.path.abspath(path))
        aside = folder.path.with_name(previous) if previous else None
        folder.previous = aside if aside is not None and status_of(aside) is not None else None
        for name in ("tables", "replications"):
            (folder.path / name).mkdir(exist_ok=True)
        for left in (*folder.path.rglob(".*.part"), *folder.path.glob(f"replications/*{UNFINISHED}.parquet")):
            left.unlink(missing_ok=True)
        return folder

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
        write_whole(self.path / name, fill)

    def text(self, name: str, content: str) -> None:
        """Write a text file."""
        write_text_whole(self.path / name, content)

    def json(self, name: str, content: Any) -> None:
        """Write a JSON file."""
        self.text(name, json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table as Parquet and as CSV."""
        self.write(f"tables/{name}.parquet", lambda path: frame.to_parquet(path, index=False))
        self.write(f"tables/{name}.csv", lambda path: frame.to_csv(path, index=False, lineterminator="\n"))

    def replications(self, key: str, outcomes: Sequence[Counted], mark: str = "") -> None:
        """Write the whole numbers of a batch: one row per number that is not nought. ``mark`` ends the file's name."""
        first = outcomes[0].replication
        self.write(
            f"replications/{batch_name(key, first, mark)}",
            lambda path: write_batch(path, outcomes),
        )

    def done(self) -> None:
        """The new results stand: the ones they replace can go."""
        if self.previous is not None:
            shutil.rmtree(self.previous, ignore_errors=True)
