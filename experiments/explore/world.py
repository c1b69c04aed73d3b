"""One comparison held ready: compiled graphs and counted pairs are kept, and shared by everybody who looks at it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, Generic, TypeVar

import pandas as pd

from experiments import structure
from experiments.evaluate_comparison import refuse_beside
from experiments.explore.asked import EXPLORED, Asked, Over, Today
from experiments.explore.controls import Control, controls_of, open_and_folded
from experiments.explore.evens import Even, even_of
from experiments.explore.state import Choices, State
from experiments.measured import refuse_share
from experiments.plan import Prepared, Scenario
from experiments.service import ledger_shares
from experiments.tables import targets_of
from experiments.uncertainty import Answer, Question, swings
from simulation.compiler import Compiled, compile_graph
from simulation.graph import Graph, joined, of_model
from simulation.inputs import Values
from simulation.population import PopulationMaker
from simulation.schema.transfer import Transfer

MOST_STATES, MOST_TODAYS = 32, 12
"""States, and sets of inputs, whose counted pairs are kept: tens of kilobytes a pair."""

FEW_SWINGS = 60
"""Ranged inputs up to which their swings are worked out when the page begins; beyond, it would take minutes."""

MOST_ANSWERS = 4_096
"""Expectations that are kept: a few numbers each."""

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Latest(Generic[Key, Kept]):
    """The things last asked for, so many at most. Two who ask for one thing at once may both make it."""

    def __init__(self, most: int):
        self._most, self._kept, self._lock = most, OrderedDict[Key, Kept](), Lock()

    def get(self, key: Key, make: Callable[[], Kept]) -> Kept:
        """The thing, made where it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


