"""A target as it is typed: 'demand_savings_2019_20 >= £3.843m with probability 0.9'."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from simulation.errors import DemandflowError, short

EXAMPLE = "'demand_savings_2019_20 >= 3.843e6 with probability 0.9', or '… on average'"

_SIGNS = {">=": True, "=>": True, "≥": True, ">": True, "<=": False, "=<": False, "≤": False, "<": False}
_TARGET = re.compile(r"(?P<measure>[^<>=≤≥]*)(?P<sign>[<>=≤≥]+)\s*(?P<rest>.*)", re.DOTALL)
_AMOUNT = re.compile(r"(?P<minus>[-−]?)\s*£?\s*(?P<minus2>[-−]?)(?P<digits>(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?)"
                     r"\s*(?P<unit>bn|[kmb](?![a-z]))?", re.IGNORECASE)  # fmt: skip
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "bn": 1e9}
_PROBABILITY = re.compile(r"with (?:a )?probability (?:of )?(?P<p>[-+\d.e]+)\s*(?P<percent>%?)", re.IGNORECASE)
_ALONE = re.compile(r"(?:[,(]?\s*(?:over|by|from)?\s*chance alone\)?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """What is asked.

    Attributes:
        at_least: whether the measure is to reach the threshold from below; None for a break-even ('==').
        probability: in how large a share of replications; None: on average.
        chance_alone: whether inputs stay at their central values though a probability is asked.
    """

    measure: str
    at_least: bool | None
    threshold: float
    probability: float | None
    chance_alone: bool

    @property
    def drawn(self) -> bool:
        """Whether each replication has its own drawn inputs."""
        return self.probability is not None and not self.chance_alone


def read_target(text: str) -> Target:
    """The target that a text means.

    Raises:
        DemandflowError: it cannot be read; its probability does not lie between 0 and 1.
    """
    found = _TARGET.fullmatch(text.strip())
    measure = found["measure"].strip() if found else ""
    if found is None or not measure:
        raise _unread(text, "no measure and sign such as >= are found in it.")
    if found["sign"] not in (*_SIGNS, "=", "=="):
        raise _unread(text, f"'{short(found['sign'])}' is not a sign. Use >=, <= or ==.")
    at_least = _SIGNS.get(found["sign"])
    amount = _AMOUNT.match(found["rest"])
    if amount is None:
        raise _unread(text, f"'{short(found['rest'])}' does not begin with a number such as 3843000, £3.843m or 3.8e6.")
    threshold = float(amount["digits"].replace(",", "")) * _UNITS[(amount["unit"] or "").lower()]
    threshold *= -1.0 if amount["minus"] or amount["minus2"] else 1.0
    if not math.isfinite(threshold):
        raise _unread(text, f"{short(amount['digits'])} is too large a number.")
    rest = found["rest"][amount.end() :].strip()
    alone = _ALONE.search(rest)
    rest = rest[: alone.start()].strip() if alone else rest
    if rest.lower() in ("", "on average", "in expectation"):
        return Target(measure, at_least, threshold + 0.0, None, True)
    likely = _PROBABILITY.fullmatch(rest)
    if likely is None:
        raise _unread(text, f"'{short(rest)}' is not understood. Write 'with probability 0.9' or 'on average'.")
    if at_least is None:
        raise _unread(text, "a measure equals a number with no probability. Use >= or <=, or leave the probability.")
    return Target(measure, at_least, threshold + 0.0, _probability(likely, text), alone is not None)


def _probability(likely: re.Match[str], text: str) -> float:
    try:
        p = float(likely["p"]) / (100.0 if likely["percent"] else 1.0)
    except ValueError:
        raise _unread(text, f"'{short(likely['p'])}' is not a number.") from None
    if not 0.0 < p < 1.0:
        raise _unread(text, f"a probability of {likely['p']}{likely['percent']}. Give one above 0 and below 1.")
    return p


def _unread(text: str, what: str) -> DemandflowError:
    return DemandflowError(f"the target '{short(text, 100)}' cannot be read: {what} A target is written {EXAMPLE}.")
