"""The live page: from a slider's release to the painted answer, and ten visitors at once on one machine.

By the clock, with server, engine and browser on the same processors; it says nothing on a machine that does something
else meanwhile.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, perf_counter, sleep
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GATE = 0.3
"""Seconds, median, from the release of a slider to the painted frame with its interval and charts."""

MOVES, VISITORS, SECONDS, PAUSE = 40, 10, 120.0, 1.0
KEYS = {"share": "share", "input": "in.models/barnet_2014_15.hospital_funded_rate"}
"""Sliders that are moved in turn: only the new model is lived again, or both are."""

MOST_GROWTH = 1.1
"""Times the memory of the first half that the second half may need."""


@contextmanager
def page() -> Iterator[tuple[str, int, int]]:
    """The page of the main experiment in a process of its own: its address, port and process."""
    command = [sys.executable, "run.py", "explore", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as running:
        try:
            assert running.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", running.stdout.readline())
            if found is None:
                raise RuntimeError("run.py explore did not begin")
            yield found[0], int(found[1]), running.pid
        finally:
            running.terminate()


def moves(address: str, count: int) -> dict[str, list[float]]:
    """Seconds from the release of a slider until the answer was painted ('answer') and all charts ('complete')."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 1280, "height": 900})
        shown.goto(address)
        shown.locator('body[data-done="1"]').wait_for(state="attached", timeout=120_000)
        for number in range(count):
            slider = shown.locator(f'[name="{[*KEYS.values()][number % len(KEYS)]}"]')
            low, high = (float(slider.get_attribute(end) or 0) for end in ("min", "max"))
            at = low + (high - low) * (0.1 + 0.8 * ((number * 0.618) % 1))
            slider.evaluate(
                "(it, at) => { it.value = at; it.dispatchEvent(new Event('change', {bubbles: true})); }", at
            )
            shown.locator(f'body[data-painted="{number + 2}"][data-complete="{number + 2}"]').wait_for(
                state="attached", timeout=120_000
            )
        told = shown.evaluate("performance.getEntriesByType('measure').map(one => [one.name, one.duration])")
        browser.close()
    result: dict[str, list[float]] = {"answer": [], "complete": []}
    for name, duration in told:
        result[name].append(duration / 1_000)
    return {name: times[1:] for name, times in result.items()}  # the first is the opening of the page


def visit(port: int, number: int, until: float, wrong: list[str]) -> list[tuple[float, float, float]]:
    """One visitor who moves a slider, looks at the first picture, and moves on: share, value and seconds each time."""
    seen = []
    turn = 0
    while monotonic() < until:
        share = round(0.05 + ((number * 7 + turn * 3) % 90) / 100, 2)
        turn += 1
        body = json.dumps({"tab": f"visitor-{number:02}", "state": {"transfer": share}})
        begun = perf_counter()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            line.request("POST", "/live", body, {"Origin": f"http://127.0.0.1:{port}"})
            told = json.loads(line.getresponse().readline())
        except (OSError, ValueError, http.client.HTTPException) as error:
            wrong.append(f"{type(error).__name__}: {error}")
            continue
        finally:
            line.close()
        if told.get("kind") != "look" or told["share"] != share:
            wrong.append(str(told.get("fault", "another visitor's answer")))
        else:
            seen.append((share, told["value"], perf_counter() - begun))
        sleep(PAUSE)
    return seen


def _megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1_024 if found else 0.0


def visitors(port: int, process: int, count: int, seconds: float) -> dict[str, Any]:
    """``asked``; ``wrong`` in words; ``mixed``, shares with two values; ``percentiles`` of the seconds to the first
    picture; ``early`` and ``late``, most megabytes in the second and the last quarter."""
    wrong: list[str] = []
    begun, memory = monotonic(), list[tuple[float, float]]()
    until = begun + seconds
    gone = threading.Event()

    def watch() -> None:
        while not gone.wait(1.0):
            memory.append(((monotonic() - begun) / seconds, _megabytes(process)))

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(count) as pool:
        found = [pool.submit(visit, port, number, until, wrong) for number in range(count)]
        seen = [one for future in found for one in future.result()]
    gone.set()
    watching.join()
    values: dict[float, set[float]] = {}
    for share, value, _ in seen:
        values.setdefault(share, set()).add(value)
    early = max((used for at, used in memory if 0.25 <= at < 0.5), default=0.0)
    late = max((used for at, used in memory if at >= 0.75), default=0.0)
    return {
        "visitors": count,
        "asked": len(seen),
        "wrong": wrong,
        "mixed": sum(len(of) > 1 for of in values.values()),
        "percentiles": _percentiles([took for *_, took in seen]),
        "early": early,
        "late": late,
    }


