"""What the robustness note says of a result: what is asked and delivered, what is in it, and what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from experiments.report import words
from experiments.report.annex import checks
from experiments.report.annex.facts import Recorded, Text, count
from experiments.report.sceptic_inputs import label
from experiments.report.service_checks import COULD_FAIL
from experiments.report.words import Number, phrase

TITLE, QUESTION, CONDITION, CONDITIONS = 90, 200, 150, 450
"""Letters of a title, a question, a condition and all conditions: longer ones are cut, for the note is one page."""


@dataclass(frozen=True)
class Line:
    """A figure with its two ranges, in words."""

    what: Text
    central: Any
    chance: Any
    both: Any
    grey: bool = False


@dataclass(frozen=True)
class Case:
    """What is particular to a kind of result.

    Attributes:
        answer: one sentence. asked: what is asked, and how much of it is within reach. lines: what is delivered.
        ranges: what their two ranges are. after: sentences below them. included, left_out: the base case. first: what
        to do before relying on it. heading: of the lines.
    """

    answer: Text
    asked: Sequence[Text]
    lines: Sequence[Line]
    ranges: tuple[str, str] = ("By chance alone", "Inputs and chance")
    after: Sequence[Text] = ()
    included: Sequence[Text] = ()
    left_out: Sequence[Text] = ()
    first: Sequence[Text] = ()
    heading: str = "What is delivered"


def cut(text: str, most: int) -> str:
    """A text of at most so many letters, whole words."""
    return shorten(text, most, placeholder="…")


def conditions(run: Recorded) -> list[str]:
    """What would make it fail: the conditions that the experiment names, the first of them, cut where they are long."""
    given = [words.careful(str(text)) for text in run.config.get("true_only_if") or []]
    brief = [cut(text, CONDITION) for text in given]
    shown = [text for at, text in enumerate(brief) if sum(map(len, brief[: at + 1])) <= CONDITIONS]
    more = len(given) - len(shown)
    return [*shown, *([f"{more} more stand in the report."] if more else [])]


def left_out(run: Recorded) -> Text:
    """How many things the models leave out."""
    return phrase("{n} things that the models leave out, each with its reason in the report.",
                  n=run.counted(run.rows("not_modelled"), "rows of not_modelled.csv"))  # fmt: skip


def strength(run: Recorded) -> list[Text]:
    """How strong the evidence is: the share on assumption, what could have failed, whether the engines agree."""
    said: list[Text] = []
    inputs = run.rows("inputs")
    if inputs:
        resting = Number(
            sum(bool(r["rests_on_assumption"]) for r in inputs), "inputs.csv: count of rests_on_assumption"
        )
        every = Number(len(inputs), "inputs.csv: count of rows")
        said.append(phrase("{n} of {all} inputs rest on assumption.", n=count(resting), all=count(every)))
    for place, what in (("share_of_headline_on_assumption", "the number of packages"),
                        ("share_of_saving_on_assumption", "the last year's saving")):  # fmt: skip
        share = run.results.noted("uncertainty", place)
        if share is not None:
            said.append(phrase("{share} of what could move {what} rests on assumption.", share=words.percent(share),
                               what=what))  # fmt: skip
    mine = checks.held(run, COULD_FAIL)
    if mine:
        inside = Number(
            sum(cell.inside for cell in mine), "computed: checks.csv rows of use=validation that are inside"
        )
        weak = checks.weak(mine)
        said.append(phrase("{n} of {all} published figures that could have failed come out{weak}.", n=count(inside),
                           all=run.counted(mine, "checks.csv rows of use=validation"),
                           weak=phrase("; {n} of these are weak tests, as their notes say",
                                       n=run.counted(weak, checks.WEAK)) if weak else ""))  # fmt: skip
    else:
        said.append("No published figure was kept apart that could have failed: nothing was validated in this run.")
    told = run.manifest.get("agreement") or {}
    said.append(phrase("Two separate engines: {verdict}. This proves the program, not the inputs.",
                       verdict=str(told["verdict"]))
                if told.get("verdict") else "Whether two separate engines agree was not recorded.")  # fmt: skip
    return said


def heaviest(run: Recorded) -> Text | None:
    """The inputs on assumption that move the answer most, where they were moved one by one."""
    column = "swing_saving" if any(r.get("swing_saving", 0) > 0 for r in run.rows("inputs")) else "swing"
    moving = [r for r in run.rows("inputs") if r["rests_on_assumption"] and r[column] == r[column] and r[column] > 0]
    most = sorted(moving, key=lambda row: -row[column])[:2]
    if not most:
        return None
    names = " and ".join(cut(label(run.results, row["key"]), TITLE) for row in most)
    return phrase("Find evidence for the assumptions that move the answer most: {names}.", names=names)


def before_relying(run: Recorded, case: Case) -> list[Text]:
    """What to do before relying on it."""
    signed = bool((run.signatures.get("assurer") or {}).get("date"))
    review = None if signed else "Have somebody other than the analyst review it: no assurer has signed."
    unseen = None if checks.held(run, COULD_FAIL) else "Hold the model against figures that set none of its inputs."
    return [text for text in (*case.first, heaviest(run), unseen, review) if text is not None]
