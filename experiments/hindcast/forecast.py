"""Which model is run, over which years, and how a measure of one year is read from a replication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agents.codes import Kind
from experiments.hindcast.actuals import Actual, name_of
from experiments.plan import Prepared
from experiments.replicate import Job, Outcome
from experiments.statistics import Interval, of_one_year
from simulation.calendar import Calendar
from simulation.errors import ConfigError, Problem, nearest, short, shown
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.pathway import Pathway
from simulation.population import PopulationMaker
from simulation.savings import pounds
from simulation.tally import LATENT, MEASURES, Axes, Tally, axes

REPLICATIONS = 40
"""The fewest from which the range of one year can be given."""

MOST_YEARS = 30
"""Years that a hindcast may run over, as in a comparison."""

PEOPLE, STARTS, MONEY, RUNNING = "people a year", "packages a year", "£ gross in the year", "packages"

Reader = Callable[[Tally, int, int], float]
"""Reads a measure from a tally: the year's place among the run's years, and that of its last month."""


@dataclass(frozen=True)
class Choice:
    """A model that actual figures can be held against. ``contacts`` says in words whose people it answers."""

    model: Loaded
    demand: Loaded
    contacts: str
    job: Job

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.model.config.name)

    @property
    def pathway(self) -> Pathway:
        """What is run."""
        return self.job.nobody


@dataclass(frozen=True)
class Measure:
    """A measure with its unit. ``why_not`` says why a model has no figure for it; empty where it has."""

    unit: str
    read: Reader
    why_not: str = ""


@dataclass(frozen=True)
class Forecast:
    """One measure of one model: mean and 95% prediction band of each whole year."""

    model: str
    measure: str
    unit: str
    years: dict[int, Interval]


def start_of(prepared: Prepared) -> Calendar:
    """The first month of the run: the calibration's or the comparison's start, whichever is earlier."""
    config = prepared.experiment
    starts = [part.start for part in (config.calibration, config.comparison) if part is not None]
    return Calendar(min(starts), 12)


def first_whole_year(prepared: Prepared) -> int:
    """The first financial year (by the calendar year in which it begins) that the run covers from its first day."""
    start = start_of(prepared).start
    return start.year if start.month <= 4 else start.year + 1


def choices(prepared: Prepared) -> tuple[dict[str, Choice], str]:
    """The models by name, and the one that is meant where a row names none ('' where that is not clear).

    The baseline of a comparison answers the comparison's contacts. Any other model answers its own contacts where a
    calibration gives it some, else the comparison's contacts at the whole gap.
    """
    found: dict[str, Choice] = {}
    run = prepared.comparison
    if run is not None:
        contacts = f"{run.demand.config.short_title}, as in the comparison, nothing of the gap closed"
        job = replace(run.job, everybody=None, scenarios=())
        found[run.baseline.config.name] = Choice(run.baseline, run.demand, contacts, job)
    for own in prepared.own:
        contacts = f"{own.demand.config.short_title}, its own"
        found.setdefault(own.model.config.name, Choice(own.model, own.demand, contacts, own.job))
    if run is not None and run.job.everybody is not None:
        contacts = f"{run.demand.config.short_title}, as in the comparison, the whole gap closed"
        job = replace(run.job, nobody=run.job.everybody, everybody=None, scenarios=())
        found.setdefault(run.model.config.name, Choice(run.model, run.demand, contacts, job))
    if run is not None:
        return found, str(run.baseline.config.name)
    return found, next(iter(found)) if len(found) == 1 else ""


def checked(path: Path, actuals: Sequence[Actual], prepared: Prepared) -> list[Actual]:
    """The rows with their model's name filled in.

    Raises:
        ConfigError: with every row that asks for a model, year or measure which this experiment does not have, and
            every row given twice.
    """
    models, usual = choices(prepared)
    if not models:
        what = "there is neither a comparison nor a calibration in it, so there is no forecast to hold against figures."
        raise ConfigError([prepared.loaded.problem((), what, "Add comparison: or calibration:.")])
    file, first, found, result = shown(path), first_whole_year(prepared), [], []
    known = {name: measures(choice) for name, choice in models.items()}
    seen: dict[tuple[int, str, str], int] = {}
    for row in actuals:
        name = row.model or usual
        problems = _row_problems(row, name, known, first)
        place = (row.year, row.measure, name)
        if place in seen:
            what = f"{row.measure} of {row.year_name} stands in line {seen[place]} already."
            problems.append((what, "Keep one of the two."))
        seen.setdefault(place, row.line)
        found += [Problem(file, row.line, what, mend) for what, mend in problems]
        result.append(replace(row, model=name))
    if found:
        raise ConfigError(found)
    return result


def _row_problems(row: Actual, name: str, known: dict[str, dict[str, Measure]], first: int) -> list[tuple[str, str]]:
    """What is wrong with a row, each with its mend."""
    found = []
    if row.year < first:
        what = f"{row.year_name} is before the run's first whole year, {name_of(first)}."
        found.append((what, "Leave the row out, or give the experiment an earlier start."))
    elif row.year >= first + MOST_YEARS:
        what = f"{row.year_name} is more than {MOST_YEARS} years after the run's start."
        found.append((what, "Leave the row out, or mend the year."))
    if not name:
        what = "the experiment has several models and this row names none."
        found.append((what, f"Add a column model with one of: {', '.join(known)}."))
    elif name not in known:
        found.append((f"there is no model '{short(name)}' in the experiment.", nearest(name, known)))
    else:
        found += _measure_problems(row.measure, name, known[name])
    return found


def _measure_problems(measure: str, model: str, known: dict[str, Measure]) -> list[tuple[str, str]]:
    if measure not in known:
        what = f"there is no measure '{short(measure)}'."
        if measure.startswith("care_cost/"):
            return [(what, "The year has a column of its own: write care_cost.")]
        return [(what, nearest(measure, [name for name, item in known.items() if not item.why_not], "Known measures"))]
    why_not = known[measure].why_not
    return [(f"{model} has no figure for {measure}: {why_not}.", "Leave the row out.")] if why_not else []


def measures(choice: Choice) -> dict[str, Measure]:
    """Every measure by name, as in the table ``comparison``; a year is a column of its own here."""
    pathway, names = choice.pathway, choice.job.axes
    counted = {"contact", *LATENT, *pathway.counts_as}
    counted.update(word for row in pathway.branch_counts_as for branch in row for word in branch.split())
    result: dict[str, Measure] = {}
    for m, measure in enumerate((*MEASURES, *LATENT)):
        why_not = "" if measure in counted else "no stage or branch of it counts as that"
        result[measure] = Measure(PEOPLE, _people(m), why_not)
        for s, source in enumerate(names.sources):
            result[f"{measure}/source/{source}"] = Measure(PEOPLE, _people(m, source=s), why_not)
        for g, group in enumerate(names.groups):
            result[f"{measure}/client_group/{group}"] = Measure(PEOPLE, _people(m, group=g), why_not)
    needed = [result["referred_on"], result["full_assessment"]]
    referred, assessed = (item.read for item in needed)
    why_not = next((item.why_not for item in needed if item.why_not), "")
    result["referred_without_assessment"] = Measure(
        PEOPLE, lambda t, y, m: referred(t, y, m) - assessed(t, y, m), why_not
    )
    for c, care in enumerate(names.care_types):
        result[f"package_start/care_type/{care}"] = Measure(STARTS, _started(c))
    given = pathway.kind == Kind.PACKAGE
    no_price = "" if np.any(pathway.pence_per_week[given] >= 0) else "none of its packages has a price"
    result["care_cost"] = Measure(MONEY, lambda t, y, m: float(pounds(t.pence_days[:, y].sum())), no_price)
    no_care = "" if given.any() else "it has no packages"
    result["packages_running_at_end"] = Measure(RUNNING, lambda t, y, m: float(t.live[:, m].sum()), no_care)
    return result


def _people(measure: int, *, source: int | None = None, group: int | None = None) -> Reader:
    def read(t: Tally, y: int, m: int) -> float:
        part = t.people[measure, y]
        part = part if source is None else part[source : source + 1]
        part = part if group is None else part[:, group : group + 1]
        return float(part.sum())

    return read


def _started(care: int) -> Reader:
    return lambda t, y, m: float(t.starts[care, y].sum())


def jobs_of(actuals: Sequence[Actual], prepared: Prepared) -> dict[str, Job]:
    """The work by model, run until the end of the last year that the actual figures name."""
    models, _ = choices(prepared)
    start = start_of(prepared).start
    last = max(row.year for row in actuals)
    calendar = Calendar(start, (last + 1) * 12 + 3 - (start.year * 12 + start.month - 1))
    values, jobs = Values(prepared.inputs), {}
    for name in dict.fromkeys(row.model for row in actuals):
        choice = models[name]
        maker = _longer(choice, values, calendar)
        names: Axes = axes(choice.pathway, maker.space["client_group"], calendar)
        jobs[name] = replace(choice.job, key=f"hindcast/{name}", maker=maker, calendar=calendar, axes=names)
    return jobs


def _longer(choice: Choice, values: Values, calendar: Calendar) -> PopulationMaker:
    """The experiment's own maker of people over other months, whatever else the experiment has set in it."""
    maker = copy(choice.job.maker)
    maker.calendar = calendar
    maker.cells = maker._cells(choice.demand, values)
    return maker


