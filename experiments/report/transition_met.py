"""What people meet under today's model and the changed one: as flows, of every hundred contacts, and by measure."""

from __future__ import annotations

from experiments.report import words
from experiments.report.measured_flow import (
    CURRENT,
    NEXT,
    ROOT,
    TITLES,
    WITHOUT,
    both_forms,
    boxes,
    counted,
    spoken,
    whole,
)
from experiments.report.people import OUTCOMES, grid_chart, per_hundred
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.service_facts import Block
from experiments.report.transition_facts import TODAY, Transition
from experiments.report.transition_facts import per_hundred as so_many
from experiments.report.words import Number, Phrase, phrase

MET = {
    "resolved_at_first_contact": "Answered at first contact, with no referral on",
    "referred_on": "Referred on from first contact",
    "hub_appointment": "Hub appointment",
    "home_visit": "Home visit straight from first contact",
    "full_assessment": "Full assessment",
    "enablement": "Enablement",
    "no_council_funding": "Assessed, no Council-funded services",
    "funded_package": "Go on to a Council-funded package",
}
ON_THE_WAY = {"hub_appointment": "hub appointments", "home_visit": "home visits"}
"""What people meet between being referred on and what comes of it: said in that box."""


def _sizes(one: Transition, run: str) -> dict[str, float] | None:
    found = {name: one.year(run, name) for name in TITLES}
    return whole({name: seen.mean.value for name, seen in found.items() if seen is not None})


def _level(one: Transition, run: str, sizes: dict[str, float]) -> list[Chart]:
    """The flow of one run in the last year."""
    beside = [(text, one.year(run, name)) for name, text in ON_THE_WAY.items()]
    more = tuple(f"{seen.mean.value:,.0f} {text}" for text, seen in beside if seen is not None and seen.mean.value)
    drawn = boxes(sizes, (f"Contacts answered in {one.last}", (f"{sizes[ROOT]:,.0f}",)),
                  counted(sizes, {"referred_on": more}))  # fmt: skip
    today = run == TODAY
    title = f"{one.name(run)}, {one.last}"
    alt = f"Flow of people, {title}. {spoken(drawn)}."
    return both_forms("flow_today" if today else "flow_changed", title, drawn, CURRENT if today else NEXT, alt)


def _difference(one: Transition, sizes: dict[str, float]) -> list[Chart]:
    """What changes at each box, with its range."""

    def lines(name: str, of: float) -> tuple[str, ...]:
        less = one.difference(one.over, name)
        if less is None:
            return ("no range is known",)
        return (str(words.signed(less.mean)), str(less.widest(words.span_signed)))

    every = sum(less.mean.value for name in ("resolved_at_first_contact", "referred_on")
                if (less := one.difference(one.over, name)) is not None)  # fmt: skip
    drawn = [
        box
        for box in boxes(sizes, ("Contacts answered", (str(words.signed(Number(every, "computed"))),)), lines)
        if box.key != WITHOUT
    ]
    title = f"{one.name(one.over)} less today's model, {one.last}"
    alt = f"Flow of people, difference from today's model, {one.last}. {spoken(drawn)}."
    return both_forms("flow_difference", title, drawn, NEXT, alt)


def build_flows(one: Transition) -> Part | None:
    """How people flow in the last year, today and changed."""
    today, changed = _sizes(one, TODAY), _sizes(one, one.over)
    now = one.year(TODAY, "referred_on")
    if today is None or changed is None or now is None:
        return None
    share = Number(today["referred_on"] / today[ROOT], f"computed: {now.mean.source} ÷ contacts answered")
    head = phrase("At present about {share} contacts go on beyond first contact.", share=words.in_hundred(share))
    intro: list[Phrase | str] = [
        "Boxes and branches are those of the documents' own picture, counted where people meet them: a number and its "
        "share of the box before. The thicker a line, the larger the share of all contacts that goes along it; all "
        "pictures have one scale. Whoever comes again counts again. Central inputs; ranges stand in the table.",
    ]
    blocks = [
        Block(charts=[*_level(one, TODAY, today), *_level(one, one.over, changed)], side_by_side=2),
        Block(
            "What changes",
            ["In each box the difference, and within what it falls: over inputs and chance, or by chance alone where "
             "inputs were not drawn often enough."],
            _difference(one, changed),
            [_table(one)],
        ),
    ]  # fmt: skip
    more = {"intro": intro, "blocks": blocks}
    question = "How do people flow today, and how might they?"
    return Part("flows", question, head, "service_part.html", ("transition_years",), words=more)


