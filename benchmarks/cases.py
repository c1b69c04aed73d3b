"""What is compared: one case is the same work done by our engine and by plain SimPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.codes import Event, Kind
from benchmarks.by_hand import DAY, WEEK, YEAR, Barnet, Row, barnet, reference
from benchmarks.whole_by_hand import Whole, whole
from experiments.plan import prices_of
from simulation import engine_simpy
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.compiler import compile_graph
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.pathway import Pathway
from simulation.people import group_shares
from simulation.population import PopulationMaker
from simulation.quantiles import look_up_each
from simulation.repeats import Repeats
from simulation.tally import waits
from simulation.trace import Trace

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parent / "configs"
START = date(2017, 4, 1)
MS_PER_HOUR = MS_PER_DAY / 24
FOLLOW_UP_DAYS = 365
_EVENLY = (np.arange(400_000) + 0.5) / 400_000


@dataclass(frozen=True)
class Ours:
    """A compiled pathway and the maker of its people."""

    pathway: Pathway
    maker: PopulationMaker
    values: Values
    calendar: Calendar

    @property
    def end(self) -> int:
        """Tick at which a run stops."""
        return self.calendar.end + FOLLOW_UP_DAYS * MS_PER_DAY

    def run(self, seed: int) -> Trace:
        """People made and lived through on the ``simpy`` engine; the seed is taken as the replication."""
        people = self.maker.make(1, seed)
        return engine_simpy.run(self.pathway, people, self.calendar, self.end, 1, seed)


def load(model: Path, demand: Path, years: int) -> Ours:
    """A model on a population, compiled with the central values of its inputs."""
    library = Library()
    our_model, our_demand = library.load(model), library.load(demand)
    prices = prices_of(our_model, library)
    inputs = Inputs(library)
    for file in (our_model, our_demand, *([prices] if prices else [])):
        inputs.add(file)
    values = Values(inputs)
    calendar = Calendar(START, 12 * years)
    compiled = compile_graph(of_model(our_model), our_demand, prices, values)
    # New people at one rate from the first day, as the program written by hand has them.
    repeats = Repeats(compiled.expected.repeats.share)
    maker = PopulationMaker(our_demand, values, calendar, repeats=repeats)
    return Ours(compiled.pathway, maker, values, calendar)


def barnet_figures(ours: Ours) -> Barnet:
    """The figures of the shipped Barnet model as plain numbers, for the program written by hand."""
    values = ours.values
    model = partial(values.named, "models/barnet_2014_15")
    prices = partial(values.named, "prices/barnet_2014_15")
    demand = next(item.loaded for key, item in values.inputs.inputs.items() if key.startswith("demand/"))
    shares = group_shares(demand, values)
    younger = ("mental_health", "physical_disability", "learning_disability")
    groups = tuple(shares)
    long_term = dict.fromkeys(shares, prices("long_term_share"))
    long_term["learning_disability"] = prices("learning_disability_long_term_share")
    homes = {group: long_term[group] * prices(f"{group}_homes_of_long_term") for group in younger}
    homes["other"] = long_term["other"] * prices("physical_disability_homes_of_long_term")
    homes["older_people"] = prices("older_care_home_share")
    years = {group: prices(f"{group}_years") * YEAR for group in younger}
    sources = ("community", "hospital")
    kinds = {"short_term": "short_term_support", "community_care": "community_care", "care_home": "care_home"}
    pathway, held = ours.pathway, ours.maker.held_cells
    price = {kind: int(pathway.pence_per_week[pathway.index(stage)].max()) for kind, stage in kinds.items()}
    return Barnet(
        per_day={s: values.named("demand/barnet_2014_15", f"{s}_contacts") / 365 for s in sources},
        groups=groups,
        group_shares=tuple(shares.values()),
        resolved={s: model(f"{s}_resolved_share") for s in sources},
        assessed={s: model(f"{s}_assessed_share") for s in sources},
        funded={s: model(f"{s}_funded_if_assessed") for s in sources},
        short_term={group: 1 - share for group, share in long_term.items()},
        care_home=homes,
        contact_hours=1 / 3,
        assessment_hours=33.9 * DAY,
        assessment_sigma=0.6,
        short_term_hours=(prices("short_term_least_weeks") * WEEK, prices("short_term_most_weeks") * WEEK),
        community_hours={**years, "older_people": prices("older_community_years") * YEAR},
        home_hours={**years, "older_people": prices("older_home_years") * YEAR},
        home_shape=prices("stay_shape"),
        weekly={(group, kinds[kind]): price[kind] for group in groups if group != "other" for kind in kinds},
        held={(groups[g], kinds[ours.maker.held_types[care]]): people for _, _, g, care, people in held},
    )


@dataclass(frozen=True)
class Case:
    """The same work twice: each function takes a seed. ``waits`` are the stages whose waits are compared.

    ``delay``: whether the time from contact to package is compared. It is not where our decisions follow need and the
    program by hand leaves them to chance: as many take each branch, but not the same people in every episode.
    """

    name: str
    ours: Ours
    by_hand: Callable[[int], list[Row]]
    waits: tuple[str, ...]
    delay: bool = True


def barnet_case(years: int) -> Case:
    """The shipped Barnet model, with people in care at the start."""
    ours = load(SHIPPED / "models/barnet_2014_15.yaml", HERE / "configs/demand/barnet_2014_15_held.yaml", years)
    figures = barnet_figures(ours)
    contacts_until, end = _hours(ours)
    return Case("barnet_2014_15", ours, lambda seed: barnet(seed, contacts_until, end, figures), ())


def whole_figures(ours: Ours) -> Whole:
    """The figures of Barnet's whole pathway as plain numbers: shares and means as compiled, laws as in the model."""
    pathway, maker = ours.pathway, ours.maker
    groups = maker.space["client_group"]
    types = {(t["client_group"], t["means"], t["source"]): n for n, t in enumerate(pathway.types.each())}
    means = [look_up_each(table, _EVENLY).mean() / MS_PER_HOUR for table in pathway.tables]
    stages = list(enumerate(pathway.stages))

    def mean(table: NDArray[np.int64]) -> dict[str, list[float]]:
        return {name: [means[row] if row >= 0 else 0.0 for row in table[i]] for i, name in stages}

    decisions = [(i, name, pathway.decision[i]) for i, name in stages if pathway.decision[i] >= 0]
    packages = [(i, name) for i, name in stages if pathway.kind[i] == Kind.PACKAGE]
    named = partial(ours.values.named, "models/barnet_whole")
    weeks = [ours.values.named("prices/barnet_whole", f"enablement_{end}_weeks") for end in ("least", "most")]
    first = dict.fromkeys(maker.rates, 1.0) | maker.repeats.first_share
    limit = maker.space["means"].index("above_limit")
    above = {group: float(np.diff(maker.spreads["means", group], prepend=0.0)[limit]) for group in groups}
    return Whole(
        per_day={source: rate * first[source] for source, rate in maker.rates.items()},
        groups=groups,
        group_shares={source: [float(shares[group]) for group in groups] for source, shares in maker.groups.items()},
        above_limit=above,
        types=types,
        cuts={name: pathway.cumulative[row, 0].tolist() for _, name, row in decisions},
        branches={
            name: list(zip(pathway.branch_names[row], [pathway.stages[to] for to in pathway.leads_to(i)], strict=True))
            for i, name, row in decisions
        },
        hours=mean(pathway.duration),
        again={name: pathway.again[i].tolist() for i, name in stages},
        base={name: pathway.pence_per_week[i].tolist() for i, name in stages},
        sized={name: bool(pathway.size[i].max() >= 0) for i, name in packages},
        paid={name: (pathway.pays[i] >= 0).tolist() for i, name in packages},
        held={(groups[g], maker.held_types[care]): people for _, _, g, care, people in maker.held_cells},
        age={name: mean(pathway.age)[name] for _, name in packages},
        sigma=named("hours_sigma"),
        interval_sigma=named("review_interval_sigma"),
        shape=ours.values.named("prices/barnet_whole", "stay_shape"),
        enablement=(weeks[0] * WEEK, weeks[1] * WEEK),
    )


