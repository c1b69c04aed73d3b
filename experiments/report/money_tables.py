"""Tables of a comparison's savings, and what they come to of the part of the target within reach."""

from __future__ import annotations

from experiments.report import words
from experiments.report.money_facts import Money
from experiments.report.pieces import Row, Table
from experiments.report.words import Number, Phrase, Said, phrase


def of_wanted(saving: Number, wanted: Number | None) -> Said | None:
    """A saving as a share of what is wanted."""
    if wanted is None or not wanted.value:
        return None
    return words.percent(Number(saving.value / wanted.value, f"computed: {saving.source} ÷ {wanted.source}"))


def reach(money: Money) -> Phrase | None:
    """What the headline's last year comes to of the part that managing demand can reach."""
    year, share = money.years[-1], money.share_in_reach
    saving, part = money.saving(money.results.headline, year), money.in_reach(year)
    if saving is None or share is None or part is None or not part.value:
        return None
    pair = money.unknown(money.results.headline, year) or money.chance(money.results.headline, year)
    ends = [of_wanted(end, part) for end in pair] if pair is not None else []
    return phrase(
        "Of it {share} is taken to be within reach of managing demand (an assumption): {part} by {year}, of which the "
        "saving is {comes}{range}.",
        share=words.percent(share),
        part=words.pounds(part),
        year=year,
        comes=of_wanted(saving, part),
        range=phrase(" ({low} to {high})", low=ends[0], high=ends[1]) if ends else "",
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
            part = money.in_reach(year)
            rows.append(
                Row(
                    (
                        words.capital(answer.title),
                        year,
                        words.whole(saving),
                        words.span_whole(*pair),
                        words.span_whole(*drawn) if drawn else "not worked out",
                        words.whole(asked) if asked is not None else "not asked",
                        of_wanted(saving, asked) or "not asked",
                        *((words.whole(part), of_wanted(saving, part) or "not asked") if part is not None else ()),
                    ),
                    any(words.too_wide(saving.value, p[0].value, p[1].value) for p in (pair, drawn) if p),
                )
            )
    heads = ["Scenario", "Year", "Saving in the year", "Chance alone", "What we do not know",
             "Asked by then (recurring)", "Share of what is asked"]  # fmt: skip
    heads += ["Within reach by then", "Share of that part"] if any(money.in_reach(year) for year in money.years) else []
    numeric = (False, False, *([True] * (len(heads) - 2)))
    return Table("Gross demand savings by financial year, in pounds", heads, numeric, rows)


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
