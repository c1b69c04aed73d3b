"""``run.py calibrate``: a template and a council's own file become a model with its contacts and prices."""

from __future__ import annotations

import csv
import math
import os
import tempfile
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from experiments.calibrate import words
from experiments.calibrate.aggregate import form, read_aggregate
from experiments.calibrate.leftovers import leftovers, moved
from experiments.calibrate.made import CALIBRATED, Made, Row
from experiments.calibrate.making import make
from experiments.calibrate.reading import plain, read_given
from experiments.calibrate.records import is_records, read_records
from experiments.calibrate.template import Template, read_template
from experiments.validate import problems_of
from simulation.errors import ConfigError, DemandflowError, short, shown
from simulation.inputs import Inputs, Values
from simulation.library import Library, Loaded
from simulation.reading import NAME, SHIPPED

COLUMNS = ("what", "title", "unit", "status", "value", "low", "high", "count", "method", "template_value", "note")


def write_form(template: str, out: Path | None, force: bool = False) -> list[str]:
    """Write the form for a template's totals, to a file or to the screen.

    Raises:
        ConfigError, DemandflowError: no such template, or the file is there already. OSError: it cannot be written.
    """
    text = form(read_template(template))
    if out is None:
        return text.splitlines()
    if out.exists() and not force:
        raise DemandflowError(
            f"{shown(out)} is there already. Choose another name with --out, or replace with --force."
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8-sig")
    count = len(text.splitlines()) - 1
    return [f"{shown(out)}: {count} figures to fill in. Leave empty what you do not know: the template's value stays."]


def calibrate(
    template: str,
    data: Path,
    out: Path | None = None,
    name: str | None = None,
    period: tuple[date | None, date | None] = (None, None),
    force: bool = False,
) -> list[str]:
    """Estimate what a file tells and write it as a model that extends the template.

    Args:
        template: name or file of a model. data: the council's CSV file. out: folder for the new files.
        name: of the new files; None: that of the data file. period: first and last day, for events of people.
        force: replace files that are there.

    Returns:
        What to say on the screen.

    Raises:
        ConfigError, DemandflowError: with sentences for the user. OSError: the disk.
    """
    base = read_template(template)
    name = _name(plain(data.stem) if name is None else name, base)
    folder = Path("results") / f"{name}_calibrated" if out is None else out
    targets = {kind: folder / kind / f"{name}.yaml" for kind in ("models", "demand", "prices", "experiments")}
    _free(folder, [*targets.values(), folder / "calibration.csv"], force)
    given = read_given(data)
    if is_records(given.sheet.columns):
        seen = read_records(given, base, *period)
    else:
        if any(period):
            raise DemandflowError("--from and --to are for events of people. In a form, the column period says it.")
        seen = read_aggregate(given, base)
        seen.said = [*given.said, *seen.said]
    made = make(base, seen, data.name)
    if not any(row.status == CALIBRATED for row in made.rows):
        raise DemandflowError(f"{shown(data)}: tells nothing that {base.model.config.name} asks. Fill in more figures.")
    files = _files(made, name)
    _write(files, made, folder, name)
    return words.on_screen(made, name, folder)


def _name(name: str, base: Template) -> str:
    if not NAME.fullmatch(name) or len(name) > 50:
        what = f"'{short(name)}' cannot be the name of a model."
        raise DemandflowError(
            f"{what} Give one with --name: small letters, digits and underscores, such as our_council."
        )
    if any((SHIPPED / kind / f"{name}.yaml").exists() for kind in ("models", "demand", "prices", "experiments")):
        raise DemandflowError(f"'{name}' is the name of a shipped file. Choose another one with --name.")
    if name in (base.model.config.name, base.demand.config.name):
        raise DemandflowError(f"'{name}' is the name of the template. Choose another one with --name.")
    return name


def _free(folder: Path, targets: list[Path], force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise DemandflowError(f"{shown(folder)} is a file, not a folder. Choose another place with --out.")
    there = [shown(path) for path in targets if path.exists()]
    if there and not force:
        raise DemandflowError(f"{there[0]} is there already. Choose another place with --out, or replace with --force.")


def _files(made: Made, name: str) -> dict[str, dict[str, Any]]:
    """The new files as data, by folder."""
    base, period = made.template, made.seen.period
    title = name.replace("_", " ").capitalize()
    about = f"Calibrated with {made.file}, {period}; what the file does not tell is {base.model.config.title}'s."
    files: dict[str, dict[str, Any]] = {
        "models": {
            "kind": "model", "name": name, "extends": base.model.config.name, "title": f"{title}, calibrated",
            "short_title": title[:40], "reproduces": about, "uses": _uses(base.model, base, name), **made.model,
        },
        "demand": {
            "kind": "demand", "name": name, "extends": base.demand.config.name,
            "title": f"People who contacted {title}, {period}", "short_title": title[:60], "population": name,
            **made.demand,
        },
    }  # fmt: skip
    if base.prices is not None:
        files["prices"] = {
            "kind": "prices", "name": name, "extends": base.prices.config.name,
            "title": f"Packages of {title}, {period}",
            "price_base": f"{period} where calibrated; else {base.prices.config.price_base}"[:300],
            "uses": _uses(base.prices, base, name), **made.prices,
        }  # fmt: skip
    files["experiments"] = {
        "kind": "experiment", "name": name, "title": f"{title}: does its own year come out?",
        "question": f"Do the flows counted in {made.file} come out of the model that was made from them?",
        "seed": 20160919, "follow_up_days": 365,
        "calibration": {
            "start": made.seen.first.replace(day=1), "replications": 40, "runs": [{"model": name, "demand": name}],
        },
        "cannot_say": ["Whether the model foretells another year: what went in comes out, which proves the program."],
    }  # fmt: skip
    return files


def _uses(loaded: Loaded, base: Template, name: str) -> list[str]:
    """The files that a template uses, with the new ones in the place of its contacts and prices."""
    own = {base.demand.ref, *([base.prices.ref] if base.prices is not None else [])}
    return [f"{ref.partition('/')[0]}/{name}" if ref in own else ref for ref in loaded.config.uses]


def _write(files: dict[str, dict[str, Any]], made: Made, folder: Path, name: str) -> None:
    """Write all files, after they have been checked as ``run.py validate`` checks them, or none."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as part:
        root = Path(part)
        _extended(made.template, root)
        _dump(files, root, name)
        _settle(files, made, root, name)
        problems = [item for kind in files for item in problems_of(root / kind / f"{name}.yaml")]
        if problems:
            raise ConfigError(problems)
        (root / "calibration.csv").write_text(_table(made.rows), encoding="utf-8")
        for path in [p for p in sorted(root.rglob("*")) if p.is_file()]:
            target = folder / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)


def _extended(base: Template, root: Path) -> None:
    """A template of the user's own is copied beside the new files, so that these stay whole by themselves."""
    for loaded in (base.model, base.demand, base.prices):
        for path in (loaded.document.path, *loaded.document.ancestors) if loaded is not None else ():
            kind = path.resolve().parent.name
            if not path.resolve().is_relative_to(SHIPPED):
                target = root / kind / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())


def _dump(files: dict[str, dict[str, Any]], root: Path, name: str) -> None:
    for kind, data in files.items():
        target = root / kind / f"{name}.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
        target.write_text(f"# Written by run.py calibrate. No personal data.\n{text}", encoding="utf-8")


def _settle(files: dict[str, dict[str, Any]], made: Made, root: Path, name: str) -> None:
    """Hold what the data do not tell at the template's value; remove parameters that nothing uses any longer."""
    base = made.template
    olds = [loaded for loaded in (base.model, base.demand, base.prices) if loaded is not None]
    news, inputs = _new(files, root, name)
    ours = [files[new.ref.partition("/")[0]].get("parameters", {}) for new in news]
    own = [frozenset(parameters) for parameters in ours]
    for index, parameter, value in moved(olds, base.values, news, Values(inputs), own):
        why = f"{base.model.config.title}'s value: {made.file} does not tell it"
        kept = {"value": value, "status": "assumption", "why": why, "transfer_from": base.model.config.title}
        files[news[index].ref.partition("/")[0]].setdefault("parameters", {})[parameter] = kept
    _dump(files, root, name)
    news, inputs = _new(files, root, name)
    for index, parameter in leftovers(olds, base.values.inputs, news, inputs):
        files[news[index].ref.partition("/")[0]].setdefault("parameters", {})[parameter] = None
    _dump(files, root, name)


def _new(files: dict[str, dict[str, Any]], root: Path, name: str) -> tuple[list[Loaded], Inputs]:
    library = Library()
    news = [library.load(root / kind / f"{name}.yaml") for kind in files if kind != "experiments"]
    inputs = Inputs(library)
    for loaded in news:
        inputs.add(loaded)
    return news, inputs


def _table(rows: list[Row]) -> str:
    """The estimates as CSV; what rests on few people is not written out."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        found = row.estimate
        printed = found is not None and not row.small
        value, low, high = map(_cell, (found.value, found.low, found.high)) if found and printed else ("", "", "")
        count = "" if found is None else "fewer than 5" if row.small else str(row.count)
        method = "" if found is None else found.method
        writer.writerow(
            (row.what, row.title, row.unit, row.status, value, low, high, count, method, _cell(row.template), row.note)
        )
    return out.getvalue()


def _cell(number: float) -> str:
    return f"{number:.10g}" if math.isfinite(number) else ""


__all__ = ["calibrate", "write_form"]
