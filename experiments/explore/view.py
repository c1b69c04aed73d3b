"""A state as parts of the page: words, figures and charts, by the report's own functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments import theme
from experiments.charts import flow_outline, flow_picture
from experiments.charts.curves import Line
from experiments.charts.months import by_month
from experiments.explore.facts import results_of, with_flows
from experiments.explore.world import EXPLORED, Asked, World
from experiments.replicate import Outcome
from experiments.report import answer, money, people, words
from experiments.report.answer_facts import Answer, answer_of
from experiments.report.picture import Picture
from experiments.report.pieces import Chart, Row, Table
from experiments.report.render import environment
from experiments.report.results import Results
from experiments.report.service_facts import key_of
from experiments.report.words import Number, Phrase, phrase
from experiments.statistics import of_mean
from simulation.tally import Tally

TEMPLATES = Path(__file__).resolve().parent / "templates"

COST = "care_cost/"
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
        return {"region": self.region, "html": html, "charts": [_chart(chart) for chart in self.charts]}


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "name": chart.name,
        "alt": chart.alt,
        "caption": str(chart.caption),
        "height": chart.height,
        "key": [[colour, theme.text_on(colour), mark, text] for colour, mark, text in chart.key],
        "figure": json.loads(chart.data),
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
    pieces = [_answer(world, results, found), _money(results), _care(asked, outcomes, results)]
    return told, pieces, results


def second_look(
    world: World, asked: Asked, outcomes: Sequence[Outcome], results: Results, narrow: bool
) -> Iterator[Piece]:
    """What follows: what contacts end with, where the need goes, and how people flow."""
    yield _groups(results)
    yield _people(results)
    yield _ledger(results, "" if asked.ledger is None else WORKING)
    yield _flow(with_flows(results, world, asked, outcomes), world, asked, narrow)


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


def _answer(world: World, results: Results, found: Answer) -> Piece:
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
            "waits": words.capital(answer.why_no_waits(results)),
            "unmet": _unmet(results),
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
        line("Today", "", theme.TODAY, "circle", "solid"),
        line("Proposed", EXPLORED, theme.PROPOSED, "diamond", "solid"),
    ]
    said = "; ".join(f"{one.name}: {one.values[-1]:,.0f} at the end" for one in lines)
    chart = Chart(
        "care",
        by_month(months, lines, start=False),
        f"Packages running at each month's end. {said}.",
        "Packages running at each month's end; pale bands are chance alone (the interval of the mean).",
        key=key_of(lines),
    )
    last = {"measure": "packages_running_at_end", "transfer": EXPLORED}
    return Piece("care", {"last": _row_words(results, last)}, [chart], [_spend(results)])


def _running(counted: Tally, month: int) -> int:
    return int(counted.live[:, month].sum())


def _row_words(results: Results, keys: dict[str, Any], say: Callable[[Number], Any] = words.whole) -> dict[str, Any]:
    """Today, proposed and the difference with its interval, of one row of the comparison."""
    low, high = (results.need("comparison", end, **keys) for end in ("low", "high"))
    return {
        "today": say(results.need("comparison", "value_baseline", **keys)),
        "proposed": say(results.need("comparison", "value_model", **keys)),
        "change": words.signed(results.need("comparison", "difference", **keys)),
        "range": words.span_signed(low, high),
    }


def _spend(results: Results) -> Table:
    """What care costs in each year, gross."""
    rows = []
    for row in results.rows("comparison", transfer=EXPLORED):
        if row["measure"].startswith(COST):
            said = _row_words(results, {"measure": row["measure"], "transfer": EXPLORED})
            year = row["measure"].removeprefix(COST)
            rows.append(Row((year, said["today"], said["proposed"], said["change"], said["range"])))
    return Table(
        "What care costs in each financial year, gross pounds",
        ("Year", "Today", "Proposed", "Change", "Chance alone"),
        (False, True, True, True, True),
        rows,
    )


def _people(results: Results) -> Piece:
    part = people.build(results)
    if part is None:
        return Piece("people", {}, silent=True)
    charts = [part.charts["groups"]] if "groups" in part.charts else []
    return Piece("people", {"headline": part.headline}, charts, [*part.tables.values()])


def last_look(world: World, asked: Asked, outcomes: Sequence[Outcome]) -> Piece:
    """Where the need goes, from pairs that were counted with a ledger."""
    return _ledger(results_of(world, asked, outcomes, asked.ledger), f"From {len(outcomes)} paired runs.")


def _ledger(results: Results, note: str) -> Piece:
    """Where the need goes: people and hours a week; a model without a ledger says so."""
    rows = []
    for row in results.rows("comparison", transfer=EXPLORED):
        if row["measure"].startswith(("ledger/", "ledger_hours/")):
            said = _row_words(results, {"measure": row["measure"], "transfer": EXPLORED})
            kind, _, name = row["measure"].partition("/")
            what = f"{words.humanised(name).capitalize()}, {'people' if kind == 'ledger' else 'hours a week'}"
            rows.append(Row((what, said["today"], said["proposed"], said["change"], said["range"])))
    table = Table(
        "Where the need of people without a package goes, a year",
        ("Where", "Today", "Proposed", "Change", "Chance alone"),
        (False, True, True, True, True),
        rows,
        open=True,
    )
    return Piece("ledger", {"unmet": _unmet(results), "note": note}, tables=[table] if rows else [])


class Seen(Picture):
    """One model's ways as they were lived: boxes without printed counts beside them."""

    def __init__(self, results: Results, model: str, name: str):
        self.name = name
        super().__init__(results, model)

    @property
    def contacts(self) -> Number:
        """Contacts a year that take these ways."""
        entries = [rows[0] for rows in self.ways.values() if rows[0]["kind"] == "arrival"]
        first = {self._next(row["leads_to"]) for row in entries}
        total = sum(row["n_mean"] for (stage, _), row in self.flows.items() if stage in first)
        return Number(total, f"flows: n_mean; model={self.model}")

    def _root_figures(self, mean: float) -> tuple[str, ...]:
        return (f"{mean:,.0f} in the first year",)

    def _demand(self) -> str:
        return self.name


def _flow(results: Results, world: World, asked: Asked, narrow: bool) -> Piece:
    draw = flow_outline if narrow else flow_picture
    wanted = [("flow_today", world.models[0], "Everybody, answered as today", theme.TODAY, theme.TINT_TODAY)]
    if asked.share > 0:
        who = "Those who are answered the new way"
        wanted.append(("flow_proposed", world.models[1], who, theme.PROPOSED, theme.TINT_PROPOSED))
    charts = []
    for name, model, title, colour, tint in wanted:
        picture = Seen(results, model, world.run.demand.config.name)
        if picture.boxes:
            charts.append(Chart(name, draw(picture.boxes, colour, tint, picture.alt), f"{title}. {picture.alt}", title))
    return Piece("flow", {"share": asked.share}, charts, silent=not charts)
