"""Which inputs feed a picture: a model on its own contacts, what people do, what vehicles print, or all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from experiments.report import words
from experiments.report.pieces import Chart, Part, View
from experiments.report.results import Results
from experiments.report.words import Number, Phrase, phrase

ALL, LIVES, VEHICLES = "all", "lives", "vehicles"

MONEYLESS = ("flows", "flow", "people", "waits", "ledger", "work", "who", "care", "contacts")
"""Parts whose pictures no price series, no rate of interest and no target enters."""

PRINTED = ("matrix", "published_totals", "timeline", "printed_lead", "missing_costs")
"""Pictures of what the vehicles' own files hold."""

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Fed:
    """Inputs that feed some of the pictures: keys of table ``inputs``, and the view of it that shows them."""

    keys: frozenset[str]
    view: View


def file_of_key(key: str) -> str:
    """The file of an input: 'models/barnet' of 'models/barnet.rate' and of 'models/barnet:stages.desk.to'."""
    file, colon, _ = key.partition(":")
    return file if colon else key.rpartition(".")[0]


class Feeding:
    """The inputs of a results folder, by what they feed."""

    def __init__(self, results: Results):
        self.results = results
        self.rows: dict[str, dict[str, Any]] = {str(row["key"]): row for row in results.rows("inputs")}
        self._named: dict[str, list[str]] = {}
        for key in self.rows:
            if ":" not in key:
                self._named.setdefault(key.rpartition(".")[2], []).append(key)

    def _with_what_they_follow_from(self, keys: Iterable[str]) -> frozenset[str]:
        """These inputs and all that their formulas name: in their own file, else wherever the name stands."""
        found: set[str] = set()
        ahead = list(keys)
        while ahead:
            key = ahead.pop()
            if key in found:
                continue
            found.add(key)
            for name in NAME.findall(str(self.rows[key]["formula"] or "")):
                same = f"{file_of_key(key)}.{name}"
                ahead += [same] if same in self.rows else self._named.get(name, [])
        return frozenset(found)

    def _of_files(self, files: Iterable[str]) -> frozenset[str]:
        wanted = set(files)
        return self._with_what_they_follow_from(key for key in self.rows if file_of_key(key) in wanted)

    @cached_property
    def sets(self) -> dict[str, Fed]:
        """By name; a set that holds nothing, or all there is, is not there."""
        files = {file_of_key(key) for key in self.rows}
        caring = {file_of_key(key) for key in self.rows if ":care." in key}
        money = {file for file in files if file.startswith("prices/") and file not in caring}
        found = {
            LIVES: (self._of_files(files - money), phrase(
                "those on what people need and do and how long care lasts; what only money rests on is left out")),
            VEHICLES: (self._of_files(file for file in files if file.startswith("options/")), phrase(
                "those of the vehicles, and what they follow from")),
        }  # fmt: skip
        config = self.results.manifest["config"].get("calibration") or {}
        for run in config.get("runs", ()):
            mine = self._of_files((f"models/{run['model']}", f"demand/{run['demand']}"))
            title = self.results.title("model", str(run["model"]))
            found[str(run["model"])] = (mine, phrase("those of “{title}” and its contacts", title=title))
        return {
            name: Fed(keys, View(f"inputs-{name.replace('_', '-')}", self._said(len(keys), which)))
            for name, (keys, which) in found.items()
            if 0 < len(keys) < len(self.rows)
        }

    def _said(self, number: int, which: Phrase) -> Phrase:
        n, every = (
            words.whole(Number(float(count), f"computed: {what}"))
            for count, what in ((number, "rows of inputs.csv behind a picture"), (len(self.rows), "rows of inputs.csv"))
        )
        return phrase("Shown here: {n} of {every} inputs, {which}.", n=n, every=every, which=which)

    def of(self, part: Part, chart: Chart) -> Fed | None:
        """What feeds a picture; None where it is every input, or no set of its own is known."""
        for name, fed in self.sets.items():
            if chart.name.startswith(f"flow_{name}"):
                return fed
        if chart.name in PRINTED:
            return self.sets.get(VEHICLES)
        return self.sets.get(LIVES) if part.id in MONEYLESS else None

    def within(self, key: str) -> Sequence[str]:
        """The names of the sets that an input belongs to."""
        return [fed.view.name for fed in self.sets.values() if key in fed.keys]
