"""An attribution in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.attribution.parts import Parts
from experiments.attribution.tables import TOGETHER, WHOLE, Counted
from experiments.goal.words import FEWER, GROSS, NET, NOT_AN_EFFECT
from experiments.measure_words import in_words
from experiments.measured import Measure
from experiments.report.words import capital
from experiments.saying import listed, number, roughly
from experiments.statistics import Interval

SPLITS = "This splits the model's own difference; it is not evidence that a part works: what each part does was put in."
FAIR = (
    "A part's share is the mean of what it adds over all orders in which the parts could come, so that the shares add "
    "up to the whole and none is favoured by coming first."
)


def amount(measure: Measure, value: float) -> str:
    """A value of the measure, rounded as people say it."""
    return roughly(value) if measure.unit.startswith("£") else number(value)


def told(measure: Measure, span: Interval) -> str:
    """A mean with its interval."""
    return f"{amount(measure, span.mean)} ({amount(measure, span.low)} to {amount(measure, span.high)})"


def headline(parts: Parts, one: Counted) -> str:
    """The answer for the first measure."""
    whole = one.interval("shapley", WHOLE)
    first = largest(parts, one)[0]
    share = one.interval("shapley", first)
    all_of_it = f"all parts together {amount(one.measure, whole.mean)}"
    part = f"{parts.title[first]}, {amount(one.measure, share.mean)}"
    return f"Largest part of {in_words(one.measure)}: {part}; {all_of_it}."


def largest(parts: Parts, one: Counted) -> list[str]:
    """The changes by the size of what they bring."""
    return sorted(parts.names, key=lambda player: -abs(one.interval("shapley", player).mean))


def lines(parts: Parts, one: Counted) -> list[str]:
    """What is said of a measure."""
    measure, whole = one.measure, one.interval("shapley", WHOLE)
    shares = [
        f"{parts.title[player]} {told(measure, one.interval('shapley', player))}" for player in largest(parts, one)
    ]
    left, last = one.interval("alone", TOGETHER), one.interval("last", TOGETHER)
    found = [
        f"{capital(in_words(measure))}: {told(measure, whole)} {_unit(measure)} with all changes. By part: "
        f"{listed(shares)}."
    ]
    if left.low <= 0 <= left.high:
        found.append(
            f"Each made alone, the parts come to about as much as together: the rest is {told(measure, left)}, which "
            "chance could bring about."
        )
    else:
        less = left.mean * whole.mean < 0
        found.append(
            f"Each made alone, the parts would come to {'more' if less else 'less'} than together: "
            f"{told(measure, left)} comes of their working {'against' if less else 'with'} each other. Each taken out "
            f"alone, {told(measure, last)} is left over."
        )
    return found


def _unit(measure: Measure) -> str:
    return measure.unit.removeprefix("£ ") if measure.unit.startswith("£") else measure.unit


def bear_in_mind(
    parts: Parts, found: Sequence[Counted], rests: Mapping[str, tuple[int, int]], gross: bool
) -> list[str]:
    """What the figures rest on."""
    assumed = [
        f"{parts.title[name]} {some} of {every}" for name, (every, some) in rests.items() if every
    ]  # fmt: skip
    order = listed([parts.title[name] for name in parts.names])
    how = "as the experiment's file names them" if not parts.automatic else "by team, since the file names none"
    pairs = found[0].replications
    return [
        SPLITS,
        NOT_AN_EFFECT,
        FAIR,
        f"Parts are told apart {how}. In order they are: {order}.",
        f"What each part rests on, inputs that are assumptions: {listed(assumed)}.",
        "Each part comes in at the pace of the experiment's own change, and closes the same share of the gap.",
        f"Intervals are 95% (Student's t on {pairs} pairs with the same people and luck in every set of parts). They "
        "hold chance alone: inputs stay at their central values.",
        FEWER,
        GROSS if gross else NET,
    ]
