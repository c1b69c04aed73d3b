"""Durations as quantile tables: a law becomes whole ticks once, and a uniform number looks its duration up.

Knots stand by octave in both tails, 64 to the octave down to 2^-32, so heavy tails keep their variance
(docs/decisions/003). Built with SciPy once, kept on disk by content hash; a warm start imports no SciPy.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import tempfile
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numba import int64
from numpy.typing import NDArray

from simulation.compiling import compiled
from simulation.errors import DemandflowError

OCTAVES = 31  # from 2**-32 to 2**-1
PER_OCTAVE = 64
KNOTS = OCTAVES * PER_OCTAVE + 1  # in each tail; the last one is the median
VERSION = 1
MOST_TICKS = 2**53  # beyond this a float no longer holds every whole tick: 285,000 years
MEAN_WITHIN, VARIANCE_WITHIN = 1e-3, 1e-2

MOST_KEPT = 500
"""Tables that one process keeps on disk. One that makes more draws the numbers of its laws, and meets none again."""

_kept = itertools.count()

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "quantiles"

Table = NDArray[np.int64]


def knot_probabilities() -> NDArray[np.float64]:
    """Tail probabilities of the knots, 2^-32 to 1/2: shape (KNOTS,)."""
    index = np.arange(KNOTS)
    return np.ldexp(1.0 + (index % PER_OCTAVE) / PER_OCTAVE, index // PER_OCTAVE - 32)


def _scipy_law(family: str, numbers: dict[str, Any]) -> Any:
    """A frozen SciPy law in the config's own unit."""
    from scipy import stats

    if family == "uniform":
        return stats.uniform(numbers["low"], numbers["high"] - numbers["low"])
    if family == "exponential":
        return stats.expon(scale=numbers["mean"])
    if family == "lognormal":
        sigma = numbers["sigma"]
        return stats.lognorm(sigma, scale=numbers["mean"] * math.exp(-sigma * sigma / 2))
    if family == "weibull":
        return stats.weibull_min(numbers["shape"], scale=numbers["mean"] / math.gamma(1 + 1 / numbers["shape"]))
    if family == "gamma":
        return stats.gamma(numbers["shape"], scale=numbers["mean"] / numbers["shape"])
    if family in ("triangular", "pert"):
        low, mode, high = numbers["low"], numbers["mode"], numbers["high"]
        if family == "triangular":
            return stats.triang((mode - low) / (high - low), low, high - low)
        return stats.beta(1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low), low, high - low)
    law = getattr(stats, numbers["law"], None)
    if not isinstance(law, stats.rv_continuous):
        raise DemandflowError(f"scipy.stats has no continuous law '{numbers['law']}'. See its list of distributions.")
    try:
        frozen = law(**numbers["arguments"])
        finite = math.isfinite(float(frozen.ppf(0.5)))
    except (TypeError, ValueError):
        finite = False
    if not finite:
        raise DemandflowError(f"{numbers['law']} does not take these arguments. Check their names and values.")
    return frozen


def refuse_bad_numbers(family: str, numbers: dict[str, Any]) -> None:
    """Refuse a law whose numbers make no sense.

    Raises:
        DemandflowError: with a sentence that says which and how to mend it.
    """
    for key in ("mean", "sigma", "shape", "cap"):
        value = numbers.get(key)
        if value is not None and not value > 0:
            raise DemandflowError(f"{key} is {value:g} and must be above 0. Give a positive {key}.")
    if family == "constant" and numbers["value_of"] < 0:
        raise DemandflowError(f"a constant time of {numbers['value_of']:g} is negative. Give 0 or more.")
    if family in ("uniform", "triangular", "pert"):
        if numbers["low"] < 0 or numbers["high"] <= numbers["low"]:
            raise DemandflowError("low must be 0 or more and below high. Mend low and high.")
        if family != "uniform" and not numbers["low"] <= numbers["mode"] <= numbers["high"]:
            raise DemandflowError("mode must lie between low and high. Mend mode.")
    if family == "empirical":
        if not numbers["values"] or min(numbers["values"]) < 0:
            raise DemandflowError("values must be a list of numbers of 0 or more. Mend values.")
        if min(numbers["values"]) > numbers.get("cap", math.inf):
            raise DemandflowError(f"cap is {numbers['cap']:g}, and all values lie above it. Raise the cap.")