def inside() -> dict[str, float]:
    """Where the time of a first picture goes: CPU seconds to compile, to live eight pairs, and to put into words and
    charts, medians of nine states; two processors share the pairs."""
    from time import process_time

    import numpy as np

    from experiments.explore.live import FIRST
    from experiments.explore.serve import CONFIG
    from experiments.explore.state import State
    from experiments.explore.view import first_look
    from experiments.explore.world import World
    from experiments.plan import prepare

    world, never = World(prepare(CONFIG)), np.zeros(1, dtype=np.int64)
    rate = world.controls[0]
    times: dict[str, list[float]] = {"compile": [], "pairs": [], "show": []}
    for number in range(10):
        at = rate.low + (rate.high - rate.low) * (number + 0.5) / 10
        marks = [process_time()]
        asked = world.asked(State(*world.models, 0.5, ((rate.key, at),)))
        marks.append(process_time())
        outcomes = [asked.pair(replication, never) for replication in range(FIRST)]
        marks.append(process_time())
        json.dumps([piece.told() for piece in first_look(world, asked, outcomes)[1]])
        marks.append(process_time())
        for name, first, last in zip(times, marks, marks[1:], strict=False):
            times[name].append(last - first)
    return {name: median(of[1:]) for name, of in times.items()}


def _percentiles(times: list[float]) -> dict[str, float]:
    cuts = quantiles(times, n=100)
    return {str(n): cuts[n - 1] for n in (50, 90, 99)}


def measure(moved: int = MOVES, seconds: float = SECONDS) -> dict[str, Any]:
    """``painted`` and ``complete``: percentiles of seconds, of all moves and by slider; ``inside``; ``crowd``, see
    ``visitors``; ``cpus``."""
    with page() as (address, port, process):
        times = moves(address, moved)
        crowd = visitors(port, process, VISITORS, seconds)
    shown = {}
    for name, label in (("answer", "painted"), ("complete", "complete")):
        shown[label] = _percentiles(times[name])
        for turn, slider in enumerate(KEYS):
            shown[f"{label}_{slider}"] = _percentiles(times[name][turn :: len(KEYS)])
    return {"moves": moved, **shown, "inside": inside(), "crowd": crowd, "seconds": seconds, "cpus": os.cpu_count()}


def missed(found: dict[str, Any]) -> list[str]:
    """Gates that were missed, as sentences."""
    if not found:
        return []
    crowd, told = found["crowd"], []
    slowest = max(found[f"painted_{slider}"]["50"] for slider in KEYS)
    if slowest > GATE:
        told.append(
            f"The live page: {slowest * 1_000:.0f} ms from a slider to the painted answer; the gate is "
            f"{GATE * 1_000:.0f} ms."
        )
    if crowd["wrong"] or crowd["mixed"]:
        told.append(f"The live page: {len(crowd['wrong'])} faults and {crowd['mixed']} mixed answers among visitors.")
    if crowd["late"] > MOST_GROWTH * crowd["early"]:
        told.append(f"The live page: memory grew from {crowd['early']:.0f} to {crowd['late']:.0f} megabytes.")
    return told


def section(found: dict[str, Any]) -> str:
    """What docs/performance.md says of it; nothing where it was not measured."""
    if not found:
        return ""
    crowd, cpu = found["crowd"], found["inside"]

    def told(name: str) -> str:
        return " | ".join(f"{found[name][n] * 1_000:.0f}" for n in ("50", "90", "99"))

    waits = " | ".join(f"{crowd['percentiles'][n] * 1_000:.0f}" for n in ("50", "90", "99"))
    release = (
        f"slider released → answer painted with its interval and the charts of money and packages, {found['moves']} "
        f"moves (gate: median {GATE * 1_000:.0f}, each slider)"
    )
    return f"""## The live page

`run.py explore` on the main experiment: three years of contacts followed for a fourth, all groups, {found["cpus"]}
processors for server, engine and Chromium together. Milliseconds by the clock:

| | median | 90% | 99% |
|---|---:|---:|---:|
| {release} | {told("painted")} |
| of these, only the share of the gap | {told("painted_share")} |
| of these, an input: both models lived again | {told("painted_input")} |
| → the charts that follow, from sixteen pairs | {told("complete")} |
| {crowd["visitors"]} visitors moving on every second, {found["seconds"]:.0f} s: asked → first picture | {waits} |

CPU milliseconds of a first picture: compiling {cpu["compile"] * 1_000:.0f}, living eight pairs
{cpu["pairs"] * 1_000:.0f} (shared by the processors), words and charts {cpu["show"] * 1_000:.0f}.
{crowd["visitors"]} visitors asked {crowd["asked"]:,} times: {len(crowd["wrong"])} faults, {crowd["mixed"]} mixed
answers; memory {crowd["early"]:.0f} megabytes early on and {crowd["late"]:.0f} at the end.

"""
