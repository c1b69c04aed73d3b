"""Barnet's transition with a twentieth of its people and staff, as files, so that a run takes a moment."""

from __future__ import annotations

from pathlib import Path

KINDS = ("residential", "nursing", "home_care", "direct_payment", "supported_living", "day_care", "telecare")
HELD = {
    "older_people": (28, 9, 53, 24, 3, 10, 20),
    "mental_health": (4, 1, 3, 3, 4, 8, 2),
    "physical_disability": (2, 1, 7, 13, 1, 1, 3),
    "learning_disability": (10, 1, 7, 12, 12, 8, 2),
}

PEOPLE = """
kind: demand
name: twentieth
extends: barnet_whole
title: A twentieth of Barnet's contacts
short_title: Few contacts
sources:
  community: {{contacts_per_year: {community}}}
  hospital: {{contacts_per_year: {hospital}}}
held:
{held}
"""

STAFF = """
kind: model
name: few_staff
extends: barnet_staffed
title: Barnet with a twentieth of its staff
short_title: Barnet, few
reproduces: "nothing"
parameters:
  contact_centre_practitioners: {value: 1, status: assumption, why: "for a test"}
  social_workers: {value: 3, status: assumption, why: "for a test"}
"""

TRANSITION = """
kind: experiment
name: twentieth
extends: vehicles
title: A small transition
transition:
  baseline: few_staff
  demand: twentieth
  vehicles: {options: [in_house, public_service_mutual]}
  beside: []
  warm_up_months: 3
  moves:
    - {team: social_work_teams, practitioners: 1, why: "for a test"}
  effects: [0.5]
  pairs: 2
  draws: 2
"""


def number(value: float) -> str:
    """A figure that no assumption stands behind, as a file has it."""
    return f'{{value: {value}, status: derived, why: "a twentieth of Barnet, for a test"}}'


def written(folder: Path) -> Path:
    """The experiment's file, with those it names beside it."""
    held = "\n".join(
        f"  {group}: {{{', '.join(f'{kind}: {number(count)}' for kind, count in zip(KINDS, numbers, strict=True))}}}"
        for group, numbers in HELD.items()
    )
    files = {
        "demand/twentieth": PEOPLE.format(held=held, community=number(310), hospital=number(190)),
        "models/few_staff": STAFF,
        "experiments/twentieth": TRANSITION,
    }
    for name, content in files.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder / "experiments" / "twentieth.yaml"
