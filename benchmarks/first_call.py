"""What the compiled engine costs before its first event: compiling once, and starting later.

``python -m benchmarks.first_call`` is a program that starts, reads the reference pathway and runs the compiled engine
until somebody has come: the first event. It prints JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMPILE_GATE, START_GATE = 10.0, 2.0
SLOW = ("mesa", "pandas", "plotly", "scipy.special", "scipy.stats", "simpy")
"""Libraries that a warm start has no use for. (numba itself loads scipy and its linear algebra whenever it is used.)"""


def _program() -> dict[str, Any]:
    begun = time.time()
    from benchmarks import ours

    world = ours.reference(1)
    people = world.people(0)
    read = time.time()
    soon = int(people.time[people.held < 0].min()) + 1
    world.summed(people, 0, soon)
    first, cpu = time.time(), time.process_time()
    slow = [name for name in SLOW if name in sys.modules]
    return {"begun": begun, "read": read, "first": first, "cpu": cpu, "slow": slow}


def once(cache: str | None = None) -> dict[str, Any]:
    """Wall-clock seconds of one start: until Python is ready, until people are made, until the first event.

    ``cache``: where compiled code is looked for; None for the usual place. ``slow``: slow libraries that were loaded.
    """
    started = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.first_call"],
        cwd=ROOT,
        env={**os.environ, **({"NUMBA_CACHE_DIR": cache} if cache else {})},
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout)
    return {
        "python": told["begun"] - started,
        "reading": told["read"] - told["begun"],
        "engine": told["first"] - told["read"],
        "total": told["first"] - started,
        "cpu": told["cpu"],
        "slow": told["slow"],
    }


def measure(rounds: int) -> dict[str, Any]:
    """Each round from an empty cache, and then warm.

    ``compiling``: median seconds of the first starts, over that of the later ones. ``start``: median seconds of the
    later ones from ``python`` to the first event; ``start_cpu``: their CPU seconds; ``start_engine``: the part
    from people made to the first event; ``compiling_cpu``: as ``compiling``, CPU seconds; ``slow``: which slow
    libraries they loaded.
    """
    cold, warm = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(once(cache))
            warm.append(once(cache))
    start = median(one["total"] for one in warm)
    return {
        "compiling": median(one["total"] for one in cold) - start,
        "compiling_cpu": median(one["cpu"] for one in cold) - median(one["cpu"] for one in warm),
        "start": start,
        "start_cpu": median(one["cpu"] for one in warm),
        "start_engine": median(one["engine"] for one in warm),
        "slow": warm[-1]["slow"],
    }


if __name__ == "__main__":
    print(json.dumps(_program()))
