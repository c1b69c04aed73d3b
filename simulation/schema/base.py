"""The strict base of every config record, and the names it may use."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Strict(BaseModel):
    """Unknown keys are refused and nothing is coerced: `"0.5"` is text, `true` is not 1."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Reference = Annotated[
    str, StringConstraints(pattern=r"^(models|demand|prices|options|change|experiments)/[a-z][a-z0-9_]*$")
]
Sentence = Annotated[str, StringConstraints(min_length=3, max_length=2000)]
