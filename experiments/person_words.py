"""Lengths of time, money and attributes as people say them, and who a simulated person is."""

from __future__ import annotations

import re

from experiments.single import Single
from simulation.calendar import MS_PER_DAY
from simulation.people import SPREADS

_MINUTE, _HOUR = 60_000, 3_600_000

NEED_GOES = {
    "no_eligible_need": "no eligible need",
    "met_by_community": "the need is met in the community",
    "met_by_carer": "the need is met by an unpaid carer",
    "self_funds": "pays for their own care",
    "declined": "declined what was offered",
    "possibly_unmet": "an eligible need is possibly unmet",
    "not_published": "where the need went is not published",
}


def _many(number: float, unit: str) -> str:
    text = f"{number:.1f}".removesuffix(".0") if isinstance(number, float) else str(number)
    return f"{text} {unit}" if text == "1" else f"{text} {unit}s"


def length(ticks: int) -> str:
    """A length of time: '20 minutes', '12 days', '2.5 years'."""
    if ticks < _MINUTE:
        return "less than a minute"
    if ticks < 2 * _HOUR:
        return _many(round(ticks / _MINUTE), "minute")
    if ticks < 2 * MS_PER_DAY:
        return _many(round(ticks / _HOUR), "hour")
    days = ticks / MS_PER_DAY
    if days < 120:  # waits are told in days
        return _many(round(days), "day")
    if days < 730:
        return _many(round(days / 30.4375), "month")
    return _many(round(days / 365.25, 1), "year")


def money(pence: int) -> str:
    """Pounds, with pence where there are any."""
    return f"£{pence // 100:,}" if pence % 100 == 0 else f"£{pence / 100:,.2f}"


def price(pence: int, pays: int | None = None) -> str:
    """A weekly price, and what the person pays of it."""
    if pence < 0:
        return "no price is published"
    part = "" if pays is None else f", of which the person pays {money(pays)}"
    return f"{money(pence)} a week{part}"


def value_words(value: str) -> str:
    """A value of an attribute: 'yes', '75 to 84', 'below limit'."""
    if value in ("true", "false"):
        return "yes" if value == "true" else "no"
    band = re.fullmatch(r"(?:age_)?(\d+)_(\d+|plus)", value)
    if band is not None:
        return f"{band[1]} and over" if band[2] == "plus" else f"{band[1]} to {band[2]}"
    return value.replace("_", " ")


def _need(rank: float, hours: float, eligible: bool, held: bool) -> list[tuple[str, str]]:
    hundred = round(100 * rank)
    group = "people in their kind of care" if held else "their client group"
    if hundred >= 99:
        words = f"among the heaviest 1 in 100 of {group}"
    elif hundred <= 1:
        words = f"among the lightest 1 in 100 of {group}"
    else:
        words = f"heavier than that of about {hundred} in 100 of {group}"
    # Hours follow the rank within the client group, which people in care at the start do not have.
    hours_words = "" if held else f"; about {_many(round(hours, 1), 'hour')} a week"
    return [
        ("Need", f"{words}{hours_words}"),
        ("Eligible need", f"{'yes' if eligible else 'no'}, whatever anybody decides"),
    ]


def who(run: Single, person: int) -> list[tuple[str, str]]:
    """Who a simulated person is: what is told and what it is."""
    place = run.places[person]
    config = run.demand.config
    group, source = run.attribute(place, "client_group"), run.attribute(place, "source")
    lines = [
        ("Client group", config.client_groups[group].title),
        ("First contact from", config.sources[source].title),
    ]
    lines += [(getattr(config.person, name).title, value_words(run.attribute(place, name))) for name in SPREADS]
    people = run.people
    held = bool(people.held[place] >= 0)
    return lines + _need(float(people.rank[place]), float(people.hours[place]), bool(people.eligible[place]), held)
