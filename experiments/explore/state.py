"""What a visitor has chosen, read from an address or a request and refused in a sentence where it cannot be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.explore.controls import Control
from simulation.errors import DemandflowError, nearest, short

MOST_CHOSEN = 500
"""Parts of an address: more than any page has controls."""

INPUT = "in."


class Refused(DemandflowError):
    """What was asked cannot be: the sentence is for the visitor."""


@dataclass(frozen=True)
class State:
    """A choice.

    Attributes:
        transfer: name of one of the experiment's shares of the gap, or a share from 0 to 1.
        over: (key, value) of inputs that differ from what their files give, by key.
    """

    baseline: str
    model: str
    transfer: str | float
    over: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Choices:
    """What can be chosen in one comparison. ``presets_only``: values between the presets are refused."""

    transfers: tuple[str, ...]
    controls: Mapping[str, Control]
    presets_only: bool = False


def models_in(
    given: Iterable[tuple[str, Any]], known: Mapping[str, Iterable[str]], usual: tuple[str, str]
) -> tuple[str, str]:
    """The baseline and the model of an address.

    Raises:
        Refused: one that is not offered.
    """
    asked = dict(given)
    found = []
    for role, name in zip(("baseline", "model"), usual, strict=True):
        chosen = asked.get(role, name)
        if chosen not in (offered := list(known[role])):
            raise Refused(f"There is no {role} '{short(str(chosen))}'. {nearest(chosen, offered, 'Choose one of')}")
        found.append(str(chosen))
    return found[0], found[1]


def state_of(given: Iterable[tuple[str, Any]], models: tuple[str, str], choices: Choices, headline: str) -> State:
    """The state that an address or a request asks for; what it leaves out is as published.

    Raises:
        Refused: unknown names, numbers that are none, values outside their range.
    """
    parts = list(given)
    if len(parts) > MOST_CHOSEN or len({name for name, _ in parts}) < len(parts):
        raise Refused("The address names something twice, or too much. Begin again with Reset to published.")
    share: str | float = headline
    over: dict[str, float] = {}
    for name, value in parts:
        if name in ("baseline", "model"):
            continue
        if name == "transfer":
            share = _transfer(value, choices)
        elif name.startswith(INPUT):
            key = name.removeprefix(INPUT)
            control = choices.controls.get(key)
            if control is None:
                raise Refused(f"There is no input '{short(key)}' that can be moved here.")
            number = _within(value, control.title, control.low, control.high)
            if choices.presets_only and number not in (control.low, control.value, control.high):
                raise Refused(f"'{short(control.title)}' can be low, as taken here or high, and nothing else.")
            if number != control.value:
                over[key] = number
        else:
            raise Refused(f"'{short(name)}' is nothing that can be chosen here.")
    return State(*models, share, tuple(sorted(over.items())))


def _transfer(value: Any, choices: Choices) -> str | float:
    if value in choices.transfers:
        return str(value)
    if choices.presets_only:
        raise Refused(f"'{short(str(value))}' is none of the choices. Choose one of those on the page.")
    return _within(value, "share of the gap that is closed", 0.0, 1.0)


def _within(value: Any, title: str, low: float, high: float) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Refused(f"'{short(str(value))}' is not a number for '{short(title)}'. Give one from {low:g} to {high:g}.")
    if not low <= number <= high:
        raise Refused(f"'{short(title)}' is {number:g}, outside its range. Give a value from {low:g} to {high:g}.")
    return number + 0.0
