"""A service that becomes another: months, money, waits and posts by vehicle, and what sets vehicles apart."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from intervals import assert_named
from twentieth import written

import experiments.report
from experiments.experiment import run_experiment
from experiments.plan import prepare
from experiments.transition.delivery import refused
from experiments.transition.figures import SERIES
from experiments.transition.job import live
from experiments.transition.runs import RATED, TODAY, adoption_of, pathway_of, practitioners, rosters
from experiments.transition.spans import Found, share_of_chance, span_of
from experiments.transition.spread import waits_spread
from experiments.transition.tables import waits
from simulation import census, engine_compiled, workload
from simulation.adoption import Adoption
from simulation.errors import ConfigError
from simulation.population import Finder
from simulation.service_axes import service_axes
from simulation.spells import care_of, lives, spells
from simulation.tally import MEASURES
from simulation.transition_tally import transition_tally
from simulation.workload import WAIT, WITHIN_DAYS, opening

LEAD, OVER = "public_service_mutual.rapid", "in_house.transformation"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The experiment, worked out."""
    path = written(tmp_path_factory.mktemp("configs"))
    return prepare(path).transition


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Its results on one worker and on two."""
    path = written(tmp_path_factory.mktemp("more"))
    patch = pytest.MonkeyPatch()
    patch.setattr(experiments.report, "build_report", lambda folder: [])
    out = tmp_path_factory.mktemp("out")
    made = [run_experiment(path, out / f"with_{n}", n, False, quiet=True) for n in (1, 2)]
    patch.undo()
    return made


@pytest.fixture(scope="module")
def outcome(small):
    """One replication at central inputs."""
    return small.job.outcome(0)


def table(folder, name):
    return pd.read_csv(folder / "tables" / f"{name}.csv")


def test_two_workers_write_what_one_writes(results):
    one, two = results
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(two)) for path in two.rglob("*") if path.is_file())
    for name in names:
        if name != "manifest.json":
            assert (one / name).read_bytes() == (two / name).read_bytes(), name
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in results]
    assert manifests[0]["transition"] == manifests[1]["transition"]
    assert [m["agreement"]["verdict"] for m in manifests] == ["agreed", "agreed"]
    assert {run["pathway"] for run in manifests[0]["agreement"]["runs"]} >= {TODAY, LEAD, OVER}


def test_the_tally_says_what_the_services_own_tallies_say(small):
    """By other functions, from the same trace: money, people in care, waits and hours."""
    world = small.world
    run = next(run for run in small.runs if run.name == OVER)
    pathway = pathway_of(run, world.settings, world.values, 1, 0)
    calendar, axes = world.settings.calendar, world.axes
    people = world.makers[True].make(1, 0)
    trace = engine_compiled.run(pathway, people, calendar, calendar.end, 1, 0)
    windows = opening(pathway, calendar, calendar.end)
    ours = transition_tally(trace, pathway, people, axes, windows)
    base = service_axes(pathway, axes.base.groups, calendar, small.config.warm_up_months, {}, {})
    who = Finder(people)(trace.person)
    care, rates = care_of(trace, pathway, who)
    group = people.codes["client_group"]
    theirs = census.spend(care, rates, np.zeros_like(pathway.recovered), group, base)

    def by_year(monthly):
        return monthly.reshape(monthly.shape[0], -1, 12, monthly.shape[2]).sum(axis=2)

    plain = replace(pathway, recovered=np.zeros_like(pathway.recovered))
    unreturned = transition_tally(trace, plain, people, axes, windows)
    assert np.array_equal(by_year(unreturned.gross), theirs[2])
    assert np.array_equal(by_year(unreturned.client), theirs[3])
    assert np.array_equal(by_year(ours.unpriced), theirs[1])
    assert ours.gross.sum() < unreturned.gross.sum(), "unspent direct payments come back"
    assert np.array_equal(by_year(ours.starts), census.started(care, group, base))
    seen = lives(trace, pathway, people, base.counted_sources)
    found = spells(seen)
    stays = workload.waits(found, base)
    for place, name in enumerate(axes.queues):
        stages = [s for s in range(len(pathway.stages)) if pathway.own_names[s] == name and axes.queue_of[s] >= 0]
        for column in (0, 1, *range(4, len(WAIT))):
            assert np.array_equal(ours.queues[place, :, column], stays[stages, :, column].sum(axis=0)), name
    since = workload.since_contact(seen, found, base)
    assert np.array_equal(ours.since_contact[..., [0, 1]], since[..., [0, 1]])
    theirs = workload.hours(found, pathway, windows, base, trace.end)
    for place, team in enumerate(axes.teams):
        at = pathway.teams.index(team)
        services = np.flatnonzero((pathway.team == at) & (pathway.kind != 6))
        assert len(services)
        assert np.array_equal(ours.hours[place], theirs[at]), team


def test_every_range_says_how_it_was_made(results):
    assert assert_named(results[0]) >= 9


def test_today_without_growth_is_held_against_its_warm_up(results):
    """Two years are too few for MSER-5: nothing is claimed, and the manifest says so."""
    rows = table(results[0], "transition_settled")
    assert set(rows["run"]) == {"today_without_growth"} and set(rows["warm_up_months"]) == {3}
    said = json.loads((results[0] / "manifest.json").read_text())["transition"]
    assert said["steady_state"]["steady"] == [] and said["growth"] is True
    assert sorted(said["steady_state"]["not_enough_data"]) == sorted(rows["stage"])


def test_running_packages_are_those_begun_less_those_ended(small):
    world = small.world
    run = small.runs[0]
    pathway = pathway_of(run, world.settings, world.values, 1, 0)
    people = world.makers[True].make(2, 0)
    calendar = world.settings.calendar
    trace = engine_compiled.run(pathway, people, calendar, calendar.end, 2, 0)
    tally = transition_tally(trace, pathway, people, world.axes, opening(pathway, calendar, calendar.end))
    care, _ = care_of(trace, pathway, Finder(people)(trace.person))
    for month, tick in enumerate(world.axes.base.month_ticks[1:].tolist()):
        assert tally.live[:, month].sum() == np.count_nonzero((care.first < tick) & (care.stop >= tick))


def alike(world):
    """The same world in which the lead vehicle has the other's months, scope and posts."""
    settings = world.settings
    other = settings.routes[OVER]
    same = replace(
        settings.routes[LEAD], starts=other.starts, months_to_full_scope=other.months_to_full_scope,
        scope_at_start=other.scope_at_start, capacity_share=other.capacity_share, capacity_from=other.capacity_from,
        capacity_to=other.capacity_to, efficiency_saving=other.efficiency_saving,
        in_scope_budget=other.in_scope_budget, recurring_share=other.recurring_share,
    )  # fmt: skip
    return replace(world, settings=replace(settings, routes={**settings.routes, LEAD: same}))