class World:
    """A comparison of two models on the same people.

    Attributes:
        controls: what can be moved. marked: those of them whose break-evens are worked out. evens: break-evens of the
        experiment as published; empty where they are not worked out when the page begins. transfers: the experiment's
        own shares of the gap, by name. tables: those that do not change with a state. targets: savings asked, by
        financial year. told: the experiment as a manifest has it.
    """

    def __init__(self, prepared: Prepared, presets_only: bool = False):
        """Work out what moves the headline, where the experiment has few enough inputs; a second or two.

        Args:
            presets_only: visitors may choose low, published and high, and nothing between.
        """
        run, config = prepared.comparison, prepared.experiment.comparison
        assert run is not None and config is not None
        self.prepared, self.run, self.config = prepared, run, config
        self.question, self._second = Question(prepared, run), of_model(run.model)
        self.transfers: dict[str, Transfer] = {transfer.name: transfer for transfer in config.transfers}
        self.shares = {scenario.name: scenario.transfer for scenario in run.scenarios}
        self._answers: Latest[Over, Answer | None] = Latest(MOST_ANSWERS)
        self._evens: Latest[tuple[str, Over], Even] = Latest(MOST_ANSWERS)
        few = len(prepared.inputs.ranged()) <= FEW_SWINGS
        self.controls = self._controls(few)
        offered = open_and_folded(self.controls, True)[0] if presets_only else self.controls
        self.choices = Choices(tuple(self.transfers), {control.key: control for control in offered}, presets_only)
        self.marked = offered if few else open_and_folded(offered, presets_only)[0]
        self.evens = {control.key: self.even(control, ()) for control in self.marked} if few else {}
        self.targets = targets_of(prepared)
        self.told: dict[str, Any] = prepared.experiment.model_dump(mode="json")
        self.tables: Mapping[str, pd.DataFrame] = {
            "names": structure.names(prepared),
            "pathways": structure.pathways(prepared),
            "not_modelled": pd.DataFrame(
                [(item.ref, entry.what, entry.why) for item in prepared.documents
                 for entry in getattr(item.config, "not_modelled", [])],
                columns=["file", "what", "why"],
            ),
        }  # fmt: skip
        self._alone = self._compiled(self._second, Values(prepared.inputs))
        self._todays: Latest[Over, Today] = Latest(MOST_TODAYS)
        self._ends: Latest[Over, tuple[Compiled, Compiled]] = Latest(MOST_TODAYS)
        self._asked: Latest[State, Asked] = Latest(MOST_STATES)

    @property
    def models(self) -> tuple[str, str]:
        """The baseline and the model."""
        return self.run.baseline.config.name, self.run.model.config.name

    @property
    def pairs(self) -> int:
        """The pairs after which a state is answered as well as the experiment asks."""
        return self.config.precision.most

    @property
    def published(self) -> State:
        """Everything as the files give it."""
        return State(*self.models, self.config.headline_transfer)

    def _controls(self, few: bool) -> tuple[Control, ...]:
        def ask(sets: Sequence[Mapping[str, float]]) -> list[Answer | None]:
            return [self._answer(tuple(sorted(over.items()))) for over in sets]

        moved = swings(self.question, ask, self.transfers[self.config.headline_transfer]) if few else {}
        return controls_of(self.prepared, moved)

    def _answer(self, over: Over) -> Answer | None:
        return self._answers.get(over, lambda: self.question.answer(dict(over)))

    def even(self, control: Control, over: Over) -> Even:
        """Where the two models come to the same along one input, whatever share of the gap is closed.

        Expectations from the compiled graphs, without chance. The input's own value in ``over`` does not count.
        """
        others = tuple(pair for pair in over if pair[0] != control.key)

        def gap(at: float) -> float | None:
            own = () if at == control.value else ((control.key, at),)
            answer = self._answer(tuple(sorted((*others, *own))))
            return None if answer is None else answer.difference(1.0)

        curve = self.config.like_for_like
        beyond = () if curve is None or curve.parameter != control.key else (curve.start, curve.end)
        return self._evens.get((control.key, others), lambda: even_of(control, gap, beyond))

    def asked(self, state: State) -> Asked:
        """A state compiled, or kept from before.

        Raises:
            ConfigError, DemandflowError: these inputs contradict each other.
        """
        return self._asked.get(state, lambda: self._made(state))

    def _made(self, state: State) -> Asked:
        over = dict(state.over)
        today = self._todays.get(state.over, lambda: self._today(over))
        share = self._share(state, over)
        refuse_share(share, self.prepared)
        changed = self._changed(today, share)
        title = self.title(state)
        job = replace(
            self.run.job,
            maker=today.maker,
            nobody=today.compiled.pathway,
            everybody=changed.pathway,
            scenarios=((EXPLORED, share, changed.pathway),),
            shares=None,
        )
        run = replace(self.run, scenarios=(Scenario(EXPLORED, title, share, changed),), job=job)
        ledger = None
        if self.run.job.shares is not None:
            shares = ledger_shares(self.run.demand, today.values)
            none, whole = self._ends.get(state.over, lambda: (self._changed(today, 0.0), self._changed(today, 1.0)))
            ledger = replace(run, job=replace(job, shares=shares, nobody=none.pathway, everybody=whole.pathway))
        return Asked(state, share, today, self._alone, run, ledger)

    def _changed(self, today: Today, share: float) -> Compiled:
        """The new model beside today's, for a share of people."""
        scales = today.compiled.expected.scales
        return self._compiled(
            joined(self.question.nobody, self._second, share, self.run.job.keeps),
            today.values,
            scales={today.compiled.pathway.stages[stage]: scale for stage, scale in scales.items()},
            first_share=today.compiled.expected.repeats.first_share,
        )

    def title(self, state: State) -> str:
        """What the share of the gap is called."""
        known = self.transfers.get(state.transfer) if isinstance(state.transfer, str) else None
        return known.title if known is not None else "the share of the gap chosen here"

    def _share(self, state: State, over: Mapping[str, float]) -> float:
        if not isinstance(state.transfer, str):
            return state.transfer
        transfer = self.transfers[state.transfer]
        if not over:
            return self.shares[transfer.name]
        values = Values(self.prepared.inputs, over)
        if transfer.value is not None:
            return values.of(transfer.value, self.prepared.loaded.ref)
        return self.question.share(transfer, self.question.worked_out(over), over)

    def _today(self, over: Mapping[str, float]) -> Today:
        values = Values(self.prepared.inputs, over)
        refuse_beside(self.prepared, values)
        compiled = self._compiled(self.question.nobody, values)
        maker = PopulationMaker(self.run.demand, values, self.run.job.calendar, repeats=compiled.expected.repeats)
        return Today(values, compiled, maker)

    def _compiled(self, graph: Graph, values: Values, **more: Any) -> Compiled:
        return compile_graph(
            graph, self.run.demand, self.run.prices, values, attributes=self.question.attributes, **more
        )
