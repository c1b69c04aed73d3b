"""A whole split among players: games whose answer is known, and sums that are exact."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.attribution.game import alone, exact, in_order, interaction, last, rounded, shapley


def every(players):
    return [frozenset(some) for size in range(len(players) + 1) for some in combinations(players, size)]


def game(players, worth):
    return exact({some: float(worth(some)) for some in every(players)})


def test_the_glove_game():
    """Two left gloves and one right: a pair is worth 1 (Shapley: 1/6, 1/6 and 4/6)."""
    worth = game("abr", lambda some: "r" in some and some & {"a", "b"} != set())
    assert shapley("abr", worth) == {"a": Fraction(1, 6), "b": Fraction(1, 6), "r": Fraction(4, 6)}


def test_the_airport_game():
    """A runway for the largest aeroplane there: each length is shared among those that need it (Littlechild, Owen)."""
    costs = {"small": 8, "middle": 11, "large": 13, "huge": 18}
    worth = game(list(costs), lambda some: max((costs[one] for one in some), default=0))
    found = shapley(list(costs), worth)
    assert found == {"small": Fraction(2), "middle": Fraction(3), "large": Fraction(4), "huge": Fraction(9)}


def test_voters_with_a_veto():
    """A parliament of 4, 2, 1 and 1 votes in which 5 decide (Shapley and Shubik): 3/4 and three of 1/12."""
    votes = {"a": 4, "b": 2, "c": 1, "d": 1}
    found = shapley(list(votes), game(list(votes), lambda some: sum(votes[one] for one in some) >= 5))
    assert found == {"a": Fraction(3, 4), **dict.fromkeys("bcd", Fraction(1, 12))}


def test_interaction_of_two_players_is_what_they_bring_together():
    worth = game("ab", lambda some: {0: 0, 1: 3, 2: 10}[len(some)])
    assert interaction("ab", worth) == {("a", "b"): 4}
    assert alone("ab", worth) == {"a": 3, "b": 3} and last("ab", worth) == {"a": 7, "b": 7}
    assert in_order("ab", worth) == {"a": 3, "b": 7} and in_order("ba", worth) == {"b": 3, "a": 7}


def test_interaction_of_unanimity_is_shared_among_pairs():
    """Three of whom all are needed: each pair's index is one half (Grabisch and Roubens 1999)."""
    assert set(interaction("abc", game("abc", lambda some: len(some) == 3)).values()) == {Fraction(1, 2)}


WORTHS = st.lists(st.floats(-1e7, 1e7, allow_nan=False), min_size=16, max_size=16)


@given(WORTHS)
def test_sums_are_exact_whatever_the_floats(values):
    players = "abcd"
    worth = exact(dict(zip(every(players), values, strict=True)))
    whole = worth[frozenset(players)] - worth[frozenset()]
    assert sum(shapley(players, worth).values()) == whole == sum(in_order(players, worth).values())


@given(WORTHS)
def test_who_brings_nothing_gets_nothing_and_equals_get_the_same(values):
    of = dict(zip(every("ab"), values[:4], strict=True))
    worth = exact({some: of[some & {"a", "b"}] for some in every("abx")})
    assert shapley("abx", worth)["x"] == 0
    assert all(index == 0 for pair, index in interaction("abx", worth).items() if "x" in pair)
    alike = exact({some: values[len(some)] for some in every("abcd")})
    assert len(set(shapley("abcd", alike).values())) == 1


@given(WORTHS)
def test_it_is_the_mean_over_all_orders(values):
    from itertools import permutations

    worth = exact(dict(zip(every("abcd"), values, strict=True)))
    found = shapley("abcd", worth)
    for player in "abcd":
        assert found[player] == sum(in_order(order, worth)[player] for order in permutations("abcd")) / factorial(4)


@given(st.lists(st.fractions(-1000, 1000, max_denominator=997), min_size=1, max_size=9))
def test_rounded_parts_add_up_to_the_rounded_whole(parts):
    step = Fraction(1, 100)
    found = rounded(parts, step)
    assert sum(found) == round(sum(parts) / step) * step
    assert all(abs(a - b) < step for a, b in zip(found, parts, strict=True))
    assert all((part / step).denominator == 1 for part in found)


def test_rounding_changes_nothing_that_is_round():
    parts = [Fraction(5, 100), Fraction(-7, 100)]
    assert rounded(parts, Fraction(1, 100)) == parts
    assert rounded([Fraction(1, 3)] * 3, Fraction(1)) == pytest.approx([1, 0, 0])
