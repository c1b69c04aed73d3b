"""What a command asked and was answered, kept in whole batches, so that a command that was stopped goes on.

The questions of a command follow from its files and options alone, whoever answers them. So the batch that begins with
the tenth question is the same batch in every run, and is taken from the disk where it stands there whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.batches import write_table
from experiments.crew import Crew
from experiments.measured import Floats
from experiments.store import Folder, batch_name
from experiments.tasks import Task, TaskFailed
from simulation.errors import DemandflowError

LAYOUT = 1
"""Changes when answers that were written before can no longer be read."""

_COLUMNS = pa.schema(
    [("point", pa.int64()), ("replication", pa.int64()), ("measure", pa.string()), ("value", pa.float64())]
)
_KEY = b"demandflow.answers"


@dataclass(frozen=True)
class Question:
    """Something that workers are asked.

    Attributes:
        function: at the top of a module; gives an array with a row a replication, or None where inputs contradict each
            other. pieces: arguments of as many calls; their rows come below each other, in this order. columns: of the
            answer. about: tells the question from every other of the same command, in whatever pieces it is asked.
    """

    function: Callable[..., Floats | None]
    pieces: tuple[tuple[Any, ...], ...]
    columns: tuple[str, ...]
    about: str

    @property
    def mark(self) -> str:
        """A digest of what it is about."""
        return blake2b(repr((self.about, self.columns)).encode(), digest_size=8).hexdigest()


@dataclass
class Answers:
    """Questions shared among workers, their answers kept in a folder as whole batches.

    Args:
        crew: does the work. folder: None keeps nothing. name: begins the names of the files. size: questions written
            together; fewer are lost when a command is stopped, more make fewer files. done: is called with the number
            of questions whose answers have come, after each batch.

    Attributes:
        asked: questions so far. taken: those whose answers were there from before.
    """

    crew: Crew
    folder: Folder | None = None
    name: str = "asked"
    size: int = 8
    done: Callable[[int], Any] = lambda questions: None
    asked: int = 0
    taken: int = 0

    def ask(self, questions: Sequence[Question]) -> list[Floats | None]:
        """Every answer, in order: shape (replications, columns); None for a contradiction.

        A question that cannot be answered costs no other batch its answers: they are finished and kept first.

        Raises:
            What a question raised twice, or what keeps the crew from working.
        """
        waiting = [self._begun(questions[at : at + self.size]) for at in range(0, len(questions), self.size)]
        found: list[Floats | None] = []
        failed: Exception | None = None
        for first, batch, answers, tasks in waiting:
            try:
                if answers is None:
                    answers = [self._together([self.crew.result(task) for task in parts]) for parts in tasks]
                    self._keep(first, batch, answers)
                found += answers
            except TaskFailed as error:
                failed = failed or error
            except (BrokenExecutor, CancelledError, MemoryError, OSError, DemandflowError):
                raise
            except Exception as error:
                failed = failed or error
            self.done(len(batch))
        if failed is not None:
            raise failed
        return found

    def _begun(
        self, batch: Sequence[Question]
    ) -> tuple[int, Sequence[Question], list[Floats | None] | None, list[list[Task]]]:
        first = self.asked
        self.asked += len(batch)
        if self.folder is not None:
            known = read_answers(self.folder.path / self._file(first), first, batch)
            if known is not None:
                self.taken += len(batch)
                return first, batch, known, []
        return first, batch, None, [[self.crew.begin(q.function, None, *piece) for piece in q.pieces] for q in batch]

    def _file(self, first: int) -> str:
        return f"replications/{batch_name(self.name, first)}"

    def _keep(self, first: int, batch: Sequence[Question], answers: Sequence[Floats | None]) -> None:
        if self.folder is not None:
            self.folder.write(self._file(first), lambda path: write_answers(path, first, batch, answers))

    @staticmethod
    def _together(parts: Sequence[Floats | None]) -> Floats | None:
        known = [part for part in parts if part is not None]
        return np.concatenate(known) if len(known) == len(parts) else None


def write_answers(path: Path, first: int, batch: Sequence[Question], answers: Sequence[Floats | None]) -> None:
    """Write a batch: a row for each question (``point``, from 0), replication and column; of a contradiction, none.

    Args:
        first: number of the first question. answers: shape (replications, columns) each.

    Raises:
        OSError: the disk.
    """
    parts = []
    for point, (question, answer) in enumerate(zip(batch, answers, strict=True), first):
        if answer is None or not answer.size:
            continue
        rows, columns = answer.shape
        parts.append(
            pa.table(
                {
                    "point": np.full(answer.size, point),
                    "replication": np.repeat(np.arange(rows), columns),
                    "measure": list(question.columns) * rows,
                    "value": answer.ravel(),
                },
                schema=_COLUMNS,
            )
        )
    told = [(q.mark, None if answer is None else len(answer)) for q, answer in zip(batch, answers, strict=True)]
    table = pa.concat_tables([_COLUMNS.empty_table(), *parts]).combine_chunks()
    write_table(path, table, json.dumps({"layout": LAYOUT, "questions": told}).encode(), _KEY)


def read_answers(path: Path, first: int, batch: Sequence[Question]) -> list[Floats | None] | None:
    """A batch as it was written; None where it is not there, is damaged, or answers anything else."""
    if not path.exists():
        return None
    try:
        told = json.loads(pq.read_metadata(path).metadata[_KEY])
        table = pq.read_table(path, page_checksum_verification=True)
        if told["layout"] != LAYOUT or [mark for mark, _ in told["questions"]] != [q.mark for q in batch]:
            return None
        values, points, at = table["value"].to_numpy(), table["point"].to_numpy(), 0
        found: list[Floats | None] = []
        for point, (question, (_, rows)) in enumerate(zip(batch, told["questions"], strict=True), first):
            size = (rows or 0) * len(question.columns)
            if not np.all(points[at : at + size] == point):
                return None
            found.append(None if rows is None else values[at : at + size].reshape(rows, len(question.columns)))
            at += size
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError):
        return None
    return found if at == len(values) else None
