"""``run.py models``: the systems that ship, and what each reproduces; ``run.py options``: the tables of the options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from experiments.option_words import of_contract, of_vehicle
from simulation.errors import ConfigError, DemandflowError, Problem, shown
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.option_tables import rows
from simulation.printed import Row
from simulation.reading import SHIPPED
from simulation.schema import Intervention

FOLDERS = ("models", "options", "interventions", "prices")
"""Where configs stand that reproduce something."""

GROUPS = ("Delivery models", "Interventions", "Delivery vehicles", "Other")


def _group(config: Any) -> str:
    if config.kind == "model":
        return "Delivery models"
    if config.kind == "intervention":
        return "Interventions"
    return "Delivery vehicles" if getattr(config, "vehicle", None) is not None else "Other"


def _tells(loaded: Loaded) -> str | None:
    """What a config says it reproduces; of an intervention, how it works and what is printed for England."""
    if not isinstance(loaded.config, Intervention):
        return None if (said := getattr(loaded.config, "reproduces", None)) is None else f"Reproduces: {said}"
    works = f"Mechanism: {loaded.config.mechanism}"
    if loaded.config.england_offset is None:
        return works
    inputs = Inputs(Library())
    inputs.add(loaded)
    pounds = Values(inputs).at(loaded.config.england_offset, loaded, ("england_offset",))
    return f"{works}; printed for England: £{pounds / 1e6:,.0f}m a year, an opportunity benefit and not a saving"


def _configs(folders: Iterable[Path]) -> list[tuple[Any, str]]:
    """Configs of some folders that say what they reproduce, each with its words; every broken one is told."""
    library, found = Library(), list[Loaded]()
    problems: list[Problem] = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
        try:
            found.append(library.load(path))
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return [(loaded.config, words) for loaded in found if (words := _tells(loaded)) is not None]


def listed(folder: Path | None = None) -> Iterator[str]:
    """One line a system, by name, under its group; by default all shipped ones.

    Raises:
        DemandflowError: a folder that holds nothing to list. ConfigError: files with problems.
    """
    if folder is not None and not list(folder.glob("*.yaml")):
        raise DemandflowError(f"{shown(folder)} holds no .yaml files. Name a folder of models or options.")
    configs = _configs([SHIPPED / name for name in FOLDERS] if folder is None else [folder])
    if not configs:
        raise DemandflowError(
            f"{shown(folder or SHIPPED)} holds configs but no models or options. Name a folder of models or options."
        )
    width = max(len(config.name) for config, _ in configs)
    groups = [name for name in GROUPS if name in {_group(config) for config, _ in configs}]
    for group in groups:
        if len(groups) > 1:
            yield f"{group}:"
        for config, words in configs:
            if _group(config) == group:
                yield f"{config.name:<{width}}  {config.title}. {words}."


def _line(row: Row, width: int) -> str:
    """What the figures come to, and what is printed beside it."""
    digits = ".2f" if row.unit < 1 else ",.0f"
    told = f"  {row.title:<{width}} {row.comes_to:>14{digits}}"
    if row.printed is None:
        return told
    rounded = f" to the nearest {row.unit:,.0f}" if row.unit > 1 else ""
    why = "" if row.differs is None else f": {row.differs}"
    return f"{told}  printed {row.printed:{digits}}{rounded}{why}"


def tabled(files: Iterable[Path]) -> Iterator[str]:
    """The table of each option: what its figures come to, and what is printed.

    Raises:
        DemandflowError: a file without such a table. ConfigError: files with problems.
    """
    library = Library()
    for path in files:
        loaded = library.load(path)
        if not hasattr(loaded.config, "totals"):
            raise DemandflowError(f"{shown(path)} is a {loaded.config.kind} file. Name a file of options/ or prices/.")
        inputs = Inputs(library)
        inputs.add(loaded)
        values = Values(inputs)
        yield f"{loaded.config.title}:"
        table = rows(loaded, values)
        width = max([60, *(len(row.title) for row in table)])
        yield from (_line(row, width) for row in table)
        if getattr(loaded.config, "vehicle", None) is not None:
            yield from of_vehicle(loaded, values)
        if getattr(loaded.config, "contract", None) is not None:
            yield from of_contract(loaded, values)


def shipped_tables() -> list[Path]:
    """Every shipped file with a printed table."""
    files = [path for folder in ("options", "prices") for path in sorted((SHIPPED / folder).glob("*.yaml"))]
    library = Library()
    return [path for path in files if getattr(library.load(path).config, "reproduces", None) is not None]
