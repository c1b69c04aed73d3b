"""Small numbers of real people are not printed: they could point at somebody."""

from __future__ import annotations

FEWEST = 5
"""Counts below this are not printed."""

COUNTED = "; counted in "
"""Stands in the ``why`` of every number that was counted in a council's own records, before the name of the file."""


def few(number: int) -> str:
    """A number of people as it is printed."""
    return f"{number:,}" if number == 0 or number >= FEWEST else f"fewer than {FEWEST}"
