"""What happens over time: packages that start and run, spend by month, and how practice changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from experiments.charts import by_month
from experiments.charts.change import near_by_month
from experiments.charts.curves import Line
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.service_facts import Block, key_of
from experiments.report.transition_facts import STYLES, TODAY, Transition, per_hundred
from experiments.report.words import Phrase, phrase

MEASURES = {
    "packages_started": ("Packages that start", "packages in the month", ""),
    "packages_running": ("Packages running", "packages at the month's end", ""),
    "spend_council": ("What the Council pays for care", "pounds in the month, at prices of the price year", "£"),
}


def _lines(one: Transition, runs: Sequence[str], measure: str, less: bool) -> tuple[list[str], list[Line]]:
    """Lines by month, or their differences from today's model."""
    value, low, high = ("difference", "difference_low", "difference_high") if less else ("mean", "low", "high")
    months: list[str] = []
    lines = []
    for run in runs:
        rows = one.results.rows("months", run=run, measure=measure)
        months = [str(row["month"]) for row in rows]
        pairs = [(float(row[low]), float(row[high])) for row in rows]
        known = [None if math.isnan(a) or math.isnan(b) else (a, b) for a, b in pairs]
        colour, symbol, dash = STYLES[0] if run == TODAY else STYLES[1 + one.shown.index(run)]
        lines.append(Line(one.name(run), [float(row[value]) for row in rows], known, colour, symbol, dash))
    return months, lines


def _chart(one: Transition, measure: str, less: bool) -> Chart:
    title, unit, prefix = MEASURES[measure]
    runs = one.shown if less else [TODAY, *one.shown]
    months, lines = _lines(one, runs, measure, less)
    if not less:  # four wide bands over each other would hide the lines
        lines = [
            line if place < 2 else replace(line, intervals=[None] * len(months)) for place, line in enumerate(lines)
        ]
    figure = (
        by_month(months, lines, start=False)
        if measure == "packages_started"
        else near_by_month(months, lines, prefix=prefix, nought=less)
    )
    said = "; ".join(
        f"{line.name}: {line.values[0]:,.0f} in the first month, {line.values[-1]:,.0f} in the last" for line in lines
    )
    banded = " and ".join(line.name for line in lines if any(line.intervals))
    bands = f"Pale bands are inputs and chance together{'' if less else f' ({banded})'}. " if banded else ""
    scale = (
        "The line at nought is today's model; below it is less."
        if less
        else ""
        if measure == "packages_started"
        else "The scale does not begin at nought."
    )
    if measure == "spend_council" and not less:
        scale += " Months differ in length, so February is low."
    what = f"{title}, difference from today's model" if less else title
    return Chart(
        f"{measure}_{'less' if less else 'by_month'}",
        figure,
        f"{what}: {unit}. {said}.",
        f"{what}: {unit}. {bands}{scale}".strip(),
        key=key_of(lines),
        files=("months",),
    )


def _adoption_team(one: Transition) -> str:
    """The team whose practice is shown: the first from which practitioners move, else the last."""
    teams = list(dict.fromkeys(str(row["team"]) for row in one.results.rows("adoption")))
    moves = [str(move["team"]) for move in one.config.get("moves") or [] if move["team"] in teams]
    return (moves or teams)[-1]


def _adoption(one: Transition) -> Block | None:
    if not one.results.rows("adoption"):
        return None
    team = _adoption_team(one)
    runs = [(run, change) for base in dict.fromkeys((one.over, one.lead)) for change, run in one.beside(base).items()]
    lines, months = [], []
    for (run, change), (colour, symbol, dash) in zip(runs, STYLES, strict=False):
        rows = one.results.rows("adoption", run=run, team=team)
        months = [str(row["month"]) for row in rows]
        name = f"{one.name(run)}, {one.results.short('change', change)}"
        lines.append(
            Line(name, [100 * float(row["adoption"]) for row in rows], [None] * len(rows), colour, symbol, dash)
        )
    said = "; ".join(f"{line.name}: {line.values[-1]:.0f} in the last month" for line in lines)
    chart = Chart(
        "adoption",
        near_by_month(months, lines, nought=True),
        f"Served in the new way by month, of 100 people. {words.capital(words.humanised(team))}: {said}.",
        f"Of 100 people, how many are served in the new way ({words.humanised(team)}): change of practice, times how "
        "much of the service is in scope, times the share of the gap that is closed.",
        key=key_of(lines),
        files=("adoption",),
    )
    most = one.share_of_gap(one.over)
    text: list[Phrase | str] = [
        phrase(
            "At this transfer no more than {most} can be served in the new way. The S-curve is a plain assumption "
            "about time. The culture model (practitioners learn, slip back and leave) is a behavioural hypothesis: it "
            "stands beside the answer and is in no headline. Nobody has measured how fast a council's practice "
            "changes.",
            most=words.in_hundred(most),
        )
    ]
    table_rows = []
    for run, change in runs:
        last = one.results.number("adoption", "adoption", run=run, team=team, month=months[-1])
        saved = one.delivered(run)
        if last is not None and saved is not None:
            table_rows.append(
                Row((one.name(run), one.results.short("change", change), words.in_hundred(last),
                     words.pounds(saved.mean), saved.over_inputs(words.span_pounds)), saved.grey)
            )  # fmt: skip
    heads = ("Vehicle", "How practice changes", f"Served in the new way, {one.end}", f"Saved a year, {one.end}",
             "Inputs and chance")  # fmt: skip
    table = Table(
        "Both accounts of change, side by side", heads, (False, False, True, True, True), table_rows, open=True
    )
    scope = _scope(one, team)
    return Block("How practice changes", text, [chart, *([scope] if scope is not None else [])], [table])


