"""The reference pathway in Ciw, without its packages.

Ciw looks at everybody in a node at each event there, so that 13,000 people in care at once would take it hours; they
are left out, and people leave after the assessment. Whether somebody would have got a package depends on nothing that
Ciw could get wrong. Time is in hours. Ciw keeps a record of every visit; the measures are made from those.
"""

from __future__ import annotations

from collections import Counter

import ciw
import numpy as np

from benchmarks.by_hand import DAY

STAGES = ("desk", "hub", "home_visit", "enablement", "assessment")
SERVERS = (2, 1, 3, 470, 7)
ROUTES = (
    (0.0, 0.15, 0.15, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.4, 0.6),
    (0.0, 0.0, 0.0, 0.4, 0.6),
    (0.0, 0.0, 0.0, 0.0, 1.0),
    (0.0, 0.0, 0.0, 0.0, 0.0),
)
BRANCHES = {
    "desk": ("after_desk", {"hub": "goes_on", "home_visit": "goes_on", "": "leaves"}),
    "hub": ("reached", {"enablement": "enabled", "assessment": "at_once"}),
    "home_visit": ("reached", {"enablement": "enabled", "assessment": "at_once"}),
}


class Until(ciw.dists.Distribution):
    """Exponential times between contacts, until an hour."""

    def __init__(self, per_hour: float, until: float):
        self.law = ciw.dists.Exponential(per_hour)
        self.until = until

    def initialise(self, random: object = None) -> None:
        """Called by Ciw before the run."""
        super().initialise(random)
        self.law.initialise(random)

    def sample(self, t: float | None = None, ind: object = None) -> float:
        """Hours to the next contact; infinite where that would be too late."""
        wait: float = self.law.sample()
        return wait if (t or 0.0) + wait < self.until else float("inf")


def _lognormal(mean: float, sigma: float = 0.5) -> ciw.dists.Distribution:
    return ciw.dists.Lognormal(np.log(mean) - sigma * sigma / 2, sigma)


def reference(seed: int, contacts_until: float, end: float, per_day: float = 85.0) -> dict[str, float]:
    """The reference pathway without packages: its measures, as ``cases`` names them.

    The time to a package is that to the end of the assessment, which has the same mean.
    """
    network = ciw.create_network(
        arrival_distributions=[Until(per_day / DAY, contacts_until), None, None, None, None],
        service_distributions=[
            ciw.dists.Exponential(3),
            _lognormal(1.5),
            _lognormal(4),
            ciw.dists.Deterministic(42 * DAY),
            _lognormal(6),
        ],
        routing=[list(row) for row in ROUTES],
        number_of_servers=list(SERVERS),
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(end)
    records = simulation.get_all_records()
    found: Counter[str] = Counter()
    waited: dict[str, list[float]] = {stage: [] for stage in STAGES}
    contact: dict[int, float] = {}
    finished: dict[int, float] = {}
    for record in records:
        stage = STAGES[record.node - 1]
        to = STAGES[record.destination - 1] if record.destination > 0 else ""
        for event in ("join", "start", "end"):
            found[f"{stage} {event}"] += 1
        waited[stage].append(record.waiting_time)
        if stage in BRANCHES:
            decision, names = BRANCHES[stage]
            found[f"{decision} branch {names[to]}"] += 1
        if stage == "desk":
            found["contact contact"] += 1
            contact[record.id_number] = record.arrival_date
            if to:
                found[f"where branch {to}"] += 1
        elif stage == "assessment":
            finished[record.id_number] = record.exit_date
    measures = {name: float(count) for name, count in found.items()}
    measures.update({f"{stage} mean wait": float(np.mean(hours)) for stage, hours in waited.items()})
    measures["mean hours from contact to package"] = float(np.mean([finished[who] - contact[who] for who in finished]))
    return measures
