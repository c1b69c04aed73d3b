"""The few figures that plain words are made of, whatever kind of result they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.report import words
from experiments.report.results import Results
from experiments.report.service_facts import Told
from experiments.report.transition_facts import Seen
from experiments.report.words import MINUS, Number, Phrase, Range, Said, phrase


@dataclass(frozen=True)
class Limits:
    """What must be true, and what the model cannot say, in the words of the experiment."""

    true_only_if: tuple[str, ...]
    cannot_say: tuple[str, ...]

    @classmethod
    def of(cls, results: Results) -> Limits:
        """Those of a result."""
        config = results.manifest["config"]
        found = (config.get(name) or [] for name in ("true_only_if", "cannot_say"))
        return cls(*(tuple(words.careful(str(item)) for item in items) for items in found))


@dataclass(frozen=True)
class Outcomes:
    """How contacts end, in whole figures that make a hundred.

    Attributes:
        kinds: a letter and words for each, the package last. today, then: contacts of every hundred by kind. of: all
        contacts, today and changed. counts: by kind, today and changed; None where a kind is not counted on its own.
        other: people met on the way, such as at a hub, in words, today and changed.
    """

    kinds: tuple[tuple[str, str], ...]
    today: tuple[int, ...]
    then: tuple[int, ...]
    of: tuple[Number, Number]
    counts: tuple[tuple[Number, Number] | None, ...]
    other: tuple[tuple[str, Number, Number], ...] = ()

    def funded(self, side: int) -> Number:
        """Of every hundred, those who go on to a package: today (0) or changed (1)."""
        pair = self.counts[-1]
        assert pair is not None
        exact = of_hundred(pair[side], self.of[side])
        whole = (self.today, self.then)[side][-1]
        return Number(whole, exact.source) if whole else exact  # never 'none' of what some have


@dataclass(frozen=True)
class Change:
    """Today's model and a changed one.

    Attributes:
        condition: after 'if'. changes: False in a scenario in which nothing changes. share: of the gap. when: 'a year',
        or the year. again: whether whoever comes again counts again. packages: people who go on to one. need: people
        with need possibly unmet. by: until when ``money`` is saved. before: what has not been taken off it yet, '' if
        nothing.
    """

    condition: Phrase
    changes: bool
    share: Number
    when: str
    again: bool
    outcomes: Outcomes | None
    packages: Seen | None
    need: Seen | None
    money: Seen | None
    asked: Number | None
    by: str
    before: str
    hub: Seen | None
    limits: Limits


@dataclass(frozen=True)
class Baseline:
    """One service as it is, over a year. ``funded``: of every hundred contacts."""

    year: str
    funded: Number | None
    in_care: Told | None
    care: str
    net: Told | None
    unmet: Told | None
    checks: tuple[Number, Number] | None
    could_fail: tuple[Number, Number] | None
    spread: str
    limits: Limits


@dataclass(frozen=True)
class Ran:
    """A model that ran on its own contacts. ``funded``: contacts a year that go on to a package, exact; None if it has
    no such outcome."""

    title: str
    contacts: Number
    funded: Number | None

    @property
    def per_hundred(self) -> Number:
        """Of every hundred contacts, those that go on to a package."""
        assert self.funded is not None
        return of_hundred(self.funded, self.contacts)


@dataclass(frozen=True)
class Models:
    """Models each on its own contacts. ``inside``: published counts that come out, such as '6 of 6'."""

    ran: tuple[Ran, ...]
    inside: str
    limits: Limits


Facts = Change | Baseline | Models


COMPUTED = "computed: "


def of_hundred(part: Number, whole: Number) -> Number:
    """A part of a whole that is not nought, as so many of every hundred."""
    where = " ÷ ".join(_within(one.source) for one in (part, whole))
    return Number(100 * part.value / whole.value, f"{COMPUTED}100 × {where}")


def added(one: Number, two: Number) -> Number:
    """Two figures together."""
    return Number(one.value + two.value, f"{COMPUTED}{one.source} + {two.source}")


def less(one: Number, two: Number) -> Number:
    """What one figure has over another."""
    return Number(one.value - two.value, f"{COMPUTED}{one.source} − {two.source}")


def _within(source: str) -> str:
    return f"({source.removeprefix(COMPUTED)})" if source.startswith(COMPUTED) else source


def brief(name: str, most: int = 12) -> str:
    """A name of at most so many words, so that a summary has room for the rest."""
    found = name.split()
    return name if len(found) <= most else f"{' '.join(found[:most])}…"


def direction(seen: Seen) -> str:
    """Fewer or more."""
    return "fewer" if seen.mean.value <= 0 else "more"


def size(number: Number) -> Said:
    """Money without its sign."""
    said = words.pounds(number)
    return Said(said.text.removeprefix(MINUS), number)


def fewer_range(low: Number, high: Number) -> Phrase:
    """A range of a difference with its direction: '120 to 380 fewer', '20 more to 100 fewer'."""
    same = "" if low.value <= 0 <= high.value else " fewer" if high.value < 0 else " more"
    return phrase("{range}{same}", range=words.span(low, high), same=same)


def saved_range(low: Number, high: Number) -> Phrase:
    """A range of a saving: '£1.8m to £6.2m', '£1.6m more spent to £4.9m saved'."""
    shown = words.span_pounds(low, high)
    first, last = _unsigned(shown)
    if low.value >= 0:
        return phrase("{range}", range=shown)
    if high.value <= 0:
        return phrase("{last} to {first} more spent", first=first, last=last)
    return phrase("{first} more spent to {last} saved", first=first, last=last)


def _unsigned(shown: Range) -> Sequence[Said]:
    return [Said(end.text.removeprefix(MINUS), end.number) for end in (shown.low, shown.high)]
