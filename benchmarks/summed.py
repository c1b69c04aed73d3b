"""What the compiled engine's summaries say, as the measures that every program is compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.codes import Event
from benchmarks.agreeing import Measures
from benchmarks.ours import MS_PER_HOUR

if TYPE_CHECKING:
    from benchmarks.cases import Case
    from simulation.summaries import Summaries


def measures_of_summaries(case: Case, found: Summaries) -> Measures:
    """Rows by (stage, event, branch) and mean hours waited, as ``agreeing.measures_of_trace`` names them."""
    pathway = case.ours.pathway
    told: Measures = {}
    flow = found.flow.sum(axis=0)
    for stage, event in zip(*np.nonzero(flow), strict=True):
        if event != Event.BRANCH:
            told[f"{pathway.stages[stage]} {Event(event).name.lower()}"] = float(flow[stage, event])
    for stage, name in enumerate(pathway.stages):
        row = pathway.decision[stage]
        if row >= 0:
            for branch, branch_name in enumerate(pathway.branch_names[row]):
                told[f"{name} branch {branch_name}"] = float(found.branch[row, branch])
    for name in case.waits:
        stage = pathway.index(name)
        told[f"{name} mean wait"] = float(found.waited[stage] / flow[stage, Event.START]) / MS_PER_HOUR
    return told