def whole_case(years: int) -> Case:
    """Barnet's whole pathway as shipped, with its package holders."""
    ours = load(SHIPPED / "models/barnet_whole.yaml", SHIPPED / "demand/barnet_whole.yaml", years)
    figures = whole_figures(ours)
    contacts_until, end = _hours(ours)
    return Case("barnet_whole", ours, lambda seed: whole(seed, contacts_until, end, figures), (), delay=False)


def reference_case(years: int) -> Case:
    """The reference pathway of the design."""
    ours = load(HERE / "configs/models/reference.yaml", HERE / "configs/demand/reference_held.yaml", years)
    contacts_until, end = _hours(ours)
    stages = ("desk", "hub", "home_visit", "enablement", "assessment")
    return Case("reference", ours, lambda seed: reference(seed, contacts_until, end), stages)


def _hours(ours: Ours) -> tuple[float, float]:
    return ours.calendar.end / MS_PER_HOUR, ours.end / MS_PER_HOUR


# --- What both must agree on ------------------------------------------------------------------------------------------


def measures_of_trace(case: Case, trace: Trace) -> dict[str, float]:
    """Rows by (stage, event, branch), mean hours waited, and mean hours from contact to package, of one of our runs."""
    pathway = case.ours.pathway
    names = np.array([event.name.lower() for event in Event])
    found: dict[str, float] = {}
    for stage, event in np.unique(np.column_stack([trace.stage, trace.event]), axis=0).tolist():
        here = (trace.stage == stage) & (trace.event == event)
        label = f"{pathway.stages[stage]} {names[event]}"
        if event == Event.BRANCH:
            row = pathway.branch_names[pathway.decision[stage]]
            for branch, count in enumerate(np.bincount(trace.value[here], minlength=len(row)).tolist()):
                found[f"{label} {row[branch]}"] = float(count)
        else:
            found[label] = float(np.count_nonzero(here))
    for name in case.waits:
        found[f"{name} mean wait"] = float(waits(trace, pathway.index(name)).mean()) / MS_PER_HOUR
    if case.delay:
        contact, start = trace.of(Event.CONTACT), trace.of(Event.PACKAGE_START)
        found["mean hours from contact to package"] = (
            _delay(contact.person, contact.time, start.person, start.time) / MS_PER_HOUR
        )
    return found


