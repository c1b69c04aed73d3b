"""The benchmark with every feature on: three programs that do the same work, so that their times may be compared."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from agents.codes import Kind
from benchmarks.__main__ import FULL
from benchmarks.agreeing import compared
from benchmarks.cpp import FLAGS, SOURCES, compiled, compiler
from benchmarks.full_case import Full, full_case, full_of
from benchmarks.ours import START
from simulation import engine_compiled, engine_simpy
from simulation.calendar import Calendar

needs_gcc = pytest.mark.skipif(compiler() is None, reason="there is no g++ here")
UNTOLD = {"care_stops", "reviewed"}
"""Stages that write no row: a review that ends care, and the end of a review."""


@pytest.fixture(scope="module")
def case() -> Full:
    return full_case(1)


def lived(case: Full, seed: int, engine=engine_simpy):
    """The measures of one of our runs."""
    people = case.ours.people(seed)
    trace = engine.run(case.ours.pathway, people, case.ours.calendar, case.ours.end, 1, seed)
    return case.measures_of_ours(trace, people)


def differing(found):
    """Measures that are too far apart."""
    return {one.measure for one in found if not one.agrees}


def test_the_pathway_has_every_feature(case):
    pathway = case.ours.pathway
    assert set(pathway.kind.tolist()) == {int(kind) for kind in Kind}
    assert len(pathway.sources) == 2
    assert pathway.months == 12
    assert pathway.set_care.tolist().count(0) == 1 and pathway.set_care.max() > 1000
    assert np.any(pathway.set_need[:, 0] < 1) and np.any(pathway.becomes != np.arange(pathway.types.count))
    features = ("follows_need", "goes_on", "misses", "rebookings", "died", "team_holidays", "again", "size_weight")
    assert [name for name in features if not np.any(getattr(pathway, name) > 0)] == []
    rows = ("replaces", "forks", "hazards", "slots", "team_roster", "team_spans", "size", "pays", "age", "gives_up")
    assert [name for name in rows if not np.any(getattr(pathway, name) >= 0)] == []
    assert len(set(pathway.slots[pathway.index("hub"), :, 3].tolist()) - {-1}) == 2
    assert len(set(pathway.priority[pathway.index("assessment")].tolist())) == 2
    assert sum(people for *_, people in case.ours.maker.held_cells) == 6_000


@needs_gcc
def test_everybody_meets_every_stage_and_no_team_is_overloaded(case):
    longer = full_of(replace(case.ours, calendar=Calendar(START, 60)))
    figures = longer.figures | {"end": longer.figures["until"]}
    run = Full(longer.case, figures).cpp(0)[0]
    counts = longer.measures_of_cpp(run)
    assert {name.split()[0] for name in run["measures"]} == set(longer.ours.pathway.stages) - UNTOLD
    until = figures["until"][0]
    assert sum(counts[f"contact_{s} contact"] for s in ("community", "hospital")) / (until / 24) > 60
    loads = {}
    for team, stage in (
        ("desk", "desk"), ("visitors", "home_visit"), ("assessors", "assessment"), ("reviewers", "review"),
        ("duty", "duty_assessment"), ("enablement", "enablement"),
    ):  # fmt: skip
        changes = figures[f"roster/{team}"]
        since = np.array([0.0, *changes[::2]])
        size = np.array([figures[f"size/{team}"][0], *changes[1::2]])
        here = since < until
        windows = list(zip(figures[f"opens/{team}"], figures[f"closes/{team}"], strict=True)) or [(0.0, until)]
        mean_size = np.average(size[here], weights=np.diff([*since[here], until]))
        there = mean_size * sum(closes - opens for opens, closes in windows if closes <= until)
        work = counts[f"{stage} start"] * figures[f"mean/{stage}"][0] * figures[f"effort/{team}"][0]
        loads[team] = work / there
    assert max(loads.values()) < 0.95
    assert min(loads["desk"], loads["assessors"], loads["visitors"], loads["reviewers"], loads["enablement"]) > 0.75
    assert run["queued"].get("hub", 0) < 300


@needs_gcc
def test_everybody_is_somewhere_once_in_the_cpp_program(case):
    for run in case.cpp(3, 4):
        n = {name: int(count) for name, count in run["measures"].items() if "mean" not in name}
        first = n["contact_community contact"] + n["contact_hospital contact"]
        again = n["contact_community contact_again"] + n["contact_hospital contact_again"]
        held = sum(n[f"{kind} held"] for kind in ("telecare", "home_care", "care_home"))
        on_their_way = [
            sum(count for stage, count in run[where].items() if stage != "review") for where in ("queued", "in_service")
        ]
        assert held == 6_000
        assert run["people"] == first + held
        assert run["people"] == run["gone"] + sum(on_their_way) + run["in_care"] + run["to_come_back"] + run["done"]
        outcomes = sum(count for name, count in n.items() if name.endswith(" outcome"))
        in_foreground = held - n["telecare held"]
        assert first + again + in_foreground == outcomes + sum(on_their_way) + run["in_care"]
        for stage in ("desk", "home_visit", "enablement", "assessment", "duty_assessment", "review"):
            left = n.get(f"{stage} overflow", 0) + n.get(f"{stage} withdrawn", 0) + run["queued"].get(stage, 0)
            if stage not in ("enablement", "assessment"):  # those may go to hospital from the queue
                assert n[f"{stage} join"] == n[f"{stage} start"] + left
            assert n[f"{stage} start"] == n[f"{stage} end"] + run["in_service"].get(stage, 0)
            assert sum(run["waits"][stage]) == n[f"{stage} start"]
        waiting = sum(
            n[f"{s} join"] - n[f"{s} start"] - n.get(f"{s} overflow", 0) for s in ("enablement", "assessment")
        )
        from_stays = n["enablement end"] - n["lighter set"]
        queued = sum(run["queued"].get(s, 0) for s in ("enablement", "assessment"))
        assert n["to_hospital hazard"] == from_stays + waiting - queued
        for kind in ("telecare", "home_care", "care_home"):
            running = n[f"{kind} held"] + n[f"{kind} package_start"] - n[f"{kind} package_end"]
            assert 0 <= running < 10_000
        packages = sum(
            n[f"{k} held"] + n[f"{k} package_start"] - n[f"{k} package_end"] for k in ("home_care", "care_home")
        )
        assert packages == run["in_care"]
        assert n["review_due review"] == n["review_due reviewed"] + run["queued"].get("review", 0) + run[
            "in_service"
        ].get("review", 0)
        assert n["hub booked"] >= n["hub join"] and n["hub missed"] > 0


@needs_gcc
def test_one_of_our_runs_lies_among_the_cpp_programs(case):
    ours = lived(case, 0)
    theirs = [case.measures_of_cpp(run) for run in case.cpp(0, 40)]
    assert set(ours) == {name for run in theirs for name in run}
    outside = {}
    for name, number in ours.items():
        there = np.array([run.get(name, 0.0) for run in theirs])
        z = (number - there.mean()) / max(there.std(ddof=1), 1e-9)
        if abs(z) > 6:
            outside[name] = z
    assert outside == {}


@needs_gcc
def test_a_program_that_does_something_else_is_found_out(case):
    other = Full(case.case, case.figures | {"misses": [0.12]})
    theirs, others = ([one.measures_of_cpp(run) for run in one.cpp(0, 12)] for one in (case, other))
    assert "hub missed" in differing(compared(theirs, others))
    assert differing(compared(theirs, [case.measures_of_cpp(run) for run in case.cpp(50, 12)])) == set()


@pytest.mark.slow
@needs_gcc
def test_a_program_that_is_wrong_by_a_twentieth_is_found_out(case):
    ours = [case.measures_of_cpp(run) for run in case.cpp(100, 80)]
    for figure, measure in (
        ("per_day", "desk join"),
        ("mean/review_due", "review_due review"),
        ("pence/care_home", "care_home gross in year 1"),
    ):
        wrong = Full(case.case, case.figures | {figure: [1.05 * number for number in case.figures[figure]]})
        theirs = [wrong.measures_of_cpp(run) for run in wrong.cpp(0, 30)]
        assert measure in differing(compared(ours, theirs)), figure


@needs_gcc
def test_as_many_runs_as_the_benchmark_makes_show_a_twentieth_in_every_large_count(case):
    runs = [case.measures_of_cpp(run) for run in case.cpp(200, FULL.our_runs + FULL.full_runs)]
    ours, theirs = runs[: FULL.our_runs], runs[FULL.our_runs :]
    right = compared(ours, theirs)
    assert [one for one in right if not (one.agrees and one.sharp)] == []
    more = compared(ours, [{name: 1.05 * number for name, number in run.items()} for run in theirs])
    missed = [one.measure for one in more if one.is_large_count and one.agrees]
    assert sum(one.is_large_count for one in more) > 60
    assert len(missed) <= 1


@needs_gcc
def test_the_same_seed_gives_the_same_run(case):
    one, two = ({k: v for k, v in case.cpp(7)[0].items() if k != "seconds"} for _ in range(2))
    assert one == two != case.cpp(8)[0]["measures"]


@needs_gcc
def test_missing_parameters_are_told(tmp_path, case):
    path = tmp_path / "parameters.txt"
    path.write_text(case.parameters.replace("misses 1", "mises 1"), encoding="ascii")
    done = subprocess.run([compiled(SOURCES / "full.cpp"), path, "0", "1"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "no parameter misses\n")
    with pytest.raises(json.JSONDecodeError):
        json.loads(done.stdout)


@pytest.mark.slow
@needs_gcc
def test_the_cpp_program_compiles_without_warnings(tmp_path):
    words = [str(compiler()), *FLAGS, "-Wall", "-Wextra", "-Werror", "-o", str(tmp_path / "full")]
    done = subprocess.run([*words, str(SOURCES / "full.cpp")], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@needs_gcc
def test_all_three_programs_agree_on_every_count_mean_and_sum(case):
    runs = 8
    ours = [lived(case, seed) for seed in range(runs)]
    by_hand = [case.measures_by_hand(case.case.by_hand(seed)) for seed in range(runs)]
    cpp = [case.measures_of_cpp(run) for run in case.cpp(0, 60)]
    for one, two in ((ours, by_hand), (ours, cpp), (by_hand, cpp)):
        found = compared(one, two)
        assert differing(found) == set()
        assert sum(one.is_large_count for one in found) >= 40


@pytest.mark.slow
def test_both_engines_live_the_same_lives(case):
    ours = case.ours
    people = ours.people(0)
    one, two = (
        engine.run(ours.pathway, people, ours.calendar, ours.end, 1, 0) for engine in (engine_simpy, engine_compiled)
    )
    assert one.same_as(two)
