"""``run.py validate``: every problem of every file, with file, line and mend."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from experiments import aftermath
from experiments.checks import Faults, file_problems, model_problems, nobody_comes, ways_in
from experiments.plan import prepare, prices_of
from simulation.calendar import Calendar
from simulation.errors import DemandflowError, Problem, shown
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.population import PopulationMaker
from simulation.schema import Aftermath, DeliveryModel, Demand, Experiment


def _model(loaded: Loaded, inputs: Inputs, values: Values) -> list[Problem]:
    """A model on the contacts and at the prices it names under ``uses:``."""
    uses = enumerate(loaded.config.uses)
    references = [(index, reference) for index, reference in uses if reference.startswith("demand/")]
    if not references:
        return model_problems(loaded, None, None, values)
    index, reference = references[0]
    demand = inputs.library.referred(reference, loaded, ("uses", index))
    found = [*ways_in(loaded, ("stages",), loaded, demand, set()), *nobody_comes(loaded, demand)]
    prices = prices_of(loaded, inputs.library)
    return [*found, *file_problems(demand, values), *model_problems(loaded, demand, prices, values)]


def _by_itself(loaded: Loaded, inputs: Inputs) -> list[Problem]:
    """A model, demand, prices or option file, or one of what happened next."""
    if isinstance(loaded.config, Aftermath):
        return aftermath.problems(loaded)
    faults = Faults()
    with faults:
        inputs.add(loaded)
        values = Values(inputs)
        faults.problems.extend(inputs.problems())
        if isinstance(loaded.config, DeliveryModel):
            faults.problems.extend(_model(loaded, inputs, values))
            return faults.problems
        faults.problems.extend(file_problems(loaded, values))
        if isinstance(loaded.config, Demand) and not faults.problems:
            PopulationMaker(loaded, values, Calendar(date(2014, 4, 1), 12))
    return faults.problems


def problems_of(path: Path) -> list[Problem]:
    """All problems of one file, and of the files it rests on, by file and line."""
    faults = Faults()
    try:
        with faults:
            library = Library()
            loaded = library.load(path)
            if isinstance(loaded.config, Experiment):
                prepare(path)
            else:
                faults.problems.extend(_by_itself(loaded, Inputs(library)))
    except DemandflowError as error:
        faults.problems.append(Problem(shown(path), 0, str(error), ""))
    except OSError as error:
        faults.problems.append(Problem(shown(path), 0, f"cannot be read: {error.strerror}.", "Check the path."))
    return sorted(set(faults.problems))


def _files(paths: Iterable[Path]) -> tuple[list[Path], list[Problem]]:
    """The files to check, and folders without any."""
    files: list[Path] = []
    empty: list[Problem] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        found = sorted(p for p in path.rglob("*.yaml") if p.name != "sources.yaml")
        files.extend(found)
        if not found:
            empty.append(Problem(shown(path), 0, "holds no .yaml files.", "Name a config file or a folder of them."))
    return files, empty


def validate(paths: Iterable[Path]) -> int:
    """Check files and folders; print every problem once. 0 if all is well, 2 if not."""
    files, empty = _files(paths)
    told = dict.fromkeys(empty, True)
    for path in files:
        found = problems_of(path)
        for item in found:
            told.setdefault(item, True)
        if not found:
            print(f"{shown(path)}: fine")
        elif all(item.file != shown(path) for item in found):
            others = ", ".join(sorted({item.file for item in found}))
            print(f"{shown(path)}: nothing wrong in it, but it rests on {others}")
    sys.stdout.flush()
    for item in sorted(told):
        print(item, file=sys.stderr)
    if told:
        print(f"{len(told)} problem{'s' if len(told) > 1 else ''} found.", file=sys.stderr)
    elif len(files) > 1:
        print(f"All {len(files)} files are fine.")
    return 2 if told else 0
