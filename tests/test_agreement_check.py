"""Every experiment runs part of itself on the other engine: what agrees is counted, what differs is told and kept."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import OUT, Toys, arrival, constant, decision, exponential, package, service
from one_of_everything import STAGES

import experiments.experiment
import experiments.report
import experiments.single
from experiments import agreement
from experiments.agreement import (
    AGREED,
    DIFFERED,
    NOT_CHECKED,
    SelfCheck,
    check,
    first_difference,
    part_of,
    scaled,
)  # fmt: skip
from experiments.cli import main
from experiments.crew import Crew
from experiments.experiment import run_experiment
from experiments.plan import Prepared, prepare
from experiments.replicate import Job
from experiments.report import build_report
from experiments.report.checking import agreed
from experiments.report.results import Results
from experiments.store import Folder, status_of
from simulation import engine_compiled, engine_simpy, engines
from simulation.compiler import Compiled, compile_graph
from simulation.pathway import Pathway
from simulation.trace import COLUMNS, Trace

EXPERIMENT = """
kind: experiment
name: asked
title: Everything
question: "Do the engines agree?"
seed: 3
follow_up_days: 60
calibration: {start: 2014-04-01, replications: 40, runs: [{model: everything, demand: everything}]}
"""


def everything(toys: Toys, contacts: float, teams: dict[str, Any]) -> Path:
    """An experiment of one model in which everything happens."""
    laws = {"care": (200.0, exponential(150, "days")), "reablement": (400.0, constant(21, "days"))}
    toys.prices({"older_people": laws}, name="everything")
    toys.demand({"community": contacts}, name="everything", held={"older_people": {"care": 20.0}})
    toys.model(STAGES, name="everything", teams=teams, uses=["prices/everything"])
    return toys.write("experiments", "asked", EXPERIMENT)


@pytest.fixture
def small(toys: Toys) -> Path:
    """An experiment of a few hundred people."""
    return everything(toys, 300.0, {"desk": 1, "visitors": 2, "hubs": "unlimited", "reviewers": 1})


@pytest.fixture(autouse=True)
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the report says is tested elsewhere."""
    monkeypatch.setattr(experiments.report, "build_report", lambda folder: [])


def job_of(path: Path) -> Job:
    """The work of the experiment's only run."""
    return prepare(path).own[0].job


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("engine", engines.CHOICES)
def test_a_run_is_checked_on_the_other_engine_and_the_manifest_says_so(
    small: Path, tmp_path: Path, engine: str
) -> None:
    folder = run_experiment(small, tmp_path / "out", 1, False, quiet=True, engine=engine)
    manifest, job = manifest_of(folder), job_of(small)
    people = job.maker.make(job.seed, 0)
    rows = engine_simpy.run(job.nobody, people, job.calendar, job.end, job.seed, 0).rows
    really = "simpy" if engine == "simpy" else "compiled"
    assert manifest["engine"] == manifest["agreement"]["engine"] == really
    assert {really, manifest["agreement"]["checked_on"]} == {"simpy", "compiled"}
    told = manifest["agreement"]
    assert (told["verdict"], told["rows"], told["people"], told["replication"]) == (AGREED, rows, people.size, 0)
    (run,) = told["runs"]
    assert (run["run"], run["every"], run["share_of_people"], run["rows"]) == ("own/everything", 1, 1.0, rows)
    assert set(run["seconds"]) == {"simpy", "compiled"}
    assert manifest["seconds"]["agreement"] > 0
    assert rows > 5 * people.size


def test_both_engines_give_the_same_tables_to_the_byte(small: Path, tmp_path: Path) -> None:
    folders = [run_experiment(small, tmp_path / name, 1, False, True, engine=name) for name in ("simpy", "compiled")]
    names = sorted(str(path.relative_to(folders[0])) for path in folders[0].rglob("*.*") if path.is_file())
    assert len(names) > 5
    for name in names:
        if name != "manifest.json":
            assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_every_pathway_that_is_run_is_checked(toys: Toys) -> None:
    """A comparison runs each transfer, so each is checked."""
    laws = {"care": (200.0, exponential(150, "days"))}
    toys.prices({"older_people": laws})
    toys.demand({"community": 300.0})
    for name, share, team in (("now", 0.5, 1), ("then", 0.7, 1)):
        stages = {"come": arrival("desk"), "desk": service("door", exponential(20), "desk"), "care": package()}
        stages |= {"door": decision(("out", share), ("care", "rest")), "out": OUT}
        toys.model(stages, name=name, teams={"desk": team}, uses=["prices/toy"])
    path = toys.write("experiments", "asked", COMPARISON)
    run = prepare(path).comparison
    assert run is not None
    assert [name for name, _ in run.job.pathways] == ["transfer 0", "transfer 1", "transfer some"]
    found = [check(run.job, number) for number in range(3)]
    assert [verdict.verdict for verdict in found] == [AGREED] * 3
    assert len({verdict.rows for verdict in found}) == 3, "three different pathways"
    # What is counted on the way is compared with what the trace says: another pathway's trace is found out.
    people = run.job.maker.make(run.job.seed, 0)
    traces = [
        engines.run("compiled", each, people, run.job.calendar, run.job.end, run.job.seed, 0)
        for _, each in run.job.pathways
    ]
    assert run.job.counts_as_it_goes
    assert run.job.sums_agree(run.job.nobody, people, traces[0], 0)
    assert not run.job.sums_agree(run.job.nobody, people, traces[1], 0)


