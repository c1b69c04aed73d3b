"""A state as parts of the page: words, figures and charts, by the report's own functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments import theme
from experiments.charts.curves import Line
from experiments.explore.asked import EXPLORED, Asked
from experiments.explore.facts import results_of, with_flows
from experiments.explore.flow import flow_charts
from experiments.explore.waits import Waited, both_wait, waits_table
from experiments.explore.world import World
from experiments.pack.pictures import LINE, SCALE, WIDTH, Drawing, chart_data, title_of
from experiments.replicate import Outcome
from experiments.report import answer, money, people, words
from experiments.report.answer_facts import Answer, answer_of
from experiments.report.packages_by_month import chart_of
from experiments.report.pieces import Chart, Row, Table
from experiments.report.render import environment
from experiments.report.results import Results, source
from experiments.report.service_facts import STYLES
from experiments.report.words import Number, Phrase, phrase
from experiments.statistics import of_mean
from simulation.tally import Tally

TEMPLATES = Path(__file__).resolve().parent / "templates"

COST = "care_cost/"
LEDGER = {"ledger": "people", "ledger_hours": "hours a week"}
COLUMNS = ("value_baseline", "value_model", "difference", "low", "high")
WORKING = "Where else the need goes is followed once the answer stands; it takes longer."


@dataclass(frozen=True)
class Piece:
    """One region of the page. ``words``: what its template needs; a region with nothing to say is hidden."""

    region: str
    words: dict[str, Any]
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    silent: bool = field(default=False)

    def told(self) -> dict[str, Any]:
        """As the page's script reads it."""
        template = environment(TEMPLATES).get_template("region.html")
        html = "" if self.silent else template.render(region=self.region, w=self.words, tables=self.tables)
        return {"region": self.region, "html": html, "charts": [self._chart(chart) for chart in self.charts]}

    def points(self) -> dict[str, str]:
        """What each chart shows, point by point, as CSV; slow, so it comes last."""
        return {chart.name: chart_data(chart.figure).to_csv(index=False) for chart in self.charts}

    def _chart(self, chart: Chart) -> dict[str, Any]:
        saved = Drawing(chart, title_of(chart, self.words.get("headline") or chart.caption or chart.name))
        return {
            "name": chart.name,
            "alt": chart.alt,
            "caption": str(chart.caption),
            "height": chart.height,
            "key": [[colour, theme.text_on(colour), mark, text] for colour, mark, text in chart.key],
            "figure": json.loads(chart.data),
            "saved": {
                "above": saved.above,
                "line": LINE,
                "scale": SCALE,
                "width": saved.width,
                "drawn": chart.width or WIDTH,
            },
        }


def first_look(world: World, asked: Asked, outcomes: Sequence[Outcome]) -> tuple[dict[str, Any], list[Piece], Results]:
    """What is shown at once: the answer in words with its interval, money and care by month; the results behind it."""
    results = results_of(world, asked, outcomes)
    found = answer_of(results, EXPLORED)
    told = {
        "pairs": len(outcomes),
        "said": str(_said(results, found)),
        "brief": str(_brief(found)),
        "value": found.difference.value,
        "low": found.chance[0].value,
        "high": found.chance[1].value,
        "share": asked.share,
    }
    pieces = [_answer(world, asked, results, found), _money(results), _care(asked, outcomes, results)]
    return told, pieces, results


def second_look(
    world: World, asked: Asked, outcomes: Sequence[Outcome], results: Results, narrow: bool
) -> Iterator[Piece]:
    """What follows: what contacts end with, where the need goes, and how people flow."""
    yield _groups(results)
    yield _people(results)
    yield _ledger(results, "" if asked.ledger is None else WORKING)
    charts = flow_charts(with_flows(results, world, asked, outcomes), world, asked, narrow)
    yield Piece("flow", {"share": asked.share}, charts, silent=not charts)


def _said(results: Results, found: Answer) -> Phrase:
    """The answer in one sentence with its interval, for those who hear the page."""
    return phrase(
        "{headline} By chance alone {range}, from {pairs} paired runs.",
        headline=answer.headline(results),
        range=words.span_signed(*found.chance),
        pairs=words.whole(results.noted("stopping", "pairs") or Number(0, "")),
    )


def _brief(found: Answer) -> Phrase:
    """The difference with its interval, for a line that stays in sight."""
    return phrase(
        "{change} packages a year ({range}).",
        change=words.signed(found.difference),
        range=words.span_signed(*found.chance),
    )


def _unmet(results: Results) -> Phrase:
    """Possibly unmet need is told whatever it comes to."""
    return answer.unmet(results) or phrase(
        "Fewer packages is not the same as less need. In this answer as many people as today have eligible need and no "
        "Council-funded package, which is possibly unmet need."
    )


def _why_no_waits(asked: Asked, results: Results) -> str:
    """In the model's words where a model has nobody to wait for, else which of the two has."""
    why = words.capital(answer.why_no_waits(results))
    one = not asked.alone.pathway.unlimited or not asked.today.compiled.pathway.unlimited
    return f"People wait for somebody in one of the two models only. {why}" if one else why


