"""Indicators, practitioner hours and reviews, and what it all rests on: the last parts of a whole service's page."""

from __future__ import annotations

import math
from typing import Any

from experiments.charts import by_month
from experiments.charts.curves import Line
from experiments.report import checking, words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.results import Results, source
from experiments.report.service_facts import SHARE, STYLES, Block, Service, key_of, kind_of, listed, say, told
from experiments.report.words import Number, Phrase, phrase


def _printed(row: dict[str, Any], column: str, kind: str) -> words.Said | str:
    value = float(row[column])
    if math.isnan(value):
        return "none printed"
    return say(Number(value, source("indicators", column, indicator=row["indicator"])), kind)


def build_indicators(service: Service) -> Part | None:
    """What the council reports, beside what it printed and its target."""
    rows = service.results.rows("indicators")
    if not rows:
        return None
    made, beside = [], 0
    for row in rows:
        kind = kind_of(str(row["measure"]), str(row["of"]), str(row["per_100000"]))
        found = told("indicators", row, {"indicator": row["indicator"]}, kind)
        beside += row["published"] == row["published"]
        made.append(
            Row(
                (
                    words.careful(str(row["title"])),
                    found.said if found else "not in this model",
                    found.span if found else "not known",
                    _printed(row, "published", kind),
                    _printed(row, "target", kind),
                    words.careful(str(row["note"])) or "none",
                ),
                found.grey if found else False,
            )
        )
    count = Number(beside, "computed: rows of indicators.csv with a published value")
    every = Number(len(rows), "computed: rows of indicators.csv")
    head = phrase("{n} of {all} indicators have a published value beside them.", n=_small(count), all=_small(every))
    heads = ("Indicator", "Simulated", "Interval", "Published", "Target", "Note")
    table = Table(f"Indicators in {service.year}", heads, (False, True, True, True, True, False), made, open=True)
    intro = [
        "An indicator describes the year; it is never the effect of a change. Published values may be of another year "
        "and of a definition of their own: the check table says which figures the baseline must come near.",
    ]
    return Part(
        "indicators",
        "What does the Council report, and what comes out here?",
        head,
        "service_part.html",
        ("indicators",),
        words={"intro": intro, "blocks": [Block(tables=[table])]},
    )


def _small(number: Number) -> words.Said:
    return words.Said(f"{number.value:,.0f}", number)


def _hours_chart(service: Service, teams: list[str]) -> Chart:
    lines, said = [], []
    months = list(dict.fromkeys(str(r["month"]) for r in service.results.rows("work")))
    for team, (colour, symbol, dash) in zip(teams, STYLES, strict=False):
        rows = {str(r["month"]): r for r in service.results.rows("work", team=team)}
        found = [told("work", rows[m], {"team": team, "month": m}) for m in months]
        values = [one.mean.value if one else math.nan for one in found]
        ends = [one.ends if one else None for one in found]
        lines.append(Line(service.stage(team), values, ends, colour, symbol, dash))
        said.append(f"{service.stage(team)}: {min(values):,.0f} to {max(values):,.0f} hours a month")
    return Chart(
        "work",
        by_month(months, lines, start=False),
        f"Practitioner hours used by month and team. {'; '.join(said)}.",
        f"Hours used in each month. Pale bands are {service.spread}.",
        key=key_of(lines),
    )


def _hours_table(service: Service, teams: list[str]) -> Table:
    rows = []
    for team in teams:
        mine = service.results.rows("work", team=team)
        limited = mine[0]["available"] == mine[0]["available"]
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
    free = [
        service.stage(t)
        for t in teams
        if service.results.rows("work", team=t)[0]["available"] != service.results.rows("work", team=t)[0]["available"]
    ]
    intro: list[Phrase | str] = ["Hours of work with people, as long as the inputs say that each kind of work takes."]
    if free:
        intro.append(
            phrase(
                "No staff numbers limit these teams: {teams}. Their hours say how much work there is.",
                teams=listed(free),
            )
        )
    blocks = [Block(charts=[_hours_chart(service, teams)], tables=[_hours_table(service, teams)])]
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


