"""Part 11 of a whole service: who makes contact, is funded, waits and may have unmet need, by group, age and source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from experiments.report import words
from experiments.report.pieces import Part, Table
from experiments.report.service_facts import Block, Service, told
from experiments.report.who import about_ages
from experiments.report.who_rules import BY, TITLES, Line, Shown, named, rules, who_table
from experiments.report.who_unknown import blocks as unknown
from experiments.report.words import Number, Phrase, phrase

TABLE = "who"
TABLES = {
    "people": {"contact": "Contacts", "funded_package": "Funded", "possibly_unmet": "Possibly unmet need"},
    "waits": {"seen": "Seen in the year", "mean_days": "Days to that", "within_28_days": "Within four weeks"},
}


def _shown(service: Service, keys: dict[str, Any]) -> Shown:
    measure = str(keys["measure"])
    of: dict[str, Any] = {
        "ranged": True,
        "people": not measure.endswith("_days"),
        "share": measure.startswith("within_"),
    }
    rows = service.results.rows(TABLE, **keys)
    found = told(TABLE, rows[0], keys) if rows else None
    return Shown(found.mean, found.interval, **of) if found is not None else Shown(None, **of)


def _lines(service: Service, by: str, measures: Iterable[str]) -> list[Line]:
    keys = {"financial_year": service.year, "by": by}
    there = service.results.rows(TABLE, **keys, measure="contact")
    present = named(service.results, by, [str(row["who"]) for row in there if row["mean"] > 0])
    return [
        Line(title, [_shown(service, {**keys, "who": name, "measure": measure}) for measure in measures])
        for name, title in present
    ]


def _headline(lines: list[Line]) -> Phrase:
    funded = [(line.title.partition(" (")[0], line.figures[1].number) for line in lines]
    known = [(title, number) for title, number in funded if number is not None and number.value]
    if not known:
        return phrase("These results have no figures by group, age band and source.")
    title, number = max(known, key=lambda pair: pair[1].value)
    share = 100 * number.value / sum(each.value for _, each in known)
    part = words.Said(f"{share:.0f}", Number(share, f"computed: 100 × {number.source} ÷ all groups"))
    return phrase("Of every 100 people newly funded, {n} are in “{who}”.", n=part, who=title)


def _table(service: Service, by: str, what: str) -> Table:
    heads = [head for title in TABLES[what].values() for head in (title, "Interval")]
    caption = f"By {TITLES[by]}, {service.year}: {what}"
    return who_table(service.results, caption, (words.capital(TITLES[by]), *heads), _lines(service, by, TABLES[what]))


def build(service: Service) -> Part | None:
    """The part; nothing changes in a service, so it says who is there today."""
    people = TABLES["people"]
    found = {by: lines for by in BY if (lines := _lines(service, by, people))}
    blocks = [
        Block(
            f"By {TITLES[by]}",
            about_ages(service.results) if by == "age_band" else (),
            tables=[_table(service, by, what) for what in TABLES],
        )
        for by in found
    ]
    intro: list[Phrase | str] = [
        phrase(
            "Nothing changes in this service: these are the people of {year}, whom a change would fall on. Intervals "
            "are {spread}, chance alone. A wait is from contact to being seen for the first time, at a hub, at home, "
            "in enablement or for a full assessment.",
            year=service.year,
            spread=service.spread,
        ),
        *([] if found else ["They were not counted by group, age band and source. Run the experiment again."]),
        *rules(service.results),
    ]
    more = {"intro": intro, "blocks": [*blocks, *unknown(service.results)]}
    head = _headline(found.get("client_group", []))
    data = (TABLE,) if found else ()
    return Part("who", "Who is affected, and is it fair?", head, "service_part.html", data, words=more)
