"""``run.py models``: the delivery models there are, and what each reproduces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulation.errors import DemandflowError, shown
from simulation.library import Library
from simulation.reading import SHIPPED


def listed(folder: Path | None = None) -> Iterator[str]:
    """One line a model of a folder, by name; by default the shipped ones.

    Raises:
        DemandflowError: a folder that holds no models. ConfigError: a file with problems.
    """
    where = SHIPPED / "models" if folder is None else folder
    files = sorted(where.glob("*.yaml"))
    if not files:
        raise DemandflowError(f"{shown(where)} holds no .yaml files. Name a folder of models.")
    library = Library()
    models = [loaded.config for loaded in map(library.load, files) if loaded.config.kind == "model"]
    if not models:
        raise DemandflowError(f"{shown(where)} holds configs but no models. Name a folder of models.")
    width = max(len(model.name) for model in models)
    for model in models:
        yield f"{model.name:<{width}}  {model.title}. Reproduces: {model.reproduces}."
