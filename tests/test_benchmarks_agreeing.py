"""Whether two programs do the same is a question of chance: the answer is rarely wrong, and sees what matters."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.agreeing import FAMILY, Agreement, compared, identical

COUNTS = 100


def runs(random, many, mean=10_000.0, spread=0.015):
    """Runs of a program with so many measures, each with its own luck."""
    return [{f"stage{i} end": v for i, v in enumerate(random.normal(mean, spread * mean, COUNTS))} for _ in range(many)]


@pytest.mark.parametrize(("ours", "theirs"), [(8, 8), (40, 6)])
def test_programs_that_do_the_same_are_said_to_differ_as_rarely_as_stated(ours, theirs):
    random = np.random.default_rng(6)
    least = [min(one.p for one in compared(runs(random, ours), runs(random, theirs))) for _ in range(200)]
    # Adjusted for all measures, the least chance lies under any limit as often as the limit says.
    for limit in (0.5, 0.2, 0.05):
        share = np.mean(np.array(least) < limit)
        assert share < limit + 3 * (limit * (1 - limit) / len(least)) ** 0.5
    assert np.mean(np.array(least) < 0.05) > 0.01
    assert np.mean(np.array(least) < FAMILY) < 0.02


def test_four_standard_errors_of_one_measure_in_a_hundred_over_eight_runs_are_chance():
    """What made two programs that do the same look different: luck, over few runs of many measures."""
    random = np.random.default_rng(7)
    furthest, wrong = [], 0
    for _ in range(200):
        found = compared(runs(random, 8), runs(random, 8))
        furthest.append(max(abs(one.z) for one in found))
        wrong += not all(one.agrees for one in found)
    assert 0.05 < np.mean(np.array(furthest) > 4) < 0.25
    assert wrong <= 2  # one in a thousand, of 200


def test_a_twentieth_is_found_wherever_it_is_said_that_it_would_be():
    random = np.random.default_rng(9)
    seen = []
    for _ in range(60):
        ours, theirs = runs(random, 40), runs(random, 12)
        for run in theirs:
            run["stage3 end"] *= 1.05
        found = {one.measure: one for one in compared(ours, theirs)}
        wrong = found.pop("stage3 end")
        assert wrong.sharp
        seen.append(not wrong.agrees)
        assert all(one.agrees for one in found.values())
    assert np.mean(seen) > 0.95


def test_what_would_have_been_found_is_found_so_often():
    random = np.random.default_rng(11)
    least = np.mean([one.visible for one in compared(runs(random, 20), runs(random, 10))])
    found = []
    for _ in range(200):
        ours, theirs = runs(random, 20), runs(random, 10)
        for run in theirs:
            run["stage3 end"] *= 1 + least
        found.append("stage3 end" in {one.measure for one in compared(ours, theirs) if not one.agrees})
    assert 0.82 < np.mean(found) < 0.97


def test_few_runs_that_could_see_nothing_are_blunt():
    random = np.random.default_rng(3)
    assert not any(one.sharp for one in compared(runs(random, 2), runs(random, 2)))
    assert all(one.sharp for one in compared(runs(random, 60), runs(random, 24)))
    assert Agreement("desk mean wait", 0.2, 0.3, 1.0, 1.0, 0.9).sharp  # waits vary: only counts are held to it


def test_chances_are_those_of_student_and_holm():
    ours = [{"a": 10.0, "b": 5.0, "c": 1.0}, {"a": 12.0, "b": 7.0, "c": 1.0}, {"a": 14.0, "b": 9.0, "c": 1.0}]
    theirs = [{"a": 22.0, "b": 8.0, "c": 1.0}, {"a": 24.0, "b": 10.0, "c": 1.0}, {"a": 26.0, "b": 12.0, "c": 1.0}]
    a, b, c = compared(ours, theirs)
    assert a.z == pytest.approx(-12 / (8 / 3) ** 0.5)
    # scipy.stats.ttest_ind of the same numbers: 0.001826 and 0.140066, times three and two measures.
    assert a.p == pytest.approx(3 * 0.001826, rel=1e-3)
    assert b.p == pytest.approx(2 * 0.140066, rel=1e-3)
    assert (c.z, c.p, c.visible) == (0.0, 1.0, 0.0)


def test_what_never_varies_must_be_the_same():
    same, other = [{"a": 6_000.0}] * 3, [{"a": 6_001.0}] * 3
    (one,) = compared(same, other)
    assert (one.p, one.agrees) == (0.0, False)


def test_programs_with_the_same_draws_must_be_the_same_in_every_run():
    ours = [{"a": 1.0, "b": 4.0}, {"a": 3.0, "b": 5.0}]
    assert all(one.agrees and one.z == 0 for one in identical(ours, [dict(run) for run in ours]))
    swapped = identical(ours, [{"a": 3.0, "b": 4.0}, {"a": 1.0, "b": 5.0}])
    assert [one.measure for one in swapped if not one.agrees] == ["a"]
    silent = [{"a": 1.0}, {"a": 3.0}]
    assert [one.measure for one in identical(ours, silent) if not one.agrees] == ["b"]
    assert all(one.agrees for one in identical(ours, silent, frozenset({"b"})))
