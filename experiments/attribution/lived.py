"""The model with any of its changes made, lived by the same people with the same luck."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from experiments.attribution.automatic import automatic
from experiments.attribution.models import Models, models_of
from experiments.attribution.parts import Parts, Section, attributes_in
from experiments.evaluate import evaluator_of
from experiments.evaluate_comparison import OfComparison
from experiments.evaluate_transition import OfTransition
from experiments.measured import Evaluator, Floats
from experiments.transition.runs import posts_gone
from experiments.worker import of_this_run
from simulation.hybrid import Hybrid
from simulation.money.taken_out import taken_out
from simulation.transition_tally import transition_axes

MOST_KEPT = 500
"""Replications of today's service that are remembered: some hundred kilobytes each."""


class Few(dict[Any, Any]):
    """A memory that takes no more when it is full."""

    def __setitem__(self, key: Any, value: Any) -> None:
        if len(self) < MOST_KEPT:
            super().__setitem__(key, value)


@dataclass(frozen=True)
class Split:
    """An experiment whose difference is split, with its changes.

    Attributes:
        today: today's service as this process has lived it, by what it depends on: it is the same for every set of
            changes, so it is lived once for all of them.
    """

    evaluator: Evaluator
    models: Models
    parts: Parts
    today: dict[Any, Any] = field(default_factory=Few)

    def values(self, made: Collection[str], replications: Sequence[int], names: Sequence[str]) -> Floats:
        """Measures with some changes made, against today's model: shape (replications, names)."""
        return self.together([made], replications, names)[0]

    def together(
        self, sets: Sequence[Collection[str]], replications: Sequence[int], names: Sequence[str]
    ) -> list[Floats]:
        """``values`` of sets of changes that come to the same pathway and differ in levers alone."""
        hybrid = self.parts.between.hybrid(self.parts.in_models(sets[0]))
        if isinstance(self.evaluator, OfTransition):
            return self._transitions(self.evaluator, hybrid, sets, replications, names)
        assert isinstance(self.evaluator, OfComparison)
        models = self.models
        share, values = models.share, models.values
        one = self.evaluator.lived(models.alone, models.shared(hybrid), share, values, replications, names,
                                   self.today)  # fmt: skip
        return [one for _ in sets]

    def _transitions(self, evaluator: OfTransition, hybrid: Hybrid, sets: Sequence[Collection[str]],
                     replications: Sequence[int], names: Sequence[str]) -> list[Floats]:  # fmt: skip
        world, maker = evaluator.run.world, evaluator.run.maker
        union, config = self.models.changing(hybrid), evaluator.run.config
        groups, calendar = world.makers[config.growth].space["client_group"], world.settings.calendar
        axes = transition_axes(union.pathway, groups, calendar, config.warm_up_months, config.counted_sources)
        base = axes.base
        out = taken_out(maker.files["prices"], world.values, base.care_types, base.months, base.groups)
        found = []
        for made in sets:
            levers, settings = self.parts.levers(made), replace(world.settings, union=union)
            if "moves" not in levers:
                settings = replace(settings, moves={})
            if "posts" not in levers:
                routes = {name: replace(route, capacity_share=0.0) for name, route in settings.routes.items()}
                settings = replace(settings, routes=routes)
            changed = replace(world, settings=settings, axes=axes, out=out)
            found.append(evaluator.lived(changed, replications, names, self.today))
        return found


def levers_of(evaluator: Evaluator) -> list[str]:
    """What an experiment changes besides the pathway."""
    if not isinstance(evaluator, OfTransition):
        return []
    settings, route = evaluator.run.world.settings, evaluator.runs[1]
    gone = any(any(by_month) for by_month in posts_gone(route, settings).values())
    return [name for name, there in (("moves", any(settings.moves.values())), ("posts", gone)) if there]


def split_of(path: str, route: str = "", engine: str = "auto") -> Split:
    """Read an experiment and the changes its difference is split into.

    Raises:
        ConfigError, DemandflowError: faults of its files; there is no such route; changes that cannot be told apart.
    """
    evaluator = evaluator_of(path, route, engine)
    loaded, levers = evaluator.prepared.loaded, levers_of(evaluator)
    given = evaluator.prepared.experiment.attribution
    models = models_of(evaluator, attributes_in(given))
    parts = automatic(loaded, models, levers) if given is None else Section(loaded, models, levers).read()
    _KNOWN[path, route, engine] = Split(evaluator, models, parts)
    return _KNOWN[path, route, engine]


_KNOWN: dict[tuple[str, str, str], Split] = of_this_run({})
"""Experiments that this process has read."""


def lived(
    path: str,
    route: str,
    engine: str,
    sets: tuple[frozenset[str], ...],
    replications: tuple[int, ...],
    names: tuple[str, ...],
) -> Floats:
    """``Split.together``, wherever it is asked: the columns of one set after those of another."""
    split = _KNOWN.get((path, route, engine)) or split_of(path, route, engine)
    return np.hstack(split.together(sets, replications, names))
