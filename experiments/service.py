"""One whole service over years: worked out from its files, and run one replication at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from experiments.checks import Faults, file_problems, model_problems, nobody_comes, start_problems, ways_in
from experiments.service_figures import Figure, figures
from experiments.service_measures import Measures
from simulation import engines
from simulation.affected import told_by
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.compiler import Compiled, compile_graph
from simulation.errors import ConfigError, Problem, nearest
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.ledger import LedgerShares
from simulation.library import Library, Loaded
from simulation.pathway import Pathway
from simulation.people import share_at
from simulation.population import Population, PopulationMaker
from simulation.reading import Where, at
from simulation.schema.experiment import Experiment
from simulation.schema.service import WholeService
from simulation.service_axes import ServiceAxes, service_axes
from simulation.service_tally import ServiceTally, service_tally
from simulation.trace import Trace
from simulation.workload import available, opening

KEY = "service"


@dataclass(frozen=True)
class ServiceOutcome:
    """What one replication of a service counted."""

    key: str
    replication: int
    tallies: dict[str, ServiceTally]
    people: int
    rows: int

    @property
    def tally(self) -> ServiceTally:
        """The tally."""
        return self.tallies[""]


@dataclass(frozen=True)
class ServiceJob:
    """What one replication of a service needs; plain enough to be sent to another process.

    ``hospital`` is the code of the source of that name, -1 if there is none.
    """

    maker: PopulationMaker
    calendar: Calendar
    follow_up_days: int
    seed: int
    axes: ServiceAxes
    pathway: Pathway
    shares: LedgerShares
    hospital: int
    key: str = KEY
    engine: str = engines.AUTO

    @property
    def pathways(self) -> tuple[tuple[str, Pathway], ...]:
        """The one pathway; it needs no name."""
        return (("", self.pathway),)

    @property
    def end(self) -> int:
        """Tick at which the run stops."""
        return self.calendar.end + self.follow_up_days * MS_PER_DAY

    def sums_agree(self, pathway: Pathway, people: Population, trace: Trace, replication: int) -> bool:
        """Everything of a service is read from its trace."""
        return True

    def outcome(self, replication: int) -> ServiceOutcome:
        """One replication: the same whoever runs it."""
        people = self.maker.make(self.seed, replication)
        trace = engines.run(self.engine, self.pathway, people, self.calendar, self.end, self.seed, replication)
        counted = service_tally(
            trace,
            self.pathway,
            people,
            self.axes,
            opening(self.pathway, self.calendar, self.end),
            self.shares,
            self.hospital,
            self.seed,
            replication,
        )
        return ServiceOutcome(self.key, replication, {"": counted}, people.size, trace.rows)


@dataclass(frozen=True)
class ServiceRun:
    """A service that can run."""

    config: WholeService
    model: Loaded
    demand: Loaded
    prices: Loaded
    compiled: Compiled
    job: ServiceJob
    measures: Measures
    checks: tuple[Figure, ...]
    indicators: tuple[Figure, ...]
    hour_of_care: float
    """Pounds an hour of care costs where it is bought; NaN where no price is given."""

    key = KEY


def service_problems(loaded: Loaded, config: WholeService) -> list[Problem]:
    """What is wrong with the section, whatever its files say."""
    where: Where = (KEY, "start")
    found = start_problems(loaded, where, config.start)
    if not found and config.start.month != 4:
        what = f"{at(where)} is {config.start}, in the middle of a financial year."
        mend = f"Write {config.start.year}-04-01; simulate months before it with warm_up_months."
        found.append(loaded.problem(where, what, mend))
    years = [f"{config.start.year + n}/{(config.start.year + n + 1) % 100:02d}" for n in range(config.years)]
    asked: list[tuple[Where, str | None]] = [((KEY, "reported_year"), config.reported_year)]
    for key in ("checks", "indicators"):
        asked += [((KEY, key, i, "year"), reading.year) for i, reading in enumerate(getattr(config, key))]
    for place, year in asked:
        if year is not None and year not in years:
            what = f"{at(place)}: {year} is not one of the years that are run."
            found.append(loaded.problem(place, what, f"Use {years[0]}{f' to {years[-1]}' if years[1:] else ''}."))
    names = [indicator.name for indicator in config.indicators]
    for index, name in enumerate(names):
        if name in names[:index]:
            place = (KEY, "indicators", index, "name")
            found.append(loaded.problem(place, f"two indicators have the name '{name}'.", "Rename one."))
    return found


def _set_problems(loaded: Loaded, config: WholeService, demand: Loaded, prices: Loaded) -> list[Problem]:
    found = []
    known = {"groups": list(demand.config.client_groups), "care": list(prices.config.care_types)}
    for key, names in known.items():
        for name, members in getattr(config.sets, key).items():
            where: Where = (KEY, "sets", key, name)
            if name in (*names, "all"):
                what = f"{at(where)}: '{name}' already means something else."
                found.append(loaded.problem(where, what, "Give the set another name."))
            for index, member in enumerate(members):
                if member not in names:
                    what = f"{at(where)}: there is no '{member}' in {(demand if key == 'groups' else prices).ref}."
                    found.append(loaded.problem((*where, index), what, nearest(member, names)))
    return found


def ledger_shares(demand: Loaded, values: Values) -> LedgerShares:
    """The ledger's shares; without a ledger nobody is taken to be helped, and all eligible need is possibly unmet.

    Raises:
        ConfigError: a share outside 0 to 1.
    """
    given, faults = demand.config.ledger, Faults()
    support = list(demand.config.person.informal_support.values)
    code = support.index("true") if "true" in support else -1
    shares = {"met_by_carer": 0.0, "met_by_community": 0.0}
    for name in shares if given is not None else ():
        with faults:
            shares[name] = share_at(demand, getattr(given, name), ("ledger", name), values)
    faults.stop_if_any()
    return LedgerShares(shares["met_by_carer"], shares["met_by_community"], code)


def price_of_an_hour(prices: Loaded, values: Values) -> float:
    """What the hours of a ledger are valued at, in pounds; NaN where the prices do not say.

    Raises:
        ConfigError: a price below nought.
    """
    given, where = prices.config.hour_of_care, ("hour_of_care",)
    if given is None:
        return math.nan
    pounds = values.at(given, prices, where)
    if not 0 <= pounds < math.inf:
        raise ConfigError([prices.problem(where, f"hour_of_care is {pounds:g}.", "Give pounds an hour, 0 or more.")])
    return pounds


def service_run(loaded: Loaded, library: Library, inputs: Inputs, values: Values) -> ServiceRun:
    """The section ``service:`` of an experiment, worked out and checked before anything runs.

    Raises:
        ConfigError: with every problem of the section and of the files it names.
    """
    config: WholeService | None = loaded.config.service
    assert config is not None
    faults, files = Faults(), {}
    faults.problems.extend(service_problems(loaded, config))
    for kind in ("model", "demand", "prices"):
        with faults:
            files[kind] = library.named(kind, getattr(config, kind), loaded, (KEY, kind))
            inputs.add(files[kind])
            faults.problems.extend(file_problems(files[kind], values))
    if len(files) < 3:
        faults.stop_if_any()
    model, demand, prices = files["model"], files["demand"], files["prices"]
    faults.problems += ways_in(loaded, (KEY, "model"), model, demand, set())
    faults.problems += [*nobody_comes(model, demand), *_set_problems(loaded, config, demand, prices)]
    sources_known = list(demand.config.sources)
    for index, name in enumerate(config.counted_sources or []):
        if name not in sources_known:
            where: Where = (KEY, "counted_sources", index)
            what = f"{at(where)}: there is no source '{name}' in {demand.ref}."
            faults.problems.append(loaded.problem(where, what, nearest(name, sources_known)))
    if config.growth and demand.config.growth is None:
        what = f"{at((KEY, 'growth'))}: {demand.ref} says nothing of growth."
        faults.problems.append(loaded.problem((KEY, "growth"), what, "Add growth: there, or write growth: false."))
    late = start_problems(loaded, (KEY, "start"), config.start)
    if late:
        faults.problems += model_problems(model, demand, prices, values)
        faults.stop_if_any()
    made: ServiceRun | None = None
    with faults:
        made = _worked_out(loaded, config, files, values)
    faults.stop_if_any()
    assert made is not None
    return made


def _worked_out(loaded: Loaded, config: WholeService, files: Mapping[str, Loaded], values: Values) -> ServiceRun:
    experiment: Experiment = loaded.config
    model, demand, prices = files["model"], files["demand"], files["prices"]
    compiled = compile_graph(of_model(model), demand, prices, values)
    first = config.start.year * 12 + config.start.month - 1 - config.warm_up_months
    calendar = Calendar(date(first // 12, first % 12 + 1, 1), config.warm_up_months + 12 * config.years)
    repeats = compiled.expected.repeats
    maker = PopulationMaker(demand, values, calendar, repeats=repeats, growth=config.growth)
    pathway, sources = compiled.pathway, maker.space["source"]
    axes = service_axes(
        pathway,
        maker.space["client_group"],
        calendar,
        config.warm_up_months,
        config.sets.groups,
        _care_sets(config, prices),
        config.reviews_on_time_days,
        config.counted_sources,
        told_by(maker.space),
    )
    job = ServiceJob(
        maker,
        calendar,
        experiment.follow_up_days,
        experiment.seed,
        axes,
        pathway,
        ledger_shares(demand, values),
        sources.index("hospital") if "hospital" in sources else -1,
    )
    there = available(pathway, opening(pathway, calendar, job.end), calendar, axes)
    measures = Measures(axes, pathway, there)
    checks, indicators = figures(loaded, config, measures, values)
    return ServiceRun(config, model, demand, prices, compiled, job, measures, checks, indicators,
                      price_of_an_hour(prices, values))  # fmt: skip


def _care_sets(config: WholeService, prices: Loaded) -> dict[str, list[str]]:
    """The named sets of care, with all types, and the long-term ones unless the section names its own."""
    kinds = prices.config.care_types
    return {"long_term": [name for name, kind in kinds.items() if kind.long_term], **config.sets.care, "all": [*kinds]}
