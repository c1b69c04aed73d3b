"""A worker that is killed, or that runs out of memory, costs time and no results."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
import struct
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_workers import tiny  # noqa: F401 - a fixture

import experiments.report
from experiments.agreement import SelfCheck
from experiments.crew import MOST_BREAKS, Crew
from experiments.experiment import run_experiment
from experiments.plan import prepare
from experiments.replicate import AnyJob, Outcome
from experiments.store import Folder
from experiments.work import Work
from experiments.worker import outcome_of

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill like that")


def killed(_: Path) -> None:
    """The end of this process, as the system ends one when memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_after_others(folder: Path) -> None:
    """As above, when the other worker has begun its fourth replication, so that some are finished."""
    while len({path.stem for path in folder.iterdir()}) < 5:
        time.sleep(0.02)
    killed(folder)


def killed_in_mid_sentence(folder: Path) -> None:
    """The end of this process while it sends a result: the parent has read how long it will be, and waits for it."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    pipe = frame.f_locals["result_queue"]._writer.fileno()
    os.write(pipe, struct.pack("!i", 1_000_000) + b"and then")
    killed(folder)


def out_of_memory(_: Path) -> None:
    """More memory than any machine has."""
    np.zeros(2**50)


@dataclass(frozen=True)
class Fatal:
    """A real job that goes wrong at some replications: each so often, counted by files in a folder."""

    job: AnyJob
    folder: Path
    wrong: dict[int, Any]
    times: int

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "job":
            raise AttributeError(name)
        return getattr(self.job, name)

    def outcome(self, replication: int) -> Any:
        """As the job's, if it gets so far."""
        begun = len(list(self.folder.glob(f"{replication}.*")))
        (self.folder / f"{replication}.{begun}").touch()
        if replication in self.wrong and begun < self.times:
            self.wrong[replication](self.folder)
        return self.job.outcome(replication)


@pytest.fixture
def job(tiny: Path) -> AnyJob:  # noqa: F811
    """A real job of a few hundred people, on the engine that new workers have sooner."""
    return replace(prepare(tiny).own[0].job, engine="simpy")


@pytest.fixture
def fatal(job: AnyJob, tmp_path: Path) -> Any:
    """Makes the job go wrong."""

    def made(wrong: dict[int, Any], times: int = 1) -> Any:
        (tmp_path / "begun").mkdir()
        return Fatal(job, tmp_path / "begun", wrong, times)

    return made


