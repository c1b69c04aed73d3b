"""A run that was stopped goes on: what was written whole is taken, the rest is run, and the results are the same.

Only with the config files, code, packages and kind of machine that it began with.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.batches import Read, read_batch
from experiments.cluster import connected, seen_from
from experiments.experiment import Means, carry_out, how_many
from experiments.going_on import begun_with, refuse_changes
from experiments.manifest import describe
from experiments.plan import prepare
from experiments.replicate import Outcome
from experiments.service import ServiceOutcome
from experiments.store import SCHEMA_VERSION, Folder, batch_name, in_hand
from experiments.transition.figures import Figures
from experiments.transition.job import TransitionOutcome, Yardstick
from experiments.work import on_engine
from simulation.service_tally import ServiceTally
from simulation.tally import Tally


def outcome_from(read: Read) -> Any:
    """The outcome that was written.

    Raises:
        ValueError, TypeError, KeyError: nothing of the kind is known, or it has other parts.
    """
    if read.kind == Outcome.__name__:
        tallies = {name: Tally(**arrays) for name, arrays in read.arrays.items()}
        return Outcome(read.key, read.replication, tallies, read.people, read.rows)
    if read.kind == ServiceOutcome.__name__:
        served = {name: ServiceTally(**arrays) for name, arrays in read.arrays.items()}
        return ServiceOutcome(read.key, read.replication, served, read.people, read.rows)
    if read.kind == TransitionOutcome.__name__:
        figures = {name: Figures(**arrays) for name, arrays in read.arrays.items()}
        given = read.beside["yardstick"]
        yardstick = Yardstick(tuple(given["asked"]), given["addressable_share"], tuple(given["clipped"]))
        return TransitionOutcome(read.key, read.replication, figures, read.people, read.rows, yardstick)
    raise ValueError(f"nothing is known of {read.kind}")


@dataclass
class Batches:
    """The batches of a folder that are whole. ``taken``: replications by run, as far as they were asked for."""

    folder: Path
    taken: dict[str, int] = field(default_factory=dict)

    def batch(self, key: str, first: int, size: int) -> list[Any] | None:
        """The outcomes of a batch; None where it is not there, is damaged, or holds anything else."""
        path = self.folder / "replications" / batch_name(key, first)
        if not path.exists():
            return None
        try:
            outcomes = [outcome_from(read) for read in read_batch(path)]
        except (ValueError, TypeError, KeyError):
            return None
        if [(o.key, o.replication) for o in outcomes] != [(key, number) for number in range(first, first + size)]:
            return None
        self.taken[key] = self.taken.get(key, 0) + size
        return outcomes


def resume(path: Path, workers: int | None, quiet: bool = False, cluster: str | None = None) -> Path:
    """Go on with the experiment whose results folder this is.

    Args:
        path: the results folder. workers, quiet, cluster: as of ``run_experiment``; they may be others than before.

    Returns:
        The results folder: its tables and replications are those of a run that was never stopped.

    Raises:
        DemandflowError: there is nothing to go on with, or something has changed since. Else as ``run_experiment``.
    """
    begun = time.perf_counter()
    manifest = begun_with(path)
    file, engine = Path(manifest["config_file"]), str(manifest["engine"])
    prepared = on_engine(prepare(seen_from(cluster, file)), engine)
    now = describe(prepared, 0, engine)
    refuse_changes(path, manifest, now)
    with connected(cluster, prepared) as far, in_hand(path):
        count = now["workers"] = how_many(workers, far)
        folder = Folder.again(path, manifest.get("replaces"))
        batches = Batches(folder.path)
        times = [*manifest.get("resumed", []), {"was": manifest["status"], "replications_taken": batches.taken}]
        again = {"schema_version": SCHEMA_VERSION, "status": "running", **now, "resumed": times}
        if folder.previous is not None:
            again["replaces"] = folder.previous.name
        return carry_out(prepared, folder, again, Means(count, quiet, far, batches), begun)
