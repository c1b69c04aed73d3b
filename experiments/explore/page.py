"""The page as text: its controls are made from the inputs of a comparison, everything else comes while one looks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from experiments import theme
from experiments.explore.controls import open_and_folded
from experiments.explore.guard import policy, sha256
from experiments.explore.state import State
from experiments.explore.view import TEMPLATES
from experiments.explore.world import World
from experiments.explore.worlds import Worlds
from experiments.report.render import HERE, environment
from experiments.report.words import Number, percent

REGIONS = (
    ("answer", "What is the answer?"),
    ("money", "How much money?"),
    ("care", "What happens over time?"),
    ("groups", "Which groups would the savings come from?"),
    ("people", "What would happen to people who make contact?"),
    ("waits", "How long would people wait?"),
    ("ledger", "Where would the need go?"),
    ("flow", "How do people flow?"),
)
"""What the page shows, in a reader's order."""


@dataclass(frozen=True)
class Scripts:
    """What runs in the browser, and under which policy."""

    @cached_property
    def plotly(self) -> str:
        """What draws charts."""
        return str(get_plotlyjs())

    @cached_property
    def own(self) -> str:
        """What asks and shows."""
        return (TEMPLATES / "explore.js").read_text(encoding="utf-8")

    @cached_property
    def style(self) -> str:
        """How the page looks: as the report, and the controls."""
        report = (HERE / "style.css").read_text(encoding="utf-8").replace("%FONT%", theme.FONT)
        return report + (TEMPLATES / "explore.css").read_text(encoding="utf-8")

    @cached_property
    def plotly_hash(self) -> str:
        """Of what draws charts."""
        return sha256(self.plotly)

    @cached_property
    def address(self) -> str:
        """Where browsers fetch what draws charts; another version has another."""
        mark = "".join(letter for letter in self.plotly_hash if letter.isalnum())[6:22]
        return f"/plotly-{mark}.js"

    @cached_property
    def policy(self) -> str:
        """The content security policy of the page."""
        return policy([self.plotly, self.own])


def page_text(worlds: Worlds, world: World, state: State, share: float, scripts: Scripts, results: str) -> str:
    """The page of a state.

    Args:
        share: of the gap, that the state closes. results: first page of finished results beside it; '' for none.
    """
    public = world.choices.presets_only
    over = dict(state.over)
    first, others = open_and_folded(world.controls, public)
    template = environment(TEMPLATES).get_template("explore.html")
    text = template.render(
        title=world.prepared.experiment.title,
        question=world.prepared.experiment.question,
        style=Markup(scripts.style),
        scripts=[],
        also=[],
        public=public,
        models=worlds.titles,
        state=state,
        share=share,
        usual=world.config.headline_transfer,
        transfers=[(name, one.title, world.shares[name]) for name, one in world.transfers.items()],
        percent_of=lambda value: percent(Number(value, "")).text,
        values={one.key: over.get(one.key, one.value) for one in world.controls},
        first=first,
        others=others,
        ranked=any(not math.isnan(one.swing) for one in world.controls),
        regions=REGIONS,
        plotly=scripts.address,
        plotly_hash=scripts.plotly_hash,
        results=results,
    )
    return text.replace("SCRIPT-GOES-HERE", scripts.own)
