"""Published figures held against simulated ones: what could have failed, apart from what set inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments import theme
from experiments.charts import Held, held_against
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.results import source
from experiments.report.service_facts import SHARE, Block, Service, Told, between, kind_of, say, told
from experiments.report.words import Number, Phrase, Range, Said, phrase

INSIDE, NOT_SIMULATED = "inside", "not simulated"
SET, COULD_FAIL = "calibration", "validation"
MOST_ROWS = 12
"""Of a chart."""


@dataclass(frozen=True)
class Cell:
    """A published figure and the simulated one. ``use``: 'calibration' where inputs were set with it."""

    title: str
    use: str
    verdict: str
    must_hold: bool
    kind: str
    published: Number
    published_range: Range | None
    simulated: Told | None
    accept: Range | None
    row: dict[str, Any]

    @property
    def inside(self) -> bool:
        """Whether it is near enough."""
        return self.verdict == INSIDE

    @property
    def said(self) -> Phrase:
        """The cell in a line, for those who only read which are outside."""
        must = " This one must hold." if self.must_hold else ""
        if self.simulated is None:
            return phrase("{title}: nothing to measure in these runs.{must}", title=self.title, must=must)
        near = (
            phrase("near enough is {accept}", accept=self.accept)
            if self.accept is not None
            else phrase("one simulated year lies within {span}", span=self.simulated.span)
        )
        return phrase(
            "{title}: {mean} simulated, {published} published; {near}.{must}",
            title=self.title,
            mean=self.simulated.said,
            published=say(self.published, self.kind),
            near=near,
            must=must,
        )


def cells(service: Service) -> list[Cell]:
    """The published figures, in the order of the experiment."""
    found = []
    for row in service.results.rows("checks"):
        keys = {"title": row["title"]}
        kind = kind_of(row["measure"], row["of"], row["per_100000"])
        number = {
            name: Number(float(row[name]), source("checks", name, **keys))
            for name in ("published", "published_low", "published_high", "accept_low", "accept_high")
        }
        low, high = number["published_low"], number["published_high"]
        found.append(
            Cell(
                title=words.careful(str(row["title"])),
                use=str(row["use"]),
                verdict=str(row["verdict"]),
                must_hold=bool(row["must_hold"]),
                kind=kind,
                published=number["published"],
                published_range=between(low, high, kind) if low.value < high.value else None,
                simulated=told("checks", row, keys, kind),
                accept=between(number["accept_low"], number["accept_high"], kind)
                if number["accept_low"].known
                else None,
                row=row,
            )
        )
    return found


def plain(number: Number) -> Said:
    """A small count in figures, nought too."""
    return Said(f"{number.value:,.0f}", number)


def of_use(found: Sequence[Cell], use: str) -> tuple[Said, Said]:
    """How many figures of a use come out, and of how many."""
    mine = [cell for cell in found if cell.use == use]
    inside = Number(sum(cell.inside for cell in mine), f"computed: checks.csv rows of use={use} that are inside")
    every = Number(len(mine), f"computed: checks.csv rows of use={use}")
    return plain(inside), plain(every)


def _relative(value: float, published: float) -> float:
    return 100 * (value / published - 1)


def _charts(name: str, found: Sequence[Cell]) -> list[Chart]:
    """As many charts as it takes for each to fit on a sheet of paper."""
    shown = [cell for cell in found if cell.simulated is not None and cell.published.value > 0]
    number = -(-len(shown) // MOST_ROWS)
    made = []
    for at in range(number):
        some = shown[at * len(shown) // number : (at + 1) * len(shown) // number]
        made.append(_chart(f"{name}_{at + 1}" if at else name, some, f", {at + 1} of {number}" if number > 1 else ""))
    return made


def _chart(name: str, found: Sequence[Cell], which: str) -> Chart:
    rows, labels, said = [], [], []
    for cell in found:
        at = cell.published.value
        assert cell.simulated is not None
        ends, accept = cell.simulated.ends, None
        if cell.accept is not None:
            accept = (
                _relative(cell.accept.low.number.value, at),
                _relative(cell.accept.high.number.value, at),
            )
        rows.append(
            Held(
                _relative(cell.simulated.mean.value, at),
                (_relative(ends[0], at), _relative(ends[1], at)) if ends else None,
                accept,
                cell.inside,
            )
        )
        labels.append(cell.title)
        said.append(
            f"{cell.title}: {cell.simulated.said} simulated, {say(cell.published, cell.kind)} published, {cell.verdict}"
        )
    figure = held_against(labels, rows, axis_title="per cent above or below the published figure")
    key = (
        (theme.TODAY, "●", "simulated, near enough"),
        (theme.PROPOSED, "✕", "simulated, outside"),
        (theme.TINT_TODAY, "", "what is near enough; without it, one simulated year must hold the published figure"),
    )
    alt = f"Simulated figures against published ones{which}. {'; '.join(said)}."
    return Chart(name, figure, alt, "The line at 0 is the published figure. Black bars are the interval.", key=key)


def _verdict(cell: Cell) -> str:
    word = "nothing to measure" if cell.verdict == NOT_SIMULATED else cell.verdict
    return f"{word}, must hold" if cell.must_hold else word


def held_table(caption: str, found: Sequence[Cell]) -> Table:
    """Published figures beside simulated ones, with what is near enough and the verdict."""
    rows = []
    for cell in found:
        published: Any = say(cell.published, cell.kind)
        if cell.published_range is not None:
            published = phrase("{at} ({range})", at=published, range=cell.published_range)
        rows.append(
            Row(
                (
                    cell.title,
                    published,
                    cell.simulated.said if cell.simulated else "nothing to measure",
                    cell.simulated.span if cell.simulated else "not known",
                    cell.accept if cell.accept is not None else "one year holds it",
                    cell.use,
                    _verdict(cell),
                ),
                cell.simulated.grey if cell.simulated else False,
            )
        )
    heads = ("Measure", "Published", "Simulated", "Interval", "Near enough", "Use", "Verdict")
    return Table(caption, heads, (False, True, True, True, True, False, False), rows, open=True)


def sources_table(service: Service, caption: str, found: Sequence[Cell]) -> Table:
    """Where published figures come from, and what is said of them."""
    rows = []
    for cell in found:
        document = str(cell.row["document"])
        title = service.results.short("document", document) if document else ""
        where = ", ".join(filter(None, (title, str(cell.row["where"]))))
        note = words.careful(words.capital(str(cell.row["note"])))
        rows.append(Row((cell.title, str(cell.row["status"]) or "not given", where or "not given", note or "none")))
    heads = ("Measure", "Status", "Source", "Note")
    return Table(caption, heads, (False, False, False, False), rows, folded=True)


def build_checks(service: Service) -> Part | None:
    """Every published figure, those that could have failed before those that set inputs."""
    found = cells(service)
    if not found:
        return None
    inside, every = of_use(found, COULD_FAIL)
    if every.number.value:
        head = phrase("{inside} of {all} figures that could have failed come out.", inside=inside, all=every)
    else:
        head = phrase("Every figure set an input, so none of them could have failed.")
    blocks = []
    texts = {
        COULD_FAIL: (
            "Could have failed",
            "These figures set no input: that they come out says something (validation).",
        ),
        SET: (
            "Set inputs",
            "Inputs were set with these figures. That they come out proves the program, not the theory (calibration).",
        ),
    }
    for use, (title, text) in texts.items():
        mine = [cell for cell in found if cell.use == use]
        if not mine:
            continue
        tables = [
            held_table(f"{title}: each published figure", mine),
            sources_table(service, f"{title}: sources and notes", mine),
        ]
        blocks.append(Block(title, (text,), _charts(f"checks_{use}", mine), tables))
    shares = any(cell.kind == SHARE for cell in found)
    intro = [
        phrase(
            "Each simulated figure is a mean over runs, of {year} unless its name says otherwise. Its interval is "
            "{spread}. It holds chance only, not what is unknown about the inputs.",
            year=service.year,
            spread=service.spread,
        ),
        *(["Shares are given as percentages."] if shares else []),
    ]
    return Part(
        "checks",
        "Do the published figures come out?",
        head,
        "service_part.html",
        ("checks",),
        words={"intro": intro, "blocks": blocks},
    )
