"""How much money, against what is asked; what of it is cash; whom it concerns; and the sum taken apart."""

from __future__ import annotations

from experiments.charts.targets import against_target, steps
from experiments.report import words
from experiments.report.checking import label
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.service_facts import SHARE, Block, say
from experiments.report.transition_facts import NOT_TOLD, Seen, Transition, ends, in_runs, near_end, percent_span
from experiments.report.transition_net import after_costs, unpublished
from experiments.report.words import Number, Phrase, phrase

PARTS = {
    "cashable": "Cashable: below today's budget",
    "avoided": "Avoided: growth that does not come",
    "capacity_freed": "Capacity freed, still paid for: not cash",
    "client": "What clients pay less: income that the Council loses",
}
EACH_YEAR = "of each year"


def _saving(
    one: Transition, year: str, part: str, measure: str, group: str = "all", nominal: bool = True
) -> Seen | None:
    prices = _prices(one, nominal)
    keys = {"run": one.over, "financial_year": year, "client_group": group, "measure": measure, "part": part,
            "prices": prices}  # fmt: skip
    return one.seen("transition_savings", "mean", keys)


def _prices(one: Transition, nominal: bool) -> str:
    every = dict.fromkeys(str(row["prices"]) for row in one.results.rows("transition_savings", run=one.over))
    return EACH_YEAR if nominal else next(name for name in every if name != EACH_YEAR)


def _years(one: Transition) -> list[str]:
    return [year for year in one.years if one.delivered(one.over, year) is not None]


def _chart(one: Transition, years: list[str]) -> Chart:
    found = [(year, one.delivered(one.over, year), one.asked("whole", year), one.asked("addressable", year))
             for year in years]  # fmt: skip
    known = [(year, seen, whole, part) for year, seen, whole, part in found if seen is not None and whole is not None]
    figure = against_target(
        [f"End of {year}" for year, *_ in known],
        [seen.mean.value for _, seen, _, _ in known],
        [ends(seen.chance) for _, seen, _, _ in known],
        [ends(seen.both) for _, seen, _, _ in known],
        [(whole.value, part.value if part is not None else None) for _, _, whole, part in known],
        axis_title="savings running at the year's end, pounds a year",
    )
    said = "; ".join(
        f"{year}: {words.pounds(seen.mean)} ({seen.widest(words.span_pounds)}) of {words.pounds(whole)} asked"
        + (f", {words.pounds(part)} within reach" if part is not None else "")
        for year, seen, whole, part in known
    )
    return Chart(
        "targets",
        figure,
        f"Savings running at each year's end against what is asked by then. {said}.",
        "The point is the central value; the black bar is chance alone, the thin line inputs and chance together. "
        "Upright blue lines: the whole target (solid) and the part of it that manages demand (dotted).",
    )


def _delivery_table(one: Transition, years: list[str]) -> Table:
    rows = []
    for year in years:
        seen = one.delivered(one.over, year)
        for yardstick, title in (("whole", "Whole target"), ("addressable", "Part within reach")):
            keys = {"run": one.over, "financial_year": year, "yardstick": yardstick}
            asked, share = one.asked(yardstick, year), one.share(one.over, yardstick, year)
            factor = one.results.number("delivery", "published_factor", **keys)
            if seen is None or asked is None or share is None:
                continue
            rows.append(
                Row(
                    (
                        year,
                        title,
                        words.whole(asked),
                        say(seen.mean),
                        seen.by_chance(words.span_pounds),
                        seen.over_inputs(words.span_pounds),
                        say(share.mean, SHARE),
                        share.over_inputs(percent_span),
                        words.percent(factor) if factor is not None else "none",
                    ),
                    seen.grey,
                )
            )
    heads = ("By the end of", "Yardstick", "Asked, a year", "Running, a year", "Chance alone", "Inputs and chance",
             "Share delivered", "Share: inputs and chance", "Published factor")  # fmt: skip
    caption = f"Savings running against what is asked, {one.called(one.over)}, pounds of each year"
    return Table(caption, heads, (False, False, *([True] * 7)), rows, open=True)


