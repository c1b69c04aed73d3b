"""A command that asks an experiment, stopped and gone on with, writes what one writes that was never stopped."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Toys
from test_attribution import comparison  # noqa: F401 - a fixture
from test_resume import assert_same, told
from test_sensitivity import ranged  # noqa: F401 - a fixture
from test_staffing import written as staffed
from test_sweep import sweep_file
from test_workers import tiny  # noqa: F401 - a fixture

from experiments import worker
from experiments.answers import Answers, Question
from experiments.cli import main
from experiments.crew import Crew
from experiments.evaluate import evaluated
from experiments.measured import Floats, Point
from experiments.staffing import kept
from experiments.staffing.kept import replicated
from experiments.store import Folder, in_hand

ROOT = Path(__file__).resolve().parent.parent
GOAL = ["--break-even", "funded_package", "--vary", "transfer", "--pairs", "8"]
SENSITIVITY = ["--replications", "2", "--trajectories", "2", "--samples", "0", "--draws", "40"]


@pytest.fixture(params=["sweep", "sensitivity", "attribution", "goal", "staffing"])
def asked(request: pytest.FixtureRequest, ranged: Path, toys: Toys) -> list[str]:  # noqa: F811
    """A command with its options, all but the folder."""
    one: str = request.param
    steps = "    - {key: transfer, range: {start: 0, end: 1, steps: 17}}"
    of_one: dict[str, Callable[[], list[str]]] = {
        "sweep": lambda: [str(sweep_file(ranged, steps))],
        "sensitivity": lambda: [str(ranged), *SENSITIVITY],
        "attribution": lambda: [str(request.getfixturevalue("comparison")()), "--pairs", "2"],
        "goal": lambda: [str(ranged), *GOAL],
        "staffing": lambda: [str(staffed(toys)), "--standard", "desk=1", "--replications", "10"],
    }
    return [one, *of_one[one](), "--workers", "1", "--quiet"]


def stop_before(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Ctrl-C while a batch is about to be written; what was written before stays."""
    write, count = Folder.write, 0

    def until(self: Folder, name: str, fill: Any) -> None:
        nonlocal count
        if name.startswith("replications/"):
            count += 1
            if count > number:
                raise KeyboardInterrupt
        write(self, name, fill)

    monkeypatch.setattr(Folder, "write", until)


