"""The first screen of a transition: what would be saved of what is asked, how sure, and what must be true for it."""

from __future__ import annotations

from typing import Any

from experiments.charts import spans
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.plain.reading import of_transition
from experiments.report.plain.summary import summary_of
from experiments.report.transition_facts import Seen, Transition, ends, near_end, percent_span
from experiments.report.transition_waits import HUB, VISIT, within
from experiments.report.words import Phrase, phrase


def headline(one: Transition) -> Phrase:
    """The answer in one sentence of at most 14 words; the ranges stand apart."""
    money, asked = one.delivered(one.over), one.asked()
    if money is None or asked is None:
        return phrase("The change ran; no savings are asked to hold it against.")
    if not money.told:
        return phrase("Too few runs were made to say what would be saved by {end}.", end=one.end)
    if not money.told_from_nought:
        return phrase("By {end}, no saving could be told from chance.", end=one.end)
    if money.mean.value < 0:
        return phrase("By {end}, spending would be higher: no saving.", end=one.end)
    said = "By {end}, {saving} of the {asked} asked would be saved each year."
    if money.may_be_nought:
        said = "{saving} of the {asked} asked would be saved by {end}, possibly nothing."
    return phrase(said, end=one.end, saving=words.pounds(money.mean), asked=words.pounds(asked))


def _transfer(one: Transition) -> Phrase:
    share = one.share_of_gap(one.over)
    return phrase(
        "All of this is at one transfer: {share} of the gap to the target model's shares is closed ({title}), with the "
        "vehicle {vehicle}. Two councils side by side are not an effect; how much of the gap a council would really "
        "close is measured nowhere.",
        share=words.percent(share),
        title=one.transfer_title(str(one.told["headline_transfer"])),
        vehicle=one.called(one.over),
    )


def others(one: Transition) -> Phrase | None:
    """What every other vehicle comes to."""
    found = [(one.delivered(run), run) for run in one.headlines if run != one.over]
    known = sorted(((seen, run) for seen, run in found if seen is not None), key=lambda pair: pair[0].mean.value)
    if not known:
        return None
    (least, first), (most, last) = known[0], known[-1]
    return phrase(
        "Under the other vehicles, with their own starting dates, it would be {least} ({first}) to {most} ({last}).",
        least=words.pounds(least.mean),
        most=words.pounds(most.mean),
        first=one.name(first),
        last=one.name(last),
    )


def _unmet(one: Transition) -> Phrase | None:
    keys = {"run": one.over, "financial_year": one.last, "row": "possibly_unmet", "unit": "people"}
    seen = one.seen("transition_ledger", "difference", keys, ("difference_low", "difference_high"), ("", ""))
    if seen is None or not seen.mean.value:
        return None
    return phrase(
        "Fewer packages is not the same as less need. In {year} {number} {direction} people whose need is possibly "
        "unmet would not go on to a Council-funded package ({range} by chance alone).",
        year=one.last,
        number=words.about(seen.mean),
        direction="more" if seen.mean.value > 0 else "fewer",
        range=seen.by_chance(words.span),
    )


def _packages(one: Transition) -> dict[str, Any] | None:
    seen = one.difference(one.over, "funded_package")
    if seen is None:
        return None
    direction = "fewer" if seen.mean.value <= 0 else "more"
    return {
        "title": "Packages",
        "big": words.about(seen.mean),
        "words": phrase(
            "{direction} people would go on to a Council-funded package in {year} ({range})",
            direction=direction,
            year=one.last,
            range=seen.widest(words.span),
        ),
        "grey": seen.grey,
    }


def _waits(one: Transition) -> dict[str, Any]:
    hub, visit = within(one, one.over, HUB), within(one, one.over, VISIT)
    if hub is None:
        return {"title": "Waits within standard", "big": "", "words": "Nobody had a hub appointment", "grey": False}
    rest = phrase("; {share} home visits within four", share=words.in_hundred(visit.mean)) if visit is not None else ""
    return {
        "title": "Waits within standard",
        "big": words.in_hundred(hub.mean),
        "words": phrase(
            "hub appointments within two weeks in {year} ({range}){rest}, with the posts gone",
            year=one.last,
            range=hub.by_chance(percent_span),
            rest=rest,
        ),
        "grey": hub.grey,
    }


