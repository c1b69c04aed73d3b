"""What was run, with what, and what came of it: ``manifest.json``."""

from __future__ import annotations

import os
import platform
import subprocess
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments.plan import Prepared
from simulation.errors import shown

HERE = Path(__file__).resolve().parent.parent
PACKAGES = ("mesa", "numba", "numpy", "pandas", "plotly", "pyarrow", "pydantic", "scipy", "simpy")
ROOMS = ("agents", "simulation", "experiments")


def git_state() -> dict[str, Any]:
    """Commit and whether the work tree differs from it; nothing where there is no repository.

    Without optional locks: a run that is killed while it asks must not leave the repository locked.
    """

    def ask(*words: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "--no-optional-locks", "-C", str(HERE), *words],
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    commit = ask("rev-parse", "HEAD")
    status = ask("status", "--porcelain")
    return {"commit": commit, "dirty": None if status is None else bool(status)}


def digest(path: Path) -> str:
    """Of a file's bytes, by which a manifest knows it again."""
    return blake2b(path.read_bytes(), digest_size=16).hexdigest()


def of_file(path: Path) -> dict[str, str]:
    """What a manifest says of a file that was read."""
    return {"file": shown(path), "hash": digest(path)}


@cache
def code_hash() -> str:
    """Of everything that runs, so that a run that goes on elsewhere or later is known to go on with the same code."""
    found = blake2b(digest_size=16)
    for path in sorted((HERE / "run.py", *(file for room in ROOMS for file in (HERE / room).rglob("*.py")))):
        found.update(f"{path.relative_to(HERE).as_posix()}\0".encode() + path.read_bytes())
    return found.hexdigest()


def surroundings() -> dict[str, Any]:
    """The program and the machine, whatever was run: versions, commit, system."""
    return {
        "versions": {
            "demandflow": _own_version(),
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        "code": {**git_state(), "hash": code_hash()},
        "machine": {"system": platform.system(), "processor": platform.machine(), "cpus": os.cpu_count()},
    }


def describe(prepared: Prepared, workers: int, engine: str) -> dict[str, Any]:
    """Everything known before the run. ``engine``: the one that really runs."""
    files = {}
    for loaded in sorted(prepared.documents, key=lambda item: str(item.document.path)):
        for path in (loaded.document.path, *loaded.document.ancestors):
            files[shown(path)] = digest(path)
    pathways: dict[str, str] = {run.key: run.compiled.pathway.content_hash() for run in prepared.own}
    if prepared.comparison is not None:
        for scenario in prepared.comparison.scenarios:
            pathways[f"comparison/{scenario.name}"] = scenario.compiled.pathway.content_hash()
    if prepared.service is not None:
        pathways[prepared.service.key] = prepared.service.job.pathway.content_hash()
    if prepared.transition is not None:
        pathways |= {f"transition/{name}": pathway.content_hash() for name, pathway in prepared.transition.job.pathways}
    return {
        "experiment": prepared.experiment.name,
        "title": prepared.experiment.title,
        "question": prepared.experiment.question,
        "config_file": shown(prepared.loaded.document.path),
        "config": prepared.loaded.document.data,
        "config_hashes": files,
        "pathway_hashes": pathways,
        "seed": prepared.experiment.seed,
        "engine": engine,
        "inputs": "central values; ranges are drawn for tables/ranges",
        "workers": workers,
        **surroundings(),
    }


def _own_version() -> str:
    import tomllib

    with (HERE / "pyproject.toml").open("rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])
