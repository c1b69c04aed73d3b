"""An input that is varied, and the values over which it is searched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from experiments.elicit.asked import title_of
from experiments.measured import TRANSFER, Evaluator, known_input
from simulation.errors import DemandflowError, short
from simulation.inputs import Input, Values

ALL = "all"
GAP = "the share of the gap that is closed"

_NUMBER = r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
_LIMITS = re.compile(_NUMBER + r"(?::|\.\.)" + _NUMBER)


@dataclass(frozen=True)
class Varied:
    """An input and where it is searched.

    Attributes:
        key: of the input, or ``TRANSFER``. current: its value as it stands. given: whether the user gave the limits.
    """

    key: str
    low: float
    high: float
    current: float
    given: bool

    @property
    def title(self) -> str:
        """In words."""
        return GAP if self.key == TRANSFER else title_of(self.key)

    @property
    def width(self) -> float:
        """High less low."""
        return self.high - self.low


def varied(evaluator: Evaluator, text: str) -> Varied:
    """The input that ``--vary`` names, with its limits: given, or those of its range; 0 to 1 for the transfer.

    Raises:
        DemandflowError: no such input; no range; limits that are none.
    """
    name, equals, limits = (part.strip() for part in text.partition("="))
    inputs = evaluator.prepared.inputs
    key = TRANSFER if name == TRANSFER else known_input(inputs, name)
    found = _limits(name, limits) if equals else None
    if key == TRANSFER:
        low, high = found or (0.0, 1.0)
        if not 0.0 <= low < high <= 1.0:
            raise DemandflowError(f"--vary {short(text)}: a share of the gap lies from 0 to 1. Give limits in between.")
        return Varied(key, low, high, evaluator.transfer, equals != "")
    item = inputs.inputs[key]
    current = Values(inputs).of(item.number, item.loaded.ref)
    evidence = item.evidence
    if found is None:
        if evidence is None or evidence.range is None:
            file, line = item.loaded.document.place(item.where)
            raise DemandflowError(
                f"{file}:{line}: '{key}' has no range, so there is nothing to search over. Give it a range: in the "
                f"file, or limits here: --vary {name}=LOW:HIGH."
            )
        found = (evidence.range.low, evidence.range.high)
    if not found[0] < found[1]:
        raise DemandflowError(f"--vary {short(text)}: its range is a single value, {found[0]:g}. Give two limits.")
    return Varied(key, found[0], found[1], current, equals != "")


def _limits(name: str, text: str) -> tuple[float, float]:
    match = _LIMITS.fullmatch(text)
    if match is None:
        raise DemandflowError(f"--vary {short(name)}={short(text)}: write two limits, such as {short(name)}=0.1:0.6.")
    low, high = float(match[1]), float(match[2])
    if not low < high:
        raise DemandflowError(f"--vary {short(name)}={short(text)}: low is not below high. Exchange them.")
    return low, high


def every(evaluator: Evaluator) -> list[Varied]:
    """Every input with a range that is wider than a point, and the transfer."""
    ranged: list[Input] = evaluator.prepared.inputs.ranged()
    keys = [i.key for i in ranged if i.evidence and i.evidence.range and i.evidence.range.low < i.evidence.range.high]
    return [varied(evaluator, key) for key in (TRANSFER, *keys)]
