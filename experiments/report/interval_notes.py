"""How the intervals of a part's tables were made, in plain words: a footnote from the column ``interval``."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.bootstrap import DRAWS as DRAWN_AGAIN
from experiments.report.results import Results
from experiments.statistics import BOOTSTRAP, DRAWS, PAIRED, PREDICTION, REPLICATIONS, STUDENT

PLAIN = {
    PAIRED: "of a difference: paired t, run by run with the same people and luck",
    STUDENT: "of a mean: Student's t over the runs",
    BOOTSTRAP: f"of a ratio or a percentile: bootstrap, the runs drawn again {DRAWN_AGAIN:,} times",
    PREDICTION: "of one year or one run: where one more would fall (prediction)",
    DRAWS: "with unknown inputs: the middle 95% of draws of the inputs",
    REPLICATIONS: "of single runs: the middle 95% of the runs",
}
"""What each method is for, in the order in which they are told."""


def methods(interval: str) -> list[str]:
    """The methods that a cell of the column ``interval`` names, such as 'year: prediction; mean: t'."""
    return [entry.rpartition(": ")[2] for entry in interval.split("; ") if entry]


def interval_note(results: Results, tables: Sequence[str]) -> str:
    """One sentence on the intervals of these tables; '' where they have none."""
    found: set[str] = set()
    for name in tables:
        frame = results.table(name)
        if frame is not None and "interval" in frame:
            found.update(method for cell in frame["interval"].dropna().unique() for method in methods(str(cell)))
    said = [words for method, words in PLAIN.items() if method in found]
    return f"How intervals (95%) are made: {'; '.join(said)}." if said else ""
