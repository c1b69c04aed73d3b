"""A command that asks an experiment at many points, at work: its crew, its manifest, its folder and what was answered.

``sweep``, ``sensitivity``, ``attribution``, ``goal`` and ``staffing`` are done this way, and go on this way after they
were stopped.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from experiments.answers import Answers
from experiments.cluster import connected
from experiments.command_line import Orders
from experiments.crew import Crew
from experiments.ended import instead_of
from experiments.experiment import how_many
from experiments.going_on import refuse_changes
from experiments.manifest import describe
from experiments.own_folder import own_folder
from experiments.plan import Prepared
from experiments.store import Folder
from simulation import engines


@dataclass
class AtWork:
    """A command under way.

    Attributes:
        manifest: what is known before the work; what comes of it is added. answers: by which everything is asked; they
            are kept from when there is a folder.
    """

    prepared: Prepared
    command: str
    orders: Orders
    crew: Crew
    manifest: dict[str, Any]
    answers: Answers

    @contextlib.contextmanager
    def folder(self, usual: str, told: Mapping[str, Any], size: int) -> Iterator[Folder]:
        """The folder, once it is known that what is asked can be asked.

        Args:
            usual: its name in ``results`` where none is given. told: goes into the manifest. size: of a batch.

        Raises:
            DemandflowError, OSError: as ``own_folder``; or something has changed since the run that is to go on.
        """
        orders, manifest = self.orders, self.manifest
        manifest.update(told)
        place, then = orders.out or Path("results") / usual, orders.going_on
        if then is not None:
            refuse_changes(place, then, manifest)
            manifest["resumed"] = [*then.get("resumed", []), {"was": then["status"]}]
        with own_folder(place, orders.force, self.command, manifest, then) as folder:
            self.answers.folder, self.answers.size = folder, size
            try:
                yield folder
            except BaseException as error:
                better = instead_of(error, folder.path)
                if better is not None:
                    raise better from error
                raise
            finally:
                if then is not None:
                    manifest["resumed"][-1]["points_taken"] = self.answers.taken

    @contextlib.contextmanager
    def progress(self, unit: str, total: int | None = None, quiet: bool = False) -> Iterator[None]:
        """A bar that grows as answers come."""
        with tqdm(total=total, unit=unit, disable=quiet or self.orders.quiet, leave=False, mininterval=0.5) as bar:
            self.answers.done = bar.update
            yield

    def from_before(self) -> list[str]:
        """What to say of answers that need not be asked again."""
        return [] if self.orders.going_on is None else [f"{self.answers.taken:,} points were taken from before."]

    @property
    def foot(self) -> str:
        """What a page says of how it was made."""
        return f"Demandflow {self.manifest['versions']['demandflow']}, seed {self.prepared.experiment.seed}."


@contextlib.contextmanager
def at_work(prepared: Prepared, command: str, request: Any, orders: Orders) -> Iterator[AtWork]:
    """Begin a command's work: connect, and start its workers.

    Args:
        command: as typed; one of ``going_on.ASKING``. request: a dataclass, from which the command can be done again.

    Raises:
        DemandflowError: no cluster; else what happens in the work.
    """
    with connected(orders.cluster, prepared) as far:
        count = how_many(orders.workers, far)
        manifest = {**describe(prepared, count, engines.resolved(engines.AUTO)), "request": asdict(request)}
        if far is not None:
            manifest["cluster"] = far.told()
        with Crew([], count, orders.quiet, far) as crew:
            manifest["pool"] = crew.record
            yield AtWork(prepared, command, orders, crew, manifest, Answers(crew, name=command))
