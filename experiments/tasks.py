"""What a crew is asked to do, and how that can end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from typing import Any

from experiments.worker import outcome_of
from simulation.errors import DemandflowError


class TaskFailed(DemandflowError):
    """A task failed, and failed again when it was repeated."""


@dataclass(eq=False)
class Task:
    """Something to be done by whichever process is free. ``key``: the job it is about, None if about none."""

    function: Callable[..., Any]
    key: str | None
    arguments: tuple[Any, ...]
    future: Future[Any] | None = None
    failed: bool = False  # once

    @property
    def what(self) -> str:
        """In words, for a message."""
        of = self.key or "the inputs"
        return f"replication {self.arguments[0]} of {of}" if self.function is outcome_of else f"part of {of}"

    @property
    def finished(self) -> bool:
        """Whether its result is here, whatever became of the process that made it."""
        future = self.future
        return future is not None and future.done() and not future.cancelled() and future.exception() is None


def broken_off(future: Future[Any]) -> bool:
    """Whether a future is over, and not because of what its task did."""
    return future.cancelled() or (future.done() and isinstance(future.exception(), BrokenExecutor))
