"""Figures and lists as sentences and tables for people give them; it knows no report, which asks it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

MINUS = "−"
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def pounds(value: float) -> str:
    """Money to the pound."""
    if math.isnan(value):
        return "not known"
    shown = math.floor(abs(value) + 0.5)
    return f"{MINUS if value < 0 and shown else ''}£{shown:,}"


def roughly(value: float) -> str:
    """Money of a range: three figures at most, since nothing finer is known."""
    if math.isnan(value) or value == 0:
        return pounds(value)
    step = 10.0 ** max(0, math.floor(math.log10(abs(value))) - 2)
    return pounds(round(value / step) * step)


def number(value: float) -> str:
    """A number of events."""
    whole = abs(value) >= 20 or value == round(value)
    text = f"{abs(value):,.0f}" if whole else f"{abs(value):,.1f}"
    return f"{MINUS if value < 0 and float(text.replace(',', '')) else ''}{text}"


def listed(words: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def said(count: int) -> str:
    """Small numbers as words."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table by column."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