def _cash_table(one: Transition, years: list[str]) -> Table:
    rows = []
    for year in years:
        for yardstick, title in (("whole", "Whole target"), ("addressable", "Part within reach")):
            keys = {"run": one.over, "financial_year": year, "yardstick": yardstick}
            ends_ = ("cumulative_cash_low", "cumulative_cash_high")
            cash = one.seen("delivery", "cumulative_cash", keys, ("", ""), ends_)
            wanted = one.results.number("delivery", "cumulative_cash_asked", **keys)
            if cash is not None and wanted is not None:
                cells = (year, title, words.whole(wanted), say(cash.mean), cash.over_inputs(words.span_pounds))
                rows.append(Row(cells, cash.grey))
    heads = ("By the end of", "Yardstick", "Cash asked so far", "Cash so far", "Inputs and chance")
    caption = "Cash from the first year on, pounds of each year"
    return Table(caption, heads, (False, False, True, True, True), rows, open=True)


def _refused(one: Transition, key: str) -> str:
    """An input that has no range, with what is said of it."""
    rows = [row for row in one.results.rows("inputs") if str(row["key"]).replace(":", ".") == key.replace(":", ".")]
    why = f" ({words.careful(str(rows[0]['why']).rstrip('.'))})" if rows and rows[0]["why"] else ""
    return f"{label(one.results, key)}{why}"


def _met(one: Transition) -> Block:
    """The chance of meeting what is asked, or why none is given."""
    refused = [str(key) for key in one.told.get("probabilities_refused") or []]
    title = "How likely is it that the target is met?"
    if refused:
        names = [words.capital(_refused(one, key)) for key in refused]
        return Block(
            title,
            [
                phrase(
                    "No probability is given. Money may rest on {n} without a range, and a probability that leaves "
                    "that out would be too sure: {names}.",
                    n="an assumption" if len(names) == 1 else f"{len(names)} assumptions",
                    names="; ".join(names),
                )
            ],
        )
    rows, told = [], False
    for yardstick, name in (("whole", "Whole target"), ("addressable", "Part within reach")):
        keys = {"run": one.over, "financial_year": one.last, "yardstick": yardstick}
        both, chance, share = (
            one.results.number("delivery", column, **keys)
            for column in ("p_met", "p_met_at_central_inputs", "share_of_variance_by_chance")
        )
        told = told or both is not None
        cells: list[Cell] = [name]
        cells += [in_runs(number) if number is not None else NOT_TOLD for number in (both, chance)]
        cells.append(words.percent(share) if share is not None else NOT_TOLD)
        rows.append(Row(cells))
    heads = ("Target met", "Over inputs and chance", "By chance alone, at central inputs",
             "Part of the spread that is chance")  # fmt: skip
    text: list[Phrase | str] = [
        "Runs that meet what is asked, of 100. This is not the published factor: that is a judgement multiplied by the "
        "target."
    ]
    if told and one.told.get("draws"):
        text.append(
            phrase("Counted over {n} runs: none of these runs is not the same as never.",
                   n=words.whole(Number(float(one.told["draws"]), "manifest.json: transition.draws")))
        )  # fmt: skip
    table = Table(f"Chance of meeting what is asked by {one.end}", heads, (False, True, True, True), rows, open=True)
    return Block(title, text, tables=[table])


def _factor(one: Transition) -> Phrase | None:
    share = one.share(one.over)
    keys = {"run": one.over, "financial_year": one.last, "yardstick": "whole"}
    factor = one.results.number("delivery", "published_factor", **keys)
    if share is None or factor is None:
        return None
    others = sorted({float(row["delivery_factor"]) for row in one.results.rows("vehicles_published")} - {factor.value})
    more = (
        phrase(" ({others} for others)", others=" and ".join(f"{100 * value:.0f}%" for value in others))
        if others
        else ""
    )
    return phrase(
        "The business case multiplies the target by {factor} for {vehicle}{more}. That is the board's judgement of how "
        "much will come, no probability, and nothing was measured for it. Its simulated counterpart is the share "
        "delivered by {end}: {share} ({range} over inputs and chance){below}.",
        factor=words.percent(factor),
        vehicle=one.called(one.over),
        more=more,
        end=one.end,
        share=say(share.mean, SHARE),
        range=share.over_inputs(percent_span),
        below="; below nought, because spending would be higher" if share.mean.value < 0 else "",
    )