COMPARISON = """
kind: experiment
name: asked
title: Two toys
question: "Do the engines agree?"
seed: 3
follow_up_days: 60
comparison:
  baseline: now
  model: then
  demand: toy
  prices: toy
  start: 2014-04-01
  years: 1
  keeps_baseline: {}
  transfers: [{name: none, title: none, value: 0}, {name: some, title: some, value: 0.4},
              {name: all, title: all, value: 1}]
  headline_transfer: some
  precision: {relative_half_width: 0.5, first_look: 30, batch: 10, most: 30}
  input_draws: 0
"""


def test_of_many_people_a_part_is_checked_against_a_part_of_the_capacity(
    toys: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = everything(toys, 3000.0, {"desk": 4, "visitors": 13, "hubs": "unlimited", "reviewers": 9})
    job = job_of(path)
    monkeypatch.setattr(agreement, "MOST_PEOPLE", 500)
    ran: dict[str, tuple[Any, ...]] = {}
    for name, module in (("simpy", engine_simpy), ("compiled", engine_compiled)):
        monkeypatch.setattr(module, "run", remembering(module.run, name, ran))
    found = check(job, 0)
    everybody = job.maker.make(job.seed, 0)
    every = -(-everybody.size // 500)
    assert every > 4
    assert (found.verdict, found.every, found.people_in_all) == (AGREED, every, everybody.size)
    assert found.people == len(everybody.person[::every]) <= 500
    assert found.told()["share_of_people"] == round(found.people / everybody.size, 6)
    for pathway, people, *_ in ran.values():
        assert np.array_equal(people.person, everybody.person[::every])
        assert 0 < (people.held >= 0).sum() < 20, "people in care at the start are among them"
        sizes = dict(zip(pathway.teams, pathway.team_size.tolist(), strict=True))
        assert (sizes["desk"], sizes["visitors"], sizes["hubs"]) == (1, round(13 / every), -1)
    assert ran["simpy"][0].content_hash() == ran["compiled"][0].content_hash() != job.nobody.content_hash()


def remembering(run: Any, name: str, ran: dict[str, tuple[Any, ...]]) -> Any:
    """An engine that notes what it was given."""

    def noted(*given: Any) -> Trace:
        ran[name] = given
        trace: Trace = run(*given)
        return trace

    return noted


def test_capacity_is_scaled_down_and_never_to_nothing_nor_from_nothing(small: Path) -> None:
    pathway = job_of(small).nobody
    teams = len(pathway.teams)
    size = np.resize(np.array([-1, 0, 1, 2, 11, 40]), teams)
    roster = np.full((teams, 2, 2), -1)
    roster[:, 0] = np.stack([np.full(teams, 24_000), np.resize(np.array([0, 1, 7, 100]), teams)], axis=1)
    less = scaled(replace(pathway, team_size=size, team_roster=roster), 4)
    want = {-1: -1, 0: 0, 1: 1, 2: 1, 11: 3, 40: 10, 7: 2, 100: 25}
    assert less.team_size.tolist() == [want[n] for n in size.tolist()]
    assert less.team_roster[:, 0, 1].tolist() == [want[n] for n in roster[:, 0, 1].tolist()]
    assert (less.team_roster[:, 0, 0] == 24_000).all() and (less.team_roster[:, 1] == -1).all()
    here = pathway.slots[..., 0] >= 0
    assert set(pathway.slots[here][:, 2].tolist()) == {2} and set(less.slots[here][:, 2].tolist()) == {1}
    assert np.array_equal(less.slots[..., :2], pathway.slots[..., :2]) and (less.slots[~here] == -1).all()
    assert scaled(pathway, 1) is pathway


def test_with_many_rows_a_person_fewer_people_are_taken(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_of(small)
    whole = check(job, 0)
    assert whole.every == 1
    # A fifth of the time that all of them would take.
    monkeypatch.setattr(agreement, "MOST_SECONDS", whole.rows * agreement.SECONDS_A_ROW / 5)
    part = check(job, 0)
    assert (part.verdict, part.every, part.people) == (AGREED, 5, -(-whole.people // 5))
    assert part.rows < whole.rows / 3


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in one engine: some people draw what is not theirs."""
    real = engine_simpy.pair

    def wrong(person: int, *rest: int) -> tuple[float, float]:
        return real(person + (person % 50 == 0), *rest)  # type: ignore[no-any-return]

    monkeypatch.setattr(engine_simpy, "pair", wrong)


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_a_difference_is_named_and_both_traces_are_kept(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    out = tmp_path / "out"
    assert main(["experiment", str(small), "--out", str(out), "--workers", "1", "--quiet", "--engine", engine]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith("the two engines do not agree, so nothing of this run can be")
    manifest = manifest_of(out)
    assert (manifest["status"], manifest["agreement"]["verdict"]) == ("failed", DIFFERED)
    (run,) = manifest["agreement"]["runs"]
    frames = {
        name: pd.read_parquet(out / "agreement" / f"own-everything-{name}.parquet") for name in ("simpy", "compiled")
    }
    size = min(map(len, frames.values()))
    same = (frames["simpy"].iloc[:size].to_numpy() == frames["compiled"].iloc[:size].to_numpy()).all(axis=1)
    first = int((~same).argmax())
    assert not same[first] and run["first_row_that_differs"] == first + 1
    assert run["why"] in said and f"row {first + 1:,}: the {engine} engine has 201" in said
    for name, frame in frames.items():
        row = frame.iloc[first]
        when = (pd.Timestamp("2014-04-01") + pd.Timedelta(int(row["time_ms"]), "ms")).isoformat(" ", "milliseconds")
        event = row["event"].replace("_", " ")
        who = f"P{int(row['person']) % 2**64}"
        assert f"the {name} engine has {when}, stage {row['stage']}, {event} ({row['value']}), {who}" in said


@pytest.mark.usefixtures("faulty")
def test_what_differs_can_be_sent_from_a_worker(small: Path) -> None:
    found = check(job_of(small), 0)
    assert found.verdict == DIFFERED
    back = pickle.loads(pickle.dumps(found))
    assert back.told() == found.told()
    assert all(back.traces[name].same_as(trace) for name, trace in found.traces.items())


@pytest.fixture
def trace(small: Path) -> Trace:
    """A trace."""
    job = job_of(small)
    return engines.run("compiled", job.nobody, job.maker.make(1, 0), job.calendar, job.end, 1, 0)


def changed(trace: Trace, column: str, row: int) -> Trace:
    """The same but for one number."""
    values = getattr(trace, column).copy()
    values[row] += 1
    return replace(trace, **{column: values})


def test_the_first_difference_is_found_in_any_column_and_any_row(trace: Trace) -> None:
    assert first_difference(trace, trace) is None
    last = trace.rows - 1
    for column in COLUMNS:
        for row in (0, 7, last):
            assert first_difference(trace, changed(trace, column, row)) == row
    both = changed(changed(trace, "value", last), "time", 5)
    assert first_difference(both, trace) == 5
    cut = trace.where(np.arange(trace.rows) < last)
    assert first_difference(cut, trace) == first_difference(trace, cut) == last
    assert first_difference(trace, replace(trace, end=trace.end + 1)) == trace.rows
    turned = trace.where(np.array([1, 0, *range(2, trace.rows)]))
    assert first_difference(trace, turned) == 0, "unsorted: the same rows in another order are a difference"


def test_rows_that_mean_nothing_can_still_be_told(trace: Trace, small: Path) -> None:
    job = job_of(small)
    odd = replace(trace, event=trace.event + 1000, stage=trace.stage - 1000)
    assert "event 10" in agreement.in_words(odd, 0, job.nobody, job.calendar)
    end = "nothing more until 2015-05-31 00:00:00.000"
    assert agreement.in_words(trace, trace.rows, job.nobody, job.calendar) == end


def test_every_so_manieth_person_is_taken_whoever_they_are(small: Path) -> None:
    people = job_of(small).maker.make(3, 0)
    for every in (1, 2, 7, people.size, people.size + 5):
        part = part_of(people, every)
        assert part.person.tolist() == people.person.tolist()[::every]
        assert part.rank.tolist() == people.rank.tolist()[::every]


def test_the_report_says_how_many_rows_agreed(small: Path, tmp_path: Path) -> None:
    folder = run_experiment(small, tmp_path / "out", 1, False, quiet=True)
    told = manifest_of(folder)["agreement"]
    said = str(agreed(Results(folder)))
    assert said == (
        f"Two separate engines must give the same lives: {told['people']:,} of {told['people_in_all']:,} people in the "
        "first replication of each run lived again on the other engine, and all "
        f"{told['rows']:,} events agreed, row for row."
    )
    build_report(folder)
    page = (folder / "report.html").read_text(encoding="utf-8")
    number = f'<data value="{told["rows"]}" data-from="manifest.json: agreement.rows">{told["rows"]:,}</data>'
    assert page.count(f"all {number} events agreed, row for row") == 1


def test_the_report_says_what_was_not_checked(small: Path, tmp_path: Path) -> None:
    folder = run_experiment(small, tmp_path / "out", 1, False, quiet=True)
    manifest = manifest_of(folder)
    manifest["agreement"]["runs"][0]["verdict"] = NOT_CHECKED
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = "Whether two separate engines give the same lives was not checked for own/everything."
    assert str(agreed(Results(folder))) == said
    del manifest["agreement"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert agreed(Results(folder)) is None, "results of an earlier version"


def endless(pathway: Pathway) -> Pathway:
    """People come back for ever, more often than the compiled engine can count.

    The checks of files refuse every such model that we could think of, so it is made here.
    """
    return replace(pathway, again=np.where(pathway.again > 0, 1.0, 0.0))


@pytest.fixture
def returning(toys: Toys, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An experiment whose pathways have passed the checks and are endless all the same."""
    out = {**OUT, "contacts_again": 0.5, "after": constant(5, "minutes")}
    toys.demand({"community": 10.0})
    toys.model({"come": arrival("out"), "out": out})

    def prepared(path: Path) -> Prepared:
        found = prepare(path)
        (run,) = found.own
        return replace(found, own=(replace(run, job=replace(run.job, nobody=endless(run.job.nobody))),))

    def compiled(*given: Any) -> Compiled:
        found = compile_graph(*given)
        return replace(found, pathway=endless(found.pathway))

    monkeypatch.setattr(experiments.experiment, "prepare", prepared)
    monkeypatch.setattr(experiments.single, "compile_graph", compiled)
    return toys.write("experiments", "asked", EXPERIMENT.replace("everything", "toy"))


def test_a_limit_of_the_engine_is_told_in_a_sentence(
    returning: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(tmp_path / "models" / "toy.yaml")
    experiment = ["experiment", str(returning), "--quiet", "--workers"]
    for words in (
        [*experiment, "1", "--out", str(tmp_path / "one")],
        [*experiment, "2", "--out", str(tmp_path / "two")],
        ["people", model],
        ["eventlog", model, "--out", str(tmp_path / "log")],
    ):
        assert main(words) == 2, words
        said = capsys.readouterr().err
        assert "somebody contacted again more than 65,535 times" in said, words
        assert said.count("\n") == 1, words
    assert status_of(tmp_path / "one") == status_of(tmp_path / "two") == "failed"
    assert not (tmp_path / "log").exists()


def test_a_limit_of_the_other_engine_only_means_that_nothing_was_checked(returning: Path, tmp_path: Path) -> None:
    plain = job_of(returning)
    job = replace(plain, engine="simpy", nobody=endless(plain.nobody))
    with Crew([job], 1) as crew:
        self_check = SelfCheck(Folder(tmp_path / "out", False), crew, [job])
        self_check.finish()
    told = self_check.record
    assert (told["verdict"], told["rows"], told["people"]) == (NOT_CHECKED, 0, 0)
    assert told["runs"][0]["why"].startswith("the compiled engine says: ")


class Hungry(Job):
    """A job whose people do not fit into memory."""

    @property
    def pathways(self) -> Any:
        """Where memory ends."""
        return ((np.zeros(2**50) and "", self.nobody),)


def test_without_memory_for_a_trace_the_run_goes_on_unchecked(small: Path, tmp_path: Path) -> None:
    plain = job_of(small)
    job = Hungry(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})
    with Crew([plain], 1) as crew:
        self_check = SelfCheck(Folder(tmp_path / "out", False), crew, [plain])
        crew.jobs[plain.key] = job
        self_check.finish()
    assert self_check.record["verdict"] == NOT_CHECKED
    assert self_check.record["runs"][0]["why"] == "there was not enough memory."
