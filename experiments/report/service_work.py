"""Practitioner hours and reviews, and what it all rests on: the last parts of a whole service's page."""

from __future__ import annotations

import math
from dataclasses import replace

from experiments.charts import by_month
from experiments.charts.curves import Line
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import SHARE, STYLES, Block, Service, key_of, listed, say, told
from experiments.report.words import Number, Phrase, phrase

MOST_LINES = 4
"""Of a picture."""


def _limited(service: Service, team: str) -> bool:
    """Whether staff numbers limit a team."""
    there = service.results.rows("work", team=team)[0]["available"]
    return bool(there == there)


def _hours_line(service: Service, team: str, months: list[str], style: tuple[str, str, str]) -> Line:
    rows = {str(r["month"]): r for r in service.results.rows("work", team=team)}
    found = [told("work", rows[m], {"team": team, "month": m}) for m in months]
    values = [one.mean.value if one else math.nan for one in found]
    return Line(service.stage(team), values, [one.ends if one else None for one in found], *style)


def _hours_charts(service: Service, teams: list[str]) -> list[Chart]:
    """Hours used by month: teams without a limit together, each team with one against the hours on its roster."""
    months = list(dict.fromkeys(str(r["month"]) for r in service.results.rows("work")))
    free = [team for team in teams if not _limited(service, team)]
    charts = []
    for first in range(0, len(free), MOST_LINES):
        shown = free[first : first + MOST_LINES]
        lines = [_hours_line(service, team, months, style) for team, style in zip(shown, STYLES, strict=False)]
        name = "work" if first == 0 else f"work_{first // MOST_LINES + 1}"
        charts.append(_months_chart(service, name, "Practitioner hours used by month and team", months, lines))
    for team in teams:
        if team not in free:
            used = replace(_hours_line(service, team, months, STYLES[0]), name="Hours used")
            rows = {str(r["month"]): r for r in service.results.rows("work", team=team)}
            there = [float(rows[month]["available"]) for month in months]
            lines = [used, Line("Hours on the roster", there, [None] * len(months), *STYLES[-1])]
            title = f"Practitioner hours by month against capacity, {service.stage(team)}"
            charts.append(_months_chart(service, f"work_{team}", title, months, lines))
    return charts


def _months_chart(service: Service, name: str, title: str, months: list[str], lines: list[Line]) -> Chart:
    said = "; ".join(f"{line.name}: {min(line.values):,.0f} to {max(line.values):,.0f} hours a month" for line in lines)
    caption = f"{title}. Pale bands are {service.spread}."
    return Chart(name, by_month(months, lines, start=False), f"{title}. {said}.", caption, key=key_of(lines))


def _hours_table(service: Service, teams: list[str]) -> Table:
    rows = []
    for team in teams:
        mine = service.results.rows("work", team=team)
        limited = _limited(service, team)
        for year in service.years:
            found = service.told(f"hours/{team}", year)
            if found is None:
                continue
            cells: list[Cell] = [service.stage(team), year, found.said, found.span]
            if not limited:
                cells += ["no limit", "no limit"]
            else:
                first = int(year[:4])
                months = [*(f"{first}-{m:02d}" for m in range(4, 13)), *(f"{first + 1}-{m:02d}" for m in range(1, 4))]
                there = math.fsum(r["available"] for r in mine if r["month"] in months)
                hours = Number(there, f"computed: sum of available; work.csv: team={team}; {year}")
                used = Number(found.mean.value / there if there else math.nan, f"computed: hours used ÷ {hours.source}")
                cells += [say(hours), say(used, SHARE)]
            rows.append(Row(cells, found.grey))
    heads = ("Team", "Year", "Hours used", "Interval", "Hours on the roster", "Share used")
    return Table("Practitioner hours by year", heads, (False, False, True, True, True, True), rows)


REVIEWED = {
    "due": "Fell due",
    "done": "Done",
    "on_time": "Done on time",
    "raised": "Care raised",
    "kept": "Care kept as it was",
    "cut": "Care cut",
    "ended": "Care ended",
    "withdrawn": "Withdrawn, as the care had ended",
}


def build_work(service: Service) -> Part | None:
    """Practitioner hours used, and reviews."""
    rows = service.results.rows("work", unit="practitioner hours")
    if not rows:
        return None
    teams = list(dict.fromkeys(str(r["team"]) for r in rows))
    used = [(service.told(f"hours/{team}"), team) for team in teams]
    most = max(((one, team) for one, team in used if one is not None), key=lambda pair: pair[0].mean.value)
    head = phrase(
        "{team}: {hours} practitioner hours in {year}.",
        team=service.stage(most[1]),
        hours=words.about(most[0].mean),
        year=service.year,
    )
    free = [service.stage(team) for team in teams if not _limited(service, team)]
    intro: list[Phrase | str] = ["Hours of work with people, as long as the inputs say that each kind of work takes."]
    if free:
        intro.append(
            phrase(
                "No staff numbers limit these teams: {teams}. Their hours say how much work there is.",
                teams=listed(free),
            )
        )
    blocks = [Block(charts=_hours_charts(service, teams), tables=[_hours_table(service, teams)])]
    reviews = [(what, service.told(f"reviews/{what}")) for what in REVIEWED]
    known = [(what, one) for what, one in reviews if one is not None]
    if any(one.mean.value for _, one in known):
        made = [Row((REVIEWED[what], one.said, one.span), one.grey) for what, one in known]
        caption = f"Reviews that fell due in {service.year}"
        table = Table(caption, ("What became of them", "Reviews", "Interval"), (False, True, True), made, open=True)
        blocks.append(Block("Reviews", tables=[table]))
    data = ("work", "reviews", "service")
    more = {"intro": intro, "blocks": blocks}
    return Part("work", "How much work is it?", head, "service_part.html", data, words=more)
