"""The page of a whole service: does it hold together, who is in care, what it costs, where the need went."""

from __future__ import annotations

from experiments.report import (
    service_answer,
    service_care,
    service_checks,
    service_ledger,
    service_money,
    service_waits,
    service_work,
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
        service_care.build_care,
        service_money.build_spend,
        service_money.build_contacts,
        service_waits.build_waits,
        service_ledger.build_ledger,
        service_work.build_indicators,
        service_work.build_work,
        service_work.build_rests,
    )
    return parts_made(results, service, makers)
