"""The page of a whole service: does it hold together, who is in care, what it costs, where the need went."""

from __future__ import annotations

from experiments.report import (
    joined_after,
    service_answer,
    service_care,
    service_checks,
    service_flow,
    service_indicators,
    service_ledger,
    service_money,
    service_rests,
    service_waits,
    service_work,
    who_service,
)
from experiments.report.pieces import Part, parts_made
from experiments.report.results import Results
from experiments.report.service_facts import Service


def parts_of(results: Results) -> list[Part]:
    """The parts that have something to say, in a reader's order."""
    service = Service(results)
    makers = (
        service_answer.build,
        service_checks.build_checks,
        service_flow.build_flow,
        service_care.build_care,
        service_money.build_spend,
        service_money.build_contacts,
        service_waits.build_waits,
        service_ledger.build_ledger,
        service_indicators.build_indicators,
        service_work.build_work,
        who_service.build,
        service_rests.build,
        joined_after.of_page,
    )
    return parts_made(results, service, makers)
