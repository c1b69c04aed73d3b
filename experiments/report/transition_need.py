"""Where the need goes of those without a package, under today's model and the changed one."""

from __future__ import annotations

from experiments import theme
from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import Block, say
from experiments.report.service_ledger import NEEDS
from experiments.report.transition_facts import TODAY, Seen, Transition, ends
from experiments.report.words import Phrase, phrase

PEOPLE, HOURS = "people", "hours of need a week"


def _entry(one: Transition, run: str, row: str, unit: str) -> Seen | None:
    keys = {"run": run, "financial_year": one.last, "row": row, "unit": unit}
    return one.seen("transition_ledger", "mean", keys, both=("", ""))


def _less(one: Transition, row: str, unit: str) -> Seen | None:
    keys = {"run": one.over, "financial_year": one.last, "row": row, "unit": unit}
    return one.seen("transition_ledger", "difference", keys, ("difference_low", "difference_high"), ("", ""))


def _chart(one: Transition, unit: str) -> Chart | None:
    known = [(row, less) for row in NEEDS if (less := _less(one, row, unit)) is not None]
    found = [(row, less) for row, less in known if row == "possibly_unmet" or less.mean.value or _there(one, row, unit)]
    if not found:
        return None
    figure = bars(
        [f"{NEEDS[row]}: {words.signed(less.mean)}" for row, less in found],
        [0.0] * len(found),
        [less.mean.value for _, less in found],
        [theme.PROPOSED if row == "possibly_unmet" else theme.TODAY for row, _ in found],
        axis_title=f"{unit}, difference from today's model",
        intervals=[ends(less.chance) for _, less in found],
    )
    said = "; ".join(
        f"{NEEDS[row]}: {words.signed(less.mean)} ({less.by_chance(words.span_signed)})" for row, less in found
    )
    return Chart(
        "ledger" if unit == PEOPLE else "ledger_hours",
        figure,
        f"Where the need would go in {one.last}, {unit}: people without a package, difference from today's model. "
        f"{said}.",
        f"{words.capital(unit)}: more to the right, fewer to the left. Whiskers are chance alone: one run in 20 lies "
        "outside.",
    )


def _there(one: Transition, row: str, unit: str) -> bool:
    """Whether the row holds anything, today or changed."""
    return any(
        seen is not None and seen.mean.value for seen in (_entry(one, run, row, unit) for run in (TODAY, one.over))
    )


def build_ledger(one: Transition) -> Part | None:
    """Where the need goes; possibly unmet is always there."""
    if not one.results.rows("transition_ledger", run=one.over):
        return None
    unmet = _less(one, "possibly_unmet", PEOPLE)
    if unmet is None:
        return None
    rows = []
    for row, title in NEEDS.items():
        now, then, less = (
            _entry(one, TODAY, row, PEOPLE),
            _entry(one, one.over, row, PEOPLE),
            _less(one, row, PEOPLE),
        )
        hours, hours_less = _entry(one, one.over, row, HOURS), _less(one, row, HOURS)
        if now is None or then is None or less is None:
            continue
        if row != "possibly_unmet" and not (now.mean.value or then.mean.value):
            continue
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
        for unit in (PEOPLE, HOURS):
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
    charts = [chart for chart in (_chart(one, unit) for unit in (PEOPLE, HOURS)) if chart is not None]
    blocks = [Block(charts=charts, tables=[table, unmet_table])]
    more = {"intro": intro, "blocks": blocks}
    return Part("ledger", "Where would the need go?", head, "service_part.html", ("transition_ledger",), words=more)
