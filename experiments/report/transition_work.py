"""Work of a transition: who is left to do it, and how full their hours are by month."""

from __future__ import annotations

import math
from typing import Any

from experiments.charts import by_month
from experiments.charts.curves import Line
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import SHARE, Block, key_of, say
from experiments.report.transition_facts import STYLES, TODAY, Transition
from experiments.report.words import Number, Phrase, phrase


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
    changes = _lost(one, team, months[-1]) != 0  # where nobody leaves, both models' hours would hide each other
    for run, column, text, symbol in kinds if changes else kinds[2:]:
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
        f"{words.capital(words.humanised(team))}. Solid: hours worked with people. Broken: hours on the roster. Where "
        "they meet, nobody has an hour left and lists grow.",
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


def build(one: Transition) -> Part | None:
    """Who is left to do the work, and how full their hours are."""
    rows = one.results.rows("transition_workload")
    if not rows:
        return None
    teams = list(dict.fromkeys(str(row["team"]) for row in rows))
    months = list(dict.fromkeys(str(row["month"]) for row in rows))
    limited = [team for team in teams if _cell(one, TODAY, team, months[-1], "posts") is not None]
    limited.sort(key=lambda team: -_lost(one, team, months[-1]))
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
            charts=[_work_chart(one, team, months) for team in limited],
            tables=[Table("Posts and hours by team", heads, (False, False, *([True] * 7)), table, open=True)],
        )
    ]
    more: dict[str, Any] = {"intro": intro, "blocks": blocks}
    return Part("work", "Could staff do it?", head, "service_part.html", ("transition_workload",), words=more)
