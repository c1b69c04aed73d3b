"""Engines side by side: several rounds on the same work, and whether all of them did the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

from benchmarks import engines
from benchmarks.agreeing import Agreement, compared, identical
from benchmarks.cases import reference_case
from benchmarks.engines import ONE_HEAP, SIMPY, TRACE, Engine
from benchmarks.full_case import full_case
from benchmarks.measuring import in_rounds, ratio

Standing = dict[str, float | str | None]
"""``median_s``, CPU seconds; ``ratio_to_idiomatic_simpy``, how many times as quick; ``ratio_to_cpp``, how many times as
long as the hand-written loop with one heap (None without a compiler); ``work``, a key of ``Race.works``."""


@dataclass
class Work:
    """One work: years of contacts, how many people, how many rounds, and where each engine stands."""

    years: int
    people: int
    rounds: int
    engines: dict[str, Standing]


@dataclass
class Race:
    """The reference pathway in every engine.

    Attributes:
        engines: name to where it stands in the first of the works below that has it. titles: what the page calls each.
        works: name to work: "reference", "shorter", "without_packages" and "every_feature".
        trace_over_summaries: time of the full trace over that of summaries, people given.
        agreement: name to every measure compared with our compiled engine.
        full_agreement: the same for the second reference, with every feature on.
    """

    engines: dict[str, Standing] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)
    trace_over_summaries: float = 0.0
    agreement: dict[str, list[Agreement]] = field(default_factory=dict)
    full_agreement: dict[str, list[Agreement]] = field(default_factory=dict)


def standings(times: Mapping[str, list[float]], work: str) -> dict[str, Standing]:
    """Medians and ratios of one work; a ratio is the median over rounds of the ratio within a round."""
    cpp = times.get(ONE_HEAP)
    return {
        name: {
            "median_s": median(seconds),
            "ratio_to_idiomatic_simpy": ratio(times[SIMPY], seconds),
            "ratio_to_cpp": ratio(seconds, cpp) if cpp is not None else None,
            "work": work,
        }
        for name, seconds in times.items()
    }


def agree(found: Mapping[str, Engine], runs: int, quick_runs: int) -> dict[str, list[Agreement]]:
    """Every engine compared with the full trace of our compiled engine, of which there are ``quick_runs`` runs.

    There are as many of other quick ones, and ``runs`` of the rest. Our own make the same draws, so each run of theirs
    has to be the same.
    """
    ours = [found[TRACE].measures(seed) for seed in range(quick_runs)]
    result = {}
    for name, other in found.items():
        if name == TRACE:
            continue
        theirs = [other.measures(seed) for seed in range(quick_runs if other.quick else runs)]
        if other.same_draws:
            result[name] = identical(ours[: len(theirs)], theirs, other.leaves_out)
        else:
            result[name] = compared(ours, theirs, other.leaves_out)
    return result


def _some(found: Mapping[str, Engine], names: set[str]) -> dict[str, Engine]:
    return {name: engine for name, engine in found.items() if name in names}


Pair = tuple[int, int]
"""For the whole work and for the shorter one."""


def measure(race: Race, years: Pair, rounds: Pair, say: Callable[[str], None]) -> None:
    """Everything: the quick engines on the whole reference, salabim and Ciw on a shorter one with a yardstick each."""
    whole, short = (reference_case(many) for many in years)
    yardsticks = {SIMPY, ONE_HEAP}
    works = {
        "reference": (whole, rounds[0], engines.ours(whole) | engines.others(whole)),
        "shorter": (short, rounds[1], _some(engines.others(short), yardsticks) | engines.salabim(short)),
        "without_packages": (
            short,
            rounds[1],
            _some(engines.others(short, packages=False), yardsticks) | engines.ciw(short),
        ),
    }
    race.engines = {}
    for work, (case, many, some) in works.items():
        say(f"Engines, {work.replace('_', ' ')}: " + ", ".join(engine.title for engine in some.values()))
        times = in_rounds({name: engine.seconds for name, engine in some.items()}, many)
        found = standings(times, work)
        race.works[work] = Work(case.ours.calendar.months // 12, case.ours.people(0).size, many, found)
        race.engines = found | race.engines
        race.titles = {name: engine.title for name, engine in some.items()} | race.titles
        if work == "reference":
            race.trace_over_summaries = ratio(times[TRACE], times["compiled_summaries"])


def measure_full(race: Race, years: int, rounds: int, say: Callable[[str], None]) -> None:
    """The same of the second reference, which has every feature."""
    whole = full_case(years)
    say("Engines, every feature on")
    some = engines.every_feature(whole)
    found = standings(in_rounds({name: engine.seconds for name, engine in some.items()}, rounds), "every_feature")
    race.works["every_feature"] = Work(years, whole.ours.people(0).size, rounds, found)
    race.titles = {name: engine.title for name, engine in some.items()} | race.titles


def check(race: Race, years: int, runs: tuple[int, int, int], say: Callable[[str], None]) -> None:
    """Do all do the same? ``runs``: of quick engines, of others on the reference, and of others with every feature."""
    say("Engines: do all do the same?")
    short, every = reference_case(years), engines.every_feature(full_case(years))
    some = engines.ours(short) | engines.others(short) | engines.salabim(short) | engines.ciw(short)
    race.agreement = agree(some, runs[1], runs[0])
    race.full_agreement = agree(_some(every, {"simpy", TRACE, SIMPY, ONE_HEAP}), runs[2], runs[0])
