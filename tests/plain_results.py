"""Small results of each kind for tests of what is said in plain words, and ways to change them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from built import KINDS as BUILT
from built import once
from report_page import Change, edit

OVER = "in_house.transformation"
LAST: dict[str, Any] = {"run": OVER, "financial_year": "2019/20"}
KINDS = ("comparison", "front_doors", "service", "transition")


def put_ranges(folder: Path) -> None:
    """The ranges that only many runs give: a tenth around by chance, two fifths with the inputs."""
    columns = {
        "delivery": ("delivered", ("chance_low", "chance_high"), ("low", "high")),
        "transition_ledger": ("difference", ("difference_low", "difference_high"), ()),
        "transition_years": (
            "difference",
            ("difference_chance_low", "difference_chance_high"),
            ("difference_low", "difference_high"),
        ),
    }
    for name, (mean, *pairs) in columns.items():

        def ranged(frame: pd.DataFrame, mean: str = mean, pairs: list[Any] = pairs) -> pd.DataFrame:
            for share, pair in zip((0.1, 0.4), pairs, strict=True):
                for sign, column in zip((-1, 1), pair, strict=False):
                    frame[column] = frame[mean] + sign * share * frame[mean].abs()
            return frame

        edit(name, ranged)(folder)


def results_of(factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small result of each kind that has a report, the transition with ranges."""
    folders = {kind: once(factory, kind, BUILT[kind]) for kind in KINDS}
    moved = Path(shutil.copytree(folders["transition"], factory.mktemp("plain") / "transition"))
    put_ranges(moved)
    return {**folders, "transition": moved}


def put(name: str, where: dict[str, Any], **values: Any) -> Change:
    """Sets cells of the rows of a table where all keys hold."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        rows = np.logical_and.reduce([frame[key] == value for key, value in where.items()])
        assert rows.any()
        for column, value in values.items():
            frame.loc[rows, column] = value
        return frame

    return edit(name, change)
