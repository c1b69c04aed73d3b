"""Where a vehicle's lead would end, how often each comes first beside it, and what nobody has published."""

from __future__ import annotations

from experiments import theme
from experiments.charts import bars
from experiments.charts.along import along
from experiments.charts.matrix import matrix
from experiments.report import words
from experiments.report.pieces import Chart, Row, Table
from experiments.report.service_facts import Block, listed
from experiments.report.transition_facts import Transition, in_runs, percent_span
from experiments.report.transition_net import ranked, unpublished
from experiments.report.words import Number, Phrase

EXTRA_COST = "extra cost in pounds"
ABOUT_THE_LEAD = "Above nought the first is ahead, below it the second. The pale band is inputs and chance together."


def reversal(one: Transition) -> Block:
    """Where a lead ends, as pictures and in words; how often each comes first stands only beside it."""
    text: list[Phrase | str] = []
    rows = one.results.rows("reversal")
    for row in rows:
        sentence = words.careful(str(row["sentence"])).rstrip(".")
        text.append(f"{words.capital(str(row['of']))}: {sentence}.")
    if not any("simulated" in str(row["of"]) or "demand savings" in str(row["of"]) for row in rows):
        text.append("Where a simulated lead would end is not worked out: too few runs with drawn inputs.")
    leads = [_lead_chart(one, of) for of in dict.fromkeys(str(row["of"]) for row in one.results.rows("leads"))]
    printed = _printed_chart(one)
    charts = [*leads, *([printed] if printed is not None else [])]
    tables = [table for table in (_points_table(one), _leads_table(one)) if table is not None]
    first = one.told.get("ranks_first") or {}
    found = [(run, *(_noted_first(one, run, name) for name in ("share", "low", "high"))) for run in first]
    if found:
        text.append(
            "How often a vehicle comes first in the draws says how often its dates come first. It says nothing of "
            "which vehicle is better, and holds only on this side of the points above."
        )
        charts += [_first_chart(one, found)] if leads else []
        made = [Row((one.name(run), in_runs(share), percent_span(low, high))) for run, share, low, high in found]
        heads = ("Vehicle", "First in the draws", "95% interval")
        tables.append(Table("Cash in all years: who comes first", heads, (False, True, True), made, open=True))
    return Block("Where a lead would end", text, charts, tables)


def _lead_chart(one: Transition, of: str) -> Chart:
    """By how much the first vehicle leads as its practice changes faster."""
    rows = one.results.rows("leads", of=of)
    point = [row for row in one.results.rows("reversal", of=of) if row["point"] == row["point"]]
    ends = [(float(row["low"]), float(row["high"])) for row in rows]
    pair = f"{one.name(one.lead)} less {one.name(one.over)}"
    figure = along(
        [float(row["at"]) for row in rows],
        [float(row["lead"]) for row in rows],
        ends,
        x_title=f"{rows[0]['varied']} in the first",
        y_title=f"{pair}: {of}",
        level=0.0,
        level_words="neither leads",
        marked=[(float(row["point"]), _end(row, "low"), _end(row, "high")) for row in point],
        prefix="£",
    )
    said = "; ".join(
        f"at {row['at']:g} {_pounds(one, of, row, 'lead')} "
        f"({_pounds(one, of, row, 'low')} to {_pounds(one, of, row, 'high')})"
        for row in rows
    )
    where = (
        "The dotted line is where the lead turns; in the shaded part the draws do not settle it."
        if point
        else "The line does not cross nought at any value tried, so no point of reversal is drawn."
    )
    name = "lead_at_the_end" if "end" in of else "lead_in_all_years"
    alt = f"Where the lead of one vehicle ends, {of}. {pair}, by {rows[0]['varied']}: {said}."
    return Chart(name, figure, alt, f"{ABOUT_THE_LEAD} {where}")


def _end(row: dict[str, float], name: str) -> float:
    """An end of what the draws do not settle; the point itself where none was found among the values tried."""
    value = float(row[name])
    return value if value == value else float(row["point"])


def _pounds(one: Transition, of: str, row: dict[str, float], column: str) -> words.Said:
    return words.pounds(one.results.need("leads", column, of=of, at=row["at"]))


def _leads_table(one: Transition) -> Table | None:
    made = []
    for row in one.results.rows("leads"):
        of = str(row["of"])
        number = {
            column: one.results.need("leads", column, of=of, at=row["at"]) for column in ("at", "lead", "low", "high")
        }
        span = words.span_pounds(number["low"], number["high"])
        made.append(
            Row(
                (words.capital(of), words.plain(number["at"]), words.pounds(number["lead"]), span),
                words.too_wide(number["lead"].value, number["low"].value, number["high"].value),
            )
        )
    if not made:
        return None
    caption = f"{one.name(one.lead)} less {one.name(one.over)}, by pace of change"
    heads = ("Of", "Per cent faster", "Lead", "Inputs and chance")
    return Table(caption, heads, (False, True, True, True), made)


def _points_table(one: Transition) -> Table | None:
    rows = []
    for row in one.results.rows("reversal"):
        point = one.results.number("reversal", "point", of=row["of"], varied=row["varied"])
        if point is None:
            said: words.Said | str = "at no value tried"
        elif row["varied"] == EXTRA_COST:
            said = words.pounds(point)
        elif "factor" in str(row["varied"]):
            said = words.Said(f"{point.value:.1%}", point)
        else:
            said = words.significant(point)
        rows.append(Row((words.capital(str(row["of"])), words.careful(str(row["varied"])), said)))
    if not rows:
        return None
    return Table(
        "Points at which the lead ends", ("Of", "What is varied", "Ends at"), (False, False, True), rows, open=True
    )


