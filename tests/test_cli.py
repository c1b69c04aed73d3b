"""The command line: exit codes, sentences, and that nothing written is lost when a run ends before its time.

Runs that are stopped are real commands in processes of their own.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from small_configs import CORPUS, not_root, small_configs

import experiments.report
import experiments.summary
from experiments.cli import main
from experiments.store import Folder, status_of
from simulation.errors import DemandflowError, sentence_for_os_error

REPOSITORY = Path(__file__).resolve().parent.parent
RUN = [sys.executable, str(REPOSITORY / "run.py")]
SOON = 10.0
"""Seconds within which a stopped command must be gone; it takes about one."""

LONG = """
kind: experiment
name: long
extends: small
comparison: {demand: busy, years: 3, precision: {first_look: 400, most: 400}}
"""
BUSY = """
kind: demand
name: busy
extends: small
sources:
  community: {contacts_per_year: 10000}
"""


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    """A small experiment that is soon done, and one whose first part is soon written and whose second takes minutes."""
    return small_configs(tmp_path / "configs", {"demand/busy": BUSY, "experiments/long": LONG})


@pytest.fixture
def small(configs: Path) -> Path:
    """The experiment that is soon done."""
    return configs / "experiments" / "small.yaml"


@pytest.fixture
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the report says is tested elsewhere."""
    monkeypatch.setattr(experiments.report, "build_report", lambda folder: [])
    monkeypatch.setattr(experiments.summary, "summary", lambda folder: ["done"])


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder and what it holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def results(folder: Path, status: str = "finished", more: str = "kept") -> Path:
    """A results folder made by hand."""
    (folder / "tables").mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"schema_version": 1, "status": status}))
    (folder / "tables" / "flows.csv").write_text(more)
    return folder


# --- words on the command line


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["experimant", "x.yaml"], "invalid choice: 'experimant' (choose from"),
        (["experiment"], "the following arguments are required: CONFIG"),
        (["experiment", "x.yaml", "--workers", "0"], "'0' is not a number of workers. Give a whole number from 1 to"),
        (["experiment", "x.yaml", "--workers", "x"], "'x' is not a number of workers. Give a whole number from 1 to"),
        (["experiment", "x.yaml", "--workers", "2.5"], "'2.5' is not a number of workers."),
        (["experiment", "x.yaml", "--worker"], "--worker"),
        (["validate"], "the following arguments are required: PATH"),
        (["validate", "x.yaml", "--unheard-of"], "unrecognized arguments: --unheard-of"),
    ],
)  # fmt: skip
def test_words_that_are_not_understood_end_with_2(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("validate", "schema", "diagram", "experiment"))


