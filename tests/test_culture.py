"""The culture model: it stays between 0 and 1, does nothing of itself, and its means are those of its own equations.

A model of a hypothesis can be held to what it says, and to nothing else: none of its numbers is measured.
"""

from __future__ import annotations

import gc
import math
import random
from dataclasses import replace
from datetime import date

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.drivers import Drivers
from simulation.adoption import NO_TEAM
from simulation.calendar import Calendar
from simulation.change import adoption_for, effect_of_rating, in_a_month
from simulation.culture import CultureModel, run
from simulation.errors import ConfigError, DemandflowError
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.reading import SHIPPED

LAUNCH = 2016 * 12 + 11
SHARE = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0]))
DRIVERS = st.builds(
    Drivers,
    training_reach=SHARE,
    training_effect=SHARE,
    training_months=st.one_of(st.floats(0, 30), st.just(math.inf)),
    leadership=SHARE,
    leadership_pull=SHARE,
    peer_pull=SHARE,
    slipping=SHARE,
    leaving=SHARE,
    newcomers_practice=SHARE,
    least_receptive=SHARE,
)
SIZES = st.dictionaries(st.sampled_from(["hub", "hospital", "desk", "reviews"]), st.integers(1, 6), min_size=1)
SEEDS = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
USUAL = Drivers(0.1, 0.4, 24, 0.6, 0.06, 0.1, 0.03, in_a_month(0.13), 0.0, 0.3)
FOUR_YEARS = Calendar(date(2016, 4, 1), 48)
TEAMS = ("social_care_direct", "social_work_teams", "community_hubs")
quick = settings(max_examples=40, deadline=None)


def table(drivers, sizes, months=24, launch=LAUNCH, seed=1, replication=0):
    """All rows of a run, shape (teams and everybody, months)."""
    return np.array(list(run(drivers, sizes, launch, months, seed, replication).values()))


@quick
@given(drivers=DRIVERS, sizes=SIZES, seeds=SEEDS)
def test_adoption_never_leaves_0_to_1(drivers, sizes, seeds):
    rows = table(drivers, sizes, 24, LAUNCH, *seeds)
    assert rows.shape == (len(sizes) + 1, 24)
    assert np.all((rows >= 0) & (rows <= 1))
    assert np.all(rows[:, 0] == 0)


@quick
@given(drivers=DRIVERS, sizes=SIZES, seeds=SEEDS)
def test_without_drivers_nothing_changes(drivers, sizes, seeds):
    """Neither training that reaches nobody, nor leaders who do not stand behind it, nor leavers, nor colleagues."""
    idle = replace(drivers, training_reach=0.0, leadership=0.0, newcomers_practice=0.0)
    assert not table(idle, sizes, 24, LAUNCH, *seeds).any()


RAISES = (
    "training_reach",
    "training_effect",
    "training_months",
    "leadership",
    "leadership_pull",
    "newcomers_practice",
    "least_receptive",
)


@pytest.mark.parametrize("driver", RAISES)
@settings(max_examples=15, deadline=None)
@given(drivers=DRIVERS, more=SHARE, sizes=SIZES, seeds=SEEDS)
def test_more_of_what_drives_never_lowers_adoption(driver, drivers, more, sizes, seeds):
    before = getattr(drivers, driver)
    after = before + 30 * more if driver == "training_months" else before + (1 - before) * more
    much = replace(drivers, **{driver: after})
    assert np.all(table(much, sizes, 24, LAUNCH, *seeds) >= table(drivers, sizes, 24, LAUNCH, *seeds))


@pytest.mark.parametrize("driver", ["slipping", "leaving"])
@settings(max_examples=15, deadline=None)
@given(drivers=DRIVERS, more=SHARE, sizes=SIZES, seeds=SEEDS)
def test_more_slipping_and_leaving_never_raise_adoption(driver, drivers, more, sizes, seeds):
    drivers = replace(drivers, newcomers_practice=0.0)
    before = getattr(drivers, driver)
    much = replace(drivers, **{driver: before + (1 - before) * more})
    assert np.all(table(much, sizes, 24, LAUNCH, *seeds) <= table(drivers, sizes, 24, LAUNCH, *seeds))


