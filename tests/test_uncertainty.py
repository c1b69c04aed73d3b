"""Draws of the inputs come from their ranges, belong to their number, and move the answer as they should."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from experiments.matching import expected_by_source
from experiments.uncertainty import (
    Question,
    _zero,
    inputs_table,
    like_for_like,
    ranges,
    share_on_assumption,
    swings,
)
from simulation.identity import draw_id, refuse_collisions
from simulation.inputs import Values, pert, triangular

H = "models/barnet_2014_15.hospital_funded_rate"
U = [0.001, 0.01, 0.2, 0.5, 0.77, 0.99, 0.999]


@pytest.mark.parametrize(
    ("low", "mode", "high"), [(0.0, 0.2, 1.0), (5.0, 5.0, 60.0), (0.775, 1.0, 1.0), (-0.35, -0.24, -0.13)]
)
def test_pert_and_triangular_are_scipys(low, mode, high):
    along = (mode - low) / (high - low)
    want = stats.beta(1 + 4 * along, 5 - 4 * along, low, high - low)
    triangle = stats.triang(along, low, high - low)
    for u in U:
        assert pert(low, mode, high, u) == pytest.approx(want.ppf(u), abs=1e-9)
        assert triangular(low, mode, high, u) == pytest.approx(triangle.ppf(u), abs=1e-9)
    assert pert(3.0, 3.0, 3.0, 0.4) == triangular(3.0, 3.0, 3.0, 0.4) == 3.0


@pytest.fixture(scope="module")
def drawn(main_job):
    sets = [main_job.inputs.drawn(7, draw) for draw in range(1500)]
    return {key: np.array([one[key] for one in sets]) for key in sets[0]}


def test_each_input_is_spread_as_its_range_says(main_job, drawn):
    for item in main_job.inputs.ranged():
        spread, values = item.evidence.range, drawn[item.key]
        mode, along = item.evidence.value, None
        if spread.high > spread.low:
            along = (mode - spread.low) / (spread.high - spread.low)
        law = {
            "uniform": stats.uniform(spread.low, spread.high - spread.low),
            "triangular": stats.triang(along, spread.low, spread.high - spread.low),
            "pert": stats.beta(1 + 4 * along, 5 - 4 * along, spread.low, spread.high - spread.low),
        }[spread.shape]
        assert stats.kstest(values, law.cdf).pvalue > 1e-5, item.key


def test_inputs_are_drawn_independently_of_each_other(drawn):
    table = np.array(list(drawn.values()))
    ranks = stats.rankdata(table, axis=1)
    others = np.corrcoef(ranks) - np.eye(len(ranks))
    assert np.max(np.abs(others)) < 5 / math.sqrt(table.shape[1])


def test_no_two_inputs_share_their_luck(main_job):
    refuse_collisions((item.key, draw_id(item.key, "input")) for item in main_job.inputs.ranged())


def test_a_draw_does_not_change_when_another_input_gets_a_range(main_job, shipped):
    """The same key, seed and number give the same value, whatever other files are there."""
    few, many = shipped.inputs.drawn(7, 3), main_job.inputs.drawn(7, 3)
    both = few.keys() & many.keys()
    assert len(both) > 20
    assert all(few[key] == many[key] for key in both)


def test_a_drawn_value_is_seen_by_every_formula_that_names_it(main_job):
    baseline = main_job.comparison.baseline.ref
    for h in (0.1, 0.3):
        values = Values(main_job.inputs, {H: h})
        assert values.named(baseline, "hospital_funded_rate") == h
        assert values.named(baseline, "hospital_funded") == pytest.approx(3814 * h)
        c = (
            values.named(baseline, "community_funded_if_assessed")
            * values.named(baseline, "community_assessed_share")
            * (1 - values.named(baseline, "community_resolved_share"))
        )
        assert 3814 * h + 6212 * c == pytest.approx(1982)


@pytest.fixture(scope="module")
def question(main_job):
    return Question(main_job, main_job.comparison)


@pytest.fixture(scope="module")
def ask(question):
    return lambda sets: [question.answer(over) for over in sets]


def test_central_inputs_give_the_central_answer(main_job, question):
    answer = question.answer({})
    ends = {s.transfer: s.compiled for s in main_job.comparison.scenarios}
    assert answer.nobody == pytest.approx(expected_by_source(ends[0.0], "funded_package"))
    assert answer.everybody == pytest.approx(expected_by_source(ends[1.0], "funded_package"))
    for transfer, compiled in ends.items():
        want = sum(expected_by_source(compiled, "funded_package").values()) - sum(answer.nobody.values())
        assert answer.difference(transfer) == pytest.approx(want, abs=1e-6)


def test_every_draw_keeps_hospital_packages_and_the_published_total(main_job, question):
    for draw in range(40):
        over = main_job.inputs.drawn(7, draw)
        answer = question.answer(over)
        assert answer is not None, "the ranges contradict each other"
        assert sum(answer.nobody.values()) == pytest.approx(1982)
        assert answer.nobody["hospital"] == pytest.approx(answer.everybody["hospital"])
        assert answer.nobody["hospital"] == pytest.approx(3814 * over[H])


def test_a_matched_transfer_is_matched_again_in_each_draw(main_job, question):
    harrow = next(t for t in main_job.experiment.comparison.transfers if t.match is not None)
    for draw in range(10):
        over = main_job.inputs.drawn(7, draw)
        answer = question.answer(over)
        share = question.share(harrow, answer, over)
        named = {key.rpartition(".")[2]: value for key, value in over.items()}
        change = named["harrow_fall"] * named["harrow_carried_over"]
        fall = share * (answer.everybody["community"] - answer.nobody["community"]) / answer.nobody["community"]
        assert fall == pytest.approx(change) or share in (0.0, 1.0)


def test_ranges_are_quantiles_of_the_draws(question, ask):
    table, contradictory = ranges(question, ask, 25)
    assert contradictory == 0
    answers = ask([question.prepared.inputs.drawn(question.prepared.experiment.seed, d) for d in range(25)])
    row = table[(table.measure == "funded_package") & (table.transfer == "full")].iloc[0]
    want = np.quantile([a.difference(1.0) for a in answers], [0.025, 0.5, 0.975])
    assert [row.low, row["median"], row.high] == pytest.approx(want.tolist())
    assert row.draws == 25
    nothing = table[table.transfer == "none"]
    assert not nothing[["low", "median", "high"]].to_numpy().any()


def test_contradictory_inputs_are_counted_and_left_out(question, monkeypatch):
    good = question.answer({})
    table, contradictory = ranges(question, lambda sets: [good, None, good], 3)
    assert contradictory == 1
    assert set(table.draws) == {2}
    assert question.answer({"models/shropshire_p2p.resolved_share": 1.4}) is None


def test_the_like_for_like_curve_and_its_break_even(question, ask):
    table, zero = like_for_like(question, ask)
    assert zero == pytest.approx((1982 - 0.074 * 6212) / 3814, abs=1e-9)
    assert np.interp(0.3, table.value, table.difference) == pytest.approx(-378, abs=1)
    assert (table.baseline - 1982).abs().max() < 1e-6
    slope = np.diff(table.difference) / np.diff(table.value)
    assert slope == pytest.approx([3814.0] * len(slope))


def test_a_zero_is_found_between_and_on_the_points():
    assert _zero([0.0, 1.0, 2.0], [-1.0, 1.0, 3.0]) == 0.5
    assert _zero([0.0, 1.0, 2.0], [-1.0, 0.0, 3.0]) == 1.0
    assert _zero([0.0, 1.0, 2.0], [-2.0, -1.0, 0.0]) == 2.0
    assert _zero([0.0, 1.0], [1.0, 2.0]) is None
    assert _zero([], []) is None


def test_swings_move_one_input_at_a_time(main_job, question, ask):
    full = next(t for t in main_job.experiment.comparison.transfers if t.value == 1)
    found = swings(question, ask, full)
    assert found[H].packages[1] - found[H].packages[0] == pytest.approx(3814 * 0.30)
    funded = found["models/shropshire_p2p.funded_if_assessed"].packages
    assert funded[1] - funded[0] == pytest.approx(0.074 * 6212 * (1 - 0.775))
    assert found["models/barnet_2014_15.need_weight"].packages == pytest.approx(
        [question.answer({}).difference(1.0)] * 2
    )
    table = inputs_table(main_job, found)
    assert table.iloc[0].key == H
    assert share_on_assumption(table) > 0.5
    squares = table.swing**2
    assumed = table.status.isin(["assumption", "unlabelled", "elicited"])
    assert share_on_assumption(table) == pytest.approx(squares[assumed].sum() / squares.sum())
