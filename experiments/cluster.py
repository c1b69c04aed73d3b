"""Work done on a Dask cluster, by the standard ``Executor`` interface: the same results, on other machines.

Dask is an optional extra. Its workers need the same code and packages, and the experiment's files at the same place;
each worker process makes sure of that before its first task, and says what differs.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from experiments import worker
from experiments.manifest import code_hash, digest, surroundings
from experiments.plan import Prepared
from experiments.transition import job as transition_job
from simulation.errors import DemandflowError, short

INSTALL = '.venv/bin/python -m pip install "dask[distributed]"'

PATIENCE = 15.0
"""Seconds in which a scheduler must answer, and come back after it was lost."""

NOBODY = 60.0
"""Seconds in which a scheduler without workers must get one."""


class ClusterLost(DemandflowError):
    """The scheduler, or every worker, went away in mid-run."""


@dataclass(frozen=True)
class Stamp:
    """What must be the same where the work is done. ``files``: (path, hash) of every config file."""

    code: str
    versions: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, prepared: Prepared) -> Stamp:
        """The stamp of an experiment on this machine."""
        paths = {Path(os.path.abspath(path)) for file in prepared.documents
                 for path in (file.document.path, *file.document.ancestors)}  # fmt: skip
        return cls(code_hash(), _versions(), tuple((str(path), digest(path)) for path in sorted(paths)))

    def differs(self) -> str:
        """What is not the same in this process, in words; '' where everything is."""
        if self.code != code_hash():
            return "has another version of Demandflow's code. Give all machines the same, and start the worker anew."
        here = dict(_versions())
        for name, needed in self.versions:
            if here.get(name) != needed:
                found = here.get(name, "not at all")
                return f"has {name} {found}, and {needed} is needed. Install the same everywhere."
        for path, found in self.files:
            try:
                same = digest(Path(path)) == found
            except OSError:
                return f"cannot read {path}. The experiment's files must be at the same place on every machine."
            if not same:
                return f"has another {path}. The experiment's files must be the same on every machine."
        return ""


def _versions() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(surroundings()["versions"].items()))


_SAME: list[Stamp] = []  # the stamp for which this worker process was found to be the same
_ONE = threading.Lock()  # one task at a time in a process, whatever its number of threads


def is_same(stamp: Stamp) -> None:
    """Make sure, once a run, that this process would do the same as the one that asks.

    Raises:
        DemandflowError: it would not.
    """
    if _SAME and _SAME[0] == stamp:
        return
    found = stamp.differs()
    if found:
        raise DemandflowError(f"the worker {socket.gethostname()}, process {os.getpid()}, {found}")
    worker.forget()  # what was read for an earlier run, whose files may have been others
    for kept in (transition_job._MAKERS, transition_job._CENTRAL):
        kept.clear()
    _SAME[:] = [stamp]


def on_worker(stamp: Stamp, function: Callable[..., Any], *arguments: Any) -> Any:
    """A task, in the worker."""
    with _ONE:
        is_same(stamp)
        return function(*arguments)


def _hush() -> None:
    """What Dask, and what it stands on, would say of lost connections is said in sentences here.

    Dask sets each of its loggers apart; Tornado logs a connection that breaks while a result is fetched.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("asyncio", "distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _unpacked() -> Callable[..., Any]:
    """What unpacks a task in the worker: sent whole, so that the scheduler, which reads it too, needs no Demandflow."""

    def run(packed: bytes, sent: Any) -> Any:
        import pickle

        function, stamp, asked, arguments, place = pickle.loads(packed)
        return function(stamp, asked, *arguments[:place], *([] if sent is None else [sent]), *arguments[place:])

    return run


class Cluster(Executor):
    """The workers of a Dask scheduler. Jobs are sent to each of them once.

    Raises:
        DemandflowError: Dask is not installed; nobody answers; there are no workers; or they are not the same.
    """

    def __init__(self, address: str, stamp: Stamp):
        try:
            distributed: Any = importlib.import_module("distributed")
        except ModuleNotFoundError:
            raise DemandflowError(
                f"--cluster needs the Python package dask[distributed], which is not installed. Install it: {INSTALL}"
            ) from None
        _hush()
        self.address, self.stamp = address, stamp
        self._sent: dict[int, tuple[Any, Any]] = {}
        self._alone_since: float | None = None
        try:
            self.client: Any = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError, ImportError) as error:
            raise DemandflowError(
                f"no Dask scheduler answers at {short(address)}. Check the address (such as tcp://10.0.0.5:8786) and "
                f"that `dask scheduler` runs there. Nothing was begun."
            ) from error
        try:
            self._meet()
            self.workers = self._count()
        except BaseException:
            self.shutdown()
            raise

    def _meet(self) -> None:
        """Wait for a worker, and see that all who are there are the same."""
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise DemandflowError(
                f"the Dask scheduler at {short(self.address)} has no workers. Start some, in the folder of the "
                f"experiment: PYTHONPATH={Path(__file__).resolve().parent.parent} dask worker {short(self.address)} "
                "--nthreads 1"
            ) from None
        try:
            self.client.run(is_same, self.stamp)
        except DemandflowError:
            raise
        except Exception as error:  # Dask hands on in words what a worker cannot even begin
            if "ModuleNotFoundError" not in f"{type(error).__name__} {error}":
                raise ClusterLost(f"the Dask scheduler at {short(self.address)} went away ({error}).") from None
            raise DemandflowError(
                f"the cluster's workers do not find all of Demandflow's code ({error}). Start them with the same "
                "packages as here, and with PYTHONPATH naming the folder of run.py."
            ) from None

    def told(self) -> dict[str, Any]:
        """As the manifest has it."""
        return {"dask": version("distributed"), "workers_at_start": self.workers}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As ``Executor.submit``. A job among the arguments is sent to the workers once, and then named.

        Raises:
            ClusterLost: the scheduler does not come back.
        """
        self._there()
        jobs = [place for place, value in enumerate(args) if hasattr(value, "outcome")]
        place = jobs[0] if jobs else len(args)
        asked = partial(fn, **kwargs) if kwargs else fn
        packed = pickle.dumps((on_worker, self.stamp, asked, (*args[:place], *args[place + 1 :]), place))
        try:
            sent = self._once(args[place]) if jobs else None
            future: Future[Any] = self.client.get_executor(pure=False).submit(_unpacked(), packed, sent)
        except Exception as error:  # Dask's own ways of saying that nobody is there are many
            raise ClusterLost(f"the Dask scheduler at {short(self.address)} takes no more work ({error}).") from error
        return future

    def look(self) -> None:
        """While somebody waits: see that there is somebody to work.

        Raises:
            ClusterLost: there is not.
        """
        self._there()
        now = time.monotonic()
        if self._count():
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > NOBODY:
            raise ClusterLost(
                f"the Dask scheduler at {short(self.address)} has no workers for {NOBODY:.0f} seconds now."
            )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster as it is, without what this run asked of it."""
        self._sent.clear()
        with contextlib.suppress(Exception):
            self.client.close(timeout=2)

    def _once(self, job: Any) -> Any:
        """The name under which the workers have a job."""
        known = self._sent.get(id(job))
        if known is None or known[1].status != "finished":
            known = (job, self.client.scatter(job, broadcast=True, hash=False))
            self._sent[id(job)] = known
        return known[1]

    def _count(self) -> int:
        return len(self.client.scheduler_info(n_workers=-1)["workers"])

    def _there(self) -> None:
        until = time.monotonic() + PATIENCE
        while self.client.status != "running":
            if self.client.status == "closed" or time.monotonic() > until:
                raise ClusterLost(f"the Dask scheduler at {short(self.address)} does not answer any more.")
            time.sleep(0.1)


def seen_from(address: str | None, path: Path | str) -> Path | str:
    """An experiment's file as workers find it, wherever they were started; as it is given without a cluster."""
    return path if address is None else Path(os.path.abspath(path))


@contextlib.contextmanager
def connected(address: str | None, prepared: Prepared) -> Iterator[Cluster | None]:
    """A cluster, left when the run is over; None without an address.

    Raises:
        DemandflowError: see ``Cluster``.
    """
    if address is None:
        yield None
        return
    cluster = Cluster(address, Stamp.of(prepared))
    try:
        yield cluster
    finally:
        cluster.shutdown()
