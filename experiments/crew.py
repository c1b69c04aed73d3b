"""Worker processes that lose nothing: a pool that breaks is built again, and what was under way is done again.

What is done depends on its arguments alone, so doing it again changes nothing. Instead of processes of its own a crew
can be given any ``concurrent.futures.Executor``: a cluster's, say.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import Any

from experiments.replicate import AnyJob
from experiments.signals import ctrl_c_later, undisturbed
from experiments.tasks import Task, TaskFailed, broken_off
from experiments.worker import answer_all, begin, done, hand_out, in_worker, outcome_of, with_job
from simulation.errors import DemandflowError

MOST_BREAKS = 3
"""So often may the pool break without anything being finished in between."""

PATIENCE = 2.0
"""Seconds between looks whether a worker died without the pool noticing."""


class Crew:
    """Worker processes for a set of jobs; with one worker the work is done here.

    Use as a context manager. A worker that is killed breaks the whole pool: it is built again and given what was not
    finished. Where nothing is finished between two breaks, memory is the likely cause, so half the workers go on. A
    task that fails is repeated once; the others go on.

    Args:
        executor: does the work instead of processes of the crew's own. What it cancels, or breaks off, is given to it
            again; it is never shut down here. Where it has a method ``look``, that is called every two seconds of
            waiting, to raise what keeps it from ever being done. Tasks are sent as ``with_job`` with the job itself.

    Attributes:
        workers: how many there are now. quiet: say nothing of breaks. record: what the manifest tells of them.
    """

    def __init__(self, jobs: Sequence[AnyJob], workers: int, quiet: bool = True, executor: Executor | None = None):
        self.jobs = {job.key: job for job in jobs}
        self.executor = executor
        self.workers = workers
        self.quiet = quiet
        self.pool: ProcessPoolExecutor | None = None
        self._reader: Any = None
        self.record = {"broke": 0, "workers_at_end": workers}
        self._open: dict[Task, None] = {}  # begun and not yet asked for, in order
        self._collected = 0
        self._finished_at_break = 0
        self._in_vain = 0
        self._made_room = False

    def __enter__(self) -> Crew:
        if self.executor is None and self.workers > 1:
            self.pool = self._new_pool()
        return self

    def __exit__(self, *error: Any) -> None:
        if self.pool is None:
            for task in self._open:
                if task.future is not None:
                    task.future.cancel()
            return
        if error[0] is None and not self._open:
            self.pool.shutdown()
            self._reader.close()
            return
        with undisturbed():
            self._end()

    def begin(self, function: Callable[..., Any], key: str | None, *arguments: Any) -> Task:
        """Have something done; with one worker it is done when its result is asked for.

        Args:
            function: at the top of a module. It is given the job first, if ``key`` names one, then ``arguments``.
        """
        task = Task(function, key, arguments)
        if self._others:
            self._open[task] = None
            self._send(task)
        return task

    @property
    def _others(self) -> bool:
        """Whether others do the work, and not this process."""
        return self.pool is not None or self.executor is not None

    def ready(self, task: Task) -> bool:
        """Whether a result, or what went wrong, can be had without waiting for another process."""
        future = task.future
        return future is None or (future.done() and not broken_off(future))

    def result(self, task: Task) -> Any:
        """What came of a task; waits for it.

        Raises:
            BrokenExecutor: the pool, or the executor, broke three times with nothing finished in between.
            MemoryError: there was not enough memory, with fewer workers either.
            TaskFailed: it failed twice on an executor that is not the crew's own. Else: what the task raised.
        """
        while self._others:
            assert task.future is not None
            try:
                self._await(task.future)
                result = task.future.result()
            except (BrokenExecutor, CancelledError) as error:
                self._mend(error)
            except MemoryError:
                if self.pool is None or self.workers == 1 or self._made_room:
                    del self._open[task]
                    raise
                self._made_room = True
                self._rebuild(self.workers // 2, "there was not enough memory")
            except Exception as error:
                self._failed(task, error)
            else:
                del self._open[task]
                self._collected += 1
                return result
        return self._here(task)

    def _here(self, task: Task) -> Any:
        try:
            return done(task.function, task.key, task.arguments, self.jobs)
        except (DemandflowError, MemoryError):
            raise
        except Exception:
            return done(task.function, task.key, task.arguments, self.jobs)

    def _failed(self, task: Task, error: Exception) -> None:
        """Have it done once more, unless it says what a user can mend."""
        if not isinstance(error, DemandflowError) and not task.failed:
            task.failed = True
            self._send(task)
            return
        if not (task.future is not None and task.future.done()):
            raise error  # it was not the task that failed, but the waiting for it
        del self._open[task]
        if self.executor is None or isinstance(error, DemandflowError):
            raise error
        raise TaskFailed(f"{task.what} failed twice, the second time with {type(error).__name__}: {error}.") from error

    def map(self, key: str, replications: Sequence[int]) -> Iterator[Any]:
        """The outcomes of some replications, in order, whoever finishes first."""
        tasks = [self.begin(outcome_of, key, replication) for replication in replications]
        for task in tasks:
            yield self.result(task)

    def ask(self, path: str, sets: Sequence[Mapping[str, float]]) -> list[Any]:
        """``answer_all``, shared among the workers."""
        if not self._others or len(sets) < 2 * self.workers:
            return answer_all(path, sets)
        size = -(-len(sets) // (4 * self.workers))
        parts = [self.begin(answer_all, None, path, sets[at : at + size]) for at in range(0, len(sets), size)]
        return [answer for part in parts for answer in self.result(part)]

    def left(self, key: str, waits: bool = False) -> list[Any]:
        """Outcomes of a job that are finished and that nobody has asked for: after a fault they are all there is.

        With ``waits`` those that are under way are finished first; those that fail too are left out.
        """
        mine = [task for task in self._open if task.function is outcome_of and task.key == key]
        if waits:
            found = []
            for task in mine:
                with contextlib.suppress(Exception):
                    found.append(self.result(task))
            return found
        return [task.future.result() for task in mine if task.finished and task.future is not None]

    def _new_pool(self) -> ProcessPoolExecutor:
        """A pool whose workers are handed the jobs by a thread.

        As an argument of the processes they would stop everything when a worker is killed while it starts: its parent
        would wait for it to read them.
        """
        context = multiprocessing.get_context("spawn")
        self._reader, writer = context.Pipe(duplex=False)
        jobs = pickle.dumps(list(self.jobs.values()), pickle.HIGHEST_PROTOCOL)
        threading.Thread(target=hand_out, args=(writer, jobs, self.workers), daemon=True).start()
        pool = ProcessPoolExecutor(self.workers, context, begin, (self._reader, context.Lock()))
        # All workers start before the thread that watches them, as they do with fork: one that joined while a broken
        # pool is being ended would make that thread trip over its own list of them.
        pool._safe_to_dynamically_spawn_children = False  # type: ignore[attr-defined]
        return pool

    def _send(self, task: Task) -> None:
        if self.executor is not None:
            job = None if task.key is None else self.jobs[task.key]
            task.future = self.executor.submit(with_job, task.function, job, task.arguments)
            return
        assert self.pool is not None
        try:
            with ctrl_c_later():
                task.future = self.pool.submit(in_worker, task.function, task.key, task.arguments)
        except BrokenProcessPool as error:  # it broke while work was handed out: told when the result is asked for
            task.future = Future()
            task.future.set_exception(error)

    def _await(self, future: Future[Any]) -> None:
        """Wait for a future, and see to it that somebody is still at work.

        A worker that is killed while it writes its result leaves half a message, for whose end the pool would wait for
        ever.
        """
        dead = False
        while not wait([future], PATIENCE).done:
            if self.executor is not None:
                getattr(self.executor, "look", lambda: None)()
                continue
            if dead:
                raise BrokenProcessPool("a worker process died and its pool did not notice")
            processes = _processes(self.pool)
            dead = bool(connection.wait([process.sentinel for process in processes], 0)) if processes else False

    def _mend(self, error: BrokenExecutor | CancelledError) -> None:
        """After a break: begin again, unless it is in vain."""
        finished = self._collected + sum(task.finished for task in self._open)
        if finished > self._finished_at_break:
            self._in_vain = 0
        self._in_vain += 1
        self._finished_at_break = finished
        self.record["broke"] += 1
        if self._in_vain >= MOST_BREAKS:
            raise error
        if self.executor is not None:
            for task in [task for task in self._open if task.future is not None and broken_off(task.future)]:
                self._send(task)
            return
        fewer = self.workers if self._in_vain == 1 else max(1, self.workers // 2)
        self._rebuild(fewer, "a worker process was stopped from outside")

    def _rebuild(self, workers: int, why: str) -> None:
        assert self.pool is not None
        self.workers = self.record["workers_at_end"] = workers
        again = [task for task in self._open if not task.finished]
        if not self.quiet:
            with_these = "one worker" if workers == 1 else f"{workers} workers"
            print(f"\n{why}. What is finished is kept; going on with {with_these}.", file=sys.stderr)
        with ctrl_c_later():
            self._end()
            self.pool = self._new_pool()
        for task in again:
            self._send(task)

    def _end(self) -> None:
        """End the pool at once: what is under way is lost anyway, and a worker can wait for ever for a dead one's lock.

        Closing the pipe of results ends a wait for the rest of half a message.
        """
        assert self.pool is not None
        processes, results = _processes(self.pool), getattr(self.pool, "_result_queue", None)
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        self._reader.close()
        if results is not None:
            results._writer.close()


def _processes(pool: ProcessPoolExecutor | None) -> list[Any]:
    return list((getattr(pool, "_processes", None) or {}).values())
