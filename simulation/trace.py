"""The trace: everything that happened, row by row, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agents.codes import Event
from simulation.pathway import Pathway

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("time", "person", "stage", "event", "value")


@dataclass(frozen=True)
class Trace:
    """What happened, in order. Five int64 columns of shape (rows,).

    Attributes:
        time: tick (milliseconds). person: identity. stage: index in the pathway. event: ``agents.codes.Event``.
        value: branch index for BRANCH; person type for CONTACT, SET, PACKAGE_START and PACKAGE_END; otherwise 0.
        end: the tick at which the run stopped.
    """

    time: NDArray[np.int64]
    person: NDArray[np.int64]
    stage: NDArray[np.int64]
    event: NDArray[np.int64]
    value: NDArray[np.int64]
    end: int

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.time)

    def of(self, event: Event) -> Trace:
        """Rows of one kind."""
        return self.where(self.event == event)

    def where(self, keep: NDArray[np.bool_]) -> Trace:
        """Some of the rows, in order."""
        return Trace(self.time[keep], self.person[keep], self.stage[keep], self.event[keep], self.value[keep], self.end)

    def frame(self, pathway: Pathway) -> pd.DataFrame:
        """For reading: names instead of numbers."""
        import pandas as pd  # a quarter of a second that only readers wait for

        return pd.DataFrame(
            {
                "time_ms": self.time,
                "person": self.person,
                "stage": np.array(pathway.stages, dtype=object)[self.stage],
                "event": np.array([event.name.lower() for event in Event], dtype=object)[self.event],
                "value": self.value,
            }
        )

    def same_as(self, other: Trace) -> bool:
        """Row for row, unsorted."""
        return self.end == other.end and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in COLUMNS
        )
