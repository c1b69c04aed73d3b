"""Part 7: how much money, for whom, against what was asked?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments import theme
from experiments.charts import bars, by_year
from experiments.charts.curves import Line
from experiments.report import words
from experiments.report.answer_facts import answers
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.results import ALL_PRICED, Results
from experiments.report.words import Number, Phrase, phrase

STYLES = (
    (theme.PROPOSED, "circle"),
    (theme.THIRD, "diamond"),
    (theme.FOURTH, "triangle-up"),
    (theme.TODAY, "square"),
    (theme.GREY, "cross"),
)
"""Colours and marks of scenarios; the headline takes the first."""


class Money:
    """Savings of each transfer by year."""

    def __init__(self, results: Results):
        self.results = results
        self.years = results.years
        self.scenarios = [a for a in answers(results) if a.share.value > 0]
        self.price_base = words.careful(str(results.rows("savings")[0]["price_base"]))

    def keys(self, transfer: str, year: str, group: str = ALL_PRICED) -> dict[str, Any]:
        """Where a saving stands."""
        return {"transfer": transfer, "client_group": group, "financial_year": year}

    def saving(self, transfer: str, year: str, group: str = ALL_PRICED, column: str = "saving") -> Number | None:
        """A saving or one end of its interval; None where no price is known."""
        return self.results.number("savings", column, **self.keys(transfer, year, group))

    def chance(self, transfer: str, year: str, group: str = ALL_PRICED) -> tuple[Number, Number] | None:
        """Its interval by chance alone."""
        low, high = (self.saving(transfer, year, group, f"saving_{end}") for end in ("low", "high"))
        return (low, high) if low is not None and high is not None else None

    def unknown(self, transfer: str, year: str) -> tuple[Number, Number] | None:
        """Its interval with what we do not know about the inputs."""
        low, high = (
            self.results.number("ranges", end, measure=f"demand_saving/{year}", transfer=transfer)
            for end in ("low", "high")
        )
        return (low, high) if low is not None and high is not None else None

    def asked(self, year: str) -> Number | None:
        """What the savings programme asks by a year."""
        return self.saving(self.scenarios[0].transfer, year, ALL_PRICED, "asked_recurring_by_then")


def _avoided(money: Money) -> Phrase | None:
    """What a long-term package that would not start costs a week, beside the average new one; None if none is known."""
    keys = {"transfer": money.results.headline, "care": "long_term", "client_group": ALL_PRICED}
    numbers = [
        money.results.number("package_avoided", f"{name}", **keys)
        for name in ("weekly_price_avoided", "avoided_low", "avoided_high", "weekly_price_average")
    ]
    if any(number is None or not number.known for number in numbers):
        return None
    avoided, low, high, average = (number for number in numbers if number is not None)
    return phrase(
        "A long-term package that would not start would cost £{avoided} a week at first (by chance alone £{range}); "
        "the average new one costs £{average}. Packages times the average price would not be the saving.",
        avoided=words.whole(avoided),
        range=words.span_whole(low, high),
        average=words.whole(average),
    )


def headline(money: Money) -> Phrase:
    """Savings by the last year against what is asked, in one sentence."""
    year, main = money.years[-1], money.results.headline
    saving, asked = money.saving(main, year), money.asked(year)
    if saving is None:
        return phrase("No prices are known, so no savings can be given.")
    if asked is None:
        return phrase("By {year} savings would reach {saving} a year.", year=year, saving=words.pounds(saving))
    return phrase(
        "By {year} savings would reach {saving} of the {asked} asked.",
        year=year,
        saving=words.pounds(saving),
        asked=words.pounds(asked),
    )


MARKS = {"circle": "●", "diamond": "◆", "triangle-up": "▲", "square": "■", "cross": "✚", "square-open": "□"}


def _said(numbers: Sequence[Number | None], years: Sequence[str]) -> str:
    known = zip(numbers, years, strict=True)
    return ", ".join(f"{words.pounds(number)} in {year}" for number, year in known if number is not None)


def years_chart(money: Money) -> Chart:
    """Savings by financial year and scenario, and what is asked."""
    main, years = money.results.headline, money.years
    ordered = sorted(money.scenarios, key=lambda a: (a.transfer != main, a.share.value))
    lines, said = [], []
    for answer, (colour, symbol) in zip(ordered, STYLES, strict=False):
        found = [money.saving(answer.transfer, year) for year in years]
        pairs = [money.unknown(answer.transfer, year) or money.chance(answer.transfer, year) for year in years]
        values = [number.value if number is not None else math.nan for number in found]
        ends = [(pair[0].value, pair[1].value) if pair is not None else None for pair in pairs]
        width = 4 if answer.transfer == main else 2
        lines.append(Line(words.capital(answer.title), values, ends, colour, symbol, width=width))
        said.append(f"{answer.title}: {_said(found, years)}")
    asked = [money.asked(year) for year in years]
    wanted = [number.value for number in asked if number is not None]
    if len(wanted) == len(years):
        none = [None] * len(years)
        lines.append(Line("Asked by then (the whole target)", wanted, none, theme.INK, "square-open", "dash"))
        said.append(f"asked by then: {_said(asked, years)}")
    known = any(money.unknown(a.transfer, year) for a in money.scenarios for year in years)
    caption = (
        f"Gross savings in each financial year. Whiskers are {'what we do not know' if known else 'chance alone'}."
    )
    key = [
        (theme.WHITE if line.symbol.endswith("open") else line.colour, MARKS[line.symbol], line.name) for line in lines
    ]
    return Chart("savings", by_year(years, lines), f"Gross savings by year. {'; '.join(said)}.", caption, key=key)


def groups_chart(money: Money) -> Chart | None:
    """Savings of the headline in the last year by client group; None where no price is known."""
    year, main, found = money.years[-1], money.results.headline, []
    for group in money.results.groups:
        saving, pair = money.saving(main, year, group), money.chance(main, year, group)
        if saving is not None and pair is not None:
            found.append((money.results.title("client_group", group), saving, *pair))
    if not found:
        return None
    found.sort(key=lambda item: -item[1].value)
    grey = [words.too_wide(n.value, low.value, high.value) for _, n, low, high in found]
    figure = bars(
        [title for title, *_ in found],
        [0.0] * len(found),
        [n.value for _, n, _, _ in found],
        [theme.UNSURE if g else theme.PROPOSED for g in grey],
        axis_title=f"gross saving in {year}",
        intervals=[(low.value, high.value) for _, _, low, high in found],
        prefix="£",
    )
    said = "; ".join(f"{t}: {words.pounds(n)} ({words.span_pounds(low, high)})" for t, n, low, high in found)
    return Chart(
        "savings_groups",
        figure,
        f"Gross saving in {year} by client group. {said}.",
        f"The headline scenario in {year}. Whiskers are chance alone.",
    )


def years_table(money: Money) -> Table:
    """Savings by scenario and financial year."""
    rows = []
    for answer in money.scenarios:
        for year in money.years:
            saving, asked, pair = (
                money.saving(answer.transfer, year),
                money.asked(year),
                money.chance(answer.transfer, year),
            )
            drawn = money.unknown(answer.transfer, year)
            if saving is None or pair is None:
                continue
            share = (
                words.percent(Number(saving.value / asked.value, f"computed: saving ÷ asked; {saving.source}"))
                if asked is not None and asked.value
                else "not asked"
            )
            rows.append(
                Row(
                    (
                        words.capital(answer.title),
                        year,
                        words.whole(saving),
                        words.span_whole(*pair),
                        words.span_whole(*drawn) if drawn else "not worked out",
                        words.whole(asked) if asked is not None else "not asked",
                        share,
                    ),
                    any(words.too_wide(saving.value, p[0].value, p[1].value) for p in (pair, drawn) if p),
                )
            )
    return Table(
        "Gross demand savings by financial year, in pounds",
        (
            "Scenario",
            "Year",
            "Saving in the year",
            "Chance alone",
            "What we do not know",
            "Asked by then (recurring)",
            "Share of what is asked",
        ),
        (False, False, True, True, True, True, True),
        rows,
    )


def groups_table(money: Money) -> Table:
    """Package-weeks and savings of the headline by client group and year."""
    rows, main = [], money.results.headline
    for group in money.results.groups:
        for year in money.years:
            weeks, low, high = (
                money.results.need("savings", c, **money.keys(main, year, group))
                for c in ("package_weeks_fewer", "weeks_low", "weeks_high")
            )
            saving, pair = money.saving(main, year, group), money.chance(main, year, group)
            rows.append(
                Row(
                    (
                        money.results.title("client_group", group),
                        year,
                        words.whole(weeks),
                        words.span_whole(low, high),
                        words.whole(saving) if saving is not None else "no price known",
                        words.span_whole(*pair) if pair is not None else "no price known",
                    ),
                    words.too_wide(weeks.value, low.value, high.value),
                )
            )
    return Table(
        "By client group, in the headline scenario: weeks of packages and gross pounds",
        ("Client group", "Year", "Fewer weeks of packages", "Chance alone", "Saving, pounds", "Saving, chance alone"),
        (False, False, True, True, True, True),
        rows,
    )


def build(results: Results) -> Part | None:
    """The seventh part, where savings were worked out."""
    if results.comparison is None or not results.years:
        return None
    money = Money(results)
    if not any(a.transfer == results.headline for a in money.scenarios):
        return None
    charts, groups = {"years": years_chart(money)}, groups_chart(money)
    if groups is not None:
        charts["groups"] = groups
    main, year = results.headline, money.years[-1]
    pair, drawn = money.chance(main, year), money.unknown(main, year)
    targets = results.manifest["config"].get("targets")
    left_out = [r for r in results.rows("not_modelled") if r["file"].startswith("prices/")]
    programme = [r for r in left_out if r["file"] == f"prices/{targets}"]
    return Part(
        "money",
        "How much money, and for whom?",
        headline(money),
        "money.html",
        ("savings", "ranges", "package_avoided"),
        charts,
        {"years": years_table(money), "groups": groups_table(money)},
        {
            "year": year,
            "chance": words.span_pounds(*pair) if pair else None,
            "unknown": words.span_pounds(*drawn) if drawn else None,
            "price_base": money.price_base,
            "avoided": _avoided(money),
            "left_out": [r for r in left_out if r not in programme],
            "programme": programme,
            "targets": results.title("prices", targets) if targets else "",
            "half": "about half" in " ".join(str(r["why"]) for r in programme),
            "asked": words.pounds(asked) if (asked := money.asked(year)) is not None else None,
        },
    )
