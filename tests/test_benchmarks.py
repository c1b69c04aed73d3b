"""The program written by hand does the same as our engine, so that their times may be compared; no times here."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from agents.codes import Event
from benchmarks import __main__ as program
from benchmarks import by_hand as hand
from benchmarks import (
    ciw_reference,
    cpp,
    engine_page,
    engines,
    england,
    first_call,
    growth,
    mesa_events,
    ours,
    quick,
    racing,
    salabim_reference,
)
from benchmarks.agreeing import (
    DELAY,
    IN_CARE,
    Agreement,
    agreement,
    compared,
    measures_by_hand,
    measures_of_trace,
)
from benchmarks.backlog import by_hand, crowd
from benchmarks.cases import barnet_case, reference_case, whole_case
from benchmarks.engine_page import standing_table
from benchmarks.full_case import full_case
from benchmarks.gates import failures, not_measured
from benchmarks.ours import HERE, load
from simulation import engine_simpy
from simulation.tally import waits

needs_gcc = pytest.mark.skipif(cpp.compiler() is None, reason="there is no g++")


SHORT = {"contacts_until": 60 * 24.0, "end": 150 * 24.0}


def apart(found):
    return [one for one in found if not one.agrees]


@pytest.fixture(scope="module")
def reference():
    return reference_case(1)


@pytest.mark.slow
@pytest.mark.parametrize("make", [barnet_case, reference_case, whole_case], ids=["barnet", "reference", "whole"])
def test_both_programs_agree_on_every_count_and_mean(make):
    case = make(1)
    found = agreement(case, 12, 6)
    assert apart(found) == []
    assert sum(one.is_large_count for one in found) >= 12
    stages = {one.measure.partition(" ")[0] for one in found} - {"mean"}
    met = set(measures_of_trace(case, case.ours.run(0)))
    assert stages >= {measure.partition(" ")[0] for measure in met} - {"mean"}
    if case.delay:
        assert stages == set(case.ours.pathway.stages)


def test_a_program_that_does_something_else_is_found_out(reference):
    runs = [hand.reference(seed, held=1_000, **SHORT) for seed in range(8)]
    right = [measures_by_hand(reference, rows) for rows in runs]
    wrong = [
        measures_by_hand(reference, [
            (time, who, stage, event, "hub" if event == "branch" and stage == "where" else value)
            for time, who, stage, event, value in rows
        ])
        for rows in runs[4:]
    ]  # fmt: skip
    assert wrong[0]["where branch hub"] > 1.5 * right[0]["where branch hub"]
    assert {one.measure for one in apart(compared(right[:4], wrong))} == {"where branch hub", "where branch home_visit"}
    assert apart(compared(right[:4], right[4:])) == []


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


def test_salabim_lives_the_very_same_lives():
    # It draws in the same order from the same generator, so that every row is the same but for the order at an instant.
    rows = salabim_reference.reference(3, held=50, **SHORT)
    assert len(rows) > 30_000
    assert sorted(rows) == sorted(hand.reference(3, held=50, **SHORT))


def test_mesa_agrees_with_simpy(reference):
    runs = [
        [measures_by_hand(reference, run(seed, held=1_000, **SHORT)) for seed in range(6)]
        for run in (hand.reference, mesa_events.reference)
    ]
    found = compared(*runs)
    assert apart(found) == []
    assert len(found) == 38


def test_ciw_agrees_with_simpy_where_both_leave_the_packages_out(reference):
    by_simpy = [measures_by_hand(reference, hand.reference(seed, packages=False, **SHORT)) for seed in range(6)]
    found = compared(by_simpy, [ciw_reference.reference(seed, **SHORT) for seed in range(6)], engines.FOLLOW)
    assert apart(found) == []
    assert {"where branch hub", "reached branch enabled", "assessment mean wait", DELAY} <= {o.measure for o in found}
    assert IN_CARE not in {one.measure for one in found}


def test_the_compiled_engine_counts_the_same(reference):
    some = engines.ours(reference)
    expected = some["simpy"].measures(2)
    assert some["compiled_trace"].measures(2) == expected
    summed = some["compiled_summaries"].measures(2)
    assert summed == pytest.approx({name: expected[name] for name in summed}, rel=1e-12)
    told = {name for name in expected if some["compiled_summaries"].leaves_out.isdisjoint({name, *name.split()})}
    assert told <= set(summed)


@needs_gcc
def test_the_program_in_cpp_agrees_with_our_engine(reference):
    until, end = reference.ours.hours
    world = reference.ours
    lived = [measures_of_trace(reference, world.traced(world.people(seed), seed)) for seed in range(12)]
    one, two = (cpp.Reference(heaps, until, end) for heaps in (False, True))
    theirs = [one.measures(seed) for seed in range(24)]
    assert [two.measures(seed) for seed in range(24)] == theirs  # the heaps make no difference but to the time
    found = compared(lived, theirs, engines.FOLLOW)
    assert apart(found) == []
    assert len(found) == 34


@needs_gcc
def test_a_program_in_cpp_that_does_something_else_fails(reference):
    until, end = reference.ours.hours
    right = [cpp.Reference(False, until, end).measures(seed) for seed in range(6)]
    more = [cpp.Reference(False, until, end, scale=2).measures(seed) for seed in range(6)]
    wrong = {one.measure for one in compared(right, more) if not one.agrees}
    assert {"contact contact", "care held", "where branch hub", "hub mean wait", IN_CARE} <= wrong
    silent = [{name: value for name, value in run.items() if name != "where branch hub"} for run in right]
    assert [one.measure for one in compared(right, silent) if not one.agrees] == ["where branch hub"]
    assert all(one.agrees for one in compared(right, silent, frozenset({"where branch hub"})))


@needs_gcc
def test_what_the_program_in_cpp_counts_adds_up():
    told = cpp.Reference(False, 8_766.0, 17_532.0).told(1, 2)["runs"]
    assert told[0]["measures"] != told[1]["measures"]
    for run in told:
        counts, live = run["measures"], 6_000
        assert sum(run["starts"]) == counts["care package_start"] == counts["funding branch funded"]
        assert sum(run["ends"]) == counts["care package_end"]
        for starts, ends, at_the_end in zip(run["starts"], run["ends"], run["live"], strict=True):
            live += starts - ends
            assert at_the_end == live
        assert counts[IN_CARE] == pytest.approx(run["package_days"] * 24 / 17_532)
        assert counts["desk end"] == counts["after_desk branch leaves"] + counts["after_desk branch goes_on"]
        assert counts["where branch home_visit"] == counts["home_visit join"]
        assert run["seconds"] > 0
    without = cpp.Reference(False, 8_766.0, 17_532.0, packages=False).measures(1)
    assert not [name for name in without if name.startswith(("care", "funding"))]


@needs_gcc
def test_source_that_does_not_compile_is_told(tmp_path):
    source = tmp_path / "wrong.cpp"
    source.write_text("int main() { return nothing; }\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"(?s)refuses wrong\.cpp.*nothing"):
        cpp.compiled(source, tmp_path / "cache")
    source.write_text("int main() { return 0; }\n", encoding="utf-8")
    cpp.compiled.cache_clear()
    assert cpp.compiled(source, tmp_path / "cache").exists()


def test_without_a_compiler_a_sentence_says_so_and_the_rest_is_measured(reference, monkeypatch):
    monkeypatch.setattr(cpp, "compiler", lambda: None)
    some = engines.others(reference)
    assert set(some) == {"idiomatic_simpy", "mesa_events"}
    assert cpp.MISSING in not_measured()
    found = racing.standings({"idiomatic_simpy": [2.0, 4.0], "mesa_events": [4.0, 8.0]}, "reference")
    assert found["mesa_events"]["ratio_to_cpp"] is None
    titles = {name: engine.title for name, engine in some.items()}
    assert "–" in quick.table(found, titles)
    assert "| – |" in standing_table(found, titles)
    cpp.compiled.cache_clear()
    with pytest.raises(RuntimeError, match=r"no g\+\+"):
        cpp.compiled(cpp.SOURCES / "reference.cpp")


def test_standings_are_medians_of_ratios_within_rounds():
    times = {"idiomatic_simpy": [8.0, 10.0, 30.0], "cpp_one_heap": [0.1, 0.1, 0.2], "simpy": [4.0, 10.0, 20.0]}
    found = racing.standings(times, "reference")
    assert found["simpy"] == {
        "median_s": 10.0,
        "ratio_to_idiomatic_simpy": 1.5,
        "ratio_to_cpp": 100.0,
        "work": "reference",
    }
    assert found["cpp_one_heap"]["ratio_to_idiomatic_simpy"] == 100.0


def test_the_reference_can_be_made_larger():
    small, large = ours.reference(1), ours.reference(1, 3)
    assert (large.pathway.team_size == 3 * small.pathway.team_size).all()
    few, many = small.people(0), large.people(0)
    assert (many.held >= 0).sum() == 3 * (few.held >= 0).sum() == 18_000
    assert (many.held < 0).sum() == pytest.approx(3 * (few.held < 0).sum(), rel=0.03)


def test_the_people_of_each_month_are_all_the_people(reference):
    people = reference.ours.people(3)
    parts = list(reference.ours.monthly(people))
    assert len(parts) == 12
    assert sum(part.size for part, _ in parts) == people.size
    assert all((part.time < until).all() for part, until in parts)
    assert all((after.time >= until).all() for (_, until), (after, _) in pairwise(parts))
    whole, by_month = reference.ours.summed(people, 3), reference.ours.summed(iter(parts), 3)
    assert (whole.flow == by_month.flow).all()
    assert (whole.waits == by_month.waits).all()


def test_growth_tells_time_and_memory_of_a_process_of_its_own():
    found = growth.in_child(2, 1, 1)
    assert found["scale"] == 2
    assert found["people"] == ours.reference(1, 2).people(0).size
    assert found["people_bytes"] > 60 * found["people"]
    assert 0 < found["run_bytes"] < found["peak"]
    assert 12_000 < found["alive"] < found["people"]
    assert growth.n_log_n(1_000) == pytest.approx(1_000 * 6.9078, rel=1e-4)


def test_england_is_as_large_as_its_config_says():
    maker = england.england().maker
    assert maker.rates["community"] + maker.rates["hospital"] == pytest.approx(5_289, rel=1e-12)
    assert sum(cell[-1] for cell in maker.held_cells) == pytest.approx(650_000, abs=len(maker.held_cells) / 2)


def test_a_hundredth_of_england_has_a_hundredth_of_the_people_and_contacts():
    world = england.england(0.01)
    people = world.maker.make(1, 0)
    found = england.lived(world, people, True)
    assert (people.held >= 0).sum() == pytest.approx(6_500, abs=len(world.maker.held_cells) / 2)
    new, expected = (people.held < 0).sum(), sum(mean for *_, mean in world.maker.cells)
    assert abs(new - expected) < 4 * expected**0.5
    doors = [world.pathway.index(f"contact_{source}") for source in ("community", "hospital")]
    requests = found.flow[:12, doors][:, :, [Event.CONTACT, Event.CONTACT_AGAIN]].sum()
    expected, again = 52.89 * 365, world.maker.repeats.share["community"]
    assert 0.2 < again < 0.4
    # People come by chance, and each makes so many requests: a Poisson number of geometric numbers.
    assert abs(requests - expected) < 4 * (expected * (1 + again) / (1 - again)) ** 0.5
    by_month = england.lived(world, world.maker.parts(1, 0), True)
    for name in ("flow", "branch", "waits", "waited", "outcomes"):
        assert np.array_equal(getattr(by_month, name), getattr(found, name)), name
    for name, counted in vars(found.tally).items():
        assert np.array_equal(getattr(by_month.tally, name), counted), name
    assert (by_month.people, by_month.most) == (found.people, found.most)
    assert found.people == people.size
    assert found.outcomes.nbytes == 16 * people.size


def test_a_run_of_england_tells_what_it_measured():
    found = england.one(0.002, True)
    assert found["people"] > found["held"] == pytest.approx(1_300, abs=14)
    assert found["rows"] > 10 * found["people"]
    assert found["held"] < found["alive"] < found["people"]
    assert 0 < found["making"] < found["cpu"]
    assert found["outcome_bytes"] == 16 * found["people"]
    assert found["outcome_bytes"] < found["peak"]


def test_the_page_on_england_is_written_from_what_was_measured():
    one = {"share": 0.01, "wall": 2.5, "cpu": 2.0, "making": 0.5, "people": 10_000, "held": 4_321, "rows": 98_765,
           "alive": 7_654, "peak": 321_000_000, "run_bytes": 45_000_000, "outcome_bytes": 0}  # fmt: skip
    whole = one | {"cpu": 300.0, "making": 60.0, "people": 1_000_000, "rows": 87_654_321}
    found = {"small": one, "whole": whole, "outcomes": whole | {"cpu": 375.0}}
    told = " ".join(england.section(found).split())
    assert "| a hundredth | 10,000 | 4,321 | 98,765 | 7,654 | 2.5 | 2.0 | 321 | 45 |" in told
    assert "| all | 1,000,000 | 4,321 | 87,654,321 | 7,654 | 2.5 | 300.0 | 321 | 45 |" in told
    assert "Making people is 20% of the CPU time" in told
    assert "With 100 times as many people" in told
    assert "takes 150 times as long (n log n: 150)" in told
    assert "with outcomes 1.25 times" in told
    assert england.section({}) == ""
    assert "{england}" in engine_page._TEXT


def test_a_warm_start_loads_no_slow_library():
    assert first_call.once()["slow"] == []


@pytest.mark.slow
def test_the_quick_benchmark_prints_a_table_and_writes_only_what_is_asked_for(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert quick.main(["--years", "1", "--rounds", "1", "--out", str(tmp_path / "quick.json")]) == 0
    printed = capsys.readouterr().out
    found = json.loads((tmp_path / "quick.json").read_text(encoding="utf-8"))["engines"]
    assert {"compiled_summaries", "compiled_trace", "simpy", "idiomatic_simpy"} <= set(found)
    assert all({"median_s", "ratio_to_idiomatic_simpy", "ratio_to_cpp"} <= set(one) for one in found.values())
    assert "compiled, summaries" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["quick.json"]


@pytest.mark.slow
def test_every_engine_does_the_same_on_a_year(reference):
    some = engines.ours(reference) | engines.others(reference) | engines.ciw(reference)
    found = racing.agree(some, 6, 24)
    assert set(found) == set(some) - {"compiled_trace"}
    assert {name: apart(rows) for name, rows in found.items() if apart(rows)} == {}
    ours = [name for name, engine in some.items() if engine.same_draws]
    assert len(ours) == 5
    assert all(one.z == 0 for name in ours for one in found.get(name, []))


@pytest.mark.slow
def test_every_program_does_the_same_with_every_feature_on():
    some = engines.every_feature(full_case(1))
    names = {"simpy", "compiled_trace", "idiomatic_simpy", "cpp_one_heap"}
    found = racing.agree({name: engine for name, engine in some.items() if name in names}, 6, 24)
    assert {name: apart(rows) for name, rows in found.items() if apart(rows)} == {}


@pytest.mark.slow
def test_the_benchmark_runs_and_writes_its_page(tmp_path):
    assert program.main(["--tiny", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "benchmarks/latest.json").read_text(encoding="utf-8"))
    assert set(found["against_hand"]) == {"barnet_whole", "barnet_2014_15", "reference"}
    assert found["backlog"]["ours"] > 0
    assert {"simpy", "compiled_summaries", "compiled_trace", "mesa_events", "ciw", "salabim"} <= set(found["engines"])
    for engine in found["engines"].values():
        assert {"median_s", "ratio_to_idiomatic_simpy", "ratio_to_cpp"} <= set(engine)
        assert engine["median_s"] > 0
    assert set(found["works"]) == {"reference", "shorter", "without_packages", "every_feature"}
    assert [one["scale"] for one in found["growth"]] == [1, 2]
    assert list(found["england"]) == ["small", "whole", "outcomes"]
    assert found["memory"]["whole_trace"] > 1
    assert found["workers"]["ledger"]["one"] > 0
    assert 0 < found["draws"]["compiling"] < found["draws"]["one"]
    page = (tmp_path / "docs/performance.md").read_text(encoding="utf-8")
    assert "## A long queue" in page
    assert f"| {found['england']['whole']['rows']:,} |" in page.partition("## A year of England")[2]
    assert not re.search(r"[{}]|/home|/tmp|\bnan\b", page)
    before = program.read(tmp_path / "benchmarks/latest.json")
    assert program.main(["--tiny", "--only", "backlog", "--out", str(tmp_path)]) == 0
    after = program.read(tmp_path / "benchmarks/latest.json")
    assert after.backlog != before.backlog
    assert replace(after, backlog=before.backlog) == before


def test_a_missed_gate_is_told():
    found = program.Found()
    found.against_hand["reference"] = {"ratio": 2.5}
    found.backlog["ours"] = 1.6
    found.memory["twice_as_long"] = 2.0
    disagrees = [Agreement("desk end", 1_000.0, 2_000.0, -30.0, 1e-9, 0.01)]
    found.hand_agreement["reference"] = found.agreement["salabim"] = found.full_agreement["cpp_one_heap"] = disagrees
    found.engines = {
        "compiled_summaries": {"median_s": 1.0, "ratio_to_idiomatic_simpy": 59.0, "ratio_to_cpp": 2.1},
        "simpy": {"median_s": 1.0, "ratio_to_idiomatic_simpy": 0.4, "ratio_to_cpp": 200.0},
    }
    found.works["reference"] = racing.Work(1, 1, 1, found.engines)
    found.works["every_feature"] = racing.Work(1, 1, 1, {"compiled_summaries": {"ratio_to_cpp": 4.1}})
    found.trace_over_summaries = 1.6
    found.growth = [{"scale": 10, "growth": 13.0, "allowed": 12.0}]
    found.first_call = {"compiling": 11.0, "start": 2.5, "slow": ["scipy.stats"]}
    found.workers = {"ledger": {"efficiency": 0.8}, "sums": {"efficiency": 0.86}}
    found.draws = {"efficiency": 0.84}
    assert len(failures(found)) == 3 + 3 + 2 + 1 + 2 + 1 + 3 + 1 + 1
    found.full_agreement["idiomatic_simpy"] = [Agreement("desk end", 1_000.0, 1_001.0, 0.1, 1.0, 0.07)]
    told = failures(found)
    assert len(told) == 18
    assert "every feature, idiomatic_simpy: over so few runs only a difference of 7.0% would have been found" in told[6]


def test_no_gate_is_missed_where_all_is_well_or_there_is_no_compiler():
    found = program.Found()
    found.backlog["ours"], found.memory["twice_as_long"] = 1.0, 1.0
    found.engines = {"compiled_summaries": {"median_s": 1.0, "ratio_to_idiomatic_simpy": 80.0, "ratio_to_cpp": None}}
    found.works["reference"] = racing.Work(1, 1, 1, found.engines)
    found.first_call = {"compiling": 9.0, "start": 1.5, "slow": []}
    found.growth = [{"scale": 10, "growth": 11.0, "allowed": 12.0}]
    assert failures(found) == []