def test_vehicles_differ_only_by_dates_scope_posts_and_the_boards_table(small):
    """With no vehicle effect: give one vehicle the other's months and posts, and nothing is left between them."""
    runs = tuple(run for run in small.runs if run.name in (TODAY, LEAD, OVER))
    made = live(alike(small.world), runs, "x", "compiled", 1, 0, True).tallies
    for name, array in made[LEAD].arrays().items():
        assert np.array_equal(array, getattr(made[OVER], name)), name
    apart = live(small.world, runs, "x", "compiled", 1, 0, False).tallies
    assert not np.array_equal(apart[LEAD].savings, apart[OVER].savings), "their own months do set them apart"


def test_todays_model_saves_nothing_and_keeps_its_posts(small, outcome):
    today = outcome.tallies[TODAY]
    assert not today.savings.any() and not today.worth.any()
    posts = practitioners(small.world.settings.union.pathway, small.world.settings.calendar)
    assert set(posts) == {"social_care_direct", "social_work_teams"}
    first = small.config.warm_up_months
    assert today.posts.tolist() == [by_month[first:] for by_month in posts.values()]
    assert not today.months[SERIES.index("new_way")].any()


def test_savings_are_todays_spend_less_the_runs(outcome):
    """Released, freed and clients' parts together are what the care costs less, in whole pence-days."""
    today = outcome.tallies[TODAY]
    for name in (LEAD, OVER):
        run = outcome.tallies[name]
        gross = (today.months - run.months)[SERIES.index("spend_gross")].reshape(-1, 12).sum(axis=1)
        assert np.array_equal(run.savings[0, :, :, -1].sum(axis=0), gross)
        council = (today.months - run.months)[SERIES.index("spend_council")].reshape(-1, 12).sum(axis=1)
        assert np.array_equal(run.savings[0, :3, :, -1].sum(axis=0), council)
        assert np.array_equal((today.levels - run.levels)[0], council)


