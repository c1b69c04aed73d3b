"""What can be wrong with the files of an experiment, each by itself and together, found before anything runs."""

from __future__ import annotations

from datetime import date

from experiments.matching import transfer_problems
from simulation.change import change_problems
from simulation.compiler import compile_graph
from simulation.errors import ConfigError, Problem, nearest
from simulation.extras import care_problems
from simulation.graph import of_model
from simulation.graph_checks import check
from simulation.inputs import Values
from simulation.laws import law_numbers, law_table
from simulation.library import Loaded
from simulation.money.economics import money_problems
from simulation.option_tables import problems as option_problems
from simulation.people import attribute_values, check_demand
from simulation.reading import Where, at
from simulation.schema import Change, Demand, Option, Prices
from simulation.schema.distribution import TICKS_PER
from simulation.schema.experiment import Comparison
from simulation.tabulation import pence_a_week
from simulation.tally import MEASURES

FIRST_YEAR, LAST_YEAR = 1900, 2050
"""Years in which a run may start: bank holidays are known until some decades after."""


class Faults:
    """Collects the problems of several steps, so that all are shown at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, ConfigError):
            self.problems.extend(error.problems)
            return True
        return False

    def stop_if_any(self) -> None:
        """Raises ConfigError with all of them."""
        if self.problems:
            raise ConfigError(self.problems)


def file_problems(loaded: Loaded, values: Values) -> list[Problem]:
    """What is wrong with a demand, prices or option file by itself, beyond its schema."""
    config = loaded.config
    if isinstance(config, Demand):
        return check_demand(loaded, values)
    if isinstance(config, Prices):
        return [*_prices(loaded, values), *option_problems(loaded, values), *money_problems(loaded, values)]
    if isinstance(config, Option):
        return option_problems(loaded, values)
    if isinstance(config, Change):
        return change_problems(loaded, values)
    return []


def model_problems(model: Loaded, demand: Loaded | None, prices: Loaded | None, values: Values) -> list[Problem]:
    """What is wrong with a model; its numbers are looked at too where the population is known."""
    faults = Faults()
    with faults:
        graph = of_model(model)
        if demand is None or not all(attribute_values(demand).values()):
            return check(graph)
        compile_graph(graph, demand, prices, values)
    return faults.problems


def _prices(loaded: Loaded, values: Values) -> list[Problem]:
    faults = Faults()
    for group, kinds in loaded.config.care.items():
        for kind, care in kinds.items():
            where: Where = ("care", group, kind)
            if kind not in loaded.config.care_types:
                what = f"{at(where)}: '{kind}' is not one of care_types."
                faults.problems.append(loaded.problem(where, what, nearest(kind, loaded.config.care_types)))
            stay: Where = (*where, "stay")
            with faults:
                law_table(
                    care.stay, law_numbers(care.stay, loaded, stay, values), TICKS_PER[care.stay.unit], loaded, stay
                )
            faults.problems.extend(care_problems(care, loaded, where, values))
            if care.weekly_cost is not None:
                with faults:
                    pence_a_week(care.weekly_cost, loaded, (*where, "weekly_cost"), values)
    return faults.problems


def ways_in(
    loaded: Loaded, where: Where, model: Loaded, demand: Loaded, kept: set[str], or_else: str = ""
) -> list[Problem]:
    """Nobody who makes contact is lost: each source has an arrival in the model, or is ``kept`` elsewhere."""
    entries = {stage.source for stage in model.config.stages.values() if stage.kind == "arrival"}
    if not entries:
        return []  # told with the model's own faults
    return [
        loaded.problem(
            where,
            f"{model.config.name} has no arrival for contacts from '{source}' of {demand.ref}.",
            f"Add a stage of kind: arrival for them{or_else.format(source)}.",
        )
        for source in demand.config.sources
        if source not in entries | kept
    ]


def nobody_comes(model: Loaded, demand: Loaded) -> list[Problem]:
    """Arrivals of a source that the population does not have."""
    sources = demand.config.sources
    return [
        model.problem(
            ("stages", name, "source"),
            f"stages.{name}.source: '{stage.source}' is not a source of {demand.ref}, so nobody would come.",
            nearest(stage.source, sources),
        )
        for name, stage in model.config.stages.items()
        if stage.kind == "arrival" and stage.source not in sources
    ]


def start_problems(loaded: Loaded, where: Where, start: date) -> list[Problem]:
    """A run starts on the first of a month, in a year whose bank holidays can be known."""
    found = []
    if start.day != 1:
        what = f"{at(where)} is {start}, which is not the first of a month."
        found.append(loaded.problem(where, what, f"Write {start:%Y-%m}-01."))
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        what = f"{at(where)} is in the year {start.year}."
        found.append(loaded.problem(where, what, f"Give a year from {FIRST_YEAR} to {LAST_YEAR}."))
    return found


def comparison_problems(loaded: Loaded, config: Comparison) -> list[Problem]:
    """What is wrong with a comparison, whatever its files say."""
    found = start_problems(loaded, ("comparison", "start"), config.start)
    found += transfer_problems(loaded, "comparison", config.transfers, config.headline_transfer)
    where, name = ("comparison", "precision", "measure"), config.precision.measure
    if name not in MEASURES:
        found.append(loaded.problem(where, f"{at(where)}: there is no measure '{name}'.", nearest(name, MEASURES)))
    return found
