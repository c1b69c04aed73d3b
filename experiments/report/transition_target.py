"""What is saved held against what is asked: by year, as cash, how likely it is, and beside the published factor."""

from __future__ import annotations

from experiments import theme
from experiments.charts.beside import Series, beside
from experiments.charts.targets import against_target
from experiments.report import words
from experiments.report.checking import label
from experiments.report.pieces import Cell, Chart, Row, Table
from experiments.report.service_facts import SHARE, Block, key_of, say
from experiments.report.transition_facts import NOT_TOLD, Transition, ends, in_runs, percent_span
from experiments.report.words import Number, Phrase, phrase


def chart(one: Transition, years: list[str]) -> Chart:
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


def delivery_table(one: Transition, years: list[str]) -> Table:
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


def cash_table(one: Transition, years: list[str]) -> Table:
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


def met(one: Transition) -> Block:
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


def factors(one: Transition) -> Block | None:
    """The published factor of each vehicle beside the share of the target that the simulation delivers."""
    found = []
    for run in one.headlines:
        keys = {"run": run, "financial_year": one.last, "yardstick": "whole"}
        judged, share = one.results.number("delivery", "published_factor", **keys), one.share(run)
        if judged is not None and share is not None:
            found.append((run, judged, share))
    if not found:
        return None

    def hundred(pair: tuple[float, float] | None) -> tuple[float, float] | None:
        return (100 * pair[0], 100 * pair[1]) if pair is not None else None

    series = [
        Series("Judged by the board, no probability", [100 * judged.value for _, judged, _ in found],
               [None] * len(found), "diamond", theme.WHITE),
        Series("Simulated", [100 * share.mean.value for _, _, share in found],
               [hundred(ends(share.both)) for _, _, share in found], "circle", theme.PROPOSED),
    ]  # fmt: skip
    figure = beside(
        [one.name(run) for run, _, _ in found], series,
        axis_title=f"per cent of the whole target delivered by {one.end}", span=(0.0, 100.0),
    )  # fmt: skip
    said = "; ".join(
        f"{one.name(run)}: judged {words.percent(judged)}, simulated {words.percent(share.mean)} "
        f"({share.over_inputs(percent_span)})"
        for run, judged, share in found
    )
    chart = Chart(
        "factors",
        figure,
        f"Published factor beside simulated delivery by {one.end}. {said}.",
        "Bars are inputs and chance together. The board's factor has none: nothing was measured for it.",
        key=key_of(series),
    )
    rows = [
        Row((one.name(run), words.percent(judged), say(share.mean, SHARE), share.over_inputs(percent_span)), share.grey)
        for run, judged, share in found
    ]
    heads = ("Vehicle", "Published factor", "Simulated share", "Inputs and chance")
    table = Table(f"Share of the whole target by {one.end}", heads, (False, True, True, True), rows, open=True)
    return Block("Published factor beside simulated delivery", charts=[chart], tables=[table])
