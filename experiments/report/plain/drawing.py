"""Simple pictures as SVG that stands in the page: each has words that say what it shows."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from experiments import theme
from experiments.report.plain.facts import brief

WIDE = 280
"""Width of a picture in pixels, so that its texts keep their size on a phone."""

SIZE = 18
"""Of a text in a picture, in pixels: the least in easy reading."""

ICONS = {
    "computer": '<rect x="30" y="20" width="100" height="66" rx="6" class="line"/>'
    '<path d="M62 104h36M80 86v18M44 40h50M44 54h66M44 68h34" class="line"/>',
    "question": '<circle cx="80" cy="62" r="46" class="line"/>'
    '<path d="M64 50c0-24 34-22 32-2c-1 12-16 12-16 26M80 86v2" class="line"/>',
    "list": '<path d="M34 34l8 8l14-16M70 34h60M34 66l8 8l14-16M70 66h60M34 98l8 8l14-16M70 98h60" class="line"/>',
    "book": '<path d="M80 30c-14-10-36-10-52-6v74c16-4 38-4 52 6c14-10 36-10 52-6V24c-16-4-38-4-52 6zM80 30v74" '
    'class="line"/>',
    "pound": '<circle cx="80" cy="62" r="46" class="line"/>'
    '<text x="80" y="82" font-size="56" text-anchor="middle">£</text>',
    "house": '<path d="M30 66l50-42l50 42M42 58v46h76V58M70 104V78h20v26" class="line"/>',
}


def _svg(width: int, height: int, alt: str, inside: Markup) -> Markup:
    return Markup(
        '<svg role="img" aria-label="{alt}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        "{inside}</svg>"
    ).format(alt=alt, width=width, height=height, inside=inside)


def icon(name: str, alt: str) -> Markup:
    """A sign. ``name``: one of ``ICONS``."""
    return _svg(160, 124, alt, Markup(ICONS[name]))


def hundred(dark: int, alt: str) -> Markup:
    """A hundred people in ten rows, the first of them dark and with a ring. ``dark``: how many."""
    step, figures = WIDE // 10, []
    for place in range(100):
        row, column = divmod(place, 10)
        kind = "dark" if place < dark else "pale"
        figures.append(Markup('<use href="#person" x="{}" y="{}" class="{}"/>').format(column * step, row * 34, kind))
    return _svg(WIDE, 340, alt, Markup("").join(figures))


def range_line(low: str, high: str, at: float, alt: str) -> Markup:
    """A line between two ends with a mark. ``at``: where on it, 0 to 1."""
    left, right = 20, WIDE - 20
    mark = left + min(1.0, max(0.0, at)) * (right - left)
    return _svg(
        WIDE,
        90,
        alt,
        Markup(
            '<path d="M{left} 24v24M{left} 36H{right}M{right} 24v24" class="line"/>'
            '<circle cx="{mark:.0f}" cy="36" r="11" fill="{colour}"/>'
            '<text x="0" y="78" font-size="{size}">{low}</text>'
            '<text x="{wide}" y="78" font-size="{size}" text-anchor="end">{high}</text>'
        ).format(left=left, right=right, mark=mark, colour=theme.TODAY, size=SIZE, wide=WIDE, low=low, high=high),
    )


def bars(found: Sequence[tuple[str, float, str]], alt: str) -> Markup:
    """Bars from the same start, longest as wide as the picture. ``found``: words, size and colour."""
    most = max((size for _, size, _ in found), default=0.0) or 1.0
    drawn = [
        Markup(
            '<text x="0" y="{text}" font-size="{size}">{words}</text>'
            '<rect x="0" y="{top}" width="{width:.0f}" height="30" fill="{colour}"/>'
        ).format(
            text=row * 76 + 20, top=row * 76 + 30, size=SIZE, words=brief(words, 6), colour=colour,
            width=max(2.0, WIDE * max(0.0, size) / most),
        )
        for row, (words, size, colour) in enumerate(found)
    ]  # fmt: skip
    return _svg(WIDE, 76 * len(found), alt, Markup("").join(drawn))
