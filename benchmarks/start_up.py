"""How quickly commands start, and where the time of the main experiment goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "configs/experiments/barnet_vs_shropshire.yaml"
COMMANDS: dict[str, list[str]] = {
    "python -c pass": ["-c", "pass"],
    "run.py --help": ["run.py", "--help"],
    "run.py validate configs/models/barnet_2014_15.yaml": ["run.py", "validate", "configs/models/barnet_2014_15.yaml"],
}
HEAVY = ("mesa", "numba", "pandas", "plotly", "pyarrow", "scipy.stats", "simpy")


def _cpu_of_child(words: list[str]) -> float:
    before = os.times()
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def commands(rounds: int) -> dict[str, float]:
    """Median CPU seconds of each command, interleaved."""
    found: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, words in COMMANDS.items():
            found[name].append(_cpu_of_child(words))
    return {name: median(times) for name, times in found.items()}


def heavy_imports(words: list[str]) -> list[str]:
    """Which of the slow libraries a command loads."""
    code = (
        "import sys, runpy\n"
        f"sys.argv = {words!r}\n"
        "try:\n    runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit:\n    pass\n"
        f"print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.rpartition("LOADED")[2].split()


def phases() -> dict[str, float]:
    """Share of the main experiment's time by phase; the experiment is run for that."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "demo"
        words = ["run.py", "experiment", str(DEMO), "--out", str(out), "--quiet"]
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
        return _shares(out / "manifest.json")


def _shares(manifest: Path) -> dict[str, float]:
    seconds: dict[str, float] = json.loads(manifest.read_text(encoding="utf-8"))["seconds"]
    total = seconds.pop("total")
    return {name: time / total for name, time in seconds.items()}
