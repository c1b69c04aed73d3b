"""``sensitivity.html``: what moves the answer, how the spread is made up, and what knowing is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments import theme
from experiments.charts.along import along
from experiments.charts.sensitivity import shares as shares_chart
from experiments.charts.sensitivity import tornado as tornado_chart
from experiments.elicit.words import figure
from experiments.measure_words import in_words
from experiments.measured import Measure
from experiments.report import render
from experiments.report.pieces import Chart, Row, Table
from experiments.report.words import capital
from experiments.saying import roughly
from experiments.sensitivity import words
from experiments.sensitivity.found import Found, Request
from experiments.sensitivity.tables import Knowing

DRAWN = 12
"""Inputs in a picture; the tables hold all."""

ENDS = ((theme.TODAY, "", "at the low end of the input's range"), (theme.PROPOSED, "", "at its high end"))
TWO = (
    (theme.TODAY, "●", "on its own"),
    (theme.WHITE, "◇", "with what it does together with others"),
)


def page(found: Found, request: Request, bear: Sequence[str], version: str) -> str:
    """The page as text."""
    prepared = found.study.evaluator.prepared
    answers = [words.of_measure(found, name)[0] for name in found.measures]
    sections = [_section(found, n, name) for n, name in enumerate(found.measures)]
    data = ["tornado"] + [
        name
        for name, there in (
            ("groups", found.groups),
            ("morris", found.screen), ("sobol", found.shares), ("variance", found.parts),
            ("information", found.knowing), ("information_curve", found.knowing),
        )
        if there is not None
    ]  # fmt: skip
    return render(
        "sensitivity.html",
        title=prepared.experiment.title,
        headline=answers[0],
        answer=[line.strip() for line in (*answers[1:], *words.of_knowing(found, request))],
        told=bear,
        sections=sections,
        knowing=_knowing(found, request, found.knowing),
        data=data,
        seed=str(prepared.experiment.seed),
        version=version,
    )


def _section(found: Found, place: int, name: str) -> dict[str, Any]:
    measure = found.study.measure(name)
    rows = words.rows_of(found.tornado, name)
    moving = [row for row in rows if row["swing"] or math.isnan(row["swing"])]
    charts = [_tornado(measure, moving[:DRAWN], f"tornado-{place}")] if moving else []
    spread = words.rows_of(found.shares, name)
    if spread and not math.isnan(spread[0]["st"]):
        charts.append(_shares(measure, spread, f"sobol-{place}"))
    tables = [_tornado_table(measure, moving)]
    grouped, screened = words.rows_of(found.groups, name), words.rows_of(found.screen, name)
    tables += [_groups_table(measure, grouped)] if grouped else []
    tables += [_screen_table(measure, screened)] if screened else []
    tables += [_parts_table(measure, words.rows_of(found.parts, name))] if found.parts is not None else []
    return {
        "id": f"measure-{place}",
        "title": capital(in_words(measure)),
        "charts": charts,
        "tables": tables,
        "lines": [line.strip() for line in words.of_measure(found, name)[1:]],
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _pair(row: dict[str, Any], name: str) -> tuple[float, float] | None:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return None if math.isnan(low) else (low, high)


def _tornado(measure: Measure, rows: Sequence[dict[str, Any]], name: str) -> Chart:
    labels = [f"{capital(row['title'])}: {figure(row['low'])} to {figure(row['high'])}" for row in rows]
    picture = tornado_chart(
        labels,
        [_known(row["at_low"]) for row in rows],
        [_known(row["at_high"]) for row in rows],
        [(_pair(row, "at_low"), _pair(row, "at_high")) for row in rows],
        axis_title=f"Change, {measure.unit}",
        prefix="£" if measure.unit.startswith("£") else "",
    )
    told = "; ".join(
        f"{label}: {words.amount(measure, row['at_low'], True)} and {words.amount(measure, row['at_high'], True)}"
        for label, row in zip(labels, rows, strict=True)
    )
    caption = "One input at a time over the middle 95% of its range. Lines across the ends are 95% intervals."
    return Chart(name, picture, f"How far single inputs move {in_words(measure)}. {told}.", caption, key=ENDS)


def _shares(measure: Measure, rows: Sequence[dict[str, Any]], name: str) -> Chart:
    hundred = [
        tuple(tuple(100 * row[f"{which}{end}"] for end in ("", "_low", "_high")) for which in ("s1", "st"))
        for row in rows
    ]
    picture = shares_chart(
        [capital(row["title"]) for row in rows],
        [pair[0] for pair in hundred],
        [pair[1] for pair in hundred],
        axis_title="Of 100 parts of the spread that these inputs make",
    )
    told = "; ".join(
        f"{row['title']}: {words.in_hundred(row, 's1')} on its own, {words.in_hundred(row, 'st')} with others"
        for row in rows
    )
    caption = "Spread is variance, other inputs at their central values. Lines are 95% intervals."
    return Chart(name, picture, f"Shares of the spread of {in_words(measure)}. {told}.", caption, key=TWO)


def _tornado_table(measure: Measure, rows: Sequence[dict[str, Any]]) -> Table:
    made = []
    for row in rows:
        moved = [
            f"{words.amount(measure, row[end], True)}{words.span(measure, row[f'{end}_low'], row[f'{end}_high'], True)}"
            for end in ("at_low", "at_high", "swing")
        ]
        wide = row["swing_high"] - row["swing_low"] > abs(row["swing"]) / 2
        made.append(
            Row(
                (capital(row["title"]), row["status"], *(figure(row[key]) for key in ("value", "low", "high")), *moved),
                grey=bool(wide),
            )
        )
    heads = ("Input", "The value is", "As it stands", "Low end", "High end", "Change at the low end",
             "Change at the high end", "From low to high")  # fmt: skip
    numeric = (False, False, *(True,) * 6)
    return Table(f"One input at a time: {in_words(measure)}, {measure.unit}", heads, numeric, made)


def _screen_table(measure: Measure, rows: Sequence[dict[str, Any]]) -> Table:
    made = [
        Row(
            (
                capital(row["title"]),
                words.amount(measure, row["mu_star"]) + words.span(measure, row["mu_star_low"], row["mu_star_high"]),
                words.amount(measure, row["sigma"]),
            )
        )
        for row in rows
        if row["mu_star"] != 0
    ]
    heads = ("Input", "Mean size of its effect", "How much its effect differs from point to point")
    return Table(f"All inputs moved together: {in_words(measure)}, {measure.unit}", heads, (False, True, True), made)


def _groups_table(measure: Measure, rows: Sequence[dict[str, Any]]) -> Table:
    made = [
        Row(
            (
                capital(row["group"]),
                str(row["inputs"]),
                words.amount(measure, row["mu_star"]) + words.span(measure, row["mu_star_low"], row["mu_star_high"]),
                "yes" if row["looked_into"] else "no",
            ),
            grey=row["mu_star_high"] - row["mu_star_low"] > row["mu_star"] / 2,
        )
        for row in rows
    ]
    heads = ("Group of inputs", "Inputs", "Mean size of its effect", "Looked at one by one")
    title = f"Inputs moved a group at a time: {in_words(measure)}, {measure.unit}"
    return Table(title, heads, (False, True, True, False), made)


def _parts_table(measure: Measure, rows: Sequence[dict[str, Any]]) -> Table:
    names = {"inputs": "Inputs nobody knows", "chance": "Chance in one run"}
    made = [
        Row(
            (
                names[row["part"]],
                words.in_hundred(row, "share") if not math.isnan(row["share"]) else "nothing varies",
                words.amount(measure, math.sqrt(max(0.0, row["variance"]))),
            )
        )
        for row in rows
    ]
    heads = ("Comes from", "Parts of the spread (variance)", "Standard deviation")
    title = f"Where the spread of {in_words(measure)} comes from"
    return Table(title, heads, (False, True, True), made, open=True)


def _knowing(found: Found, request: Request, known: Knowing | None) -> dict[str, Any] | None:
    if known is None:
        return None
    costs, worths = [cost for cost, _ in known.curve], [one for _, one in known.curve]
    more = "the change costs" if request.against is None else "the first of the two routes costs more"
    picture = along(
        costs,
        [one.value for one in worths],
        [(one.low, one.high) for one in worths],
        x_title=f"What {more}, over all years, £",
        y_title="What knowing every ranged input beforehand is worth, £",
        marked=[(known.cost, known.cost, known.cost)],
        prefix="£",
    )
    told = "; ".join(f"{roughly(cost)}: {words.worth(one)}" for cost, one in known.curve)
    whose = "your own figure" if known.asked else "where the choice is closest"
    chart = Chart(
        "information",
        picture,
        f"What knowing every ranged input is worth along {more}. {told}.",
        f"The dotted line is at {roughly(known.cost)}, {whose}.",
        key=((theme.TODAY, "", "worth"), (theme.TINT_TODAY, "", "its 95% interval")),
    )
    rows = [
        Row((capital(found.study.titles[n]), words.worth(one), roughly(one.noise), "yes" if one.told_apart else "no"),
            grey=not one.told_apart)
        for n, one in known.each
        if one.value > 0
    ]  # fmt: skip
    heads = ("Input", "Worth of knowing it alone", "Seen by luck where there is none", "More than luck")
    table = Table(f"What knowing one input is worth at a cost of {roughly(known.cost)}", heads,
                  (False, True, True, False), rows)  # fmt: skip
    return {"choice": words.choice_of(found, request), "chart": chart, "table": table}
