"""``attribution.html``: what each change brings, as bars and as tables."""

from __future__ import annotations

from collections.abc import Sequence

from experiments import theme
from experiments.attribution import words
from experiments.attribution.parts import Parts
from experiments.attribution.tables import TOGETHER, WHOLE, Counted, is_wide
from experiments.charts.rows import bars
from experiments.goal.page import asked_page
from experiments.measure_words import in_words
from experiments.report.pieces import Chart, Row, Table
from experiments.report.words import capital
from experiments.statistics import of_mean

HEADS = ("Part", "Its share, over all orders", "In the order given", "Made alone", "Made last")


def attribution_page(
    title: str, parts: Parts, found: Sequence[Counted], lines: Sequence[str], told: Sequence[str], foot: str
) -> str:
    """The page as text. ``lines``: the answer; ``told``: what it rests on."""
    charts = [_chart(parts, one, f"attribution-{at}") for at, one in enumerate(found)]
    tables = [table for one in found for table in (_table(parts, one), _pairs(parts, one)) if table.rows]
    question = "Which change brings how much of the difference?"
    data = ["attribution", "interactions", "sets", "by_replication"]
    answer = [words.headline(parts, found[0]), *lines]
    return asked_page(title, question, answer, told, charts, tables, data, foot)


def _chart(parts: Parts, one: Counted, name: str) -> Chart:
    """A bar a change, from nought, and the whole below them."""
    players = (*parts.names, WHOLE)
    spans = [one.interval("shapley", player) for player in players]
    labels = [capital(parts.title.get(player, "all together")) for player in players]
    money = one.measure.unit.startswith("£")
    figure = bars(
        labels,
        [0.0] * len(spans),
        [span.mean for span in spans],
        [*(theme.PROPOSED for _ in parts.names), theme.TODAY],
        axis_title=f"{capital(in_words(one.measure))}, {one.measure.unit}",
        intervals=[(span.low, span.high) for span in spans],
        prefix="£" if money else "",
    )
    said = "; ".join(f"{label}: {words.told(one.measure, span)}" for label, span in zip(labels, spans, strict=True))
    key = [(theme.PROPOSED, "", "a part's share, with its 95% interval"), (theme.TODAY, "", "the whole")]
    return Chart(name, figure, f"{capital(in_words(one.measure))} by part. {said}.", "", key=key)


def _table(parts: Parts, one: Counted) -> Table:
    rows = []
    for player in (*parts.names, TOGETHER, WHOLE):
        spans = [one.interval(way, player) for way in ("shapley", "sequential", "alone", "last")]
        label = {TOGETHER: "What no part brings by itself", WHOLE: "All together"}.get(player)
        cells = [words.told(one.measure, span) if span.mean or span.half_width else "–" for span in spans]
        rows.append(Row((label or capital(parts.title[player]), *cells), grey=player != TOGETHER and is_wide(spans[0])))
    return Table(f"{capital(in_words(one.measure))}, {one.measure.unit}", HEADS, (False, *(True,) * 4), rows, open=True)


def _pairs(parts: Parts, one: Counted) -> Table:
    spans = {pair: of_mean([float(value) for value in values]) for pair, values in one.pairs.items()}
    ordered = sorted(spans.items(), key=lambda item: -abs(item[1].mean))
    rows = [
        Row((f"{capital(parts.title[a])}, and {parts.title[b]}", words.told(one.measure, span)), grey=is_wide(span))
        for (a, b), span in ordered
        if span.mean or span.half_width
    ]
    caption = f"What two parts bring beyond each apart: {in_words(one.measure)}"
    return Table(caption, ("Two parts", "Together, beyond each apart"), (False, True), rows, folded=True)
