"""A small transition with every part of the shipped one: a few hundred people, two vehicles, enough runs for ranges."""

from __future__ import annotations

from pathlib import Path

from experiments.experiment import run_experiment

FEW = """
kind: demand
name: few_whole
extends: barnet_whole
title: A few of Barnet's contacts and of the people in care
short_title: A few of Barnet's people
sources:
  community: {contacts_per_year: 320}
  hospital: {contacts_per_year: 180}
  transition: {contacts_per_year: 2}
  capital_depleted: {contacts_per_year: 4}
held:
  older_people: {residential: 20, nursing: 8, home_care: 40, direct_payment: 15, supported_living: 2, day_care: 5, telecare: 8}
  mental_health: {residential: 3, nursing: 1, home_care: 3, direct_payment: 3, supported_living: 2, day_care: 4, telecare: 2}
  physical_disability: {residential: 2, nursing: 1, home_care: 6, direct_payment: 8, supported_living: 1, day_care: 1, telecare: 2}
  learning_disability: {residential: 8, nursing: 1, home_care: 5, direct_payment: 8, supported_living: 9, day_care: 6, telecare: 3}
"""

SMALL = """
kind: experiment
name: small_transition
extends: vehicles
title: A small change of service
transition:
  demand: few_whole
  warm_up_months: 1
  vehicles: {options: [in_house, public_service_mutual]}
  transfers:
    - name: harrow
      title: "as much as Harrow's fall in new long-term cases"
      match:
        measure: funded_package
        source: community
        change: {value: harrow_fall * harrow_carried_over, status: assumption, why: "as in the shipped experiment"}
    - {name: full, title: "the whole gap", value: 1}
  effects: [1.0]
  pairs: PAIRS
  draws: DRAWS
"""


def made(folder: Path, pairs: int, draws: int) -> Path:
    """The results folder of the small transition."""
    text = SMALL.replace("PAIRS", str(pairs)).replace("DRAWS", str(draws))
    for kind, file, content in (("demand", "few_whole", FEW), ("experiments", "small_transition", text)):
        path = folder / "configs" / kind / f"{file}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return run_experiment(folder / "configs" / "experiments" / "small_transition.yaml", folder / "results", 1, False, quiet=True)
