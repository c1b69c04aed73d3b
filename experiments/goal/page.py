"""``goal.html``: the answer, the line it comes from, and everything that was lived."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments import theme
from experiments.charts.along import along
from experiments.elicit.words import figure
from experiments.goal import words
from experiments.goal.alone import Alone
from experiments.goal.lived import Standing
from experiments.goal.search import Result
from experiments.goal.tables import Asked, span_at, value_at
from experiments.measure_words import in_words
from experiments.report import render
from experiments.report.pieces import Chart, Row, Table
from experiments.report.words import capital


def asked_page(
    title: str,
    question: str,
    lines: Sequence[str],
    bear: Sequence[str],
    charts: Sequence[Chart],
    tables: Sequence[Table],
    data: Sequence[str],
    foot: str,
) -> str:
    """The page of a question put to an experiment. ``lines``: the answer first. ``bear``: what not to forget."""
    return render(
        "asked.html",
        title=title,
        question=question,
        headline=lines[0],
        lines=lines[1:],
        told=bear,
        charts=charts,
        tables=tables,
        data=data,
        foot=foot,
    )


def line_chart(asked: Asked, result: Result, name: str = "goal") -> Chart | None:
    """The measure along the input, with its interval, the threshold and the answer."""
    if len(result.points) < 2:
        return None
    one, money = result.varied, asked.measure.unit.startswith("£")
    marked = [
        (c.at, one.low if c.low is None else c.low, one.high if c.high is None else c.high) for c in result.crossings
    ]
    y_title = f"{capital(in_words(asked.measure))}, {asked.measure.unit}"
    if asked.target.probability is not None:
        y_title += f", reached in {100 * asked.target.probability:g} of 100 cases"
    picture = along(
        [x for x, _ in result.points],
        [value_at(asked, s.slack) for _, s in result.points],
        [span_at(asked, s) for _, s in result.points],
        x_title=capital(one.title),
        y_title=y_title,
        level=asked.target.threshold,
        level_words=words.amount(asked, asked.target.threshold, True),
        marked=marked,
        prefix="£" if money else "",
    )
    told = "; ".join(f"{figure(x)}: {words.reached(asked, s)}" for x, s in result.points)
    key = [(theme.TODAY, "", "what is reached"), (theme.TINT_TODAY, "", "its 95% interval")]
    key += [(theme.TINT_PROPOSED, "", "95% interval of the answer (the dotted line)")] if marked else []
    return Chart(name, picture, f"{y_title}, along {one.title}. {told}.", capital(words.target_words(asked)), key=key)


def contour_chart(results: Sequence[Result]) -> Chart | None:
    """What the second input would need to be along the first, where a value was found."""
    found = [(r.fixed[0][1], r.crossings[0], r) for r in results if len(r.crossings) == 1]
    if len(found) < 2:
        return None
    one, key = results[0].varied, results[0].fixed[0][0]
    other = capital(key.rpartition(".")[2].replace("_", " "))
    limits = [(one.low if c.low is None else c.low, one.high if c.high is None else c.high) for _, c, _ in found]
    above = found[0][1].met_above
    picture = along(
        [x for x, _, _ in found],
        [c.at for _, c, _ in found],
        limits,
        x_title=other,
        y_title=f"{capital(one.title)} would need to be at {'least' if above else 'most'}",
    )
    told = "; ".join(f"{figure(x)}: {figure(c.at)}" for x, c, _ in found)
    return Chart("contour", picture, f"{capital(one.title)} needed, along {other}. {told}.",
                 "The line on which the target is just met; the band is its 95% interval.")  # fmt: skip


def lived_tables(asked: Asked, results: Sequence[Result]) -> list[Table]:
    """Everything that was lived, one table a line."""
    tables = []
    for result in results:
        rows = [
            Row((figure(x), *_cells(asked, s), f"{100 * s.met:.0f}", str(s.replications))) for x, s in result.points
        ]
        held = "".join(f", {key} at {figure(value)}" for key, value in result.fixed)
        heads = (capital(result.varied.title), "Reached", "95% interval", "Target met, of 100", "Replications")
        tables.append(Table(f"Everything that was lived{held}", heads, (True,) * 5, rows))
    return tables


def _cells(asked: Asked, one: Standing) -> tuple[str, str]:
    ends = [words.amount(asked, end) if math.isfinite(end) else "not told by so few" for end in span_at(asked, one)]
    return words.amount(asked, value_at(asked, one.slack)), " to ".join(ends)


def alone_tables(asked: Asked, found: Sequence[Alone]) -> list[Table]:
    """Inputs that turn the answer alone, and those that do not."""
    tables = []
    for turns, caption in ((True, "Inputs that alone could turn it"), (False, "Inputs that alone could not")):
        rows = []
        for one in (one for one in found if one.turns == turns):
            cells = [one.varied.key, figure(one.varied.current), words.searched(one.varied)]
            if one.result is not None and turns:
                cells.append("; ".join(
                    f"{'at least' if c.met_above else 'at most'} {figure(c.at)}" for c in one.result.crossings
                ))  # fmt: skip
            ends = (one.at_low, one.at_high)
            cells += [f"{value} ({span})" for value, span in (_cells(asked, s) for s in ends)]
            rows.append(Row(tuple(cells)))
        heads = ["Input", "Now", "Range", *(["Met with"] if turns else []), "At its low end", "At its high end"]
        if rows:
            tables.append(Table(caption, heads, (False, *(True,) * (len(heads) - 1)), rows, open=turns))
    return tables