def _scope(one: Transition, team: str) -> Chart | None:
    """How much of the service each vehicle has taken on by then."""
    lines, months = [], []
    for run in one.shown:
        rows = one.results.rows("adoption", run=run, team=team)
        if not rows or any(math.isnan(row.get("in_scope", math.nan)) for row in rows):
            return None
        months = [str(row["month"]) for row in rows]
        values = [100 * float(row["in_scope"]) for row in rows]
        lines.append(Line(one.name(run), values, [None] * len(rows), *STYLES[1 + one.shown.index(run)]))
    said = "; ".join(
        f"{line.name}: {line.values[0]:.0f} in the first month, {line.values[-1]:.0f} in the last" for line in lines
    )
    return Chart(
        "scope",
        by_month(months, lines, start=False),
        f"Of 100 people, how many are served by the part in scope, by month. {said}.",
        "Of 100 people, how many come to the part of the service that the vehicle has taken on by then. Its dates are "
        "printed or assumed, as the timeline says.",
        key=key_of(lines),
        files=("adoption",),
    )


def _fall(one: Transition, measure: str, year: str) -> Phrase | None:
    """So many fewer, or more, in a hundred of today's."""
    less, now = one.difference(one.over, measure, year), one.year(TODAY, measure, year)
    if less is None or now is None:
        return None
    direction = "fewer" if less.mean.value <= 0 else "more"
    return phrase("{number} {direction}", number=per_hundred(less.mean, now.mean), direction=direction)


def _lag(one: Transition) -> Phrase | None:
    """What begins changes first; what runs follows."""
    early = one.years[1] if len(one.years) > 2 else one.years[0]
    found = [_fall(one, m, year) for year in (early, one.last) for m in ("packages_started", "packages_running")]
    if any(fall is None for fall in found):
        return None
    names = ("started", "running", "started_last", "running_last")
    return phrase(
        "What starts changes first and what runs follows, because packages that began before go on: in {year}, of "
        "every 100 packages that start today {started} would start, and of every 100 that run at its end {running} "
        "would run; in {last} it is {started_last} and {running_last}.",
        year=early,
        last=one.last,
        **{name: fall for name, fall in zip(names, found, strict=True) if fall is not None},
    )


def _headline(one: Transition) -> Phrase | None:
    """What new packages do, and what the number in care does: each by itself."""
    started, running = (one.difference(one.over, measure) for measure in ("packages_started", "packages_running"))
    if started is None or running is None:
        return None
    if not started.told_from_nought and not running.told_from_nought:
        return phrase("Neither new packages nor the number in care clearly changes.")
    if started.mean.value < 0 and running.mean.value < 0:
        return phrase("New packages fall first; the number in care follows slowly.")
    if started.mean.value < 0:
        return phrase("Fewer packages start; the number in care does not fall by {end}.", end=one.end)
    if running.mean.value < 0:
        return phrase("No fewer packages start, but fewer run in {end}.", end=one.end)
    return phrase("Neither new packages nor the number in care falls.")


def _years_table(one: Transition) -> Table:
    rows = []
    for measure, (title, _, prefix) in MEASURES.items():
        for run in one.shown:
            for year in one.years:
                now, then = one.year(TODAY, measure, year), one.year(run, measure, year)
                less = one.difference(run, measure, year)
                if now is None or then is None or less is None:
                    continue
                say = words.pounds if prefix else words.whole
                signed = words.pounds if prefix else words.signed
                span = words.span_pounds if prefix else words.span_signed
                rows.append(
                    Row(
                        (title, one.name(run), year, say(now.mean), say(then.mean), signed(less.mean),
                         less.by_chance(span), less.over_inputs(span)),
                        less.grey,
                    )
                )  # fmt: skip
    heads = ("What", "Vehicle", "Year", "Today's model", "Changed", "Difference", "Chance alone", "Inputs and chance")
    return Table(
        "By financial year: what starts and is paid in the year, what runs at its end", heads,
        (False, False, False, *([True] * 5)), rows,
    )  # fmt: skip


def build(one: Transition) -> Part | None:
    """The sixth part."""
    if not one.results.rows("months"):
        return None
    head = _headline(one)
    if head is None:
        return None
    lag = _lag(one)
    intro: list[Phrase | str] = [lag] if lag is not None else []
    intro.append(
        "Everything here is for the same simulated people under today's model and under each vehicle. Prices are those "
        "of the price year. A package is any kind of care that starts, enablement among them."
    )
    blocks = [Block("New packages", charts=[_chart(one, "packages_started", False)])]
    for measure, title in (("packages_running", "Packages running"), ("spend_council", "What the Council pays")):
        blocks.append(Block(title, charts=[_chart(one, measure, False), _chart(one, measure, True)]))
    blocks.append(Block(tables=[_years_table(one)]))
    adoption = _adoption(one)
    blocks += [adoption] if adoption is not None else []
    more = {"intro": intro, "blocks": blocks}
    data = ("months", "transition_years", "adoption", "delivery", "months_by_replication")
    return Part("time", "What happens over time?", head, "service_part.html", data, words=more)
