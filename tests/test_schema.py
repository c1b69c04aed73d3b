"""The format as published: the JSON Schema is current, every shipped config fits it, every number has evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from agents.codes import Kind
from experiments.cli import main
from experiments.schema_file import schema_text
from simulation.inputs import Inputs
from simulation.library import Library, known_documents
from simulation.reading import SHIPPED, read

DOCS = SHIPPED.parent / "docs"
CONFIGS = sorted(path for path in SHIPPED.rglob("*.yaml") if path.name != "sources.yaml")
RUN = [path for path in CONFIGS if path.parent.name in ("models", "demand", "prices", "options", "experiments")]


def name(path: Path) -> str:
    """A config as other files name it."""
    return f"{path.parent.name}/{path.stem}"


def as_json(value: Any) -> Any:
    """YAML data as JSON has it: dates are text."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    """The published schema."""
    schema = json.loads((DOCS / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_published_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == (DOCS / "schema.json").read_text(encoding="utf-8"), "run: make schema"


def test_the_schema_can_be_written_to_a_file(tmp_path: Path) -> None:
    assert main(["schema", "--out", str(tmp_path / "schema.json")]) == 0
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", RUN, ids=name)
def test_every_shipped_config_fits_the_published_schema(path: Path, validator: jsonschema.Draft202012Validator) -> None:
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(as_json(read(path).data))]
    assert errors == []


@pytest.mark.parametrize("path", RUN, ids=name)
def test_the_published_schema_refuses_unknown_and_missing_keys_of_every_shipped_config(
    path: Path, validator: jsonschema.Draft202012Validator
) -> None:
    data = as_json(read(path).data)
    assert not validator.is_valid({**data, "unheard_of": 1})
    assert not validator.is_valid({key: value for key, value in data.items() if key != "title"})


@pytest.mark.parametrize("path", RUN, ids=name)
def test_every_shipped_config_is_fine(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(path)]) == 0
    assert capsys.readouterr().err == ""


def test_the_shipped_configs_hold_a_model_a_demand_prices_an_option_and_an_experiment() -> None:
    assert {path.parent.name for path in RUN} == {"models", "demand", "prices", "options", "experiments"}


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    """Every number of the shipped configs."""
    library = Library()
    found = Inputs(library)
    for path in RUN:
        found.add(library.load(path))
    return found


def test_every_number_in_the_shipped_configs_has_evidence(inputs: Inputs) -> None:
    assert [item.key for item in inputs.inputs.values() if item.status == "unlabelled"] == []
    assert len(inputs.inputs) > 100


def test_every_source_document_is_in_the_register(inputs: Inputs) -> None:
    named = {item.evidence.source.document for item in inputs.inputs.values() if item.evidence and item.evidence.source}
    assert named
    assert named <= set(known_documents())


def test_every_assumption_says_why_and_every_published_figure_where(inputs: Inputs) -> None:
    for item in inputs.inputs.values():
        if item.evidence is None:
            continue
        if item.status == "assumption":
            assert item.evidence.why, item.key
        if item.status == "published":
            assert item.evidence.source is not None, item.key


QUOTED = {"n", "share", "seed", "follow_up_days", "replications", "years", "steps", "input_draws", "start", "end",
          "relative_half_width", "first_look", "batch", "most", "low", "high", "warm_up_months", "most_outside",
          "reviews_on_time_days", "relative", "absolute", "poisson_sds", "pairs", "draws"}  # fmt: skip
"""Keys that set up a run, quote a document beside its model, or stand in a range."""


def bare_numbers(value: Any, where: tuple[str, ...] = ()) -> Iterator[str]:
    """Numbers written without evidence, found in the YAML itself and not by the program that lists inputs."""
    if isinstance(value, dict):
        if "value" in value and "status" in value:
            return
        for key, inside in value.items():
            yield from bare_numbers(inside, (*where, str(key)))
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from bare_numbers(inside, (*where, str(index)))
    elif isinstance(value, int | float) and not isinstance(value, bool) and where[-1] not in QUOTED:
        yield ".".join(where)


@pytest.mark.parametrize("path", RUN, ids=name)
def test_no_number_stands_bare_in_a_shipped_config(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    parts = (
        "comparison.transfers.{}.value",
        "transition.transfers.{}.value",
        "transition.effects.{}",
        "transition.ratings_worth",
    )
    scenarios = {part.format(i) for part in parts for i in range(20)}  # tried, not claimed
    scenarios |= {f"sweep.over.{i}.values.{j}" for i in range(6) for j in range(20)}
    assert set(bare_numbers(data)) - scenarios == set()


@pytest.mark.parametrize("path", RUN, ids=name)
def test_shares_of_client_groups_are_not_bare_either(path: Path) -> None:
    for group, item in read(path).data.get("client_groups", {}).items():
        assert not isinstance(item["share"], int | float), group


def test_the_published_schema_describes_every_kind_of_stage(
    validator: jsonschema.Draft202012Validator,
) -> None:
    kinds = json.dumps(validator.schema)
    for kind in Kind:
        assert f'"const": "{kind.name.lower()}"' in kinds
