"""What is said where a run ends before its time: what is kept, and how to go on."""

from __future__ import annotations

import sys
from concurrent.futures import BrokenExecutor, CancelledError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from experiments.cluster import ClusterLost
from experiments.tasks import TaskFailed
from simulation.errors import DemandflowError, shown


def instead_of(error: BaseException, folder: Path, quiet: bool) -> DemandflowError | None:
    """What to raise in place of what ended a run, so that it says how to go on; None: the error itself will do.

    Unless ``quiet``, how to go on is said on the screen where the error's own sentence cannot say it.
    """
    if not (folder / "manifest.json").exists():
        return None
    if not quiet and isinstance(error, (KeyboardInterrupt, OSError, MemoryError, BrokenProcessPool)):
        print(f"\nTo go on from there later: run.py resume {shown(folder)}", file=sys.stderr)
    kept = f"What was finished is kept in {shown(folder / 'replications')}."
    if isinstance(error, BrokenProcessPool):
        return DemandflowError(
            "a worker process was stopped from outside (out of memory, perhaps). "
            f"{kept} Run again with fewer --workers."
        )
    if isinstance(error, (ClusterLost, TaskFailed, BrokenExecutor, CancelledError)):
        what = str(error) or "the cluster gave the work up."
        how = f"Go on with: run.py resume {shown(folder)}, with --cluster ADDRESS for a cluster and without it on this"
        return DemandflowError(f"{what} {kept} {how} machine.")
    return None
