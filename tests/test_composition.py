"""The shortcut of the comparison: one run of nobody and one of everybody give any transfer between, exactly."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from conftest import A_YEAR, OUT, arrival, decision, exponential, follows, live, package, rows_of, service

from experiments import replicate as work
from experiments.matching import keeps_of
from experiments.plan import compile_pair
from experiments.replicate import Job, replicate
from simulation.composition import adopters, compose
from simulation.identity import draw_id
from simulation.people import SPREADS
from simulation.philox import first_of_each
from simulation.tally import axes, tally

NOW = {
    "come": arrival("desk"),
    "ward": arrival("desk", "hospital"),
    "desk": service("door", exponential(2.0)),
    "door": decision(("out", 0.66), ("visit", "rest"), follows_need=follows(0.5)),
    "visit": service("kind", exponential(200.0)),
    "kind": decision(("home", 0.7), ("homes", "rest"), follows_need=follows(0.7, "baseline")),
    "home": package(stay=exponential(100, "days")),
    "homes": package(stay=exponential(900, "days")),
    "out": OUT,
}
THEN = {
    **NOW,
    "door": decision(("out", 0.75), ("hub", "rest"), follows_need=follows(0.5)),
    "hub": service("again", exponential(100.0)),
    "again": decision(("out", 0.5), ("visit", "rest"), follows_need=follows(0.5)),
}


def job_of(toys, now, then, transfer, keeps, teams=None, demand=None):
    """The work of a comparison of two tiny models."""
    demand = demand or toys.demand(sources={"community": 2000.0, "hospital": 1500.0})
    first, second = toys.model(now, name="now", teams=teams), toys.model(then, name="then", teams=teams)
    values = toys.values(first, second, demand)
    pathways = {
        share: compile_pair(first, second, demand, None, values, share, keeps).pathway for share in (0.0, transfer, 1.0)
    }
    maker = toys.maker(demand, A_YEAR)
    return Job(
        key="comparison",
        maker=maker,
        calendar=A_YEAR,
        follow_up_days=365,
        seed=4,
        axes=axes(pathways[0.0], maker.space["client_group"], A_YEAR),
        nobody=pathways[0.0],
        everybody=pathways[1.0],
        scenarios=(("between", transfer, pathways[transfer]),),
        keeps=keeps,
    )


def direct(job, replication=0):
    """The tally of a run of the joint pathway itself, and its trace."""
    people = job.maker.make(job.seed, replication)
    ((_, _, pathway),) = job.scenarios
    trace = live(pathway, people, job.calendar, end=job.end, seed=job.seed, replication=replication)
    return tally(trace, pathway, people, job.axes, job.calendar), trace, people


def composed(job, replication=0):
    people = job.maker.make(job.seed, replication)
    ((_, transfer, _),) = job.scenarios
    runs = [
        live(p, people, job.calendar, end=job.end, seed=job.seed, replication=replication)
        for p in (job.nobody, job.everybody)
    ]
    changed = work.who_changes(job, people, transfer, replication)
    return compose(*runs, people, changed)


def without_adoption(trace, pathway):
    """Rows but for the branch taken at the adoption itself, whose probabilities differ between the pathways."""
    adoption = {i for i, name in enumerate(pathway.stages) if name.startswith("adoption")}
    return sorted(row for row in rows_of(trace) if row[2] not in adoption)


@pytest.mark.parametrize("name", ["harrow", "half"])
def test_the_shipped_comparison_composed_is_the_comparison_run(main_job, name):
    job = main_job.comparison.job
    scenario = next(s for s in job.scenarios if s[0] == name)
    assert scenario[1] == pytest.approx({"harrow": 0.384, "half": 0.5}[name], abs=5e-4)
    job = replace(job, scenarios=(scenario,))
    want, trace, _ = direct(job)
    made = composed(job)
    assert sorted(rows_of(made)) == sorted(rows_of(trace))
    outcome = replicate(job, 0).tallies[name]
    for measure, array in want.arrays().items():
        assert np.array_equal(array, getattr(outcome, measure)), measure


@pytest.mark.parametrize("transfer", [0.05, 0.384, 0.9])
@pytest.mark.parametrize("keeps", [{}, {"source": ["hospital"]}, {"means": ["above_limit"], "source": ["hospital"]}])
def test_any_transfer_follows_from_the_two_ends(toys, transfer, keeps):
    job = job_of(toys, NOW, THEN, transfer, keeps)
    want, trace, _ = direct(job)
    assert sorted(rows_of(composed(job))) == sorted(rows_of(trace))
    got = replicate(job, 0).tallies["between"]
    assert all(np.array_equal(array, getattr(got, name)) for name, array in want.arrays().items())


def runs_made(job, monkeypatch):
    """How many traces the SimPy engine makes, whose runs are worth saving; the compiled one runs each transfer."""
    made = []
    real = work._run
    monkeypatch.setattr(work, "_run", lambda *args: made.append(1) or real(*args))
    outcome = replicate(replace(job, engine="simpy"), 0)
    compiled = replicate(job, 0)
    for name, found in outcome.tallies.items():
        own = compiled.tallies[name].arrays()
        assert all(np.array_equal(array, own[n]) for n, array in found.arrays().items()), name
    return len(made), outcome


def test_the_shortcut_saves_the_third_run(toys, monkeypatch):
    assert runs_made(job_of(toys, NOW, THEN, 0.5, {}), monkeypatch)[0] == 2


@pytest.mark.parametrize("size", [3, 1])
def test_a_team_of_limited_size_turns_the_shortcut_off(toys, monkeypatch, size):
    """People wait for each other, so that who changes touches everybody; the third run is made and is the truth."""
    job = job_of(toys, NOW, THEN, 0.5, {"source": ["hospital"]}, teams={"team": size})
    made, outcome = runs_made(job, monkeypatch)
    assert made == 3
    want, trace, _ = direct(job)
    assert all(np.array_equal(array, getattr(outcome.tallies["between"], n)) for n, array in want.arrays().items())
    assert sorted(rows_of(composed(job))) != sorted(rows_of(trace))


def test_a_change_of_type_that_mixes_keepers_and_adopters_turns_the_shortcut_off(toys, monkeypatch):
    """Keepers and others become one type on the way and are ranked together: that scale hangs on the transfer."""
    now = {
        "come": arrival("door"),
        "ward": arrival("door", "hospital"),
        "door": decision(("helped", {"informal_support": "false"}), ("first", "rest")),
        "first": decision(("out", 0.8), ("helped", "rest"), follows_need=follows(1.0)),
        "helped": {"kind": "set", "attribute": "informal_support", "value": "true", "to": "kind"},
        "kind": decision(("home", 0.5), ("homes", "rest"), follows_need=follows(1.0)),
        "home": package(stay=exponential(100, "days")),
        "homes": package(stay=exponential(900, "days")),
        "out": OUT,
    }
    then = {**now, "first": decision(("out", 0.95), ("helped", "rest"), follows_need=follows(1.0))}
    job = job_of(toys, now, then, 0.5, {"informal_support": ["true"]})
    made, outcome = runs_made(job, monkeypatch)
    want, _, _ = direct(job)
    assert all(np.array_equal(array, getattr(outcome.tallies["between"], n)) for n, array in want.arrays().items())
    assert made == 3


def test_who_changes_at_a_small_transfer_changes_at_every_larger_one(main_job):
    job = main_job.comparison.job
    people = job.maker.make(job.seed, 0)
    before = np.zeros(people.size, dtype=bool)
    for transfer in (0.0, 0.1, 0.384, 0.5, 0.99, 1.0):
        now = adopters(people, transfer, job.seed, 0)
        assert not np.any(before & ~now)
        assert abs(now.sum() - transfer * people.size) <= 4 * math.sqrt(people.size * transfer * (1 - transfer))
        before = now


def test_adoption_is_independent_of_everything_else_a_person_is_or_draws(main_job):
    job = main_job.comparison.job
    people = job.maker.make(job.seed, 1)
    ids = people.person.astype(np.uint64)
    adoption = first_of_each(ids, draw_id("adoption", "branch"), 0, 0, job.seed, 1)
    pathway = job.everybody
    ids_of_draws = {
        (pathway.own_names[s], k): int(d[s])
        for k, d in (("branch", pathway.draw_branch), ("duration", pathway.draw_duration))
        for s in range(len(pathway.stages))
        if not pathway.stages[s].startswith("adoption")
    }
    limit = 4.5 / math.sqrt(people.size)
    for name, draw in ids_of_draws.items():
        other = first_of_each(ids, draw, 0, 0, job.seed, 1)
        assert abs(np.corrcoef(adoption, other)[0, 1]) < limit, name
    for name in SPREADS:
        if people.codes[name].std() > 0:
            assert abs(np.corrcoef(adoption, people.codes[name])[0, 1]) < limit, name
    assert abs(np.corrcoef(adoption, people.rank)[0, 1]) < limit
    assert abs(np.corrcoef(adoption, people.time)[0, 1]) < limit


def test_no_stage_may_take_the_name_of_the_adoption_draw(toys):
    """A decision that shared the adoption's luck would send all who change the same way."""
    from simulation.errors import ConfigError

    now = {**NOW, "adoption": service("kind", 1.0), "visit": {**NOW["visit"], "to": "adoption"}}
    with pytest.raises(ConfigError, match="adoption"):
        job_of(toys, now, THEN, 0.5, {})
    named = {**NOW, "door": {**NOW["door"], "draw": "adoption"}}
    with pytest.raises(ConfigError, match="adoption"):
        job_of(toys, named, THEN, 0.5, {})


def test_expectations_are_a_straight_line_in_the_transfer(toys):
    from experiments.matching import expected_by_source

    demand = toys.demand(sources={"community": 2000.0, "hospital": 1500.0})
    first, second = toys.model(NOW, name="now"), toys.model(THEN, name="then")
    values = toys.values(first, second, demand)
    got = {
        share: sum(
            expected_by_source(compile_pair(first, second, demand, None, values, share, {}), "funded_package").values()
        )
        for share in (0.0, 0.3, 1.0)
    }
    assert got[0.3] == pytest.approx(0.7 * got[0.0] + 0.3 * got[1.0], rel=1e-9)


def test_keeping_an_unknown_attribute_or_value_is_refused(main_job):
    from simulation.errors import ConfigError

    for wrong in ({"colour": ["red"]}, {"source": ["moon"]}):
        with pytest.raises(ConfigError):
            keeps_of(wrong, ("comparison", "keeps_baseline"), main_job.loaded, main_job.comparison.demand)