def _tails(family: str, numbers: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
    """Quantiles at the lower and upper knots, and the law's own mean and variance."""
    q = knot_probabilities()
    cap = numbers.get("cap")
    if family == "constant":
        flat = np.full(KNOTS, float(numbers["value_of"]))
        return flat, flat, float(numbers["value_of"]), 0.0
    if family == "empirical":
        values = np.sort(np.asarray(numbers["values"], dtype=float))
        if cap is not None:
            values = values[values <= cap]
        lower = np.quantile(values, q, method="inverted_cdf")
        upper = np.quantile(values, 1 - q, method="inverted_cdf")
        return lower, upper, float(values.mean()), float(values.var())
    law = _scipy_law(family, numbers)
    if cap is None:
        mean, variance = (float(moment) for moment in law.stats("mv"))
        if not (math.isfinite(mean) and math.isfinite(variance)):
            raise DemandflowError("this law has no finite variance. Add cap: with the largest value you would believe.")
        return law.ppf(q), law.isf(q), mean, variance
    below = float(law.cdf(cap))
    if below <= 0:
        raise DemandflowError(f"cap is {cap:g}, and the law never falls below it. Raise the cap.")
    mean = float(law.expect(lambda x: x, ub=cap)) / below
    variance = float(law.expect(lambda x: (x - mean) ** 2, ub=cap)) / below
    return law.ppf(q * below), law.ppf((1 - q) * below), mean, variance


def _truncated(numbers: dict[str, Any]) -> float | None:
    cap: float | None = numbers.get("cap")
    return cap


def _uniform_survival(numbers: dict[str, Any], x: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.clip((numbers["high"] - x) / (numbers["high"] - numbers["low"]), 0.0, 1.0)
    return result


def _weibull_survival(numbers: dict[str, Any], x: NDArray[np.float64]) -> NDArray[np.float64]:
    shape = numbers.get("shape", 1.0)  # an exponential law is a Weibull law of shape 1
    scale = numbers["mean"] / math.gamma(1 + 1 / shape)
    result: NDArray[np.float64] = np.exp(-((np.maximum(x, 0.0) / scale) ** shape))
    return result


_SURVIVAL: dict[str, Callable[[dict[str, Any], NDArray[np.float64]], NDArray[np.float64]]] = {
    "uniform": _uniform_survival,
    "exponential": _weibull_survival,
    "weibull": _weibull_survival,
}
_MEAN: dict[str, Callable[[dict[str, Any]], float]] = {
    **dict.fromkeys(("exponential", "lognormal", "weibull", "gamma"), lambda numbers: numbers["mean"]),
    "uniform": lambda numbers: (numbers["low"] + numbers["high"]) / 2,
}
"""Laws of stays that are asked for thousands of times; SciPy takes a millisecond to set one up."""


def survival(family: str, numbers: dict[str, Any], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(X > x) of a law, in the config's unit; any shape. Truncated at ``cap`` where one is given."""
    cap = _truncated(numbers)
    if family == "constant":
        return np.where(x < numbers["value_of"], 1.0, 0.0)
    if family == "empirical":
        values = np.sort([v for v in numbers["values"] if cap is None or v <= cap])
        return 1.0 - np.searchsorted(values, x, side="right") / len(values)
    if cap is None and family in _SURVIVAL:
        return _SURVIVAL[family](numbers, x)
    law = _scipy_law(family, numbers)
    below = 1.0 if cap is None else float(law.cdf(cap))
    result: NDArray[np.float64] = np.clip(1.0 - law.cdf(x) / below, 0.0, 1.0)
    return result


def mean_of(family: str, numbers: dict[str, Any]) -> float:
    """The mean of a law, in the config's unit."""
    cap = _truncated(numbers)
    if family == "constant":
        return float(numbers["value_of"])
    if family == "empirical":
        return float(np.mean([v for v in numbers["values"] if cap is None or v <= cap]))
    if cap is None and family in _MEAN:
        return float(_MEAN[family](numbers))
    law = _scipy_law(family, numbers)
    return float(law.mean()) if cap is None else float(law.expect(lambda x: x, ub=cap)) / float(law.cdf(cap))


def table_moments(table: Table) -> tuple[float, float]:
    """Exact mean and variance of what ``look_up`` returns for a uniform number, before flooring."""
    q = knot_probabilities()
    total = square = 0.0
    for tail in (table[:KNOTS].astype(float), table[KNOTS:].astype(float)):
        a, b, width = tail[:-1], tail[1:], np.diff(q)
        total += math.fsum(width * (a + b) / 2) + q[0] * tail[0]
        square += math.fsum(width * (a * a + a * b + b * b) / 3) + q[0] * tail[0] ** 2
    return total, square - total * total


def _build(family: str, numbers: dict[str, Any], ticks_per_unit: int) -> Table:
    lower, upper, mean, variance = _tails(family, numbers)
    knots = np.concatenate([lower, upper]) * ticks_per_unit
    if not np.all(np.isfinite(knots)) or knots.min() < 0:
        raise DemandflowError("this law gives negative or infinite times. Choose one that starts at 0, or add cap:.")
    if knots.max() >= MOST_TICKS:
        raise DemandflowError(
            "this law gives times beyond 285,000 years. Add cap: with the largest value you would believe."
        )
    table: Table = np.rint(knots).astype(np.int64)
    got_mean, got_variance = table_moments(table)
    want_mean, want_variance = mean * ticks_per_unit, variance * ticks_per_unit**2
    mean_off = abs(got_mean - want_mean) > MEAN_WITHIN * want_mean + 1
    variance_off = abs(got_variance - want_variance) > VARIANCE_WITHIN * want_variance + want_mean + 1
    if (mean_off or variance_off) and family == "empirical":
        raise DemandflowError(
            "these values are too few and jump too far to be drawn truly (mean or variance would be off by more than "
            "0.1% or 1%). Give more values, or name a law."
        )
    if mean_off or variance_off:
        raise DemandflowError(
            "this law's tail is too heavy to be drawn truly (mean or variance would be off by more than 0.1% or 1%). "
            "Add cap: with the largest value you would believe."
        )
    return table


def quantile_table(family: str, numbers: dict[str, Any], ticks_per_unit: int) -> Table:
    """The quantile table of a law: whole ticks, lower tail then upper tail, shape (2 × KNOTS,).

    ``numbers`` are the family's arguments in the config's unit (see ``schema.distribution.FAMILIES``).

    Raises:
        DemandflowError: senseless numbers, infinite variance without a cap, or a tail too heavy to tabulate.
    """
    refuse_bad_numbers(family, numbers)
    key = json.dumps([VERSION, family, numbers, ticks_per_unit], sort_keys=True)
    file = CACHE / f"{blake2b(key.encode(), digest_size=16).hexdigest()}.npy"
    try:
        cached: Table = np.load(file)
        if cached.shape == (2 * KNOTS,) and cached.dtype == np.int64:
            return cached
    except (OSError, ValueError):
        pass
    table = _build(family, numbers, ticks_per_unit)
    if next(_kept) < MOST_KEPT:
        _keep(file, table)
    return table


def _keep(file: Path, table: Table) -> None:
    """Write whole or not at all; a cache that cannot be written costs time and nothing else."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.save(stream, table)
            os.replace(temporary, file)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
    except OSError:
        pass


_FIRST_OCTAVE = 1_023 - 32  # of 2**-32, in a float's bits
_ALONG, _BETWEEN = 2**52 - 1, 2**46 - 1


@compiled()
def look_up_from(tables, first, u):  # type: ignore[no-untyped-def]
    """The duration in ticks at uniform ``u`` in (0, 1), from the table that begins at ``first`` of a row of tables:
    linear between knots, floored."""
    if u < 0.5:
        q, base = u, first
    else:
        q, base = 1.0 - u, first + KNOTS
    bits = np.float64(q).view(np.int64)  # a float is its octave, and how far it lies along it
    octave = (bits >> 52) - _FIRST_OCTAVE
    if octave < 0:
        return tables[base]
    along = bits & _ALONG
    index = octave * PER_OCTAVE + (along >> 46)
    if index >= KNOTS - 1:
        return tables[base + KNOTS - 1]
    left = tables[base + index]
    right = tables[base + index + 1]
    return int64(math.floor(left + (along & _BETWEEN) * 2.0**-46 * (right - left)))


@compiled()
def look_up(table, u):  # type: ignore[no-untyped-def]
    """The duration in ticks at uniform ``u`` in (0, 1), from one table."""
    return look_up_from(table, 0, u)


@compiled()
def look_up_each(table, u):  # type: ignore[no-untyped-def]
    """``look_up`` for many uniforms at once."""
    out = np.empty(u.shape[0], dtype=np.int64)
    for i in range(u.shape[0]):
        out[i] = look_up(table, u[i])
    return out


@compiled()
def look_up_own(tables, begins, which, u):  # type: ignore[no-untyped-def]
    """``look_up`` for many uniforms, each in its own of several tables: the one that begins at ``begins[which]``."""
    out = np.empty(u.shape[0], dtype=np.int64)
    for i in range(u.shape[0]):
        out[i] = look_up_from(tables, begins[which[i]], u[i])
    return out
