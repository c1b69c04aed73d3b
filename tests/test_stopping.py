"""When a comparison stops: never before the first look, only at batch ends, and for a reason that is written down."""

from __future__ import annotations

import math
from typing import Any

import pytest

from experiments.statistics import Interval, of_mean
from experiments.stopping import run_until_precise, widest
from simulation.schema.experiment import Precision

RULE = {"relative_half_width": 0.1, "first_look": 30, "batch": 10, "most": 55}


class Pairs:
    """Runs pairs that are a list of numbers, and notes when it was asked."""

    def __init__(self, values: list[float]):
        self.values, self.batches, self.looked_at = values, [], []  # type: ignore[var-annotated]

    def batch(self, first: int, size: int) -> None:
        self.batches.append((first, size))

    def found(self) -> dict[str, Interval]:
        done = sum(size for _, size in self.batches)
        self.looked_at.append(done)
        return {"full": of_mean(self.values[:done])}


def wide(sd: float) -> list[float]:
    return [100 + sd * (-1) ** n for n in range(60)]


def test_pairs_that_are_precise_at_once_stop_at_the_first_look() -> None:
    pairs = Pairs(wide(1))
    stopped = run_until_precise(Precision(**RULE), pairs.batch, pairs.found)
    assert (stopped.pairs, pairs.batches, pairs.looked_at) == (30, [(0, 30)], [30])
    assert stopped.why == "every difference in funded_package is known within 10%"


def test_nothing_is_looked_at_inside_a_batch_and_the_last_batch_ends_at_the_most() -> None:
    pairs = Pairs(wide(100))
    told = run_until_precise(Precision(**RULE), pairs.batch, pairs.found).told()
    assert pairs.batches == [(0, 30), (30, 10), (40, 10), (50, 5)]
    assert pairs.looked_at == [30, 40, 50, 55] == [look["pairs"] for look in told["looks"]]
    assert told["pairs"] == 55 and told["why_stopped"].startswith("the most pairs allowed (55) were run before")
    widths = [look["half_width"] for look in told["looks"]]
    assert widths == sorted(widths, reverse=True) and widths[-1] > 0.1


def test_it_stops_in_between_where_the_interval_has_become_narrow_enough() -> None:
    pairs = Pairs(wide(30))
    stopped = run_until_precise(Precision(**RULE), pairs.batch, pairs.found)
    assert stopped.pairs == 40
    assert stopped.looks[0][1] > 0.1 >= stopped.looks[1][1] == pytest.approx(of_mean(wide(30)[:40]).half_width / 100)


def test_every_difference_must_be_precise() -> None:
    assert widest({"a": Interval(10, 9, 11), "b": Interval(-2, -3, -1)}) == 0.5
    assert widest({"none": Interval(0, 0, 0)}) == widest({}) == 0.0
    assert widest({"a": Interval(0, -1, 1)}) == math.inf


@pytest.mark.parametrize("bad", [{"first_look": 29}, {"most": 29}, {"most": 29, "first_look": 31}])
def test_fewer_than_thirty_pairs_are_never_looked_at(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"30|first_look"):
        Precision(**{**RULE, **bad})