def _money(one: Transition, money: Seen | None) -> dict[str, Any] | None:
    asked, reach = one.asked(), one.results.noted("transition", "addressable_share")
    if money is None or asked is None:
        return None
    return {
        "title": "Demand savings against target",
        "big": words.pounds(money.mean),
        "of": words.pounds(asked),
        "words": phrase(
            "a year, running by {end} ({range}). Of the target {reach} is taken to be within reach of managing demand",
            end=one.end,
            range=money.widest(words.span_pounds),
            reach=words.percent(reach),
        )
        if reach is not None
        else phrase("a year, running by {end} ({range})", end=one.end, range=money.widest(words.span_pounds)),
        "grey": money.grey,
    }


def transfers_chart(one: Transition) -> Chart | None:
    """What would be saved at each share of the gap."""
    found = [(name, run, one.delivered(run)) for name, run in one.transfers.items()]
    known = [(name, run, seen) for name, run, seen in found if seen is not None]
    if len(known) < 2:
        return None
    labels = [words.capital(one.transfer_title(name)) for name, _, _ in known]
    figure = spans(
        labels,
        [seen.mean.value for _, _, seen in known],
        [ends(seen.chance) for _, _, seen in known],
        [ends(seen.both) for _, _, seen in known],
        [run == one.over for _, run, _ in known],
        axis_title=f"running savings a year by {one.end}",
        prefix="£",
    )
    said = "; ".join(
        f"{label}: {words.pounds(seen.mean)}, {seen.by_chance(words.span_pounds)} by chance alone, "
        f"{seen.over_inputs(words.span_pounds)} over inputs and chance"
        for label, (_, _, seen) in zip(labels, known, strict=True)
    )
    return Chart(
        "transfers",
        figure,
        f"Savings running by {one.end}, by how much of the gap is closed, {one.called(one.over)}. {said}.",
        "The point is the central value. The black bar is chance alone (often hidden by the point); the thin line is "
        "inputs and chance together. The coloured row is the headline.",
    )


def _transfers_table(one: Transition) -> Table:
    rows = []
    for name, run in one.transfers.items():
        money, people, share = one.delivered(run), one.difference(run, "funded_package"), one.share(run)
        if money is None or people is None or share is None:
            continue
        rows.append(
            Row(
                (
                    phrase("{title}{mark}", title=words.capital(one.transfer_title(name)),
                           mark=" (headline)" if run == one.over else ""),
                    words.percent(one.share_of_gap(run)),
                    words.pounds(money.mean),
                    money.by_chance(words.span_pounds),
                    money.over_inputs(words.span_pounds),
                    words.percent(share.mean),
                    words.signed(people.mean),
                    people.over_inputs(words.span_signed),
                ),
                money.grey,
            )
        )  # fmt: skip
    heads = ("Scenario", "Share of the gap", "Saved a year", "Chance alone", "Inputs and chance", "Of what is asked",
             "Packages in the year", "Packages: inputs and chance")  # fmt: skip
    return Table(
        f"By how much of the gap is closed, {one.called(one.over)}: savings running by {one.end}, packages in "
        f"{one.last}",
        heads,
        (False, *([True] * 7)),
        rows,
        open=True,
    )


def build(one: Transition) -> Part:
    """The first part."""
    config = one.results.manifest["config"]
    money = one.delivered(one.over)
    packages = one.difference(one.over, "funded_package")
    near = [
        near_end(money, "the savings", words.pounds) if money is not None else None,
        near_end(packages, "the packages", words.about) if packages is not None else None,
    ]
    said = [_transfer(one), *near, others(one), _unmet(one)]
    figures = [_packages(one), _waits(one), _money(one, money)]
    chart = transfers_chart(one)
    return Part(
        "answer",
        "What is the answer, and what must be true for it?",
        headline(one),
        "transition_answer.html",
        ("delivery", "transition_years", "transition_waits", "transition_runs"),
        {"transfers": chart} if chart is not None else {},
        {"transfers": _transfers_table(one)},
        {
            "plain": summary_of(of_transition(one)),
            "question": words.careful(str(one.results.manifest["question"])),
            "chance": money.by_chance(words.span_pounds) if money is not None else "",
            "both": money.over_inputs(words.span_pounds) if money is not None else "",
            "pairs": one.results.noted("transition", "pairs"),
            "draws": one.results.noted("transition", "draws"),
            "figures": [figure for figure in figures if figure is not None],
            "reading": [line for line in said if line is not None],
            "true_only_if": config.get("true_only_if") or [],
            "cannot_say": config.get("cannot_say") or [],
        },
    )
