"""The short sentences of the easy-read page: one idea each, in common words."""

from __future__ import annotations

from experiments.report import words
from experiments.report.plain.facts import Change, Limits, direction, size
from experiments.report.service_facts import Told, roughly
from experiments.report.transition_facts import Seen
from experiments.report.words import MINUS, Number, Phrase, Range, Said, phrase

Lines = list[Phrase | str]

PACKAGE = "A package is care or support that the council pays for."
DARK = "They are dark in the picture."


def million(said: Said) -> Said:
    """A sum with its million spelt out."""
    text = said.text.removeprefix(MINUS)
    return Said(f"{text[:-1]} million" if text.endswith("m") else text, said.number)


def ends(low: Number, high: Number) -> tuple[Said, Said]:
    """The ends of a range of people, the smaller first: '120' and '380', or '35 more' and '400 fewer'."""
    shown: Range = words.span(low, high)
    return shown.low, shown.high


def now(funded: Number, again: bool) -> Lines:
    """How many of a hundred go on to a package today."""
    twice: Lines = ["A person who asks twice is counted twice."] if again else []
    return [
        "Think of 100 people who ask the council for help.",
        *twice,
        phrase("{n} of them go on to a package.", n=roughly(funded)),
        DARK,
        PACKAGE,
    ]


def then(one: Change) -> Lines:
    """How many would, and how far the change goes."""
    said: Lines = ["The council might change how it answers people."]
    said += [
        "Think of 100 steps to the new way.",
        phrase("Here the council takes {n} of them.", n=words.plain(_of_hundred(one.share))),
        "Nobody knows how many it would really take.",
    ]
    if one.outcomes is not None:
        said.append(phrase("Then {n} of 100 people would go on to a package.", n=words.about(one.outcomes.funded(1))))
        said.append(DARK)
    said.append("Another council's numbers do not show what would happen here.")
    return said


def _of_hundred(share: Number) -> Number:
    return Number(100 * share.value, f"computed: 100 × {share.source}")


def how_many(one: Change, seen: Seen) -> Lines:
    """The difference, and how sure it is."""
    when = "each year" if one.when == "a year" else one.when
    if seen.told and not seen.told_from_nought:
        return ["The computer could not tell any difference.", "What it found may be chance."]
    made: Lines = [
        phrase("{n} {direction} people would go on to a package {when}.", n=roughly(seen.mean),
               direction=direction(seen), when=when)
    ]  # fmt: skip
    pair = seen.both or seen.chance
    if pair is None:
        return [*made, "We ran the computer too few times to be sure."]
    first, last = ends(*pair)
    made.append("We are not sure of this number.")
    if pair[0].value < 0 < pair[1].value:
        made += [phrase("It could be {n}.", n=last), phrase("It could also be {n}.", n=first)]
    else:
        made += [phrase("It could be as low as {n}.", n=first), phrase("It could be as high as {n}.", n=last)]
    if seen.both is None:
        return [*made, "There is more that we do not know.", "So the real number may be further away."]
    return made


def need(one: Change) -> Lines:
    """Fewer packages is not less need."""
    said: Lines = ["Fewer packages does not mean less need for help."]
    if one.need is None:
        return [*said, "We do not know who would help people instead."]
    if not one.need.told_from_nought:
        return [*said, "We could not tell how many would go without help."]
    more = "more" if one.need.mean.value > 0 else "fewer"
    when = "each year" if one.when == "a year" else one.when
    said.append(phrase("{n} {more} people may go without help they need.", n=roughly(one.need.mean), more=more))
    said.append(phrase("That is {when}.", when=when))
    if one.need.chance is not None:
        first, last = ends(*one.need.chance)
        said.append(phrase("It could be {first} to {last}.", first=first, last=last))
    return [*said, "The real number may be further away.", "This is partly a guess."]


def saving(one: Change, seen: Seen) -> Lines:
    """Money saved, of what is asked."""
    made: Lines = []
    if one.asked is not None and one.asked.value:
        made.append(phrase("The council wants to save {sum} a year.", sum=million(words.pounds(one.asked))))
    if not seen.told_from_nought:
        made.append("We cannot tell if this would save money.")
    elif seen.mean.value < 0:
        made.append(phrase("By {by} this might cost {sum} more.", by=one.by, sum=million(size(seen.mean))))
    else:
        made.append(phrase("By {by} this might save {sum}.", by=one.by, sum=million(words.pounds(seen.mean))))
        made.append("That is for one year.")
    pair = seen.both or seen.chance
    if pair is None:
        return [*made, "We ran the computer too few times to be sure."]
    shown = words.span_pounds(*pair)
    worst, best = million(shown.low), million(shown.high)
    made.append(phrase("It could save up to {n}.", n=best) if pair[1].value > 0 else
                phrase("It could cost only {n} more.", n=best))  # fmt: skip
    made.append(phrase("It could cost {n} more.", n=worst) if pair[0].value < 0 else
                phrase("It could save as little as {n}.", n=worst))  # fmt: skip
    if one.before:
        made.append("People pay some of their care themselves.")
        made.append("We have not taken that off.")
    return made


def waiting(seen: Seen) -> Lines:
    """Waits for a hub."""
    made: Lines = [
        "A hub is a place where you can meet council staff.",
        phrase("{n} hub visits would be within two weeks.", n=words.in_hundred(seen.mean)),
        DARK,
    ]
    if seen.chance is not None:
        low, high = (words.in_hundred(end) for end in seen.chance)
        made.append(phrase("It could be {low} to {high}.", low=low, high=high))
    return made


def told(said: str, one: Told, **more: str) -> Lines:
    """A figure of people with its range."""
    made: Lines = [phrase(said, n=roughly(one.mean), **more)]
    if one.interval is None:
        return [*made, "We ran the computer too few times to be sure."]
    return [*made, phrase("It could be {range}.", range=one.span)]


def conditions(limits: Limits) -> Lines:
    """How many things must be true."""
    return [
        phrase(
            "This is only right if {things} true.", things=_things(limits.true_only_if, "true_only_if", " is", " are")
        ),
        _where(limits.true_only_if),
    ]


def silent(limits: Limits) -> Lines:
    """What the computer cannot say."""
    made: Lines = ["The computer cannot say what would happen to you."]
    if limits.cannot_say:
        things = _things(limits.cannot_say, "cannot_say")
        made += [phrase("There is more: {things} it cannot say.", things=things), _where(limits.cannot_say)]
    return [*made, "If you need help, ask your council."]


def _things(items: tuple[str, ...], name: str, one: str = "", many: str = "") -> Phrase:
    number = Number(len(items), f"computed: count of config.{name}")
    return phrase("{n} {thing}", n=words.whole(number), thing=f"thing{one}" if len(items) == 1 else f"things{many}")


def _where(items: tuple[str, ...]) -> str:
    return "It is in the full report." if len(items) == 1 else "They are in the full report."
