"""New configs that extend the ones asked about: the same world with what experts said in it."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from experiments.elicit.asked import Asked
from experiments.elicit.laws import misfit
from experiments.elicit.pooled import MISSES, Pooled
from experiments.elicit.words import apart_in_words, figure
from experiments.saying import listed
from experiments.whole_file import write_text_whole
from simulation.errors import DemandflowError, shown
from simulation.library import Loaded
from simulation.reading import FOLDER_OF, FOLDERS, SHIPPED
from simulation.schema import Evidence

SUFFIX = "_elicited"
_LONGEST = 60  # of a name in a config
_WHY = 2000  # characters of a sentence in a config
_KEPT = ("unit", "definition", "owner", "price_base", "population")
"""What still holds of a number when its value is somebody else's; its source does not."""


def overlays(asked: Asked, found: Mapping[str, Pooled]) -> dict[str, dict[str, Any]]:
    """The new configs by their place below a configs folder, such as ``models/barnet_2014_15_elicited.yaml``.

    A config is written for each file that holds an input answered, for each that uses such a file, and for the
    experiment, which names them.

    Raises:
        DemandflowError: a name would be too long.
    """
    experiment = asked.prepared.loaded
    files = {loaded.ref: loaded for loaded in asked.prepared.documents}
    new = _renamed(files, {asked.inputs[key].loaded.ref for key in found} | {experiment.ref})
    made: dict[str, dict[str, Any]] = {}
    for ref, name in new.items():
        loaded = files[ref]
        data: dict[str, Any] = {"kind": loaded.config.kind, "name": name, "extends": loaded.config.name}
        if loaded is experiment:
            data["title"] = f"{loaded.config.title}, as experts see it"
            _point(data, loaded, new)
        uses = getattr(loaded.config, "uses", [])
        pointed = [_new_ref(used, new) for used in uses]
        if pointed != list(uses):
            data["uses"] = pointed
        for key, one in found.items():
            if asked.inputs[key].loaded is loaded:
                _lay(data, loaded.document.data, asked.inputs[key].where, _evidence(asked, one))
        made[f"{FOLDER_OF[loaded.config.kind]}/{name}.yaml"] = data
    return made


def _renamed(files: Mapping[str, Loaded], changed: set[str]) -> dict[str, str]:
    """The names of the new files by the files they extend: those that change, and those that use one that changes."""
    grown = True
    while grown:
        users = {ref for ref, loaded in files.items() if changed & set(getattr(loaded.config, "uses", []))}
        grown = not users <= changed
        changed = changed | users
    new = {ref: f"{files[ref].config.name}{SUFFIX}" for ref in sorted(changed)}
    for name in new.values():
        if len(name) > _LONGEST:
            raise DemandflowError(f"the name '{name}' would be longer than {_LONGEST} letters. Shorten the original's.")
    return new


def _new_ref(ref: str, new: Mapping[str, str]) -> str:
    return f"{ref.partition('/')[0]}/{new[ref]}" if ref in new else ref


def _point(data: dict[str, Any], loaded: Loaded, new: Mapping[str, str]) -> None:
    """Let the experiment name the new files."""
    config = loaded.config

    def named(kind: str, name: str) -> str:
        return new.get(f"{FOLDER_OF[kind]}/{name}", name)

    compared = config.comparison
    roles = (("baseline", "model"), ("model", "model"), ("demand", "demand"), ("prices", "prices"))
    data["comparison"] = {role: named(kind, getattr(compared, role)) for role, kind in roles}
    if compared.like_for_like is not None:
        file, dot, name = compared.like_for_like.parameter.partition(".")
        data["comparison"]["like_for_like"] = {"parameter": f"{_new_ref(file, new)}{dot}{name}"}
    if config.calibration is not None:
        runs = [
            {"model": named("model", r.model), "demand": named("demand", r.demand)} for r in config.calibration.runs
        ]
        data["calibration"] = {"runs": runs}
    if config.targets is not None:
        data["targets"] = named("prices", config.targets)


def _lay(overlay: dict[str, Any], under: Any, where: tuple[str | int, ...], new: Any) -> None:
    """Put a number at its place in an overlay. Lists, distributions and numbers by attribute are replaced whole when
    files extend each other, so they are written whole."""
    at: Any = overlay
    for step in where[:-1]:
        under = under[step]
        if isinstance(at, dict) and step not in at:
            whole = isinstance(under, list) or {"distribution", "by", "value"} & set(under)
            at[step] = copy.deepcopy(under) if whole else {}
        at = at[step]
    at[where[-1]] = new


def _evidence(asked: Asked, one: Pooled) -> dict[str, Any]:
    """The number as experts see it, with its evidence."""
    old = asked.inputs[one.key].evidence
    assert isinstance(old, Evidence)
    low, mode, high = (float(f"{number:.6g}") + 0.0 for number in (one.law.low, one.law.mode, one.law.high))
    days = [o.day for o in one.opinions if o.day is not None]
    experts = listed([o.expert for o in one.opinions])
    said = " ".join(f"{o.expert}: {figure(o.quantiles[1])} ({_spread(o.quantiles)}), {o.rationale.rstrip('.')}."
                    for o in one.opinions)  # fmt: skip
    why = f"asked of {experts}. {apart_in_words(one)} {said}"
    rough = " The law meets them roughly only." if misfit(one.law, one.quantiles) > MISSES else ""
    data: dict[str, Any] = {
        "value": min(max(mode, low), high),
        "status": "elicited",
        "why": why if len(why) <= _WHY else f"{why[: _WHY - 1]}…",
        "range": {
            "low": low,
            "high": high,
            "shape": "pert",
            "why": f"PERT law fitted to the equal-weight pool of {experts}, whose 5%, 50% and 95% quantiles are "
            f"{', '.join(figure(q) for q in one.quantiles)}; the value is the law's most likely one.{rough}",
        },
    }
    data |= {name: getattr(old, name) for name in _KEPT if getattr(old, name) is not None}
    return data | ({"date": max(days)} if days else {})


def _spread(quantiles: tuple[float, float, float]) -> str:
    return f"{figure(quantiles[0])} to {figure(quantiles[2])}"


def write_overlays(asked: Asked, made: Mapping[str, dict[str, Any]], out: Path, force: bool) -> list[Path]:
    """Write the new configs, and beside them copies of any they extend that do not ship with the program.

    Raises:
        DemandflowError: a file is there already and ``force`` is not given. OSError: the disk.
    """
    copies = dict(_not_shipped(asked, out))
    for place in (*(out / name for name in made), *copies):
        if os.path.lexists(place) and not force:
            raise DemandflowError(f"{shown(place)} exists. Choose another folder, or replace its files with --force.")
    for place, original in copies.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, place)
    written = []
    for name, data in made.items():
        place = out / name
        place.parent.mkdir(parents=True, exist_ok=True)
        head = f"# Written by run.py elicit: {data['extends']} with what experts said.\n"
        write_text_whole(place, head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=118))
        written.append(place)
    return written


def _not_shipped(asked: Asked, out: Path) -> Iterator[tuple[Path, Path]]:
    """Files of the experiment's own configs folder, each with where a copy belongs so that new files find it."""
    for loaded in asked.prepared.documents:
        for path in (loaded.document.path, *loaded.document.ancestors):
            real = path.resolve()
            if real.is_relative_to(SHIPPED):
                continue
            folder = real.parent.name if real.parent.name in FOLDERS else FOLDER_OF[loaded.config.kind]
            place = out / folder / path.name
            if place.resolve() != real:
                yield place, real
