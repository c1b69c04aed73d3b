"""A run that was stopped and goes on writes what one writes that was never stopped, to the byte."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from test_service_experiment import written
from test_workers import tiny  # noqa: F401 - a fixture
from twentieth import written as of_transition

import experiments.report
import experiments.work
from experiments.agreement import SelfCheck
from experiments.batches import read_batch, table_of, write_batch, write_table
from experiments.cli import main
from experiments.crew import Crew
from experiments.experiment import run_experiment
from experiments.plan import prepare
from experiments.resume import outcome_from, resume
from experiments.store import Folder, in_hand
from experiments.transition.job import CENTRAL, DRAWN, Yardstick
from experiments.work import Work
from simulation.errors import DemandflowError


@pytest.fixture(autouse=True)
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments.report, "build_report", lambda folder: [])


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Ctrl-C while a run's batch is about to be written; what was written before stays."""
    monkeypatch.setattr(experiments.work, "BATCH", 1)

    def stop(run: Callable[[], Any], key: str, first: int) -> None:
        write = Folder.replications

        def until(self: Folder, name: str, outcomes: Any, mark: str = "") -> None:
            if (name, outcomes[0].replication) == (key, first):
                raise KeyboardInterrupt
            write(self, name, outcomes, mark)

        with monkeypatch.context() as patch:
            patch.setattr(Folder, "replications", until)
            with pytest.raises(KeyboardInterrupt):
                run()

    return stop


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where the run that is stopped writes."""
    return tmp_path / "out"


@pytest.fixture
def whole(tiny: Path, tmp_path: Path, stopped: object) -> Path:  # noqa: F811
    """The results of the comparison that was never stopped, in batches as small as those of the one that is."""
    return run_experiment(tiny, tmp_path / "whole", 1, False, quiet=True)


@pytest.fixture
def begun(tiny: Path, out: Path, stopped: Callable[..., None]) -> Callable[[str, int], None]:  # noqa: F811
    """Begins the comparison and stops it while a batch of a run is about to be written."""
    return lambda key, first: stopped(lambda: run_experiment(tiny, out, 1, False, quiet=True), key, first)


def assert_same(one: Path, other: Path) -> int:
    """Tables and replications are the same to the byte; how many files there were."""
    names, others = (
        sorted(str(p.relative_to(each)) for part in ("tables", "replications") for p in (each / part).iterdir())
        for each in (one, other)
    )
    assert names == others
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    return len(names)


def told(folder: Path) -> dict[str, Any]:
    """The manifest."""
    return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def test_a_comparison_stopped_twice_is_the_same_as_one_never_stopped(
    whole: Path, out: Path, begun: Callable[[str, int], None], stopped: Callable[..., None]
) -> None:
    begun("own/then", 0)
    assert (told(out)["status"], told(out)["replications"]) == ("interrupted", {"own/now": 40})
    (out / "replications" / "own-then-00000-unfinished.parquet").write_bytes(b"half a batch")
    (out / "tables" / ".flows-x.part").write_bytes(b"half a table")
    stopped(lambda: resume(out, 2, quiet=True), "comparison", 30)
    assert resume(out, 1, quiet=True) == out
    assert assert_same(whole, out) > 20
    one, two = told(whole), told(out)
    for key in ("checks", "stopping", "replications", "people_simulated", "uncertainty", "pathway_hashes", "status"):
        assert one[key] == two[key], key
    assert two["resumed"] == [
        {"was": "interrupted", "replications_taken": {"own/now": 40}},
        {"was": "interrupted", "replications_taken": {"own/now": 40, "own/then": 40, "comparison": 30}},
    ]
    assert "resumed" not in one and two["agreement"]["verdict"] == "agreed"
    assert not [*out.rglob("*.part"), *out.rglob("*-unfinished*")]


def test_a_damaged_batch_and_one_of_another_size_are_run_again(
    whole: Path, out: Path, begun: Callable[[str, int], None], stopped: Callable[..., None]
) -> None:
    begun("comparison", 37)
    parts = out / "replications"
    content = bytearray((parts / "own-now-00000.parquet").read_bytes())
    content[len(content) // 3] ^= 1
    (parts / "own-now-00000.parquet").write_bytes(content)
    (parts / "own-then-00000.parquet").write_bytes(b"no Parquet")
    shutil.copy(parts / "comparison-00000.parquet", parts / "comparison-00030.parquet")
    resume(out, 1, quiet=True)
    assert told(out)["resumed"][0]["replications_taken"] == {"comparison": 30}
    assert_same(whole, out)


@pytest.mark.slow
def test_a_service_goes_on(toys: Any, tmp_path: Path, stopped: Callable[..., None]) -> None:
    experiment = written(toys)
    whole = run_experiment(experiment, tmp_path / "whole", 1, False, quiet=True)
    out = tmp_path / "out"
    stopped(lambda: run_experiment(experiment, out, 1, False, quiet=True), "service", 1)
    resume(out, 1, quiet=True)
    assert told(out)["resumed"][0]["replications_taken"] == {"service": 1}
    assert_same(whole, out)


@pytest.mark.slow
def test_a_transition_goes_on_with_its_yardsticks(tmp_path: Path, stopped: Callable[..., None]) -> None:
    experiment, out = of_transition(tmp_path), tmp_path / "out"
    whole = run_experiment(experiment, tmp_path / "whole", 1, False, quiet=True)
    stopped(lambda: run_experiment(experiment, out, 1, False, quiet=True), DRAWN, 1)
    resume(out, 1, quiet=True)
    assert told(out)["resumed"][0]["replications_taken"] == {CENTRAL: 2, DRAWN: 1}
    assert_same(whole, out)


def test_every_kind_of_outcome_is_read_back_to_the_last_number(tiny: Path, tmp_path: Path) -> None:  # noqa: F811
    prepared = prepare(tiny)
    assert prepared.comparison is not None
    for job in (prepared.own[0].job, prepared.comparison.job):
        outcomes = [job.outcome(number) for number in (3, 4)]
        write_batch(tmp_path / "batch.parquet", outcomes)
        back = [outcome_from(read) for read in read_batch(tmp_path / "batch.parquet")]
        for one, other in zip(outcomes, back, strict=True):
            assert type(one) is type(other) and list(one.tallies) == list(other.tallies)
            assert (one.key, one.replication, one.people, one.rows) == (
                other.key, other.replication, other.people, other.rows)  # fmt: skip
            for name, tally in one.tallies.items():
                for field in fields(tally):
                    want, got = getattr(tally, field.name), getattr(other.tallies[name], field.name)
                    assert want.dtype == got.dtype and want.shape == got.shape and np.array_equal(want, got)


def test_a_transition_s_outcome_is_read_back_with_its_yardstick_and_so_is_one_without_runs(tmp_path: Path) -> None:
    from experiments.transition.figures import Figures
    from experiments.transition.job import TransitionOutcome

    def array(*shape: int) -> Any:
        return np.arange(np.prod(shape), dtype=np.int64).reshape(shape)

    needed = [each.name for each in fields(Figures) if each.default_factory is MISSING]
    figures = Figures(**{name: array(*range(1, 3 + at % 3), at + 1) for at, name in enumerate(needed)})
    yardstick = Yardstick((0.1 + 0.2, 3.843e6), 1 / 3, ("harrow",))
    made = [
        TransitionOutcome(
            DRAWN, 0, {"today": figures, "now": replace(figures, ledger=array(2, 1, 2))}, 9, 8, yardstick
        ),
        TransitionOutcome(DRAWN, 1, {}, 0, 0, Yardstick((), 0.0)),
    ]
    write_batch(tmp_path / "batch.parquet", made)
    back = [outcome_from(read) for read in read_batch(tmp_path / "batch.parquet")]
    assert [o.yardstick for o in back] == [o.yardstick for o in made]
    assert back[1] == made[1], "drawn inputs that contradict each other leave no runs"
    for name, want in made[0].tallies.items():
        assert all(np.array_equal(a, back[0].tallies[name].arrays()[key]) for key, a in want.arrays().items())


def test_rows_that_belong_to_nothing_are_no_batch(tiny: Path, tmp_path: Path) -> None:  # noqa: F811
    table, notes = table_of([prepare(tiny).own[0].job.outcome(0)])
    wrong = table.set_column(2, "replication", pa.array([7] * table.num_rows, pa.int64()))
    write_table(tmp_path / "wrong.parquet", wrong, notes)
    with pytest.raises(ValueError, match="belong to nothing"):
        read_batch(tmp_path / "wrong.parquet")
    pd.DataFrame({"run": ["own/now"]}).to_parquet(tmp_path / "old.parquet")
    with pytest.raises(ValueError, match="cannot be read back"):
        read_batch(tmp_path / "old.parquet")


@pytest.fixture
def half(tiny: Path, tmp_path: Path, stopped: Callable[..., None]) -> Path:  # noqa: F811
    """A run that was stopped after its first batch."""
    stopped(lambda: run_experiment(tiny, tmp_path / "half", 1, False, quiet=True), "own/then", 0)
    return tmp_path / "half"


def said(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """What the command says where it cannot go on."""
    capsys.readouterr()
    assert main([str(word) for word in words]) == 2
    return capsys.readouterr().err


def test_what_changed_since_is_named_and_nothing_is_touched(
    half: Path,
    tiny: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = {path: path.read_bytes() for path in half.rglob("*") if path.is_file()}
    text = tiny.read_text(encoding="utf-8")
    tiny.write_text(text.replace("seed: 5", "seed: 6"), encoding="utf-8")
    error = said(capsys, "resume", half)
    assert f"cannot go on: {tiny} changed since it was begun" in error and "--force" in error
    tiny.write_text(text, encoding="utf-8")
    manifest = told(half)
    manifest["versions"]["numpy"], manifest["code"]["hash"], manifest["machine"]["processor"] = "1.0", "x", "abacus"
    (half / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before[half / "manifest.json"] = (half / "manifest.json").read_bytes()
    error = said(capsys, "resume", half)
    for part in ("the code of Demandflow", "the version of numpy (then 1.0, now", "processor (then abacus"):
        assert part in error
    assert before == {path: path.read_bytes() for path in half.rglob("*") if path.is_file()}
    tiny.rename(tiny.with_suffix(".away"))
    assert f"{tiny} is not there. Run this command in the folder where the run was begun" in said(
        capsys, "resume", half
    )


def test_a_folder_that_cannot_go_on_says_why(half: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not there. Name the folder of an experiment that was stopped." in said(capsys, "resume", tmp_path / "no")
    (tmp_path / "empty").mkdir()
    assert "is not a results folder." in said(capsys, "resume", tmp_path / "empty")
    manifest = told(half)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"status": "finished"}, "is finished. There is nothing to go on with."),
        ({"schema_version": 99}, "has results of schema version 99, and this program writes"),
        ({"command": "hindcast"}, "was written by run.py hindcast"),
    ]
    for change, sentence in cases:
        (half / "manifest.json").write_text(json.dumps({**manifest, **change}), encoding="utf-8")
        assert sentence in said(capsys, "resume", half)
    (half / "manifest.json").write_text(
        json.dumps({k: v for k, v in manifest.items() if k != "config_file"}), encoding="utf-8"
    )
    assert "does not say what it was begun with" in said(capsys, "resume", half)


def test_a_run_that_goes_on_is_not_disturbed(half: Path) -> None:
    with in_hand(half), pytest.raises(DemandflowError, match="is being written by a run that goes on"):
        resume(half, 1, quiet=True)


def test_results_that_are_being_replaced_go_when_the_run_that_went_on_is_finished(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    stopped: Callable[..., None],
) -> None:
    out = run_experiment(tiny, tmp_path / "out", 1, False, quiet=True)
    stopped(lambda: run_experiment(tiny, out, 1, True, quiet=True), "comparison", 0)
    assert told(out)["replaces"] == "out.previous" and (tmp_path / "out.previous").exists()
    resume(out, 1, quiet=True)
    assert not (tmp_path / "out.previous").exists()
    assert told(out)["status"] == "finished" and "replaces" not in told(out)


class Odd:
    """A job some of whose replications fail: each so often."""

    pathways, engine = (), "simpy"

    def __init__(self, job: Any, folder: Path, fail: dict[int, int]):
        self.job, self.key, self.folder, self.fail = job, job.key, folder, fail

    def outcome(self, replication: int) -> Any:
        """As the job's, if it gets so far."""
        tried = len(list(self.folder.glob(f"{replication}.*")))
        (self.folder / f"{replication}.{tried}").touch()
        if tried < self.fail.get(replication, 0):
            raise OSError("the network is away")
        return self.job.outcome(replication)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_that_fails_is_repeated_and_one_that_fails_again_costs_nobody_else_theirs(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    workers: int,
) -> None:
    (tmp_path / "tries").mkdir()
    odd: Any = Odd(replace(prepare(tiny).own[0].job, engine="simpy"), tmp_path / "tries", {1: 1, 3: 9})
    out, crew = Folder(tmp_path / "out", False), Crew([odd], workers)
    with crew, pytest.raises(OSError, match="network") as caught:
        Work(out, crew, True, SelfCheck(out, crew, [odd])).batch(odd.key, 0, 6, "A batch")
    assert caught.value.__notes__ == ["A replication of own/now failed twice; the others are kept."]
    (part,) = (tmp_path / "out" / "replications").iterdir()
    assert part.name == "own-now-00000-unfinished.parquet"
    kept = [read.replication for read in read_batch(part)]
    assert kept == ([0, 1, 2, 4, 5] if workers == 2 else [0, 1, 2])
    assert len(list((tmp_path / "tries").glob("3.*"))) == 2
