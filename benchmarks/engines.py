"""The reference pathway in every engine: what each is called, what it costs, and what it counts.

All do the same work (``agreeing`` says whether), each as its own users would write it. A time is CPU time of one core.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import by_hand, ciw_reference, cpp, mesa_events, salabim_reference
from benchmarks.agreeing import DELAY, IN_CARE, Measures, measures_by_hand, measures_of_trace
from benchmarks.cases import Case
from benchmarks.measuring import mean_seconds, seconds
from benchmarks.summed import measures_of_summaries
from simulation.population import Population

if TYPE_CHECKING:
    from benchmarks.full_case import Full

SIMPY, ONE_HEAP, TRACE = "idiomatic_simpy", "cpp_one_heap", "compiled_trace"
TIMES = 5
"""A quick engine does this many runs for one time."""

FOLLOW = frozenset({"outcome", "weekly"})
"""Rows that follow from others and that nobody counts who only wants sums."""


@dataclass(frozen=True)
class Engine:
    """One program: its CPU seconds for a round, and what it counts for a seed.

    ``leaves_out``: see ``agreeing.compared``. ``quick``: a run costs next to nothing, so that it may be compared over
    many. ``same_draws``: a seed gives the same run in every engine that says so.
    """

    title: str
    seconds: Callable[[int], float]
    measures: Callable[[int], Measures]
    leaves_out: frozenset[str] = frozenset()
    quick: bool = False
    same_draws: bool = False


def ours(case: Case) -> dict[str, Engine]:
    """This project's engines, with the making of people inside the time and outside."""
    world = case.ours
    known: dict[int, Population] = {}

    def people(seed: int) -> Population:
        if seed not in known:
            known[seed] = world.people(seed)
        return known[seed]

    def given(run: Callable[[Population, int], object], number: int) -> float:
        for seed in range(number * TIMES, (number + 1) * TIMES):
            people(seed)  # made before the clock starts
        return mean_seconds(lambda seed: run(people(seed), seed), TIMES, number)

    def made(run: Callable[[Population, int], object], number: int) -> float:
        return mean_seconds(lambda seed: run(world.people(seed), seed), TIMES, number)

    def summed(seed: int) -> Measures:
        return measures_of_summaries(case, world.summed(world.people(seed), seed))

    def traced(seed: int) -> Measures:
        return measures_of_trace(case, world.traced(world.people(seed), seed))

    sums, trace = world.summed, world.traced
    no_delay, inside = FOLLOW | {DELAY, IN_CARE}, "people made within the time"
    found = {
        "compiled_summaries": Engine("compiled, summaries", partial(given, sums), summed, no_delay),
        "compiled_summaries_people_made": Engine(
            f"compiled, summaries, {inside}", partial(made, sums), summed, no_delay
        ),
        TRACE: Engine("compiled, full trace", partial(given, trace), traced),
        "compiled_trace_people_made": Engine(f"compiled, full trace, {inside}", partial(made, trace), traced),
        "simpy": Engine(
            f"simpy, {inside}", partial(seconds, world.run), lambda seed: measures_of_trace(case, world.run(seed))
        ),
    }
    return {name: replace(engine, same_draws=True) for name, engine in found.items()}


def others(case: Case, packages: bool = True) -> dict[str, Engine]:
    """Idiomatic SimPy, C++ where there is a compiler, and Mesa's events (not without packages), on the same work."""
    until, end = case.ours.hours
    idiomatic = partial(by_hand.reference, contacts_until=until, end=end, packages=packages)
    found = {SIMPY: Engine("idiomatic SimPy", partial(seconds, idiomatic), _counted(case, idiomatic))}
    if cpp.compiler() is not None:
        for name, two, title in ((ONE_HEAP, False, "C++, one heap"), ("cpp_two_heaps", True, "C++, two heaps")):
            program = cpp.Reference(two, until, end, packages=packages)
            clock = partial(_cpp_seconds, program)
            found[name] = Engine(title, clock, program.measures, FOLLOW, quick=True)
    if packages:
        mesa = partial(mesa_events.reference, contacts_until=until, end=end)
        found["mesa_events"] = Engine("Mesa's event scheduler", partial(seconds, mesa), _counted(case, mesa))
    return found


def salabim(case: Case) -> dict[str, Engine]:
    """salabim alone: its runs are long."""
    until, end = case.ours.hours
    run = partial(salabim_reference.reference, contacts_until=until, end=end)
    return {"salabim": Engine("salabim", partial(seconds, run), _counted(case, run))}


def ciw(case: Case) -> dict[str, Engine]:
    """Ciw alone, without the packages."""
    until, end = case.ours.hours
    run = partial(ciw_reference.reference, contacts_until=until, end=end)
    out = FOLLOW | {"care", "funding", IN_CARE}
    return {"ciw": Engine("Ciw, without the packages", partial(seconds, run), run, out)}


def every_feature(full: Full) -> dict[str, Engine]:
    """The second reference, with every feature on: our engines, plain SimPy and C++ by hand.

    The measures of our engines are those of their traces.
    """
    case = full.case

    def ours_of(compiled: bool, seed: int) -> Measures:
        people = case.ours.people(seed)
        trace = case.ours.traced(people, seed) if compiled else case.ours.run(seed)
        return full.measures_of_ours(trace, people)

    def cpp_seconds(number: int) -> float:
        return float(sum(run["seconds"] for run in full.cpp(number * TIMES, TIMES)) / TIMES)

    found = {
        name: replace(engine, measures=partial(ours_of, name != "simpy"), leaves_out=frozenset())
        for name, engine in ours(case).items()
    }
    found[SIMPY] = Engine(
        "idiomatic SimPy", partial(seconds, case.by_hand), lambda seed: full.measures_by_hand(case.by_hand(seed))
    )
    if cpp.compiler() is not None:
        found[ONE_HEAP] = Engine(
            "C++, one heap", cpp_seconds, lambda seed: full.measures_of_cpp(full.cpp(seed)[0]), quick=True
        )
    return found


def _cpp_seconds(program: cpp.Reference, number: int) -> float:
    return program.seconds(number * TIMES, TIMES)


def _counted(case: Case, run: Callable[[int], list[by_hand.Row]]) -> Callable[[int], Measures]:
    return lambda seed: measures_by_hand(case, run(seed))
