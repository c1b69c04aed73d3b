"""The ledger "where did the need go": a part of a whole service's page."""

from __future__ import annotations

from experiments import theme
from experiments.charts import bars
from experiments.report import words
from experiments.report.pieces import Cell, Chart, Part, Row, Table
from experiments.report.results import Results
from experiments.report.service_facts import COUNT, POUNDS, SHARE, Block, Service, Told, by_two, roughly, say, told
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
    return told("ledger", rows[0], keys, POUNDS if amount == COST else COUNT, f"{amount}_") if rows else None


COST = "cost_a_week"
AMOUNTS = {"people": "people", "hours_a_week": "hours of need a week"}


def valued(results: Results) -> Phrase | None:
    """What an hour of need is valued at, and what that is not; None where the results have no such price."""
    rows = [row for row in results.rows("inputs") if str(row["key"]).endswith(":hour_of_care")]
    if len(rows) != 1:
        return None
    price = Number(float(rows[0]["value"]), f"inputs.csv: value; key={rows[0]['key']}")
    return phrase(
        "Pounds a week are what the hours would cost if somebody bought them, at £{price} an hour{how}. Nobody is sent "
        "that bill, whoever meets the need: what it costs carers in pay and health, and the NHS or charities in money, "
        "is not known. It is in no saving.",
        price=words.plain(price, 2),
        how=f" ({rows[0]['how']})" if rows[0]["how"] else "",
    )


def _chart(service: Service, amount: str) -> Chart | None:
    """The ledger of the reported year in people or in hours."""
    found = [(need, _entry(service, need, "all", amount, service.year)) for need in NEEDS]
    known = [(need, one) for need, one in found if one is not None]
    if not known:
        return None
    unit = AMOUNTS[amount]
    costs = {
        need: _entry(service, need, "all", COST, service.year) if amount != "people" else None for need, _ in known
    }
    worth = {need: f" hours, {one.said} a week" if one else "" for need, one in costs.items()}
    figure = bars(
        [f"{NEEDS[need]}: {one.said}{worth[need]}" for need, one in known],
        [0.0] * len(known),
        [one.mean.value for _, one in known],
        [theme.PROPOSED if need == "possibly_unmet" else theme.TODAY for need, _ in known],
        axis_title=f"{unit}, {service.year}",
        intervals=[one.ends for _, one in known],
    )
    said = "; ".join(f"{NEEDS[need]}: {one.said}{worth[need]} ({one.span})" for need, one in known)
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
    price = valued(service.results)
    heads = ["Where the need went", "People", "People: interval", "Hours a week", "Hours: interval of the mean"]
    heads += ["Pounds a week, if bought", "Pounds: interval of the mean"] if price is not None else []
    rows = []
    for need, one in known:
        cells: list[Cell] = [NEEDS[need], one.said, one.span]
        more = [_entry(service, need, "all", amount, service.year) for amount in ("hours_a_week", COST)]
        for entry in more if price is not None else more[:1]:
            cells += [entry.said, entry.span] if entry is not None else ["not known"] * 2
        rows.append(Row(cells, one.grey or bool(more[0] and more[0].grey)))
    caption = f"People whose last outcome in {service.year} came without a package"
    table = Table(caption, heads, (False, *([True] * (len(heads) - 1))), rows, open=True)
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
    intro += [*_shares(service), *([price] if price is not None else [])]
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
    inside = {"intro": intro, "blocks": blocks}
    return Part("ledger", "Where did the need go?", head, "service_part.html", ("ledger",), words=inside)


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
