"""A whole split among players by what every set of them comes to (L. S. Shapley, 'A value for n-person games', 1953).

All arithmetic is exact: a value that is given as a float is taken for the fraction that it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

Worth = Mapping[frozenset[str], Fraction]
"""What each set of players comes to, the empty one and the whole among them."""


def exact(values: Mapping[frozenset[str], float]) -> dict[frozenset[str], Fraction]:
    """The same values as fractions."""
    return {players: Fraction(value) for players, value in values.items()}


def _sets(players: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(players) + 1) for some in combinations(players, size)]


def shapley(players: Sequence[str], worth: Worth) -> dict[str, Fraction]:
    """What each player brings, as the mean over all orders in which they can come; sums to all less none, exactly."""
    n = len(players)
    found = {}
    for player in players:
        others = [one for one in players if one != player]
        found[player] = sum(
            (
                Fraction(factorial(len(some)) * factorial(n - len(some) - 1), factorial(n))
                * (worth[some | {player}] - worth[some])
                for some in _sets(others)
            ),
            Fraction(0),
        )
    return found


def in_order(players: Sequence[str], worth: Worth) -> dict[str, Fraction]:
    """What each player adds to those before; sums to all less none, exactly."""
    so_far = [frozenset(players[:place]) for place in range(len(players) + 1)]
    return {player: worth[so_far[at + 1]] - worth[so_far[at]] for at, player in enumerate(players)}


def alone(players: Sequence[str], worth: Worth) -> dict[str, Fraction]:
    """What each player brings when no other has come."""
    return {player: worth[frozenset({player})] - worth[frozenset()] for player in players}


def last(players: Sequence[str], worth: Worth) -> dict[str, Fraction]:
    """What each player adds when all others have come."""
    whole = frozenset(players)
    return {player: worth[whole] - worth[whole - {player}] for player in players}


def interaction(players: Sequence[str], worth: Worth) -> dict[tuple[str, str], Fraction]:
    """What each pair brings beyond what the two bring apart, as the mean over what may have come before.

    The Shapley interaction index (M. Grabisch and M. Roubens, 1999): above nought where two strengthen each other.
    """
    n = len(players)
    found = {}
    for one, other in combinations(players, 2):
        rest = [player for player in players if player not in (one, other)]
        found[one, other] = sum(
            (
                Fraction(factorial(len(some)) * factorial(n - len(some) - 2), factorial(n - 1))
                * (worth[some | {one, other}] - worth[some | {one}] - worth[some | {other}] + worth[some])
                for some in _sets(rest)
            ),
            Fraction(0),
        )
    return found


def rounded(parts: Sequence[Fraction], step: Fraction) -> list[Fraction]:
    """Parts in whole steps that add up to their whole in whole steps: the largest remainders are rounded up."""
    whole = round(sum(parts, Fraction(0)) / step)
    floors = [part / step // 1 for part in parts]
    spare = int(whole - sum(floors))
    order = sorted(range(len(parts)), key=lambda at: (floors[at] - parts[at] / step, at))
    return [(floors[at] + (at in order[:spare])) * step for at in range(len(parts))]
