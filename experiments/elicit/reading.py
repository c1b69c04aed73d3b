"""The filled form, read row by row: every fault is told with its line and mend."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from experiments.elicit.asked import Asked, first_fault, title_of
from experiments.elicit.form import BLANK, LEAST_EXPERTS, PRINTED, askable
from experiments.saying import listed, said
from experiments.sheet import RowReader, Sheet, read_sheet
from simulation.errors import ConfigError, DemandflowError, problem, short, typed

NEEDED = ("experiment", "input", "value_now", *BLANK[:-1])
OPTIONAL = (*(name for name in PRINTED if name not in NEEDED), "date")
TAKEN = ("pool", "as it stands")
"""Rows of the tables that are no expert."""
EXAMPLE = "…,models/barnet_2014_15.need_weight,0.5,AB,0.2,0.4,0.7,ten years of duty desks"


@dataclass(frozen=True)
class Opinion:
    """What one expert thinks of one input. ``quantiles``: 5%, 50% and 95%; ``day``: when asked, if said."""

    line: int
    key: str
    expert: str
    quantiles: tuple[float, float, float]
    rationale: str
    day: date | None


@dataclass(frozen=True)
class Form:
    """A filled form.

    Attributes:
        opinions: by input, in the form's order. experts: all of them, in the order they first appear.
        left_blank: inputs that nobody filled in.
    """

    path: Path
    opinions: dict[str, tuple[Opinion, ...]]
    experts: tuple[str, ...]
    left_blank: tuple[str, ...]


def experiment_of(path: Path) -> Path:
    """The experiment that a form names in its first row.

    Raises:
        ConfigError: no form, or the experiment is not where the form says.
    """
    sheet = read_sheet(path, NEEDED, OPTIONAL, EXAMPLE)
    line, cells = sheet.rows[0]
    place = sheet.columns.index("experiment")
    name = cells[place].strip() if place < len(cells) else ""
    if not name or not Path(name).is_file():
        what = f"the experiment '{short(name)}' is not there." if name else "experiment is empty."
        mend = f"Name it: run.py elicit EXPERIMENT --read {typed(path)}, or go to the folder where the form was made."
        raise problem(path, line, what, mend)
    return Path(name)


def read_form(path: Path, asked: Asked) -> Form:
    """All opinions of a form, held against the experiment.

    Raises:
        ConfigError: with every fault of the form; what cannot hold together is looked for once the rest is right.
    """
    sheet = read_sheet(path, NEEDED, OPTIONAL, EXAMPLE)
    reader = _Reader(sheet, asked)
    opinions: dict[str, list[Opinion]] = {}
    for line, cells in sheet.rows:
        key, opinion = reader.row(line, cells)
        if key is not None:
            opinions.setdefault(key, []).extend([opinion] if opinion is not None else [])
    reader.few(opinions)
    if reader.found:
        raise ConfigError(reader.found)
    filled = {key: tuple(given) for key, given in opinions.items() if given}
    for given in filled.values():
        reader.contradictions(given)
    if reader.found:
        raise ConfigError(reader.found)
    experts = tuple(dict.fromkeys(o.expert for given in filled.values() for o in given))
    return Form(path, filled, experts, tuple(key for key, given in opinions.items() if not given))


class _Reader(RowReader):
    """Turns cells into opinions."""

    def __init__(self, sheet: Sheet, asked: Asked):
        super().__init__(sheet)
        self.path, self.asked = sheet.path, asked
        self.seen: dict[tuple[str, str], int] = {}
        self.spoilt: set[str] = set()
        self.first: dict[str, int] = {}

    def row(self, line: int, cells: list[str]) -> tuple[str | None, Opinion | None]:
        """The input of a row and what it says of it; None where nothing is filled in, or something is wrong."""
        before = len(self.found)
        given = self.cells(line, cells)
        if given is None:
            return None, None
        key = self._key(given)
        if key is None:
            return None, None
        self.first.setdefault(key, line)
        filled = [name for name in BLANK if given.get(name)]
        if not filled:
            return key, None
        expert, rationale = given.get("expert", ""), " ".join(given.get("rationale", "").split())
        if not expert:
            self.bad("expert is empty.", "Give initials or a role, such as AB or hub manager.")
        elif expert in TAKEN:
            self.bad(f"an expert cannot be called '{expert}': the tables call something else so.", "Use initials.")
        elif self.seen.setdefault((key, expert), line) != line:
            what = f"{short(expert)} has answered {title_of(key)} in line {self.seen[key, expert]} already."
            self.bad(what, "Keep one of the two; experts with the same initials need different ones.")
        low, middle, high = (self.number(name, given.get(name, ""), -math.inf) for name in BLANK[1:4])
        if not (math.isnan(low) or math.isnan(middle) or math.isnan(high)):
            self._order(low, middle, high)
        if len(rationale) < 3:
            self.bad("rationale is empty.", "Say in a sentence what the numbers rest on; disagreement is kept with it.")
        day = self._day(given.get("date", ""))
        if len(self.found) > before:
            self.spoilt.add(key)
            return key, None
        return key, Opinion(line, key, expert, (low, middle, high), rationale, day)

    def _key(self, given: dict[str, str]) -> str | None:
        own = self.asked.prepared.experiment.name
        named = Path(given.get("experiment", "")).stem
        if named != own:
            what = f"this is a form of the experiment '{short(named)}', not of '{own}'."
            self.bad(what, "Read each form with its own experiment.")
            return None
        try:
            key = self.asked.known(given.get("input", ""))
        except DemandflowError as error:
            self.bad(str(error), "")
            return None
        item = self.asked.inputs[key]
        if not askable(item):
            what = f"{key} is not an assumption with a value and a range: it is {item.status}"
            what += ", worked out from others." if item.formula is not None else "."
            self.bad(what, "Leave the row out.")
            return None
        shown_value = self.number("value_now", given.get("value_now", ""), -math.inf)
        now = self.asked.value(key)
        if not math.isnan(shown_value) and abs(shown_value - now) > 1e-6 * max(1.0, abs(now)):
            what = f"{key} stood at {shown_value:g} when the form was written and is {now:g} now."
            self.bad(what, "Write a new form, so that experts see what they are asked about.")
            return None
        return key

    def _order(self, low: float, middle: float, high: float) -> None:
        if not low <= middle <= high:
            what = f"the quantiles are out of order: low_5 is {low:g}, middle_50 {middle:g}, high_95 {high:g}."
            self.bad(what, "Put the smallest first: low_5, middle_50, high_95.")
        elif low == high:
            what = f"low_5 and high_95 are both {low:g}, as if nothing could be otherwise."
            self.bad(what, "Give a range: the truth should lie outside it 1 time in 10.")

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        british = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
        written = "-".join((british[3], british[2].zfill(2), british[1].zfill(2))) if british else text
        try:
            return date.fromisoformat(written)
        except ValueError:
            self.bad(f"date: '{short(text)}' is not a date.", "Write it as 2016-09-19 or 19/09/2016.")
            return None

    def few(self, opinions: dict[str, list[Opinion]]) -> None:
        """Keep a fault for each input with some experts and fewer than three; one where nobody filled in anything."""
        for key, given in opinions.items():
            if key in self.spoilt or not 0 < len(given) < LEAST_EXPERTS:
                continue
            self.line = given[-1].line
            what = f"only {said(len(given))} of the {said(LEAST_EXPERTS)} experts or more that are needed "
            what += f"{'has' if len(given) == 1 else 'have'} answered {title_of(key)}"
            self.bad(f"{what}: {listed([o.expert for o in given])}.", "Ask more, or empty the rows of this input.")
        if not self.found and not any(opinions.values()):
            self.line = min(self.first.values(), default=1)
            self.bad("nothing is filled in.", "Fill in expert, low_5, middle_50, high_95 and rationale.")

    def contradictions(self, opinions: Sequence[Opinion]) -> None:
        """Keep a fault for each quantile that the rest of the model cannot hold."""
        for opinion in opinions:
            for name, value in zip(BLANK[1:4], opinion.quantiles, strict=True):
                try:
                    self.asked.headline({opinion.key: value})
                except DemandflowError as error:
                    self.line = opinion.line
                    what = f"{name} of {title_of(opinion.key)} is {value:g}, which contradicts the rest of the model: "
                    self.bad(what + first_fault(error), "Ask the expert again, or change what it contradicts.")
                    break
