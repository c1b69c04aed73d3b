"""Flow pictures from what people met, where a run counts that and no branches: the documents' own boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from experiments import theme
from experiments.charts import Box, flow_outline, flow_picture
from experiments.report.pieces import Chart
from experiments.report.words import Phrase

ROOT, WITHOUT = "contacts", "referred_without_assessment"
TITLES = {
    "resolved_at_first_contact": "Answered at first contact, with no referral on",
    "referred_on": "Referred on from first contact",
    WITHOUT: "Seen or referred, without a full assessment",
    "full_assessment": "Full assessment",
    "no_council_funding": "No Council-funded services",
    "funded_package": "Council-funded package",
}
LEADS = {
    ROOT: ("resolved_at_first_contact", "referred_on"),
    "referred_on": (WITHOUT, "full_assessment"),
    "full_assessment": ("no_council_funding", "funded_package"),
}
"""Which box leads to which."""

Colours = tuple[str, str]
CURRENT: Colours = (theme.TODAY, theme.TINT_TODAY)
NEXT: Colours = (theme.PROPOSED, theme.TINT_PROPOSED)

Lines = Callable[[str, float], tuple[str, ...]]
"""What stands in a box, from its measure and the number of people in the box that leads to it."""


def whole(met: Mapping[str, float]) -> dict[str, float] | None:
    """How many people are in each box; None where the counts do not make a picture.

    ``met``: how often people met each measure of ``TITLES``; those seen without a full assessment may be left out.
    """
    need = [name for name in TITLES if name != WITHOUT]
    if any(name not in met for name in need):
        return None
    sizes = {name: met[name] for name in need}
    sizes[WITHOUT] = met.get(WITHOUT, met["referred_on"] - met["full_assessment"])
    sizes[ROOT] = met["resolved_at_first_contact"] + met["referred_on"]
    return sizes if sizes[ROOT] > 0 and min(sizes.values()) >= 0 else None


def boxes(sizes: Mapping[str, float], root: tuple[str, tuple[str, ...]], lines: Lines) -> list[Box]:
    """The boxes of a picture. ``root``: title and figures of all contacts."""
    made = [Box(ROOT, root[0], root[1])]
    for parent, children in LEADS.items():
        for name in children:
            share = {parent: sizes[name] / sizes[ROOT]}
            made.append(
                Box(name, TITLES[name], lines(name, sizes[parent]), share, name not in LEADS, name == "funded_package")
            )
    return made


def counted(sizes: Mapping[str, float], more: Mapping[str, tuple[str, ...]] | None = None) -> Lines:
    """Figures as the documents have them: a number and its share of the box before, and what else is said."""

    def lines(name: str, of: float) -> tuple[str, ...]:
        share = f" ({sizes[name] / of:.0%})" if of > 0 else ""
        return (f"{sizes[name]:,.0f}{share}", *(more or {}).get(name, ()))

    return lines


def both_forms(name: str, title: Phrase | str, drawn: list[Box], colours: Colours, alt: str) -> list[Chart]:
    """The picture for wide screens and the one for phones."""
    return [
        Chart(f"{name}_{only}", draw(drawn, *colours, alt), alt, title, only)
        for only, draw in (("wide", flow_picture), ("narrow", flow_outline))
    ]


def spoken(drawn: list[Box]) -> str:
    """The boxes in words."""
    return "; ".join(f"{box.title}: {', '.join(box.figures)}" for box in drawn)
