"""Part 11 of a transition: who is affected, by age band, client group and source, in funding, need and waits."""

from __future__ import annotations

from typing import Any

from experiments.report import words
from experiments.report.pieces import Part
from experiments.report.service_facts import Block
from experiments.report.transition_facts import TODAY, Transition
from experiments.report.who import QUESTION, about_ages, headline
from experiments.report.who_rules import BY, TITLES, Line, Shown, change_chart, named, rules, who_table
from experiments.report.who_unknown import blocks as unknown
from experiments.report.words import Phrase, phrase

TABLE = "transition_who"
CHANGE = 3
"""The place of the change in funding among a line's figures."""

FUNDED = ("Contacts today", "Funded today", "Funded, changed", "Change", "Chance alone",
          "Possibly unmet need: change", "Chance alone")  # fmt: skip
WAITED = {"mean_days": "days from contact to being seen", "within_28_days": "share seen within four weeks"}
SEEN = ("Seen in the year, changed", "Today", "Changed", "Change", "Chance alone")


def _shown(one: Transition, run: str, by: str, name: str, measure: str, change: bool = False) -> Shown:
    keys = {"run": run, "financial_year": one.last, "by": by, "who": name, "measure": measure}
    of: dict[str, Any] = {"people": not measure.endswith("_days"), "share": measure.startswith("within_")}
    if not change:
        return Shown(one.results.number(TABLE, "mean", **keys), **of)
    number, low, high = (
        one.results.number(TABLE, c, **keys) for c in ("difference", "difference_low", "difference_high")
    )
    pair = (low, high) if low is not None and high is not None else None
    return Shown(number, pair, ranged=True, change=True, **of)


def _present(one: Transition, by: str) -> list[tuple[str, str]]:
    rows = one.results.rows(TABLE, run=TODAY, financial_year=one.last, by=by, measure="contact")
    return named(one.results, by, [str(row["who"]) for row in rows if row["mean"] > 0])


def _funding(one: Transition, by: str) -> list[Line]:
    return [
        Line(
            title,
            (
                _shown(one, TODAY, by, name, "contact"),
                _shown(one, TODAY, by, name, "funded_package"),
                _shown(one, one.over, by, name, "funded_package"),
                _shown(one, one.over, by, name, "funded_package", True),
                _shown(one, one.over, by, name, "possibly_unmet", True),
            ),
        )
        for name, title in _present(one, by)
    ]


def _waits(one: Transition, by: str, measure: str) -> list[Line]:
    return [
        Line(
            title,
            (
                _shown(one, one.over, by, name, "seen"),
                _shown(one, TODAY, by, name, measure),
                _shown(one, one.over, by, name, measure),
                _shown(one, one.over, by, name, measure, True),
            ),
        )
        for name, title in _present(one, by)
    ]


def _block(one: Transition, by: str) -> Block | None:
    lines = _funding(one, by)
    if not lines:
        return None
    title = words.capital(TITLES[by])
    chart = change_chart(one.results, f"who_{by}", f"change in people funded, {one.last}", lines, CHANGE)
    caption = f"By {TITLES[by]}, {one.last}: funding and possibly unmet need, people"
    tables = [
        who_table(one.results, caption, (title, *FUNDED), lines),
        *(
            who_table(
                one.results,
                f"By {TITLES[by]}, {one.last}: {what}",
                (title, *SEEN),
                _waits(one, by, measure),
            )
            for measure, what in WAITED.items()
        ),
    ]
    text = about_ages(one.results) if by == "age_band" else []
    return Block(f"By {TITLES[by]}", text, [chart] if chart is not None else [], tables)


def build(one: Transition) -> Part | None:
    """The part; without the table that tells people apart, only what must be found out."""
    blocks = [block for by in BY if (block := _block(one, by)) is not None]
    intro: list[Phrase | str] = [*rules(one.results)]
    if blocks:
        intro.insert(
            0,
            phrase(
                "Net changes in {year} against today's model, {run}; the same simulated people live under both. All at "
                "central inputs, so intervals are chance alone and too narrow. A wait is from contact to being seen "
                "for the first time, at a hub, at home, in enablement or for a full assessment; it is of those who "
                "were seen in the year, and other people may be seen under the change than today.",
                year=one.last,
                run=one.called(one.over),
            ),
        )
        kept = [
            one.results.title("source", name) for name in (one.config.get("keeps_baseline") or {}).get("source", [])
        ]
        if kept:
            intro.insert(
                1,
                f"People who come by these doors keep today's path: {', '.join(kept)}. Their waits may change all the "
                "same.",
            )
    else:
        intro.insert(
            0,
            "These results were made without counting people by group, age band and source. Run the experiment again.",
        )
    found = _funding(one, "client_group")
    head = headline([(line.title, line.figures[CHANGE].number) for line in found])
    data = (TABLE,) if blocks else ()
    more = {"intro": intro, "blocks": [*blocks, *unknown(one.results)]}
    return Part("who", QUESTION, head, "service_part.html", data, words=more)
