"""What a sweep's keys mean in an experiment and its files, and the values that each is given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from experiments.elicit.asked import title_of
from experiments.measured import TRANSFER
from experiments.plan import Prepared
from simulation.errors import ConfigError, Problem, nearest, short
from simulation.library import Loaded
from simulation.reading import FOLDERS, Where
from simulation.schema import Evidence
from simulation.schema.sweep import SweptKey

SET, INPUT, SHARE = "setting", "input", "transfer"
"""How a value reaches the experiment: laid over a file in memory, in place of an input, or as the headline's share."""

KEPT = ("kind", "name", "title", "question", "extends", "uses", "sweep")
"""What makes a file the file it is."""

_FILE = re.compile(rf"((?:{'|'.join(FOLDERS)})/[a-z][a-z0-9_]*)[.:](.+)")
_DIGITS = 12


@dataclass(frozen=True)
class Laid:
    """A value at a place of a file, in memory only. ``ref``: the file, such as ``models/barnet_target``."""

    ref: str
    where: Where
    value: Any


@dataclass(frozen=True)
class Setting:
    """One key that is swept.

    Attributes:
        place: of the key in the experiment file. how: ``SET``, ``INPUT`` or ``SHARE``. input: its key among the inputs.
        ref, where: the file and the place in it, where the value is laid.
    """

    key: str
    title: str
    unit: str
    values: tuple[Any, ...]
    place: Where
    how: str
    input: str = ""
    ref: str = ""
    where: Where = ()

    def over(self, value: Any) -> dict[str, float]:
        """The value as one of the inputs of a point."""
        return {} if self.how == SET else {self.input: float(value)}

    def laid(self, value: Any) -> tuple[Laid, ...]:
        """The value as something laid over a file."""
        return (Laid(self.ref, self.where, value),) if self.how == SET else ()

    @property
    def numeric(self) -> bool:
        """Whether all its values are numbers."""
        return all(is_number(value) for value in self.values)


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def settings_of(prepared: Prepared) -> list[Setting]:
    """The keys of an experiment's sweep, in its order.

    Raises:
        ConfigError: with every key that does not exist or stands twice, and every value that cannot be one.
    """
    sweep = prepared.experiment.sweep
    assert sweep is not None
    found: list[Problem] = []
    made: list[Setting] = []
    for index, given in enumerate(sweep.over):
        try:
            made.append(_setting(prepared, given, ("sweep", "over", index)))
        except ConfigError as error:
            found += error.problems
    seen: dict[tuple[str, str, Where], str] = {}
    for one in made:
        same = (one.input, one.ref, one.where)
        if same in seen:
            what = f"'{short(one.key)}' is swept twice; the first time as '{short(seen[same])}'."
            found.append(prepared.loaded.problem((*one.place, "key"), what, "Keep one of the two."))
        seen[same] = one.key
    if found:
        raise ConfigError(found)
    return made


def _setting(prepared: Prepared, given: SweptKey, place: Where) -> Setting:
    how, key, ref, where, now = _resolved(prepared, given.key, (*place, "key"))
    values = tuple(_as(now, value) for value in _values(given))
    problems = list(_value_problems(prepared.loaded, given, place, values, how))
    if problems:
        raise ConfigError(problems)
    name = key if how == INPUT else given.key
    title = given.title or ("share of the gap that is closed" if how == SHARE else title_of(name))
    evidence = now if isinstance(now, Evidence) else None
    unit = given.unit if given.unit is not None else (evidence.unit if evidence is not None and evidence.unit else "")
    return Setting(given.key, title, unit, values, place, how, key, ref, where)


def _values(given: SweptKey) -> list[Any]:
    if given.values is not None:
        return given.values
    assert given.range is not None
    ends = np.linspace(given.range.start, given.range.end, given.range.steps)
    return [float(f"{value:.{_DIGITS}g}") + 0.0 for value in ends.tolist()]


