"""The house stands as drawn: imports point one way; no global luck, clock, environment or state inside the model."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.kernel_tables import SOURCES

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("agents", "simulation", "experiments")
MAY_KNOW = {
    "agents": {"agents"},
    "simulation": {"agents", "simulation"},
    "experiments": set(ROOMS),
    "run.py": {"experiments"},
}
MODEL = [p for room in ("agents", "simulation") for p in sorted((ROOT / room).rglob("*.py"))]
ALL = [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """Full names of every module or thing a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def dotted(node: ast.AST) -> str:
    """`np.random.default_rng` as text; '' for anything that is not a dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inside = dotted(node.value)
        return f"{inside}.{node.attr}" if inside else ""
    return ""


def ids(paths):
    return [str(p.relative_to(ROOT)) for p in paths]


@pytest.mark.parametrize("path", [*ALL, ROOT / "run.py"], ids=ids([*ALL, ROOT / "run.py"]))
def test_imports_point_one_way(path):
    room = path.relative_to(ROOT).parts[0]
    ours = {name.partition(".")[0] for name in imported(path)} & {*ROOMS, "run", "tests", "benchmarks", "conftest"}
    assert ours <= MAY_KNOW[room]


def test_agents_know_neither_files_nor_numpy():
    for path in (ROOT / "agents").glob("*.py"):
        assert not {name.partition(".")[0] for name in imported(path)} & {"yaml", "pathlib", "numpy", "pandas", "scipy"}


@pytest.mark.parametrize("path", ALL, ids=ids(ALL))
def test_no_random_number_comes_from_anywhere_but_philox(path):
    names = imported(path)
    assert not {n.partition(".")[0] for n in names} & {"random", "secrets", "uuid"}
    assert not {n for n in names if n.startswith("numpy.random")}
    for node in ast.walk(tree_of(path)):
        name = dotted(node)
        assert not name.startswith(("np.random", "numpy.random", "random."))
        if name in ("self.random", "model.random", "self.rng", "self.model.random", "self.model.rng"):
            assert path.name == "engine_simpy.py", "only Mesa's own sets of agents are handed a generator"
        if isinstance(node, ast.Call):
            assert not dotted(node.func).endswith((".rvs", ".shuffle", ".shuffle_do", ".random_sample"))


CLOCKS = (
    "time.",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "os.environ",
    "os.getenv",
    "os.cpu_count",
    "os.getpid",
    "os.getcwd",
    "os.uname",
    "platform.",
    "socket.",
    "locale.",
    "sys.argv",
)


@pytest.mark.parametrize("path", MODEL, ids=ids(MODEL))
def test_the_model_reads_neither_the_clock_nor_the_environment(path):
    assert not {n.partition(".")[0] for n in imported(path)} & {"time", "platform", "socket", "locale", "subprocess"}
    for node in ast.walk(tree_of(path)):
        name = dotted(node)
        assert not name.startswith(CLOCKS), f"{path.name}: {name}"


CHANGES = {
    "append",
    "extend",
    "add",
    "update",
    "setdefault",
    "pop",
    "popitem",
    "clear",
    "remove",
    "insert",
    "discard",
    "sort",
    "reverse",
    "__setitem__",
}


@pytest.mark.parametrize("path", MODEL, ids=ids(MODEL))
def test_modules_keep_no_state(path):
    """No ``global``; nothing that stands at the top of a module is changed inside a function.

    (A memo of a pure function of its text, as in formulas, is no state: it changes no answer.)
    """
    tree = tree_of(path)
    top = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        own = {a.arg for a in ast.walk(function) if isinstance(a, ast.arg)} | {
            n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        for node in ast.walk(function):
            assert not isinstance(node, ast.Global), f"{path.name}: global"
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
                assert dotted(node.value) not in top - own
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
                assert dotted(node.func.value) not in top - own, f"{path.name}: {dotted(node.func)}"


def test_run_py_holds_no_logic():
    assert len((ROOT / "run.py").read_text(encoding="utf-8").splitlines()) < 40


IMPORTS = """
import multiprocessing, random, sys
before = random.getstate()
import experiments.cli, experiments.experiment, experiments.validate
import numpy as np
print(multiprocessing.get_start_method(allow_none=True), random.getstate() == before, "scipy.stats" in sys.modules,
      "mesa.batchrunner" in sys.modules)
"""


def test_importing_the_program_changes_nothing_in_the_process():
    """Mesa's batchrunner would set the start method of processes; SciPy's laws would cost most of a second."""
    done = subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["None", "True", "False", "False"]


OF_A_WORKER = """
import sys
import experiments.worker, experiments.replicate, simulation.summaries, simulation.kernel
print(*sorted({"mesa", "networkx", "pandas", "plotly", "pydantic", "simpy", "simulation.library"} & set(sys.modules)))
"""


def test_a_worker_loads_nothing_that_only_reading_configs_or_writing_reports_needs():
    """It is handed compiled pathways; half of the time until its first replication went into loading the rest."""
    done = subprocess.run([sys.executable, "-c", OF_A_WORKER], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_compiled_loop_is_made_anew_when_anything_in_it_changes():
    """Its key on disk covers every file of ours that it is compiled from."""
    sources = {ROOT / name for name in SOURCES}
    loop = {path for path in sources if path.stem.startswith("kernel")}
    assert ROOT / "simulation/kernel.py" in loop
    known = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ALL}
    used = {
        path for file in loop for name in imported(file) for known_as, path in known.items()
        if name == known_as or name.startswith(f"{known_as}.")
    }  # fmt: skip
    assert used - {path for path in used if path.name == "__init__.py"} | {ROOT / "simulation/kernel.py"} == sources


def test_no_other_function_kept_on_disk_calls_one_of_another_file():
    """Numba would go on with the old one when that file changes; the loop alone has a key that covers others."""
    marks = ("@njit(", "@compiled(")
    texts = {path: path.read_text(encoding="utf-8") for path in MODEL}
    compiled = {path for path in MODEL if any(mark in texts[path] for mark in marks)} - {ROOT / s for s in SOURCES}
    assert ROOT / "simulation/population_loops.py" in compiled
    for path in compiled:
        theirs = {
            alias.asname or alias.name
            for node in ast.walk(tree_of(path)) if isinstance(node, ast.ImportFrom)
            and (ROOT / f"{str(node.module).replace('.', '/')}.py") in MODEL for alias in node.names
        }  # fmt: skip
        for function in ast.walk(tree_of(path)):
            if not isinstance(function, ast.FunctionDef):
                continue
            if any(mark in ast.dump(one) for mark in ("njit", "compiled") for one in function.decorator_list):
                inside = [node for statement in function.body for node in ast.walk(statement)]
                called = {dotted(node.func) for node in inside if isinstance(node, ast.Call)}
                assert not called & theirs, f"{path.name}: {function.name}"
