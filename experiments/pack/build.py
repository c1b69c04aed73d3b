"""Builds what is handed out, step by step: what cannot be built is said, and the rest is built all the same."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.pack.blocks import blocks_of
from experiments.pack.document import write_document
from experiments.pack.pictures import NO_BROWSER, drawings, has_browser, write_pictures, write_words
from experiments.pack.workbook import write_workbook
from experiments.report import Page, pages_of, write_pages
from experiments.report.annex.facts import SIGNED
from experiments.report.joined import Analysis
from experiments.report.results import Results, table_path
from experiments.results_folder import finished_experiment, read_parquet, tables_of
from experiments.whole_file import write_whole
from simulation.errors import DemandflowError, sentence_for_os_error, shown

CHARTS = "charts"
DOCUMENT, WORKBOOK, PACK = "report.docx", "results.xlsx", "pack.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of files in the archive, so that the same results give the same bytes."""


class Building:
    """What was built, how long each step took, and what could not be built."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.missing: list[str] = []

    def step(self, name: str, do: Callable[[], None]) -> bool:
        """Do a step; a fault becomes a sentence, and the next step goes on. Returns whether it was done."""
        begun = time.perf_counter()
        try:
            do()
        except DemandflowError as error:
            self.missing.append(f"{name} could not be built: {error}")
        except OSError as error:
            self.missing.append(f"{name} could not be written: {sentence_for_os_error(error)}")
        else:
            self.seconds[name] = time.perf_counter() - begun
            return True
        return False


def build_pack(folder: Path, pictures: bool = True) -> tuple[list[str], list[str]]:
    """Build report, document, workbook, charts and archive inside a results folder, from its results alone.

    Args:
        folder: of a finished experiment. pictures: whether to draw charts as SVG and PNG, which needs Chromium.

    Returns:
        What was built, in sentences, and what could not be.

    Raises:
        DemandflowError: not the results of a finished experiment; the sentence says what to do.
    """
    manifest = finished_experiment(folder)
    made = Building()
    pages: list[Page] = []
    analyses: list[Analysis] = []

    def report() -> None:
        results = Results(folder)
        pages.extend(pages_of(results))
        analyses.extend(results.analyses)
        made.missing.extend(results.missing)
        write_pages(folder, pages)

    made.step("report.html", report)
    charts = drawings(part for page in pages for part in page.parts)
    drawn: dict[str, Path] = {}

    def draw() -> None:
        with _whole_folder(folder / CHARTS) as place:
            write_words(place, charts)
            if pictures and has_browser():
                try:
                    write_pictures(place, charts)
                except DemandflowError as error:
                    made.missing.append(str(error))
                    for path in (*place.glob("*.svg"), *place.glob("*.png")):  # perhaps half written
                        path.unlink()
        drawn.update(
            {chart.name: path for chart in charts if (path := folder / CHARTS / f"{chart.name}.png").is_file()}
        )

    made.step(CHARTS, draw)
    if pictures and not has_browser():
        made.missing.append(NO_BROWSER)
    title, question = str(manifest["title"]), str(manifest["question"])
    read = [(page.title or title, blocks_of(page.text)) for page in pages if not page.extra or page.draft.in_document]
    if read:
        made.step(DOCUMENT, lambda: write_whole(folder / DOCUMENT, _document(title, question, read, drawn)))
    made.step(WORKBOOK, lambda: write_whole(folder / WORKBOOK, _workbook(folder, manifest, analyses, made)))
    files = [folder / page.file for page in pages]
    files += [file for one in analyses for file in one.files(folder)]
    made.step(PACK, lambda: write_whole(folder / PACK, lambda path: _archive(folder, files, path)))
    slowest = max(made.seconds, key=lambda name: made.seconds[name]) if made.seconds else ""
    said = [f"In {shown(folder)}: {', '.join(made.seconds)}."] if made.seconds else []
    if slowest:
        said.append(
            f"That took {sum(made.seconds.values()):.0f} seconds; the slowest step was {slowest} "
            f"({made.seconds[slowest]:.0f} seconds)."
        )
    return said, made.missing


def _document(title: str, question: str, pages: Any, drawn: dict[str, Path]) -> Callable[[Path], None]:
    return lambda path: write_document(path, title, question, pages, drawn)


def _workbook(
    folder: Path, manifest: dict[str, Any], analyses: Sequence[Analysis], made: Building
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        tables: dict[str, pd.DataFrame] = {}
        joined = [one.table(name) for one in analyses for name in tables_of(folder / one.folder)]
        for name in [*tables_of(folder), *joined]:
            try:
                tables[name] = read_parquet(folder / f"{table_path(name)}.parquet")
            except DemandflowError as error:
                made.missing.append(f"{WORKBOOK} lacks the table {name}: {error}")
        about = {
            "Question": str(manifest["question"]),
            "Demandflow": str(manifest["versions"]["demandflow"]),
            "Seed": str(manifest["seed"]),
            "Results of": str(manifest.get("finished_at", "")),
            "Money": "in pounds; an empty cell means that there is no figure, never nought",
        }
        write_workbook(path, str(manifest["title"]), {k: v for k, v in about.items() if v}, tables)

    return write


def _archive(folder: Path, pages: list[Path], path: Path) -> None:
    files = [
        file for name in ("manifest.json", SIGNED, DOCUMENT, WORKBOOK) if (file := folder / name).is_file()
    ] + pages
    files += sorted(file for name in (CHARTS, "tables") for file in (folder / name).glob("*") if file.is_file())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(str(file.relative_to(folder)), EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, file.read_bytes())


@contextmanager
def _whole_folder(path: Path) -> Iterator[Path]:
    """A new folder that takes an old one's place once all of it is there."""
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part"))
    try:
        yield temporary
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    shutil.rmtree(path, ignore_errors=True)
    os.chmod(temporary, 0o755)
    os.replace(temporary, path)
