"""Flow pictures drawn as the documents draw them: boxes joined by branches, a number and a share in each.

Two forms of the same boxes: ``flow_picture`` side by side in columns, for paper and wide screens; ``flow_outline`` one
under the other, for phones. Lines are as thick as the share of all contacts that goes along them, at the same scale in
every picture, so that two councils can be held against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from experiments import theme
from experiments.charts.canvas import canvas
from experiments.charts.text import note, safe, wrapped

LINE = 21.0
PAD = 9.0
GAP = 46.0
DESIGN_WIDTH = 500.0
DESIGN_NARROW = 288.0
THICKEST = 40.0
"""Width in pixels of a line that carries every contact."""


@dataclass(frozen=True)
class Box:
    """A box of a flow picture.

    Attributes:
        title: words. figures: lines under the title; the first is set bold. parents: boxes that lead here, by key, to
        the share of all contacts that comes from each. ends: whether the picture stops here. main: the box to look for.
    """

    key: str
    title: str
    figures: tuple[str, ...]
    parents: Mapping[str, float] = field(default_factory=dict)
    ends: bool = False
    main: bool = False


def levels(boxes: Sequence[Box]) -> dict[str, int]:
    """The row of each box: one below the lowest of its parents. Boxes come after their parents."""
    result: dict[str, int] = {}
    for box in boxes:
        result[box.key] = 1 + max((result[parent] for parent in box.parents), default=-1)
    return result


def columns(boxes: Sequence[Box]) -> dict[str, tuple[int, int, int]]:
    """Row, place in the row and number of places in the row of each box; lines that pass a row keep a place in it."""
    level = levels(boxes)
    rows: list[list[tuple[str, bool]]] = [[] for _ in range(max(level.values()) + 1)]
    for box in boxes:
        rows[level[box.key]].append((box.key, True))
        for parent in box.parents:
            for passed in range(level[parent] + 1, level[box.key]):
                if (parent, False) not in rows[passed]:
                    rows[passed].append((parent, False))
    index = {box.key: i for i, box in enumerate(boxes)}
    centre: dict[str, float] = {}
    result: dict[str, tuple[int, int, int]] = {}

    def order(item: tuple[str, bool]) -> tuple[float, bool, int]:
        """Under their parents; at one place those that leave come first; lines that pass a row go to the right."""
        key, real = item
        box = boxes[index[key]]
        under = [centre[parent] for parent in box.parents]
        place = round(sum(under) / len(under), 3) if real and under else 1.0
        return (place, not (real and box.ends), index[key])

    for number, row in enumerate(rows):
        for place, (key, real) in enumerate(sorted(row, key=order)):
            centre[key] = (place + 0.5) / len(row)
            if real:
                result[key] = (number, place, len(row))
    return result


def _lines_of(box: Box, pixels: float) -> list[str]:
    words = [safe(line) for line in wrapped(box.title, pixels - 2 * PAD)]
    if not box.figures:
        return words
    first, *others = [wrapped(figure, pixels - 2 * PAD) for figure in box.figures]
    return [*words, *(f"<b>{safe(part)}</b>" for part in first), *(safe(part) for other in others for part in other)]


def _rectangle(figure: go.Figure, x0: float, x1: float, y0: float, y1: float, fill: str, edge: str) -> None:
    figure.add_shape(
        type="rect", x0=x0, x1=x1, y0=y0, y1=y1, fillcolor=fill, line={"color": edge, "width": 2}, layer="above"
    )


def _thickness(share: float) -> float:
    return max(1.5, THICKEST * share)


def flow_picture(boxes: Sequence[Box], colour: str, tint: str, description: str) -> go.Figure:
    """Boxes in rows and columns, as in the documents. Boxes must come after their parents."""
    places = columns(boxes)
    width = {
        key: min(0.47, 1 / size - 0.03) * DESIGN_WIDTH if size > 1 else 0.6 * DESIGN_WIDTH
        for key, (_, _, size) in places.items()
    }
    lines = {box.key: _lines_of(box, width[box.key]) for box in boxes}
    tall = {key: LINE * len(text) + 2 * PAD for key, text in lines.items()}
    rows = max(row for row, _, _ in places.values()) + 1
    depth = [max(tall[key] for key, (row, _, _) in places.items() if row == r) for r in range(rows)]
    top = [sum(depth[:r]) + GAP * r + 2 for r in range(rows)]
    figure = canvas(top[-1] + depth[-1] + 2, DESIGN_WIDTH, description)
    centre = {key: (place + 0.5) / size * DESIGN_WIDTH for key, (_, place, size) in places.items()}
    for box in boxes:
        y1 = top[places[box.key][0]]
        for parent, share in box.parents.items():
            y0 = top[places[parent][0]] + tall[parent]
            x0, x1 = centre[parent], centre[box.key]
            straight = places[box.key][0] - places[parent][0] > 1
            bend = y0 + GAP * 0.6 if straight else (y0 + y1) / 2
            path = f"M {x0},{y0 - 3} C {x0},{bend} {x1},{bend if not straight else y1 - GAP} {x1},{y1 + 3}"
            figure.add_shape(type="path", path=path, line={"color": tint, "width": _thickness(share)}, layer="below")
    for box in boxes:
        x0, x1 = centre[box.key] - width[box.key] / 2, centre[box.key] + width[box.key] / 2
        y0 = top[places[box.key][0]]
        _rectangle(figure, x0, x1, y0, y0 + tall[box.key], tint if box.main else theme.WHITE, colour)
        figure.add_annotation(
            note(centre[box.key], y0 + tall[box.key] / 2, "<br>".join(lines[box.key]), xanchor="center", align="center")
        )
    return figure


def flow_outline(boxes: Sequence[Box], colour: str, tint: str, description: str) -> go.Figure:
    """The same boxes one under the other, set in by their row, for narrow screens."""
    level = levels(boxes)
    indent = min(18.0, 60.0 / max(1, max(level.values())))
    lines = {box.key: _lines_of(box, DESIGN_NARROW - indent * level[box.key] - 18) for box in boxes}
    at, top, tall = 2.0, {}, {}
    for box in boxes:
        top[box.key], tall[box.key] = at, LINE * len(lines[box.key]) + 2 * PAD
        at += tall[box.key] + 14
    figure = canvas(at - 12, DESIGN_NARROW, description)
    left = {box.key: 2 + (indent + 4) * level[box.key] for box in boxes}
    for box in boxes:
        middle = top[box.key] + tall[box.key] / 2
        for parent, share in box.parents.items():
            x = left[parent] + 9
            figure.add_shape(
                type="path",
                path=f"M {x},{top[parent] + tall[parent] - 2} L {x},{middle} L {left[box.key] + 2},{middle}",
                line={"color": tint, "width": min(14.0, _thickness(share))},
                layer="below",
            )
    for box in boxes:
        _rectangle(
            figure,
            left[box.key],
            DESIGN_NARROW - 2,
            top[box.key],
            top[box.key] + tall[box.key],
            tint if box.main else theme.WHITE,
            colour,
        )
        figure.add_annotation(note(left[box.key] + PAD, top[box.key] + tall[box.key] / 2, "<br>".join(lines[box.key])))
    return figure
