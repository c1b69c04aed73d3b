"""The sentences of a summary in plain English, in the order in which they are read."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.report import words
from experiments.report.plain.facts import Baseline, Change, Facts, Models, direction, fewer_range, saved_range, size
from experiments.report.service_facts import Told, roughly
from experiments.report.transition_facts import Seen, percent_span
from experiments.report.words import Phrase, phrase

NO_EFFECT = phrase("Two councils side by side are not an effect.")
AGAIN = " (whoever comes again counts again)"
TOO_FEW = "too few runs were made to say how sure this is"


@dataclass(frozen=True)
class Line:
    """A sentence or two. ``needed``: whether it stands in every summary, or where it fits."""

    text: Phrase
    needed: bool = True


def lines_of(facts: Facts) -> list[Line]:
    """The sentences of a result."""
    if isinstance(facts, Change):
        return _change(facts)
    return _baseline(facts) if isinstance(facts, Baseline) else _models(facts)


def _change(one: Change) -> list[Line]:
    if not one.changes:
        return [Line(phrase("In this scenario nothing changes, so neither packages nor money would.")), Line(NO_EFFECT)]
    made = [*_people(one), Line(NO_EFFECT)]
    need = _need(one)
    made += [Line(need)] if need is not None else []
    if one.money is not None:
        made.append(Line(_money(one, one.money)))
    if one.hub is not None:
        said = "{share} hub appointments would be within two weeks ({range} by chance alone)."
        chance = one.hub.by_chance(percent_span)
        made.append(Line(phrase(said, share=words.in_hundred(one.hub.mean), range=chance), needed=False))
    return made


def _people(one: Change) -> list[Line]:
    made, known = [], one.outcomes
    if known is not None:
        said = (
            "Of every 100 people who contact the council{again}, {today} go on to a Council-funded package today. "
            "If {condition}, {then} would."
        )
        today, then = (words.about(known.funded(side)) for side in (0, 1))
        again = AGAIN if one.again else ""
        made.append(Line(phrase(said, again=again, today=today, condition=one.condition, then=then)))
    elif one.packages is not None:
        made.append(Line(phrase("This is what would happen if {condition}.", condition=one.condition)))
    if one.packages is not None:
        made.append(Line(difference(one.packages, one.when)))
        made.append(Line(how_sure(one.packages)))
    return made


def difference(seen: Seen, when: str) -> Phrase:
    """The difference in people who go on to a package, with its ranges."""
    if not seen.mean.value and seen.chance is not None and not any(end.value for end in seen.chance):
        return phrase("In these runs as many people would go on to one {when} as today.", when=when)
    if seen.told and not seen.told_from_nought:
        range_ = fewer_range(*seen.chance) if seen.chance is not None else "none"
        return phrase("No difference in packages could be told from chance: {range} {when}.", range=range_, when=when)
    if not seen.mean.value:
        return phrase("No difference was seen {when}.", when=when)
    made = phrase(
        "That is {n} {direction} people {when}.", n=words.about(seen.mean), direction=direction(seen), when=when
    )
    chance, both = (fewer_range(*pair) if pair is not None else None for pair in (seen.chance, seen.both))
    if both is None:
        return phrase("{made} By chance alone it could be {chance}.", made=made, chance=chance) if chance else made
    said = "{made} With what we do not know it could be {both}" + ("; by chance alone, {chance}." if chance else ".")
    return phrase(said, made=made, both=both, **({"chance": chance} if chance else {}))


def how_sure(seen: Seen) -> Phrase:
    """How sure the difference is, in words."""
    if not seen.told:
        return phrase("How sure this is cannot be said: too few runs were made.")
    if seen.both is None:
        return phrase("What we do not know about the inputs is not in these figures, so the truth is less sure.")
    if seen.may_be_nought:
        return phrase("What we do not know could turn this round.")
    if not seen.told_from_nought:
        return phrase("We cannot say whether there would be fewer or more.")
    if seen.grey:
        return phrase("We are surer of the direction than of the size.")
    return phrase("Direction and size both hold within these ranges.")


def _need(one: Change) -> Phrase | None:
    if one.packages is None:
        return None
    if one.need is None:
        return phrase("Fewer packages is not less need: where the need would go is not modelled.")
    if not one.need.told_from_nought:
        return phrase("Fewer packages is not less need: no change in possibly unmet need could be told from chance.")
    return phrase(
        "Fewer packages is not less need: {n} {direction} people {when} would have need that is possibly unmet "
        "({range} by chance alone).",
        n=words.about(one.need.mean),
        direction="more" if one.need.mean.value > 0 else "fewer",
        when=one.when,
        range=one.need.by_chance(words.span),
    )


def _money(one: Change, seen: Seen) -> Phrase:
    pair = seen.both or seen.chance
    range_ = saved_range(*pair) if pair is not None else TOO_FEW
    if not seen.told_from_nought:
        return phrase("By {by}, no saving could be told from chance ({range}).", by=one.by, range=range_)
    if seen.mean.value < 0:
        said = "By {by}, spending would be {sum} a year higher, not lower ({range})."
        return phrase(said, by=one.by, sum=size(seen.mean), range=range_)
    asked = (
        phrase(" of the {asked} asked", asked=words.pounds(one.asked))
        if one.asked is not None and one.asked.value
        else ""
    )
    return phrase(
        "By {by}, {sum}{asked} would be saved each year{before} ({range}{nothing}).",
        by=one.by,
        sum=words.pounds(seen.mean),
        asked=asked,
        before=one.before,
        range=range_,
        nothing=", so possibly nothing" if seen.may_be_nought else "",
    )


def _baseline(one: Baseline) -> list[Line]:
    made = []
    if one.funded is not None:
        said = "Of every 100 people who contact the council{again}, {n} go on to a Council-funded package."
        made.append(Line(phrase(said, again=AGAIN, n=words.about(one.funded))))
    if one.in_care is not None:
        said = "{n} people are in {care} when {year} ends ({range})."
        made.append(Line(_told(said, one.in_care, one, care=one.care)))
    if one.net is not None and one.net.interval is not None:
        range_ = words.span_pounds(*one.net.interval)
        said = "After what clients pay, the council spends {n} in {year} ({range})."
        made.append(Line(phrase(said, n=words.pounds(one.net.mean), year=one.year, range=range_)))
    if one.unmet is not None:
        said = "{n} people a year have need that is possibly unmet ({range}); this rests on assumptions."
        made.append(Line(_told(said, one.unmet, one)))
    if one.checks is not None:
        inside, every = (words.whole(number) for number in one.checks)
        made.append(Line(phrase("{n} of {all} published figures come out near enough.", n=inside, all=every)))
        if one.could_fail is not None:
            inside, every = (words.whole(number) for number in one.could_fail)
            said = "Of those, {all} could have failed, and {n} came out; the others were put in."
            made.append(Line(phrase(said, n=inside, all=every)))
        else:
            made.append(Line(phrase("None could have failed: all were put in.")))
    said = "In brackets: {spread}. They hold chance only; what we do not know would make them wider."
    made.append(Line(phrase(said, spread=one.spread)))
    made.append(Line(phrase("This is the service as it is: nothing in it says what a change would do."), needed=False))
    return made


def _told(said: str, told: Told, one: Baseline, **more: str) -> Phrase:
    return phrase(said, n=roughly(told.mean), range=told.span, year=one.year, **more)


def _models(one: Models) -> list[Line]:
    if not one.ran:
        return [Line(phrase("The models ran; nobody made contact."))]
    said = "Each model ran on its own contacts{again}, so they cannot be compared with one another."
    made = [Line(phrase(said, again=AGAIN))]
    for ran in one.ran:
        if ran.funded is None:
            said = "{title}: how many go on to a Council-funded package is not modelled."
            made.append(Line(phrase(said, title=ran.title), needed=False))
            continue
        said = "{title}: of every 100 people who contact the council, {n} go on to a Council-funded package."
        made.append(Line(phrase(said, title=ran.title, n=words.about(ran.per_hundred)), needed=False))
    if one.inside:
        said = (
            "{inside} published counts lie inside one simulated year's range. They were put in, so this tests the "
            "program, not what a change would do."
        )
        made.append(Line(phrase(said, inside=one.inside)))
    return made
