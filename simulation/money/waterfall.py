"""From today's budget to target spend in steps that add up to the penny, with the interaction shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.money.columns import Ints, pence

if TYPE_CHECKING:
    import pandas as pd

STEPS = {
    "budget": "Today's budget",
    "today": "Today's model in that year, without growth",
    "growth": "Growth",
    "change": "Change at today's demand",
    "interaction": "Change and growth together (interaction)",
    "freed": "Capacity freed and still paid for",
    "costs": "Costs of change",
    "prices": "Rise in prices",
    "target": "Target spend",
}


@dataclass(frozen=True)
class Step:
    """One bar: what it adds in whole pence (of the first and the last: the whole), and the level after it."""

    name: str
    title: str
    pence: int
    level: int


@dataclass(frozen=True)
class Levels:
    """What the steps are made of, in pence-days; each a whole number for one year, payer and group.

    Attributes:
        budget: today's. today, growth: today's model in that year without and with growth. change, target: the changed
            model without and with growth. freed: capacity freed and still paid for. costs: of change. prices: how much
            dearer the spend is at the year's prices, 0 in the view at constant prices.
    """

    budget: int
    today: int
    growth: int
    change: int
    target: int
    freed: int = 0
    costs: int = 0
    prices: int = 0


def waterfall(of: Levels) -> tuple[Step, ...]:
    """The steps in order. Each level is rounded to the penny once and each step is the difference of two of them.

    So the steps add up exactly; a step may differ by a penny from its own rounded value.
    """
    added = {
        "budget": of.budget,
        "today": of.today - of.budget,
        "growth": of.growth - of.today,
        "change": of.change - of.today,
        "interaction": (of.target - of.growth) - (of.change - of.today),
        "freed": of.freed,
        "costs": of.costs,
        "prices": of.prices,
    }
    levels: Ints = pence(np.cumsum(np.array(list(added.values()), dtype=np.int64)))
    before, steps = 0, []
    for name, level in zip(added, levels.tolist(), strict=True):
        steps.append(Step(name, STEPS[name], level - before, level))
        before = level
    return (*steps, Step("target", STEPS["target"], before, before))


def waterfall_frame(steps: tuple[Step, ...]) -> pd.DataFrame:
    """Columns: step, title, pounds, level."""
    import pandas as pd  # a quarter of a second that only readers of tables wait for

    rows = [(step.name, step.title, step.pence / 100, step.level / 100) for step in steps]
    return pd.DataFrame(rows, columns=["step", "title", "pounds", "level"])
