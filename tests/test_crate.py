"""The crate of a results folder holds to RO-Crate 1.1, names every file, and differs between runs in nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small_experiment import CALIBRATION_ONLY, made

from experiments.crate import NAME, crate_text


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small experiment's folder."""
    return made(tmp_path_factory.mktemp("crate"), "calibration_only", CALIBRATION_ONLY)


@pytest.fixture(scope="module")
def manifest(results: Path) -> dict[str, Any]:
    """Its manifest."""
    content: dict[str, Any] = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def entities(results: Path) -> dict[str, dict[str, Any]]:
    """The crate's entities by identity."""
    content = json.loads((results / NAME).read_text(encoding="utf-8"))
    assert set(content) == {"@context", "@graph"}
    assert content["@context"] == "https://w3id.org/ro/crate/1.1/context"
    found = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(found) == len(content["@graph"]), "every entity is described once"
    return found


def pointers(value: Any) -> list[str]:
    return [one["@id"] for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def test_what_the_specification_asks_of_the_descriptor_and_the_root(entities, manifest):
    descriptor, root = entities[NAME], entities["./"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset" and root["name"] == manifest["title"]
    assert manifest["question"] in root["description"]
    assert date.fromisoformat(root["datePublished"]).isoformat() == manifest["finished_at"][:10]


def test_the_graph_is_flat_and_points_only_to_what_it_describes(entities):
    outside = {"http://schema.org/CompletedActionStatus", "https://w3id.org/ro/crate/1.1"}
    for entity in entities.values():
        assert entity["@id"] and entity["@type"]
        for key, value in entity.items():
            for one in value if isinstance(value, list) else [value]:
                assert not isinstance(one, dict) or set(one) == {"@id"}, f"{entity['@id']}: {key} is nested"
            assert set(pointers(value)) <= {*entities, *outside}, f"{entity['@id']}: {key}"


def test_every_file_of_the_folder_is_in_it_with_its_type(entities, results):
    there = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()} - {NAME}
    files = {name for name, entity in entities.items() if entity["@type"] == "File"}
    assert files == there == set(pointers(entities["./"]["hasPart"])) == set(pointers(entities["#run"]["result"]))
    assert {"manifest.json", "report.html", "tables/flows.csv", "tables/flows.parquet"} <= files
    for name in files:
        assert entities[name]["encodingFormat"] and entities[name]["description"]
        size = entities[name].get("contentSize")
        assert size is None or int(size) == (results / name).stat().st_size
    assert (
        entities["tables/flows.csv"]["encodingFormat"] == "text/csv" and "contentSize" in entities["tables/flows.csv"]
    )


def test_the_run_is_an_action_of_the_program_upon_its_configs(entities, manifest):
    run = entities["#run"]
    program = entities[run["instrument"]["@id"]]
    assert run["@type"] == "CreateAction" and program["@type"] == "SoftwareApplication"
    assert program["version"] == manifest["versions"]["demandflow"]
    commit = manifest["code"]["commit"]
    assert commit is None or commit in program["identifier"]
    read = [entities[one] for one in pointers(run["object"])]
    configs = {e["name"]: e["identifier"].split()[-1] for e in read if e["@type"] == "CreativeWork"}
    assert configs == manifest["config_hashes"] and len(configs) >= 3
    assert [e["value"] for e in read if e["@type"] == "PropertyValue"] == [manifest["seed"]]
    needs = {entities[one]["name"]: entities[one]["version"] for one in pointers(program["softwareRequirements"])}
    assert needs == {name: v for name, v in manifest["versions"].items() if name != "demandflow"}


def test_what_differs_from_run_to_run_is_not_in_it(results, manifest):
    """Another machine, other timings, another engine, another moment of the same day: the same crate."""
    other = {
        **manifest, "seconds": {"total": 999.0}, "workers": 99, "engine": "another", "machine": {"cpus": 99},
        "finished_at": f"{manifest['finished_at'][:10]}T23:59:59+00:00",
    }  # fmt: skip
    assert crate_text(results, other) == (results / NAME).read_text(encoding="utf-8")
    assert "#run" in crate_text(results, {**other, "code": {"commit": None, "dirty": None}})