def test_a_missing_experiment_file_makes_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment", str(tmp_path / "no.yaml"), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.endswith("no.yaml: there is no such file. Check the name and the folder.\n"
                                            "1 problem found.\n")  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_a_bad_experiment_makes_no_folder(configs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (configs / "demand" / "small.yaml").write_text("kind: demand\n")
    path = configs / "experiments" / "small.yaml"
    assert main(["experiment", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "'sources' is missing from the file. Add sources:." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# --- folders that are there already


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "force"])
@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("mine"),
        lambda path: (path.mkdir(), (path / "notes.txt").write_text("mine")),
        lambda path: (path.mkdir(), (path / "manifest.json").write_text('{"manifest_version": 3}')),
        lambda path: (path.mkdir(), (path / "manifest.json").write_text("{broken")),
        lambda path: path.symlink_to("nowhere"),
    ],
    ids=["a file", "another folder", "a browser extension", "a broken manifest", "a link to nothing"],
)
def test_what_is_not_a_results_folder_is_never_touched(
    make: Callable[[Path], object], force: list[str], small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out"
    make(out)
    before = files_of(tmp_path)
    assert main(["experiment", str(small), "--out", "out", *force]) == 2
    assert capsys.readouterr().err == "out exists and is not a results folder. Choose another with --out.\n"
    assert files_of(tmp_path) == before
    assert os.path.lexists(out)


def test_results_are_not_replaced_without_force(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    results(tmp_path / "out")
    before = files_of(tmp_path)
    assert main(["experiment", str(small), "--out", "out"]) == 2
    assert capsys.readouterr().err == ("out exists. Choose another folder with --out, or replace it with --force.\n")
    assert files_of(tmp_path) == before
    results(tmp_path / "half run", "interrupted")
    assert main(["experiment", str(small), "--out", "half run"]) == 2
    assert capsys.readouterr().err == (
        "half run exists and its run did not finish. Go on with it (run.py resume 'half run'), choose another folder "
        "with --out, or replace it with --force.\n"
    )


@pytest.mark.parametrize("inside", [".", "tables"])
def test_the_folder_one_stands_in_is_not_replaced(
    inside: str, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = results(tmp_path / "out")
    monkeypatch.chdir(out / inside)
    assert main(["experiment", str(small), "--out", str(out), "--force"]) == 2
    assert capsys.readouterr().err.endswith("is the folder you are in. Leave it, or choose another with --out.\n")
    assert status_of(out) == "finished"


@pytest.mark.usefixtures("no_report")
def test_force_replaces_finished_and_interrupted_results(small: Path, tmp_path: Path) -> None:
    for status in ("finished", "interrupted", "failed", "running"):
        out = results(tmp_path / status, status)
        assert main(["experiment", str(small), "--out", str(out), "--force", "--workers", "1", "--quiet"]) == 0
        assert status_of(out) == "finished"
        assert "kept" not in (out / "tables" / "flows.csv").read_text()
        assert not out.with_name(f"{status}.previous").exists()


@pytest.mark.usefixtures("no_report")
def test_an_empty_folder_is_used(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert main(["experiment", str(small), "--out", str(out), "--workers", "1", "--quiet"]) == 0
    assert status_of(out) == "finished"


def test_earlier_results_stand_aside_until_the_new_ones_are_finished(tmp_path: Path) -> None:
    out = results(tmp_path / "out")
    folder = Folder(out, force=True)
    assert folder.previous == tmp_path / "out.previous"
    assert (tmp_path / "out.previous" / "tables" / "flows.csv").read_text() == "kept"
    folder.json("manifest.json", {"schema_version": 1, "status": "finished"})
    folder.done()
    assert not (tmp_path / "out.previous").exists()
    assert status_of(out) == "finished"


def test_finished_results_that_stand_aside_outlive_any_number_of_interrupted_runs(tmp_path: Path) -> None:
    out = results(tmp_path / "out")
    for _ in range(3):
        folder = Folder(out, force=True)
        folder.json("manifest.json", {"schema_version": 1, "status": "interrupted"})
    assert (tmp_path / "out.previous" / "tables" / "flows.csv").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.previous"]


def test_a_folder_that_happens_to_have_the_other_name_is_left_alone(tmp_path: Path) -> None:
    out = results(tmp_path / "out")
    (tmp_path / "out.previous").mkdir()
    (tmp_path / "out.previous" / "letter.txt").write_text("mine")
    folder = Folder(out, force=True)
    assert folder.previous == tmp_path / "out.previous-2"
    folder.json("manifest.json", {"schema_version": 1, "status": "finished"})
    folder.done()
    assert (tmp_path / "out.previous" / "letter.txt").read_text() == "mine"
    assert not (tmp_path / "out.previous-2").exists()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", force=False)
    folder.text("notes.txt", "first")

    def half(path: Path) -> None:
        path.write_text("sec")
        raise OSError(28, "No space left on device", str(path))

    with pytest.raises(OSError) as caught:
        folder.write("notes.txt", half)
    assert caught.value.filename == str(tmp_path / "out" / "notes.txt")
    assert files_of(tmp_path / "out") == {"notes.txt": b"first"}


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("file/out", "part of this path is a file, not a folder. Choose another path."),
        ("file/deep/out", "part of this path is a file, not a folder. Choose another path."),
        ("x" * 300, "ile name too long"),
    ],
)
def test_an_impossible_place_for_results_is_refused(
    out: str, sentence: str, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert main(["experiment", str(small), "--out", str(tmp_path / out)]) == 2
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"


def test_a_place_that_may_not_be_written_is_refused() -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        results(folder / "out")
        (folder / "locked").mkdir()
        (folder / "locked").chmod(0o555)
        folder.chmod(0o555)
        try:
            with not_root():
                for path, force in ((folder / "locked" / "new", False), (folder / "out", True)):
                    with pytest.raises(PermissionError) as caught:
                        Folder(path, force)
                    assert "may not be written or read here. Change its permissions or choose another place" in (
                        sentence_for_os_error(caught.value)
                    )
        finally:
            folder.chmod(0o755)
        assert status_of(folder / "out") == "finished"


@pytest.mark.parametrize("error", [28, 122, 27], ids=["full", "quota", "too large"])
def test_every_kind_of_full_disk_gets_the_same_sentence(error: int) -> None:
    sentence = sentence_for_os_error(OSError(error, os.strerror(error), "results/x/manifest.json"))
    assert sentence.startswith("results/x/manifest.json: there is no room left to write")
    assert sentence.endswith("what was already written is kept.")
    gone_on = sentence_for_os_error(OSError(error, os.strerror(error), "results/x/manifest.json"), "run.py resume x")
    assert gone_on.endswith("What was finished is kept. Free some room, then go on with: run.py resume x")


def test_an_unknown_fault_of_the_system_is_named() -> None:
    sentence = sentence_for_os_error(OSError(5, "Input/output error", "results/x"))
    assert sentence == "results/x: Input/output error. Check the path and the disk, then run the command again."


def test_too_little_memory_gets_a_sentence(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import experiments.replicate

    def too_much(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(experiments.replicate, "replicate", too_much)
    assert main(["experiment", str(small), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"]) == 2
    told = capsys.readouterr().err
    assert told.endswith("There is not enough memory. Run with fewer --workers or fewer years.\n")
    assert f"run.py resume {tmp_path / 'out'}" in told
    assert status_of(tmp_path / "out") == "failed"


def test_a_sentence_about_the_results_goes_with_exit_code_2(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_report(folder: Path) -> None:
        raise DemandflowError("the report cannot be made. Mend it.")

    monkeypatch.setattr(experiments.report, "build_report", no_report)
    assert main(["experiment", str(small), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"]) == 2
    assert capsys.readouterr().err == "the report cannot be made. Mend it.\n"
    assert status_of(tmp_path / "out") == "failed"


# --- commands in processes of their own


@dataclass
class Command:
    """A command under way, in a process group of its own."""

    process: subprocess.Popen[str]

    def finish(self, seconds: float = 120) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, err

    def group_is_gone(self, seconds: float = SOON) -> bool:
        """Whether the command and all processes it began have ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.05)
        return False

    def workers(self) -> list[int]:
        """Process numbers of the worker processes."""
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
        return [int(row[0]) for row in rows if int(row[1]) == self.process.pid and "spawn_main" in row[-1]]


@pytest.fixture
def started() -> Iterator[Callable[..., Command]]:
    """Starts run.py; whatever is left at the end is killed."""
    commands: list[Command] = []

    def start(*words: object, **more: object) -> Command:
        process = subprocess.Popen(
            [*RUN, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, **more,  # type: ignore[call-overload]
        )  # fmt: skip
        commands.append(Command(process))
        return commands[-1]

    yield start
    for command in commands:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(command.process.pid, signal.SIGKILL)
        command.process.communicate()


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Until something holds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def parts(out: Path) -> list[Path]:
    """Parts of the replications that are written."""
    return sorted((out / "replications").glob("*.parquet"))


def assert_clean(err: str) -> None:
    """No traceback and no complaint of Python's own."""
    for word in ("Traceback", "Error", "Exception", "Warning", "leaked", "ignored"):
        assert word not in err, err


def assert_kept(out: Path, status: str) -> None:
    """The calibration was written whole and the manifest says how far the run came."""
    assert [path.name for path in parts(out)] == ["own-small-00000.parquet"]
    frame = pd.read_parquet(parts(out)[0])
    assert sorted(frame["replication"].unique()) == list(range(40))
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["status"] == status
    assert manifest["replications"] == {"own/small": 40}
    assert not list(out.rglob("*.part"))


def ctrl_c(command: Command) -> None:
    """As the terminal sends it: to every process of the group."""
    os.killpg(command.process.pid, signal.SIGINT)


def ctrl_c_again_and_again(command: Command) -> None:
    """As an impatient person sends it."""
    for _ in range(20):
        with contextlib.suppress(ProcessLookupError):
            ctrl_c(command)
        time.sleep(0.02)


STOPS: dict[str, Callable[[Command], None]] = {
    "Ctrl-C to the group": ctrl_c,
    "Ctrl-C to the parent only": lambda command: command.process.send_signal(signal.SIGINT),
    "Ctrl-C again and again": ctrl_c_again_and_again,
    "a polite kill": lambda command: command.process.send_signal(signal.SIGTERM),
}


@pytest.mark.parametrize(
    "stop", [name if name == "Ctrl-C to the group" else pytest.param(name, marks=pytest.mark.slow) for name in STOPS]
)
def test_a_stopped_run_keeps_what_is_finished_and_leaves_nothing_running(
    stop: str, configs: Path, tmp_path: Path, started: Callable[..., Command]
) -> None:
    out = results(tmp_path / "out")
    command = started("experiment", configs / "experiments" / "long.yaml", "--out", out, "--workers", 2, "--force")
    wait_for(lambda: parts(out))
    time.sleep(0.5)
    begun = time.monotonic()
    STOPS[stop](command)
    code, _, err = command.finish(SOON)
    assert time.monotonic() - begun < SOON
    assert code == 130, err
    assert_clean(err)
    assert "Stopped. What was finished is kept; run the command again with --force to start over." in err
    assert f"The earlier results are kept in {out}.previous." in err
    assert_kept(out, "interrupted")
    assert status_of(tmp_path / "out.previous") == "finished"
    assert command.group_is_gone()


@pytest.mark.slow
def test_ctrl_c_while_the_workers_start_brings_no_traceback_from_them(
    configs: Path, tmp_path: Path, started: Callable[..., Command]
) -> None:
    out = tmp_path / "out"
    command = started("experiment", configs / "experiments" / "long.yaml", "--out", out, "--workers", 2)
    wait_for(command.workers)
    os.killpg(command.process.pid, signal.SIGINT)
    code, _, err = command.finish(SOON)
    assert code == 130, err
    assert_clean(err)
    assert status_of(out) == "interrupted"
    assert command.group_is_gone()


@pytest.mark.slow
def test_ctrl_c_with_one_worker(configs: Path, tmp_path: Path, started: Callable[..., Command]) -> None:
    out = tmp_path / "out"
    command = started("experiment", configs / "experiments" / "long.yaml", "--out", out, "--workers", 1, "--quiet")
    wait_for(lambda: parts(out))
    os.kill(command.process.pid, signal.SIGINT)
    code, _, err = command.finish(SOON)
    assert code == 130
    assert err == (
        f"\nTo go on from there later: run.py resume {out}\n"
        "\nStopped. What was finished is kept; run the command again with --force to start over.\n"
    )
    assert_kept(out, "interrupted")


def test_workers_killed_again_and_again_end_the_run_in_a_sentence(
    configs: Path, tmp_path: Path, started: Callable[..., Command]
) -> None:
    out = tmp_path / "out"
    command = started("experiment", configs / "experiments" / "long.yaml", "--out", out, "--workers", 2, "--quiet")
    wait_for(lambda: parts(out))
    until = time.monotonic() + 60
    while command.process.poll() is None:
        assert time.monotonic() < until, "the run does not give up"
        for worker in command.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
    code, _, err = command.finish(SOON)
    assert code == 2
    assert err == (
        "a worker process was stopped from outside (out of memory, perhaps). What was finished is kept in "
        f"{out / 'replications'}. Go on with fewer processes: run.py resume {out} --workers 1\n"
    )
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["status"] == "failed"
    assert manifest["pool"]["broke"] >= 3
    assert manifest["pool"]["workers_at_end"] == 1
    assert manifest["replications"]["own/small"] == 40
    kept = pd.concat([pd.read_parquet(path) for path in parts(out)]).groupby("run")["replication"].nunique()
    assert dict(kept) == manifest["replications"], "every replication that was finished stands in a file"
    assert not list(out.rglob("*.part"))
    assert command.group_is_gone()


@pytest.mark.slow
def test_workers_do_not_outlive_a_parent_that_was_killed(
    configs: Path, tmp_path: Path, started: Callable[..., Command]
) -> None:
    out = tmp_path / "out"
    command = started("experiment", configs / "experiments" / "long.yaml", "--out", out, "--workers", 2, "--quiet")
    wait_for(lambda: parts(out))
    os.kill(command.process.pid, signal.SIGKILL)
    assert command.finish(SOON)[0] == -signal.SIGKILL
    assert command.group_is_gone()
    assert [path.name for path in parts(out)] == ["own-small-00000.parquet"]
    assert status_of(out) == "running"


# --- a disk that fills


def limited(size: int) -> Callable[[], None]:
    """No file may grow beyond some bytes, as on a full disk; for ``preexec_fn``."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


NO_ROOM = "there is no room left to write (disk full, over quota, or over the file-size limit). "


def test_a_disk_that_is_full_from_the_start_leaves_everything_as_it_was(
    small: Path, tmp_path: Path, started: Callable[..., Command]
) -> None:
    out = results(tmp_path / "out")
    before = files_of(tmp_path)
    words = ("experiment", small, "--workers", 1, "--quiet")
    for target, force in ((out, ["--force"]), (tmp_path / "new", [])):
        code, _, err = started(*words, "--out", target, *force, preexec_fn=limited(1_000)).finish()
        assert code == 2
        assert err.startswith(f"{target / 'manifest.json'}: {NO_ROOM}")
        assert err.count("\n") == 1
    assert files_of(tmp_path) == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_disk_that_fills_on_the_way_keeps_what_is_finished(
    workers: int, small: Path, tmp_path: Path, started: Callable[..., Command]
) -> None:
    out = tmp_path / "out"
    command = started("experiment", small, "--out", out, "--workers", workers, "--quiet", preexec_fn=limited(10_000))
    code, _, err = command.finish()
    assert code == 2
    assert err.startswith(f"{out / 'tables'}")
    assert NO_ROOM in err and err.endswith(f"then go on with: run.py resume {out}\n")
    assert err.count("\n") == 1
    assert [path.name for path in parts(out)] == ["comparison-00000.parquet", "own-small-00000.parquet"]
    assert len(pd.read_parquet(parts(out)[1])["replication"].unique()) == 40
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["status"] == "failed"
    assert manifest["replications"] == {"own/small": 40, "comparison": 30}
    assert not list(out.rglob("*.part"))
    assert command.group_is_gone()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 64 kB; only root can make one, so that the limits above stand in elsewhere."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True)
    if made.returncode:
        pytest.skip("no disk can be mounted here; the file-size limits of the tests above stand in for it")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_real_disk_that_fills_keeps_what_is_finished(
    small: Path, tiny_disk: Path, started: Callable[..., Command]
) -> None:
    out = tiny_disk / "out"
    code, _, err = started("experiment", small, "--out", out, "--workers", 1, "--quiet").finish()
    assert code == 2
    assert NO_ROOM in err and err.endswith(f"then go on with: run.py resume {out}\n")
    assert err.count("\n") == 1
    assert parts(out)
    for path in parts(out):
        assert len(pd.read_parquet(path)) > 0
    assert status_of(out) in ("failed", "running")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_to_a_full_disk_gets_a_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*RUN, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(f"the output: {NO_ROOM}")
    assert done.stderr.count("\n") == 1


# --- nobody reads on


@pytest.mark.parametrize(
    ("words", "code"),
    [(["schema"], 0), (["validate", str(CORPUS / "models" / "small.yaml")], 0), (["validate", str(CORPUS)], 2)],
    ids=["schema", "fine", "problems"],
)
def test_a_reader_who_leaves_early_changes_nothing(words: list[str], code: int) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([*RUN, *words], stdout=write, stderr=subprocess.PIPE, text=True, timeout=120)
    finally:
        os.close(write)
    assert done.returncode == code
    assert_clean(re_without_sentences(done.stderr))


def re_without_sentences(err: str) -> str:
    """What stands on stderr beside sentences about files."""
    return "\n".join(line for line in err.splitlines() if ".yaml" not in line)


@pytest.mark.slow
def test_progress_that_nobody_reads_does_not_stop_the_run(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [*RUN, "experiment", str(small), "--out", str(out), "--workers", "1"],
            stdout=write,
            stderr=write,
            timeout=120,
        )
    finally:
        os.close(write)
    assert done.returncode == 0
    assert status_of(out) == "finished"


def test_a_screen_without_unicode_gets_its_sentences(tmp_path: Path) -> None:
    done = subprocess.run(
        [*RUN, "validate", str(CORPUS / "models" / "circle.yaml")], capture_output=True, timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert done.returncode == 2
    assert b"parameters go round in a circle: itself \\u2192 itself. Give one of them a value." in done.stderr
