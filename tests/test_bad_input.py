"""Bad input gets a sentence that names file, line and mend; exit code 2, no traceback, and every fault at once.

The corpus stands in ``tests/bad_input/``: each file says in ``# expect: line: sentence`` comments exactly what is said
about it. A line of 0 means the whole file; a path in its place means that the fault stands in another file.
"""

from __future__ import annotations

import copy
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_configs import not_root

from experiments.cli import main
from experiments.validate import problems_of
from simulation import formulas, library
from simulation.errors import ConfigError, DemandflowError, Problem, nearest, short
from simulation.library import known_documents
from simulation.reading import SHIPPED, read, read_one

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "bad_input"
GOOD = {
    "models/small.yaml",
    "demand/small.yaml",
    "prices/small.yaml",
    "experiments/small.yaml",
    "demand/with_hospital.yaml",
    "demand/with_other_care.yaml",
    "options/small.yaml",
    "options/small_too.yaml",
    "options/plan.yaml",
    "options/shares.yaml",
    "interventions/better_answers.yaml",
    "interventions/better_letters.yaml",
    "interventions/too_good.yaml",
}
BAD = sorted(
    str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*.yaml") if str(path.relative_to(CORPUS)) not in GOOD
)


def expected(name: str) -> list[str]:
    """What the file's own comments say will be said about it."""
    text = (CORPUS / name).read_text(encoding="utf-8")
    text = text.replace("{known documents}", nearest("a letter", known_documents(), "Known"))
    said = re.findall(r"^# expect: (.+)$", text, re.MULTILINE)
    return [re.sub(r"^0: ", f"{name}: ", line) if line.startswith("0: ") else
            re.sub(r"^(\d+): ", rf"{name}:\1: ", line) for line in said]  # fmt: skip


@pytest.fixture
def in_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths in messages are as a user in that folder would type them."""
    monkeypatch.chdir(CORPUS)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A configs folder of one's own with the small faultless files."""
    for name in sorted(GOOD):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(CORPUS / name, tmp_path / name)
    return tmp_path


def said(path: Path) -> list[str]:
    """What is said about a file."""
    return [str(problem) for problem in problems_of(path)]


# --- the corpus


@pytest.mark.parametrize("name", BAD)
@pytest.mark.usefixtures("in_corpus")
def test_a_bad_file_gets_exactly_its_sentences(name: str) -> None:
    assert expected(name), f"{name} says nothing of what is expected"
    assert said(Path(name)) == expected(name)


@pytest.mark.parametrize("name", BAD)
@pytest.mark.usefixtures("in_corpus")
def test_every_sentence_ends_and_offers_a_mend(name: str) -> None:
    for problem in problems_of(Path(name)):
        whole = f"{problem.what} {problem.mend}".strip()
        assert re.search(r"[.?]$", whole)
        assert problem.mend or re.search(r"[.] [A-Z][^.?]*[.?]$", problem.what), whole
        assert len(whole) < 420


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.usefixtures("in_corpus")
def test_the_files_beside_them_are_fine(name: str) -> None:
    assert said(Path(name)) == []


@pytest.mark.usefixtures("in_corpus")
def test_a_folder_lists_every_problem_of_every_file_once_by_file_and_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "."]) == 2
    out, err = capsys.readouterr()
    *lines, total = err.splitlines()
    bare = {re.sub(r" \((?:inherited) by [^)]*\)$", "", line) for name in BAD for line in expected(name)}
    told = [re.sub(r" \((?:inherited) by [^)]*\)$", "", line) for line in lines]
    assert set(told) == bare
    assert len(told) == len(set(told)), "a problem was told twice"
    places = [re.match(r"(.*?\.yaml)(?::(\d+))?: ", line) for line in told]
    keys = [(place[1], int(place[2] or 0)) for place in places if place is not None]
    assert keys == sorted(keys)
    assert total == f"{len(lines)} problems found."
    assert "demand/small.yaml: fine" in out.splitlines()
    assert "models/child_of_broken.yaml: nothing wrong in it, but it rests on models/broken_parent.yaml" in out


