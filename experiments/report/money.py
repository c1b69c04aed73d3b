"""Part 7: how much money, for whom, against what was asked?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments import theme
from experiments.charts import bars, by_year
from experiments.charts.curves import Line
from experiments.report import words
from experiments.report.money_facts import Money
from experiments.report.money_tables import groups_table, reach, years_table
from experiments.report.pieces import Chart, Part
from experiments.report.results import ALL_PRICED, Results
from experiments.report.words import Number, Phrase, phrase

__all__ = ["MARKS", "Money", "build", "groups_chart", "groups_table", "headline", "years_chart", "years_table"]

STYLES = (
    (theme.PROPOSED, "circle"),
    (theme.THIRD, "diamond"),
    (theme.FOURTH, "triangle-up"),
    (theme.TODAY, "square"),
    (theme.GREY, "cross"),
)
"""Colours and marks of scenarios; the headline takes the first."""


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


MARKS = {"circle": "●", "diamond": "◆", "triangle-up": "▲", "square": "■", "cross": "✚", "square-open": "□",
         "diamond-open": "◇"}  # fmt: skip


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
    part = [money.in_reach(year) for year in years]
    reached = [number.value for number in part if number is not None]
    if len(reached) == len(years):
        none = [None] * len(years)
        lines.append(
            Line("The part taken to be within reach", reached, none, theme.INK, "diamond-open", "dot", width=2)
        )
        said.append(f"the part of it taken to be within reach: {_said(part, years)}")
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
            "reach": reach(money),
            "asked": words.pounds(asked) if (asked := money.asked(year)) is not None else None,
        },
    )
