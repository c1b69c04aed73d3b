"""What experts said, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.elicit.asked import title_of
from experiments.elicit.pooled import AGREE, DIFFER, DISAGREE, EXCLUDE, Pooled
from experiments.elicit.under import AS_IT_STANDS, POOL
from experiments.report.words import MINUS, capital
from experiments.saying import listed, number, records, roughly, said


def figure(value: float) -> str:
    """A value of an input, to four figures at most."""
    size = 0 if value == 0 else math.floor(math.log10(abs(value)))
    text = f"{abs(value):,.{max(0, 3 - size)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def packages(change: float) -> str:
    """A change in funded packages: '290 fewer'."""
    if abs(change) < 0.05:
        return "no fewer and no more"
    return f"{number(abs(change))} {'fewer' if change < 0 else 'more'}"


def spending(saving: float) -> str:
    """A saving, or what more would be spent."""
    if abs(saving) < 0.5:
        return "nothing saved"
    return f"{roughly(abs(saving))} {'less' if saving > 0 else 'more'} spent"


def apart_in_words(one: Pooled) -> str:
    """How far experts are apart, in a sentence."""
    spread = f"their middle values lie {figure(one.between)} apart, and an expert's own 90% interval is "
    spread += f"{figure(one.within)} wide on average"
    if one.verdict == EXCLUDE:
        assert one.apart is not None
        return (
            f"The experts exclude each other: the intervals of {one.apart[0]} and {one.apart[1]} do not meet; {spread}."
            " The pool hides this: look at the results under each."
        )
    told = {
        AGREE: f"The experts agree: {spread}.",
        DIFFER: f"The experts differ: {spread}.",
        DISAGREE: f"The experts disagree widely: {spread}. Look at the results under each.",
    }
    return told[one.verdict]


def of_inputs(found: Mapping[str, Pooled], now: Mapping[str, float]) -> list[str]:
    """An input after the other: what stood there, what experts say, how far they are apart."""
    lines = []
    for key, one in found.items():
        low, middle, high = one.quantiles
        lines.append(f"{capital(title_of(key))} ({key})")
        lines.append(
            f"  Now {figure(now[key])}. {capital(said(len(one.opinions)))} experts together: {figure(middle)} "
            f"(90% interval {figure(low)} to {figure(high)})."
        )
        law = one.law
        lines.append(f"  In the config: {figure(law.mode)}, most likely, from {figure(law.low)} to {figure(law.high)}.")
        lines.append(f"  {apart_in_words(one)}")
        if one.rough:
            lines.append(
                f"  The three values of {listed(one.rough)} are more lopsided than a PERT law can be: "
                "the law drawn from is a rough one (column misfit)."
            )
    return lines


def of_experts(table: pd.DataFrame) -> list[str]:
    """The headline under each, as lines of a table on the screen and sentences."""
    rows = records(table)
    year = rows[0]["financial_year"]
    width = max(len(row["who"]) for row in rows) + 2
    with_range = any(row["draws"] for row in rows)
    lines = [f"{'':{width}}funded packages a year; care money in {year}, gross"]
    for row in rows:
        text = f"{packages(row['packages'])}; {spending(row['saving'])}"
        if row["draws"]:
            text += f" (95% over inputs: {_range(row)})"
        lines.append(f"{capital(row['who']):{width}}{text}")
    lines += ["", *_sentences(rows, str(year))]
    if not with_range:
        lines.append("The experiment draws no inputs (input_draws: 0), so these figures have no ranges.")
    left = sum(int(row["contradictory_draws"]) for row in rows)
    if left:
        lines.append(f"{left} draws whose inputs contradict each other are left out (column contradictory_draws).")
    return lines


def _range(row: Mapping[str, Any]) -> str:
    money = (roughly(row["saving_low"]), roughly(row["saving_high"]))
    return f"{changes(row['packages_low'], row['packages_high'])}; {money[0]} to {money[1]} less"


def changes(low: float, high: float) -> str:
    """A range of changes in packages: '117 to 376 fewer'."""
    if low < 0 < high:
        return f"{packages(low)} to {packages(high)}"
    ends = sorted((abs(low), abs(high)))
    return f"{number(ends[0])} to {number(ends[1])} {'fewer' if low < 0 else 'more'}"


def _sentences(rows: Sequence[Mapping[str, Any]], year: str) -> list[str]:
    now = next(row for row in rows if row["who"] == AS_IT_STANDS)
    sceptics = [row for row in rows if row["most_sceptical"]]
    one = sceptics[0]
    names = listed([row["who"] for row in sceptics])
    several = len(sceptics) > 1
    lines = [
        f"The most sceptical {'are' if several else 'is'} {names}: {packages(one['packages'])} packages a year and "
        f"{spending(one['saving'])} in {year}, where the values as they stand give {packages(now['packages'])} and "
        f"{spending(now['saving'])}."
    ]
    experts = [row for row in rows if row["who"] not in (AS_IT_STANDS, POOL)]
    if len({row["saving"] for row in experts}) > 1:
        top = max(experts, key=lambda row: float(row["saving"]))
        lines.append(f"The least sceptical is {top['who']}: {spending(top['saving'])} in {year}.")
    lines.append(
        "An expert's figure is taken at the expert's middle values; inputs an expert left blank stay as they are. "
        "The pool's is taken at the values written into the configs. The ranges hold what nobody knows about the "
        "inputs, not chance from year to year. Fewer packages is not less need."
    )
    return lines
