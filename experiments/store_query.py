"""``run.py query``: a results folder's tables, asked in SQL. Reads only; no other file can be reached from the SQL."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.dataset as arrow
from pyarrow import ArrowException

from experiments.results_folder import read_manifest
from simulation.errors import DemandflowError, nearest, short, shown

REPLICATIONS = "replications"
DOCUMENTED = "docs/outputs.md"
TABLE, CSV, JSON = "table", "csv", "json"
WIDEST = 60
"""Characters of a cell on the screen; --csv and --json give all of them."""

_LOCKED = (
    "SET temp_directory=''",
    "SET enable_external_access=false",
    "SET python_enable_replacements=false",
    "SET lock_configuration=true",
)


@dataclass(frozen=True)
class Table:
    """One table that can be asked: its rows and its columns."""

    name: str
    rows: int
    columns: tuple[str, ...]


LISTENS = 0.2
"""Seconds between moments at which Ctrl-C is heard while a query runs."""


class Store:
    """The tables of a results folder behind SQL.

    Arrow reads the files that are named here; DuckDB itself is given no access to any file, for good.

    Raises:
        DemandflowError: no results folder, another schema version, no tables, a file that cannot be read.
    """

    def __init__(self, folder: Path):
        read_manifest(folder)
        files = {path.stem: [path] for path in sorted((folder / "tables").glob("*.parquet"))}
        batches = sorted((folder / REPLICATIONS).glob("*.parquet"))
        if batches:
            files[REPLICATIONS] = batches
        if not files:
            raise DemandflowError(f"{shown(folder)} holds no tables: its run ended before they were written.")
        self._database = duckdb.connect(":memory:")
        self.tables = {name: self._opened(name, paths) for name, paths in files.items()}
        for setting in _LOCKED:
            self._database.execute(setting)

    def _opened(self, name: str, paths: Sequence[Path]) -> Table:
        for path in paths:
            try:
                arrow.dataset(path, format="parquet").count_rows()
            except (ArrowException, OSError) as error:
                why = short(str(error))
                raise DemandflowError(
                    f"{shown(path)}: is not a whole Parquet file ({why}). Run the experiment again."
                ) from None
        whole = arrow.dataset([str(path) for path in paths], format="parquet")
        self._database.register(name, whole)
        return Table(name, whole.count_rows(), tuple(whole.schema.names))

    def asked(self, sql: str) -> pd.DataFrame:
        """The answer to one query.

        Raises:
            DemandflowError: what is asked is no single query, or cannot be answered, with the mend.
        """
        try:
            statements = self._database.extract_statements(sql)
            if len(statements) != 1:
                raise DemandflowError("The SQL holds no query." if not statements else "Ask one query at a time.")
            if statements[0].type != duckdb.StatementType.SELECT:
                raise DemandflowError(
                    f"A results folder is read and never changed: {statements[0].type.name} is not allowed. "
                    "Begin the SQL with select."
                )
            return self._answer(statements[0])
        except duckdb.PermissionException:
            raise DemandflowError(
                f"SQL may not reach files or load extensions here. Ask the tables of the folder: {self._names()}."
            ) from None
        except (duckdb.OutOfMemoryException, MemoryError):
            raise DemandflowError("There is not enough memory for the answer. Ask for fewer rows or columns.") from None
        except (ArrowException, OSError) as error:
            raise DemandflowError(
                f"A table could not be read ({short(str(error))}). Run the experiment again."
            ) from None
        except duckdb.Error as error:
            raise DemandflowError(self._sentence(str(error), sql)) from None

    def _answer(self, statement: duckdb.Statement) -> pd.DataFrame:
        """Run beside this thread, which would not hear Ctrl-C while DuckDB works."""
        with ThreadPoolExecutor(1) as beside:
            running = beside.submit(lambda: self._database.execute(statement).df())
            try:
                while not wait([running], LISTENS).done:
                    pass
                return running.result()
            except KeyboardInterrupt:
                self._database.interrupt()
                raise

    def _names(self) -> str:
        return ", ".join(self.tables)

    def _sentence(self, said: str, sql: str) -> str:
        """What DuckDB found wrong, with the nearest name that there is."""
        table = re.search(r"Table with name (\S+) does not exist", said)
        if table:
            return f"There is no table '{table[1]}'. {nearest(table[1], self.tables)}"
        column = re.search(r'(?:Referenced column|column named|have a column named) "([^"]+)"', said)
        if column:
            asked = [one for one in self.tables.values() if re.search(rf"\b{re.escape(one.name)}\b", sql)]
            names = dict.fromkeys(name for one in asked or self.tables.values() for name in one.columns)
            return f"There is no column '{column[1]}' in the tables asked. {nearest(column[1], names)}"
        lines = [line for line in said.splitlines() if line.strip() and not set(line) <= {" ", "^"}]
        return f"The SQL cannot be answered: {short(' '.join(lines), 200)}. Columns are listed by run.py query DIR."


def listed(store: Store) -> list[str]:
    """Each table with its rows, its columns and where they are documented."""
    wide = max(len(name) for name in store.tables)
    lines = []
    for table in store.tables.values():
        lines.append(f"{table.name:<{wide}}  {table.rows:>10,} row{' ' if table.rows == 1 else 's'}")
        lines += [f"    {line}" for line in _wrapped(table.columns)]
        lines.append(f"    documented in {DOCUMENTED}, {_section(table.name)}")
    return [*lines, "", 'Ask with: run.py query DIR "select … from TABLE". Add --csv or --json for other programs.']


def _wrapped(words: Sequence[str], most: int = 100) -> list[str]:
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) + 2 > most:
            lines.append("")
        lines[-1] += f"{', ' if lines[-1] else ''}{word}"
    return [*(f"{line}," for line in lines[:-1]), lines[-1]]


def _section(name: str) -> str:
    """The part of the documentation that a table's columns stand in: the last heading before it is told of."""
    text = (Path(__file__).resolve().parent.parent / DOCUMENTED).read_text(encoding="utf-8")
    heading, fallback = "", ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").replace("`", "")
            if heading == name:
                return f"'{heading}'"
        elif not fallback and re.match(rf"(- |\| )`{re.escape(name)}`", line):
            fallback = heading
    return f"'{fallback}'" if fallback else "where the table is not described yet"


def said(answer: pd.DataFrame, form: str = TABLE) -> list[str]:
    """An answer as aligned text, CSV or JSON (a list of rows; what is missing is null)."""
    if form == CSV:
        return answer.to_csv(index=False, lineterminator="\n").splitlines()
    if form == JSON:
        rows = [{str(key): _plain(value) for key, value in row.items()} for row in answer.to_dict("records")]
        return json.dumps(rows, indent=2, ensure_ascii=False, default=str).splitlines()
    cells = [[_cell(value) for value in answer[column]] for column in answer]
    heads = [short(str(column), WIDEST) for column in answer]
    widths = [max([len(head), *map(len, column)]) for head, column in zip(heads, cells, strict=True)]
    right = [pd.api.types.is_numeric_dtype(answer.dtypes.iloc[place]) for place in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        parts = zip(row, widths, right, strict=True)
        return "  ".join(text.rjust(wide) if number else text.ljust(wide) for text, wide, number in parts).rstrip()

    body = [line(row) for row in zip(*cells, strict=True)]
    return [line(heads), line(["-" * wide for wide in widths]), *body, _count(len(answer))]


def _count(rows: int) -> str:
    return f"({rows:,} row{'' if rows == 1 else 's'})"


def _missing(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _cell(value: Any) -> str:
    if _missing(value):
        return ""
    return f"{value:.10g}" if isinstance(value, float) else short(str(value), WIDEST)


def _plain(value: Any) -> Any:
    if _missing(value):
        return None
    return value.item() if hasattr(value, "item") else value


def query(folder: Path, sql: str | None, form: str = TABLE) -> list[str]:
    """Lines for the screen: the answer to a query, or without one what can be asked.

    Raises:
        DemandflowError: with a sentence for the user.
    """
    store = Store(folder)
    return listed(store) if sql is None else said(store.asked(sql), form)
