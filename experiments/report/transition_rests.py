"""What a transition rests on: inputs, what is not modelled, whether the engines agree, how to repeat it."""

from __future__ import annotations

from typing import Any

from experiments import steady
from experiments.report import sceptic_rests, words
from experiments.report.pieces import Part, Row, Table
from experiments.report.results import source
from experiments.report.service_facts import Block, say
from experiments.report.service_waits import needed
from experiments.report.transition_facts import Transition
from experiments.report.words import Number, Phrase, phrase


def _intro(one: Transition) -> list[Phrase | str]:
    results = one.results
    said: list[Phrase | str] = [
        "An input rests on assumption if it is one, or is worked out from one. Inputs with a range were drawn "
        "together, once for each run and the same for every vehicle. How far each one alone moves the answer stands "
        "under “What would change the answer?”, or the command that works it out.",
    ]
    contradictory = results.noted("transition", "contradictory_draws")
    if contradictory is not None and contradictory.value:
        said.append(
            phrase(
                "{n} of the drawn sets of inputs contradicted the published totals and were left out.",
                n=words.whole(contradictory),
            )
        )
    said += sceptic_rests.lost(results)
    both = sceptic_rests.agreed(results)
    if both is not None:
        said.append(both)
    said += [words.careful(str(line)) for line in one.told.get("assumed") or []]
    said.append(
        "Today's model was set so that published figures come out (docs/validation.md says which could have failed). "
        "Whether it foretells later years is told under “What happened next?”, where actual figures were given."
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
    """The part on what the answer rests on."""
    results = one.results
    if not results.rows("inputs"):
        return None
    rest = _at_rest(one)
    blocks = [
        *sceptic_rests.inputs_block(results),
        *sceptic_rests.left_out_block(results),
        *([rest] if rest is not None else []),
        sceptic_rests.repeat_block(results),
    ]
    more = {"intro": _intro(one), "blocks": blocks}
    data = (*sceptic_rests.DATA, "transition_settled")
    head = sceptic_rests.headline(results)
    return Part("checking", "Can I check it?", head, "service_part.html", data, words=more)