def values_of(job: Job, read: Reader, year: int, outcomes: Sequence[Outcome]) -> list[float]:
    """A measure of one financial year in each replication."""
    start = job.calendar.start
    y = job.axes.years.index(name_of(year))
    march = (year + 1) * 12 + 2 - (start.year * 12 + start.month - 1)
    return [read(outcome.tallies[""], y, march) for outcome in outcomes]


def forecasts(
    actuals: Sequence[Actual], prepared: Prepared, jobs: dict[str, Job], outcomes: dict[str, list[Outcome]]
) -> dict[tuple[str, str], Forecast]:
    """Mean and band of every whole year of the run, by model and measure, for all that the actual figures name."""
    models, _ = choices(prepared)
    years = range(first_whole_year(prepared), max(row.year for row in actuals) + 1)
    result = {}
    for row in actuals:
        key = (row.model, row.measure)
        if key in result:
            continue
        measure = measures(models[row.model])[row.measure]
        job, done = jobs[row.model], outcomes[row.model]
        bands = {year: _band(values_of(job, measure.read, year, done)) for year in years}
        result[key] = Forecast(*key, measure.unit, bands)
    return result


def _band(values: Sequence[float]) -> Interval:
    """The range of one year; nothing that cannot fall below nought is given a band that does."""
    band = of_one_year(values)
    return Interval(band.mean, max(0.0, band.low), band.high) if min(values) >= 0 else band
