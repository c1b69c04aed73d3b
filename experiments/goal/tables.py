"""Tables of a goal: the answer, everything that was lived, and each input alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.goal.alone import Alone
from experiments.goal.lived import Lives, Standing, share_interval
from experiments.goal.search import Crossing, Result
from experiments.goal.target import Target
from experiments.measured import Measure

BOTH, CHANCE = "inputs and chance", "chance alone"
MEAN_METHOD = "mean of paired differences, Student's t, turned into values of the input"
SHARE_METHOD = "order of the replications (binomial law), turned into values of the input"


@dataclass(frozen=True)
class Asked:
    """What was asked of what.

    Attributes:
        route: '' outside vehicles. break_even: whether the target is where the answer turns round.
    """

    title: str
    route: str
    target: Target
    measure: Measure
    at_least: bool
    break_even: bool

    @property
    def over(self) -> str:
        """What varies from replication to replication."""
        return BOTH if self.target.drawn else CHANCE


def value_at(asked: Asked, slack: float) -> float:
    """The measure itself, from how far above its target it stands."""
    return asked.target.threshold + (slack if asked.at_least else -slack)


def span_at(asked: Asked, one: Standing) -> tuple[float, float]:
    """The interval of the measure, low end first."""
    low, high = sorted((value_at(asked, one.low), value_at(asked, one.high)))
    return low, high


def _head(asked: Asked) -> dict[str, object]:
    target = asked.target
    return {
        "measure": target.measure,
        "unit": asked.measure.unit,
        "sign": ">=" if asked.at_least else "<=",
        "threshold": target.threshold,
        "probability": math.nan if target.probability is None else target.probability,
        "over": asked.over,
    }


def _ends(crossing: Crossing | None) -> dict[str, float]:
    if crossing is None:
        return dict.fromkeys(("value", "value_low", "value_high"), math.nan)
    ends = (math.nan if end is None else end for end in (crossing.low, crossing.high))
    return dict(zip(("value", "value_low", "value_high"), (crossing.at, *ends), strict=True))


def _fixed(result: Result) -> dict[str, object]:
    key, value = result.fixed[0] if result.fixed else ("", math.nan)
    return {"other_input": key, "other_value": value}


def goal_table(asked: Asked, results: Sequence[Result]) -> pd.DataFrame:
    """One row for each value at which the target turns; one with NaN where it does not.

    Columns: measure, unit, sign, threshold, probability (NaN: on average), over, input, other_input, other_value,
    searched_low, searched_high, current, met, turns_to (met or not_met above the value), value, value_low, value_high
    (95%; NaN: beyond what was searched), closest_value, closest_reached, method.
    """
    rows = []
    for result in results:
        closest = result.closest if result.points else (math.nan, None)
        rows += [
            {
                **_head(asked),
                "input": result.varied.key,
                **_fixed(result),
                "searched_low": result.varied.low,
                "searched_high": result.varied.high,
                "current": result.varied.current,
                "met": result.met,
                "turns_to": "" if crossing is None else ("met" if crossing.met_above else "not_met"),
                **_ends(crossing),
                "closest_value": closest[0],
                "closest_reached": math.nan if closest[1] is None else value_at(asked, closest[1].slack),
                "method": MEAN_METHOD if asked.target.probability is None else SHARE_METHOD,
            }
            for crossing in result.crossings or (None,)
        ]
    return pd.DataFrame(rows)


def lived_table(asked: Asked, results: Sequence[Result]) -> pd.DataFrame:
    """Every point of a search.

    Columns: input, value, other_input, other_value, reached (the mean, or the quantile that the probability asks of),
    reached_low, reached_high, share_met (of replications) with share_low and share_high, replications.
    """
    rows = []
    for result in results:
        for x, one in result.points:
            low, high = span_at(asked, one)
            share = share_interval(one.met, one.replications)
            rows.append(
                {
                    "input": result.varied.key,
                    "value": x,
                    **_fixed(result),
                    "reached": value_at(asked, one.slack),
                    "reached_low": low,
                    "reached_high": high,
                    "share_met": one.met,
                    "share_low": share[0],
                    "share_high": share[1],
                    "replications": one.replications,
                }
            )
    return pd.DataFrame(rows)


def replications_table(lives: Lives) -> pd.DataFrame:
    """The measure itself in every replication. Columns: at (inputs that are set), replication, value."""
    parts = [
        pd.DataFrame(
            {
                "at": "; ".join(f"{key}={value!r}" for key, value in over) or "as it stands",
                "replication": range(count),
                "value": values,
            }
        )
        for (over, count), values in sorted(lives.known.items())
    ]
    return pd.concat(parts, ignore_index=True)


def alone_table(asked: Asked, found: Sequence[Alone]) -> pd.DataFrame:
    """Each input alone.

    Columns: measure, unit, sign, threshold, probability, over, input, title, low, high, current, turns, value,
    value_low, value_high, turns_to, and for both ends of the range reached (…_low, …_high: 95%): at_low, at_low_low,
    at_low_high, at_high, at_high_low, at_high_high; replications (fewer after a first look alone).
    """
    rows = []
    for one in found:
        crossing = one.result.crossings[0] if one.result is not None and one.result.crossings else None
        ends: dict[str, float] = {}
        for name, end in (("at_low", one.at_low), ("at_high", one.at_high)):
            span = span_at(asked, end)
            ends |= {name: value_at(asked, end.slack), f"{name}_low": span[0], f"{name}_high": span[1]}
        rows.append(
            {
                **_head(asked),
                "input": one.varied.key,
                "title": one.varied.title,
                "low": one.varied.low,
                "high": one.varied.high,
                "current": one.varied.current,
                "turns": one.turns,
                **_ends(crossing),
                "turns_to": "" if crossing is None else ("met" if crossing.met_above else "not_met"),
                **ends,
                "replications": min(one.at_low.replications, one.at_high.replications),
            }
        )
    return pd.DataFrame(rows)
