"""Any executor does the same work; a Dask cluster on loopback writes what one process writes, whatever befalls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Toys
from test_going_on import GOAL
from test_resume import Odd, assert_same, told
from test_staffing import written as staffed
from test_sweep import sweep_file
from test_workers import same, tiny  # noqa: F401 - a fixture
from twentieth import written as of_transition

import experiments.cluster
import experiments.report
from experiments.cli import main
from experiments.cluster import Stamp, connected, is_same
from experiments.crew import Crew
from experiments.experiment import run_experiment
from experiments.plan import prepare
from experiments.resume import resume
from experiments.tasks import TaskFailed
from simulation.errors import DemandflowError

ROOT = Path(__file__).resolve().parent.parent
STARTED = 60.0
"""Seconds in which everything that is started must be there."""


@pytest.fixture(autouse=True)
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments.report, "build_report", lambda folder: [])


# --- any executor


class Cancels(ThreadPoolExecutor):
    """Cancels the first tasks that it is given, as a cluster does that loses what it was sent."""

    cancelled = 0

    def __init__(self, most: int):
        super().__init__(2)
        self.most = most

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As any executor, but for the first."""
        if self.cancelled < self.most:
            self.cancelled += 1
            future: Future[Any] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future
        return super().submit(fn, *args, **kwargs)


@pytest.mark.parametrize("most", [0, 3])
def test_any_executor_makes_the_same_and_is_given_again_what_it_cancels(tiny: Path, most: int) -> None:  # noqa: F811
    job = replace(prepare(tiny).own[0].job, engine="simpy")
    with Cancels(most) as executor, Crew([job], 2, executor=executor) as crew:
        made = list(crew.map(job.key, range(4)))
    assert executor.cancelled == most and crew.record["broke"] == (1 if most else 0)
    assert all(same(one, job.outcome(number)) for number, one in enumerate(made))


