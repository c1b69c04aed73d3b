"""A picture of any pathway: stages in layers from top to bottom, with the ways between them.

Layers follow the longest way from an arrival. Ways that lead back (loops) are found first and drawn dashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import plotly.graph_objects as go

from experiments import theme
from experiments.charts.text import note, safe, wrapped

BOX = 190.0
SPACE = 226.0
BEND = 40.0
LINE = 21.0
PAD = 9.0
GAP = 92.0
SWEEPS = 24


@dataclass(frozen=True)
class Stop:
    """A stage of the picture: its title, what kind of stage it is, and its colours."""

    key: str
    title: str
    kind: str
    fill: str = theme.WHITE
    edge: str = theme.TODAY


@dataclass(frozen=True)
class Way:
    """A way from one stage to the next, with what stands on it."""

    start: str
    end: str
    label: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Layer and horizontal place of each stage; points that long ways pass through; and the ways that lead back."""

    layer: dict[str, int]
    place: dict[str, float]
    passed: dict[tuple[str, str], list[float]]
    back: set[tuple[str, str]]


def back_ways(stops: Sequence[str], ways: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Ways that lead to a stage from which they can be reached: without them no loop is left."""
    after: dict[str, list[str]] = {stop: [] for stop in stops}
    for start, end in ways:
        after[start].append(end)
    found: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in stops:
        if root in done:
            continue
        open_, trail = {root}, [(root, iter(after[root]))]
        while trail:
            stop, rest = trail[-1]
            for end in rest:
                if end in open_:
                    found.add((stop, end))
                elif end not in done:
                    open_.add(end)
                    trail.append((end, iter(after[end])))
                    break
            else:
                trail.pop()
                open_.discard(stop)
                done.add(stop)
    return found


def arrange(stops: Sequence[str], ways: Sequence[tuple[str, str]]) -> Layout:
    """Layers by longest way; places so that ways run short and straight."""
    back = back_ways(stops, ways)
    forward = list(dict.fromkeys(way for way in ways if way not in back))
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(stops)
    network.add_edges_from(forward)
    layer: dict[str, int] = {}
    for stop in nx.topological_sort(network):
        layer[stop] = 1 + max((layer[before] for before in network.predecessors(stop)), default=-1)
    rows: list[list[str]] = [[] for _ in range(max(layer.values()) + 1)]
    for stop in stops:
        rows[layer[stop]].append(stop)
    near: dict[str, list[str]] = {stop: [] for stop in stops}
    chains: dict[tuple[str, str], list[str]] = {}
    for start, end in forward:
        chain = [f"{start} > {end} @ {row}" for row in range(layer[start] + 1, layer[end])]
        chains[start, end] = chain
        for number, point in enumerate(chain, layer[start] + 1):
            rows[number].append(point)
            near[point] = []
        for one, two in zip([start, *chain], [*chain, end], strict=True):
            near[one].append(two)
            near[two].append(one)
    room = {point: SPACE if point in layer else BEND for point in near}
    place = {point: float(i) * SPACE for row in rows for i, point in enumerate(row)}
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wish = {p: sum(place[q] for q in near[p]) / len(near[p]) if near[p] else place[p] for p in row}
            row.sort(key=lambda p: round(wish[p]))  # stable: equals keep their order
            _settle(row, wish, room, place)
    least = min(place.values())
    return Layout(
        layer,
        {stop: place[stop] - least for stop in stops},
        {way: [place[point] - least for point in chain] for way, chain in chains.items()},
        back,
    )


def _settle(row: list[str], wish: dict[str, float], room: dict[str, float], place: dict[str, float]) -> None:
    """Put a row as near to its wishes as its members' room allows, keeping its order."""
    at: list[float] = []
    for index, point in enumerate(row):
        least = at[-1] + (room[row[index - 1]] + room[point]) / 2 if index else wish[point]
        at.append(max(wish[point], least))
    drift = sum(got - wish[point] for got, point in zip(at, row, strict=True)) / len(row) if row else 0.0
    for got, point in zip(at, row, strict=True):
        place[point] = got - drift


def network(stops: Sequence[Stop], ways: Sequence[Way]) -> go.Figure:
    """The picture, in pixels of its own: it does not follow the page's width."""
    layout = arrange([stop.key for stop in stops], [(way.start, way.end) for way in ways])
    lines = {stop.key: [safe(line) for line in wrapped(stop.title, BOX - 2 * PAD)] for stop in stops}
    tall = {stop.key: LINE * (len(lines[stop.key]) + 1) + 2 * PAD for stop in stops}
    rows = max(layout.layer.values()) + 1
    depth = [max(tall[key] for key, row in layout.layer.items() if row == r) for r in range(rows)]
    top = [sum(depth[:r]) + GAP * r + 4 for r in range(rows)]
    middle = {key: x + BOX / 2 + 8 for key, x in layout.place.items()}
    right = max([*middle.values(), *(x + BOX / 2 + 8 for chain in layout.passed.values() for x in chain)]) + BOX / 2 + 8
    width = right + (30 + 14 * len(layout.back) if layout.back else 0)
    height = top[-1] + depth[-1] + 4
    figure = go.Figure()
    figure.update_layout(
        **theme.layout(
            width=width,
            height=height,
            autosize=False,
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            xaxis={"visible": False, "range": [0, width], "fixedrange": True},
            yaxis={"visible": False, "range": [height, 0], "fixedrange": True},
        )
    )
    lane = right
    for way in ways:
        y0 = top[layout.layer[way.start]] + tall[way.start]
        y1 = top[layout.layer[way.end]]
        if (way.start, way.end) in layout.back:
            lane += 14
            out = top[layout.layer[way.start]] + tall[way.start] / 2
            into = y1 + tall[way.end] / 2
            edge = [middle[key] + BOX / 2 for key in (way.start, way.end)]
            path = f"M {edge[0]},{out} L {lane},{out} L {lane},{into} L {edge[1]},{into}"
            _line(figure, path, dash="dash")
            _arrow(figure, edge[1], into, ax=16, ay=0)
            at = (lane, (out + into) / 2)
        else:
            points = [(middle[way.start], y0)]
            for row, x in enumerate(layout.passed[way.start, way.end], layout.layer[way.start] + 1):
                points += [(x + BOX / 2 + 8, top[row]), (x + BOX / 2 + 8, top[row] + depth[row])]
            points.append((middle[way.end], y1 - 6))
            _line(figure, _curve(points))
            _arrow(figure, middle[way.end], y1, ax=0, ay=-14)
            first, second = points[0], points[1]
            at = ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
        if way.label:
            text = "<br>".join(safe(line) for line in way.label)
            figure.add_annotation(note(*at, text, xanchor="center", align="center", bgcolor="rgba(255,255,255,0.9)"))
    for stop in stops:
        x0, y0 = middle[stop.key] - BOX / 2, top[layout.layer[stop.key]]
        figure.add_shape(
            type="rect",
            x0=x0,
            x1=x0 + BOX,
            y0=y0,
            y1=y0 + tall[stop.key],
            fillcolor=stop.fill,
            line={"color": stop.edge, "width": 2},
        )
        text = "<br>".join([f"<b>{line}</b>" for line in lines[stop.key]] + [safe(stop.kind)])
        colour = theme.text_on(stop.fill)
        font = {"family": theme.FONT, "size": theme.SMALLEST, "color": colour}
        centre = (middle[stop.key], y0 + tall[stop.key] / 2)
        figure.add_annotation(note(*centre, text, xanchor="center", align="center", font=font))
    return figure


def _curve(points: list[tuple[float, float]]) -> str:
    path = f"M {points[0][0]},{points[0][1]}"
    for (x0, y0), (x1, y1) in pairwise(points):
        bend = (y0 + y1) / 2
        path += f" C {x0},{bend} {x1},{bend} {x1},{y1}"
    return path


def _line(figure: go.Figure, path: str, dash: str = "solid") -> None:
    line = {"color": theme.GREY, "width": 2, "dash": dash}
    figure.add_shape(type="path", path=path, line=line, layer="below")


def _arrow(figure: go.Figure, x: float, y: float, ax: float, ay: float) -> None:
    figure.add_annotation(
        x=x, y=y, ax=ax, ay=ay, text="", showarrow=True, arrowhead=2, arrowwidth=2, arrowcolor=theme.GREY
    )
