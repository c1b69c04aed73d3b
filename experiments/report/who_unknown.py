"""What the evidence has no figures for, and what must be found out: protected characteristics, and access."""

from __future__ import annotations

from experiments.report import words
from experiments.report.pieces import Cell, Row, Table
from experiments.report.results import Results, source
from experiments.report.service_facts import Block
from experiments.report.words import Number, phrase

CANNOT = "We cannot say, and must find out"

CHARACTERISTICS = (
    ("Age", "In bands, as far as these results have them, above", "Date of birth"),
    ("Disability", "Client groups go by the main reason for support, which is not the same",
     "Long-standing condition or impairment that limits daily life; main reason for support"),
    ("Gender reassignment", CANNOT, "Whether gender is the sex registered at birth (voluntary)"),
    ("Marriage and civil partnership", CANNOT, "Legal status; whether a partner gives care"),
    ("Pregnancy and maternity", CANNOT, "Pregnant, or gave birth in the last 26 weeks (voluntary)"),
    ("Race", CANNOT, "Ethnic group in the census's categories; main language"),
    ("Religion or belief", CANNOT, "Religion or belief in the census's categories (voluntary)"),
    ("Sex", CANNOT, "Sex"),
    ("Sexual orientation", CANNOT, "In the census's categories (voluntary)"),
    ("Carers, and people on low incomes (not in the Act, and asked about often)", CANNOT,
     "Whether somebody gives or gets unpaid care, and hours a week; postcode, for the index of deprivation"),
)  # fmt: skip
"""Characteristics of the Equality Act 2010, section 4: what the evidence says, and the field that would tell."""

ACCESS = (
    ("Language", "Who needs an interpreter, sign language or easy read at first contact, online and at a hub?",
     "Main language; interpreter needed; format needed"),
    ("Digital", "Who cannot or will not use online information and forms, and what happens to them instead?",
     "Way of contact; whether somebody did it for them; forms begun and not finished"),
    ("Travel", "Who cannot reach a hub, how long is the way, and do they wait longer for a home visit?",
     "Whether the person can travel, and why not; distance to the nearest hub; days to being seen, by either way"),
    ("Caring", "Who cannot come because they care for somebody, and who cares more because a package did not start?",
     "Care given and got, before and six months after; carer's assessment offered and taken up"),
)  # fmt: skip


def blocks(results: Results) -> list[Block]:
    """What cannot be said, and what an equality impact assessment would need."""
    rows = [Row(row) for row in CHARACTERISTICS]
    heads = ("Characteristic", "What the evidence says", "Field needed of everybody who makes contact")
    known = Table("Protected characteristics (Equality Act 2010, section 4)", heads, (False,) * 3, rows, open=True)
    asked: list[Row] = []
    for what, question, field in ACCESS:
        said: Cell = _travel(results) if what == "Travel" else CANNOT
        asked.append(Row((what, question, said, field)))
    heads4 = ("Access", "To be answered", "What the evidence says", "Field needed")
    access = Table("Access to the service", heads4, (False,) * 4, asked, open=True)
    return [
        Block(
            "What we cannot say, and must find out",
            [
                "An equality impact assessment asks what a change does to people who share a protected characteristic "
                "(Equality Act 2010, section 149). The documents behind this result count nobody by most of them, so "
                "nothing can be said here. That nothing is said is not a finding that nothing happens.",
                "To answer it, these fields are needed for everybody who makes contact, by outcome (advice, hub, home "
                "visit, assessment, package, none), with days waited, before and after the change.",
            ],
            tables=[known, access],
        )
    ]


def _travel(results: Results) -> Cell:
    """The one access question that the model has a figure for."""
    sections = (results.manifest["config"].get(name) or {} for name in ("comparison", "service", "transition"))
    asked = {f"demand/{section['demand']}.cannot_travel_share" for section in sections if "demand" in section}
    row = next((row for row in results.rows("inputs") if row["key"] in asked), None)
    if row is None:
        return CANNOT
    share = Number(float(row["value"]), source("inputs", "value", key=row["key"]))
    return phrase(
        "The model takes {share} of people to be unable to travel ({status}, the same in every group). Who they are: "
        "we cannot say, and must find out",
        share=words.percent(share),
        status=str(row["status"]),
    )
