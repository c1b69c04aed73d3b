"""Waits and work of a transition: the standards with posts gone, and who is left to do the work."""

from __future__ import annotations

import math
from typing import Any

from experiments.charts import by_month, spans
from experiments.charts.curves import Line
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import SHARE, Block, key_of, say
from experiments.report.transition_facts import STYLES, TODAY, Seen, Transition, ends, percent_span
from experiments.report.words import Number, Phrase, phrase

HUB, VISIT, REVIEW = "hub", "visit", "review"
STANDARDS: dict[str, tuple[str, str, int, str]] = {
    HUB: ("contact", "hub_appointment", 14, "Hub appointment within two weeks of the contact"),
    VISIT: ("contact", "home_visit", 28, "Home visit within four weeks of the contact"),
    REVIEW: ("joining", "planned_review", 28, "Planned review at home within four weeks of falling due"),
}
"""Since when, which place, within how many days, and in words."""

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
    hundred = [(low * 100, high * 100) if (pair := ends(seen.chance)) and (low := pair[0], high := pair[1]) else None
               for _, seen, _ in known]  # fmt: skip
    figure = spans(
        [label for label, _, _ in known],
        [100 * seen.mean.value for _, seen, _ in known],
        hundred,
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
    chart = _standards_chart(one)
    blocks = [
        Block(charts=[chart] if chart is not None else [], tables=[_years_table(one), _waits_table(one)]),
        Block("Under each vehicle", tables=[_vehicles_table(one)]),
    ]
    more = {"intro": intro, "blocks": blocks}
    return Part("waits", "Would I wait longer?", head, "service_part.html", ("transition_waits",), words=more)


def _cell(one: Transition, run: str, team: str, month: str, column: str) -> Number | None:
    return one.results.number("transition_workload", column, run=run, team=team, month=month)


def _hours(one: Transition, run: str, team: str, column: str) -> list[float]:
    return [float(row[column]) for row in one.results.rows("transition_workload", run=run, team=team)]


def _work_chart(one: Transition, team: str, months: list[str]) -> Chart:
    lines = []
    kinds = (
        (TODAY, "hours_worked", "hours worked", "circle"),
        (TODAY, "hours_on_the_roster", "hours on the roster", "square-open"),
        (one.over, "hours_worked", "hours worked", "diamond"),
        (one.over, "hours_on_the_roster", "hours on the roster", "cross"),
    )  # fmt: skip
    for run, column, text, symbol in kinds:
        colour, dash = STYLES[0 if run == TODAY else 1][0], "dash" if column == "hours_on_the_roster" else "solid"
        values = _hours(one, run, team, column)
        lines.append(Line(f"{one.name(run)}: {text}", values, [None] * len(months), colour, symbol, dash))
    said = "; ".join(
        f"{line.name}: {line.values[0]:,.0f} at first, {line.values[-1]:,.0f} at the end" for line in lines
    )
    return Chart(
        f"work_{team}",
        by_month(months, lines, start=False),
        f"Hours of {words.humanised(team)} by month. {said}.",
        "Solid: hours worked with people. Broken: hours on the roster. Where they meet, nobody has an hour left and "
        "lists grow.",
        key=key_of(lines),
    )


def _year_sum(one: Transition, run: str, team: str, column: str) -> Number:
    rows = one.results.rows("transition_workload", run=run, team=team)[-12:]
    value = math.fsum(float(row[column]) for row in rows)
    return Number(value, f"computed: sum over {one.last}; transition_workload.csv: {column}; run={run}; team={team}")


def _posts_rows(one: Transition, team: str, months: list[str], limited: bool) -> list[Row]:
    made = []
    for run in (TODAY, *one.headlines):
        posts: list[Cell] = ["no limit"] * 4
        if limited:
            found = [_cell(one, run, team, months[-1], name) for name in
                     ("posts_today", "posts_gone", "posts_moved", "posts")]  # fmt: skip
            posts = [words.plain(number) if number is not None else "none" for number in found]
        used, there = (_year_sum(one, run, team, name) for name in ("hours_worked", "hours_on_the_roster"))
        share = Number(used.value / there.value if there.value else math.nan, f"computed: {used.source} ÷ roster")
        made.append(
            Row(
                (
                    words.capital(words.humanised(team)),
                    one.name(run),
                    *posts,
                    say(used),
                    say(there) if limited else "no limit",
                    say(share, SHARE) if limited else "no limit",
                )
            )
        )
    return made


def _lost(one: Transition, team: str, month: str) -> float:
    """Posts that a team loses by a month, as savings and to the hubs."""
    found = [_cell(one, one.over, team, month, name) for name in ("posts_gone", "posts_moved")]
    return math.fsum(number.value for number in found if number is not None)


def build_work(one: Transition) -> Part | None:
    """Who is left to do the work, and how full their hours are."""
    rows = one.results.rows("transition_workload")
    if not rows:
        return None
    teams = list(dict.fromkeys(str(row["team"]) for row in rows))
    months = list(dict.fromkeys(str(row["month"]) for row in rows))
    limited = [team for team in teams if _cell(one, TODAY, team, months[-1], "posts") is not None]
    limited.sort(key=lambda team: -_lost(one, team, months[-1]))
    losing = [team for team in limited if _lost(one, team, months[-1])] or limited[:1]
    head = phrase("No staff numbers limit any team, so nobody waits for staff.")
    intro: list[Phrase | str] = []
    if limited:
        team = limited[0]
        before, left, gone, moved = (
            one.results.need("transition_workload", name, run=one.over, team=team, month=months[-1])
            for name in ("posts_today", "posts", "posts_gone", "posts_moved")
        )
        head = phrase("{left} of {all} practitioners would be left by {end}.", left=words.plain(left),
                      all=words.plain(before), end=one.end)  # fmt: skip
        intro.append(
            phrase(
                "{team}, {vehicle}: {gone} posts are gone as savings and {moved} practitioners work at the hubs. How "
                "many posts the saving takes, how many a team has and how many hubs need are assumptions.",
                team=words.capital(words.humanised(team)),
                vehicle=one.called(one.over),
                gone=words.plain(gone),
                moved=words.plain(moved),
            )
        )
        used, there = (_year_sum(one, one.over, team, name) for name in ("hours_worked", "hours_on_the_roster"))
        ratio = Number(used.value / there.value, f"computed: {used.source} ÷ roster")
        if ratio.value > 0.95:
            intro.append(
                phrase(
                    "In {year} they work with people in {share} of their hours. Whoever comes last waits, and lists "
                    "grow.",
                    year=one.last,
                    share=say(ratio, SHARE),
                )
            )
    free = [words.capital(words.humanised(team)) for team in teams if team not in limited]
    if free:
        intro.append(f"No staff numbers limit these teams: {', '.join(free)}. Their hours say how much work there is.")
    table: list[Row] = [
        row for team in dict.fromkeys([*limited, *teams]) for row in _posts_rows(one, team, months, team in limited)
    ]
    heads = ("Team", "Under", "Posts today", "Gone as savings", "Moved to hubs", f"Left in {one.end}",
             f"Hours worked in {one.last}", "Hours on the roster", "Share used")  # fmt: skip
    blocks = [
        Block(
            charts=[_work_chart(one, team, months) for team in losing],
            tables=[Table("Posts and hours by team", heads, (False, False, *([True] * 7)), table, open=True)],
        )
    ]
    more: dict[str, Any] = {"intro": intro, "blocks": blocks}
    return Part("work", "Could staff do it?", head, "service_part.html", ("transition_workload",), words=more)
