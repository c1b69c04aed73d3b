"""A decision's shares counted, and its branches written anew."""

from __future__ import annotations

from typing import Any

from experiments.calibrate.estimates import share
from experiments.calibrate.made import CALIBRATED, Data, Made, Row, part_of
from experiments.calibrate.template import Cell, Question
from experiments.small_counts import FEWEST


def count_decision(made: Made, question: Question, taken: set[str]) -> None:
    template, seen = made.template, made.seen
    pooled = seen.count(question, ()) if () in seen.cells_of(question) else {}
    told: dict[Cell, dict[str, int]] = {}
    for cell in question.cells:
        counts = pooled or seen.count(question, cell)
        # In events of people a branch that nobody took has no rows; in totals it has to be given.
        complete = seen.by_person or len(counts) == len(question.branches)
        if complete and any(counts.values()):
            told[cell] = {branch.name: counts.get(branch.name, 0) for branch in question.branches}
    for cell in question.cells:
        who = ", ".join(template.title_of(name, value) for name, value in zip(question.by, cell, strict=True))
        small = any(0 < number < FEWEST for number in told.get(cell, {}).values())
        for branch in question.branches:
            what = "/".join((question.name, branch.name, *cell))
            title = f"{question.title}: {branch.title or branch.name}{f' ({who})' if who else ''}"
            own = template.share(question, cell, branch.name)
            if cell not in told:
                made.kept(what, title, "share", own, "the file does not tell, or nobody came here")
                continue
            count, total = told[cell][branch.name], sum(told[cell].values())
            note = "counted over everybody" if pooled and cell else ""
            made.rows.append(Row(what, title, "share", CALIBRATED, share(count, total), own, note, count, small))
    if told:
        _branches(made, question, told, bool(pooled), taken)


def _branches(made: Made, question: Question, told: dict[Cell, dict[str, int]], pooled: bool, taken: set[str]) -> None:
    """The branches of a decision written anew, each share a parameter of those whom the earlier branches left."""
    raw = made.template.model.document.data["stages"][question.name]["branches"]
    written: dict[Cell, dict[str, str]] = {}
    for cell in [next(iter(told))] if pooled else told:
        left, before = sum(told[cell].values()), ""
        for branch in question.branches:
            if branch.name == question.rest:
                continue
            words = (question.name, branch.name, *(() if pooled else cell))
            name = _free("_".join(words), taken)
            count = told[cell][branch.name]
            who = f"{question.title}: {branch.title or branch.name}"
            if cell and not pooled:
                who += f" ({', '.join(made.template.title_of(a, v) for a, v in zip(question.by, cell, strict=True))})"
            part = part_of(made, count, left, who, bool(before))
            if count == 0 and made.template.share(question, cell, branch.name) == 0:
                part.pop("range", None)  # the template sends nobody there, and nobody went
            made.model.setdefault("parameters", {})[name] = part
            written.setdefault(() if pooled else cell, {})[branch.name] = f"{before}{name}"
            before = f"{before}(1 - {name}) * "
            left -= count
    branches = []
    for old, branch in zip(raw, question.branches, strict=True):
        new = {key: value for key, value in old.items() if key not in ("probability", "published")}
        if branch.name == question.rest:
            new["probability"] = "rest"
        elif () in written:
            new["probability"] = written[()][branch.name]
        else:
            values = _values(question, written, branch.name, old["probability"])
            new["probability"] = {"by": list(question.by), "values": values}
        branches.append(new)
    made.model.setdefault("stages", {})[question.name] = {"branches": branches}


def _values(question: Question, written: dict[Cell, dict[str, str]], branch: str, old: Any) -> Data:
    values: Data = {}
    for cell in question.cells:
        number = written[cell][branch] if cell in written else _old(old, cell)
        inside = values
        for step in cell[:-1]:
            inside = inside.setdefault(step, {})
        inside[cell[-1]] = number
    return values


def _old(number: Any, cell: Cell) -> Any:
    inside = number["values"] if isinstance(number, dict) and "by" in number else number
    for step in cell:
        inside = inside[step] if isinstance(inside, dict) and step in inside else inside
    return inside


def _free(name: str, taken: set[str]) -> str:
    short, number = name[:56], 1
    while short in taken:
        number += 1
        short = f"{name[:56]}_{number}"
    taken.add(short)
    return short