def test_optimism_taken_out_makes_savings_later_and_smaller(results, outcome):
    frame = table(results[0], "optimism").pivot_table(index=["run", "financial_year"], columns="view", values="mean")
    planned, sober = frame["as_planned"], frame["less_optimism"]
    assert (sober[planned > 0] <= planned[planned > 0] + 1e-6).all() and (planned > 0).any()
    figures = outcome.tallies[OVER]
    assert np.array_equal(figures.views[0], figures.nominal[0, :2, :, -1].sum(axis=0))


def test_ratings_enter_as_a_scenario_of_its_own_alone(small):
    rated = {run.vehicle: run.effect for run in small.runs if run.name.endswith(RATED)}
    assert rated == {"in_house": 0.0, "public_service_mutual": 0.5}
    assert all(run.effect == 0 for run in small.runs if run.headline)
    answer = {run.name for run in small.runs if run.headline}
    assert not any(name.endswith(RATED) for name in answer)


def test_who_takes_the_new_way_grows_with_adoption_and_stops_at_the_transfer(small, outcome):
    run = next(run for run in small.runs if run.name == OVER)
    settings = small.world.settings
    adoption = adoption_of(run, settings, small.world.values, 1, 0)
    assert adoption.shares.max() <= settings.transfers["harrow"] + 1e-12
    assert np.all(np.diff(adoption.shares, axis=1) >= 0)
    figures = outcome.tallies[OVER]
    took, could = (figures.months[SERIES.index(name), -12:].sum() for name in ("new_way", "could_change"))
    share = float(adoption.shares[-1, -1])
    assert abs(took / could - share) < 4 * (share * (1 - share) / could) ** 0.5 + 0.02


def test_posts_leave_with_the_saving_and_move_with_the_practice(small):
    run = next(run for run in small.runs if run.name == OVER)
    settings = replace(small.world.settings, moves={"social_work_teams": 2.0})
    everybody = Adoption.at_once(settings.calendar.months, tuple(t for t in settings.union.teams if t))
    nobody = Adoption.none(settings.calendar.months, tuple(t for t in settings.union.teams if t))
    now = practitioners(settings.union.pathway, settings.calendar)["social_work_teams"]
    moved = rosters(run, settings, everybody)["social_work_teams"]
    stayed = rosters(run, settings, nobody)["social_work_teams"]
    assert now == [3] * len(now) and stayed[0] == 3 and moved == [max(1, n - 2) for n in stayed]
    all_gone = replace(settings.routes[OVER], capacity_share=1.0, efficiency_saving=14_603_108, recurring_share=1.0)
    gone = rosters(run, replace(settings, routes={**settings.routes, OVER: all_gone}), nobody)
    assert gone["social_work_teams"][-1] == 1, "somebody stays"


def test_the_waterfall_adds_up_to_the_penny(results):
    frame = table(results[0], "waterfall")
    assert set(frame["financial_year"]) == {"2016/17", "2017/18", "2018/19", "2019/20"}
    for _, steps in frame.groupby("financial_year"):
        pence = (steps["pounds"] * 100).round().astype(int).tolist()
        assert sum(pence[:-1]) == pence[-1]
        assert "interaction" in steps["step"].tolist()


def test_what_is_delivered_stands_beside_what_is_asked(results):
    frame = table(results[0], "delivery")
    last = frame[(frame["financial_year"] == "2019/20") & (frame["yardstick"] == "whole")]
    assert last["asked"].unique().tolist() == pytest.approx([4_758_000 + 4_507_000 + 3_843_000])
    first = frame[(frame["financial_year"] == "2017/18") & (frame["yardstick"] == "whole")]
    assert first["asked"].unique().tolist() == [4_758_000]
    assert "2016/17" not in frame["financial_year"].tolist(), "nothing is asked before the vehicle"
    within = frame[(frame["financial_year"] == "2019/20") & (frame["yardstick"] == "addressable")]
    assert within["asked"].unique().tolist() == pytest.approx([6_554_000])
    factors = last.set_index("run")["published_factor"]
    assert factors[OVER] == 0.85 and factors[LEAD] == 0.95 and within["published_factor"].isna().all()
    assert last["p_met"].isna().all(), "too few draws for a probability"


