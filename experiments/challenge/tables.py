"""Both sides' headlines, the difference by input, and what would make them agree, as numbers and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.challenge.agree import MEASURES, Way, the_one, ways
from experiments.challenge.assumptions import Challenge
from experiments.challenge.shares import MOST, Part, shapley, subsets
from experiments.crew import Crew
from experiments.elicit.asked import Asked, Headline, title_of

PLACES = {"packages": 6, "saving": 2}
"""Shares are worked out in whole millionths of a package and whole pence."""

OFFICERS, CHALLENGER, DIFFERENCE = "officers", "challenger", "difference"


@dataclass(frozen=True)
class Found:
    """Everything a challenge comes to.

    Attributes:
        sides: one row each for the officers, the challenger and the difference. inputs: one row an input in dispute.
        ways: what moving one input alone does. unsplit: why the difference is not split evenly over orders, or ''.
    """

    officers: Headline
    challenger: Headline
    sides: pd.DataFrame
    inputs: pd.DataFrame
    ways: tuple[Way, ...]
    unsplit: str


def found_of(asked: Asked, challenge: Challenge, crew: Crew) -> Found:
    """Work out a challenge."""
    over = challenge.over()
    officers, challenger = asked.headline({}), asked.headline(over)
    inputs, unsplit = _inputs(asked, challenge, crew, officers, challenger)
    return Found(
        officers,
        challenger,
        _sides(asked, challenge, crew, officers, challenger),
        inputs,
        tuple(ways(asked, challenge, officers, crew)),
        unsplit,
    )


def _sides(asked: Asked, challenge: Challenge, crew: Crew, officers: Headline, challenger: Headline) -> pd.DataFrame:
    """The headline of each side and their difference, with ranges over what neither disputes.

    Inputs in dispute stand at each side's value; all other ranged inputs are drawn, the same draw for both sides.

    Columns: side, packages, packages_low, packages_high (2.5% and 97.5%), saving, saving_low, saving_high,
    financial_year, draws, contradictory_draws.
    """
    seed = asked.prepared.experiment.seed
    base = [asked.prepared.inputs.drawn(seed, draw) for draw in range(asked.draws)]
    here = {one.key: one.officers for one in challenge.disputed}
    sets = [{**one, **side} for side in (here, challenge.over()) for one in base]
    drawn = asked.headlines(sets, crew) if sets else []
    pairs = [(a, b) for a, b in zip(drawn[: len(base)], drawn[len(base) :], strict=True) if a and b]
    rows = []
    for side in (OFFICERS, CHALLENGER, DIFFERENCE):
        row: dict[str, object] = {"side": side}
        for measure in MEASURES:
            every = [(getattr(officers, measure), getattr(challenger, measure))]
            every += [(getattr(a, measure), getattr(b, measure)) for a, b in pairs]
            values = [a if side == OFFICERS else b if side == CHALLENGER else b - a for a, b in every]
            low, high = np.quantile(values[1:], [0.025, 0.975]) if pairs else (math.nan, math.nan)
            row |= {measure: values[0], f"{measure}_low": float(low), f"{measure}_high": float(high)}
        rows.append(
            row
            | {
                "financial_year": asked.year,
                "draws": len(pairs),
                "contradictory_draws": len(base) - len(pairs),
            }
        )
    return pd.DataFrame(rows)


def _inputs(
    asked: Asked, challenge: Challenge, crew: Crew, officers: Headline, challenger: Headline
) -> tuple[pd.DataFrame, str]:
    """The difference, input by input.

    Columns: input, title, status, officers, challenger, low, high (the officers' range; NaN without one),
    outside_range, who, why; for packages and for saving: _alone (the officers' answer with this one value changed, less
    the officers' answer), _last (the challenger's answer, less the same with this one value put back), _share (the
    order-free share; NaN where it is not worked out).
    """
    disputed, count = challenge.disputed, len(challenge.disputed)
    full = frozenset(range(count))
    parts = subsets(count) if count <= MOST else _ends(count)
    told: dict[Part, Headline | None] = dict(zip(parts, asked.headlines([_over(challenge, p) for p in parts], crew),
                                                 strict=True))  # fmt: skip
    told[frozenset()], told[full] = officers, challenger
    unsplit = _unsplit(challenge, told)
    rows = []
    shares = {measure: [math.nan] * count for measure in MEASURES}
    if not unsplit:
        for measure, places in PLACES.items():
            units = 10**places
            values = {part: round(getattr(headline, measure) * units) for part, headline in told.items()}
            shares[measure] = [share / units for share in shapley(values, count)]
    for at, one in enumerate(disputed):
        evidence = asked.inputs[one.key].evidence
        given = evidence.range if evidence is not None else None
        row: dict[str, object] = {
            "input": one.key,
            "title": title_of(one.key),
            "status": one.status,
            "officers": one.officers,
            "challenger": one.challenger,
            "low": given.low if given is not None else math.nan,
            "high": given.high if given is not None else math.nan,
            "outside_range": one.outside,
            "who": one.who,
            "why": one.why,
        }
        for measure in MEASURES:
            places = PLACES[measure]
            row[f"{measure}_alone"] = round(_step(told, measure, frozenset(), frozenset({at})), places) + 0.0
            row[f"{measure}_last"] = round(_step(told, measure, full - {at}, full), places) + 0.0
            row[f"{measure}_share"] = round(shares[measure][at], places) + 0.0
        rows.append(row)
    return pd.DataFrame(rows), unsplit


def _ends(count: int) -> list[Part]:
    """The combinations one step from either side."""
    full = frozenset(range(count))
    return [*dict.fromkeys([frozenset(), *(frozenset({n}) for n in full), *(full - {n} for n in full), full])]


def _over(challenge: Challenge, part: Part) -> dict[str, float]:
    return {challenge.disputed[at].key: challenge.disputed[at].challenger for at in sorted(part)}


def _step(told: dict[Part, Headline | None], measure: str, before: Part, after: Part) -> float:
    first, second = told[before], told[after]
    if first is None or second is None:
        return math.nan
    return float(getattr(second, measure) - getattr(first, measure)) + 0.0


def _unsplit(challenge: Challenge, told: dict[Part, Headline | None]) -> str:
    """Why the order-free shares are not worked out; '' where they are."""
    if len(challenge.disputed) > MOST:
        return (
            f"More than {MOST} inputs are in dispute, so the difference is told one input at a time only; "
            "the parts need not add up to the whole."
        )
    bad = next((part for part, headline in told.items() if headline is None), None)
    if bad is None:
        return ""
    mixed = [f"{title_of(one.key)} ({'challenger' if at in bad else 'officers'})"
             for at, one in enumerate(challenge.disputed)]  # fmt: skip
    return (
        "The two sides' values contradict each other when mixed, so the difference cannot be split evenly over all "
        f"orders; the first mix that cannot be: {', '.join(mixed)}."
    )


def agree_table(found: Found) -> pd.DataFrame:
    """What moving one input alone does to the challenger's answer.

    Columns: measure, input, agrees, value (where the answers meet, or come closest among the values tried), reached
    (the challenger's answer there), officers_answer, searched_low, searched_high, the_one (the smallest move that
    agrees).
    """
    rows = [
        {
            "measure": way.measure,
            "input": way.disputed.key,
            "agrees": way.agrees,
            "value": way.value,
            "reached": way.reached,
            "officers_answer": getattr(found.officers, way.measure),
            "searched_low": way.disputed.low,
            "searched_high": way.disputed.high,
            "the_one": way is the_one(found.ways, way.measure),
        }
        for way in found.ways
    ]
    return pd.DataFrame(rows)


def agreed(found: Found, same: dict[str, float]) -> Sequence[str]:
    """Measures in which both sides come to the same answer already."""
    return [m for m in MEASURES if abs(getattr(found.officers, m) - getattr(found.challenger, m)) < same[m]]
