"""Calibration and validation apart: what inputs were tuned to, and what could have failed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.report import words
from experiments.report.annex.facts import Recorded, Text, count, plain_table
from experiments.report.pieces import Part, Table
from experiments.report.results import source
from experiments.report.sceptic_inputs import label
from experiments.report.service_checks import COULD_FAIL, SET, Cell, cells, held_table, sources_table
from experiments.report.service_facts import Block, Service
from experiments.report.words import Number, phrase

PUT_IN = "Inputs were set with these figures. That they come out proves the program, not the theory (calibration)."
WEAK = "checks.csv rows of use=validation whose note says weak"


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


def weak(found: Sequence[Cell]) -> list[Cell]:
    """Figures whose note says that they test little."""
    return [cell for cell in found if "weak" in str(cell.row["note"])]


def _out_of(use: str, good: int, every: int) -> dict[str, words.Said]:
    """How many published figures of a use come out, and of how many."""
    return {
        "inside": count(Number(good, f"computed: published figures of use={use} that are inside")),
        "all": count(Number(every, f"computed: published figures of use={use} with a verdict")),
    }


def _program(run: Recorded) -> list[Text]:
    """Checks of the program itself that could have failed."""
    said: list[Text] = []
    people = run.noted("people_simulated")
    lost = run.noted("service", "people_lost_on_their_way")
    if lost is not None and people is not None:
        said.append(phrase("Nobody may be lost: of {all} people simulated, {lost} were.", all=people, lost=lost))
    ended = run.noted("checks", "people_without_an_outcome_at_the_end")
    if run.results.flows and ended is not None and people is not None:
        said.append(phrase("Nobody may be lost: of {all} people simulated, {lost} had reached neither an outcome nor "
                           "care when the follow-up ended.", all=people, lost=ended))  # fmt: skip
    furthest = run.results.noted("checks", "largest_z_of_simulated_shares")
    if furthest is not None and run.results.flows:
        said.append(phrase("Simulated shares must follow the rates: the furthest lies {z} standard errors from its "
                           "expectation.", z=words.significant(furthest)))  # fmt: skip
    return said


def _of_service(run: Recorded, name: str, mine: Sequence[Cell]) -> list[Table]:
    if not mine:
        return []
    caption = f"{name}: published figures of the whole service"
    return [held_table(caption, mine), sources_table(Service(run.results), f"{caption}, sources and notes", mine)]


def calibration(run: Recorded) -> Part:
    """What inputs were tuned to, and whether it comes out."""
    mine, (flows, inside) = held(run, SET), _flows(run)
    judged = [row for row in flows if row[-1] in ("inside", "outside")]
    every = len(mine) + len(judged)
    head = phrase("No published figure that set an input is held against these runs.")
    if every:
        numbers = _out_of(SET, sum(cell.inside for cell in mine) + inside, every)
        head = phrase("{inside} of {all} published figures that set inputs come out.", **numbers)
    tables = _of_service(run, "Calibration", mine)
    if flows:
        heads = ("Stage and branch", "Model", "Published", "Simulated", "One year's range", "Verdict")
        caption = "Calibration: published counts of a year, each model on its own contacts"
        tables.insert(0, plain_table(caption, heads, flows, (2, 3, 4), open=True))
    intro: list[Text] = [PUT_IN] if tables else []
    tuned = _tuned(run)
    if tuned is not None:
        tables.append(tuned)
        intro.append("Inputs of the status calibrated were chosen so that something comes out; that it does is no "
                     "evidence for them.")  # fmt: skip
    if not tables:
        intro.append("No calibration is part of this run; inputs of the status calibrated would be listed here.")
    if not every:
        intro.append("How the models that ship were held against published figures is in docs/validation.md.")
    data = tuple(name for name in ("checks", "flows", "inputs") if run.rows(name))
    return Part("calibration", "What was tuned, and does it come out?", head, "service_part.html", data,
                words={"intro": intro, "blocks": [Block(tables=tables)]})  # fmt: skip


def validation(run: Recorded) -> Part:
    """What could have failed: published figures that set no input, and checks of the program."""
    mine = held(run, COULD_FAIL)
    head = phrase("No published figure was kept apart that could have failed.")
    intro: list[Text] = ["No validation against the world was made in this run: no other year, other measure or other "
                         "council was held against it."]  # fmt: skip
    if mine:
        numbers = _out_of(COULD_FAIL, sum(cell.inside for cell in mine), len(mine))
        head = phrase("{inside} of {all} published figures that could have failed come out.", **numbers)
        intro = ["These set no input, so they could have failed. That they come out says something (validation)."]
        if weak(mine):
            intro.append(phrase("{n} of them are weak tests, as their notes say.",
                                n=run.counted(weak(mine), WEAK)))  # fmt: skip
    blocks = [Block(tables=_of_service(run, "Validation", mine))]
    program = _program(run)
    if program:
        blocks.append(Block("Checks of the program", program))
    return Part("validation", "What could have failed, and did it?", head, "service_part.html",
                ("checks",) if mine else (), words={"intro": intro, "blocks": blocks})  # fmt: skip
