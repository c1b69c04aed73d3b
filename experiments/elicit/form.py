"""The form: one row an input and expert, as a spreadsheet opens it."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.elicit.asked import Asked, title_of
from experiments.saying import records
from experiments.whole_file import write_text_whole
from simulation.errors import DemandflowError, shown
from simulation.inputs import Input

LEAST_EXPERTS = 3
ASKABLE = ("assumption", "elicited")

BLANK = ("expert", "low_5", "middle_50", "high_95", "rationale", "date")
"""What experts fill in."""
PRINTED = ("experiment", "input", "what_it_is", "unit", "value_now", "low_now", "high_now", "source", "why")
"""What the form says."""


def askable(item: Input) -> bool:
    """Whether an input is somebody's judgement, with a value and a range of its own."""
    evidence = item.evidence
    return (
        evidence is not None
        and evidence.status in ASKABLE
        and evidence.range is not None
        and not isinstance(evidence.value, str)
    )


def chosen(asked: Asked, table: pd.DataFrame, top: int) -> list[dict[str, Any]]:
    """The rows of ``inputs`` that go onto the form: judged, and moving the headline; those that move it most first."""
    rows = [row for row in records(table) if row["key"] in asked.inputs and askable(asked.inputs[row["key"]])]
    return [row for row in rows if moves(row)][:top]


def moves(row: dict[str, Any]) -> bool:
    """Whether an input moves packages or the saving; where an end of its range is contradictory, it may."""
    return any(math.isnan(row[name]) or row[name] > 0 for name in ("swing", "swing_saving"))


def without_range(asked: Asked) -> int:
    """How many judged inputs have no range, so that nobody can say how much they matter."""
    judged = (i.evidence for i in asked.inputs.values() if i.evidence is not None and i.evidence.status in ASKABLE)
    return sum(evidence.range is None and not isinstance(evidence.value, str) for evidence in judged)


def form_text(asked: Asked, rows: Sequence[dict[str, Any]]) -> str:
    """The form as CSV: three blank rows for each input, one an expert."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*PRINTED, *BLANK))
    for row in rows:
        for _ in range(LEAST_EXPERTS):
            writer.writerow([*_printed(asked, asked.inputs[row["key"]]), *("" for _ in BLANK)])
    return out.getvalue()


def _printed(asked: Asked, item: Input) -> list[str]:
    evidence = item.evidence
    assert evidence is not None and evidence.range is not None
    source = "none published"
    if evidence.source is not None:
        source = ", ".join(filter(None, (evidence.source.document, evidence.source.where, evidence.source.how)))
    cells = [
        Path(asked.path).as_posix(),
        item.key,
        f"{title_of(item.key)}: {evidence.definition or evidence.why}",
        unit_of(item),
        f"{asked.value(item.key):.12g}",
        f"{evidence.range.low:.12g}",
        f"{evidence.range.high:.12g}",
        source,
        f"{evidence.why}; range: {evidence.range.why}" if evidence.definition else f"range: {evidence.range.why}",
    ]
    return [cell if index in (4, 5, 6) else _no_formula(cell) for index, cell in enumerate(cells)]


def _no_formula(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    line = " ".join(text.split())
    return f" {line}" if line[:1] in ("=", "+", "-", "@") else line


def unit_of(item: Input) -> str:
    """The unit of an input: its own, or that of the law of time it stands in; '' where none is written."""
    if item.evidence is not None and item.evidence.unit:
        return item.evidence.unit
    inside: Any = item.loaded.document.data
    found = ""
    for step in item.where:
        if isinstance(inside, dict) and isinstance(inside.get("unit"), str):
            found = inside["unit"]
        try:
            inside = inside[step]
        except (KeyError, IndexError, TypeError):
            break
    last = item.where[-1]
    return found if last not in ("sigma", "shape") else ""


def write_form_file(path: Path, text: str, force: bool) -> None:
    """Write a file that is not to be overwritten by chance: experts' work may stand in it.

    Raises:
        DemandflowError: it exists and ``force`` is not given, or it is no CSV by its name. OSError: the disk.
    """
    if path.suffix.lower() != ".csv":
        raise DemandflowError(
            f"{shown(path)}: the form is a table that a spreadsheet opens. Give it a name that ends in .csv."
        )
    if os.path.lexists(path) and not force:
        raise DemandflowError(
            f"{shown(path)} exists, and experts' answers may stand in it. "
            "Name another file, or replace it with --force."
        )
    write_text_whole(path, text, "utf-8-sig")  # with the mark by which Excel knows UTF-8