def inputs_table(results: Results) -> Table:
    """Every input of an experiment whose inputs were not moved one by one, weakest evidence first."""
    rows = []
    for r in sorted(results.rows("inputs"), key=lambda row: -int(row["quality"])):
        number = {c: Number(float(r[c]), source("inputs", c, key=r["key"])) for c in ("value", "low", "high")}
        where = ", ".join(filter(None, (results.short("document", r["document"]) if r["document"] else "", r["where"])))
        why = ". ".join(words.capital(str(r[c]).rstrip(".")) for c in ("how", "why") if r[c])
        ranged = number["low"].known
        low, high = words.significant(number["low"]), words.significant(number["high"])
        rows.append(
            Row(
                (
                    words.capital(checking.label(results, r["key"])),
                    words.significant(number["value"]),
                    phrase("{low} to {high}", low=low, high=high) if ranged else "none",
                    str(r["status"])
                    + (
                        ", rests on assumption"
                        if r["rests_on_assumption"] and r["status"] in ("derived", "calibrated")
                        else ""
                    ),
                    checking.QUALITY.get(int(r["quality"]), str(r["quality"])),
                    words.careful(". ".join(filter(None, (words.capital(where), why))) or str(r["formula"])) or "none",
                    f"{r['file']}, line {r['line']}",
                )
            )
        )
    heads = ("Input", "Value", "Range", "Status", "Quality of evidence", "Source and reason", "File")
    numeric = (False, True, True, False, False, False, False)
    return Table("Every input, weakest evidence first", heads, numeric, rows, folded=True)


def build_rests(service: Service) -> Part | None:
    """What it rests on, what is not modelled, and how to repeat it."""
    results = service.results
    inputs = results.rows("inputs")
    if not inputs:
        return None
    assumed = Number(sum(bool(r["rests_on_assumption"]) for r in inputs), "inputs.csv: count of rests_on_assumption")
    every = Number(len(inputs), "inputs.csv: count of rows")
    head = phrase("{n} of {all} inputs rest on assumption.", n=_small(assumed), all=_small(every))
    made = []
    for grade, text in checking.QUALITY.items():
        mine = sum(int(r["quality"]) == grade for r in inputs)
        made.append(Row((text, _small(Number(mine, f"computed: rows of inputs.csv with quality {grade}")))))
    graded = Table("Inputs by quality of evidence", ("Quality", "Inputs"), (False, True), made, open=True)
    intro: list[Phrase | str] = [
        "An input rests on assumption if it is one, or is worked out from one. All results here use central "
        "values; what the inputs' ranges would do to this baseline is not worked out on this page.",
    ]
    lost, people = results.noted("service", "people_lost_on_their_way"), results.noted("people_simulated")
    if lost is not None and people is not None:
        intro.append(
            phrase(
                "Nobody may be lost: of {all} simulated people, {lost} were.",
                all=words.whole(people),
                lost=_small(lost),
            )
        )
    both = checking.agreed(results)
    if both is not None:
        intro.append(both)
    blocks = [Block(tables=[graded, inputs_table(results)])]
    missing = [
        Row((words.careful(str(r["what"])), words.careful(str(r["why"])), results.title(*checking.file_of(r["file"]))))
        for r in results.rows("not_modelled")
    ]
    if missing:
        table = Table(
            "What is not modelled, and why", ("What", "Why", "File"), (False, False, False), missing, open=True
        )
        blocks.append(Block("What is not modelled", tables=[table]))
    again = "The same seed, code and files give the same numbers to the last digit, whatever the number of workers."
    blocks.append(Block("How to repeat it", [again], tables=[checking.repeated(results)]))
    more = {"intro": intro, "blocks": blocks}
    data = ("inputs", "not_modelled")
    return Part("checking", "What does it rest on?", head, "service_part.html", data, words=more)
