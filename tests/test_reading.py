"""What ``extends:`` keeps, replaces and removes, and where everything then stands; what YAML values mean."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from simulation.errors import ConfigError
from simulation.reading import Document, Where, at, read, root_of

PARENT = """\
kind: model
name: parent
title: The parent
uses: [demand/one, prices/one]
parameters:
  kept: 1
  evidenced:
    value: 0.5
    status: assumption
    why: a guess
    range: {low: 0.4, high: 0.6, why: a guess}
stages:
  desk:
    kind: service
    team: desk
    duration:
      distribution: lognormal
      mean: 2
      sigma: 0.5
      unit: hours
    to: out
  door:
    kind: decision
    branches:
      - {name: a, to: out, probability: 0.5}
      - {name: b, to: out, probability: rest}
  change: {kind: set, attribute: means, value: below, to: out}
  spread:
    probability:
      by: [source]
      values: {community: 0.1, hospital: 0.2}
  out: {kind: outcome, need: declined}
"""


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a child of the parent above and reads it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "parent.yaml").write_text(PARENT, encoding="utf-8")

    def child(body: str, name: str = "child", extends: str = "parent") -> Document:
        path = Path("models") / f"{name}.yaml"
        path.write_text(f"name: {name}\nextends: {extends}\n{body}", encoding="utf-8")
        return read(path)

    return child


def placed(document: Document, *where: str | int) -> str:
    """``file:line`` of a place."""
    file, line = document.place(where)
    return f"{Path(file).name}:{line}"


def test_what_a_child_does_not_say_is_inherited_with_its_place(family: Any) -> None:
    document = family("title: The child\n")
    assert document.data["title"] == "The child"
    assert placed(document, "title") == "child.yaml:3"
    assert document.data["parameters"]["kept"] == 1
    assert placed(document, "parameters", "kept") == "parent.yaml:6"
    assert document.data["kind"] == "model"
    assert [path.name for path in document.ancestors] == ["parent.yaml"]


def test_the_name_is_never_inherited(tmp_path: Path, family: Any) -> None:
    path = tmp_path / "models" / "nameless.yaml"
    path.write_text("extends: parent\n")
    assert "name" not in read(path).data


def test_mappings_merge_key_by_key(family: Any) -> None:
    document = family("stages:\n  desk:\n    team: another\n")
    assert document.data["stages"]["desk"]["team"] == "another"
    assert document.data["stages"]["desk"]["to"] == "out"
    assert "door" in document.data["stages"]
    assert placed(document, "stages", "desk", "team") == "child.yaml:5"
    assert placed(document, "stages", "desk", "to") == "parent.yaml:21"
    assert placed(document, "stages", "desk") == "child.yaml:4"


def test_lists_are_replaced_whole_and_leave_no_place_behind(family: Any) -> None:
    document = family(
        "uses: [demand/two]\nstages:\n  door:\n    branches:\n      - {name: c, to: out, probability: 1}\n"
    )
    assert document.data["uses"] == ["demand/two"]
    assert document.data["stages"]["door"]["branches"] == [{"name": "c", "to": "out", "probability": 1}]
    assert placed(document, "stages", "door", "branches", 0, "to") == "child.yaml:7"
    assert ("stages", "door", "branches", 1) not in document.places


def test_a_number_with_evidence_is_replaced_whole(family: Any) -> None:
    document = family("parameters:\n  evidenced: {value: 0.7, status: published}\n")
    assert document.data["parameters"]["evidenced"] == {"value": 0.7, "status": "published"}
    assert placed(document, "parameters", "evidenced", "why") == "child.yaml:4"


def test_a_bare_number_replaces_one_with_evidence_and_the_other_way_round(family: Any) -> None:
    document = family("parameters:\n  evidenced: 0.7\n  kept: {value: 2, status: derived, why: because}\n")
    assert document.data["parameters"]["evidenced"] == 0.7
    assert ("parameters", "evidenced", "why") not in document.places
    assert document.data["parameters"]["kept"]["value"] == 2


def test_a_distribution_is_replaced_whole(family: Any) -> None:
    law = "{distribution: exponential, mean: 3, unit: days}"
    document = family(f"stages:\n  desk:\n    duration: {law}\n")
    assert document.data["stages"]["desk"]["duration"] == {"distribution": "exponential", "mean": 3, "unit": "days"}


def test_numbers_by_attribute_are_replaced_whole_where_the_child_names_the_attribute(family: Any) -> None:
    document = family("stages:\n  spread:\n    probability: {by: [means], values: {below: 0.3, above: 0.4}}\n")
    assert document.data["stages"]["spread"]["probability"]["values"] == {"below": 0.3, "above": 0.4}
    document = family("stages:\n  spread:\n    probability: {values: {hospital: 0.3}}\n", "second")
    assert document.data["stages"]["spread"]["probability"] == {
        "by": ["source"],
        "values": {"community": 0.1, "hospital": 0.3},
    }


def test_a_stage_that_sets_a_value_merges_like_any_other(family: Any) -> None:
    document = family("stages:\n  change: {to: desk}\n")
    assert document.data["stages"]["change"] == {"kind": "set", "attribute": "means", "value": "below", "to": "desk"}


def test_a_stage_of_another_kind_is_another_stage(family: Any) -> None:
    document = family("stages:\n  desk: {kind: outcome, need: declined}\n")
    assert document.data["stages"]["desk"] == {"kind": "outcome", "need": "declined"}


def test_null_removes_a_key_and_everything_in_it(family: Any) -> None:
    document = family("parameters:\n  kept: null\nstages:\n  desk: ~\n  door: {branches: }\n")
    assert "kept" not in document.data["parameters"]
    assert "desk" not in document.data["stages"]
    assert document.data["stages"]["door"] == {"kind": "decision"}
    assert ("stages", "desk", "to") not in document.places


def test_null_for_what_the_parent_does_not_have_is_left_for_the_schema_to_judge(family: Any) -> None:
    assert family("stages:\n  dsek: null\n").data["stages"]["dsek"] is None


def test_a_grandchild_keeps_the_places_of_all_three_files(family: Any) -> None:
    family("stages:\n  desk:\n    team: another\n", "middle")
    document = family("stages:\n  desk:\n    to: door\n", "last", "middle")
    assert document.data["stages"]["desk"]["team"] == "another"
    assert placed(document, "stages", "desk", "to") == "last.yaml:5"
    assert placed(document, "stages", "desk", "team") == "middle.yaml:5"
    assert placed(document, "stages", "desk", "kind") == "parent.yaml:14"
    assert [path.name for path in document.ancestors] == ["parent.yaml", "middle.yaml"]


def test_every_value_of_a_merged_document_has_a_place_and_no_place_is_left_over(family: Any) -> None:
    document = family("stages:\n  desk: null\n  door: {branches: []}\n  extra: {kind: outcome, need: declined}\n")

    def paths(value: Any, where: Where = ()) -> set[Where]:
        inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return {where}.union(*(paths(item, (*where, key)) for key, item in inside))

    assert set(document.places) == paths(document.data)


def test_a_problem_in_an_inherited_line_says_who_inherits_it(family: Any) -> None:
    document = family("title: The child\n")
    assert str(document.problem(("parameters", "kept"), "x.", "y.")) == (
        "models/parent.yaml:6: x. y. (inherited by models/child.yaml)"
    )
    assert str(document.problem(("title",), "x.", "y.")) == "models/child.yaml:3: x. y."


def test_a_place_that_is_not_known_is_the_nearest_one_above_it(family: Any) -> None:
    document = family("title: The child\n")
    assert placed(document, "parameters", "kept", "no", "such", "thing") == "parent.yaml:6"
    assert placed(document, "nothing") == "child.yaml:1"


def test_a_file_outside_the_known_folders_finds_its_parent_beside_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("kind: demand\nname: base\ntitle: Base\n")
    (tmp_path / "child.yaml").write_text("kind: demand\nname: child\nextends: base\n")
    assert read(tmp_path / "child.yaml").data["title"] == "Base"


@pytest.mark.parametrize(
    ("kind", "shipped"), [("model", "barnet_2014_15"), ("demand", "barnet_2014_15"), ("prices", "mtfs")]
)
def test_a_lone_file_may_extend_a_shipped_one_of_its_kind(kind: str, shipped: str, tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text(f"kind: {kind}\nname: child\nextends: {shipped}\n")
    document = read(tmp_path / "child.yaml")
    assert document.data["kind"] == kind
    assert document.ancestors[0].name == f"{shipped}.yaml"


def test_a_file_in_a_known_folder_belongs_to_the_folder_above(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    assert root_of(tmp_path / "models" / "x.yaml") == tmp_path
    assert root_of(tmp_path / "elsewhere.yaml") == tmp_path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("1e6", 1e6),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("010", 10),
        (".5", 0.5),
        ("-3", -3),
        ("~", None),
        ("", None),
        ("2016-04-01", date(2016, 4, 1)),
        ("2016-4-1", "2016-4-1"),
        ('"2016-04-01"', "2016-04-01"),
        ("!!str 5", "5"),
    ],
)
def test_values_mean_what_a_reader_expects(text: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"key: {text}\n")
    found = read(path).data["key"]
    assert found == value
    assert type(found) is type(value)


def test_an_alias_within_reason_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: &a {b: [1, 2]}\nc: *a\n")
    document = read(path)
    assert document.data["c"] == {"b": [1, 2]}
    assert document.places["c", "b"] == (document.place(())[0], 1)


def test_a_place_is_written_with_points() -> None:
    assert at(("stages", "desk", "branches", 0, "to")) == "stages.desk.branches.0.to"


def test_reading_tells_all_faults_of_the_yaml_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: .nan\na: 1\nb: !!set {}\n")
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]
