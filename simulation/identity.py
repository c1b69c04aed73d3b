"""Who a person is and which draw is meant: stable numbers from names.

A person is (population, source, client group, calendar month, k): the hash of the first four is the cell, k counts
within it. Nothing about a person depends on how many others there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from simulation.errors import DemandflowError

PURPOSES = ("duration", "branch", "attend", "review", "effect", "delay", "attribute", "arrival", "number", "input")
"""What a draw is for. A draw id is the hash of (name, purpose)."""

JOINED = "adoption"
"""Name of the draw, and prefix of the decisions, that send people to one model or the other."""


def _hash32(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big")


def draw_id(name: str, purpose: str) -> int:
    """The 32-bit id of a draw."""
    if purpose not in PURPOSES:
        raise ValueError(f"unknown purpose {purpose!r}")
    return _hash32(f"draw|{name}|{purpose}")


def cell_id(population: str, source: str, group: str, month: str) -> int:
    """The 31-bit id of a cell; ``month`` as '2016-04'."""
    return _hash32(f"cell|{population}|{source}|{group}|{month}") >> 1


def refuse_collisions(names: Iterable[tuple[str, int]]) -> None:
    """Two names with one number would share their luck.

    Raises:
        DemandflowError: naming both.
    """
    seen: dict[int, str] = {}
    for name, number in names:
        other = seen.setdefault(number, name)
        if other != name:
            raise DemandflowError(
                f"'{name}' and '{other}' hash to the same number, so they would share their draws. Rename one of them."
            )