@quick
@given(drivers=DRIVERS, sizes=SIZES, seeds=SEEDS, earlier=st.integers(0, 12))
def test_an_earlier_launch_is_never_behind_in_the_same_month(drivers, sizes, seeds, earlier):
    """Only while the programme goes on: one that began earlier also ends earlier."""
    drivers = replace(drivers, training_months=math.inf)
    early = table(drivers, sizes, 12 + earlier, LAUNCH - earlier, *seeds)
    assert np.all(early[:, earlier:] >= table(drivers, sizes, 12, LAUNCH, *seeds))


def test_each_driver_does_something():
    """Otherwise the tests above could hold because nothing ever moves."""
    usual = table(USUAL, {"team": 30}, 36)[0]
    for driver, value in {
        "training_reach": 0.2,
        "training_effect": 0.8,
        "training_months": 12,
        "leadership": 0.9,
        "leadership_pull": 0.12,
        "peer_pull": 0.3,
        "slipping": 0.06,
        "leaving": 0.05,
        "newcomers_practice": 0.5,
        "least_receptive": 0.9,
    }.items():
        assert abs(table(replace(USUAL, **{driver: value}), {"team": 30}, 36)[0, -1] - usual[-1]) > 1e-4, driver


@quick
@given(drivers=DRIVERS, sizes=SIZES, seeds=SEEDS)
def test_the_order_of_teams_and_other_teams_change_nothing(drivers, sizes, seeds):
    turned = dict(reversed(sizes.items()))
    rows, others = run(drivers, sizes, LAUNCH, 12, *seeds), run(drivers, turned, LAUNCH, 12, *seeds)
    assert {team: row.tolist() for team, row in rows.items()} == {team: row.tolist() for team, row in others.items()}
    alone = next(iter(sizes))
    assert run(drivers, {alone: sizes[alone]}, LAUNCH, 12, *seeds)[alone].tolist() == rows[alone].tolist()


def test_a_seat_has_the_same_luck_whoever_sits_beside_it():
    """With no colleagues' pull a larger team's first seats do as in a small one: 2 of 3 seats are the team of 2."""
    alone = replace(USUAL, peer_pull=0.0)
    models = [CultureModel(alone, {"team": size}, LAUNCH, 1, 0) for size in (2, 3)]
    try:
        for _ in range(24):
            for model in models:
                model.step()
        two, three = ([member.practice for member in model.teams[0].practitioners] for model in models)
    finally:
        for model in models:
            model.close()
    assert two == three[:2]
    assert len(set(three)) == 3


def expected(drivers, months):
    """The mean by the model's own equations, where everybody is equally receptive; see docs/change.md."""
    mean, means = 0.0, [0.0]
    for month in range(months - 1):
        mean = (1 - drivers.leaving) * mean + drivers.leaving * drivers.newcomers_practice
        reach = drivers.training_reach if month < drivers.training_months else 0.0
        mean = 1 - (1 - mean) * (1 - reach * drivers.training_effect)
        mean = 1 - (1 - mean) * (1 - drivers.leadership * drivers.leadership_pull)
        mean *= 1 - drivers.slipping * (1 - drivers.leadership)
        means.append(mean)
    return np.array(means)


@pytest.mark.parametrize("peer_pull", [0.0, 0.3])
def test_means_are_those_of_the_equations(peer_pull):
    """Worked out without agents. Colleagues spread practice and move no mean, so their pull must not matter."""
    drivers = replace(USUAL, peer_pull=peer_pull, least_receptive=1.0, newcomers_practice=0.1)
    found = np.array([table(drivers, {"team": 20}, 36, replication=r)[0] for r in range(60)])
    means, errors = found.mean(axis=0)[1:], found.std(axis=0, ddof=1)[1:] / math.sqrt(60)
    z = (means - expected(drivers, 36)[1:]) / errors
    assert np.abs(z).max() < 4
    assert errors.max() < 0.02


