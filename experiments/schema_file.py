"""The JSON Schema of config files, for editors; docs/schema.json is a copy that CI checks."""

from __future__ import annotations

import json
import operator
from functools import reduce
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from simulation.schema import KINDS

_Any: Any = Annotated[reduce(operator.or_, KINDS.values()), Field(discriminator="kind")]


def schema() -> dict[str, Any]:
    """One schema for all kinds of file, told apart by ``kind``."""
    made: dict[str, Any] = _any_of(TypeAdapter(_Any).json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Demandflow config",
        "description": "Any config file, told apart by its kind. A file with extends: need only hold what differs.",
        **made,
    }


def _any_of(part: Any) -> Any:
    """Unions that no key tells apart may overlap: 'unlimited' is a word, and words are formulas too."""
    if isinstance(part, list):
        return [_any_of(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {key: _any_of(item) for key, item in part.items()}
    if "oneOf" in made and "discriminator" not in made:
        made["anyOf"] = made.pop("oneOf")
    return made


def schema_text() -> str:
    """The schema as text, keys in a fixed order."""
    return json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
