"""``robustness.html``: on one page, for the finance director, how far the estimates can be relied on."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.report.annex.facts import Recorded
from experiments.report.annex.note_cases import case_of, titled
from experiments.report.annex.note_facts import before_relying, conditions, strength
from experiments.report.annex.sentences import supposed
from experiments.report.pages import Draft, Page
from experiments.report.results import Results

DUTY = (
    "Section 25 of the Local Government Act 2003 has the chief finance officer report to the authority on the "
    "robustness of the estimates made for the budget and the adequacy of the reserves. This note tells how robust one "
    "estimate is; it is not that report."
)


def draft(results: Results, pages: Sequence[Page]) -> Draft | None:
    """The note; None where a result has nothing about money."""
    run = Recorded(results)
    case = case_of(run)
    if case is None:
        return None
    about, question = titled(run)
    said = {
        "about": about,
        "question": question,
        "case": case,
        "included": [text for text in (*case.included, supposed(run)) if text is not None],
        "conditions": conditions(run),
        "strength": strength(run),
        "first": before_relying(run, case),
        "duty": DUTY,
    }
    return Draft((), template="robustness.html", words=said)
