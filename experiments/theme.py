"""The one place for colours, type and sizes, shared by the report, its charts and the diagram."""

from __future__ import annotations

from typing import Any

TODAY = "#12436D"
PROPOSED = "#F46A25"
THIRD = "#28A197"
FOURTH = "#801650"
"""The four colours of lines and areas. PROPOSED and THIRD are about 3:1 on white: never for text."""

INK = "#0B0C0C"
QUIET = "#505A5F"
"""Text that steps back, and figures too uncertain to lean on: 7:1 on white."""
GREY = "#767D81"
PALE = "#F3F4F5"
WHITE = "#FFFFFF"

TINT_TODAY = "#C7D3DF"
TINT_PROPOSED = "#FBD5C3"
"""Pale forms of the two main colours, for areas that carry dark text."""

UNSURE = "#C9CDD0"
"""Bars of figures too uncertain to lean on."""
SILVER, ASH = "#DDE0E2", "#A9B0B5"
"""Outcomes that are not the point."""
DEPTHS = (WHITE, "#E3E9EF", TINT_TODAY, "#8EA5BC", "#4F7397", TODAY)
"""From nothing to the most, for squares whose figures are written in them."""

FONT = '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
BODY = 18
SMALLEST = 16
"""No text is smaller than this, in pixels, charts included."""

WIDE_CHARACTER = 0.62
"""Width of a mean character as a share of its size, in the widest common system typeface: texts in charts are broken
for that one, so that they fit in all."""


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(background: str) -> str:
    """Black or white, whichever reads better on a colour."""
    return INK if contrast(INK, background) >= contrast(WHITE, background) else WHITE


def layout(**more: Any) -> dict[str, Any]:
    """The layout every chart starts from."""
    base: dict[str, Any] = {
        "template": None,
        "font": {"family": FONT, "size": SMALLEST, "color": INK},
        "paper_bgcolor": WHITE,
        "plot_bgcolor": WHITE,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FONT, "size": SMALLEST}},
        "autosize": True,
    }
    return base | more


def title(lines: list[str]) -> dict[str, Any]:
    """An axis title; Plotly would set it larger than the rest."""
    return {"text": "<br>".join(lines), "standoff": 14, "font": {"family": FONT, "size": SMALLEST, "color": INK}}


def axis(**more: Any) -> dict[str, Any]:
    """A plain axis: thin rules, no zoom, margins as given."""
    base: dict[str, Any] = {
        "fixedrange": True,
        "showgrid": True,
        "gridcolor": "#E3E5E6",
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"family": FONT, "size": SMALLEST, "color": INK},
        "automargin": False,
    }
    return base | more
