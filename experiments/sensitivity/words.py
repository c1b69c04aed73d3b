"""What moves an answer, in plain words."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from experiments.elicit.asked import scenario_of, title_of
from experiments.elicit.words import figure
from experiments.evaluate_comparison import OfComparison
from experiments.goal.words import FEWER, GROSS, NET
from experiments.measure_words import in_words
from experiments.measured import Measure
from experiments.report.words import MINUS, capital, humanised
from experiments.saying import listed, number, records, roughly, said
from experiments.sensitivity.found import Found, Request
from experiments.sensitivity.information import Worth
from experiments.sensitivity.tornado import size_of

NAMED = 3
"""Inputs named in a sentence; the tables hold all."""


def amount(measure: Measure, value: float, sign: bool = False) -> str:
    """A value of a measure; with ``sign`` as a change of it."""
    if math.isnan(value):
        return "not known"
    text = roughly(value) if measure.unit.startswith("£") else number(value)
    plain = text.lstrip(MINUS).lstrip("£").replace(",", "")
    return f"+{text}" if sign and value > 0 and float(plain) else text


def span(measure: Measure, low: float, high: float, sign: bool = False) -> str:
    """An interval: ' (−£1,000 to +£300)'; nothing where there is none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f" ({amount(measure, low, sign)} to {amount(measure, high, sign)})"


def in_hundred(row: dict[str, Any], name: str) -> str:
    """A share of variance: 'about 62 in 100 (55 to 69)'."""
    low, high = (min(100.0, max(0.0, 100 * row[f"{name}_{end}"])) for end in ("low", "high"))
    return f"about {max(0.0, 100 * row[name]):.0f} in 100 ({low:.0f} to {high:.0f})"


def rows_of(table: pd.DataFrame | None, measure: str) -> list[dict[str, Any]]:
    """The rows of a table that are about a measure."""
    return [] if table is None else records(table[table["measure"] == measure])


def of_measure(found: Found, name: str) -> list[str]:
    """What moves a measure: the first line is the answer."""
    measure = found.study.measure(name)
    parts = (_tornado, _groups, _screen, _shares, _parts)
    return [line for part in parts for line in part(found, measure)]


def _tornado(found: Found, measure: Measure) -> list[str]:
    rows = [row for row in rows_of(found.tornado, measure.name) if row["swing"] or math.isnan(row["swing"])]
    if not rows:
        return [f"No ranged input on its own moves {in_words(measure)}."]
    lines = [leaders(rows, in_words(measure))]
    lines += [
        f"  {capital(row['title'])} at {figure(row['low'])} instead of {figure(row['value'])}: "
        f"{_moved(measure, row, 'at_low')}; at {figure(row['high'])}: {_moved(measure, row, 'at_high')}."
        for row in rows[:NAMED]
    ]
    bad = [row["title"] for row in rows if row["contradictory"]]
    if bad:
        lines.append(f"An end of the range contradicts the other inputs, so it is not shown, for {listed(bad)}.")
    return lines


def leaders(rows: list[dict[str, Any]], moved: str) -> str:
    """Which input moves a measure most, or which ones lead where their intervals do not tell them apart."""
    least = _sizes(rows[0])[0]
    if not any(_sizes(row)[0] for row in rows):
        return f"Chance hides what single inputs do to {moved}: none can be told from nought. Live more --replications."
    lead = [row["title"] for row in rows if _sizes(row)[1] >= least]
    if len(lead) == 1:
        return f"{capital(lead[0])} moves {moved} most."
    if len(lead) > NAMED:
        return f"{capital(lead[0])} moves {moved} most here, but {said(len(lead) - 1)} others may move it as far."
    return f"{capital(listed(lead))} move {moved} most; which of them comes first cannot be told."


def _sizes(row: dict[str, Any]) -> tuple[float, float]:
    """The least and the largest size of a swing within its interval."""
    low, high = row["swing_low"], row["swing_high"]
    if math.isnan(low):
        return size_of(row), size_of(row)
    return 0.0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high))


def _moved(measure: Measure, row: dict[str, Any], end: str) -> str:
    unit = "" if measure.unit.startswith("£") else f" {measure.unit}"
    value = row[end]
    return f"{amount(measure, value, True)}{unit}{span(measure, row[f'{end}_low'], row[f'{end}_high'], True)}"


def _groups(found: Found, measure: Measure) -> list[str]:
    rows = rows_of(found.groups, measure.name)
    if not rows:
        return []
    out = [row for row in rows if not row["looked_into"]]
    lines = [
        f"  Moved a group at a time, {listed([row['group'] for row in rows[:NAMED]])} lead of {len(rows)} groups of "
        f"inputs. One by one {said(len(found.narrow.inputs))} of {len(found.study.inputs)} inputs were looked at."
    ]
    moving = [row for row in out if row["mu_star"] > 0]
    if moving:
        first = moving[0]
        lines.append(
            f"  The strongest group that was not looked into ({first['group']}, {said(first['inputs'])} inputs) moved "
            f"{in_words(measure)} by {amount(measure, first['mu_star'])}"
            f"{span(measure, first['mu_star_low'], first['mu_star_high'])} on average over its whole ranges."
        )
    return lines


def _screen(found: Found, measure: Measure) -> list[str]:
    rows = rows_of(found.screen, measure.name)
    if not rows:
        return []
    still = sum(row["mu_star"] == 0 for row in rows)
    which = "ranged inputs" if found.groups is None else "inputs of the leading groups"
    dropped = sum(int(row["contradictory_effects"]) for row in rows)
    touch = f"{said(still)} of them {'does' if still == 1 else 'do'} not touch it" if still else "all of them touch it"
    lines = [
        f"With all {len(rows)} {which} moved together, {listed([row['title'] for row in rows[:NAMED]])} lead for "
        f"{in_words(measure)}; {touch}."
    ]
    if dropped:
        every = dropped + sum(int(row["effects"]) for row in rows)
        lines.append(f"  {dropped} of {every} steps ended where inputs contradict each other and are left out.")
    return lines


