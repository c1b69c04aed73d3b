"""Estimates put in the places of a template: the data of a new model, its contacts and its prices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from experiments.calibrate.branches import count_decision
from experiments.calibrate.estimates import kaplan_meier_mean, mean_of, only, rate, share, stay
from experiments.calibrate.made import CALIBRATED, Data, Made, Row, part_of
from experiments.calibrate.seen import Seen
from experiments.calibrate.template import Template, days_in
from experiments.small_counts import FEWEST, few
from simulation.library import Loaded


def make(template: Template, seen: Seen, file: str) -> Made:
    """Estimate all that the file tells, and keep the template's value elsewhere."""
    made = Made(template, seen, file)
    _contacts(made)
    _groups(made)
    taken = {
        name
        for loaded in (template.model, template.demand, template.prices)
        if loaded
        for name in loaded.config.parameters
    }
    for question in template.questions.values():
        count_decision(made, question, taken)
    for title, why in template.left:
        made.kept("", title, "share", math.nan, why)
    for pair in template.care:
        _price(made, *pair)
        _stay(made, *pair)
    _held(made)
    return made


def _put(data: Data, loaded: Loaded, where: Sequence[str], number: Any) -> None:
    """Lay a number over a place; where the template names a parameter of its own there, over the parameter.

    So what follows from the parameter elsewhere follows from the new value.
    """
    old: Any = loaded.document.data
    for step in where:
        old = old.get(step) if isinstance(old, dict) else None
    parameters = data.get("parameters", {})
    if isinstance(old, str) and old in loaded.config.parameters and old not in parameters:
        where = ("parameters", old)
        if isinstance(number, str):
            number = {"value": number, "status": "derived"}
    inside = data
    for step in where[:-1]:
        inside = inside.setdefault(step, {})
    inside[where[-1]] = number


def _contacts(made: Made) -> None:
    template, seen = made.template, made.seen
    for source in template.sources:
        title = f"Contacts a year: {template.title_of('source', source)}"
        own = template.number(template.demand.config.sources[source].contacts_per_year, template.demand)
        what = f"contacts/{source}"
        count = seen.contacts.get(source)
        if count is None:
            made.kept(what, title, "contacts a year", own, "the file has no contacts from this source")
            continue
        found = rate(count, 365 / seen.days)
        words = (
            f"contacts in a year of 365 days: {count:,} in {seen.days} days"
            if not 0 < count < FEWEST
            else "few contacts"
        )
        _put(
            made.demand,
            template.demand,
            ("sources", source, "contacts_per_year"),
            made.evidence(found, words, "contacts a year"),
        )
        made.rows.append(Row(what, title, "contacts a year", CALIBRATED, found, own, "", count, 0 < count < FEWEST))


def _groups(made: Made) -> None:
    template, seen = made.template, made.seen
    shares = {group: template.demand.config.client_groups[group].share for group in template.groups}
    rest = next((name for name, number in shares.items() if number == "rest"), template.groups[-1])
    known = {name: template.number(number, template.demand) for name, number in shares.items() if number != "rest"}
    known.setdefault(rest, 1 - sum(known.values()))
    total = sum(seen.groups.values())
    by_source = any(source.client_groups for source in template.demand.config.sources.values())
    complete = seen.by_person or set(template.groups) <= set(seen.groups)
    for group in template.groups:
        title = f"Share of contacts: {template.title_of('client_group', group)}"
        what = f"contacts_by_group/{group}"
        if by_source or not total or not complete:
            why = "it differs by source in the template" if by_source else "the file does not give every group"
            made.kept(what, title, "share", known[group], why)
            continue
        count = seen.groups.get(group, 0)
        small = any(0 < number < FEWEST for number in seen.groups.values())
        made.rows.append(Row(what, title, "share", CALIBRATED, share(count, total), known[group], "", count, small))
    if by_source or not total or not complete:
        return
    names = [group for group in template.groups if group != rest]
    left, before = total, ""
    for group in names:
        count = seen.groups.get(group, 0)
        place = ("client_groups", group, "share")
        part = part_of(made, count, left, f"contacts of {template.title_of('client_group', group)}", before != "")
        if not before:
            old = shares[group]
            own = isinstance(old, str) and old in template.demand.config.parameters
            first = str(old) if own else f"{group}_of_contacts"
            made.demand.setdefault("parameters", {})[first] = part
            if not own:
                _put(made.demand, template.demand, place, first)
            before = f"(1 - {first})"
        else:
            name = f"{group}_of_others"
            made.demand.setdefault("parameters", {})[name] = part
            _put(made.demand, template.demand, place, f"{before} * {name}")
            before += f" * (1 - {name})"
        left -= count
    if shares[rest] != "rest":
        _put(made.demand, template.demand, ("client_groups", rest, "share"), "rest")


