"""The section ``transition:`` of an experiment, read, checked and compiled under central or drawn inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from experiments.checks import Faults, file_problems
from experiments.matching import keeps_of, transfer_value
from experiments.service import ledger_shares, price_of_an_hour
from experiments.transition.costs import costs_of
from experiments.transition.faults import KEY, compiled_faults, file_faults, same_names
from experiments.transition.job import CENTRAL, TransitionJob, World, Yardstick, remember
from experiments.transition.runs import Run, Settings, all_runs, route_name
from simulation.affected import told_by
from simulation.calendar import Calendar
from simulation.change import effect_of_rating
from simulation.errors import ConfigError
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.money.economics import valuation
from simulation.money.taken_out import taken_out
from simulation.population import PopulationMaker
from simulation.reading import Where, at
from simulation.schema.change import SCurve
from simulation.schema.experiment import Experiment
from simulation.schema.transition import Transition
from simulation.transition_tally import transition_axes
from simulation.union import compile_union
from simulation.vehicle_change import RouteChange, routes
from simulation.vehicles import board_rating

FILES = (("baseline", "model"), ("model", "model"), ("demand", "demand"), ("prices", "prices"), ("economics", "prices"))


@dataclass
class Maker:
    """The files of a transition, and what follows from them under any set of inputs."""

    loaded: Loaded
    inputs: Inputs
    files: dict[str, Loaded]
    vehicles: dict[str, Loaded]
    changes: dict[str, Loaded]
    targets: Loaded | None

    @property
    def config(self) -> Transition:
        """The section."""
        config: Transition | None = self.loaded.config.transition
        assert config is not None
        return config

    @classmethod
    def read(cls, path: Path | str) -> Maker:
        """From an experiment file that has been checked before."""
        library = Library()
        loaded = library.load(path)
        inputs = Inputs(library, loaded.config.suppose)
        inputs.add(loaded)
        return cls.of(loaded, library, inputs, Faults())

    @classmethod
    def of(cls, loaded: Loaded, library: Library, inputs: Inputs, faults: Faults) -> Maker:
        """The files that the section names; what is wrong with them stands in ``faults``.

        Raises:
            ConfigError: files that cannot be read.
        """
        config: Transition = loaded.config.transition
        values = Values(inputs)

        def named(kind: str, name: str, where: Where, into: dict[str, Loaded], key: str) -> None:
            with faults:
                file = library.named(kind, name, loaded, where)
                inputs.add(file)
                faults.problems.extend(file_problems(file, values))
                into[key] = file

        files: dict[str, Loaded] = {}
        vehicles: dict[str, Loaded] = {}
        changes: dict[str, Loaded] = {}
        for key, kind in FILES:
            named(kind, getattr(config, key), (KEY, key), files, key)
        for index, name in enumerate(config.vehicles.options):
            named("option", name, (KEY, "vehicles", "options", index), vehicles, name)
        named("change", config.change, (KEY, "change"), changes, config.change)
        for index, name in enumerate(config.beside):
            named("change", name, (KEY, "beside", index), changes, name)
        targets: dict[str, Loaded] = {}
        if loaded.config.targets is not None:
            named("prices", loaded.config.targets, ("targets",), targets, "targets")
        faults.stop_if_any()
        return cls(loaded, inputs, files, vehicles, changes, targets.get("targets"))

    @property
    def calendar(self) -> Calendar:
        """Months, the warm-up among them."""
        config = self.config
        first = config.start.year * 12 + config.start.month - 1 - config.warm_up_months
        return Calendar(date(first // 12, first % 12 + 1, 1), config.warm_up_months + 12 * config.years)

    @property
    def years(self) -> list[str]:
        """Financial years of the results."""
        first = self.config.start.year
        return [f"{first + n}/{(first + n + 1) % 100:02d}" for n in range(self.config.years)]

    @property
    def ratings_worth(self) -> dict[str, float]:
        """By change file, what a step of the board's rating is worth in the scenario; none where vehicles are alike."""
        worth = {name: float(file.config.vehicle_effect.value) for name, file in self.changes.items()}
        if self.config.ratings_worth is not None:
            worth[self.config.change] = self.config.ratings_worth
        return {name: size for name, size in worth.items() if size}

    def routes(self, values: Values) -> dict[str, RouteChange]:
        """Every vehicle's routes by name."""
        return {
            route_name(route.vehicle, route.route): route
            for vehicle in self.vehicles.values()
            for route in routes(vehicle, values)
        }

    def world(self, over: Mapping[str, float] | None = None) -> World:
        """Everything compiled, at central inputs or with some replaced.

        Raises:
            ConfigError: with every problem found.
        """
        config, files, values = self.config, self.files, Values(self.inputs, over or {})
        keeps = keeps_of(config.keeps_baseline, (KEY, "keeps_baseline"), self.loaded, files["demand"])
        now, new = of_model(files["baseline"]), of_model(files["model"])
        both = compile_union(now, new, files["demand"], files["prices"], values, keeps)
        faults = Faults()
        transfers: dict[str, float] = {}
        clipped: list[str] = []
        for index, transfer in enumerate(config.transfers):
            with faults:
                transfers[transfer.name] = transfer_value(
                    transfer, (KEY, "transfers", index), self.loaded, values, both.nobody, both.everybody,
                    None if over is None else clipped,
                )  # fmt: skip
        faults.stop_if_any()
        moves = {
            move.team: self._number(move.practitioners, (KEY, "moves", index, "practitioners"), values, 10_000)
            for index, move in enumerate(config.moves)
        }
        calendar, repeats = self.calendar, both.nobody.expected.repeats
        settings = Settings(both.union, calendar, self.routes(values), self.changes, transfers, moves)
        makers = {
            growth: PopulationMaker(files["demand"], values, calendar, repeats=repeats, growth=growth)
            for growth in ({True, False} if config.growth else {False})
        }
        axes = transition_axes(
            both.union.pathway, (space := makers[config.growth].space)["client_group"], calendar, config.warm_up_months,
            config.counted_sources, told_by(space),
        )  # fmt: skip
        base = axes.base
        planned = {name: self._planned(change, values) for name, change in self.changes.items()}
        return World(
            settings,
            values,
            makers,
            axes,
            taken_out(files["prices"], values, base.care_types, base.months, base.groups),
            valuation(files["economics"], values, base.years),
            ledger_shares(files["demand"], values),
            replace(self._yardstick(values, base.years), clipped=tuple(clipped)),
            planned,
            costs_of(self.vehicles, settings.routes, values, base.months),
            price_of_an_hour(files["prices"], values),
        )

    def _number(self, number: object, where: Where, values: Values, most: float) -> float:
        value = values.at(number, self.loaded, where)  # type: ignore[arg-type]
        if not 0 <= value <= most:
            raise ConfigError(
                [self.loaded.problem(where, f"{at(where)} is {value:g}.", f"Give a number from 0 to {most:g}.")]
            )
        return value

    def _planned(self, change: Loaded, values: Values) -> float:
        """Months that a change is planned to take; nought for the culture model, whose pace is its own."""
        how = change.config.adoption
        if not isinstance(how, SCurve):
            return 0.0
        return values.at(how.months_to_embed, change, ("adoption", "months_to_embed"))

    def _yardstick(self, values: Values, years: tuple[str, ...]) -> Yardstick:
        share = self._number(self.config.addressable_share, (KEY, "addressable_share"), values, 1.0)
        if self.targets is None:
            return Yardstick((0.0,) * len(years), share)
        given = {
            name: values.at(number, self.targets, ("targets", name))
            for name, number in self.targets.config.targets.items()
        }
        asked = [given.get("fy_" + year.replace("/", "_"), 0.0) for year in years]
        return Yardstick(tuple(asked), share)


