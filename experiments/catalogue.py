"""``run.py models``: the systems that ship, and what each reproduces; ``run.py options``: the tables of the options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from simulation.errors import ConfigError, DemandflowError, Problem, shown
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.option_tables import rows
from simulation.options import Lead, lead
from simulation.printed import Row
from simulation.reading import SHIPPED
from simulation.schema import Intervention
from simulation.schema.printed import NotPublished
from simulation.vehicles import Duration, column_of, not_published, timeline, vehicles_with

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


def _line(row: Row) -> str:
    """What the figures come to, and what is printed beside it."""
    digits = ".2f" if row.unit < 1 else ",.0f"
    told = f"  {row.title:<60} {row.comes_to:>14{digits}}"
    if row.printed is None:
        return told
    if row.differs is not None:
        return f"{told}  printed {row.printed:{digits}}: {row.differs}"
    return f"{told}  printed {row.printed:{digits}}"


def _ends(ahead: Lead) -> str:
    """At what extra cost a lead disappears where the two vehicles are judged alike."""
    return f"; judged alike, it ends at £{ahead.efficiency:,} of extra cost" if ahead.efficiency > 0 else ""


def _months(route: Duration) -> str:
    """How long a way to mobilise takes."""
    least, most = ("not published" if value is None else f"{value:g}" for value in (route.least, route.most))
    if least == most:
        return least if route.least is None else f"{least} months"
    return f"{least} to {most} months"


def _of_vehicle(loaded: Loaded, values: Values) -> Iterator[str]:
    """The mobilisation of a vehicle, what nobody published, and its lead over each of the others."""
    vehicle = loaded.config.vehicle
    ratings = vehicle.ratings
    culture, savings = ratings.culture_and_process.board_says, ratings.savings_and_income.board_says
    yield f"  Ratings are the board's judgement: culture and process {culture}, savings and income {savings}."
    if isinstance(vehicle.mobilisation, NotPublished):
        yield f"  Mobilisation: not published: {vehicle.mobilisation.not_published}."
    for route in timeline(loaded, values):
        yield f"  Mobilisation: {route.title}: {_months(route)}."
        for step in route.steps:
            printed = "" if step.differs is None else f" (printed {step.printed}: {step.differs})"
            yield f"    {step.title}: {step.month}{printed}"
    own = column_of(loaded, values)
    for name, other in vehicles_with(loaded, values).items():
        ahead = lead(own, column_of(other, values))
        if name != loaded.config.name and ahead.total > 0:
            yield (
                f"  Lead over {other.config.short_title}: £{ahead.total:,} = £{ahead.judged:,} judged + "
                f"£{ahead.efficiency:,} efficiency{_ends(ahead)}."
            )
    missing = ", ".join(name.replace("_", " ") for name in not_published(vehicle))
    if missing:
        yield f"  Not published, so no net saving and no ranking of our own: {missing}."


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
        yield from map(_line, rows(loaded, values))
        if getattr(loaded.config, "vehicle", None) is not None:
            yield from _of_vehicle(loaded, values)


def shipped_tables() -> list[Path]:
    """Every shipped file with a printed table."""
    files = [path for folder in ("options", "prices") for path in sorted((SHIPPED / folder).glob("*.yaml"))]
    library = Library()
    return [path for path in files if getattr(library.load(path).config, "reproduces", None) is not None]
