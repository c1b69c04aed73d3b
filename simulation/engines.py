"""The two engines behind one door: which one runs, and which one checks it.

Both read the same arrays and give the same trace, row for row. Mesa and SimPy, or numba, are imported when a run asks
for them; checking a file needs neither.
"""

from __future__ import annotations

from simulation.calendar import Calendar
from simulation.pathway import Pathway
from simulation.population import Population
from simulation.trace import Trace

SIMPY, COMPILED, AUTO = "simpy", "compiled", "auto"
CHOICES = (SIMPY, COMPILED, AUTO)


def resolved(engine: str) -> str:
    """The engine that a choice means: 'auto' is the quicker one."""
    return COMPILED if engine == AUTO else engine


def other(engine: str) -> str:
    """The engine that proves this one."""
    return COMPILED if resolved(engine) == SIMPY else SIMPY


def run(
    engine: str, pathway: Pathway, people: Population, calendar: Calendar, end: int, seed: int, replication: int
) -> Trace:
    """One replication on an engine, from tick 0 to ``end``.

    Args:
        engine: one of ``CHOICES``.

    Raises:
        DemandflowError: the pathway or the run passes a limit of the engine.
    """
    if resolved(engine) == SIMPY:
        from simulation import engine_simpy

        return engine_simpy.run(pathway, people, calendar, end, seed, replication)
    from simulation import engine_compiled

    return engine_compiled.run(pathway, people, calendar, end, seed, replication)