def _shares(found: Found, measure: Measure) -> list[str]:
    rows = rows_of(found.shares, measure.name)
    if not rows:
        return []
    if math.isnan(rows[0]["st"]):
        return [f"  How much each of the leading inputs does to {in_words(measure)} cannot be told: "
                "too few points hold, or nothing moves."]  # fmt: skip
    first = rows[0]
    line = (
        f"  Of the spread that the {said(len(rows))} leading inputs give {in_words(measure)}, {first['title']} makes "
        f"{in_hundred(first, 's1')} on its own, and {in_hundred(first, 'st')} with what it does together with others."
    )
    dropped = int(first["contradictory_blocks"])
    more = [f"  {dropped} of {dropped + int(first['blocks'])} blocks of points held a contradiction and are left out "
            "as a whole."] if dropped else []  # fmt: skip
    return [line, *more]


def _parts(found: Found, measure: Measure) -> list[str]:
    rows = [row for row in rows_of(found.parts, measure.name) if row["part"] == "inputs"]
    return [
        f"  Of the whole spread of {in_words(measure)} from one simulated run to another, {in_hundred(row, 'share')} "
        "comes from inputs nobody knows; the rest is chance, which no study can take away."
        for row in rows
        if not math.isnan(row["share"])
    ]


def worth(one: Worth) -> str:
    """What knowing is worth, with its interval."""
    return f"{roughly(one.value)} ({roughly(one.low)} to {roughly(one.high)})"


def choice_of(found: Found, request: Request) -> str:
    """The choice that knowing is valued for."""
    if request.against is None:
        return "to change or to stay as today"
    return f"to go by {route(found.study.evaluator.route)} or by {route(request.against)}"


def route(name: str) -> str:
    """A route as words: 'in house, transformation'."""
    return humanised(name.replace(".", ", "))


def of_knowing(found: Found, request: Request) -> list[str]:
    """What knowing is worth, or why nothing is said of it."""
    known = found.knowing
    if known is None:
        return [found.withheld] if found.withheld else []
    years = "over all years of the experiment"
    lines = []
    if known.asked:
        lines.append(
            f"If the change costs {roughly(known.cost)} {years} (your own figure), knowing every ranged input before "
            f"the choice {choice_of(found, request)} would be worth {worth(known.whole)}."
        )
    else:
        alone = request.against is None
        what = "what the change costs" if alone else "how much more one of them costs"
        where = "at a cost" if alone else "where the first costs more by the sum"
        lines.append(
            f"For the choice {choice_of(found, request)} no net benefit can be given, because {what} is not published. "
            f"At any such cost {years}, knowing every ranged input beforehand would be worth at most "
            f"{worth(known.whole)}: that much {where} of {roughly(known.cost)}, with which the choice is closest."
        )
    telling = [(n, one) for n, one in known.each if one.told_apart]
    if telling:
        named = [f"{found.study.titles[n]}, {worth(one)}" for n, one in telling[:NAMED]]
        lines.append(f"  At that cost, worth most to know on its own: {'; '.join(named)}.")
    quiet = len(known.each) - len(telling)
    if quiet and telling:
        verb = "one other input is" if quiet == 1 else f"each of {said(quiet)} other inputs is"
        lines.append(f"  What knowing {verb} worth cannot be told apart from nothing with so many draws.")
    elif quiet:
        lines.append("  No input known on its own is worth more than luck shows with so many draws.")
    return lines


def bear_in_mind(found: Found, request: Request) -> list[str]:
    """What a reader must not forget."""
    study = found.study
    evaluator, comparison = study.evaluator, isinstance(study.evaluator, OfComparison)
    told = [scenario_of(evaluator.prepared, evaluator.headline)] if isinstance(evaluator, OfComparison) else [
        f"{evaluator.prepared.experiment.question} Everything here is about {route(evaluator.route)} against "
        "today."
    ]  # fmt: skip
    told.append(
        "All figures are expectations, worked out without chance."
        if study.exact
        else f"Every point was lived by the same people with the same luck, {len(study.replications)} times, and "
        "averaged. What is told of single inputs and of leading ones holds for these replications."
    )
    told.append(
        "An input that moves the answer little here may still be wrong: what moves an answer depends on the range it "
        "was given."
    )
    if found.groups is not None:
        told.append(
            "Inputs were screened in groups first, and those of the leading groups looked at one by one. What is said "
            "of inputs one by one leaves the others at their central values; draws move them all."
        )
    if found.unranged:
        several = len(found.unranged) > 1
        told.append(
            f"{capital(said(len(found.unranged)))} assumption{'s have' if several else ' has'} no range, so nothing is "
            f"said of {'them' if several else 'it'}: {'; '.join(title_of(key) for key in found.unranged)}."
        )
    if found.contradictory_draws and not found.withheld:
        told.append(
            f"{found.contradictory_draws} of {request.draws} draws held inputs that contradict each other and are left "
            "out: the figures are about inputs that can be true together."
        )
    if found.knowing is not None:
        told.append(
            "What knowing is worth counts inputs only: luck cannot be known beforehand. It is an upper limit of what a "
            "study may cost, and no study tells an input exactly."
        )
    told += [GROSS if comparison else NET, FEWER]
    return told
