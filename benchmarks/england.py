"""A year of England's contacts on Barnet's whole pathway: can this machine do it, how long does it take, what memory?

``python -m benchmarks.england`` prints the figures. Each run is in a process of its own, since a process only ever
tells its largest memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from benchmarks.growth import forget_peak, memory, n_log_n
from benchmarks.ours import HERE, SHIPPED, START, Ours
from experiments.plan import prices_of
from simulation.calendar import Calendar
from simulation.compiler import compile_graph
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.population import Population, PopulationMaker

if TYPE_CHECKING:
    from simulation.summaries import Summaries

ROOT = Path(__file__).resolve().parent.parent
SMALL = 0.01
SIZES = ("requests_a_day", "people_in_care")


def england(share: float = 1.0) -> Ours:
    """Barnet's whole pathway with a share of England's contacts and people in care, for a year of contacts.

    Where people contact again, new people stand in for them at first, so contacts come at the rate of the config from
    the first day.
    """
    library = Library()
    model = library.load(SHIPPED / "models/barnet_whole.yaml")
    demand = library.load(HERE / "configs/demand/england.yaml")
    prices = prices_of(model, library)
    inputs = Inputs(library)
    for file in (model, demand, *([prices] if prices else [])):
        inputs.add(file)
    central = Values(inputs)
    values = Values(inputs, {f"{demand.ref}.{name}": share * central.named(demand.ref, name) for name in SIZES})
    calendar = Calendar(START, 12)
    compiled = compile_graph(of_model(model), demand, prices, values)
    maker = PopulationMaker(demand, values, calendar, repeats=compiled.expected.repeats)
    return Ours(compiled.pathway, maker, values, calendar)


def lived(world: Ours, people: Population | Iterable[tuple[Population, int]], outcomes: bool) -> Summaries:
    """A run of the compiled engine with summaries, and with each person's outcome where asked for."""
    from simulation.summaries import summaries

    return summaries(world.pathway, people, world.calendar, world.end, 1, 0, world.names, outcomes)


class Timed:
    """Parts as they are asked for, and the CPU seconds that their making took: ``seconds``."""

    def __init__(self, parts: Iterator[tuple[Population, int]]):
        self.parts, self.seconds = parts, 0.0

    def __iter__(self) -> Timed:
        return self

    def __next__(self) -> tuple[Population, int]:
        begun = process_time()
        try:
            return next(self.parts)
        finally:
            self.seconds += process_time() - begun


def one(share: float, outcomes: bool) -> dict[str, Any]:
    """One run, people given month by month, and what it came to.

    ``alive`` counts people, and reviews of their care that are under way. ``wall``, ``cpu`` and ``making`` (of people)
    are seconds, ``peak`` is the most memory of the process, ``run_bytes`` the same over what was in use before the run,
    ``outcome_bytes`` what people's outcomes take of it.
    """
    lived(small := england(SMALL / 10), small.maker.parts(1, 0), outcomes)  # compiles, or reads what was compiled
    world = england(share)
    forget_peak()
    before = memory("VmRSS")
    parts = Timed(world.maker.parts(1, 0))
    wall, cpu = perf_counter(), process_time()
    found = lived(world, parts, outcomes)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    peak = memory("VmHWM")
    return {
        "share": share,
        "wall": wall,
        "cpu": cpu,
        "making": parts.seconds,
        "people": found.people,
        "held": sum(cell[-1] for cell in world.maker.held_cells),
        "rows": found.rows,
        "alive": found.most,
        "peak": peak,
        "run_bytes": peak - before,
        "outcome_bytes": 0 if found.outcomes is None else found.outcomes.nbytes,
    }


def in_child(share: float, outcomes: bool) -> dict[str, Any]:
    """The same in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.england", str(share), str(int(outcomes))]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(share: float = 1.0) -> dict[str, dict[str, Any]]:
    """A hundredth of it, all of it, and all of it with outcomes."""
    return {
        "small": in_child(share * SMALL, False),
        "whole": in_child(share, False),
        "outcomes": in_child(share, True),
    }


_TEXT = """## A year of England

Barnet's whole pathway, as shipped, with the people of `benchmarks/configs/demand/england.yaml`: as many requests a day
and people in care as England has, who are like Barnet's (an assumption of this benchmark; it tells how much work that
is, nothing of England). Contacts come for a year and everybody is followed for another; the compiled engine with
summaries, one processor, people made month by month while it runs, each run in a process of its own. Seconds are this
machine's and no promise for another.

{table}

*Lives* are people, and reviews of their care that are under way. *Process* is the most memory of the whole process,
*run* the same over what was in use before the run; outcomes take 16 bytes a person of it. Making people is {making:.0%}
of the CPU time. With {times:.0f} times as many people as in the first row the run takes {longer:.0f} times as long
(n log n: {allowed:.0f}), and with outcomes {outcomes:.2f} times as long as without."""

_TITLES = {"small": "a hundredth", "whole": "all", "outcomes": "all, with each person's outcome"}


def table(found: dict[str, dict[str, Any]]) -> str:
    """The runs as a Markdown table."""
    lines = [
        "| size | people | of them in care at the start | rows of a trace | lives at once | seconds | CPU seconds "
        "| process, MB | run, MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {_TITLES[name]} | {run['people']:,} | {run['held']:,} | {run['rows']:,} | {run['alive']:,} "
        f"| {run['wall']:.1f} | {run['cpu']:.1f} | {run['peak'] / 1e6:,.0f} | {run['run_bytes'] / 1e6:,.0f} |"
        for name, run in found.items()
    ]
    return "\n".join(lines)


def section(found: dict[str, dict[str, Any]]) -> str:
    """The section of docs/performance.md; nothing where nothing was measured."""
    if not found:
        return ""
    small, whole = found["small"], found["whole"]
    return _TEXT.format(
        table=table(found),
        making=whole["making"] / whole["cpu"],
        times=whole["people"] / small["people"],
        longer=whole["cpu"] / small["cpu"],
        allowed=n_log_n(whole["people"]) / n_log_n(small["people"]),
        outcomes=found["outcomes"]["cpu"] / whole["cpu"],
    )


def main(words: Sequence[str]) -> int:
    """With a share and 0 or 1 for outcomes: one run, as JSON. With nothing: all runs, each in its own process."""
    if words:
        print(json.dumps(one(float(words[0]), words[1] == "1")))
    else:
        print(section(measure()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
