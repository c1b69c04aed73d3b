"""``python -m benchmarks``: writes docs/performance.md and benchmarks/latest.json, and fails if a gate is missed."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import backlog, england, first_call, growth, memory, racing, start_up
from benchmarks.agreeing import Agreement, agreement
from benchmarks.cases import Case, barnet_case, reference_case, whole_case
from benchmarks.gates import failures, not_measured
from benchmarks.measuring import interleaved, ratio
from benchmarks.page import page

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
    short_years: int
    short_rounds: int
    engine_runs: int
    quick_runs: int
    growth_years: int
    scales: tuple[int, ...]
    england: float


FULL = Size(5, 5, 3, 10, 7, 1_000, 16_000, 5, 1, 3, 8, 40, 5, growth.SCALES, 1.0)
TINY = Size(1, 1, 1, 2, 1, 100, 400, 1, 1, 1, 2, 4, 1, (1, 2), 0.05)


@dataclass
class Found(racing.Race):
    """Everything measured, beside the race of engines.

    Attributes:
        machine: what it ran on. rounds, runs: how often the programs by hand were timed and compared.
        against_hand: case to ratios. hand_agreement: case to every measure compared.
        engine_runs: how often engines were compared, and quick ones. not_measured: sentences.
        growth: see ``growth.measure``. first_call: see ``first_call.measure``.
        england: see ``england.measure``.
    """

    machine: dict[str, str | int] = field(default_factory=dict)
    rounds: int = 0
    runs: int = 0
    engine_runs: tuple[int, int] = (0, 0)
    against_hand: dict[str, dict[str, float]] = field(default_factory=dict)
    hand_agreement: dict[str, list[Agreement]] = field(default_factory=dict)
    backlog: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    growth: list[dict[str, Any]] = field(default_factory=list)
    first_call: dict[str, Any] = field(default_factory=dict)
    england: dict[str, dict[str, Any]] = field(default_factory=dict)
    not_measured: list[str] = field(default_factory=list)
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
    found = Found(
        machine=_machine(),
        rounds=size.rounds,
        runs=size.agreement_runs,
        engine_runs=(size.engine_runs, size.quick_runs),
        not_measured=not_measured(),
    )
    racing.measure(
        found,
        years=(size.reference_years, size.short_years),
        rounds=(size.rounds, size.short_rounds),
        runs=found.engine_runs,
        say=_say,
    )
    racing.measure_full(
        found, (size.reference_years, size.short_years), (size.rounds, size.short_rounds), size.engine_runs, _say
    )
    _say("Growth …")
    found.growth = growth.measure(size.growth_years, size.scales)
    _say("A year of England …")
    found.england = england.measure(size.england)
    _say("Compiling, and the first event …")
    found.first_call = first_call.measure(size.rounds)
    barnet = size.barnet_years
    cases = ((whole_case, barnet), (barnet_case, barnet), (reference_case, size.reference_years))
    for make, years in cases:
        small, case = make(size.agreement_years), make(years)
        _say(f"{case.name}: do both programs agree? …")
        found.hand_agreement[case.name] = agreement(small, size.agreement_runs)
        _say(f"{case.name}: against SimPy by hand …")
        found.against_hand[case.name] = {"years": years, **_against_hand(case, size.rounds)}
    _say("A long queue …")
    found.backlog = {**backlog.measure(size.few, size.many, size.rounds), "few": size.few, "many": size.many}
    _say("Memory …")
    found.memory = memory.measure(size.memory_years)
    if with_demo:
        _say("Commands, and the main experiment …")
        found.commands = start_up.commands(size.rounds)
        found.loads = {
            name: start_up.heavy_imports(words) for name, words in start_up.COMMANDS.items() if words[0] == "run.py"
        }
        found.phases = start_up.phases(results)
    return found


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main(words: Sequence[str]) -> int:
    """Measure and write; 1 where a gate is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a quick pass that measures nothing worth quoting")
    parser.add_argument("--rounds", metavar="N", type=int, default=FULL.rounds, help=f"rounds ({FULL.rounds})")
    parser.add_argument("--results", metavar="DIR", type=Path, help="take the main experiment's phases from here")
    parser.add_argument("--out", metavar="DIR", type=Path, default=ROOT, help="write below this folder")
    given = parser.parse_args(words)
    found = measure(TINY if given.tiny else replace(FULL, rounds=given.rounds), given.results, with_demo=not given.tiny)
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