def _price(made: Made, group: str, kind: str) -> None:
    template, seen = made.template, made.seen
    title = f"Weekly cost: {template.care_title(kind)}, {template.title_of('client_group', group)}"
    what = f"weekly_cost/{group}/{kind}"
    given = template.care[group, kind].weekly_cost
    assert template.prices is not None
    own = math.nan if given is None else template.number(given, template.prices)
    pair = group, kind
    if pair in seen.means:
        found = only(seen.means[pair])
    elif seen.prices.get(pair):
        found = mean_of(seen.prices[pair])
    else:
        made.kept(what, title, "pounds a week", own, "the file has no price of it")
        return
    words = (
        f"mean gross price of a package ({found.of:,} that began)"
        if found.of >= FEWEST
        else "mean gross price of a package"
    )
    place = made.prices.setdefault("care", {}).setdefault(group, {}).setdefault(kind, {})
    place["weekly_cost"] = made.evidence(found, words, "pounds a week")
    small = 0 < found.of < FEWEST
    made.rows.append(Row(what, title, "pounds a week", CALIBRATED, found, own, "", found.of, small))


def _stay(made: Made, group: str, kind: str) -> None:
    template, seen = made.template, made.seen
    law, why = template.stay(group, kind)
    assert template.prices is not None
    title = f"Mean stay: {template.care_title(kind)}, {template.title_of('client_group', group)}"
    what, pair = f"stay/{group}/{kind}", (group, kind)
    own = math.nan if law.mean is None else template.number(law.mean, template.prices)
    lengths = seen.lengths.get(pair, [])
    note = ""
    if len(lengths) >= FEWEST:
        mean, running = kaplan_meier_mean(lengths)
        note = f"Kaplan-Meier over those that began: {mean:,.0f} days so far, {running:.0%} still running"
    ends, risk = seen.at_risk.get(pair, (0, 0.0))
    if why or not ends or not risk:
        made.kept(
            what, f"{title}{f' [{note}]' if note else ''}", law.unit, own, why or "the file has no ended stay of it"
        )
        return
    shape = 1.0
    if seen.by_person:
        shape = 1.0 if law.shape is None else template.number(law.shape, template.prices)
    else:
        risk /= days_in(law.unit)
        note = "right where the number in care is steady"
    found = stay(ends, risk, shape)
    if not seen.by_person:
        found = replace(found, method="people in care ÷ stays ended a year")
    raw = template.prices.document.data["care"][group][kind]["stay"]
    new = {key: value for key, value in raw.items() if key != "note"}
    new["mean"] = made.evidence(
        found, f"{few(ends)} stays ended, the others censored at the end of the period", law.unit
    )
    made.prices.setdefault("care", {}).setdefault(group, {}).setdefault(kind, {})["stay"] = new
    made.rows.append(Row(what, title, law.unit, CALIBRATED, found, own, note, ends, ends < FEWEST))


def _held(made: Made) -> None:
    template, seen = made.template, made.seen
    for group, kind in template.held:
        title = f"In care at the start: {kind.replace('_', ' ')}, {template.title_of('client_group', group)}"
        own = template.number(template.demand.config.held[group][kind], template.demand)
        what, count = f"in_care_end/{group}/{kind}", seen.in_care.get((group, kind))
        if count is None:
            made.kept(what, title, "people", own, "the file does not tell")
            continue
        found = only(float(count), count)
        number = made.evidence(found, "people in care on the last day", "people")
        _put(made.demand, template.demand, ("held", group, kind), number)
        made.rows.append(Row(what, title, "people", CALIBRATED, found, own, "a count", count, 0 < count < FEWEST))