def _answer(world: World, asked: Asked, results: Results, found: Answer) -> Piece:
    config = results.manifest["config"]
    titles = [results.title("model", name) for name in world.models]
    spent = answer.money(results)
    return Piece(
        "answer",
        {
            "headline": answer.headline(results),
            "answer": found,
            "about": words.about(found.difference),
            "range": words.span_signed(*found.chance),
            "exact": words.signed(found.difference, 1),
            "pairs": words.whole(results.noted("stopping", "pairs") or Number(0, "")),
            "gap": phrase(
                "The gap is the difference between “{today}” and “{model}”. Closing {share} of it: {title}. Two "
                "councils side by side are not an estimate of effect: how much of the gap would really be closed is an "
                "assumption.",
                today=titles[0],
                model=titles[1],
                share=words.percent(found.share),
                title=found.title,
            ),
            "money": spent,
            "waits": "" if both_wait(asked) else _why_no_waits(asked, results),
            "unmet": _unmet(results),
            "own": asked.state == world.published,
            "true_only_if": config.get("true_only_if") or [],
            "cannot_say": config.get("cannot_say") or [],
        },
    )


def _money(results: Results) -> Piece:
    if not _money_known(results):
        return Piece("money", {}, silent=True)
    found = money.Money(results)
    year = found.years[-1]
    pair = found.chance(EXPLORED, year)
    words_of = {
        "headline": money.headline(found),
        "year": year,
        "chance": words.span_pounds(*pair) if pair is not None else "not known",
        "price_base": found.price_base,
    }
    return Piece("money", words_of, [money.years_chart(found)], [money.years_table(found)])


def _money_known(results: Results) -> bool:
    """Whether a share of the gap is closed in years for which savings are told."""
    return bool(results.years) and answer_of(results, EXPLORED).share.value > 0


def _groups(results: Results) -> Piece:
    if not _money_known(results):
        return Piece("groups", {}, silent=True)
    found = money.Money(results)
    chart = money.groups_chart(found)
    return Piece("groups", {}, [chart] if chart is not None else [], [money.groups_table(found)])


def _care(asked: Asked, outcomes: Sequence[Outcome], results: Results) -> Piece:
    months = asked.run.job.axes.months

    def line(name: str, scenario: str, colour: str, symbol: str, dash: str) -> Line:
        found = [of_mean([int(_running(o.tallies[scenario], m)) for o in outcomes]) for m in range(len(months))]
        return Line(name, [i.mean for i in found], [(i.low, i.high) for i in found], colour, symbol, dash)

    lines = [
        line(name, of, *style)
        for (name, of), style in zip((("Today", ""), ("Proposed", EXPLORED)), STYLES, strict=False)
    ]
    chart = chart_of("care", months, lines, "Pale bands are chance alone (the 95% interval of the mean).")
    last = _row_words(results, "packages_running_at_end")
    return Piece("care", {"last": last}, [chart], [_spend(results)])


def _running(counted: Tally, month: int) -> int:
    return int(counted.live[:, month].sum())


def _row_words(results: Results, measure: str) -> dict[str, Any]:
    """Today, proposed and the difference with its interval, of one measure."""
    row = results.rows("comparison", measure=measure, transfer=EXPLORED)[0]
    number = {
        name: Number(row[name], source("comparison", name, measure=measure, transfer=EXPLORED)) for name in COLUMNS
    }
    return {
        "today": words.whole(number["value_baseline"]),
        "proposed": words.whole(number["value_model"]),
        "change": words.signed(number["difference"]),
        "range": words.span_signed(number["low"], number["high"]),
    }


def _compared(results: Results, caption: str, head: str, named: Sequence[tuple[str, str]]) -> Table:
    """Measures today and proposed. ``named``: (what a row is called, measure)."""
    rows = [Row((name, *_row_words(results, measure).values())) for name, measure in named]
    heads = (head, "Today", "Proposed", "Change", "Chance alone")
    return Table(caption, heads, (False, True, True, True, True), rows, open=True)


def _spend(results: Results) -> Table:
    """What care costs in each year, gross."""
    named = [(measure.removeprefix(COST), measure) for measure in _measures(results) if measure.startswith(COST)]
    return _compared(results, "What care costs in each financial year, gross pounds", "Year", named)


def _measures(results: Results) -> list[str]:
    return [str(row["measure"]) for row in results.rows("comparison", transfer=EXPLORED)]


def _people(results: Results) -> Piece:
    part = people.build(results)
    if part is None:
        return Piece("people", {}, silent=True)
    charts = [part.charts["groups"]] if "groups" in part.charts else []
    return Piece("people", {"headline": part.headline}, charts, [*part.tables.values()])


def last_look(world: World, asked: Asked, outcomes: Sequence[Outcome]) -> Piece:
    """Where the need goes, from pairs that were counted with a ledger."""
    return _ledger(results_of(world, asked, outcomes, asked.ledger), f"From {len(outcomes)} paired runs.")


def waits_piece(pairs: Sequence[tuple[Waited, Waited]]) -> Piece:
    """How long people wait, where both models have somebody to wait for."""
    table = waits_table(pairs)
    return Piece("waits", {"pairs": len(pairs)}, tables=[] if table is None else [table], silent=table is None)


def _ledger(results: Results, note: str) -> Piece:
    """Where the need goes: people and hours a week; a model without a ledger says so."""
    named = []
    for measure in _measures(results):
        kind, _, name = measure.partition("/")
        if kind in LEDGER:
            named.append((f"{words.humanised(name).capitalize()}, {LEDGER[kind]}", measure))
    table = _compared(results, "Where the need of people without a package goes, a year", "Where", named)
    return Piece("ledger", {"unmet": _unmet(results), "note": note}, tables=[table] if named else [])
