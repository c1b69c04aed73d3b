"""The program written by hand does the same as our engine, so that their times may be compared; no times here."""

from __future__ import annotations

import json
import re

import pytest

from agents.codes import Event
from benchmarks import __main__ as program
from benchmarks.backlog import by_hand, crowd
from benchmarks.cases import (
    HERE,
    Agreement,
    agreement,
    barnet_case,
    load,
    measures_by_hand,
    measures_of_trace,
    reference_case,
    whole_case,
)
from simulation import engine_simpy
from simulation.tally import waits


@pytest.mark.slow
@pytest.mark.parametrize("make", [barnet_case, reference_case, whole_case], ids=["barnet", "reference", "whole"])
def test_both_programs_agree_on_every_count_and_mean(make):
    case = make(1)
    found = agreement(case, 6)
    # With six runs of each the ratio follows Student's law: 6 standard errors are as rare as 4 with many runs.
    assert [one for one in found if abs(one.z) > 6 or (one.is_large_count and one.relative > 0.04)] == []
    assert sum(one.is_large_count for one in found) >= 12
    stages = {one.measure.partition(" ")[0] for one in found} - {"mean"}
    met = set(measures_of_trace(case, case.ours.run(0)))
    assert stages >= {measure.partition(" ")[0] for measure in met} - {"mean"}
    if case.delay:
        assert stages == set(case.ours.pathway.stages)


def test_a_program_that_does_something_else_is_found_out():
    case = reference_case(1)
    other = [(time, who, stage, event, "hub" if event == "branch" and stage == "where" else value)
             for time, who, stage, event, value in case.by_hand(0)]  # fmt: skip
    found = measures_by_hand(case, other)
    assert found["where branch hub"] > 1.5 * measures_by_hand(case, case.by_hand(0))["where branch hub"]
    assert not Agreement("where branch hub", 4_650.0, found["where branch hub"], 3.0).agrees
    assert not Agreement("desk mean wait", 0.18, 0.30, 9.0).agrees
    assert Agreement("desk mean wait", 0.18, 0.19, 1.0).agrees


def test_both_record_as_much():
    case = reference_case(1)
    ours, theirs = case.ours.run(0).rows, len(case.by_hand(0))
    assert abs(ours - theirs) < 0.05 * theirs


def test_the_long_queue_is_the_same_queue_in_both():
    ours = load(HERE / "configs/models/backlog.yaml", HERE / "configs/demand/reference.yaml", 5)
    size = 800
    trace = engine_simpy.run(ours.pathway, crowd(ours, size), ours.calendar, ours.end, 1, 0)
    assert trace.of(Event.OUTCOME).rows == size
    rows = by_hand(0, size)
    begun = {who: time for time, who, _, event, _ in rows if event == "join"}
    waited = [time - begun[who] for time, who, _, event, _ in rows if event == "start"]
    mean = waits(trace, ours.pathway.index("work")).mean() / 3_600_000
    assert mean == pytest.approx(sum(waited) / size, rel=0.1)
    assert mean == pytest.approx(size / 8, rel=0.1)  # four at a time, an hour each: the last waits 200 hours


@pytest.mark.slow
def test_the_benchmark_runs_and_writes_its_page(tmp_path):
    assert program.main(["--tiny", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "benchmarks/latest.json").read_text(encoding="utf-8"))
    assert set(found["against_hand"]) == {"barnet_whole", "barnet_2014_15", "reference"}
    assert found["backlog"]["ours"] > 0
    assert found["memory"]["whole_trace"] > 1
    page = (tmp_path / "docs/performance.md").read_text(encoding="utf-8")
    assert "## A long queue" in page
    assert not re.search(r"[{}]|/home|/tmp|\bnan\b", page)


def test_a_missed_gate_is_told():
    found = program.Found({}, 1, 1)
    found.against_hand["reference"] = {"ratio": 2.5}
    found.backlog["ours"] = 1.6
    found.memory["twice_as_long"] = 2.0
    found.agreement["reference"] = [Agreement("desk end", 1_000.0, 2_000.0, -30.0)]
    assert len(program.failures(found)) == 4
