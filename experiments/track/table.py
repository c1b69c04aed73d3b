"""Expected and realised by quarter: pure functions of series and actual figures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from experiments.statistics import Interval
from experiments.track.actuals import Actual
from experiments.track.forecast import Forecast
from experiments.track.series import FLOW, Series
from experiments.variances import INSIDE, verdict

TRACK = [
    "quarter", "measure", "scenario", "unit", "kind", "expected", "band_low", "band_high", "actual", "actual_low",
    "actual_high", "verdict", "difference", "relative_difference", "unchanged_expected", "unchanged_low",
    "unchanged_high", "unchanged_verdict", "cumulative_quarters", "cumulative_expected", "cumulative_low",
    "cumulative_high", "cumulative_actual", "cumulative_verdict", "how", "source",
]  # fmt: skip
FORECAST = ["scenario", "measure", "unit", "kind", "quarter", "expected", "band_low", "band_high", "how"]
NOTHING = Interval(math.nan, math.nan, math.nan)


def grouped(actuals: Sequence[Actual]) -> dict[tuple[str, str], list[Actual]]:
    """Actual figures by scenario and measure, in order of first mention, each in order of time."""
    groups: dict[tuple[str, str], list[Actual]] = {}
    for row in actuals:
        groups.setdefault((row.scenario, row.measure), []).append(row)
    return {key: sorted(rows, key=lambda row: row.quarter) for key, rows in groups.items()}


def track_table(forecast: Forecast, actuals: Sequence[Actual]) -> pd.DataFrame:
    """One row an actual figure. Flows add up over the quarters that are given, from the first of them on."""
    made = []
    for key, rows in grouped(actuals).items():
        series = forecast.series[key]
        unchanged = _unchanged(forecast, series)
        for count, row in enumerate(rows, start=1):
            band, own = series.band(row.quarter), (row.low, row.high)
            other = NOTHING if unchanged is None else unchanged.band(row.quarter)
            together, total, sums = NOTHING, math.nan, (math.nan, math.nan)
            if series.kind == FLOW:
                so_far = rows[:count]
                together = series.together([r.quarter for r in so_far])
                total = math.fsum(r.actual for r in so_far)
                sums = math.fsum(r.low for r in so_far), math.fsum(r.high for r in so_far)
            made.append(
                (
                    str(row.quarter), series.measure, series.scenario, series.unit, series.kind, band.mean, band.low,
                    band.high, row.actual, row.low, row.high, verdict((band.low, band.high), own),
                    row.actual - band.mean, (row.actual - band.mean) / band.mean if band.mean else math.nan,
                    other.mean, other.low, other.high,
                    "" if unchanged is None else verdict((other.low, other.high), own),
                    count if series.kind == FLOW else 0, together.mean, together.low, together.high, total,
                    verdict((together.low, together.high), sums) if series.kind == FLOW else "", series.how, row.source,
                )
            )  # fmt: skip
    return pd.DataFrame(made, columns=TRACK)


def _unchanged(forecast: Forecast, series: Series) -> Series | None:
    """The same measure where nothing changes; None where that is the scenario itself, or there is none."""
    if forecast.unchanged in (None, series.scenario):
        return None
    return forecast.series.get((str(forecast.unchanged), series.measure))


def forecast_table(forecast: Forecast, actuals: Sequence[Actual]) -> pd.DataFrame:
    """Every quarter that is forecast of the measures that the actual figures name."""
    rows = [
        (s.scenario, s.measure, s.unit, s.kind, str(quarter), band.mean, band.low, band.high, s.how)
        for s in (forecast.series[key] for key in grouped(actuals))
        for quarter, band in zip(s.quarters, s.bands, strict=True)
    ]
    return pd.DataFrame(rows, columns=FORECAST)


def undecided(table: pd.DataFrame) -> int:
    """Figures that lie inside both the scenario's band and that of nothing changing: they tell the two not apart."""
    return int(((table["verdict"] == INSIDE) & (table["unchanged_verdict"] == INSIDE)).sum())
