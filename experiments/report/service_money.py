"""Spend by year and payer, contacts and people: two parts of a whole service's page."""

from __future__ import annotations

import math

from experiments.charts import by_year
from experiments.charts.curves import Line
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.service_facts import STYLES, Block, Service, Told, by_two, grid, key_of, roughly, told
from experiments.report.words import Number, Phrase, phrase

AMOUNTS = {
    "gross": "Gross spend",
    "net": "Net: what the Council pays",
    "contributions": "What clients pay",
    "recovered": "Comes back unspent",
}


def _money_table(service: Service) -> Table:
    found = [(text, y, service.told(f"{what}/all/all", y)) for what, text in AMOUNTS.items() for y in service.years]
    return by_two("Spend by financial year, in pounds", ("Amount", "Year"), found)


def _kind_of_spend(service: Service) -> Table:
    rows = []
    for measure in service.named("gross/all/"):
        care = measure.rpartition("/")[2]
        if care not in service.care_types:
            continue
        gross, pays, net = (service.told(f"{what}/all/{care}") for what in ("gross", "contributions", "net"))
        if gross is None or pays is None or net is None or not gross.mean.value:
            continue
        title = service.results.title("care_type", care)
        rows.append(Row((title, gross.said, gross.span, pays.said, net.said, net.span), gross.grey or net.grey))
    heads = ("Gross", "Gross: interval", "Clients pay", "Net", "Net: interval")
    return grid(f"Spend by kind of care in {service.year}, in pounds", "Kind of care", heads, rows)


def build_spend(service: Service) -> Part | None:
    """Spend by year: gross, what clients pay, what the Council pays."""
    gross, net = service.told("gross/all/all"), service.told("net/all/all")
    rows = service.results.rows("spend")
    if gross is None or net is None or not gross.mean.value or not rows:
        return None
    lines, said = [], []
    for what, (colour, symbol, dash) in zip(AMOUNTS, STYLES, strict=False):
        found = [service.told(f"{what}/all/all", year) for year in service.years]
        if not any(one is not None and one.mean.value for one in found):
            continue
        values = [one.mean.value if one else math.nan for one in found]
        lines.append(Line(AMOUNTS[what], values, [one.ends if one else None for one in found], colour, symbol, dash))
        numbers = [(one, year) for one, year in zip(found, service.years, strict=True) if one is not None]
        said.append(f"{AMOUNTS[what]}: {', '.join(f'{words.pounds(one.mean)} in {year}' for one, year in numbers)}")
    chart = Chart(
        "spend",
        by_year(service.years, lines),
        f"Spend by financial year. {'; '.join(said)}.",
        f"Spend in each financial year. Whiskers are {service.spread}; often the mark hides them.",
        key=key_of(lines),
    )
    unpriced = math.fsum(r["weeks_without_price"] for r in rows if r["amount"] == "gross")
    each = Number(unpriced, "computed: sum of weeks_without_price; spend.csv: amount=gross")
    intro: list[Phrase | str] = [
        phrase(
            "Gross is every week of care at its price. Clients pay a part of it, some of what is paid out comes back "
            "unspent, and the rest is the Council's (net). Prices: {base}. They stay at that level: this is not a "
            "budget forecast.",
            base=str(rows[0]["price_base"]).rstrip("."),
        )
    ]
    if each.value:
        intro.append(
            phrase("Over all years {n} weeks of care have no known price and are in no amount.", n=words.whole(each))
        )
    head = phrase(
        "Care costs {gross} gross in {year}; the Council pays {net}.",
        gross=words.pounds(gross.mean),
        year=service.year,
        net=words.pounds(net.mean),
    )
    blocks = [
        Block(charts=[chart], tables=[_money_table(service)]),
        Block("By kind of care", tables=[_kind_of_spend(service)]),
    ]
    data = ("spend", "service")
    more = {"intro": intro, "blocks": blocks}
    return Part("spend", "What does it cost, and who pays?", head, "service_part.html", data, words=more)


COUNTED = {
    "contacts": "Contacts",
    "people": "Different people",
    "first_contacts": "First contacts",
    "repeats": "Repeats",
}


def _counted(service: Service, group: str, what: str, year: str) -> Told | None:
    keys = {"financial_year": year, "client_group": group, "what": what}
    rows = service.results.rows("contacts_and_people", **keys)
    return told("contacts_and_people", rows[0], keys) if rows else None


def build_contacts(service: Service) -> Part | None:
    """Contacts and people told apart."""
    contacts, people = (_counted(service, "all", what, service.year) for what in ("contacts", "people"))
    if contacts is None or people is None:
        return None
    groups = list(dict.fromkeys(str(r["client_group"]) for r in service.results.rows("contacts_and_people")))
    by_years = {(what, y): _counted(service, "all", what, y) for what in COUNTED for y in service.years}
    by_groups = [
        (service.results.title("client_group", g), text, _counted(service, g, what, service.year))
        for g in groups
        if g != "all"
        for what, text in COUNTED.items()
    ]
    lines, said = [], []
    for what, (colour, symbol, dash) in zip(COUNTED, STYLES, strict=False):
        found = [by_years[what, y] for y in service.years]
        values = [one.mean.value if one else math.nan for one in found]
        lines.append(Line(COUNTED[what], values, [one.ends if one else None for one in found], colour, symbol, dash))
        numbers = [f"{one.said} in {y}" for one, y in zip(found, service.years, strict=True) if one]
        said.append(f"{COUNTED[what]}: {', '.join(numbers)}")
    chart = Chart(
        "contacts",
        by_year(service.years, lines, prefix=""),
        f"Contacts and people by financial year. {'; '.join(said)}.",
        "People who make contact more than once in a year are counted once among different people.",
        key=key_of(lines),
    )
    head = phrase(
        "{contacts} contacts in {year} come from {people} people.",
        contacts=roughly(contacts.mean),
        year=service.year,
        people=words.about(people.mean),
    )
    counted = service.config.get("counted_sources")
    sources = [service.results.title("source", name) for name in counted or []]
    intro = ["Contacts are not people: some make contact again. A first contact is a person's first in the whole run."]
    if sources:
        intro.append(f"People who come from elsewhere are not counted here. Counted: {', '.join(sources)}.")
    yearly = by_two(
        "Contacts and people by financial year",
        ("What", "Year"),
        [(COUNTED[what], year, one) for (what, year), one in by_years.items()],
    )
    caption = f"Contacts and people by client group in {service.year}"
    blocks = [
        Block(charts=[chart], tables=[yearly]),
        Block(f"By client group in {service.year}", tables=[by_two(caption, ("Client group", "What"), by_groups)]),
    ]
    more = {"intro": intro, "blocks": blocks}
    data = ("contacts_and_people",)
    return Part("contacts", "How many people make contact?", head, "service_part.html", data, words=more)
