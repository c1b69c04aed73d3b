"""Published figures against simulated ones: checks with their verdicts, and the indicators a council reports."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from experiments.bootstrap import of_average
from experiments.service import ServiceRun
from experiments.service_figures import Figure
from experiments.statistics import BOOTSTRAP, PREDICTION, STUDENT, of_mean, of_one_year
from simulation.schema.quantity import Evidence
from simulation.schema.service import Accept, Check, Indicator
from simulation.service_tally import ServiceTally

Row = dict[str, object]
Tallies = Sequence[ServiceTally]

INSIDE, OUTSIDE, NOTHING = "inside", "outside", "not simulated"
ENDS = ["mean", "year_low", "year_high", "mean_low", "mean_high"]
STATISTICS = [*ENDS, "interval"]


def statistics(values: Sequence[float], seed: int | None = None) -> dict[str, Any]:
    """Mean, the 95% range of one further year (from 40 replications on), the 95% interval of the mean, and how made.

    Replications in which there was nothing to measure are left out. With a ``seed`` each value is a ratio or a
    percentile, and the interval of their mean is made by bootstrap; else it is Student's t.
    """
    said = f"year: {PREDICTION}; mean: {STUDENT if seed is None else BOOTSTRAP}"
    known = [value for value in values if not math.isnan(value)]
    if len(known) < 2:
        return {**dict.fromkeys(ENDS, math.nan), "interval": said}
    mean = of_mean(known) if seed is None else of_average(known, seed)
    year = of_one_year(known) if len(known) >= 40 else None
    low, high = (math.nan, math.nan) if year is None else (year.low, year.high)
    return dict(zip(ENDS, (mean.mean, low, high, mean.low, mean.high), strict=True)) | {"interval": said}


def is_ratio(measure: str) -> bool:
    """Whether a measure is a ratio or a percentile in each replication: of waits and stays all but the people seen."""
    return measure.startswith(("wait/", "since_contact/", "stay/")) and not measure.endswith("/seen")


def _told(run: ServiceRun, tallies: Tallies, figure: Figure) -> dict[str, Any]:
    ratio = figure.config.of is not None or is_ratio(figure.config.measure)
    return statistics([figure.value(t) for t in tallies], run.job.seed if ratio else None)


def indicators(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """What the council reports, with the published value and target beside it where they are printed."""
    rows: list[Row] = []
    for figure in run.indicators:
        config = figure.config
        assert isinstance(config, Indicator)
        told = _told(run, tallies, figure)
        rows.append(
            {
                "indicator": config.name,
                "title": config.title,
                **_divided(figure),
                "financial_year": run.job.axes.years[figure.year],
                **told,
                "published": math.nan if figure.published is None else figure.published,
                "target": math.nan if figure.target is None else figure.target,
                **_evidence(config.published),
                "note": config.note or "",
            }
        )
    columns = ["indicator", "title", "measure", "of", "per_100000", "financial_year", *STATISTICS]
    return pd.DataFrame(rows, columns=[*columns, "published", "target", "status", "document", "where", "note"])


def _divided(figure: Figure) -> Row:
    config = figure.config
    return {"measure": config.measure, "of": config.of or "", "per_100000": config.per_100000 or ""}


def _evidence(number: object) -> Row:
    source = number.source if isinstance(number, Evidence) else None
    return {
        "status": number.status if isinstance(number, Evidence) else "",
        "document": source.document if source else "",
        "where": source.where if source else "",
    }


def accepted(low: float, high: float, accept: Accept) -> tuple[float, float]:
    """The span that is near enough to a published figure that lies between ``low`` and ``high``."""

    def width(figure: float) -> float:
        sds = 0.0 if accept.poisson_sds is None else accept.poisson_sds * math.sqrt(max(figure, 0.0))
        return max((accept.relative or 0.0) * abs(figure), accept.absolute or 0.0, sds)

    return low - width(low), high + width(high)


def _verdict(figure: Figure, told: dict[str, Any], span: tuple[float, float]) -> str:
    assert isinstance(figure.config, Check) and figure.low is not None and figure.high is not None
    if math.isnan(told["mean"]):
        return NOTHING
    if figure.config.accept.one_year:
        low, high = told["year_low"], told["year_high"]
        if math.isnan(low):
            low, high = told["mean_low"], told["mean_high"]
        return INSIDE if low <= figure.high and figure.low <= high else OUTSIDE
    return INSIDE if span[0] <= told["mean"] <= span[1] else OUTSIDE


def checks(run: ServiceRun, tallies: Tallies) -> pd.DataFrame:
    """Published figures against simulated ones. What inputs were set with is calibration, all else validation."""
    rows: list[Row] = []
    for figure in run.checks:
        config = figure.config
        assert isinstance(config, Check) and figure.low is not None and figure.high is not None
        told = _told(run, tallies, figure)
        span = (math.nan, math.nan) if config.accept.one_year else accepted(figure.low, figure.high, config.accept)
        rows.append(
            {
                **_divided(figure),
                "title": config.title or config.measure,
                "financial_year": run.job.axes.years[figure.year],
                "published": figure.published,
                "published_low": figure.low,
                "published_high": figure.high,
                **told,
                "accept_low": span[0],
                "accept_high": span[1],
                "use": "calibration" if config.used_to_set else "validation",
                "must_hold": config.must_hold,
                "verdict": _verdict(figure, told, span),
                **_evidence(config.published),
                "note": config.note or "",
            }
        )
    columns = ["title", "measure", "of", "per_100000", "financial_year", "published", "published_low", "published_high"]
    columns += [*STATISTICS, "accept_low", "accept_high", "use", "must_hold", "verdict"]
    return pd.DataFrame(rows, columns=[*columns, "status", "document", "where", "note"])