def test_central_runs_have_their_ledger_and_drawn_ones_their_own_inputs(results):
    ledger = table(results[0], "transition_ledger")
    assert {"possibly_unmet", "met_by_carer", "self_funds"} <= set(ledger["row"])
    assert set(ledger["run"]) == {TODAY, OVER, LEAD, "public_service_mutual.standard"}
    by_unit = ledger.set_index(["run", "financial_year", "row", "unit"]).unstack("unit")
    hours, pounds = ("hours of need a week", "pounds a week if bought")
    for column in ("mean", "difference", "difference_low"):
        wanted = 13.79 * by_unit[column, hours].to_numpy()
        assert by_unit[column, pounds].to_numpy() == pytest.approx(wanted, nan_ok=True), "£13.79 an hour, PSS1415"
    assert by_unit["mean", pounds].sum() > 0
    said = json.loads((results[0] / "manifest.json").read_text())["transition"]
    assert said["probabilities_refused"] == []
    assert said["told_apart"] is None and "too few draws" in said["verdict"]
    assert "withheld" in said["ranking_withheld"] and len(said["missing_costs"]) == 2
    assert said["draws"] + said["contradictory_draws"] == 2


def test_one_draw_of_inputs_serves_every_vehicle(small):
    """Under drawn inputs too, both vehicles come to the same once they have the same months and posts."""
    maker = small.maker
    drawn = [maker.world(maker.inputs.drawn(small.job.seed, draw)) for draw in (3, 4)]
    shares = [{route.capacity_share for route in world.settings.routes.values()} for world in (small.world, *drawn)]
    assert [len(share) for share in shares] == [1, 1, 1], "an input that vehicles share is drawn once for all"
    assert len(set.union(*shares)) == 3 and drawn[0].yardstick.asked == drawn[1].yardstick.asked
    assert drawn[0].yardstick.addressable_share != drawn[1].yardstick.addressable_share
    runs = tuple(run for run in small.runs if run.name in (TODAY, LEAD, OVER))
    made = [live(world, runs, "x", "compiled", small.job.seed, 3, False).tallies for world in map(alike, drawn)]
    for tallies in made:
        for name, array in tallies[LEAD].arrays().items():
            assert np.array_equal(array, getattr(tallies[OVER], name)), name
    assert not np.array_equal(made[0][OVER].savings, made[1][OVER].savings), "another draw is another world"
    mine = small.drawn.outcome(3).tallies
    assert np.array_equal(mine[OVER].months, made[0][OVER].months), "the draw that the experiment's replication 3 has"
    assert not np.array_equal(mine[OVER].months, mine[LEAD].months)


def test_within_how_many_days_has_a_range_from_forty_replications_only(small, outcome, results):
    few = table(results[0], "transition_waits")
    columns = [f"within_{days}_{end}" for days in (14, 28) for end in ("low", "high")]
    assert len(few) and few[columns].isna().all().all() and few["within_14_days"].notna().any()
    many = waits(small, Found([outcome] * 40, []))
    assert many[columns].notna().all().all()


def test_waits_spread_as_the_other_table_says_of_two_and_four_weeks(small, outcome):
    many = Found([outcome, *[small.job.outcome(replication) for replication in (1, 2)]] * 14, [])
    spread, known = waits_spread(small, many), waits(small, many)
    keys = ["run", "since", "place", "financial_year"]
    spread, known = spread.set_index(keys), known[known["run"].isin(set(spread["run"]))].set_index(keys)
    assert set(spread.index) == set(known.index) and len(known)
    assert spread["seen_a_year"].groupby(keys).first().equals(known["seen_a_year"].sort_index())
    for days in (14, 28):
        one = spread[spread["days"] == days]
        columns = [f"within_{days}_{end}" for end in ("days", "low", "high")]
        assert np.array_equal(one[["share", "low", "high"]].to_numpy(), known[columns].to_numpy(), equal_nan=True)
        assert one["high"].notna().any()
        assert (one["share_low"] < one["share"] + 1e-12).all() and (one["share"] < one["share_high"] + 1e-12).all()
        assert (one["share_low"] < one["share_high"]).any()
    for _, one in spread.groupby(keys):
        assert list(one["days"]) == list(WITHIN_DAYS) and one["share"].is_monotonic_increasing


