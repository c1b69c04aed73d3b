"""The summary in plain English at the head of a page: at most 200 words, made from the figures of the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from experiments.report.plain.facts import Facts
from experiments.report.plain.sentences import lines_of
from experiments.report.words import Number, Phrase, Said, phrase

MOST_WORDS = 200
TITLE = "In plain English"
LISTS = (("True only if", "true_only_if"), ("What the model cannot say", "cannot_say"))
MORE, ALL = "And {n} more, listed below.", "{n}, all listed below."


@dataclass(frozen=True)
class Items:
    """A list of the experiment, as far as it fits. ``more``: where the rest is; None if it is all there."""

    head: str
    shown: tuple[str, ...]
    more: Phrase | None


@dataclass(frozen=True)
class Summary:
    """What stands at the head of a page."""

    title: str
    said: tuple[Phrase, ...]
    lists: tuple[Items, ...]

    @property
    def words(self) -> int:
        """How many words a reader reads, headings and all."""
        listed = chain.from_iterable((one.head, *one.shown, one.more or "") for one in self.lists)
        return sum(_words(text) for text in (self.title, *self.said, *listed))


def summary_of(facts: Facts) -> Summary:
    """The summary: what must be said, the first of each list, and of the rest what fits."""
    lines = lines_of(facts)
    lists = [(head, getattr(facts.limits, name)) for head, name in LISTS if getattr(facts.limits, name)]
    room = MOST_WORDS - _words(TITLE) - sum(_words(line.text) for line in lines if line.needed)
    room -= sum(_words(head) + _words(MORE) for head, _ in lists)
    taken: set[tuple[str, str]] = set()

    def take(head: str, text: Phrase | str) -> bool:
        nonlocal room
        fits = (head, str(text)) not in taken and _words(text) <= room
        if fits:
            room -= _words(text)
            taken.add((head, str(text)))
        return fits

    for head, texts in lists:
        any(take(head, text) for text in texts)  # the first that fits
    for line in lines:
        if not line.needed:
            take(TITLE, line.text)
    for turn in zip_longest(*(((head, text) for text in texts) for head, texts in lists)):
        for found in turn:
            if found is not None:
                take(*found)
    return Summary(
        TITLE,
        tuple(line.text for line in lines if line.needed or (TITLE, str(line.text)) in taken),
        tuple(_items(head, texts, [text for text in texts if (head, text) in taken]) for head, texts in lists),
    )


def _items(head: str, texts: Sequence[str], shown: Sequence[str]) -> Items:
    left = len(texts) - len(shown)
    number = Number(left, f"computed: count of “{head}” not shown")
    note = phrase(MORE if shown else ALL, n=Said(str(left), number)) if left else None
    return Items(head, tuple(shown), note)


def _words(text: Phrase | str) -> int:
    return len(str(text).split())
