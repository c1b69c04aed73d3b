"""A transition lived at other inputs: one vehicle's route, month by month, against today's model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from experiments.measured import DIFFERENCE, SAVING, TRANSFER, Floats, Measure, refuse_share
from experiments.plan import Prepared
from experiments.transition.delivery import cumulative, released
from experiments.transition.figures import SERIES, Figures
from experiments.transition.job import Known, World, live
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import TODAY
from experiments.transition.years import unit_of
from simulation import engines
from simulation.errors import DemandflowError, nearest, short
from simulation.money.columns import year_of


class OfTransition:
    """One vehicle's route of a ``transition:`` against today's model, at the headline transfer and change.

    Money is what leaves the council's own spending, in each year's money.

    Attributes:
        transfer: share of the gap at central inputs. route: the route's name.
    """

    def __init__(self, prepared: Prepared, run: TransitionRun, route: str = "", engine: str = engines.AUTO):
        self.prepared, self.run, self.engine = prepared, run, engine
        answers = {one.name: one for one in run.runs if one.headline}
        self.route = route or run.over
        if self.route not in answers:
            raise DemandflowError(f"there is no route '{short(self.route)}'. {nearest(self.route, answers, 'Routes')}")
        one = answers[self.route]
        self.headline = one.transfer
        self.runs = (next(r for r in run.runs if r.name == TODAY), one)
        self.transfer = run.world.settings.transfers[one.transfer]
        readers, names = {}, {}

        def add(measure: Measure, read: Callable[[Figures, Figures], float]) -> None:
            readers[measure.name], names[measure.name] = read, measure

        for y, year in enumerate(run.world.axes.base.years):
            label = year.replace("/", "_")
            add(Measure(f"demand_savings_{label}", "£ in the year", SAVING), _released("cash", y))
            running = Measure(f"savings_running_{label}", "£ a year, at the year's end", SAVING)
            add(running, _released("run_rate", y))
            total = Measure(f"savings_so_far_{label}", "£ from the first year on", SAVING)
            add(total, _cumulative(y))
            months = [m for m, month in enumerate(run.world.axes.base.months) if year_of(month) == year]
            for line, name in enumerate(SERIES):
                unit, kind, divisor = unit_of(name, "year")
                at = months[-1:] if kind == "stock" else months
                add(Measure(f"{name}_{label}", unit, DIFFERENCE), _line(line, at, divisor))
        self._readers: dict[str, Callable[[Figures, Figures], float]] = readers
        self.measures: Mapping[str, Measure] = names

    def values(self, over: Mapping[str, float], replications: Sequence[int], names: Sequence[str]) -> Floats:
        """See ``Evaluator``."""
        world = self.run.maker.world({key: value for key, value in over.items() if key != TRANSFER})
        if TRANSFER in over:
            refuse_share(over[TRANSFER], self.prepared)
            settings = world.settings
            transfers = {**settings.transfers, self.headline: over[TRANSFER]}
            world = replace(world, settings=replace(settings, transfers=transfers))
        return self.lived(world, replications, names)

    def lived(
        self, world: World, replications: Sequence[int], names: Sequence[str], before: Known | None = None
    ) -> Floats:
        """Measures of the route in a world, against today's model in it: shape (replications, names).

        ``before``: as of ``transition.job.live``.
        """
        seed, rows = self.prepared.experiment.seed, []
        for replication in replications:
            made = live(world, self.runs, "", self.engine, seed, replication, with_ledger=False, before=before).tallies
            rows.append([self._readers[name](made[TODAY], made[self.route]) for name in names])
        return np.array(rows, dtype=np.float64)


def _released(measure: str, year: int) -> Callable[[Figures, Figures], float]:
    return lambda today, changed: released(changed, measure, year)


def _cumulative(year: int) -> Callable[[Figures, Figures], float]:
    return lambda today, changed: cumulative(changed, year)


def _line(line: int, months: Sequence[int], divisor: float) -> Callable[[Figures, Figures], float]:
    at = list(months)
    return lambda today, changed: float(changed.months[line, at].sum() - today.months[line, at].sum()) / divisor
