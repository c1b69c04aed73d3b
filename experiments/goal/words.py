"""A goal in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.elicit.words import figure
from experiments.goal.alone import Alone
from experiments.goal.lived import Standing, share_interval
from experiments.goal.search import Crossing, Result, closeness
from experiments.goal.tables import Asked, span_at, value_at
from experiments.goal.varied import Varied
from experiments.measure_words import in_words
from experiments.measured import SAVING
from experiments.report.words import capital
from experiments.saying import listed, number, pounds, roughly, said

NOT_AN_EFFECT = (
    "Two councils side by side are not an effect: the share of the gap that would really be closed is not known, and a "
    "value found here says what it would have to be, not what it will be."
)
FEWER = "Fewer packages is not less need."
GROSS = "Savings of this experiment are gross: before clients' contributions and before what the change itself costs."
NET = "Savings are what leaves the council's own spending, before any cost of the change itself."


def amount(asked: Asked, value: float, exact: bool = False) -> str:
    """A value of the measure with its unit, if it is money."""
    if asked.measure.unit.startswith("£"):
        return pounds(value) if exact else roughly(value)
    if exact or abs(value) < 1:
        return figure(value)
    return number(value)


def target_words(asked: Asked) -> str:
    """'demand savings, 2019/20, of at least £3,843,000 with a probability of 0.9'."""
    side = "at least" if asked.at_least else "at most"
    text = f"{in_words(asked.measure)} of {side} {amount(asked, asked.target.threshold, True)}"
    if asked.target.probability is None:
        return f"{text} on average"
    return f"{text} with a probability of {asked.target.probability:g}"


def claim_words(asked: Asked) -> str:
    """Of a break-even, how the answer stands now: 'the change in funded packages is not above nought on average'."""
    if asked.target.threshold:
        side = f"{'at least' if asked.at_least else 'at most'} {amount(asked, asked.target.threshold, True)}"
    else:
        side = f"not {'below' if asked.at_least else 'above'} nought"
    return f"{in_words(asked.measure)} is {side} on average"


def _between(one: Varied, crossing: Crossing) -> str:
    low, high = crossing.low, crossing.high
    if low is None and high is None:
        return f"its 95% interval reaches beyond both ends of what was searched, {searched(one)}"
    if low is None:
        return f"95% interval: up to {figure(high or 0.0)}, and down to no value above {figure(one.low)}"
    if high is None:
        return f"95% interval: from {figure(low)}, and up to no value below {figure(one.high)}"
    return f"95% interval {figure(low)} to {figure(high)}"


def searched(one: Varied) -> str:
    """The limits of a search."""
    return f"{figure(one.low)} to {figure(one.high)}"


def now(one: Varied) -> str:
    """An input's value as it stands."""
    return f"it is {figure(one.current)} now"


def headline(asked: Asked, result: Result) -> str:
    """The answer along one input, in a sentence."""
    one = result.varied
    if not result.points:
        return f"No value of {one.title} from {searched(one)} can be lived: the inputs contradict each other."
    whole = f"{_at(asked)} at"
    if result.met == "everywhere":
        return f"{whole} every value of {one.title} from {searched(one)} ({now(one)})."
    if result.met == "nowhere":
        return f"{whole} no value of {one.title} from {searched(one)}."
    turns = [
        f"{'at least' if c.met_above else 'at most'} {figure(c.at)} ({_between(one, c)}; {now(one)})"
        for c in result.crossings
    ]
    needs = f"{capital(target_words(asked))} would need {one.title} to be"
    if asked.break_even:
        needs = f"{_at(asked)}: true only if {one.title} is"
    if result.met in ("from", "up_to"):
        return f"{needs} {turns[0]}."
    told = " and ".join(turns) if result.met == "between" else "; or ".join(turns)
    places = "" if result.met == "between" else " It turns more than once: look at the table of what was lived."
    return f"{needs} {told}.{places}"


def _at(asked: Asked) -> str:
    """What is so, or would come about, at some values."""
    return capital(claim_words(asked)) if asked.break_even else f"{capital(target_words(asked))} would come about"


def reached(asked: Asked, one: Standing) -> str:
    """What the measure comes to at a point, with its interval."""
    value, (low, high) = amount(asked, value_at(asked, one.slack)), span_at(asked, one)
    span = _open(asked, low, high)
    if asked.target.probability is None:
        return f"{value} on average ({span})"
    share = share_interval(one.met, one.replications)
    side = "at least" if asked.at_least else "at most"
    return (
        f"{side} {value} in {100 * asked.target.probability:g} of 100 cases ({span}); the target itself in "
        f"{100 * one.met:.0f} of 100 (95% interval {100 * share[0]:.0f} to {100 * share[1]:.0f})"
    )


