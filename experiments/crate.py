"""A results folder described for archives and other programs: ``ro-crate-metadata.json``, RO-Crate 1.1.

https://www.researchobject.org/ro-crate/specification/1.1/ says what must be in it. Everything comes from
``manifest.json`` and the folder's own files; of times only the day is told, so that runs of one day can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAME = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "https://w3id.org/ro/crate/1.1"
LICENSE = "https://spdx.org/licenses/MIT"
"""Of the program. Results carry the licence that whoever publishes them gives."""

FORMATS = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".json": "application/json",
    ".html": "text/html",
    ".md": "text/markdown",
}
_WHAT = {
    "manifest.json": "What was run and with what: config and its hashes, seed, versions, machine, timings, checks",
    "report.html": "The report",
    "service.html": "The report of a whole service",
}
_SIZED = (".parquet", ".csv")
"""Files whose size does not depend on the machine or the day."""

SOFTWARE, RUN = "#demandflow", "#run"

Entity = dict[str, Any]


def _pointers(ids: list[str]) -> list[Entity]:
    return [{"@id": one} for one in ids]


def _described(name: str) -> str:
    """A file in words."""
    folder, _, file = name.rpartition("/")
    stem = Path(file).stem
    if folder == "tables":
        return f"Table {stem}; its columns are described in docs/outputs.md of the program"
    if folder == "replications":
        return f"The whole numbers of replications of {stem}"
    return _WHAT.get(name, file)


def _file(folder: Path, name: str) -> Entity:
    path = folder / name
    entity: Entity = {"@id": name, "@type": "File", "name": name, "description": _described(name)}
    if path.suffix in FORMATS:
        entity["encodingFormat"] = FORMATS[path.suffix]
    if path.suffix in _SIZED:
        entity["contentSize"] = str(path.stat().st_size)
    return entity


def _software(manifest: Mapping[str, Any]) -> list[Entity]:
    """The program with its commit, and what it runs on."""
    versions = dict(manifest["versions"])
    own = versions.pop("demandflow")
    commit, dirty = manifest["code"]["commit"], manifest["code"]["dirty"]
    program: Entity = {
        "@id": SOFTWARE,
        "@type": "SoftwareApplication",
        "name": "Demandflow",
        "version": own,
        "license": {"@id": LICENSE},
        "softwareRequirements": _pointers([f"#software/{name}" for name in versions]),
    }
    if commit is not None:
        program["identifier"] = f"git commit {commit}{', with changes that were not committed' if dirty else ''}"
    rest = [
        {"@id": f"#software/{name}", "@type": "SoftwareApplication", "name": name, "version": version}
        for name, version in versions.items()
    ]
    return [program, {"@id": LICENSE, "@type": "CreativeWork", "name": "MIT License"}, *rest]


def crate(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The description of a finished experiment's folder.

    Args:
        folder: with all its files. manifest: with ``finished_at``, ISO 8601.
    """
    files = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != NAME and not path.name.startswith(".")
    )
    configs = {f"#config/{number}": name for number, name in enumerate(manifest["config_hashes"], start=1)}
    seed = {"@id": "#seed", "@type": "PropertyValue", "name": "seed", "value": manifest["seed"]}
    graph: list[Entity] = [
        {
            "@id": NAME,
            "@type": "CreativeWork",
            "conformsTo": {"@id": PROFILE},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": manifest["title"],
            "description": f"Results of the experiment {manifest['experiment']}. {manifest['question']}".strip(),
            "datePublished": manifest["finished_at"][:10],
            "hasPart": _pointers(files),
            "mentions": {"@id": RUN},
        },
        {
            "@id": RUN,
            "@type": "CreateAction",
            "name": f"The run of {manifest['experiment']}",
            "description": "What was run, with what, on which machine and when stands in manifest.json",
            "instrument": {"@id": SOFTWARE},
            "object": _pointers([*configs, "#seed"]),
            "result": _pointers(files),
            "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        },
        *_software(manifest),
        seed,
        *(
            {
                "@id": place,
                "@type": "CreativeWork",
                "name": name,
                "description": "A config file of the run; as read it stands in manifest.json, whole for the experiment",
                "identifier": f"blake2b-128 {manifest['config_hashes'][name]}",
            }
            for place, name in configs.items()
        ),
        *(_file(folder, name) for name in files),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def crate_text(folder: Path, manifest: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(crate(folder, manifest), indent=2, ensure_ascii=False) + "\n"
