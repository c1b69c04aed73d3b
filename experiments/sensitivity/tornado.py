"""One input at a time at the ends of its range, all others central: the same replications at every point."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from experiments.sensitivity.study import Floats, Study
from experiments.statistics import of_mean
from simulation.inputs import Values

LOW, HIGH = 0.025, 0.975
METHOD = "paired t over replications lived at both points"


def central_of(study: Study) -> dict[str, float]:
    """Each ranged input's value as it stands."""
    values = Values(study.evaluator.prepared.inputs)
    return {item.key: values.of(item.number, item.loaded.ref) for item in study.inputs}


def tornado(study: Study) -> pd.DataFrame:
    """What each input does on its own.

    Columns: measure, unit, input, title, status, value, low, high (the input as it stands, and its 2.5% and 97.5%
    quantiles), central (the measure at central inputs), and for the changes at_low, at_high (from central) and swing
    (from low to high) each also _low and _high (95%; NaN for exact expectations); replications; contradictory (the
    ends at which inputs contradict each other: '', 'low', 'high' or 'both'). Sorted by measure and size of swing.
    """
    ends = [study.over(np.array([u]), [n]) for n in range(len(study.inputs)) for u in (LOW, HIGH)]
    middle, *found = study.lived([{}, *ends])
    assert middle is not None  # central inputs were lived before anything else
    central = central_of(study)
    rows = []
    for m, name in enumerate(study.names):
        mine = []
        for n, item in enumerate(study.inputs):
            low, high = found[2 * n], found[2 * n + 1]
            row = {
                "measure": name,
                "unit": study.measure(name).unit,
                "input": item.key,
                "title": study.titles[n],
                "status": item.status,
                "value": central[item.key],
                "low": ends[2 * n][item.key],
                "high": ends[2 * n + 1][item.key],
                "central": float(middle[:, m].mean()),
                **_change("at_low", middle, low, m),
                **_change("at_high", middle, high, m),
                **_change("swing", low, high, m),
                "replications": 0 if study.exact else len(study.replications),
                "contradictory": {(True, True): "both", (True, False): "low", (False, True): "high"}.get(
                    (low is None, high is None), ""
                ),
            }
            mine.append(row)
        rows += sorted(mine, key=lambda row: -size_of(row))
    return pd.DataFrame(rows)


def size_of(row: dict[str, object]) -> float:
    """How far an input moves a measure: its swing, or the one end that is known."""
    known = [abs(float(str(row[name]))) for name in ("swing", "at_low", "at_high")]
    return max((one for one in known if not math.isnan(one)), default=0.0)


def _change(name: str, before: Floats | None, after: Floats | None, measure: int) -> dict[str, float]:
    if before is None or after is None:
        return {name: math.nan, f"{name}_low": math.nan, f"{name}_high": math.nan}
    apart = (after[:, measure] - before[:, measure]).tolist()
    if len(apart) < 2:
        return {name: apart[0], f"{name}_low": math.nan, f"{name}_high": math.nan}
    interval = of_mean(apart)
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
