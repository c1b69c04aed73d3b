"""A finished results folder, as the report reads it: the manifest and the tables, nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from experiments.report.joined import Analysis, analyses_in
from experiments.report.words import Number, careful, humanised
from experiments.results_folder import lost_tables, read_parquet
from simulation.errors import DemandflowError, short, shown

ALL_PRICED = "all_priced"
Made = TypeVar("Made")


class Results:
    """Reads a folder once; every number comes with the place it was read from.

    Attributes:
        missing: what could not be built from it, in sentences.

    Args:
        held: manifest and tables of a run that no folder holds, such as one that a page shows while it goes on; then
        nothing is read from any file.

    Raises:
        DemandflowError: the folder has no manifest.
    """

    def __init__(self, folder: Path, held: tuple[dict[str, Any], Mapping[str, pd.DataFrame]] | None = None):
        self.folder = folder
        self.missing = [_lost(folder, lost)] if (lost := lost_tables(folder)) else []
        self._asked: list[str] = []
        self._tables: dict[str, pd.DataFrame | None] = {}
        self._records: dict[str, list[dict[str, Any]]] = {}
        self._found: dict[tuple[str, ...], dict[tuple[Any, ...], list[dict[str, Any]]]] = {}
        self._reads = held is None
        self.manifest: dict[str, Any]
        if held is not None:
            self.manifest, tables = held
            self._tables |= {name: None if frame.empty else frame for name, frame in tables.items()}
            return
        try:
            self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError) as error:
            raise DemandflowError(
                f"{shown(folder)} holds no whole manifest.json: it is not a finished result."
            ) from error

    def table(self, name: str) -> pd.DataFrame | None:
        """A table, or None where the experiment made none or it is empty."""
        if name not in self._tables:
            path = self.folder / f"{table_path(name)}.parquet"
            frame = read_parquet(path) if self._reads and path.is_file() else None
            self._tables[name] = None if frame is None or frame.empty else frame
        self._asked.append(name)
        return self._tables[name]

    def attempt(self, what: str, make: Callable[[], Made]) -> Made | None:
        """Make something of the results; a fault becomes a sentence in ``missing``, for the rest to be made.

        Args:
            what: what is made, as a sentence begins.
        """
        self._asked.clear()
        try:
            return make()
        except DemandflowError as error:
            self.missing.append(f"{what} could not be built: {error}")
        except Exception as error:  # a table that is not as it was written can fail in any way
            detail = f"{type(error).__name__}: {short(str(error))}"
            self.missing.append(f"{what} could not be built: {self._wanting()} ({detail}). Run the experiment again.")
        return None

    def _wanting(self) -> str:
        """What is missing of the tables that were asked for since an attempt began."""
        asked = list(dict.fromkeys(self._asked))
        if absent := [name for name in asked if self._tables[name] is None]:
            return f"there is no table {', '.join(absent)}, or nothing in it"
        frames = ((name, self._tables[name]) for name in asked)
        empty = [f"{name} ({', '.join(found)})" for name, frame in frames if (found := _empty_columns(frame))]
        return f"these columns hold nothing: {'; '.join(empty)}" if empty else "something it needs is not in the tables"

    def rows(self, name: str, **keys: Any) -> list[dict[str, Any]]:
        """Rows of a table where all keys hold."""
        if name not in self._records:
            frame = self.table(name)
            found = [] if frame is None else frame.to_dict("records")
            self._records[name] = [{str(key): value for key, value in row.items()} for row in found]
        self._asked.append(name)
        if not keys:
            return list(self._records[name])
        if (name, *keys) not in self._found:  # a page asks thousands of times
            index = self._found[name, *keys] = {}
            for row in self._records[name]:
                index.setdefault(tuple(row[key] for key in keys), []).append(row)
        return list(self._found[name, *keys].get(tuple(keys.values()), ()))

    def number(self, name: str, column: str, **keys: Any) -> Number | None:
        """One number, or None where the table has no such row or nothing in it."""
        rows = self.rows(name, **keys)
        if len(rows) != 1 or rows[0].get(column) is None or math.isnan(rows[0][column]):
            return None
        return Number(float(rows[0][column]), source(name, column, **keys))

    def need(self, name: str, column: str, **keys: Any) -> Number:
        """One number that must be there.

        Raises:
            DemandflowError: it is not.
        """
        found = self.number(name, column, **keys)
        if found is None:
            where = source(name, column, **keys)
            raise DemandflowError(f"{shown(self.folder)}: tables/{where} is missing. Run the experiment again.")
        return found

    def noted(self, *path: str) -> Number | None:
        """A number of the manifest."""
        value: Any = self.manifest
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return Number(float(value), f"manifest.json: {'.'.join(path)}") if isinstance(value, int | float) else None

    @cached_property
    def analyses(self) -> list[Analysis]:
        """Finished analyses of the same experiment inside the folder; what does not belong is said in ``missing``."""
        return analyses_in(self.folder, self.manifest, self.missing) if self._reads else []

    @cached_property
    def _names(self) -> dict[tuple[str, str], tuple[str, str]]:
        return {(r["what"], r["name"]): (r["title"], r["short_title"]) for r in self.rows("names")}

    def title(self, what: str, name: str) -> str:
        """The title of a thing, such as a client group."""
        return careful(self._names[what, name][0]) if (what, name) in self._names else humanised(name).capitalize()

    def short(self, what: str, name: str) -> str:
        """What a thing is called in sentences and charts."""
        return careful(self._names[what, name][1]) if (what, name) in self._names else humanised(name).capitalize()

    @property
    def flows(self) -> bool:
        """Whether models were run on a year's contacts: a calibration, a comparison or both."""
        return any(self.manifest["config"].get(part) is not None for part in ("calibration", "comparison"))

    @property
    def comparison(self) -> dict[str, Any] | None:
        """The comparison's config, where there was one."""
        config: dict[str, Any] | None = self.manifest["config"].get("comparison")
        return config if config is not None and self.table("comparison") is not None else None

    @property
    def headline(self) -> str:
        """The name of the transfer the headline is about."""
        assert self.comparison is not None
        return str(self.comparison["headline_transfer"])

    @property
    def years(self) -> list[str]:
        """Financial years of the comparison."""
        frame = self.table("savings")
        return [] if frame is None else list(dict.fromkeys(frame["financial_year"]))

    @property
    def groups(self) -> list[str]:
        """Client groups, in the order of the demand file."""
        present = {
            r["measure"].rsplit("/", 1)[1]
            for r in self.rows("comparison")
            if r["measure"].startswith("funded_package/client_group/")
        }
        named = [name for what, name in self._names if what == "client_group" and name in present]
        return named + sorted(present - set(named))


def table_path(name: str) -> str:
    """Where a table stands in the results folder, without its ending: ``sensitivity/tornado`` is an analysis's own."""
    folder, _, table = name.rpartition("/")
    return f"{folder}/tables/{table}" if folder else f"tables/{table}"


def _empty_columns(frame: pd.DataFrame | None) -> list[str]:
    return [] if frame is None else [str(name) for name in frame.columns if frame[name].isna().all()]


def _lost(folder: Path, names: list[str]) -> str:
    which = f"The table {names[0]} is" if len(names) == 1 else f"The tables {', '.join(names)} are"
    return f"{which} no longer in {shown(folder / 'tables')}: what rests on it is left out. Run the experiment again."


def source(table: str, column: str, **keys: Any) -> str:
    """How a place in a table is written."""
    return f"{table}.csv: " + "; ".join([column, *(f"{key}={value}" for key, value in keys.items())])


def place_of(title: str) -> str | None:
    """The council a title begins with: 'Shropshire' of 'Shropshire, People2People, 2015'."""
    first, comma, _ = title.partition(",")
    return first if comma and first else None
