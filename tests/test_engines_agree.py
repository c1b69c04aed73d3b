"""Each engine proves the other: random pathways and those that ship give the same trace, row for row, unsorted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from agreeing import agreed, difference, lived
from conftest import DAY, HOUR, OUT, Toys, arrival, constant, decision, exponential, package, rows_of, service
from hypothesis import HealthCheck, given, reject, seed, settings
from kinds import appointments, fork, hazard, longest, outcome, places
from one_of_everything import written
from pathways import worlds
from test_models import MODELS, demand_of
from worlds import Run, Somebody, World, run_of

from agents.codes import Event, Kind
from experiments.agreement import enough, part_of, scaled
from experiments.plan import prepare, prices_of
from simulation import engine_compiled, engine_simpy
from simulation.calendar import Calendar
from simulation.compiler import compile_graph
from simulation.errors import DemandflowError
from simulation.graph import of_model
from simulation.pathway import UNLIMITED, Pathway
from simulation.population import PopulationMaker
from simulation.reading import SHIPPED

EXPERIMENTS = sorted(path.stem for path in (SHIPPED / "experiments").glob("*.yaml"))
YEAR = Calendar(date(2014, 4, 1), 12)


# --- random pathways


def test_random_pathways_give_the_same_trace_on_both_engines():
    came = lived(150, luck=1)
    assert came.worlds == 150
    assert came.rows > 20_000
    assert came.refused < 20
    assert came.rare(1, 0) == []


def _free(run: Run) -> Run:
    """The same run where nobody waits for anybody."""
    pathway = run.pathway
    alone = replace(
        pathway,
        team_size=np.full_like(pathway.team_size, UNLIMITED),
        team_roster=np.full_like(pathway.team_roster, -1),
        unlimited_slots=np.where(pathway.kind == Kind.APPOINTMENTS, 1, 0),
    )
    assert alone.unlimited
    return run._replace(pathway=alone)


@seed(2)
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_with_nobody_to_wait_for_others_change_nobodys_life_and_a_longer_run_begins_like_a_shorter(world):
    try:
        run = _free(run_of(world))
    except DemandflowError:
        reject()
    whole = agreed(run)
    few = run.people.subset(np.arange(run.people.size) % 2 == 0)
    alone = engine_compiled.run(*run._replace(people=few))
    assert rows_of(alone) == rows_of(whole.where(np.isin(whole.person, few.person)))
    shorter = run._replace(end=run.end // 3)
    assert rows_of(engine_compiled.run(*shorter)) == rows_of(whole.where(whole.time < shorter.end))


@seed(3)
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_a_second_run_is_the_same_and_other_seeds_agree_too(world):
    try:
        run = run_of(world)
    except DemandflowError:
        reject()
    trace = engine_compiled.run(*run)
    assert trace.same_as(engine_compiled.run(*run))
    agreed(run._replace(seed=run.seed ^ 12345, replication=run.replication + 1))


def test_at_the_first_millisecond_of_a_month_the_new_probabilities_and_rosters_hold_on_both_engines():
    months = {str(month): float(month % 2) for month in range(1, 13)}
    stages = {
        "door": arrival("which"),
        "which": decision(("odd", {"by": ["month"], "values": months}), ("out", "rest")),
        "odd": service("out", 1.0),
        "out": OUT,
    }
    starts = YEAR.month_starts.tolist()
    people = tuple(Somebody(t + d, 10 * i + d + 1) for i, t in enumerate(starts[1:-1]) for d in (-1, 0, 1))
    by_month = {f"{day:%Y-%m}": float(day.month % 4 == 3) for day in map(YEAR.month, range(12))}
    teams = {"team": {"practitioners": {"by_month": {**by_month, "2015-04": 1.0}}}}
    trace = agreed(run_of(World(stages, teams, people, YEAR.end)))
    took = trace.of(Event.BRANCH)
    assert took.rows == len(people)
    for time, branch in zip(took.time.tolist(), took.value.tolist(), strict=True):
        assert branch == 1 - YEAR.day_of(time).month % 2
    begun = trace.of(Event.START).time.tolist()
    assert min(begun) == starts[3], "on the first of July somebody is there"


# --- what a difference looks like


def _busy(**more: Any) -> World:
    """Thirty people on the half hour before a team of one, with everything that can be broken behind it."""
    stages = {
        "door": arrival("desk"),
        "desk": service("which", 1.0, longest_wait=longest(5, "hub"), priority={
            "by": ["means"], "values": {"below_limit": 1.0, "above_limit": 0.0},
        }),
        "which": decision(("hub", 0.4), ("stay", "rest")),
        "hub": appointments("out", {"hub": {"tuesday": {"09:00": 2.0}, "friday": {"09:00": 3.0}}}, 24.0, 1.0,
                            did_not_attend=0.4, rebookings=1.0),
        "stay": places("care", 2.0, 24.0),
        "crisis": hazard(["stay"], "care", 20.0),
        "care": package("back", "a", stay=constant(10, "days")),
        "due": fork("care", "look", 2),
        "look": service("done", 2.0),
        "done": outcome("reviewed"),
        "back": outcome("not_published", 0.5, exponential(3, "days")),
        "out": OUT,
    }  # fmt: skip
    people = tuple(Somebody(i // 3 * HOUR // 2, 1000 - 7 * i, 0.03 * i, codes=(0, 0, 0, 0, i % 2)) for i in range(30))
    return World(stages, {"team": {"practitioners": 1.0}}, people, 60 * DAY, **more)


def _at(pathway: Pathway, name: str, stage: str, value: Any) -> Pathway:
    """The pathway with one number of one stage changed."""
    array = getattr(pathway, name).copy()
    array[pathway.index(stage)] = value
    return replace(pathway, **{name: array})


BROKEN = {
    "one practitioner more": ("desk", "start", lambda p: replace(p, team_size=p.team_size + (p.team_size == 1))),
    "another draw": ("which", "branch", lambda p: _at(p, "draw_branch", "which", 12_345)),
    "another draw of a time": ("back", "contact again", lambda p: _at(p, "draw_delay", "back", 12_345)),
    "a class": ("desk", "start", lambda p: _at(p, "priority", "desk", 0)),
    "a missed appointment more": ("hub", "missed", lambda p: _at(p, "rebookings", "hub", 3)),
    "a hazard's luck": ("crisis", "hazard", lambda p: _at(p, "draw_duration", "crisis", 12_345)),
    "a price": ("care", "weekly", lambda p: _at(p, "pence_per_week", "care", 10_001)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_pathway_broken_for_one_engine_is_found_and_the_first_row_that_differs_is_named(what):
    run = run_of(_busy(prices="plain"))
    agreed(run)
    stage, event, broken = BROKEN[what]
    other = run._replace(pathway=broken(run.pathway))
    one, two = engine_simpy.run(*run), engine_compiled.run(*other)
    told = difference(one, two, run)
    first = next(i for i, pair in enumerate(zip(rows_of(one), rows_of(two), strict=False)) if pair[0] != pair[1])
    assert told is not None and told.startswith(f"row {first + 1:,} of ")
    here = {(run.pathway.stages[t.stage[first]], Event(t.event[first]).name) for t in (one, two)}
    assert all(name in told and kind.lower().replace("_", " ") in told for name, kind in here)
    assert told.count("2014-") == 2
    # What differs first is what was broken, or the very next thing that happens because of it.
    assert any(name == stage for name, _ in here) or event in told
    assert difference(two, engine_simpy.run(*other), other) is None, "broken alike, they agree"


def test_an_engine_that_stops_too_early_or_goes_on_too_long_is_found():
    run = run_of(_busy())
    whole = engine_simpy.run(*run)
    shorter = replace(whole.where(np.arange(whole.rows) < whole.rows - 1), end=whole.end)
    assert "nothing more" in str(difference(whole, shorter, run))
    assert "nothing more" in str(difference(shorter, whole, run))
    assert difference(whole, replace(whole, end=whole.end + 1), run) is not None
    swapped = np.arange(whole.rows)
    swapped[[4, 5]] = swapped[[5, 4]]
    assert str(difference(whole, whole.where(swapped), run)).startswith("row 5 of ")


# --- everything that ships


@pytest.mark.parametrize("luck", [0, 1])
def test_a_model_in_which_everything_happens_agrees(toys: Toys, luck):
    written(toys)
    model, demand, prices = (
        toys.fresh(toys.folder / kind / "everything.yaml") for kind in ("models", "demand", "prices")
    )
    pathway = toys.compiled(model, demand, prices).pathway
    people = toys.maker(demand, YEAR).make(luck, luck)
    trace = agreed(Run(pathway, people, YEAR, YEAR.end + 200 * DAY, luck, luck))
    assert set(np.unique(trace.event).tolist()) == {int(event) for event in Event}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_each_shipped_model_agrees_on_a_year_of_its_own_people(name, shipped):
    model = shipped[f"models/{name}"]
    demand, prices = demand_of(model, shipped.library), prices_of(model, shipped.library)
    done = compile_graph(of_model(model), demand, prices, shipped.values())
    people = PopulationMaker(demand, shipped.values(), YEAR, repeats=done.expected.repeats).make(1, 0)
    trace = agreed(Run(done.pathway, people, YEAR, YEAR.end, 1, 0))
    assert trace.of(Event.CONTACT).rows == np.sum(people.held < 0)
    assert trace.of(Event.OUTCOME).rows > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_each_pathway_of_each_shipped_experiment_agrees(name):
    """At each transfer, at most as many people as the slower engine lives within seconds, with capacity to match."""
    prepared = prepare(SHIPPED / "experiments" / f"{name}.yaml")
    assert any(job.pathways for job in prepared.jobs)
    for job in prepared.jobs:
        people = job.maker.make(job.seed, 1)
        transfers = [pathway for *_, pathway in getattr(job, "scenarios", ())]
        for pathway in (*dict(job.pathways).values(), *transfers):
            rows = engine_compiled.run(pathway, people, job.calendar, job.end, job.seed, 1).rows
            every = enough(1, 2 * rows)
            trace = agreed(Run(scaled(pathway, every), part_of(people, every), job.calendar, job.end, job.seed, 1))
            assert trace.rows > 1_000
