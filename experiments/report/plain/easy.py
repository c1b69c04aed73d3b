"""``easy-read.html``: the same figures in short sentences and large type, one idea each, with a picture beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from experiments import theme
from experiments.report import words
from experiments.report.pages import Draft, Page
from experiments.report.plain import easy_lines as say
from experiments.report.plain.drawing import bars, hundred, icon, range_line
from experiments.report.plain.facts import Baseline, Change, Facts, Limits, Models
from experiments.report.plain.reading import facts_of
from experiments.report.results import Results
from experiments.report.service_facts import roughly
from experiments.report.transition_facts import Seen
from experiments.report.words import Number, Phrase, Range, phrase

HARD = {
    "Computer model": "A computer model copies how a service works.",
    "Package": say.PACKAGE,
    "Council": "The council runs care in your area.",
    "Need": "Need is what a person cannot do without help.",
    "Hub": "A hub is a place where you can meet council staff.",
    "Saving": "A saving is money that is not spent.",
}
"""Words that may be hard, and what they mean."""


@dataclass(frozen=True)
class Panel:
    """One thing to know: a heading, a picture and short sentences."""

    title: str
    picture: Markup
    lines: Sequence[Phrase | str]


def draft(results: Results, pages: Sequence[Page]) -> Draft | None:
    """The page, with every kind of result in the folder."""
    found = facts_of(results)
    if not found or not pages:
        return None
    panels = [_opening(), *(panel for facts in found for panel in _panels(facts)), *_limits(found[0].limits)]
    said = " ".join(str(line) for panel in panels for line in panel.lines).lower()
    hard = {word: means for word, means in HARD.items() if word.removesuffix("ing").lower() in said}
    return Draft(
        template="easy_read.html",
        words={"panels": panels, "hard": hard, "book": icon("book", "A book.")},
    )


def _opening() -> Panel:
    lines = [
        "This page is about help from the council.",
        "We used a computer model.",
        "It works out what might happen.",
        "The people in it are made up.",
        "This page decides nothing.",
    ]
    return Panel("What is this page?", icon("computer", "A computer."), lines)


def _panels(facts: Facts) -> list[Panel]:
    if isinstance(facts, Change):
        return _change(facts)
    return _baseline(facts) if isinstance(facts, Baseline) else _models(facts)


def _people(number: Number) -> Markup:
    """A hundred people, those with a package dark."""
    dark = round(number.value)
    return hundred(dark, f"A hundred people. {dark} of them are dark: they go on to a package.")


def _change(one: Change) -> list[Panel]:
    if not one.changes:
        lines = ["Here nothing changes.", "So as many people get packages as today."]
        return [Panel("What might happen?", icon("question", "A question mark."), lines)]
    made = []
    if one.outcomes is not None:
        today, then = (one.outcomes.funded(side) for side in (0, 1))
        made.append(Panel("What happens today?", _people(today), say.now(today, one.again)))
        made.append(Panel("What might happen?", _people(then), say.then(one)))
    if one.packages is not None:
        picture = _range(one.packages)
        made.append(Panel("How many people is that?", picture, say.how_many(one, one.packages)))
        made.append(Panel("Do people need less help?", icon("house", "A house."), say.need(one)))
    if one.money is not None:
        made.append(Panel("Would it save money?", _money(one, one.money), say.saving(one, one.money)))
    if one.hub is not None:
        share = Number(100 * one.hub.mean.value, one.hub.mean.source)
        picture = hundred(round(share.value), f"A hundred hub visits. {share.value:.0f} are dark: in two weeks.")
        made.append(Panel("Would people wait?", picture, say.waiting(one.hub)))
    return made


def _range(seen: Seen) -> Markup:
    pair = seen.both or seen.chance
    if pair is None:
        return icon("question", "A question mark.")
    ends: Range = words.span(*pair)
    first, last = (end.number.value for end in (ends.low, ends.high))
    at = (seen.mean.value - first) / (last - first) if last != first else 0.5
    alt = f"A line from {ends.low} to {ends.high} people. A dot shows {words.about(seen.mean)}."
    return range_line(str(ends.low), str(ends.high), at, alt)


def _money(one: Change, seen: Seen) -> Markup:
    found = [("Asked: ", one.asked, theme.GREY)] if one.asked is not None and one.asked.value else []
    saved = [(f"{name}{say.million(words.pounds(number))}", number.value, colour) for name, number, colour in found]
    if seen.told_from_nought and seen.mean.value > 0:
        saved.append((f"Might save: {say.million(words.pounds(seen.mean))}", seen.mean.value, theme.TODAY))
    if not saved:
        return icon("question", "A question mark.")
    return bars(saved, f"Bars. {'. '.join(text for text, *_ in saved)}.")


def _baseline(one: Baseline) -> list[Panel]:
    made = []
    if one.funded is not None:
        lines = say.now(one.funded, again=True)
        made.append(Panel("What happens to people who ask?", _people(one.funded), lines))
    if one.in_care is not None:
        lines = say.told("{n} people get care.", one.in_care)
        lines = [*lines, phrase("That is when the year {year} ends.", year=one.year)]
        made.append(Panel("How many people get care?", icon("house", "A house."), lines))
    if one.net is not None and one.net.interval is not None:
        low, high = (say.million(words.pounds(end)) for end in one.net.interval)
        lines = [
            phrase("The council pays {sum} for care.", sum=say.million(words.pounds(one.net.mean))),
            phrase("That is for the year {year}.", year=one.year),
            phrase("It could be {low} to {high}.", low=low, high=high),
            "People pay some of their care themselves.",
            "That is already taken off.",
        ]
        made.append(Panel("What does it cost?", icon("pound", "A pound sign."), lines))
    if one.unmet is not None:
        lines = say.told("{n} people may go without help they need.", one.unmet)
        lines = [*lines, "That is in one year.", "This is partly a guess."]
        made.append(Panel("Does everybody get help?", icon("question", "A question mark."), lines))
    if one.checks is not None:
        inside, every = (words.whole(number) for number in one.checks)
        lines = [
            phrase("We checked {n} numbers against real ones.", n=every),
            phrase("{n} came out near enough.", n=inside),
        ]
        if one.could_fail is not None:
            lines.append(phrase("Only {n} of them were a real test.", n=words.whole(one.could_fail[1])))
        made.append(Panel("Is it right?", icon("list", "A list with ticks."), lines))
    return made


def _models(one: Models) -> list[Panel]:
    made = []
    lines: Sequence[Phrase | str]
    for ran in one.ran:
        if ran.funded is not None:
            number = ran.per_hundred
            lines = ["Think of 100 people who ask the council for help.",
                     phrase("{n} of them go on to a package.", n=roughly(number)), say.DARK, say.PACKAGE]  # fmt: skip
            made.append(Panel(ran.title, _people(number), lines))
    lines = ["Each way of working has its own numbers.", "They do not show which way is better."]
    return [*made, Panel("Which is better?", icon("question", "A question mark."), lines)]


def _limits(limits: Limits) -> list[Panel]:
    made = [Panel("What can the computer not say?", icon("question", "A question mark."), say.silent(limits))]
    if limits.true_only_if:
        title = "What must be true?"
        return [Panel(title, icon("list", "A list with ticks."), say.conditions(limits)), *made]
    return made
