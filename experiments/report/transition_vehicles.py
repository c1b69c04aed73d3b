"""Which way of running it: dates, published totals, simulated delivery, and whether the evidence tells them apart."""

from __future__ import annotations

from experiments.charts import spans
from experiments.charts.months import month_name
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.service_facts import SHARE, Block, listed, say
from experiments.report.transition_board import published, ratings, starts
from experiments.report.transition_facts import Transition, ends, percent_span
from experiments.report.transition_lead import costs, reversal
from experiments.report.transition_net import unpublished
from experiments.report.words import Number, Phrase, phrase
from experiments.transition.runs import RATED


def _noted(one: Transition, *path: str) -> Number | None:
    return one.results.noted("transition", *path)


def _vehicle(one: Transition, run: str) -> str:
    """A vehicle in a headline, in as few words as will do."""
    title = str(one.runs[run]["vehicle_title"])
    return "the mutual" if title.lower() == "public service mutual" else title[:1].lower() + title[1:]


def headline(one: Transition) -> Phrase:
    """Whether the evidence tells the two vehicles apart, in at most 14 words."""
    pair = {"lead": _vehicle(one, one.lead), "over": _vehicle(one, one.over)}
    told = one.told.get("told_apart")
    if told is None:
        return phrase("Too few runs to say whether {lead} and {over} differ.", **pair)
    if not told:
        return phrase("The evidence cannot tell {lead} and {over} apart.", **pair)
    return phrase("Only dates, scope and posts tell {lead} and {over} apart.", **pair)


def _apart(one: Transition) -> list[Phrase | str]:
    mean, low, high = (_noted(one, "lead_over", name) for name in ("mean", "low", "high"))
    said: list[Phrase | str] = []
    if mean is not None and low is not None and high is not None:
        said.append(
            phrase(
                "In the model {lead} saves {size} {direction} than {over} in all years together ({range} over inputs "
                "and chance, in the same draws).",
                lead=one.called(one.lead),
                over=one.called(one.over),
                size=words.Said(str(words.pounds(Number(abs(mean.value), mean.source))), mean),
                direction="more" if mean.value >= 0 else "less",
                range=words.span_pounds(low, high),
            )
        )
    elif one.told.get("told_apart") is None:
        said.append("There were too few runs with drawn inputs to hold the vehicles against each other.")
    rows = {run: one.runs[run] for run in (one.lead, one.over)}
    kinds = {run: "printed" if row["dates"] == "published" else "assumed" for run, row in rows.items()}
    dates = [f"{one.called(run)} {month_name(str(row['starts']))} ({kinds[run]})" for run, row in rows.items()]
    said.append(
        f"All vehicles run the same model at the same pace of change. They differ in their starting dates, in how the "
        f"service comes into scope, in posts taken out and in what is printed of them, so that is all that can set "
        f"them apart here. Starts: {'; '.join(dates)}. No figure says that one kind of organisation changes practice "
        f"better than another."
    )
    if one.told.get("verdict") and one.told.get("told_apart") is not None:
        said.append(
            f"Why they {'can' if one.told['told_apart'] else 'cannot'} be told apart: "
            f"{words.careful(str(one.told['verdict']))}."
        )
    return said


def _changes(one: Transition) -> list[str]:
    return [str(one.config["change"]), *map(str, one.config.get("beside") or [])]


