"""The challenger's file: values for some inputs, each with a why and a who."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.elicit.asked import Asked, first_fault
from simulation.errors import ConfigError, DemandflowError, Problem, nearest, short
from simulation.plain_yaml import Document, Where, read_one

KEYS = ("experiment", "who", "assumptions")
ENTRY = ("value", "why", "who")
EXAMPLE = 'hospital_funded_rate: {value: 0.3, why: "the ward\'s own count"}'


@dataclass(frozen=True)
class Disputed:
    """One input in dispute. ``low``, ``high``: the officers' range and both values together; ``ranged``: they gave one.

    ``outside``: the challenger's value lies outside the officers' own range.
    """

    key: str
    officers: float
    challenger: float
    who: str
    why: str
    status: str
    low: float
    high: float
    ranged: bool
    outside: bool


@dataclass(frozen=True)
class Challenge:
    """A challenger's values. ``who``: one name for the side, as it is told."""

    path: Path
    who: str
    disputed: tuple[Disputed, ...]

    def over(self) -> dict[str, float]:
        """The challenger's values by input."""
        return {one.key: one.challenger for one in self.disputed}


def read_challenge(path: Path, asked: Asked) -> Challenge:
    """Read the file and hold it against the experiment.

    Raises:
        ConfigError: with every fault of the file; contradictions are looked for once the rest is right.
    """
    document = read_one(path)
    reader = _Reader(document, asked)
    disputed = reader.entries()
    if reader.found:
        raise ConfigError(reader.found)
    reader.contradictions(disputed)
    if reader.found:
        raise ConfigError(reader.found)
    names = dict.fromkeys(one.who for one in disputed)
    side = document.data.get("who")
    return Challenge(path, side if isinstance(side, str) else " and ".join(names), tuple(disputed))


class _Reader:
    """Reads entries and keeps what is wrong with them in ``found``."""

    def __init__(self, document: Document, asked: Asked):
        self.document, self.asked = document, asked
        self.found: list[Problem] = []

    def bad(self, where: Where, what: str, mend: str) -> None:
        self.found.append(self.document.problem(where, what, mend))

    def entries(self) -> list[Disputed]:
        data = self.document.data
        for key in data:
            if key not in KEYS:
                self.bad((key,), f"there is no key '{short(key)}' here.", nearest(key, KEYS, "Known"))
        own = self.asked.prepared.experiment.name
        if data.get("experiment", own) != own:
            what = f"these are assumptions about the experiment '{short(str(data['experiment']))}', not about '{own}'."
            self.bad(("experiment",), what, "Name the results of that experiment.")
        if not isinstance(data.get("who", ""), str):
            self.bad(("who",), "who is not a name.", "Write who holds these views, such as: who: the union branch.")
        given = data.get("assumptions")
        if not isinstance(given, dict) or not given:
            what = "assumptions: is missing or empty." if not given else "assumptions: is not a list of inputs by name."
            self.bad(("assumptions",), what, f"Write inputs under it, such as {EXAMPLE}.")
            return []
        read = [self._entry(name, entry, data.get("who")) for name, entry in given.items()]
        return [one for one in read if one is not None]

    def _entry(self, name: str, entry: Any, side: Any) -> Disputed | None:
        where: Where = ("assumptions", name)
        before = len(self.found)
        try:
            key = self.asked.known(name)
        except DemandflowError as error:
            self.bad(where, str(error), "")
            return None
        if not isinstance(entry, dict):
            self.bad(where, f"{short(name)} has no value:, why: and who:.", f"Write it as {EXAMPLE}.")
            return None
        for word in entry:
            if word not in ENTRY:
                self.bad((*where, word), f"there is no key '{short(word)}' here.", nearest(word, ENTRY, "Known"))
        value = self._value(where, name, entry)
        texts = {word: entry.get(word) for word in ("why", "who")}
        who = texts["who"] or side
        if not isinstance(texts["why"], str) or len(texts["why"]) < 3:
            self.bad(where, f"{short(name)} has no why.", "Say in a sentence what the value rests on.")
        if not isinstance(who, str) or not who:
            self.bad(
                where, f"nobody is named who holds {short(name)}.", "Add who: here, or once at the top of the file."
            )
        item = self.asked.inputs[key]
        if item.formula is not None:
            rests = sorted(self.asked.prepared.inputs.rests_on(key))
            what = f"{key} is worked out from other inputs."
            self.bad(where, what, f"Challenge what it rests on: {', '.join(rests[:6])}.")
        if len(self.found) > before:
            return None
        officers = self.asked.value(key)
        if value == officers:
            self.bad(where, f"{value:g} is the officers' own value of {key}.", "Leave it out: it is not in dispute.")
            return None
        given = item.evidence.range if item.evidence is not None else None
        ends = [officers, value, *((given.low, given.high) if given is not None else ())]
        outside = given is not None and not given.low <= value <= given.high
        why = " ".join(str(texts["why"]).split())
        return Disputed(
            key, officers, value, str(who), why, item.status, min(ends), max(ends), given is not None, outside
        )

    def _value(self, where: Where, name: str, entry: Mapping[str, Any]) -> float:
        value = entry.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float):
            what = f"{short(name)} has no value." if value is None else f"'{short(str(value))}' is not a number."
            self.bad((*where, "value"), what, "Write digits alone, such as value: 0.3.")
            return math.nan
        return float(value)

    def contradictions(self, disputed: list[Disputed]) -> None:
        """Keep a fault for each value that the rest cannot hold, or for all together where each alone holds."""
        names = {self.asked.known(name): name for name in self.document.data["assumptions"]}
        if len(names) < len(self.document.data["assumptions"]):
            self.bad(("assumptions",), "one input is named twice, once by its short name.", "Keep one of them.")
            return
        for one in disputed:
            self._holds({one.key: one.challenger}, names[one.key], "contradicts the officers' other values")
        if not self.found and len(disputed) > 1:
            over = {one.key: one.challenger for one in disputed}
            self._holds(
                over, names[disputed[0].key], "and the values below it contradict each other when taken together"
            )

    def _holds(self, over: Mapping[str, float], name: str, what: str) -> None:
        try:
            self.asked.headline(over)
        except DemandflowError as error:
            where: Where = ("assumptions", name, "value")
            self.bad(where, f"{short(name)}: {next(iter(over.values())):g} {what}: {first_fault(error)}", "")
