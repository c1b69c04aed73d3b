"""Text in charts: Plotly does not break lines, so they are broken here."""

from __future__ import annotations

import html
import math
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


def ticks(low: float, high: float, prefix: str = "", most: int = 5) -> dict[str, Any]:
    """Round ticks between two ends, written as people say them: '1,000', '£2m', '£500k'."""
    width = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(width / most))
    step = next(s * power for s in (1, 2, 5, 10) if width / (s * power) <= most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [i * step for i in range(first, last + 1)]
    unit, letter = (1.0, "")
    if prefix and max(map(abs, (low, high))) >= 1e6:
        unit, letter = 1e6, "m"
    elif prefix and max(map(abs, (low, high))) >= 1e4:
        unit, letter = 1e3, "k"

    def said(value: float) -> str:
        if abs(value) < step / 2:
            return f"{prefix}0"
        digits = max(0, -math.floor(math.log10(step / unit) + 1e-9))
        return f"{'−' if value < 0 else ''}{prefix}{abs(value) / unit:,.{digits}f}{letter}"

    return {"tickmode": "array", "tickvals": values, "ticktext": [said(value) for value in values]}


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
