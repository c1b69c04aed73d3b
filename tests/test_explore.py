"""The page's own parts: what is moved, lived and saved is what the command line would do."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from small_configs import HUBS, small_configs

from experiments.explore.asked import EXPLORED
from experiments.explore.controls import round_step
from experiments.explore.evens import EVERYWHERE, NONE, NOT_KNOWN, Even, even_of
from experiments.explore.live import Hands, Run, lived, looks
from experiments.explore.saved import experiment_text
from experiments.explore.sessions import Limits, Sessions
from experiments.explore.state import Refused, State, models_in, state_of
from experiments.explore.view import first_look, second_look, waits_piece
from experiments.explore.waits import both_wait, waits_of
from experiments.explore.world import World
from experiments.explore.worlds import Worlds
from experiments.plan import prepare
from experiments.replicate import replicate
from simulation.engine_compiled import Cancelled
from simulation.errors import DemandflowError
from simulation.reading import SHIPPED

RATE = "models/barnet_2014_15.hospital_funded_rate"
HANDS = Hands(2)

ASKED = """
kind: experiment
name: asked
extends: small
comparison: {baseline: small, model: hubs}
"""


@pytest.fixture(scope="module")
def worlds(explored_config):
    return Worlds(explored_config)


@pytest.fixture(scope="module")
def world(worlds) -> World:
    return worlds.home


def last(world: World, state: State, most: int | None = None):
    asked = world.asked(state)
    return asked, list(lived(asked, Run(), HANDS, most or world.pairs))[-1]


def test_what_the_page_lives_is_what_the_experiment_lives(world):
    _, outcomes = last(world, world.published, 4)
    job = world.run.job
    for outcome in outcomes:
        theirs = replicate(job, outcome.replication).tallies
        for mine, name in (("", ""), (EXPLORED, world.config.headline_transfer)):
            for array, values in theirs[name].arrays().items():
                if array != "branch":  # a joined graph has more decisions
                    assert (outcome.tallies[mine].arrays()[array] == values).all(), array


def test_a_saved_state_run_as_an_experiment_lives_the_same(world, explored_config):
    state = State(*world.models, 0.37, ((RATE, 0.25), ("experiments/small.harrow_fall", -0.2)))
    asked, outcomes = last(world, state, 3)
    path = explored_config.parent / "explored.yaml"
    path.write_text(experiment_text(world, asked), encoding="utf-8")
    prepared = prepare(path)
    assert prepared.experiment.comparison.precision.first_look == world.pairs
    for outcome in outcomes:
        theirs = replicate(prepared.comparison.job, outcome.replication).tallies
        for name in ("people", "starts", "pence_days", "live"):
            for mine in ("", EXPLORED):
                assert (getattr(outcome.tallies[mine], name) == getattr(theirs[mine], name)).all()
    assert not (outcomes[0].tallies[EXPLORED].people == outcomes[0].tallies[""].people).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "models",
    [
        ("barnet_whole", "barnet_target"),
        ("barnet_whole", "barnet_with_newton"),  # their need scales depend on the share, so how it is lived tells
        ("barnet_staffed", "barnet_target"),  # people wait for each other
    ],
)
def test_other_models_saved_and_run_live_the_same_with_where_the_need_goes(models, tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.explore.world.FEW_SWINGS", -1)
    world = Worlds(SHIPPED / "experiments" / "barnet_target.yaml").world(models)
    rate = next(control for control in world.controls if control.key.endswith("assessment_days"))
    for share in (0.0, 0.37, 1.0):
        asked, outcomes = last(world, State(*models, share, ((rate.key, rate.high),)), 1)
        path = tmp_path / "explored.yaml"
        path.write_text(experiment_text(world, asked), encoding="utf-8")
        theirs = replicate(prepare(path).comparison.job, 0).tallies
        needs = asked.pair_with_ledger(0).tallies
        for mine in ("", EXPLORED):
            for array, values in outcomes[0].tallies[mine].arrays().items():
                if array not in ("branch", "ledger"):
                    assert (theirs[mine].arrays()[array] == values).all(), (share, array)
            assert (needs[mine].ledger == theirs[mine].ledger).all()
            assert needs[mine].ledger.sum() > 0


@pytest.mark.slow
def test_waits_follow_where_people_wait_for_somebody_in_both_models(monkeypatch):
    monkeypatch.setattr("experiments.explore.world.FEW_SWINGS", -1)
    worlds = Worlds(SHIPPED / "experiments" / "barnet_target.yaml")
    assert not both_wait(worlds.home.asked(worlds.home.published))  # today's teams are unlimited
    models = ("barnet_staffed", "barnet_target")
    world = worlds.world(models)
    pairs = {}
    for share in (0.0, 0.5, 1.0):
        asked = world.asked(State(*models, share))
        assert both_wait(asked)
        pairs[share] = waits_of(asked, 0)
    (same, still), (today, half), (_, whole) = pairs.values()
    assert same == still == today
    assert whole.days < half.days < today.days  # slots are many; today's assessments take weeks
    assert today.two_weeks < half.two_weeks < whole.two_weeks <= whole.four_weeks <= 1
    html = waits_piece(list(pairs.values())).told()["html"]
    assert "Seen within two weeks" in html and f"{today.days:.1f}" in html
    assert waits_piece([]).told()["html"] == ""


def test_the_first_picture_has_eight_pairs_and_the_interval_narrows(world):
    assert list(looks(30)) == [8, 16, 30]
    assert list(looks(8)) == [8]
    asked = world.asked(State(*world.models, 1.0))
    widths = []
    for outcomes in lived(asked, Run(), HANDS, world.pairs):
        told, pieces, _ = first_look(world, asked, outcomes)
        widths.append(told["high"] - told["low"])
        assert told["pairs"] == len(outcomes)
        assert told["low"] < told["value"] < told["high"]
    assert widths[-1] < widths[0]
    assert [piece.region for piece in pieces] == ["answer", "money", "care"]


def test_every_answer_tells_of_possibly_unmet_need_and_of_what_the_gap_is(world):
    for share in (0.0, 0.5):
        asked, outcomes = last(world, State(*world.models, share), 8)
        told, pieces, results = first_look(world, asked, outcomes)
        html = pieces[0].told()["html"]
        assert "ossibly unmet" in html
        assert "not an estimate of effect" in html
        rest = [piece.told() for piece in second_look(world, asked, outcomes, results, True)]
        assert {piece["region"] for piece in rest} == {"groups", "people", "ledger", "flow"}
        assert next(piece for piece in rest if piece["region"] == "flow")["charts"]
        assert "from 8 paired runs" in told["said"]


def test_a_stopped_run_ends_at_once(world):
    asked, run = world.asked(State(*world.models, 0.61)), Run()
    looked = lived(asked, run, HANDS, 10_000)
    next(looked)
    run.stop()
    begun = time.perf_counter()
    with pytest.raises(Cancelled):
        next(looked)
    assert time.perf_counter() - begun < 2
    assert len(asked.done) < 10_000


def test_the_engine_itself_is_stopped_in_mid_replication(monkeypatch):
    monkeypatch.setattr("experiments.explore.world.FEW_SWINGS", -1)
    whole, run = World(prepare(SHIPPED / "experiments" / "barnet_vs_shropshire.yaml")), Run()
    run.stop()  # looked at every 10,000 events
    with pytest.raises(Cancelled):
        whole.asked(whole.published).pair(0, run.flag)


def test_visitors_who_ask_at_the_same_time_get_their_own_answers(world, monkeypatch):
    monkeypatch.setattr("experiments.explore.world.FEW_SWINGS", -1)
    shares = [0.1, 0.9, 0.3, 0.7, 0.5, 1.0]

    def value(share: float) -> float:
        asked, outcomes = last(world, State(*world.models, share), 8)
        return first_look(world, asked, outcomes)[0]["value"]

    alone = [value(share) for share in shares]
    fresh = World(world.prepared)
    with ThreadPoolExecutor(6) as visitors:
        together = list(visitors.map(lambda share: (lambda a, o: first_look(fresh, a, o)[0]["value"])(
            *last(fresh, State(*world.models, share), 8)), shares))  # fmt: skip
    assert together == alone
    assert len(set(alone)) == len(alone)


def test_controls_are_the_ranged_inputs_by_what_they_move_with_their_evidence(world):
    ranged = {item.key for item in world.prepared.inputs.ranged()}
    assert {control.key for control in world.controls} == ranged
    first = world.controls[0]
    assert first.key == RATE
    assert first.swing >= world.controls[1].swing
    assert first.low < first.value < first.high
    assert first.status.capitalize() in first.hover
    assert first.range_why.rstrip(".") in first.hover


def test_at_a_break_even_the_two_models_come_to_the_same(world):
    rate = replace(world.controls[0], high=0.45)
    even = world.even(rate, (("experiments/small.harrow_fall", -0.2),))
    assert rate.low < even.at < rate.high
    assert even.said == f"no difference at {rate.said(even.at)}"
    asked, outcomes = last(world, State(*world.models, 1.0, ((RATE, even.at),)), 30)
    told = first_look(world, asked, outcomes)[0]
    assert abs(told["value"]) < told["high"] - told["low"]  # as it is lived: within twice the interval's half width
    asked, outcomes = last(world, State(*world.models, 1.0, ((RATE, even.at - 0.1),)), 30)
    assert first_look(world, asked, outcomes)[0]["high"] < 0


def test_every_input_has_its_break_even_or_a_sentence_that_there_is_none(world):
    assert set(world.evens) == {control.key for control in world.controls}
    rate = world.evens[RATE]  # the curve of the experiment goes on beyond the range
    assert rate.said.startswith("no difference at 0.39") and rate.said.endswith("beyond this range")
    assert world.evens["experiments/small.harrow_fall"] == Even(None, NONE)


@pytest.mark.parametrize(
    "gap, at, said",
    [
        (lambda x: x - 0.3, 0.3, "no difference at 0.30"),
        (lambda x: None if x < 0.2 else x - 0.5, 0.5, "no difference at 0.50"),
        (lambda x: None if x < 0.5 else x, None, NOT_KNOWN),
        (lambda x: None if 0.2 < x < 0.4 else x - 0.3, None, NOT_KNOWN),
        (lambda x: x + 1, None, NONE),
        (lambda x: 0.0, None, EVERYWHERE),
        (lambda x: x, 0.0, "no difference at 0.00"),
    ],
)
def test_break_evens_at_ends_within_and_among_values_that_contradict(world, gap, at, said):
    control = replace(world.controls[0], low=0.0, value=0.5, high=1.0, step=0.01)
    found = even_of(control, gap)
    assert found.said == said
    assert found.at == (None if at is None else pytest.approx(at, abs=0.001))


def test_a_step_is_round_and_about_a_hundredth():
    for low, high, step in ((0, 1, 0.01), (0.05, 0.35, 0.005), (0, 30000, 500), (2, 2, 1)):
        assert round_step(low, high) == pytest.approx(step)


def test_a_state_is_read_back_from_its_address_to_the_last_digit(world):
    state = State(*world.models, 1 / 3, ((RATE, 0.1 + 0.2 - 0.05),))
    address = [
        ("baseline", state.baseline),
        ("model", state.model),
        ("transfer", repr(1 / 3)),
        (f"in.{RATE}", repr(0.1 + 0.2 - 0.05)),
    ]
    assert state_of(address, world.models, world.choices, "harrow") == state
    assert state_of([], world.models, world.choices, "harrow") == world.published


@pytest.mark.parametrize(
    "given, told",
    [
        ([("transfer", "1.5")], "outside its range"),
        ([("transfer", "nan")], "not a number"),
        ([("transfer", True)], "not a number"),
        ([(f"in.{RATE}", "9")], "Give a value from"),
        ([(f"in.{RATE}", "1e999")], "not a number"),
        ([("in.../../etc/passwd", "0.1")], "no input"),
        ([("colour", "red")], "nothing that can be chosen"),
        ([("transfer", "0.5"), ("transfer", "0.6")], "twice"),
    ],
)
def test_a_state_that_cannot_be_is_refused_in_a_sentence(world, given, told):
    with pytest.raises(Refused, match=told):
        state_of(given, world.models, world.choices, "harrow")


def test_models_that_need_other_people_are_not_offered(worlds):
    assert "shropshire_p2p" not in worlds.titles["baseline"]  # nobody comes to it from hospital
    assert {"barnet_2014_15", "shropshire_p2p"} <= set(worlds.titles["model"])
    assert not {"nel_focus", "barnet_whole"} & {*worlds.titles["baseline"], *worlds.titles["model"]}
    with pytest.raises(Refused, match="Choose one of"):
        models_in([("model", "../secret")], worlds.titles, worlds.home.models)


def test_another_model_is_another_question(tmp_path):
    path = small_configs(tmp_path / "configs", {"models/hubs": HUBS, "experiments/asked": ASKED})
    worlds = Worlds(path / "experiments" / "asked.yaml")
    assert {"small", "hubs"} <= set(worlds.titles["baseline"])
    turned = worlds.world(worlds.home.models[::-1])

    def value(world: World) -> float:
        return first_look(world, *last(world, State(*world.models, 1.0), 8))[0]["value"]

    assert value(turned) == -value(worlds.home) != 0
    assert turned.prepared.experiment.question != worlds.home.prepared.experiment.question
    with pytest.raises(DemandflowError, match="not compared with itself"):
        worlds.world(("hubs", "hubs"))


def test_in_public_only_presets_can_be_chosen(explored_config):
    world = Worlds(explored_config, presets_only=True).home
    assert len(world.choices.controls) <= 3
    for given in ([("transfer", "0.41")], [(f"in.{RATE}", "0.2")]):
        with pytest.raises(Refused):
            state_of(given, world.models, world.choices, "harrow")
    control = world.choices.controls[RATE]
    assert state_of([(f"in.{RATE}", control.high)], world.models, world.choices, "harrow").over == (
        (RATE, control.high),
    )


def test_a_newer_question_stops_the_older_one_of_the_same_visitor_only():
    sessions = Sessions(Limits(runs=3, burst=10, each_second=1, from_one_place=2, pairs=8))
    first, other = sessions.begin("a" * 8, "here"), sessions.begin("b" * 8, "here")
    second = sessions.begin("a" * 8, "here")
    assert first.stopped and not other.stopped and not second.stopped
    sessions.end("a" * 8, first)  # the older one comes to its end and takes nothing away
    assert sessions.running == 2


def test_nobody_gets_more_than_their_share_of_the_work():
    now = [0.0]
    sessions = Sessions(Limits(runs=2, burst=2, each_second=1, from_one_place=2, pairs=8), lambda: now[0])
    sessions.begin("a" * 8, "here")
    sessions.begin("a" * 8, "here")
    with pytest.raises(Refused, match="Wait a few seconds"):
        sessions.begin("a" * 8, "here")
    now[0] = 2.0
    sessions.begin("a" * 8, "here")
    sessions.begin("b" * 8, "here")
    with pytest.raises(Refused, match="Many people"):
        sessions.begin("c" * 8, "there")
    for number in range(6):
        with pytest.raises(Refused):
            sessions.begin(f"other-{number:04}", "here")


def test_hands_do_first_pictures_before_refinements():
    hands, order, gate = Hands(1), [], threading.Event()
    hands.begin(0, gate.wait)
    later = hands.begin(16, lambda: order.append("refinement"))
    sooner = hands.begin(0, lambda: order.append("first picture"))
    gate.set()
    sooner.result(), later.result()
    assert order == ["first picture", "refinement"]
