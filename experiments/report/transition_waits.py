"""Waits of a transition: how they spread, held against the standards, with posts gone."""

from __future__ import annotations

import math
from dataclasses import replace

from experiments.charts import by_year, spans
from experiments.charts.curves import Line
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import SHARE, Block, key_of, say
from experiments.report.transition_facts import STYLES, TODAY, Seen, Transition, ends, percent_span
from experiments.report.waits_spread import Wait, spread_chart, spread_table
from experiments.report.words import Phrase, phrase

HUB, VISIT, REVIEW = "hub", "visit", "review"
HUB_PLACE, VISIT_PLACE = "hub_appointment", "home_visit"
STANDARDS: dict[str, tuple[str, str, int, str]] = {
    HUB: ("contact", HUB_PLACE, 14, "Hub appointment within two weeks of the contact"),
    VISIT: ("contact", VISIT_PLACE, 28, "Home visit within four weeks of the contact"),
    REVIEW: ("joining", "planned_review", 28, "Planned review at home within four weeks of falling due"),
}
"""Since when, which place, within how many days, and in words."""

SPREAD = "transition_waits_spread"
SPREADS = {
    "waits_new": ("Days from the contact to a hub appointment and a home visit", (HUB_PLACE, VISIT_PLACE)),
    "waits_kept": ("Days from the contact to a full assessment and to enablement", ("full_assessment", "enablement")),
}
"""Pictures of how waits since the contact spread: two places in each, so no more than four lines."""

GROWING = 0.95
"""Planned reviews in time, as a share of today's, below which they are said to wait."""

PLACES = {
    "hub_appointment": "Contact to hub appointment",
    "home_visit": "Contact to home visit",
    "full_assessment": "Contact to full assessment at home",
    "enablement": "Contact to enablement",
    "needs_assessment": "Queue for an assessment",
    "planned_review": "Queue for a planned review",
    "home_review": "Queue for a review at home",
    "planned_review_at_hub": "Queue for a planned review at a hub",
    "unplanned_review": "Queue for an unplanned review",
}


def within(one: Transition, run: str, standard: str, year: str | None = None) -> Seen | None:
    """The share seen within a standard in a year; chance only, at central inputs."""
    since, place, days, _ = STANDARDS[standard]
    keys = {"run": run, "since": since, "place": place, "financial_year": year or one.last}
    pair = (f"within_{days}_low", f"within_{days}_high")
    return one.seen("transition_waits", f"within_{days}_days", keys, pair, ("", ""))


def _standards_chart(one: Transition) -> Chart | None:
    found = [
        (f"{STANDARDS[standard][3]}: {title}", within(one, run, standard), run)
        for standard in STANDARDS
        for run, title in ((TODAY, "today's model"), (one.over, one.called(one.over)))
    ]
    known = [(label, seen, run) for label, seen, run in found if seen is not None]
    if not known:
        return None
    figure = spans(
        [label for label, _, _ in known],
        [100 * seen.mean.value for _, seen, _ in known],
        [_hundred(seen) for _, seen, _ in known],
        [None] * len(known),
        [run == one.over for _, _, run in known],
        axis_title=f"of 100 seen in {one.last}",
    )
    said = "; ".join(
        f"{label}: {words.in_hundred(seen.mean)} ({seen.by_chance(percent_span)})" for label, seen, _ in known
    )
    return Chart(
        "standards",
        figure,
        f"Seen within the standard in {one.last}. {said}.",
        " ".join([*_only_changed(one), "The bar is chance alone."]),
    )


def _only_changed(one: Transition) -> list[str]:
    """Which standards nobody meets under today's model, because nobody is served so."""
    new = [s for s in STANDARDS if within(one, TODAY, s) is None and within(one, one.over, s) is not None]
    if not new:
        return []
    names = " and ".join(words.humanised(STANDARDS[standard][1]) for standard in new)
    return [f"Today's model has nobody with a {names}, so nothing stands beside that."]


def _spreads(one: Transition) -> Block:
    """How waits since the contact spread in the last year, today and changed."""
    charts, tables = [], []
    for name, (title, places) in SPREADS.items():
        waits = []
        for place in places:
            for run in (TODAY, one.over):
                keys = {"run": run, "since": "contact", "place": place, "financial_year": one.last}
                found = {}
                for days in (row["days"] for row in one.results.rows(SPREAD, **keys)):
                    seen = one.seen(SPREAD, "share", {**keys, "days": days}, ("low", "high"), ("", ""))
                    if seen is not None:
                        found[int(days)] = (seen.mean, seen.chance)
                if found:
                    waits.append(Wait(f"{PLACES[place]}: {one.name(run)}", found))
        chart = spread_chart(name, f"{title}, {one.last}", waits, "chance alone: the middle 95% of the runs")
        if chart is not None:
            tables.append(spread_table(f"{title}, {one.last}: seen within so many days", waits))
            charts.append(replace(chart, told_in=tables[-1].caption))
    return Block("How waits spread", charts=charts, tables=[_waits_table(one), *tables])


def _years_chart(one: Transition) -> Chart | None:
    """The share seen within its standard by year."""
    lines: list[Line] = []
    for standard, runs in ((HUB, (one.over,)), (VISIT, (one.over,)), (REVIEW, (TODAY, one.over))):
        for run in runs:
            found = [within(one, run, standard, year) for year in one.years]
            if not any(found):
                continue
            values = [100 * seen.mean.value if seen is not None else math.nan for seen in found]
            pairs = [_hundred(seen) for seen in found]
            colour, symbol, dash = STYLES[len(lines)]
            lines.append(Line(f"{STANDARDS[standard][3]}: {one.name(run)}", values, pairs, colour, symbol, dash))
    if not lines or len(one.years) < 2:
        return None
    said = "; ".join(
        f"{line.name}: "
        + ", ".join(
            f"{value:.0f} in {year}" for value, year in zip(line.values, one.years, strict=True) if value == value
        )
        for line in lines
    )
    return Chart(
        "standards_by_year",
        by_year(one.years, lines, prefix=""),
        f"Of 100 people seen, how many within the standard, by year. {said}.",
        "Of 100 people seen in the year. Whiskers are chance alone.",
        key=key_of(lines),
    )


