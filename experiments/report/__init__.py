"""The report of a finished experiment: HTML pages that need nothing else, made from the results folder alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from experiments.report import (
    answer,
    checking,
    extras,
    flows,
    joined_after,
    joined_change,
    money,
    packages_by_month,
    people,
    service_page,
    transition_page,
    who,
)
from experiments.report.interval_notes import interval_note
from experiments.report.pages import Draft, Page
from experiments.report.pieces import Part, parts_made
from experiments.report.render import render
from experiments.report.results import Results
from experiments.report.trail import trails
from experiments.whole_file import write_text_whole
from simulation.errors import DemandflowError, shown

__all__ = ["Page", "build_report", "pages_of", "parts_of", "render", "write_pages"]


def parts_of(results: Results) -> list[Part]:
    """The parts that have something to say, in a reader's order."""
    makers = (
        answer.build,
        flows.build,
        people.build,
        packages_by_month.build,
        money.build,
        joined_change.build,
        who.build,
        checking.build,
        joined_after.build,
    )
    return parts_made(results, results, makers)


def _text(results: Results, one: Page, others: Sequence[Page], missing: Sequence[str]) -> str:
    return render(
        one.draft.template,
        also=[(other.file, other.title or "The whole report") for other in others],
        scripts=one.draft.scripts,
        title=results.manifest["title"],
        seed=str(results.manifest["seed"]),
        version=str(results.manifest["versions"]["demandflow"]),
        parts=one.parts,
        missing=missing,
        trails=trails(results, one.parts),
        notes={part.id: interval_note(results, part.data) for part in one.parts},
        **one.draft.words,
    )


def pages_of(results: Results) -> list[Page]:
    """The pages of a result: the first of its kinds has the report to itself, others have a page beside it.

    What cannot be built is said in ``results.missing``, and the rest is built all the same.

    Raises:
        DemandflowError: no page could be built.
    """
    kinds: list[tuple[str, str, Callable[[Results], list[Part]], bool]] = [
        ("flows", "The comparison of models", parts_of, results.flows),
        ("service", "The whole service over years", service_page.parts_of, "service" in results.manifest),
        ("transition", "One model becoming another", transition_page.parts_of, "transition" in results.manifest),
    ]
    there = [(name, title, make) for name, title, make, known in kinds if known] or [("flows", "", parts_of)]
    drafts = []
    for place, (name, title, make) in enumerate(there):
        file = f"{name}.html" if place else "report.html"
        if parts := results.attempt(file, lambda make=make: make(results)):  # type: ignore[misc]
            drafts.append(Page(file, title if len(there) > 1 else "", Draft(parts)))
    if not drafts:
        raise DemandflowError(f"{shown(results.folder)}: no page could be built. {' '.join(results.missing)}")
    said = list(results.missing)
    beside = []
    for extra in extras.EXTRAS:
        draft = results.attempt(extra.file, lambda extra=extra: extra.make(results, drafts))  # type: ignore[misc]
        if draft is not None:
            beside.append(Page(extra.file, extra.title, draft, extra=True))
    return _written(results, drafts, beside, said)


def _written(results: Results, main: list[Page], beside: list[Page], missing: list[str]) -> list[Page]:
    """The pages with their texts; one that cannot be written is left out of the links of the others too."""
    pages = [*main, *beside]
    made = []
    for one in pages:
        others = [other for other in pages if other is not one]
        text = results.attempt(one.file, lambda one=one, others=others: _text(results, one, others, missing))  # type: ignore[misc]
        if text is None:
            return _written(results, [p for p in main if p is not one], [p for p in beside if p is not one], missing)
        made.append(replace(one, text=text))
    return made


def write_pages(folder: Path, pages: Sequence[Page]) -> None:
    """Write pages into a folder, each whole or not at all.

    Raises:
        OSError: they cannot be written.
    """
    for one in pages:
        write_text_whole(folder / one.file, one.text)


def build_report(folder: Path) -> list[str]:
    """Write ``report.html`` into a finished results folder, and the pages beside it.

    Returns:
        What could not be built, in sentences.

    Raises:
        DemandflowError: the folder is not a finished result, or nothing could be built. OSError: it cannot be written.
    """
    results = Results(folder)
    write_pages(folder, pages_of(results))
    return results.missing