def _printed_chart(one: Transition) -> Chart | None:
    """By how much dearer the first vehicle may be before its printed lead is gone."""
    found = [
        (words.capital(str(row["of"])), number)
        for row in one.results.rows("reversal", varied=EXTRA_COST)
        if (number := one.results.number("reversal", "point", of=row["of"], varied=EXTRA_COST)) is not None
    ]
    if not found:
        return None
    figure = bars(
        [f"{title}: {words.pounds(number)}" for title, number in found],
        [0.0] * len(found),
        [number.value for _, number in found],
        [theme.TODAY, theme.THIRD][: len(found)] + [theme.TODAY] * (len(found) - 2),
        axis_title="extra cost in pounds",
        prefix="£",
    )
    said = "; ".join(f"{title}: {words.pounds(number)}" for title, number in found)
    return Chart(
        "printed_lead",
        figure,
        f"Extra cost at which the printed lead over {one.name(one.over)} ends. {said}.",
        f"How much more {one.name(one.lead)} may cost before its printed lead over {one.name(one.over)} is gone: "
        "arithmetic on the printed table, no simulation."
        + (" As costs are missing, nobody can say on which side of these points it lies." if unpublished(one) else ""),
    )


def _first_chart(one: Transition, found: list[tuple[str, Number, Number, Number]]) -> Chart:
    figure = bars(
        [f"{one.name(run)}: {in_runs(share)}" for run, share, _, _ in found],
        [0.0] * len(found),
        [100 * share.value for _, share, _, _ in found],
        [theme.TODAY] * len(found),
        axis_title="of 100 draws, how often it comes first",
        intervals=[(100 * low.value, 100 * high.value) for _, _, low, high in found],
    )
    said = "; ".join(
        f"{one.name(run)}: {in_runs(share)} ({percent_span(low, high)})" for run, share, low, high in found
    )
    return Chart(
        "first_in_the_draws",
        figure,
        f"How often each vehicle comes first in the draws, beside where leads end. {said}.",
        "Cash in all years. It counts starting dates, scope and posts only, and holds only on this side of the points "
        "above. Whiskers are for the number of draws alone.",
    )


def _noted_first(one: Transition, run: str, name: str) -> Number:
    value = one.told["ranks_first"][run][name]
    return Number(float(value), f"computed: manifest.json transition, ranks_first, {run}, {name}")


def costs(one: Transition) -> Block:
    """What the vehicles come to after their costs, or which costs nobody has published."""
    net = ranked(one)
    if net is not None:
        return net
    missing: dict[str, list[str]] = one.told.get("missing_costs") or {}
    titles = {str(row["vehicle"]): words.careful(str(row["title"])) for row in one.results.rows("vehicles_published")}
    rows = [
        Row(
            (
                titles.get(vehicle, words.humanised(vehicle)),
                listed([_cost(name) for name in names]) if names else "none",
            )
        )
        for vehicle, names in missing.items()
    ]
    text: list[Phrase | str] = []
    if one.told.get("ranking_withheld"):
        text.append(words.careful(str(one.told["ranking_withheld"])))
    table = Table("Required costs that are not published", ("Vehicle", "Missing"), (False, False), rows, open=True)
    chart = _costs_chart(one, titles)
    return Block(
        "What nobody has published", text, [chart] if chart is not None else [], tables=[table] if rows else []
    )


def _costs_chart(one: Transition, titles: dict[str, str]) -> Chart | None:
    """Every required cost of every vehicle: its pounds, or a question mark."""
    rows = one.results.rows("vehicle_costs")
    names = list(dict.fromkeys(str(row["cost"]) for row in rows))
    known = {(str(row["vehicle"]), str(row["cost"])): row for row in rows}
    vehicles = [vehicle for vehicle in titles if all((vehicle, name) in known for name in names)]
    if not names or not vehicles:
        return None

    def said(vehicle: str, name: str) -> str:
        if not known[vehicle, name]["published"]:
            return "?"
        return str(words.pounds(one.results.need("vehicle_costs", "pounds", vehicle=vehicle, cost=name)))

    cells = [
        [(text := said(vehicle, name), theme.WHITE if text == "?" else theme.TINT_TODAY) for name in names]
        for vehicle in vehicles
    ]
    spoken = "; ".join(
        f"{titles[vehicle]}: "
        + ", ".join(
            f"{_cost(name)} {'not published' if text == '?' else text}"
            for name, (text, _) in zip(names, row, strict=True)
        )
        for vehicle, row in zip(vehicles, cells, strict=True)
    )
    alt = f"Required costs of each vehicle, and what nobody has published. {spoken}."
    figure = matrix(
        [titles[vehicle] for vehicle in vehicles], [words.capital(_cost(name)) for name in names], cells, alt
    )
    return Chart("missing_costs", figure, alt, "A question mark is a cost that nobody has published. It is not nought.",
                 files=("vehicle_costs",))  # fmt: skip


def _cost(name: str) -> str:
    return "VAT" if name == "vat" else words.humanised(name)
