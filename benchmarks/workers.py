"""What replications of a comparison cost with one worker and with two, beside the ``simpy`` engine.

Wall-clock seconds, since that is what workers are for; from when workers are asked for until the last result is here,
so their start is inside. It says nothing on a machine that does something else meanwhile.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from simulation import engines

if TYPE_CHECKING:
    from experiments.replicate import Job

EXPERIMENT = Path(__file__).resolve().parent.parent / "configs/experiments/barnet_target.yaml"
REPLICATIONS, SIMPY_REPLICATIONS = 100, 3
WORKERS = 2
EFFICIENCY_GATE = 0.85


def comparison() -> Job:
    """Barnet's whole pathway today and the target operating model, as the shipped experiment compares them."""
    from experiments.plan import prepare

    prepared = prepare(EXPERIMENT).comparison
    assert prepared is not None
    return prepared.job


def wall(job: Job, replications: int, workers: int) -> float:
    """Seconds by the clock of some replications."""
    from experiments.crew import Crew

    begun = perf_counter()
    with Crew([job], workers) as crew:
        for _ in crew.map(job.key, range(replications)):
            pass
    return perf_counter() - begun


def measure(
    replications: int = REPLICATIONS, simpy_replications: int = SIMPY_REPLICATIONS, rounds: int = 3
) -> dict[str, Any]:
    """``years``, ``replications``, and by what is done ("ledger": as shipped; "sums": without the people ledger):
    ``one`` and ``two``, median seconds with so many workers, in turn; ``efficiency``, the share of two processors' time
    that was of use; ``simpy``, seconds of one worker on the ``simpy`` engine for as many replications, from a few.

    Empty where there is one processor only.
    """
    if (os.cpu_count() or 1) < WORKERS:
        return {}
    shipped = comparison()
    found: dict[str, Any] = {"years": shipped.calendar.months // 12, "replications": replications}
    for name, job in (("ledger", shipped), ("sums", replace(shipped, shares=None))):
        compiled, slow = (replace(job, engine=engine) for engine in (engines.COMPILED, engines.SIMPY))
        compiled.outcome(0)  # compiles, or reads what was compiled
        walls = [[wall(compiled, replications, workers) for workers in (1, WORKERS)] for _ in range(rounds)]
        one, two = (median(of_all) for of_all in zip(*walls, strict=True))
        simpy = wall(slow, simpy_replications, 1) / simpy_replications * replications
        found[name] = {"one": one, "two": two, "efficiency": one / two / WORKERS, "simpy": simpy}
    return found


def missed(found: dict[str, Any]) -> list[str]:
    """Gates that were missed, as sentences."""
    return [
        f"Two workers, {title}: {found[name]['efficiency']:.0%} of two processors' time is of use; "
        f"the gate is {EFFICIENCY_GATE:.0%}."
        for name, title in _TITLES.items()
        if found and found[name]["efficiency"] < EFFICIENCY_GATE
    ]


_TEXT = """## {replications} replications of two models

Barnet's whole pathway today and the target operating model (`{file}`), {years} years of contacts and one more to follow
them, on the compiled engine. Seconds by the clock are this machine's and no promise for another; the start of the
workers is inside. *Of use* is the time with one worker over twice that with two (gate {gate:.0%}). The last column is
the time of one worker on the `simpy` engine over that on the compiled one.

| | one worker, s | two workers, s | of use | simpy ÷ compiled |
|---|---:|---:|---:|---:|
{table}"""

_TITLES = {"ledger": "with the people ledger, as shipped", "sums": "without it"}


def section(found: dict[str, Any]) -> str:
    """The part of the page, as Markdown."""
    if not found:
        return ""
    lines = [
        f"| {title} | {one['one']:.1f} | {one['two']:.1f} | {one['efficiency']:.0%} | {one['simpy'] / one['one']:.1f} |"
        for name, title in _TITLES.items()
        for one in (found[name],)
    ]
    return _TEXT.format(
        replications=found["replications"],
        file=EXPERIMENT.name,
        years=found["years"],
        gate=EFFICIENCY_GATE,
        table="\n".join(lines),
    )