def test_stopped_and_gone_on_with_it_is_the_same_to_the_byte(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert main([*asked, "--out", str(whole)]) == 0
    count = len(list((whole / "replications").iterdir()))
    assert count >= 1
    with monkeypatch.context() as patch:
        stop_before(patch, count // 2)
        assert main([*asked, "--out", str(out)]) == 130
    assert told(out)["status"] == "stopped" and len(list((out / "replications").iterdir())) == count // 2
    capsys.readouterr()
    (times,) = gone_on(out, whole)
    taken = times["points_taken"]
    assert times == {"was": "stopped", "points_taken": taken} and (taken > 0) == (count > 1)
    assert f"{taken} points were taken from before." in capsys.readouterr().out
    assert main(["resume", str(out), "--quiet"]) == 2
    assert "is finished. There is nothing to go on with." in capsys.readouterr().err


def gone_on(out: Path, whole: Path) -> list[dict[str, Any]]:
    """Go on with a run, which then is one that was never stopped; what its manifest says of it."""
    assert main(["resume", str(out), "--workers", "1", "--quiet"]) == 0
    assert_same(whole, out)
    manifest = told(out)
    assert manifest["status"] == "finished" and manifest.get("outcome") == told(whole).get("outcome")
    return list(manifest["resumed"])


def no_room() -> None:
    """No file may be larger than answers are; the page is."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_a_full_disk_says_what_to_do_and_costs_nothing_that_was_finished(
    ranged: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    asked = ["goal", str(ranged), *GOAL, "--workers", "1"]
    assert main([*asked, "--out", str(whole), "--quiet"]) == 0
    words = [sys.executable, "run.py", *asked, "--out", str(out), "--quiet"]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, preexec_fn=no_room, timeout=120, check=False)
    assert run.returncode == 2 and "Traceback" not in run.stderr
    assert run.stderr.startswith(f"{out / 'goal.html'}: there is no room left to write")
    assert run.stderr.endswith(f"Free some room, then go on with: run.py resume {out}\n")
    assert run.stderr.count("\n") == 1
    assert told(out)["status"] == "stopped"
    count = len(list((whole / "replications").iterdir()))
    assert gone_on(out, whole) == [{"was": "stopped", "points_taken": count}], "everything had been answered"


def test_what_changed_since_is_named_and_a_run_that_goes_on_is_left_alone(
    ranged: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        stop_before(patch, 2)
        assert main(["goal", str(ranged), *GOAL, "--out", str(out), "--workers", "1", "--quiet"]) == 130
    before = (out / "manifest.json").read_bytes()
    part = out / "replications" / ".goal-00002-x.part"
    part.write_bytes(b"half a batch")
    with in_hand(out):
        assert main(["resume", str(out), "--quiet"]) == 2
    assert "is being written by a run that goes on" in capsys.readouterr().err
    assert part.exists() and (out / "manifest.json").read_bytes() == before, "nothing of it is touched"
    price = ranged.parent.parent / "prices" / "toy.yaml"
    text = price.read_text(encoding="utf-8")
    price.write_text(text.replace("high: 200", "high: 201"), encoding="utf-8")
    assert main(["resume", str(out), "--quiet"]) == 2
    assert "toy.yaml changed since it was begun" in capsys.readouterr().err
    price.unlink()
    assert main(["resume", str(out), "--quiet"]) == 2
    price.write_text(text, encoding="utf-8")
    manifest = json.loads(before)
    (out / "manifest.json").write_text(json.dumps({**manifest, "command": "challenge"}), encoding="utf-8")
    assert main(["resume", str(out), "--quiet"]) == 2
    assert "was written by run.py challenge, which is quick to run again" in capsys.readouterr().err
    shutil.copytree(out, tmp_path / "without")
    del manifest["request"]
    (tmp_path / "without" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert main(["resume", str(tmp_path / "without"), "--quiet"]) == 2
    assert "does not say what it was begun with" in capsys.readouterr().err


def squares(numbers: tuple[int, ...]) -> Floats | None:
    """Rows of numbers and their squares; nothing of a negative one; 13 is bad luck."""
    if 13 in numbers:
        raise ZeroDivisionError("thirteen")
    return None if min(numbers) < 0 else np.array([[n, n * n / 7] for n in numbers], dtype=np.float64)


def question(*numbers: int) -> Question:
    """In pieces of one number each."""
    return Question(squares, tuple(((n,),) for n in numbers), ("number", "square"), repr(numbers))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "kept", False)


def test_answers_are_read_back_to_the_last_bit_and_only_where_they_answer_the_same(folder: Folder) -> None:
    asked = [question(1, 2, 3), question(-1), question(5), question(4, 6)]
    with Crew([], 1) as crew:
        first, again = Answers(crew, folder, size=3), Answers(crew, folder, size=3)
        made, read = first.ask(asked), again.ask(asked)
        assert (first.taken, again.taken, again.asked) == (0, 4, 4)
        assert made[1] is None and read[1] is None
        for n in (0, 2, 3):
            assert made[n] is not None and read[n] is not None and made[n].tobytes() == read[n].tobytes()  # type: ignore[union-attr]
        other = Answers(crew, folder, size=3)
        found = other.ask([question(1, 2, 3), question(-1), question(6), question(4, 6)])
        assert other.taken == 1, "a batch with another question is asked again"
        assert found[2] is not None and found[2][0, 0] == 6


def test_a_damaged_batch_is_asked_again(folder: Folder) -> None:
    asked = [question(n, n + 1) for n in range(4)]
    with Crew([], 1) as crew:
        made = Answers(crew, folder, size=2).ask(asked)
        path = folder.path / "replications" / "asked-00000.parquet"
        whole = path.read_bytes()
        for at in (60, len(whole) // 2, len(whole) - 6):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
            again = Answers(crew, folder, size=2)
            assert [a is not None and a.tolist() for a in again.ask(asked)] == [
                a.tolist() for a in made if a is not None
            ]
            assert again.taken == (2 if at == 60 else again.taken)
            path.write_bytes(whole)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_question_that_fails_twice_costs_the_other_batches_nothing(folder: Folder, workers: int) -> None:
    asked = [question(1), question(2), question(13), question(4), question(5)]
    with Crew([], workers) as crew:
        with pytest.raises(ZeroDivisionError, match="thirteen"):
            Answers(crew, folder, size=2).ask(asked)
        names = sorted(path.name for path in (folder.path / "replications").iterdir())
        assert names == ["asked-00000.parquet", "asked-00004.parquet"]
        again = Answers(crew, folder, size=2)
        again.ask([question(1), question(2), question(3), question(4), question(5)])
        assert again.taken == 3


def test_a_process_that_begins_another_run_forgets_what_it_read(ranged: Path, toys: Toys) -> None:  # noqa: F811
    """Files may be others by then; a cluster's workers stay for many runs."""
    asked = str(ranged), "", "auto", Point.of({}, [0, 1]), ("funded_package",)
    before = evaluated(*asked)
    text = ranged.read_text(encoding="utf-8")
    ranged.write_text(text.replace("value: -0.2,", "value: -0.3,"), encoding="utf-8")
    assert before is not None and np.array_equal(evaluated(*asked), before)
    worker.forget()
    assert not np.array_equal(evaluated(*asked), before)
    replicated((str(staffed(toys)), None, ("desk=1",), (), 1), "constant", ((4,),), (0,))
    assert kept._CASES
    worker.forget()
    assert not kept._CASES


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(ranged: Path, tmp_path: Path) -> None:  # noqa: F811
    """SIGKILL from outside, in a real run with two workers; what comes is what one worker makes."""
    asked = ["goal", str(ranged), *GOAL[:-1], "40"]
    assert main([*asked, "--out", str(tmp_path / "one"), "--workers", "1", "--quiet"]) == 0
    words = [sys.executable, "run.py", *asked, "--out", str(tmp_path / "two"), "--workers", "2"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        killed = False
        while run.poll() is None and not killed:
            at_work = list((tmp_path / "two" / "replications").glob("goal-*.parquet"))
            children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
            mine = [int(c) for c in children if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]
            if at_work and mine:
                os.kill(mine[0], signal.SIGKILL)
                killed = True
            time.sleep(0.02)
        _, err = run.communicate(timeout=120)
    assert killed and run.returncode == 0, err
    assert "a worker process was stopped from outside. What is finished is kept" in err
    assert_same(tmp_path / "one", tmp_path / "two")
