"""What must hold, and which of it does not."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benchmarks import cpp, draws, explore, workers
from benchmarks.agreeing import SHARP
from benchmarks.first_call import COMPILE_GATE, START_GATE

if TYPE_CHECKING:
    from benchmarks.__main__ import Found

HAND_GATE = 2.0
BACKLOG_GATE = 1.5
MEMORY_GATE = 1.1
CPP_GATE, FULL_CPP_GATE, TRACE_GATE, SIMPY_GATE, SIMPY_AIM = 2.0, 4.0, 1.5, 60.0, 100.0


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
    for where, compared in (
        ("", found.hand_agreement),
        ("", found.agreement),
        ("every feature, ", found.full_agreement),
    ):
        missed.extend(
            f"{where}{name}: the programs disagree on '{one.measure}'."
            for name, rows in compared.items()
            for one in rows
            if not one.agrees
        )
        missed.extend(
            f"{where}{name}: over so few runs only a difference of {max(blunt):.1%} would have been found; "
            f"the gate is {SHARP:.0%}."
            for name, rows in compared.items()
            if (blunt := [one.visible for one in rows if not one.sharp])
        )
    many = [*workers.missed(found.workers), *draws.missed(found.draws), *explore.missed(found.explore)]
    return [*missed, *_engines(found), *_growth(found), *_first_call(found), *many]


def _engines(found: Found) -> list[str]:
    missed = []
    for what, work, gate in (
        ("The compiled engine with summaries", "reference", CPP_GATE),
        ("The compiled engine with every feature on", "every_feature", FULL_CPP_GATE),
    ):
        standing = found.works[work].engines.get("compiled_summaries") if work in found.works else None
        long = standing["ratio_to_cpp"] if standing else None
        if isinstance(long, float) and long > gate:
            missed.append(f"{what} takes {long:.2f} times as long as C++ with one heap; the gate is {gate:g}.")
    if found.trace_over_summaries > TRACE_GATE:
        missed.append(
            f"The full trace takes {found.trace_over_summaries:.2f} times as long as summaries; "
            f"the gate is {TRACE_GATE:g}."
        )
    for name, gate in (("compiled_summaries", SIMPY_GATE), ("simpy", 1 / HAND_GATE)):
        quick = found.engines[name]["ratio_to_idiomatic_simpy"] if name in found.engines else None
        if isinstance(quick, float) and quick < gate:
            missed.append(f"{name} is {quick:.2f} times as quick as idiomatic SimPy; the gate is {gate:g}.")
    return missed


def _growth(found: Found) -> list[str]:
    return [
        f"With {one['scale']} times the contacts the compiled engine takes {one['growth']:.1f} times as long; "
        f"n log n would be {one['allowed']:.1f}."
        for one in found.growth
        if one["growth"] > one["allowed"]
    ]


def _first_call(found: Found) -> list[str]:
    missed = []
    for what, key, gate in (("Compiling", "compiling", COMPILE_GATE), ("A later start", "start", START_GATE)):
        took = found.first_call.get(key)
        if isinstance(took, float) and took > gate:
            missed.append(f"{what} takes {took:.1f} seconds; the gate is {gate:g}.")
    if found.first_call.get("slow"):
        missed.append(f"A warm start loads {', '.join(found.first_call['slow'])}.")
    return missed


def not_measured() -> list[str]:
    """What this machine could not measure, as sentences."""
    without = [] if cpp.compiler() else [cpp.MISSING]
    has_r = "here is R, but no program for it" if shutil.which("Rscript") else "there is no R here"
    return [*without, f"R simmer was not measured: {has_r}."]
