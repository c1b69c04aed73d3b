"""``run.py reproduce``: runs the experiment of a results folder again and says whether the same comes out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.manifest import HERE, digest, surroundings
from experiments.results_folder import finished_experiment, read_manifest
from experiments.same_tables import folders_differ
from simulation.errors import ConfigError, DemandflowError, short, shown, typed
from simulation.reading import read_one

REPRODUCED, DIFFERENT = 0, 1
MOST_LINES = 40
"""Differences told on the screen; more are counted."""

_SAME = ("replications", "people_simulated", "stopping", "pathway_hashes")
"""Parts of the manifest that are results, as exact as the tables."""


def located(name: str, wanted: str = "") -> Path | None:
    """A config file that a manifest names: from the folder we are in, or from the program's own.

    Of two the one with the hash ``wanted``.
    """
    there = [path for base in (Path.cwd(), HERE) if (path := base / name).is_file()]
    return next((path for path in there if digest(path) == wanted), there[0] if there else None)


def changed_files(hashes: Mapping[str, str]) -> list[str]:
    """Which config files are not what they were, in words."""
    lines = []
    for name, was in hashes.items():
        path = located(name, was)
        if path is None:
            lines.append(f"{name} is not there any more")
        elif digest(path) != was:
            lines.append(f"{name} has changed")
    return lines


def changed_surroundings(manifest: Mapping[str, Any]) -> list[str]:
    """Versions and code that are not what they were, in words."""
    now = surroundings()
    then: dict[str, Any] = manifest["versions"]
    lines = [
        f"{name} {then.get(name, 'not there')} then, {now['versions'].get(name, 'not there')} now"
        for name in dict.fromkeys([*then, *now["versions"]])
        if then.get(name) != now["versions"].get(name)
    ]
    code = manifest["code"], now["code"]
    if code[0].get("commit") != code[1].get("commit"):
        was, new = (str(one.get("commit") or "unknown")[:12] for one in code)
        lines.append(f"commit {was} then, {new} now")
    if code[0].get("hash") is not None and code[0].get("hash") != code[1].get("hash"):
        lines.append("the program's own files differ from those that ran then")
    dirty = [when for when, one in zip(("then", "now"), code, strict=True) if one.get("dirty")]
    if dirty:
        lines.append(f"there were changes to the program that were not committed, {' and '.join(dirty)}")
    return lines


def experiment_file(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """The experiment's own file.

    Raises:
        DemandflowError: it is not there any more.
    """
    hashes: dict[str, str] = manifest["config_hashes"]
    named = manifest.get("config_file")
    for name in [named] if named is not None else hashes:
        path = located(name, hashes.get(name, ""))
        if path is None:
            continue
        try:
            data = read_one(path).data
        except ConfigError:
            continue
        if named is not None or (data.get("kind"), data.get("name")) == ("experiment", manifest["experiment"]):
            return path
    raise DemandflowError(
        f"{shown(folder)}: the file of the experiment '{manifest['experiment']}' is not there"
        f"{f' ({named})' if named else ''}. Go to the folder that the run was started in, or put the file back."
    )


def _listed(title: str, lines: list[str]) -> list[str]:
    more = [f"  and {len(lines) - MOST_LINES:,} more"] if len(lines) > MOST_LINES else []
    return [title, *(f"  {line}" for line in lines[:MOST_LINES]), *more]


def _again(
    folder: Path, manifest: Mapping[str, Any], path: Path, out: Path, workers: int | None, quiet: bool
) -> tuple[list[str], dict[str, int]]:
    """Run it, and what differs."""
    from experiments.experiment import run_experiment

    made = run_experiment(path, out, workers, False, quiet, manifest.get("engine", "auto"))
    new = read_manifest(made)
    lines = []
    if new["config"] != manifest["config"]:
        lines.append("manifest.json, config: the experiment says something else now.")
    fresh = sorted({str(located(name)) for name in new["config_hashes"]} -
                   {str(located(name)) for name in manifest["config_hashes"]})  # fmt: skip
    lines += [f"manifest.json, config_hashes: {shown(name)} was not read then." for name in fresh]
    for part in _SAME:
        if part in manifest and new.get(part) != manifest[part]:
            was, now = (short(str(one.get(part))) for one in (manifest, new))
            lines.append(f"manifest.json, {part}: {was} then, {now} now.")
    tables, counts = folders_differ(folder, made, lambda name: str(located(name) or name))
    return lines + tables, counts


def reproduce(
    folder: Path, workers: int | None, out: Path | None, with_changed_files: bool = False, quiet: bool = False
) -> tuple[int, list[str]]:
    """Run the experiment of a results folder again and hold the new tables against the old.

    Args:
        folder: a finished experiment's. workers: processes, by default all cores. out: keep the new results here; by
        default they are made in a folder of their own that goes again. with_changed_files: also where config files
        have changed since.

    Returns:
        0 if all is the same and 1 if not, and what to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk. KeyboardInterrupt: Ctrl-C.
    """
    manifest = finished_experiment(folder)
    files = changed_files(manifest["config_hashes"])
    if files and not with_changed_files:
        raise DemandflowError(
            f"{shown(folder)} cannot be reproduced as it was: {'; '.join(files)}. Put these files back as they were, "
            "or run what they say now with --with-changed-files."
        )
    path = experiment_file(folder, manifest)
    other = changed_surroundings(manifest)
    said = _listed("Config files that have changed:", files) if files else [
        f"Config files: all {len(manifest['config_hashes'])} as they were."
    ]  # fmt: skip
    said += _listed("Versions and code:", other) if other else ["Versions and code: as they were."]
    if out is None:
        with tempfile.TemporaryDirectory(prefix="reproduce-") as place:
            lines, counts = _again(folder, manifest, path, Path(place) / "results", workers, quiet)
    else:
        lines, counts = _again(folder, manifest, path, out, workers, quiet)
    compared = " and ".join(f"{count} file{'' if count == 1 else 's'} of {part}" for part, count in counts.items())
    if not lines:
        return REPRODUCED, [*said, "", f"Reproduced: {compared} are the same."]
    said += ["", *_listed(f"Not reproduced. Of {compared}, and what the manifest says of them, this differs:", lines)]
    if out is None:
        said += ["", "Keep the new results with --out DIR2 to look at them."]
    else:
        said += ["", f"The new results: {shown(out)}. What it means: run.py compare-runs {typed(folder)} {typed(out)}"]
    return DIFFERENT, said