def measures_by_hand(case: Case, rows: list[Row]) -> dict[str, float]:
    """The same of a run by hand."""
    found: dict[str, float] = {}
    joined: dict[tuple[int, str], float] = {}
    waited: dict[str, list[float]] = {name: [] for name in case.waits}
    contact: dict[int, float] = {}
    delays = []
    for time, who, stage, event, value in rows:
        label = f"{stage} {event} {value}" if event == "branch" else f"{stage} {event}"
        found[label] = found.get(label, 0.0) + 1
        if event == "contact":
            contact[who] = time
        elif event == "package_start":
            delays.append(time - contact[who])
        elif stage in waited and event == "join":
            joined[who, stage] = time
        elif stage in waited and event == "start":
            waited[stage].append(time - joined[who, stage])
    for name, hours in waited.items():
        found[f"{name} mean wait"] = float(np.mean(hours))
    if case.delay:
        found["mean hours from contact to package"] = float(np.mean(delays))
    return found


def _delay(
    first_person: NDArray[np.int64], first: NDArray[np.int64], then_person: NDArray[np.int64], then: NDArray[np.int64]
) -> float:
    order = np.argsort(first_person)
    at = order[np.searchsorted(first_person[order], then_person)]
    return float((then - first[at]).mean())


LARGEST_Z = 4.0
COUNTS_WITHIN = 0.03
MANY = 1_000


@dataclass(frozen=True)
class Agreement:
    """One measure of both programs over several runs: means, and how many standard errors lie between them."""

    measure: str
    ours: float
    by_hand: float
    z: float

    @property
    def relative(self) -> float:
        """The difference as a share of the hand-written program's mean."""
        return abs(self.ours - self.by_hand) / max(abs(self.by_hand), 1e-12)

    @property
    def is_large_count(self) -> bool:
        """Whether it counts rows, 1,000 or more of them; means and small counts vary more from run to run."""
        return "mean" not in self.measure and self.by_hand >= MANY

    @property
    def agrees(self) -> bool:
        """Less than 4 standard errors apart, and large counts also within 3%."""
        return abs(self.z) < LARGEST_Z and (not self.is_large_count or self.relative < COUNTS_WITHIN)


def agreement(case: Case, runs: int) -> list[Agreement]:
    """Every measure compared over ``runs`` runs of each program."""
    ours = [measures_of_trace(case, case.ours.run(seed)) for seed in range(runs)]
    theirs = [measures_by_hand(case, case.by_hand(seed)) for seed in range(runs)]
    result = []
    for name in sorted({key for run in (*ours, *theirs) for key in run}):
        a, b = (np.array([run.get(name, 0.0) for run in some]) for some in (ours, theirs))
        error = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / runs))
        apart = float(a.mean() - b.mean())
        z = apart / error if error > 0 else (0.0 if apart == 0 else float("inf"))
        result.append(Agreement(name, float(a.mean()), float(b.mean()), z))
    return result
