"""What is asked of a sensitivity analysis, and what has been found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from experiments.sensitivity.study import Study
from experiments.sensitivity.tables import Knowing


@dataclass(frozen=True)
class Request:
    """What is asked: see ``sensitivity.options``. Numbers of 0 leave a part out.

    Attributes:
        groups: into how many inputs are put to be screened first; keep: how many are then looked at one by one.
    """

    config: str
    measures: tuple[str, ...] = ()
    route: str = ""
    against: str | None = None
    cost: float | None = None
    exact: bool = False
    trajectories: int = 0
    samples: int = 0
    draws: int = 0
    replications: int = 4
    top: int = 6
    groups: int = 0
    keep: int = 0

    def points(self, inputs: int, groups: Sequence[int] = ()) -> int:
        """How many points are lived, at most, of so many ranged inputs in groups of these sizes; draws not counted."""
        one_by_one = min(inputs, max(self.keep, *groups)) if groups else inputs
        grouped = self.trajectories * (len(groups) + 1) if groups else 0
        screened = self.trajectories * (one_by_one + 1)
        return 1 + grouped + 2 * one_by_one + screened + self.samples * (min(self.top, one_by_one) + 2)


@dataclass
class Found:
    """What has been found out so far; None: left out.

    Attributes:
        study: of all ranged inputs. narrow: of those that are looked at one by one. groups: the screen that chose them.
        withheld: why draws are told nothing of, '' where they are. unranged: assumptions without a range.
    """

    study: Study
    narrow: Study
    measures: tuple[str, ...]
    tornado: pd.DataFrame
    groups: pd.DataFrame | None = None
    screen: pd.DataFrame | None = None
    shares: pd.DataFrame | None = None
    parts: pd.DataFrame | None = None
    knowing: Knowing | None = None
    contradictory_draws: int = 0
    withheld: str = ""
    unranged: list[str] = field(default_factory=list)
