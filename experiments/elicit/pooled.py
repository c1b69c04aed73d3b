"""What several experts come to together, and how far they are apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from experiments.elicit.asked import Asked, title_of
from experiments.elicit.laws import LEVELS, Pert, fitted, misfit, pooled_quantile
from experiments.elicit.reading import Form, Opinion
from simulation.errors import DemandflowError

CLOSE, FAR = 0.25, 0.75
"""Distance between the experts' medians as a share of one expert's 90% interval: below the first they agree, above
the second they disagree. Words for a reader, no part of any result."""
MISSES = 0.05
"""A law that misses a quantile by more than this share of the 90% interval is said to be a rough one."""

AGREE, DIFFER, DISAGREE, EXCLUDE = "agree", "differ", "disagree", "exclude each other"


@dataclass(frozen=True)
class Pooled:
    """One input as its experts see it.

    Attributes:
        laws: by expert. quantiles: 5%, 50%, 95% of the equal-weight pool. law: the PERT that goes into the config.
        between: distance between the smallest and the largest median. within: mean width of the experts' 90% intervals.
        verdict: one of agree, differ, disagree, exclude each other. apart: two experts whose intervals do not meet.
    """

    key: str
    opinions: tuple[Opinion, ...]
    laws: Mapping[str, Pert]
    quantiles: tuple[float, float, float]
    law: Pert
    between: float
    within: float
    verdict: str
    apart: tuple[str, str] | None

    @property
    def rough(self) -> list[str]:
        """Experts whose three quantiles no PERT law meets well; 'the pool' where that is so of the pool."""
        found = [o.expert for o in self.opinions if misfit(self.laws[o.expert], o.quantiles) > MISSES]
        return found + (["the pool"] if misfit(self.law, self.quantiles) > MISSES else [])


def pooled(asked: Asked, form: Form) -> dict[str, Pooled]:
    """Every input that was answered, by key."""
    return {key: _pool(asked, key, opinions) for key, opinions in form.opinions.items()}


def _pool(asked: Asked, key: str, opinions: tuple[Opinion, ...]) -> Pooled:
    laws = {o.expert: _law(asked, key, o.quantiles) for o in opinions}
    every = list(laws.values())
    low, middle, high = (pooled_quantile(every, u) for u in LEVELS)
    medians = [o.quantiles[1] for o in opinions]
    between = max(medians) - min(medians)
    within = math.fsum(o.quantiles[2] - o.quantiles[0] for o in opinions) / len(opinions)
    first = min(opinions, key=lambda o: o.quantiles[2])
    last = max(opinions, key=lambda o: o.quantiles[0])
    apart = (first.expert, last.expert) if first.quantiles[2] < last.quantiles[0] else None
    share = between / within
    verdict = EXCLUDE if apart else AGREE if share <= CLOSE else DIFFER if share <= FAR else DISAGREE
    law = _law(asked, key, (low, middle, high))
    return Pooled(key, opinions, laws, (low, middle, high), law, between, within, verdict, apart)


def _law(asked: Asked, key: str, quantiles: tuple[float, float, float]) -> Pert:
    """The law of three quantiles, with ends that the model can hold.

    An input that is never below (above) nought in its present range and in the quantiles has no such end either; nor
    does one go above 1 whose present range ends there, as a share's may.
    """
    item = asked.inputs[key]
    assert item.evidence is not None and item.evidence.range is not None
    now = item.evidence.range
    least = 0.0 if min(now.low, quantiles[0]) >= 0 else -math.inf
    highest = max(now.high, quantiles[2])
    most = 0.0 if highest <= 0 else 1.0 if highest == now.high == 1 else math.inf
    law = fitted(quantiles, least, most)
    closer_least, closer_most = _held(asked, key, quantiles[0], law.low), _held(asked, key, quantiles[2], law.high)
    if closer_least == law.low and closer_most == law.high:
        return law
    least = least if closer_least == law.low else closer_least
    most = most if closer_most == law.high else closer_most
    return fitted(quantiles, least, most)


def _held(asked: Asked, key: str, inside: float, end: float) -> float:
    """``end``, or where it contradicts the rest of the model the farthest value towards it that does not."""
    if _can_hold(asked, key, end):
        return end
    good, bad = inside, end
    for _ in range(20):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if _can_hold(asked, key, middle) else (good, middle)
    # A round figure just inside, where there is one: 1 rather than 0.9999996.
    round_figure = round(good, 4)
    near = abs(round_figure - good) <= 2 * abs(bad - good) and _can_hold(asked, key, round_figure)
    return round_figure if near else good


def _can_hold(asked: Asked, key: str, value: float) -> bool:
    try:
        asked.headline({key: value})
    except DemandflowError:
        return False
    return True


def pooled_table(asked: Asked, found: Mapping[str, Pooled]) -> pd.DataFrame:
    """A row an input and expert, and one for the pool.

    Columns: input, title, expert ('pool' for all together), low_5, middle_50, high_95, low, mode, high (the PERT law),
    misfit (largest distance of the law's quantiles from those given, as a share of the 90% interval), mean,
    value_now, low_now, high_now, medians_apart, mean_width, verdict, rationale, date, line (0 for the pool).
    """
    rows = []
    for key, one in found.items():
        evidence = asked.inputs[key].evidence
        assert evidence is not None and evidence.range is not None
        same = {
            "value_now": asked.value(key),
            "low_now": evidence.range.low,
            "high_now": evidence.range.high,
            "medians_apart": one.between,
            "mean_width": one.within,
            "verdict": one.verdict,
        }
        told = [(o.expert, o.quantiles, one.laws[o.expert], o.rationale, o.day, o.line) for o in one.opinions]
        for expert, quantiles, law, rationale, day, line in [*told, ("pool", one.quantiles, one.law, "", None, 0)]:
            rows.append(
                {
                    "input": key,
                    "title": title_of(key),
                    "expert": expert,
                    "low_5": quantiles[0],
                    "middle_50": quantiles[1],
                    "high_95": quantiles[2],
                    "low": law.low,
                    "mode": law.mode,
                    "high": law.high,
                    "misfit": misfit(law, quantiles),
                    "mean": (law.low + 4 * law.mode + law.high) / 6,
                    **same,
                    "rationale": rationale,
                    "date": "" if day is None else day.isoformat(),
                    "line": line,
                }
            )
    return pd.DataFrame(rows)