def _delivery(one: Transition) -> Block:
    changes = _changes(one)
    labels, values, chance, both, main, rows, said = [], [], [], [], [], [], []
    for base in one.headlines:
        for change, run in ((name, one.beside(base).get(name)) for name in changes):
            if run is None:
                continue
            seen, share = one.delivered(run), one.share(run)
            keys = {"run": run, "financial_year": one.last, "yardstick": "whole"}
            cash = one.seen(
                "delivery", "cumulative_cash", keys, ("", ""), ("cumulative_cash_low", "cumulative_cash_high")
            )
            factor = one.results.number("delivery", "published_factor", **keys)
            if seen is None or share is None or cash is None:
                continue
            how = one.results.short("change", change)
            labels.append(f"{one.name(base)}, {how}")
            values.append(seen.mean.value)
            chance.append(ends(seen.chance))
            both.append(ends(seen.both))
            main.append(change == changes[0])
            said.append(f"{labels[-1]}: {words.pounds(seen.mean)} ({seen.widest(words.span_pounds)})")
            rows.append(
                Row(
                    (
                        one.name(base),
                        how,
                        words.pounds(seen.mean),
                        seen.by_chance(words.span_pounds),
                        seen.over_inputs(words.span_pounds),
                        say(share.mean, SHARE),
                        share.over_inputs(percent_span),
                        words.percent(factor) if factor is not None else "none",
                        words.pounds(cash.mean),
                        cash.over_inputs(words.span_pounds),
                    ),
                    seen.grey,
                )
            )
    figure = spans(labels, values, chance, both, main, axis_title=f"running savings a year by {one.end}", prefix="£")
    chart = Chart(
        "vehicles",
        figure,
        f"Simulated savings by vehicle and account of change. {'; '.join(said)}.",
        f"Coloured: {one.results.short('change', changes[0])}, the account of the answer. Grey: a behavioural "
        "hypothesis beside it. The black bar is chance alone, the thin line inputs and chance together.",
    )
    heads = ("Vehicle", "How practice changes", "Saved a year", "Chance alone", "Inputs and chance", "Share delivered",
             "Share: inputs and chance", "Published factor", "Cash in all years",
             "Cash: inputs and chance")  # fmt: skip
    table = Table(f"Simulated by {one.end}", heads, (False, False, *([True] * 8)), rows, open=True)
    return Block("What the model gives for each", charts=[chart], tables=[table])


def _rated(one: Transition) -> Block | None:
    """The scenario in which the board's ratings say how fast practice changes."""
    changes = _changes(one)
    runs = [run for run in one.runs if run.endswith(f"/{RATED}")]
    if not runs:
        return None
    worth = {name: one.results.noted("transition", "ratings_worth", name) for name in changes}
    rows = []
    for run in runs:
        seen, plain = one.delivered(run), one.delivered(run.removesuffix(f"/{RATED}"))
        pace = one.results.need("transition_runs", "faster_by", run=run)
        if seen is not None and plain is not None:
            rows.append(
                Row(
                    (one.name(run), one.results.short("change", str(one.runs[run]["change"])), _pace(pace),
                     words.pounds(plain.mean), words.pounds(seen.mean), seen.over_inputs(words.span_pounds)),
                    seen.grey,
                )
            )  # fmt: skip
    text = phrase(
        "A scenario and no evidence: the board's rating of culture and process is taken to say how fast practice "
        "changes: {sizes}, each against a MEDIUM. Nothing measures what a rating is worth, so a lead that "
        "comes from it is the judgement, given back. It is in no other figure of this report.",
        sizes=listed([_sizes(one, name, size) for name, size in worth.items() if size is not None]),
    )
    heads = ("Vehicle", "How practice changes", "Pace", "Saved a year, all alike", "Saved a year, ratings believed",
             "Inputs and chance")  # fmt: skip
    table = Table(f"If the ratings were right: running by {one.end}", heads, (False, False, False, True, True, True),
                  rows, open=True)  # fmt: skip
    return Block("If the board's ratings were right", [text], tables=[table])


def _sizes(one: Transition, change: str, worth: Number) -> str:
    """What a step of the rating is worth in a scenario: up and down are not the same share."""
    slower = worth.value / (1 + worth.value)
    how = one.results.short("change", change)
    return f"a HIGH {worth.value:.0%} faster and a LOW {slower:.0%} slower ({how})"


def _pace(pace: Number) -> Phrase | str:
    """A change of pace in words."""
    if not pace.value:
        return "as all"
    share = words.percent(Number(abs(pace.value), f"computed: size of {pace.source}"))
    return phrase("{share} {direction}", share=share, direction="faster" if pace.value > 0 else "slower")


def build(one: Transition) -> Part | None:
    """The eighth part."""
    if not one.results.rows("vehicles_published"):
        return None
    blocks = [starts(one)]
    if one.delivered(one.over) is not None:
        blocks.append(_delivery(one))
    matrix, rated = ratings(one), _rated(one)
    blocks += [published(one), *([matrix] if matrix is not None else []), reversal(one)]
    blocks += [*([rated] if rated is not None else []), costs(one)]
    found = [name for name in ("vehicle_ratings", "mobilisation", "leads") if one.results.rows(name)]
    data = ("transition_runs", "delivery", "vehicles_published", *found, "vehicle_costs", "reversal",
            *(() if unpublished(one) else ("transition_net",)))  # fmt: skip
    more = {"intro": _apart(one), "blocks": blocks}
    return Part("vehicles", "Which way of running it?", headline(one), "service_part.html", data, words=more)