def _table(one: Transition) -> Table:
    rows = []
    for measure, title in MET.items():
        found = (one.year(TODAY, measure), one.year(one.over, measure), one.difference(one.over, measure))
        before, after, less = found
        if before is None or after is None or less is None or not (before.mean.value or after.mean.value):
            continue
        rows.append(
            Row(
                (title, words.whole(before.mean), words.whole(after.mean), words.signed(less.mean),
                 less.by_chance(words.span_signed), less.over_inputs(words.span_signed)),
                less.grey,
            )
        )  # fmt: skip
    heads = ("What they meet", "Today's model", "Changed", "Difference", "Chance alone", "Inputs and chance")
    return Table(f"People in {one.last}, {one.called(one.over)}", heads, (False, *([True] * 5)), rows, open=True)


def _hundreds(one: Transition) -> list[Block]:
    """A hundred figures today and changed, with what they count."""
    found = {run: _sizes(one, run) for run in (TODAY, one.over)}
    labels = {TODAY: "Today", one.over: "Changed"}
    sizes = {label: found[run] for run, label in labels.items()}
    counts = {
        label: per_hundred([known[measure] for _, measure, _, _ in OUTCOMES])
        for label, known in sizes.items()
        if known is not None
    }
    if len(counts) < len(labels):
        return []
    rows = []
    for number, (letter, measure, title, _) in enumerate(OUTCOMES):
        less = one.difference(one.over, measure)
        said = [
            words.whole(Number(counts[label][number], f"computed: per_hundred; measure={measure}; {label}"))
            for label in counts
        ]
        ranges = (words.signed(less.mean), less.widest(words.span_signed)) if less is not None else ("not known",) * 2
        rows.append(Row((f"{letter}: {title}", *said, *ranges), less.grey if less is not None else False))
    heads = ("Outcome", "Today, per 100", "Changed, per 100", "Difference, people", "Range")
    table = Table(f"Of every 100 contacts answered in {one.last}", heads, (False, *([True] * 4)), rows, open=True)
    charts = [grid_chart(label, mine, OUTCOMES, False) for label, mine in counts.items()]
    return [Block("Of every 100 contacts", charts=charts, side_by_side=1), Block(tables=[table])]


def build_met(one: Transition) -> Part | None:
    """What people meet in the last year, today and changed."""
    funded, now = one.difference(one.over, "funded_package"), one.year(TODAY, "funded_package")
    if funded is None or now is None or not now.mean.value:
        return None
    said = "Of every 100 people funded today, {n} would not go on to a package."
    if funded.may_be_nought:
        said = "Of every 100 people funded today, {n} would not be, possibly none."
    if funded.mean.value > 0:
        said = "More people would go on to a Council-funded package."
    head = phrase(said, n=so_many(funded.mean, now.mean))
    intro: list[Phrase | str] = [
        phrase(
            "In {year}, {number} {direction} people would go on to a Council-funded package than under today's model "
            "({range}; by chance alone {chance}). These are net changes: the same simulated people live under both "
            "models. Whoever comes again counts again.",
            year=one.last,
            number=words.about(funded.mean),
            direction="fewer" if funded.mean.value <= 0 else "more",
            range=funded.over_inputs(words.span),
            chance=funded.by_chance(words.span),
        )
    ]
    kept = [one.results.title("source", name) for name in (one.config.get("keeps_baseline") or {}).get("source", [])]
    if kept:
        intro.append(f"People who come by these doors keep today's path: {', '.join(kept)}.")
    blocks = _hundreds(one) or [Block(tables=[_table(one)])]
    return Part(
        "people",
        "What would happen to people who make contact?",
        head,
        "service_part.html",
        ("transition_years",),
        words={"intro": intro, "blocks": blocks},
    )
