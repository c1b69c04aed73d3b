"""Text in charts: Plotly does not break lines, so they are broken here."""

from __future__ import annotations

import html
import textwrap
from typing import Any

from experiments import theme


def wrapped(text: str, pixels: float, size: int = theme.SMALLEST) -> list[str]:
    """Lines of a text that fit a width in pixels; long words break at their hyphens."""
    most = max(8, int(pixels / (size * theme.WIDE_CHARACTER)))
    return textwrap.wrap(text, most, break_long_words=True) or [""]


def safe(text: str) -> str:
    """A text as Plotly shows it literally."""
    return html.escape(text, quote=False)


def note(x: float, y: float, text: str, **more: Any) -> dict[str, Any]:
    """A text at a place in data coordinates, left-aligned unless told otherwise. ``text`` may hold Plotly's tags."""
    base: dict[str, Any] = {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "middle",
        "align": "left",
        "font": {"family": theme.FONT, "size": theme.SMALLEST, "color": theme.INK},
    }
    return base | more
