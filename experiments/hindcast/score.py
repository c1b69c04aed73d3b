"""The comparison of bands with what happened, and its score: pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.hindcast.actuals import Actual, name_of
from experiments.hindcast.forecast import PEOPLE, STARTS, Forecast
from experiments.statistics import LEVEL

NOT_KNOWN = "not known"

HINDCAST = [
    "year",
    "measure",
    "model",
    "unit",
    "kind",
    "actual",
    "actual_low",
    "actual_high",
    "forecast_mean",
    "band_low",
    "band_high",
    "inside",
    "inside_by_range",
    "error",
    "relative_error",
    "naive",
    "naive_from",
    "naive_error",
    "skill",
    "source",
]
FORECAST = ["model", "measure", "unit", "year", "forecast_mean", "band_low", "band_high"]

SCORED, CALIBRATION = "scored", "calibration"


def _naive(row: Actual, known: Mapping[tuple[str, str], dict[int, float]], forecast: Forecast) -> tuple[float, str]:
    """What "nothing changes" says of a row, and where that comes from.

    The latest earlier year whose actual figure was known; else, for people and packages of a year, the forecast's
    first whole year carried forward, where that is earlier. Money and packages running have no such second best: they
    grow from nothing at the start of a run.
    """
    earlier = [year for year in known.get((row.model, row.measure), {}) if year < row.year]
    if earlier:
        return known[row.model, row.measure][max(earlier)], f"actual figure of {name_of(max(earlier))}"
    first = min(forecast.years)
    if forecast.unit in (PEOPLE, STARTS) and first < row.year:
        return forecast.years[first].mean, f"forecast of {name_of(first)}"
    return math.nan, NOT_KNOWN


def hindcast_table(actuals: Sequence[Actual], forecasts: Mapping[tuple[str, str], Forecast]) -> pd.DataFrame:
    """One row an actual figure, in the order of model, measure and year of first mention; see docs/hindcast.md."""
    known: dict[tuple[str, str], dict[int, float]] = {}
    for row in actuals:
        if row.known:
            known.setdefault((row.model, row.measure), {})[row.year] = row.actual
    order = {key: place for place, key in enumerate(dict.fromkeys((row.model, row.measure) for row in actuals))}
    rows = []
    for row in sorted(actuals, key=lambda r: (order[r.model, r.measure], r.year)):
        forecast = forecasts[row.model, row.measure]
        band = forecast.years[row.year]
        naive, naive_from = _naive(row, known, forecast) if not row.known else (math.nan, "")
        error, naive_error = band.mean - row.actual, naive - row.actual
        inside = row.low <= band.high and band.low <= row.high
        rows.append(
            {
                "year": row.year_name,
                "measure": row.measure,
                "model": row.model,
                "unit": forecast.unit,
                "kind": CALIBRATION if row.known else SCORED,
                "actual": row.actual,
                "actual_low": row.low,
                "actual_high": row.high,
                "forecast_mean": band.mean,
                "band_low": band.low,
                "band_high": band.high,
                "inside": inside,
                "inside_by_range": inside and not band.low <= row.actual <= band.high,
                "error": error,
                "relative_error": error / row.actual if row.actual else math.nan,
                "naive": naive,
                "naive_from": naive_from,
                "naive_error": naive_error,
                "skill": skill([error], [naive_error]),
                "source": row.source,
            }
        )
    return pd.DataFrame(rows, columns=HINDCAST)


def forecast_table(forecasts: Mapping[tuple[str, str], Forecast]) -> pd.DataFrame:
    """Mean and band of every whole year of the run."""
    rows = [
        (f.model, f.measure, f.unit, name_of(year), band.mean, band.low, band.high)
        for f in forecasts.values()
        for year, band in f.years.items()
    ]
    return pd.DataFrame(rows, columns=FORECAST)


def skill(errors: Sequence[float], naive_errors: Sequence[float]) -> float:
    """1 − mean absolute error / that of "nothing changes": 1 is perfect, 0 no better, below 0 worse.

    NaN where "nothing changes" is not known or was exactly right.
    """
    own, naive = math.fsum(map(abs, errors)), math.fsum(map(abs, naive_errors))
    return 1 - own / naive if errors and naive > 0 else math.nan


def exact_interval(successes: int, trials: int) -> tuple[float, float]:
    """The exact (Clopper-Pearson) 95% interval of a share; 0 to 1 where there are no trials."""
    from scipy.special import betaincinv

    tail = (1 - LEVEL) / 2
    low = float(betaincinv(successes, trials - successes + 1, tail)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, trials - successes, 1 - tail)) if successes < trials else 1.0
    return low, high


@dataclass(frozen=True)
class UnitScore:
    """Errors of the scored figures of one unit.

    ``error``: mean absolute error. ``compared``: figures whose "nothing changes" is known; ``compared_error`` and
    ``naive_error`` are mean absolute errors over these, ``skill`` is 1 − their ratio. NaN where not known.
    """

    unit: str
    figures: int
    error: float
    compared: int
    compared_error: float
    naive_error: float
    skill: float


@dataclass(frozen=True)
class Score:
    """How the forecast did on the figures that were not used.

    ``low``, ``high``: exact 95% interval of the coverage. ``percentage_error``: mean absolute error as a share of the
    actual figure, over ``percentage_figures`` figures that are not 0. ``by_range``: figures that count as inside only
    because of their own range. ``own_first_year``: figures whose "nothing changes" is the forecast's own first year.
    """

    figures: int
    inside: int
    by_range: int
    years: int
    low: float
    high: float
    percentage_error: float
    percentage_figures: int
    own_first_year: int
    units: tuple[UnitScore, ...]


def score_of(table: pd.DataFrame) -> Score:
    """The score of the rows of ``hindcast_table`` that were not used to set inputs."""
    rows = table[table["kind"] == SCORED]
    inside = int(rows["inside"].sum())
    low, high = exact_interval(inside, len(rows))
    relative = [abs(value) for value in rows["relative_error"] if not math.isnan(value)]
    units = tuple(_unit(unit, rows[rows["unit"] == unit]) for unit in dict.fromkeys(rows["unit"]))
    return Score(
        figures=len(rows),
        inside=inside,
        by_range=int(rows["inside_by_range"].sum()),
        years=int(rows["year"].nunique()),
        low=low,
        high=high,
        percentage_error=_mean(relative),
        percentage_figures=len(relative),
        own_first_year=int(rows["naive_from"].str.startswith("forecast").sum()),
        units=units,
    )


def _unit(unit: str, rows: pd.DataFrame) -> UnitScore:
    compared = rows[rows["naive"].notna()]
    errors, naive = compared["error"].tolist(), compared["naive_error"].tolist()
    return UnitScore(
        unit=unit,
        figures=len(rows),
        error=_mean([abs(value) for value in rows["error"]]),
        compared=len(compared),
        compared_error=_mean([abs(value) for value in errors]),
        naive_error=_mean([abs(value) for value in naive]),
        skill=skill(errors, naive),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
