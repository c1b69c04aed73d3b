"""What went into two runs: files, numbers, settings, seed, engine, versions and code, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pandas as pd

from experiments.same_tables import cells_differ

NUMBER, FILE, SETTING, SEED, ENGINE, VERSION, CODE = (
    "number", "file", "setting", "seed", "engine", "version", "code",
)  # fmt: skip
ABSENT = "not there"

OF_A_NUMBER = ("value", "low", "high", "formula", "status", "rests_on_assumption", "document", "where", "how", "why")
"""Columns of the table ``inputs`` that are the input; the rest says where it stands and what it does."""


@dataclass(frozen=True)
class Change:
    """One input that differs: its kind, its name, and what it is in each run, as text."""

    kind: str
    name: str
    first: str
    second: str


def changed_inputs(
    first: Mapping[str, Any], second: Mapping[str, Any], numbers: tuple[pd.DataFrame | None, pd.DataFrame | None]
) -> list[Change]:
    """Everything that differs between two runs' inputs.

    Args:
        first, second: manifests. numbers: the tables ``inputs``, where there are any.
    """
    found = [*_files(first, second)]
    if numbers[0] is not None and numbers[1] is not None:
        found += _numbers(numbers[0], numbers[1])
    found += _pairs(SETTING, dict(_flat(first["config"])), dict(_flat(second["config"])))
    found += _pairs(SEED, {"seed": first["seed"]}, {"seed": second["seed"]})
    found += _pairs(ENGINE, {"engine": first.get("engine", "")}, {"engine": second.get("engine", "")})
    found += _pairs(VERSION, first["versions"], second["versions"])
    code = [{key: value for key, value in one["code"].items() if key != "hash"} for one in (first, second)]
    return found + _pairs(CODE, *code)


def _identity(name: str) -> str:
    """A config file by its kind and name, wherever its folder stands."""
    return "/".join(PurePath(name).parts[-2:])


def _files(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Change]:
    one, two = ({_identity(name): was for name, was in m["config_hashes"].items()} for m in (first, second))
    for name in sorted({*one, *two}):
        if one.get(name) != two.get(name):
            said = ["as it was" if name in side else ABSENT for side in (one, two)]
            yield Change(FILE, name, said[0], "changed" if name in one and name in two else said[1])


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _flat(part, f"{name}.{place}")
    else:
        yield name, value


def _pairs(kind: str, one: Mapping[str, Any], two: Mapping[str, Any]) -> list[Change]:
    return [
        Change(kind, name, str(one.get(name, ABSENT)), str(two.get(name, ABSENT)))
        for name in dict.fromkeys([*one, *two])
        if one.get(name, ABSENT) != two.get(name, ABSENT)
    ]


def _numbers(one: pd.DataFrame, two: pd.DataFrame) -> Iterator[Change]:
    one, two = (frame.drop_duplicates("key").set_index("key") for frame in (one, two))
    yield from (Change(NUMBER, key, _shown(one.at[key, "value"]), ABSENT) for key in one.index if key not in two.index)
    yield from (Change(NUMBER, key, ABSENT, _shown(two.at[key, "value"])) for key in two.index if key not in one.index)
    shared = [key for key in one.index if key in two.index]
    one, two = one.loc[shared], two.loc[shared]
    for column in (name for name in OF_A_NUMBER if name in one and name in two):
        differ = cells_differ(one[column], two[column])
        for key in [key for key, off in zip(shared, differ, strict=True) if off]:
            name = key if column == "value" else f"{key} ({_TITLE.get(column, column.replace('_', ' '))})"
            yield Change(NUMBER, name, _shown(one.at[key, column]), _shown(two.at[key, column]))


_TITLE = {"low": "low end of its range", "high": "high end of its range"}


def _shown(value: Any) -> str:
    if value is None or value != value:
        return "none"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
