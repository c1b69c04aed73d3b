"""Who is affected: contacts, funding, waits and possibly unmet need by client group, age band and door.

Whole numbers from a trace, by pure functions. Each of the three ways to tell people apart counts everybody once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulation.calendar import MS_PER_DAY
from simulation.ledger import LEDGER, Went
from simulation.service_axes import Ints, ServiceAxes
from simulation.spells import Lives, Spells
from simulation.workload import SINCE_CONTACT, first_seen, stages_of

BY = ("client_group", "age_band", "source")
"""What people are told apart by; all of it is known of a person at first contact."""

AFFECTED = ("contact", "funded_package", "possibly_unmet", "seen", "waited", "within_14_days", "within_28_days")
"""People, except ``waited``: ticks from contact to being seen for the first time in an episode, by whoever comes first
of those whose waits are told since contact."""


def told_by(space: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The values of what people are told apart by, from all attributes and their values."""
    return {name: tuple(space[name]) for name in BY}


def cells(axes: ServiceAxes) -> list[tuple[str, str]]:
    """Attribute and value along the last axis of ``affected``."""
    return [(name, value) for name, values in axes.told_by.items() for value in values]


def affected(seen: Lives, found: Spells, went: Went, axes: ServiceAxes, contacts: Ints, funded: Ints) -> Ints:
    """Shape (len(AFFECTED), years, cells); empty where the axes tell nobody apart.

    Args:
        went: where the need of people without a package went. contacts, funded: rows of the trace that count as either,
            in the year in which they happen. People are seen in the year in which they are seen.
    """
    if not axes.told_by:
        return np.zeros(0, dtype=np.int64)
    time, unmet = seen.trace.time, went.row == LEDGER.index("possibly_unmet")
    asked = np.any([stages_of(seen.pathway, measure) for measure in SINCE_CONTACT], axis=0)
    who, when, wait = first_seen(seen, found, asked)
    year = axes.year_of(when)
    one = np.ones(len(who), dtype=np.int64)
    counted = [
        *(
            (seen.who[rows], axes.year_of(time[rows]), np.ones(len(rows), dtype=np.int64))
            for rows in (contacts, funded)
        ),
        (went.who[unmet], went.year[unmet], np.ones(int(unmet.sum()), dtype=np.int64)),
        (who, year, one),
        (who, year, wait),
        *((who, year, (wait <= days * MS_PER_DAY).astype(np.int64)) for days in (14, 28)),
    ]
    table = np.zeros((len(AFFECTED), len(axes.years), len(cells(axes))), dtype=np.int64)
    first = 0
    for name, values in axes.told_by.items():
        code = seen.people.codes[name]
        for row, (whom, at, amount) in enumerate(counted):
            keep = at >= 0
            np.add.at(table[row], (at[keep], first + code[whom[keep]]), amount[keep])
        first += len(values)
    return table
