"""Reads the figures of plain words from a result: a comparison, a transition, a service, or models on their own."""

from __future__ import annotations

import math

from experiments.report import people, transition_waits, words
from experiments.report.answer_facts import answer_of, gap, more_unmet, saving
from experiments.report.plain.facts import (
    COMPUTED,
    Baseline,
    Change,
    Facts,
    Limits,
    Models,
    Outcomes,
    Ran,
    added,
    brief,
    less,
    of_hundred,
)
from experiments.report.results import Results, source
from experiments.report.service_checks import COULD_FAIL, cells, of_use
from experiments.report.service_facts import Service
from experiments.report.transition_facts import TODAY, Seen, Transition
from experiments.report.words import Number, phrase

ENDS = {
    "A": "answered at first contact",
    "S": "seen, then signposted",
    "N": "assessed, not funded",
    "O": "end without a package",
    "P": "go on to a Council-funded package",
}
"""Letters of the outcomes and what a picture calls them."""

ON_THE_WAY = {"hub_appointment": "hub appointment on the way", "home_visit": "home visit on the way"}


def facts_of(results: Results) -> list[Facts]:
    """The figures of each kind of result in a folder, in the order of its pages."""
    made: list[Facts] = []
    if results.comparison is not None:
        made.append(of_comparison(results))
    elif results.flows:
        made.append(of_models(results))
    if "service" in results.manifest:
        made.append(of_service(Service(results)))
    if "transition" in results.manifest:
        made.append(of_transition(Transition(results)))
    return made


def of_comparison(results: Results) -> Change:
    """A comparison's headline."""
    assert results.comparison is not None
    main = answer_of(results, results.headline)
    between = [brief(results.title("model", results.comparison[name])) for name in ("baseline", "model")]
    found = saving(results)
    return Change(
        condition=phrase("{gap} between “{one}” and “{two}” closed", gap=gap(main), one=between[0], two=between[1]),
        changes=main.share.value > 0,
        share=main.share,
        when="a year",
        again=bool(results.rows("not_modelled", what="Repeat contacts")),  # then they are among the contacts
        outcomes=_compared(results) if main.share.value > 0 else None,
        packages=main.seen,
        need=more_unmet(results),
        money=found.seen if found else None,
        asked=found.asked if found else None,
        by=found.year if found else "",
        before=", before what clients pay",
        hub=None,
        limits=Limits.of(results),
    )


def _compared(results: Results) -> Outcomes | None:
    """How contacts end: the figures of the page's own hundreds."""
    if results.number("comparison", "value_baseline", measure="contact", transfer=results.headline) is None:
        return None
    grid = people.Outcomes(results)
    if not all(total.value for total in grid.contacts.values()):
        return None

    def pair(measure: str) -> tuple[Number, Number] | None:
        sides = [
            results.number("comparison", side, measure=measure, transfer=results.headline) for side in grid.contacts
        ]
        return (sides[0], sides[1]) if sides[0] is not None and sides[1] is not None else None

    today, then = (tuple(counts) for counts in grid.counts.values())
    of = list(grid.contacts.values())
    return Outcomes(
        kinds=tuple((letter, ENDS[letter]) for letter, *_ in grid.kinds),
        today=today,
        then=then,
        of=(of[0], of[1]),
        counts=tuple(pair(measure) if measure else None for _, measure, *_ in grid.kinds),
        other=tuple((title, *both) for name, title in ON_THE_WAY.items() if (both := pair(name)) is not None),
    )


def of_transition(one: Transition) -> Change:
    """A transition's headline, in its last year."""
    return Change(
        condition=phrase(
            "{share} of the gap to the target model's shares closed under “{vehicle}”",
            share=words.percent(one.share_of_gap(one.over)),
            vehicle=brief(one.name(one.over)),
        ),
        changes=True,
        share=one.share_of_gap(one.over),
        when=f"in {one.last}",
        again=True,
        outcomes=_moved(one),
        packages=one.difference(one.over, "funded_package"),
        need=_unmet(one),
        money=one.delivered(one.over),
        asked=one.asked(),
        by=one.end,
        before="",
        hub=transition_waits.within(one, one.over, transition_waits.HUB),
        limits=Limits.of(one.results),
    )


