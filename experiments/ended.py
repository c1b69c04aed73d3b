"""What is said where a run ends before its time: what is kept, and how to go on."""

from __future__ import annotations

import sys
from concurrent.futures import BrokenExecutor, CancelledError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from experiments.cluster import ClusterLost
from experiments.tasks import TaskFailed
from simulation.errors import DemandflowError, sentence_for_os_error, shown, typed


def instead_of(error: BaseException, folder: Path) -> DemandflowError | None:
    """What to raise in place of what ended a run, so that it says how to go on; None: the error itself will do.

    How to go on is said on the screen at once where the error's own sentence cannot say it.
    """
    if not (folder / "manifest.json").exists():
        return None
    go_on = f"run.py resume {typed(folder)}"
    kept = f"What was finished is kept in {shown(folder / 'replications')}."
    if isinstance(error, OSError) and error.filename:
        return DemandflowError(sentence_for_os_error(error, go_on))
    if isinstance(error, BrokenProcessPool):
        return DemandflowError(
            "a worker process was stopped from outside (out of memory, perhaps). "
            f"{kept} Go on with fewer processes: {go_on} --workers 1"
        )
    if isinstance(error, (ClusterLost, TaskFailed, BrokenExecutor, CancelledError)):
        what = str(error) or "the cluster gave the work up."
        how = f"Go on with: {go_on}, with --cluster ADDRESS for a cluster and without it on this machine."
        return DemandflowError(f"{what} {kept} {how}")
    if isinstance(error, (KeyboardInterrupt, OSError, MemoryError)):
        print(f"\nTo go on from there later: {go_on}", file=sys.stderr)
    return None
