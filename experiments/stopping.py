"""When a comparison stops: a first look, then a look at the end of each fixed batch, in replication order.

Looking again and again makes an interval cover less often than it says where the looks are early and few pairs count
for much (Law, Simulation Modeling and Analysis, section 9.4, on Chow and Robbins 1965). Hence at least 30 pairs before
the first look and no look inside a batch; tests/test_coverage.py measures what is left of the 95%.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.statistics import Interval
from simulation.schema.experiment import Experiment, Precision


@dataclass(frozen=True)
class Stopped:
    """How a run of pairs came to its end.

    Attributes:
        pairs: how many were run. why: in words. looks: (pairs, widest half width as a share of its difference).
    """

    pairs: int
    why: str
    looks: tuple[tuple[int, float], ...]

    def told(self) -> dict[str, Any]:
        """What the manifest says; a half width without a difference to be a share of is null."""
        looks = [
            {"pairs": pairs, "half_width": round(width, 6) if math.isfinite(width) else None}
            for pairs, width in self.looks
        ]
        return {"pairs": self.pairs, "why_stopped": self.why, "looks": looks}


def widest(found: Mapping[str, Interval]) -> float:
    """The widest half width as a share of its mean; infinite where a mean is nought and its interval is not."""
    moving = [interval for interval in found.values() if interval.half_width > 0]
    return max((each.half_width / abs(each.mean) if each.mean else math.inf for each in moving), default=0.0)


def run_until_precise(
    precision: Precision, batch: Callable[[int, int], object], differences: Callable[[], Mapping[str, Interval]]
) -> Stopped:
    """Run pairs until every difference is known well enough, or as many as are allowed have been run.

    Args:
        batch: runs pairs, given the number of the first and how many. differences: of all pairs so far, by name.
    """
    pairs, size = 0, precision.first_look
    looks: list[tuple[int, float]] = []
    while True:
        batch(pairs, size)
        pairs += size
        width = widest(differences())
        looks.append((pairs, width))
        if width <= precision.relative_half_width:
            why = f"every difference in {precision.measure} is known within {precision.relative_half_width:.0%}"
            return Stopped(pairs, why, tuple(looks))
        if pairs >= precision.most:
            why = f"the most pairs allowed ({precision.most}) were run before every difference was precise enough"
            return Stopped(pairs, why, tuple(looks))
        size = min(precision.batch, precision.most - pairs)


def fixed_numbers(config: Experiment) -> dict[str, Any]:
    """Why the parts stop whose number of replications the experiment file fixes, by part."""
    numbers: dict[str, tuple[str, int]] = {}
    if config.calibration is not None:
        numbers["calibration"] = ("calibration.replications", config.calibration.replications)
    if config.service is not None:
        numbers["service"] = ("service.replications", config.service.replications)
    if config.transition is not None:
        numbers["transition"] = ("transition.pairs", config.transition.pairs)
        numbers["transition_inputs"] = ("transition.draws", config.transition.draws)
    why = "the experiment file fixes their number ({}: {}); nothing was looked at before all were run"
    return {
        part: {"replications": number, "why_stopped": why.format(key, number)}
        for part, (key, number) in numbers.items()
        if number
    }
