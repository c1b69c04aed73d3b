"""What can be moved on the page: every input of an experiment that has a range, with its evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.elicit.asked import title_of
from experiments.plan import Prepared
from experiments.uncertainty import Swing
from simulation.inputs import Input, Values
from simulation.library import known_documents
from simulation.schema import Evidence

FIRST = 8
"""Inputs that stand open on the page; the others are folded."""

OFFERED_TO_ALL = 3
"""Inputs that can be moved in public."""

STEPS = 100
"""About as many steps lie between the ends of a range."""


@dataclass(frozen=True)
class Control:
    """One input that can be moved.

    Attributes:
        value: as its file gives it. step: a round number, about a hundredth of the range. source: in words, '' for
        none. why: why it has this value; range_why: why this range. swing: how far the ends of the range move the
        headline, in packages a year; NaN where that is not known.
    """

    key: str
    title: str
    file: str
    value: float
    low: float
    high: float
    step: float
    unit: str
    status: str
    source: str
    why: str
    range_why: str
    swing: float

    @property
    def hover(self) -> str:
        """Its evidence on one line."""
        told = [self.status.capitalize(), self.source, self.why, f"Range: {self.range_why}"]
        return ". ".join(text.rstrip(".") for text in told if text) + "."

    @property
    def meaning(self) -> str:
        """What it is, in the first words that its file has for it."""
        return self.why.partition(";")[0].partition(". ")[0].rstrip(".")

    @property
    def digits(self) -> int:
        """Places after the point that a step moves."""
        return max(0, -math.floor(math.log10(self.step) + 1e-9)) if self.step < 1 else 0

    def said(self, value: float) -> str:
        """A value as it stands beside the control."""
        return f"{value:,.{self.digits}f}".replace("-", "−")


def round_step(low: float, high: float) -> float:
    """1, 2 or 5 times a power of ten, near a hundredth of the way; 1 where there is none."""
    if high <= low:
        return 1.0
    size = (high - low) / STEPS
    power = float(10.0 ** math.floor(math.log10(size)))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= size * (1 - 1e-9))


def controls_of(prepared: Prepared, swings: Mapping[str, Swing]) -> tuple[Control, ...]:
    """Every input with a range: those that move the headline most come first.

    Where that is not known the input of the like-for-like curve does, then those of the models.
    """
    config = prepared.experiment.comparison
    curve = None if config is None or config.like_for_like is None else config.like_for_like.parameter
    values, documents = Values(prepared.inputs), known_documents()
    titles = {key: str(document["title"]) for key, document in documents.items()}
    made = [_control(item, item.evidence, values, titles, swings)
            for item in prepared.inputs.ranged() if item.evidence is not None]  # fmt: skip

    def order(one: Control) -> tuple[float, bool, bool, bool, str]:
        named = math.isnan(one.swing) and one.key == curve
        return -_weight(one.swing), not named, not one.key.startswith("models/"), one.status != "assumption", one.key

    return tuple(sorted(made, key=order))


def _weight(swing: float) -> float:
    return 0.0 if math.isnan(swing) else round(swing, 6)


def _control(
    item: Input,
    evidence: Evidence,
    values: Values,
    titles: Mapping[str, str],
    swings: Mapping[str, Swing],
) -> Control:
    assert evidence.range is not None
    low, high = evidence.range.low, evidence.range.high
    moved, source = swings.get(item.key), evidence.source
    return Control(
        key=item.key,
        title=title_of(item.key),
        file=item.loaded.config.title,
        value=values.of(item.number, item.loaded.ref),
        low=low,
        high=high,
        step=round_step(low, high),
        unit=evidence.unit or "",
        status=evidence.status,
        source=f"{titles.get(source.document, source.document)}, {source.where}" if source is not None else "",
        why=" ".join(filter(None, [evidence.why, evidence.definition])),
        range_why=evidence.range.why,
        swing=math.nan if moved is None else abs(moved.packages[1] - moved.packages[0]),
    )


def open_and_folded(controls: Sequence[Control], public: bool) -> tuple[list[Control], list[Control]]:
    """The controls that stand open on the page, and those that are folded; in public few, and none folded."""
    known = [one for one in controls if _weight(one.swing) > 0]
    first = (known or list(controls))[: OFFERED_TO_ALL if public else FIRST]
    return first, [] if public else [one for one in controls if one not in first]