def test_training_of_everybody_at_once_goes_by_the_hand_worked_steps():
    """Half of the way each month, for three months, no chance in it: ½, ¾, ⅞; then a tenth is lost each month."""
    drivers = Drivers(training_reach=1.0, training_effect=0.5, training_months=3, slipping=0.1)
    row = table(drivers, {"team": 5}, 6)[0]
    slips = 0.9
    first = 0.5 * slips
    second = (1 - (1 - first) / 2) * slips
    third = (1 - (1 - second) / 2) * slips
    assert row.tolist() == pytest.approx([0, first, second, third, third * slips, third * slips**2], abs=1e-12)


def test_turnover_alone_erodes_practice_once_training_stops():
    drivers = replace(USUAL, leadership=0.0, slipping=0.0, training_months=12)
    row = table(drivers, {"team": 200}, 72)[0]
    assert row[12] > 0.2
    assert np.all(np.diff(row[12:]) <= 1e-9)
    assert row[71] < 0.7 * row[12]
    stays = table(replace(drivers, leaving=0.0), {"team": 200}, 72)[0]
    assert np.allclose(stays[12:], stays[12], atol=1e-9)


def test_the_same_seed_gives_the_same_table_and_another_does_not():
    sizes = {"hub": 12, "desk": 4}
    assert table(USUAL, sizes, replication=3).tolist() == table(USUAL, sizes, replication=3).tolist()
    assert table(USUAL, sizes, replication=3).tolist() != table(USUAL, sizes, replication=4).tolist()
    assert table(USUAL, sizes, seed=2).tolist() != table(USUAL, sizes, seed=3).tolist()


