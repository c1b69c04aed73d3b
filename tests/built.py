"""Results of each shipped kind, tiny, made once in a session whatever the number of test files that read them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import twentieth
from small_experiment import SMALL, made

from experiments.experiment import run_experiment
from experiments.pack.build import build_pack

FRONT_DOORS = """
kind: experiment
name: few_doors
extends: front_doors
title: Other front doors, few people
follow_up_days: 90
calibration:
  runs:
    - {model: nel_focus, demand: few_elsewhere}
    - {model: somerset_front_door, demand: few}
    - {model: locality_front_door, demand: few}
"""

SERVICE = """
kind: experiment
name: few_served
extends: barnet_baseline
title: A twentieth of Barnet's service
service:
  model: few_staff
  demand: twentieth
  years: 2
  warm_up_months: 12
  replications: 3
"""


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """A results folder that all workers of this session share: the first that asks makes it, and nobody changes it."""
    base = factory.getbasetemp()
    root = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "made_once"
    root.mkdir(exist_ok=True)
    with (root / f"{name}.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        known = lock.read()
        if known:
            return Path(known)
        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)  # of one that failed
        folder.mkdir()
        results = make(folder)
        lock.write(str(results))
    return results


def small(folder: Path) -> Path:
    """A comparison of models."""
    return made(folder, "small", SMALL)


def front_doors(folder: Path) -> Path:
    """Models on their own contacts."""
    return made(folder, "few_doors", FRONT_DOORS)


def service(folder: Path) -> Path:
    """A whole service."""
    twentieth.written(folder)
    path = folder / "experiments" / "few_served.yaml"
    path.write_text(SERVICE, encoding="utf-8")
    return run_experiment(path, folder / "results", 1, False, quiet=True)


def transition(folder: Path) -> Path:
    """One model becoming another, with the culture model beside the S-curve."""
    path = twentieth.written(folder)
    path.write_text(path.read_text(encoding="utf-8").replace("  beside: []\n", ""), encoding="utf-8")
    return run_experiment(path, folder / "results", 1, False, quiet=True)


KINDS: dict[str, Callable[[Path], Path]] = {
    "comparison": small,
    "front_doors": front_doors,
    "service": service,
    "transition": transition,
}

SLOW = ("comparison", "service", "transition")
EVERY_KIND = pytest.mark.parametrize(
    "kind",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in KINDS],
)


def handed_out(factory: pytest.TempPathFactory, kind: str) -> Path:
    """All that ``report`` builds of a kind, but for pictures; nobody changes it."""

    def build(folder: Path) -> Path:
        copy = Path(shutil.copytree(once(factory, kind, KINDS[kind]), folder / "copy"))
        _, missing = build_pack(copy, pictures=False)
        assert missing == []
        return copy

    return once(factory, f"{kind}_handed_out", build)
