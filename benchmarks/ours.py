"""A model and a population compiled for our engines, and the work that they do with them.

Imports no engine: who only wants one does not wait for the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.plan import prices_of
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.compiler import compile_graph
from simulation.graph import of_model
from simulation.inputs import Inputs, Values
from simulation.library import Library
from simulation.pathway import Pathway
from simulation.population import Population, PopulationMaker
from simulation.repeats import Repeats
from simulation.tally import Axes, axes
from simulation.trace import Trace

if TYPE_CHECKING:
    from simulation.summaries import Summaries

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parent / "configs"
START = date(2017, 4, 1)
MS_PER_HOUR = MS_PER_DAY / 24
FOLLOW_UP_DAYS = 365


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

    @property
    def hours(self) -> tuple[float, float]:
        """Hours until which people make contact, and at which a run stops."""
        return self.calendar.end / MS_PER_HOUR, self.end / MS_PER_HOUR

    def people(self, seed: int) -> Population:
        """The people of a run; the seed is taken as the replication."""
        return self.maker.make(1, seed)

    @cached_property
    def names(self) -> Axes:
        """The axes of summaries."""
        return axes(self.pathway, tuple(self.maker.space["client_group"]), self.calendar)

    def monthly(self, people: Population) -> Iterator[tuple[Population, int]]:
        """The people of each month, and the tick at which the next month begins."""
        starts = self.calendar.month_starts.tolist()
        places = [0, *np.searchsorted(people.time, starts[1:-1]).tolist(), people.size]
        for (first, after), until in zip(pairwise(places), starts[1:], strict=True):
            yield people.part(first, after), until

    def summed(
        self, people: Population | Iterable[tuple[Population, int]], seed: int, until: int | None = None
    ) -> Summaries:
        """A run of the compiled engine with summaries; ``until`` an earlier tick than the end, where given."""
        from simulation.summaries import summaries

        return summaries(self.pathway, people, self.calendar, until or self.end, 1, seed, self.names)

    def traced(self, people: Population, seed: int) -> Trace:
        """A run of the compiled engine with the full trace."""
        from simulation import engine_compiled

        return engine_compiled.run(self.pathway, people, self.calendar, self.end, 1, seed)

    def run(self, seed: int) -> Trace:
        """People made and lived through on the ``simpy`` engine; the seed is taken as the replication."""
        from simulation import engine_simpy

        return engine_simpy.run(self.pathway, self.people(seed), self.calendar, self.end, 1, seed)


def load(model: Path, demand: Path, years: int, scale: int = 1) -> Ours:
    """A model on a population, compiled with the central values of its inputs.

    ``scale`` times as many contacts, people in care at the start, practitioners and places.
    """
    library = Library()
    our_model, our_demand = library.load(model), library.load(demand)
    prices = prices_of(our_model, library)
    inputs = Inputs(library)
    for file in (our_model, our_demand, *([prices] if prices else [])):
        inputs.add(file)
    values = Values(inputs, _scaled(inputs, scale))
    calendar = Calendar(START, 12 * years)
    compiled = compile_graph(of_model(our_model), our_demand, prices, values)
    # New people at one rate from the first day, as the program written by hand has them.
    repeats = Repeats(compiled.expected.repeats.share)
    maker = PopulationMaker(our_demand, values, calendar, repeats=repeats)
    return Ours(compiled.pathway, maker, values, calendar)


def _scaled(inputs: Inputs, scale: int) -> dict[str, float]:
    """The numbers of people, times ``scale``, by the keys of their inputs."""
    if scale == 1:
        return {}
    central = Values(inputs)
    return {
        key: scale * central.at(one.number, one.loaded, one.where)
        for key, one in inputs.inputs.items()
        if one.where[0] == "held" or one.where[-1] in ("contacts_per_year", "places", "practitioners")
    }


def reference(years: int, scale: int = 1) -> Ours:
    """The reference pathway of the design; ``scale`` as for ``load``."""
    return load(HERE / "configs/models/reference.yaml", HERE / "configs/demand/reference_held.yaml", years, scale)
