"""A challenge in plain words for a committee. Neither side is called right."""

from __future__ import annotations

import math
from typing import Any

from experiments.challenge.agree import SAME, Way, closest, the_one
from experiments.challenge.assumptions import Challenge
from experiments.challenge.tables import CHALLENGER, DIFFERENCE, OFFICERS, Found, agreed
from experiments.elicit.asked import title_of
from experiments.elicit.words import changes, figure, packages, spending
from experiments.report.words import MINUS, capital
from experiments.saying import listed, number, records, roughly

ABOUT = {"packages": "On packages", "saving": "On care money"}

BEAR_IN_MIND = (
    "Neither side is called right here. The figures say what follows from each side's values in the same model; they "
    "do not say which values are true.",
    "Both answers are worked out exactly from the models' arithmetic, without chance; a simulated year comes out above "
    "or below them. Savings are gross of clients' contributions and of what the change itself costs.",
    "Fewer packages is not less need.",
)


def side_of(challenge: Challenge, side: str) -> str:
    """What a side is called."""
    return {OFFICERS: "The officers' values", CHALLENGER: f"The values of {challenge.who}"}.get(side, "The difference")


def headline(challenge: Challenge, found: Found, year: str) -> str:
    """Both answers in one sentence."""
    ours, theirs = found.officers, found.challenger
    return (
        f"The officers' values give {packages(ours.packages)} packages a year and {spending(ours.saving)} in {year}; "
        f"those of {challenge.who} give {packages(theirs.packages)} and {spending(theirs.saving)}."
    )


def apart(found: Found) -> list[str]:
    """How far apart the answers are, with what neither side disputes left open."""
    row = next(row for row in records(found.sides) if row["side"] == DIFFERENCE)
    if not row["draws"]:
        return ["The experiment draws no inputs (input_draws: 0), so the difference has no range."]
    lines = [
        f"The two answers lie {number(abs(row['packages']))} packages a year and {roughly(abs(row['saving']))} apart. "
        "With the inputs that neither side disputes drawn from their ranges, 95 of 100 draws leave the challenger with "
        f"{changes(row['packages_low'], row['packages_high'])} packages than the officers, and "
        f"{_saved(row['saving_low'], row['saving_high'])}."
    ]
    if row["contradictory_draws"]:
        lines.append(f"{row['contradictory_draws']} draws whose inputs contradict each other are left out.")
    return lines


def _saved(low: float, high: float) -> str:
    """A range of differences in saving: '£2,000,000 to £4,000,000 less saved'."""
    if low < 0 < high:
        return f"{roughly(-low)} less to {roughly(high)} more saved"
    ends = sorted((abs(low), abs(high)))
    return f"{roughly(ends[0])} to {roughly(ends[1])} {'less' if low < 0 else 'more'} saved"


def signed(value: float) -> str:
    """A change in packages with its sign."""
    text = number(value)
    return text if text.startswith(MINUS) or not float(text.replace(",", "")) else f"+{text}"


def money(value: float) -> str:
    """A change in money with its sign."""
    if math.isnan(value):
        return "not known"
    text = roughly(value)
    return text if value <= 0 or text == "£0" else f"+{text}"


def of_inputs(found: Found) -> list[str]:
    """Where the difference comes from, in sentences."""
    rows = records(found.inputs)
    lines = [found.unsplit] if found.unsplit else []
    silent = [row["title"] for row in rows if _silent(row)]
    if silent:
        verb = "does" if len(silent) == 1 else "do"
        lines.append(f"{capital(listed(silent))} {verb} not move this headline from one side's value to the other's.")
    outside = [row["title"] for row in rows if row["outside_range"]]
    if outside:
        lines.append(
            f"The challenger's value of {listed(outside)} lies outside the range that the officers thought possible."
        )
    if not found.unsplit and len(rows) > 1:
        top = max(rows, key=lambda row: (abs(row["saving_share"]), row["input"]))
        whole = found.challenger.saving - found.officers.saving
        if top["saving_share"]:
            one_way = all(row["saving_share"] * top["saving_share"] >= 0 for row in rows)
            most = "Most" if one_way and abs(top["saving_share"]) > abs(whole) / 2 else "The largest part"
            lines.append(
                f"{most} of the difference in money comes from {top['title']}: {money(top['saving_share'])} of "
                f"{money(whole)}. Shares are means over all orders in which values can be exchanged, and add up to the "
                f"whole{'.' if one_way else '; some work against each other.'}"
            )
    return lines


