"""What remains of savings after the costs of change, where every required cost of every vehicle is known."""

from __future__ import annotations

from typing import Any

from experiments.report import words
from experiments.report.pieces import Row, Table
from experiments.report.service_facts import Block, say
from experiments.report.transition_facts import NOT_TOLD, Seen, Transition
from experiments.report.words import Number, Phrase, phrase
from experiments.transition.figures import ALL_YEARS, COST, NET, PAYBACK, PRESENT_VALUE, SAVING
from simulation.reversal import FEWEST_DRAWS

NOT_WITHIN = "not within these years"
YEARS_SAID = {SAVING: "Saving", COST: "Costs of change", NET: "Net"}


def unpublished(one: Transition) -> bool:
    """Whether a required cost of any vehicle is missing, so that nothing is netted."""
    return bool(one.told.get("missing_costs"))


def _seen(one: Transition, run: str, item: str, year: str = ALL_YEARS, view: str = "as_planned") -> Seen | None:
    keys = {"run": run, "view": view, "item": item, "financial_year": year}
    return one.seen("transition_net", "mean", keys)


def _end(one: Transition, run: str, column: str) -> Number | None:
    keys: dict[str, Any] = {"run": run, "view": "as_planned", "item": PAYBACK, "financial_year": ALL_YEARS}
    return one.results.number("transition_net", column, **keys)


def _years(number: Number | None) -> words.Said | str:
    """So many years, or that costs are not paid back in those of the run."""
    return words.Said(f"{number.value:.1f} years", number) if number is not None else NOT_WITHIN


def _pays_back(one: Transition, run: str) -> tuple[words.Said | str, Phrase | str]:
    """When costs are paid back, and between what over inputs and chance."""
    middle = _years(_end(one, run, "mean"))
    if int(one.told.get("draws") or 0) < FEWEST_DRAWS:
        return middle, NOT_TOLD
    low, high = (_years(_end(one, run, end)) for end in ("low", "high"))
    return middle, NOT_WITHIN if low == NOT_WITHIN else phrase("{low} to {high}", low=low, high=high)


def after_costs(one: Transition) -> Block | None:
    """Saving, costs and net by year of the vehicle of the answer, with what they are worth now."""
    if unpublished(one):
        return None
    rows = []
    for item, title in YEARS_SAID.items():
        for year in one.years:
            seen = _seen(one, one.over, item, year)
            if seen is not None:
                rows.append(Row((title, year, say(seen.mean), seen.by_chance(words.span_pounds),
                                 seen.over_inputs(words.span_pounds)), seen.grey))  # fmt: skip
    worth, sober = (_seen(one, one.over, PRESENT_VALUE, view=view) for view in ("as_planned", "less_optimism"))
    if worth is None or sober is None:
        return None
    back, range_ = _pays_back(one, one.over)
    text = phrase(
        "Once the required costs of {vehicle} are taken off, all years together are worth {worth} now, in real terms "
        "({range}); with optimism taken out, {sober} ({sober_range}). Its costs are paid back: {back} from the start "
        "of {year} ({back_range}). One sums fall when the vehicle starts, yearly costs from then on, the exit at the "
        "end.",
        vehicle=one.called(one.over),
        worth=words.pounds(worth.mean),
        range=worth.widest(words.span_pounds),
        sober=words.pounds(sober.mean),
        sober_range=sober.widest(words.span_pounds),
        back=back,
        year=one.years[0],
        back_range=range_,
    )
    heads = ("Measure", "Year", "Pounds", "Chance alone", "Inputs and chance")
    table = Table("Net of the costs of change, pounds of each year", heads, (False, False, True, True, True), rows,
                  open=True)  # fmt: skip
    return Block("What remains after the costs of change", [text], tables=[table])


def ranked(one: Transition) -> Block | None:
    """Every vehicle net of its costs: the published total with its rank, and the simulated savings."""
    if unpublished(one):
        return None
    rows = []
    for run in one.headlines:
        vehicle, worth = str(one.runs[run]["vehicle"]), _seen(one, run, PRESENT_VALUE)
        published, rank = (one.results.noted("transition", name, vehicle) for name in ("net_of_costs", "ranks"))
        if worth is None or published is None or rank is None:
            continue
        back, range_ = _pays_back(one, run)
        cells = (one.name(run), words.whole(published), words.whole(rank), words.pounds(worth.mean),
                 worth.by_chance(words.span_pounds), worth.over_inputs(words.span_pounds), back, range_)  # fmt: skip
        rows.append(Row(cells, worth.grey))
    heads = ("Vehicle", "Published total less costs", "Rank by it", "Simulated: worth now", "Chance alone",
             "Inputs and chance", "Costs paid back after", "Paid back: inputs and chance")  # fmt: skip
    text = [
        "Every required cost is given, so net savings are worked out. The published total holds the board's judged "
        "factor, and so does the rank by it. The simulated savings are those of managing demand alone, and vehicles "
        "differ in them by dates, scope, posts and costs only.",
    ]
    table = Table("Net of required costs, pounds", heads, (False, *([True] * 7)), rows, open=True)
    return Block("What each comes to after its costs", text, tables=[table])