def test_an_assumption_without_a_range_is_named_and_stops_probabilities(tmp_path):
    path = written(tmp_path)
    text = path.read_text(encoding="utf-8").replace(
        "transition:\n",
        'transition:\n  addressable_share: {value: 0.5, status: assumption, why: "nobody knows", range: null}\n', 1
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    assert refused(prepare(path).transition) == ["experiments/twentieth:transition.addressable_share"]


def test_spans_need_forty_replications():
    few, many = list(range(39)), [float(n) for n in range(101)]
    assert np.isnan([span_of(few, few).low, span_of(few, few).chance_low]).all()
    span = span_of(many, many)
    assert (span.mean, span.low, span.high) == (50.0, 2.5, 97.5)
    assert span.chance_low < 0 < 100 < span.chance_high
    assert share_of_chance(many, [2 * n for n in many], 1).mean == pytest.approx(0.25)
    assert np.isnan(Found([], []).span("nothing", lambda f: 0.0).mean)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("pairs: 2", "pairs: 2\n  headline_transfer: most", "'most' is not one of the transfers"),
        ("team: social_work_teams", "team: community_hubs", "is not a team with a number of practitioners"),
        ("practitioners: 1,", "practitioners: 3,", "nobody would be left"),
        ("[in_house, public_service_mutual]", "[in_house, public_service_mutual, bcf]", "is no delivery vehicle"),
        ("[in_house, public_service_mutual]", "[in_house, nhs_shared_service]", "'public_service_mutual' is not one"),
        ("pairs: 2", "pairs: 2\n  model: barnet_whole", "would run the model 'barnet_target'"),
        ("pairs: 2", "pairs: 2\n  start: 2016-05-01", "in the middle of a financial year"),
        ("pairs: 2", "pairs: 2\n  years: 3", "lies outside the run"),
        ("pairs: 2", "pairs: 2\n  years: 5", "fy_2020_21 is needed"),
        ("pairs: 2", "pairs: 2\n  economics: mtfs", "has no economics"),
        ("pairs: 2", "pairs: 2\n  counted_sources: [moon]", "there is no source 'moon'"),
        ("pairs: 2", "pairs: 2\n  keeps_baseline: {colour: red}", "there is no attribute 'colour'"),
        ("effects: [0.5]", "effects: [-1]", "-1"),
    ],
)  # fmt: skip
def test_a_transition_that_cannot_be_is_refused_with_a_sentence(tmp_path, old, new, told):
    path = written(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        prepare(path)
    assert told in str(caught.value), str(caught.value)


def test_measures_are_lines_by_month():
    assert set(MEASURES) < set(SERIES)


@pytest.mark.parametrize(("dates", "told"), [("assumption", False), ("published", True)])
def test_a_lead_that_comes_from_an_assumed_month_tells_nothing_apart(small, outcome, dates, told):
    from experiments.transition.vehicles import vehicle_verdict

    settings = small.world.settings
    routes = {name: replace(route, dates_status=dates) for name, route in settings.routes.items()}
    world = replace(small.world, settings=replace(settings, routes=routes))
    drawn = [_with_more_saved(outcome, OVER, 1_000_000 + 1_000 * number) for number in range(40)]
    said = vehicle_verdict(replace(small, world=world), Found([], drawn))
    assert said["told_apart"] is told
    assert ("that is assumed for" in said["verdict"]) is not told
    assert said["lead_over"]["high"] < 0
    assert set(said["ranks_first"]) == {LEAD, OVER, "public_service_mutual.standard"}


def _with_more_saved(outcome, name, pounds):
    """The same replication with so much more cash saved by one run in its last year."""
    nominal = outcome.tallies[name].nominal.copy()
    nominal[0, 0, -1, -1] += 700 * pounds
    return replace(outcome, tallies={**outcome.tallies, name: replace(outcome.tallies[name], nominal=nominal)})


def test_a_tally_without_waits_counts_the_rest_alike(small):
    world = small.world
    run = next(run for run in small.runs if run.name == OVER)
    pathway = pathway_of(run, world.settings, world.values, 1, 0)
    calendar = world.settings.calendar
    people = world.makers[True].make(1, 0)
    trace = engine_compiled.run(pathway, people, calendar, calendar.end, 1, 0)
    whole = transition_tally(trace, pathway, people, world.axes, opening(pathway, calendar, calendar.end)).arrays()
    light = transition_tally(trace, pathway, people, world.axes, None).arrays()
    for name, array in light.items():
        timed = name in ("since_contact", "queues", "hours")
        assert not array.any() if timed else np.array_equal(array, whole[name]), name
        assert array.shape == whole[name].shape
