"""What is said on the screen of two runs: inputs first, then results, then how it was found."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.compare_runs import inputs
from experiments.compare_runs.chance import FEWEST
from experiments.compare_runs.figures import Words
from experiments.compare_runs.inputs import Change
from experiments.compare_runs.results import EXACT, LEVEL, MAYBE, MORE, ONLY, UNKNOWN, Result, row_of
from experiments.report.words import MINUS
from simulation.errors import short

MOST = 10
"""Changes of one kind on the screen; the tables hold all."""
MOST_OF_A_TABLE = 3

_KINDS = {
    inputs.FILE: ("config file", "config files"),
    inputs.NUMBER: ("number", "numbers"),
    inputs.SETTING: ("setting of the experiment", "settings of the experiment"),
    inputs.SEED: ("seed", "seeds"),
    inputs.ENGINE: ("engine", "engines"),
    inputs.VERSION: ("version", "versions"),
    inputs.CODE: ("fact about the code", "facts about the code"),
}
_VERDICTS = {
    MORE: "differ by more than chance",
    MAYBE: "differ, and chance alone may do that",
    EXACT: "differ and are worked out from the inputs, with no chance in them",
    UNKNOWN: "differ, and whether by chance cannot be said: no interval is kept for them, or too few replications",
    ONLY: "are known in one run only",
}


def number(value: float) -> str:
    """A figure to six digits; nothing known is said as such."""
    return "not known" if math.isnan(value) else f"{value:,.6g}".replace("-", MINUS)


def about_inputs(changes: Sequence[Change]) -> list[str]:
    """What went in."""
    if not changes:
        return ["Inputs: nothing changed (files, numbers, settings, seed, engine, versions and code are the same)."]
    lines = ["Inputs:"]
    for kind, (one, many) in _KINDS.items():
        found = [change for change in changes if change.kind == kind]
        if not found:
            continue
        lines.append(f"  {len(found):,} {one if len(found) == 1 else many} changed")
        lines += [f"    {c.name}: {short(c.first)} → {short(c.second)}" for c in found[:MOST]]
        lines += [f"    and {len(found) - MOST:,} more"] if len(found) > MOST else []
    return lines


def _largest(results: Sequence[Result]) -> list[Result]:
    """The surest first: by how far the difference lies beyond its interval's half-width."""

    def sure(result: Result) -> float:
        test = result.test
        if test is None:
            a, b = result.figure.first, result.figure.second
            return abs(b - a) / max(abs(a), abs(b)) if max(abs(a), abs(b)) > 0 else 0.0
        half = (test.high - test.low) / 2
        return abs(test.difference) / half if half > 0 else math.inf

    return sorted(results, key=sure, reverse=True)


def _line(result: Result) -> str:
    figure, test = result.figure, result.test
    said = f"{row_of(figure.key)}, {figure.column}: {number(figure.first)} → {number(figure.second)}"
    if test is None:
        return said
    return f"{said}; difference {number(test.difference)} (95% {number(test.low)} to {number(test.high)})"


def _by_table(results: Sequence[Result]) -> list[str]:
    lines = []
    for table in dict.fromkeys(result.figure.table for result in results):
        here = [result for result in results if result.figure.table == table]
        lines.append(f"    {table} ({len(here):,})")
        lines += [f"      {_line(result)}" for result in _largest(here)[:MOST_OF_A_TABLE]]
    return lines


def about_results(
    results: Sequence[Result], words: Sequence[Words], only_first: Sequence[str], only_second: Sequence[str]
) -> list[str]:
    """What came out."""
    differ = [result for result in results if result.differs]
    lines = [f"Tables that only the {which} run has: {', '.join(names)}." for which, names in (
        ("first", only_first), ("second", only_second)) if names]  # fmt: skip
    if not differ and not words:
        same = f"Results: nothing changed ({len(results):,} figures of the tables that both have are the same)."
        return [*lines, same]
    lines.append(f"Results: {len(differ):,} of {len(results):,} figures differ.")
    for verdict, told in _VERDICTS.items():
        found = [result for result in differ if result.verdict == verdict]
        if found:
            lines.append(f"  {len(found):,} {told}:")
            lines += _by_table(found)
    rows = [one for one in words if not one.column]
    cells = [one for one in words if one.column]
    for found_words, what in ((rows, "rows that only one run has"), (cells, "words that differ")):
        if found_words:
            lines.append(f"  {len(found_words):,} {what}:")
            lines += _examples(found_words)
    return lines


def _examples(words: Sequence[Words]) -> list[str]:
    lines = []
    for table in dict.fromkeys(one.table for one in words):
        here = [one for one in words if one.table == table]
        lines.append(f"    {table} ({len(here):,})")
        lines += [f"      {_said(one)}" for one in here[:MOST_OF_A_TABLE]]
    return lines


def _said(one: Words) -> str:
    if not one.column:
        return f"{row_of(one.key)} (in the {'first' if one.first == 'there' else 'second'} run)"
    first, second = (short(text) or "empty" for text in (one.first, one.second))
    return f"{row_of(one.key)}, {one.column}: {first} → {second}"


def about_method(results: Sequence[Result], same_seed: bool, drawn: bool) -> list[str]:
    """How it was found, and what it cannot say. ``drawn``: a run has replications whose inputs were drawn."""
    tested = [result.test for result in results if result.test is not None]
    if not tested:
        return [
            f"Nothing could be tested for chance: that needs intervals from at least {FEWEST} replications of each run."
        ]
    methods: dict[str, list[str]] = {}
    for result in results:
        if result.test is not None:
            tables = methods.setdefault(result.test.method, [])
            if result.figure.table not in tables:
                tables.append(result.figure.table)
    lines = ["How this was found:"]
    lines += [f"  {method[0].upper()}{method[1:]}: {', '.join(tables)}." for method, tables in methods.items()]
    if same_seed and len(methods) > 1:
        lines.append("  Both runs share their seeds; Welch's t takes them as independent, which makes it cautious "
                     "where luck moves both the same way.")  # fmt: skip
    lines += [
        f"  {len(tested):,} figures were tested. 'More than chance' is below {LEVEL:.0%} after Holm's correction for "
        "all of them; intervals are 95%, each on its own.",
        "  Chance only, at each run's own inputs: what is unknown about the inputs is not in these intervals. That two "
        "runs differ does not say which of their changes did it.",
    ]
    if drawn and any("months_by_replication" in tables for tables in methods.values()):
        lines.append(
            "  Except in months_by_replication: its replications have inputs drawn anew, so there it is inputs and "
            "chance together."
        )
    return lines
