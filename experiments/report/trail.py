"""From every picture to the table that holds its figures, their files, and the inputs behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from experiments.report.feeding import Feeding
from experiments.report.pieces import Chart, Part, Table
from experiments.report.results import Results, table_path
from experiments.report.sceptic_inputs import EVERY_INPUT
from experiments.report.words import Link, Phrase, Range, Said, phrase

FILE = re.compile(r"([\w/-]+)\.csv")


@dataclass(frozen=True)
class _Shown:
    """A picture with the tables that stand nearest to it, nearest first."""

    chart: Chart
    tables: Sequence[Table]


def trails(results: Results, parts: Sequence[Part]) -> dict[str, Phrase]:
    """By name of the picture, one sentence of links; they lead within the page but for those to CSV files."""
    feeding = Feeding(results)
    every = [table for part in parts for table in _tables(part)]
    listed = any(table.name == EVERY_INPUT for table in every)
    found = {}
    for part in parts:
        for shown in _shown(part, every):
            links = dict(_links(part, shown))
            if listed:
                fed = feeding.of(part, shown.chart)
                links["inputs"] = Link("its inputs and their sources", f"#{fed.view.name if fed else EVERY_INPUT}")
            if links:
                names = [f"{{{name}}}" for name in links]
                text = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
                found[shown.chart.name] = phrase(f"Behind this picture: {text}.", **links)
    return found


def _links(part: Part, shown: _Shown) -> Iterator[tuple[str, Link]]:
    if not shown.tables:
        return
    table = shown.tables[0]
    yield "table", Link("its table", f"#{table.id}")
    for place, file in enumerate(shown.chart.files or files_of(table) or part.data):
        yield f"file{place}", Link(f"{file.rpartition('/')[2].replace('_', ' ')} (CSV)", f"{table_path(file)}.csv")


def files_of(table: Table) -> list[str]:
    """The tables of the results that the numbers of a table were read from."""
    cells = chain.from_iterable(row.cells for row in table.rows)
    sources = chain.from_iterable(map(_sources, cells))
    return list(dict.fromkeys(name for source in sources for name in FILE.findall(source)))


def _sources(cell: object) -> list[str]:
    if isinstance(cell, Said):
        return [cell.number.source]
    if isinstance(cell, Range):
        return [cell.low.number.source]
    if isinstance(cell, Phrase):
        return [source for part in cell.parts.values() for source in _sources(part)]
    return []


def _tables(part: Part) -> Iterator[Table]:
    yield from part.tables.values()
    for block in part.words.get("blocks", ()):
        yield from block.tables


def _shown(part: Part, every: Sequence[Table]) -> Iterator[_Shown]:
    """Pictures with their tables: by the caption they name, else those of their block, then of the blocks around."""
    own = list(part.tables.values())
    for name, chart in part.charts.items():
        near = [part.tables[name]] if name in part.tables else own
        yield _Shown(chart, _named(chart, every) or near)
    blocks = list(part.words.get("blocks", ()))
    for at, block in enumerate(blocks):
        near = [*block.tables, *chain.from_iterable(b.tables for b in (*blocks[at + 1 :], *blocks[:at][::-1]))]
        for chart in block.charts:
            yield _Shown(chart, _named(chart, every) or near)


def _named(chart: Chart, tables: Sequence[Table]) -> list[Table]:
    return [table for table in tables if chart.told_in and table.caption == chart.told_in]
