"""Inputs moved a group at a time (Morris's screen by groups; Campolongo and others 2007): where to look one by one.

A group whose inputs move together and change nothing holds no input that matters at those points; so a large experiment
is searched with as many points as it has groups, and not as it has inputs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from experiments.report.words import humanised
from experiments.sensitivity import screen
from experiments.sensitivity.study import Floats, Study
from simulation.inputs import Input

METHOD = "Morris elementary effects of groups of inputs over the middle 95% of each range; 95% by bootstrap over ways"


@dataclass(frozen=True)
class Group:
    """Inputs that are moved together. ``members``: their places among the study's inputs."""

    title: str
    members: tuple[int, ...]


def groups_of(inputs: Sequence[Input], most: int) -> list[Group]:
    """Inputs of a file, a few neighbours at a time: as few to a group as give no more groups than ``most``.

    There is at least one group for each file.
    """
    files = [list(those) for _, those in groupby(range(len(inputs)), key=lambda n: inputs[n].loaded.ref)]
    size = next((s for s in range(1, len(inputs) + 1) if sum(-(-len(f) // s) for f in files) <= most), len(inputs))
    found = []
    for places in files:
        parts = [part.tolist() for part in np.array_split(np.array(places), -(-len(places) // size))]
        folder, _, name = inputs[places[0]].loaded.ref.rpartition("/")
        title = f"{humanised(name)} ({folder})"
        for number, part in enumerate(parts, 1):
            found.append(Group(title if len(parts) == 1 else f"{title}, {number} of {len(parts)}", tuple(part)))
    return found


def ways(groups: Sequence[Group], count: int, trajectories: int, seed: int) -> Floats:
    """Points of the unit cube: shape (trajectories, groups + 1, count); neighbours differ in one group's inputs."""
    from SALib.sample import morris

    owner = {place: number for number, group in enumerate(groups) for place in group.members}
    problem: dict[str, Any] = {
        "num_vars": count,
        "names": [str(n) for n in range(count)],
        "bounds": [[0.0, 1.0]] * count,
        "groups": [str(owner[n]) for n in range(count)],
    }
    points = morris.sample(problem, trajectories, num_levels=screen.LEVELS, seed=seed + 1)
    return np.asarray(points, dtype=np.float64).reshape(trajectories, len(groups) + 1, count)


def effects(points: Floats, groups: Sequence[Group], outcomes: Sequence[float | None]) -> Floats:
    """Sizes of elementary effects: shape (trajectories, groups); NaN where either end of a step is contradictory.

    A group's inputs go up or down each on its own, so an effect has a size and no direction.

    Args:
        points: as of ``ways``. outcomes: one a point, way after way; None where inputs contradict each other.
    """
    values = np.array([math.nan if one is None else one for one in outcomes], dtype=np.float64)
    steps = np.abs(np.diff(points, axis=1))
    firsts = [group.members[0] for group in groups]
    moved = steps[:, :, firsts].argmax(axis=2)
    sizes = np.abs(np.diff(values.reshape(points.shape[:2]), axis=1)) / steps.max(axis=2)
    found = np.empty(moved.shape)
    np.put_along_axis(found, moved, sizes, axis=1)
    return found


def group_table(study: Study, groups: Sequence[Group], trajectories: int, most: int) -> tuple[pd.DataFrame, list[int]]:
    """The screen of groups, and the inputs to look at one by one: those of the leading groups.

    Args:
        most: inputs to look at. Groups are taken in the order of the best of their measures until the next would be
            too many; those that move nothing are not taken.

    Columns: measure, unit, group, inputs (how many), members (their keys), mu_star, mu_star_low, mu_star_high, effects,
    contradictory_effects, looked_into. Sorted by measure and mu_star.
    """
    points = ways(groups, len(study.inputs), trajectories, study.seed)
    flat = screen.reached(points).reshape(-1, len(study.inputs))
    lived = study.means([study.over(row) for row in flat])
    screened = []
    for m, name in enumerate(study.names):
        sizes = effects(points, groups, [None if one is None else float(one[m]) for one in lived])
        screened.append(screen.screened(sizes, study.seed, f"{name}, groups"))
    taken: list[int] = []
    room = most
    for place in screen.leading([np.array([row["mu_star"] for row in mine]) for mine in screened], len(groups)):
        if len(groups[place].members) > room and taken:
            break
        taken.append(place)
        room -= len(groups[place].members)
    rows = []
    for name, mine in zip(study.names, screened, strict=True):
        made = [
            {
                "measure": name,
                "unit": study.measure(name).unit,
                "group": group.title,
                "inputs": len(group.members),
                "members": " ".join(study.inputs[n].key for n in group.members),
                **{key: row[key] for key in ("mu_star", "mu_star_low", "mu_star_high", "effects")},
                "contradictory_effects": row["contradictory_effects"],
                "looked_into": place in taken,
            }
            for place, (group, row) in enumerate(zip(groups, mine, strict=True))
        ]
        rows += sorted(made, key=lambda row: -np.nan_to_num(float(str(row["mu_star"])), nan=-1.0))
    return pd.DataFrame(rows), sorted(n for place in taken for n in groups[place].members)