def _hundred(seen: Seen | None) -> tuple[float, float] | None:
    pair = ends(seen.chance) if seen is not None else None
    return (100 * pair[0], 100 * pair[1]) if pair is not None else None


def _waits_table(one: Transition) -> Table:
    rows = []
    for row in one.results.rows("transition_waits", financial_year=one.last):
        if row["run"] not in (TODAY, one.over) or row["place"] not in PLACES:
            continue
        keys = {name: row[name] for name in ("run", "since", "place", "financial_year")}
        if row["since"] == "joining" and row["place"] in ("hub_appointment", "home_visit"):
            continue
        cells: list[Cell] = [PLACES[str(row["place"])], one.name(str(row["run"]))]
        cells += [
            say(one.results.need("transition_waits", column, **keys))
            for column in ("seen_a_year", "mean_days", "median_days", "p90_days")
        ]
        for days in (14, 28):
            share = one.seen("transition_waits", f"within_{days}_days", keys,
                             (f"within_{days}_low", f"within_{days}_high"), ("", ""))  # fmt: skip
            cells.append(
                phrase("{share} ({range})", share=say(share.mean, SHARE), range=share.by_chance(percent_span))
                if share is not None
                else "none"
            )
        rows.append(Row(cells))
    order = list(PLACES.values())
    rows.sort(key=lambda row: order.index(str(row.cells[0])))
    heads = ("Wait", "Under", "Seen in the year", "Mean days", "Median days", "9 in 10 within, days",
             "Within 2 weeks", "Within 4 weeks")  # fmt: skip
    return Table(f"Waits of people seen in {one.last}", heads, (False, False, *([True] * 6)), rows, open=True)


def _years_table(one: Transition) -> Table:
    rows = []
    for standard, (_, _, _, title) in STANDARDS.items():
        for run in (TODAY, one.over):
            found = [within(one, run, standard, year) for year in one.years]
            if not any(found):
                continue
            cells = [
                phrase("{share} ({range})", share=words.in_hundred(seen.mean), range=seen.by_chance(percent_span))
                if seen is not None
                else "nobody seen"
                for seen in found
            ]
            rows.append(Row((phrase("{title}: {run}", title=title, run=one.name(run)), *cells)))
    caption = "Seen within the standard, by year of being seen"
    return Table(caption, ("Standard", *one.years), (False, *([True] * len(one.years))), rows, open=True)


def _vehicles_table(one: Transition) -> Table:
    rows = []
    for run in one.headlines:
        found = [within(one, run, standard) for standard in STANDARDS]
        cells = [words.in_hundred(seen.mean) if seen is not None else "nobody seen" for seen in found]
        rows.append(Row((one.name(run), *cells)))
    heads = ("Vehicle", *(title for _, _, _, title in STANDARDS.values()))
    return Table(f"By vehicle, {one.last}", heads, (False, True, True, True), rows, open=True)


def _reviews(one: Transition) -> Phrase | None:
    first, last = (within(one, one.over, REVIEW, year) for year in (one.years[0], one.last))
    now = within(one, TODAY, REVIEW)
    if first is None or last is None or now is None:
        return None
    parts = {
        "first_year": one.years[0],
        "first": words.in_hundred(first.mean),
        "last_year": one.last,
        "last": words.in_hundred(last.mean),
        "range": last.by_chance(percent_span),
        "now": words.in_hundred(now.mean),
    }
    said = (
        "Planned reviews wait when posts go."
        if last.mean.value < GROWING * now.mean.value
        else "With the staff assumed here planned reviews would not wait longer."
    )
    return phrase(
        said + " In {first_year} {first} planned reviews at home would be done within four weeks of falling due, in "
        "{last_year} {last} ({range} by chance alone); under today's model {now}.",
        **parts,
    )


def build_waits(one: Transition) -> Part | None:
    """Waits against the standards, with the posts gone."""
    hub = within(one, one.over, HUB)
    if not one.results.rows("transition_waits"):
        return None
    head = (
        phrase("{share} hub appointments would be within two weeks in {year}.", share=words.in_hundred(hub.mean),
               year=one.last)
        if hub is not None
        else phrase("Nobody had a hub appointment in {year}.", year=one.last)
    )  # fmt: skip
    intro: list[Phrase | str] = [
        "Two standards are asked: a hub appointment within two weeks of the contact and a home visit within four. "
        "Posts that the efficiency saving takes are gone, and practitioners who moved to hubs are there. Intervals are "
        "chance alone, at central inputs. Staff numbers and hub slots are assumptions; with fewer, waits could be much "
        "longer, and how much is not worked out here.",
    ]
    reviews = _reviews(one)
    intro += [reviews] if reviews is not None else []
    intro.append(
        "Days are calendar days. Who still waits when a year ends is not in that year's figures, so a list that grows "
        "looks better here than it is."
    )
    charts = [_standards_chart(one), _years_chart(one)]
    blocks = [
        Block(charts=[chart for chart in charts if chart is not None], tables=[_years_table(one)]),
        _spreads(one),
        Block("Under each vehicle", tables=[_vehicles_table(one)]),
    ]
    more = {"intro": intro, "blocks": blocks}
    return Part("waits", "Would I wait longer?", head, "service_part.html", ("transition_waits", SPREAD), words=more)