def test_a_task_that_fails_twice_on_an_executor_is_named_and_the_others_are_there(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    odd: Any = Odd(replace(prepare(tiny).own[0].job, engine="simpy"), tmp_path, {1: 9})
    with ThreadPoolExecutor(2) as executor, Crew([odd], 2, executor=executor) as crew:
        found = crew.map(odd.key, range(4))
        assert next(found).replication == 0
        with pytest.raises(TaskFailed, match=r"replication 1 of own/now failed twice.*OSError: the network is away"):
            next(found)
        assert [outcome.replication for outcome in crew.left(odd.key, waits=True)] == [2, 3]


# --- what must be the same where the work is done


def test_a_worker_that_would_do_something_else_says_what_differs(tiny: Path) -> None:  # noqa: F811
    stamp = Stamp.of(prepare(tiny))
    assert stamp.differs() == ""
    assert str(tiny) in dict(stamp.files)
    assert "another version of Demandflow's code" in replace(stamp, code="x").differs()
    assert "and 1.0 is needed" in replace(stamp, versions=(("numpy", "1.0"),)).differs()
    assert "cannot read /nowhere/x.yaml" in replace(stamp, files=(("/nowhere/x.yaml", "x"),)).differs()
    tiny.write_text(tiny.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert f"has another {tiny}" in stamp.differs()
    with pytest.raises(DemandflowError, match=r"the worker .*, process \d+, has another"):
        is_same(stamp)


def test_without_dask_a_sentence_says_how_to_install_it(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["experiment", str(tiny), "--out", str(tmp_path / "out"), "--cluster", "tcp://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err == (
        "--cluster needs the Python package dask[distributed], which is not installed. Install it: "
        '.venv/bin/python -m pip install "dask[distributed]"\n'
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://here", "here", "tcp://127.0.0.1:notaport"])
def test_a_cluster_that_cannot_be_reached_is_a_sentence_and_nothing_is_begun(
    address: str,
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(experiments.cluster, "PATIENCE", 0.5)
    assert main(["experiment", str(tiny), "--out", str(tmp_path / "out"), "--cluster", address]) == 2
    assert capsys.readouterr().err.startswith(f"no Dask scheduler answers at {address}. Check the address")
    assert not (tmp_path / "out").exists()


def test_workers_and_a_cluster_are_one_or_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["experiment", "x.yaml", "--workers", "2", "--cluster", "tcp://127.0.0.1:1"])
    assert "not allowed with" in capsys.readouterr().err


# --- a real cluster on loopback


@dataclass
class Loopback:
    """A scheduler, and workers started in another folder."""

    folder: Path
    scheduler: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, **environment: str) -> None:
        """Start a worker."""
        self.workers.append(_started(self.folder, "dask_worker", self.address, "--nthreads", "1", "--no-nanny",
                                     "--no-dashboard", **environment))  # fmt: skip

    def end(self) -> None:
        """End them all."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def _started(folder: Path, what: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    with (folder / f"{what}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{what}", *words],
            cwd=folder, stdout=log, stderr=log, env={**os.environ, **environment},
        )  # fmt: skip


def wait_for(there: Callable[[], Any]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + STARTED
    while not there():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    """A scheduler without workers."""
    folder = tmp_path_factory.mktemp("elsewhere")
    file = folder / "scheduler.json"
    scheduler = _started(folder, "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                         "--scheduler-file", str(file))  # fmt: skip
    try:
        wait_for(file.exists)
        cluster = Loopback(folder, scheduler, json.loads(file.read_text(encoding="utf-8"))["address"])
    except BaseException:
        scheduler.kill()
        scheduler.wait()
        raise
    yield cluster
    cluster.end()


@pytest.fixture
def cluster(bare: Loopback) -> Loopback:
    """A scheduler and two workers."""
    for _ in range(2):
        bare.add(PYTHONPATH=str(ROOT))
    return bare


def begun(experiment: Path, out: Path, address: str) -> subprocess.Popen[str]:
    """The command, in a process of its own."""
    words = [sys.executable, str(ROOT / "run.py"), "experiment", str(experiment), "--out", str(out)]
    return subprocess.Popen([*words, "--quiet", "--cluster", address], stderr=subprocess.PIPE, text=True)


@pytest.fixture
def longer(tiny: Path) -> Path:  # noqa: F811
    """The same with a few hundred pairs, so that there is time for something to happen."""
    text = tiny.read_text(encoding="utf-8").replace("relative_half_width: 0.01", "relative_half_width: 0.001")
    tiny.write_text(text.replace("most: 44", "most: 300").replace("batch: 7", "batch: 30"), encoding="utf-8")
    return tiny


def batches(out: Path, key: str = "comparison") -> int:
    """How many there are."""
    return len(list((out / "replications").glob(f"{key}-*.parquet")))


@pytest.mark.slow
def test_one_worker_two_workers_a_cluster_and_a_run_that_went_on_give_identical_tables(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    cluster: Loopback,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = (run_experiment(tiny, tmp_path / f"with_{n}", n, False, quiet=True) for n in (1, 2))
    far = run_experiment(tiny, tmp_path / "far", None, False, quiet=True, cluster=cluster.address)
    stopped = tmp_path / "stopped"
    with monkeypatch.context() as patch:
        patch.setattr("experiments.experiment.write_tables", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_experiment(tiny, stopped, 2, False, quiet=True)
    (stopped / "replications" / "comparison-00030.parquet").unlink()
    resume(stopped, None, quiet=True, cluster=cluster.address)
    for other in (two, far, stopped):
        assert assert_same(one, other) > 20
    assert told(far)["cluster"]["workers_at_start"] == 2 and told(far)["agreement"]["verdict"] == "agreed"
    assert told(stopped)["resumed"][0]["replications_taken"] == {"own/now": 40, "own/then": 40, "comparison": 37}


def _interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_a_transition_whose_workers_read_the_files_themselves_is_the_same(tmp_path: Path, cluster: Loopback) -> None:
    experiment = of_transition(tmp_path)
    here = run_experiment(experiment, tmp_path / "here", 1, False, quiet=True)
    far = run_experiment(experiment, tmp_path / "far", None, False, quiet=True, cluster=cluster.address)
    assert_same(here, far)


@pytest.mark.slow
def test_a_killed_worker_costs_time_and_no_results(longer: Path, tmp_path: Path, cluster: Loopback) -> None:
    here, out = run_experiment(longer, tmp_path / "here", 2, False, quiet=True), tmp_path / "far"
    run = begun(longer, out, cluster.address)
    wait_for(lambda: batches(out) >= 2)
    os.kill(cluster.workers[0].pid, signal.SIGKILL)
    cluster.add(PYTHONPATH=str(ROOT))
    assert run.communicate(timeout=120)[1] == "" and run.returncode == 0
    assert_same(here, out)


@pytest.mark.slow
def test_a_scheduler_that_disappears_loses_nothing_and_the_run_goes_on_here(
    longer: Path, tmp_path: Path, cluster: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, out = run_experiment(longer, tmp_path / "here", 2, False, quiet=True), tmp_path / "far"
    run = begun(longer, out, cluster.address)
    wait_for(lambda: batches(out) >= 2)
    cluster.scheduler.kill()
    error = run.communicate(timeout=120)[1]
    assert run.returncode == 2
    assert error.startswith(f"the Dask scheduler at {cluster.address} ") and error.count("\n") == 1, error
    assert f"What was finished is kept in {out / 'replications'}. Go on with: run.py resume {out}" in error
    assert told(out)["status"] == "failed" and batches(out) >= 2
    resume(out, 2, quiet=True)
    assert told(out)["resumed"][0]["replications_taken"]["comparison"] >= 60
    assert_same(here, out)


@pytest.mark.slow
def test_commands_that_ask_at_many_points_do_the_same_on_a_cluster(
    tiny: Path,  # noqa: F811
    toys: Toys,
    tmp_path: Path,
    cluster: Loopback,
) -> None:
    def same_on_both(name: str, *words: str) -> None:
        here, far = tmp_path / f"{name}_here", tmp_path / f"{name}_far"
        assert main([name, *words, "--out", str(here), "--workers", "1", "--quiet"]) == 0
        assert main([name, *words, "--out", str(far), "--cluster", cluster.address, "--quiet"]) == 0
        assert assert_same(here, far) > 3

    same_on_both("goal", str(tiny), *GOAL)
    same_on_both("sweep", str(sweep_file(tiny, "    - {key: transfer, values: [0.2, 0.4, 0.6]}")))
    same_on_both("staffing", str(staffed(toys)), "--standard", "desk=1", "--replications", "20")


@pytest.mark.slow
def test_a_scheduler_that_disappears_while_a_command_asks_costs_nothing(
    tiny: Path,  # noqa: F811
    tmp_path: Path,
    cluster: Loopback,
) -> None:
    here, out = tmp_path / "here", tmp_path / "far"
    words = ["goal", str(tiny), *GOAL[:-1], "80"]
    run = subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *words, "--out", str(out), "--quiet", "--cluster", cluster.address],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: batches(out, "goal") >= 2)
    cluster.scheduler.kill()
    error = run.communicate(timeout=120)[1]
    assert run.returncode == 2 and error.count("\n") == 1, error
    assert error.startswith(f"the Dask scheduler at {cluster.address} ") and f"run.py resume {out}" in error
    assert main(["resume", str(out), "--workers", "1", "--quiet"]) == 0
    assert main([*words, "--out", str(here), "--workers", "1", "--quiet"]) == 0
    assert_same(here, out)


@pytest.mark.slow
def test_a_scheduler_without_workers_and_workers_without_the_code_are_sentences(
    tiny: Path,  # noqa: F811
    bare: Loopback,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared = prepare(tiny)
    monkeypatch.setattr(experiments.cluster, "PATIENCE", 3.0)
    with pytest.raises(DemandflowError, match=r"has no workers\. Start some"), connected(bare.address, prepared):
        pass
    bare.add(PYTHONPATH="")
    monkeypatch.setattr(experiments.cluster, "PATIENCE", STARTED)
    missing = r"do not find all .*No module named 'experiments'"
    with pytest.raises(DemandflowError, match=missing), connected(bare.address, prepared):
        pass
