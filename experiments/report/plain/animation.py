"""``animation.html``: a hundred dots going the way that contacts go, today beside changed, drawn from the outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from experiments import theme
from experiments.report import words
from experiments.report.pages import Draft, Page
from experiments.report.pieces import Row, Table
from experiments.report.plain.facts import Change, Outcomes, of_hundred
from experiments.report.plain.reading import facts_of
from experiments.report.plain.sentences import NO_EFFECT, difference, how_sure
from experiments.report.results import Results
from experiments.report.words import Number, Phrase, phrase

WIDE, PITCH, ROW = 340, 13, 10
"""Width of a picture, distance between dots, and dots in a row."""

LEFT, RIGHT, LABEL, GAP = 4, 206, 46, 22
"""Where the columns begin, the height of two lines of words, and the space below a level."""

ON = {"S": "go on", "N": "have a full assessment"}
"""What those do who go past the outcome before, by the outcome that comes next."""


@dataclass(frozen=True)
class Station:
    """A place where dots stand: its words in two lines and its box."""

    lines: tuple[str, str]
    x: int
    y: int
    height: int
    ends: bool

    @property
    def label(self) -> int:
        """Where its words begin."""
        return self.y - LABEL

    @property
    def width(self) -> int:
        """The width of its box."""
        return PITCH * ROW

    def slot(self, place: int) -> str:
        """Where its n-th dot stands, as 'x,y'."""
        down, along = divmod(place, ROW)
        return f"{self.x + PITCH * along + PITCH // 2 + 1},{self.y + PITCH * down + PITCH // 2 + 1}"


@dataclass(frozen=True)
class Picture:
    """One side: the places, a path for each dot, and the words that stand for it all."""

    title: str
    stations: list[Station]
    paths: list[str]
    height: int
    colour: str
    dot: Phrase
    alt: str


def draft(results: Results, pages: Sequence[Page]) -> Draft | None:
    """The page of the first change whose outcomes are known."""
    found = [one for one in facts_of(results) if isinstance(one, Change) and one.outcomes is not None]
    if not found or not pages:
        return None
    one = found[0]
    assert one.outcomes is not None
    said: list[Phrase] = [NO_EFFECT]
    if one.packages is not None:
        said = [difference(one.packages, one.when), how_sure(one.packages), NO_EFFECT]
    more: dict[str, Any] = {
        "pictures": [_picture(one.outcomes, side) for side in (0, 1)],
        "condition": one.condition,
        "steps": _steps(one.outcomes),
        "said": [*said, phrase("Fewer packages is not less need.")],
        "again": one.again,
        "table": _table(one.outcomes, one.when),
    }
    return Draft(template="animation.html", words=more, scripts=("animation.js",))


def ways(counts: Sequence[int]) -> list[int]:
    """The outcome of each of a hundred dots, evenly mixed: who comes first means nothing."""
    places = [((at + 0.5) / count, kind) for kind, count in enumerate(counts) for at in range(count)]
    return [kind for _, kind in sorted(places)]


def _rows(dots: int) -> int:
    return max(1, -(-dots // ROW))


def _stations(known: Outcomes, side: int) -> list[list[Station]]:
    """The places by level: where dots come from, and the outcome that they may end in there; the package last."""
    sides, levels, y, left = (known.today, known.then), [], LABEL, 100
    for at, (letter, title) in enumerate(known.kinds):
        ending, here = _split(f"{sides[side][at]} {title}"), _split(f"{left} {ON.get(letter, 'go on')}")
        if not at:
            here = _split(f"{left} contacts")
        deep = PITCH * _rows(max(counts[at] for counts in sides)) + 2
        past = PITCH * _rows(max(100 - sum(counts[:at]) for counts in sides)) + 2
        if letter == known.kinds[-1][0]:
            levels.append([Station(ending, LEFT, y, deep, True)])
        else:
            levels.append([Station(here, LEFT, y, past, False), Station(ending, RIGHT, y, deep, True)])
        left -= sides[side][at]
        y += max(deep, past) + LABEL + GAP
    return levels


def _split(text: str) -> tuple[str, str]:
    """A text in two lines of at most about 16 letters."""
    found = text.split()
    first = found[0]
    rest = found[1:]
    while rest and len(f"{first} {rest[0]}") <= 16:
        first, rest = f"{first} {rest[0]}", rest[1:]
    return first, " ".join(rest)


def _picture(known: Outcomes, side: int) -> Picture:
    counts, levels = (known.today, known.then)[side], _stations(known, side)
    taken: dict[int, int] = {}
    paths = []

    def stand(station: Station) -> str:
        place = taken.get(id(station), 0)
        taken[id(station)] = place + 1
        return station.slot(place)

    for kind in ways(counts):
        way = [stand(level[0]) for level in levels[: kind + 1]]
        if len(levels[kind]) > 1:
            way.append(stand(levels[kind][1]))
        paths.append(" ".join(way))
    stations = [station for level in levels for station in level]
    worth = Number(known.of[side].value / 100, f"computed: {known.of[side].source} ÷ 100")
    title = "Changed" if side else "Today"
    listed = "; ".join(f"{count} {text}" for count, (_, text) in zip(counts, known.kinds, strict=True))
    return Picture(
        title,
        stations,
        paths,
        stations[-1].y + stations[-1].height + 4,
        theme.PROPOSED if side else theme.TODAY,
        phrase("Here a dot stands for {n} contacts in a year.", n=words.about(worth)),
        f"{title}, of every 100 contacts: {listed}.",
    )


def _steps(known: Outcomes) -> list[str]:
    """What happens in each step, from where all dots stand at the door to where each has ended."""
    made = ["A hundred contacts come in."]
    for (letter, title), (following, _) in pairwise(known.kinds):
        rest = "go on to a Council-funded package" if following == "P" else ON[following]
        made.append(f"Some {title}; the others {rest}." if letter == "O" else f"Some are {title}; the others {rest}.")
    return made


def _table(known: Outcomes, when: str) -> Table:
    rows = []
    for at, (_, title) in enumerate(known.kinds):
        pair = known.counts[at]
        exact = [words.whole(number) for number in pair] if pair is not None else ["not counted"] * 2
        dots = [
            words.whole(Number(count[at], f"computed: dots; {title}; {side}"))
            for side, count in (("today", known.today), ("changed", known.then))
        ]
        rows.append(Row((words.capital(title), *dots, *exact)))
    for title, today, then in known.other:
        if today.value or then.value:
            share = [words.plain(of_hundred(n, of), 1) for n, of in zip((today, then), known.of, strict=True)]
            rows.append(Row((words.capital(title), *share, words.whole(today), words.whole(then))))
    heads = ("How contacts end", "Dots, today", "Dots, changed", f"Contacts {when}, today", f"Contacts {when}, changed")
    return Table("What the dots show, and the figures behind them", heads, (False, *([True] * 4)), rows, open=True)