def _headline(one: Transition, share: Seen) -> Phrase:
    """How much of what is asked comes, in at most 14 words."""
    money = one.delivered(one.over)
    keys = {"run": one.over, "financial_year": one.last, "yardstick": "whole"}
    factor = one.results.number("delivery", "published_factor", **keys)
    judged = phrase("; the business case judged {factor}", factor=words.percent(factor)) if factor is not None else ""
    come = words.percent(share.mean)
    if money is None or not money.told:
        return phrase("Too few runs to say what comes{judged}.", judged=judged)
    if not money.told_from_nought:
        return phrase("No saving could be told from chance{judged}.", judged=judged)
    if money.mean.value < 0:
        return phrase("None of the savings asked come: spending rises{judged}.", judged=judged)
    if money.may_be_nought:
        return phrase("About {share} of the savings asked come, possibly none{judged}.", share=come, judged=judged)
    if factor is None:
        return phrase("About {share} of the savings asked come by {end}.", share=come, end=one.end)
    return phrase("About {share} of the savings asked come{judged}.", share=come, judged=judged)


def _within_reach(one: Transition) -> Phrase | None:
    """What comes of the part of the target that managing demand can reach."""
    reach, part = one.share(one.over, "addressable"), one.results.noted("transition", "addressable_share")
    if reach is None or part is None:
        return None
    size = Number(abs(reach.mean.value), f"computed: size of {reach.mean.source}")
    return phrase(
        "Not all of the target can be reached by managing demand. Of the part taken to be within reach ({part}, an "
        "assumption), {comes} ({range}).",
        part=words.percent(part),
        comes=phrase("{share} comes", share=say(reach.mean, SHARE))
        if reach.mean.value >= 0
        else phrase("nothing comes, and spending rises by {share} of it", share=say(size, SHARE)),
        range=reach.over_inputs(percent_span),
    )


def _costs_said(one: Transition) -> str:
    """How the costs of change stand to the savings of this part."""
    if unpublished(one):
        return "nor are the costs of the change, which are not all published"
    return "and the costs of the change are taken off only where it is said"


def _parts_table(one: Transition) -> Table:
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


def _optimism(one: Transition) -> Block | None:
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


def _groups_table(one: Transition) -> Table:
    groups = dict.fromkeys(str(row["client_group"]) for row in one.results.rows("transition_savings", run=one.over))
    rows = []
    for group in (name for name in groups if name != "all"):
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


def _parts(one: Transition) -> Phrase | None:
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


def _waterfall(one: Transition) -> Block | None:
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


def build(one: Transition) -> Part | None:
    """The seventh part."""
    share, years = one.share(one.over), _years(one)
    if share is None or not years:
        return None
    said: list[Phrase | None] = [
        _factor(one),
        near_end(share, "the share delivered", words.percent),
        _within_reach(one),
        _parts(one),
        phrase(
            "Savings are what the Council no longer pays for care, against today's model with the same growth and the "
            "same people, in each year's money. Staff time and posts are in no figure here, {costs}.",
            costs=_costs_said(one),
        ),
    ]
    optimism, waterfall = _optimism(one), _waterfall(one)
    blocks = [
        Block(charts=[_chart(one, years)], tables=[_delivery_table(one, years), _cash_table(one, years)]),
        _met(one),
        Block("What of it is cash, and whom it concerns", tables=[_parts_table(one), _groups_table(one)]),
    ]
    after = after_costs(one)
    blocks += [block for block in (optimism, waterfall, after) if block is not None]
    more = {"intro": [line for line in said if line is not None], "blocks": blocks}
    data = ("delivery", "transition_savings", *(["optimism"] if optimism is not None else []), "waterfall",
            *(["transition_net"] if after is not None else []))  # fmt: skip
    return Part("money", "How much money, and for whom?", _headline(one, share), "service_part.html", data, words=more)
