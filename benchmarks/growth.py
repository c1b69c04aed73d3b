"""How the compiled engine grows: the reference pathway with 10 and 100 times the contacts, staff, places and holders.

``python -m benchmarks.growth SCALE`` does one size in a process of its own, since a process only ever tells its
largest memory, and prints JSON.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from contextlib import suppress
from math import log
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks import cpp, ours

ROOT = Path(__file__).resolve().parent.parent
SCALES = (1, 10, 100)
RUNS = {1: 15, 10: 5}
FEW_RUNS = 3


def memory(what: str) -> int:
    """Bytes that this process has in use now (``VmRSS``), or the most it has had (``VmHWM``); 0 where nobody tells.

    What ``getrusage`` tells begins with the memory of the process that started this one.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1_024 for line in lines if line.startswith(f"{what}:"))


def forget_peak() -> None:
    """The most memory in use is what is in use now, where the system allows to say so."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def one(scale: int, years: int, runs: int) -> dict[str, float]:
    """Median CPU seconds of some runs with summaries, and what they needed.

    A run is given its people month by month. ``alive``: the most who were there at once. ``people_bytes``: memory of
    the whole list of people, as its arrays say. ``run_bytes``: most memory in use during a run, over what was in use
    before. ``peak``: most memory of the process, making people included.
    """
    small = ours.reference(1)
    small.summed(small.people(0), 0)  # compiles, or reads what was compiled
    world = ours.reference(years, scale)
    people = world.people(0)
    peak = memory("VmHWM")
    gc.collect()
    forget_peak()
    before = memory("VmRSS")
    times, alive = [], 0
    for _ in range(runs):
        begun = process_time()
        alive = world.summed(world.monthly(people), 0).most
        times.append(process_time() - begun)
    most = memory("VmHWM")
    arrays = [people.person, people.time, people.rank, people.hours, people.eligible, people.held]
    return {
        "scale": scale,
        "people": people.size,
        "alive": alive,
        "seconds": median(times),
        "people_bytes": sum(array.nbytes for array in (*arrays, *people.codes.values())),
        "run_bytes": most - before,
        "peak": max(peak, most),
    }


def in_child(scale: int, years: int, runs: int) -> dict[str, float]:
    """The same in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.growth", str(scale), str(years), str(runs)]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def in_cpp(scale: int, years: int, runs: int) -> dict[str, float]:
    """The hand-written loop with one heap on the same work; its number of events counts for both."""
    until, end = ours.reference(years).hours
    told = cpp.Reference(False, until, end, scale).told(1, runs)
    return {
        "seconds": median(run["seconds"] for run in told["runs"]),
        "events": told["runs"][0]["events"],
        "peak": told["peak_kilobytes"] * 1_024,
    }


def measure(years: int, scales: tuple[int, ...] = SCALES) -> list[dict[str, Any]]:
    """One entry for each size; ``growth`` is the time over that of the first size, ``allowed`` what n log n would be.

    n is the number of events.
    """
    found: list[dict[str, Any]] = []
    for scale in scales:
        entry: dict[str, Any] = in_child(scale, years, RUNS.get(scale, FEW_RUNS))
        if cpp.compiler() is not None:
            entry["cpp"] = in_cpp(scale, years, RUNS.get(scale, FEW_RUNS))
        found.append(entry)
    first = found[0]
    for entry in found:
        entry["growth"] = entry["seconds"] / first["seconds"]
        entry["allowed"] = n_log_n(entry["people"]) / n_log_n(first["people"])
        if "cpp" in entry:
            entry["cpp"]["growth"] = entry["cpp"]["seconds"] / first["cpp"]["seconds"]
    return found


def n_log_n(people: float) -> float:
    """Work that grows with the number of people and the logarithm of it."""
    return people * log(people)


if __name__ == "__main__":
    print(json.dumps(one(*map(int, sys.argv[1:]))))