def _unmet(one: Transition) -> Seen | None:
    keys = {"run": one.over, "financial_year": one.last, "row": "possibly_unmet", "unit": "people"}
    return one.seen("transition_ledger", "difference", keys, ("difference_low", "difference_high"), ("", ""))


def _moved(one: Transition) -> Outcomes | None:
    """How a year's contacts end, whoever comes again counted again; None where they cannot be told apart."""

    def pair(measure: str) -> tuple[Number, Number] | None:
        sides = [one.year(run, measure) for run in (TODAY, one.over)]
        return (sides[0].mean, sides[1].mean) if sides[0] is not None and sides[1] is not None else None

    at_once, on, seen, funded, not_funded = (
        pair(name)
        for name in (
            "resolved_at_first_contact", "referred_on", "full_assessment", "funded_package", "no_council_funding"
        )
    )  # fmt: skip
    if at_once is None or on is None or funded is None:
        return None
    of = (added(at_once[0], on[0]), added(at_once[1], on[1]))
    if not of[0].value or not of[1].value:
        return None
    kinds, counts = ["O", "P"], [None, funded]
    if seen is not None and not_funded is not None and all(a.value >= b.value for a, b in zip(on, seen, strict=True)):
        signposted = (less(on[0], seen[0]), less(on[1], seen[1]))
        kinds, counts = ["A", "S", "N", "P"], [at_once, signposted, not_funded, funded]
    hundreds = []
    for side in (0, 1):
        values = [0.0 if both is None else both[side].value for both in counts]
        if counts[0] is None:
            values[0] = max(0.0, of[side].value - values[-1])
        hundreds.append(tuple(people.per_hundred(values)))
    return Outcomes(
        kinds=tuple((letter, ENDS[letter]) for letter in kinds),
        today=hundreds[0],
        then=hundreds[1],
        of=of,
        counts=tuple(counts),
        other=tuple((title, *both) for name, title in ON_THE_WAY.items() if (both := pair(name)) is not None),
    )


def of_service(service: Service) -> Baseline:
    """A service in its reported year."""
    results, found = service.results, cells(service)
    contacts, funded = service.told("contact"), service.told("funded_package")
    share = None
    if contacts is not None and funded is not None and contacts.mean.value:
        share = of_hundred(funded.mean, contacts.mean)
    inside, every = (results.noted("service", "outcome", name) for name in ("inside", "checks"))
    strong = of_use(found, COULD_FAIL)
    return Baseline(
        year=service.year,
        funded=share,
        in_care=service.told(f"in_care/all/{service.long_term}"),
        care="long-term care" if service.long_term == "long_term" else "care",
        net=service.told("net/all/all"),
        unmet=service.told("ledger/possibly_unmet"),
        checks=(inside, every) if inside is not None and every is not None and every.value else None,
        could_fail=(strong[0].number, strong[1].number) if strong[1].number.value else None,
        spread=service.spread,
        limits=Limits.of(results),
    )


def of_models(results: Results) -> Models:
    """Models that ran each on its own contacts."""
    ran = []
    for model in dict.fromkeys(str(row["model"]) for row in results.rows("sources", population="own")):
        rows = results.rows("sources", model=model, population="own")
        keys = {"model": model, "population": "own"}
        contacts = Number(math.fsum(row["contacts"] for row in rows), source("sources", "sum of contacts", **keys))
        funded = math.fsum(row["funded_package"] for row in rows)
        where = f"{COMPUTED}sum of {source('sources', 'funded_package', **keys)}"
        known = contacts.value and funded
        ran.append(Ran(brief(results.title("model", model)), contacts, Number(funded, where) if known else None))
    inside = str(results.manifest.get("checks", {}).get("published_counts_inside_one_years_range") or "")
    return Models(tuple(ran), "" if inside.endswith(" of 0") else inside, Limits.of(results))
