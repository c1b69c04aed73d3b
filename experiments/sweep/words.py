"""A sweep in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.elicit.words import figure
from experiments.evaluate_comparison import OfComparison
from experiments.goal.words import FEWER, GROSS, NET, NOT_AN_EFFECT
from experiments.measure_words import in_words
from experiments.measured import SAVING, Evaluator, Floats, Measure
from experiments.report.words import capital
from experiments.saying import listed
from experiments.sensitivity.words import amount
from experiments.statistics import Interval, of_mean
from experiments.sweep.keys import Setting, is_number
from experiments.sweep.points import Place
from experiments.sweep.tables import said_value
from simulation.schema.sweep import Sweep


def value_words(one: Setting, value: Any) -> str:
    """A value with its unit: '0.25', '£40 a week', 'barnet_target'."""
    text = figure(float(value)) if is_number(value) else said_value(value)
    if one.unit.startswith("£") and is_number(value):
        return f"£{text}{one.unit[1:]}"
    return f"{text} {one.unit}".rstrip()


def at_value(one: Setting, value: Any) -> str:
    """'hospital funded rate 0.25'; a unit that the title ends with is not said again: 'years 3'."""
    told = value_words(one, value)
    return f"{one.title} {told.removesuffix(f' {one.unit}') if one.title.endswith(one.unit) else told}"


def at_place(settings: Sequence[Setting], place: Place) -> str:
    """All settings of a point."""
    return listed([at_value(one, value) for one, value in zip(settings, place.values(settings), strict=True)])


def with_interval(measure: Measure, found: Interval) -> str:
    """'−290 (95% interval −310 to −270)'."""
    low, high = amount(measure, found.low), amount(measure, found.high)
    return f"{amount(measure, found.mean)} (95% interval {low} to {high})"


def told(
    settings: Sequence[Setting],
    places: Sequence[Place],
    found: Mapping[int, Floats | None],
    measures: Sequence[Measure],
    sweep: Sweep,
) -> list[str]:
    """What came of it, the first measure first."""
    known = [place for place in places if found[place.number] is not None]
    if not known:
        return ["At no point of the sweep do the inputs hold together."]
    lines = [line for column, measure in enumerate(measures)
             for line in _of_measure(settings, known, found, column, measure)]  # fmt: skip
    lines.append(
        f"{len(known)} points of {sweep.pairs} replications each at central inputs, with the same people and luck at "
        "every point. The intervals hold chance alone: what nobody knows about the other inputs is not in them."
    )
    if len(known) < len(places):
        lines.append(f"{len(places) - len(known)} points have no figures: their inputs cannot hold together.")
    return lines


def _of_measure(
    settings: Sequence[Setting], known: Sequence[Place], found: Mapping[int, Floats | None], column: int,
    measure: Measure,
) -> list[str]:  # fmt: skip
    values = {place: _column(found, place, column) for place in known}
    means = {place: of_mean(cells) for place, cells in values.items()}
    name = capital(in_words(measure))
    first, last = known[0], known[-1]
    if len(known) == 1:
        return [f"{name} comes to {with_interval(measure, means[first])}, {measure.unit}, with "
                f"{at_place(settings, first)}."]  # fmt: skip
    along = len(settings) == 1 and settings[0].numeric
    low, high = (pick(known, key=lambda place: means[place].mean) for pick in (min, max))
    ends = (first, last) if along else (low, high)
    here, there = (with_interval(measure, means[end]) for end in ends)
    where = [at_place(settings, end) for end in ends]
    apart = of_mean([b - a for a, b in zip(values[ends[0]], values[ends[1]], strict=True)])
    differs = f"it differs by {with_interval(measure, apart)}, replication by replication."
    if along:
        return [f"{name} goes from {here} with {where[0]} to {there} with {where[1]} ({measure.unit}).",
                f"Between these two {differs}"]  # fmt: skip
    return [f"{name} lies between {here} and {there}, {measure.unit}, over {len(known)} points.",
            f"It is lowest with {where[0]}, and highest with {where[1]}; between these two {differs} "
            f"They were picked from {len(known)} points for lying farthest apart, which makes their distance look "
            "somewhat larger than it is."]  # fmt: skip


def _column(found: Mapping[int, Floats | None], place: Place, column: int) -> list[float]:
    values = found[place.number]
    assert values is not None
    cells: list[float] = values[:, column].tolist()
    return cells


def bear_in_mind(measures: Sequence[Measure], evaluator: Evaluator) -> list[str]:
    """What a reader must not forget."""
    money = [GROSS if isinstance(evaluator, OfComparison) else NET]
    saving = any(measure.kind == SAVING for measure in measures)
    return [NOT_AN_EFFECT, *(money if saving else []), FEWER]
