"""Where the need goes of those without a package, under today's model and the changed one."""

from __future__ import annotations

from dataclasses import replace

from experiments import theme
from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import Block, say
from experiments.report.service_ledger import NEEDS, valued
from experiments.report.transition_facts import TODAY, Seen, Transition, ends
from experiments.report.words import Phrase, phrase

PEOPLE, HOURS, POUNDS = "people", "hours of need a week", "pounds a week if bought"


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
    costs = {row: _less(one, row, POUNDS) if unit == HOURS else None for row, _ in found}
    worth = {row: f" hours, {_pounds(less)} a week" if less else "" for row, less in costs.items()}
    figure = bars(
        [f"{NEEDS[row]}: {words.signed(less.mean)}{worth[row]}" for row, less in found],
        [0.0] * len(found),
        [less.mean.value for _, less in found],
        [theme.PROPOSED if row == "possibly_unmet" else theme.TODAY for row, _ in found],
        axis_title=f"{unit}, difference from today's model",
        intervals=[ends(less.chance) for _, less in found],
    )
    said = "; ".join(
        f"{NEEDS[row]}: {words.signed(less.mean)}{worth[row]} ({less.by_chance(words.span_signed)})"
        for row, less in found
    )
    return Chart(
        "ledger" if unit == PEOPLE else "ledger_hours",
        figure,
        f"Where the need would go in {one.last}, {unit}: people without a package, difference from today's model. "
        f"{said}.",
        f"{words.capital(unit)}: more to the right, fewer to the left. Whiskers are chance alone: one run in 20 lies "
        "outside.",
    )


def _pounds(less: Seen) -> str:
    """A difference in whole pounds: '+£1,539'."""
    text = str(words.signed(less.mean))
    return f"{text[0]}£{text[1:]}" if text[0] in f"+{words.MINUS}" else f"£{text}"


def _worth(one: Transition, row: str, unit: str) -> list[Cell]:
    """Hours or pounds of a row: changed, the difference and its range by chance."""
    then, less = _entry(one, one.over, row, unit), _less(one, row, unit)
    if then is None or less is None:
        return ["not known"] * 3
    return [say(then.mean), words.signed(less.mean), less.by_chance(words.span_signed)]


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
    price, rows, worth = valued(one.results), [], []
    for row, title in NEEDS.items():
        now, then, less = (
            _entry(one, TODAY, row, PEOPLE),
            _entry(one, one.over, row, PEOPLE),
            _less(one, row, PEOPLE),
        )
        if now is None or then is None or less is None:
            continue
        if row != "possibly_unmet" and not (now.mean.value or then.mean.value):
            continue
        rows.append(
            Row((title, say(now.mean), say(then.mean), words.signed(less.mean), less.by_chance(words.span_signed)),
                less.grey)
        )  # fmt: skip
        hours = _less(one, row, HOURS)
        cells = [*_worth(one, row, HOURS), *(_worth(one, row, POUNDS) if price is not None else [])]
        worth.append(Row((title, *cells), bool(hours and hours.grey)))
    went = f"People whose last outcome in {one.last} came without a package, {one.called(one.over)}"
    heads = ["Where the need went", "People today", "People changed", "Difference", "Chance alone"]
    table = Table(went, heads, (False, *([True] * 4)), rows, open=True)
    heads = ["Where the need went", "Hours a week, changed", "Difference", "Chance alone"]
    heads += ["Pounds a week, if bought", "Pounds: difference", "Pounds: chance alone"] if price is not None else []
    caption = f"Hours a week that these people need{', and what they would cost' if price is not None else ''}"
    hours_table = Table(caption, heads, (False, *([True] * (len(heads) - 1))), worth, open=True)
    by_year = []
    for year in one.years:
        for unit in (PEOPLE, HOURS, POUNDS):
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
        *([price] if price is not None else []),
    ]
    charts = [
        replace(chart, told_in=shown.caption)
        for unit, shown in ((PEOPLE, table), (HOURS, hours_table))
        if (chart := _chart(one, unit)) is not None
    ]
    blocks = [Block(charts=charts, tables=[table, hours_table, unmet_table])]
    more = {"intro": intro, "blocks": blocks}
    return Part("ledger", "Where would the need go?", head, "service_part.html", ("transition_ledger",), words=more)
