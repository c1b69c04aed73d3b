"""What a transition rests on: inputs, what is not modelled, whether the engines agree, how to repeat it."""

from __future__ import annotations

from typing import Any

from experiments import steady
from experiments.report import checking, words
from experiments.report.pieces import Part, Row, Table
from experiments.report.results import source
from experiments.report.service_facts import Block, say
from experiments.report.service_waits import needed
from experiments.report.service_work import inputs_table
from experiments.report.transition_facts import Transition
from experiments.report.words import Number, Phrase, Said, phrase


def _plain(value: float, source: str) -> Said:
    return Said(f"{value:,.0f}", Number(value, source))


def _intro(one: Transition) -> list[Phrase | str]:
    results = one.results
    said: list[Phrase | str] = [
        "An input rests on assumption if it is one, or is worked out from one. Inputs with a range were drawn "
        "together, once for each run and the same for every vehicle; how far each one alone moves the answer is not "
        "worked out.",
    ]
    contradictory = results.noted("transition", "contradictory_draws")
    if contradictory is not None and contradictory.value:
        said.append(
            phrase(
                "{n} of the drawn sets of inputs contradicted the published totals and were left out.",
                n=words.whole(contradictory),
            )
        )
    lost = results.noted("checks", "people_without_an_outcome_at_the_end")
    people = results.noted("people_simulated")
    if people is not None:
        said.append(phrase("{n} people were simulated over all runs.", n=words.whole(people)))
    if lost is not None and people is not None:
        said.append(phrase("Nobody may be lost on the way: {lost} were.", lost=_plain(lost.value, lost.source)))
    both = checking.agreed(results)
    if both is not None:
        said.append(both)
    said += [words.careful(str(line)) for line in one.told.get("assumed") or []]
    said.append(
        "Today's model was set so that published figures come out (docs/validation.md says which could have failed). "
        "Nothing here has been held against what happened after 2016."
    )
    return said


def _at_rest(one: Transition) -> Block | None:
    """Whether today's model is at rest before anything changes."""
    results = one.results
    frame = results.table("transition_settled")
    if frame is None:
        return None

    def number(row: dict[str, Any], column: str) -> Number:
        return Number(float(row[column]), source("transition_settled", column, stage=row["stage"]))

    rows = []
    for row in results.rows("transition_settled"):
        span = words.span_signed(number(row, "change_low"), number(row, "change_high"), 1)
        now, change = say(number(row, "last_year")), words.signed(number(row, "change"), 1)
        rows.append(Row((words.humanised(row["stage"]), now, change, span, needed(row), row["steady_state"])))
    heads = ("Stage", "People, last year", "Change on the year before", "Interval", "Cut by MSER-5", "Steady state")
    table = Table("People at each stage while nothing changes, on average", heads, (False, *[True] * 4, False), rows)
    text: list[Phrase | str] = [
        "A change is told apart from a beginning only where today's model is at rest before it.",
        *steady.lines(frame, words.humanised),
    ]
    text += [steady.WITHOUT_GROWTH] if one.told.get("growth") else []
    return Block("Is today's model at rest?", text, tables=[table])


def build(one: Transition) -> Part | None:
    """The last part."""
    results = one.results
    inputs = results.rows("inputs")
    if not inputs:
        return None
    assumed = _plain(sum(bool(r["rests_on_assumption"]) for r in inputs), "inputs.csv: count of rests_on_assumption")
    head = phrase(
        "{n} of {all} inputs rest on assumption.", n=assumed, all=_plain(len(inputs), "inputs.csv: count of rows")
    )
    graded = [
        Row((text, _plain(count, f"computed: rows of inputs.csv with quality {grade}")))
        for grade, text in checking.QUALITY.items()
        for count in [sum(int(r["quality"]) == grade for r in inputs)]
    ]
    table = Table("Inputs by quality of evidence", ("Quality", "Inputs"), (False, True), graded, open=True)
    blocks = [Block(tables=[table, inputs_table(results)])]
    missing = [
        Row((words.careful(str(r["what"])), words.careful(str(r["why"])), results.title(*checking.file_of(r["file"]))))
        for r in results.rows("not_modelled")
    ]
    if missing:
        heads = ("What", "Why", "File")
        blocks.append(
            Block(
                "What is not modelled",
                tables=[Table("What is not modelled, and why", heads, (False,) * 3, missing, open=True)],
            )
        )
    rest = _at_rest(one)
    blocks += [rest] if rest is not None else []
    again = "The same seed, code and files give the same numbers to the last digit, whatever the number of workers."
    blocks.append(Block("How to repeat it", [again], tables=[checking.repeated(results)]))
    more = {"intro": _intro(one), "blocks": blocks}
    data = ("inputs", "not_modelled", "transition_settled")
    return Part("checking", "Can I check it?", head, "service_part.html", data, words=more)
