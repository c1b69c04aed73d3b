"""A finished results folder beside the page: its report and its tables, read once; nothing is run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from experiments.explore.guard import policy
from experiments.report import pages_of
from experiments.report.results import Results
from experiments.results_folder import finished_experiment, tables_of

SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True)
class Finished:
    """Files by name: a name that is not among them leads nowhere.

    Attributes:
        pages: text and content security policy of each page. tables: where each table's text is.
    """

    pages: dict[str, tuple[str, str]]
    tables: dict[str, Path]

    @property
    def first(self) -> str:
        """The page to begin with."""
        return next(iter(self.pages))


def finished_of(folder: Path) -> Finished:
    """The pages of a finished experiment, made from its tables as they are.

    Raises:
        DemandflowError: not a results folder, or not a finished one.
    """
    finished_experiment(folder)
    pages = {}
    for one in pages_of(Results(folder)):
        text = one.text.replace("\r\n", "\n")  # a browser reads it so, and hashes what it reads
        pages[one.file] = (text, policy(SCRIPT.findall(text)))
    tables = {f"{name}.csv": folder / "tables" / f"{name}.csv" for name in tables_of(folder)}
    return Finished(pages, {name: path for name, path in tables.items() if path.is_file()})
