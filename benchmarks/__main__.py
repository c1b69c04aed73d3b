"""``python -m benchmarks``: writes docs/performance.md and benchmarks/latest.json, and fails if a gate is missed."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks import backlog, memory, start_up
from benchmarks.cases import Agreement, Case, agreement, barnet_case, reference_case, whole_case
from benchmarks.measuring import interleaved, ratio
from benchmarks.page import BACKLOG_GATE, HAND_GATE, MEMORY_GATE, page

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    barnet_years: int
    reference_years: int
    agreement_years: int
    agreement_runs: int
    rounds: int
    few: int
    many: int
    memory_years: int


FULL = Size(5, 5, 3, 10, 7, 1_000, 16_000, 5)
TINY = Size(1, 1, 1, 2, 1, 100, 400, 1)


@dataclass
class Found:
    """Everything measured. ``against_hand``: case to ratios; ``machine``: what it ran on."""

    machine: dict[str, str | int]
    rounds: int
    runs: int
    against_hand: dict[str, dict[str, float]] = field(default_factory=dict)
    agreement: dict[str, list[Agreement]] = field(default_factory=dict)
    backlog: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    commands: dict[str, float] = field(default_factory=dict)
    loads: dict[str, list[str]] = field(default_factory=dict)
    phases: dict[str, float] = field(default_factory=dict)


def _machine() -> dict[str, str | int]:
    names = ("mesa", "numba", "numpy", "simpy")
    return {
        "cpus": os.cpu_count() or 1,
        "processor": platform.machine(),
        "python": platform.python_version(),
        **{name: version(name) for name in names},
    }


def _without_collector(case: Case, seed: int) -> object:
    gc.disable()
    try:
        return case.by_hand(seed)
    finally:
        gc.enable()


def _against_hand(case: Case, rounds: int) -> dict[str, float]:
    times = interleaved(
        {
            "ours": case.ours.run,
            "by_hand": case.by_hand,
            "by_hand_without_collector": lambda seed: _without_collector(case, seed),
        },
        rounds,
    )
    people = case.ours.maker.make(1, 0).size
    rows = case.ours.run(0).rows
    return {
        "ratio": ratio(times["ours"], times["by_hand"]),
        "ratio_without_collector": ratio(times["ours"], times["by_hand_without_collector"]),
        "people": people,
        "rows": rows,
    }


def measure(size: Size, results: Path | None, with_demo: bool) -> Found:
    """All measures."""
    found = Found(_machine(), size.rounds, size.agreement_runs)
    barnet = size.barnet_years
    cases = ((whole_case, barnet), (barnet_case, barnet), (reference_case, size.reference_years))
    for make, years in cases:
        small, case = make(size.agreement_years), make(years)
        print(f"{case.name}: do both programs agree? …", file=sys.stderr)
        found.agreement[case.name] = agreement(small, size.agreement_runs)
        print(f"{case.name}: against SimPy by hand …", file=sys.stderr)
        found.against_hand[case.name] = {"years": years, **_against_hand(case, size.rounds)}
    print("A long queue …", file=sys.stderr)
    found.backlog = {**backlog.measure(size.few, size.many, size.rounds), "few": size.few, "many": size.many}
    print("Memory …", file=sys.stderr)
    found.memory = memory.measure(size.memory_years)
    if with_demo:
        print("Commands, and the main experiment …", file=sys.stderr)
        found.commands = start_up.commands(size.rounds)
        found.loads = {
            name: start_up.heavy_imports(words) for name, words in start_up.COMMANDS.items() if words[0] == "run.py"
        }
        found.phases = start_up.phases(results)
    return found


def failures(found: Found) -> list[str]:
    """Gates that were missed, as sentences."""
    missed = [
        f"{name}: our engine takes {one['ratio']:.2f} times as long as SimPy by hand; the gate is {HAND_GATE:g}."
        for name, one in found.against_hand.items()
        if one["ratio"] > HAND_GATE
    ]
    if found.backlog["ours"] > BACKLOG_GATE:
        missed.append(f"A long queue costs {found.backlog['ours']:.2f} times as much; the gate is {BACKLOG_GATE:g}.")
    if found.memory["twice_as_long"] > MEMORY_GATE:
        missed.append(f"A run twice as long needs {found.memory['twice_as_long']:.2f} times the memory.")
    missed.extend(
        f"{name}: the programs disagree on '{one.measure}'."
        for name, rows in found.agreement.items()
        for one in rows
        if not one.agrees
    )
    return missed


def main(words: Sequence[str]) -> int:
    """Measure and write; 1 where a gate is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a quick pass that measures nothing worth quoting")
    parser.add_argument("--results", metavar="DIR", type=Path, help="take the main experiment's phases from here")
    parser.add_argument("--out", metavar="DIR", type=Path, default=ROOT, help="write below this folder")
    given = parser.parse_args(words)
    found = measure(TINY if given.tiny else FULL, given.results, with_demo=not given.tiny)
    for path, text in (
        (given.out / "benchmarks/latest.json", json.dumps(asdict(found), indent=2) + "\n"),
        (given.out / "docs/performance.md", page(found)),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    missed = [] if given.tiny else failures(found)
    for sentence in missed:
        print(sentence, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
