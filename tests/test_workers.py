"""One worker or two: the same numbers, to the byte."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import OUT, arrival, decision, exponential, follows, package, service

import experiments.report
from experiments.crew import Crew
from experiments.experiment import run_experiment
from experiments.plan import prepare
from experiments.replicate import replicate

NOW = {
    "come": arrival("desk"),
    "ward": arrival("desk", "hospital"),
    "desk": service("door", exponential(2.0)),
    "door": {
        "kind": "decision",
        "follows_need": follows(0.5),
        "branches": [
            {
                "name": "no",
                "to": "out",
                "probability": {
                    "value": 0.6,
                    "status": "assumption",
                    "why": "a toy",
                    "range": {"low": 0.5, "high": 0.7, "why": "a toy"},
                },
                "published": {"n": 420.0, "share": 0.6},
            },
            {"name": "yes", "to": "care", "probability": "rest", "published": {"n": 280.0, "share": 0.4}},
        ],
    },
    "care": package(),
    "out": OUT,
}
THEN = {**NOW, "door": decision(("out", 0.75), ("care", "rest"), follows_need=follows(0.5))}


@pytest.fixture
def tiny(toys):
    """An experiment of two toy models, with everything a real one has but size."""
    toys.demand(sources={"community": 500.0, "hospital": 200.0}, groups={"older": 0.7, "other": "rest"})
    toys.prices(
        {"older": {"care": (100.0, exponential(50, "days"))}, "other": {"care": (None, exponential(90, "days"))}}
    )
    for name, stages in (("now", NOW), ("then", THEN)):
        toys.model(stages, name=name, uses=["prices/toy"])
    return toys.write(
        "experiments",
        "tiny",
        """
kind: experiment
name: tiny
title: Two toys
question: "Is one toy another?"
seed: 5
follow_up_days: 100
calibration: {start: 2014-04-01, replications: 40, runs: [{model: now, demand: toy}, {model: then, demand: toy}]}
comparison:
  baseline: now
  model: then
  demand: toy
  prices: toy
  start: 2014-04-01
  years: 2
  keeps_baseline: {source: [hospital]}
  transfers:
    - {name: none, title: nothing, value: 0.0}
    - {name: some, title: some, match: {measure: funded_package, source: community, change: -0.2}}
    - {name: full, title: all, value: 1.0}
  headline_transfer: some
  precision: {measure: funded_package, relative_half_width: 0.01, first_look: 30, batch: 7, most: 44}
  input_draws: 12
""",
    )


def test_two_workers_write_what_one_writes(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(experiments.report, "build_report", lambda folder: [])
    one, two = (run_experiment(tiny, tmp_path / f"with_{n}", n, False, quiet=True) for n in (1, 2))
    names = sorted(str(p.relative_to(one)) for p in one.rglob("*") if p.is_file())
    assert names == sorted(str(p.relative_to(two)) for p in two.rglob("*") if p.is_file())
    assert len([n for n in names if n.startswith("replications/comparison")]) == 3, "batches of 30, 7 and 7"
    for name in names:
        if name == "manifest.json":
            continue
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    counted = pd.concat([pd.read_parquet(p) for p in sorted((two / "replications").glob("*.parquet"))])
    assert all(np.issubdtype(counted[c].dtype, np.integer) for c in ("replication", "place", "value"))
    assert sorted(counted[counted.run == "comparison"].replication.unique()) == list(range(44))
    first, second = (json.loads((folder / "manifest.json").read_text(encoding="utf-8")) for folder in (one, two))
    for key in ("checks", "stopping", "replications", "people_simulated", "pathway_hashes", "uncertainty"):
        assert first[key] == second[key], key
    assert (first["workers"], second["workers"]) == (1, 2)
    assert first["checks"]["people_without_an_outcome_at_the_end"] == 0


def same(a, b):
    return (a.key, a.replication, a.people, a.rows) == (b.key, b.replication, b.people, b.rows) and all(
        np.array_equal(array, getattr(b.tallies[name], field))
        for name, tally in a.tallies.items()
        for field, array in tally.arrays().items()
    )


def test_a_replication_does_not_depend_on_those_before_it(tiny):
    job = prepare(tiny).comparison.job
    straight = [replicate(job, r) for r in (0, 1, 2)]
    turned = [replicate(job, r) for r in (2, 1, 0)][::-1]
    assert all(same(a, b) for a, b in zip(straight, turned, strict=True))
    assert not same(straight[0], replace(straight[1], replication=0))


def test_outcomes_come_in_the_order_of_the_replications_whoever_finishes_first(tiny):
    job = prepare(tiny).comparison.job
    with Crew([job], 1) as crew:
        alone = list(crew.map(job.key, range(6)))
    with Crew([job], 2) as crew:
        shared = list(crew.map(job.key, range(6)))
    assert [o.replication for o in shared] == list(range(6))
    assert all(same(a, b) for a, b in zip(alone, shared, strict=True))


def test_another_seed_is_another_result(tiny):
    job = prepare(tiny).comparison.job
    assert not same(replicate(job, 0), replicate(replace(job, seed=6), 0))
