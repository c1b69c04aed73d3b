"""How people flow through a whole service in its reported year: the documents' boxes, counted."""

from __future__ import annotations

from experiments.report import words
from experiments.report.measured_flow import CURRENT, ROOT, TITLES, WITHOUT, both_forms, boxes, counted, spoken, whole
from experiments.report.pieces import Part
from experiments.report.service_facts import Block, Service, by_two
from experiments.report.words import Number, Phrase, phrase

BESIDE = {"hub_appointment": "Hub appointments", "home_visit": "Home visits", "enablement": "Enablement"}
"""What people meet on their way, which has no box of its own."""


def build_flow(service: Service) -> Part | None:
    """The flow of the reported year."""
    found = {name: service.told(name) for name in (*TITLES, *BESIDE)}
    sizes = whole({name: told.mean.value for name, told in found.items() if told is not None})
    referred = found["referred_on"]
    if sizes is None or referred is None:
        return None
    drawn = boxes(sizes, (f"Contacts answered in {service.year}", (f"{sizes[ROOT]:,.0f}",)), counted(sizes))
    title = service.results.title("model", str(service.results.manifest["service"]["model"]))
    title = title if service.year in title else f"{title}, {service.year}"
    alt = f"Flow of people through the service in {service.year}. {spoken(drawn)}."
    share = Number(sizes["referred_on"] / sizes[ROOT], f"computed: {referred.mean.source} ÷ contacts answered")
    head = phrase("About {share} contacts go on beyond first contact.", share=words.in_hundred(share))
    rows = [(text, year, service.told(name, year)) for name, text in (*TITLES.items(), *BESIDE.items())
            if name != WITHOUT for year in service.years]  # fmt: skip
    table = by_two("People at each box, by financial year", ("What they meet", "Year"), rows)
    intro: list[Phrase | str] = [
        "A number and its share of the box before. The thicker a line, the larger the share of all contacts that goes "
        "along it. Whoever comes again counts again; what follows a package is not in the picture.",
    ]
    more = {"intro": intro, "blocks": [Block(charts=both_forms("flow", title, drawn, CURRENT, alt), tables=[table])]}
    return Part("flow", "How do people flow through the service?", head, "service_part.html", ("service",), words=more)
