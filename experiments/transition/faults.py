"""What is wrong with the section ``transition:`` of an experiment, its files and its runs, before anything is lived."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from experiments.checks import nobody_comes, start_problems, ways_in
from experiments.matching import transfer_problems
from experiments.transition.job import World
from experiments.transition.runs import Run, practitioners
from simulation.change import adoption_for
from simulation.errors import Problem, nearest
from simulation.library import Loaded
from simulation.money.economics import horizon_problems
from simulation.reading import Where, at
from simulation.schema.transition import Transition

if TYPE_CHECKING:
    from experiments.transition.plan import Maker

KEY = "transition"


def file_faults(maker: Maker) -> list[Problem]:
    """What is wrong with the section and the files it names, before anything is compiled."""
    loaded, config, files = maker.loaded, maker.config, maker.files
    found = list(start_problems(loaded, (KEY, "start"), config.start))
    if not found and config.start.month != 4:
        what = f"{at((KEY, 'start'))} is {config.start}, in the middle of a financial year."
        mend = f"Write {config.start.year}-04-01; simulate months before it with warm_up_months."
        found.append(loaded.problem((KEY, "start"), what, mend))
    found += transfer_problems(loaded, KEY, config.transfers, config.headline_transfer)
    found += _twice(loaded, config)
    kept = set(config.keeps_baseline.get("source", []))
    for key, stay in (("baseline", set()), ("model", kept)):
        found += ways_in(loaded, (KEY, key), files[key], files["demand"], stay)
        found += nobody_comes(files[key], files["demand"]) if key == "baseline" else []
    for index, name in enumerate(config.vehicles.options):
        if maker.vehicles[name].config.vehicle is None:
            where: Where = (KEY, "vehicles", "options", index)
            what = f"{at(where)}: options/{name} is no delivery vehicle."
            found.append(loaded.problem(where, what, "Name files of options/ that have vehicle:."))
            continue
        model, delivers = files["model"], maker.vehicles[name].config.vehicle.change.delivers
        if delivers not in {model.config.name, *(path.stem for path in model.document.ancestors)}:
            what = f"{name} would run the model '{delivers}', and this experiment has {model.config.name}."
            place: Where = ("vehicle", "change", "delivers")
            found.append(maker.vehicles[name].problem(place, what, "Name the same model in both."))
    if config.growth and files["demand"].config.growth is None:
        what = f"{at((KEY, 'growth'))}: {files['demand'].ref} says nothing of growth."
        found.append(loaded.problem((KEY, "growth"), what, "Add growth: there, or write growth: false."))
    sources = list(files["demand"].config.sources)
    for index, name in enumerate(config.counted_sources or []):
        if name not in sources:
            where = (KEY, "counted_sources", index)
            what = f"{at(where)}: there is no source '{name}' in {files['demand'].ref}."
            found.append(loaded.problem(where, what, nearest(name, sources)))
    if maker.targets is not None:
        found += horizon_problems(maker.targets, ("targets",), maker.targets.config.targets, maker.years)
    return found


def _twice(loaded: Loaded, config: Transition) -> list[Problem]:
    """Names that stand twice, so that one would take the place of the other."""
    changes = [config.change, *config.beside]
    teams = [move.team for move in config.moves]
    found = []
    for index, name in enumerate(config.beside):
        if name in changes[: index + 1]:
            where: Where = (KEY, "beside", index)
            told = "the change of the headlines" if name == config.change else "named twice"
            what = f"{at(where)}: '{name}' is {told}."
            found.append(loaded.problem(where, what, "Name every change file once."))
    for index, team in enumerate(teams):
        if team in teams[:index]:
            where = (KEY, "moves", index, "team")
            what = f"{at(where)}: '{team}' has another move already."
            found.append(loaded.problem(where, what, "Give all who leave a team as one number."))
    return found


def same_names(loaded: Loaded, runs: tuple[Run, ...]) -> list[Problem]:
    """Runs of one name: one would be written over the other."""
    counted = Counter(run.name for run in runs)
    mend = "Give the transfer another name than a change file or without_growth; try effects a percent apart."
    return [
        loaded.problem((KEY, "transfers"), f"two runs would have the name '{name}'.", mend)
        for name, number in counted.items()
        if number > 1
    ]


def compiled_faults(maker: Maker, world: World) -> list[Problem]:
    """What only shows once everything is compiled: teams, and changes of them."""
    loaded, config = maker.loaded, maker.config
    found = []
    teams = practitioners(world.settings.union.pathway, world.settings.calendar)
    for index, move in enumerate(config.moves):
        where: Where = (KEY, "moves", index, "team")
        if move.team not in teams:
            known = ", ".join(teams) or "none: every team is unlimited"
            what = f"{at(where)}: '{move.team}' is not a team with a number of practitioners."
            found.append(loaded.problem(where, what, f"Teams with one: {known}."))
        elif world.settings.moves[move.team] >= min(teams[move.team]):
            what = f"{at(where)}: all practitioners of '{move.team}' would move away, and nobody would be left."
            found.append(loaded.problem((KEY, "moves", index, "practitioners"), what, "Move fewer."))
    for change in maker.changes.values():
        adoption_for(change, world.values, world.settings.calendar,
                     tuple(t for t in world.settings.union.teams if t), "2016-09", 0, 0)  # fmt: skip
    return found
