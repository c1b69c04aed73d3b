"""Calibration and validation apart: what inputs were tuned to, and what could have failed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.report import words
from experiments.report.annex.facts import Recorded, Text, count, plain_table
from experiments.report.checking import label
from experiments.report.pieces import Part, Table
from experiments.report.results import source
from experiments.report.service_checks import COULD_FAIL, SET, Cell, cells, held_table
from experiments.report.service_facts import Block, Service
from experiments.report.words import Number, Phrase, phrase

QUESTIONS = {SET: "What was tuned, and does it come out?", COULD_FAIL: "What could have failed, and did it?"}
MEANING = {
    SET: "Inputs were set with these figures. That they come out proves the program, not the theory (calibration).",
    COULD_FAIL: "These set no input, so they could have failed. That they come out says something (validation).",
}


def held(run: Recorded, use: str) -> list[Cell]:
    """The published figures of a whole service of this use."""
    if "service" not in run.manifest:
        return []
    return [cell for cell in cells(Service(run.results)) if cell.use == use]


def _flows(run: Recorded) -> tuple[list[tuple[Any, ...]], int]:
    """Published counts of models on their own contacts beside the simulated ones, and how many are inside."""
    back = {(row["model"], row["stage"], row["branch"]) for row in run.rows("pathways") if row["display_only"]}
    rows, inside = [], 0
    for row in run.rows("flows", population="own"):
        if math.isnan(row["n_published"]):
            continue
        keys = {key: row[key] for key in ("model", "population", "stage", "branch")}
        number = {
            c: Number(float(row[c]), source("flows", c, **keys)) for c in ("n_published", "n_mean", "n_low", "n_high")
        }
        printed = (row["model"], row["stage"], row["branch"]) not in back
        known = number["n_low"].known
        near = bool(known and row["n_low"] <= row["n_published"] <= row["n_high"])
        inside += near and printed
        verdict = "no verdict: worked back from a percentage"
        if printed:
            verdict = ("inside" if near else "outside") if known else "no verdict: too few runs"
        span = words.span_whole(number["n_low"], number["n_high"]) if known else "too few runs"
        rows.append((f"{words.capital(words.humanised(row['stage']))}: {words.humanised(row['branch'])}",
                     run.model(str(row["model"])), words.whole(number["n_published"]), words.whole(number["n_mean"]),
                     span, verdict))  # fmt: skip
    return rows, inside


def _tuned(run: Recorded) -> Table | None:
    """Inputs whose value was chosen so that something comes out."""
    rows = [
        (
            words.capital(label(run.results, row["key"])),
            words.significant(Number(float(row["value"]), source("inputs", "value", key=row["key"]))),
            words.careful(str(row["why"])) or "no reason given",
        )
        for row in run.rows("inputs", status="calibrated")
    ]
    heads = ("Input", "Value", "Tuned to")
    return plain_table("Inputs that were tuned", heads, rows, (1,), open=True) if rows else None


def _headline(run: Recorded, mine: Sequence[Cell], flows: Sequence[Sequence[Any]], inside: int, use: str) -> Phrase:
    judged = [row for row in flows if row[-1] in ("inside", "outside")]
    every, good = len(mine) + len(judged), sum(cell.inside for cell in mine) + inside
    if not every:
        said = {
            SET: "No published figure that set an input is held against these runs.",
            COULD_FAIL: "No published figure was kept apart that could have failed.",
        }
        return phrase(said[use])
    numbers = {
        "inside": count(Number(good, f"computed: published figures of use={use} that are inside")),
        "all": count(Number(every, f"computed: published figures of use={use} with a verdict")),
    }
    verb = "that set inputs come out." if use == SET else "that could have failed come out."
    return phrase(f"{{inside}} of {{all}} published figures {verb}", **numbers)


def _inner(run: Recorded) -> list[Text]:
    """Checks of the program itself that could have failed."""
    said: list[Text] = []
    people = run.noted("people_simulated")
    for place in (("checks", "people_without_an_outcome_at_the_end"), ("service", "people_lost_on_their_way")):
        lost = run.noted(*place)
        if lost is not None and people is not None and (place[0] != "checks" or run.results.flows):
            said.append(phrase("Nobody may be lost: of {all} people simulated, {lost} had neither an outcome nor care "
                               "when they were last looked at.", all=people, lost=lost))  # fmt: skip
    furthest = run.results.noted("checks", "largest_z_of_simulated_shares")
    if furthest is not None and run.results.flows:
        said.append(phrase("Simulated shares must follow the rates: the furthest lies {z} standard errors from its "
                           "expectation.", z=words.significant(furthest)))  # fmt: skip
    return said


def build(run: Recorded, use: str) -> Part:
    """Calibration or validation: one table of its own."""
    mine = held(run, use)
    flows, inside = _flows(run) if use == SET else ([], 0)
    tables: list[Table] = []
    if flows:
        heads = ("Stage and branch", "Model", "Published", "Simulated", "One year's range", "Verdict")
        caption = "Calibration: published counts of a year, each model on its own contacts"
        tables.append(plain_table(caption, heads, flows, (2, 3, 4), open=True))
    if mine:
        name = "Calibration" if use == SET else "Validation"
        tables.append(held_table(f"{name}: published figures of the whole service", mine))
    tuned = _tuned(run) if use == SET else None
    tables += [tuned] if tuned is not None else []
    intro: list[Text] = [MEANING[use]] if tables else []
    if use == COULD_FAIL:
        if not mine:
            intro.append("No validation against the world was made in this run: no other year, other measure or other "
                         "council was held against it. What follows are checks of the program.")  # fmt: skip
        intro += _inner(run)
    elif not tables:
        intro.append("No calibration is part of this run; inputs of the status calibrated would be listed here. How "
                     "the models that ship were held against published figures is in docs/validation.md.")  # fmt: skip
    head = _headline(run, mine, flows, inside, use)
    data = tuple(name for name in ("checks", "flows", "inputs") if run.rows(name) and (use == SET or name == "checks"))
    identity = "calibration" if use == SET else "validation"
    return Part(identity, QUESTIONS[use], head, "service_part.html", data,
                words={"intro": intro, "blocks": [Block(tables=tables)]})  # fmt: skip
