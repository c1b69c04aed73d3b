"""One trace out of two, for a share of people who change path, where nobody can affect anybody else.

With unlimited capacity, and where nobody changes type, a person's life depends on their own draws alone. A person whose
'adoption' draw lies below the transfer lives exactly the life of the whole-gap run, everybody else the life of the
no-change run; so any transfer between follows from these two runs (tests compare it with a run of its own, row by row).

A spread of need with more than ``needrank.MOST_EDGES`` edges is thinned, and where depends on the transfer. Then a run
of its own ranks some people on a scale that is up to about a thousandth from the composed run's (measured: 0.0013 for a
third of the gap between ``barnet_whole`` and ``barnet_with_newton``), and about one life in a replication differs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.identity import JOINED, draw_id
from simulation.pathway import Pathway
from simulation.philox import first_of_each
from simulation.population import Population
from simulation.trace import COLUMNS, Trace


def lives_apart(pathway: Pathway) -> bool:
    """Whether nobody's life depends on who else changes, so that ``compose`` is exact.

    Nobody waits for anybody; and no person's type changes on the way. (Where it does, people who keep the baseline and
    people who would change can become one type, and their need is then ranked among both: that scale depends on the
    transfer.)
    """
    return pathway.unlimited and bool(np.all(pathway.becomes == np.arange(pathway.types.count)))


def adopters(people: Population, transfer: float, seed: int, replication: int) -> NDArray[np.bool_]:
    """Who follows the other model at a transfer, unless they keep the baseline: shape (people,)."""
    u = first_of_each(people.person.astype(np.uint64), draw_id(JOINED, "branch"), 0, 0, seed, replication)
    result: NDArray[np.bool_] = u < transfer
    return result


def compose(nobody: Trace, everybody: Trace, people: Population, changed: NDArray[np.bool_]) -> Trace:
    """The rows of ``changed`` people from ``everybody`` and of the rest from ``nobody``, person by person."""
    ids = np.sort(people.person[changed])

    def is_changed(person: NDArray[np.int64]) -> NDArray[np.bool_]:
        place = np.searchsorted(ids, person)
        place[place == len(ids)] = 0
        result: NDArray[np.bool_] = (ids[place] == person) if len(ids) else np.zeros(len(person), dtype=bool)
        return result

    kept = nobody.where(~is_changed(nobody.person))
    taken = everybody.where(is_changed(everybody.person))
    columns = {name: np.concatenate([getattr(kept, name), getattr(taken, name)]) for name in COLUMNS}
    return Trace(**columns, end=nobody.end)
