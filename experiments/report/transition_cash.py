"""What of the savings is cash, whom it concerns, and the sum taken apart."""

from __future__ import annotations

from dataclasses import replace

from experiments.charts.beside import Series, beside
from experiments.charts.targets import steps
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.service_facts import Block, key_of, say
from experiments.report.transition_facts import STYLES, Seen, Transition, ends
from experiments.report.transition_net import unpublished
from experiments.report.words import Number, Phrase, phrase

PARTS = {
    "cashable": "Cashable: below today's budget",
    "avoided": "Avoided: growth that does not come",
    "capacity_freed": "Capacity freed, still paid for: not cash",
    "client": "What clients pay less: income that the Council loses",
}
EACH_YEAR = "of each year"
ALL = "all"


def _saving(one: Transition, year: str, part: str, measure: str, group: str = ALL, nominal: bool = True) -> Seen | None:
    prices = _prices(one, nominal)
    keys = {"run": one.over, "financial_year": year, "client_group": group, "measure": measure, "part": part,
            "prices": prices}  # fmt: skip
    return one.seen("transition_savings", "mean", keys)


def _prices(one: Transition, nominal: bool) -> str:
    every = dict.fromkeys(str(row["prices"]) for row in one.results.rows("transition_savings", run=one.over))
    return EACH_YEAR if nominal else next(name for name in every if name != EACH_YEAR)


def whom(one: Transition) -> Block:
    """What of it is cash, by year, and whom it concerns, by client group."""
    groups = [name for name in _groups(one) if name != ALL]
    by_year = _parts_chart(
        one,
        "savings_parts",
        f"Savings by part, running at the end of each year, {one.called(one.over)}",
        {f"End of {year}": (year, ALL, True) for year in one.years},
        "running at the year's end, pounds a year",
    )
    by_group = _parts_chart(
        one,
        "savings_client_groups",
        f"Savings by client group, running at the end of {one.last}, {one.called(one.over)}",
        {one.results.title("client_group", group): (one.last, group, False) for group in groups},
        f"running at the end of {one.last}, pounds a year",
    )
    grouped = groups_table(one)
    charts = [chart for chart in (by_year, by_group and replace(by_group, told_in=grouped.caption)) if chart]
    return Block("What of it is cash, and whom it concerns", charts=charts, tables=[parts_table(one), grouped])


def _groups(one: Transition) -> list[str]:
    return list(dict.fromkeys(str(row["client_group"]) for row in one.results.rows("transition_savings", run=one.over)))


def _parts_chart(
    one: Transition, name: str, title: str, rows: dict[str, tuple[str, str, bool]], axis_title: str
) -> Chart | None:
    """The parts of the saving side by side. ``rows``: label to year, client group, and whether in that year's money."""
    found = {
        label: {part: _saving(one, year, part, "run_rate", group, nominal) for part in PARTS}
        for label, (year, group, nominal) in rows.items()
    }
    found = {label: parts_ for label, parts_ in found.items() if any(parts_.values())}
    if not found:
        return None
    series = []
    for (part, text), (colour, symbol, _) in zip(PARTS.items(), STYLES, strict=True):
        mine = [parts_[part] for parts_ in found.values()]
        values = [seen.mean.value if seen is not None else None for seen in mine]
        pairs = [ends(seen.both or seen.chance) if seen is not None else None for seen in mine]
        series.append(Series(text, values, pairs, symbol, colour))
    said = "; ".join(
        f"{label}: "
        + ", ".join(
            f"{part.replace('_', ' ')} {words.pounds(seen.mean)}" for part, seen in parts_.items() if seen is not None
        )
        for label, parts_ in found.items()
    )
    drawn = bool(one.told.get("draws"))
    caption = f"Bars are {'inputs and chance together' if drawn else 'chance alone'}. Only the first two are savings."
    figure = beside(list(found), series, axis_title=axis_title, prefix="£")
    return Chart(name, figure, f"{title}. {said}.", caption, key=key_of(series))


def parts_table(one: Transition) -> Table:
    rows = []
    for measure, what in (("run_rate", "Running at the year's end"), ("cash", "Cash in the year")):
        for part, title in PARTS.items():
            for year in one.years:
                seen = _saving(one, year, part, measure)
                if seen is not None:
                    rows.append(Row((what, title, year, say(seen.mean), seen.by_chance(words.span_pounds),
                                     seen.over_inputs(words.span_pounds)), seen.grey))  # fmt: skip
    heads = ("Measure", "Part", "Year", "Pounds", "Chance alone", "Inputs and chance")
    return Table("Savings by part, pounds of each year", heads, (False, False, False, True, True, True), rows)


def optimism(one: Transition) -> Block | None:
    """What leaves spending in each year as planned, and with optimism taken out."""
    views = {"as_planned": "As simulated", "less_optimism": "With optimism taken out"}
    rows, last = [], {}
    for view, title in views.items():
        for year in one.years:
            keys = {"run": one.over, "financial_year": year, "view": view}
            seen = one.seen("optimism", "mean", keys)
            if seen is not None:
                rows.append(Row((title, year, say(seen.mean), seen.by_chance(words.span_pounds),
                                 seen.over_inputs(words.span_pounds)), seen.grey))  # fmt: skip
                last[view] = seen
    if len(last) < len(views):
        return None
    text = phrase(
        "Plans tend to promise too much. If savings came out lower and later by the shares that experience with public "
        "projects suggests (assumptions with ranges), {less} instead of {planned} would leave spending in {year}. No "
        "other figure of this report has this allowance.",
        less=words.pounds(last["less_optimism"].mean),
        planned=words.pounds(last["as_planned"].mean),
        year=one.last,
    )
    heads = ("View", "Year", "Pounds in the year", "Chance alone", "Inputs and chance")
    table = Table("Cash in each year, pounds of that year", heads, (False, False, True, True, True), rows, open=True)
    return Block("An allowance for optimism", [text], tables=[table])


