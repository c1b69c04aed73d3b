"""``annex.html``: how it was done and how far it was checked, from what the run recorded and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.report.annex import checks, components, runs, sign_off
from experiments.report.annex.facts import NOT_RECORDED, Recorded, count, plain_table
from experiments.report.annex.odd import ELEMENTS
from experiments.report.annex.stress import ITEMS
from experiments.report.pages import Draft, Page
from experiments.report.pieces import Part
from experiments.report.results import Results
from experiments.report.sceptic_rests import repeat_block
from experiments.report.service_facts import Block
from experiments.report.words import Number, phrase

STRESS_INTRO = (
    "STRESS-DES, the guideline for reporting discrete-event simulations (Monks and others 2019, Journal of Simulation "
    "13(1), 55-67): its 20 items, of which 2.5 has five parts. What the run did not record is said to be not recorded."
)
ODD_INTRO = (
    "The ODD protocol for describing agent-based models (Grimm and others 2020, Journal of Artificial Societies and "
    "Social Simulation 23(2) 7): its seven elements, of which the fourth has eleven concepts."
)


def _stress(run: Recorded) -> Part:
    """The checklist. An item is answered where no part of it is said to be not recorded."""
    said = [(number, section, name, answer(run)) for number, section, name, answer in ITEMS]
    items = {".".join(number.split(".")[:2]) for number, *_ in said}
    open_ = {
        ".".join(number.split(".")[:2]) for number, _, _, text in said if NOT_RECORDED.lower() in str(text).lower()
    }
    head = phrase(
        "{n} of {all} items of STRESS-DES are answered from what was recorded.",
        n=count(Number(len(items - open_), "computed: items of STRESS-DES without 'not recorded'")),
        all=count(Number(len(items), "computed: items of STRESS-DES")),
    )
    rows = [(f"{number} {name}", section, text) for number, section, name, text in said]
    table = plain_table("STRESS-DES, item by item", ("Item", "Section", "This run"), rows, open=True)
    return Part("stress", "What should be reported of such a model?", head, "service_part.html", (),
                words={"intro": [STRESS_INTRO], "blocks": [Block(tables=[table])]})  # fmt: skip


def _odd(run: Recorded) -> Part:
    """The model described."""
    said = [(f"{number} {name}", text(run)) for number, name, text in ELEMENTS]
    head = phrase("The model is described in the seven elements of ODD.")
    table = plain_table("ODD, element by element", ("Element", "This run"), said, open=True)
    return Part("odd", "What is the model made of, and what do people in it do?", head, "service_part.html", (),
                words={"intro": [ODD_INTRO], "blocks": [Block(tables=[table])]})  # fmt: skip


def _machine(run: Recorded) -> Part:
    """The program, its versions and its files."""
    code = run.manifest.get("code") or {}
    changed: dict[Any, str] = {
        True: "The program had changes that were not committed.",
        False: "The program was as committed.",
    }
    head = phrase("{said}", said=changed.get(code.get("dirty"), "Whether the program had changes was not recorded."))
    return Part("repeat", "With which program, and how is it repeated?", head, "service_part.html", (),
                words={"intro": [], "blocks": [repeat_block(run.results)]})  # fmt: skip


def parts_of(run: Recorded) -> list[Part]:
    """The parts of the annex, what could have failed before what was tuned."""
    return [
        _stress(run),
        checks.validation(run),
        checks.calibration(run),
        runs.engines(run),
        runs.runs(run),
        components.build(run),
        _odd(run),
        _machine(run),
        sign_off.build(run),
    ]


def draft(results: Results, pages: Sequence[Page]) -> Draft:
    """The annex, for any kind of result."""
    return Draft(parts_of(Recorded(results)), template="annex.html", in_document=True)