def same(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes are the same to the last number."""
    return (one.replication, one.people, one.rows) == (other.replication, other.people, other.rows) and all(
        np.array_equal(array, getattr(other.tallies[name], field))
        for name, tally in one.tallies.items()
        for field, array in tally.arrays().items()
    )


def work_of(folder: Folder, crew: Crew) -> Work:
    """Work whose check is under way too."""
    return Work(folder, crew, True, SelfCheck(folder, crew, list(crew.jobs.values())))


def begun(folder: Path, replication: int) -> int:
    """How often a replication was begun."""
    return len(list(folder.glob(f"{replication}.*")))


@pytest.mark.parametrize("how", [killed, pytest.param(killed_in_mid_sentence, marks=pytest.mark.slow)])
def test_what_a_killed_worker_had_under_way_is_run_again(job: AnyJob, fatal: Any, how: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("experiments.crew.PATIENCE", 0.2)
    want = [job.outcome(replication) for replication in range(12)]
    broken = fatal({4: how, 11: how})
    with Crew([broken], 2) as crew:
        made = list(crew.map(job.key, range(12)))
        assert crew.record == {"broke": 2, "workers_at_end": 2}, "each time with something finished before"
        assert list(crew.map(job.key, range(2))), "and the crew works on"
    assert [outcome.replication for outcome in made] == list(range(12)), "each once, in order"
    assert all(same(a, b) for a, b in zip(made, want, strict=True))
    assert begun(broken.folder, 11) == 2


def test_all_workers_are_there_before_any_can_be_missed(job: AnyJob) -> None:
    """A worker that joins while the pool is being ended would make the pool's thread fail, now and then."""
    with Crew([job], 3) as crew:
        first = crew.begin(outcome_of, job.key, 0)
        assert crew.pool is not None and len(crew.pool._processes) == 3
        crew.result(first)


def test_what_is_finished_is_not_run_again(job: AnyJob, fatal: Any) -> None:
    """Nobody has asked for the first replications yet when the pool breaks; their results are there all the same."""
    broken = fatal({5: killed})
    with Crew([broken], 2) as crew:
        outcomes = crew.map(job.key, range(6))
        first = next(outcomes)
        until = time.monotonic() + 60
        while begun(broken.folder, 5) == 0 and time.monotonic() < until:
            time.sleep(0.05)
        rest = list(outcomes)
    assert [first.replication, *(outcome.replication for outcome in rest)] == list(range(6))
    again = sum(begun(broken.folder, replication) for replication in range(5)) - 5
    assert again <= 1, "only what the other worker had under way"


@pytest.mark.slow
def test_a_replication_that_kills_every_worker_ends_in_a_fault_and_the_others_are_kept(
    job: AnyJob, fatal: Any, tmp_path: Path
) -> None:
    broken = fatal({3: killed}, times=100)
    folder = Folder(tmp_path / "out", False)
    crew = Crew([broken], 2)
    with pytest.raises(BrokenProcessPool), crew:
        work_of(folder, crew).batch(job.key, 0, 4, "A batch")
    assert begun(broken.folder, 3) >= MOST_BREAKS
    assert crew.record["workers_at_end"] == 1, "fewer workers were tried"
    parts = sorted(path.name for path in (tmp_path / "out" / "replications").iterdir())
    assert parts == ["own-now-00000-unfinished.parquet"], "no batch, and its name says so"
    frame = pd.read_parquet(tmp_path / "out" / "replications" / parts[0])
    assert sorted(frame["replication"].unique()) == [0, 1, 2]


@pytest.mark.slow
def test_later_replications_of_a_batch_that_cannot_be_finished_are_kept_too(
    job: AnyJob, fatal: Any, tmp_path: Path
) -> None:
    broken = fatal({0: killed_after_others}, times=100)
    folder = Folder(tmp_path / "out", False)
    with pytest.raises(BrokenProcessPool), Crew([broken], 2) as crew:
        work_of(folder, crew).batch(job.key, 0, 30, "A batch")
    (part,) = (tmp_path / "out" / "replications").iterdir()
    kept = pd.read_parquet(part)["replication"].unique().tolist()
    assert kept == sorted(kept) and 0 not in kept
    done = [r for r in range(30) if begun(broken.folder, r)]
    assert len(kept) >= len(done) - 3, "all but what was under way"


@pytest.mark.slow
def test_without_memory_a_replication_is_tried_again_with_fewer_workers(job: AnyJob, fatal: Any) -> None:
    broken = fatal({2: out_of_memory})
    with Crew([broken], 2) as crew:
        made = list(crew.map(job.key, range(5)))
        assert crew.record == {"broke": 0, "workers_at_end": 1}
    assert all(same(outcome, job.outcome(replication)) for replication, outcome in enumerate(made))


@pytest.mark.slow
def test_without_memory_with_fewer_workers_either_the_fault_is_told(job: AnyJob, fatal: Any, tmp_path: Path) -> None:
    broken = fatal({2: out_of_memory}, times=100)
    folder = Folder(tmp_path / "out", False)
    with pytest.raises(MemoryError), Crew([broken], 2) as crew:
        work_of(folder, crew).batch(job.key, 0, 3, "A batch")
    assert begun(broken.folder, 2) == 2, "tried twice"
    (part,) = (tmp_path / "out" / "replications").iterdir()
    assert sorted(pd.read_parquet(part)["replication"].unique()) == [0, 1]


@pytest.mark.slow
def test_a_whole_experiment_with_killed_workers_writes_what_an_undisturbed_one_writes(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(experiments.report, "build_report", lambda folder: [])
    calm = run_experiment(tiny, tmp_path / "calm", 1, False, quiet=True)
    out, over = tmp_path / "stormy", threading.Event()

    def storm() -> None:
        """A worker is killed as soon as there is one, and one after each of the first three batches."""
        for wait_for in (None, "own-now-00000", "own-then-00000", "comparison-00000"):
            while wait_for is not None and not (out / "replications" / f"{wait_for}.parquet").exists():
                if over.wait(0.01):
                    return
            while not multiprocessing.active_children():
                if over.wait(0.01):
                    return
            multiprocessing.active_children()[0].kill()

    killer = threading.Thread(target=storm)
    killer.start()
    try:
        stormy = run_experiment(tiny, out, 2, False, quiet=True)
    finally:
        over.set()
        killer.join()
    manifests = [json.loads((folder / "manifest.json").read_text(encoding="utf-8")) for folder in (calm, stormy)]
    assert manifests[0]["pool"]["broke"] == 0 and manifests[1]["pool"]["broke"] >= 1
    names = sorted(str(path.relative_to(calm)) for path in calm.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(stormy)) for path in stormy.rglob("*") if path.is_file())
    assert len(names) > 20
    for name in names:
        if name != "manifest.json":
            assert (calm / name).read_bytes() == (stormy / name).read_bytes(), name
    for key in ("checks", "stopping", "replications", "people_simulated", "uncertainty"):
        assert manifests[0][key] == manifests[1][key], key
    assert [manifest["agreement"]["verdict"] for manifest in manifests] == ["agreed", "agreed"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_batch_that_a_full_disk_cuts_short_is_no_batch(
    job: AnyJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A disk can also be full only when what was written is brought to it."""
    folder, calls = Folder(tmp_path / "out", False), []
    real = os.fsync

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2 * number - 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    outcomes = [job.outcome(replication) for replication in range(2)]
    monkeypatch.setattr(os, "fsync", full)
    for place, outcome in enumerate(outcomes, 1):
        if place == number:
            with pytest.raises(OSError, match="No space left") as caught:
                folder.replications(job.key, [outcome])
            assert caught.value.errno == errno.ENOSPC and "replications" in str(caught.value.filename)
        else:
            folder.replications(job.key, [outcome])
    (kept,) = (tmp_path / "out" / "replications").iterdir()
    assert pd.read_parquet(kept)["replication"].unique().tolist() == [2 - number]
