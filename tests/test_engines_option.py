"""``--engine`` on every command that runs a model: the same answers, and only what is needed is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Toys
from one_of_everything import written
from small_configs import small_configs

from experiments.cli import main, parser
from experiments.command_line import ENGINES
from simulation import engines

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a command says that ends well."""

    def run(*words: object) -> str:
        assert main([str(word) for word in words]) == 0
        out: str = capsys.readouterr().out
        return out

    return run


def test_the_command_line_offers_the_engines_there_are() -> None:
    assert ENGINES == engines.CHOICES
    assert engines.resolved(engines.AUTO) == engines.COMPILED
    for engine in (engines.SIMPY, engines.COMPILED):
        assert engines.resolved(engine) == engine
        assert {engine, engines.other(engine)} == {engines.SIMPY, engines.COMPILED}
    assert engines.other(engines.AUTO) == engines.SIMPY


COMMANDS = {
    "experiment": ["experiment", "x.yaml"],
    "hindcast": ["hindcast", "x.yaml", "x.csv"],
    "people": ["people", "x"],
    "person": ["person", "x", "--id", "P1"],
    "eventlog": ["eventlog", "x", "--out", "x"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_runs_a_model_has_the_choice(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert parser().parse_args(COMMANDS[command]).engine == "auto"
    for engine in ENGINES:
        assert parser().parse_args([*COMMANDS[command], "--engine", engine]).engine == engine
    with pytest.raises(SystemExit) as caught:
        main([*COMMANDS[command], "--engine", "steam"])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert "argument --engine: invalid choice: 'steam'" in error
    assert all(engine in error for engine in ENGINES)


def test_lives_are_told_alike_by_both_engines(toys: Toys, said: Callable[..., str], tmp_path: Path) -> None:
    model = written(toys)
    found = {engine: said("people", model, "--limit", 1000, "--engine", engine) for engine in ENGINES}
    assert found["simpy"] == found["compiled"] == found["auto"]
    ids = [line.split()[0] for line in found["auto"].splitlines() if line.startswith("P")]
    assert len(ids) > 200
    for person in (ids[0], ids[150]):
        told = {engine: said("person", model, "--id", person, "--engine", engine) for engine in ENGINES}
        assert told["simpy"] == told["compiled"] == told["auto"]
    logs = {}
    for engine in ENGINES:
        said("eventlog", model, "--out", tmp_path / engine, "--engine", engine)
        logs[engine] = {path.name: path.read_bytes() for path in (tmp_path / engine).iterdir()}
    assert logs["simpy"] == logs["compiled"] == logs["auto"]
    assert len(logs["auto"]) == 3


def test_a_hindcast_is_the_same_on_both_engines_and_checks_itself(said: Callable[..., str], tmp_path: Path) -> None:
    small_configs(tmp_path / "configs")
    config, actuals = tmp_path / "configs" / "experiments" / "small.yaml", tmp_path / "actuals.csv"
    actuals.write_text("year,measure,actual\n2014/15,contact,900\n2015/16,contact,910\n")
    tables = {}
    for engine in ("simpy", "compiled"):
        out = tmp_path / engine
        said("hindcast", config, actuals, "--out", out, "--workers", 1, "--quiet", "--engine", engine)
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        told = manifest["agreement"]
        assert (manifest["engine"], told["verdict"], told["checked_on"]) == (engine, "agreed", engines.other(engine))
        assert told["rows"] > 500 and [run["run"] for run in told["runs"]] == ["hindcast/small"]
        tables[engine] = {path.name: path.read_bytes() for path in (out / "tables").iterdir()}
    assert tables["simpy"] == tables["compiled"]


LOADED = """
import sys
from experiments.cli import main
assert main(sys.argv[1:]) == 0
names = ("mesa", "simpy", "simulation.engine_simpy", "simulation.engine_compiled")
print("loaded:", *(name for name in names if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        (["validate", "configs/models"], []),
        (["people", "barnet_2014_15", "--months", "1", "--limit", "1"], ["simulation.engine_compiled"]),
        (
            ["people", "barnet_2014_15", "--months", "1", "--limit", "1", "--engine", "simpy"],
            ["mesa", "simpy", "simulation.engine_simpy"],
        ),
    ],
)  # fmt: skip
def test_only_the_engine_that_runs_is_loaded(words: list[str], loaded: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split()[1:] == loaded
