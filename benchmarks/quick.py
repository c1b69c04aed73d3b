"""``python -m benchmarks.quick``: our engines, idiomatic SimPy and C++ in three rounds, in under a minute."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import engines
from benchmarks.cases import reference_case
from benchmarks.engines import ONE_HEAP
from benchmarks.gates import not_measured
from benchmarks.measuring import in_rounds
from benchmarks.racing import Standing, standings

YEARS, ROUNDS = 2, 3
LEFT_OUT = {"mesa_events"}


def table(found: dict[str, Standing], titles: dict[str, str]) -> str:
    """Medians and ratios as text."""
    width = max(map(len, titles.values()))
    lines = [f"{'':{width}}  median s  x idiomatic SimPy  time / C++"]
    for name, one in found.items():
        against = one["ratio_to_cpp"]
        long = f"{against:10.2f}" if isinstance(against, float) else f"{'–':>10}"
        lines.append(f"{titles[name]:{width}}  {one['median_s']:8.4f}  {one['ratio_to_idiomatic_simpy']:17.2f}  {long}")
    return "\n".join(lines)


def main(words: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quick", description=__doc__)
    parser.add_argument("--out", metavar="FILE", type=Path, help="also write the figures here, as JSON")
    parser.add_argument("--years", metavar="N", type=int, default=YEARS, help=f"years of contacts ({YEARS})")
    parser.add_argument("--rounds", metavar="N", type=int, default=ROUNDS, help=f"rounds ({ROUNDS})")
    given = parser.parse_args(words)
    case = reference_case(given.years)
    some = {
        name: engine for name, engine in (engines.ours(case) | engines.others(case)).items() if name not in LEFT_OUT
    }
    times = in_rounds({name: engine.seconds for name, engine in some.items()}, given.rounds)
    found = standings(times, "reference")
    print(f"The reference pathway, {given.years} years of contacts, CPU time, medians of {given.rounds} rounds:\n")
    print(table(found, {name: engine.title for name, engine in some.items()}))
    if ONE_HEAP not in found:
        print(f"\n{not_measured()[0]}")
    if given.out:
        given.out.write_text(json.dumps({"engines": found}, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
