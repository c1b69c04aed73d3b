"""Waits, the standards and lists that grow: a part of a whole service's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from experiments import steady, theme
from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import SHARE, Block, Service, Told, listed, say, told
from experiments.report.waits_spread import Wait, spread_chart, spread_table
from experiments.report.words import Number, Phrase, phrase
from experiments.settling import GROWS, MOVING

WAITED = ("seen", "mean_days", "median_days", "p90_days", "within_14_days", "within_28_days")
STANDARDS = {"hub_appointment": ("within_14_days", "two weeks"), "home_visit": ("within_28_days", "four weeks")}
"""What is asked from the contact on: the share that counts, and in words."""
TIMED = {
    "hub_appointment": "Contact to hub appointment",
    "home_visit": "Contact to home visit",
    "enablement": "Contact to enablement",
    "full_assessment": "Contact to full assessment",
}

KINDS = {"service": "seen by a team", "appointments": "appointment", "places": "a stay or a delay", "package": "care"}
"""Kinds of stage where people are, in words."""


class Waits:
    """Waits of the reported year, and which teams have limits."""

    def __init__(self, service: Service):
        self.service, results = service, service.results
        work = results.rows("work")
        self.teams = list(dict.fromkeys(str(r["team"]) for r in work))
        self.limited = {str(r["team"]) for r in work if r["available"] == r["available"]}
        self.stages = {str(r["stage"]): r for r in results.rows("settled")}
        rows = results.rows("waits", financial_year=service.year)
        self.found: dict[tuple[str, str], dict[str, Told | None]] = {}
        for row in rows:
            since, stage, what = str(row["since"]), str(row["stage"]), str(row["what"])
            keys = {"stage": stage, "since": since, "financial_year": service.year, "what": what}
            kind = SHARE if what.startswith("within") else "count"
            self.found.setdefault((since, stage), {})[what] = told("waits", row, keys, kind)

    def queues(self) -> list[str]:
        """Stages at which people can wait: appointments, and those of a team or of places with a limit."""
        return [stage for since, stage in self.found if since == "joining" and self._limited(stage)]

    def _limited(self, stage: str) -> bool:
        row = self.stages.get(stage, {"kind": "", "team": stage})
        return row["kind"] == "appointments" or row["team"] in self.limited

    @property
    def unlimited(self) -> list[str]:
        """Teams that always have somebody free, in words."""
        return [self.service.stage(team) for team in self.teams if team not in self.limited]

    def row(self, since: str, stage: str, title: str) -> Row:
        """A row of the table."""
        cells: list[Cell] = [title]
        found = self.found[since, stage]
        for what in WAITED:
            one = found.get(what)
            cells.append(one.said if one is not None else "none")
        if since != "contact":
            return Row(cells)
        standard = STANDARDS.get(stage)
        share = found.get(standard[0]) if standard else None
        if standard is None or share is None:
            cells.append("no standard")
        else:
            cells.append(
                phrase("{share} within {words} ({span})", share=share.said, words=standard[1], span=share.span)
            )
        return Row(cells)


def _waits_table(caption: str, rows: Sequence[Row], *more: str) -> Table:
    heads = ("Stage", "People seen", "Mean days", "Median days", "9 in 10 within, days", "Within 2 weeks",
             "Within 4 weeks", *more)  # fmt: skip
    return Table(caption, heads, (False, *([True] * 6), *([False] * len(more))), rows, open=True)


def _since_contact(service: Service) -> list[Wait]:
    """How the days from the contact to being seen spread, of the stages that are timed from it."""
    waits = []
    for stage, title in TIMED.items():
        keys = {"stage": stage, "since": "contact", "financial_year": service.year}
        found = {}
        for row in service.results.rows("waits_spread", **keys):
            one = told("waits_spread", row, {**keys, "days": row["days"]}, SHARE)
            if one is not None:
                found[int(row["days"])] = (one.mean, _at_most_all(one.interval))
        if found:
            waits.append(Wait(title, found))
    return waits


def _at_most_all(pair: tuple[Number, Number] | None) -> tuple[Number, Number] | None:
    """A symmetric interval of a share, which is never more than all."""
    if pair is None or pair[1].value <= 1:
        return pair
    return pair[0], Number(1.0, f"computed: not above all; {pair[1].source}")


def _chart(name: str, found: Sequence[tuple[str, dict[str, Told | None]]], what: str) -> Chart | None:
    known = [
        (title, median.mean.value, p90.mean.value)
        for title, days in found
        if (median := days.get("median_days")) is not None and (p90 := days.get("p90_days")) is not None
    ]
    if not known or not any(high for _, _, high in known):
        return None
    figure = bars(
        [title for title, _, _ in known],
        [low for _, low, _ in known],
        [high for _, _, high in known],
        [theme.TODAY] * len(known),
        axis_title="days",
        standards=((14.0, "solid"), (28.0, "dash")),
    )
    said = "; ".join(f"{t}: half within {low:.0f} days, 9 in 10 within {high:.0f} days" for t, low, high in known)
    return Chart(
        name,
        figure,
        f"{what}. {said}.",
        "Each bar goes from the wait that half have at most to the wait that 9 in 10 have at most. The lines stand at "
        "2 weeks (solid) and 4 weeks (broken).",
    )


def _lists(service: Service) -> Block:
    rows = service.results.rows("settled")
    text: list[Phrase | str] = []
    for row in (r for r in rows if r["verdict"] == GROWS):
        now = _settled(row, "last_year")
        load = f"; the work that comes in takes {row['load']:.0%} of the hours there are" if row["load"] > 0 else ""
        text.append(
            phrase(
                "{stage} grows without end: {now} people on average in the last year{load}.",
                stage=service.stage(str(row["stage"])),
                now=say(now),
                load=load,
            )
        )
    moving = [service.stage(str(r["stage"])) for r in rows if r["verdict"] == MOVING]
    if moving:
        text.append(phrase("Still on the way to a level: {names}.", names=listed(moving)))
    if not text:
        short = all(r["last_year"] != r["last_year"] or r["year_before_last"] != r["year_before_last"] for r in rows)
        text.append("The run is too short to say whether a list grows." if short else "No list grows without end.")
    frame = service.results.table("settled")
    text += steady.lines(frame, service.stage) if frame is not None else []
    if service.results.manifest["service"]["growth"]:
        text.append(steady.GROWS_BY_DESIGN)
    made = []
    for row in rows:
        change = _settled(row, "change")
        made.append(
            Row(
                (
                    service.stage(str(row["stage"])),
                    KINDS.get(str(row["kind"]), words.humanised(str(row["kind"]))),
                    say(_settled(row, "at_start")),
                    say(_settled(row, "last_year")),
                    words.signed(change, 1),
                    words.span_signed(_settled(row, "change_low"), _settled(row, "change_high"), 1),
                    say(_settled(row, "waiting_at_end")),
                    say(_settled(row, "load"), SHARE) if row["load"] == row["load"] else "no limit",
                    str(row["verdict"]),
                    needed(row),
                    str(row["steady_state"]),
                )
            )
        )
    heads = ("Stage", "Kind", "At the start", "Last year", "Change on the year before", "Interval of the change",
             "Waiting at the end", "Hours taken", "Verdict", "Cut by MSER-5", "Steady state")  # fmt: skip
    numeric = (False, False, True, True, True, True, True, True, False, True, False)
    return Block("Lists that grow", text, tables=[Table("People at each stage, on average", heads, numeric, made)])


def needed(row: dict[str, Any]) -> str:
    """How much of the beginning MSER-5 cuts, in words."""
    months = row["warm_up_needed"]
    return f"{months:.0f} months" if months == months else "none found"


def _settled(row: dict[str, Any], column: str) -> Number:
    return Number(float(row[column]), f"settled.csv: {column}; stage={row['stage']}")


def _headline(waits: Waits, queues: Sequence[str]) -> Phrase:
    if not queues:
        return phrase("Waits for staff are not modelled: every team has somebody free at once.")
    known = [(waits.found["joining", s].get("p90_days"), s) for s in queues]
    worst = max(((one, s) for one, s in known if one is not None), key=lambda pair: pair[0].mean.value, default=None)
    if worst is None:
        return phrase("Nobody was seen at a stage where people can wait.")
    return phrase("{stage}: 9 in 10 wait at most {days} days.", stage=waits.service.stage(worst[1]), days=worst[0].said)


def build_waits(service: Service) -> Part | None:
    """Waits per stage with the standards, and lists that grow."""
    waits = Waits(service)
    queues = waits.queues()
    timed = [stage for since, stage in waits.found if since == "contact"]
    if not waits.found and not waits.stages:
        return None
    blocks: list[Block] = []
    intro: list[Phrase | str] = []
    if waits.unlimited:
        intro.append(
            phrase(
                "Without a limit on staff: {teams}. Somebody there is always free, so waits for them are not modelled, "
                "and a wait of nought days says nothing.",
                teams=listed(waits.unlimited),
            )
        )
    if queues:
        found = [(service.stage(stage), waits.found["joining", stage]) for stage in queues]
        chart = _chart("waits", found, f"Waits from joining to being seen in {service.year}")
        rows = [waits.row("joining", stage, service.stage(stage)) for stage in queues]
        table = _waits_table(f"Waits from joining to being seen, by the year of being seen: {service.year}", rows)
        text = "The headline names the longest. Days are calendar days. "
        text += "Who still waits when the year ends is not in these figures."
        blocks.append(Block("Waits per stage", [text], [chart] if chart else [], [table]))
    if timed:
        spread = _since_contact(service)
        title = f"Days from the contact to being seen, {service.year}"
        spread_title = f"Seen within so many days, {service.year}"
        chart = spread_chart("since_contact", title, spread, service.spread)
        chart = chart and replace(chart, told_in=spread_title)
        rows = [waits.row("contact", s, TIMED.get(s, service.stage(s))) for s in timed]
        text = "From the contact to being seen. Two standards are asked: a hub appointment within two weeks of the "
        text += "contact and a home visit within four."
        if queues:
            text += " Delays that the inputs give are in these days too."
        else:
            text += " Nobody waits for staff here, so these days are the delays that the inputs give, not queues."
        blocks.append(
            Block(
                "Days from the contact",
                [text],
                [chart] if chart else [],
                [
                    _waits_table("Days from the contact", rows, "Standard"),
                    *([spread_table(spread_title, spread)] if spread else []),
                ],
            )
        )
    missing = [f"{TIMED[name].partition(' to ')[2]}s" for name in STANDARDS if name not in timed]
    if missing:
        intro.append(f"Nobody had {' or '.join(missing)}, so the standards for these have nothing to measure.")
    blocks.append(_lists(service))
    more = {"intro": intro, "blocks": blocks}
    data = ("waits", "waits_spread", "settled", "present")
    return Part("waits", "Would I wait?", _headline(waits, queues), "service_part.html", data, words=more)
