"""A run that was stopped goes on: what was written whole is taken, the rest is run, and the results are the same.

Only with the config files, code, packages and kind of machine that it began with.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.batches import Read, read_batch
from experiments.cluster import connected, seen_from
from experiments.experiment import Means, carry_out, how_many
from experiments.manifest import describe
from experiments.plan import prepare
from experiments.replicate import Outcome
from experiments.saying import listed
from experiments.service import ServiceOutcome
from experiments.store import SCHEMA_VERSION, Folder, batch_name, in_hand, status_of
from experiments.transition.figures import Figures
from experiments.transition.job import TransitionOutcome, Yardstick
from experiments.work import on_engine
from simulation.errors import DemandflowError, shown
from simulation.service_tally import ServiceTally
from simulation.tally import Tally

START_OVER = "Or run the experiment again with --force, which starts over."


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
    if not file.exists():
        raise DemandflowError(
            f"{file} is not there. Run this command in the folder where the run was begun, or put the file back. "
            f"{START_OVER}"
        )
    prepared = on_engine(prepare(seen_from(cluster, file)), engine)
    now: dict[str, Any] = json.loads(json.dumps(describe(prepared, 0, engine), default=str))
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


def begun_with(path: Path, also: Sequence[str] = ()) -> dict[str, Any]:
    """The manifest of an experiment that was stopped and can go on.

    Args:
        also: commands of which a folder may be, too.

    Raises:
        DemandflowError: there is nothing to go on with.
    """
    status = status_of(path)
    if status is None:
        what = "is not a results folder" if path.is_dir() else "is not there"
        raise DemandflowError(f"{shown(path)} {what}. Name the folder of an experiment that was stopped.")
    manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    version = manifest["schema_version"]
    if version != SCHEMA_VERSION:
        raise DemandflowError(
            f"{shown(path)} has results of schema version {version}, and this program writes {SCHEMA_VERSION}. "
            f"Go on with the version that began it. {START_OVER}"
        )
    if status == "finished":
        raise DemandflowError(f"{shown(path)} is finished. There is nothing to go on with.")
    if manifest.get("command", "") not in ("", *also):
        raise DemandflowError(
            f"{shown(path)} was written by run.py {manifest['command']}, which is quick to run again with --force. "
            "Only experiments and sweeps can go on."
        )
    if not {"config_file", "engine", "config_hashes", "pathway_hashes", "versions", "code", "machine"} <= set(manifest):
        raise DemandflowError(f"{shown(path)} does not say what it was begun with. {START_OVER}")
    return manifest


def refuse_changes(path: Path, then: dict[str, Any], now: dict[str, Any]) -> None:
    """What was written before, and what is to be added, must come from the same.

    Args:
        then, now: the manifest of the run that was stopped, and what it would be now.

    Raises:
        DemandflowError: naming what changed.
    """
    changed = changes(then, now)
    if changed:
        raise DemandflowError(
            f"{shown(path)} cannot go on: {listed(changed)} changed since it was begun, so its parts would not belong "
            f"together. Put back what changed. {START_OVER}"
        )


def changes(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is not as it was, in words: files, seed, code, versions, kind of machine."""
    old, new = (
        {(Path(name).name, found): name for name, found in each["config_hashes"].items()} for each in (then, now)
    )
    found = sorted({{**old, **new}[key] for key in {*old} ^ {*new}})
    if not found and (then["pathway_hashes"] != now["pathway_hashes"] or then.get("seed") != now["seed"]):
        found.append("what the config files come to")
    if then["code"].get("hash") != now["code"]["hash"]:
        found.append("the code of Demandflow")
    for name, version in now["versions"].items():
        before = then["versions"].get(name)
        if before != version:
            found.append(f"the version of {name} (then {before}, now {version})")
    for name in ("system", "processor"):
        if then["machine"].get(name) != now["machine"][name]:
            found.append(f"the machine's {name} (then {then['machine'].get(name)}, now {now['machine'][name]})")
    return found
