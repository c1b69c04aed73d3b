"""What a visitor chose, written as an experiment that ``run.py experiment`` repeats to the last number."""

from __future__ import annotations

from typing import Any

import yaml

from experiments.explore.asked import EXPLORED, Asked
from experiments.explore.world import World

FILE = "explored.yaml"


def experiment_text(world: World, asked: Asked) -> str:
    """The experiment as a file.

    It extends the one explored, supposes the inputs that were moved, closes the share of the gap that was chosen, and
    runs as many pairs as the page shows in the end.
    """
    own = world.prepared.loaded
    pairs = world.pairs
    baseline, model = world.models
    data: dict[str, Any] = {
        "kind": "experiment",
        "name": EXPLORED,
        "extends": own.config.name,
        "title": f"{own.config.title}, as explored",
        "question": own.config.question,
    }
    if asked.state.over:
        mine = f"{own.ref}."
        data["suppose"] = {
            f"experiments/{EXPLORED}.{key.removeprefix(mine)}" if key.startswith(mine) else key: value
            for key, value in asked.state.over
        }
    data["comparison"] = {
        "baseline": baseline,
        "model": model,
        "transfers": [{"name": EXPLORED, "title": world.title(asked.state), "value": asked.share}],
        "headline_transfer": EXPLORED,
        "precision": {"first_look": pairs, "most": pairs},
    }
    if world.config.like_for_like is None:  # the curve of the file extended may be along an input of another model
        data["comparison"]["like_for_like"] = None
    data |= {name: list(getattr(own.config, name)) for name in ("true_only_if", "cannot_say")}
    head = (
        "# Written by run.py explore. Run it with: run.py experiment explored.yaml\n"
        f"# It extends {own.config.name}: unless that one ships with Demandflow, keep this file in its folder.\n"
    )
    return head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=118)
