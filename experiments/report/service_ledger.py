"""The ledger "where did the need go": a part of a whole service's page."""

from __future__ import annotations

from experiments import theme
from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Chart, Part, Row, Table
from experiments.report.service_facts import SHARE, Block, Service, Told, by_two, roughly, say, told
from experiments.report.words import Number, Phrase, phrase

NEEDS = {
    "no_eligible_need": "No eligible need",
    "met_by_carer": "Met by an unpaid carer",
    "met_by_community": "Met by the community",
    "self_funds": "Pay for their own care",
    "enablement_only": "Had enablement or another short funded stay, and no package after it",
    "declined": "Declined what was offered",
    "died": "Died first",
    "possibly_unmet": "Possibly unmet",
}
"""The ledger's rows in a reader's order; possibly unmet is always the last."""


def _entry(service: Service, need: str, group: str, amount: str, year: str) -> Told | None:
    keys = {"financial_year": year, "client_group": group, "need": need}
    rows = service.results.rows("ledger", **keys)
    return told("ledger", rows[0], keys, prefix=f"{amount}_") if rows else None


AMOUNTS = {"people": "people", "hours_a_week": "hours of need a week"}


def _chart(service: Service, amount: str) -> Chart | None:
    """The ledger of the reported year in people or in hours."""
    found = [(need, _entry(service, need, "all", amount, service.year)) for need in NEEDS]
    known = [(need, one) for need, one in found if one is not None]
    if not known:
        return None
    unit = AMOUNTS[amount]
    figure = bars(
        [f"{NEEDS[need]}: {one.said}" for need, one in known],
        [0.0] * len(known),
        [one.mean.value for _, one in known],
        [theme.PROPOSED if need == "possibly_unmet" else theme.TODAY for need, _ in known],
        axis_title=f"{unit}, {service.year}",
        intervals=[one.ends for _, one in known],
    )
    said = "; ".join(f"{NEEDS[need]}: {one.said} ({one.span})" for need, one in known)
    alt = f"Where the need went in {service.year}, {unit}. People without a Council-funded package: {said}."
    # Hours are told with the interval of their mean, people with that of a year where it is known.
    whiskers = service.spread if amount == "people" else "the 95% interval of the mean"
    name = "ledger" if amount == "people" else "ledger_hours"
    return Chart(name, figure, alt, f"{words.capital(unit)} in {service.year}. Whiskers are {whiskers}.")


def build_ledger(service: Service) -> Part | None:
    """Where the need went of people whose last outcome came without a package."""
    unmet = _entry(service, "possibly_unmet", "all", "people", service.year)
    if unmet is None:
        return None
    found = [(need, _entry(service, need, "all", "people", service.year)) for need in NEEDS]
    known = [(need, one) for need, one in found if one is not None]
    charts = [chart for chart in (_chart(service, amount) for amount in AMOUNTS) if chart is not None]
    rows = []
    for need, one in known:
        hours = _entry(service, need, "all", "hours_a_week", service.year)
        rows.append(
            Row(
                (
                    NEEDS[need],
                    one.said,
                    one.span,
                    hours.said if hours else "not known",
                    hours.span if hours else "not known",
                ),
                one.grey or bool(hours and hours.grey),
            )
        )
    heads = ("Where the need went", "People", "People: interval", "Hours a week", "Hours: interval of the mean")
    caption = f"People whose last outcome in {service.year} came without a package"
    table = Table(caption, heads, (False, True, True, True, True), rows, open=True)
    groups = [g for g in dict.fromkeys(str(r["client_group"]) for r in service.results.rows("ledger")) if g != "all"]
    by_group = [
        (service.results.title("client_group", g), text, _entry(service, "possibly_unmet", g, amount, service.year))
        for g in groups
        for amount, text in (("people", "people"), ("hours_a_week", "hours a week"))
    ]
    by_year = [
        (year, "Possibly unmet", _entry(service, "possibly_unmet", "all", "people", year)) for year in service.years
    ]
    intro: list[Phrase | str] = [
        "These people would not go on to a Council-funded package. Each stands in one row; hours are those they needed "
        "at first contact. What no other row takes is possibly unmet, and that row is always shown.",
        "Possibly unmet rests on assumptions: nobody counts eligible need apart from the decision to fund, and how "
        "often a carer or the community helps is not published.",
    ]
    intro += _shares(service)
    head = (
        phrase("{n} people a year have need that is possibly unmet.", n=roughly(unmet.mean))
        if unmet.mean.value >= 0.5
        else phrase("Possibly unmet need came up for hardly anyone in these runs.")
    )
    blocks = [
        Block(charts=charts, tables=[table]),
        Block(
            "Possibly unmet need",
            tables=[
                by_two(f"By client group in {service.year}", ("Client group", "What"), by_group),
                by_two("By financial year, people", ("Year", "Need"), by_year, open_=True),
            ],
        ),
    ]
    more = {"intro": intro, "blocks": blocks}
    return Part("ledger", "Where did the need go?", head, "service_part.html", ("ledger",), words=more)


def _shares(service: Service) -> list[Phrase | str]:
    """The shares that the ledger takes, in words."""
    sentences = {
        "met_by_carer": "Of those with eligible need and an unpaid carer, {share} are taken to be helped by the carer.",
        "met_by_community": "Of those who are left, {share} are taken to be helped in the community.",
    }
    made: list[Phrase | str] = []
    for name, sentence in sentences.items():
        rows = [r for r in service.results.rows("inputs") if str(r["key"]).endswith(f":ledger.{name}")]
        if len(rows) == 1:
            value = Number(float(rows[0]["value"]), f"inputs.csv: value; key={rows[0]['key']}")
            made.append(phrase(sentence, share=say(value, SHARE)))
    return made
