"""A small experiment with every part of the shipped one: a few hundred contacts, so that it takes seconds."""

from __future__ import annotations

from pathlib import Path

from experiments.experiment import run_experiment

FEW = """
kind: demand
name: few
extends: barnet_2014_15
title: A few of Barnet's contacts
short_title: Barnet's contacts
sources:
  community: {contacts_per_year: 320}
  hospital: {contacts_per_year: 180}
"""

FEW_ELSEWHERE = """
kind: demand
name: few_elsewhere
extends: shropshire_2015
title: A few of Shropshire's contacts
short_title: Shropshire's contacts
sources:
  community: {contacts_per_year: 600}
"""

SMALL = """
kind: experiment
name: small
extends: barnet_vs_shropshire
title: A small experiment
follow_up_days: 90
calibration:
  runs:
    - {model: barnet_2014_15, demand: few}
    - {model: shropshire_p2p, demand: few_elsewhere}
comparison:
  demand: few
  years: 2
  precision: {first_look: 30, batch: 10, most: 30}
  like_for_like: {steps: 6}
  input_draws: 8
"""

CALIBRATION_ONLY = """
kind: experiment
name: calibration_only
title: Only a calibration
question: "Do the published pictures come out?"
seed: 7
follow_up_days: 90
calibration:
  start: 2014-04-01
  replications: 40
  runs:
    - {model: barnet_2014_15, demand: few}
"""


def made(folder: Path, name: str, text: str) -> Path:
    """The results folder of an experiment over the few contacts."""
    files = (("demand", "few", FEW), ("demand", "few_elsewhere", FEW_ELSEWHERE), ("experiments", name, text))
    for kind, file, content in files:
        path = folder / "configs" / kind / f"{file}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return run_experiment(folder / "configs" / "experiments" / f"{name}.yaml", folder / "results", 1, False, quiet=True)