def test_luck_comes_from_nowhere_else(monkeypatch):
    want = table(USUAL, {"hub": 12})
    model = CultureModel(USUAL, {"hub": 12}, LAUNCH, 1, 0)

    class Poison:
        def __getattr__(self, name):
            raise AssertionError("somebody drew from Mesa's generator")

    model.random = model.rng = Poison()
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    rows = [model.practice()]
    for _ in range(23):
        model.step()
        rows.append(model.practice())
    model.close()
    assert np.array(rows).T.tolist() == want.tolist()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def test_no_model_is_kept_alive(monkeypatch):
    before = len(mesa.Agent._ids)
    for replication in range(3):
        table(USUAL, {"hub": 5}, replication=replication)
    monkeypatch.setattr(CultureModel, "step", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        table(USUAL, {"hub": 5})
    assert len(mesa.Agent._ids) == before
    gc.collect()
    assert not [thing for thing in gc.get_objects() if type(thing) is CultureModel]


@pytest.mark.parametrize(
    "bad", [{"leaving": 1.1}, {"training_reach": -0.1}, {"slipping": math.nan}, {"training_months": -1}]
)
def test_drivers_that_cannot_be_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Drivers(**bad)


@pytest.mark.parametrize("sizes", [{}, {"hub": 0}, {NO_TEAM: 3}])
def test_teams_that_cannot_be_are_refused(sizes):
    with pytest.raises(ValueError, match="teams"):
        run(USUAL, sizes, LAUNCH, 3, 1, 0)


# From files


def opened(path) -> tuple[Loaded, Inputs]:
    library = Library()
    loaded = library.load(path)
    inputs = Inputs(library)
    inputs.add(loaded)
    return loaded, inputs


def shipped(name) -> tuple[Loaded, Values]:
    loaded, inputs = opened(SHIPPED / "change" / f"{name}.yaml")
    return loaded, Values(inputs)


def adopted(name, launch="2016-12", seed=1, replication=0, **more):
    return adoption_for(*shipped(name), FOUR_YEARS, TEAMS, launch, seed, replication, **more)


def test_both_accounts_give_a_row_for_each_team_and_nothing_before_the_launch():
    for name in ("s_curve", "culture"):
        adoption = adopted(name)
        assert adoption.teams == (*TEAMS, NO_TEAM)
        assert adoption.months == 48
        assert not adoption.shares[:, :9].any()  # April 2016 to December 2016, whose first day is the launch
        assert np.all(adoption.shares[:, 9] > 0)


def test_the_shipped_s_curve_ends_exactly_and_the_culture_model_need_not():
    curve, culture = adopted("s_curve"), adopted("culture")
    assert curve.at(NO_TEAM, 31) < 1.0 == curve.at(NO_TEAM, 32)
    assert 0.2 < culture.at(NO_TEAM, 47) < 0.95


def test_a_team_that_the_file_does_not_list_takes_everybodys_mean():
    adoption = adopted("culture")
    assert adoption.of("community_hubs").tolist() == adoption.of(NO_TEAM).tolist()
    assert adoption.of("social_work_teams").tolist() != adoption.of(NO_TEAM).tolist()


def test_change_may_be_under_way_before_the_run_or_come_after_it():
    for name in ("s_curve", "culture"):
        early = adopted(name, launch="2015-12")
        assert np.all(early.shares[:, 0] > 0)
        assert not adopted(name, launch="2020-04").shares.any()
        assert not adopted(name, launch="2020-03").shares.any()
        longer = Calendar(date(2015, 4, 1), 60)
        whole = adoption_for(*shipped(name), longer, TEAMS, "2015-12", 1, 0)
        assert whole.shares[:, 12:].tolist() == early.shares.tolist()


def test_a_vehicle_differs_from_another_only_in_its_launch_unless_an_effect_is_asked_for():
    assert (
        adopted("culture").shares.tolist() == adopted("culture", effect=effect_of_rating("HIGH", 0.0)).shares.tolist()
    )
    for name in ("s_curve", "culture"):
        slow, usual, fast = (
            adopted(name, effect=effect_of_rating(rating, 0.5)).shares for rating in ("LOW", "MEDIUM", "HIGH")
        )
        assert usual.tolist() == adopted(name).shares.tolist()
        assert np.all(slow <= usual) and np.all(usual <= fast)
        assert slow.sum() < usual.sum() < fast.sum()


def test_what_a_rating_means_goes_both_ways_alike():
    assert effect_of_rating("HIGH", 0.25) == 0.25
    assert (1 + effect_of_rating("HIGH", 0.25)) * (1 + effect_of_rating("LOW", 0.25)) == pytest.approx(1)
    assert {effect_of_rating(rating, 0.0) for rating in ("LOW", "MEDIUM", "HIGH")} == {0.0}
    with pytest.raises(
        DemandflowError, match=r"'VERY HIGH' is not on the board's scale of ratings\. Use: LOW, MEDIUM, HIGH"
    ):
        effect_of_rating("VERY HIGH", 0.1)
    with pytest.raises(DemandflowError, match="not a size"):
        effect_of_rating("HIGH", -0.1)


def test_time_that_was_planned_too_short_makes_the_curve_longer():
    curve = adopted("s_curve", overrun=0.25)
    assert curve.at(NO_TEAM, 37) < 1.0 == curve.at(NO_TEAM, 38)


def test_the_effect_of_a_vehicle_is_never_drawn():
    """A scenario: its size has no evidence, and a draw from its range would rank vehicles by the board's judgement."""
    for name in ("s_curve", "culture"):
        loaded, inputs = opened(SHIPPED / "change" / f"{name}.yaml")
        assert not [key for key in inputs.inputs if "vehicle_effect" in key]
        assert loaded.config.vehicle_effect.value == 0
        assert loaded.config.vehicle_effect.range.high > 0


def test_every_number_of_the_culture_model_is_drawn_and_says_why():
    loaded, inputs = opened(SHIPPED / "change" / "culture.yaml")
    ranged = {item.key for item in inputs.ranged()}
    rests = {key for item in inputs.inputs.values() for key in inputs.rests_on(item.key)}
    assert rests == ranged
    for item in inputs.ranged():
        assert item.evidence.why or item.evidence.source
    assert "not a finding" in loaded.config.hypothesis


@pytest.mark.parametrize("name", ["s_curve", "culture"])
def test_any_drawn_set_gives_adoption(name):
    loaded, inputs = opened(SHIPPED / "change" / f"{name}.yaml")
    ends = []
    for draw in range(12):
        adoption = adoption_for(loaded, Values(inputs, inputs.drawn(5, draw)), FOUR_YEARS, TEAMS, "2016-12", 5, draw)
        ends.append(adoption.at(NO_TEAM, 24))
    assert len(set(ends)) == 12


def said(error) -> list[str]:
    return [str(problem) for problem in error.value.problems]


def test_a_team_that_the_models_do_not_have_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(SHIPPED.parent)
    with pytest.raises(ConfigError) as error:
        adoption_for(*shipped("culture"), FOUR_YEARS, ("social_care_direct", "social_work_team"), "2016-12", 1, 0)
    assert len(said(error)) == 1
    assert said(error)[0].startswith("configs/change/culture.yaml:")
    assert said(error)[0].endswith(
        "adoption.teams.social_work_teams: 'social_work_teams' is not a team of the models that change. "
        "Did you mean 'social_work_team'?"
    )
    path = tmp_path / "change" / "late.yaml"
    path.parent.mkdir()
    path.write_text("kind: change\nname: late\nextends: s_curve\nadoption:\n  later: {hubs: 3}\n", encoding="utf-8")
    loaded, inputs = opened(path)
    with pytest.raises(ConfigError, match=r"late\.yaml:5: adoption\.later\.hubs: 'hubs' is not a team"):
        adoption_for(loaded, Values(inputs), FOUR_YEARS, TEAMS, "2016-12", 1, 0)
    later = adoption_for(loaded, Values(inputs), FOUR_YEARS, ("hubs", "desk"), "2016-12", 1, 0)
    assert later.of("hubs")[11] == 0 < later.of("desk")[9]


def test_a_parameter_whose_range_leaves_its_bounds_is_told_where_it_stands(tmp_path):
    path = tmp_path / "change" / "wide.yaml"
    path.parent.mkdir()
    evidence = '{value: 0.5, status: assumption, why: "for a test", range: {low: 0, high: 2, why: "for a test"}}'
    text = f"kind: change\nname: wide\nextends: culture\nparameters:\n  training_reach:\n    {evidence}\n"
    path.write_text(text, encoding="utf-8")
    loaded, inputs = opened(path)
    with pytest.raises(
        ConfigError, match=r"wide\.yaml:6: parameters\.training_reach: the range runs from 0 to 2\. Keep"
    ):
        adoption_for(loaded, Values(inputs), FOUR_YEARS, TEAMS, "2016-12", 1, 0)


@pytest.mark.parametrize("launch", ["2016-13", "2016", "December 2016", "16-12", "2016-12-01", ""])
def test_a_launch_that_is_no_month_is_told(launch):
    with pytest.raises(DemandflowError, match=r"not a month of launch\. Write year and month, such as 2016-12"):
        adopted("s_curve", launch=launch)


@pytest.mark.parametrize("more", [{"effect": -1.0}, {"effect": math.nan}, {"overrun": -0.1}, {"overrun": math.inf}])
def test_an_effect_or_overrun_that_cannot_be_is_told(more):
    with pytest.raises(DemandflowError, match="Give a"):
        adopted("s_curve", **more)