def groups_table(one: Transition) -> Table:
    rows = []
    for group in (name for name in _groups(one) if name != ALL):
        cells: list[Cell] = [one.results.title("client_group", group)]
        grey = False
        for part in PARTS:
            seen = _saving(one, one.last, part, "run_rate", group, nominal=False)
            cells.append(
                phrase("{mean} ({range})", mean=words.pounds(seen.mean), range=seen.widest(words.span_pounds))
                if seen is not None
                else "not known"
            )
            grey = grey or bool(seen and seen.mean.value and seen.grey)
        rows.append(Row(cells, grey))
    heads = ("Client group", "Cashable", "Avoided", "Capacity freed, not cash", "Clients pay less")
    return Table(
        f"By client group: running a year at the end of {one.last}, at prices {_prices(one, False)}", heads,
        (False,) * 5, rows, open=True,
    )  # fmt: skip


def _in_how_many(one: Transition) -> Phrase | str:
    """In how many runs anything is cashable at all: the mean is above nought as soon as one of them has some."""
    count, pairs = (one.results.noted("transition", name) for name in ("cashable_in_pairs", "pairs"))
    if count is None or pairs is None or count.value == pairs.value:
        return ""
    return phrase(
        " Cashable is counted run by run and the mean taken: spending ends below today's budget in {count} of {pairs} "
        "runs at central inputs, and in the others nothing is cashable.",
        count="none" if not count.value else words.whole(count),
        pairs=words.whole(pairs),
    )


def parts(one: Transition) -> Phrase | None:
    found = {part: _saving(one, one.last, part, "run_rate") for part in PARTS}
    if any(seen is None for seen in found.values()):
        return None
    said = {part: words.pounds(seen.mean) for part, seen in found.items() if seen is not None}
    return phrase(
        "Of what runs by {end}, {cashable} is cashable, below today's budget, and {avoided} is growth that does not "
        "come.{counted} Another {capacity_freed} of care is not used and still paid for, so it is freed capacity and "
        "no cash; it is in no total. Clients would pay {client} less a year, which is income lost and already taken "
        "off.",
        end=one.end,
        counted=_in_how_many(one),
        **said,
    )


def waterfall(one: Transition) -> Block | None:
    rows = one.results.rows("waterfall", run=one.over, financial_year=one.last)
    if not rows:
        return None

    def number(row: dict[str, object], column: str) -> Number:
        return one.results.need("waterfall", column, run=one.over, financial_year=one.last, step=row["step"])

    unknown = unpublished(one)
    labels, added, levels, cells = [], [], [], []
    for row in rows:
        step, title = str(row["step"]), str(row["title"])
        pounds, level = number(row, "pounds"), number(row, "level")
        if step == "costs" and unknown:
            cells.append(Row((f"{title}: not published, so nothing is taken off", "not published", say_pounds(level))))
            continue
        whole = step in ("budget", "target")
        cells.append(Row((title, say_pounds(pounds) if whole else signed_pounds(pounds), say_pounds(level))))
        if step in ("costs", "prices") and not pounds.value:
            continue
        labels.append(f"{title}: {words.pounds(level) if whole else signed_pounds(pounds, True)}")
        added.append(None if whole else pounds.value)
        levels.append(level.value)
    figure = steps(labels, added, levels, axis_title=f"Council spend in {one.last}")
    prices = _prices(one, False)
    chart = Chart(
        "waterfall",
        figure,
        f"From today's budget to target spend in {one.last}. {'; '.join(labels)}.",
        "Blue: whole sums; orange: more; green: less. The scale does not begin at nought.",
    )
    heads = ("Step", "Pounds", "Spend after it")
    table = Table(f"From today's budget to target spend in {one.last}, prices {prices}", heads, (False, True, True),
                  cells, open=True)  # fmt: skip
    text = [
        "Means of the runs at central inputs, at the prices of the price year. The steps add up to the penny; the "
        "interaction is what change and growth only do together. Capacity freed is put back, because it is still paid "
        "for. "
        + (
            "Costs of change are not all published: they are missing here, not nought."
            if unknown
            else "Costs of change stand at the prices they are given in."
        ),
    ]
    return Block("From today's budget to target spend", text, [chart], [table])


def say_pounds(number: Number) -> words.Said:
    """Pounds and pence in full, so that steps can be added up."""
    return words.Said(f"{words.MINUS if number.value < 0 else ''}£{abs(number.value):,.2f}", number)


def signed_pounds(number: Number, short: bool = False) -> words.Said:
    """A step with its sign."""
    text = str(words.pounds(Number(abs(number.value), number.source))) if short else f"£{abs(number.value):,.2f}"
    sign = "" if not number.value else words.MINUS if number.value < 0 else "+"
    return words.Said(f"{sign}{text}", number)
