"""A measure as it stands in a sentence."""

from __future__ import annotations

import re

from experiments.measured import SAVING, Measure
from experiments.report.words import humanised

PEOPLE = {
    "contact": "contacts",
    "eligible_need": "people with eligible need",
    "eligible_need_without_package": "people with eligible need and no package",
    "full_assessment": "full assessments",
    "funded_package": "funded packages",
    "home_visit": "home visits",
    "hub_appointment": "hub appointments",
    "no_council_funding": "people without Council funding",
    "package_start": "package starts",
    "referred_on": "people referred on",
}
"""Measures that read badly as they are written."""


def in_words(measure: Measure) -> str:
    """'demand savings, 2019/20', 'the change in funded packages, client group, older people'."""
    dated = re.sub(r"[_/](\d{4})[_/](\d{2})$", r", \1/\2", measure.name)
    first, *rest = re.split(r"/(?!\d\d$)", dated)
    told = ", ".join([PEOPLE.get(first, humanised(first)), *(humanised(part) for part in rest)])
    return told if measure.kind == SAVING else f"the change in {told}"