@dataclass(frozen=True)
class TransitionRun:
    """A transition that can run.

    Attributes:
        lead, over: names of the two routes that the answer is about.
    """

    maker: Maker
    world: World
    runs: tuple[Run, ...]
    lead: str
    over: str
    job: TransitionJob
    drawn: TransitionJob | None

    key = CENTRAL

    @property
    def config(self) -> Transition:
        """The section."""
        return self.maker.config


def _ratings(maker: Maker) -> dict[str, dict[str, float]]:
    """By change file, how much faster each vehicle would be if its rating were right; only files that say a size."""
    return {
        change: {name: effect_of_rating(board_rating(file), size) for name, file in maker.vehicles.items()}
        for change, size in maker.ratings_worth.items()
    }


def transition_run(loaded: Loaded, library: Library, inputs: Inputs) -> TransitionRun:
    """The section worked out and checked before anything runs.

    Raises:
        ConfigError: with every problem of the section and of the files it names.
    """
    experiment: Experiment = loaded.config
    faults = Faults()
    maker = Maker.of(loaded, library, inputs, faults)
    faults.problems += file_faults(maker)
    faults.stop_if_any()
    world = maker.world()
    faults.problems += compiled_faults(maker, world)
    faults.stop_if_any()
    config, every = maker.config, world.settings.routes
    first = {route.vehicle: name for name, route in reversed(list(every.items()))}
    lead, over = first[config.vehicles.lead], first[config.vehicles.over]
    transfers = [transfer.name for transfer in config.transfers]
    runs = all_runs(
        every,
        lead,
        over,
        config.headline_transfer,
        transfers,
        config.change,
        config.beside,
        config.effects,
        config.growth,
        _ratings(maker),
    )
    faults.problems += same_names(loaded, runs)
    faults.stop_if_any()
    path = str(loaded.document.path)
    remember(path, maker, world)
    job = TransitionJob(path, runs, experiment.seed, False)
    drawn = TransitionJob(path, runs, experiment.seed, True) if config.draws else None
    return TransitionRun(maker, world, runs, lead, over, job, drawn)