def _as(now: Any, value: Any) -> Any:
    """A whole number where the setting holds one: a range gives fractions."""
    whole = isinstance(now, int) and not isinstance(now, bool) and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _value_problems(
    loaded: Loaded, given: SweptKey, place: Where, values: tuple[Any, ...], how: str
) -> Iterable[Problem]:
    span = given.range
    if span is not None and span.start == span.end:
        what = f"'{short(given.key)}': the range starts and ends at {span.start:g}."
        yield loaded.problem((*place, "range"), what, "Give two ends that differ, or values: with one number.")
        return
    for index, value in enumerate(values):
        here = place_of(given, place, index)
        if how != SET and not is_number(value):
            what = f"'{short(given.key)}' is a number, and {short(repr(value))} is none."
            yield loaded.problem(here, what, "Give numbers.")
        elif value in values[:index] and type(value) is type(values[values.index(value)]):
            what = f"'{short(given.key)}': the value {short(str(value))} stands twice."
            yield loaded.problem(here, what, "Keep one of the two.")


def place_of(given: SweptKey, place: Where, index: int) -> Where:
    """Where a value of a key stands in the experiment file."""
    return (*place, "range") if given.values is None else (*place, "values", index)


def _resolved(prepared: Prepared, key: str, here: Where) -> tuple[str, str, str, Where, Any]:
    """How, the input's key, the file and place that a key means, and what stands there now."""
    inputs = prepared.inputs.inputs
    if key == TRANSFER:
        return SHARE, TRANSFER, "", (), 0.0
    experiment = prepared.loaded
    named = _FILE.fullmatch(key)
    ref, path = (named[1], named[2]) if named else (experiment.ref, key)
    files = {loaded.ref: loaded for loaded in prepared.documents}
    if ref not in files:
        what = f"there is no '{short(key)}': {short(ref)} is none of the files that this experiment names."
        raise ConfigError([experiment.problem(here, what, nearest(ref, sorted(files), "They are"))])
    for known in (key, f"{ref}.{path}", f"{ref}:{path}", f"{ref}:{path.removesuffix('.value')}"):
        if known in inputs and (isinstance(inputs[known].number, Evidence) or inputs[known].where[0] == "parameters"):
            return INPUT, known, "", (), inputs[known].number
    where, now = _walked(files[ref], path, key, prepared, here)
    return SET, "", ref, where, now


def _walked(file: Loaded, path: str, key: str, prepared: Prepared, here: Where) -> tuple[Where, Any]:
    """The place in a file that a path leads to, and what stands there."""
    at: Any = file.config
    where: list[str | int] = []
    for step in path.split("."):
        choices = _choices(at)
        if step not in choices:
            raise ConfigError([prepared.loaded.problem(here, *_unknown(key, step, where, choices, prepared))])
        where.append(int(step) if isinstance(at, list | tuple) else step)
        at = getattr(at, step) if isinstance(at, BaseModel) else at[where[-1]]
    if where[0] in KEPT:
        what = f"'{short(key)}' cannot be swept: it says what the file is, or what is swept."
        raise ConfigError([prepared.loaded.problem(here, what, "Sweep what the experiment does.")])
    return tuple(where), at


def _choices(at: Any) -> list[str]:
    """What can stand next in a path."""
    if isinstance(at, BaseModel):
        return list(type(at).model_fields)
    if isinstance(at, dict):
        return [str(key) for key in at]
    return [str(index) for index in range(len(at))] if isinstance(at, list | tuple) else []


def _unknown(key: str, step: str, before: list[str | int], choices: list[str], prepared: Prepared) -> tuple[str, str]:
    """What is wrong with a key, and the one it is close to."""
    what = f"there is no '{short(key)}' in this experiment or its files."
    named = _FILE.fullmatch(key)
    start = key[: named.start(2)] if named else ""
    path = ".".join(map(str, before))
    rest = key.removeprefix(start).removeprefix(path).lstrip(".")
    whole = [f"{start}{path}{'.' if before else ''}{name}{rest.removeprefix(step)}" for name in choices]
    inputs, settings = sorted(prepared.inputs.inputs), [TRANSFER, *whole]
    for known in (inputs, settings) if start.endswith(".") else (settings, inputs):
        mend = nearest(key, known)
        if mend.startswith("Did you mean"):
            return what, mend
    inside = f" {path}" if before else " the file"
    return what, nearest(step, choices, f"Inside{inside} there is") if choices else f"Nothing is inside{inside}."
