"""Whether the column ``interval`` of a table names the method of every interval in it, and of nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from experiments.report.interval_notes import PLAIN

WITHOUT = {"inputs": "its low and high are ranges that files give", "distributions": "its low is the least it can give"}
NOT_INTERVALS = ("published_", "accept_", "share_of_gap_")


def ends_of(frame: pd.DataFrame) -> set[str]:
    """What stands before ``low`` in the names of columns ('' for ``low`` alone), of intervals."""
    found = {match[1].rstrip("_") for name in frame if (match := re.fullmatch(r"(|.*_)low", str(name)))}
    return {name for name in found if f"{name}_" not in NOT_INTERVALS}


def named(cell: str) -> dict[str, str]:
    """Prefix of columns to method, as docs/outputs.md says."""
    found = {}
    for entry in cell.split("; "):
        names, _, method = entry.rpartition(": ")
        found |= dict.fromkeys(names.split(", "), method)
    return found


def assert_named(results: Path) -> int:
    """Hold every table of a results folder; how many had intervals."""
    held = 0
    for path in sorted((results / "tables").glob("*.parquet")):
        frame = pd.read_parquet(path)
        if path.stem in WITHOUT or not ends_of(frame) or not len(frame):
            continue
        assert "interval" in frame, f"{path.stem} has intervals and does not say how they were made"
        for cell in frame["interval"].dropna().unique():
            said = named(cell)
            assert set(said) == ends_of(frame), f"{path.stem}: {cell}"
            assert set(said.values()) <= set(PLAIN), f"{path.stem}: {cell}"
        held += 1
    return held