# --- what is not a YAML file at all


def a_folder(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def _bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


NOT_YAML: list[tuple[str, Callable[[Path], None], str]] = [
    ("nothing", lambda path: None, "x.yaml: there is no such file. Check the name and the folder."),
    ("a folder", a_folder, "x.yaml: holds no .yaml files. Name a config file or a folder of them."),
    ("a pipe", a_pipe, "x.yaml: is a device or a pipe, not a file. Name a YAML file."),
    ("a link to itself", a_link_to_itself,
     "x.yaml: cannot be read: too many levels of symbolic links. Check the path."),
    ("empty", _bytes(b""), "x.yaml: is empty. Start from one of the files in configs/."),
    ("spaces", _bytes(b"  \n\n \n"), "x.yaml: is empty. Start from one of the files in configs/."),
    ("only dashes", _bytes(b"---\n"), "x.yaml:1: the file is a single value, not 'key: value' lines. "
     "Start with 'kind: model' or such."),
    ("a picture", _bytes(b"\x89PNG\r\n\x1a\n\x00\x00"),
     "x.yaml: is not text (UTF-8). Name a YAML file; save it as UTF-8."),
    ("noughts", _bytes(b"kind: model\x00\n"), "x.yaml: is a binary file, not YAML. Name a YAML file."),
    ("UTF-16", _bytes("kind: model\n".encode("utf-16")),
     "x.yaml: is not text (UTF-8). Name a YAML file; save it as UTF-8."),
    ("a bell", _bytes(b"kind: model\nname: x\x07\n"),
     "x.yaml:2: holds a character that no text file has. Remove the odd characters."),
    ("very large", _bytes(b"# a line\n" * 120_000),
     "x.yaml: is larger than 1,000,000 bytes. A config is a few hundred lines: split it."),
    ("a nest of lists", _bytes(b"a: " + b"[" * 200_000),
     "x.yaml:1: values are nested more than 40 deep. Flatten them."),
    ("a nest of mappings", _bytes(b"".join(b" " * n + b"a:\n" for n in range(60))),
     "x.yaml:42: values are nested more than 40 deep. Flatten them."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "make", "sentence"), NOT_YAML, ids=[case[0] for case in NOT_YAML])
def test_what_is_no_yaml_file_is_refused_in_a_sentence(
    what: str, make: Callable[[Path], None], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    make(Path("x.yaml"))
    assert main(["validate", "x.yaml"]) == 2
    assert capsys.readouterr().err.splitlines() == [sentence, "1 problem found."]


def test_a_folder_named_as_the_experiment_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "is a folder, not a YAML file. Name a .yaml file inside it." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_path_below_a_file_is_refused(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(small / "models" / "small.yaml" / "x.yaml")]) == 2
    assert "part of this path is a file, not a folder. Check the name and the folder." in capsys.readouterr().err


def test_a_file_that_may_not_be_read_is_refused_in_a_sentence() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "secret.yaml"
        path.write_text("kind: model\n")
        path.chmod(0)
        with not_root():
            assert said(path) == [f"{path}: may not be read. Change its permissions."]
            with pytest.raises(PermissionError):
                path.read_text()


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b""], ids=["BOM", "no BOM"])
@pytest.mark.parametrize("ending", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(start: bytes, ending: bytes, small: Path) -> None:
    path = small / "models" / "small.yaml"
    plain = read(path)
    path.write_bytes(start + path.read_bytes().replace(b"\n", ending))
    again = read(path)
    assert again.data == plain.data
    assert again.places == plain.places


def test_a_folder_with_spaces_in_its_name_is_fine(small: Path) -> None:
    moved = small.with_name("my own configs")
    small.rename(moved)
    assert said(moved / "experiments" / "small.yaml") == []


def test_a_register_of_sources_with_faults_is_told_by_line(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = small / "shipped"
    shipped.mkdir()
    (shipped / "sources.yaml").write_text("documents:\n  A:\n    title: A\n    published_by: B\n    date: 2016-01-01\n")
    monkeypatch.setattr(library, "SHIPPED", shipped)
    monkeypatch.chdir(small)
    assert said(Path("models/small.yaml")) == [
        "shipped/sources.yaml:2: 'publisher' is missing from documents.A. Add publisher:.",
        "shipped/sources.yaml:4: documents.A.published_by: unknown key 'published_by'. Did you mean 'publisher'?",
    ]


# --- names, links and files of one name


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_link_out_of_the_configs_folder_is_not_followed(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = _write(small.parent / "outside.yaml", "kind: model\nname: outside\nparameters: {secret: 42}\n")
    (small / "models" / "linked.yaml").symlink_to(outside)
    _write(small / "models" / "child.yaml", "kind: model\nname: child\nextends: linked\n")
    monkeypatch.chdir(small)
    assert said(Path("models/child.yaml")) == [
        "models/child.yaml:3: 'linked' leaves the configs folder: models/linked.yaml is a link to a file outside. "
        "Put the file itself there."
    ]


@pytest.mark.parametrize("name", ["../../x", "../models/small", "/etc/passwd", "models/small", "..", "a\\\\b", "C:/x"])
def test_extends_takes_a_plain_name_and_nothing_that_leads_elsewhere(name: str, small: Path) -> None:
    path = _write(small / "models" / "child.yaml", f'kind: model\nname: child\nextends: "{name}"\n')
    (problem,) = problems_of(path)
    assert problem.line == 3
    assert "leaves the configs folder." in problem.what
    assert problem.mend == "Use the plain name of a file in models/, without its ending."


def test_two_files_of_one_name_are_refused_naming_both(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = (SHIPPED / "demand" / "barnet_2014_15.yaml").read_text(encoding="utf-8")
    _write(small / "demand" / "barnet_2014_15.yaml", own)
    _write(
        small / "experiments" / "mixed.yaml",
        "kind: experiment\nname: mixed\nextends: small\ncomparison: null\n"
        "calibration: {runs: [{model: barnet_2014_15, demand: barnet_2014_15}]}\n",
    )
    monkeypatch.chdir(small)
    (problem,) = problems_of(Path("experiments/mixed.yaml"))
    assert problem.file == "demand/barnet_2014_15.yaml"
    assert problem.line == 3
    assert problem.what.startswith("two files have the name 'demand/barnet_2014_15': this one and ")
    assert problem.what.endswith("configs/demand/barnet_2014_15.yaml.")
    assert problem.mend == "Give one of them another name."


def test_a_model_file_named_as_the_experiment_is_refused(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small / "models" / "small.yaml"
    assert main(["experiment", str(path), "--out", str(small / "out")]) == 2
    assert "small.yaml:2: this is a model file, not an experiment. Name a file of configs/experiments/." in (
        capsys.readouterr().err
    )
    assert not (small / "out").exists()


def test_the_same_fault_met_by_two_files_is_told_once(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small / "demand" / "small.yaml"
    path.write_text(path.read_text().replace("contacts_per_year: 50", "contacts_per_year: -50"))
    assert main(["validate", str(small)]) == 2
    out, err = capsys.readouterr()
    assert err.count("sources.community.contacts_per_year is -50.") == 1
    assert err.endswith("1 problem found.\n")
    assert "models/small.yaml: nothing wrong in it, but it rests on" in out


def test_a_broken_file_under_uses_is_told_and_not_its_missing_parameters(small: Path) -> None:
    demand = small / "demand" / "small.yaml"
    demand.write_text(demand.read_text() + "parameters: {share: {value: 1}}\n")
    model = small / "models" / "small.yaml"
    model.write_text(model.read_text().replace("resolved: 0.7", "resolved: share"))
    assert [problem.what for problem in problems_of(model)] == ["'status' is missing from parameters.share."]


# --- formulas


HOSTILE = [
    "__import__('os').system('true')", "().__class__.__bases__", "9**9**9", "a.b", "a[0]", "'x' * 1000000000",
    "lambda: 1",
    "[i for i in (1, 2)]", "1 if a else 2", "a := 2", "True", "1j", "min(a)", "max(*(1, 2))", "open('x')", "a < b", "",
    "(" * 400, "-" * 480 + "a" + "(", "a\x00", "f'{a}'", "print(a)", "1or 2", "a;b", "...", "{}", "a @ b", "a // b",
    "a % b", "~1", "not a",
]  # fmt: skip


@pytest.mark.parametrize("formula", HOSTILE)
def test_a_formula_is_arithmetic_and_nothing_else(formula: str) -> None:
    with pytest.raises(DemandflowError, match=r"^the formula '.*' (cannot be read\. Use|is nested too deep)"):
        formulas.evaluate(formula, lambda name: 2.0)


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("1+" * 5000 + "1", "the formula is longer than 500 characters. Split it into parameters."),
        ("1 / (a - 2)", "the formula '1 / (a - 2)' divides by nought. Mend its parameters."),
        ("1e308 * 10", "the formula '1e308 * 10' gives too large a number. Mend its parameters."),
        (f"{'9' * 400} / 3", f"the formula '{'9' * 400} / 3' gives too large a number. Mend its parameters."),
    ],
    ids=["too long", "by nought", "too large", "too many digits"],
)
def test_a_formula_without_a_finite_value_says_so(formula: str, sentence: str) -> None:
    with pytest.raises(DemandflowError) as caught:
        formulas.evaluate(formula, lambda name: 2.0)
    assert str(caught.value) == sentence


def test_formulas_over_several_lines_and_with_functions_are_read() -> None:
    assert formulas.evaluate("min(a, 3,\n  b) * -(a + 1)\n", {"a": 2.0, "b": 5.0}.__getitem__) == -6.0


# --- sentences themselves


def test_a_problem_is_one_line_with_place_fault_and_mend() -> None:
    assert str(Problem("a.yaml", 3, "x is 2.", "Give 1.")) == "a.yaml:3: x is 2. Give 1."
    assert str(Problem("a.yaml", 0, "is empty.", "")) == "a.yaml: is empty."
    assert str(Problem("", 0, "is empty.", "Fill it.")) == "is empty. Fill it."


def test_problems_are_told_once_and_in_order() -> None:
    late, early = Problem("a", 10, "x.", ""), Problem("a", 9, "y.", "")
    assert list(ConfigError([late, early, late, Problem("a", 10, "x.", "", "inherited by b")]).problems) == [
        early,
        late,
    ]


def test_problems_come_back_whole_from_another_process() -> None:
    import pickle

    error = ConfigError([Problem("a", 1, "x.", "y.", "inherited by b")])
    assert str(pickle.loads(pickle.dumps(error))) == "a:1: x. y. (inherited by b)"


def test_the_nearest_name_is_offered_or_all_of_them() -> None:
    assert nearest("tem", ["team", "owner"]) == "Did you mean 'team'?"
    assert nearest("zebra", ["team", "owner"]) == "Use: team, owner."
    assert nearest("zebra", []) == "There are none."
    assert nearest("zebra", [f"n{i}" for i in range(25)]).endswith("n19 and 5 more.")


def test_long_values_are_quoted_short_and_on_one_line() -> None:
    assert short("a\n b" + "c" * 100) == "a b" + "c" * 57 + "…"


# --- mutants


STRANGE: list[Any] = [
    None, True, 0, -1, 2.5, 1e300, -1e-300, 10**13, "", "rest", "unlimited", "x", "1 / 0", "é→\u2028", "é" * 3000, [],
    {}, [[]], {"value": 1}, {"by": ["source"], "values": {}}, {"by": ["month"], "values": {"1": 0.5}}, {"by": 1},
    {"distribution": "scipy", "law": "levy", "arguments": {}, "unit": "days"}, {"kind": "outcome", "need": "declined"},
    date(2014, 4, 1), date(1, 1, 1), "../x",
]  # fmt: skip


def _paths(data: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*where, key)
        yield from _paths(value, (*where, key))


def _at(data: Any, where: tuple[Any, ...]) -> Any:
    for step in where:
        data = data[step]
    return data


def _mutated(data: Any, luck: random.Random) -> Any:
    """A copy with a few nodes deleted, doubled, moved or replaced."""
    data = copy.deepcopy(data)
    for _ in range(luck.choice([1, 1, 2, 4])):
        paths = list(_paths(data))
        if not paths:
            break
        where = luck.choice(paths)
        parent, key = _at(data, where[:-1]), where[-1]
        other = copy.deepcopy(_at(data, luck.choice(paths)))
        action = luck.randrange(5)
        if action == 0:
            del parent[key]
        elif action == 1:
            parent[key] = copy.deepcopy(luck.choice(STRANGE))
        elif action == 2:
            parent[key] = other
        elif isinstance(parent, list):
            parent.append(other)
        else:
            parent[f"{key}x" if action == 3 else luck.choice(["kind", "to", "value", "by", "when", "extends"])] = other
    return data


def _scrawled(text: str, luck: random.Random) -> str:
    """A text with a few lines or characters changed."""
    lines = text.split("\n")
    for _ in range(luck.choice([1, 2, 5])):
        row = luck.randrange(len(lines))
        column = luck.randrange(len(lines[row]) + 1)
        action = luck.randrange(4)
        if action == 0:
            lines[row] = lines[luck.randrange(len(lines))]
        elif action == 1:
            lines[row] = luck.choice(["  ", "\t", "- ", "? ", "---", "&a ", "*a"]) + lines[row]
        else:
            mark = luck.choice([*":{}[],\"'*&!%@`#|>-?~\\", "!!int ", "\x07", "\u2029", ""])
            lines[row] = lines[row][:column] + mark + lines[row][column + (action == 3) :]
    return "\n".join(lines)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


MAIN = "barnet_vs_shropshire"
READ_BY_MAIN = {MAIN, "barnet_2014_15", "shropshire_p2p", "shropshire_2015", "mtfs"}
"""The main experiment and the files it reads: a whole service takes seconds to check, and stands in the slow test."""


def _mutants(files: list[Path], seeds: range) -> int:
    """Check many mutants; how many were refused."""
    refused = 0
    originals = {path: path.read_text(encoding="utf-8") for path in files}
    whole = {path: read_one(path).data for path in files}
    experiments = [path for path in files if path.parent.name == "experiments"]
    experiment = next((path for path in experiments if path.stem == MAIN), experiments[0])
    for seed in seeds:
        luck = random.Random(seed)
        path = luck.choice(files)
        if luck.random() < 0.7:
            text = yaml.dump(_mutated(whole[path], luck), Dumper=_Plain, sort_keys=False, allow_unicode=True)
        else:
            text = _scrawled(originals[path], luck)
        path.write_text(text, encoding="utf-8")
        try:
            found = problems_of(luck.choice([path, experiment]))
        except Exception as error:
            raise AssertionError(f"seed {seed} of {path.name} ends in {error!r}") from error
        finally:
            path.write_text(originals[path], encoding="utf-8")
        refused += bool(found)
        for problem in found:
            assert problem.file, f"seed {seed}: {problem} names no file"
            assert "\n" not in str(problem), f"seed {seed}: {problem} runs over a line"
            assert len(str(problem)) < 2_000, f"seed {seed}: {str(problem)[:200]}… goes on and on"
    return refused


def test_no_mutant_of_a_small_config_ends_in_a_traceback(small: Path) -> None:
    files = sorted(small / name for name in GOOD)
    assert _mutants(files, range(200)) > 100


def test_no_mutant_of_a_shipped_config_ends_in_a_traceback(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "configs")
    files = sorted(path for path in (tmp_path / "configs").rglob("*.yaml") if path.stem in READ_BY_MAIN)
    assert _mutants(files, range(60)) > 30


@pytest.mark.slow
def test_none_of_many_mutants_of_a_shipped_config_ends_in_a_traceback(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "configs")
    files = sorted(path for path in (tmp_path / "configs").rglob("*.yaml") if path.name != "sources.yaml")
    assert _mutants(files, range(60, 180)) > 30  # half are looked at through an experiment that may not read them
