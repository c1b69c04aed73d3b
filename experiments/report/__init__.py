"""The report of a finished experiment: one HTML page that needs nothing else, made from the results folder alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from experiments import theme
from experiments.report import answer, checking, flows, money, people, service_page, transition_page, words
from experiments.report.interval_notes import interval_note
from experiments.report.pieces import Part
from experiments.report.results import Results
from experiments.whole_file import write_text_whole

HERE = Path(__file__).resolve().parent / "templates"


def parts_of(results: Results) -> list[Part]:
    """The parts that have something to say, in a reader's order."""
    makers = (answer.build, flows.build, people.build, money.build, checking.build)
    return [part for part in (make(results) for make in makers) if part is not None]


def _careful(value: Any) -> Any:
    return words.careful(value) if type(value) is str else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_careful,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(capital=words.capital, whole=words.whole, percent=words.percent, ink=theme.text_on)
    return environment


def render(template: str, **more: Any) -> str:
    """A page of its own: the template with style and scripts inside, so that it needs no network."""
    scripts = {"PLOTLY-GOES-HERE": get_plotlyjs(), "SCRIPT-GOES-HERE": (HERE / "page.js").read_text(encoding="utf-8")}
    style = (HERE / "style.css").read_text(encoding="utf-8").replace("%FONT%", theme.FONT)
    text = _environment().get_template(template).render(style=Markup(style), scripts=list(scripts), **more)
    # Every attribute stands in double quotes, so an apostrophe may stay one; scripts are left as they are.
    text = text.replace("&#39;", "'")
    for mark, script in scripts.items():
        text = text.replace(mark, script)
    return text


def page(results: Results, parts: list[Part], also: Sequence[tuple[str, str]] = ()) -> str:
    """A whole page as text. ``also``: other pages of the same results, each as its file and what it is."""
    return render(
        "page.html",
        title=results.manifest["title"],
        seed=str(results.manifest["seed"]),
        version=str(results.manifest["versions"]["demandflow"]),
        parts=parts,
        notes={part.id: interval_note(results, part.data) for part in parts},
        also=also,
    )


@dataclass(frozen=True)
class Page:
    """A page of the report. ``title``: what it is about, where there are several; '' where there is one."""

    file: str
    title: str
    parts: list[Part]
    text: str


def pages_of(results: Results) -> list[Page]:
    """The pages of a result: the first of its kinds has the report to itself, others have a page beside it."""
    kinds = [
        ("flows", "The comparison of models", parts_of, results.flows),
        ("service", "The whole service over years", service_page.parts_of, "service" in results.manifest),
        ("transition", "One model becoming another", transition_page.parts_of, "transition" in results.manifest),
    ]
    there = [(name, title, make) for name, title, make, known in kinds if known] or [("flows", "", parts_of)]
    files = ["report.html", *(f"{name}.html" for name, _, _ in there[1:])]
    titles = [title if len(there) > 1 else "" for _, title, _ in there]
    made = []
    for place, (file, title, (_, _, make)) in enumerate(zip(files, titles, there, strict=True)):
        others = [pair for at, pair in enumerate(zip(files, titles, strict=True)) if at != place]
        parts = make(results)
        made.append(Page(file, title, parts, page(results, parts, others)))
    return made


def write_pages(folder: Path, pages: Sequence[Page]) -> None:
    """Write pages into a folder, each whole or not at all.

    Raises:
        OSError: they cannot be written.
    """
    for one in pages:
        write_text_whole(folder / one.file, one.text)


def build_report(folder: Path) -> None:
    """Write ``report.html`` into a finished results folder, and ``service.html`` and so on where there are more pages.

    Raises:
        DemandflowError: the folder is not a finished result. OSError: it cannot be written.
    """
    write_pages(folder, pages_of(Results(folder)))
