"""What a package that does not start would have cost, beside the average package."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from experiments.bootstrap import of_ratio
from experiments.plan import ComparisonRun
from experiments.replicate import Outcome
from experiments.statistics import BOOTSTRAP
from simulation.tally import Tally


def package_avoided(run: ComparisonRun, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """What the packages that do not start would have cost a week, beside what an average new package costs.

    Of packages whose price is known, at their first price. Those avoided are lighter than the average where a model
    turns lighter needs away: a saving of "packages × average price" would be overstated.
    """
    names, rows = run.job.axes, []
    kinds = run.prices.config.care_types
    long_term = [c for c, care in enumerate(names.care_types) if kinds[care].long_term]
    cares = [("all", list(range(len(names.care_types)))), ("long_term", long_term)]
    groups = [*((group, [g]) for g, group in enumerate(names.groups)), ("all_priced", list(range(len(names.groups))))]

    def read(t: Tally, care: list[int], at: list[int]) -> tuple[int, float]:
        part = t.start_pence[:, care][..., at]
        return int(part[0].sum()), int(part[1].sum()) / 100

    for scenario in run.scenarios:
        for care, members in cares:
            for group, at in groups:
                base = [read(o.tallies[""], members, at) for o in outcomes]
                model = [read(o.tallies[scenario.name], members, at) for o in outcomes]
                fewer = [b[0] - m[0] for b, m in zip(base, model, strict=True)]
                saved = [b[1] - m[1] for b, m in zip(base, model, strict=True)]
                average = of_ratio([b[1] for b in base], [b[0] for b in base], run.job.seed)
                avoided = of_ratio(saved, fewer, run.job.seed)
                rows.append(
                    {
                        "transfer": scenario.name,
                        "care": care,
                        "client_group": group,
                        "packages_fewer_a_year": math.fsum(fewer) / len(fewer) / len(names.years),
                        "weekly_price_average": average.mean,
                        "weekly_price_avoided": avoided.mean,
                        "avoided_low": avoided.low,
                        "avoided_high": avoided.high,
                        "interval": f"avoided: {BOOTSTRAP}",
                    }
                )
    return pd.DataFrame(rows)
