"""What people meet under today's model and the changed one, and where the need goes of those without a package."""

from __future__ import annotations

from experiments import theme
from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import Block, say
from experiments.report.service_ledger import NEEDS
from experiments.report.transition_facts import TODAY, Seen, Transition, ends, per_hundred
from experiments.report.words import Phrase, phrase

HOURS = "hours of need a week"
MET = {
    "resolved_at_first_contact": "Answered at first contact, with no referral on",
    "referred_on": "Referred on from first contact",
    "hub_appointment": "Hub appointment",
    "home_visit": "Home visit straight from first contact",
    "full_assessment": "Full assessment",
    "enablement": "Enablement",
    "no_council_funding": "Assessed, no Council-funded services",
    "funded_package": "Go on to a Council-funded package",
}


def _entry(one: Transition, run: str, row: str, unit: str) -> Seen | None:
    keys = {"run": run, "financial_year": one.last, "row": row, "unit": unit}
    return one.seen("transition_ledger", "mean", keys, both=("", ""))


def _less(one: Transition, row: str, unit: str) -> Seen | None:
    keys = {"run": one.over, "financial_year": one.last, "row": row, "unit": unit}
    return one.seen("transition_ledger", "difference", keys, ("difference_low", "difference_high"), ("", ""))


def build_met(one: Transition) -> Part | None:
    """What people meet in the last year, today and changed."""
    funded, now = one.difference(one.over, "funded_package"), one.year(TODAY, "funded_package")
    if funded is None or now is None or not now.mean.value:
        return None
    rows = []
    for measure, title in MET.items():
        found = (one.year(TODAY, measure), one.year(one.over, measure), one.difference(one.over, measure))
        before, after, less = found
        if before is None or after is None or less is None or not (before.mean.value or after.mean.value):
            continue
        rows.append(
            Row(
                (title, words.whole(before.mean), words.whole(after.mean), words.signed(less.mean),
                 less.by_chance(words.span_signed), less.over_inputs(words.span_signed)),
                less.grey,
            )
        )  # fmt: skip
    said = "Of every 100 people funded today, {n} would not go on to a package."
    if funded.may_be_nought:
        said = "Of every 100 people funded today, {n} would not be, possibly none."
    if funded.mean.value > 0:
        said = "More people would go on to a Council-funded package."
    head = phrase(said, n=per_hundred(funded.mean, now.mean))
    intro: list[Phrase | str] = [
        phrase(
            "In {year}, {number} {direction} people would go on to a Council-funded package than under today's model "
            "({range}; by chance alone {chance}). These are net changes: the same simulated people live under both "
            "models. Whoever comes again counts again.",
            year=one.last,
            number=words.about(funded.mean),
            direction="fewer" if funded.mean.value <= 0 else "more",
            range=funded.over_inputs(words.span),
            chance=funded.by_chance(words.span),
        )
    ]
    kept = [one.results.title("source", name) for name in (one.config.get("keeps_baseline") or {}).get("source", [])]
    if kept:
        intro.append(f"People who come by these doors keep today's path: {', '.join(kept)}.")
    heads = ("What they meet", "Today's model", "Changed", "Difference", "Chance alone", "Inputs and chance")
    table = Table(f"People in {one.last}, {one.called(one.over)}", heads, (False, *([True] * 5)), rows, open=True)
    return Part(
        "people",
        "What would happen to people who make contact?",
        head,
        "service_part.html",
        ("transition_years",),
        words={"intro": intro, "blocks": [Block(tables=[table])]},
    )


def _chart(one: Transition, found: list[tuple[str, Seen]]) -> Chart:
    figure = bars(
        [f"{NEEDS[row]}: {words.signed(less.mean)}" for row, less in found],
        [0.0] * len(found),
        [less.mean.value for _, less in found],
        [theme.PROPOSED if row == "possibly_unmet" else theme.TODAY for row, _ in found],
        axis_title=f"people in {one.last}, difference from today's model",
        intervals=[ends(less.chance) for _, less in found],
    )
    said = "; ".join(
        f"{NEEDS[row]}: {words.signed(less.mean)} ({less.by_chance(words.span_signed)})" for row, less in found
    )
    return Chart(
        "ledger",
        figure,
        f"Where the need would go in {one.last}: people without a package, difference from today's model. {said}.",
        "More to the right, fewer to the left. Whiskers are chance alone: one run in 20 lies outside.",
    )


def build_ledger(one: Transition) -> Part | None:
    """Where the need goes; possibly unmet is always there."""
    if not one.results.rows("transition_ledger", run=one.over):
        return None
    unmet = _less(one, "possibly_unmet", "people")
    if unmet is None:
        return None
    rows, shown = [], []
    for row, title in NEEDS.items():
        now, then, less = (
            _entry(one, TODAY, row, "people"),
            _entry(one, one.over, row, "people"),
            _less(one, row, "people"),
        )
        hours, hours_less = _entry(one, one.over, row, HOURS), _less(one, row, HOURS)
        if now is None or then is None or less is None:
            continue
        if row != "possibly_unmet" and not (now.mean.value or then.mean.value):
            continue
        shown.append((row, less))
        cells: list[Cell] = [title, say(now.mean), say(then.mean), words.signed(less.mean),
                             less.by_chance(words.span_signed)]  # fmt: skip
        if hours is None or hours_less is None:
            cells += ["not known"] * 3
        else:
            cells += [say(hours.mean), words.signed(hours_less.mean), hours_less.by_chance(words.span_signed)]
        rows.append(Row(cells, less.grey))
    heads = ("Where the need went", "People today", "People changed", "Difference", "Chance alone",
             "Hours a week, changed", "Hours: difference", "Hours: chance alone")  # fmt: skip
    caption = f"People whose last outcome in {one.last} came without a package, {one.called(one.over)}"
    table = Table(caption, heads, (False, *([True] * 7)), rows, open=True)
    by_year = []
    for year in one.years:
        for unit in ("people", HOURS):
            keys = {"run": one.over, "financial_year": year, "row": "possibly_unmet", "unit": unit}
            less = one.seen("transition_ledger", "difference", keys, ("difference_low", "difference_high"), ("", ""))
            if less is not None:
                by_year.append(Row((year, unit, words.signed(less.mean), less.by_chance(words.span_signed)), less.grey))
    unmet_table = Table(
        "Possibly unmet need by year: difference from today's model", ("Year", "Unit", "Difference", "Chance alone"),
        (False, False, True, True), by_year, open=True,
    )  # fmt: skip
    head = (
        phrase("{n} {direction} people a year would have need that is possibly unmet.",
               n=words.Said(words.capital(words.about(unmet.mean).text), unmet.mean),
               direction="more" if unmet.mean.value > 0 else "fewer")
        if abs(unmet.mean.value) >= 0.5 and unmet.told_from_nought
        else phrase("No change in possibly unmet need could be told from chance.")
    )  # fmt: skip
    intro: list[Phrase | str] = [
        "People in this table would not go on to a Council-funded package. Each stands in one row; hours are those "
        "they needed at first contact, so they are need and not care given. What no other row takes is possibly unmet, "
        "and that row is always shown.",
        "Possibly unmet rests on assumptions: nobody counts eligible need apart from the decision to fund, and how "
        "often a carer or the community helps is not published. The ledger is worked out at central inputs only, so "
        "its intervals are chance alone and too narrow.",
    ]
    blocks = [Block(charts=[_chart(one, shown)], tables=[table, unmet_table])]
    more = {"intro": intro, "blocks": blocks}
    return Part("ledger", "Where would the need go?", head, "service_part.html", ("transition_ledger",), words=more)
