"""What an experiment can be asked at other inputs: its measures, a point of its inputs, and who answers there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.plan import Prepared
from simulation.errors import ConfigError, DemandflowError, nearest, short
from simulation.inputs import Inputs

TRANSFER = "transfer"
"""Among the inputs of a point: the share of the gap that is closed, in place of the headline's own."""

DIFFERENCE, SAVING = "change from today", "saving against today"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """Something that an experiment's answer can be asked about.

    Attributes:
        unit: such as 'people a year'. kind: ``DIFFERENCE`` (negative: fewer) or ``SAVING`` (positive: less is spent).
    """

    name: str
    unit: str
    kind: str


@dataclass(frozen=True)
class Point:
    """One set of inputs and the replications to live under it. ``over``: (key, value); the rest stays as it is."""

    over: tuple[tuple[str, float], ...]
    replications: tuple[int, ...]

    @classmethod
    def of(cls, over: Mapping[str, float], replications: Sequence[int]) -> Point:
        """From a mapping; ``over`` may name ``TRANSFER``."""
        return cls(tuple(sorted(over.items())), tuple(replications))


class Evaluator(Protocol):
    """An experiment that can be lived at any point of its inputs."""

    @property
    def prepared(self) -> Prepared:
        """The experiment as it stands."""

    @property
    def route(self) -> str:
        """Which vehicle's route changes the service; '' outside transitions."""

    @property
    def measures(self) -> Mapping[str, Measure]:
        """What can be asked, by name."""

    @property
    def transfer(self) -> float:
        """The headline's share of the gap at central inputs."""

    def values(self, over: Mapping[str, float], replications: Sequence[int], names: Sequence[str]) -> Floats:
        """Measures by replication: shape (replications, names).

        Raises:
            ConfigError, DemandflowError: these inputs cannot hold together.
        """


def refuse_share(share: float, prepared: Prepared) -> None:
    """A share of the gap lies from 0 to 1.

    Raises:
        ConfigError: it does not.
    """
    if not 0.0 <= share <= 1.0:
        what = f"the share of the gap that is closed would be {share:g}, and a share lies from 0 to 1."
        raise ConfigError([prepared.loaded.problem(("name",), what)])


def known_measure(evaluator: Evaluator, name: str) -> Measure:
    """A measure by name.

    Raises:
        DemandflowError: there is none of that name.
    """
    if name not in evaluator.measures:
        raise DemandflowError(f"there is no measure '{short(name)}'. {nearest(name, evaluator.measures, 'Known')}")
    return evaluator.measures[name]


def known_input(inputs: Inputs, name: str) -> str:
    """The key of an input by its key or, where only one input is called so, by its last part.

    Raises:
        DemandflowError: no input is called so, or several are.
    """
    if name in inputs.inputs:
        return name
    same = [key for key in inputs.inputs if last_part(key) == name]
    if len(same) == 1:
        return same[0]
    if same:
        raise DemandflowError(f"several inputs are called '{short(name)}'. Write one of: {', '.join(same)}.")
    known = sorted(inputs.inputs)
    for choices in (known, [last_part(key) for key in known]):
        close = nearest(name, choices)
        if close.startswith("Did you mean"):
            raise DemandflowError(f"there is no input '{short(name)}'. {close}")
    raise DemandflowError(
        f"there is no input '{short(name)}'. The table tables/inputs.csv of a results folder lists them all in its "
        "column key."
    )


def last_part(key: str) -> str:
    """What an input is called inside its file."""
    return key.partition(":")[2] or key.partition(".")[2]
