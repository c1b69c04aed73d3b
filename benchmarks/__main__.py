"""``python -m benchmarks``: writes docs/performance.md and benchmarks/latest.json, and fails if a gate is missed.

``--only PART`` measures some parts again and leaves the rest as ``latest.json`` has it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import backlog, draws, england, explore, first_call, growth, memory, racing, start_up, workers
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
    our_runs: int
    hand_runs: int
    engine_runs: int
    full_runs: int
    rounds: int
    few: int
    many: int
    memory_years: int
    short_years: int
    short_rounds: int
    growth_years: int
    scales: tuple[int, ...]
    england: float
    replications: int
    draws: int


FULL = Size(5, 5, 3, 80, 24, 12, 30, 7, 1_000, 16_000, 5, 1, 3, 5, growth.SCALES, 1.0, workers.REPLICATIONS,
            draws.DRAWS)  # fmt: skip
TINY = Size(1, 1, 1, 4, 2, 2, 2, 1, 100, 400, 1, 1, 1, 1, (1, 2), 0.05, 2, 4)


@dataclass
class Found(racing.Race):
    """Everything measured, beside the race of engines.

    Attributes:
        machine: what it ran on. rounds: how often the programs by hand were timed.
        runs: how often programs were compared, by what.
        against_hand: case to ratios. hand_agreement: case to every measure compared.
        not_measured: sentences.
        growth: see ``growth.measure``. first_call: see ``first_call.measure``.
        england: see ``england.measure``. workers: see ``workers.measure``. draws: see ``draws.measure``.
        explore: see ``explore.measure``.
    """

    machine: dict[str, str | int] = field(default_factory=dict)
    rounds: int = 0
    runs: dict[str, int] = field(default_factory=dict)
    against_hand: dict[str, dict[str, float]] = field(default_factory=dict)
    hand_agreement: dict[str, list[Agreement]] = field(default_factory=dict)
    backlog: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    growth: list[dict[str, Any]] = field(default_factory=list)
    first_call: dict[str, Any] = field(default_factory=dict)
    england: dict[str, dict[str, Any]] = field(default_factory=dict)
    workers: dict[str, Any] = field(default_factory=dict)
    draws: dict[str, Any] = field(default_factory=dict)
    explore: dict[str, Any] = field(default_factory=dict)
    not_measured: list[str] = field(default_factory=list)
    commands: dict[str, float] = field(default_factory=dict)
    loads: dict[str, list[str]] = field(default_factory=dict)
    phases: dict[str, float] = field(default_factory=dict)


def read(path: Path) -> Found:
    """What was measured before, from ``latest.json``."""
    told = json.loads(path.read_text(encoding="utf-8"))
    for name in ("agreement", "full_agreement", "hand_agreement"):
        told[name] = {who: [Agreement(**one) for one in rows] for who, rows in told[name].items()}
    told["works"] = {name: racing.Work(**work) for name, work in told["works"].items()}
    return Found(**told)


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


def _engines(found: Found, size: Size) -> None:
    years, rounds = (size.reference_years, size.short_years), (size.rounds, size.short_rounds)
    racing.measure(found, years, rounds, _say)
    racing.measure_full(found, size.reference_years, size.short_rounds, _say)


def _agreement(found: Found, size: Size) -> None:
    racing.check(found, size.short_years, (size.our_runs, size.engine_runs, size.full_runs), _say)
    found.runs |= {"ours": size.our_runs, "engines": size.engine_runs, "every_feature": size.full_runs}


def _hand_agreement(found: Found, size: Size) -> None:
    for make in (whole_case, barnet_case, reference_case):
        case = make(size.agreement_years)
        _say(f"{case.name}: do both programs agree? …")
        found.hand_agreement[case.name] = agreement(case, size.our_runs, size.hand_runs)
    found.runs |= {"ours_beside_hand": size.our_runs, "by_hand": size.hand_runs}


def _growth(found: Found, size: Size) -> None:
    _say("Growth …")
    found.growth = growth.measure(size.growth_years, size.scales)


def _england(found: Found, size: Size) -> None:
    _say("A year of England …")
    found.england = england.measure(size.england)


def _first_call(found: Found, size: Size) -> None:
    _say("Compiling, and the first event …")
    found.first_call = first_call.measure(size.rounds)


def _workers(found: Found, size: Size) -> None:
    _say("Workers …")
    found.workers = workers.measure(
        size.replications, min(size.replications, workers.SIMPY_REPLICATIONS), min(size.rounds, 3)
    )


def _draws(found: Found, size: Size) -> None:
    _say("Drawn inputs …")
    found.draws = draws.measure(size.draws, min(size.draws, draws.COMPARED))


def _explore(found: Found, size: Size) -> None:
    _say("The live page …")
    found.explore = explore.measure()


def _by_hand(found: Found, size: Size) -> None:
    barnet = size.barnet_years
    found.rounds = size.rounds
    for make, years in ((whole_case, barnet), (barnet_case, barnet), (reference_case, size.reference_years)):
        case = make(years)
        _say(f"{case.name}: against SimPy by hand …")
        found.against_hand[case.name] = {"years": years, **_against_hand(case, size.rounds)}


def _backlog(found: Found, size: Size) -> None:
    _say("A long queue …")
    found.backlog = {**backlog.measure(size.few, size.many, size.rounds), "few": size.few, "many": size.many}


def _memory(found: Found, size: Size) -> None:
    _say("Memory …")
    found.memory = memory.measure(size.memory_years)


def _commands(found: Found, size: Size) -> None:
    _say("Commands, and the main experiment …")
    found.commands = start_up.commands(size.rounds)
    found.loads = {
        name: start_up.heavy_imports(words) for name, words in start_up.COMMANDS.items() if words[0] == "run.py"
    }
    found.phases = start_up.phases()


PARTS: dict[str, Callable[[Found, Size], None]] = {
    "engines": _engines,
    "agreement": _agreement,
    "growth": _growth,
    "england": _england,
    "first_call": _first_call,
    "workers": _workers,
    "draws": _draws,
    "explore": _explore,
    "hand_agreement": _hand_agreement,
    "by_hand": _by_hand,
    "backlog": _backlog,
    "memory": _memory,
    "commands": _commands,
}


def measure(size: Size, parts: Sequence[str], before: Found | None = None) -> Found:
    """Some parts, in the order of ``PARTS``; the rest is as ``before``."""
    found = before or Found()
    found.machine, found.not_measured = _machine(), not_measured()
    for name, part in PARTS.items():
        if name in parts:
            part(found, size)
    return found


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main(words: Sequence[str]) -> int:
    """Measure and write; 1 where a gate is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a quick pass that measures nothing worth quoting")
    parser.add_argument("--rounds", metavar="N", type=int, default=FULL.rounds, help=f"rounds ({FULL.rounds})")
    parser.add_argument("--only", metavar="PART", choices=PARTS, action="append", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--out", metavar="DIR", type=Path, default=ROOT, help="write below this folder")
    given = parser.parse_args(words)
    latest = given.out / "benchmarks/latest.json"
    size = TINY if given.tiny else replace(FULL, rounds=given.rounds)
    parts = given.only or [name for name in PARTS if name not in ("commands", "explore") or not given.tiny]
    found = measure(size, parts, read(latest) if given.only else None)
    for path, text in (
        (latest, json.dumps(asdict(found), indent=2) + "\n"),
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