def _open(asked: Asked, low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "too few replications for an interval"
    if math.isinf(low):
        return f"95% interval: too few replications for its lower end; up to {amount(asked, high)}"
    if math.isinf(high):
        return f"95% interval: from {amount(asked, low)}; too few replications for its upper end"
    return f"95% interval {amount(asked, low)} to {amount(asked, high)}"


def closest(asked: Asked, results: Sequence[Result]) -> str:
    """Where a goal that is out of reach comes nearest."""
    near = [(*r.closest, r) for r in results if r.points]
    x, best, result = max(near, key=lambda one: (closeness(one[1], one[2].likely), -one[0]))
    place = listed([f"{r} at {figure(v)}" for r, v in _set(result, x)])
    open_still = " That interval holds the target, so more replications might meet it." if best.high >= 0 else ""
    return f"The closest: {reached(asked, best)}, with {place}.{open_still}"


def _set(result: Result, x: float) -> list[tuple[str, float]]:
    others = [(key.rpartition(".")[2].replace("_", " "), value) for key, value in result.fixed]
    return [*others, (result.varied.title, x)]


def how(asked: Asked, result: Result, replications: int) -> list[str]:
    """How it was found, and what was left out."""
    if asked.target.drawn:
        base = f"Each of {replications} replications has its own people, luck and drawn inputs, the same at every value"
    else:
        base = f"{replications} replications at central inputs, with the same people and luck at every value"
    lines = [f"{base}; {result.varied.title} is set, not drawn. Searched from {searched(result.varied)}."]
    if not asked.target.drawn:
        lines.append("The interval holds chance alone: what nobody knows about the other inputs is not in it.")
    fewest = result.left_out[0]
    if result.points and fewest < replications:
        lines.append(f"At some values {replications - fewest} replications are left out: their inputs contradict.")
    if result.contradictory:
        lines.append(f"No inputs hold together at {listed([figure(x) for x in result.contradictory])}.")
    return lines


def bear_in_mind(asked: Asked, comparison: bool) -> list[str]:
    """What a reader must not forget."""
    money = [GROSS if comparison else NET] if asked.measure.kind == SAVING else []
    return [NOT_AN_EFFECT, *money, FEWER]


def contour_lines(asked: Asked, results: Sequence[Result]) -> list[str]:
    """Two inputs: what one would need to be along values of the other, the headline first."""
    key, along = results[0].fixed[0][0], results[0].varied
    other = key.rpartition(".")[2].replace("_", " ")
    if all(result.met == "nowhere" for result in results):
        where = f"{along.title} from {searched(along)} and at no value of {other} that was tried"
        lines = [f"{_at(asked)} at no value of {where}."]
    else:
        wanted = claim_words(asked) if asked.break_even else target_words(asked)
        lines = [f"{capital(wanted)}: what {along.title} would need to be depends on {other}."]
    for result in results:
        start = f"With {other} at {figure(result.fixed[0][1])}"
        if result.met in ("everywhere", "nowhere"):
            told = "any value that was searched" if result.met == "everywhere" else "no value that was searched"
        else:
            told = " and ".join(
                f"{'at least' if c.met_above else 'at most'} {figure(c.at)} ({_between(along, c)})"
                for c in result.crossings
            )
        lines.append(f"{start}: {told}.")
    return [*lines, *closer(results)]


def closer(results: Sequence[Result]) -> list[str]:
    """Where a line in two inputs runs between few of the values that were tried: limits that show more of it."""
    kinds = [result.met for result in results]
    if sum(bool(result.crossings) for result in results) > 1 or len(set(kinds)) == 1:
        return []
    first = next(place for place, kind in enumerate(kinds) if kind != kinds[0]) - 1
    last = max(place for place, kind in enumerate(kinds) if kind != kinds[-1]) + 1
    (key, low), (_, high) = results[first].fixed[0], results[last].fixed[0]
    return [f"The line was met at few of the values that were tried. To see more of it: --vary {key}={low:g}:{high:g}"]


def alone_lines(asked: Asked, whole: Standing, found: Sequence[Alone]) -> list[str]:
    """Which inputs alone could turn the answer, and which could not."""
    met = whole.slack >= 0
    turning = [one for one in found if one.turns]
    stays = [one for one in found if not one.turns]
    verdict = f"{target_words(asked)} is {'met' if met else 'not met'}"
    lines = [f"As things stand, {reached(asked, whole)}: {claim_words(asked) if asked.break_even else verdict}."]
    if whole.low < 0 < whole.high:
        lines.append(
            "That interval holds the threshold, so on which side the answer stands is not known to begin with."
        )
    if not turning:
        lines.append(f"None of {len(found)} inputs alone could turn that within its own range.")
    else:
        lines.append(
            f"{capital(said(len(turning)))} of {len(found)} inputs alone could turn that within their own range:"
        )
    start = "true only if" if met else "would be met if"
    for one in turning:
        assert one.result is not None
        turns = [
            f"{'at least' if c.met_above else 'at most'} {figure(c.at)} ({_between(one.varied, c)})"
            for c in one.result.crossings
        ]
        lines.append(
            f"  {start} {one.varied.title} ({one.varied.key}) is {' and '.join(turns)}; {now(one.varied)}, range "
            f"{searched(one.varied)}."
        )
    if stays and turning:
        lines.append(f"The other {len(stays)} could not, each moved alone: {'; '.join(o.varied.title for o in stays)}.")
    return lines
