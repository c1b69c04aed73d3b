"""A world under drawn inputs is the same whatever the process compiled before it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import twentieth

from experiments.transition.plan import Maker


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two records of arrays, numbers and names differ."""
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and np.array_equal(one, other)
        return [] if same else [at]
    if is_dataclass(one):
        names = [field.name for field in fields(one)]
        return [d for name in names for d in differences(getattr(one, name), getattr(other, name), f"{at}.{name}")]
    if isinstance(one, dict):
        assert list(one) == list(other)
        return [d for key in one for d in differences(one[key], other[key], f"{at}[{key}]")]
    if isinstance(one, list | tuple):
        pairs = enumerate(zip(one, other, strict=True))
        return [d for place, (a, b) in pairs for d in differences(a, b, f"{at}[{place}]")]
    return [] if one == other else [at]


def parts(maker: Maker, over: dict[str, float]) -> tuple[Any, ...]:
    """What a world is made of, in arrays and numbers, and the people of one replication."""
    world = maker.world(over)
    settings = world.settings
    people = {growth: made.make(7, 3) for growth, made in world.makers.items()}
    return (
        settings.union.pathway, settings.transfers, settings.moves, world.out, world.value, world.yardstick,
        world.planned_months, people,
    )  # fmt: skip


def test_a_world_after_others_is_a_fresh_one_array_for_array(tmp_path: Path) -> None:
    path = twentieth.written(tmp_path)
    used = Maker.read(path)
    overs = [used.inputs.drawn(5, draw) for draw in range(2)]
    first = [parts(used, over) for over in overs]
    assert differences(*first), "other draws are another world"
    assert differences(parts(used, overs[0]), first[0]) == []
    assert differences(parts(Maker.read(path), overs[1]), first[1]) == []
