"""``run.py validate``: every problem of every file, with file, line and mend."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from experiments.plan import Faults, prepare, prices_of
from simulation.calendar import Calendar
from simulation.compiler import compile_graph
from simulation.errors import ConfigError, DemandflowError, Problem, problem, shown
from simulation.graph import check, of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.population import PopulationMaker
from simulation.quantiles import refuse_bad_numbers
from simulation.schema import DeliveryModel, Demand, Experiment, Prices
from simulation.schema.distribution import FAMILIES


def _model(loaded: Loaded, inputs: Inputs, faults: Faults) -> None:
    demand = next(
        (
            inputs.library.referred(ref, loaded, ("uses", i))
            for i, ref in enumerate(loaded.config.uses)
            if ref.startswith("demand/")
        ),
        None,
    )
    if demand is None:
        faults.problems.extend(check(of_model(loaded)))
        return
    with faults:
        compile_graph(of_model(loaded), demand, prices_of(loaded, inputs.library), Values(inputs))


def _prices(loaded: Loaded, inputs: Inputs, faults: Faults) -> None:
    values = Values(inputs)
    for group, kinds in loaded.config.care.items():
        for kind, care in kinds.items():
            where = ("care", group, kind)
            if kind not in loaded.config.care_types:
                faults.problems.append(loaded.problem(where, f"'{kind}' is not one of care_types.", "Add it there."))
            numbers = {
                key: getattr(care.stay, key)
                if key in ("values", "law", "arguments")
                else values.of(getattr(care.stay, key), loaded.ref)
                for key in FAMILIES[care.stay.distribution]
            }
            try:
                refuse_bad_numbers(care.stay.distribution, numbers)
            except DemandflowError as error:
                faults.problems.append(loaded.problem((*where, "stay"), f"{'.'.join(where)}.stay: {error}"))
            if care.weekly_cost is not None and values.of(care.weekly_cost, loaded.ref) < 0:
                faults.problems.append(
                    loaded.problem(
                        (*where, "weekly_cost"), f"{'.'.join(where)}: a negative weekly cost.", "Give 0 or more."
                    )
                )


def problems_of(path: Path) -> list[Problem]:
    """All problems of one file."""
    faults = Faults()
    with faults:
        library = Library()
        loaded = library.load(path)
        if isinstance(loaded.config, Experiment):
            prepare(path)
            return faults.problems
        inputs = Inputs(library)
        inputs.add(loaded)
        try:
            faults.problems.extend(inputs.problems())
            if isinstance(loaded.config, DeliveryModel):
                _model(loaded, inputs, faults)
            elif isinstance(loaded.config, Demand) and not faults.problems:
                PopulationMaker(loaded, Values(inputs), Calendar(date(2014, 4, 1), 12))
            elif isinstance(loaded.config, Prices) and not faults.problems:
                _prices(loaded, inputs, faults)
        except ConfigError:
            raise
        except DemandflowError as error:
            faults.problems.append(Problem(shown(path), 0, str(error), ""))
    return sorted(set(faults.problems))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*.yaml") if p.name != "sources.yaml")
            if not found:
                raise problem(path, 0, "holds no .yaml files.", "Name a config file or a folder of them.")
            yield from found
        else:
            yield path


def validate(paths: Iterable[Path]) -> int:
    """Check files and folders; print every problem. 0 if all is well, 2 if not."""
    total = checked = 0
    for path in _files(paths):
        found = problems_of(path)
        checked += 1
        total += len(found)
        for item in found:
            print(item, file=sys.stderr)
        if not found:
            print(f"{shown(path)}: fine")
    if total:
        print(f"{total} problem{'s' if total > 1 else ''} found.", file=sys.stderr)
    elif checked > 1:
        print(f"All {checked} files are fine.")
    return 2 if total else 0
