"""What runs in a worker process: it takes the jobs once, and does what a crew asks of it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from multiprocessing import connection
from typing import Any, TypeVar

from experiments.replicate import AnyJob
from experiments.signals import leave_to_parent

Kept = TypeVar("Kept", bound=MutableMapping[Any, Any])

_OF_THIS_RUN: list[MutableMapping[Any, Any]] = []

_JOBS: dict[str, AnyJob] = {}  # filled once in each worker process, so that pathways are sent once


def of_this_run(kept: Kept) -> Kept:
    """A memory of a process: what it has read for the run it works for. It is emptied where it begins another."""
    _OF_THIS_RUN.append(kept)
    return kept


def forget() -> None:
    """Forget what was read: the files may be others now."""
    for kept in _OF_THIS_RUN:
        kept.clear()


def begin(reader: Any, turn: Any) -> None:
    """What a worker does first: takes its jobs from the pipe, when it is its turn."""
    leave_to_parent()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with turn:
        given = reader.recv_bytes()
    reader.close()
    _JOBS.update((job.key, job) for job in pickle.loads(given))


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def hand_out(writer: Any, jobs: bytes, workers: int) -> None:
    """Give each worker the jobs as it starts. When nobody is left to read, there is no more to do."""
    with contextlib.suppress(OSError), writer:
        for _ in range(workers):
            writer.send_bytes(jobs)


QUESTIONS: dict[str, Any] = of_this_run({})  # one question an experiment file, made when first asked


def answer_all(path: str, sets: Sequence[Mapping[str, float]]) -> list[Any]:
    """The answers to an experiment's question under many sets of inputs, in their order."""
    from experiments.plan import prepare
    from experiments.uncertainty import Question

    if path not in QUESTIONS:
        prepared = prepare(path)
        assert prepared.comparison is not None
        QUESTIONS[path] = Question(prepared, prepared.comparison)
    question = QUESTIONS[path]
    return [question.answer(over) for over in sets]


def outcome_of(job: AnyJob, replication: int) -> Any:
    """One replication of a job."""
    return job.outcome(replication)


def in_worker(function: Callable[..., Any], key: str | None, arguments: tuple[Any, ...]) -> Any:
    """What a worker of the crew's own is asked to do."""
    return done(function, key, arguments, _JOBS)


def done(function: Callable[..., Any], key: str | None, arguments: tuple[Any, ...], jobs: Mapping[str, AnyJob]) -> Any:
    """A task done in this process, with the jobs it knows."""
    return with_job(function, None if key is None else jobs[key], arguments)


def with_job(function: Callable[..., Any], job: AnyJob | None, arguments: tuple[Any, ...]) -> Any:
    """What an executor that is not the crew's own is asked to do."""
    return function(*arguments) if job is None else function(job, *arguments)