def _silent(row: dict[str, Any]) -> bool:
    steps = [row[f"{measure}_{step}"] for measure in ("packages", "saving") for step in ("alone", "last")]
    return all(abs(step) < SAME["packages"] for step in steps)


def of_agreeing(found: Found) -> list[str]:
    """Which one input would make both sides agree, for packages and for money."""
    lines = []
    same = agreed(found, SAME)
    for measure, about in ABOUT.items():
        if measure in same:
            lines.append(f"{about} the two sides agree already.")
            continue
        way = the_one(found.ways, measure)
        if way is not None:
            lines.append(f"{about} one input would make them agree: {_met(way)}")
            others = [w for w in found.ways if w.measure == measure and w.agrees and w is not way]
            if others:
                told = listed([f"{title_of(w.disputed.key)} at {figure(w.value)}" for w in others])
                lines.append(f"  So would, with a larger move: {told}.")
        else:
            near = closest(found.ways, measure, float(getattr(found.officers, measure)))
            lines.append(
                f"{about} no single input in dispute would make them agree. The closest: {title_of(near.disputed.key)} "
                f"at {figure(near.value)}, which brings the challenger's answer to {_answer(measure, near.reached)} "
                f"against the officers' {_answer(measure, float(getattr(found.officers, measure)))}."
            )
    return lines


def _met(way: Way) -> str:
    one = way.disputed
    where = (
        "the officers' range and both values" if one.ranged else "between the two values: the officers gave no range"
    )
    return (
        f"{title_of(one.key)}. With {figure(way.value)} in place of {figure(one.challenger)} (officers: "
        f"{figure(one.officers)}), and all else at the challenger's values, both answers are the same "
        f"(looked for from {figure(one.low)} to {figure(one.high)}, {where})."
    )


def _answer(measure: str, value: float) -> str:
    return f"{packages(value)} packages a year" if measure == "packages" else spending(value)


def on_screen(challenge: Challenge, found: Found, year: str, scenario: str) -> list[str]:
    """Everything, line by line. ``scenario``: what the headline is about."""
    lines = [scenario, headline(challenge, found, year), *apart(found), ""]
    for row in records(found.inputs):
        lines.append(f"{capital(row['title'])} ({row['input']}): officers {figure(row['officers'])}, "
                     f"{row['who']} {figure(row['challenger'])}")  # fmt: skip
        lines.append(f"  Why: {row['why']}")
        lines.append(f"  Changed alone: {_change(row, 'alone')}. Changed last: {_change(row, 'last')}."
                     + ("" if found.unsplit else f" Share of the difference: {_change(row, 'share')}."))  # fmt: skip
    return [*lines, "", *of_inputs(found), *of_agreeing(found), "", *BEAR_IN_MIND]


def _change(row: dict[str, Any], step: str) -> str:
    more, saved = row[f"packages_{step}"], row[f"saving_{step}"]
    if math.isnan(more):
        return "contradicts the other side's values"
    told = f"{roughly(abs(saved))} {'more' if saved > 0 else 'less'} saved" if abs(saved) >= 0.5 else "nothing in money"
    return f"{packages(more)} packages, {told}"


def range_of(row: dict[str, Any]) -> str:
    """A side's range of packages."""
    if not row["draws"]:
        return "no inputs drawn"
    if row["side"] == DIFFERENCE:
        return f"{signed(row['packages_low'])} to {signed(row['packages_high'])}"
    return changes(row["packages_low"], row["packages_high"])
