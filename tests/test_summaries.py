"""Sums counted on the way are what a slow reader counts from the trace: tallies, flows, waits, each person's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, seed, settings
from pathways import worlds
from worlds import GROUPS, VALUES, Run, run_of

from agents.codes import Event, Kind
from experiments.plan import prepare
from simulation import engine_compiled, engine_simpy
from simulation.engine_compiled import Cancelled
from simulation.errors import DemandflowError
from simulation.kernel_layout import MET_PACKAGE, O_MET, O_PENCE_DAYS
from simulation.population import Finder
from simulation.reading import SHIPPED
from simulation.spells import care_of
from simulation.summaries import Summaries, summaries, wait_edges
from simulation.tally import MEASURES, axes, tally
from simulation.trace import Trace

AGES = VALUES["age_band"]


def _both(run: Run) -> tuple[Trace, Summaries]:
    names = axes(run.pathway, GROUPS, run.calendar, AGES)
    return engine_compiled.run(*run), summaries(*run, names=names, outcomes=True)


def _waits(trace: Trace, rebookings: list[int]) -> list[list[int]]:
    """Waits by stage; whoever is twice at a stage at once is served in the order of joining."""
    joined: dict[tuple[int, int], list[int]] = {}
    found: list[list[int]] = [[] for _ in rebookings]
    left = (Event.OVERFLOW, Event.WITHDRAWN)
    for time, person, stage, event, value in zip(
        trace.time.tolist(), trace.person.tolist(), trace.stage.tolist(), trace.event.tolist(), trace.value.tolist(),
        strict=True,
    ):  # fmt: skip
        if event == Event.JOIN:
            joined.setdefault((person, stage), []).append(time)
        elif event == Event.START:
            found[stage].append(time - joined[person, stage].pop(0))
        elif event in left and joined.get((person, stage)):
            joined[person, stage].pop(0)
        elif event == Event.HAZARD and joined.get((person, value)):
            joined[person, value].pop(0)
        elif event == Event.MISSED and joined.get((person, stage)) and value > rebookings[stage]:
            joined[person, stage].pop(0)
    return found


def _compared(run: Run) -> None:
    trace, found = _both(run)
    pathway, people, calendar = run.pathway, run.people, run.calendar
    names = axes(pathway, GROUPS, calendar, AGES)
    read = tally(trace, pathway, people, names, calendar)
    for name, array in read.arrays().items():
        if name != "ledger":
            assert np.array_equal(array, found.tally.arrays()[name]), name
    months = np.searchsorted(calendar.month_starts_until(run.end), trace.time, side="right") - 1
    flow = np.zeros_like(found.flow)
    np.add.at(flow, (months, trace.stage, trace.event), 1)
    assert np.array_equal(flow, found.flow)
    assert found.rows == trace.rows
    branch = np.zeros_like(found.branch)
    told = trace.of(Event.BRANCH)
    np.add.at(branch, (pathway.decision[told.stage], told.value), 1)
    assert np.array_equal(branch, found.branch)
    edges = wait_edges()
    for stage, waits in enumerate(_waits(trace, pathway.rebookings.tolist())):
        bins = np.searchsorted(edges, waits, side="right") - 1 if waits else np.zeros(0, dtype=np.int64)
        assert np.array_equal(np.bincount(bins, minlength=len(edges)), found.waits[stage]), pathway.stages[stage]
        assert found.waited[stage] == sum(waits)
    _outcomes_compared(run, trace, found)


def _outcomes_compared(run: Run, trace: Trace, found: Summaries) -> None:
    """A person's own: whether a package started, and the pence-days of their care, add up to the tally's."""
    assert found.outcomes is not None
    assert found.outcomes.nbytes == 16 * run.people.size
    who = Finder(run.people)(trace.person)
    started = np.zeros(run.people.size, dtype=bool)
    started[who[trace.event == Event.PACKAGE_START]] = True
    assert np.array_equal(found.outcomes[:, O_MET] & MET_PACKAGE != 0, started)
    contacts = np.zeros(run.people.size, dtype=bool)
    contacts[who[trace.event == Event.CONTACT]] = True
    assert np.array_equal(found.outcomes[:, O_MET] >> MEASURES.index("contact") & 1, contacts)
    assert found.outcomes[:, O_PENCE_DAYS].sum() == found.tally.pence_days.sum()
    _, rates = care_of(trace, run.pathway, who)
    priced = rates.pence >= 0
    last = run.calendar.end // 86_400_000
    days = np.clip(np.minimum(rates.stop, last) - rates.first, 0, None) * np.where(priced, rates.pence, 0)
    care, _ = care_of(trace, run.pathway, who)
    own = np.zeros(run.people.size, dtype=np.int64)
    np.add.at(own, care.who[rates.care], days)
    assert np.array_equal(own, found.outcomes[:, O_PENCE_DAYS])


@seed(5)
@settings(max_examples=60, deadline=None, derandomize=False, database=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_sums_counted_on_the_way_are_those_read_from_the_trace(world):
    try:
        run = run_of(world)
    except DemandflowError:
        reject()
    _compared(run)


@pytest.fixture(scope="module")
def shipped():
    run = prepare(SHIPPED / "experiments/barnet_baseline.yaml").service
    assert run is not None
    job = run.job
    return Run(job.pathway, job.maker.make(1, 0), job.calendar, job.calendar.end, 1, 0), job.maker


def test_people_in_parts_give_the_same_sums(shipped):
    run, maker = shipped
    names = axes(run.pathway, maker.space["client_group"], run.calendar)
    whole = summaries(*run, names=names, outcomes=True)
    starts = run.calendar.month_starts.tolist()
    cuts = np.searchsorted(run.people.time, starts[1:], side="left").tolist()
    parts = [
        (run.people.part(first, after), until)
        for first, after, until in zip([0, *cuts[:-1]], cuts, starts[1:], strict=True)
    ]
    found = summaries(run.pathway, parts, *run[2:], names=names, outcomes=True)
    for name, array in whole.tally.arrays().items():
        assert np.array_equal(array, found.tally.arrays()[name]), name
    assert np.array_equal(whole.outcomes, found.outcomes)
    assert np.array_equal(whole.flow, found.flow)
    assert whole.most == found.most < run.people.size
    assert found.people == run.people.size


def test_a_run_stops_when_it_is_asked_to(shipped):
    run, maker = shipped
    names = axes(run.pathway, maker.space["client_group"], run.calendar)
    stop = np.ones(1, dtype=np.int64)
    with pytest.raises(Cancelled):
        engine_compiled.run(*run, cancel=stop)
    with pytest.raises(Cancelled):
        summaries(*run, names=names, cancel=stop)


def test_both_engines_make_the_same_tally_of_the_shipped_service(shipped):
    run, maker = shipped
    few = run.people.subset(run.people.person % 16 == 0)
    run = run._replace(people=few)
    names = axes(run.pathway, maker.space["client_group"], run.calendar)
    read = tally(engine_simpy.run(*run), run.pathway, few, names, run.calendar).arrays()
    found = summaries(*run, names=names).tally.arrays()
    assert all(np.array_equal(read[name], found[name]) for name in read if name != "ledger")
    assert read["starts"].sum() > 50
    assert np.isin(Kind.FORK, run.pathway.kind)
