"""Part 11: is it fair? The change in funding and in possibly unmet need by age band, client group and source."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.report import words
from experiments.report.pieces import Part
from experiments.report.results import Results
from experiments.report.service_facts import Block
from experiments.report.who_rules import BY, TITLES, Line, Shown, change_chart, named, rules, who_table
from experiments.report.who_unknown import blocks as unknown
from experiments.report.words import Number, Phrase, phrase

FUNDED, CONTACT, UNMET = "funded_package", "contact", "eligible_need_without_package"
QUESTION = "Who is affected, and is it fair?"
MOST_WORDS = 14
"""Of a headline."""


def _shown(results: Results, measure: str, column: str, change: bool = False) -> Shown:
    keys = {"measure": measure, "transfer": results.headline}
    number = results.number("comparison", column, **keys)
    if not change:
        return Shown(number)
    low, high = (results.number("comparison", end, **keys) for end in ("low", "high"))
    pair = (low, high) if low is not None and high is not None else None
    return Shown(number, pair, ranged=True, change=True)


def _lines(results: Results, by: str) -> list[Line]:
    start = f"{FUNDED}/{by}/"
    present = [str(row["measure"]).removeprefix(start) for row in results.rows("comparison", transfer=results.headline)
               if str(row["measure"]).startswith(start)]  # fmt: skip
    return [
        Line(
            title,
            (
                _shown(results, f"{CONTACT}/{by}/{name}", "value_baseline"),
                _shown(results, f"{FUNDED}/{by}/{name}", "value_baseline"),
                _shown(results, f"{FUNDED}/{by}/{name}", "value_model"),
                _shown(results, f"{FUNDED}/{by}/{name}", "difference", True),
                _shown(results, f"{UNMET}/{by}/{name}", "difference", True),
            ),
        )
        for name, title in named(results, by, present)
    ]


CHANGE = 3
"""The place of the change in funding among a line's figures."""

HEADS = ("Contacts", "Funded today", "Funded, proposed", "Change", "Chance alone",
         "Eligible need and no package: change", "Chance alone")  # fmt: skip


def build(results: Results) -> Part | None:
    """The part on the page of a comparison."""
    if results.comparison is None or results.rows("transfers", transfer=results.headline)[0]["share_of_gap"] == 0:
        return None
    found = {by: lines for by in BY if (lines := _lines(results, by))}
    if not found:
        return None
    blocks = []
    for by, lines in found.items():
        chart = change_chart(results, f"who_{by}", "change in people funded a year", lines, CHANGE)
        table = who_table(results, f"By {TITLES[by]}: people a year", (words.capital(TITLES[by]), *HEADS), lines)
        blocks.append(Block(f"By {TITLES[by]}", about_ages(results) if by == "age_band" else (),
                            [chart] if chart is not None else [], [table]))  # fmt: skip
    lacking = [TITLES[by] for by in BY if by not in found]
    intro: list[Phrase | str] = [
        "Net changes in groups of people, at the headline's share of the gap. Nobody waits in this comparison, so it "
        "says nothing of waits by group.",
        *([f"These results have no figures by {' or by '.join(lacking)}."] if lacking else []),
        *rules(results),
    ]
    more = {"intro": intro, "blocks": [*blocks, *unknown(results)]}
    head = headline([(line.title, line.figures[CHANGE].number) for line in found.get("client_group", [])])
    return Part("who", QUESTION, head, "service_part.html", ("comparison",), words=more)


def about_ages(results: Results) -> list[str]:
    """What the age bands rest on, where they rest on assumption."""
    assumed = [row for row in results.rows("inputs")
               if "person.age_band.shares" in str(row["key"]) and row["rests_on_assumption"]]  # fmt: skip
    if not assumed:
        return []
    given = next((str(row["why"]) for row in assumed if row["why"]), "")
    why = f" ({words.careful(given.rstrip('.'))})" if given else ""
    return [
        f"How people share out over some age bands is an assumption{why}. Where no rate differs by age, as in the "
        "shipped models, these rows say how many people of an age there are, and not that one age is hit harder than "
        "another."
    ]


def headline(changes: Sequence[tuple[str, Number | None]]) -> Phrase:
    """Whom most of a change falls on."""
    known = [(title, number) for title, number in changes if number is not None]
    whole = sum(number.value for _, number in known)
    fewer = [(title, number) for title, number in known if number.value * whole > 0]
    if not fewer or not whole:
        return phrase("No change in funding can be told for any group.")
    title, number = max(fewer, key=lambda pair: abs(pair[1].value))
    share = min(1.0, number.value / whole)
    part = words.Said(f"{100 * share:.0f}", Number(100 * share, f"computed: 100 × {number.source} ÷ all groups"))
    who, direction = title.partition(" (")[0], "fewer" if whole < 0 else "more"
    return phrase("Of every 100 {direction} people funded, {n} are in “{who}”.", direction=direction, n=part, who=who)
