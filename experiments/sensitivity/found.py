"""What is asked of a sensitivity analysis, and what has been found out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from experiments.sensitivity.study import Study
from experiments.sensitivity.tables import Knowing


@dataclass(frozen=True)
class Request:
    """What is asked: see ``sensitivity.options``. Numbers of 0 leave a part out."""

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


@dataclass
class Found:
    """What has been found out so far; None: left out.

    Attributes:
        withheld: why draws are told nothing of, '' where they are. unranged: assumptions without a range.
    """

    study: Study
    measures: tuple[str, ...]
    tornado: pd.DataFrame
    screen: pd.DataFrame | None = None
    shares: pd.DataFrame | None = None
    parts: pd.DataFrame | None = None
    knowing: Knowing | None = None
    contradictory_draws: int = 0
    withheld: str = ""
    unranged: list[str] = field(default_factory=list)
