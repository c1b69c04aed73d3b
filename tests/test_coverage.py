"""Intervals cover the truth as often as they say: whole experiments on a pathway whose difference is known exactly."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import OUT, Toys, arrival, decision, exponential, package, service

from experiments.experiment import differences
from experiments.matching import expected_by_source
from experiments.plan import ComparisonRun, prepare
from experiments.stopping import run_until_precise
from simulation.schema.experiment import Precision

EXPERIMENTS = 2000
MEASURE = "funded_package"


def known(toys: Toys) -> tuple[ComparisonRun, Precision]:
    """An arrival, a team and a decision that sends fewer people on to care under the second model."""

    def model(name: str, advised: float) -> None:
        first: dict[str, Any] = decision(("advice", advised), ("home", "rest"))
        first["branches"][1]["counts_as"] = MEASURE
        stages = {
            "door": arrival("desk"),
            "desk": service("first", exponential(30, "minutes"), "desk"),
            "first": first,
            "home": package("over", "home"),
            "advice": OUT,
            "over": {"kind": "outcome", "need": "care_ended"},
        }
        toys.model(stages, name=name)

    model("today", 0.6)
    model("target", 0.75)
    toys.demand({"community": 400.0})
    toys.prices({"older_people": {"home": (600.0, exponential(30, "days"))}})
    content = {
        "kind": "experiment", "name": "known", "title": "A known answer", "question": "Is the truth inside?", "seed": 1,
        "follow_up_days": 10,
        "comparison": {
            "baseline": "today", "model": "target", "demand": "toy", "prices": "toy", "start": "2014-04-01", "years": 1,
            "keeps_baseline": {}, "headline_transfer": "full", "input_draws": 0,
            "transfers": [
                {"name": "none", "title": "none of the gap", "value": 0.0},
                {"name": "full", "title": "the whole gap", "value": 1.0},
            ],
            "precision": {"relative_half_width": 0.043, "first_look": 30, "batch": 10, "most": 60},
        },
    }  # fmt: skip
    text = yaml.safe_dump(content, sort_keys=False).replace("'2014-04-01'", "2014-04-01")
    prepared = prepare(toys.write("experiments", "known", text))
    assert prepared.comparison is not None and prepared.experiment.comparison is not None
    return prepared.comparison, prepared.experiment.comparison.precision


def experiment(run: ComparisonRun, precision: Precision, seed: int) -> tuple[int, float, float]:
    """One experiment by the project's own rule, pairs and interval: pairs, and the interval's ends."""
    job = replace(run.job, seed=seed)
    outcomes: list[Any] = []

    def batch(first: int, size: int) -> None:
        outcomes.extend(job.outcome(number) for number in range(first, first + size))

    def found() -> Any:
        return differences(run, outcomes, precision.measure, 1)

    stopped = run_until_precise(precision, batch, found)
    interval = found()["full"]
    return stopped.pairs, interval.low, interval.high


def truth(run: ComparisonRun) -> float:
    """The expected difference by the compiled graphs, in a year of 365 days: no simulation."""
    none, full = (sum(expected_by_source(each.compiled, MEASURE).values()) for each in run.scenarios)
    return full - none


def test_the_known_difference_is_what_a_pencil_gives(toys: Toys) -> None:
    """400 contacts a year, of whom 40 in 100 go on today and 25 in 100 would under the other model."""
    run, _ = known(toys)
    assert truth(run) == pytest.approx(-60, rel=1e-12)


@pytest.mark.slow
def test_two_thousand_experiments_cover_the_known_difference(tmp_path: Path) -> None:
    run, precision = known(Toys(tmp_path))
    answer = truth(run)
    work = partial(experiment, run, precision)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(work, range(1, EXPERIMENTS + 1), chunksize=50))
    inside = sum(low <= answer <= high for _, low, high in found) / EXPERIMENTS
    looks = Counter(pairs for pairs, *_ in found)
    assert min(looks[30], looks[40], looks[50] + looks[60]) > 100, "the rule stops at every look, so it is put to work"
    assert 0.93 <= inside <= 0.97, f"{inside:.2%} of {EXPERIMENTS} intervals hold {answer:g}; pairs run: {dict(looks)}"
